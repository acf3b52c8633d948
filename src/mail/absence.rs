//! Absence notices by their words: subjects and sentences. People use the same words, so that these alone never say who wrote.

use std::sync::LazyLock;

use regex::Regex;

use super::fold::lower;
use super::pattern::pattern;
use super::words::{self, Beginnings};

/// Bytes of a text that are looked at: a notice says at its start what it is.
const START_MAX: usize = 1_200;

/// A text of more words is no notice: whoever writes more has something else to say.
const WORDS_MAX: usize = 120;

/// Beginnings of the subjects that mail programs write over an absence notice, per language, lower case. What follows
/// must be a separator: a person may well write about an absence notice.
static PREFIXES: LazyLock<Beginnings> = LazyLock::new(|| words::beginnings("absence", "subjects"));

/// Whether a subject begins as mail programs begin that of an absence notice.
pub(super) fn is_subject(subject: &str) -> bool {
    let subject =
        subject.trim_start_matches(|c: char| c.is_whitespace() || "[\"*\u{200e}\u{200f}\u{202a}\u{202b}".contains(c));
    // A long subject is compared at its start only.
    let lower = lower(subject, 160).replace('’', "'");
    is_dominos(&lower) || PREFIXES.of(&lower).any(|prefix| lower.strip_prefix(prefix).is_some_and(ends_a_prefix))
}

/// Domino's out-of-office service: "AUTO: Marie Roy is out of the office (returning 06/03/2026)", without `AUTO` before
/// version 8. A blank before the colon is a person's.
fn is_dominos(subject: &str) -> bool {
    subject.starts_with("auto: ")
        || subject.contains(" is out of the office (returning ")
        || subject.ends_with(" is out of the office.")
        || subject.contains(" est absent(e)")
}

fn ends_a_prefix(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty()
        || rest.starts_with([':', '：', ']', '(', '|'])
        || rest.starts_with("- ")
        || rest.starts_with("– ")
        || rest.starts_with("re:")
}

/// Whether a text says at its start that its writer is away, or that nobody wrote it, and asks nothing.
pub(super) fn is_text(text: &str) -> bool {
    let start = text[..text.floor_char_boundary(START_MAX)].replace('’', "'");
    let said = without_quotes(&start);
    !said.contains(['?', '؟', '？']) && SENTENCE.is_match(&said)
}

/// Characters of the longest quotation.
const QUOTATION_MAX: usize = 300;

/// Robots quote the subject that they answer.
fn without_quotes(text: &str) -> String {
    let (mut said, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(['"', '“', '«']) {
        said.push_str(&rest[..at]);
        let mut quoted = rest[at..].chars();
        let open = quoted.next();
        let close = match open {
            Some('“') => '”',
            Some('«') => '»',
            _ => '"',
        };
        let behind = quoted.as_str();
        let end = behind.char_indices().take(QUOTATION_MAX + 1).find(|(_, c)| *c == close);
        rest = match end {
            Some((end, close)) => &behind[end + close.len_utf8()..],
            None => {
                said.extend(open);
                behind
            }
        };
    }
    said.push_str(rest);
    said
}

/// Whether a text that is such a notice is hardly anything else.
pub(super) fn is_nothing_else(text: &str) -> bool {
    text.split_whitespace().take(WORDS_MAX + 1).count() <= WORDS_MAX
}

/// Sentences of absence notices, where a sentence may begin, with what may stand before them: in a line, behind a greeting, behind
/// another sentence. A word ends with `(?:\W|$)` in them: the boundary `\b` costs a hundred times as much where a text has accents.
static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    let any = words::list("absence", "sentences").join("|").replace(' ', r"\s+");
    let lead = words::list("absence", "leads").join("|").replace(' ', r"\s+");
    pattern(&format!(r"(?im)(?:^|[.!,;:])[\s*>]*(?:(?:{lead})\s+)?(?:{any})"))
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absence_notices_are_known_by_their_subject() {
        for subject in [
            "Réponse automatique : Imprimante",
            "Out of Office: x",
            "Abwesenheitsnotiz",
            "Automatic reply: a",
            "自动回复: x",
            "AUTO: Marie Roy est absent(e) du bureau (retour le 3 juin 2026)",
            "Marie Roy is out of the office.",
            "Réponse automatique d’absence : x",
            "\u{200f}תשובה אוטומטית: מדפסת",
            "رد تلقائي: طابعة",
        ] {
            assert!(is_subject(subject), "{subject}");
        }
    }

    #[test]
    fn people_may_write_about_absence_notices() {
        for subject in [
            "Out of office reply does not work",
            "Re: Automatic reply: x",
            "Absence de réseau au 3e",
            "Automatic door broken",
            "Auto : panne",
            "Paul is out of the office and I need his files",
        ] {
            assert!(!is_subject(subject), "{subject}");
        }
    }

    #[test]
    fn a_notice_says_that_its_writer_is_away() {
        for text in [
            "Bonjour,\n\nJe suis absente du bureau jusqu’au 14 juin.",
            "Merci de votre message. Je serai en congé du 3 au 10 août.",
            "Hello, I am currently out of the office and will answer on Monday.",
            "This is an automatic reply.",
            "Ich bin bis zum 4. Juni nicht im Büro.",
            "Estoy fuera de la oficina hasta el lunes.",
            "Please note that I am away until Monday.",
            "I will be on annual leave from 3 to 7 August.",
            "I'm OOO this week.",
            "I have limited access to my email until Monday.",
            "Je suis présentement en congé de maternité.",
            "Nos bureaux sont fermés jusqu'au 3 janvier.",
            "Thank you for your email. I'm currently out of the office with limited access.",
            "Ich bin ab Montag wieder im Büro.",
            "Sono in ferie fino al 3 settembre.",
        ] {
            assert!(is_text(text), "{text}");
        }
    }

    #[test]
    fn people_speak_of_absence_too() {
        for text in [
            "Je suis absent demain, pouvez-vous passer jeudi ?",
            "Le message d'absence ne s'active pas.",
            "My automatic reply went to everybody, please stop it.",
            "Paul est absent et son poste est verrouillé.",
            "The door is out of order.",
            "",
        ] {
            assert!(!is_text(text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_quotation_is_left_out_where_its_end_is_near(pieces in proptest::collection::vec("[\"“”«»é ]|x{299,301}", 0..12)) {
            let text = pieces.concat();
            let quotations = Regex::new("\"[^\"]{0,300}\"|“[^”]{0,300}”|«[^»]{0,300}»").unwrap();
            proptest::prop_assert_eq!(without_quotes(&text), quotations.replace_all(&text, ""));
        }
    }
}
