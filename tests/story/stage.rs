//! Plays mails through the gateway, and keeps what came of them as a text.

use std::sync::{Arc, Mutex};

use guichet::desk::{LedgerId, Policy};
use guichet::gateway::{Gateway, Shelf, TakenIn, TimeSource};
use guichet::known_fix::Library;
use guichet::smtp::SentMail;
use guichet::store::{self, Position};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use sqlx::Connection as _;

use crate::alarm::Alarm;
use crate::client::{Mail, Received};
use crate::house;
use crate::telling::Teller;

/// So many rows of the history are read to see whether anything happened.
const HISTORY: usize = 1_000;

/// A gateway, its clock, and the story so far.
pub(crate) struct Stage {
    pub(crate) gateway: Gateway,
    sent: Arc<Mutex<Vec<SentMail>>>,
    letters: Vec<(SentMail, Received)>,
    teller: Teller,
    /// How far the history was told.
    told_to: Position,
    alarm: Alarm,
    next_uid: u32,
    mailbox: &'static str,
    url: String,
    _folder: Option<tempfile::TempDir>,
}

impl Stage {
    pub(crate) async fn new() -> Stage {
        Stage::with(house::policy(), Library::default()).await
    }

    pub(crate) async fn with(policy: Policy, library: Library) -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("guichet.db").display());
        Stage::on(&url, Some(folder), policy, library).await
    }

    /// A stage that is quickly built, for the many of a law.
    pub(crate) async fn in_memory() -> Stage {
        Stage::on("sqlite::memory:", None, house::policy(), Library::default()).await
    }

    /// A stage on a store that others may share.
    pub(crate) async fn at(url: &str, policy: Policy) -> Stage {
        Stage::on(url, None, policy, Library::default()).await
    }

    async fn on(url: &str, folder: Option<tempfile::TempDir>, policy: Policy, library: Library) -> Stage {
        let alarm = Alarm::new();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let start: Timestamp = "2026-08-03T13:00:00Z".parse().unwrap();
        let mut gateway = house::gateway(url, policy, Arc::clone(&sent), TimeSource::standing(start)).await;
        gateway.shelf = Arc::new(Shelf::of(library));
        gateway.store.first_start(start).await.unwrap();
        Stage {
            gateway,
            sent,
            letters: Vec::new(),
            teller: Teller::default(),
            told_to: Position::default(),
            alarm,
            next_uid: 1,
            mailbox: "support",
            url: url.to_owned(),
            _folder: folder,
        }
    }

    /// From now on mail comes to another mailbox of the house.
    pub(crate) fn mailbox(&mut self, name: &'static str) {
        self.mailbox = name;
    }

    /// The gateway ends, and another one goes on with its store and its clock.
    pub(crate) async fn restart(&mut self) {
        let mut gateway = self.beside().await;
        gateway.shelf = Arc::clone(&self.gateway.shelf);
        gateway.compute_anew().await.unwrap();
        self.gateway = gateway;
        self.teller.line("(restarted)");
    }

    /// Another gateway beside this one, with its store, its relay and its clock.
    pub(crate) async fn beside(&self) -> Gateway {
        let Gateway { policy, time, .. } = &self.gateway;
        house::gateway(&self.url, policy.clone(), Arc::clone(&self.sent), time.clone()).await
    }

    /// Time goes by.
    pub(crate) fn later(&mut self, by: SignedDuration) {
        self.gateway.time.advance(by);
        self.teller.line(&format!("({by:#} later)"));
    }

    /// Time goes by, and what falls due meanwhile happens when it does; looked at every ten minutes.
    pub(crate) async fn wait(&mut self, by: SignedDuration) {
        let until = self.gateway.time.now() + by;
        self.teller.line(&format!("({by:#} go by)"));
        while self.gateway.time.now() < until {
            let step = self.gateway.time.now().duration_until(until).min(SignedDuration::from_mins(10));
            self.gateway.time.advance(step);
            self.look().await;
        }
    }

    /// What is due by now happens.
    pub(crate) async fn look(&mut self) {
        while self.gateway.look().await.unwrap() > 0 {}
        while self.gateway.take_in().await.unwrap() != TakenIn::Nothing {}
        self.gateway.send_all_due().await.unwrap();
        self.tell_what_followed().await;
    }

    /// A mail comes in, and all that follows from it happens.
    pub(crate) async fn mail(&mut self, mail: &Mail) {
        self.mails(&[mail]).await;
    }

    /// What came before the story: it happens, and is not told.
    pub(crate) async fn before(&mut self, mail: &Mail) {
        let told = self.teller.told.len();
        self.mail(mail).await;
        self.teller.told.truncate(told);
        self.teller.line(&format!("(before: « {} » by {})", mail.subject, mail.from));
    }

    /// Mails that one look at the mailbox finds together.
    pub(crate) async fn mails(&mut self, mails: &[&Mail]) {
        let raw: Vec<Vec<u8>> = mails.iter().map(|mail| mail.bytes()).collect();
        self.raw_mails(&raw.iter().map(Vec::as_slice).collect::<Vec<_>>()).await;
    }

    /// Mails as bytes.
    pub(crate) async fn raw_mails(&mut self, mails: &[&[u8]]) {
        let ledger = self.recorded(mails).await;
        while self.gateway.take_in().await.unwrap() != TakenIn::Nothing {}
        self.gateway.send_all_due().await.unwrap();
        for (raw, id) in mails.iter().zip(ledger) {
            self.teller.mail(&self.gateway, raw, id).await;
        }
        self.tell_what_followed().await;
    }

    /// They came, and nothing is decided about them yet.
    pub(crate) async fn recorded(&mut self, mails: &[&[u8]]) -> Vec<LedgerId> {
        self.gateway.time.advance(SignedDuration::from_mins(1));
        let now = self.gateway.time.now();
        let received: Vec<store::Received> = mails.iter().map(|raw| self.received(raw, now)).collect();
        self.gateway.store.record(&received).await.unwrap().into_iter().flatten().collect()
    }

    fn received(&mut self, raw: &[u8], now: Timestamp) -> store::Received {
        let uid = self.next_uid;
        self.next_uid += 1;
        store::Received {
            mailbox: self.mailbox.to_owned(),
            uid: Some((1, uid)),
            raw: raw.into(),
            raw_sha256: Some(Sha256::digest(raw).into()),
            size: raw.len() as u64,
            internal_date: now,
            received_at: now,
            answered: false,
        }
    }

    async fn tell_what_followed(&mut self) {
        let sent: Vec<SentMail> = std::mem::take(&mut *self.sent.lock().unwrap());
        let alarms = self.alarm.heard();
        let happened = self.gateway.store.history_since(self.told_to, HISTORY).await.unwrap();
        if sent.is_empty() && alarms.is_empty() && happened.is_empty() {
            return;
        }
        self.told_to = happened.last().map_or(self.told_to, |last| last.position);
        let letters: Vec<(SentMail, Received)> =
            sent.into_iter().map(|sent| (sent.clone(), Received::new(sent.bytes))).collect();
        self.teller.followed(&self.gateway, &letters, &alarms).await;
        self.letters.extend(letters);
    }

    /// Something other than the gateway writes into its store.
    pub(crate) async fn write_past(&self, sql: &str) {
        let mut connection = sqlx::SqliteConnection::connect(&self.url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// The last letter that somebody got.
    pub(crate) fn last_to(&self, address: &str) -> Received {
        let to = |sent: &SentMail| sent.recipients.iter().any(|to| to.as_str() == address);
        let found = self.letters.iter().rev().find(|(sent, _)| to(sent));
        found.unwrap_or_else(|| panic!("no letter went to {address}:\n{}", self.teller.told)).1.clone()
    }

    /// The words of a ticket's entries.
    pub(crate) async fn entries_of(&self, reference: &str) -> Vec<String> {
        let shown = self.gateway.store.ticket(reference.parse().unwrap()).await.unwrap().unwrap();
        shown.entries.into_iter().map(|shown| shown.entry.text).collect()
    }

    /// All letters so far, each with its envelope.
    pub(crate) fn letters(&self) -> &[(SentMail, Received)] {
        &self.letters
    }

    /// The story so far, for those who go on.
    pub(crate) fn story(&self) -> &str {
        &self.teller.told
    }

    /// The story so far.
    pub(crate) fn told(self) -> String {
        self.teller.told
    }
}
