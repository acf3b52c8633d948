//! What `[[agent]]`, `[[team]]`, `[[vendor]]` and `[[manager]]` mean.

use super::calendars::Calendars;
use super::names::Names;
use super::section::{Placed, Section};
use super::value::{address, address_list, case_number, domains, flag, flat_duration, line, name, one_of, parsed};
use crate::desk::{Agent, EscalationBy, Level, Manager, Privacy, TagPlace, Team, Vendor};
use crate::mail::Language;
use crate::said;

const LEVELS: [(&str, Level); 3] = [("L1", Level::L1), ("L2", Level::L2), ("L3", Level::L3)];
const ESCALATIONS: [(&str, EscalationBy); 2] = [("forward", EscalationBy::Forward), ("cc", EscalationBy::Cc)];

pub(super) fn agent(section: &Section<'_>, desks: &Names) -> Placed<Agent> {
    let address = section.needed(
        "address",
        address,
        &said!(
            "Add address = \"marie@example.com\": letters go there.",
            "Ajoutez address = \"marie@example.com\"\u{a0}: les lettres y vont."
        ),
    );
    let name = section.needed(
        "name",
        line,
        &said!(
            "Add name = \"Marie Tremblay\": requesters see it.",
            "Ajoutez name = \"Marie Tremblay\"\u{a0}: les demandeurs le voient."
        ),
    );
    let level = section.needed(
        "level",
        one_of(&LEVELS),
        &said!("Add level = \"L1\", \"L2\" or \"L3\".", "Ajoutez level = \"L1\", \"L2\" ou \"L3\"."),
    );
    let language = section.optional("language", parsed);
    let desk = desks.named_in(section, "desk");
    section.finish();
    let whole = || Some(Agent { address: address?, name: name?, level: level?, language: language?, desk: desk? });
    section.placed(whole())
}

pub(super) fn team(section: &Section<'_>, calendars: &Calendars<'_>, desks: &Names) -> Placed<Team> {
    let level = section.needed(
        "level",
        one_of(&LEVELS),
        &said!("Add level = \"L1\", \"L2\" or \"L3\".", "Ajoutez level = \"L1\", \"L2\" ou \"L3\"."),
    );
    let address = section.needed(
        "address",
        address,
        &said!(
            "Add address = \"n2@example.com\": its shared mailbox.",
            "Ajoutez address = \"n2@example.com\"\u{a0}: sa boîte partagée."
        ),
    );
    let members = section.or("members", address_list, Vec::new());
    let escalation = section.or("escalation", one_of(&ESCALATIONS), EscalationBy::Forward);
    let direct = section.or("direct", flag, true);
    let calendar = calendars.named_in(section);
    let first_answer = section.optional("first_answer_hours", flat_duration(1..=10_000, 3600));
    let desk = desks.named_in(section, "desk");
    section.finish();
    let whole = || {
        Some(Team {
            level: level?,
            desk: desk?,
            address: address?,
            members: members?,
            escalation: escalation?,
            direct: direct?,
            calendar: calendar?,
            first_answer: first_answer?,
        })
    };
    section.placed(whole())
}

pub(super) fn vendor(section: &Section<'_>, calendars: &Calendars<'_>) -> Placed<Vendor> {
    let name = section.needed(
        "name",
        name,
        &said!(
            "Add name = \"acme\": agents write it in #escalate L3 acme.",
            "Ajoutez name = \"acme\"\u{a0}: les agents l’écrivent dans #escalader N3 acme."
        ),
    );
    let address = section.needed(
        "address",
        address,
        &said!(
            "Add address = \"support@vendor.example\": its letters go there.",
            "Ajoutez address = \"support@vendor.example\"\u{a0}: ses lettres y vont."
        ),
    );
    let addresses = section.or("addresses", address_list, Vec::new());
    let domains = section.or("domains", domains, Vec::new());
    let language = section.or("language", parsed, Language::ENGLISH);
    let privacies = [("full", Privacy::Full), ("pseudonym", Privacy::Pseudonym)];
    let privacy = section.or("privacy", one_of(&privacies), Privacy::Pseudonym);
    let escalation = section.or("escalation", one_of(&ESCALATIONS), EscalationBy::Forward);
    let case_number = section.optional("case_number", case_number);
    let places = [("front", TagPlace::Front), ("end", TagPlace::End), ("none", TagPlace::Nowhere)];
    let subject_tag = section.or("subject_tag", one_of(&places), TagPlace::End);
    let calendar = calendars.named_in(section);
    let first_answer = section.or("first_answer_hours", flat_duration(1..=10_000, 3600), Vendor::FIRST_ANSWER);
    section.finish();
    if (privacy, escalation) == (Some(Privacy::Pseudonym), Some(EscalationBy::Cc)) {
        section.fault_of(
            "escalation",
            "= \"cc\" would show the requester to a vendor with privacy = \"pseudonym\"",
            &said!(
                "Write escalation = \"forward\", or privacy = \"full\" where the vendor may know who asks.",
                "Écrivez escalation = \"forward\", ou privacy = \"full\" si le fournisseur peut savoir qui demande."
            ),
        );
    }
    let whole = || {
        Some(Vendor {
            name: name?,
            address: address?,
            addresses: addresses?,
            domains: domains?,
            language: language?,
            privacy: privacy?,
            escalation: escalation?,
            case_number: case_number?,
            subject_tag: subject_tag?,
            calendar: calendar?,
            first_answer: first_answer?,
            is_consulted: false,
        })
    };
    section.placed(whole())
}

pub(super) fn manager(section: &Section<'_>, desks: &Names) -> Placed<Manager> {
    let address = section.needed(
        "address",
        address,
        &said!(
            "Add address = \"chief@example.com\": letters go there.",
            "Ajoutez address = \"chef@example.com\"\u{a0}: les lettres y vont."
        ),
    );
    let name = section.needed(
        "name",
        line,
        &said!(
            "Add name = \"Claire Roy\": it stands beside the address.",
            "Ajoutez name = \"Claire Roy\"\u{a0}: il figure à côté de l’adresse."
        ),
    );
    let language = section.optional("language", parsed);
    let desk = desks.named_in(section, "desk");
    section.finish();
    let whole = || Some(Manager { address: address?, name: name?, language: language?, desk: desk? });
    section.placed(whole())
}
