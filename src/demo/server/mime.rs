//! A small MIME walker for ENVELOPE, BODYSTRUCTURE and `BODY[1.2]` (RFC 2045, RFC 2046).
//!
//! It does not decode anything: IMAP shows mails as they are.

use std::borrow::Cow;
use std::io::BufRead;

/// Deeper parts are shown as leaves.
const DEPTH_MAX: usize = 30;

/// One entity: its header with the empty line that ends it, and what follows.
#[derive(Debug)]
pub(super) struct Entity<'a> {
    pub(super) header: &'a [u8],
    pub(super) body: &'a [u8],
    pub(super) media_type: MediaType,
    pub(super) content: Content<'a>,
}

#[derive(Debug)]
pub(super) enum Content<'a> {
    Leaf,
    Multipart(Vec<Entity<'a>>),
    Message(Box<Entity<'a>>),
}

/// `type/subtype; name=value` (RFC 2045 §5.1), also of a Content-Disposition, which has no subtype.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MediaType {
    pub(super) kind: String,
    pub(super) subtype: String,
    pub(super) parameters: Vec<(String, String)>,
}

impl MediaType {
    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind)
    }

    fn is_message(&self) -> bool {
        self.is("message")
            && (self.subtype.eq_ignore_ascii_case("rfc822") || self.subtype.eq_ignore_ascii_case("global"))
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn plain_text() -> Self {
        let charset = ("charset".to_owned(), "us-ascii".to_owned());
        MediaType { kind: "text".to_owned(), subtype: "plain".to_owned(), parameters: vec![charset] }
    }
}

/// The whole mail, taken apart.
pub(super) fn parse(raw: &[u8]) -> Entity<'_> {
    entity(raw, MediaType::plain_text(), DEPTH_MAX)
}

/// Header with its final empty line, and body.
pub(super) fn split(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in lines(raw) {
        at += line.len();
        if is_empty_line(line) {
            break;
        }
    }
    raw.split_at(at)
}

/// The lines, each with its end.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut after = rest;
        let length = after.skip_until(b'\n').ok().filter(|&length| length > 0)?;
        let line = &rest[..length];
        rest = after;
        Some(line)
    })
}

fn is_empty_line(line: &[u8]) -> bool {
    matches!(line, b"\r\n" | b"\n")
}

/// The fields of a header: name, and the whole field with folds and final line end.
pub(super) fn fields(header: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    let mut rest = header;
    std::iter::from_fn(move || {
        loop {
            let end = field_end(rest)?;
            let (field, after) = rest.split_at(end);
            rest = after;
            let colon = field.iter().position(|&byte| byte == b':');
            let name = colon.and_then(|colon| std::str::from_utf8(&field[..colon]).ok());
            if let Some(name) = name.filter(|name| !name.starts_with([' ', '\t'])) {
                return Some((name.trim_end(), field));
            }
        }
    })
}

/// The first field of that name: its value, unfolded and trimmed.
pub(super) fn field<'a>(header: &'a [u8], name: &str) -> Option<Cow<'a, [u8]>> {
    fields(header).find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, field)| value(field))
}

/// What stands behind the colon of a field, unfolded and trimmed (RFC 5322 §2.2.3).
pub(super) fn value(field: &[u8]) -> Cow<'_, [u8]> {
    let start = field.iter().position(|&byte| byte == b':').map_or(0, |colon| colon + 1);
    let value = field[start..].trim_ascii();
    if value.contains(&b'\n') {
        Cow::Owned(value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect())
    } else {
        Cow::Borrowed(value)
    }
}

/// Reads a Content-Type or a Content-Disposition.
pub(super) fn media_type(value: &str) -> Option<MediaType> {
    let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
    let (kind, subtype) = essence.split_once('/').unwrap_or((essence, ""));
    let (kind, subtype) = (kind.trim().to_owned(), subtype.trim().to_owned());
    (!kind.is_empty()).then(|| MediaType { kind, subtype, parameters: self::parameters(parameters) })
}

fn entity(raw: &[u8], default: MediaType, depth: usize) -> Entity<'_> {
    let (header, body) = split(raw);
    let written = field(header, "Content-Type").and_then(|value| media_type(&String::from_utf8_lossy(&value)));
    let media_type = written.filter(|media_type| !media_type.subtype.is_empty()).unwrap_or(default);
    let content = content(&media_type, body, depth);
    Entity { header, body, media_type, content }
}

fn content<'a>(media_type: &MediaType, body: &'a [u8], depth: usize) -> Content<'a> {
    let Some(depth) = depth.checked_sub(1) else { return Content::Leaf };
    if media_type.is_message() {
        return Content::Message(Box::new(entity(body, MediaType::plain_text(), depth)));
    }
    let boundary = media_type.parameter("boundary").filter(|_| media_type.is("multipart"));
    let parts = boundary.map(|boundary| parts(body, boundary)).unwrap_or_default();
    if parts.is_empty() {
        return Content::Leaf;
    }
    Content::Multipart(parts.into_iter().map(|part| entity(part, MediaType::plain_text(), depth)).collect())
}

/// The bytes between the boundary lines; the line end before a boundary belongs to it (RFC 2046 §5.1.1).
fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut start = None;
    let mut at = 0;
    for line in lines(body) {
        let line_start = at;
        at += line.len();
        let Some(tail) = line.strip_prefix(delimiter.as_bytes()) else { continue };
        let tail = tail.trim_ascii_end();
        if !tail.is_empty() && tail != b"--" {
            continue;
        }
        if let Some(start) = start {
            let part = &body[start..line_start];
            parts.push(part.strip_suffix(b"\r\n").unwrap_or(part));
        }
        start = (tail != b"--").then_some(at);
        if start.is_none() {
            return parts;
        }
    }
    parts.extend(start.map(|start| &body[start..]));
    parts
}

fn field_end(rest: &[u8]) -> Option<usize> {
    let mut lines = lines(rest);
    let first = lines.next().filter(|line| !is_empty_line(line))?;
    let folded = lines.take_while(|line| line.starts_with(b" ") || line.starts_with(b"\t"));
    Some(first.len() + folded.map(<[u8]>::len).sum::<usize>())
}

fn parameters(text: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.rsplit(';').next().unwrap_or(name).trim();
        let (value, after) = parameter_value(after.trim_start());
        if !name.is_empty() {
            parameters.push((name.to_owned(), value));
        }
        rest = after;
    }
    parameters
}

fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return (text[..end].trim_end().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => value.push(character),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIXED: &[u8] = b"Subject: a\r\n folded\r\nContent-Type: multipart/mixed;\r\n boundary=\"b;1\"\r\n\r\npreamble\r\n\
        --b;1\r\n\r\nfirst\r\n--b;1 \r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nsecond\r\n--b;1--\r\nend\r\n";

    #[test]
    fn a_multipart_falls_into_its_parts() {
        let mail = parse(MIXED);
        let Content::Multipart(parts) = &mail.content else { panic!("{mail:?}") };
        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].header, parts[0].body), (&b"\r\n"[..], &b"first"[..]));
        let Content::Message(inner) = &parts[1].content else { panic!("{mail:?}") };
        assert_eq!(inner.body, b"second");
        assert_eq!(field(inner.header, "subject").as_deref(), Some(&b"inner"[..]));
    }

    #[test]
    fn a_folded_field_is_one_value() {
        assert_eq!(field(MIXED, "SUBJECT").as_deref(), Some(&b"a folded"[..]));
        assert_eq!(fields(split(MIXED).0).map(|(name, _)| name).collect::<Vec<_>>(), ["Subject", "Content-Type"]);
    }

    #[test]
    fn parameters_may_be_quoted() {
        let read = media_type("attachment; filename=\"a \\\"b\\\"; c.txt\"; size=3 ; x").unwrap();
        let expected = [("filename", "a \"b\"; c.txt"), ("size", "3")];
        assert_eq!(read.parameters, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_multipart_without_its_boundary_is_a_leaf() {
        assert!(matches!(parse(b"Content-Type: multipart/mixed\r\n\r\nx").content, Content::Leaf));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_can_be_taken_apart(raw: Vec<u8>) {
            let mail = parse(&raw);
            proptest::prop_assert_eq!(mail.header.len() + mail.body.len(), raw.len());
        }
    }
}
