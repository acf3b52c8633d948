//! The language in which the program speaks to whoever sits at its terminal: French or English, as the environment says.
//!
//! It is the one thing that is the same all through a process and belongs to nobody's mail. The service and its log stay
//! in English, so that one line can be searched for whoever started it; letters have languages of their own.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::mail::Language;

static FRENCH: AtomicBool = AtomicBool::new(false);

/// From now on what [`said!`](crate::said) writes is in the language of the environment.
pub fn speak_as_the_environment_asks() {
    FRENCH.store(asks_for_french(|name| std::env::var(name).ok()), Ordering::Relaxed);
}

/// From now on it is in English: whoever serves writes a log.
pub fn speak_english() {
    FRENCH.store(false, Ordering::Relaxed);
}

/// Whether the person at the terminal reads French.
pub fn is_french() -> bool {
    FRENCH.load(Ordering::Relaxed)
}

/// The language of the person at the terminal.
pub fn language() -> Language {
    if is_french() { Language::FRENCH } else { Language::ENGLISH }
}

/// The first of these that says anything decides (POSIX.1-2017, XBD §8.2).
fn asks_for_french(variable: impl Fn(&str) -> Option<String>) -> bool {
    let asked =
        ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| variable(name).filter(|asked| !asked.is_empty()));
    asked.is_some_and(|asked| asked.split(['_', '.', '@']).next().is_some_and(|language| language == "fr"))
}

/// A sentence for the person at the terminal, as in `format!`: first in English, then in French.
#[macro_export]
macro_rules! said {
    ($english:literal, $french:literal $(, $($argument:tt)*)?) => {
        if $crate::locale::is_french() {
            format!($french $(, $($argument)*)?)
        } else {
            format!($english $(, $($argument)*)?)
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> bool {
        asks_for_french(|name| pairs.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_first_variable_that_says_anything_decides() {
        assert!(asked(&[("LANG", "fr_CA.UTF-8")]) && asked(&[("LC_ALL", ""), ("LC_MESSAGES", "fr")]));
        assert!(asked(&[("LC_MESSAGES", "fr_FR@euro"), ("LANG", "en_CA.UTF-8")]));
        assert!(!asked(&[("LC_ALL", "C.UTF-8"), ("LANG", "fr_CA.UTF-8")]) && !asked(&[]));
        assert!(!asked(&[("LANG", "fry_NL"), ("LANGUAGE", "fr")]));
    }

    #[test]
    fn a_sentence_is_written_in_the_language_of_the_terminal() {
        let count = 2;
        assert_eq!(said!("{count} mails of {}", "{count} courriels de {}", "support"), "2 mails of support");
    }
}
