//! Which ticket a mail belongs to.

use jiff::{SignedDuration, Timestamp};

use crate::desk::{Docket, LedgerId, TicketNumber};
use crate::mail::token::{Keyring, Token};
use crate::mail::{Carrier, InboundMail, MessageId};

/// Letters that are on no ticket are numbered from the mail's ledger row on: the number names the mail.
pub(in crate::desk) const LOOSE_LETTERS_PER_MAIL: i64 = 100;

/// Of these, the hourly letter about one mail in quarantine is numbered from here on.
pub(in crate::desk) const ABOUT_ONE: i64 = 40;
/// And that about several, after the first of them.
pub(in crate::desk) const ABOUT_SEVERAL: i64 = 60;
/// And the alarm.
pub(in crate::desk) const ALARM: i64 = 80;

/// An identifier that is only cited leads to so many tickets.
pub(in crate::desk) const TICKETS_A_THREAD: usize = 8;

/// What somebody forgot in a mail comes so soon behind it.
const CONTINUES_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// References are bounded: a mail may cite thousands.
const CITED_MAX: usize = 40;

/// A ticket that a mail leads to, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) struct Lead {
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

impl By {
    /// The word for programs.
    pub(in crate::desk) fn word(self) -> &'static str {
        match self {
            By::Token => "token",
            By::Thread => "thread",
            By::Reference => "reference",
        }
    }
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
    let hits = |id: &MessageId| tickets_of(id, docket, keyring);
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

/// Whether a mail answers a letter of ours of which nothing is left but that its key is retired.
pub(in crate::desk) fn answers_retired_key(mail: &InboundMail, keyring: &Keyring) -> bool {
    let mut answered = mail.tokens.iter().filter(|carried| carried.carrier != Carrier::MessageId);
    answered_token(mail, keyring).is_none() && answered.any(|carried| keyring.is_retired(&carried.token))
}

/// The tokens in a mail that we really wrote.
pub(in crate::desk) fn verified<'a>(mail: &'a InboundMail, keyring: &'a Keyring) -> impl Iterator<Item = Token> + 'a {
    mail.tokens.iter().map(|carried| carried.token).filter(|token| keyring.verify(token))
}

/// The tokens that a report cites: its own threading, and the identifiers of the mail that it speaks of.
pub(in crate::desk) fn reported(mail: &InboundMail) -> impl Iterator<Item = Token> + '_ {
    let returned = mail.bounce.iter().filter_map(|status| status.original_message_id.as_deref());
    let complained = mail.feedback.iter().filter_map(|report| report.original_message_id.as_deref());
    returned.chain(complained).flat_map(Token::find_all).chain(mail.tokens.iter().map(|carried| carried.token))
}

/// The mail that the answered letter speaks of, where that letter is on no ticket: such letters are numbered after it. `None`
/// where the letter speaks of several.
pub(in crate::desk) fn loose_mail(mail: &InboundMail, keyring: &Keyring) -> Option<LedgerId> {
    let token = answered_token(mail, keyring).filter(|token| token.ticket == 0)?;
    let is_about_one = token.letter % LOOSE_LETTERS_PER_MAIL < ABOUT_SEVERAL;
    is_about_one.then_some(LedgerId(token.letter / LOOSE_LETTERS_PER_MAIL))
}

/// The numbers of the letters about a mail that is on no ticket.
pub(crate) fn loose_letters(mail: LedgerId) -> std::ops::Range<i64> {
    mail.0 * LOOSE_LETTERS_PER_MAIL..(mail.0 + 1) * LOOSE_LETTERS_PER_MAIL
}

/// Whether a mail answers a letter that is on no ticket.
pub(in crate::desk) fn answers_loose_letter(mail: &InboundMail, keyring: &Keyring) -> bool {
    answered_token(mail, keyring).is_some_and(|token| token.ticket == 0)
}

/// The tickets of the mails that a mail cites, whatever its subject, the nearest first.
pub(in crate::desk) fn cited_tickets<'a>(
    mail: &'a InboundMail,
    docket: &'a Docket,
    keyring: &'a Keyring,
) -> impl Iterator<Item = TicketNumber> + 'a {
    cited(mail).flat_map(|id| tickets_of(id, docket, keyring)).map(|ticket| goes_on_in(docket, ticket))
}

/// Where an identifier stands; that of a letter whose key is retired leads nowhere, whoever cites it.
fn tickets_of<'a>(
    id: &MessageId,
    docket: &'a Docket,
    keyring: &Keyring,
) -> impl Iterator<Item = TicketNumber> + use<'a> {
    let is_retired = Token::find_all(id.as_str()).iter().any(|token| keyring.is_retired(token));
    let hits = if is_retired { None } else { docket.threads.get(id) };
    hits.into_iter().flatten().map(|hit| hit.ticket)
}

/// A subject without tags, reply and forward prefixes, case and white space.
pub(in crate::desk) fn canonical_subject(subject: &str) -> String {
    crate::desk::docket::subject::bare(subject).to_lowercase()
}

pub(in crate::desk) fn references(mail: &InboundMail) -> impl Iterator<Item = TicketNumber> {
    mail.ticket_refs.iter().take(CITED_MAX).filter_map(|reference| reference.parse().ok())
}

/// Whether the mail answers or goes on from the one of this identifier.
pub(in crate::desk) fn cites(mail: &InboundMail, id: &MessageId) -> bool {
    cited(mail).any(|cited| cited == id)
}

pub(in crate::desk) fn cited(mail: &InboundMail) -> impl Iterator<Item = &MessageId> {
    mail.in_reply_to.iter().take(CITED_MAX).chain(mail.references.iter().rev().take(CITED_MAX))
}

/// Whether a ticket was opened a moment ago, or, by a clock that was set back, is about to be.
pub(crate) fn is_fresh(opened_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(opened_at).abs() <= CONTINUES_WITHIN
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::ThreadHit;
    use crate::mail::parse;
    use crate::mail::token::{Key, TokenAudience};

    #[test]
    fn the_identifier_of_a_letter_whose_key_is_retired_leads_nowhere() {
        let key = |id: u32| Key { id, secret: vec![u8::try_from(id).unwrap(); 32] };
        let before = Keyring::new(key(1), Vec::new());
        let letter = MessageId::of_token(&before.sign(7, 2, TokenAudience::Vendor), "desk.test");
        let mail = parse(format!("From: anna@acme.test\nIn-Reply-To: <{}>\n\nx\n", letter.as_str()).as_bytes());
        let mut docket = Docket::default();
        docket.threads.insert(letter, vec![ThreadHit { ticket: TicketNumber(7) }]);
        let led_to = |keyring: &Keyring| cited_tickets(&mail, &docket, keyring).collect::<Vec<_>>();
        assert_eq!(led_to(&before), [TicketNumber(7)]);
        assert_eq!(led_to(&Keyring::with_retired(key(2), vec![key(1)], Vec::new())), [TicketNumber(7)]);
        assert_eq!(led_to(&Keyring::with_retired(key(2), Vec::new(), vec![key(1)])), []);
    }
}
