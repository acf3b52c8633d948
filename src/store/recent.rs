//! What was just committed, for the loop that needs it next: it need not be read back.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Committed values, the newest that fit. What is missing is read from the database. Clones share it.
#[derive(Debug)]
pub(super) struct Recent<K, V>(Arc<Mutex<Kept<K, V>>>);

#[derive(Debug)]
struct Kept<K, V> {
    values: BTreeMap<K, V>,
    bytes: usize,
    bytes_max: usize,
    bytes_of: fn(&V) -> usize,
}

impl<K, V> Clone for Recent<K, V> {
    fn clone(&self) -> Self {
        Recent(Arc::clone(&self.0))
    }
}

impl<K: Copy + Ord + Hash, V> Recent<K, V> {
    pub(super) fn new(bytes_max: usize, bytes_of: fn(&V) -> usize) -> Recent<K, V> {
        Recent(Arc::new(Mutex::new(Kept { values: BTreeMap::new(), bytes: 0, bytes_max, bytes_of })))
    }

    pub(super) fn put(&self, values: impl IntoIterator<Item = (K, V)>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in values {
            kept.bytes += (kept.bytes_of)(&value);
            if let Some(before) = kept.values.insert(key, value) {
                kept.bytes -= (kept.bytes_of)(&before);
            }
        }
        while kept.bytes > kept.bytes_max
            && let Some((_, value)) = kept.values.pop_first()
        {
            kept.bytes -= (kept.bytes_of)(&value);
        }
    }

    /// Takes out those of these values that are still kept.
    pub(super) fn take(&self, wanted: impl IntoIterator<Item = K>) -> HashMap<K, V> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = HashMap::new();
        for key in wanted {
            if let Some(value) = kept.values.remove(&key) {
                kept.bytes -= (kept.bytes_of)(&value);
                found.insert(key, value);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_give_way_and_what_is_taken_is_gone() {
        let recent: Recent<i64, Vec<u8>> = Recent::new(10, Vec::len);
        recent.put([(1, vec![0; 4]), (2, vec![0; 4]), (3, vec![0; 4])]);
        assert_eq!(recent.take([1, 2]).into_keys().collect::<Vec<_>>(), [2]);
        recent.put([(4, vec![0; 6])]);
        assert_eq!(recent.take([3, 4]).len(), 2);
        assert!(recent.take([3, 4]).is_empty());
        recent.put([(5, vec![0; 11])]);
        assert!(recent.take([5]).is_empty(), "larger than all that may be kept");
    }
}
