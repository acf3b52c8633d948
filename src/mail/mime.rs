//! The parts of a message (RFC 2045 to 2049): mail-parser's structure, with its faults mended.
//!
//! mail-parser 0.11 splits the parts. It does not decode what is damaged, guesses charsets badly and reads some header
//! fields wrongly; so header fields are read here, and contents are decoded here, when they are asked for.
//! Nothing outside this file and `charset` knows the crate.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::sync::LazyLock;

use mail_parser::{HeaderName, MessageParser, PartType};

use super::abridged::Abridged;
use super::header::Header;
use super::parameter::Parameterised;
use super::transfer::Parted;
use super::{charset, encoded_word, transfer, work};

/// More parts than any person's mail has; what lies behind is not read.
const PARTS_MAX: usize = 5_000;

/// mail-parser builds nested messages as nested values, which are dropped by recursion; deeper ones stay undivided.
const MESSAGES_MAX: usize = 40;

/// mail-parser joins the pieces of a parameter one by one (RFC 2231 §3), each time anew; more of them in one field are not
/// read here either.
const PIECES_MAX: usize = 200;

/// The header of a part whose boundary nobody named stands within so many bytes.
const PART_HEADER_MAX: usize = 64 * 1024;

/// Missing ends that are put in; a message with more of them is not a person's.
const ENDS_MAX: usize = 8;

/// A message with more header fields than this is given to mail-parser without those that it does not need.
const FIELDS_MAX: usize = 1_000;

static PARSER: LazyLock<MessageParser> = LazyLock::new(|| {
    let parser = MessageParser::new().with_mime_headers().default_header_ignore();
    parser.ignore_header(HeaderName::ContentTransferEncoding)
});

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
    ready_text: Option<Cow<'a, str>>,
    text: OnceCell<(String, charset::Fit)>,
    /// Whether base64 content held what no base64 does, once it has been decoded.
    damaged: Cell<Option<bool>>,
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
        let encoding = header.token("Content-Transfer-Encoding");
        let encoding = match encoding.split([' ', ';', '\t']).next().unwrap_or("") {
            "base64" => Encoding::Base64,
            "quoted-printable" => Encoding::QuotedPrintable,
            "uuencode" | "x-uuencode" | "x-uue" | "uue" => Encoding::Uuencode,
            _ => Encoding::Identity,
        };
        let mut content_type = structured(&header, "Content-Type");
        if !content_type.value.contains('/') {
            content_type.value = match content_type.value.as_str() {
                "html" => "text/html",
                _ => "text/plain",
            }
            .to_owned();
        }
        let disposition = structured(&header, "Content-Disposition");
        Part {
            header,
            content_type,
            disposition,
            children: Vec::new(),
            is_multipart: false,
            encoding,
            raw,
            ready_text: None,
            text: OnceCell::new(),
            damaged: Cell::new(None),
        }
    }

    /// Lower case `type/subtype`.
    pub(super) fn media_type(&self) -> &str {
        &self.content_type.value
    }

    /// Whether it is of this type, or under it where `name` ends in `/`.
    pub(super) fn is(&self, name: &str) -> bool {
        work::count(1);
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

    /// The content without its transfer encoding; damage in Base64 is noted on the way.
    pub(super) fn bytes(&self) -> Cow<'_, [u8]> {
        match self.encoding {
            Encoding::Identity => Cow::Borrowed(&*self.raw),
            Encoding::Base64 => {
                let (bytes, damaged) = transfer::base64(&self.raw);
                self.damaged.set(Some(damaged));
                Cow::Owned(bytes)
            }
            Encoding::QuotedPrintable => Cow::Owned(transfer::quoted_printable(&self.raw)),
            Encoding::Uuencode => match super::uuencode::first(&self.raw) {
                Some(bytes) => Cow::Owned(bytes),
                None => Cow::Borrowed(&*self.raw),
            },
        }
    }

    /// Whether its content is not what stands in the mail.
    pub(super) fn is_encoded(&self) -> bool {
        self.encoding != Encoding::Identity
    }

    /// Where its content stands in the message that it was read from, if it stands there as it is.
    pub(super) fn range_in(&self, message: &[u8]) -> Option<std::ops::Range<usize>> {
        range_in(message, &self.raw)
    }

    /// Where its first header field stands there.
    pub(super) fn header_start_in(&self, message: &[u8]) -> Option<usize> {
        range_in(message, self.header.fields().first()?.name).map(|range| range.start)
    }

    /// Whether base64 content holds what no base64 does.
    pub(super) fn is_damaged(&self) -> bool {
        let decoded = || {
            self.bytes();
            self.damaged.get()
        };
        self.encoding == Encoding::Base64 && self.damaged.get().or_else(decoded).unwrap_or_default()
    }

    /// Content as text, line ends as `\n`, sanitised.
    pub(super) fn text(&self) -> &str {
        &self.decoded().0
    }

    /// How the text stands to the charset that it names.
    pub(super) fn charset_fit(&self) -> charset::Fit {
        self.decoded().1
    }

    fn decoded(&self) -> &(String, charset::Fit) {
        self.text.get_or_init(|| {
            if let Some(text) = &self.ready_text {
                let text = charset::undo_double_encoding(Cow::Borrowed(text));
                return (super::sanitize::text(text.trim_start_matches('\u{feff}')).into_owned(), charset::Fit::Sound);
            }
            if self.encoding == Encoding::Base64 && self.is("text/") {
                let Parted { above, encoded, below } = transfer::parted(&self.raw);
                let (bytes, damaged) = transfer::base64(encoded);
                self.damaged.set(Some(damaged || !above.is_empty() || !below.is_empty()));
                let (text, fit) = self.read(&bytes);
                let banner = in_clear(above).map(|words| format!("{words}\n\n")).unwrap_or_default();
                let footer = in_clear(below).map(|words| format!("\n{words}\n")).unwrap_or_default();
                return ([banner, text, footer].concat(), fit);
            }
            self.read(&self.bytes())
        })
    }

    /// Decoded bytes as text.
    fn read(&self, bytes: &[u8]) -> (String, charset::Fit) {
        let declared = self.content_type.get("charset");
        let in_html = || self.is("text/html").then(|| charset_of_html(bytes)).flatten();
        let found = in_html();
        let (text, fit) = charset::decode(declared.or(found.as_deref()), bytes);
        let text = charset::undo_double_encoding(text);
        (super::sanitize::text(text.trim_start_matches('\u{feff}')).into_owned(), fit)
    }
}

/// The text that a server wrote in clear before or behind the Base64 of a part; `None` where there is none.
fn in_clear(bytes: &[u8]) -> Option<String> {
    let text = charset::decode_undeclared(bytes);
    let text = super::sanitize::text(&text);
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// The place of a slice of a message in it; `None` where it is a copy.
fn range_in(message: &[u8], slice: &[u8]) -> Option<std::ops::Range<usize>> {
    let start = slice.as_ptr().addr().checked_sub(message.as_ptr().addr())?;
    let end = start.checked_add(slice.len())?;
    (end <= message.len()).then_some(start..end)
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
    let mut parts = with_root(structure(message), header, message, body);
    parts.too_many |= parts.parts.len() >= PARTS_MAX;
    hint_charset(&mut parts.parts);
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
            let (header, _) = Header::split(&text[end..text.len().min(end + PART_HEADER_MAX)]);
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

/// Raw 8-bit header fields are read in the charset that the first text declares, else that another part or an encoded
/// word of the same client names.
fn hint_charset(parts: &mut [Part<'_>]) {
    if !parts.iter().any(|part| part.header.is_8bit()) {
        return;
    }
    let encoding = |label: &str| charset::encoding(label).filter(|encoding| *encoding != encoding_rs::UTF_8);
    let texts = parts.iter().filter(|part| part.is("text/")).chain(parts.iter());
    let declared = texts.filter_map(|part| part.content_type.get("charset")).find_map(encoding);
    let of_words =
        || parts[0].header.fields().iter().find_map(|field| encoding(encoded_word::first_charset(field.raw)?));
    let Some(encoding) = declared.or_else(of_words) else { return };
    for part in parts.iter_mut().filter(|part| part.header.is_8bit()) {
        part.header.hint(encoding);
        part.disposition = structured(&part.header, "Content-Disposition");
        let named = structured(&part.header, "Content-Type");
        if named.value == part.content_type.value {
            part.content_type = named;
        }
    }
}

fn structured(header: &Header<'_>, name: &str) -> Parameterised {
    header.first(name).map(|field| Parameterised::parse(&field.unfolded())).unwrap_or_default()
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
            let ready_text = root.ready_text.take();
            *root = own;
            root.ready_text = ready_text.filter(|_| same);
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
    let short = Abridged::of(message);
    let (nested, pieces) = (nested_too_deep(&short.text), pieces_too_many(&short.text));
    if !nested.is_empty() || !pieces.is_empty() {
        let mut plain = message.to_vec();
        nested.iter().chain(&pieces).for_each(|&at| plain[short.place(at)] = b'_');
        return Parts { parts: with_all_ends(plain), too_many: !nested.is_empty(), boundary_missing: false };
    }
    let parts = divided(message, &short);
    let parts = match with_end(message, &parts) {
        Some(mended) => with_all_ends(mended),
        None => parts,
    };
    Parts { parts, too_many: false, boundary_missing: false }
}

fn with_all_ends<'b>(mut message: Vec<u8>) -> Vec<Part<'b>> {
    for _ in 0..ENDS_MAX {
        let parts = divided(&message, &Abridged::of(&message));
        match with_end(&message, &parts) {
            Some(mended) => message = mended,
            None => return owned(parts),
        }
    }
    owned(divided(&message, &Abridged::of(&message)))
}

fn owned<'b>(parts: Vec<Part<'_>>) -> Vec<Part<'b>> {
    parts.into_iter().map(Part::into_owned).collect()
}

/// The message with the ends of the inner multiparts that an outer boundary cuts short (RFC 2046 §5.1.2: it ends them;
/// mail-parser reads on to the end of the message). `None` where there is no such place.
fn with_end(message: &[u8], parts: &[Part<'_>]) -> Option<Vec<u8>> {
    if parts.iter().filter(|part| part.is_multipart).count() < 2 {
        return None;
    }
    let mut parents = vec![None; parts.len()];
    for (index, part) in parts.iter().enumerate() {
        for &child in part.children.iter().filter(|&&child| child < parts.len()) {
            parents[child] = Some(index);
        }
    }
    for (index, part) in parts.iter().enumerate().filter(|(_, part)| !part.is_multipart) {
        let ancestors: Vec<usize> = std::iter::successors(parents[index], |&parent| parents[parent]).take(8).collect();
        let boundary = |ancestor: &usize| parts[*ancestor].content_type.get("boundary").unwrap_or_default();
        for (depth, outer) in ancestors.iter().enumerate().skip(1) {
            let line = format!("\n--{}", boundary(outer));
            if line.len() < 6 || ancestors[..depth].iter().any(|inner| boundary(inner).starts_with(boundary(outer))) {
                continue;
            }
            let found = memchr::memmem::find(&part.raw, line.as_bytes());
            let Some(at) = work::searched(&part.raw, found) else { continue };
            let place = part.raw.as_ptr().addr() - message.as_ptr().addr() + at + 1;
            let mut mended = message[..place].to_vec();
            for inner in &ancestors[..depth] {
                mended.extend_from_slice(format!("\r\n--{}--\r\n", boundary(inner)).as_bytes());
            }
            mended.extend_from_slice(&message[place..]);
            return Some(mended);
        }
    }
    None
}

fn divided<'a>(message: &'a [u8], short: &Abridged<'_>) -> Vec<Part<'a>> {
    let Some(parsed) = PARSER.parse(&short.text) else { return Vec::new() };
    let parts = parsed.parts.into_iter().take(PARTS_MAX);
    let mut parts: Vec<Part<'_>> = parts.map(|part| part_of(message, short, part)).collect();
    name_digests(&mut parts);
    parts
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

fn part_of<'a>(message: &'a [u8], short: &Abridged<'_>, parsed: mail_parser::MessagePart<'_>) -> Part<'a> {
    let [start, body, end] =
        [parsed.offset_header, parsed.offset_body, parsed.offset_end].map(|offset| short.place(offset as usize));
    let header = Header::split(message.get(start..body).unwrap_or_default()).0;
    let raw = message.get(body..end).or_else(|| message.get(body..)).unwrap_or_default();
    let mut part = Part::new(header, Cow::Borrowed(raw));
    match parsed.body {
        PartType::Multipart(children) => {
            part.children = children.into_iter().map(|id| id as usize).filter(|&id| id < PARTS_MAX).collect();
            part.is_multipart = true;
        }
        PartType::Text(_) | PartType::Html(_) if !parsed.is_encoding_problem => {
            let is_utf8 = part
                .content_type
                .get("charset")
                .is_some_and(|label| label.eq_ignore_ascii_case("utf-8") || label.eq_ignore_ascii_case("utf8"));
            if is_utf8 && part.encoding == Encoding::Identity {
                let is_sound = |text: &&str| !text.contains('\u{fffd}') && !text.contains("\u{1b}$");
                part.ready_text = std::str::from_utf8(raw).ok().filter(is_sound).map(Cow::Borrowed);
            }
        }
        _ => {}
    }
    part
}

/// Where nested messages beyond the limit are called so: a letter of each name.
fn nested_too_deep(message: &[u8]) -> Vec<usize> {
    let places = memchr::memchr_iter(b'/', message).filter(|&slash| {
        let before = &message[..slash];
        let is_message = before.len() >= 7 && before[before.len() - 7..].eq_ignore_ascii_case(b"message");
        let is_digest =
            before.len() >= 9 && message[slash + 1..].get(..6).is_some_and(|name| name.eq_ignore_ascii_case(b"digest"));
        is_message || is_digest
    });
    places.skip(MESSAGES_MAX).map(|slash| slash - 1).collect()
}

/// Where pieces of parameters beyond the limit are called so: the asterisk of each name.
fn pieces_too_many(message: &[u8]) -> Vec<usize> {
    let lines = std::iter::once(0).chain(memchr::memchr_iter(b'\n', message).map(|at| at + 1));
    let is_mime_field = |at: &usize| message[*at..].get(..8).is_some_and(|name| name.eq_ignore_ascii_case(b"content-"));
    let asterisks = |start: usize| {
        let field = &message[start..field_end(message, start)];
        memchr::memchr_iter(b'*', field).skip(PIECES_MAX).map(move |at| start + at)
    };
    lines.filter(is_mime_field).flat_map(asterisks).collect()
}

/// Offset behind the field that starts at `from`, its folded lines included.
fn field_end(message: &[u8], from: usize) -> usize {
    let mut end = super::header::line_end(message, from);
    while message[end..].starts_with(b" ") || message[end..].starts_with(b"\t") {
        end = super::header::line_end(message, end);
    }
    end
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
            ready_text: self.ready_text.map(|text| Cow::Owned(text.into_owned())),
            text: OnceCell::new(),
            damaged: Cell::new(None),
        }
    }
}
