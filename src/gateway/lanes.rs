//! What keeps letters from leaving though nothing is wrong with them: the relay cannot be reached, it refuses our login,
//! our quota is used up, or it does not take mail from one of our addresses.
//!
//! Then no letter fails. The lane is barred, of all letters or of those with that return path; after waits that grow one
//! letter finds out whether it is over, and then the others follow in order.
//!
//! A relay may pass on what another server thinks of us, and refuse one letter with words that are about the sender. So a
//! letter that is refused again is followed by one to somebody else: where that one is taken, again and again, the
//! refusal was about the letter.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::time::Duration;

use jiff::Timestamp;

use super::trouble::{Told, Wait, Waits};
use crate::mail::Address;
use crate::net::{Obstacle, What};
use crate::smtp::{Barred, Outcome};
use crate::store::{Delivery, DeliveryId, Hindrance};

/// A letter that is refused while so many others are taken is itself what the refusal is about.
const TAKEN_BESIDE_MAX: u32 = 2;

/// So many letters to others are tried while a letter that was refused again waits: more than one may be at fault.
const OTHERS: u32 = 3;

/// Which letters wait together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Lane {
    All,
    /// Letters of one return path; `None` is `<>`.
    Sender(Option<Address>),
}

/// What keeps the letters of a lane from leaving.
#[derive(Debug)]
struct Bar {
    obstacle: Obstacle,
    since: Timestamp,
    wait: Wait,
    /// The letter that is on its way to find out whether the obstacle is over.
    probe: Option<DeliveryId>,
    /// Letters that were refused since, and to whom.
    refused: HashMap<DeliveryId, Address>,
    /// So many letters to somebody else may go, to find out whether the refusals are about the letters that were refused.
    others: u32,
    /// How often such letters were wanted: at first they have to be to another domain, then to another recipient.
    wanted: u32,
}

/// All that is barred.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    barred: HashMap<Lane, Bar>,
    /// How often others were taken while this letter was refused.
    taken_beside: HashMap<DeliveryId, u32>,
    told: Told<(Lane, Discriminant<What>)>,
    changed: bool,
}

/// Whether a letter may leave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    Open,
    /// When another letter of the lane, which is on its way, has found out whether it is open.
    AfterProbe,
    /// Not before this moment, for this reason.
    Closed(Timestamp, String),
}

/// What becomes of a letter that was barred.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It waits until then; `None`: where it stands, for nothing leaves.
    Waits(Option<Timestamp>),
    /// The refusal is about this letter alone after all.
    Refused,
}

impl Lanes {
    /// How long nothing may leave at all.
    pub(super) fn closed_for(&self, now: Timestamp) -> Option<Duration> {
        let bar = self.barred.get(&Lane::All)?;
        bar.wait.left(now).filter(|_| bar.others == 0)
    }

    /// Whether anything is barred.
    pub(super) fn is_any_barred(&self) -> bool {
        !self.barred.is_empty()
    }

    /// Whether this letter may leave now. One that finds out whether a lane is open counts as on its way.
    pub(super) fn way(&mut self, delivery: &Delivery, now: Timestamp) -> Way {
        let id = delivery.claim.delivery;
        let lanes = lanes_of(delivery);
        for lane in &lanes {
            let Some(bar) = self.barred.get(lane) else { continue };
            if bar.probe.is_some() {
                return Way::AfterProbe;
            }
            let refutes = bar.others > 0 && bar.refutes(delivery);
            if bar.wait.left(now).is_some() && !refutes {
                return Way::Closed(bar.wait.until(now), bar.obstacle.cause());
            }
        }
        for lane in &lanes {
            if let Some(bar) = self.barred.get_mut(lane) {
                bar.probe = Some(id);
                let is_other = !bar.refused.contains_key(&id);
                bar.others = if is_other { bar.others.saturating_sub(1) } else { 0 };
            }
        }
        Way::Open
    }

    /// A letter that could have left did not begin to.
    pub(super) fn not_tried(&mut self, delivery: &Delivery) {
        for bar in self.barred.values_mut().filter(|bar| bar.probe == Some(delivery.claim.delivery)) {
            bar.probe = None;
        }
    }

    /// A try ended otherwise than by something that bars more than one letter. Returns the causes of what is over.
    pub(super) fn ended(&mut self, delivery: &Delivery, outcome: &Outcome) -> Vec<String> {
        self.not_tried(delivery);
        match outcome {
            // It tells nothing of the lane: the next one finds out.
            Outcome::Deferred { .. } | Outcome::InDoubt { .. } | Outcome::Barred { .. } => return Vec::new(),
            Outcome::Sent { .. } | Outcome::Refused { .. } | Outcome::TooLarge { .. } => {}
        }
        let is_sent = matches!(outcome, Outcome::Sent { .. });
        let mut over = Vec::new();
        for lane in lanes_of(delivery) {
            let Some(bar) = self.barred.remove(&lane) else { continue };
            tracing::info!(held_since = %bar.since, "The relay takes letters again");
            for id in bar.refused.into_keys().filter(|id| is_sent && *id != delivery.claim.delivery) {
                *self.taken_beside.entry(id).or_default() += 1;
            }
            over.push(bar.obstacle.cause());
            self.changed = true;
        }
        if self.barred.is_empty() {
            self.told.forget();
        }
        self.taken_beside.remove(&delivery.claim.delivery);
        over
    }

    /// A try ended at something that bars more than one letter. Where the relay `heard_it`, it may err: what it says of all may
    /// be about this one.
    pub(super) fn barred(
        &mut self,
        delivery: &Delivery,
        (obstacle, of): (&Obstacle, Barred),
        heard_it: bool,
        now: Timestamp,
    ) -> Verdict {
        self.not_tried(delivery);
        let id = delivery.claim.delivery;
        let lane = match of {
            Barred::All => Lane::All,
            Barred::Sender => Lane::Sender(delivery.return_path.clone()),
        };
        if heard_it && self.taken_beside.get(&id).is_some_and(|taken| *taken >= TAKEN_BESIDE_MAX) {
            return Verdict::Refused;
        }
        if of == Barred::Sender {
            // The relay heard us out, whatever kept it from that before.
            self.barred.remove(&Lane::All);
        }
        let bar = self.barred.entry(lane.clone()).or_insert_with(|| Bar {
            obstacle: obstacle.clone(),
            since: now,
            wait: Wait::default(),
            probe: None,
            refused: HashMap::new(),
            others: 0,
            wanted: 0,
        });
        // Letters that were on their way together are one attempt.
        if bar.wait.left(now).is_none() || discriminant(bar.obstacle.what()) != discriminant(obstacle.what()) {
            bar.wait.grow(Waits::of(obstacle), now);
        }
        bar.obstacle = obstacle.clone();
        if heard_it && bar.refused.insert(id, delivery.recipient.clone()).is_some() {
            bar.others = OTHERS;
            bar.wanted += 1;
        }
        let until = bar.wait.until(now);
        self.changed = true;
        if self.told.is_news((lane, discriminant(obstacle.what())), now) {
            tell(obstacle, until);
        }
        Verdict::Waits((of == Barred::Sender).then_some(until))
    }

    /// The relay lets us in again, as was found out without a letter. Returns the cause of what is over.
    pub(super) fn reached(&mut self) -> Option<String> {
        let bar = self.barred.remove(&Lane::All)?;
        self.changed = true;
        Some(bar.obstacle.cause())
    }

    /// The relay still keeps all out, as was found out without a letter.
    pub(super) fn still_barred(&mut self, obstacle: &Obstacle, now: Timestamp) {
        let Some(bar) = self.barred.get_mut(&Lane::All) else { return };
        bar.wait.grow(Waits::of(obstacle), now);
        bar.obstacle = obstacle.clone();
        let until = bar.wait.until(now);
        self.changed = true;
        if self.told.is_news((Lane::All, discriminant(obstacle.what())), now) {
            tell(obstacle, until);
        }
    }

    /// The operator wants to know now whether it is over. Returns the causes.
    pub(super) fn try_now(&mut self) -> Vec<String> {
        self.barred.values_mut().for_each(|bar| bar.wait.cut_short());
        self.changed = true;
        self.barred.values().map(|bar| bar.obstacle.cause()).collect()
    }

    /// What is to be written down of it, where that has changed.
    pub(super) fn news(&mut self, now: Timestamp) -> Option<Vec<Hindrance>> {
        let hindrance = |(lane, bar): (&Lane, &Bar)| Hindrance {
            since: bar.since,
            next_try: bar.wait.until(now),
            return_path: match lane {
                Lane::All => None,
                Lane::Sender(path) => Some(path.as_ref().map(ToString::to_string).unwrap_or_default()),
            },
            cause: bar.obstacle.cause(),
            remedy: bar.obstacle.remedy(),
        };
        let mut hindrances: Vec<Hindrance> =
            std::mem::take(&mut self.changed).then(|| self.barred.iter().map(hindrance).collect())?;
        hindrances.sort_by_key(|hindrance| hindrance.since);
        Some(hindrances)
    }
}

impl Bar {
    /// Whether this letter would show that it is the others.
    fn refutes(&self, delivery: &Delivery) -> bool {
        let recipient = &delivery.recipient;
        let is_like = |refused: &Address| match self.wanted > 1 {
            true => refused.is(recipient),
            false => refused.domain() == recipient.domain(),
        };
        !self.refused.contains_key(&delivery.claim.delivery) && !self.refused.values().any(is_like)
    }
}

fn lanes_of(delivery: &Delivery) -> [Lane; 2] {
    [Lane::All, Lane::Sender(delivery.return_path.clone())]
}

fn tell(obstacle: &Obstacle, next_try: Timestamp) {
    let (error, remedy) = (obstacle.cause(), obstacle.remedy());
    if obstacle.needs_operator() {
        tracing::error!(error, remedy, %next_try, "Letters wait: {error}. {remedy}");
    } else {
        tracing::warn!(error, remedy, %next_try, "Letters wait: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::desk::Purpose;
    use crate::net::{Protocol, Server, Tls};
    use crate::store::{Claim, Class, LetterId, StoredLetter};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn delivery(id: i64, return_path: &str, recipient: &str) -> Delivery {
        let letter = StoredLetter {
            id: LetterId(id),
            ticket: None,
            number: id,
            purpose: Purpose::Answer,
            message_id: None,
            bytes: Arc::default(),
            enclosures: Vec::new(),
        };
        Delivery {
            claim: Claim { delivery: DeliveryId(id), number: 1 },
            letter: Arc::new(letter),
            recipient: recipient.parse().unwrap(),
            return_path: return_path.parse().ok(),
            class: Class::Human,
            attempts: 0,
            first_tried_at: None,
            due_at: at(0),
            in_doubt: false,
        }
    }

    fn from_support(id: i64) -> Delivery {
        delivery(id, "support@desk.test", &format!("marie@client{id}.test"))
    }

    fn obstacle(what: What) -> Obstacle {
        let server =
            Server { protocol: Protocol::Smtp, host: "mx.test".to_owned(), port: 25, tls: Tls::None, ca_file: None };
        Obstacle::new(&server, what)
    }

    fn not_you() -> Obstacle {
        obstacle(What::SenderRefused("support@desk.test".to_owned(), "550 5.7.1 not you".to_owned()))
    }

    fn sent() -> Outcome {
        Outcome::Sent { reply: "250 kept".to_owned() }
    }

    fn is_closed(way: &Way) -> bool {
        matches!(way, Way::Closed(..))
    }

    #[test]
    fn a_refused_sender_waits_and_the_other_goes_on() {
        let mut lanes = Lanes::default();
        assert_eq!(lanes.way(&from_support(1), at(0)), Way::Open);
        let verdict = lanes.barred(&from_support(1), (&not_you(), Barred::Sender), true, at(0));
        assert_eq!(verdict, Verdict::Waits(Some(at(30))));
        assert!(is_closed(&lanes.way(&from_support(2), at(29))));
        for other in [delivery(3, "sales@desk.test", "paul@client.test"), delivery(4, "<>", "paul@client.test")] {
            assert_eq!(lanes.way(&other, at(29)), Way::Open);
        }
        assert_eq!(lanes.closed_for(at(29)), None);
        let told = lanes.news(at(1)).unwrap();
        assert_eq!(
            (told.len(), told[0].return_path.as_deref(), told[0].next_try),
            (1, Some("support@desk.test"), at(30))
        );
        assert_eq!(lanes.news(at(1)), None);
    }

    #[test]
    fn one_letter_finds_out_whether_it_is_over_and_the_others_follow() {
        let mut lanes = Lanes::default();
        lanes.barred(&from_support(1), (&not_you(), Barred::Sender), true, at(0));
        assert_eq!(lanes.way(&from_support(1), at(30)), Way::Open);
        assert_eq!(lanes.way(&from_support(2), at(30)), Way::AfterProbe);
        assert_eq!(lanes.ended(&from_support(1), &sent()).len(), 1);
        assert_eq!(lanes.way(&from_support(2), at(31)), Way::Open);
        assert_eq!(lanes.way(&from_support(3), at(31)), Way::Open);
        assert_eq!(lanes.news(at(31)), Some(Vec::new()));
    }

    #[test]
    fn what_is_not_tried_or_tells_nothing_leaves_the_finding_out_to_the_next() {
        let mut lanes = Lanes::default();
        lanes.barred(&from_support(1), (&not_you(), Barred::Sender), true, at(0));
        assert_eq!(lanes.way(&from_support(1), at(30)), Way::Open);
        lanes.not_tried(&from_support(1));
        assert_eq!(lanes.way(&from_support(2), at(30)), Way::Open);
        lanes.ended(&from_support(2), &Outcome::Deferred { reply: "451 later".to_owned() });
        assert_eq!(lanes.way(&from_support(3), at(30)), Way::Open);
        assert_eq!(lanes.way(&from_support(4), at(30)), Way::AfterProbe);
    }

    #[test]
    fn nothing_leaves_where_the_login_is_refused_and_waits_grow() {
        let mut lanes = Lanes::default();
        let refused = obstacle(What::LoginRefused("535 5.7.8 wrong".to_owned()));
        let mut now = at(0);
        for wait in [30, 60, 120, 240, 480, 900, 900] {
            assert_eq!(lanes.barred(&from_support(1), (&refused, Barred::All), false, now), Verdict::Waits(None));
            // Letters that were on their way together are one attempt.
            lanes.barred(&from_support(2), (&refused, Barred::All), false, now);
            assert_eq!(lanes.closed_for(now), Some(Duration::from_secs(wait)));
            now += jiff::SignedDuration::from_secs(i64::try_from(wait).unwrap());
        }
        lanes.try_now();
        assert_eq!(lanes.closed_for(now), None);
        let away = obstacle(What::PortClosed);
        let mut lanes = Lanes::default();
        for seconds in 0..60 {
            lanes.barred(&from_support(1), (&away, Barred::All), false, at(seconds * 30));
            assert!(lanes.closed_for(at(seconds * 30)).unwrap() <= Duration::from_secs(20));
        }
    }

    #[test]
    fn a_letter_that_is_refused_while_others_are_taken_is_at_fault_itself() {
        // Also where the relay says that nobody may send anything.
        let quota = obstacle(What::QuotaReached("550 5.7.28 too much".to_owned()));
        for (obstacle, of) in [(not_you(), Barred::Sender), (quota, Barred::All)] {
            a_culprit_is_found((&obstacle, of));
        }
    }

    #[test]
    fn a_letter_to_a_neighbour_finds_out_where_there_is_none_to_another_domain() {
        let (mut lanes, mut now) = (Lanes::default(), at(0));
        let to = |id: i64, whom: &str| delivery(id, "support@desk.test", &format!("{whom}@college.test"));
        for times in 1..=3 {
            let culprit = to(1, "marie");
            assert_eq!(lanes.way(&culprit, now), Way::Open);
            lanes.barred(&culprit, (&not_you(), Barred::Sender), true, now);
            assert!(is_closed(&lanes.way(&to(2, "marie"), now)), "to the same");
            let way = lanes.way(&to(3, "paul"), now);
            assert_eq!(way == Way::Open, times == 3, "{way:?}");
            let Way::Closed(until, _) = lanes.way(&to(2, "marie"), now) else { break };
            now = until;
        }
        // Where that one is refused as well, the next neighbour need not wait.
        lanes.barred(&to(3, "paul"), (&not_you(), Barred::Sender), true, now);
        assert!(is_closed(&lanes.way(&to(4, "paul"), now)), "to the same");
        assert_eq!(lanes.way(&to(5, "luc"), now), Way::Open);
        assert_eq!(lanes.ended(&to(5, "luc"), &sent()).len(), 1);
    }

    fn a_culprit_is_found(refusal: (&Obstacle, Barred)) {
        let mut lanes = Lanes::default();
        let culprit = from_support(1);
        let mut now = at(0);
        let mut other = 1;
        for _ in 0..TAKEN_BESIDE_MAX {
            for _ in 0..2 {
                assert_eq!(lanes.way(&culprit, now), Way::Open);
                assert!(matches!(lanes.barred(&culprit, refusal, true, now), Verdict::Waits(_)));
                let way = lanes.way(&culprit, now);
                let Way::Closed(until, _) = way else { panic!("{way:?}") };
                if other % 2 == 0 {
                    assert_eq!(lanes.closed_for(now), None);
                    assert_eq!(lanes.way(&from_support(100 + other), now), Way::Open, "it finds out who is at fault");
                    assert_eq!(lanes.ended(&from_support(100 + other), &sent()).len(), 1);
                }
                other += 1;
                now = until;
            }
        }
        assert_eq!(lanes.barred(&culprit, refusal, true, now), Verdict::Refused);
    }
}
