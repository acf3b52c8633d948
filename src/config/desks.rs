//! What `[[desk]]` means.

use std::path::PathBuf;

use super::calendars::Calendars;
use super::section::{Placed, Section};
use super::value::{
    address, addresses, flag, languages, line, name, one_of, path, subject_tag, text_by_language, time_of_day,
    time_zone,
};
use crate::desk::{Desk, LanguagePolicy};
use crate::mail::Language;
use crate::said;

const LANGUAGE_POLICIES: [(&str, LanguagePolicy); 3] = [
    ("correspondent", LanguagePolicy::Correspondent),
    ("first", LanguagePolicy::First),
    ("only", LanguagePolicy::Only),
];

/// A desk and its folder of known fixes.
pub(super) fn desk(section: &Section<'_>, calendars: &Calendars<'_>) -> Placed<(Desk, Option<PathBuf>)> {
    let name = section.needed(
        "name",
        name,
        &said!(
            "Add name = \"support\": commands and the store use it.",
            "Ajoutez name = \"support\"\u{a0}: les commandes et la base s’en servent."
        ),
    );
    let display_name = section.needed(
        "display_name",
        line,
        &said!(
            "Add display_name = \"Service desk\": letters show it.",
            "Ajoutez display_name = \"Centre de services\"\u{a0}: les lettres le montrent."
        ),
    );
    let addresses = section.needed(
        "addresses",
        addresses,
        &said!(
            "Add addresses = [\"support@example.com\"]; the first is the From of every letter.",
            "Ajoutez addresses = [\"support@example.com\"]; la première est l’expéditeur de chaque lettre."
        ),
    );
    let tag = section.or("tag", subject_tag, "SD".to_owned());
    let languages = section.or("languages", languages, [Language::FRENCH, Language::ENGLISH].into());
    let language_policy = section.or("language_policy", one_of(&LANGUAGE_POLICIES), LanguagePolicy::Correspondent);
    let time_zone = section.or_written("time_zone", time_zone, "America/Toronto");
    let hours = section.or("hours", text_by_language, Vec::new());
    let calendar = calendars.named_in(section);
    let on_call = section.optional("on_call", address);
    let worklist_at = section.optional("worklist_at", time_of_day);
    let sub_addressing = section.or("sub_addressing", flag, false);
    let known_fixes = section.optional("known_fixes", path);
    section.finish();

    let whole = || {
        let known_fixes = known_fixes?.map(|folder| section.resolve(&folder));
        let desk = Desk {
            name: name?,
            display_name: display_name?,
            addresses: addresses?,
            tag: tag?,
            languages: languages?,
            language_policy: language_policy?,
            time_zone: time_zone?,
            hours: hours?,
            calendar: calendar?,
            on_call: on_call?,
            worklist_at: worklist_at?,
            sub_addressing: sub_addressing?,
            keeps_known_fixes: known_fixes.is_some(),
        };
        Some((desk, known_fixes))
    };
    section.placed(whole())
}
