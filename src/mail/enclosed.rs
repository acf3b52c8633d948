//! What an attached file gives away: who wrote it, where it is a mail, and whether it holds a letter of ours.
//!
//! Programs save and attach mails under every name and type, so a file is told by its bytes.

use std::borrow::Cow;

use super::header::Header;
use super::token::{Token, TokenAudience};
use super::{Address, ReturnPath, address_list, envelope, mime, tnef};

/// Bytes searched of one attachment, what is decoded out of it included.
const SEARCHED_MAX: usize = 8 << 20;

/// How deep a mail within a mail is looked at.
const DEPTH_MAX: usize = 4;

/// An OLE compound file ([MS-CFB] §2.2), as which Outlook saves a mail ([MS-OXMSG]).
const COMPOUND_FILE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Who wrote a file that is a mail, as its own header says; unproven. `is_named` says that its type or name calls it one.
pub(super) fn author(bytes: &[u8], is_named: bool) -> Option<Address> {
    if bytes.starts_with(COMPOUND_FILE) {
        return author_of_compound(bytes);
    }
    if !is_named && !begins_like_a_mail(bytes) {
        return None;
    }
    let (header, _) = Header::split(bytes);
    envelope::author(&header, &ReturnPath::Absent).mailbox.map(|mailbox| mailbox.address)
}

/// Whether a file bears the token of a letter that was written for the desk, or for a vendor: as it stands, in 8 or 16
/// bits, and in what it encodes.
pub(super) fn has_letter_to_desk(bytes: &[u8]) -> bool {
    let mut left = SEARCHED_MAX;
    search(bytes, 0, &mut left)
}

fn search(bytes: &[u8], depth: usize, left: &mut usize) -> bool {
    let bytes = &bytes[..bytes.len().min(*left)];
    *left -= bytes.len();
    if has_token(bytes) {
        return true;
    }
    if depth >= DEPTH_MAX {
        return false;
    }
    let contents = tnef::unpack(bytes);
    if contents.files.iter().any(|file| search(&file.bytes, depth + 1, left)) {
        return true;
    }
    begins_like_a_mail(bytes) && {
        let opened = super::smime::open(bytes);
        let parts = mime::parts(&opened).parts;
        // What is not encoded has been searched where it stands, unless it is a mail with encoded parts of its own.
        let is_hidden = |part: &&mime::Part<'_>| {
            !part.is_multipart && (part.is_encoded() || part.is("message/") || matches!(opened, Cow::Owned(_)))
        };
        parts.iter().filter(is_hidden).any(|part| search(&part.bytes(), depth + 1, left))
    }
}

/// Whether at least two lines of a mail's header stand at the start, an author's or a server's among them.
fn begins_like_a_mail(bytes: &[u8]) -> bool {
    const FIELDS: &[&str] = &[
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Received",
        "Return-Path",
        "Delivered-To",
        "Content-Type",
    ];
    let start = &bytes[..bytes.len().min(64 * 1024)];
    let (header, _) = Header::split(start);
    let known = FIELDS.iter().filter(|name| header.has(name)).count();
    known >= 2 && (header.has("From") || header.has("Received") || header.has("Return-Path"))
}

/// Whether a token for anybody but the requester stands as a word of its own, in characters of 8 or 16 bits; a `%2B` of a link
/// may stand before it.
fn has_token(bytes: &[u8]) -> bool {
    memchr::memchr2_iter(b'R', b'r', bytes).any(|at| {
        let mut behind = narrow(&bytes[at..]).skip(1);
        if !behind.next().is_some_and(|byte| byte.is_ascii_digit()) {
            return false;
        }
        let mut before = narrow(&bytes[..at]).rev();
        let before = [before.next(), before.next(), before.next()];
        let is_escaped =
            matches!(before, [Some(b), Some(a), Some(b'%')] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
        let starts_word = before[0].is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte != b'.') || is_escaped;
        if !starts_word {
            return false;
        }
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.';
        let word: String = narrow(&bytes[at..]).take(90).take_while(is_part).map(char::from).collect();
        Token::parse(word.trim_end_matches('.')).is_some_and(|token| token.audience != TokenAudience::Requester)
    })
}

/// Text of 16-bit characters as one of 8: its zero bytes left out.
fn narrow(bytes: &[u8]) -> impl DoubleEndedIterator<Item = u8> {
    bytes.iter().copied().filter(|byte| *byte != 0)
}

/// The author in the header that Outlook keeps of a mail that came by the internet.
fn author_of_compound(bytes: &[u8]) -> Option<Address> {
    let narrow: Vec<u8> = narrow(&bytes[..bytes.len().min(SEARCHED_MAX)]).collect();
    let at = memchr::memmem::find(&narrow, b"\nFrom: ")?;
    let field = &narrow[at + 7..];
    let end = memchr::memchr2(b'\r', b'\n', field).unwrap_or(field.len()).min(1_000);
    address_list::parse(&field[..end]).into_iter().next().map(|mailbox| mailbox.address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::token::{Key, Keyring};
    use crate::mail::{Attachment, parse};

    fn token(audience: TokenAudience) -> String {
        Keyring::new(Key { id: 1, secret: vec![7; 32] }, vec![]).sign(12, 3, audience).to_string()
    }

    fn attached(head: &str, bytes: &[u8]) -> Attachment {
        let encoded = data_encoding::BASE64_MIME.encode(bytes);
        let raw = format!(
            "From: a@client.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nVoir.\n--b\n{head}\n\
             Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n{encoded}\n--b--\n"
        );
        parse(raw.as_bytes()).attachments.remove(0)
    }

    fn letter(audience: TokenAudience) -> String {
        format!("From: Support <support@desk.test>\nMessage-ID: <{}@desk.test>\nSubject: x\n\nNote.\n", token(audience))
    }

    #[test]
    fn our_letter_is_known_under_every_name_and_type() {
        for head in [
            "Content-Type: message/rfc822",
            "Content-Type: message/global",
            "Content-Type: message/x-unknown",
            "Content-Type: application/octet-stream; name=X.EML",
            "Content-Type: application/octet-stream; name=lettre.bin",
            "Content-Type: application/octet-stream",
            "Content-Type: text/plain; name=lettre.txt",
        ] {
            let ours = attached(head, letter(TokenAudience::Desk).as_bytes());
            assert!(ours.holds_own_letter, "{head}");
            assert_eq!(ours.message_from.as_ref().map(Address::as_str), Some("support@desk.test"), "{head}");
            assert!(!attached(head, letter(TokenAudience::Requester).as_bytes()).holds_own_letter, "{head}");
        }
    }

    #[test]
    fn a_saved_page_of_our_letter_is_known_by_its_link() {
        for page in [
            format!("<html><p>ref:{}</p></html>", token(TokenAudience::Desk)),
            format!("<a href=\"mailto:support%2B{}@desk.test\">", token(TokenAudience::Vendor)),
        ] {
            assert!(attached("Content-Type: text/html; name=page.htm", page.as_bytes()).holds_own_letter, "{page}");
            let wide: Vec<u8> = format!("\u{feff}{page}").encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert!(attached("Content-Type: text/html; name=page.htm", &wide).holds_own_letter, "{page}");
        }
    }

    #[test]
    fn a_mail_that_outlook_saved_is_searched_in_8_and_16_bits() {
        let wide: Vec<u8> = letter(TokenAudience::Desk).encode_utf16().flat_map(u16::to_le_bytes).collect();
        for content in [wide, letter(TokenAudience::Desk).into_bytes()] {
            let file = [COMPOUND_FILE, &[0; 512], b"\n", &content].concat();
            let ours = attached("Content-Type: application/vnd.ms-outlook; name=lettre.msg", &file);
            assert!(ours.holds_own_letter);
        }
    }

    #[test]
    fn what_an_attached_mail_encodes_is_decoded() {
        let ours = format!("ref:{}", token(TokenAudience::Desk));
        let base64 = data_encoding::BASE64_MIME.encode(format!("Bonjour,\n{ours}\n").as_bytes());
        let quoted: String =
            ours.chars().enumerate().map(|(at, c)| if at == 20 { format!("=\n{c}") } else { c.to_string() }).collect();
        for (encoding, body) in [("base64", &base64), ("quoted-printable", &quoted)] {
            let inner =
                format!("From: p@client.test\nSubject: TR: x\nContent-Transfer-Encoding: {encoding}\n\n{body}\n");
            assert!(attached("Content-Type: message/rfc822", inner.as_bytes()).holds_own_letter, "{encoding}");
            let within = data_encoding::BASE64_MIME.encode(inner.as_bytes());
            let outer = format!(
                "From: q@client.test\nSubject: y\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{within}\n"
            );
            assert!(attached("Content-Type: message/rfc822", outer.as_bytes()).holds_own_letter, "{encoding} within");
        }
    }

    #[test]
    fn words_that_begin_a_file_make_no_mail_of_it() {
        let text = b"From: Paris\nNext: Lyon\n\nBon voyage";
        assert_eq!(attached("Content-Type: text/plain; name=a.txt", text).message_from, None);
    }
}
