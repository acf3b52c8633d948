//! How the words of each element are seen: in which colours, how large, how close.

use cssparser::{Parser, Token};

use super::colour::Colour;
use super::document::{Document, Element};
use super::sheet::{Declaration, Sheet, View};

/// What browsers show dark pages on.
const DARK: Colour = Colour::of(18, 18, 18);
/// Links that nothing gives a colour, as browsers show them on light and on dark pages.
const LINK: Colour = Colour::of(0, 0, 238);
const LINK_IN_THE_DARK: Colour = Colour::of(158, 158, 255);
/// The size of words that nothing gives a size.
const FONT_PIXELS: f32 = 16.0;

/// How an element is seen, with what it has of those around it.
#[derive(Clone, Debug)]
pub(super) struct Appearance {
    pub(super) text: Ink,
    /// What is seen behind the words; `None` behind them is an image.
    pub(super) ground: Option<Ink>,
    /// Height of the font in CSS pixels.
    pub(super) font_pixels: f32,
    /// The element that chose it; `None` leaves it as browsers have it.
    pub(super) sized_by: Option<usize>,
    pub(super) is_bold: bool,
    line_height: LineHeight,
    /// The element that chose how close lines are.
    pub(super) spaced_by: Option<usize>,
    /// The element from whose start on lines do not break where the window ends.
    pub(super) kept_whole_by: Option<usize>,
    pub(super) is_hidden: bool,
    /// What is declared of the element itself, the last of a property holds.
    declared: Vec<Declaration>,
}

/// A colour, and the element that chose it; `None` leaves it to the reader's mail client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ink {
    pub(super) colour: Colour,
    pub(super) by: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum LineHeight {
    Normal,
    Ratio(f32),
    Pixels(f32),
}

/// A length as CSS writes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Length {
    Pixels(f32),
    /// 1 is the whole.
    Share(f32),
    /// A number alone.
    Number(f32),
}

/// Of every element, in the order of the document.
pub(super) fn all(document: &Document, sheet: &Sheet, view: View) -> Vec<Appearance> {
    let mut all: Vec<Appearance> = Vec::new();
    for (at, element) in document.elements() {
        let around = document.parent(at).and_then(|parent| all.get(parent)).cloned();
        let around = around.unwrap_or_else(|| Appearance::of_nothing(view));
        all.push(Appearance::of(at, element, &around, sheet.declared(document, at, view), view));
    }
    all
}

impl Appearance {
    fn of_nothing(view: View) -> Self {
        let (text, ground) = match view {
            View::Dark => (Colour::WHITE, DARK),
            View::Light | View::Narrow => (Colour::BLACK, Colour::WHITE),
        };
        let unchosen = |colour| Ink { colour, by: None };
        Appearance {
            text: unchosen(text),
            ground: Some(unchosen(ground)),
            font_pixels: FONT_PIXELS,
            sized_by: None,
            is_bold: false,
            line_height: LineHeight::Normal,
            spaced_by: None,
            kept_whole_by: None,
            is_hidden: false,
            declared: Vec::new(),
        }
    }

    fn of(at: usize, element: &Element, around: &Appearance, declared: Vec<Declaration>, view: View) -> Self {
        let mut seen = Appearance { declared: Vec::new(), ..around.clone() };
        seen.begin_as_browsers_do(at, element, view);
        for declaration in &declared {
            seen.resize(at, declaration, around.font_pixels);
        }
        for declaration in &declared {
            seen.take(at, declaration, around);
        }
        seen.declared = declared;
        seen
    }

    fn begin_as_browsers_do(&mut self, at: usize, element: &Element, view: View) {
        let size = match element.name.as_str() {
            "h1" => 2.0,
            "h2" => 1.5,
            "h3" => 1.17,
            "h5" | "small" => 0.83,
            "h6" => 0.67,
            _ => 1.0,
        };
        if size != 1.0 {
            self.font_pixels *= size;
            self.sized_by = Some(at);
        }
        self.is_bold |=
            matches!(element.name.as_str(), "b" | "strong" | "th" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
        if element.name == "pre" || element.attribute("nowrap").is_some() {
            self.kept_whole_by = Some(at);
        }
        self.is_hidden |= element.attribute("hidden").is_some();
        if element.name == "a" && element.attribute("href").is_some() {
            let colour = if view == View::Dark { LINK_IN_THE_DARK } else { LINK };
            self.text = Ink { colour, by: None };
        }
        if let Some(colour) = element.attribute("color").or(element.attribute("text")).and_then(Colour::first_in) {
            self.text = Ink { colour, by: Some(at) };
        }
        if let Some(colour) = element.attribute("bgcolor").and_then(Colour::first_in) {
            self.ground = Some(Ink { colour, by: Some(at) });
        }
    }

    fn resize(&mut self, at: usize, declaration: &Declaration, around: f32) {
        let value = &declaration.value;
        let size = match declaration.property.as_str() {
            "font-size" => font_size(value, around),
            "font" => value.split_whitespace().find_map(|word| font_size(word.split('/').next()?, around)),
            _ => None,
        };
        if let Some(size) = size {
            (self.font_pixels, self.sized_by) = (size, Some(at));
        }
    }

    fn take(&mut self, at: usize, declaration: &Declaration, around: &Appearance) {
        let value = declaration.value.to_ascii_lowercase();
        match declaration.property.as_str() {
            "color" => {
                if let Some(colour) = Colour::first_in(&value) {
                    self.text = Ink { colour, by: Some(at) };
                } else if value == "inherit" {
                    self.text = around.text;
                }
            }
            "background" | "background-color" | "background-image" => self.lie_on(at, &value, around),
            "font-weight" => self.is_bold = is_bold(&value).unwrap_or(self.is_bold),
            "font" => {
                self.is_bold = value.split_whitespace().any(|word| is_bold(word) == Some(true));
                if let Some((_, height)) = value.split_once('/') {
                    self.space(at, height.split_whitespace().next().unwrap_or_default());
                }
            }
            "line-height" => self.space(at, &value),
            "white-space" => self.kept_whole_by = matches!(value.as_str(), "nowrap" | "pre").then_some(at),
            "display" => self.is_hidden |= value == "none",
            "visibility" => self.is_hidden |= value == "hidden",
            "max-height" => self.is_hidden |= length(&value, self.font_pixels) == Some(Length::Pixels(0.0)),
            _ => {}
        }
    }

    fn lie_on(&mut self, at: usize, value: &str, around: &Appearance) {
        let colour = Colour::first_in(value).map(|colour| Ink {
            colour: colour.over(around.ground.map_or(Colour::WHITE, |ground| ground.colour)),
            by: Some(at),
        });
        if value.contains("url(") || value.contains("gradient(") {
            self.ground = None;
        } else if value.contains("transparent") {
            self.ground = around.ground;
        } else if colour.is_some() {
            self.ground = colour;
        }
    }

    fn space(&mut self, at: usize, height: &str) {
        (self.line_height, self.spaced_by) = (line_height(height, self.font_pixels), Some(at));
    }

    /// What holds of a property, as declared of the element itself.
    pub(super) fn declared(&self, property: &str) -> Option<&str> {
        self.declared.iter().rfind(|of| of.property == property).map(|of| of.value.as_str())
    }

    /// A length that is declared of the element itself.
    pub(super) fn length(&self, property: &str) -> Option<Length> {
        length(self.declared(property)?, self.font_pixels)
    }

    /// Height of a line, as a multiple of the font's; `None` where nothing says it.
    pub(super) fn lines(&self) -> Option<f32> {
        match self.line_height {
            LineHeight::Normal => None,
            LineHeight::Ratio(ratio) => Some(ratio),
            LineHeight::Pixels(pixels) => Some(pixels / self.font_pixels),
        }
    }
}

fn line_height(value: &str, font_pixels: f32) -> LineHeight {
    match length(value, font_pixels) {
        Some(Length::Number(ratio)) => LineHeight::Ratio(ratio),
        Some(Length::Share(share)) => LineHeight::Pixels(share * font_pixels),
        Some(Length::Pixels(pixels)) => LineHeight::Pixels(pixels),
        None => LineHeight::Normal,
    }
}

fn is_bold(value: &str) -> Option<bool> {
    match value {
        "bold" | "bolder" => Some(true),
        "normal" | "lighter" => Some(false),
        number => number.parse::<u16>().ok().map(|weight| weight >= 700),
    }
}

/// In pixels (CSS Fonts 4 §2.5).
fn font_size(value: &str, around: f32) -> Option<f32> {
    match value.to_ascii_lowercase().as_str() {
        "xx-small" => Some(9.0),
        "x-small" => Some(10.0),
        "small" => Some(13.0),
        "medium" => Some(16.0),
        "large" => Some(18.0),
        "x-large" => Some(24.0),
        "xx-large" => Some(32.0),
        "smaller" => Some(around * 0.83),
        "larger" => Some(around * 1.2),
        other => match length(other, around)? {
            Length::Pixels(pixels) => Some(pixels),
            Length::Share(share) => Some(share * around),
            Length::Number(_) => None,
        },
    }
}

/// The length that a value is (CSS Values 4 §6); `None` for those that depend on the window.
pub(super) fn length(value: &str, font_pixels: f32) -> Option<Length> {
    let mut input = Parser::new(value);
    let length = match input.next().ok()? {
        Token::Number { value, .. } if *value == 0.0 => Length::Pixels(0.0),
        Token::Number { value, .. } => Length::Number(*value),
        Token::Percentage { unit_value, .. } => Length::Share(*unit_value),
        Token::Dimension { value, unit, .. } => Length::Pixels(match unit.to_ascii_lowercase().as_str() {
            "px" => *value,
            "pt" => *value * 4.0 / 3.0,
            "em" => *value * font_pixels,
            "rem" => *value * FONT_PIXELS,
            "in" => *value * 96.0,
            "cm" => *value * 96.0 / 2.54,
            "mm" => *value * 9.6 / 2.54,
            _ => return None,
        }),
        _ => return None,
    };
    input.is_exhausted().then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_first(name: &str, html: &str) -> Appearance {
        let document = Document::read(html);
        let (at, _) = document.named(&[name]).next().unwrap();
        all(&document, &Sheet::of(&document), View::Light).swap_remove(at)
    }

    #[test]
    fn sizes_follow_those_around_them() {
        let seen = of_first("b", "<div style=\"font:bold 14px/1.5 Arial\"><p style=\"font-size:150%\"><b>x");
        assert_eq!((seen.font_pixels, seen.lines(), seen.is_bold), (21.0, Some(1.5), true));
        let seen = of_first(
            "p",
            "<div style=\"font-size:12pt;line-height:32px\"><p style=\"font-size:2em;font-weight:400\">x",
        );
        assert_eq!((seen.font_pixels, seen.lines(), seen.is_bold), (32.0, Some(1.0), false));
        assert_eq!(of_first("h2", "<h2>x").font_pixels, 24.0);
    }

    #[test]
    fn colours_lie_on_those_around_them() {
        let seen = of_first(
            "p",
            "<table bgcolor=\"#000\"><td style=\"background:rgba(255,255,255,.5)\"><p style=\"color:#fff\">x",
        );
        assert_eq!(seen.ground.unwrap().colour, Colour::first_in("rgb(50% 50% 50%)").unwrap());
        assert!(seen.text.by.is_some_and(|by| seen.ground.unwrap().by < Some(by)));
        let seen = of_first("p", "<div style=\"background:url(a.png)\"><p>x");
        assert!(seen.ground.is_none() && seen.text.by.is_none());
        let seen = of_first("a", "<div style=\"color:red\"><a href=x>x");
        assert_eq!(seen.text.by, None);
    }
}
