//! Colours of CSS, and how well one is read on another.

use cssparser::color::{parse_hash_color, parse_named_color};
use cssparser::{Parser, Token};

/// A colour as screens show it, red, green and blue from 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Colour {
    red: f32,
    green: f32,
    blue: f32,
    /// From 0, nothing is seen of it, to 1.
    opacity: f32,
}

impl Colour {
    pub(super) const WHITE: Colour = Colour::of(255, 255, 255);
    pub(super) const BLACK: Colour = Colour::of(0, 0, 0);

    pub(super) const fn of(red: u8, green: u8, blue: u8) -> Self {
        Colour { red: red as f32, green: green as f32, blue: blue as f32, opacity: 1.0 }
    }

    /// The first colour that a value names: `#1a1a1a`, a name, or `rgb()`.
    pub(super) fn first_in(value: &str) -> Option<Self> {
        let mut input = Parser::new(value);
        loop {
            match input.next().ok()?.clone() {
                Token::Hash(digits) | Token::IDHash(digits) => {
                    let (red, green, blue, opacity) = parse_hash_color(digits.as_bytes()).ok()?;
                    return Some(Colour { opacity, ..Colour::of(red, green, blue) });
                }
                Token::Ident(name) => {
                    if name.eq_ignore_ascii_case("transparent") {
                        return Some(Colour { opacity: 0.0, ..Colour::BLACK });
                    }
                    if let Ok((red, green, blue)) = parse_named_color(&name) {
                        return Some(Colour::of(red, green, blue));
                    }
                }
                Token::Function(name) if name.eq_ignore_ascii_case("rgb") || name.eq_ignore_ascii_case("rgba") => {
                    return input
                        .parse_nested_block(|channels| Ok::<_, cssparser::ParseError<()>>(rgb(channels)))
                        .ok()?;
                }
                _ => {}
            }
        }
    }

    /// What is seen where this lies on another.
    pub(super) fn over(self, below: Colour) -> Colour {
        let mixed = |above: f32, below: f32| above * self.opacity + below * (1.0 - self.opacity);
        Colour {
            red: mixed(self.red, below.red),
            green: mixed(self.green, below.green),
            blue: mixed(self.blue, below.blue),
            opacity: 1.0,
        }
    }

    /// From 1, the same, to 21, black on white (WCAG 2.2, contrast ratio).
    pub(super) fn contrast(self, with: Colour) -> f32 {
        let (one, other) = (self.luminance(), with.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// WCAG 2.2, relative luminance.
    fn luminance(self) -> f32 {
        let linear = |channel: f32| {
            let channel = channel / 255.0;
            if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

/// The channels of `rgb()` and `rgba()`, with commas or without (CSS Color 4 §5.1).
fn rgb(channels: &mut Parser<'_>) -> Option<Colour> {
    let mut values = Vec::new();
    while let Ok(token) = channels.next() {
        match token {
            Token::Number { value, .. } if values.len() < 3 => values.push(value / 255.0),
            Token::Number { value, .. } => values.push(*value),
            Token::Percentage { unit_value, .. } => values.push(*unit_value),
            _ => {}
        }
    }
    let [red, green, blue] = values.get(..3)?.first_chunk()?.map(|channel| channel.clamp(0.0, 1.0) * 255.0);
    Some(Colour { red, green, blue, opacity: values.get(3).map_or(1.0, |opacity| opacity.clamp(0.0, 1.0)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_css_writes_them() {
        let grey = Some(Colour::of(102, 102, 102));
        for written in [
            "#666",
            "#666666",
            "rgb(102, 102, 102)",
            "rgb(40% 40% 40%)",
            "no-repeat #666 url(a.png)",
            "RGBA(102,102,102,1)",
        ] {
            assert_eq!(Colour::first_in(written), grey, "{written}");
        }
        assert_eq!(Colour::first_in("WHITE"), Some(Colour::WHITE));
        assert_eq!(Colour::first_in("inherit"), None);
        assert_eq!(Colour::first_in("transparent").map(|colour| colour.over(Colour::WHITE)), Some(Colour::WHITE));
    }

    #[test]
    fn contrast_is_what_the_guidelines_say() {
        let rounded = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|colour| Colour::first_in(colour).unwrap());
            (one.over(other).contrast(other) * 100.0).round() / 100.0
        };
        assert_eq!(rounded("black", "white"), 21.0);
        assert_eq!(rounded("white", "#777"), 4.48);
        assert_eq!(rounded("#767676", "#fff"), 4.54);
        assert_eq!(rounded("rgba(0, 0, 0, 0.5)", "white"), 3.98);
    }
}
