//! Accents dropped: people write words, names and commands with and without them.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The first characters of a text in lower case, each for itself.
pub(super) fn lower(text: &str, characters: usize) -> String {
    let mut lower = String::with_capacity(text.len().min(characters));
    for c in text.chars().take(characters) {
        if c.is_ascii() {
            lower.push(c.to_ascii_lowercase());
        } else {
            lower.extend(c.to_lowercase());
        }
    }
    lower
}

/// The form in which words are compared: lower case, without accents. A ligature is a letter of its own.
pub fn folded(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// The form in which names are looked for: the same, and what only looks otherwise is one (`ﬁ` is `fi`, `①` is `1`).
pub fn folded_alike(text: &str) -> String {
    unmarked(text.chars()).flat_map(char::to_lowercase).collect()
}

/// Characters without accents, and as the ordinary ones that they stand for (NFKD); their case stays.
pub fn unmarked(characters: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    characters.nfkd().filter(|c| !is_combining_mark(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_go_and_only_one_form_opens_what_looks_otherwise() {
        assert_eq!(folded("ÉLÈVE à Québec"), "eleve a quebec");
        assert_eq!((folded("ﬁn ①").as_str(), folded_alike("ﬁn ①").as_str()), ("ﬁn ①", "fin 1"));
        assert_eq!(folded_alike("Zoë CÔTÉ"), "zoe cote");
        assert_eq!(unmarked("Œuf Ç".chars()).collect::<String>(), "Œuf C");
    }
}
