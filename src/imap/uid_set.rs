//! Sets of UIDs as commands take them (RFC 3501 §9, `sequence-set`).

use std::fmt::Write;

/// The UIDs in order, runs of neighbours as `first:last`. Names no UID that is not in `uids`.
pub(super) fn uid_set(uids: &[u32]) -> String {
    let mut uids = uids.to_vec();
    uids.sort_unstable();
    uids.dedup();
    let mut set = String::new();
    for run in uids.chunk_by(|a, b| b - a == 1) {
        let (first, last) = (run[0], run[run.len() - 1]);
        let separator = if set.is_empty() { "" } else { "," };
        // Writing into a String cannot fail.
        let _ =
            if first == last { write!(set, "{separator}{first}") } else { write!(set, "{separator}{first}:{last}") };
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn runs_are_folded() {
        assert_eq!(uid_set(&[7, 1, 2, 3, 9, 8, 20, 2]), "1:3,7:9,20");
        assert_eq!(uid_set(&[u32::MAX, u32::MAX - 1]), "4294967294:4294967295");
        assert_eq!(uid_set(&[]), "");
    }

    proptest! {
        #[test]
        fn a_set_names_exactly_its_uids(uids in proptest::collection::btree_set(1u32..200, 1..60)) {
            let uids: Vec<u32> = uids.into_iter().collect();
            let named: Vec<u32> = uid_set(&uids)
                .split(',')
                .flat_map(|range| {
                    let (first, last) = range.split_once(':').unwrap_or((range, range));
                    first.parse::<u32>().unwrap()..=last.parse::<u32>().unwrap()
                })
                .collect();
            prop_assert_eq!(named, uids);
        }
    }
}
