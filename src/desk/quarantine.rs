//! Mail that waits for a human, because its author claims powers that nothing proves.

use jiff::SignedDuration;

use super::decide::{Arrival, Incoming};
use super::deliberation::Deliberation;
use super::on_request;
use super::wording::{self, Line};
use super::{Decision, Letter, Level, Outcome, Purpose, Reason};
use crate::mail::Address;

/// Puts the mail into quarantine, unless an agent has just let it out. L1 hears of it at most once an hour and claimed author; the mail's text stands nowhere.
pub(super) fn hold(mut deliberation: Deliberation<'_>, incoming: &Incoming<'_>, reason: Reason) -> Decision {
    if incoming.arrival == Arrival::Released {
        return on_request::let_out(deliberation, incoming);
    }
    if let Some(from) = &incoming.mail.from {
        tell(&mut deliberation, incoming, reason, &from.address);
    }
    deliberation.end(Outcome::Quarantine(reason))
}

fn tell(deliberation: &mut Deliberation<'_>, incoming: &Incoming<'_>, reason: Reason, author: &Address) {
    let staff: Vec<Address> = deliberation.staff_at(Level::L1).into_iter().filter(|to| !to.is(author)).collect();
    if was_told_lately(deliberation, &staff) {
        return;
    }
    let ledger = incoming.ledger;
    let author = author.to_string();
    deliberation.send_to_staff(&staff, |deliberation, language| {
        let desk = &deliberation.policy().desks[0];
        let mut letter = deliberation.loose_letter(Purpose::Quarantine, desk, language);
        letter.about = Some(ledger);
        letter.facts.reasons = vec![wording::say(&line(reason, &author), language)];
        Some(Letter { subject: String::new(), ..letter })
    });
}

fn was_told_lately(deliberation: &Deliberation<'_>, staff: &[Address]) -> bool {
    let told = |address: &Address| {
        let sent = deliberation.docket.automatic_letters.get(&address.correspondent_key());
        sent.into_iter().flatten().any(|(at, purpose)| {
            *purpose == Purpose::Quarantine && deliberation.now.duration_since(*at) < SignedDuration::from_hours(1)
        })
    };
    staff.iter().any(told)
}

fn line(reason: Reason, author: &str) -> Line<'_> {
    match reason {
        Reason::AgentUnverified => Line::AgentUnverified(author),
        Reason::VendorUnverified => Line::VendorUnverified(author),
        Reason::VendorWithoutCase => Line::VendorWithoutCase(author),
        Reason::UnlistedColleague => Line::UnlistedColleague(author),
        Reason::Duplicate
        | Reason::Own
        | Reason::FromOurselves
        | Reason::AutoReply
        | Reason::BounceForeign
        | Reason::ReadReceipt
        | Reason::Feedback
        | Reason::List
        | Reason::Poison
        | Reason::BeforeFirstStart => Line::FromOurselves,
    }
}
