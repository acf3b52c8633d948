//! Tags and character references, read as browsers read them (WHATWG HTML §13.2), in linear time.

use super::super::work;
use super::entities;

/// A tag, open or closed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'a> {
    /// Name as written.
    pub(super) name: &'a str,
    /// It is an end tag: `</name>`.
    pub(super) closes: bool,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// Reads what stands between `<` and `>`; `None` where it is no tag.
    pub(super) fn parse(inside: &'a str) -> Option<Tag<'a>> {
        let (closes, rest) = match inside.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, inside),
        };
        let end = rest.find(|c: char| c.is_whitespace() || c == '/' || c == '>').unwrap_or(rest.len());
        let (name, attributes) = rest.split_at(end);
        name.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(Tag { name, closes, attributes })
    }

    /// Whether the tag has this name, case aside.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether the tag has any of these names.
    pub(super) fn is_one_of(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.is(name))
    }

    /// Whether the tag is its name alone.
    pub(super) fn has_no_attributes(&self) -> bool {
        self.attributes.len() < 4
    }

    /// Whether the attributes speak of `display` or `visibility`: a cheap look before reading them.
    pub(super) fn may_hide(&self) -> bool {
        let bytes = self.attributes.as_bytes();
        let ends_word =
            |at: usize, word: &[u8]| at >= word.len() && bytes[at - word.len()..at].eq_ignore_ascii_case(word);
        memchr::memchr2_iter(b'y', b'Y', bytes).any(|at| ends_word(at, b"displa") || ends_word(at, b"visibilit"))
    }

    /// Whether the attributes hold a text at all: a cheap look before reading them.
    pub(super) fn mentions(&self, text: &str) -> bool {
        memchr::memmem::find(self.attributes.as_bytes(), text.as_bytes()).is_some()
    }

    /// Value of an attribute, lower case; empty where it has none.
    pub(super) fn attribute(&self, name: &str) -> String {
        self.attribute_as_written(name).to_ascii_lowercase()
    }

    /// Value of an attribute, its references as they stand; empty where it has none.
    pub(super) fn attribute_as_written(&self, name: &str) -> &'a str {
        self.find(name).unwrap_or_default()
    }

    /// Whether it has an attribute, with or without a value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.attributes;
        loop {
            work::count(1);
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            let (key, behind) = rest.split_at(end);
            let behind = behind.trim_start();
            let (value, behind) = match behind.strip_prefix('=') {
                Some(behind) => attribute_value(behind.trim_start()),
                None => ("", behind),
            };
            if key.eq_ignore_ascii_case(name) {
                return Some(value);
            }
            rest = if behind.len() < rest.len() { behind } else { "" };
        }
    }
}

fn attribute_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    text.split_at(end)
}

/// Offset of the `>` that ends the tag whose inside starts `text`: the first one outside quotes.
pub(super) fn end(text: &str) -> Option<usize> {
    let first = work::searched(text, memchr::memchr(b'>', text.as_bytes()))?;
    if memchr::memchr2(b'"', b'\'', &text.as_bytes()[..first]).is_none() {
        return Some(first);
    }
    // A quote that is never closed must not swallow the document.
    let near = &text.as_bytes()[..text.len().min(first + 20_000)];
    let (mut at, mut previous) = (0, b' ');
    while let Some(&byte) = near.get(at) {
        work::count(1);
        match byte {
            b'>' => return Some(at),
            b'"' | b'\'' if previous == b'=' => match memchr::memchr(byte, &near[at + 1..]) {
                Some(length) => at += length + 1,
                None => return Some(first),
            },
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            previous = byte;
        }
        at += 1;
    }
    Some(first)
}

/// The character of the reference that starts behind an `&`, and its length.
pub(super) fn reference(text: &str) -> Option<(char, usize)> {
    let bytes = text.as_bytes();
    let near = &bytes[..bytes.len().min(12)];
    if let Some(digits) = near.strip_prefix(b"#") {
        let (digits, radix, prefix) = match digits {
            [b'x' | b'X', digits @ ..] => (digits, 16, 2),
            digits => (digits, 10, 1),
        };
        let length = digits.iter().take_while(|b| char::from(**b).is_digit(radix)).count();
        let number = std::str::from_utf8(&digits[..length]).ok()?;
        let code = u32::from_str_radix(number, radix).ok()?;
        let closed = usize::from(digits.get(length) == Some(&b';'));
        return Some((character(code), prefix + length + closed));
    }
    let length = near.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let found = entities::named(&text[..length])?;
    let closed = usize::from(near.get(length) == Some(&b';'));
    Some((found, length + closed))
}

/// Numbers of Windows-1252 are read as such (WHATWG HTML §13.2.5.80).
fn character(code: u32) -> char {
    match code {
        0x80..=0x9f => encoding_rs::WINDOWS_1252.decode(&[code as u8]).0.chars().next().unwrap_or('\u{fffd}'),
        _ => char::from_u32(code).unwrap_or('\u{fffd}'),
    }
}
