//! Raw mails between their two commits, so that the gateway that recorded a mail need not read it back.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::desk::LedgerId;

/// Committed bytes, the newest that fit. What is missing is read from the database. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct RawCache(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    mails: BTreeMap<LedgerId, Vec<u8>>,
    bytes: usize,
}

const BYTES_MAX: usize = 16 << 20;

impl RawCache {
    pub(super) fn put(&self, mails: impl Iterator<Item = (LedgerId, Vec<u8>)>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, raw) in mails {
            kept.bytes += raw.len();
            kept.mails.insert(id, raw);
        }
        while kept.bytes > BYTES_MAX
            && let Some((_, raw)) = kept.mails.pop_first()
        {
            kept.bytes -= raw.len();
        }
    }

    /// Those of these mails that are here. They are here no more.
    pub(super) fn take(&self, wanted: impl Iterator<Item = LedgerId>) -> HashMap<LedgerId, Vec<u8>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = HashMap::new();
        for id in wanted {
            if let Some(raw) = kept.mails.remove(&id) {
                kept.bytes -= raw.len();
                found.insert(id, raw);
            }
        }
        found
    }
}
