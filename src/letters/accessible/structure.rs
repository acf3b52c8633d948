//! What those need who have a letter read aloud, or who go through it by keys.

use std::collections::HashSet;

use super::document::{Document, Element};
use super::{Barrier, BarrierKind};
use crate::mail::Language;

const HEADINGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];
/// What an image is named by whoever has nothing to say of it.
const FILE_ENDINGS: [&str; 6] = [".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"];
/// Words of links that say nothing where they are read alone, as in a list of links.
const VAGUE: [&str; 18] = [
    "here",
    "click here",
    "this",
    "this link",
    "link",
    "more",
    "read more",
    "learn more",
    "ici",
    "cliquez ici",
    "cliquer ici",
    "ce lien",
    "lien",
    "plus",
    "en savoir plus",
    "lire la suite",
    "voir",
    "suite",
];

pub(super) fn barriers(document: &Document, language: Language) -> Vec<Barrier> {
    let mut found = of_the_whole(document, language);
    found.extend(of_tables(document));
    found.extend(of_images(document));
    found.extend(of_headings(document));
    found.extend(of_links(document));
    found.extend(of_keys(document));
    found
}

fn of_the_whole(document: &Document, language: Language) -> Vec<Barrier> {
    let mut found = Vec::new();
    let mut add = |kind: BarrierKind, place: &str| found.push(Barrier { kind, place: place.to_owned() });
    let html = document.named(&["html"]).next().map(|(_, html)| html);
    let attribute = |name: &str| html.and_then(|html| html.attribute(name)).unwrap_or_default().trim();
    let tag = attribute("lang");
    if !is_language_tag(tag) {
        add(BarrierKind::NoLanguage, "<html>");
    } else if !tag.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case(language.code())) {
        add(BarrierKind::OtherLanguage, &format!("<html lang=\"{tag}\">"));
    }
    if !["ltr", "rtl", "auto"].contains(&attribute("dir").to_ascii_lowercase().as_str()) {
        add(BarrierKind::NoDirection, "<html>");
    }
    if !document.named(&["title"]).any(|(_, title)| title.has_words()) {
        add(BarrierKind::NoTitle, "<head>");
    }
    let meta = |name: &str| document.named(&["meta"]).find(|(_, meta)| meta.says("name", name)).map(|(_, meta)| meta);
    let content = |name: &str| meta(name).and_then(|meta| meta.attribute("content")).unwrap_or_default();
    if !["color-scheme", "supported-color-schemes"].iter().all(|name| content(name).contains("dark")) {
        add(BarrierKind::NoColourScheme, "<head>");
    }
    let viewport = content("viewport").to_ascii_lowercase();
    if forbids_zoom(&viewport) {
        add(BarrierKind::NoZoom, &format!("<meta name=\"viewport\"> {viewport}"));
    }
    found
}

/// The form of a language tag, with what mails write of it (RFC 5646 §2.1).
fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let is_primary = |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_other = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    parts.next().is_some_and(is_primary) && parts.all(is_other)
}

fn forbids_zoom(viewport: &str) -> bool {
    viewport.split([',', ';']).filter_map(|setting| setting.split_once('=')).any(|(name, value)| {
        let value = value.trim();
        match name.trim() {
            "user-scalable" => matches!(value, "no" | "0"),
            "maximum-scale" => value.parse::<f32>().is_ok_and(|scale| scale < 2.0),
            _ => false,
        }
    })
}

fn of_tables(document: &Document) -> Vec<Barrier> {
    let mut found = Vec::new();
    for (at, table) in document.named(&["table"]).filter(|(at, _)| document.is_read(*at)) {
        let is_of_it = |within: usize| {
            document.around(within).find(|around| document.element(*around).name == "table") == Some(at)
        };
        let heads: Vec<(usize, &Element)> =
            document.named(&["th", "caption"]).filter(|(at, _)| is_of_it(*at)).collect();
        let is_layout = table.says("role", "presentation") || table.says("role", "none");
        let mut add = |kind, at| found.push(Barrier { kind, place: document.place(at) });
        match (is_layout, heads.is_empty()) {
            (false, true) => add(BarrierKind::LayoutTable, at),
            (true, false) => add(BarrierKind::HeadedLayoutTable, at),
            (true, true) => {}
            (false, false) => {
                let unscoped = heads.iter().filter(|(_, head)| head.name == "th" && head.attribute("scope").is_none());
                unscoped.for_each(|(at, _)| add(BarrierKind::HeaderWithoutScope, *at));
            }
        }
    }
    found
}

fn of_images(document: &Document) -> Vec<Barrier> {
    let says_nothing = |image: &Element| {
        let Some(alt) = image.attribute("alt") else { return true };
        FILE_ENDINGS.iter().any(|ending| alt.trim().to_lowercase().ends_with(ending))
    };
    let images = document.named(&["img"]).filter(|(_, image)| says_nothing(image));
    images.map(|(at, _)| Barrier { kind: BarrierKind::NoAlternative, place: document.place(at) }).collect()
}

fn of_headings(document: &Document) -> Vec<Barrier> {
    let (mut found, mut last) = (Vec::new(), None);
    for (at, heading) in document.named(&HEADINGS) {
        let level = HEADINGS.iter().position(|name| *name == heading.name).unwrap_or_default();
        let mut add = |kind| found.push(Barrier { kind, place: document.place(at) });
        if document.words(at).is_empty() {
            add(BarrierKind::EmptyHeading);
        }
        match last {
            None if level > 0 => add(BarrierKind::FirstHeading),
            Some(last) if level > last + 1 => add(BarrierKind::SkippedHeading),
            _ => {}
        }
        last = Some(level);
    }
    found
}

fn of_links(document: &Document) -> Vec<Barrier> {
    let mut found = Vec::new();
    for (at, link) in document.named(&["a"]).filter(|(_, link)| link.attribute("href").is_some()) {
        let words = link.attribute("aria-label").map_or_else(|| document.words(at), str::to_owned);
        let words = words.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let is_address = ["http://", "https://", "www."].iter().any(|start| words.starts_with(start));
        if words.is_empty() {
            let place = format!("<a href=\"{}\">", link.attribute("href").unwrap_or_default());
            found.push(Barrier { kind: BarrierKind::NamelessLink, place });
        } else if is_address || VAGUE.contains(&words.as_str()) {
            found.push(Barrier { kind: BarrierKind::VagueLink, place: document.place(at) });
        }
    }
    found
}

fn of_keys(document: &Document) -> Vec<Barrier> {
    let (mut found, mut ids) = (Vec::new(), HashSet::new());
    for (at, element) in document.elements() {
        let mut add = |kind| found.push(Barrier { kind, place: document.place(at) });
        let order = element.attribute("tabindex").and_then(|order| order.trim().parse::<i32>().ok());
        if order.is_some_and(|order| order > 0) {
            add(BarrierKind::OrderOfKeys);
        }
        let is_link = element.name == "a" && element.attribute("href").is_some();
        let takes_keys = is_link || matches!(element.name.as_str(), "button" | "input" | "select" | "textarea");
        let is_hidden = |at: usize| document.element(at).says("aria-hidden", "true");
        if (takes_keys || order.is_some()) && (is_hidden(at) || document.around(at).any(is_hidden)) {
            add(BarrierKind::HiddenLink);
        }
        if element.attribute("id").is_some_and(|id| !ids.insert(id)) {
            add(BarrierKind::DoubleId);
        }
    }
    found
}
