//! Which letter has which fact. The built-in templates, the sample letters and `docs/letters.md` are held to this table, and so is
//! what the desk hands over.

use serde_json::json;

use crate::desk::{Letter, Purpose};

/// Letters to a requester, without the one to somebody who is not verified.
const REQUESTER: &[Purpose] = &[
    Purpose::Acknowledgement,
    Purpose::CrowdAcknowledgement,
    Purpose::KnownFix,
    Purpose::Answer,
    Purpose::PassedOn,
    Purpose::Resolved,
    Purpose::Reminder,
    Purpose::Status,
    Purpose::LanguageSwitched,
];
const UNVERIFIED: &[Purpose] = &[Purpose::AcknowledgementGeneric];
/// Letters to agents and teams about a ticket that moves.
const NEWS: &[Purpose] = &[
    Purpose::NewTicket,
    Purpose::RequesterAnswered,
    Purpose::VendorAnswered,
    Purpose::Escalated,
    Purpose::Returned,
    Purpose::Notice,
];
/// Letters to an agent about what the agent did.
const ANSWERS: &[Purpose] = &[Purpose::Receipt, Purpose::CommandRefused, Purpose::Report, Purpose::NotDelivered];
const QUARANTINE: &[Purpose] = &[Purpose::Quarantine];
/// Letters that time alone sends.
const DUE: &[Purpose] = &[Purpose::Clocks, Purpose::HierarchicalEscalation, Purpose::OnCall];
/// Letters to agents about many requests.
const CROWD: &[Purpose] = &[Purpose::CrowdProposed, Purpose::CrowdDigest];
/// Letters to agents that may tell of a vendor's case.
const OF_CASES: &[Purpose] = &[Purpose::VendorAnswered, Purpose::Escalated, Purpose::Returned, Purpose::Notice];
const HANDED_BACK: &[Purpose] = &[Purpose::HandedBack];
const VENDOR: &[Purpose] = &[Purpose::Case, Purpose::FollowUp];
const CHASE: &[Purpose] = &[Purpose::Chase];

/// Each fact, and the letters that may have it.
pub const FACTS: [(&str, &[&[Purpose]]); 46] = [
    ("reference", &[REQUESTER, UNVERIFIED, NEWS, HANDED_BACK, ANSWERS, QUARANTINE, DUE, CROWD, VENDOR, CHASE]),
    ("subject", &[REQUESTER, NEWS, HANDED_BACK, ANSWERS, QUARANTINE, DUE, CROWD, VENDOR, CHASE]),
    ("requester_name", &[REQUESTER, NEWS, ANSWERS, VENDOR, CHASE]),
    ("requester_address", &[NEWS, ANSWERS]),
    ("organisation", &[NEWS, ANSWERS]),
    ("major", &[NEWS, ANSWERS]),
    ("unverified", &[&[Purpose::NewTicket, Purpose::RequesterAnswered, Purpose::Escalated, Purpose::Notice]]),
    ("author", &[&[Purpose::KnownFix, Purpose::Answer, Purpose::Resolved, Purpose::Reminder], NEWS]),
    (
        "text",
        &[
            &[Purpose::CrowdAcknowledgement, Purpose::Answer, Purpose::Resolved, Purpose::Reminder],
            NEWS,
            &[Purpose::Receipt, Purpose::CommandRefused],
            QUARANTINE,
            &[Purpose::FollowUp],
        ],
    ),
    ("brief", &[&[Purpose::Escalated, Purpose::Returned, Purpose::Case]]),
    ("level", &[NEWS, ANSWERS]),
    ("state", &[REQUESTER, UNVERIFIED, NEWS, ANSWERS]),
    ("standing", &[REQUESTER, UNVERIFIED, NEWS, ANSWERS]),
    ("priority", &[NEWS, ANSWERS]),
    ("owner", &[NEWS, ANSWERS]),
    ("vendor", &[OF_CASES, VENDOR, CHASE]),
    ("case_number", &[OF_CASES, VENDOR, CHASE]),
    ("watermark", &[VENDOR, CHASE]),
    ("fixes", &[&[Purpose::Acknowledgement, Purpose::KnownFix, Purpose::NewTicket, Purpose::Escalated]]),
    ("timeline", &[&[Purpose::Escalated, Purpose::Returned, Purpose::Report]]),
    ("others", &[&[Purpose::NewTicket], HANDED_BACK]),
    ("due", &[DUE]),
    ("worklist", &[&[Purpose::Worklist]]),
    ("period", &[&[Purpose::WeeklyReport]]),
    ("sections", &[&[Purpose::WeeklyReport]]),
    ("charts", &[&[Purpose::WeeklyReport]]),
    ("quarantined", &[QUARANTINE, &[Purpose::QuarantineAlarm, Purpose::Junk]]),
    ("crowd", &[CROWD]),
    ("title", &[&[Purpose::CrowdAcknowledgement]]),
    ("attachments", &[NEWS]),
    ("done", &[&[Purpose::Receipt, Purpose::Report]]),
    (
        "reasons",
        &[
            &[Purpose::Resolved, Purpose::NewTicket, Purpose::RequesterAnswered, Purpose::VendorAnswered],
            &[Purpose::Escalated, Purpose::Notice, Purpose::Receipt, Purpose::CommandRefused, Purpose::NotDelivered],
            HANDED_BACK,
            QUARANTINE,
            &[Purpose::Junk, Purpose::CrowdProposed],
        ],
    ),
    ("recipients", &[&[Purpose::Receipt]]),
    ("not_sent_to_requester", &[&[Purpose::Receipt, Purpose::CommandRefused]]),
    ("reply_goes_to", &[NEWS, ANSWERS]),
    ("reply_is_public", &[&[Purpose::NewTicket, Purpose::RequesterAnswered]]),
    ("moves", &[NEWS, ANSWERS]),
    ("code", &[&[Purpose::Challenge]]),
    ("asks_yes", &[&[Purpose::Acknowledgement, Purpose::KnownFix, Purpose::Reminder]]),
    ("split_from", &[&[Purpose::Acknowledgement]]),
    ("language_unsure", &[UNVERIFIED, &[Purpose::Acknowledgement, Purpose::CrowdAcknowledgement, Purpose::KnownFix]]),
    (
        "received_at",
        &[
            UNVERIFIED,
            &[
                Purpose::Acknowledgement,
                Purpose::CrowdAcknowledgement,
                Purpose::KnownFix,
                Purpose::Status,
                Purpose::LanguageSwitched,
                Purpose::Challenge,
            ],
            CHASE,
        ],
    ),
    ("resolves_on", &[&[Purpose::Reminder]]),
    ("answer_by", &[&[Purpose::Acknowledgement, Purpose::Status]]),
    ("clocks", &[NEWS, ANSWERS]),
    ("hours", &[REQUESTER, UNVERIFIED, NEWS, ANSWERS, VENDOR]),
];

/// The facts that a letter has and that the table gives it not: no sample shows them, and no built-in template.
pub fn unheard_of(letter: &Letter) -> Vec<&'static str> {
    let facts = json!(letter.facts);
    let is_there = |fact: &str| ![json!(null), json!(""), json!(false), json!([])].contains(&facts[fact]);
    let may_have = |letters: &[&[Purpose]]| letters.iter().any(|letters| letters.contains(&letter.purpose));
    let unheard_of = FACTS.iter().filter(|(fact, letters)| is_there(fact) && !may_have(letters));
    unheard_of.map(|(fact, _)| *fact).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use regex::Regex;
    use serde_json::{Value, json};

    use super::*;
    use crate::desk::Facts;
    use crate::letters::sample;
    use crate::mail::Language;

    const DOCUMENT: &str = include_str!("../../docs/letters.md");

    fn facts_of(purpose: Purpose) -> BTreeSet<&'static str> {
        let rows = FACTS.iter().filter(|(_, letters)| letters.iter().any(|letters| letters.contains(&purpose)));
        rows.map(|(fact, _)| *fact).collect()
    }

    const LANGUAGES: [Language; 2] = [Language::FRENCH, Language::ENGLISH];

    /// The facts that a file of the built-in templates names, without the parts that it shares with others. Within a list its items
    /// are named.
    fn named(path: &str) -> BTreeSet<&'static str> {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let [list, mark] =
            [r"(?s)(\{\{#each [^}]*\}\}).*?\{\{/each\}\}", r"\{\{[^}]*\}\}"].map(|p| Regex::new(p).unwrap());
        let mut found = BTreeSet::new();
        let text = list.replace_all(&text, "$1");
        for mark in mark.find_iter(&text).map(|mark| mark.as_str()).filter(|mark| !mark.starts_with("{{>")) {
            // Words in quotation marks are said, not named.
            let code = mark.split('"').step_by(2).collect::<Vec<_>>().join(" ");
            let words: BTreeSet<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            found.extend(FACTS.iter().map(|(fact, _)| *fact).filter(|fact| words.contains(fact)));
        }
        found
    }

    #[test]
    fn the_table_knows_every_fact() {
        let facts = json!(Facts::default());
        let known: BTreeSet<&str> = FACTS.iter().map(|(fact, _)| *fact).collect();
        assert_eq!(facts.as_object().unwrap().keys().map(String::as_str).collect::<BTreeSet<_>>(), known);
    }

    #[test]
    fn samples_show_what_the_desk_may_hand_over_and_nothing_else() {
        let is_there = |value: &Value| ![json!(null), json!(""), json!(false), json!([])].contains(value);
        for (purpose, language) in Purpose::ALL.into_iter().flat_map(|of| LANGUAGES.map(|language| (of, language))) {
            let samples = sample::letters(purpose, language);
            let facts: Vec<Value> = samples.iter().map(|letter| json!(letter.facts)).collect();
            let has = |fact: &&str| facts.iter().any(|facts| is_there(&facts[fact]));
            let shown: BTreeSet<&str> = FACTS.iter().map(|(fact, _)| *fact).filter(has).collect();
            assert_eq!(shown, facts_of(purpose), "{} in {language}", purpose.name());
        }
    }

    #[test]
    fn templates_name_nothing_that_their_letter_never_has() {
        for purpose in Purpose::ALL {
            let files = ["en", "fr"].into_iter().flat_map(|language| ["txt", "html", "subject"].map(|e| (language, e)));
            for (language, extension) in files {
                let path = format!("templates/{language}/{}.{extension}.hbs", purpose.name());
                let said = named(&path);
                let known = facts_of(purpose);
                let unheard_of: Vec<_> = said.difference(&known).collect();
                assert!(unheard_of.is_empty(), "{path} names {unheard_of:?}");
            }
        }
    }

    /// With privacy `pseudonym`, which a vendor has where nothing else is said.
    #[test]
    fn no_sample_for_a_vendor_names_anybody() {
        let to_vendors = [Purpose::Case, Purpose::FollowUp, Purpose::Chase];
        for (purpose, language) in to_vendors.into_iter().flat_map(|of| LANGUAGES.map(|language| (of, language))) {
            for letter in sample::letters(purpose, language) {
                let told = format!("{letter:?}");
                assert!(
                    ["Marie", "Tremblay", "Alice", "Gagnon", "client.example"].iter().all(|name| !told.contains(name))
                );
            }
        }
    }

    #[test]
    fn the_document_tells_of_every_fact_and_of_no_other() {
        let table = DOCUMENT.split("| value | |").nth(1).unwrap().split("\n\n").next().unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
        let told: BTreeSet<&str> = rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
        assert_eq!(told, FACTS.iter().map(|(fact, _)| *fact).collect::<BTreeSet<_>>());
    }
}
