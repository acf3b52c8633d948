//! The text of `/metrics`: Prometheus' text format 0.0.4.

use std::fmt::Write as _;

use crate::gateway::{Counter, DELIVERIES_FAILED, LETTERS_SENT, MAILS_DECIDED, MAILS_TAKEN_IN};
use crate::view::Status;

const COUNTERS: [&Counter; 4] = [&MAILS_TAKEN_IN, &MAILS_DECIDED, &LETTERS_SENT, &DELIVERIES_FAILED];

/// What was counted, and how the service is; counters alone where that was never known.
pub(super) fn page(status: Option<&Status>) -> String {
    let mut page = String::new();
    for counter in COUNTERS {
        let counts = counter.counts();
        let samples = counts.iter().map(|(value, count)| (counter.label.map(|label| (label, value.as_str())), *count));
        write_family(&mut page, counter.name, "counter", counter.help, samples);
    }
    if let Some(status) = status {
        write_gauges(&mut page, status);
    }
    page
}

fn write_gauges(page: &mut String, status: &Status) {
    let mut gauge = |name, help, value: i64| write_family(page, name, "gauge", help, [(None, value)]);
    let counted = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    gauge(
        "guichet_inbox_pending",
        "Mails not yet decided, with those that are yet to be taken in",
        counted(status.inbox_pending),
    );
    gauge("guichet_outbox_pending", "Letters that have not left yet", counted(status.outbox_pending));
    gauge("guichet_quarantined", "Mails that wait for a human", counted(status.quarantined));
    gauge("guichet_outbox_held", "Deliveries that wait for a human", counted(status.outbox_held));
    gauge(
        "guichet_oldest_unhandled_seconds",
        "Age of the oldest mail that is not decided",
        status.oldest_unhandled_seconds,
    );
    gauge("guichet_oldest_unsent_seconds", "Age of the oldest letter that has not left", status.oldest_unsent_seconds);
    if let Some(sent) = &status.sent {
        gauge(
            "guichet_sent_copies_waiting",
            "Letters that left and have no copy in the folder for sent mail yet",
            counted(sent.waiting),
        );
        gauge(
            "guichet_sent_copies_trouble",
            "1 where copies cannot be put into the folder for sent mail",
            i64::from(sent.trouble.is_some()),
        );
    }
    write_family(
        page,
        "guichet_brakes_tripped",
        "gauge",
        "How often each brake against loops tripped in the last day",
        status.brakes_tripped.iter().map(|(brake, count)| (Some(("brake", brake.as_str())), *count)),
    );
    let mailboxes = || status.mailboxes.iter().map(|mailbox| (Some(("mailbox", mailbox.name.as_str())), mailbox));
    write_family(
        page,
        "guichet_mailbox_waiting",
        "gauge",
        "Messages of the watched folder that are yet to be taken in",
        mailboxes().map(|(label, mailbox)| (label, mailbox.waiting)),
    );
    write_family(
        page,
        "guichet_mailbox_trouble",
        "gauge",
        "1 where a mailbox cannot be watched, or handled mail cannot be moved",
        mailboxes().map(|(label, mailbox)| (label, u8::from(mailbox.trouble.is_some()))),
    );
    write_family(
        page,
        "guichet_mailbox_last_exchange_seconds",
        "gauge",
        "Since the mailbox's server last answered",
        mailboxes().filter_map(|(label, mailbox)| Some((label, mailbox.last_exchange_seconds?))),
    );
}

/// A metric with its samples, each by a label's name and value; nothing where there is no sample.
fn write_family<'a, N: std::fmt::Display>(
    page: &mut String,
    name: &str,
    kind: &str,
    help: &str,
    samples: impl IntoIterator<Item = (Option<(&'a str, &'a str)>, N)>,
) {
    let mut samples = samples.into_iter().peekable();
    if samples.peek().is_none() {
        return;
    }
    let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (label, value) in samples {
        let _ = match label {
            Some((label, of)) => writeln!(page, "{name}{{{label}=\"{}\"}} {value}", escaped(of)),
            None => writeln!(page, "{name} {value}"),
        };
    }
    page.push('\n');
}

/// The value of a label: a line feed, a backslash and a quotation mark would end it.
fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_its_help_its_type_and_a_line_a_sample() {
        let mut page = String::new();
        let samples = [(Some(("mailbox", "support")), 3), (Some(("mailbox", "say \"aid\"\n\\o/")), 0)];
        write_family(&mut page, "guichet_mailbox_waiting", "gauge", "Messages that wait", samples);
        assert_eq!(
            page,
            r#"# HELP guichet_mailbox_waiting Messages that wait
# TYPE guichet_mailbox_waiting gauge
guichet_mailbox_waiting{mailbox="support"} 3
guichet_mailbox_waiting{mailbox="say \"aid\"\n\\o/"} 0

"#
        );
    }

    #[test]
    fn a_family_without_samples_is_left_out() {
        let mut page = String::new();
        write_family::<u64>(&mut page, "guichet_letters_sent_total", "counter", "Deliveries that the relay took", []);
        assert_eq!(page, "");
    }
}
