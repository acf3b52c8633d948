//! Subjects without what mail programs and ticket systems put in front.

use std::sync::LazyLock;

use regex::Regex;

use crate::mail::pattern::pattern;
use crate::mail::prefix;

/// Reply and forward prefixes, our tag, and what gateways put in front of mail from outside, by a custom that no RFC knows.
static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    let prefixes = prefix::taken_off_for_matching().collect::<Vec<_>>().join("|");
    let form =
        r"(?i)^\s*(?:(?:PREFIXES)\s*(?:\[\d+\])?\s*:|\[[^\]\r\n]{0,30}\bR-\d{1,9}\]|\[(?:external|externe|ext)\])\s*";
    pattern(&form.replace("PREFIXES", &prefixes))
});

/// Our tag wherever it stands.
static TAG: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s*\[[A-Za-z0-9 ._-]{1,20}[ #]R-\d{1,9}\]"));

/// The text without our tags.
pub(in crate::desk) fn untagged(text: &str) -> std::borrow::Cow<'_, str> {
    TAG.replace_all(text, "")
}

/// The subject without reply and forward prefixes and without our tag; on one line, at most 250 characters.
pub(in crate::desk) fn bare(subject: &str) -> String {
    let without_tag = TAG.replace_all(subject, "");
    let mut rest = without_tag.trim();
    while let Some(found) = PREFIX.find(rest).filter(|found| !found.is_empty()) {
        rest = &rest[found.end()..];
    }
    rest.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(250).collect()
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn prefixes_and_tags_go_whatever_their_order() {
        for subject in [
            "Imprimante en panne",
            "Re: Imprimante en panne",
            "RE: TR: [SD R-000012] Imprimante en panne",
            "[SD R-000012] Imprimante en panne",
            "RÉF : Re[2]: Imprimante  en\tpanne [SD R-000012]",
        ] {
            assert_eq!(bare(subject), "Imprimante en panne", "{subject}");
        }
    }

    #[test]
    fn words_that_only_look_like_prefixes_stay() {
        assert_eq!(bare("Réseau: lent"), "Réseau: lent");
        assert_eq!(bare("Relance"), "Relance");
    }
}
