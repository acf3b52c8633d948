//! An agent's new words as commands and a text.
//!
//! Accents and case do not matter. What follows a command and is no argument of it is text. A word in an argument's place
//! that is none, a command that is astray, and two that claim the text are slips: the agent meant something else than we
//! would do.

use unicode_normalization::char::is_combining_mark;

use super::astray::{Astray, anywhere, at_start, in_subject};
use super::rest::{Rest, Wrong, is_invisible};
use super::words::{meant_by, reader_of};
use super::{BadArgument, Command, Instructions, Names, NewWords, Slip};
use crate::mail::fold::folded;
use crate::mail::words::{List, Set, list, set};

/// So many are told; nobody reads more.
const SLIPS_MAX: usize = 20;

impl Instructions {
    /// Reads the new words of an agent's mail.
    pub fn read(written: &NewWords<'_>, names: &Names<'_>) -> Instructions {
        let mut read = Instructions::default();
        if let Some(astray) = in_subject(written.subject, written.known_subject) {
            read.slip(|| Slip::CommandInSubject(astray.meant));
        }
        let mut lines = written.text.lines().skip_while(|line| is_blank(line) || is_banner(line)).peekable();
        let mut claims: Vec<String> = Vec::new();
        let mut announced = None;
        while let Some((word, rest)) = lines.peek().and_then(|line| command_head(line)) {
            lines.next();
            read.command(&word, Rest(rest), names, &mut claims);
            if let (true, Some(Command::Escalate { .. } | Command::Return(_) | Command::Pending(_))) =
                (rest.ends_with(':'), read.commands.last())
            {
                announced = Some(format!("#{word} {rest}"));
            }
        }
        let mut is_first = true;
        for line in lines {
            let astray = if is_first { at_start(line).or_else(|| anywhere(line)) } else { at_start(line) };
            if let Some(astray) = astray {
                let stands_as_command = command_head(line).is_some();
                read.slip(|| astray_slip(astray, stands_as_command));
            }
            is_first &= is_blank(line);
            read.text.push_str(line);
            read.text.push('\n');
        }
        read.text = read.text.trim().to_owned();
        if let ([first, .., last], false) = (claims.as_slice(), read.text.is_empty()) {
            read.slip(|| Slip::TwoClaimTheText(first.clone(), last.clone()));
        }
        if let (Some(command), true, true) = (announced, read.text.is_empty(), read.slips.is_empty()) {
            read.slip(|| Slip::NothingBehindColon { command });
        }
        read
    }

    /// One line that starts with a command's word.
    fn command(&mut self, word: &str, mut rest: Rest<'_>, names: &Names<'_>, claims: &mut Vec<String>) {
        let written = format!("#{word}");
        let Some(reader) = reader_of(word) else {
            // What was meant is looked for once a word.
            let is_told = self.slips.iter().any(|slip| matches!(slip, Slip::Unknown { word, .. } if *word == written));
            if !is_told {
                self.slip(|| Slip::Unknown { meant: meant_by(word), word: written });
            }
            return;
        };
        if let Some(second) = anywhere(rest.0) {
            self.slip(|| Slip::CommandInText(second.meant));
        }
        match reader(&mut rest, names) {
            Err(Wrong { written: argument, wanted }) => {
                self.slip(|| Slip::BadArgument(BadArgument { command: written, written: argument, wanted }));
            }
            Ok(command) => {
                if command.claims_text() {
                    claims.push(written);
                } else if !rest.text().is_empty() && command.takes_no_text() && anywhere(rest.0).is_none() {
                    self.slip(|| Slip::TextBehind { command: written, text: rest.text().to_owned() });
                }
                self.commands.push(command);
                push_text(&mut self.text, rest.text());
            }
        }
    }

    fn slip(&mut self, slip: impl FnOnce() -> Slip) {
        if self.slips.len() < SLIPS_MAX {
            let slip = slip();
            if !self.slips.contains(&slip) {
                self.slips.push(slip);
            }
        }
    }
}

fn astray_slip(astray: Astray, stands_as_command: bool) -> Slip {
    let Astray { written, meant } = astray;
    if stands_as_command { Slip::CommandInText(meant) } else { Slip::AlmostCommand { written, meant } }
}

/// The word behind the `#` that starts a line, without what nobody sees, and what stands behind it. `#1` and `# title` are
/// text; a word that goes on behind a hyphen or the like (`#close-up`) is one word, and no command.
fn command_head(line: &str) -> Option<(String, &str)> {
    let mut chars = line.char_indices().filter(|(_, c)| !is_invisible(*c)).skip_while(|(_, c)| c.is_whitespace());
    chars.next().filter(|(_, c)| *c == '#')?;
    let mut chars = chars.peekable();
    let mut word = String::new();
    while let Some((_, c)) = chars.next_if(|(_, c)| c.is_alphabetic() || is_combining_mark(*c)) {
        word.push(c);
    }
    if word.is_empty() {
        return None;
    }
    let Some((end, behind)) = chars.next() else { return Some((word, "")) };
    let goes_on = "-_'’/@\\".contains(behind) && chars.next().is_some_and(|(_, c)| c.is_alphanumeric());
    if goes_on {
        let more = line[end..].split_whitespace().next().unwrap_or_default();
        word.extend(more.chars().take(40));
        return Some((word, &line[end + more.len()..]));
    }
    let end = end + inclusive_ending(&line[end..]).map_or(0, str::len);
    // What ends the word is no text: `#résolu.`, `#note :`, `#résolue !`
    let behind = line[end..].trim_start_matches(['.', ',', ';', '!', '*', '`', ':', '"', '»', '”', ')', ']']);
    Some((word, behind.trim().trim_start_matches(['!', ';']).trim_start()))
}

/// What inclusive writing sets behind a participle: `#résolu(e)`, `#fermé·e·s`, `#résolu.e`.
fn inclusive_ending(behind: &str) -> Option<&str> {
    let end = behind.find(|c: char| c.is_whitespace() || c == ':').unwrap_or(behind.len());
    let ending = behind[..end].trim_end_matches([',', ';', '!']);
    matches!(ending, "(e)" | "(s)" | "(es)" | "(e)s" | ".e" | "·e" | ".e.s" | "·e·s" | ".es" | "·es").then_some(ending)
}

fn is_blank(line: &str) -> bool {
    line.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// The line that mail gateways put above mail from outside: it is nobody's words.
fn is_banner(line: &str) -> bool {
    let line = folded(line.trim().trim_matches(['[', ']', '*', '_', '!', '⚠', '\u{fe0f}', ' ']));
    BANNERS.contains(&*line)
        || BANNER_STARTS.iter().any(|start| line.starts_with(start))
            && BANNER_SAYS.iter().any(|word| line.contains(word))
}

/// Folded: whole lines; beginnings, and what else such a line says.
static BANNERS: Set = Set::new(|| set("banner", "whole"));
static BANNER_STARTS: List = List::new(|| list("banner", "starts"));
static BANNER_SAYS: List = List::new(|| list("banner", "says"));

fn push_text(text: &mut String, more: &str) {
    if !more.is_empty() {
        text.push_str(more);
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::command::words;
    use crate::desk::outgoing::wording::{self, Line};
    use crate::desk::{AgentName, Level, WaitFor, Wanted, When};
    use crate::mail::Language;

    fn read(text: &str) -> Instructions {
        let written = NewWords { text, ..NewWords::default() };
        let bob = "bob.roy@desk.test".parse().unwrap();
        let alice = "alice@desk.test".parse().unwrap();
        let names = Names {
            vendors: vec!["acme", "rt"],
            agents: vec![
                AgentName { address: &alice, name: "Alice Gagnon" },
                AgentName { address: &bob, name: "Bob Gagnon" },
            ],
            desks: vec!["support", "réseau"],
            today: Some(jiff::civil::date(2026, 11, 26)),
        };
        Instructions::read(&written, &names)
    }

    /// The only slip, of an argument: what is written in its place, and what belongs there.
    fn wrong(text: &str) -> (Option<String>, Wanted) {
        match read(text).slips.as_slice() {
            [Slip::BadArgument(bad)] => (bad.written.clone(), bad.wanted.clone()),
            other => panic!("{text}: {other:?}"),
        }
    }

    fn only(text: &str) -> (Command, String) {
        let mut read = read(text);
        assert_eq!(read.slips, [], "{text}");
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
        assert_eq!(only("#escalate L3 acme crash"), (to_acme.clone(), "crash".to_owned()));
        assert_eq!(only("#escalader N3 ACME, il plante"), (to_acme, "il plante".to_owned()));
        let to_the_only_vendor = Command::Escalate { level: Level::L3, vendor: None };
        for text in ["#escalader L3 : il plante", "#escalader L3\nil plante", "#escalader L3 - il plante"] {
            assert_eq!(only(text), (to_the_only_vendor.clone(), "il plante".to_owned()), "{text}");
        }
    }

    #[test]
    fn a_word_in_an_arguments_place_that_is_none_is_a_slip() {
        let vendors = || vec!["acme".to_owned(), "rt".to_owned()];
        let agents = || vec!["alice@desk.test".to_owned(), "bob.roy@desk.test".to_owned()];
        let desks = || vec!["support".to_owned(), "réseau".to_owned()];
        let above = |vendor: &str| Wanted::LevelAbove(Some(vendor.to_owned()));
        for (text, written, wanted) in [
            ("#escalader L3 Lexmark : vide", Some("Lexmark"), Wanted::VendorOfL3(vendors())),
            ("#escalader L3 il plante", Some("il"), Wanted::VendorOfL3(vendors())),
            ("#escalader", None, above("acme")),
            ("#escalader rt : vide", Some("rt"), above("rt")),
            ("#escalader L1", Some("L1"), above("acme")),
            ("#escalader L4", Some("L4"), above("acme")),
            ("#retour", None, Wanted::LevelBelow),
            ("#retour N3", Some("N3"), Wanted::LevelBelow),
            ("#assigner Carl", Some("Carl"), Wanted::Agent(agents())),
            ("#assigner", None, Wanted::Agent(agents())),
            ("#assigner gagnon", Some("gagnon"), Wanted::OneOfAgents(agents())),
            ("#demandeur Marie", Some("Marie"), Wanted::Requester),
            ("#cc Marie", Some("Marie"), Wanted::Participants),
            ("#priorité haute", Some("haute"), Wanted::Priority),
            ("#priorité 5", Some("5"), Wanted::Priority),
            ("#priorité", None, Wanted::Priority),
            ("#service", None, Wanted::Service),
            ("#desk ventes", Some("ventes"), Wanted::Desk(desks())),
            ("#fusionner imprimante", Some("imprimante"), Wanted::Reference),
            ("#lier", None, Wanted::Reference),
            ("#attente", None, Wanted::Wait),
            ("#attente bientôt", Some("bientôt"), Wanted::Wait),
            ("#attente le 31 février", Some("31 février"), Wanted::Wait),
            ("#attente 04/12 : rappel", Some("04/12"), Wanted::Wait),
            ("#attente lundi 8 décembre", Some("lundi 8 décembre"), Wanted::Wait),
            ("#pièces deux", Some("deux"), Wanted::Attachments),
            ("#pièces 1,0", Some("0"), Wanted::Attachments),
            ("#fournisseur Lexmark : vide", Some("Lexmark"), Wanted::Vendor(vendors())),
            ("#solution", None, Wanted::Fix),
            ("#solution nouveau", None, Wanted::Title),
            ("#scinder", None, Wanted::TicketTitle),
            ("#consulter", None, Wanted::Consulted),
            ("#consulter Zoé", Some("Zoé"), Wanted::Consulted),
        ] {
            assert_eq!(wrong(text), (written.map(str::to_owned), wanted), "{text}");
        }
    }

    /// Whatever stands in an argument's place, and what is written behind « Écrivez » is right.
    #[test]
    fn a_refused_argument_is_told_with_words_that_are_read_without_a_slip() {
        let junk =
            ["", "zzz", ":", "-3", "0", "N9", "2026-13-45", "@", "a@", "R-x", "ref=", "99999999999999999999", "« »"];
        let mut told = 0;
        for (word, junk) in words::all().flat_map(|word| junk.map(|junk| (word, junk))) {
            let text = format!("#{word} {junk}");
            for slip in read(&text).slips.iter().filter(|slip| matches!(slip, Slip::BadArgument(_))) {
                for (language, write, end) in
                    [(Language::FRENCH, "Écrivez «\u{a0}", "\u{a0}»"), (Language::ENGLISH, "Write \"", "\"")]
                {
                    let said = wording::say(&Line::Slip(slip), language);
                    let example = said.split(write).nth(1).and_then(|rest| rest.split(end).next());
                    let example = example.unwrap_or_else(|| panic!("{text}: {said}"));
                    assert_eq!(read(example).slips, [], "{text}: {said}");
                    told += 1;
                }
            }
        }
        assert!(told > 100, "{told}");
    }

    #[test]
    fn an_agent_is_named_by_address_full_name_or_one_word_of_it() {
        for text in
            ["#assigner bob.roy@desk.test", "#assign Bob", "#assign @bob", "#assigner Bob Gagnon", "#assign bob.roy"]
        {
            assert_eq!(only(text).0, Command::Assign("bob.roy@desk.test".parse().unwrap()), "{text}");
        }
        for text in ["#assignée à Bob", "#assigned to bob.roy", "#assignée a Bob"] {
            assert_eq!(only(text).0, Command::Assign("bob.roy@desk.test".parse().unwrap()), "{text}");
        }
        assert_eq!(only("#assign Bob Gagnon <bob@other.test>").0, Command::Assign("bob@other.test".parse().unwrap()));
    }

    #[test]
    fn what_leads_to_an_argument_is_none() {
        let to_l2 = Command::Escalate { level: Level::L2, vendor: None };
        for text in ["#escalader au N2", "#escaladé au niveau N2", "#escalated to L2", "#escaladée à N2"] {
            assert_eq!(only(text), (to_l2.clone(), String::new()), "{text}");
        }
        let merge = Command::Merge(crate::desk::TicketNumber(2));
        for text in ["#fusionner avec R-2", "#merge with R-2", "#merged into ticket R-2"] {
            assert_eq!(only(text), (merge.clone(), String::new()), "{text}");
        }
        assert_eq!(only("#retourné au N1 : fait").0, Command::Return(Level::L1));
        assert_eq!(wrong("#assigner à Carl").0.as_deref(), Some("Carl"));
        assert_eq!(wrong("#escalader au").0, None);
    }

    #[test]
    fn a_colon_announces_a_text() {
        let missing = |command: &str| [Slip::NothingBehindColon { command: command.to_owned() }];
        assert_eq!(read("#escalader N2 :").slips, missing("#escalader N2 :"));
        assert_eq!(read("#prendre\n#retour N1 :\n\n").slips, missing("#retour N1 :"));
        assert_eq!(only("#escalader N2 :\nle serveur est muet").1, "le serveur est muet");
        assert_eq!(only("#escalader N2").1, "");
    }

    #[test]
    fn an_unknown_command_and_a_command_within_the_text_are_slips() {
        let unknown = |word: &str, meant| [Slip::Unknown { word: word.to_owned(), meant }];
        assert_eq!(read("#reslvd Bonjour").slips, unknown("#reslvd", Some("resolved")));
        assert_eq!(read("#envoyer Bonjour").slips, unknown("#envoyer", Some("répondre")));
        assert_eq!(read("#imprimer Bonjour").slips, unknown("#imprimer", None));
        assert_eq!(read("#close-up du clavier").slips, unknown("#close-up", Some("close")));
        for text in [
            "Bonjour\n#note secret",
            "#prendre #note secret",
            "#prendre, #note",
            "#prendre\n\n#note",
            "#note voir #note",
        ] {
            assert_eq!(read(text).slips, [Slip::CommandInText("#note".to_owned())], "{text}");
        }
        assert_eq!(
            read("#note\n#solved\ntext").slips,
            [Slip::TwoClaimTheText("#note".to_owned(), "#solved".to_owned())]
        );
    }

    #[test]
    fn a_command_that_misses_by_a_hair_holds_the_mail() {
        for text in [
            "# note secret",
            "- #note secret",
            "*#note* secret",
            "＃note secret",
            "\\#note secret",
            "Bonjour, #note secret",
            "Bonjour Alice : « #note »",
            "Bonjour\n\n- #note secret",
            "#prendre\nBonjour, #note",
            "#prendre\nFait.\n1. #note",
            "CAUTION: This came from outside.\n\n# note",
            "\u{feff}\n\u{200b}- #note",
        ] {
            let read = read(text);
            assert!(
                matches!(read.slips.as_slice(), [Slip::AlmostCommand { meant, .. }] if meant == "#note"),
                "{text:?} {read:?}"
            );
        }
    }

    #[test]
    fn what_nobody_sees_does_not_matter() {
        for text in [
            "\u{ad}#note secret",
            "\u{feff}#note secret",
            "\u{a0}#\u{200b}no\u{ad}te\u{200d} secret",
            "#note: secret",
            "#note, secret",
        ] {
            assert_eq!(only(text), (Command::Note, "secret".to_owned()), "{text:?}");
        }
        for text in ["#résolu.", "#résolu(e)", "#résolu·e :", "#Résolue !", "#résolu.e.s"] {
            assert_eq!(only(text), (Command::Solved(None), String::new()), "{text}");
        }
    }

    #[test]
    fn a_command_that_the_agent_wrote_into_the_subject_holds_the_mail() {
        let slips = |subject, known_subject| {
            Instructions::read(&NewWords { subject, known_subject, text: "Voici." }, &Names::default()).slips
        };
        let in_subject = |word: &str| [Slip::CommandInSubject(word.to_owned())];
        assert_eq!(slips("#note Re: [SD R-000001] Toner", Some("Toner")), in_subject("#note"));
        assert_eq!(slips("Re: [SD R-000001] Toner #fusionner R-2", Some("Toner")), in_subject("#fusionner"));
        assert_eq!(slips("Re: [SD R-000001] Toner #note", Some("Toner #note")), []);
    }

    #[test]
    fn words_behind_a_command_that_has_no_use_for_them_are_for_nobody_yet() {
        for (text, command, behind) in [
            ("#assigner Bob : à toi", "#assigner", "à toi"),
            ("#priorité 1 urgent", "#priorité", "urgent"),
            ("#prendre je m'en occupe\nBonjour", "#prendre", "je m'en occupe"),
        ] {
            let slip = Slip::TextBehind { command: command.to_owned(), text: behind.to_owned() };
            assert_eq!(read(text).slips, [slip], "{text}");
        }
        for text in ["#statut svp", "#ok merci", "#résolu Redémarrez", "#prendre\nJe m'en occupe."] {
            assert_eq!(read(text).slips, [], "{text}");
        }
    }

    #[test]
    fn hashes_in_prose_are_text() {
        for text in [
            "Voir #1 et #bug dans le texte.\n# titre\n#hashtag\n#include <a.h>\n#define A\ncolor: #fff",
            "Bonjour,\nsi cela recommence, tapez #aide dans votre réponse.",
            "Lisez https://wiki.test/page#solution avant tout.",
            "Oui.\n> #note\n> - #résolu",
        ] {
            let read = read(text);
            assert_eq!((read.commands.len(), read.slips), (0, vec![]), "{text}");
        }
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
        assert_eq!(waits("#pending until 2026-12-01"), WaitFor::Until(When::Day(jiff::civil::date(2026, 12, 1))));
        assert_eq!(waits("#pending 3d"), WaitFor::Until(When::Days(3)));
        assert_eq!(waits("#attente jusqu'au 2 jours"), WaitFor::Until(When::Days(2)));
        assert_eq!(waits("#attente 4 h"), WaitFor::Until(When::Minutes(240)));
        assert_eq!(waits("#attente une semaine : vacances"), WaitFor::Until(When::Days(7)));
        let at_nine = jiff::civil::date(2026, 11, 27).at(9, 0, 0, 0);
        assert_eq!(waits("#attente demain 9h : rappel"), WaitFor::Until(When::At(at_nine)));
        // Today is Thursday, 2026-11-26.
        for (text, day) in [
            ("#attente lundi", (11, 30)),
            ("#attente jusqu’à lundi prochain", (11, 30)),
            ("#pending until next Monday", (11, 30)),
            ("#attente demain", (11, 27)),
            ("#attente le 3 décembre", (12, 3)),
            ("#attente lundi 7 décembre : retour", (12, 7)),
            ("#pending December 3rd", (12, 3)),
            ("#pending 3 December 2026.", (12, 3)),
        ] {
            assert_eq!(waits(text), WaitFor::Until(When::Day(jiff::civil::date(2026, day.0, day.1))), "{text}");
        }
    }

    #[test]
    fn several_commands_stand_on_a_line_each() {
        let read = read("#priorité 2\n#cc +a@x.test -b@x.test\n#pièces 1,3\n#fournisseur acme ref=INC7 : regardez");
        assert_eq!(read.slips, []);
        assert_eq!(read.commands.len(), 4);
        assert_eq!(read.text, "regardez");
    }

    #[test]
    fn arguments_may_be_joined_and_a_case_number_stand_last() {
        assert_eq!(only("#pièces 1, 2 et 3").0, Command::Attach(vec![1, 2, 3]));
        let add = vec!["a@x.test".parse().unwrap(), "b@x.test".parse().unwrap()];
        assert_eq!(only("#cc +a@x.test,<b@x.test>").0, Command::Cc { add: add.clone(), remove: Vec::new() });
        assert_eq!(only("#cc a@x.test et b@x.test").0, Command::Cc { add, remove: Vec::new() });
        let to_acme = Command::Vendor { name: "acme".to_owned(), case_number: Some("INC7".to_owned()) };
        assert_eq!(only("#fournisseur acme : regardez ref=INC7"), (to_acme, "regardez".to_owned()));
        assert_eq!(only("#desk Reseau").0, Command::Desk("réseau".to_owned()));
        assert_eq!(only("#fusionner R-12.").0, Command::Merge(crate::desk::TicketNumber(12)));
    }

    #[test]
    fn a_mail_of_nothing_but_faults_tells_the_first() {
        let many: String = (0..1000).map(|n| format!("#x{}\n", "y".repeat(n % 50))).collect();
        assert_eq!(read(&many).slips.len(), SLIPS_MAX);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_and_no_word_of_a_plain_one_is_lost(text in "\\PC{0,80}(\\n\\PC{0,80}){0,5}") {
            let read = read(&text);
            if read.commands.is_empty() && read.slips.is_empty() && !is_banner(text.trim_start().lines().next().unwrap_or("")) {
                let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
                proptest::prop_assert_eq!(words(&read.text), words(&text));
            }
        }

        #[test]
        fn a_command_behind_a_hash_at_the_start_of_a_line_is_never_plain_text(
            above in "(\\PC{0,30}\n){0,3}",
            mark in proptest::sample::select(vec!["", " ", "- ", "* ", "1. ", "*", "**", "_", "\"", "« ", "\\", "\u{ad}", "\u{200b}", "(", "<b>"]),
            hash in proptest::sample::select(vec!["#", "＃", "﹟", "♯", "##", "# ", "#-", "#\u{200b}"]),
            word in proptest::sample::select(vec!["note", "Résolu", "fermée", "publish", "ESCALADER", "ｎｏｔｅ", "re\u{301}solu"]),
            behind in "( \\PC{0,30})?",
            below in "(\n\\PC{0,30}){0,3}",
        ) {
            let text = format!("{above}{mark}{hash}{word}{behind}{below}");
            let read = read(&text);
            proptest::prop_assert!(!read.commands.is_empty() || !read.slips.is_empty(), "{:?}", text);
        }
    }
}
