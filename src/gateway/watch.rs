//! From the mailbox into the ledger (instant 1), and handled mail out of the way.
//!
//! The folder is the to-do list: what stands in it is not handled yet, or is about to be moved. Whether a message is
//! ours is a matter of its UID alone; `\Seen` and sequence numbers mean nothing.

use std::mem::{Discriminant, discriminant};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::counter::MAILS_TAKEN_IN;
use super::filing::Filing;
use super::mailbox_lease::STAND_BACK;
use super::places::Place;
use super::trouble::{REFUSED, SOON, Told, Wait, Waits};
use super::unrecorded::Unrecorded;
use super::{Gateway, Watched, junk_of};
use crate::desk::LedgerId;
use crate::imap::{self, Failure, Given, Listed, Numbers, Session, Woken};
use crate::net::{Moment, Obstacle, What};
use crate::store::{MailboxStatus, Received, is_unavailable};

/// One fetch and one commit hold at most so many mails,
const MAILS_PER_FETCH: usize = 100;
/// and so many bytes.
const BYTES_PER_FETCH: u64 = 2 << 20;
/// While many come, the watch stays a batch or two ahead of what is decided, so that mails need not be read back from the
/// store. Where nothing is decided, it goes on all the same.
const DECIDED_WITHIN: Duration = Duration::from_millis(250);
/// While many come, what is decided is filed away after so many fetches.
const FETCHES_PER_FILING: usize = 4;
/// Of a mail that is too large, so much of header and text is taken in.
const PART_OF_LARGE_MAIL: u32 = 256 << 10;
/// A connection that held for so long was a good one.
const CALM: Duration = Duration::from_secs(30);
/// Where another gateway stands by, whether the server still answers is found out so often,
const WANTED_IDLE: Duration = Duration::from_secs(8);
/// and it has so long to answer, at first.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a server that has no folder for junk is asked whether it has one by now.
const LOOK_FOR_JUNK: Duration = Duration::from_secs(3_600);
/// How often a folder is opened anew on the same connection.
const OPEN_ANEW: Duration = Duration::from_secs(300);
/// What the mailbox's own connection sees of its folder for junk holds for so many polls.
const SIGN_HOLDS_POLLS: u32 = 3;
/// So many turns in a row has a mailbox in which much is to be done, where others wait for a connection.
const TURNS_IN_A_ROW: u32 = 2;
/// How often the store hears that a quiet mailbox is well.
const TELL_EVERY: i64 = 30;
/// How often the ledger is asked what the server is to be asked for again.
const LOOK_FOR_UNREADABLE: Duration = Duration::from_secs(5);

/// Where a watcher stands in one folder.
struct Position<'p> {
    /// Among the connections that the server has from us.
    place: &'p Place,
    uid_validity: u32,
    /// Every message below is in the ledger.
    next: u32,
    told_at: Timestamp,
    /// Messages that the server did not give out are looked for in the ledger again then.
    look_for_unreadable: Instant,
    /// There are such messages.
    has_unreadable: bool,
    /// When the folder was opened last.
    opened: Instant,
}

/// What a watcher remembers across connections.
pub(super) struct Memory {
    /// When the last attempt to connect began.
    began: Instant,
    /// How long to wait before the next one.
    pause: Duration,
    /// Connections that soon failed, in a row.
    failures: u32,
    unrecorded: Unrecorded,
    filing: Filing,
    /// Every message with a smaller UID was seen.
    pub(super) seen_to: Option<u32>,
    /// What a store that was put back had lost was looked for.
    pub(super) looked_for_lost: bool,
    /// The server told of new mail only when it was asked.
    tells_late: bool,
    /// It never had a connection.
    is_new: bool,
    /// There was no connection because none was needed.
    stayed_away: bool,
    /// Under which UIDVALIDITY a turn ended, and the UID that it would have gone on with.
    went_on_at: Option<(u32, u32)>,
    /// Since when the folder is open; not where it never was on this connection.
    watching_since: Option<Instant>,
    /// Why there is no connection, and what to do about it.
    barred: Option<String>,
    wait: Wait,
    told_of: Told<Option<Discriminant<What>>>,
    /// Messages that came and went unseen, and that the store was not told of yet.
    pub(super) unseen: u64,
    /// What the store was told last: how many messages wait, and what is wrong.
    told: (u64, Option<String>),
}

impl Default for Memory {
    fn default() -> Memory {
        Memory {
            began: Instant::now(),
            pause: Duration::ZERO,
            failures: 0,
            unrecorded: Unrecorded::default(),
            filing: Filing::default(),
            seen_to: None,
            looked_for_lost: false,
            tells_late: false,
            is_new: true,
            stayed_away: false,
            went_on_at: None,
            watching_since: None,
            barred: None,
            wait: Wait::default(),
            told_of: Told::default(),
            unseen: 0,
            told: (0, None),
        }
    }
}

impl Memory {
    /// Whether the connection is a good one.
    fn is_calm(&self) -> bool {
        self.began.elapsed() > CALM
    }

    /// How long the server may be silent where another gateway may be answered. One that is slow for everybody gets more
    /// time after each failure.
    fn patience(&self) -> Duration {
        let failures = if self.is_calm() { 0 } else { self.failures };
        PATIENCE * (1 << failures.min(6))
    }

    /// Nothing waits to be recorded, moved or told.
    fn needs_no_connection(&self) -> bool {
        self.unrecorded.count() == 0 && self.filing.trouble.is_none()
    }

    /// What an operator must mend first.
    fn trouble(&self) -> Option<String> {
        self.barred.clone().or_else(|| self.filing.trouble.clone())
    }
}

/// Why there is no connection for now.
enum Ended {
    /// The server has no such folder.
    Absent,
    /// Nothing is to be done in the folder as the mailbox's own connection saw it.
    Quiet { uid_validity: u32, seen: Numbers },
    /// Nothing is to be done in it for now, and another mailbox waits for a connection.
    TurnOver,
}

impl Gateway {
    /// Watches one folder until `stop`, whenever this gateway holds it.
    pub(super) async fn watch(&self, watched: &Watched, stop: &CancellationToken) -> Result<()> {
        let mut memory = Memory::default();
        while !stop.is_cancelled() {
            let mut stands_back = false;
            let work = Box::pin(async {
                self.watch_again_and_again(watched, &mut memory).await;
                stands_back = true;
            });
            self.while_leased(&watched.imap.name, stop, work).await;
            if stands_back {
                tokio::select! {
                    () = tokio::time::sleep(memory.pause.max(STAND_BACK)) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
        Ok(())
    }

    /// Connects again whenever the connection is lost. Where another gateway stands by, that is its turn: this one may be
    /// the one that is cut off.
    async fn watch_again_and_again(&self, watched: &Watched, memory: &mut Memory) {
        loop {
            let place = self.places.take(&watched.imap, memory.is_new).await;
            memory.is_new = false;
            memory.began = Instant::now();
            let ended = self.watch_once(watched, &place, memory).await;
            drop(place);
            let error = match ended {
                Ok(Ended::Absent) => return,
                Ok(Ended::TurnOver) => {
                    memory.stayed_away = true;
                    continue;
                }
                Ok(Ended::Quiet { uid_validity, seen }) => {
                    self.stay_away(watched, memory, uid_validity, seen).await;
                    continue;
                }
                Err(error) => error,
            };
            if memory.is_calm() {
                memory.failures = 0;
            }
            memory.failures += 1;
            if memory.watching_since.take().is_some_and(|since| since.elapsed() > CALM) {
                memory.wait = Wait::default();
                memory.told_of.forget();
            }
            // Where the database is away, it is the lease that says who goes on.
            let is_wanted = self.leases.is_wanted(&watched.imap.name) && !is_unavailable(&error);
            memory.pause = self.barred(watched, memory, &error, is_wanted).await;
            if is_wanted {
                return;
            }
            tokio::time::sleep(memory.pause).await;
        }
    }

    /// A server that does not answer this gateway may answer the one that stands by.
    fn limit_silence(&self, session: &mut Session, watched: &Watched, memory: &Memory) {
        let Watched { imap: imap::Settings { name, idle_timeout, exchange_timeout, .. }, .. } = watched;
        let (mut idle, mut exchange) = (*idle_timeout, *exchange_timeout);
        if self.leases.is_wanted(name) {
            idle = idle.min(WANTED_IDLE);
            exchange = exchange.min(memory.patience());
        }
        session.limit_silence(idle, exchange);
    }

    /// Tells why the mailbox cannot be watched, and returns how long to wait.
    async fn barred(&self, watched: &Watched, memory: &mut Memory, error: &anyhow::Error, is_wanted: bool) -> Duration {
        let now = self.time.now();
        let mailbox = &watched.imap.name;
        let failure = error.chain().find_map(|cause| cause.downcast_ref::<Failure>());
        let obstacle = failure.and_then(Failure::obstacle);
        let waits = obstacle.map_or(SOON, Waits::of);
        let wait = memory.wait.grow(waits, now);
        let wait = if waits == REFUSED { wait } else { jittered(wait, now) };
        let remedy = failure.map(Failure::remedy).unwrap_or_default();
        let error = failure.map_or_else(|| format!("{error:#}"), Failure::cause);
        let is_news = memory.told_of.is_news(obstacle.map(|obstacle| discriminant(obstacle.what())), now);
        let next = if is_wanted { "leaving it to another gateway" } else { "connecting again" };
        let wait_ms = wait.as_millis();
        if !is_news {
            tracing::debug!(mailbox, error, wait_ms, "The mailbox {mailbox} still cannot be watched: {next}");
        } else if obstacle.is_some_and(Obstacle::needs_operator) {
            tracing::error!(mailbox, error, remedy, wait_ms, "The mailbox {mailbox} cannot be watched: {next}");
        } else {
            tracing::warn!(mailbox, error, remedy, wait_ms, "The mailbox {mailbox} cannot be watched: {next}");
        }
        memory.barred = Some(format!("{error}. {remedy}").trim_end().to_owned());
        self.tell_state(watched, memory, "unreachable", None, None).await;
        wait
    }

    /// Until the connection is lost, or not needed for now.
    async fn watch_once(&self, watched: &Watched, place: &Place, memory: &mut Memory) -> Result<Ended> {
        let connecting = Session::connect(&watched.imap);
        let mut session = if self.store.is_shared() {
            let limit = watched.imap.exchange_timeout.min(memory.patience());
            let silent = |_| Failure::from(Obstacle::new(&watched.imap.server(), What::Silent(Moment::Login)));
            tokio::time::timeout(limit, connecting).await.map_err(silent)??
        } else {
            connecting.await?
        };
        self.limit_silence(&mut session, watched, memory);
        session.expect_late_news(memory.tells_late);
        let now = self.time.now();
        if !session.find_watched().await? {
            self.tell_state(watched, memory, MailboxStatus::ABSENT, Some(now), None).await;
            memory.pause = LOOK_FOR_JUNK;
            session.logout().await;
            return Ok(Ended::Absent);
        }
        let selected = session.select().await?;
        let mut position = Position {
            place,
            uid_validity: selected.uid_validity,
            next: memory.went_on_at.take().filter(|(of, _)| *of == selected.uid_validity).map_or(1, |(_, next)| next),
            told_at: now,
            look_for_unreadable: Instant::now(),
            has_unreadable: false,
            opened: Instant::now(),
        };
        memory.watching_since = Some(Instant::now());
        memory.barred = None;
        memory.unrecorded.begin(selected.uid_validity);
        let mailbox = &watched.imap.name;
        let (uid_validity, exists) = (selected.uid_validity, selected.exists);
        if std::mem::take(&mut memory.stayed_away) {
            tracing::debug!(mailbox, uid_validity, exists, "Watching {mailbox} again");
        } else {
            tracing::info!(mailbox, uid_validity, exists, "Watching {mailbox}");
        }
        self.look_for_lost(&mut session, watched, selected, memory).await?;
        self.tell_state(watched, memory, "watching", Some(now), Some(selected.uid_validity)).await;
        if watched.is_junk {
            self.signs.want(mailbox, session.watched());
        }
        let mut woken = Woken::Interrupted;
        let mut waits = true;
        loop {
            self.limit_silence(&mut session, watched, memory);
            if position.opened.elapsed() >= OPEN_ANEW {
                open_anew(&mut session, &mut position).await?;
            }
            let seen = self.signs.seen_within(mailbox, watched.imap.poll * SIGN_HOLDS_POLLS);
            let heard = self.hints.decided.times();
            let mut there_are_new = self.take_over(&mut session, watched, &mut position, memory).await?;
            if woken == Woken::News && !there_are_new {
                open_anew(&mut session, &mut position).await?;
                there_are_new = self.take_over(&mut session, watched, &mut position, memory).await?;
            }
            self.ask_again(&mut session, watched, &mut position).await?;
            // What is decided from here on is told of; and a decision about another mailbox is no work here. A gateway that has
            // the database alone records by itself what waits, so that a poll which brings nothing asks nothing.
            waits = (there_are_new || waits || self.store.is_shared()) && self.store.waits_in(mailbox).await?;
            self.file_away(&mut session, watched, position.uid_validity, &mut memory.filing).await?;
            self.tell_if_changed(watched, memory).await;
            if let Some(seen) = seen
                && !waits
                && memory.needs_no_connection()
                && !position.has_unreadable
                && !self.leases.is_wanted(mailbox)
            {
                session.logout().await;
                return Ok(Ended::Quiet { uid_validity: position.uid_validity, seen });
            }
            // Mails that wait for their decision keep the place for another turn, and no longer: nobody may keep others unread.
            let turns = if waits { TURNS_IN_A_ROW } else { 1 };
            if place.is_over(watched.imap.poll, turns) {
                memory.went_on_at = Some((position.uid_validity, position.next));
                session.logout().await;
                return Ok(Ended::TurnOver);
            }
            self.look_at_junk(&mut session, watched).await?;
            self.limit_silence(&mut session, watched, memory);
            let work = self.work(watched, &position, memory, waits.then_some(heard));
            let interruption = async {
                tokio::select! {
                    () = work => {}
                    () = place.over(watched.imap.poll, turns) => {}
                }
            };
            woken = session.wait(interruption).await?;
            memory.tells_late = session.tells_late();
            self.tell_if_due(watched, &mut position, memory).await;
        }
    }

    /// Looks whether something came into this mailbox's folder for junk, where that is wanted.
    async fn look_at_junk(&self, session: &mut Session, watched: &Watched) -> Result<()> {
        let (junk, poll) = (junk_of(&watched.imap.name), watched.imap.poll);
        // A wait may be a little shorter than the poll.
        if let Some(folder) = self.signs.due(&junk, poll * 3 / 4) {
            let seen = session.look_at(&folder).await?;
            self.signs.tell(&junk, seen);
        }
        Ok(())
    }

    /// Without a connection: until the mailbox's own one sees something else in the folder for junk, or sees nothing any more, or mail
    /// is to be moved out of it.
    async fn stay_away(&self, watched: &Watched, memory: &mut Memory, uid_validity: u32, seen: Numbers) {
        let imap::Settings { name, poll, .. } = &watched.imap;
        let is_as_seen = || self.signs.seen_within(name, *poll * SIGN_HOLDS_POLLS) == Some(seen);
        let changed = async || {
            while is_as_seen() {
                self.signs.told().await;
            }
        };
        memory.stayed_away = true;
        while is_as_seen() && !self.leases.is_wanted(name) {
            self.tell_state(watched, memory, "watching", Some(self.time.now()), None).await;
            tokio::select! {
                () = changed() => {}
                () = self.leases.become_wanted(name) => {}
                () = tokio::time::sleep(*poll) => {}
            }
            let unfiled = self.store.decided_not_filed(name, uid_validity).await;
            if watched.processed_folder.is_some() && !unfiled.is_ok_and(|unfiled| unfiled.is_empty()) {
                return;
            }
        }
    }

    /// Until something is due, or decided where mails wait for that: after so many decisions were `heard` of.
    async fn work(&self, watched: &Watched, position: &Position<'_>, memory: &Memory, heard: Option<u64>) {
        let now = self.time.now();
        let filing = memory.filing.next_try(now).filter(|_| watched.processed_folder.is_some());
        let unreadable =
            position.has_unreadable.then(|| position.look_for_unreadable.saturating_duration_since(Instant::now()));
        let due = memory.unrecorded.next_try(now).into_iter().chain(filing).chain(unreadable).min();
        let due = async {
            match due {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.hints.decided.given_after(heard.unwrap_or_default()), if heard.is_some() => {}
            () = self.leases.become_wanted(&watched.imap.name) => {}
            () = due => {}
        }
    }

    /// Records every message that is not in the ledger. Whether there were any.
    async fn take_over(
        &self,
        session: &mut Session,
        watched: &Watched,
        position: &mut Position<'_>,
        memory: &mut Memory,
    ) -> Result<bool> {
        let listed = list(session, position.next, &mut memory.unrecorded).await?;
        let mailbox = &watched.imap.name;
        let uids = listed.iter().map(|one| one.uid).collect();
        let known = self.store.known_among(mailbox, position.uid_validity, &uids).await?;
        let new: Vec<Listed> = listed.iter().filter(|one| !known.contains(&one.uid) && !one.deleted).copied().collect();
        memory.unrecorded.see(&new, self.time.now());
        if new.len() > MAILS_PER_FETCH {
            self.tell_if_changed(watched, memory).await;
        }
        let together: Vec<Listed> = new.iter().filter(|one| !memory.unrecorded.is_doubtful(one.uid)).copied().collect();
        let mut heard = self.hints.decided.times();
        for (at, batch) in batches(&together, watched.imap.message_bytes_max).enumerate() {
            // The rest has the next turn.
            if at > 0 && position.place.is_over(watched.imap.poll, TURNS_IN_A_ROW) {
                break;
            }
            if at > 0 {
                let _ = tokio::time::timeout(DECIDED_WITHIN, self.hints.decided.given_after(heard)).await;
                heard = self.hints.decided.times();
            }
            self.take_over_batch(session, watched, position.uid_validity, batch, &mut memory.unrecorded).await?;
            if at % FETCHES_PER_FILING == FETCHES_PER_FILING - 1 {
                self.file_away(session, watched, position.uid_validity, &mut memory.filing).await?;
                self.tell_if_changed(watched, memory).await;
            }
        }
        for uid in memory.unrecorded.due(self.time.now()) {
            if let Ok(at) = new.binary_search_by_key(&uid, |one| one.uid) {
                self.take_over_alone(session, watched, position.uid_validity, new[at], &mut memory.unrecorded).await?;
            }
        }
        if let Some(last) = listed.last().filter(|_| memory.unrecorded.count() == 0) {
            position.next = last.uid.saturating_add(1);
            memory.seen_to = memory.seen_to.max(Some(position.next));
        }
        Ok(!new.is_empty())
    }

    /// Records what comes of a batch. What does not is doubtful from then on.
    async fn take_over_batch(
        &self,
        session: &mut Session,
        watched: &Watched,
        uid_validity: u32,
        batch: &[Listed],
        unrecorded: &mut Unrecorded,
    ) -> Result<()> {
        let bytes_max = watched.imap.message_bytes_max;
        let uids: Vec<u32> = batch.iter().filter(|one| !is_large(one, bytes_max)).map(|one| one.uid).collect();
        let mut given =
            if uids.is_empty() { Given { mails: Vec::new(), ended: Ok(()) } } else { session.fetch(&uids).await };
        let envelope = Envelope { mailbox: &watched.imap.name, uid_validity, now: self.time.now() };
        let mut received = Vec::with_capacity(batch.len());
        for mail in given.mails {
            if let Some(listed) = batch.iter().find(|one| one.uid == mail.uid) {
                received.push(envelope.whole(listed, mail.raw));
            }
        }
        for listed in batch.iter().filter(|one| is_large(one, bytes_max)) {
            if matches!(given.ended, Err(Failure::Lost(_))) {
                break;
            }
            match session.fetch_header_and_text(listed.uid, PART_OF_LARGE_MAIL).await {
                Ok(part) => received.extend(part.map(|part| envelope.beginning(listed, part))),
                Err(failure) => given.ended = Err(failure),
            }
        }
        received.sort_by_key(|one| one.uid);
        self.record(watched, &received).await?;
        unrecorded.recorded(received.iter().filter_map(|one| Some(one.uid?.1)), envelope.now);
        if given.ended.as_ref().is_err_and(|failure| unrecorded.comes_later(failure)) {
            return Ok(given.ended?);
        }
        for listed in batch.iter().filter(|one| !received.iter().any(|came| came.uid == Some((uid_validity, one.uid))))
        {
            unrecorded.doubt(listed.uid, envelope.now);
        }
        match given.ended {
            Ok(()) | Err(Failure::Refused { .. }) => Ok(()),
            Err(lost) => Err(lost.into()),
        }
    }

    /// Asks for one message that did not come with others. One that does not come alone either, again and again, is set
    /// aside.
    async fn take_over_alone(
        &self,
        session: &mut Session,
        watched: &Watched,
        uid_validity: u32,
        listed: Listed,
        unrecorded: &mut Unrecorded,
    ) -> Result<()> {
        let envelope = Envelope { mailbox: &watched.imap.name, uid_validity, now: self.time.now() };
        let failure = match ask_alone(session, watched, &envelope, listed).await {
            Ok(Some(mail)) => {
                self.record(watched, &[mail]).await?;
                unrecorded.recorded([listed.uid], envelope.now);
                return Ok(());
            }
            Ok(None) => {
                Failure::Refused { command: "UID FETCH".to_owned(), said: "it is shown without its text".to_owned() }
            }
            Err(failure) if unrecorded.comes_later(&failure) => return Err(failure.into()),
            Err(failure) => failure,
        };
        let (mailbox, uid) = (&watched.imap.name, listed.uid);
        tracing::warn!(mailbox, uid, error = %failure, "The server does not give out a mail; the others go on");
        if unrecorded.refused(uid, &failure, envelope.now) {
            let mail = envelope.part(&listed, Arc::default());
            self.set_aside(watched, &mail, &failure).await?;
            unrecorded.recorded([uid], envelope.now);
        }
        match failure {
            Failure::Refused { .. } => Ok(()),
            lost => Err(lost.into()),
        }
    }

    /// Asks for what was set aside, when its time has come or an operator says so. Where one comes, the others may too.
    async fn ask_again(&self, session: &mut Session, watched: &Watched, position: &mut Position<'_>) -> Result<()> {
        if position.look_for_unreadable > Instant::now() {
            return Ok(());
        }
        let (mailbox, uid_validity) = (&watched.imap.name, position.uid_validity);
        let unread = self.store.unreadable(mailbox, uid_validity, self.time.now()).await?;
        position.has_unreadable = !unread.is_empty();
        position.look_for_unreadable = Instant::now() + LOOK_FOR_UNREADABLE;
        let mut one_came = false;
        for one in unread {
            if !one.is_due && !one_came {
                continue;
            }
            let now = self.time.now();
            // Noted first: the server may break off over it.
            self.store.ask_again_at(one.ledger, ask_again_at(one.received_at, now)).await?;
            let envelope = Envelope { mailbox, uid_validity, now };
            let listed = Listed { uid: one.uid, size: None, internal_date: None, answered: false, deleted: false };
            match ask_alone(session, watched, &envelope, listed).await {
                Ok(Some(mail)) => {
                    self.store.supply(one.ledger, &mail).await?;
                    tracing::info!(
                        ledger.id = one.ledger.0,
                        mailbox,
                        uid = one.uid,
                        "The server gives the mail out after all"
                    );
                    self.hints.recorded.give();
                    one_came = true;
                }
                Ok(None) | Err(Failure::Refused { .. }) => {}
                Err(lost) => return Err(lost.into()),
            }
        }
        Ok(())
    }

    pub(super) async fn record(&self, watched: &Watched, received: &[Received]) -> Result<()> {
        let lease = self.leases.lease(&watched.imap.name);
        let recorded = self.store.record_under(lease.as_ref(), received).await;
        let recorded = recorded.context("Cannot write mails into the ledger")?;
        log_recorded(watched, received, &recorded);
        self.hints.recorded.give();
        Ok(())
    }

    async fn tell_if_due(&self, watched: &Watched, position: &mut Position<'_>, memory: &mut Memory) {
        let now = self.time.now();
        if now.duration_since(position.told_at).as_secs() >= TELL_EVERY {
            position.told_at = now;
            self.tell_state(watched, memory, "watching", Some(now), None).await;
        }
    }

    async fn tell_if_changed(&self, watched: &Watched, memory: &mut Memory) {
        if memory.told != (memory.unrecorded.count(), memory.trouble()) {
            self.tell_state(watched, memory, "watching", Some(self.time.now()), None).await;
        }
    }

    async fn tell_state(
        &self,
        watched: &Watched,
        memory: &mut Memory,
        state: &str,
        last_exchange: Option<Timestamp>,
        validity: Option<u32>,
    ) {
        let status = MailboxStatus {
            name: watched.imap.name.clone(),
            state: state.to_owned(),
            last_exchange,
            uid_validity: validity,
            waiting: memory.unrecorded.count(),
            waiting_since: memory.unrecorded.since(),
            trouble: memory.trouble(),
            uid_next: memory.seen_to,
            unseen: std::mem::take(&mut memory.unseen),
        };
        let now = self.time.now();
        let told = match self.leases.lease(&watched.imap.name) {
            Some(lease) => self.store.tell_mailbox_under(&lease, &status, now).await,
            None => self.store.tell_mailbox(&status, now).await,
        };
        match told {
            Ok(()) => memory.told = (status.waiting, status.trouble),
            Err(error) => {
                let (mailbox, error) = (&watched.imap.name, format!("{error:#}"));
                tracing::warn!(
                    mailbox,
                    error,
                    "Cannot note the state of {mailbox}: 'guichet status' shows an older one"
                );
            }
        }
    }
}

/// A folder may be renumbered under a session that has it open (Courier, when its list of UIDs is lost): new mail is then told
/// of, bears UIDs that are known, and only opening the folder anew shows why.
async fn open_anew(session: &mut Session, position: &mut Position<'_>) -> Result<()> {
    position.opened = Instant::now();
    let uid_validity = session.select().await?.uid_validity;
    if uid_validity != position.uid_validity {
        return Err(Failure::Lost("the folder was renumbered (UIDVALIDITY)".to_owned()).into());
    }
    Ok(())
}

async fn list(session: &mut Session, from: u32, unrecorded: &mut Unrecorded) -> Result<Vec<Listed>> {
    let listed = match unrecorded.lists_names_alone() {
        true => session.list_names_from(from).await,
        false => session.list_from(from).await,
    };
    if listed.is_err() {
        unrecorded.listing_lost();
    }
    listed
}

/// One message, if it comes: the server may show it without its text, or somebody took it away.
async fn ask_alone(
    session: &mut Session,
    watched: &Watched,
    envelope: &Envelope<'_>,
    mut listed: Listed,
) -> Result<Option<Received>, Failure> {
    // A server that cannot measure it may give it out nevertheless.
    match session.measure(listed.uid).await {
        Ok(Some(measured)) => listed = measured,
        Ok(None) | Err(Failure::Refused { .. }) => {}
        Err(lost) => return Err(lost),
    }
    if is_large(&listed, watched.imap.message_bytes_max) {
        let part = session.fetch_header_and_text(listed.uid, PART_OF_LARGE_MAIL).await?;
        return Ok(part.map(|part| envelope.beginning(&listed, part)));
    }
    let mut given = session.fetch(&[listed.uid]).await;
    match given.mails.pop() {
        Some(mail) => Ok(Some(envelope.whole(&listed, mail.raw))),
        None => given.ended.map(|()| None),
    }
}

pub(super) fn is_large(listed: &Listed, bytes_max: u64) -> bool {
    listed.size.is_some_and(|size| u64::from(size) > bytes_max)
}

/// What is known of a message beside its bytes.
pub(super) struct Envelope<'a> {
    pub(super) mailbox: &'a str,
    pub(super) uid_validity: u32,
    pub(super) now: Timestamp,
}

impl Envelope<'_> {
    pub(super) fn whole(&self, listed: &Listed, raw: Arc<[u8]>) -> Received {
        let digest = Sha256::digest(&raw).into();
        Received { raw_sha256: Some(digest), ..self.part(listed, raw) }
    }

    /// A mail that is not asked for whole, as far as it came: that may be all of it.
    fn beginning(&self, listed: &Listed, (raw, is_whole): (Vec<u8>, bool)) -> Received {
        if is_whole { self.whole(listed, raw.into()) } else { self.part(listed, raw.into()) }
    }

    fn part(&self, listed: &Listed, raw: Arc<[u8]>) -> Received {
        Received {
            mailbox: self.mailbox.to_owned(),
            uid: Some((self.uid_validity, listed.uid)),
            size: u64::from(listed.size.unwrap_or(0)).max(raw.len() as u64),
            raw,
            raw_sha256: None,
            internal_date: listed.internal_date.unwrap_or(self.now),
            received_at: self.now,
            answered: listed.answered,
        }
    }
}

/// Soon at first, for the server may just be out of order; at last once an hour.
fn ask_again_at(set_aside_at: Timestamp, now: Timestamp) -> Timestamp {
    let age = now.duration_since(set_aside_at).as_secs();
    now + SignedDuration::from_secs((age / 8).clamp(20, 3_600))
}

/// Neighbours that are fetched together; a mail that is not fetched whole counts as its part.
pub(super) fn batches(listed: &[Listed], message_bytes_max: u64) -> impl Iterator<Item = &[Listed]> {
    let mut rest = listed;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |one: &Listed| {
            let first = bytes == 0;
            let whole = one.size.map_or(0, u64::from);
            bytes += if whole > message_bytes_max { u64::from(PART_OF_LARGE_MAIL) } else { whole.max(1) };
            first || bytes <= BYTES_PER_FETCH
        };
        let count = rest.iter().take(MAILS_PER_FETCH).copied().take_while({
            let mut fits = fits;
            move |one| fits(one)
        });
        let count = count.count();
        let (batch, left) = rest.split_at(count);
        rest = left;
        (!batch.is_empty()).then_some(batch)
    })
}

/// Gateways that lost the same server do not all come back at once: up to a quarter less.
fn jittered(wait: Duration, seed: Timestamp) -> Duration {
    let share = u32::try_from(seed.as_millisecond().rem_euclid(250)).unwrap_or(0);
    wait - wait * share / 1000
}

fn log_recorded(watched: &Watched, received: &[Received], recorded: &[Option<LedgerId>]) {
    let mailbox = &watched.imap.name;
    for (mail, ledger) in received.iter().zip(recorded) {
        if let (Some(ledger), Some((_, uid))) = (ledger, mail.uid) {
            MAILS_TAKEN_IN.count_for(mailbox);
            tracing::info!(ledger.id = ledger.0, mailbox, uid, size = mail.size, "Mail taken in");
        }
    }
}
