//! Mail that waits for a human, because its author claims powers that nothing proves.

use crate::desk::deliberation::Deliberation;
use crate::desk::docket::matching;
use crate::desk::outgoing::wording::{self, Line};
use crate::desk::{Decision, Incoming, LedgerId, Letter, Level, Outcome, Purpose, Reason};
use jiff::SignedDuration;

use crate::mail::{Address, InboundMail};

/// Puts the mail into quarantine. L1 hears of it at most once an hour and claimed author; the mail's text stands nowhere.
pub(in crate::desk) fn hold(mut deliberation: Deliberation<'_>, incoming: &Incoming<'_>, reason: Reason) -> Decision {
    if let Some(from) = &incoming.mail.from {
        tell(&mut deliberation, incoming, reason, &from.address);
        if reason == Reason::AgentUnverified {
            challenge(&mut deliberation, incoming, &from.address);
        }
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

/// Asks the agent, at the registered address, whether the mail was theirs; at most once an hour, and quoting nothing.
fn challenge(deliberation: &mut Deliberation<'_>, incoming: &Incoming<'_>, agent: &Address) {
    if got_lately(deliberation, agent, Purpose::Challenge) {
        return;
    }
    let registered: Vec<Address> =
        deliberation.policy().staff().filter(|staff| staff.is(agent)).take(1).cloned().collect();
    let ledger = incoming.ledger;
    let code = deliberation.rules.keyring.code(ledger.0);
    deliberation.send_to_staff(&registered, |deliberation, language| {
        let desk = &deliberation.policy().desks[0];
        let mut letter = deliberation.loose_letter(Purpose::Challenge, desk, language);
        letter.about = Some(ledger);
        letter.facts.code = Some(code.clone());
        Some(letter)
    });
}

/// The mail that waits and whose challenge this one answers with its code, newly typed: reading the agent's mailbox is
/// the proof, whatever the way here said of the author. A code works once, because a released mail waits no more.
pub(in crate::desk) fn answered_challenge(deliberation: &Deliberation<'_>, mail: &InboundMail) -> Option<LedgerId> {
    let keyring = deliberation.rules.keyring;
    let ledger = matching::loose_mail(mail, keyring)?;
    let code = keyring.code(ledger.0);
    let typed = mail.body.reply_text.split_whitespace().any(|word| word.eq_ignore_ascii_case(&code));
    typed.then_some(ledger)
}

fn was_told_lately(deliberation: &Deliberation<'_>, staff: &[Address]) -> bool {
    staff.iter().any(|address| got_lately(deliberation, address, Purpose::Quarantine))
}

fn got_lately(deliberation: &Deliberation<'_>, address: &Address, purpose: Purpose) -> bool {
    let sent = deliberation.docket.automatic_letters.get(&address.correspondent_key());
    sent.into_iter()
        .flatten()
        .any(|(at, sent)| *sent == purpose && deliberation.now.duration_since(*at) < SignedDuration::from_hours(1))
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
