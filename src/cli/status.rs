//! `guichet status`: who serves, what is at work, what waits and why.

use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::outbox::{self, FAILED_SHOWN};
use super::{Answer, Invocation, terminal};
use crate::said;
use crate::store::{AtWork, DeliveryLine, Serving, Status};
use crate::view;

/// Who serves, what is at work, what waits and since when
#[derive(Args)]
#[command(after_help = "Example:\n  guichet status --json")]
pub(super) struct Arguments {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Exit 1 unless `/healthz` would answer 200
    #[arg(long)]
    healthy: bool,
}

/// So many failed and so many held letters are told with their reasons.
const NEWEST: u32 = 10;
/// The state of a mailbox that nobody serves.
const STOPPED: &str = "stopped";

/// What `--json` prints.
#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    status: view::Status,
    serving: bool,
    /// Nobody serves since about then.
    not_serving_since: Option<Timestamp>,
    gateways: Vec<GatewayDocument>,
    tickets: Vec<TicketsDocument>,
    /// Of the last 14 days.
    outbox_failed: u64,
    failed: Vec<Value>,
    held: Vec<Value>,
}

#[derive(Serialize)]
struct GatewayDocument {
    mailbox: String,
    gateway: String,
}

#[derive(Serialize)]
struct TicketsDocument {
    level: String,
    status: String,
    count: u64,
}

/// All that the page tells of.
struct Seen {
    status: view::Status,
    at_work: AtWork,
    last_exchange: Option<Timestamp>,
    failed: Vec<DeliveryLine>,
    held: Vec<DeliveryLine>,
}

pub(super) fn run(invocation: &Invocation, arguments: &Arguments) -> Result<Answer> {
    let now = Timestamp::now();
    let seen = invocation.with_store(async |store, config| {
        let names: Vec<_> = config.mailboxes.iter().map(|mailbox| mailbox.imap.name.as_str()).collect();
        let known = store.status().await?;
        let at_work = store.at_work(now - FAILED_SHOWN).await?;
        Ok(Seen {
            status: told(&known, &at_work.serving, &names, now),
            last_exchange: known.mailboxes.iter().filter_map(|mailbox| mailbox.last_exchange).max(),
            at_work,
            failed: store.failed_deliveries(now - FAILED_SHOWN, NEWEST).await?,
            held: store.held_deliveries(NEWEST).await?,
        })
    })?;
    let is_healthy = seen.status.is_healthy() && seen.at_work.serving != Serving::Nobody;
    match arguments.json {
        true => terminal::print_json(&document(seen))?,
        false => terminal::print(&page(&seen))?,
    }
    Ok(if arguments.healthy && !is_healthy { Answer::No } else { Answer::Done })
}

/// What a watcher said last holds only while somebody watches.
fn told(known: &Status, serving: &Serving, names: &[&str], now: Timestamp) -> view::Status {
    let mut status = view::Status::of(known, names, now);
    for mailbox in &mut status.mailboxes {
        let is_watched = match serving {
            Serving::Nobody => false,
            Serving::One => true,
            Serving::Sharing(gateways) => gateways.iter().any(|(name, _)| *name == mailbox.name),
        };
        if !is_watched && mailbox.state != "unknown" {
            mailbox.state = STOPPED.to_owned();
        }
    }
    status
}

fn document(seen: Seen) -> Document {
    let is_serving = seen.at_work.serving != Serving::Nobody;
    Document {
        status: seen.status,
        serving: is_serving,
        not_serving_since: seen.last_exchange.filter(|_| !is_serving),
        gateways: match seen.at_work.serving {
            Serving::Nobody | Serving::One => Vec::new(),
            Serving::Sharing(gateways) => {
                gateways.into_iter().map(|(mailbox, gateway)| GatewayDocument { mailbox, gateway }).collect()
            }
        },
        tickets: seen
            .at_work
            .tickets
            .into_iter()
            .map(|(level, status, count)| TicketsDocument { level, status, count })
            .collect(),
        outbox_failed: seen.at_work.failed,
        failed: seen.failed.iter().map(outbox::document).collect(),
        held: seen.held.iter().map(outbox::document).collect(),
    }
}

fn page(seen: &Seen) -> String {
    let mut lines = vec![serving(seen)];
    lines.extend(seen.status.mailboxes.iter().flat_map(mailbox));
    lines.extend(seen.status.restored.iter().map(|told| terminal::safe_line(told)));
    lines.push(tickets(&seen.at_work.tickets));
    lines.extend(mails(&seen.status));
    lines.extend(letters(seen));
    lines.join("\n") + "\n"
}

fn serving(seen: &Seen) -> String {
    match (&seen.at_work.serving, seen.last_exchange) {
        (Serving::One, _) => said!("a gateway serves", "une passerelle est en service"),
        (Serving::Sharing(gateways), _) => {
            let by: Vec<_> = gateways.iter().map(|(mailbox, gateway)| format!("{mailbox} ({gateway})")).collect();
            let by = by.join(", ");
            said!("gateways serve: {by}", "passerelles en service\u{a0}: {by}")
        }
        (Serving::Nobody, None) => said!(
            "nobody serves, and nobody has yet: `guichet serve` does",
            "aucun service en marche, ni jusqu’ici\u{a0}: «\u{a0}guichet serve\u{a0}» le démarre"
        ),
        (Serving::Nobody, Some(since)) => {
            let since = terminal::moment(since);
            said!(
                "nobody serves since about {since}: `guichet serve` does",
                "aucun service en marche depuis environ {since}\u{a0}: «\u{a0}guichet serve\u{a0}» le démarre"
            )
        }
    }
}

fn mailbox(mailbox: &view::MailboxStatus) -> Vec<String> {
    let (name, state) = (&mailbox.name, terminal::safe_line(&mailbox.state));
    let heard = match mailbox.last_exchange_seconds {
        Some(seconds) => said!("last heard of {seconds} s ago", "dernière réponse il y a {seconds}\u{a0}s"),
        None => said!("never heard of", "aucune réponse jusqu’ici"),
    };
    let mut lines = vec![said!("mailbox {name}: {state}, {heard}", "boîte {name}\u{a0}: {state}, {heard}")];
    if mailbox.waiting > 0 {
        let waiting = terminal::count(mailbox.waiting);
        lines.push(said!(
            "    in the folder and not taken in yet: {waiting}",
            "    dans le dossier et pas encore enregistrés\u{a0}: {waiting}"
        ));
    }
    lines.extend(mailbox.trouble.iter().map(|trouble| format!("    {}", terminal::safe_line(trouble))));
    lines
}

fn tickets(counts: &[(String, String, u64)]) -> String {
    if counts.is_empty() {
        return said!("no active ticket", "aucun billet actif");
    }
    let total = terminal::count(counts.iter().map(|(_, _, count)| count).sum());
    let parts: Vec<_> =
        counts.iter().map(|(level, state, count)| format!("{level} {state} {}", terminal::count(*count))).collect();
    let parts = parts.join(", ");
    said!("active tickets: {total} ({parts})", "billets actifs\u{a0}: {total} ({parts})")
}

fn mails(status: &view::Status) -> [String; 2] {
    let pending = terminal::count(status.inbox_pending);
    let quarantined = terminal::count(status.quarantined);
    let since = since(status.inbox_pending, status.oldest_unhandled_seconds);
    let look = match status.quarantined {
        0 => String::new(),
        _ => said!(
            ": `guichet ledger --outcome quarantine`",
            "\u{a0}: «\u{a0}guichet ledger --outcome quarantine\u{a0}»"
        ),
    };
    [
        said!("mails that wait for their decision: {pending}{since}", "courriels à traiter\u{a0}: {pending}{since}"),
        said!("mails in quarantine: {quarantined}{look}", "courriels en quarantaine\u{a0}: {quarantined}{look}"),
    ]
}

fn letters(seen: &Seen) -> Vec<String> {
    let status = &seen.status;
    let pending = terminal::count(status.outbox_pending);
    let age = since(status.outbox_pending, status.oldest_unsent_seconds);
    let mut lines =
        vec![said!("letters that are yet to leave: {pending}{age}", "lettres à envoyer\u{a0}: {pending}{age}")];
    if let Some(since) = status.held_since {
        let since = terminal::moment(since);
        lines.push(said!(
            "    nothing leaves since {since}: `guichet outbox resume`",
            "    rien ne part depuis {since}\u{a0}: «\u{a0}guichet outbox resume\u{a0}»"
        ));
    } else if let (Some(told), Some(since)) = (&status.outbox_held_by, status.outbox_held_by_since) {
        let (told, since) = (terminal::safe_line(told), terminal::moment(since));
        lines.push(said!(
            "    letters wait since {since}: {told}",
            "    les lettres attendent depuis {since}\u{a0}: {told}"
        ));
    } else if status.outbox_pending > 0 && seen.at_work.serving == Serving::Nobody {
        lines.push(said!("    they wait for a gateway", "    elles attendent une passerelle"));
    }
    let held = terminal::count(status.outbox_held);
    lines.push(said!("letters that are held: {held}", "lettres retenues\u{a0}: {held}"));
    lines.extend(seen.held.iter().map(letter));
    let failed = terminal::count(seen.at_work.failed);
    lines.push(said!(
        "letters that failed in the last 14 days: {failed}",
        "lettres échouées depuis 14 jours\u{a0}: {failed}"
    ));
    lines.extend(seen.failed.iter().map(letter));
    lines
}

fn letter(line: &DeliveryLine) -> String {
    let reason = outbox::reason(line).unwrap_or_default();
    let told = format!("    {} {} {}: {reason}", line.id.0, line.purpose.name(), line.recipient);
    terminal::safe_line(&told)
}

fn since(count: u64, seconds: i64) -> String {
    match count {
        0 => String::new(),
        _ => said!(", the oldest for {seconds} s", ", la plus ancienne attente\u{a0}: {seconds}\u{a0}s"),
    }
}
