//! What mail programs put before the subject of an answer or a forwarded mail (RFC 5322 §3.6.5 knows only `Re:`): one table for
//! all who read subjects.

use std::sync::LazyLock;

use super::words;

/// What a prefix says of the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    Answer,
    Forward,
    /// Vastaus, an answer, to Finns; videresendt, a forward, to Danes and Norwegians.
    Either,
}

/// From which subjects it is taken off: what people here write as a word of their own stays there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Off {
    Everywhere,
    /// Taken off where subjects are compared, not off those of our letters.
    ForMatching,
    /// Taken off those of our letters, not where subjects are compared.
    InLetters,
    Nowhere,
}

static PREFIXES: LazyLock<Vec<(&str, Means, Off)>> = LazyLock::new(|| {
    let lists = [
        ("answer", Means::Answer, Off::Everywhere),
        ("answer_for_matching", Means::Answer, Off::ForMatching),
        ("answer_in_letters", Means::Answer, Off::InLetters),
        ("answer_kept", Means::Answer, Off::Nowhere),
        ("forward", Means::Forward, Off::Everywhere),
        ("forward_in_letters", Means::Forward, Off::InLetters),
        ("forward_kept", Means::Forward, Off::Nowhere),
        ("either", Means::Either, Off::Everywhere),
    ];
    let of_list = |(name, means, off)| words::list("subject", name).into_iter().map(move |prefix| (prefix, means, off));
    let mut all: Vec<_> = lists.into_iter().flat_map(of_list).collect();
    // Neighbours share prefixes.
    all.sort_by_key(|(prefix, ..)| *prefix);
    all.dedup();
    all
});

/// What the prefix says; it is lower case, without digits, brackets and colon.
pub(super) fn meaning(prefix: &str) -> Option<Means> {
    PREFIXES.iter().find(|(known, ..)| *known == prefix).map(|(_, means, _)| *means)
}

/// Prefixes that are taken off before subjects are compared.
pub fn taken_off_for_matching() -> impl Iterator<Item = &'static str> {
    let off = PREFIXES.iter().filter(|(.., off)| matches!(off, Off::Everywhere | Off::ForMatching));
    off.map(|(prefix, ..)| *prefix)
}

/// Whether the subject of a letter of ours goes without it.
pub fn is_taken_off_letters(prefix: &str) -> bool {
    PREFIXES.iter().any(|(known, _, off)| *known == prefix && matches!(off, Off::Everywhere | Off::InLetters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_prefix_says_one_thing() {
        assert!(PREFIXES.len() > 50);
        for pair in PREFIXES.windows(2) {
            assert_ne!(pair[0].0, pair[1].0, "it stands in two lists");
        }
    }

    #[test]
    fn what_is_a_word_to_people_stays_in_our_letters_and_goes_for_comparing() {
        let matched: Vec<_> = taken_off_for_matching().collect();
        for prefix in ["re", "ré", "rép", "réf", "tr", "fw", "fwd", "wg", "aw", "sv", "vs", "antw", "rv", "enc", "i"]
        {
            assert!(is_taken_off_letters(prefix) && matched.contains(&prefix), "{prefix}");
        }
        for prefix in ["ref", "rep", "r"] {
            assert!(!is_taken_off_letters(prefix) && matched.contains(&prefix), "{prefix}");
        }
        for prefix in ["rif", "res", "ynt", "doorst", "vl", "odp", "atb", "bls"] {
            assert!(is_taken_off_letters(prefix) && !matched.contains(&prefix), "{prefix}");
        }
        for prefix in ["回复", "转发", "antwort", "urgent", "note", ""] {
            assert!(!is_taken_off_letters(prefix) && !matched.contains(&prefix), "{prefix}");
        }
    }
}
