//! What the store and the mailboxes say once the story is over: what came and left, and which promises were kept.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

use crate::desk::{ClockName, Event, LedgerId, Purpose};
use crate::mail;
use crate::said;
use crate::store::{DeliveryState, EntryShown, LetterShown, Store, TicketFilter, TicketShown};

use super::cast::{Client, Who};
use super::stage::Stage;
use super::story::{CASE_NUMBER, NOTE};

/// The sum of a story.
#[derive(Clone, Debug)]
pub struct Books {
    /// Mails to the desk by what they were taken for.
    pub mails: Vec<(&'static str, u64)>,
    /// Letters of the desk's by purpose, counted by recipient.
    pub letters: Vec<(&'static str, u64)>,
    /// What was promised.
    pub promises: Vec<Promise>,
}

/// Something that holds after every story.
#[derive(Clone, Debug)]
pub struct Promise {
    /// What was promised, with the figures.
    pub sentence: String,
    /// Whether it was kept.
    pub is_kept: bool,
}

impl Books {
    /// Counts. The gateway must have stopped, so that nothing is under way.
    pub async fn read(stage: &Stage, store: &Store) -> Result<Books> {
        let mut tickets = Vec::new();
        for ticket in store.tickets(&TicketFilter::default()).await?.tickets {
            tickets.push(store.ticket(ticket.number).await?.context("A ticket is gone")?);
        }
        let promises = vec![
            every_mail_is_accounted_for(stage, store).await?,
            every_letter_left_once(stage, &tickets),
            each_request_was_acknowledged_once(&tickets),
            no_promise_ran_out(&tickets),
            each_of_the_crowd_got_the_solution_once(&tickets),
            robots_got_no_answer(stage),
            the_vendor_read_no_names(stage),
            the_requester_read_nothing_internal(stage),
        ];
        Ok(Books { mails: mails(&tickets), letters: letters(&tickets), promises })
    }

    /// Whether every promise was kept.
    pub fn are_clean(&self) -> bool {
        self.promises.iter().all(|promise| promise.is_kept)
    }
}

fn mails(tickets: &[TicketShown]) -> Vec<(&'static str, u64)> {
    let mut counted: BTreeSet<LedgerId> = BTreeSet::new();
    let mut kinds: BTreeMap<&'static str, u64> = BTreeMap::new();
    for EntryShown { entry, .. } in tickets.iter().flat_map(|shown| &shown.entries) {
        if entry.ledger.is_some_and(|ledger| counted.insert(ledger)) {
            *kinds.entry(entry.kind.word()).or_default() += 1;
        }
    }
    kinds.into_iter().collect()
}

fn letters(tickets: &[TicketShown]) -> Vec<(&'static str, u64)> {
    let all = || tickets.iter().flat_map(|shown| &shown.letters);
    let of = |purpose: Purpose| -> u64 {
        all().filter(|letter| letter.purpose == purpose).map(|letter| letter.deliveries.len() as u64).sum()
    };
    Purpose::ALL.iter().map(|purpose| (purpose.name(), of(*purpose))).filter(|(_, count)| *count > 0).collect()
}

/// The sum that `guichet reconcile` proves.
async fn every_mail_is_accounted_for(stage: &Stage, store: &Store) -> Result<Promise> {
    let desk = &stage.cast().person(Who::Desk).address;
    let submissions = stage.post().submissions();
    let came = submissions.iter().flat_map(|one| &one.recipients).filter(|(to, _)| to.is_within(desk)).count() as u64;
    let counts = store.reconcile().await?;
    let (mut on_tickets, mut elsewhere, mut pending) = (0, 0, 0);
    for count in counts {
        on_tickets += count.on_tickets;
        elsewhere += count.quarantined + count.suppressed;
        pending += count.pending;
    }
    let difference = came.abs_diff(on_tickets + elsewhere);
    Ok(Promise {
        sentence: said!(
            "Every mail is accounted for: {came} came, {on_tickets} are on tickets, {elsewhere} elsewhere with a reason, \
             {pending} wait; difference {difference}.",
            "Chaque courriel est retracé\u{a0}: {came} sont arrivés, {on_tickets} sont sur des billets, {elsewhere} ailleurs \
             avec une raison, {pending} attendent; différence {difference}."
        ),
        is_kept: difference == 0 && pending == 0,
    })
}

fn every_letter_left_once(stage: &Stage, tickets: &[TicketShown]) -> Promise {
    let desk = &stage.cast().person(Who::Desk).address;
    let by_desk = |user: &Option<mail::Address>| user.as_ref().is_some_and(|user| user.is(desk));
    let left = stage.post().submissions().iter().filter(|one| by_desk(&one.authenticated)).count();
    let deliveries = || tickets.iter().flat_map(|shown| &shown.letters).flat_map(|letter| &letter.deliveries);
    let (owed, sent) = (deliveries().count(), deliveries().filter(|one| one.state == DeliveryState::Sent).count());
    Promise {
        sentence: said!(
            "Every letter left, and once: {owed} were owed, {sent} are sent, the relay took {left}.",
            "Chaque lettre est partie, une seule fois\u{a0}: {owed} étaient dues, {sent} sont envoyées, le relais en a pris {left}."
        ),
        is_kept: owed == sent && sent == left,
    }
}

fn each_request_was_acknowledged_once(tickets: &[TicketShown]) -> Promise {
    let is_one = |purpose| matches!(purpose, Purpose::Acknowledgement | Purpose::CrowdAcknowledgement);
    let acknowledgements = |shown: &TicketShown| shown.letters.iter().filter(|letter| is_one(letter.purpose)).count();
    Promise {
        sentence: said!(
            "Each of the {} requests was acknowledged exactly once.",
            "Chacune des {} demandes a eu un seul accusé de réception.",
            tickets.len()
        ),
        is_kept: tickets.iter().all(|shown| acknowledgements(shown) == 1),
    }
}

fn no_promise_ran_out(tickets: &[TicketShown]) -> Promise {
    let clocks = || tickets.iter().flat_map(|shown| &shown.ticket.clocks).filter(|clock| clock.name != ClockName::Ola);
    let (warned, broken) =
        (clocks().filter(|clock| clock.warned).count(), clocks().filter(|clock| clock.breached).count());
    Promise {
        sentence: said!(
            "No time that requesters were promised ran out: {} clocks ran, {warned} warned, {broken} were broken.",
            "Aucun délai promis aux demandeurs n’a été dépassé\u{a0}: {} horloges, {warned} avertissement, {broken} dépassement.",
            clocks().count()
        ),
        is_kept: warned > 0 && broken == 0,
    }
}

fn each_of_the_crowd_got_the_solution_once(tickets: &[TicketShown]) -> Promise {
    let children = || tickets.iter().filter(|shown| shown.ticket.major.is_some());
    let solutions = |shown: &TicketShown| {
        let since = shown.history.iter().rev().find(|event| matches!(event.event, Event::JoinedCrowd { .. }));
        let is_since = |letter: &&LetterShown| since.is_some_and(|joined| letter.at >= joined.at);
        shown.letters.iter().filter(is_since).filter(|letter| letter.purpose == Purpose::Resolved).count()
    };
    Promise {
        sentence: said!(
            "Each of the {} requests that joined the mass incident got its solution exactly once.",
            "Chacune des {} demandes jointes à l’incident majeur a reçu sa solution une seule fois.",
            children().count()
        ),
        is_kept: children().count() > 0 && children().all(|shown| solutions(shown) == 1),
    }
}

fn robots_got_no_answer(stage: &Stage) -> Promise {
    let robots = || stage.written().iter().filter(|written| written.from.client == Client::TicketSystem);
    // A chase goes on in the thread that the robot wrote in; it asks the people there.
    let letters = || stage.received().iter().filter(|letter| letter.purpose != Purpose::Chase);
    let is_answered = |id: &mail::MessageId| letters().any(|letter| letter.mail.in_reply_to.contains(id));
    let answered = robots().filter(|written| is_answered(&written.message_id)).count();
    Promise {
        sentence: said!(
            "Robots get no answer: {} wrote, {answered} were answered.",
            "Les robots n’ont pas de réponse\u{a0}: {} ont écrit, {answered} en ont eu une.",
            robots().count()
        ),
        is_kept: answered == 0,
    }
}

fn the_vendor_read_no_names(stage: &Stage) -> Promise {
    let marie = stage.cast().person(Who::Marie);
    let mut secrets: Vec<&str> = marie.name.split(' ').collect();
    secrets.extend([marie.address.domain(), NOTE, "555-0142"]);
    Promise {
        sentence: said!(
            "The vendor read neither Marie's name, address or telephone number, nor the internal note.",
            "Le fournisseur n’a lu ni le nom, ni l’adresse, ni le téléphone de Marie, ni la note interne."
        ),
        is_kept: is_unread(stage, Who::Acme, &secrets),
    }
}

fn the_requester_read_nothing_internal(stage: &Stage) -> Promise {
    let staff = [Who::Alice, Who::Karim, Who::SecondLevel];
    let mut secrets: Vec<&str> = staff.iter().map(|who| stage.cast().person(*who).address.as_str()).collect();
    secrets.extend([stage.cast().person(Who::Acme).address.domain(), CASE_NUMBER, NOTE]);
    Promise {
        sentence: said!(
            "Marie read neither the internal note, nor an agent's address, nor who the vendor is.",
            "Marie n’a lu ni la note interne, ni l’adresse d’un agent, ni le nom du fournisseur."
        ),
        is_kept: is_unread(stage, Who::Marie, &secrets),
    }
}

/// None of the letters to somebody says any of this, in headers, text or HTML.
fn is_unread(stage: &Stage, who: Who, secrets: &[&str]) -> bool {
    let letters = || stage.received().iter().filter(|received| received.by.who == who);
    let said = letters().flat_map(|letter| {
        let body = &letter.mail.body;
        [letter.header.to_lowercase(), body.text.to_lowercase(), body.html_text().to_lowercase()]
    });
    let said: Vec<String> = said.collect();
    letters().count() > 0 && !secrets.iter().any(|secret| said.iter().any(|text| text.contains(&secret.to_lowercase())))
}
