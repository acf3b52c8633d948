//! A short mail that adds to one of a moment ago and asks nothing anew: the forgotten attachment, a correction. Strict: what might
//! be a request is one.

use std::sync::LazyLock;

use super::fold::folded;
use super::small_talk::{self, words_of};
use super::words::{self, Beginnings};

/// More words than this are a text of its own.
const WORDS_MAX: usize = 40;

/// Nor is a text longer, in bytes, whatever it is made of.
const TEXT_MAX: usize = 1_000;

/// So many words stand beside a file at most that is only handed over.
const WORDS_BESIDE_FILE: usize = 8;

/// What a mail adds to an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addition {
    /// It says that it does.
    Said,
    /// A file with no words, or with hardly any: where the earlier mail had none, it was forgotten there.
    File,
}

/// What a mail adds, if it asks nothing of its own. `text` is what was newly written, `has_file` whether a file came with it.
pub(super) fn said(text: &str, author: &str, has_file: bool) -> Option<Addition> {
    if text.len() > TEXT_MAX || text.contains('?') {
        return None;
    }
    let own = text.lines().filter(|line| !is_a_clients(line)).collect::<Vec<_>>().join("\n");
    // Most mails have more words: blanks tell sooner.
    let least = own.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    if least > WORDS_MAX {
        return None;
    }
    let words = words_of(&own);
    if words.len() > WORDS_MAX {
        return None;
    }
    if says(&words, &SAYS_SO) {
        return Some(Addition::Said);
    }
    let author = words_of(author);
    let own = words.iter().filter(|word| !author.contains(word) && !small_talk::is_courteous(word)).count();
    let hands_over = own == 0 || words.len() <= WORDS_BESIDE_FILE && says(&words, &BRINGS);
    (has_file && hands_over).then_some(Addition::File)
}

/// Whether a mail program adds the line by itself: "Envoyé de mon iPhone" below no words at all.
fn is_a_clients(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    CLIENT_LINES.of(&line).any(|start| line.starts_with(start))
}

static CLIENT_LINES: LazyLock<Beginnings> = LazyLock::new(|| words::beginnings("signature", "client_lines"));

fn says(words: &[String], expressions: &[String]) -> bool {
    let said = folded(&format!(" {} ", words.join(" ")));
    expressions.iter().any(|expression| said.contains(expression))
}

static SAYS_SO: LazyLock<Vec<String>> = LazyLock::new(|| expressions("says_so"));

/// What stands beside a file that is handed over.
static BRINGS: LazyLock<Vec<String>> = LazyLock::new(|| expressions("brings"));

/// A list as it is looked for: whole words, without accents.
fn expressions(list: &'static str) -> Vec<String> {
    words::list("addition", list).into_iter().map(|expression| format!(" {} ", folded(expression))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_forgotten_or_is_put_right_is_an_addition() {
        for (text, has_file, adds) in [
            ("Oups, la pièce jointe !", true, Addition::Said),
            ("Bonjour, j’ai oublié de joindre la capture. Désolée!", true, Addition::Said),
            ("Oubli de ma part : le poste est au 3e étage.", false, Addition::Said),
            ("Petite correction : c'est le poste 4521 et non 4512.", false, Addition::Said),
            ("Je me suis trompee, le nom est Roy.", false, Addition::Said),
            ("Oops", false, Addition::Said),
            ("Sorry, I forgot the attachment.", true, Addition::Said),
            ("I forgot to mention that it is the one on the second floor.", false, Addition::Said),
            ("This time with the file, sorry.", true, Addition::Said),
            ("", true, Addition::File),
            ("Bonjour,\n\nMerci\nMarie Tremblay", true, Addition::File),
            ("Envoyé de mon iPhone", true, Addition::File),
            ("Voici la pièce jointe.", true, Addition::File),
            ("See attached.", true, Addition::File),
            ("Here's the screenshot, thanks", true, Addition::File),
        ] {
            assert_eq!(said(text, "Marie Tremblay", has_file), Some(adds), "{text}");
        }
    }

    #[test]
    fn whoever_asks_something_adds_nothing() {
        for (text, has_file) in [
            ("", false),
            ("Bonjour, j'ai oublié mon mot de passe.", false),
            ("I forgot my password", false),
            ("Voici la pièce jointe.", false),
            ("Bonjour, merci d'ouvrir un compte pour Paul Roy, qui commence lundi. Le formulaire est ci-joint.", true),
            ("Nouvel employé : Paul Roy, bureau 214, début lundi.", true),
            ("Please create an account for Paul Roy, see attached.", true),
            ("Oups, pouvez-vous aussi commander un écran pour Paul ?", false),
            ("Merci!", false),
        ] {
            assert_eq!(said(text, "Marie Tremblay", has_file), None, "{text}");
        }
        let long = format!("Oups. {}", "Le poste affiche un écran bleu à chaque démarrage. ".repeat(8));
        assert_eq!(said(&long, "", true), None);
    }
}
