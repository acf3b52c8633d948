//! Which letter may name which fact. The built-in templates, the sample letters and `docs/letters.md` are held to this table.

use crate::desk::Purpose;

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
const CHALLENGE: &[Purpose] = &[Purpose::Challenge];
const QUARANTINE: &[Purpose] = &[Purpose::Quarantine];
/// Letters that time alone sends.
const DUE: &[Purpose] = &[Purpose::Clocks, Purpose::HierarchicalEscalation, Purpose::OnCall];
/// Letters to agents about many requests.
const CROWD: &[Purpose] = &[Purpose::CrowdProposed, Purpose::CrowdDigest];
const HANDED_BACK: &[Purpose] = &[Purpose::HandedBack];
const WORKLIST: &[Purpose] = &[Purpose::Worklist];
const WEEKLY_REPORT: &[Purpose] = &[Purpose::WeeklyReport];
const ALARM: &[Purpose] = &[Purpose::QuarantineAlarm];
/// What was taken for junk.
const JUNK: &[Purpose] = &[Purpose::Junk];
const VENDOR: &[Purpose] = &[Purpose::Case, Purpose::FollowUp];
const CHASE: &[Purpose] = &[Purpose::Chase];

/// Each fact, and the letters that may name it.
pub const FACTS: [(&str, &[&[Purpose]]); 45] = [
    (
        "reference",
        &[
            REQUESTER,
            UNVERIFIED,
            NEWS,
            HANDED_BACK,
            ANSWERS,
            CHALLENGE,
            QUARANTINE,
            DUE,
            CROWD,
            VENDOR,
            CHASE,
            WORKLIST,
            ALARM,
            JUNK,
            WEEKLY_REPORT,
        ],
    ),
    ("subject", &[REQUESTER, NEWS, HANDED_BACK, ANSWERS, QUARANTINE, DUE, CROWD, VENDOR, CHASE]),
    ("requester_name", &[REQUESTER, NEWS, ANSWERS, QUARANTINE, VENDOR]),
    ("requester_address", &[NEWS, ANSWERS, QUARANTINE, &[Purpose::Case]]),
    ("organisation", &[NEWS, ANSWERS, QUARANTINE]),
    ("major", &[NEWS, ANSWERS, QUARANTINE]),
    ("unverified", &[NEWS, ANSWERS, QUARANTINE]),
    ("author", &[&[Purpose::Answer, Purpose::Resolved, Purpose::Reminder], NEWS, QUARANTINE, VENDOR]),
    (
        "text",
        &[
            &[
                Purpose::CrowdAcknowledgement,
                Purpose::Answer,
                Purpose::PassedOn,
                Purpose::Resolved,
                Purpose::Reminder,
                Purpose::Status,
            ],
            NEWS,
            ANSWERS,
            QUARANTINE,
            VENDOR,
        ],
    ),
    ("brief", &[&[Purpose::Escalated, Purpose::Returned], VENDOR]),
    ("level", &[NEWS, ANSWERS, QUARANTINE]),
    ("state", &[REQUESTER, UNVERIFIED, NEWS, ANSWERS]),
    ("standing", &[REQUESTER, UNVERIFIED, NEWS, ANSWERS, QUARANTINE]),
    ("priority", &[NEWS, ANSWERS, QUARANTINE]),
    ("owner", &[NEWS, ANSWERS, QUARANTINE]),
    ("vendor", &[NEWS, ANSWERS, QUARANTINE, VENDOR, CHASE]),
    ("case_number", &[NEWS, ANSWERS, QUARANTINE, VENDOR, CHASE]),
    ("watermark", &[VENDOR, CHASE]),
    (
        "fixes",
        &[&[
            Purpose::Acknowledgement,
            Purpose::KnownFix,
            Purpose::NewTicket,
            Purpose::RequesterAnswered,
            Purpose::Escalated,
            Purpose::Report,
        ]],
    ),
    ("timeline", &[&[Purpose::Answer, Purpose::Resolved, Purpose::Status, Purpose::Report], NEWS, VENDOR]),
    ("others", &[&[Purpose::NewTicket], HANDED_BACK]),
    ("due", &[DUE]),
    ("worklist", &[WORKLIST]),
    ("period", &[WEEKLY_REPORT]),
    ("sections", &[WEEKLY_REPORT]),
    ("charts", &[WEEKLY_REPORT]),
    ("quarantined", &[QUARANTINE, ALARM, JUNK]),
    ("crowd", &[CROWD]),
    ("title", &[&[Purpose::CrowdAcknowledgement]]),
    ("attachments", &[NEWS, &[Purpose::Report], VENDOR]),
    ("done", &[&[Purpose::Receipt, Purpose::Report]]),
    ("reasons", &[NEWS, HANDED_BACK, ANSWERS, QUARANTINE, JUNK, &[Purpose::Resolved]]),
    ("recipients", &[&[Purpose::Receipt, Purpose::NotDelivered]]),
    ("not_sent_to_requester", &[&[Purpose::Receipt, Purpose::CommandRefused]]),
    ("reply_goes_to", &[NEWS, ANSWERS]),
    ("reply_is_public", &[NEWS, &[Purpose::Receipt, Purpose::NotDelivered]]),
    ("code", &[CHALLENGE]),
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
            ],
            CHALLENGE,
            CHASE,
        ],
    ),
    ("resolves_on", &[&[Purpose::Reminder]]),
    ("answer_by", &[&[Purpose::Acknowledgement, Purpose::Status]]),
    ("clocks", &[NEWS, ANSWERS, QUARANTINE]),
    ("hours", &[REQUESTER, UNVERIFIED, NEWS, ANSWERS, VENDOR]),
];

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

    /// The facts that a file of the built-in templates and the parts that it includes name. Within a list its items are named.
    fn named(language: &str, file: &str, extension: &str) -> BTreeSet<&'static str> {
        let path = format!("templates/{language}/{file}.{extension}.hbs");
        let Ok(text) = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)) else {
            return BTreeSet::new();
        };
        let [list, mark] =
            [r"(?s)(\{\{#each [^}]*\}\}).*?\{\{/each\}\}", r"\{\{[^}]*\}\}"].map(|p| Regex::new(p).unwrap());
        let mut found = BTreeSet::new();
        for mark in mark.find_iter(&list.replace_all(&text, "$1")).map(|mark| mark.as_str()) {
            if let Some(part) = mark.strip_prefix("{{>") {
                found.extend(named(language, part.trim_matches(['}', ' ']), extension));
                continue;
            }
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
    fn letters_name_what_the_table_says_in_templates_and_samples() {
        for purpose in Purpose::ALL {
            let files = ["en", "fr"].into_iter().flat_map(|language| ["txt", "html", "subject"].map(|e| (language, e)));
            let mut said: BTreeSet<&str> =
                files.flat_map(|(language, extension)| named(language, purpose.name(), extension)).collect();
            assert!(!said.is_empty(), "{} has no template", purpose.name());
            let facts = json!(sample::letter(purpose, Language::ENGLISH).facts);
            let is_there = |value: &Value| ![json!(null), json!(""), json!(false), json!([])].contains(value);
            said.extend(FACTS.iter().map(|(fact, _)| *fact).filter(|fact| is_there(&facts[*fact])));
            assert_eq!(said, facts_of(purpose), "{}", purpose.name());
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
