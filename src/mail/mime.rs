//! The parts of a message (RFC 2045 to 2049): mail-parser's structure, with its faults mended.
//!
//! mail-parser 0.11 splits the parts. It does not decode what is damaged, guesses charsets badly and reads some header
//! fields wrongly; so header fields are read here, and whatever it could not decode is decoded again from the raw bytes.
//! Nothing outside this file and `charset` knows the crate.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::LazyLock;

use mail_parser::{MessageParser, PartType};

use super::header::Header;
use super::parameter::Parameterised;
use super::{charset, transfer};

/// More parts than any person's mail has; what lies behind is not read.
const PARTS_MAX: usize = 5_000;

/// mail-parser builds nested messages as nested values, which are dropped by recursion; deeper ones stay undivided.
const MESSAGES_MAX: usize = 40;

/// A message with more header fields than this is given to mail-parser without those that it does not need.
const FIELDS_MAX: usize = 1_000;

static PARSER: LazyLock<MessageParser> =
    LazyLock::new(|| MessageParser::new().with_mime_headers().default_header_ignore());

/// How the content of a part is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Identity,
    Base64,
    QuotedPrintable,
    Uuencode,
}

/// One part, in order of appearance; the root is the first.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) header: Header<'a>,
    pub(super) content_type: Parameterised,
    pub(super) disposition: Parameterised,
    /// Indexes of the parts within, for a multipart.
    pub(super) children: Vec<usize>,
    /// It is a multipart whose parts could be told apart.
    pub(super) is_multipart: bool,
    encoding: Encoding,
    /// As it stands in the mail.
    raw: Cow<'a, [u8]>,
    ready: Option<Cow<'a, [u8]>>,
    ready_text: Option<Cow<'a, str>>,
    text: OnceCell<(String, bool)>,
}

/// The parts of a message, and whether some were left unread.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) parts: Vec<Part<'a>>,
    pub(super) too_many: bool,
    pub(super) boundary_missing: bool,
}

impl<'a> Part<'a> {
    fn new(header: Header<'a>, raw: Cow<'a, [u8]>) -> Self {
        let structured =
            |name: &str| header.first(name).map(|field| Parameterised::parse(&field.unfolded())).unwrap_or_default();
        let encoding = header.token("Content-Transfer-Encoding");
        let encoding = match encoding.split([' ', ';', '\t']).next().unwrap_or("") {
            "base64" => Encoding::Base64,
            "quoted-printable" => Encoding::QuotedPrintable,
            "uuencode" | "x-uuencode" | "x-uue" | "uue" => Encoding::Uuencode,
            _ => Encoding::Identity,
        };
        let mut content_type = structured("Content-Type");
        if !content_type.value.contains('/') {
            content_type.value = match content_type.value.as_str() {
                "html" => "text/html",
                _ => "text/plain",
            }
            .to_owned();
        }
        let disposition = structured("Content-Disposition");
        Part {
            header,
            content_type,
            disposition,
            children: Vec::new(),
            is_multipart: false,
            encoding,
            raw,
            ready: None,
            ready_text: None,
            text: OnceCell::new(),
        }
    }

    /// Lower case `type/subtype`.
    pub(super) fn media_type(&self) -> &str {
        &self.content_type.value
    }

    /// Whether it is of this type, or under it where `name` ends in `/`.
    pub(super) fn is(&self, name: &str) -> bool {
        if name.ends_with('/') { self.media_type().starts_with(name) } else { self.media_type() == name }
    }

    /// Name as the mail gives it: Content-Disposition's, else Content-Type's.
    pub(super) fn name(&self) -> Option<&str> {
        self.disposition
            .get("filename")
            .or_else(|| self.disposition.get("name"))
            .or_else(|| self.content_type.get("name"))
            .or_else(|| self.content_type.get("filename"))
            .filter(|name| !name.is_empty())
    }

    /// Decoded bytes.
    pub(super) fn bytes(&self) -> Cow<'_, [u8]> {
        if let Some(ready) = &self.ready {
            return Cow::Borrowed(ready);
        }
        match self.encoding {
            Encoding::Identity => Cow::Borrowed(&*self.raw),
            Encoding::Base64 => Cow::Owned(transfer::base64(&self.raw).0),
            Encoding::QuotedPrintable => Cow::Owned(transfer::quoted_printable(&self.raw)),
            Encoding::Uuencode => match super::uuencode::first(&self.raw) {
                Some(bytes) => Cow::Owned(bytes),
                None => Cow::Borrowed(&*self.raw),
            },
        }
    }

    /// Whether base64 content holds what no base64 does.
    pub(super) fn is_damaged(&self) -> bool {
        self.encoding == Encoding::Base64 && self.ready.is_none() && transfer::base64(&self.raw).1
    }

    /// Content as text, line ends as `\n`, sanitised.
    pub(super) fn text(&self) -> &str {
        &self.decoded().0
    }

    /// Whether the charset that it names is known.
    pub(super) fn charset_is_known(&self) -> bool {
        self.decoded().1
    }

    fn decoded(&self) -> &(String, bool) {
        self.text.get_or_init(|| {
            if let Some(text) = &self.ready_text {
                return (super::sanitize::text(text.trim_start_matches('\u{feff}')).into_owned(), true);
            }
            let bytes = self.bytes();
            let declared = self.content_type.get("charset");
            let in_html = || self.is("text/html").then(|| charset_of_html(&bytes)).flatten();
            let found = in_html();
            let label = declared.or(found.as_deref());
            let (text, known) = charset::decode(label, &bytes);
            (super::sanitize::text(text.trim_start_matches('\u{feff}')).into_owned(), known)
        })
    }
}

/// The charset that an HTML document names in its first kilobyte.
fn charset_of_html(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    let (_, behind) = head.split_once("charset=")?;
    let label = behind.trim_start_matches(['"', '\'']);
    let label: String = label.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    // A document that could be read so far is not in UTF-16.
    (!label.is_empty() && !label.starts_with("utf-16")).then_some(label)
}

/// The parts of a message: at least the root.
pub(super) fn parts(raw: &[u8]) -> Parts<'_> {
    let start = super::header::mbox_line(raw);
    let message = &raw[start..];
    let (header, body) = Header::split(message);
    if let Some(short) = shortened(message, &header, body) {
        let parts = structure(&short).parts.into_iter().map(Part::into_owned).collect::<Vec<_>>();
        return with_root(Parts { parts, too_many: true, boundary_missing: false }, header, message, body);
    }
    let parts = with_root(structure(message), header, message, body);
    if parts.boundary_missing
        && let Some(mended) = with_found_boundary(message, body)
    {
        let parts = structure(&mended).parts.into_iter().map(Part::into_owned).collect::<Vec<_>>();
        let header = Header::split(message).0;
        return Parts {
            boundary_missing: true,
            ..with_root(Parts { parts, too_many: false, boundary_missing: true }, header, message, body)
        };
    }
    parts
}

/// The message under a header that names the boundary which the body uses: a `--line` with a part header behind it.
fn with_found_boundary(message: &[u8], body: usize) -> Option<Vec<u8>> {
    let text = &message[body..];
    let mut at = 0;
    for _ in 0..200 {
        let end = super::header::line_end(text, at);
        let line = text[at..end].trim_ascii();
        if let Some(boundary) = line.strip_prefix(b"--").filter(|boundary| (1..=200).contains(&boundary.len())) {
            let (header, _) = Header::split(&text[end..]);
            if header.has("Content-Type") && !boundary.contains(&b'"') {
                let mut mended = b"Content-Type: multipart/mixed; boundary=\"".to_vec();
                mended.extend_from_slice(boundary);
                mended.extend_from_slice(b"\"\r\n\r\n");
                mended.extend_from_slice(text);
                return Some(mended);
            }
        }
        if end == text.len() {
            return None;
        }
        at = end;
    }
    None
}

/// Gives the root its own header, and where it is a leaf its own body.
fn with_root<'a>(mut found: Parts<'a>, header: Header<'a>, message: &'a [u8], body: usize) -> Parts<'a> {
    let own = Part::new(header, Cow::Borrowed(&message[body..]));
    let claims_parts = own.is("multipart/");
    match found.parts.first_mut() {
        Some(root) if root.is_multipart => root.header = own.header,
        Some(root) => {
            found.boundary_missing = claims_parts;
            let same = root.raw.len() == own.raw.len();
            let (ready, ready_text) = (root.ready.take(), root.ready_text.take());
            *root = own;
            if same {
                (root.ready, root.ready_text) = (ready, ready_text);
            }
        }
        None => found.parts.push(own),
    }
    found
}

/// The message without the header fields that say nothing about its structure, if there are very many.
fn shortened(message: &[u8], header: &Header<'_>, body: usize) -> Option<Vec<u8>> {
    if header.fields().len() <= FIELDS_MAX && body < 1 << 20 {
        return None;
    }
    let mut short = Vec::with_capacity(message.len() - body + 1000);
    for name in ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition"] {
        if let Some(field) = header.first(name) {
            short.extend_from_slice(name.as_bytes());
            short.push(b':');
            short.extend_from_slice(&field.raw[..field.raw.len().min(2000)]);
            short.extend_from_slice(b"\r\n");
        }
    }
    short.extend_from_slice(b"\r\n");
    short.extend_from_slice(&message[body..]);
    Some(short)
}

fn structure(message: &[u8]) -> Parts<'_> {
    match too_nested(message) {
        Some(flat) => {
            let found = divided(&flat);
            Parts { parts: found.parts.into_iter().map(Part::into_owned).collect(), too_many: true, ..found }
        }
        None => divided(message),
    }
}

fn divided(message: &[u8]) -> Parts<'_> {
    let Some(parsed) = PARSER.parse(message) else {
        return Parts { parts: Vec::new(), too_many: false, boundary_missing: false };
    };
    let too_many = parsed.parts.len() > PARTS_MAX;
    let mut parts: Vec<Part<'_>> =
        parsed.parts.into_iter().take(PARTS_MAX).map(|part| part_of(message, part)).collect();
    name_digests(&mut parts);
    Parts { parts, too_many, boundary_missing: false }
}

/// RFC 2046 §5.1.5: what a digest holds is a message unless it says otherwise.
fn name_digests(parts: &mut [Part<'_>]) {
    let digests = parts.iter().filter(|part| part.is("multipart/digest"));
    let within: Vec<usize> = digests.flat_map(|part| part.children.iter().copied()).collect();
    for index in within {
        if let Some(part) = parts.get_mut(index).filter(|part| !part.header.has("Content-Type")) {
            part.content_type.value = "message/rfc822".to_owned();
        }
    }
}

fn part_of<'a>(message: &'a [u8], parsed: mail_parser::MessagePart<'a>) -> Part<'a> {
    let (start, body, end) = (parsed.offset_header as usize, parsed.offset_body as usize, parsed.offset_end as usize);
    let header = Header::split(message.get(start..body).unwrap_or_default()).0;
    let raw = message.get(body..end).or_else(|| message.get(body..)).unwrap_or_default();
    let mut part = Part::new(header, Cow::Borrowed(raw));
    match parsed.body {
        PartType::Multipart(children) => {
            part.children = children.into_iter().map(|id| id as usize).filter(|&id| id < PARTS_MAX).collect();
            part.is_multipart = true;
        }
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) if !parsed.is_encoding_problem => {
            if part.encoding != Encoding::Uuencode
                && (part.encoding != Encoding::Base64 || bytes.len() == base64_length(raw))
            {
                part.ready = Some(bytes);
            }
        }
        PartType::Text(text) | PartType::Html(text) if !parsed.is_encoding_problem => {
            let is_utf8 = part
                .content_type
                .get("charset")
                .is_some_and(|label| label.eq_ignore_ascii_case("utf-8") || label.eq_ignore_ascii_case("utf8"));
            if is_utf8 && part.encoding != Encoding::Uuencode && !text.contains('\u{fffd}') {
                part.ready_text = Some(text);
            }
        }
        _ => {}
    }
    part
}

/// Decoded length of base64: mail-parser drops the last bytes where the padding is missing.
fn base64_length(raw: &[u8]) -> usize {
    let padding_and_breaks = raw.iter().filter(|b| matches!(b, b'=' | b'\r' | b'\n' | b' ' | b'\t')).count();
    (raw.len() - padding_and_breaks) * 3 / 4
}

/// A copy of a message in which nested messages beyond the limit are no longer called so; `None` if there are few.
fn too_nested(message: &[u8]) -> Option<Vec<u8>> {
    let mut places = Vec::new();
    for slash in memchr::memchr_iter(b'/', message) {
        let before = &message[..slash];
        let is_message = before.len() >= 7 && before[before.len() - 7..].eq_ignore_ascii_case(b"message");
        let is_digest =
            before.len() >= 9 && message[slash + 1..].get(..6).is_some_and(|name| name.eq_ignore_ascii_case(b"digest"));
        if is_message || is_digest {
            places.push(slash - 1);
        }
    }
    if places.len() <= MESSAGES_MAX {
        return None;
    }
    let mut flat = message.to_vec();
    for at in &places[MESSAGES_MAX..] {
        flat[*at] = b'_';
    }
    Some(flat)
}

impl Part<'_> {
    fn into_owned<'b>(self) -> Part<'b> {
        let raw: Cow<'b, [u8]> = Cow::Owned(self.raw.into_owned());
        Part {
            header: Header::default(),
            content_type: self.content_type,
            disposition: self.disposition,
            children: self.children,
            is_multipart: self.is_multipart,
            encoding: self.encoding,
            raw,
            ready: self.ready.map(|bytes| Cow::Owned(bytes.into_owned())),
            ready_text: self.ready_text.map(|text| Cow::Owned(text.into_owned())),
            text: OnceCell::new(),
        }
    }
}
