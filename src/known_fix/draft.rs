//! The first version of an article, from what somebody asked and what solved it. People finish it.

use super::article::{Answer, Article};
use super::library::{Candidate, Library, Question};
use super::naming::new_id;
use super::passages::sentences;
use super::words::{self, WordKind};
use crate::mail::Language;

/// More of one mail repeat each other.
const SYMPTOMS_MAX: usize = 5;
/// A longer sentence tells a story, and no symptom. In characters.
const SYMPTOM_CHARS: usize = 160;
/// Words of a line that are looked at.
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

/// An article for agents alone until somebody has read it over. Its id is made of the title, and none of the library has it.
pub fn draft(title: &str, language: Language, symptoms: Vec<String>, solution: &str, library: &Library) -> Article {
    let mut ids = library.articles().iter().map(|article| article.id.to_ascii_lowercase()).collect();
    Article {
        id: new_id(title, &mut ids),
        title: title.to_owned(),
        language,
        symptoms: if symptoms.is_empty() { vec![title.to_owned()] } else { symptoms },
        answer: Answer::Never,
        translation_of: None,
        body: format!("{}\n", without_courtesies(solution)),
    }
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

/// The text without the lines at its beginning and end that only greet, thank or are empty.
fn without_courtesies(text: &str) -> String {
    let greets = |line: &&str| words::words(line, None, WORDS).iter().all(|word| word.kind == WordKind::Grammar);
    let lines: Vec<&str> = text.lines().skip_while(greets).collect();
    let end = lines.len() - lines.iter().rev().take_while(|line| greets(line)).count();
    lines[..end].iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
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

    #[test]
    fn a_draft_is_for_agents_and_its_solution_starts_with_the_solution() {
        let library = Library::default();
        let solution = "Bonjour …,\n\nRedémarrez le client VPN.\n1. Ouvrez-le.\n2. Attendez.\n\nMerci et bonne journée";
        let article = draft("Le VPN refuse le mot de passe", Language::FRENCH, Vec::new(), solution, &library);
        assert_eq!(article.id, "le-vpn-refuse-le-mot-de-passe");
        assert_eq!(article.answer, Answer::Never);
        assert_eq!(article.symptoms, ["Le VPN refuse le mot de passe"]);
        assert_eq!(article.body, "Redémarrez le client VPN.\n1. Ouvrez-le.\n2. Attendez.\n");
        assert_eq!(Article::parse("x.md", &article.file()), Ok(article));
    }

    #[test]
    fn a_title_that_is_taken_gets_a_number() {
        let first = draft("VPN lent", Language::FRENCH, Vec::new(), "Attendez.", &Library::default());
        let library = Library::new(vec![first]);
        assert_eq!(draft("VPN lent", Language::FRENCH, Vec::new(), "Attendez.", &library).id, "vpn-lent-2");
    }
}
