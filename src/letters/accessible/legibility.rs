//! What those need who see a letter badly, enlarge it, or read it light on dark.

use std::collections::BTreeSet;

use super::appearance::{self, Appearance, Length};
use super::document::{Document, Element};
use super::sheet::{Sheet, View};
use super::{Barrier, BarrierKind};

/// WCAG 2.2 §1.4.3: least contrast of words, and of large ones.
const CONTRAST: f32 = 4.5;
const CONTRAST_OF_LARGE: f32 = 3.0;
/// WCAG 2.2, large scale: 18 points, or 14 points bold.
const LARGE_PIXELS: f32 = 24.0;
const LARGE_BOLD_PIXELS: f32 = 14.0 * 4.0 / 3.0;
/// Smaller words are enlarged by those who can, and given up by the others. No criterion says it.
const FONT_PIXELS: f32 = 14.0;
/// Fonts are about as high as this many times their size.
const LINES: f32 = 1.2;
/// WCAG 2.2 §1.4.10: what is wider must be scrolled to be read at 400 %.
const NARROW_PIXELS: f32 = 320.0;
/// About as many characters fit into that.
const NARROW_CHARACTERS: usize = 40;

pub(super) fn barriers(document: &Document) -> Vec<Barrier> {
    let sheet = Sheet::of(document);
    let [light, dark, narrow] =
        [View::Light, View::Dark, View::Narrow].map(|view| appearance::all(document, &sheet, view));
    let mut found = BTreeSet::new();
    for (at, element) in document.elements().filter(|(at, _)| document.is_read(*at)) {
        // Told of the element that chose what its words, or those within it, suffer from.
        let mut add = |kind: BarrierKind, by: Option<usize>, measured: String| {
            found.insert(Barrier { kind, place: format!("{}{measured}", document.tag(by.unwrap_or(at))) });
        };
        let seen = &light[at];
        if seen.is_hidden {
            continue;
        }
        if element.has_words() {
            if let Some((kind, by, ratio)) = of_colours(seen, &dark[at]) {
                // Rounded down: 4.49 is no 4.5.
                add(kind, by, format!(" ({:.1}:1)", (ratio * 10.0).floor() / 10.0));
            }
            if seen.font_pixels < FONT_PIXELS && !is_raised(document, at) {
                add(BarrierKind::SmallText, seen.sized_by, format!(" ({} px)", seen.font_pixels));
            }
            if let Some(lines) = seen.lines().filter(|lines| *lines < LINES) {
                add(BarrierKind::TightLines, seen.spaced_by, format!(" ({lines:.1})"));
            }
            if narrow[at].kept_whole_by.is_some() && longest_line(element) > NARROW_CHARACTERS {
                add(BarrierKind::UnbrokenLine, narrow[at].kept_whole_by, String::new());
            }
        }
        if let Some(pixels) = fixed_width(element, &narrow[at]) {
            add(BarrierKind::FixedWidth, None, format!(" ({pixels} px)"));
        }
        if let Some(pixels) = fixed_height(element, &narrow[at]).filter(|_| !document.words(at).is_empty()) {
            add(BarrierKind::FixedHeight, None, format!(" ({pixels} px)"));
        }
        if is_unmarked_link(element, seen) {
            add(BarrierKind::UnmarkedLink, None, String::new());
        }
    }
    found.into_iter().collect()
}

/// What keeps words from being told from what is behind them, which element made it so, and the contrast that they have.
fn of_colours(light: &Appearance, dark: &Appearance) -> Option<(BarrierKind, Option<usize>, f32)> {
    // Of both that chose a colour the inner one saw the other's.
    let by = |seen: &Appearance| seen.text.by.max(seen.ground.and_then(|ground| ground.by));
    let too_little = |seen: &Appearance| {
        let contrast = seen.text.colour.over(seen.ground?.colour).contrast(seen.ground?.colour);
        let is_large = seen.font_pixels >= if seen.is_bold { LARGE_BOLD_PIXELS } else { LARGE_PIXELS };
        (contrast < if is_large { CONTRAST_OF_LARGE } else { CONTRAST }).then_some(contrast)
    };
    if let Some(contrast) = too_little(light) {
        return Some((BarrierKind::Contrast, by(light), contrast));
    }
    let contrast = too_little(dark)?;
    let is_half = dark.ground.is_some_and(|ground| ground.by.is_some() != dark.text.by.is_some());
    Some((if is_half { BarrierKind::HalfColours } else { BarrierKind::ContrastInTheDark }, by(dark), contrast))
}

fn is_raised(document: &Document, at: usize) -> bool {
    std::iter::once(at).chain(document.around(at)).any(|at| matches!(document.element(at).name.as_str(), "sub" | "sup"))
}

fn longest_line(element: &Element) -> usize {
    let lines = element.texts().flat_map(str::lines).map(|line| line.trim().chars().count());
    lines.max().unwrap_or_default()
}

fn fixed_width(element: &Element, seen: &Appearance) -> Option<f32> {
    let attribute = || element.attribute("width").and_then(|width| appearance::length(width, seen.font_pixels));
    let most = |length: Length| match length {
        Length::Pixels(pixels) | Length::Number(pixels) => Some(pixels).filter(|pixels| *pixels > NARROW_PIXELS),
        Length::Share(_) => None,
    };
    let shrinks = seen.length("max-width").is_some_and(|width| most(width).is_none());
    let width = seen.length("width").or_else(attribute).and_then(most).filter(|_| !shrinks);
    seen.length("min-width").and_then(most).or(width)
}

/// Cells and tables grow with what they hold, images hold no words.
fn fixed_height(element: &Element, seen: &Appearance) -> Option<f32> {
    if matches!(element.name.as_str(), "table" | "tr" | "td" | "th" | "img") {
        return None;
    }
    let pixels = |property| match seen.length(property) {
        Some(Length::Pixels(pixels)) => Some(pixels),
        _ => None,
    };
    pixels("height").or_else(|| pixels("max-height"))
}

/// A link that its colour alone tells from the words around it.
fn is_unmarked_link(element: &Element, seen: &Appearance) -> bool {
    let has_none =
        |property| seen.declared(property).is_some_and(|value| value.split_whitespace().any(|of| of == "none"));
    let is_marked = ["background", "background-color", "border", "border-bottom"]
        .iter()
        .any(|property| seen.declared(property).is_some() && !has_none(property));
    let is_plain = has_none("text-decoration") || has_none("text-decoration-line");
    element.name == "a" && element.attribute("href").is_some() && is_plain && !is_marked
}
