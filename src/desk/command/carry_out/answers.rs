//! What an agent's commands send to the requester.

use super::Work;
use crate::desk::command::check::{has_children, requester_may_be_told};
use crate::desk::outgoing::published::{Published, Why, publishable};
use crate::desk::outgoing::wording::Line;
use crate::desk::outgoing::{brakes, enclosures, offer, telling};
use crate::desk::{AfterAnswer, Contact, Enclosure, Event, Letter, Level, PendingReason, Purpose, Ticket};
use crate::mail::{InboundMail, Mailbox};

impl Work<'_, '_, '_> {
    pub(super) fn reply(&mut self) {
        self.answer(Purpose::Answer, self.text.to_owned());
        if self.done.reached_requester {
            self.say(&Line::SentToRequester);
        }
        self.tell_who_did_not_get_it();
    }

    /// The agent wrote to the requester, and the desk has the mail for the record: nobody gets it twice.
    pub(super) fn answered_directly(&mut self) {
        let Some(incoming) = self.act.incoming else { return };
        self.happened(Event::AnsweredDirectly { ledger: incoming.ledger });
        self.done.reached_requester = true;
        let to: Vec<String> = incoming.mail.to.iter().map(ToString::to_string).collect();
        self.say(&Line::RequesterHasIt(&to.join(", ")));
        self.own_if_nobody_does();
        self.wait_for_requester();
    }

    /// A person's words to the requester, from the address that the requester wrote to, in the requester's thread.
    pub(super) fn answer(&mut self, purpose: Purpose, text: String) {
        let ticket = self.ticket.clone();
        let Some(mut letter) = self.letter_to_requester(&ticket, purpose) else { return };
        letter.writer = self.act.name.clone();
        letter.facts.author = self.act.name.clone();
        letter.facts.text = Some(text);
        letter.about = self.act.incoming.map(|incoming| incoming.ledger);
        letter.enclosures = self.enclosures_of_answer();
        self.done.recipients.extend(letter.to.iter().chain(&letter.cc).map(|mailbox| mailbox.address.to_string()));
        self.done.left = letter.words().map(str::to_owned);
        let sent = self.deliberation.send(letter);
        self.done.reached_requester = true;
        match (sent, self.act.incoming) {
            (Some(letter), _) => self.happened(Event::Answered { letter }),
            // Nobody is left to whom a letter would bring the words.
            (None, Some(incoming)) if self.requester_has(incoming.mail) => {
                self.happened(Event::AnsweredDirectly { ledger: incoming.ledger });
            }
            (None, _) => {}
        }
        self.own_if_nobody_does();
        // Nothing that many wait for waits for one of them.
        if purpose == Purpose::Answer && self.ticket.as_major().is_none() {
            self.wait_for_requester();
        }
    }

    /// Whether the agent's mail went to the requester, too.
    fn requester_has(&self, mail: &InboundMail) -> bool {
        let requester = self.ticket.requester.and_then(|requester| self.deliberation.contact(requester));
        requester.is_some_and(|requester| mail.to.iter().chain(&mail.cc).any(|address| address.is(&requester.address)))
    }

    fn wait_for_requester(&mut self) {
        let waits = self.deliberation.policy().after_answer == AfterAnswer::PendingRequester;
        if waits && !self.ticket.state.is_over() {
            self.happened(Event::PutOnHold { reason: PendingReason::Requester, reminds: true });
        }
    }

    /// The requester, the participants and the levels that read along; nobody who has the agent's mail already.
    pub(super) fn letter_to_requester(&self, ticket: &Ticket, purpose: Purpose) -> Option<Letter> {
        let mut letter = telling::letter_to_requester(self.deliberation, ticket, purpose)?;
        let others = ticket.participants.iter().filter(|p| Some(p.contact) != ticket.requester);
        let participants = others.filter_map(|p| self.deliberation.contact(p.contact));
        letter.cc = participants.map(Contact::mailbox).collect();
        letter.cc.extend(telling::copied_levels(self.deliberation, ticket));
        let has_it = |mailbox: &Mailbox| {
            self.act.incoming.is_some_and(|incoming| {
                incoming.mail.to.iter().chain(&incoming.mail.cc).any(|address| address.is(&mailbox.address))
            })
        };
        letter.cc.retain(|mailbox| !has_it(mailbox));
        if has_it(&letter.to[0]) {
            letter.to = std::mem::take(&mut letter.cc);
        }
        Some(letter)
    }

    /// The agent's own attachments, but none that holds a letter of ours to the desk, and those that are named.
    pub(super) fn enclosures_of_answer(&mut self) -> Vec<Enclosure> {
        let (kept, withheld) = self.own_files();
        for enclosure in withheld {
            self.say(&Line::AttachmentWithheld(&enclosure.name));
            self.done.withheld = true;
        }
        kept.into_iter().chain(self.named.clone()).collect()
    }

    /// What the agent attached that may leave, and what may not.
    pub(super) fn own_files(&self) -> (Vec<Enclosure>, Vec<Enclosure>) {
        let Some(incoming) = self.act.incoming else { return Default::default() };
        let files = enclosures::of_answer(incoming.ledger, incoming.mail).into_iter();
        let policy = self.deliberation.policy();
        files.partition(|file| !enclosures::is_own_letter(&incoming.mail.attachments[file.index], policy))
    }

    /// Specialists work on it: said to the requester once on the way up, never which vendor. An automatic letter, so brakes
    /// hold it.
    pub(super) fn tell_requester_passed_on(&mut self, from: Level) {
        let ticket = self.ticket.clone();
        if from != Level::L1 || !requester_may_be_told(self.deliberation, &ticket) {
            return;
        }
        let Some(mut letter) = self.letter_to_requester(&ticket, Purpose::PassedOn) else { return };
        letter.cc = telling::copied_levels(self.deliberation, &ticket);
        let braked = letter.to.first().is_none_or(|to| {
            brakes::tripped(self.deliberation, &to.address, self.ticket.number, Purpose::PassedOn).is_some()
        });
        if !braked {
            self.deliberation.send(letter);
        }
        self.say(if braked { &Line::BrakeTripped } else { &Line::SpecialistsAnnounced });
    }

    pub(super) fn solve(&mut self, code: Option<String>) {
        self.solution();
        self.own_if_nobody_does();
        self.state_by(Event::Resolved { code });
    }

    /// To the requester where it is in words; whoever else waits for it hears in any case that it is solved.
    pub(super) fn solution(&mut self) {
        let (is_said, is_for_all) = (!self.text.is_empty(), has_children(&self.ticket));
        if is_said && is_for_all {
            self.answer_if_reachable(Purpose::Resolved);
        } else if is_said {
            self.answer(Purpose::Resolved, self.text.to_owned());
        }
        if is_for_all {
            self.say_to_all(true);
        }
        if is_said {
            self.say(&Line::SolutionSent);
        }
    }

    pub(super) fn send_fix(&mut self, id: &str) {
        let Some(article) = self.deliberation.rules.library.article(id) else { return };
        let ticket = self.ticket.clone();
        let Some(mut letter) = self.letter_to_requester(&ticket, Purpose::KnownFix) else { return };
        letter.cc.clear();
        letter.writer = self.act.name.clone();
        letter.facts.author = self.act.name.clone();
        letter.facts.fixes = vec![offer::facts(article)];
        letter.facts.asks_yes = true;
        self.done.recipients.extend(letter.to.iter().map(|mailbox| mailbox.address.to_string()));
        self.deliberation.send(letter);
        self.done.reached_requester = true;
        self.happened(Event::KnownFixOffered { fix: id.to_owned() });
        self.own_if_nobody_does();
        self.say(&Line::FixSent(id));
    }

    /// The vendor's answer that is meant; a newer one of the same vendor was told to the agent before.
    pub(super) fn published(&self) -> Option<Published> {
        match publishable(self.deliberation, &self.ticket, self.act.answered.as_ref()) {
            Ok(published) => Some(published),
            Err(Why::Newer(meant, _)) => Some(*meant),
            Err(Why::Nothing | Why::Which(_)) => None,
        }
    }

    pub(super) fn publish(&mut self) {
        let published = self.published();
        let said = published.as_ref().map(|published| published.text.clone()).unwrap_or_default();
        let text = if self.text.is_empty() { said } else { self.text.to_owned() };
        self.answer(Purpose::Answer, text);
        let letter = self.deliberation.letters_on(self.ticket.number);
        self.say(&Line::Published);
        let files = published.iter().flat_map(|published| &published.files);
        let left: Vec<&str> = files.filter(|file| !self.named.contains(file)).map(|file| file.name.as_str()).collect();
        if !left.is_empty() {
            self.say(&Line::FilesStay(&left.join(", ")));
        }
        self.happened(Event::Published { vendor: published.map(|published| published.vendor), letter });
    }
}
