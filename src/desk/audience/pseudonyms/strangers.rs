//! Names of people whom no ticket knows, where the text itself says that they are names: a title, a greeting, or a first name
//! of those that are common in Québec.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::plain::{Plain, replaced};
use super::words::{PARTICLES, Word, begins_line, begins_with_capital, is_alone_on_line, words_of};

/// One a line, lower case without accents; without those that mean something else to a helpdesk (Jade, Crystal, Will).
static FIRST_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("first_names.txt").lines().collect());

/// Lower case without accents, as all words here.
const TITLES: &str = "docteur|doctor|dr|dre|m|madame|mademoiselle|miss|mlle|mme|monsieur|mr|mrs|ms";
const GREETINGS: &str = "allo|bonjour|bonsoir|cher|chere|dear|good afternoon|good morning|hello|hey|hi|merci|rebonjour|salut|\
    thanks|thank you";
/// A name has seldom more words.
const WORDS_MAX: usize = 5;

/// The text with this in the place of such names.
pub(super) fn without(text: &str, stand_in: &str) -> String {
    let plain = Plain::new(text);
    let text_read = plain.text();
    let words = words_of(text_read);
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let behind = behind_name(text_read, &words, at);
        if is_named(text_read, &words, at, behind) {
            found.push((words[at].0.start..words[behind - 1].0.end, stand_in.to_owned()));
            at = behind;
        } else {
            at += 1;
        }
    }
    replaced(text, &plain, found.into_iter())
}

/// Whether people have it for a first name; folded.
pub(super) fn is_first_name(word: &str) -> bool {
    FIRST_NAMES.contains(word)
}

/// The first word that cannot be of a name which begins at `at`.
fn behind_name(text: &str, words: &[Word], at: usize) -> usize {
    let mut behind = at + 1;
    let mut next = behind;
    while next < words.len().min(at + WORDS_MAX) && joins(&text[words[next - 1].0.end..words[next].0.start]) {
        if begins_with_capital(text, &words[next].0) {
            behind = next + 1;
        } else if !PARTICLES.contains(&words[next].1.as_str()) {
            break;
        }
        next += 1;
    }
    behind
}

fn is_named(text: &str, words: &[Word], at: usize, behind: usize) -> bool {
    let (place, word) = &words[at];
    if FIRST_NAMES.contains(word.as_str()) {
        return begins_with_capital(text, place) || is_alone_on_line(text, place);
    }
    let is_name = begins_with_capital(text, place) || PARTICLES.contains(&word.as_str()) && behind > at + 1;
    is_name && (has_title(text, words, at) || is_greeted(text, words, at, behind))
}

pub(super) fn has_title(text: &str, words: &[Word], at: usize) -> bool {
    let Some((title, word)) = at.checked_sub(1).map(|before| &words[before]) else { return false };
    let between = &text[title.end..words[at].0.start];
    // A lone M without its point is a letter.
    let is_written = between.trim_start_matches('.').chars().all(|c| matches!(c, ' ' | '\u{a0}'))
        && between.ends_with([' ', '\u{a0}']);
    is_written && TITLES.split('|').any(|title| title == word) && (word != "m" || between.starts_with('.'))
}

/// "Bonjour Julie," at the beginning of a line.
pub(super) fn is_greeted(text: &str, words: &[Word], at: usize, behind: usize) -> bool {
    let next = text[words[behind - 1].0.end..].trim_start_matches([' ', '\u{a0}', '\u{202f}']).chars().next();
    let is_greeting = |first: usize| {
        let start = words[first].0.start;
        let said: Vec<&str> = words[first..at].iter().map(|(_, word)| word.as_str()).collect();
        GREETINGS.split('|').any(|greeting| greeting == said.join(" "))
            && begins_line(text, start)
            && !text[start..words[at].0.start].contains('\n')
    };
    next.is_none_or(|c| matches!(c, ',' | '!' | '.' | ':' | '\r' | '\n'))
        && (1..=2).filter_map(|count| at.checked_sub(count)).any(is_greeting)
}

fn joins(between: &str) -> bool {
    matches!(between, " " | "\u{a0}" | "-" | "'" | "’")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::known_fix::{Article, examples};

    #[test]
    fn people_nobody_introduced_are_named_nowhere() {
        for (text, expected) in [
            ("Demandez à Julie Gagnon de vous ajouter au groupe.", "Demandez à … de vous ajouter au groupe."),
            ("Voyez avec Mme Lafrenière-Ouellet, poste 12.", "Voyez avec Mme …, poste 12."),
            ("M. de Courval a la clé; Dr. O'Neill aussi.", "M. … a la clé; Dr. … aussi."),
            ("Hi Siddharth,\nRestart it.", "Hi …,\nRestart it."),
            ("Merci Bérénice !\n", "Merci … !\n"),
            ("JEAN-PIERRE TREMBLAY l'a fait", "… l'a fait"),
            ("Cordialement\njosée\n", "Cordialement\n…\n"),
        ] {
            assert_eq!(without(text, "…"), expected);
        }
    }

    #[test]
    fn what_a_fix_speaks_of_stays() {
        for text in [
            "Ouvrez Outlook, puis Fichier > Options.",
            "Bonjour, Teams ne démarre pas.",
            "Restart Windows Explorer. Select M in the menu.",
            "Cher collègue, le lecteur M Windows est plein.",
        ] {
            assert_eq!(without(text, "…"), text);
        }
        for (file, text) in examples() {
            let article = Article::parse(file, text).unwrap();
            let texts = article.symptoms.iter().chain([&article.title, &article.body]);
            for text in texts {
                assert_eq!(without(text, "…"), *text, "{file}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_first_name_is_left_nowhere_and_a_second_time_changes_nothing(before in ".{0,40}", behind in ".{0,40}") {
            let once = without(&format!("{before} Julie, {behind}"), "…");
            prop_assert!(!words_of(&once).iter().any(|(place, _)| once[place.clone()] == *"Julie"), "{}", once);
            prop_assert_eq!(without(&once, "…"), once);
        }
    }
}
