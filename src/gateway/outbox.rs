//! From a due delivery to the relay's answer (instant 3).
//!
//! What the relay said is written down before the next letter leaves. A letter that takes long does not hold up the
//! others: they go beside it, on connections of their own.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::Gateway;
use super::counter::{DELIVERIES_FAILED, LETTERS_SENT};
use super::lanes::{Lanes, Verdict, Way};
use super::on_the_way::OnTheWay;
use super::pace::Pace;
use super::signed::signed;
use crate::desk::{Enclosure, LedgerId};
use crate::letters;
use crate::mail::{self, Address};
use crate::smtp::{Barred, Connection, Leave, Letter, Outcome};
use crate::store::{Claim, Delivery, DeliveryId, Hindrance, LetterId, Settled, Settling, StoredLetter};

/// Letters that are on their way at a time.
const CONNECTIONS: usize = 4;
/// Letters follow each other one by one, each settled before the next begins, so that a crash leaves at most one whose
/// fate nobody knows. Only beside one that takes longer than this does another begin.
const ONE_BY_ONE: Duration = Duration::from_millis(20);
/// Deliveries claimed at a time.
const CLAIMED: usize = 256;
/// A gateway that dies or stands still leaves what it claimed to others after that.
const LEASE: Duration = Duration::from_secs(15);
/// While letters are on their way, their claims are prolonged so often.
const RENEW_EVERY: Duration = Duration::from_secs(4);
/// A try that takes longer is given up: nobody knows what became of the letter.
const TRY_LONGEST: Duration = Duration::from_secs(100);
/// How long the loop waits for a hint before it looks at the table without one.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// The same where another gateway may have decided mails and died before their letters left.
const LOOK_AGAIN_SHARED: Duration = Duration::from_secs(5);
/// A gateway that cannot connect to the relay leaves letters to others for so long, growing.
const STAND_BACK_SHORTEST: Duration = Duration::from_secs(2);
const STAND_BACK_LONGEST: Duration = Duration::from_secs(20);
/// So long it waits for the relay, and twice as long after each time that this was too short: a relay may be slow for all.
const PATIENCE: Duration = Duration::from_secs(12);
/// How slowly a long letter may flow: 16 KB a second.
const BYTES_PER_MILLISECOND_MIN: u64 = 16;
/// How long to wait after a fault of the store.
const AFTER_FAULT: Duration = Duration::from_secs(2);
/// Connections that were not used for so long are closed.
const REST_LONGEST: Duration = Duration::from_secs(20);

/// A try that ended.
struct Tried {
    delivery: Delivery,
    leave: Leave,
    outcome: Outcome,
    /// There was a connection, and the relay let this letter come to its end, or another one meanwhile.
    reached: bool,
    began: Instant,
    connection: Option<Connection>,
}

/// A letter as it leaves, and where it goes.
struct Parcel {
    return_path: Option<Address>,
    recipients: [Address; 1],
    bytes: Arc<[u8]>,
}

impl Parcel {
    fn letter(&self) -> Letter<'_> {
        Letter::new(self.return_path.as_ref(), &self.recipients, &self.bytes)
    }
}

/// A delivery that waits longer than that is given back: what is more urgent may have come, and the lease must outlast its try.
const WAIT_LONGEST: Duration = Duration::from_secs(4);

/// What the loop holds between two looks at the table.
struct Work {
    /// Claimed together, at `claimed_at`.
    waiting: VecDeque<Delivery>,
    claimed_at: Instant,
    on_the_way: OnTheWay,
    renewed_at: Instant,
    /// Nothing is claimed before then: the relay cannot be reached from here.
    stands_back: Option<(Instant, Duration)>,
    /// How long the relay has for a letter, up to its end.
    patience: Duration,
    /// When the relay last let a letter come to its end in good time.
    reached_at: Option<Instant>,
    trying: JoinSet<Tried>,
    /// The try that began last, while it goes on.
    youngest: Option<(DeliveryId, Instant)>,
    resting: Vec<Connection>,
    settling: Settling,
    lanes: Lanes,
    /// When an operator may last have said that what holds letters is to be tried at once.
    looked_for_orders: Instant,
    /// The letter that was last made whole: its other recipients come next.
    last: Option<(LetterId, Arc<[u8]>)>,
    pace: Pace,
}

impl Work {
    /// Whether another letter may begin beside those on their way.
    fn may_begin(&self) -> bool {
        let alone = self.youngest.is_none_or(|(_, began)| began.elapsed() >= ONE_BY_ONE);
        alone && self.trying.len() < CONNECTIONS
    }

    fn may_claim(&self) -> bool {
        self.waiting.is_empty() && self.trying.len() < CONNECTIONS && self.stands_back.is_none()
    }

    fn stands_back_for(&self) -> Option<Duration> {
        let (until, _) = self.stands_back?;
        Some(until.saturating_duration_since(Instant::now())).filter(|wait| !wait.is_zero())
    }

    fn learn_of_the_relay(&mut self, tried: &mut Tried) {
        // It is this letter that takes long, for another one came through meanwhile.
        tried.reached |= self.reached_at.is_some_and(|at| at > tried.began);
        let took = tried.began.elapsed();
        if tried.reached {
            self.stands_back = None;
            if took < PATIENCE {
                self.reached_at = Some(Instant::now());
                self.patience = PATIENCE;
            }
        } else if self.stands_back.is_none() {
            if took >= self.patience {
                self.patience = (self.patience * 2).min(TRY_LONGEST);
            }
            if let Outcome::Deferred { reply } = &tried.outcome {
                tracing::warn!(reply, "The relay cannot be reached from here: leaving letters to others for a while");
            }
            self.stand_back();
        }
    }

    fn stand_back(&mut self) {
        let wait = self.stands_back.map_or(STAND_BACK_SHORTEST, |(_, wait)| (wait * 2).min(STAND_BACK_LONGEST));
        self.stands_back = Some((Instant::now() + wait, wait));
    }
}

impl Gateway {
    /// Sends what is due until `stop`; what is on its way then is waited for.
    pub(super) async fn outbox(&self, stop: &CancellationToken) -> Result<()> {
        let pace = Pace::new(self.sending.letters_per_minute);
        let mut work = Work {
            waiting: VecDeque::new(),
            claimed_at: Instant::now(),
            on_the_way: OnTheWay::default(),
            renewed_at: Instant::now(),
            stands_back: None,
            patience: self.patience(),
            reached_at: None,
            trying: JoinSet::new(),
            youngest: None,
            resting: Vec::new(),
            settling: self.store.settling(self.copies(), self.time.now()).await?,
            lanes: Lanes::default(),
            looked_for_orders: Instant::now(),
            last: None,
            pace,
        };
        self.keep_hindrances(&[]).await?;
        while !stop.is_cancelled() {
            if let Err(error) = self.send_some(&mut work, stop).await {
                tracing::error!(
                    error = format!("{error:#}"),
                    "The store does not take what became of letters: trying again"
                );
                tokio::select! {
                    () = tokio::time::sleep(AFTER_FAULT) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
        while let Some(tried) = work.trying.join_next().await {
            self.end(&mut work, vec![tried?]).await?;
        }
        work.settling.settle(self.time.now()).await?;
        self.give_back(&mut work).await?;
        for connection in work.resting {
            connection.close().await;
        }
        Ok(())
    }

    /// Sends everything that is due now, one by one, until something keeps all of it; for stories and commands.
    pub async fn send_all_due(&self) -> Result<usize> {
        let mut sent = 0;
        let mut lanes = Lanes::default();
        let mut settling = self.store.settling(self.copies(), self.time.now()).await?;
        loop {
            let until = Instant::now() + LEASE;
            let claimed = self.claim().await?;
            if claimed.is_empty() {
                return Ok(sent);
            }
            for delivery in claimed {
                let now = self.time.now();
                if lanes.closed_for(now).is_some() {
                    self.store.settle(&[(delivery.claim, Settled::GivenBack)], now).await?;
                    continue;
                }
                if let Way::Closed(until, reply) = lanes.way(&delivery, now) {
                    let waits = Settled::Waiting { due_at: Some(until), reply };
                    self.store.settle(&[(delivery.claim, waits)], now).await?;
                    continue;
                }
                sent += 1;
                let parcel = self.parcel(&mut None, &delivery).await?;
                let leave = Leave::until(until);
                let tried = attempt(None, self.transport.clone(), delivery, leave, TRY_LONGEST, (parcel, None)).await;
                self.judge(tried, &mut settling, &mut lanes).await?;
            }
            settling.settle(self.time.now()).await?;
            if lanes.closed_for(self.time.now()).is_some() {
                return Ok(sent);
            }
        }
    }

    /// Gives back what was claimed and not tried.
    async fn give_back(&self, work: &mut Work) -> Result<()> {
        let untried: Vec<(Claim, Settled)> =
            work.waiting.iter().map(|delivery| (delivery.claim, Settled::GivenBack)).collect();
        self.store.settle(&untried, self.time.now()).await?;
        work.waiting.clear();
        Ok(())
    }

    /// Among several gateways, one that does not get through to the relay soon leaves the letter to another one.
    fn patience(&self) -> Duration {
        if self.store.is_shared() { PATIENCE } else { TRY_LONGEST }
    }

    /// No letter is kept from other gateways while this one finds out whether the relay can be reached again.
    async fn try_the_relay(&self, work: &mut Work, stop: &CancellationToken) -> Result<()> {
        let opened = tokio::select! {
            opened = timeout(PATIENCE, self.transport.open()) => opened,
            () = stop.cancelled() => return Ok(()),
        };
        let now = self.time.now();
        match opened {
            Ok(Ok(connection)) => {
                tracing::info!("The relay can be reached again");
                work.resting.push(connection);
                work.stands_back = None;
                if let Some(cause) = work.lanes.reached() {
                    self.store.hasten(&cause, now).await?;
                }
            }
            Ok(Err(obstacle)) => {
                work.stand_back();
                work.lanes.still_barred(&obstacle, now);
            }
            Err(_) => work.stand_back(),
        }
        match work.lanes.news(now) {
            Some(hindrances) => self.keep_hindrances(&hindrances).await,
            None => Ok(()),
        }
    }

    async fn claim(&self) -> Result<Vec<Delivery>> {
        self.store.claim_deliveries(CLAIMED, self.time.now(), lease()).await
    }

    /// Prolongs the claims of what is on its way, where it is time to. Those that others have taken run out.
    async fn renew_if_due(&self, work: &mut Work) -> Result<()> {
        if work.trying.is_empty() || work.renewed_at.elapsed() < RENEW_EVERY {
            return Ok(());
        }
        let asked = Instant::now();
        let held = self.store.renew_claims(&work.on_the_way.claims(), self.time.now(), lease()).await?;
        held.into_iter().for_each(|claim| work.on_the_way.prolong(claim, asked + LEASE));
        work.renewed_at = asked;
        Ok(())
    }

    async fn send_some(&self, work: &mut Work, stop: &CancellationToken) -> Result<()> {
        work.settling.settle_if_due(self.time.now()).await?;
        self.renew_if_due(work).await?;
        if !work.waiting.is_empty() && (work.claimed_at.elapsed() > WAIT_LONGEST || work.stands_back_for().is_some()) {
            self.give_back(work).await?;
        }
        self.heed_orders(work).await?;
        let mut closed_for = work.lanes.closed_for(self.time.now());
        if closed_for.is_some() && !work.waiting.is_empty() {
            self.give_back(work).await?;
        }
        let may_look = closed_for.is_none() && work.stands_back.is_some() && work.stands_back_for().is_none();
        if may_look && work.trying.is_empty() {
            self.try_the_relay(work, stop).await?;
            closed_for = work.lanes.closed_for(self.time.now());
        }
        if closed_for.is_none() && work.may_claim() {
            work.settling.settle(self.time.now()).await?;
            work.claimed_at = Instant::now();
            let claimed = self.claim().await?;
            work.waiting.extend(claimed.into_iter().filter(|delivery| !work.on_the_way.has(delivery.claim)));
        }
        let mut paced = None;
        let mut after_probe = false;
        while work.may_begin() && !work.waiting.is_empty() {
            let Some(delivery) = self.next_to_leave(work).await? else {
                after_probe = true;
                break;
            };
            paced = work.pace.wait();
            if paced.is_some() {
                work.lanes.not_tried(&delivery);
                work.waiting.push_front(delivery);
                break;
            }
            let parcel = match self.parcel(&mut work.last, &delivery).await {
                Ok(parcel) => parcel,
                Err(error) => {
                    work.lanes.not_tried(&delivery);
                    work.waiting.push_front(delivery);
                    return Err(error);
                }
            };
            let next = self.foreseen(work).await;
            if work.trying.is_empty() {
                work.renewed_at = Instant::now();
            }
            let leave = work.on_the_way.begin(delivery.claim, work.claimed_at + LEASE);
            work.youngest = Some((delivery.claim.delivery, Instant::now()));
            let patience = work.patience + Duration::from_millis(parcel.bytes.len() as u64 / BYTES_PER_MILLISECOND_MIN);
            let (connection, transport) = (work.resting.pop(), self.transport.clone());
            work.trying.spawn(attempt(connection, transport, delivery, leave, patience, (parcel, next)));
        }
        if work.trying.is_empty() && paced.is_none() {
            return self.rest(work, closed_for, stop).await;
        }
        if paced.is_none() && !after_probe && work.trying.len() < CONNECTIONS && !work.waiting.is_empty() {
            paced = work.youngest.map(|(_, began)| ONE_BY_ONE.saturating_sub(began.elapsed()));
        }
        let renew_in = RENEW_EVERY.saturating_sub(work.renewed_at.elapsed());
        let renew_in = (!work.trying.is_empty()).then_some(renew_in);
        let pause = paced.into_iter().chain(work.settling.due_in()).chain(renew_in).chain(work.stands_back_for()).min();
        let pause = async {
            match pause {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        let more = closed_for.is_none() && work.may_claim();
        let first = tokio::select! {
            tried = work.trying.join_next(), if !work.trying.is_empty() => tried,
            () = pause => None,
            () = self.hints.due.given(), if more => None,
            () = stop.cancelled() => None,
        };
        let mut ended: Vec<Tried> = first.into_iter().collect::<Result<_, _>>()?;
        while let Some(tried) = work.trying.try_join_next() {
            ended.push(tried?);
        }
        self.end(work, ended).await
    }

    /// Takes down how tries ended: each of them, also where one cannot be.
    async fn end(&self, work: &mut Work, ended: Vec<Tried>) -> Result<()> {
        let mut outcome = Ok(());
        for mut tried in ended {
            work.youngest = work.youngest.filter(|(youngest, _)| *youngest != tried.delivery.claim.delivery);
            tried.delivery.claim = work.on_the_way.end(tried.delivery.claim);
            work.resting.extend(tried.connection.take());
            if self.store.is_shared() {
                work.learn_of_the_relay(&mut tried);
            }
            outcome = outcome.and(self.judge(tried, &mut work.settling, &mut work.lanes).await);
        }
        if let Some(hindrances) = work.lanes.news(self.time.now()) {
            outcome = outcome.and(self.keep_hindrances(&hindrances).await);
        }
        outcome
    }

    async fn keep_hindrances(&self, hindrances: &[Hindrance]) -> Result<()> {
        self.store.keep_hindrances(&self.name, hindrances, self.time.now()).await
    }

    /// The first letter that may leave; it counts as begun. Those that something holds are put off with its cause. `None`
    /// where others find out first whether that is over.
    async fn next_to_leave(&self, work: &mut Work) -> Result<Option<Delivery>> {
        let now = self.time.now();
        let mut put_off = Vec::new();
        let mut next = None;
        let mut at = 0;
        while next.is_none()
            && let Some(delivery) = work.waiting.get(at)
        {
            match work.lanes.way(delivery, now) {
                Way::Open => next = work.waiting.remove(at),
                Way::AfterProbe => at += 1,
                Way::Closed(until, reply) => {
                    put_off.push((delivery.claim, Settled::Waiting { due_at: Some(until), reply }));
                    work.waiting.remove(at);
                }
            }
        }
        if !put_off.is_empty() {
            self.store.settle(&put_off, now).await?;
        }
        Ok(next)
    }

    /// An operator who mended something need not wait: `guichet outbox retry` and `resume` forget what was noted.
    async fn heed_orders(&self, work: &mut Work) -> Result<()> {
        if work.lanes.is_any_barred() && work.looked_for_orders.elapsed() >= LOOK_AGAIN {
            work.looked_for_orders = Instant::now();
            if !self.store.is_hindered(&self.name).await? {
                let now = self.time.now();
                for cause in work.lanes.try_now() {
                    self.store.hasten(&cause, now).await?;
                }
                self.keep_hindrances(&work.lanes.news(now).unwrap_or_default()).await?;
            }
        }
        Ok(())
    }

    /// Nothing is due, or nothing may leave for so long: until something does.
    async fn rest(&self, work: &mut Work, closed_for: Option<Duration>, stop: &CancellationToken) -> Result<()> {
        let now = self.time.now();
        let look_again = if self.store.is_shared() { LOOK_AGAIN_SHARED } else { LOOK_AGAIN };
        let next = match closed_for {
            Some(wait) => wait.min(look_again),
            None => self.store.next_due(now).await?.unwrap_or(look_again).min(look_again),
        };
        let wait = work.stands_back_for().map_or(next, |stands_back| next.max(stands_back));
        let rested = timeout(REST_LONGEST.min(wait.max(Duration::from_millis(5))), async {
            tokio::select! {
                () = self.hints.due.given(), if closed_for.is_none() => {}
                () = stop.cancelled() => {}
            }
        });
        if rested.await.is_err() && wait >= look_again {
            for connection in work.resting.drain(..) {
                connection.close().await;
            }
        }
        Ok(())
    }

    /// The letter that leaves next on the same connection, if nothing comes between. Which one does is found out when its
    /// turn comes.
    async fn foreseen(&self, work: &mut Work) -> Option<Parcel> {
        if !work.trying.is_empty() || work.lanes.is_any_barred() || !work.pace.has_leave() {
            return None;
        }
        self.parcel(&mut work.last, work.waiting.front()?).await.ok()
    }

    async fn parcel(&self, last: &mut Option<(LetterId, Arc<[u8]>)>, delivery: &Delivery) -> Result<Parcel> {
        let letter = &delivery.letter;
        let bytes = match last {
            Some((id, bytes)) if *id == letter.id => Arc::clone(bytes),
            _ => self.bytes_of(letter).await?,
        };
        *last = Some((letter.id, Arc::clone(&bytes)));
        let (return_path, recipients) = (delivery.return_path.clone(), [delivery.recipient.clone()]);
        Ok(Parcel { return_path, recipients, bytes })
    }

    /// The letter as it leaves, signed where somebody signs for its domain.
    pub(super) async fn bytes_of(&self, letter: &Arc<StoredLetter>) -> Result<Arc<[u8]>> {
        let bytes = self.whole(letter).await?;
        match signed(&self.signers, &bytes, letter.message_id.as_ref()) {
            Cow::Borrowed(_) => Ok(bytes),
            Cow::Owned(signed) => Ok(signed.into()),
        }
    }

    /// The whole letter. Attachments are cut out of the mails that they came with.
    async fn whole(&self, letter: &Arc<StoredLetter>) -> Result<Arc<[u8]>> {
        if letter.enclosures.is_empty() {
            return Ok(Arc::clone(&letter.bytes));
        }
        let mut cut: HashMap<(LedgerId, usize), Vec<u8>> = HashMap::new();
        let mut mails: HashMap<LedgerId, Vec<usize>> = HashMap::new();
        for placed in &letter.enclosures {
            mails.entry(placed.enclosure.ledger).or_default().push(placed.enclosure.index);
        }
        for (ledger, indexes) in mails {
            let raw = self.store.raw(ledger).await?.map(|raw| raw.bytes).unwrap_or_default();
            let bytes = mail::attachments_bytes(&raw, &indexes);
            cut.extend(indexes.into_iter().zip(bytes).filter_map(|(at, bytes)| Some(((ledger, at), bytes?))));
        }
        let cut = |enclosure: &Enclosure| cut.get(&(enclosure.ledger, enclosure.index));
        Ok(letters::enclose(&letter.bytes, &letter.enclosures, cut).into())
    }

    /// What a try means. An agent hears of a failure before it is settled: a crash in between tells twice.
    async fn judge(&self, mut tried: Tried, settling: &mut Settling, lanes: &mut Lanes) -> Result<()> {
        let now = self.time.now();
        if let Outcome::Barred { obstacle, of } = &tried.outcome {
            let reply = obstacle.cause();
            match lanes.barred(&tried.delivery, (obstacle, *of), tried.reached, now) {
                Verdict::Waits(due_at) => {
                    let due_at = due_at.or(Some(tried.delivery.due_at));
                    return settling.note(tried.delivery.claim, Settled::Waiting { due_at, reply }, now).await;
                }
                Verdict::Refused if obstacle.is_for_now() => tried.outcome = Outcome::Deferred { reply },
                Verdict::Refused => tried.outcome = Outcome::Refused { reply },
            }
        }
        for cause in lanes.ended(&tried.delivery, &tried.outcome) {
            self.store.hasten(&cause, now).await?;
        }
        let mut verdict = self.verdict(&tried, now);
        if let Outcome::TooLarge { reply, bytes_max } = &tried.outcome
            && self.lighten(&tried.delivery, *bytes_max).await?
        {
            verdict = Settled::Later { due_at: now, reply: reply.clone() };
        }
        let learned = match &verdict {
            Settled::Sent { reply, .. } => self.learn_message_id(&tried.delivery, reply).await,
            _ => Ok(()),
        };
        log_verdict(&tried, &verdict);
        if let Settled::Failed { reply, .. } = &verdict {
            self.tell_of_failure(&tried.delivery, reply).await?;
        }
        // What is sent is noted, whatever else cannot be.
        settling.note(tried.delivery.claim, verdict, now).await.and(learned)
    }

    fn verdict(&self, tried: &Tried, now: Timestamp) -> Settled {
        let delivery = &tried.delivery;
        let over = delivery.first_tried_at.is_some_and(|first| {
            Duration::try_from(now.duration_since(first)).is_ok_and(|tried| tried >= self.sending.give_up)
        });
        let waits = &self.sending.retry;
        let wait = waits[(delivery.attempts as usize).min(waits.len() - 1)];
        let due_at = SignedDuration::try_from(wait).ok().and_then(|wait| now.checked_add(wait).ok()).unwrap_or(now);
        match &tried.outcome {
            // Another gateway has it, or may reach the relay: this one stands back.
            Outcome::Deferred { .. } if tried.leave.has_run_out() => Settled::GivenBack,
            Outcome::Deferred { .. } if !tried.reached && self.store.is_shared() => Settled::GivenBack,
            Outcome::Sent { reply } => Settled::Sent { at: now, reply: reply.clone() },
            Outcome::Deferred { reply } if !over => Settled::Later { due_at, reply: reply.clone() },
            Outcome::InDoubt { reply } if !over => {
                let rested = SignedDuration::try_from(self.doubt_rests()).ok();
                let rested = rested.and_then(|rested| now.checked_add(rested).ok()).unwrap_or(now);
                Settled::InDoubt { due_at: due_at.max(rested), reply: reply.clone() }
            }
            Outcome::Deferred { reply }
            | Outcome::InDoubt { reply }
            | Outcome::Refused { reply }
            | Outcome::TooLarge { reply, .. } => Settled::Failed { at: now, reply: reply.clone() },
            Outcome::Barred { obstacle, .. } => Settled::Waiting { due_at: None, reply: obstacle.cause() },
        }
    }
}

fn lease() -> SignedDuration {
    SignedDuration::try_from(LEASE).unwrap_or_default()
}

/// Tries to hand a letter over. A relay that has not let it come to its end within `patience` does not get it: nothing of it
/// has left then.
async fn attempt(
    connection: Option<Connection>,
    transport: crate::smtp::Transport,
    delivery: Delivery,
    leave: Leave,
    patience: Duration,
    (parcel, next): (Parcel, Option<Parcel>),
) -> Tried {
    let began = Instant::now();
    let mut handing_over = Box::pin(hand_over(connection, &transport, &leave, &parcel, next.as_ref()));
    let (outcome, reached, connection) = match timeout(patience, &mut handing_over).await {
        Ok(ended) => ended,
        Err(_) if leave.take_back() => {
            let reply = format!("the relay did not take it within {} s", patience.as_secs());
            (Outcome::Deferred { reply }, false, None)
        }
        Err(_) => match timeout(TRY_LONGEST.saturating_sub(patience), &mut handing_over).await {
            Ok(ended) => ended,
            Err(_) => (Outcome::InDoubt { reply: "the relay took too long".to_owned() }, true, None),
        },
    };
    drop(handing_over);
    Tried { delivery, leave, outcome, reached, began, connection }
}

/// How it ended, whether the relay was reached, and the connection.
async fn hand_over(
    connection: Option<Connection>,
    transport: &crate::smtp::Transport,
    leave: &Leave,
    parcel: &Parcel,
    next: Option<&Parcel>,
) -> (Outcome, bool, Option<Connection>) {
    let opened = match connection {
        Some(connection) => Ok(connection),
        None => transport.open().await,
    };
    let mut connection = match opened {
        Ok(connection) => connection,
        Err(obstacle) => return (Outcome::Barred { obstacle, of: Barred::All }, false, None),
    };
    let outcomes = connection.send(leave, &parcel.letter(), next.map(Parcel::letter).as_ref()).await;
    let nothing = Outcome::Deferred { reply: "the relay said nothing of this recipient".to_owned() };
    let outcome = outcomes.into_iter().next().unwrap_or(nothing);
    if connection.is_cut_off() { (outcome, false, None) } else { (outcome, true, Some(connection)) }
}

fn log_verdict(tried: &Tried, verdict: &Settled) {
    let letter = &tried.delivery.letter;
    let purpose = letter.purpose.name();
    let what =
        letter.ticket.map_or_else(|| format!("{purpose} on no ticket"), |ticket| format!("{purpose} of {ticket}"));
    let message_id = letter.message_id.as_ref().map(mail::MessageId::as_str).unwrap_or_default();
    let reference = letter.ticket.map(|ticket| ticket.to_string()).unwrap_or_default();
    let id = tried.delivery.claim.delivery.0;
    match verdict {
        Settled::Sent { .. } => {
            LETTERS_SENT.count();
            tracing::info!(outbox.id = id, message_id, ticket.reference = reference, "The {what} is sent");
        }
        Settled::Later { due_at, reply } => {
            tracing::warn!(outbox.id = id, message_id, ticket.reference = reference, %due_at, reply, "The {what} is not sent yet: it is tried again at {due_at}");
        }
        Settled::InDoubt { due_at, reply } => {
            tracing::warn!(outbox.id = id, message_id, ticket.reference = reference, %due_at, reply, "The {what} may have been sent or not: it leaves once more, as the same message, at {due_at}");
        }
        Settled::Failed { reply, .. } => {
            DELIVERIES_FAILED.count();
            tracing::warn!(
                outbox.id = id,
                message_id,
                ticket.reference = reference,
                reply,
                "The {what} has failed: it is not tried again before 'guichet outbox retry {id}'"
            );
        }
        // What holds letters is told once, by its lane.
        Settled::Waiting { .. } | Settled::GivenBack => {}
    }
}
