//! What the loops have counted since the process started, for `/metrics`.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// A count that only grows, or one for each value of its label. It exists once counted.
#[derive(Debug)]
pub struct Counter {
    /// As Prometheus has it: letters, digits and `_`, and `_total` last.
    pub name: &'static str,
    /// What is counted, in one line.
    pub help: &'static str,
    /// The name of the label.
    pub label: Option<&'static str>,
    counts: Mutex<BTreeMap<String, u64>>,
}

/// Mails that were written into the ledger.
pub static MAILS_TAKEN_IN: Counter =
    Counter::by("mailbox", "guichet_mails_taken_in_total", "Mails written to the ledger, by mailbox");
/// Mails whose decision was written down.
pub static MAILS_DECIDED: Counter = Counter::by("outcome", "guichet_mails_decided_total", "Mails decided, by outcome");
/// Deliveries that the relay took.
pub static LETTERS_SENT: Counter = Counter::one("guichet_letters_sent_total", "Deliveries that the relay took");
/// Deliveries that failed for good.
pub static DELIVERIES_FAILED: Counter = Counter::one("guichet_deliveries_failed_total", "Deliveries given up");

impl Counter {
    const fn one(name: &'static str, help: &'static str) -> Counter {
        Counter { name, help, label: None, counts: Mutex::new(BTreeMap::new()) }
    }

    const fn by(label: &'static str, name: &'static str, help: &'static str) -> Counter {
        Counter { name, help, label: Some(label), counts: Mutex::new(BTreeMap::new()) }
    }

    pub(super) fn count(&self) {
        self.count_for("");
    }

    pub(super) fn count_for(&self, value: &str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get_mut(value) {
            Some(count) => *count += 1,
            None => _ = counts.insert(value.to_owned(), 1),
        }
    }

    /// By the label's value, in its order; by an empty text where there is no label.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
