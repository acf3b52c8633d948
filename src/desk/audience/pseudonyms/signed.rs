//! The names that people sign with.

use super::plain::Plain;
use super::strangers;
use super::words::{PARTICLES, begins_with_capital, words_of};

/// What stands above or before a name at the end of a mail; words without accents, in lower case, a blank between them.
const CLOSINGS: [&str; 26] = [
    "a bientot",
    "amicalement",
    "best",
    "best regards",
    "bien a vous",
    "bonne fin de journee",
    "bonne journee",
    "bonne soiree",
    "cheers",
    "cordialement",
    "cordially",
    "kind regards",
    "many thanks",
    "merci",
    "merci beaucoup",
    "merci d avance",
    "merci et bonne journee",
    "mes salutations",
    "regards",
    "respectueusement",
    "salutations",
    "sincerely",
    "thank you",
    "thanks",
    "yours",
    "yours truly",
];
/// How many written lines from the end a sign-off is looked for in.
const LINES: usize = 10;
/// How many lines under a closing word, or at the end without one, may hold the name.
const NAME_LINES: usize = 3;
const WORDS_MAX: usize = 5;

/// The names under a text of somebody's own, as they were written: "Marie T.", "M. Tremblay" of "M. Tremblay, comptable, poste 4411".
/// Quoted lines are somebody else's.
pub fn signed_names(text: &str) -> Vec<String> {
    let written = text.lines().rev().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('>'));
    let mut lines: Vec<&str> = written.take(LINES).collect();
    lines.reverse();
    let closing = lines.iter().enumerate().rev().find_map(|(at, line)| Some((at, behind_closing(line)?)));
    let name = match closing {
        Some((at, same_line)) => {
            let below = lines[at + 1..].iter().take(NAME_LINES).copied();
            std::iter::once(same_line).chain(below).find_map(name)
        }
        None => {
            let last = &lines[lines.len().saturating_sub(NAME_LINES)..];
            last.iter().find_map(|line| name(line).filter(|name| is_surely_name(line, name)))
        }
    };
    name.into_iter().collect()
}

/// What follows a closing word on its line; `None` where the line has none.
fn behind_closing(line: &str) -> Option<&str> {
    if line.chars().all(|c| matches!(c, '-' | '_' | '—')) {
        return Some("");
    }
    let (said, rest) = line.split_once([',', '!', '.', '-', '–']).unwrap_or((line, ""));
    let letters = said.bytes().filter(u8::is_ascii_alphabetic).count();
    if CLOSINGS.iter().all(|closing| closing.len() < letters) {
        return None;
    }
    let plain = Plain::new(said);
    let said: Vec<String> = words_of(plain.text()).into_iter().map(|(_, word)| word).collect();
    CLOSINGS.contains(&said.join(" ").as_str()).then_some(rest.trim())
}

/// The first words of the line, if they are written as names are.
fn name(line: &str) -> Option<String> {
    let name = line.split([',', '|', ';', '(', '/', '•', '·', '–', '—', '\t']).next()?.split(" - ").next()?;
    let name = name.trim().trim_start_matches(['-', '*', ' ']);
    // Most lines are sentences.
    let words = name.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count();
    if words > WORDS_MAX || name.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let plain = Plain::new(name);
    let text = plain.text();
    let words = words_of(text);
    let is_named = |place, word: &str| begins_with_capital(text, place) || PARTICLES.contains(&word);
    let is_name = (1..=WORDS_MAX).contains(&words.len())
        && words.iter().all(|(place, word)| is_named(place, word))
        && words.iter().any(|(_, word)| word.chars().count() > 1)
        && text.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '.' | '-' | '\''));
    // A sentence ends in a point, a name in that of an initial.
    let ends_sentence = text.ends_with('.') && words.last().is_some_and(|(_, word)| word.chars().count() > 1);
    (is_name && !ends_sentence).then(|| name.to_owned())
}

/// Without a closing word above it: a first name that people have, an initial, or what the person does behind a comma.
fn is_surely_name(line: &str, name: &str) -> bool {
    let plain = Plain::new(name);
    let words = words_of(plain.text());
    let has_first_name = words.iter().any(|(_, word)| strangers::is_first_name(word));
    let has_initial = words.iter().any(|(_, word)| word.chars().count() == 1);
    has_first_name || words.len() > 1 && (has_initial || line.len() > name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_tells_who_signed_it() {
        for (text, expected) in [
            ("L'écran est noir.\n\nMerci,\nBérénice G.\n", vec!["Bérénice G."]),
            ("L'écran est noir.\n\nB. Gagné, comptable, poste 4417", vec!["B. Gagné"]),
            ("It is broken.\nRegards,\nSiddharth Rao\nAcme Ltd", vec!["Siddharth Rao"]),
            ("L'écran est noir. Merci!\nJulie", vec!["Julie"]),
            ("Ça marche.\nMerci, Bérénice\n> Cordialement\n> Autre Nom", vec!["Bérénice"]),
            ("--\nJean-Guy de la Durantaye | Achats", vec!["Jean-Guy de la Durantaye"]),
            ("L'écran est noir.\nMerci de votre aide.", vec![]),
            ("Outlook ne démarre pas.\nWindows Update", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(signed_names(text), expected, "{text}");
        }
    }
}
