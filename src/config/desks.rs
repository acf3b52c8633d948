//! What `[[desk]]` means.

use std::path::PathBuf;

use super::calendars::Calendars;
use super::section::{Placed, Section};
use super::value::{address, addresses, flag, languages, line, name, path, subject_tag, text_by_language, time_zone};
use crate::desk::Desk;
use crate::mail::Language;
use crate::said;

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
    let time_zone = section.or_written("time_zone", time_zone, "America/Toronto");
    let hours = section.or("hours", text_by_language, Vec::new());
    let calendar = calendars.named_in(section);
    let on_call = section.optional("on_call", address);
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
            time_zone: time_zone?,
            hours: hours?,
            calendar: calendar?,
            on_call: on_call?,
            sub_addressing: sub_addressing?,
            keeps_known_fixes: known_fixes.is_some(),
        };
        Some((desk, known_fixes))
    };
    section.placed(whole())
}
