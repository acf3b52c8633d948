//! Delivery status notifications: RFC 3464 and the forms that are none.

mod codes;
mod dsn;
mod original;
mod reason;
mod recognise;
mod subject;
mod text;

use std::borrow::Cow;

use super::classified::Read;
use super::fold::lower;
use super::words::{self, List};
use super::{Address, DeliveryStatus};

pub(super) use original::{message_id as original_message_id, recipients as original_recipients};
pub(super) use recognise::{is_subject_of_report, of, rejection};

/// A recipient, and what the other server said about it.
#[derive(Clone, Debug)]
struct Failure {
    status: DeliveryStatus,
    diagnostic: String,
}

impl Failure {
    fn of(recipient: Option<String>, action: Option<String>, diagnostic: String) -> Self {
        let status = DeliveryStatus {
            recipient,
            action,
            status: None,
            replycode: None,
            reason: None,
            hard: false,
            original_message_id: None,
        };
        Failure { status, diagnostic }
    }
}

/// Recipients beyond this number are not listed.
const RECIPIENTS_MAX: usize = 500;

/// What happened to each recipient, as far as the report says.
pub(super) fn recipients(read: &Read<'_, '_>) -> Vec<DeliveryStatus> {
    let mut found = dsn::recipients(read);
    found.retain(|failure| failure.status.recipient.is_some() || failure.status.status.is_some());
    found.truncate(RECIPIENTS_MAX);
    let human = text::human_part(read);
    if !found.iter().any(|failure| failure.status.recipient.is_some()) {
        found = text::recipients(read, &human, found);
    }
    let original = original::message_id(read);
    let mut unique: Vec<DeliveryStatus> = Vec::new();
    let several = found.len() > 1;
    let addresses: Vec<Address> =
        found.iter().filter_map(|failure| failure.status.recipient.as_ref()?.parse().ok()).collect();
    let blocks = if several { Some(text::Blocks::of(&human, &addresses)) } else { None };
    for mut failure in found {
        let recipient = failure.status.recipient.as_ref().and_then(|recipient| recipient.parse().ok());
        let around = match (&blocks, recipient) {
            (Some(blocks), Some(recipient)) => Cow::Owned(blocks.about(&recipient)),
            (Some(_), None) => Cow::Borrowed(""),
            (None, _) => Cow::Borrowed(&*human),
        };
        complete(&mut failure, read, &around);
        if is_about_another(&failure, &addresses) {
            (failure.status.hard, failure.status.reason) = (false, Some("undefined".to_owned()));
        }
        failure.status.original_message_id.clone_from(&original);
        if !unique.iter().any(|known| known.recipient == failure.status.recipient) {
            unique.push(failure.status);
        }
    }
    unique
}

/// Whether what the other server said names another recipient of the same report: nullmailer gives all of them the first
/// refusal, and the letter may be good for this one.
fn is_about_another(failure: &Failure, addresses: &[Address]) -> bool {
    let own: Option<Address> = failure.status.recipient.as_ref().and_then(|recipient| recipient.parse().ok());
    let Some(own) = own else { return false };
    let parts = failure.diagnostic.split('<').skip(1).take(10).filter_map(|part| part.split_once('>'));
    let named: Vec<Address> = parts.filter_map(|(address, _)| address.parse().ok()).collect();
    !named.iter().any(|address| address.is(&own))
        && named.iter().any(|address| addresses.iter().any(|it| it.is(address)))
}

/// Fills in what the report states elsewhere than in the field for it.
fn complete(failure: &mut Failure, read: &Read<'_, '_>, human: &str) {
    let status = &mut failure.status;
    let in_diagnostic = codes::best_status(&failure.diagnostic);
    let vague = status.status.as_deref().is_none_or(|code| code.ends_with(".0.0"));
    if vague {
        let telling = |code: &String| !code.ends_with(".0.0");
        let in_text = || codes::best_status(human);
        status.status = in_diagnostic
            .clone()
            .filter(telling)
            .or_else(|| in_text().filter(telling))
            .or(status.status.take())
            .or(in_diagnostic)
            .or_else(in_text);
    }
    status.replycode = codes::reply(&failure.diagnostic).or_else(|| codes::reply(human));
    if status.action.as_deref() == Some("delayed") && says_it_is_over(human) {
        status.action = Some("failed".to_owned());
    }
    if status.action.is_none() {
        status.action = Some(action(read, status.status.as_deref(), human).to_owned());
    }
    let action = status.action.clone().unwrap_or_default();
    let reason = reason::of(&reason::Evidence {
        diagnostic: &failure.diagnostic,
        human,
        subject: read.subject,
        status: status.status.as_deref(),
        replycode: status.replycode.as_deref(),
        action: &action,
        recipient: status.recipient.as_deref(),
    });
    status.hard = reason::is_hard(reason, &action, status.status.as_deref());
    status.reason = Some(reason.to_owned());
}

/// What a report without an Action field says.
fn action(read: &Read<'_, '_>, status: Option<&str>, human: &str) -> &'static str {
    let subject = read.subject.to_lowercase();
    let start = lower(human, 2_000);
    let says = |words: &[&str]| words.iter().any(|word| subject.contains(word) || start.contains(word));
    if status.is_some_and(|code| code.starts_with('2')) {
        "delivered"
    } else if status.is_some_and(|code| code.starts_with('5')) {
        "failed"
    } else if says(&DELAYS) {
        "delayed"
    } else {
        "failed"
    }
}

/// OpenSMTPD calls the end of its queue's time a delay (bounce.c: "Envelope expired").
fn says_it_is_over(human: &str) -> bool {
    human.lines().take(200).any(|line| line.trim_end().to_ascii_lowercase().ends_with(": envelope expired"))
}

/// By which reports say that they still try (Exim's and Sendmail's warnings, Postfix's delay notices, gateways').
static DELAYS: List = List::new(|| words::list("report", "delays"));
