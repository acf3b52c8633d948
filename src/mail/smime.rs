//! Opaquely signed mail (RFC 8551 §3.5.2): the words stand within a CMS SignedData (RFC 5652 §5) and are taken out of it.
//!
//! The signature is not checked: nothing is believed because of it. Clients stream what they sign, so it is read as BER
//! (X.690), with indefinite lengths and octet strings in pieces, not as DER alone.

use std::borrow::Cow;

use super::header::Header;
use super::mime::{self, Part};
use super::transfer;

/// So many signatures around one another are opened.
const WRAPPINGS_MAX: usize = 3;

/// How deep octet strings in pieces (X.690 §8.7.3) may stand within one another.
const PIECES_DEPTH_MAX: usize = 8;

const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const ENVELOPED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03";
const AUTH_ENVELOPED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17";

/// What a CMS holds (RFC 5652 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cms {
    /// What was signed.
    Signed(Vec<u8>),
    /// Certificates, or a signature of something else.
    SignedNothing,
    Enveloped,
    Unknown,
}

/// The message with what was opaquely signed in the place of its signature; most are not.
pub(super) fn open(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut opened = Cow::Borrowed(raw);
    for _ in 0..WRAPPINGS_MAX {
        match may_be_signed(&opened).then(|| opened_once(&opened)).flatten() {
            Some(inner) => opened = Cow::Owned(inner),
            None => break,
        }
    }
    opened
}

/// Whether a part is one that a client wraps the words of a mail in. A document that is signed for itself has a name of
/// its own.
pub(super) fn wraps_words(part: &Part<'_>, is_root: bool) -> bool {
    let is_typed = part.is("application/pkcs7-mime") || part.is("application/x-pkcs7-mime");
    let name = part.name().map(str::to_ascii_lowercase);
    let is_named = matches!(name.as_deref(), Some("smime.p7m" | "smime.p7z"));
    let may_be_named = part.is("application/octet-stream") && is_named;
    is_typed && (is_root || name.is_none() || is_named) || may_be_named
}

/// Reads the content of a part; some relays forget to say that it is base64.
pub(super) fn read_part(part: &Part<'_>) -> Cms {
    let bytes = part.bytes();
    if bytes.trim_ascii_start().starts_with(b"MI") { read(&transfer::base64(&bytes).0) } else { read(&bytes) }
}

/// Reads a ContentInfo.
pub(super) fn read(bytes: &[u8]) -> Cms {
    let mut content_info = match Ber(bytes).take().filter(|value| value.tag == SEQUENCE) {
        Some(value) => Ber(value.content),
        None => return Cms::Unknown,
    };
    match content_info.take().filter(|value| value.tag == OBJECT_IDENTIFIER).map(|value| value.content) {
        Some(SIGNED_DATA) => match signed(content_info) {
            Some(Some(content)) => Cms::Signed(content),
            Some(None) => Cms::SignedNothing,
            None => Cms::Unknown,
        },
        Some(ENVELOPED_DATA | AUTH_ENVELOPED_DATA) => Cms::Enveloped,
        _ => Cms::Unknown,
    }
}

/// `[0] SignedData { version, digestAlgorithms, encapContentInfo { type, [0] content OPTIONAL }, … }`.
fn signed(mut content_info: Ber<'_>) -> Option<Option<Vec<u8>>> {
    let explicit = content_info.take().filter(|value| value.tag == EXPLICIT_0)?;
    let mut signed_data = Ber(Ber(explicit.content).take().filter(|value| value.tag == SEQUENCE)?.content);
    signed_data.take()?;
    signed_data.take()?;
    let mut encapsulated = Ber(signed_data.take().filter(|value| value.tag == SEQUENCE)?.content);
    encapsulated.take()?;
    let Some(explicit) = encapsulated.take().filter(|value| value.tag == EXPLICIT_0) else { return Some(None) };
    let mut content = Vec::new();
    octets(Ber(explicit.content), &mut content, 0)?;
    Some(Some(content))
}

fn octets(mut pieces: Ber<'_>, content: &mut Vec<u8>, depth: usize) -> Option<()> {
    while let Some(piece) = pieces.take() {
        match piece.tag {
            OCTET_STRING => content.extend_from_slice(piece.content),
            OCTET_STRING_IN_PIECES if depth < PIECES_DEPTH_MAX => octets(Ber(piece.content), content, depth + 1)?,
            _ => return None,
        }
    }
    pieces.0.is_empty().then_some(())
}

const OCTET_STRING: u8 = 0x04;
const OCTET_STRING_IN_PIECES: u8 = 0x24;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const EXPLICIT_0: u8 = 0xa0;

/// What is left to read.
#[derive(Clone, Copy)]
struct Ber<'b>(&'b [u8]);

struct Value<'b> {
    tag: u8,
    content: &'b [u8],
}

impl<'b> Ber<'b> {
    /// The next value; `None` at the end, and where it is none.
    fn take(&mut self) -> Option<Value<'b>> {
        let (tag, length, content) = head(self.0)?;
        let (length, behind) = match length {
            Some(length) => (length, 0),
            None => (length_up_to_end(content)?, 2),
        };
        let (content, rest) = content.split_at_checked(length)?;
        self.0 = rest.get(behind..)?;
        Some(Value { tag, content })
    }
}

/// Tag, length and what follows; the length is `None` where it is indefinite. CMS needs no tag of several bytes.
fn head(bytes: &[u8]) -> Option<(u8, Option<usize>, &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let count = usize::from(first & 0x7f);
    match first {
        0x80 => (tag & 0x20 != 0).then_some((tag, None, rest)),
        0..0x80 => Some((tag, Some(count), rest)),
        _ if count > 6 => None,
        _ => {
            let (digits, rest) = rest.split_at_checked(count)?;
            let length = digits.iter().fold(0u64, |length, digit| length << 8 | u64::from(*digit));
            Some((tag, Some(length.try_into().ok()?), rest))
        }
    }
}

/// Length of a content up to the two zero bytes that end it (X.690 §8.1.5).
fn length_up_to_end(content: &[u8]) -> Option<usize> {
    let (mut rest, mut open) = (content, 0usize);
    loop {
        if rest.starts_with(&[0, 0]) {
            if open == 0 {
                return Some(content.len() - rest.len());
            }
            open -= 1;
            rest = &rest[2..];
            continue;
        }
        let (_, length, behind) = head(rest)?;
        match length {
            Some(length) => rest = behind.get(length..)?,
            None => {
                open += 1;
                rest = behind;
            }
        }
    }
}

/// Whether it is worth looking: `.p7` or `pkcs7-` stands somewhere. No Base64 holds a dot or a hyphen, so long files are not
/// taken for it, nor looked at.
fn may_be_signed(raw: &[u8]) -> bool {
    memchr::memchr2_iter(b'.', b'-', raw).any(|at| {
        let word =
            if raw[at] == b'.' { raw.get(at + 1..at + 3) } else { at.checked_sub(5).map(|start| &raw[start..at]) };
        word.is_some_and(|word| word.eq_ignore_ascii_case(b"p7") || word.eq_ignore_ascii_case(b"pkcs7"))
    })
}

fn opened_once(raw: &[u8]) -> Option<Vec<u8>> {
    let parts = mime::parts(raw).parts;
    parts.iter().enumerate().filter(|(index, part)| wraps_words(part, *index == 0)).find_map(|(index, part)| {
        let Cms::Signed(content) = read_part(part) else { return None };
        let within = part.range_in(raw)?;
        let start = if index == 0 { 0 } else { part.header_start_in(raw)? };
        let mut opened = raw[..start].to_vec();
        if index == 0 {
            push_fields(&mut opened, &part.header, |is_of_content| !is_of_content);
        }
        let (header, body) = Header::split(&content);
        push_fields(&mut opened, &header, |is_of_content| is_of_content);
        opened.extend_from_slice(b"\r\n");
        opened.extend_from_slice(&content[body..]);
        opened.extend_from_slice(b"\r\n");
        opened.extend_from_slice(&raw[within.end..]);
        Some(opened)
    })
}

/// Writes the fields that describe a content (RFC 2045 §3), or the others.
fn push_fields(message: &mut Vec<u8>, header: &Header<'_>, wanted: impl Fn(bool) -> bool) {
    for field in header.fields() {
        let is_of_content = field.name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"));
        if wanted(is_of_content) {
            message.extend_from_slice(field.name);
            message.push(b':');
            message.extend_from_slice(field.raw);
            message.extend_from_slice(b"\r\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{attachments_bytes, parse};

    fn value(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let mut bytes = vec![tag, 0x83, (length >> 16) as u8, (length >> 8) as u8, length as u8];
        bytes.extend_from_slice(content);
        bytes
    }

    fn streamed(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, 0x80], content, &[0, 0]].concat()
    }

    /// A SignedData around a content, without signers.
    fn signed_data(wrap: fn(u8, &[u8]) -> Vec<u8>, content: Option<&[u8]>) -> Vec<u8> {
        let data = value(OBJECT_IDENTIFIER, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");
        let pieces =
            |content: &[u8]| -> Vec<u8> { content.chunks(7).flat_map(|chunk| value(OCTET_STRING, chunk)).collect() };
        let content = content.map(|content| wrap(EXPLICIT_0, &wrap(OCTET_STRING_IN_PIECES, &pieces(content))));
        let encapsulated = wrap(SEQUENCE, &[data, content.unwrap_or_default()].concat());
        let body = [value(0x02, &[1]), value(0x31, &[]), encapsulated, value(0x31, &[])].concat();
        let explicit = wrap(EXPLICIT_0, &wrap(SEQUENCE, &body));
        wrap(SEQUENCE, &[value(OBJECT_IDENTIFIER, SIGNED_DATA), explicit].concat())
    }

    fn base64(bytes: &[u8]) -> String {
        data_encoding::BASE64_MIME.encode(bytes)
    }

    const ENTITY: &[u8] =
        b"Content-Type: multipart/mixed; boundary=i\r\nSubject: inside\r\n\r\n--i\r\n\r\nBonjour.\r\n--i\r\n\
        Content-Type: image/png; name=a.png\r\n\r\nPNG\r\n--i--\r\n";

    #[test]
    fn long_files_are_no_reason_to_look_for_a_signature() {
        let file = base64(&(0..400_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>());
        assert!(!may_be_signed(format!("{file}{}", "p7m+P7M/pkcs7/".repeat(9)).as_bytes()));
        for named in ["7", ".p7", "name=\"SMIME.P7Z\"", "application/x-PKCS7-mime", "name*0=smime; name*1=.p7m"] {
            assert_eq!(may_be_signed(named.as_bytes()), named != "7", "{named}");
        }
    }

    #[test]
    fn what_is_signed_is_read_whichever_way_it_is_encoded() {
        for wrap in [value, streamed] {
            let cms = signed_data(wrap, Some(ENTITY));
            let raw = format!(
                "From: a@client.test\nSubject: x\nContent-Type: application/pkcs7-mime; name=smime.p7m\n\
                 Content-Transfer-Encoding: base64\n\n{}",
                base64(&cms)
            );
            let mail = parse(raw.as_bytes());
            assert_eq!((mail.body.reply_text.as_str(), mail.subject.as_str()), ("Bonjour.", "x"));
            assert_eq!(mail.unreadable, None);
            assert_eq!(mail.defects, []);
            assert_eq!(attachments_bytes(raw.as_bytes(), &[0, 1]), [Some(b"PNG".to_vec()), None]);
        }
    }

    #[test]
    fn a_signed_part_that_a_list_put_a_footer_below_is_read() {
        let raw = format!(
            "From: a@client.test\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\
             Content-Type: application/x-pkcs7-mime; smime-type=signed-data\nContent-Transfer-Encoding: base64\n\n{}\n\
             --o\nContent-Type: text/plain\n\nList footer\n--o--\n",
            base64(&signed_data(streamed, Some(ENTITY)))
        );
        let mail = parse(raw.as_bytes());
        assert!(mail.body.text.contains("Bonjour.") && mail.body.text.contains("List footer"), "{}", mail.body.text);
        assert_eq!(mail.attachments.len(), 1);
    }

    #[test]
    fn a_document_that_is_signed_for_itself_stays_a_document() {
        let raw = format!(
            "From: a@client.test\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nVoir.\n--o\n\
             Content-Type: application/pkcs7-mime; name=contrat.pdf.p7m\nContent-Transfer-Encoding: base64\n\n{}\n--o--\n",
            base64(&signed_data(value, Some(b"%PDF-1.4")))
        );
        let mail = parse(raw.as_bytes());
        assert_eq!((mail.body.reply_text.as_str(), mail.unreadable), ("Voir.", None));
        assert_eq!(mail.attachments[0].name.as_deref(), Some("contrat.pdf.p7m"));
    }

    #[test]
    fn base64_that_is_not_declared_is_read() {
        let raw = format!(
            "From: a@client.test\nContent-Type: application/pkcs7-mime; name=smime.p7m\n\n{}",
            base64(&signed_data(value, Some(ENTITY)))
        );
        assert_eq!(parse(raw.as_bytes()).body.reply_text, "Bonjour.");
    }

    #[test]
    fn certificates_alone_sign_nothing() {
        assert_eq!(read(&signed_data(value, None)), Cms::SignedNothing);
    }

    proptest::proptest! {
        #[test]
        fn no_more_comes_out_than_went_in(cut in 0usize..400, at in 0usize..400, byte: u8) {
            let mut cms = signed_data(streamed, Some(ENTITY));
            let place = at % cms.len();
            cms[place] = byte;
            cms.truncate(cms.len().saturating_sub(cut % 20));
            if let Cms::Signed(content) = read(&cms) {
                proptest::prop_assert!(content.len() <= cms.len());
            }
        }

        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>) {
            read(&bytes);
        }
    }
}
