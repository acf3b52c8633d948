//! What holds at every midnight, and once all is quiet. `ARCHITECTURE.md` names it under "What always holds".

use std::collections::{BTreeMap, BTreeSet, HashMap};

use guichet::desk::{
    Audience, ClockName, ClockState, Event, Happened, LedgerId, Outcome, PendingReason, Purpose, State, Ticket,
    TicketNumber, VendorCase,
};
use guichet::store::{DeliveryState, LedgerFilter, Position, TicketShown};
use jiff::Timestamp;

use super::moves::{Written, words_in};
use super::world::{Mailed, World};
use crate::cast::{ACME, ALICE, BOB, L2, LUC};
use crate::clock_laws::thresholds_are_told_once_and_never_of_a_ticket_that_waits;
use crate::clocks;
use crate::laws::readers;

/// In quiet weeks nobody hears more often than that of one ticket.
const QUIET_LETTERS_MAX: usize = 8;
/// Rows of the history that are read at a time.
const PAGE: usize = 10_000;

/// What is known of the tickets, and how far it was looked at.
#[derive(Default)]
pub(super) struct Books {
    pub(super) tickets: BTreeMap<TicketNumber, TicketShown>,
    letters: HashMap<String, (TicketNumber, Audience, Purpose)>,
    read_to: Position,
    rows: usize,
    traced: BTreeSet<LedgerId>,
    left: usize,
}

impl Books {
    /// Looks at what has changed since the last time.
    pub(super) async fn check(&mut self, world: &World) {
        let changed = self.positions_rise(world).await;
        for number in changed {
            let shown = world.gateway.store.ticket(number).await.unwrap().unwrap();
            is_the_fold_of_its_history(&shown);
            thresholds_are_told_once_and_never_of_a_ticket_that_waits(&shown.history, shown.ticket.opened_at);
            self.keep_letters(&shown);
            self.tickets.insert(number, shown);
        }
        self.what_has_run_and_paused_is_all_working_time(world);
        self.every_mail_has_its_end_and_a_trace(world).await;
        self.what_left_is_known_and_for_its_reader(world);
    }

    /// One order of all that happened: positions rise, and every row of every ticket stands in it once.
    async fn positions_rise(&mut self, world: &World) -> BTreeSet<TicketNumber> {
        let mut changed = BTreeSet::new();
        loop {
            let lines = world.gateway.store.history_since(self.read_to, PAGE).await.unwrap();
            for line in &lines {
                assert!(line.position > self.read_to, "{line:?} does not stand behind {:?}", self.read_to);
                self.read_to = line.position;
                self.rows += 1;
                changed.insert(line.ticket);
            }
            if lines.len() < PAGE {
                return changed;
            }
        }
    }

    fn keep_letters(&mut self, shown: &TicketShown) {
        for letter in &shown.letters {
            let id = letter.message_id.as_ref().unwrap().as_str().to_owned();
            let known = (shown.ticket.number, letter.audience.clone(), letter.purpose);
            let before = self.letters.insert(id.clone(), known.clone());
            assert!(before.is_none_or(|before| before == known), "{id} is two letters");
        }
    }

    fn what_has_run_and_paused_is_all_working_time(&self, world: &World) {
        let calendar = clocks::calendar();
        for TicketShown { ticket, history, .. } in self.tickets.values() {
            let never_over = !history.iter().any(|happened| is_an_end(&happened.event));
            let is_steady = world.last_jump.is_none_or(|jump| ticket.opened_at > jump);
            if !never_over || !is_steady {
                continue;
            }
            for clock in ticket.clocks.iter().filter(|clock| clock.name == ClockName::Ttr) {
                assert_ne!(clock.state, ClockState::Stopped, "{}: {clock:?}", ticket.number);
                let now = world.now();
                let counted = clock.run_ms_at(&calendar, now) + clock.paused_ms_at(&calendar, now);
                let worked = i64::try_from(calendar.between(ticket.opened_at, now).as_millis()).unwrap();
                assert_eq!(counted, worked, "{}: {clock:?}", ticket.number);
            }
        }
    }

    async fn every_mail_has_its_end_and_a_trace(&mut self, world: &World) {
        let lines = world.gateway.store.ledger(&LedgerFilter::default()).await.unwrap();
        assert_eq!(
            lines.len(),
            world.mails.iter().filter(|mail| mail.ledger.is_some()).count(),
            "each mail is one row"
        );
        for line in lines.into_iter().filter(|line| line.outcome.is_none() || self.traced.insert(line.id)) {
            let Some(outcome) = &line.outcome else { panic!("{} still waits", world.told(line.id)) };
            if let Outcome::Ticket(number) = outcome {
                // Read anew: what only asks has a letter and no event.
                let shown = world.gateway.store.ticket(*number).await.unwrap().unwrap();
                let named = format!("\"ledger\":{}", line.id.0);
                let is_traced = shown.history.iter().any(|happened| {
                    Some(happened.at) == line.decided_at
                        || serde_json::to_string(&happened.event).unwrap().contains(&named)
                });
                let is_entered = shown.entries.iter().any(|shown| shown.entry.ledger == Some(line.id));
                assert!(is_traced || is_entered, "{number} knows nothing of mail {}: {}", line.id, world.told(line.id));
            }
        }
    }

    /// Every letter that has left since the last look.
    fn what_left_is_known_and_for_its_reader(&mut self, world: &World) {
        let families = self.families();
        let family = |number: TicketNumber| families.get(&number).copied().unwrap_or(number);
        let desk = [ALICE.address, BOB.address, L2, LUC.address, clocks::CLAIRE, clocks::ON_CALL];
        world.copies_are_owed_to_mishaps();
        let automatic: BTreeSet<(String, &str)> =
            world.mails.iter().filter(|mail| mail.is_automatic).map(Mailed::key).collect();
        for left in &world.left[self.left..] {
            let letter = &left.letter;
            let known = self.letters.get(&letter.id());
            let audience = known.map_or(&Audience::Desk, |(_, audience, _)| audience);
            let of: Vec<&TicketShown> = known.map_or(Vec::new(), |(number, ..)| {
                self.tickets.values().filter(|shown| family(shown.ticket.number) == family(*number)).collect()
            });
            let says = || format!("{known:?} to {}: {}\n{}", left.to, letter.mail.subject, letter.mail.body.text);
            match audience {
                Audience::Desk => assert!(desk.contains(&left.to.as_str()), "{}", says()),
                Audience::Vendor(_) => assert_eq!(left.to, ACME, "{}", says()),
                Audience::Requester => {
                    let readers: BTreeSet<String> = of.iter().flat_map(|shown| readers(shown)).collect();
                    assert!(readers.contains(&left.to), "{}", says());
                }
            }
            let text = format!("{} {} {}", letter.mail.subject, letter.mail.body.text, letter.mail.body.html_text());
            let published =
                of.iter().any(|shown| shown.history.iter().any(|one| matches!(one.event, Event::Published { .. })));
            for (written, mail) in words_in(&text) {
                let may_read = match (written, audience) {
                    (_, Audience::Desk) => true,
                    (Written::Answer, Audience::Requester) => true,
                    (Written::ByVendor, Audience::Requester) => published,
                    (Written::ToVendor | Written::ByVendor, Audience::Vendor(_)) => true,
                    _ => false,
                };
                assert!(may_read, "{written:?} of mail {mail} crossed: {}", says());
            }
            let answers = letter
                .mail
                .in_reply_to
                .iter()
                .any(|id| automatic.contains(&(id.as_str().to_owned(), left.to.as_str())));
            let by_itself = known.is_some_and(|(_, _, purpose)| is_by_itself(*purpose));
            assert!(!(answers && by_itself), "automatic mail was answered: {}", says());
        }
        self.left = world.left.len();
        self.each_mail_is_acknowledged_once(world);
    }

    fn each_mail_is_acknowledged_once(&self, world: &World) {
        let mut acknowledged = BTreeSet::new();
        for left in &world.left {
            let known = self.letters.get(&left.letter.id());
            if let Some((
                _,
                _,
                Purpose::Acknowledgement | Purpose::AcknowledgementGeneric | Purpose::CrowdAcknowledgement,
            )) = known
            {
                for id in &left.letter.mail.in_reply_to {
                    assert!(acknowledged.insert((id.as_str(), &left.to)), "{} was acknowledged twice", id.as_str());
                }
            }
        }
    }

    /// Tickets that are one conversation, each by the least number of them.
    fn families(&self) -> BTreeMap<TicketNumber, TicketNumber> {
        let mut families: BTreeMap<TicketNumber, TicketNumber> =
            self.tickets.keys().map(|number| (*number, *number)).collect();
        for (number, shown) in &self.tickets {
            for happened in &shown.history {
                if let Event::MergedInto { ticket } | Event::Follows { ticket } = happened.event {
                    let (one, other) = (families[number], families[&ticket]);
                    families
                        .values_mut()
                        .filter(|family| **family == one.max(other))
                        .for_each(|family| *family = one.min(other));
                }
            }
        }
        families
    }

    /// After the last mail and the quiet weeks behind it.
    pub(super) async fn check_that_all_is_quiet(&mut self, world: &World, quiet_from: usize) {
        self.check(world).await;
        let store = &world.gateway.store;
        let rows: usize = self.tickets.values().map(|shown| shown.history.len()).sum();
        assert_eq!(rows, self.rows, "every row of every history has its one place");
        for line in store.unsent(Timestamp::UNIX_EPOCH).await.unwrap() {
            let is_over = matches!(line.state, DeliveryState::Failed | DeliveryState::Held);
            assert!(is_over, "{:?} to {} still waits: {:?}", line.purpose, line.recipient, line.state);
        }
        assert!(store.next_look().await.unwrap().is_none_or(|at| at > world.now()), "something is due");
        let untold = store.unhandled().await.unwrap();
        assert!(untold.is_empty(), "nobody was told of what is in quarantine: {untold:?}");
        self.every_wait_has_ended();
        self.what_is_held_was_asked_about();
        self.each_child_has_one_solution();
        self.what_was_sent_has_left(world);
        self.everybody_knows_of_their_tickets();
        self.no_letters_without_end(world, quiet_from);
    }

    /// Who was asked was reminded and taken for content, days have come, silent vendors are given up on, and what is solved is
    /// closed.
    fn every_wait_has_ended(&self) {
        for TicketShown { ticket, history, .. } in self.tickets.values() {
            let says = || format!("{} {:?}: {history:#?}", ticket.number, ticket.state);
            match ticket.state {
                State::New | State::Open | State::Closed | State::Spam => {}
                State::Pending { reason: PendingReason::Vendor } => {
                    let gives_up = |case: &VendorCase| case.asked_at.is_none() || is_given_up(history, &case.vendor);
                    assert!(ticket.vendor_cases.iter().all(gives_up), "{}", says());
                }
                State::Pending { reason: PendingReason::Requester | PendingReason::Until { .. } } | State::Resolved => {
                    panic!("it waits for ever: {}", says())
                }
            }
        }
    }

    /// Nothing waits to leave, and whoever may let go what is held was asked when it was: on a ticket that may be merged by now.
    fn what_is_held_was_asked_about(&self) {
        let asked: BTreeSet<LedgerId> = self.tickets.values().flat_map(asked_about).collect();
        for TicketShown { ticket, history, .. } in self.tickets.values() {
            assert!(ticket.leaving.is_empty(), "{} never left: {:?}", ticket.number, ticket.leaving);
            for held in &ticket.held {
                assert!(asked.contains(held), "{}: nobody was asked about mail {held}: {history:#?}", ticket.number);
            }
        }
    }

    /// What was part of a crowd when that was solved heard so, once; what still is waits for one that is at work.
    fn each_child_has_one_solution(&self) {
        for TicketShown { ticket, history, letters, .. } in self.tickets.values() {
            let says = || format!("{}: {history:#?}", ticket.number);
            let mut is_child = false;
            for happened in history {
                match &happened.event {
                    Event::JoinedCrowd { .. } => is_child = true,
                    Event::LeftCrowd | Event::Reopened => is_child = false,
                    Event::Resolved { code } if code.as_deref() == Some("major") => {
                        let solutions = letters.iter().filter(|letter| letter.purpose == Purpose::Resolved);
                        let solutions = solutions.filter(|letter| letter.at == happened.at).count();
                        assert!(is_child && solutions == 1, "{solutions} solutions, {}", says());
                    }
                    _ => {}
                }
            }
            if let Some(crowd) = &ticket.crowd {
                assert!(crowd.on_the_way.is_empty() && crowd.untold.is_empty(), "{}: {crowd:?}", ticket.number);
            }
            if let Some(parent) = ticket.major.filter(|_| !ticket.state.is_over()) {
                let parent = &self.tickets[&parent].ticket;
                let is_one = parent.as_major().is_some_and(|crowd| crowd.children.contains(&ticket.number));
                assert!(is_one && !parent.state.is_over(), "{}", says());
            }
        }
    }

    fn what_was_sent_has_left(&self, world: &World) {
        let left: BTreeSet<(String, &str)> =
            world.left.iter().map(|left| (left.letter.id(), left.to.as_str())).collect();
        for letter in self.tickets.values().flat_map(|shown| &shown.letters) {
            let id = letter.message_id.as_ref().unwrap().as_str().to_owned();
            for delivery in letter.deliveries.iter().filter(|delivery| delivery.state == DeliveryState::Sent) {
                assert!(left.contains(&(id.clone(), delivery.recipient.as_str())), "{id} is sent, and never left");
            }
        }
    }

    /// Whatever is not over has an owner, waits for somebody, is part of a crowd (whose digest tells of it), or a letter told the
    /// team of it.
    fn everybody_knows_of_their_tickets(&self) {
        for shown in self.tickets.values().filter(|shown| !shown.ticket.state.is_over()) {
            let Ticket { number, agent, state, major, .. } = &shown.ticket;
            let is_waiting = matches!(state, State::Pending { .. });
            let is_told = shown.letters.iter().any(|letter| letter.audience == Audience::Desk);
            let is_known = agent.is_some() || is_waiting || major.is_some() || is_told;
            assert!(is_known, "nobody knows of {number}: {state:?} {:#?}", shown.history);
        }
    }

    fn no_letters_without_end(&self, world: &World, quiet_from: usize) {
        let mut heard: HashMap<(TicketNumber, &str), usize> = HashMap::new();
        for left in &world.left[quiet_from..] {
            if let Some((number, ..)) = self.letters.get(&left.letter.id()) {
                *heard.entry((*number, &left.to)).or_default() += 1;
            }
        }
        for ((number, to), count) in heard {
            assert!(count <= QUIET_LETTERS_MAX, "{to} heard of {number} {count} times while nothing happened");
        }
    }
}

/// Subject and title are words, and no event has words.
fn is_the_fold_of_its_history(shown: &TicketShown) {
    let stored = &shown.ticket;
    let blank = Ticket::new(stored.number, &stored.desk, &stored.subject, stored.language, stored.opened_at);
    let blank = Ticket { title: stored.title.clone(), ..blank };
    let folded = shown.history.iter().fold(blank, Ticket::after);
    assert_eq!(*stored, folded, "{} is the fold of its history", stored.number);
}

/// Mails that were held here with a letter to the desk.
fn asked_about(shown: &TicketShown) -> Vec<LedgerId> {
    let to_the_desk = shown.letters.iter().filter(|letter| letter.audience == Audience::Desk);
    let asked_at: BTreeSet<Timestamp> = to_the_desk.map(|letter| letter.at).collect();
    let held = |one: &Happened| match one.event {
        Event::Held { ledger, .. } if asked_at.contains(&one.at) => ledger,
        _ => None,
    };
    shown.history.iter().filter_map(held).collect()
}

/// Whether a vendor that owed an answer was chased in vain.
fn is_given_up(history: &[Happened], vendor: &str) -> bool {
    history.iter().any(|one| matches!(&one.event, Event::VendorSilent { vendor: silent } if silent == vendor))
}

fn is_an_end(event: &Event) -> bool {
    matches!(event, Event::Resolved { .. } | Event::Closed | Event::MarkedSpam | Event::MergedInto { .. })
}

/// No person wrote it.
fn is_by_itself(purpose: Purpose) -> bool {
    matches!(
        purpose,
        Purpose::Acknowledgement
            | Purpose::AcknowledgementGeneric
            | Purpose::CrowdAcknowledgement
            | Purpose::KnownFix
            | Purpose::Status
            | Purpose::LanguageSwitched
            | Purpose::PassedOn
            | Purpose::Reminder
    )
}
