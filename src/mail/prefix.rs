//! What mail programs put before the subject of an answer or a forwarded mail (RFC 5322 §3.6.5 knows only `Re:`): one table for
//! all who read subjects.

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

/// Lower case, without the colon.
const PREFIXES: &[(&str, Means, Off)] = &[
    ("re", Means::Answer, Off::Everywhere),
    ("ré", Means::Answer, Off::Everywhere),
    ("rép", Means::Answer, Off::Everywhere),
    ("rep", Means::Answer, Off::ForMatching),
    ("réf", Means::Answer, Off::Everywhere),
    ("ref", Means::Answer, Off::ForMatching),
    ("aw", Means::Answer, Off::Everywhere),
    ("antwort", Means::Answer, Off::Nowhere),
    ("sv", Means::Answer, Off::Everywhere),
    ("antw", Means::Answer, Off::Everywhere),
    ("r", Means::Answer, Off::ForMatching),
    ("rif", Means::Answer, Off::InLetters),
    ("odp", Means::Answer, Off::InLetters),
    ("res", Means::Answer, Off::InLetters),
    ("ynt", Means::Answer, Off::InLetters),
    ("vá", Means::Answer, Off::Nowhere),
    ("απ", Means::Answer, Off::Nowhere),
    ("σχετ", Means::Answer, Off::Nowhere),
    ("atb", Means::Answer, Off::InLetters),
    ("bls", Means::Answer, Off::InLetters),
    ("回复", Means::Answer, Off::Nowhere),
    ("回覆", Means::Answer, Off::Nowhere),
    ("答复", Means::Answer, Off::Nowhere),
    ("返信", Means::Answer, Off::Nowhere),
    ("회신", Means::Answer, Off::Nowhere),
    ("תגובה", Means::Answer, Off::Nowhere),
    ("השב", Means::Answer, Off::Nowhere),
    ("отв", Means::Answer, Off::Nowhere),
    ("ответ", Means::Answer, Off::Nowhere),
    ("від", Means::Answer, Off::Nowhere),
    ("fw", Means::Forward, Off::Everywhere),
    ("fwd", Means::Forward, Off::Everywhere),
    ("tr", Means::Forward, Off::Everywhere),
    ("wg", Means::Forward, Off::Everywhere),
    ("i", Means::Forward, Off::Everywhere),
    ("enc", Means::Forward, Off::Everywhere),
    ("vb", Means::Forward, Off::Nowhere),
    ("vl", Means::Forward, Off::InLetters),
    ("rv", Means::Forward, Off::Everywhere),
    ("doorst", Means::Forward, Off::InLetters),
    ("pd", Means::Forward, Off::Nowhere),
    ("ilt", Means::Forward, Off::Nowhere),
    ("i\u{307}lt", Means::Forward, Off::Nowhere),
    ("tov", Means::Forward, Off::Nowhere),
    ("trs", Means::Forward, Off::Nowhere),
    ("πρθ", Means::Forward, Off::Nowhere),
    ("framsent", Means::Forward, Off::Nowhere),
    ("转发", Means::Forward, Off::Nowhere),
    ("轉寄", Means::Forward, Off::Nowhere),
    ("轉發", Means::Forward, Off::Nowhere),
    ("転送", Means::Forward, Off::Nowhere),
    ("전달", Means::Forward, Off::Nowhere),
    ("הועבר", Means::Forward, Off::Nowhere),
    ("إعادة توجيه", Means::Forward, Off::Nowhere),
    ("edasi", Means::Forward, Off::Nowhere),
    ("пересл", Means::Forward, Off::Nowhere),
    ("vs", Means::Either, Off::Everywhere),
];

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
    fn each_prefix_stands_once_and_is_lower_case() {
        for (at, (prefix, ..)) in PREFIXES.iter().enumerate() {
            assert!(PREFIXES[..at].iter().all(|(other, ..)| other != prefix), "{prefix} stands twice");
            assert_eq!(*prefix, prefix.to_lowercase());
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
