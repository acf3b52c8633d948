//! How the service is.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::store;

/// Counts and ages; what `status --json` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Mails that are not decided yet, with those that still stand in a watched folder alone.
    pub inbox_pending: u64,
    /// Letters' deliveries that have not left yet.
    pub outbox_pending: u64,
    /// Age of the oldest mail that is not decided; 0 where there is none.
    pub oldest_unhandled_seconds: i64,
    /// Age of the oldest letter that has not left; 0 where there is none.
    pub oldest_unsent_seconds: i64,
    /// Mails that wait for a human.
    pub quarantined: u64,
    /// Mails that were taken for junk, and stay so unless somebody says otherwise.
    pub junk: u64,
    /// Deliveries that wait for a human.
    pub outbox_held: u64,
    /// How many of them a brake holds, by its word: `correspondent`, `ticket`, `form`, `complaint`.
    pub brakes: BTreeMap<String, u64>,
    /// How often each brake tripped in the last day: `kind` (mails of programs that nothing answered), `correspondent`, `ticket`,
    /// `vendor` (requests that rules would have handed over), and the others that did.
    pub brakes_tripped: BTreeMap<String, u64>,
    /// Addresses that no automatic letter goes to, because they complained of one.
    pub silenced: u64,
    /// Since when nothing leaves, if an operator said so.
    pub held_since: Option<Timestamp>,
    /// What keeps letters from leaving though nothing is wrong with them, and what to do about it.
    pub outbox_held_by: Option<String>,
    /// Since when the oldest of these does.
    pub outbox_held_by_since: Option<Timestamp>,
    /// Copies of letters for the folder for sent mail; `None` where nobody wants them.
    pub sent: Option<SentStatus>,
    /// One a configured mailbox.
    pub mailboxes: Vec<MailboxStatus>,
    /// What a store that was put back from a copy lost, told for a week.
    pub restored: Option<String>,
}

/// How one mailbox is, for people and for `status --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailboxStatus {
    /// Its name in the configuration.
    pub name: String,
    /// One word; `unknown` before the first start.
    pub state: String,
    /// Since the server last answered; `None` before the first time.
    pub last_exchange_seconds: Option<i64>,
    /// Messages that stand in the folder and are not taken in yet.
    pub waiting: u64,
    /// What keeps handled mail from being moved, or the mailbox from being watched, and what to do about it.
    pub trouble: Option<String>,
}

/// How it goes with the folder for sent mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentStatus {
    /// Letters that left and have no copy there yet.
    pub waiting: u64,
    /// What keeps copies from it, and what to do about it.
    pub trouble: Option<String>,
}

/// How long a restore is told of.
const TOLD_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Mail is decided within seconds; what takes longer waits for a human to look.
const UNHANDLED_SECONDS_MAX: i64 = 300;
/// A watched mailbox is asked at least every ten minutes, whatever the configuration says.
const EXCHANGE_SECONDS_MAX: i64 = 900;

impl Status {
    /// What the store knows, of the mailboxes that are configured and of the folders for junk that servers have.
    pub fn of(known: &store::Status, mailboxes: &[&str], junk: &[&str], now: Timestamp) -> Status {
        let is_there = |name: &&&str| known.mailboxes.iter().any(|told| told.name == **name && !told.is_absent());
        let mailboxes: Vec<&str> = mailboxes.iter().chain(junk.iter().filter(is_there)).copied().collect();
        let age = |since: Timestamp| now.duration_since(since).as_secs().max(0);
        let mailbox = |name: &&str| {
            let told = known.mailboxes.iter().find(|mailbox| mailbox.name == **name);
            MailboxStatus {
                name: (*name).to_owned(),
                state: told.map_or("unknown".to_owned(), |mailbox| mailbox.state.clone()),
                last_exchange_seconds: told.and_then(|mailbox| mailbox.last_exchange).map(age),
                waiting: told.map_or(0, |mailbox| mailbox.waiting),
                trouble: told.and_then(|mailbox| mailbox.trouble.clone()),
            }
        };
        let hindrances: Vec<_> =
            known.hindrances.iter().filter(|one| known.outbox_pending > 0 && !one.is_overdue(now)).collect();
        let told = |one: &&store::Hindrance| format!("{}. {}", one.cause, one.remedy);
        let outbox_held_by = hindrances.iter().map(told).collect::<Vec<_>>().join(" ");
        let configured = known.mailboxes.iter().filter(|known| mailboxes.contains(&known.name.as_str()));
        let in_folders: u64 = configured.clone().map(|mailbox| mailbox.waiting).sum();
        let oldest_in_folders = configured.filter_map(|mailbox| mailbox.waiting_since).min();
        Status {
            inbox_pending: known.inbox_pending + in_folders,
            outbox_pending: known.outbox_pending,
            oldest_unhandled_seconds: known.oldest_unhandled.into_iter().chain(oldest_in_folders).min().map_or(0, age),
            oldest_unsent_seconds: known.oldest_unsent.map_or(0, age),
            quarantined: known.quarantined,
            junk: known.junk,
            outbox_held: known.outbox_held,
            brakes: known.held_by_brakes.iter().cloned().collect(),
            brakes_tripped: BTreeMap::new(),
            silenced: known.silenced,
            held_since: known.held_since,
            outbox_held_by_since: hindrances.iter().map(|one| one.since).min(),
            outbox_held_by: Some(outbox_held_by).filter(|told| !told.is_empty()),
            sent: None,
            mailboxes: mailboxes.iter().map(mailbox).collect(),
            restored: known.restored.clone().filter(|(at, _)| now.duration_since(*at) < TOLD_FOR).map(|(_, told)| told),
        }
    }

    /// The same with the folder for sent mail, where one is configured: by the name under which its state is told.
    #[must_use]
    pub fn with_sent(self, known: &store::Status, name: Option<&str>) -> Status {
        let sent = name.map(|name| SentStatus {
            waiting: known.copies_waiting,
            trouble: known.mailboxes.iter().find(|told| told.name == name).and_then(|told| told.trouble.clone()),
        });
        Status { sent, ..self }
    }

    /// The same with what brakes did in the last day.
    pub async fn with_brakes(mut self, store: &store::Store, now: Timestamp) -> anyhow::Result<Status> {
        self.brakes_tripped = ["kind", "correspondent", "ticket", "vendor"].map(|brake| (brake.to_owned(), 0)).into();
        self.brakes_tripped.extend(store.brakes_tripped(now - SignedDuration::from_hours(24)).await?);
        Ok(self)
    }

    /// Whether the service does its work. A letter that a relay puts off for days is no fault of the service: its age
    /// is a gauge.
    pub fn is_healthy(&self) -> bool {
        let heard = |mailbox: &MailboxStatus| {
            mailbox.last_exchange_seconds.is_some_and(|seconds| seconds <= EXCHANGE_SECONDS_MAX)
        };
        self.oldest_unhandled_seconds <= UNHANDLED_SECONDS_MAX && self.mailboxes.iter().all(heard)
    }
}
