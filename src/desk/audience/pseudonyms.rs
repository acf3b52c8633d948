//! Texts without the people of a ticket: what a vendor must not read (privacy `pseudonym`), and what no article may hold.
//!
//! The same people in the same order give the same stand-ins, so that a case reads the same from its first letter on.

mod strangers;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::mail::{Address, Language};

/// Somebody whom a vendor must not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// As it is shown; `None` where it is not known.
    pub name: Option<String>,
    /// All addresses of the person.
    pub addresses: Vec<Address>,
}

/// Stand-ins for the people of one case.
#[derive(Clone, Debug)]
pub struct Pseudonyms {
    people: Vec<Person>,
    words: Words,
    whose: Whose,
}

/// Whose addresses go, and whose names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// Those of the people of the case.
    Theirs,
    /// Everybody's.
    Anybodys,
}

#[derive(Clone, Debug)]
struct Person {
    /// Folded words of the name.
    name: HashSet<String>,
    addresses: Vec<Address>,
}

#[derive(Clone, Copy, Debug)]
struct Words {
    person: &'static str,
    address: &'static str,
    telephone: &'static str,
}

/// Words that stand within names and mean nobody alone.
const PARTICLES: [&str; 24] = [
    "al", "ben", "bin", "da", "dal", "de", "del", "della", "den", "der", "des", "di", "dit", "du", "el", "la", "le",
    "les", "mc", "st", "ste", "van", "von", "zu",
];

/// Numbers as they are written for people to call. One without separators counts behind a word for telephone.
static TELEPHONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)
        \+ \d{1,3} (?: [\ .()\u{a0}-]{0,2} \d ){7,12} \b                                    # international
        | (?: \b1 [\ .-] )? (?: \( \d{3} \) \ ? | \b \d{3} [\ .\u{a0}-] ) \d{3} [\ .\u{a0}-] \d{4} \b  # North America
        | \b 0 [1-9] (?: [\ .\u{a0}-] \d{2} ){4} \b                                          # France
        | (?: \b (?: t[ée]l | t[ée]l[ée]phone | phone | cell | cellulaire | mobile | fax ) \b [\ .:\u{a0}]{0,4} ) \d{10} \b",
    )
    .ok()
});

const ELLIPSIS: &str = "…";

impl Person {
    fn new(subject: &Subject) -> Person {
        let words = subject.name.iter().flat_map(|name| words_of(name)).map(|(_, word)| word);
        Person { name: words.filter(|word| tells(word)).collect(), addresses: subject.addresses.clone() }
    }
}

impl Pseudonyms {
    /// Stand-ins for these people, the requester first, in a language.
    pub fn new(people: &[Subject], language: Language) -> Self {
        let words = if language == Language::FRENCH {
            Words { person: "Demandeur", address: "[adresse retirée]", telephone: "[numéro retiré]" }
        } else {
            Words { person: "Requester", address: "[address removed]", telephone: "[number removed]" }
        };
        Pseudonyms { people: people.iter().map(Person::new).collect(), words, whose: Whose::Theirs }
    }

    /// An ellipsis in the place of these people's names, of others' that the text itself makes known as names, and of every mail
    /// address and telephone number.
    pub fn nobody(people: &[Subject]) -> Self {
        let words = Words { person: ELLIPSIS, address: ELLIPSIS, telephone: ELLIPSIS };
        Pseudonyms { people: people.iter().map(Person::new).collect(), words, whose: Whose::Anybodys }
    }

    /// What the person at this place of the list is called: `Requester A`.
    pub fn name(&self, at: usize) -> String {
        if self.whose == Whose::Anybodys {
            return self.words.person.to_owned();
        }
        let letter = char::from(b'A' + u8::try_from(at % 26).unwrap_or(0));
        let round = at / 26;
        let word = self.words.person;
        if round == 0 { format!("{word} {letter}") } else { format!("{word} {letter}{}", round + 1) }
    }

    /// The text without the people's names and addresses, and without telephone numbers, whosesoever.
    pub fn apply(&self, text: &str) -> String {
        let text = self.without_addresses(text);
        let text = match &*TELEPHONE {
            Some(telephone) => telephone.replace_all(&text, self.words.telephone).into_owned(),
            None => text,
        };
        let text = self.without_names(&text);
        match self.whose {
            Whose::Theirs => text,
            Whose::Anybodys => strangers::without(&text, self.words.person),
        }
    }

    fn without_addresses(&self, text: &str) -> String {
        let mut kept = String::with_capacity(text.len());
        let mut copied = 0;
        for (at, _) in text.match_indices('@') {
            let in_local = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
            let in_domain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
            let start = at - text[..at].chars().rev().take_while(|c| in_local(*c)).map(char::len_utf8).sum::<usize>();
            let end = at + 1 + text[at + 1..].chars().take_while(|c| in_domain(*c)).map(char::len_utf8).sum::<usize>();
            let end = start + text[start..end].trim_end_matches(['.', '-']).len();
            if start < copied {
                continue;
            }
            // Quotes and the like may stand before an address: every later beginning is tried too.
            let starts = text[start..at].char_indices().map(|(offset, _)| start + offset);
            if let Some(start) = starts.into_iter().find(|start| self.is_known(&text[*start..end])) {
                kept.push_str(&text[copied..start]);
                kept.push_str(self.words.address);
                copied = end;
            }
        }
        kept.push_str(&text[copied..]);
        kept
    }

    fn is_known(&self, text: &str) -> bool {
        let mut theirs = self.people.iter().flat_map(|person| &person.addresses);
        text.parse::<Address>()
            .is_ok_and(|found| self.whose == Whose::Anybodys || theirs.any(|own| found.is_within(own)))
    }

    fn without_names(&self, text: &str) -> String {
        let words = words_of(text);
        let mut kept = String::with_capacity(text.len());
        let mut copied = 0;
        let mut at = 0;
        while at < words.len() {
            match self.mention(text, &words, at) {
                Some((person, behind)) => {
                    kept.push_str(&text[copied..words[at].0.start]);
                    kept.push_str(&self.name(person));
                    copied = words[behind - 1].0.end;
                    at = behind;
                }
                None => at += 1,
            }
        }
        kept.push_str(&text[copied..]);
        kept
    }

    /// Whether a person is named from the word at `at` on: who, and the first word behind.
    fn mention(&self, text: &str, words: &[(Range<usize>, String)], at: usize) -> Option<(usize, usize)> {
        let is_anybodys = |word: &str| self.people.iter().any(|person| person.name.contains(word));
        if !is_anybodys(&words[at].1) {
            return None;
        }
        let mut behind = at + 1;
        let mut next = behind;
        while next < words.len() && are_joined(&text[words[next - 1].0.end..words[next].0.start]) {
            if is_anybodys(&words[next].1) {
                behind = next + 1;
            } else if !PARTICLES.contains(&words[next].1.as_str()) {
                break;
            }
            next += 1;
        }
        let named: Vec<&str> = words[at..behind].iter().map(|(_, word)| word.as_str()).collect();
        let common = |person: &Person| named.iter().filter(|word| person.name.contains(**word)).count();
        // Ties go to the first in the list: the requester.
        let person = (0..self.people.len()).rev().max_by_key(|at| common(&self.people[*at]))?;
        let first = &words[at].0;
        (is_written_as_name(text, first) || behind > at + 1 || is_alone_on_line(text, first))
            .then_some((person, behind))
    }
}

/// Runs of letters, each with its folded form.
fn words_of(text: &str) -> Vec<(Range<usize>, String)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let is_letter = c.is_alphabetic() || is_combining_mark(c);
        match start {
            None if is_letter => start = Some(at),
            Some(from) if !is_letter => {
                words.push((from..at, folded(&text[from..at])));
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// Lower case without accents: people write names in both ways.
fn folded(word: &str) -> String {
    word.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// Whether the word of a name is worth hiding alone: initials, particles and the "and" of a shared mailbox are
/// not.
fn tells(word: &str) -> bool {
    let letters = word.chars().count();
    (letters >= 3 || letters == 2 && !word.is_ascii()) && !PARTICLES.contains(&word) && word != "and"
}

/// Whether two words with this between them are one name.
fn are_joined(between: &str) -> bool {
    between.chars().count() <= 2
        && between.chars().all(|c| matches!(c, ' ' | '\u{a0}' | ',' | '.' | '-' | '_' | '\'' | '’'))
}

fn is_written_as_name(text: &str, word: &Range<usize>) -> bool {
    text[word.clone()].chars().next().is_some_and(char::is_uppercase)
}

fn is_alone_on_line(text: &str, word: &Range<usize>) -> bool {
    let mut behind = text[word.end..].chars().take_while(|c| *c != '\n');
    begins_line(text, word.start) && behind.all(|c| !c.is_alphanumeric())
}

/// Whether no letter or digit stands before it on its line. It looks no further than to the nearest one: lines may be long.
fn begins_line(text: &str, at: usize) -> bool {
    text[..at].chars().rev().take_while(|c| *c != '\n').all(|c| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn case() -> Pseudonyms {
        let subject = |name: &str, address: &str| Subject {
            name: Some(name.to_owned()),
            addresses: vec![address.parse().unwrap()],
        };
        Pseudonyms::new(
            &[subject("Hélène de la Tour-Côté", "helene.cote@client.test"), subject("Paul Côté", "paul@client.test")],
            Language::FRENCH,
        )
    }

    #[test]
    fn names_become_the_same_stand_in_in_every_way_they_are_written() {
        for (text, expected) in [
            ("Hélène de la Tour-Côté n'y arrive plus", "Demandeur A n'y arrive plus"),
            ("HELENE COTE", "Demandeur A"),
            ("Côté, Hélène (Laval)", "Demandeur A (Laval)"),
            ("Merci\nhélène\n", "Merci\nDemandeur A\n"),
            ("session helene.cote ouverte", "session Demandeur A ouverte"),
            ("Paul Côté et Hélène", "Demandeur B et Demandeur A"),
            ("de l'autre côté de la rue", "de l'autre côté de la rue"),
        ] {
            assert_eq!(case().apply(text), expected);
        }
    }

    #[test]
    fn their_addresses_go_and_those_of_others_stay() {
        assert_eq!(
            case().apply("De : <Helene.Cote+x@client.test>, mailto:paul@client.test. Serveur smtp@mail.test"),
            "De : <[adresse retirée]>, mailto:[adresse retirée]. Serveur smtp@mail.test"
        );
    }

    #[test]
    fn telephone_numbers_go_and_other_numbers_stay() {
        for text in ["514-555-0123", "(514) 555-0123", "+1 514 555 0123", "01 23 45 67 89", "tél. : 5145550123"] {
            assert!(case().apply(text).ends_with("[numéro retiré]"), "{text}: {}", case().apply(text));
        }
        for text in ["192.168.100.200", "KB5034441", "0x80070005", "2026-11-22 15:08:17", "commande 5145550123"] {
            assert_eq!(case().apply(text), text);
        }
    }

    #[test]
    fn an_article_names_nobody() {
        let nobody = Pseudonyms::nobody(&[Subject { name: Some("Marie Tremblay".to_owned()), addresses: Vec::new() }]);
        assert_eq!(
            nobody.apply("Bonjour Marie, écrivez à aide@client.test ou au 514-555-0123 (TREMBLAY Marie)."),
            "Bonjour …, écrivez à … ou au … (…)."
        );
    }

    #[test]
    fn the_language_of_the_vendor_names_the_stand_ins() {
        let english = Pseudonyms::new(&[], Language::ENGLISH);
        assert_eq!(
            (english.name(0), english.name(1), english.name(27)),
            ("Requester A".into(), "Requester B".into(), "Requester B2".into())
        );
    }

    proptest! {
        #[test]
        fn no_name_or_address_is_left_and_a_second_time_changes_nothing(
            before in ".{0,40}", between in "[ ,\n.:;!-]{1,4}[a-z ]{0,20}[ ,\n:;!]", behind in "([ ,\n.:;!].{0,40})?"
        ) {
            let text = format!("{before} Hélène Côté{between}helene.cote@client.test{behind}");
            let once = case().apply(&text);
            prop_assert!(!once.contains("Hélène") && !once.contains("helene.cote@client.test"), "{}", once);
            prop_assert_eq!(case().apply(&once), once);
        }
    }
}
