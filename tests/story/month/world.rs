//! What outlives a gateway: time, the mailbox, the relay and the store; and what happens to them.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use guichet::demo::server::{Post, Servers, SmtpMishap, SmtpMoment};
use guichet::desk::LedgerId;
use guichet::gateway::{Gateway, TakenIn, TimeSource};
use guichet::smtp::{self, SentMail, Transport};
use guichet::store::{self, DeliveryLine, DeliveryState};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::chance::Chance;
use super::people;
use crate::client::Received;
use crate::configuration::Configuration;
use crate::house;

/// It is looked whenever something is due, and that often at least.
const STEP: SignedDuration = SignedDuration::from_hours(12);
/// More looks than that in a row are a circle.
const LOOKS_MAX: u32 = 20;
/// A gateway is killed after so many polls at most.
const POLLS_MAX: i64 = 120;

/// What the relay does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relay {
    Takes,
    /// Nobody listens.
    Away,
    /// It takes nothing for now.
    Busy,
    /// We have sent too much, it says.
    Quota,
    /// It takes letters, and is gone before it says so.
    BreaksOff,
}

/// A mail that was written, and what became of it at our door.
pub(super) struct Mailed {
    pub(super) raw: Vec<u8>,
    pub(super) from: String,
    pub(super) is_automatic: bool,
    pub(super) ledger: Option<LedgerId>,
}

impl Mailed {
    /// Its Message-ID, and who wrote it.
    pub(super) fn key(&self) -> (String, &str) {
        let text = String::from_utf8_lossy(&self.raw);
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: <")?.strip_suffix('>'));
        (id.unwrap_or_default().to_owned(), &self.from)
    }
}

/// A letter as it left, to one recipient; a copy of it is not listed again.
pub(super) struct Left {
    pub(super) to: String,
    pub(super) letter: Received,
}

/// How much happened.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) copies: usize,
    pub(super) restarts: usize,
    pub(super) kills: usize,
    pub(super) outages: usize,
    pub(super) jumps: usize,
    pub(super) days_down: i64,
}

pub(super) struct World {
    pub(super) gateway: Gateway,
    /// On a store that gateways share another one runs beside it.
    beside: Option<Gateway>,
    pub(super) chance: Chance,
    /// Of its own: how often there is work follows from how far a killed gateway had come.
    deaths: Chance,
    pub(super) mails: Vec<Mailed>,
    pub(super) left: Vec<Left>,
    pub(super) count: Count,
    /// When the machine's clock was last set.
    pub(super) last_jump: Option<Timestamp>,
    /// Where each recipient's letters stand in `left`.
    inboxes: HashMap<String, Vec<usize>>,
    url: String,
    sent: Arc<Mutex<Vec<SentMail>>>,
    post: Post,
    servers: Servers,
    relay: Relay,
    /// How much the machine's clock is ahead of true time.
    ahead: SignedDuration,
    /// Of each letter and recipient, how often it left.
    times: HashMap<(String, String), usize>,
    /// And how often it may have left once more: nobody knew that it had.
    unsure: HashMap<(String, String), usize>,
    seen_outside: usize,
    in_the_mailbox: Vec<(usize, Timestamp)>,
}

impl World {
    pub(super) async fn new(seed: u64, url: &str) -> World {
        let start: Timestamp = "2026-08-03T11:00:00Z".parse().unwrap();
        let sent = Arc::default();
        let post = Post::new("relay.test");
        let servers = Servers::start(post.clone()).await.unwrap();
        let gateway = house::gateway(url, people::policy(), Arc::clone(&sent), TimeSource::standing(start)).await;
        gateway.store.first_start(start).await.unwrap();
        let mut world = World {
            gateway,
            beside: None,
            chance: Chance::new(seed),
            deaths: Chance::new(!seed),
            mails: Vec::new(),
            left: Vec::new(),
            count: Count::default(),
            last_jump: None,
            inboxes: HashMap::new(),
            url: url.to_owned(),
            sent,
            post,
            servers,
            relay: Relay::Takes,
            ahead: SignedDuration::ZERO,
            times: HashMap::new(),
            unsure: HashMap::new(),
            seen_outside: 0,
            in_the_mailbox: Vec::new(),
        };
        world.begin().await;
        world
    }

    /// What the machine's clock shows.
    pub(super) fn now(&self) -> Timestamp {
        self.gateway.time.now()
    }

    pub(super) fn true_time(&self) -> Timestamp {
        self.now() - self.ahead
    }

    pub(super) fn inbox(&self, address: &str) -> &[usize] {
        self.inboxes.get(address).map_or(&[], Vec::as_slice)
    }

    /// Who wrote a mail, and what.
    pub(super) fn told(&self, ledger: LedgerId) -> String {
        let at = self.mails.iter().position(|mail| mail.ledger == Some(ledger)).unwrap();
        let mail = guichet::mail::parse(&self.mails[at].raw);
        format!("mail {at} by {} « {} »: {}", self.mails[at].from, mail.subject, mail.body.reply_text)
    }

    /// A gateway does at its start what `serve` does. Leases run out by PostgreSQL's own clock, which nobody sets here.
    async fn begin(&mut self) {
        let waits = [60, 300, 1_800, 7_200];
        self.gateway.sending.retry = waits.map(Duration::from_secs).into();
        self.gateway.transport = self.transport();
        self.gateway.store.forget_leases().await.unwrap();
        self.gateway.compute_anew().await.unwrap();
        if self.gateway.store.is_shared() {
            let time = self.gateway.time.clone();
            let mut beside = house::gateway(&self.url, people::policy(), Arc::clone(&self.sent), time).await;
            beside.sending.retry.clone_from(&self.gateway.sending.retry);
            beside.transport = self.transport();
            self.beside = Some(beside);
        }
    }

    /// The gateway ends, and another one goes on with its store and its clock.
    pub(super) async fn restart(&mut self) {
        self.count.restarts += 1;
        let time = self.gateway.time.clone();
        self.gateway.store.close().await;
        self.gateway = house::gateway(&self.url, people::policy(), Arc::clone(&self.sent), time).await;
        self.begin().await;
    }

    /// What is written waits in the mailbox until a gateway looks there.
    pub(super) fn write(&mut self, raw: Vec<u8>, from: &str, is_automatic: bool) {
        self.in_the_mailbox.push((self.mails.len(), self.true_time()));
        self.mails.push(Mailed { raw, from: from.to_owned(), is_automatic, ledger: None });
    }

    /// All that waits happens: mails are taken in, what is due is done, letters leave. Sometimes the gateway is killed at it.
    pub(super) async fn work(&mut self) {
        self.record().await;
        if self.deaths.one_in(80) {
            let polls = self.deaths.between(1, POLLS_MAX);
            self.count.kills += 1;
            let ended = Box::pin(cut_short(work(&self.gateway), polls)).await;
            self.restart().await;
            self.collect().await;
            if ended.is_none() {
                self.may_leave_again(|_| true).await;
            }
        }
        match &self.beside {
            Some(beside) if self.deaths.one_in(2) => {
                Box::pin(async { tokio::join!(work(&self.gateway), work(beside)) }).await;
            }
            _ => work(&self.gateway).await,
        }
        self.collect().await;
        let next = self.gateway.store.next_look().await.unwrap();
        assert!(next.is_none_or(|at| at > self.now()), "looked, and it is still time to look: {next:?}");
    }

    async fn record(&mut self) {
        let waiting = std::mem::take(&mut self.in_the_mailbox);
        let now = self.now();
        let received: Vec<store::Received> = waiting.iter().map(|(at, date)| self.received(*at, *date, now)).collect();
        let ledger = self.gateway.store.record(&received).await.unwrap();
        for ((at, _), ledger) in waiting.into_iter().zip(ledger) {
            self.mails[at].ledger = ledger;
            assert!(ledger.is_some(), "a message is recorded once");
        }
    }

    fn received(&self, at: usize, internal_date: Timestamp, now: Timestamp) -> store::Received {
        let raw = &self.mails[at].raw;
        store::Received {
            mailbox: "support".to_owned(),
            uid: Some((1, u32::try_from(at + 1).unwrap())),
            raw: raw.as_slice().into(),
            raw_sha256: Some(Sha256::digest(raw).into()),
            size: raw.len() as u64,
            internal_date,
            received_at: now,
            answered: false,
        }
    }

    /// Reads what has left since.
    async fn collect(&mut self) {
        let mut sent: Vec<SentMail> = std::mem::take(&mut *self.sent.lock().unwrap());
        let outside = self.post.outside();
        for (to, raw) in &outside[self.seen_outside..] {
            sent.push(SentMail { return_path: None, recipients: vec![to.clone()], bytes: raw.to_vec() });
        }
        self.seen_outside = outside.len();
        for one in sent {
            let to = one.recipients[0].to_string();
            let letter = Received::new(one.bytes);
            let times = self.times.entry((letter.id(), to.clone())).or_default();
            *times += 1;
            if *times == 1 {
                self.inboxes.entry(to.clone()).or_default().push(self.left.len());
                self.left.push(Left { to, letter });
            } else {
                self.count.copies += 1;
                let first = self.left.iter().find(|left| left.to == to && left.letter.id() == letter.id()).unwrap();
                assert!(first.letter.bytes == letter.bytes, "a copy has the same bytes: {}", letter.id());
            }
        }
        if self.relay == Relay::BreaksOff {
            self.may_leave_again(|line| line.state == DeliveryState::InDoubt).await;
        }
    }

    /// Of these letters the gateway does not know that they have left.
    async fn may_leave_again(&mut self, which: impl Fn(&DeliveryLine) -> bool) {
        for line in self.gateway.store.unsent(Timestamp::MAX).await.unwrap().into_iter().filter(which) {
            let Some(id) = line.message_id else { continue };
            let key = (id.as_str().to_owned(), line.recipient.to_string());
            if let Some(times) = self.times.get(&key) {
                self.unsure.insert(key, *times);
            }
        }
    }

    /// No letter has left more often than once, and once more wherever nobody knew that it had.
    pub(super) fn copies_are_owed_to_mishaps(&self) {
        for (key, times) in &self.times {
            let allowed = 1 + self.unsure.get(key).copied().unwrap_or_default();
            assert!(*times <= allowed, "{key:?} left {times} times, {allowed} at most");
        }
    }

    /// Time goes by, and what falls due meanwhile happens when it does.
    pub(super) async fn go_on(&mut self, by: SignedDuration) {
        let until = self.now() + by;
        while self.now() < until {
            self.step(until).await;
            self.work().await;
        }
    }

    /// As [`World::go_on`] while nothing fails.
    pub(super) async fn go_on_quietly(&mut self, by: SignedDuration) {
        let until = self.now() + by;
        while self.now() < until {
            self.step(until).await;
            work(&self.gateway).await;
            self.collect().await;
        }
    }

    async fn step(&mut self, until: Timestamp) {
        let now = self.now();
        let look = self.gateway.store.next_look().await.unwrap().filter(|at| *at > now);
        let due = self.gateway.store.next_due(now).await.unwrap().filter(|wait| !wait.is_zero());
        let due = due.map(|wait| now + SignedDuration::try_from(wait).unwrap());
        let next = [Some(until), Some(now + STEP), look, due].into_iter().flatten().min().unwrap();
        self.gateway.time.advance(now.duration_until(next));
    }

    /// Nobody runs a gateway for so long. Meanwhile mail comes.
    pub(super) fn stay_down(&mut self, by: SignedDuration) {
        self.gateway.time.advance(by);
    }

    /// Somebody sets the machine's clock; the gateway runs on, or is started again.
    pub(super) async fn set_clock(&mut self, by: SignedDuration) {
        self.count.jumps += 1;
        self.ahead += by;
        let before = self.now();
        self.gateway.time.advance(by);
        self.last_jump = self.last_jump.max(Some(before)).max(Some(self.now()));
        if self.chance.one_in(2) {
            self.restart().await;
        } else if by.is_negative() {
            // As the loop does that sees it.
            self.gateway.store.look_at_all(self.now()).await.unwrap();
        }
        self.work().await;
    }

    /// Somebody sets the machine's clock right again.
    pub(super) async fn set_clock_right(&mut self) {
        if !self.ahead.is_zero() {
            self.set_clock(-self.ahead).await;
        }
    }

    pub(super) fn relay(&mut self, relay: Relay) {
        self.relay = relay;
        let mishaps = self.servers.mishaps();
        mishaps.clear();
        let say = |code, text: &str| SmtpMishap::Reply(code, text.to_owned());
        match relay {
            Relay::Takes | Relay::Away => {}
            Relay::Busy => mishaps.smtp_lasting(SmtpMoment::EndOfData, say(451, "4.3.0 Try again later")),
            Relay::Quota => mishaps.smtp_lasting(SmtpMoment::Mail, say(450, "4.7.28 Too much mail from you")),
            Relay::BreaksOff => {
                for _ in 0..self.chance.between(1, 3) {
                    mishaps.smtp(SmtpMoment::EndOfData, SmtpMishap::AcceptThenDrop);
                }
            }
        }
        self.count.outages += usize::from(relay != Relay::Takes);
        self.gateway.transport = self.transport();
        if let Some(beside) = &mut self.beside {
            beside.transport = self.gateway.transport.clone();
        }
    }

    fn transport(&self) -> Transport {
        let port = match self.relay {
            Relay::Takes => return Transport::Memory(Arc::clone(&self.sent)),
            Relay::Away => 1,
            Relay::Busy | Relay::Quota | Relay::BreaksOff => self.servers.smtp().port(),
        };
        Transport::Smtp(smtp_at(port))
    }
}

fn smtp_at(port: u16) -> smtp::Settings {
    let no_login = Configuration::new().without_key("[smtp]", "user").without_key("[smtp]", "password");
    no_login.with_ports(1, port).read().smtp
}

async fn work(gateway: &Gateway) {
    while gateway.take_in().await.unwrap() != TakenIn::Nothing {}
    let mut looks = 0;
    while gateway.look().await.unwrap() > 0 {
        looks += 1;
        assert!(looks < LOOKS_MAX, "what is due is done, and is due again");
    }
    gateway.send_all_due().await.unwrap();
}

/// Polls work so often at most and drops it where it stands then, as a killed program leaves it; `None`: it had not ended.
async fn cut_short<F: Future>(work: F, polls: i64) -> Option<F::Output> {
    let mut work = pin!(work);
    let mut left = polls;
    poll_fn(|context| {
        left -= 1;
        if left < 0 { Poll::Ready(None) } else { work.as_mut().poll(context).map(Some) }
    })
    .await
}
