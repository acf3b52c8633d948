//! Texts without the people of a ticket: what a vendor must not read (privacy `pseudonym`), and what no article may hold.
//!
//! The same people in the same order give the same stand-ins, so that a case reads the same from its first letter on. A text is
//! read as it looks ([`plain::Plain`]); what stays of it stays as it was written.

mod names;
pub(crate) mod plain;
mod signed;
mod strangers;
mod telephones;
mod words;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use self::names::Names;
use self::plain::{Plain, replaced};
use self::telephones::Telephones;
use crate::mail::pattern::pattern;
use crate::mail::{Address, Language};

pub use names::Subject;
pub use signed::signed_names;

/// Stand-ins for the people of one case.
#[derive(Clone, Debug)]
pub struct Pseudonyms {
    names: Names,
    addresses: Vec<Address>,
    telephones: Telephones,
    words: Words,
    whose: Whose,
}

/// Whose addresses go, and whose names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// Those of the people of the case.
    Theirs,
    /// Of people of the case and of strangers alike, as far as the text shows who is one.
    Anybodys,
}

#[derive(Clone, Copy, Debug)]
struct Words {
    person: &'static str,
    address: &'static str,
    telephone: &'static str,
}

/// An address with its sign in words or brackets: `ana (at) client.test`, `ana arobase client point test`.
static OBFUSCATED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi) (?P<local> [a-z0-9][a-z0-9._+-]{0,63} )
            (?: \ ?[\[({<]\ ? (?: at | a | arobas | arobase | @ | chez ) \ ?[\])}>]\ ? | \ (?: arobas | arobase )\  )
            (?P<domain> [a-z0-9-]{1,63} (?: (?: \. | \ ?[\[({<]\ ? (?: dot | point | \. ) \ ?[\])}>]\ ? | \ (?: dot | point )\  ) [a-z0-9-]{1,63} ){1,4} )",
    )
});

const ELLIPSIS: &str = "…";

/// Bytes before the `@`, at most (RFC 5321 §4.5.3.1.1).
const LOCAL_MAX: usize = 64;
/// Bytes behind the `@`, at most (RFC 5321 §4.5.3.1.2).
const DOMAIN_MAX: usize = 255;

/// What one rule takes away may show another what is left: two are enough for what people write.
const PASSES_MAX: usize = 8;

impl Pseudonyms {
    /// Stand-ins for these people, the requester first, in a language.
    pub fn new(people: &[Subject], language: Language) -> Self {
        let words = if language == Language::FRENCH {
            Words { person: "Demandeur", address: "[adresse retirée]", telephone: "[numéro retiré]" }
        } else {
            Words { person: "Requester", address: "[address removed]", telephone: "[number removed]" }
        };
        Self::with(people, words, Whose::Theirs)
    }

    /// An ellipsis in the place of these people's names, of others' that the text itself makes known as names, and of every mail
    /// address and telephone number.
    pub fn nobody(people: &[Subject]) -> Self {
        Self::with(people, Words { person: ELLIPSIS, address: ELLIPSIS, telephone: ELLIPSIS }, Whose::Anybodys)
    }

    fn with(people: &[Subject], words: Words, whose: Whose) -> Self {
        let plain = |address: &Address| Plain::new(address.as_str()).text().parse().ok();
        let stand_ins = [words.person, words.address, words.telephone];
        Pseudonyms {
            names: Names::new(people, &stand_ins),
            addresses: people.iter().flat_map(|person| &person.addresses).filter_map(plain).collect(),
            telephones: Telephones::new(people.iter().flat_map(|person| &person.telephones)),
            words,
            whose,
        }
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

    /// The text, or the name of a file, without the people's names and addresses, and without telephone numbers, whosesoever.
    pub fn apply(&self, text: &str) -> String {
        let mut kept = text.to_owned();
        for _ in 0..PASSES_MAX {
            let next = self.once(&kept);
            if next == kept {
                break;
            }
            kept = next;
        }
        kept
    }

    fn once(&self, text: &str) -> String {
        let text = self.without_addresses(text);
        let plain = Plain::new(&text);
        let telephones = self.telephones.find(plain.text());
        let text =
            replaced(&text, &plain, telephones.into_iter().map(|place| (place, self.words.telephone.to_owned())));
        let plain = Plain::new(&text);
        let mentions = self.names.find(plain.text());
        let text = replaced(&text, &plain, mentions.into_iter().map(|(place, person)| (place, self.name(person))));
        match self.whose {
            Whose::Theirs => text,
            Whose::Anybodys => strangers::without(&text, self.words.person),
        }
    }

    fn without_addresses(&self, text: &str) -> String {
        let plain = Plain::new(text);
        let mut places = addresses_in(plain.text(), |address| self.is_known(address));
        places.extend(OBFUSCATED.captures_iter(plain.text()).filter_map(|found| {
            let part = |name| found.name(name).map_or("", |part: regex::Match<'_>| part.as_str());
            let domain = part("domain").to_lowercase().replace("point", ".").replace("dot", ".");
            let domain: String = domain.chars().filter(|c| c.is_alphanumeric() || matches!(c, '.' | '-')).collect();
            let place = found.get(0)?.range();
            self.is_known(&format!("{}@{domain}", part("local"))).then_some(place)
        }));
        places.sort_unstable_by_key(|place| place.start);
        replaced(text, &plain, places.into_iter().map(|place| (place, self.words.address.to_owned())))
    }

    /// Whether it is an address of one of the people, or has one of their names for its local part.
    fn is_known(&self, text: &str) -> bool {
        text.parse::<Address>().is_ok_and(|found| {
            self.whose == Whose::Anybodys
                || self.addresses.iter().any(|own| found.is_within(own))
                || self.names.is_local_part(found.local())
        })
    }
}

/// Where the addresses stand that are known.
fn addresses_in(text: &str, is_known: impl Fn(&str) -> bool) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('@') {
        let in_local = |c: &char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(*c);
        let in_domain = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '-');
        let local = text[..at].chars().rev().take(LOCAL_MAX).take_while(in_local).map(char::len_utf8);
        let start = at - local.sum::<usize>();
        let domain = text[at + 1..].chars().take(DOMAIN_MAX).take_while(in_domain).map(char::len_utf8);
        let end = at + 1 + domain.sum::<usize>();
        let end = start + text[start..end].trim_end_matches(['.', '-']).len();
        if places.last().is_some_and(|last| start < last.end) {
            continue;
        }
        // Quotes and the like may stand before an address: every later beginning is tried too.
        let mut starts = text[start..at].char_indices().map(|(offset, _)| start + offset);
        places.extend(starts.find(|start| is_known(&text[*start..end])).map(|start| start..end));
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use unicode_normalization::UnicodeNormalization;

    use super::*;

    fn case() -> Pseudonyms {
        let subject = |name: &str, address: &str| Subject {
            names: vec![name.to_owned()],
            addresses: vec![address.parse().unwrap()],
            telephones: Vec::new(),
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
        let nobody = Pseudonyms::nobody(&[Subject { names: vec!["Marie Tremblay".to_owned()], ..Subject::default() }]);
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

    fn office() -> Pseudonyms {
        let subject = |names: &[&str], address: &str, telephone: &str| Subject {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            addresses: vec![address.parse().unwrap()],
            telephones: vec![telephone.to_owned()],
        };
        Pseudonyms::new(
            &[
                subject(&["Bérénice Gagnon", "Bérénice Lavertu"], "bgag42@client.test", "418 555-0142, poste 4417"),
                subject(&["Rose Page"], "accueil@client.test", "+33 6 12 00 45 67"),
                subject(&["WU Xiaoming"], "xw@client.test", "5145550177"),
            ],
            Language::FRENCH,
        )
    }

    #[test]
    fn every_name_of_a_person_goes_however_it_is_written() {
        for (text, expected) in [
            ("berenice n'a plus accès", "Demandeur A n'a plus accès"),
            ("la session de LAVERTU, Bérénice", "la session de Demandeur A"),
            ("B. Gagnon a appelé", "Demandeur A a appelé"),
            ("Bérénice G. a appelé", "Demandeur A. a appelé"),
            ("compte CLIENT\\bgagnon verrouillé", "compte CLIENT\\Demandeur A verrouillé"),
            ("gagnonb et berenice.lavertu", "Demandeur A et Demandeur A"),
            ("CLIENT\\bgag42 sur PC-BGAG42", "CLIENT\\Demandeur A sur PC-Demandeur A"),
            ("C:\\Users\\bgagnon\\Documents", "C:\\Users\\Demandeur A\\Documents"),
            ("hôte PC-BGAGNON", "hôte PC-Demandeur A"),
            ("PosteGagnon01", "PosteDemandeur A01"),
            ("CV_Bérénice_Gagnon2.pdf", "CV_Demandeur A2.pdf"),
            ("Ga\u{ad}gn\u{200b}on", "Demandeur A"),
            ("Ｇａｇｎｏｎ", "Demandeur A"),
            ("Be\u{301}re\u{301}nice", "Demandeur A"),
            ("Gagnon's screen, l’écran d’Lavertu", "Demandeur A's screen, l’écran d’Demandeur A"),
            ("Gagnon, Xiaoming et Lavertu", "Demandeur A, Demandeur C et Demandeur A"),
            ("Xiaoming Wu et Wu Xiaoming", "Demandeur C et Demandeur C"),
            ("Écrivez à bgagnon@ailleurs.test", "Écrivez à [adresse retirée]"),
            ("bgag42 (at) client.test", "[adresse retirée]"),
            ("bgag42 [arobas] client (point) test", "[adresse retirée]"),
            ("berenice.gagnon＠ailleurs.test", "[adresse retirée]"),
        ] {
            assert_eq!(office().apply(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_that_is_an_ordinary_word_goes_only_where_it_is_a_name() {
        for (text, expected) in [
            ("appelez Rose demain", "appelez Demandeur B demain"),
            ("Bonjour Rose,", "Bonjour Demandeur B,"),
            ("Merci\nRose\n", "Merci\nDemandeur B\n"),
            ("Mme Page a appelé", "Mme Demandeur B a appelé"),
            ("rose page", "Demandeur B"),
            ("rpage", "Demandeur B"),
            ("Page introuvable", "Page introuvable"),
            ("la page est rose. Page 2 aussi", "la page est rose. Page 2 aussi"),
        ] {
            assert_eq!(office().apply(text), expected, "{text}");
        }
    }

    #[test]
    fn a_known_telephone_goes_in_any_spelling() {
        for text in [
            "4185550142",
            "418.555.0142",
            "(418)555 0142",
            "1 418 555 0142 poste 4417",
            "418–555–0142, ext. 12",
            "٤١٨ ٥٥٥ ٠١٤٢",
            "41 85 55 01 42",
            "555-0142",
            "poste 4417",
            "0612004567",
            "+33 (0)6 12 00 45 67",
            "514_555_0177",
        ] {
            assert_eq!(office().apply(text), "[numéro retiré]", "{text}");
        }
        for text in ["poste 9 au deuxième", "192.168.100.200", "ticket 41855501421234", "le 2026-11-27 08:15"] {
            assert_eq!(office().apply(text), text);
        }
    }

    /// The word with something in it that no reader sees, or in another case.
    fn disguised(word: &str, how: usize) -> String {
        let between = |mark: &str| word.chars().map(|c| format!("{c}{mark}")).collect::<String>();
        match how % 6 {
            0 => word.to_uppercase(),
            1 => word.to_lowercase(),
            2 => between("\u{200b}"),
            3 => between("\u{ad}"),
            4 => word.nfd().collect(),
            _ => word
                .chars()
                .map(|c| char::from_u32(u32::from(c) + 0xfee0).filter(|_| c.is_ascii()).unwrap_or(c))
                .collect(),
        }
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

        #[test]
        fn no_word_of_a_name_is_left(
            before in "[a-z .,:_0-9\\\\/\n-]{0,20}", name in 0..4_usize, how in 0..6_usize, behind in "[ .,:_0-9\\\\/\n-]{1,3}.{0,20}"
        ) {
            let word = ["Bérénice", "Gagnon", "Lavertu", "Xiaoming"][name];
            let text = format!("{before} {}{behind}", disguised(word, how));
            let once = office().apply(&text);
            let plain = Plain::new(&once).text().to_lowercase();
            let folded = Plain::new(word).text().to_lowercase();
            prop_assert!(!words::words_of(&plain).iter().any(|(_, left)| *left == folded), "{text:?} {once:?}");
            prop_assert_eq!(office().apply(&once), once);
        }

        #[test]
        fn whatever_the_text_a_second_time_changes_nothing(
            text in "(?s)(.{0,10}|Rose|Page|Gagnon|B\\.|Julie|bgag42|@| |, |\n|418 555-0142|M\\. |Bonjour ){1,8}"
        ) {
            for hidden in [office(), Pseudonyms::nobody(&[Subject { names: vec!["Rose Gagnon".to_owned()], ..Subject::default() }])] {
                let once = hidden.apply(&text);
                prop_assert_eq!(hidden.apply(&once), once);
            }
        }
    }
}
