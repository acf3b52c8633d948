//! An agent's new words as commands and a text.
//!
//! Accents and case do not matter. What follows a command and is no valid argument is text. A known command that starts
//! a later line, or two commands that claim the text, are faults: the agent meant something else than we would do.

use unicode_normalization::char::is_combining_mark;

use super::words::{Rest, reader_of};
use super::{Fault, Instructions, Names};
use crate::desk::folded::folded;

impl Instructions {
    /// Reads the new words of an agent's mail.
    pub fn read(text: &str, names: &Names<'_>) -> Instructions {
        let mut read = Instructions::default();
        let mut lines = text.lines().skip_while(|line| line.trim().is_empty() || is_banner(line)).peekable();
        let mut words: Vec<&str> = Vec::new();
        while let Some(word) = lines.peek().and_then(|line| command_word(line)) {
            let line = lines.next().unwrap_or_default().trim();
            match reader_of(word) {
                None => read.faults.push(Fault::Unknown(format!("#{word}"))),
                Some(reader) => {
                    let mut rest = Rest(line[1 + word.len()..].trim_start_matches(':'));
                    match reader(&mut rest, names) {
                        None => read.faults.push(Fault::BadArgument(line.to_owned())),
                        Some(command) => {
                            if command.claims_text() {
                                words.push(word);
                            }
                            read.commands.push(command);
                            push_text(&mut read.text, rest.text());
                        }
                    }
                }
            }
        }
        for line in lines {
            if let Some(word) = command_word(line).filter(|word| reader_of(word).is_some()) {
                read.faults.push(Fault::CommandInText(format!("#{word}")));
            }
            read.text.push_str(line);
            read.text.push('\n');
        }
        read.text = read.text.trim().to_owned();
        if let ([first, .., last], false) = (words.as_slice(), read.text.is_empty()) {
            read.faults.push(Fault::TwoClaimTheText(format!("#{first}"), format!("#{last}")));
        }
        read
    }
}

/// The word behind the `#` that starts a line; `#1` and `# title` are text.
fn command_word(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('#')?;
    let end = rest.find(|c: char| !c.is_alphabetic() && !is_combining_mark(c)).unwrap_or(rest.len());
    (end > 0).then(|| &rest[..end])
}

/// The line that mail gateways put above mail from outside: it is nobody's words.
fn is_banner(line: &str) -> bool {
    let line = folded(line.trim().trim_matches(['[', ']', '*', '_', '!', '⚠', '\u{fe0f}', ' ']));
    let starts = ["caution:", "caution :", "warning:", "attention:", "attention :", "mise en garde", "avertissement"];
    let says = ["external", "externe", "outside", "exterieur"];
    matches!(line.as_str(), "external" | "externe" | "external email" | "courriel externe" | "external sender")
        || (starts.iter().any(|start| line.starts_with(start)) && says.iter().any(|word| line.contains(word)))
}

fn push_text(text: &mut String, more: &str) {
    if !more.is_empty() {
        text.push_str(more);
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{Command, Level, WaitFor};

    fn read(text: &str) -> Instructions {
        Instructions::read(text, &Names { vendors: &["acme"] })
    }

    fn only(text: &str) -> (Command, String) {
        let mut read = read(text);
        assert_eq!(read.faults, [], "{text}");
        assert_eq!(read.commands.len(), 1, "{text}");
        (read.commands.remove(0), read.text)
    }

    #[test]
    fn accents_case_and_language_do_not_matter() {
        for text in ["#résolu", "#RESOLU", "#Solved", "#re\u{301}solu", "  #resolved  "] {
            assert_eq!(only(text), (Command::Solved(None), String::new()), "{text}");
        }
    }

    #[test]
    fn what_is_no_argument_is_text() {
        assert_eq!(only("#note client fâché"), (Command::Note, "client fâché".to_owned()));
        assert_eq!(only("#résolu Redémarrez\nle poste."), (Command::Solved(None), "Redémarrez\nle poste.".to_owned()));
        assert_eq!(only("#solved FIXED\nRestart."), (Command::Solved(Some("FIXED".to_owned())), "Restart.".to_owned()));
    }

    #[test]
    fn escalations_name_a_level_a_vendor_and_a_brief() {
        let to_l2 = Command::Escalate { level: Level::L2, vendor: None };
        assert_eq!(only("#escalade N2 : le serveur est muet"), (to_l2.clone(), "le serveur est muet".to_owned()));
        assert_eq!(only("#escalate L2\n\nsee the log"), (to_l2, "see the log".to_owned()));
        let to_acme = Command::Escalate { level: Level::L3, vendor: Some("acme".to_owned()) };
        assert_eq!(only("#escalate L3 acme: crash at start"), (to_acme.clone(), "crash at start".to_owned()));
        assert_eq!(only("#escalate L3 acme crash"), (to_acme, "crash".to_owned()));
        assert_eq!(
            read("#escalate L3 acne: crash").faults,
            [Fault::BadArgument("#escalate L3 acne: crash".to_owned())]
        );
    }

    #[test]
    fn an_unknown_command_and_a_command_within_the_text_are_faults() {
        assert_eq!(read("#reslvd Bonjour").faults, [Fault::Unknown("#reslvd".to_owned())]);
        assert_eq!(read("Bonjour\n#note secret").faults, [Fault::CommandInText("#note".to_owned())]);
        assert_eq!(
            read("#note\n#solved\ntext").faults,
            [Fault::TwoClaimTheText("#note".to_owned(), "#solved".to_owned())]
        );
    }

    #[test]
    fn hashes_in_prose_are_text() {
        let read = read("Voir #1 et #bug dans le texte.\n# titre\n#hashtag");
        assert_eq!((read.commands.len(), read.faults.len()), (0, 0));
    }

    #[test]
    fn a_banner_above_the_words_is_skipped() {
        let text = "CAUTION: This email originated from outside of the organization.\n\n#take\nI look into it.";
        assert_eq!(only(text), (Command::Take, "I look into it.".to_owned()));
    }

    #[test]
    fn waiting_takes_a_party_a_date_or_a_duration() {
        let waits = |text| match only(text).0 {
            Command::Pending(wait) => wait,
            other => panic!("{other:?}"),
        };
        assert_eq!(waits("#attente client"), WaitFor::Requester);
        assert_eq!(waits("#pending until 2026-12-01"), WaitFor::Date(jiff::civil::date(2026, 12, 1)));
        assert_eq!(waits("#pending 3d"), WaitFor::Hours(72));
        assert_eq!(waits("#attente jusqu'au 2 jours"), WaitFor::Hours(48));
    }

    #[test]
    fn several_commands_stand_on_a_line_each() {
        let read = read("#priorité 2\n#cc +a@x.test -b@x.test\n#pièces 1,3\n#fournisseur acme ref=INC7 : regardez");
        assert_eq!(read.faults, []);
        assert_eq!(read.commands.len(), 4);
        assert_eq!(read.text, "regardez");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_and_no_word_of_a_plain_one_is_lost(text in "\\PC{0,80}(\\n\\PC{0,80}){0,5}") {
            let read = read(&text);
            if read.commands.is_empty() && read.faults.is_empty() && !is_banner(text.trim_start().lines().next().unwrap_or("")) {
                let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
                proptest::prop_assert_eq!(words(&read.text), words(&text));
            }
        }
    }
}
