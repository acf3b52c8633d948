//! Letters that answer an agent's own mail.
use crate::desk::command::act::Act;
use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::wording;
use crate::desk::{Audience, Incoming, Letter, Purpose, Ticket};
use crate::mail::InboundMail;
use crate::mail::{Address, Language};

/// A letter that answers the agent's own mail.
pub(in crate::desk) fn letter_to_agent(
    deliberation: &Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    ticket: &Ticket,
    purpose: Purpose,
) -> Letter {
    let mut letter = deliberation.letter(ticket, purpose, Audience::Desk, act.language);
    answer_mail(&mut letter, incoming.mail, deliberation, act);
    letter.about = Some(incoming.ledger);
    letter.facts.reply_goes_to = Some(wording::reply_goes_to(None, act.language));
    letter
}

pub(in crate::desk) fn answer_mail(
    letter: &mut Letter,
    mail: &InboundMail,
    deliberation: &Deliberation<'_>,
    act: &Act<'_>,
) {
    letter.to = act.address.iter().map(|address| deliberation.staff_mailbox(address)).collect();
    letter.in_reply_to = mail.message_id.clone();
    letter.references = mail.references.iter().chain(&mail.message_id).cloned().collect();
}

pub(in crate::desk) fn worklist(deliberation: &Deliberation<'_>, act: &Act<'_>) -> Vec<String> {
    let line = |ticket: &Ticket| {
        let state = wording::state(deliberation.standing(ticket), act.language);
        let level = wording::level(ticket.level, act.language);
        format!("{} · {} · {level} · {state} · {}", ticket.number, ticket.priority.0, ticket.subject)
    };
    deliberation.docket.worklist.iter().map(line).collect()
}

/// People by name, else by address, as a receipt lists them.
pub(in crate::desk) fn names_of(deliberation: &Deliberation<'_>, addresses: &[Address], language: Language) -> String {
    let name = |address: &Address| match deliberation.contact_at(address) {
        Some(contact) if !deliberation.policy().is_staff(address) => contact.display().to_owned(),
        _ => deliberation.staff_name(address, language),
    };
    addresses.iter().map(name).collect::<Vec<_>>().join(", ")
}
