//! The sentences of a request that could stand among an article's symptoms.

use super::library::{Candidate, Library, Question};
use super::passages::sentences;
use super::words::{self, WordKind};

/// More of one mail repeat each other.
const SYMPTOMS_MAX: usize = 5;
/// A longer sentence tells a story, and no symptom. In characters.
const SYMPTOM_CHARS: usize = 160;
/// Words of a sentence that are looked at.
const WORDS: usize = 60;

/// The subject and the sentences of a request that say what is wrong, as they were written, each on one line; at most five.
pub fn telling_sentences(subject: &str, text: &str) -> Vec<String> {
    let mut telling: Vec<String> = Vec::new();
    for sentence in std::iter::once(subject).chain(sentences(text)) {
        let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
        let sentence = without_greeting(&sentence).trim_end_matches(['.', ',', ';', ':', '!', ' ']);
        if tells(sentence) && !telling.iter().any(|known| known.eq_ignore_ascii_case(sentence)) {
            telling.push(sentence.to_owned());
        }
    }
    telling.truncate(SYMPTOMS_MAX);
    telling
}

impl Library {
    /// The sentence that speaks most for an article; the first where none does.
    pub fn most_telling(&self, id: &str, sentences: Vec<String>) -> Option<String> {
        let score = |sentence: &str| {
            let found = self.find(&Question { text: sentence, ..Question::default() });
            let of = |candidate: &&Candidate<'_>| self.is_same_topic(&candidate.article.id, id);
            found.candidates.iter().find(of).map_or(0.0, |candidate| candidate.score)
        };
        // Of equals the first.
        sentences.into_iter().rev().max_by(|a, b| score(a).total_cmp(&score(b)))
    }
}

/// At least two words that carry something, one of them more than `problem`.
fn tells(sentence: &str) -> bool {
    let words = words::words(sentence, None, WORDS);
    let bearing = words.iter().filter(|word| word.kind != WordKind::Grammar).count();
    let is_about = words.iter().any(|word| matches!(word.kind, WordKind::Plain | WordKind::Code));
    bearing >= 2 && is_about && sentence.chars().count() <= SYMPTOM_CHARS
}

/// "Bonjour, le VPN est lent" starts with a greeting where its first words carry nothing.
fn without_greeting(sentence: &str) -> &str {
    match sentence.split_once([',', '!']) {
        Some((first, rest)) if words::words(first, None, WORDS).is_empty() => rest.trim_start(),
        _ => sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentences_that_say_what_is_wrong_are_symptoms() {
        let text = "Bonjour,\n\nJ'ai un problème. Le VPN refuse mon mot de passe depuis ce matin.\nPouvez-vous m'aider ?\nMerci !";
        assert_eq!(
            telling_sentences("VPN refusé", text),
            ["VPN refusé", "Le VPN refuse mon mot de passe depuis ce matin"]
        );
        assert_eq!(telling_sentences("", "Bonjour, l'écran reste noir"), ["l'écran reste noir"]);
        assert_eq!(telling_sentences("Help", "Hello, I need help please."), Vec::<String>::new());
    }
}
