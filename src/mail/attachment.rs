//! Attachments: their names, bytes and digests.

use sha2::{Digest, Sha256};

use super::leaves::Leaves;
use super::mime::{Part, Parts};
use super::{Attachment, enclosed, sanitize, tnef, uuencode};

/// Longest name that we give a file.
const SAFE_NAME_BYTES_MAX: usize = 120;

/// Where the bytes of an attachment stand.
pub(super) enum Source<'p, 'a> {
    Part(&'p Part<'a>),
    /// A file in a part: uuencoded in a text, or in a winmail.dat.
    Within(Inner),
}

/// A file that is no part of its own.
pub(super) struct Inner {
    name: String,
    bytes: Vec<u8>,
}

/// Every attachment of a message, in order of appearance.
pub(super) fn sources<'p, 'a>(parts: &'p Parts<'a>, leaves: &Leaves) -> Vec<Source<'p, 'a>> {
    let mut found: Vec<(usize, Source<'p, 'a>)> = Vec::with_capacity(leaves.attachments.len());
    for &index in &leaves.attachments {
        let part = &parts.parts[index];
        found.push((index, Source::Part(part)));
        if is_tnef(part) {
            let files = tnef::unpack(&part.bytes()).files.into_iter();
            found.extend(files.map(|file| (index, Source::Within(Inner { name: file.name, bytes: file.bytes }))));
        }
    }
    for &index in &leaves.text {
        let part = &parts.parts[index];
        if part.is("text/plain") {
            let files = uuencode::files(part.text()).into_iter();
            found.extend(files.map(|file| (index, Source::Within(Inner { name: file.name, bytes: file.bytes }))));
        }
    }
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, source)| source).collect()
}

/// Outlook's winmail.dat, which relays also label as anything at all.
pub(super) fn is_tnef(part: &Part<'_>) -> bool {
    let is_named = || part.name().is_some_and(|name| name.eq_ignore_ascii_case("winmail.dat"));
    part.is("application/ms-tnef")
        || part.is("application/vnd.ms-tnef")
        || part.is("application/octet-stream") && is_named()
}

/// What is said about an attachment. `refers_to` tells whether the HTML shows a Content-ID.
pub(super) fn describe(source: &Source<'_, '_>, refers_to: &dyn Fn(&str) -> bool) -> Attachment {
    match source {
        Source::Part(part) => describe_part(part, refers_to),
        Source::Within(file) => Attachment {
            safe_name: safe_name(Some(&file.name), "application/octet-stream"),
            content_type: type_by_name(&file.name).unwrap_or("application/octet-stream").to_owned(),
            name: (!file.name.is_empty()).then(|| file.name.clone()),
            size: file.bytes.len() as u64,
            sha256: Sha256::digest(&file.bytes).into(),
            inline: false,
            content_id: None,
            is_container: false,
            message_from: enclosed::author(&file.bytes, is_mail("", Some(&file.name))),
            holds_own_letter: enclosed::has_letter_to_desk(&file.bytes),
        },
    }
}

/// The decoded bytes of an attachment.
pub(super) fn bytes(source: &Source<'_, '_>) -> Vec<u8> {
    match source {
        Source::Part(part) => part.bytes().into_owned(),
        Source::Within(file) => file.bytes.clone(),
    }
}

fn describe_part(part: &Part<'_>, refers_to: &dyn Fn(&str) -> bool) -> Attachment {
    let bytes = part.bytes();
    let name = part.name().map(str::to_owned);
    let content_id = part.header.token_as_written("Content-ID");
    let content_id = content_id.trim().trim_start_matches('<').trim_end_matches('>');
    let content_id = (!content_id.is_empty()).then(|| sanitize::line(content_id).into_owned());
    let shown = content_id.as_deref().is_some_and(refers_to);
    let content_type = sanitize::line(part.media_type()).into_owned();
    Attachment {
        safe_name: safe_name(name.as_deref(), &content_type),
        name,
        size: bytes.len() as u64,
        sha256: Sha256::digest(&*bytes).into(),
        inline: part.disposition.value == "inline" || shown,
        is_container: is_tnef(part),
        message_from: enclosed::author(&bytes, is_mail(&content_type, part.name())),
        holds_own_letter: enclosed::has_letter_to_desk(&bytes),
        content_type,
        content_id,
    }
}

/// Whether a type or name calls a file a mail.
pub(super) fn is_mail(content_type: &str, name: Option<&str>) -> bool {
    matches!(content_type, "message/rfc822" | "message/global")
        || name.is_some_and(|name| name.to_ascii_lowercase().ends_with(".eml"))
}

/// A name that no file system, mail header or terminal takes for anything else.
pub(super) fn safe_name(name: Option<&str>, content_type: &str) -> String {
    let name = sanitize::line(name.unwrap_or_default());
    let last = name.rsplit(['/', '\\']).find(|piece| !piece.trim_matches(['.', ' ']).is_empty()).unwrap_or("");
    let clean: String = last
        .chars()
        .filter(|&c| !sanitize::is_invisible(c))
        .map(|c| {
            if c.is_control() || "<>:\"|?*/\\%;`$'".contains(c) {
                '_'
            } else if c.is_whitespace() {
                ' '
            } else {
                c
            }
        })
        .collect();
    let clean = clean.trim_matches(|c: char| c == '.' || c.is_whitespace()).trim_start_matches(['.', '-', '~']);
    // Two dots in a row lead upwards on some system, whatever stands around them.
    let clean = clean.replace("..", "_");
    let clean = clean.as_str();
    if clean.is_empty() {
        return format!("attachment{}", extension_of(content_type));
    }
    shorten(clean)
}

/// Cuts a name in front of its extension.
fn shorten(name: &str) -> String {
    if name.len() <= SAFE_NAME_BYTES_MAX {
        return name.to_owned();
    }
    let extension = name.rfind('.').map_or("", |at| &name[at..]);
    let extension = if extension.len() <= 20 { extension } else { "" };
    let mut end = SAFE_NAME_BYTES_MAX - extension.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{extension}", name[..end].trim_end())
}

fn extension_of(content_type: &str) -> &'static str {
    match content_type {
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/gif" => ".gif",
        "application/pdf" => ".pdf",
        "text/plain" => ".txt",
        "text/html" => ".html",
        "text/calendar" => ".ics",
        "message/rfc822" => ".eml",
        "application/pgp-signature" => ".asc",
        "application/pkcs7-signature" | "application/x-pkcs7-signature" => ".p7s",
        "application/ms-tnef" => ".dat",
        _ => ".bin",
    }
}

/// Uuencode and TNEF give a name and no type.
fn type_by_name(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "htm" | "html" => "text/html",
        "zip" => "application/zip",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safe(name: &str) -> String {
        safe_name(Some(name), "application/pdf")
    }

    #[test]
    fn a_name_stays_in_its_folder() {
        assert_eq!(safe("../../etc/passwd"), "passwd");
        assert_eq!(safe("C:\\temp\\rapport été.pdf"), "rapport été.pdf");
        assert_eq!(safe(".bashrc"), "bashrc");
        assert_eq!(safe(".."), "attachment.pdf");
        assert_eq!(safe("a\r\nb\0\u{202e}fdp.exe"), "a b fdp.exe");
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = safe(&format!("{}.pdf", "é".repeat(200)));
        assert!(name.len() <= 120 && name.ends_with("é.pdf"), "{name}");
    }

    proptest::proptest! {
        #[test]
        fn any_name_comes_out_safe(name in "\\PC*|[./\\\\a-c\u{200b}\u{202e}\\x00 é-]*") {
            let safe = safe(&name);
            proptest::prop_assert!(!safe.is_empty() && safe.len() <= 120 && !safe.starts_with('.'), "{:?}", safe);
            proptest::prop_assert!(!safe.contains(['/', '\\', '\0', '\n', '\r']));
        }
    }
}
