//! Brakes against loops: they hold automatic letters to requesters and what rules hand to vendors, and never an agent's answer.
//! What programs write is not answered at all: that is the first brake, by the kind of a mail (`mail/kind`).

use jiff::SignedDuration;

use crate::desk::deliberation::Deliberation;
use crate::desk::{Audience, Purpose, TicketNumber};
use crate::mail::Address;

/// Which brake trips when one more automatic letter goes to a correspondent; `None`: it may go. The correspondent's counts what
/// answers mails: an acknowledgement that forged mail used up is not missing to the true author's.
pub(in crate::desk) fn tripped(
    deliberation: &Deliberation<'_>,
    to: &Address,
    ticket: TicketNumber,
    purpose: Purpose,
) -> Option<&'static str> {
    if deliberation.contact_at(to).is_some_and(|contact| contact.complained) {
        return Some(COMPLAINT);
    }
    let limits = &deliberation.policy().limits;
    let sent = deliberation.docket.counted_letters.get(&to.correspondent_key());
    let counted = counted_beside(purpose);
    let in_last_hour = sent.into_iter().flatten().filter(|(at, sent)| {
        counted.contains(sent) && deliberation.now.duration_since(*at) < SignedDuration::from_hours(1)
    });
    if !counted.is_empty() && in_last_hour.count() >= limits.acknowledgements_per_address_per_hour as usize {
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

/// The word for the brake of whoever complained.
pub(in crate::desk) const COMPLAINT: &str = "complaint";

/// The word for the brake of a form.
pub(in crate::desk) const FORM: &str = "form";

/// The same for whatever a form's mails are answered with: whoever fills it in may name anybody, and many.
pub(in crate::desk) fn of_form(deliberation: &Deliberation<'_>, form: &str) -> Option<&'static str> {
    let limit = deliberation.policy().forms.iter().find(|known| known.name == form)?.acknowledgements_per_hour;
    let sent = deliberation.docket.form_letters.get(form).into_iter().flatten();
    let lately = sent.filter(|at| deliberation.now.duration_since(**at) < SignedDuration::from_hours(1));
    (lately.count() >= limit as usize).then_some(FORM)
}

/// The word for the brake of a vendor.
pub(in crate::desk) const VENDOR: &str = "vendor";

/// The same for what rules hand to a vendor: two systems that report to each other would open cases for ever. Whatever opened
/// them counts, and what an agent sends always leaves. How often it is asked again on one case is bounded by itself
/// (`rules/due/chasing`).
pub(in crate::desk) fn holds_vendor(deliberation: &Deliberation<'_>, vendor: &str) -> bool {
    let limit = deliberation.policy().limits.cases_by_rule_per_vendor_per_hour;
    let opened = deliberation.docket.cases_lately.get(vendor).into_iter().flatten();
    let lately = opened.filter(|at| deliberation.now.duration_since(**at) < SignedDuration::from_hours(1));
    lately.count() >= limit as usize
}

/// The letters that count for the next one of this purpose.
fn counted_beside(purpose: Purpose) -> &'static [Purpose] {
    const VERIFIED: &[Purpose] = &[
        Purpose::Acknowledgement,
        Purpose::CrowdAcknowledgement,
        Purpose::KnownFix,
        Purpose::Status,
        Purpose::LanguageSwitched,
    ];
    const ANY: &[Purpose] = &[
        Purpose::Acknowledgement,
        Purpose::CrowdAcknowledgement,
        Purpose::KnownFix,
        Purpose::Status,
        Purpose::LanguageSwitched,
        Purpose::AcknowledgementGeneric,
    ];
    match purpose {
        Purpose::AcknowledgementGeneric => ANY,
        purpose if VERIFIED.contains(&purpose) => VERIFIED,
        _ => &[],
    }
}
