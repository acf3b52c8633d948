//! ENVELOPE, BODY and BODYSTRUCTURE (RFC 3501 §7.4.2).

use super::text::{push_nstring, push_string};
use crate::demo::server::addresses;
use crate::demo::server::mime::{self, Content, Entity, MediaType};

/// BODY or BODYSTRUCTURE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Basic,
    Extended,
}

pub(super) fn push_envelope(out: &mut Vec<u8>, header: &[u8]) {
    out.push(b'(');
    push_field(out, header, "Date");
    out.push(b' ');
    push_field(out, header, "Subject");
    for name in ["From", "Sender", "Reply-To", "To", "Cc", "Bcc"] {
        out.push(b' ');
        // An absent Sender or Reply-To is the From.
        let fallback = if matches!(name, "Sender" | "Reply-To") { "From" } else { name };
        let value = mime::field(header, name).filter(|value| !value.is_empty());
        push_addresses(out, value.or_else(|| mime::field(header, fallback)).as_deref());
    }
    out.push(b' ');
    push_field(out, header, "In-Reply-To");
    out.push(b' ');
    push_field(out, header, "Message-ID");
    out.push(b')');
}

pub(super) fn push_structure(out: &mut Vec<u8>, entity: &Entity<'_>, extent: Extent) {
    out.push(b'(');
    match &entity.content {
        Content::Multipart(parts) => {
            for part in parts {
                push_structure(out, part, extent);
            }
            out.push(b' ');
            push_string(out, entity.media_type.subtype.as_bytes());
            if extent == Extent::Extended {
                out.push(b' ');
                push_parameters(out, &entity.media_type.parameters);
            }
        }
        Content::Leaf | Content::Message(_) => push_single(out, entity, extent),
    }
    if extent == Extent::Extended {
        push_extension(out, entity.header);
    }
    out.push(b')');
}

fn push_single(out: &mut Vec<u8>, entity: &Entity<'_>, extent: Extent) {
    let MediaType { kind, subtype, parameters } = &entity.media_type;
    push_string(out, kind.as_bytes());
    out.push(b' ');
    push_string(out, subtype.as_bytes());
    out.push(b' ');
    push_parameters(out, parameters);
    for name in ["Content-ID", "Content-Description"] {
        out.push(b' ');
        push_field(out, entity.header, name);
    }
    out.push(b' ');
    let encoding = mime::field(entity.header, "Content-Transfer-Encoding");
    push_string(out, encoding.as_deref().filter(|encoding| !encoding.is_empty()).unwrap_or(b"7BIT"));
    out.extend_from_slice(format!(" {}", entity.body.len()).as_bytes());
    if let Content::Message(inner) = &entity.content {
        out.push(b' ');
        push_envelope(out, inner.header);
        out.push(b' ');
        push_structure(out, inner, extent);
    }
    if matches!(entity.content, Content::Message(_)) || entity.media_type.is("text") {
        let lines = entity.body.iter().filter(|&&byte| byte == b'\n').count();
        out.extend_from_slice(format!(" {lines}").as_bytes());
    }
    if extent == Extent::Extended {
        out.push(b' ');
        push_field(out, entity.header, "Content-MD5");
    }
}

/// Disposition, language and location.
fn push_extension(out: &mut Vec<u8>, header: &[u8]) {
    out.push(b' ');
    let disposition = mime::field(header, "Content-Disposition");
    match disposition.and_then(|value| mime::media_type(&String::from_utf8_lossy(&value))) {
        None => out.extend_from_slice(b"NIL"),
        Some(MediaType { kind, parameters, .. }) => {
            out.push(b'(');
            push_string(out, kind.as_bytes());
            out.push(b' ');
            push_parameters(out, &parameters);
            out.push(b')');
        }
    }
    for name in ["Content-Language", "Content-Location"] {
        out.push(b' ');
        push_field(out, header, name);
    }
}

fn push_parameters(out: &mut Vec<u8>, parameters: &[(String, String)]) {
    if parameters.is_empty() {
        out.extend_from_slice(b"NIL");
        return;
    }
    let mut separator = b'(';
    for (name, value) in parameters {
        out.push(separator);
        push_string(out, name.as_bytes());
        out.push(b' ');
        push_string(out, value.as_bytes());
        separator = b' ';
    }
    out.push(b')');
}

fn push_addresses(out: &mut Vec<u8>, value: Option<&[u8]>) {
    let entries = value.map(|value| addresses::read(&String::from_utf8_lossy(value))).unwrap_or_default();
    if entries.is_empty() {
        out.extend_from_slice(b"NIL");
        return;
    }
    out.push(b'(');
    for entry in entries {
        out.push(b'(');
        push_nstring(out, entry.name.as_deref().map(str::as_bytes));
        out.extend_from_slice(b" NIL ");
        push_nstring(out, entry.mailbox.as_deref().map(str::as_bytes));
        out.push(b' ');
        push_nstring(out, entry.host.as_deref().map(str::as_bytes));
        out.push(b')');
    }
    out.push(b')');
}

fn push_field(out: &mut Vec<u8>, header: &[u8], name: &str) {
    push_nstring(out, mime::field(header, name).as_deref());
}

#[cfg(test)]
mod tests {
    use imap_codec::ResponseCodec;
    use imap_codec::decode::Decoder;
    use proptest::prelude::*;

    use super::*;
    use crate::demo::server::delivery;

    const MAIL: &[u8] =
        b"Date: Mon, 2 Mar 2026 08:30:00 +0000\r\nSubject: a \"b\"\r\nFrom: Marie <marie@client.test>\r\n\
        To: support@desk.test\r\nMessage-ID: <1@client.test>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\n\r\none\r\ntwo\r\n--b\r\nContent-Type: image/png; name=x.png\r\nContent-Transfer-Encoding: base64\r\n\
        Content-Disposition: attachment; filename=x.png\r\n\r\nAAAA\r\n--b--\r\n";

    #[test]
    fn an_envelope_holds_the_headers_a_client_lists_mails_by() {
        let mut out = Vec::new();
        push_envelope(&mut out, mime::split(MAIL).0);
        let marie = r#"(("Marie" NIL "marie" "client.test"))"#;
        let expected = format!(
            r#"("Mon, 2 Mar 2026 08:30:00 +0000" "a \"b\"" {marie} {marie} {marie} ((NIL NIL "support" "desk.test")) NIL NIL NIL "<1@client.test>")"#
        );
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    /// Lines that mails are made of, good and bad ones.
    fn line() -> impl Strategy<Value = String> {
        let known = [
            "",
            "--b",
            "--b--",
            "Content-Type: multipart/mixed; boundary=b",
            "Content-Type: message/rfc822",
            "Content-Type: text/html; charset=\"a\\\"b\"; x=",
            "Content-Disposition: inline; filename=é.txt",
            "From: é <a@b>",
            "To: Team: a@b, \"c, d\" (e) <f@g>;, <>",
            "Reply-To: ((",
            "Content-Transfer-Encoding:",
            " folded: \"",
        ];
        prop_oneof![proptest::sample::select(known.to_vec()).prop_map(str::to_owned), ".*"]
    }

    proptest! {
        #[test]
        fn whatever_the_mail_the_answer_is_well_formed(lines in proptest::collection::vec(line(), 0..20)) {
            let text = lines.join("\n");
            let raw = delivery::canonical(text.as_bytes());
            let mut out = b"* 1 FETCH (ENVELOPE ".to_vec();
            push_envelope(&mut out, mime::split(&raw).0);
            for (name, extent) in [(&b" BODY "[..], Extent::Basic), (b" BODYSTRUCTURE ", Extent::Extended)] {
                out.extend_from_slice(name);
                push_structure(&mut out, &mime::parse(&raw), extent);
            }
            out.extend_from_slice(b")\r\n");
            let read = ResponseCodec::default().decode(&out);
            prop_assert!(matches!(read, Ok(([], _))), "{}", String::from_utf8_lossy(&out));
        }
    }

    #[test]
    fn a_structure_names_every_part() {
        let mut out = Vec::new();
        push_structure(&mut out, &mime::parse(MAIL), Extent::Extended);
        let text = r#"("text" "plain" ("charset" "us-ascii") NIL NIL "7BIT" 8 1 NIL NIL NIL NIL)"#;
        let image =
            r#"("image" "png" ("name" "x.png") NIL NIL "base64" 4 NIL ("attachment" ("filename" "x.png")) NIL NIL)"#;
        let expected = format!(r#"({text}{image} "mixed" ("boundary" "b") NIL NIL NIL)"#);
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }
}
