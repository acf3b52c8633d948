//! The first version of an article, from what somebody asked and what solved it. People finish it.

use super::article::{Answer, Article};
use super::library::Library;
use super::naming::new_id;
use super::words::{self, WordKind};
use crate::mail::Language;

/// Words of a line that are looked at.
const WORDS: usize = 60;

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
