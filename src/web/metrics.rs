//! The counters and gauges of `/metrics`.

use anyhow::{Context, Result};
use metrics::{Unit, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::gateway::{DELIVERIES_FAILED, LETTERS_SENT, MAILS_DECIDED, MAILS_TAKEN_IN};
use crate::view::Status;

const INBOX_PENDING: &str = "guichet_inbox_pending";
const OUTBOX_PENDING: &str = "guichet_outbox_pending";
const QUARANTINED: &str = "guichet_quarantined";
const OUTBOX_HELD: &str = "guichet_outbox_held";
const OLDEST_UNHANDLED: &str = "guichet_oldest_unhandled_seconds";
const OLDEST_UNSENT: &str = "guichet_oldest_unsent_seconds";
const MAILBOX_WAITING: &str = "guichet_mailbox_waiting";
const MAILBOX_TROUBLE: &str = "guichet_mailbox_trouble";
const LAST_EXCHANGE: &str = "guichet_mailbox_last_exchange_seconds";

/// Counts from now on, for the rest of the process; to be called once.
pub fn start_metrics() -> Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new().install_recorder().context("Cannot start counting")?;
    describe_counter!(MAILS_TAKEN_IN, "Mails written to the ledger, by mailbox");
    describe_counter!(MAILS_DECIDED, "Mails decided, by outcome");
    describe_counter!(LETTERS_SENT, "Deliveries that the relay took");
    describe_counter!(DELIVERIES_FAILED, "Deliveries given up");
    describe_gauge!(INBOX_PENDING, "Mails not yet decided, with those that are yet to be taken in");
    describe_gauge!(OUTBOX_PENDING, "Letters that have not left yet");
    describe_gauge!(QUARANTINED, "Mails that wait for a human");
    describe_gauge!(OUTBOX_HELD, "Deliveries that wait for a human");
    describe_gauge!(OLDEST_UNHANDLED, Unit::Seconds, "Age of the oldest mail that is not decided");
    describe_gauge!(OLDEST_UNSENT, Unit::Seconds, "Age of the oldest letter that has not left");
    describe_gauge!(MAILBOX_WAITING, "Messages of the watched folder that are yet to be taken in");
    describe_gauge!(MAILBOX_TROUBLE, "1 where a mailbox cannot be watched, or handled mail cannot be moved");
    describe_gauge!(LAST_EXCHANGE, Unit::Seconds, "Since the mailbox's server last answered");
    Ok(handle)
}

pub(super) fn set_gauges(status: &Status) {
    gauge!(INBOX_PENDING).set(status.inbox_pending as f64);
    gauge!(OUTBOX_PENDING).set(status.outbox_pending as f64);
    gauge!(QUARANTINED).set(status.quarantined as f64);
    gauge!(OUTBOX_HELD).set(status.outbox_held as f64);
    gauge!(OLDEST_UNHANDLED).set(status.oldest_unhandled_seconds as f64);
    gauge!(OLDEST_UNSENT).set(status.oldest_unsent_seconds as f64);
    for mailbox in &status.mailboxes {
        gauge!(MAILBOX_WAITING, "mailbox" => mailbox.name.clone()).set(mailbox.waiting as f64);
        gauge!(MAILBOX_TROUBLE, "mailbox" => mailbox.name.clone()).set(f64::from(u8::from(mailbox.trouble.is_some())));
        if let Some(seconds) = mailbox.last_exchange_seconds {
            gauge!(LAST_EXCHANGE, "mailbox" => mailbox.name.clone()).set(seconds as f64);
        }
    }
}
