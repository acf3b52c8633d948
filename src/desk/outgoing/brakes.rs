//! Brakes against loops: they hold automatic letters to requesters, and never an agent's answer.

use jiff::{SignedDuration, Timestamp};

use crate::desk::deliberation::Deliberation;
use crate::desk::{Audience, Purpose, TicketNumber};
use crate::mail::Address;

/// Which brake trips when one more automatic letter goes to a correspondent; `None`: it may go.
pub(in crate::desk) fn tripped(
    deliberation: &Deliberation<'_>,
    to: &Address,
    ticket: TicketNumber,
) -> Option<&'static str> {
    let limits = &deliberation.policy().limits;
    let sent = deliberation.docket.automatic_letters.get(&to.correspondent_key());
    let in_last_hour = sent.map_or(0, |sent| since(sent, deliberation.now, SignedDuration::from_hours(1)));
    if in_last_hour >= limits.acknowledgements_per_address_per_hour as usize {
        return Some("correspondent");
    }
    let on_ticket = deliberation.dossier(ticket).map_or(0, |dossier| {
        let recent = dossier.sent.iter().filter(|letter| {
            letter.audience == Audience::Requester
                && !letter.purpose.is_human()
                && deliberation.now.duration_since(letter.at) < SignedDuration::from_hours(24)
        });
        recent.count()
    });
    (on_ticket >= limits.automatic_letters_per_ticket_per_day as usize).then_some("ticket")
}

fn since(sent: &[(Timestamp, Purpose)], now: Timestamp, span: SignedDuration) -> usize {
    sent.iter().filter(|(at, _)| now.duration_since(*at) < span).count()
}
