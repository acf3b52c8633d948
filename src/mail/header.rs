//! The header of a message or part, as fields (RFC 5322 §2.2), read leniently.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::{encoded_word, work};

/// More fields than any mail has; what lies behind is not looked at.
const FIELDS_MAX: usize = 10_000;

/// One field, still folded and encoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub(super) name: &'a [u8],
    pub(super) raw: &'a [u8],
    /// What raw 8-bit text is likely to be written in.
    hint: Option<&'static Encoding>,
}

/// The fields of one header, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Header<'a> {
    fields: Vec<Field<'a>>,
}

impl<'a> Field<'a> {
    /// Whether the field has this name, case aside.
    pub(super) fn is(&self, name: &str) -> bool {
        work::count(1);
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The value on one line, encoded words left as they are.
    pub(super) fn unfolded(&self) -> Cow<'a, str> {
        let value = self.raw.trim_ascii();
        let decoded = match self.hint {
            Some(hint) if std::str::from_utf8(value).is_err() => hint.decode_without_bom_handling(value).0,
            _ => super::charset::decode_undeclared(value),
        };
        if decoded.bytes().any(|b| b == b'\r' || b == b'\n') {
            Cow::Owned(decoded.replace(['\r', '\n'], ""))
        } else {
            decoded
        }
    }

    /// The value as a person reads it: unfolded, encoded words decoded (RFC 2047), sanitised.
    pub(super) fn text(&self) -> String {
        let unfolded = self.unfolded();
        let decoded = encoded_word::decode(&unfolded);
        super::sanitize::line(&decoded).into_owned()
    }
}

impl<'a> Header<'a> {
    /// Reads the header at the start of `raw`; gives it and the offset of the body behind it.
    ///
    /// A line that is no field is skipped where fields follow it; where none follow, the body starts with it.
    pub(super) fn split(raw: &'a [u8]) -> (Header<'a>, usize) {
        let mut fields: Vec<Field<'a>> = Vec::with_capacity(24);
        let mut at = mbox_line(raw);
        let mut odd_from = None;
        while at < raw.len() {
            let end = line_end(raw, at);
            let line = trim_line_end(&raw[at..end]);
            if line.is_empty() {
                return (Header { fields }, odd_from.unwrap_or(end));
            }
            if matches!(line[0], b' ' | b'\t') {
                if let (Some(field), None) = (fields.last_mut(), odd_from) {
                    let start = field.raw.as_ptr().addr() - raw.as_ptr().addr();
                    field.raw = trim_line_end(&raw[start..end]);
                }
            } else if let Some((name, value)) = field_line(line) {
                if fields.len() < FIELDS_MAX {
                    fields.push(Field { name, raw: value, hint: None });
                }
                odd_from = None;
            } else {
                odd_from = odd_from.or(Some(at));
            }
            at = end;
        }
        (Header { fields }, odd_from.unwrap_or(raw.len()))
    }

    /// Says what raw 8-bit text in the fields is likely to be written in: clients that do not encode it use the charset
    /// of the body.
    pub(super) fn hint(&mut self, encoding: &'static Encoding) {
        self.fields.iter_mut().for_each(|field| field.hint = Some(encoding));
    }

    /// Whether a field holds raw 8-bit text.
    pub(super) fn is_8bit(&self) -> bool {
        self.fields.iter().any(|field| !field.raw.is_ascii())
    }

    /// The first field of a name.
    pub(super) fn first(&self, name: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.is(name))
    }

    /// All fields of a name, topmost first.
    pub(super) fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h Field<'a>> {
        self.fields.iter().filter(move |field| field.is(name))
    }

    /// Whether there is a field of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// First field of a name as text; empty where there is none.
    pub(super) fn text(&self, name: &str) -> String {
        self.first(name).map(Field::text).unwrap_or_default()
    }

    /// First field of a name, unfolded, not decoded, lower case; empty where there is none.
    pub(super) fn token(&self, name: &str) -> String {
        self.first(name).map(|field| field.unfolded().trim().to_ascii_lowercase()).unwrap_or_default()
    }

    /// First field of a name, unfolded, not decoded; empty where there is none.
    pub(super) fn token_as_written(&self, name: &str) -> String {
        self.first(name).map(|field| field.unfolded().trim().to_owned()).unwrap_or_default()
    }

    /// The fields in runs, each of which begins with the field that the first begins with among `names`: some servers
    /// leave out the empty lines between groups.
    pub(super) fn runs(&self, names: &[&str]) -> Vec<Header<'a>> {
        let starts = |field: &Field<'_>| names.iter().find(|name| field.is(name)).copied();
        let Some(first) = self.fields.iter().find_map(starts) else { return vec![self.clone()] };
        let mut runs = vec![Header::default()];
        let mut begun = false;
        for field in &self.fields {
            if field.is(first) {
                if begun {
                    runs.push(Header::default());
                }
                begun = true;
            }
            if let Some(run) = runs.last_mut() {
                run.fields.push(*field);
            }
        }
        runs
    }

    /// In the order of the message, the unknown and the repeated ones, too.
    pub(super) fn fields(&self) -> &[Field<'a>] {
        &self.fields
    }
}

/// Length of the mbox separator (`From someone date`) in front of a message, if there is one (RFC 4155).
/// How far the header goes and how many fields it has, if nobody can read it in another way: each line up to the first empty
/// one is a field of today's form or goes one on (RFC 5322 §2.2, §3.6.8), and each ends with CRLF. Whoever trusts what another
/// program said of a message asks this first: leniently read, words of the text may be a field, and a field may be text.
pub fn only_reading(raw: &[u8]) -> Option<OnlyReading> {
    let (mut at, mut fields) = (0, 0);
    loop {
        let end = at + memchr::memmem::find(&raw[at..], b"\r\n")?;
        let line = &raw[at..end];
        at = end + 2;
        match line.first() {
            None => return Some(OnlyReading { body: at, fields }),
            _ if line.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) => return None,
            Some(b' ' | b'\t') if fields > 0 => {}
            Some(_) => {
                let name = &line[..memchr::memchr(b':', line)?];
                if name.is_empty() || !name.iter().all(|byte| matches!(byte, b'!'..=b'~')) {
                    return None;
                }
                fields += 1;
            }
        }
    }
}

/// A header that can be read in one way alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnlyReading {
    /// Offset of the body.
    pub body: usize,
    /// How many fields there are.
    pub fields: usize,
}

pub(super) fn mbox_line(raw: &[u8]) -> usize {
    let start = raw.iter().position(|b| !matches!(b, b'\r' | b'\n')).unwrap_or(0);
    let rest = &raw[start..];
    let is_field = || rest[4..].trim_ascii_start().starts_with(b":");
    if rest.starts_with(b"From ") && !is_field() || rest.starts_with(b">From ") {
        start + line_end(rest, 0)
    } else if raw.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    }
}

/// Offset behind the line that starts at `from`.
pub(super) fn line_end(raw: &[u8], from: usize) -> usize {
    work::searched(&raw[from..], memchr::memchr(b'\n', &raw[from..])).map_or(raw.len(), |length| from + length + 1)
}

fn trim_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// `name: value`; blanks before the colon are old style (RFC 5322 §4.5.8), blanks within the name are none.
fn field_line(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = memchr::memchr(b':', &line[..line.len().min(200)])?;
    let name = line[..colon].trim_ascii_end();
    let good = !name.is_empty() && name.iter().all(|b| matches!(b, b'!'..=b'~'));
    good.then(|| (name, &line[colon + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_in_one_way_or_not_at_all() {
        let read = |raw: &str| only_reading(raw.as_bytes()).map(|read| (read.fields, raw[read.body..].to_owned()));
        assert_eq!(read("A: b\r\n c\r\nD-E: f\r\n\r\ntext: g\r\n"), Some((2, "text: g\r\n".to_owned())));
        for other in [
            "A: b\r\nwords\r\nC: d\r\n\r\n",
            "A: b\r\nso many words: c\r\n\r\n",
            "A : b\r\n\r\n",
            "A: b\rC: d\r\n\r\n",
            "A: b\nC: d\r\n\r\n",
            "A: b\0\r\n\r\n",
            " A: b\r\n\r\n",
            "From a@b.test Mon\r\nA: b\r\n\r\n",
            ": b\r\n\r\n",
            "A: b\r\n",
            "",
        ] {
            assert_eq!(read(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_name_with_a_blank_in_it_is_no_field() {
        let (header, body) = Header::split(b"Fr om: evil@x.test\r\nFrom : a@b.test\r\nSubject: a\r\n b\r\n\r\nbody");
        assert_eq!(header.all("From").count(), 1);
        assert_eq!(header.text("Subject"), "a b");
        assert_eq!(body, 55);
    }

    #[test]
    fn a_body_without_an_empty_line_before_it_is_still_a_body() {
        let raw = b"Subject: x\nhello there\nyou\n";
        let (header, body) = Header::split(raw);
        assert_eq!(header.text("Subject"), "x");
        assert_eq!(&raw[body..], b"hello there\nyou\n");
    }

    #[test]
    fn an_mbox_line_in_front_is_skipped() {
        let (header, _) = Header::split(b"From marie Mon Jun  1 10:00:00 2026\nSubject: x\n\n");
        assert_eq!(header.text("Subject"), "x");
    }

    #[test]
    fn a_from_field_with_a_blank_before_its_colon_is_no_mbox_line() {
        for first in ["From : a@b.test", "From\t: a@b.test", "From  :a@b.test"] {
            let raw = format!("{first}\nSubject : x\n\n");
            assert!(Header::split(raw.as_bytes()).0.has("From"), "{first}");
        }
    }
}
