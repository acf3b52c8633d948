//! Which ticket a mail belongs to.

use crate::desk::audience::pseudonyms::signed_names;
use crate::desk::docket::case_mark;
use crate::desk::{Command, Docket, Instructions, Keys, LedgerId, Names, NewWords, Policy, Sighting, TicketNumber};
use crate::mail::token::{Keyring, Token};
use crate::mail::{Address, Authentication, Carrier, InboundMail, MessageId};

/// Letters that are on no ticket are numbered from the mail's ledger row on: the number names the mail.
pub(in crate::desk) const LOOSE_LETTERS_PER_MAIL: i64 = 100;

/// An identifier that is only cited leads to so many tickets.
pub(in crate::desk) const TICKETS_A_THREAD: usize = 8;

/// References are bounded: a mail may cite thousands.
const CITED_MAX: usize = 40;

/// A ticket that a mail leads to, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) struct Lead {
    /// The ticket.
    pub(in crate::desk) ticket: TicketNumber,
    /// What led to it.
    pub(in crate::desk) by: By,
}

/// What leads to a ticket, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::desk) enum By {
    /// A signed token of ours.
    Token,
    /// In-Reply-To, or References under the same subject, name a mail of the ticket.
    Thread,
    /// Its reference stands in the subject or the text: a hint, and anybody can write it.
    Reference,
}

/// What to look up before a mail can be decided. `authentication` is of its author, as the receiving server judged it.
pub fn keys(
    mail: &InboundMail,
    policy: &Policy,
    keyring: &Keyring,
    raw_sha256: Option<[u8; 32]>,
    authentication: Authentication,
) -> Keys {
    let verified_author = authentication == Authentication::Passed && mail.from_is_sound;
    let mut keys = Keys::default();
    keys.raw_digests.extend(raw_sha256);
    let reported = reported(mail).filter(|token| keyring.verify(token));
    for token in verified(mail, keyring).chain(reported).filter(|token| token.ticket > 0) {
        keys.tickets.insert(TicketNumber(token.ticket));
        keys.letters.insert((TicketNumber(token.ticket), token.letter));
    }
    keys.tickets.extend(references(mail));
    keys.message_ids.extend(cited(mail).cloned());
    keys.message_ids.extend(mail.message_id.clone());
    if let Some(author) = &mail.from {
        keys.contacts.push(Sighting::of(author, verified_author));
        if verified_author {
            // Only to be left unnamed before vendors, long after the mail: what somebody signs with is no display name.
            let signed = signed_names(&mail.body.unquoted_text).into_iter();
            keys.contacts
                .extend(signed.map(|name| Sighting { name: Some(name), ..Sighting::nameless(&author.address) }));
        }
        keys.correspondents.insert(author.address.correspondent_key());
        if !policy.is_staff(&author.address) {
            keys.requesters.insert(author.address.key());
        }
        keys.correspondents.extend(policy.staff().map(Address::correspondent_key));
        if policy.is_staff(&author.address) {
            let words = NewWords { text: &mail.body.reply_text, ..NewWords::default() };
            let said = Instructions::read(&words, &Names::of(policy));
            keys.merge(keys_of_command(&said));
        }
        for vendor in policy.vendors_at(&author.address) {
            let marks = case_mark::find(mail, vendor);
            keys.case_numbers.extend(marks.into_iter().map(|mark| (vendor.name.clone(), mark.number)));
        }
    }
    let others = mail.to.iter().chain(&mail.cc).take(50);
    keys.contacts.extend(others.filter(|address| policy.desk_at(address).is_none()).map(Sighting::nameless));
    // Names beside addresses are what a vendor must not read, whoever wrote them there.
    let named = mail.named.iter().take(50).filter(|mailbox| policy.desk_at(&mailbox.address).is_none());
    keys.contacts.extend(named.map(|mailbox| Sighting::of(mailbox, false)));
    if let Some(original) = mail.body.forwarded.as_ref().and_then(|forwarded| forwarded.from.as_ref()) {
        // An agent vouches for whom they write down as the requester.
        let by_agent = mail.from.as_ref().is_some_and(|author| policy.is_staff(&author.address));
        keys.contacts.push(Sighting::of(original, verified_author && by_agent));
        keys.requesters.insert(original.address.key());
    }
    keys
}

/// What to look up before an agent's commands can be decided.
pub fn keys_of_command(instructions: &Instructions) -> Keys {
    let mut keys = Keys::default();
    for command in &instructions.commands {
        match command {
            Command::Assign(address) => keys.contacts.push(Sighting::nameless(address)),
            Command::Requester(address) => {
                keys.contacts.push(Sighting::nameless(address));
                keys.requesters.insert(address.key());
            }
            Command::Cc { add, remove } => {
                keys.contacts.extend(add.iter().chain(remove).map(Sighting::nameless));
            }
            Command::Merge(ticket) | Command::Link(ticket) => {
                keys.tickets.insert(*ticket);
            }
            _ => {}
        }
    }
    keys
}

/// The tickets that a mail leads to, the strongest lead first, each once.
pub(in crate::desk) fn leads(mail: &InboundMail, docket: &Docket, keyring: &Keyring) -> Vec<Lead> {
    let mut leads: Vec<Lead> = Vec::new();
    let mut add = |ticket: TicketNumber, by: By| {
        let ticket = goes_on_in(docket, ticket);
        if docket.dossier(ticket).is_some() && !leads.iter().any(|lead| lead.ticket == ticket) {
            leads.push(Lead { ticket, by });
        }
    };
    verified(mail, keyring).for_each(|token| add(TicketNumber(token.ticket), By::Token));
    let hits = |id: &MessageId| docket.threads.get(id).into_iter().flatten().map(|hit| hit.ticket);
    mail.in_reply_to.iter().chain(&mail.message_id).take(CITED_MAX).flat_map(hits).for_each(|t| add(t, By::Thread));
    let subject = canonical_subject(&mail.subject);
    mail.references.iter().rev().take(CITED_MAX).flat_map(hits).for_each(|ticket| {
        // Some clients recycle References for a new topic; In-Reply-To alone they do not.
        let same = docket.dossier(ticket).is_some_and(|d| canonical_subject(&d.ticket.subject) == subject);
        if same {
            add(ticket, By::Thread);
        }
    });
    references(mail).for_each(|ticket| add(ticket, By::Reference));
    leads
}

/// The letter of ours that a mail answers, if it carries its token; the strongest carrier tells. Its own Message-ID is the
/// name of what it is, not of what it answers.
pub(in crate::desk) fn answered_token(mail: &InboundMail, keyring: &Keyring) -> Option<Token> {
    let answered = mail.tokens.iter().filter(|carried| carried.carrier != Carrier::MessageId);
    answered.map(|carried| carried.token).find(|token| token.letter > 0 && keyring.verify(token))
}

/// The tokens in a mail that we really wrote.
pub(in crate::desk) fn verified<'a>(mail: &'a InboundMail, keyring: &'a Keyring) -> impl Iterator<Item = Token> + 'a {
    mail.tokens.iter().map(|carried| carried.token).filter(|token| keyring.verify(token))
}

/// The tokens that a report cites: its own threading, and the identifiers of the mail that it speaks of.
pub(in crate::desk) fn reported(mail: &InboundMail) -> impl Iterator<Item = Token> + '_ {
    let originals = mail.bounce.iter().filter_map(|status| status.original_message_id.as_deref());
    originals.flat_map(Token::find_all).chain(mail.tokens.iter().map(|carried| carried.token))
}

/// The mail that the answered letter speaks of, where that letter is on no ticket: such letters are numbered after it.
pub(in crate::desk) fn loose_mail(mail: &InboundMail, keyring: &Keyring) -> Option<LedgerId> {
    let token = answered_token(mail, keyring).filter(|token| token.ticket == 0)?;
    Some(LedgerId(token.letter / LOOSE_LETTERS_PER_MAIL))
}

/// The tickets of the mails that a mail cites, whatever its subject, the nearest first.
pub(in crate::desk) fn cited_tickets<'a>(
    mail: &'a InboundMail,
    docket: &'a Docket,
) -> impl Iterator<Item = TicketNumber> + 'a {
    cited(mail).filter_map(|id| docket.threads.get(id)).flatten().map(|hit| goes_on_in(docket, hit.ticket))
}

/// A subject without tags, reply and forward prefixes, case and white space.
pub(in crate::desk) fn canonical_subject(subject: &str) -> String {
    crate::desk::docket::subject::bare(subject).to_lowercase()
}

fn references(mail: &InboundMail) -> impl Iterator<Item = TicketNumber> {
    mail.ticket_refs.iter().take(CITED_MAX).filter_map(|reference| reference.parse().ok())
}

/// Whether the mail answers or goes on from the one of this identifier.
pub(in crate::desk) fn cites(mail: &InboundMail, id: &MessageId) -> bool {
    cited(mail).any(|cited| cited == id)
}

fn cited(mail: &InboundMail) -> impl Iterator<Item = &MessageId> {
    mail.in_reply_to.iter().take(CITED_MAX).chain(mail.references.iter().rev().take(CITED_MAX))
}

/// Where a ticket goes on that was merged, else itself. Chains are short; the bound is against a circle.
pub(in crate::desk) fn goes_on_in(docket: &Docket, mut ticket: TicketNumber) -> TicketNumber {
    for _ in 0..8 {
        match docket.dossier(ticket).and_then(|dossier| dossier.ticket.merged_into) {
            Some(next) => ticket = next,
            None => break,
        }
    }
    ticket
}
