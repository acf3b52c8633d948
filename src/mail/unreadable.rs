//! Why an author's words cannot be read.

use super::mime::{Part, Parts};
use super::smime::{self, Cms};
use super::{Body, attachment, tnef};

/// Why the words of a mail cannot be read here. Whatever text it shows beside them is not all that it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreadable {
    /// S/MIME (RFC 8551 §3.3), PGP/MIME (RFC 3156 §4), or PGP in the text (RFC 9580 §6.2).
    Encrypted,
    /// Microsoft's rights management: a `message.rpmsg` ([MS-OXORMMS]).
    RightsProtected,
    /// An S/MIME content or a winmail.dat that is damaged or of a form that is not read, and nothing else.
    Undecodable,
}

const PGP_MESSAGE: &str = "-----BEGIN PGP MESSAGE-----";

/// The first reason, in the order of [`Unreadable`].
pub(super) fn why(parts: &Parts<'_>, body: &Body) -> Option<Unreadable> {
    let parts = &parts.parts;
    let is_textless = body.text.trim().is_empty();
    let is_pgp_file =
        |part: &Part<'_>| is_textless && part.bytes().trim_ascii_start().starts_with(PGP_MESSAGE.as_bytes());
    // Exchange turns a multipart/encrypted into a multipart/mixed of the same parts.
    let is_pgp = |part: &Part<'_>| {
        part.is("multipart/encrypted")
            || part.is("application/pgp-encrypted")
            || !part.is_multipart && is_pgp_file(part)
    };
    let sealed: Vec<Cms> =
        parts.iter().enumerate().filter(|(index, part)| smime::wraps_words(part, *index == 0)).map(seal).collect();
    let new_lines = || body.reply_text.lines().chain(body.signature.lines());
    let is_rights_protected = |part: &Part<'_>| {
        part.is("application/x-microsoft-rpmsg-message")
            || part.name().is_some_and(|name| name.to_ascii_lowercase().ends_with(".rpmsg"))
    };
    if sealed.contains(&Cms::Enveloped)
        || parts.iter().any(is_pgp)
        || new_lines().any(|line| line.trim() == PGP_MESSAGE)
    {
        Some(Unreadable::Encrypted)
    } else if parts.iter().any(is_rights_protected) {
        Some(Unreadable::RightsProtected)
    } else if sealed.iter().any(|cms| *cms != Cms::SignedNothing) || is_textless && parts.iter().any(hides_text) {
        Some(Unreadable::Undecodable)
    } else {
        None
    }
}

/// What an S/MIME part that could not be opened holds: where its bytes do not say so, by its header.
fn seal((_, part): (usize, &Part<'_>)) -> Cms {
    let says =
        |word: &str| part.content_type.get("smime-type").is_some_and(|kind| kind.to_ascii_lowercase().contains(word));
    match smime::read(&part.bytes()) {
        Cms::Unknown if says("enveloped") => Cms::Enveloped,
        cms => cms,
    }
}

/// A winmail.dat that cannot be read, or whose text stands in a form that is not read.
fn hides_text(part: &Part<'_>) -> bool {
    attachment::is_tnef(part) && tnef::unpack(&part.bytes()).hides_text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::parse;

    fn why(rest: &str) -> Option<Unreadable> {
        parse(format!("From: a@client.test\nMIME-Version: 1.0\n{rest}").as_bytes()).unreadable
    }

    fn mixed(text: &str, part: &str) -> Option<Unreadable> {
        why(&format!("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{text}\n--b\n{part}\n--b--\n"))
    }

    #[test]
    fn pgp_is_seen_wherever_the_new_text_holds_it_and_not_in_what_is_quoted() {
        let pgp = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----";
        assert_eq!(why(&format!("\n{pgp}\n")), Some(Unreadable::Encrypted));
        assert_eq!(why(&format!("\nHello,\n\nsee:\n\n{pgp}\n\nRegards\n")), Some(Unreadable::Encrypted));
        let quoted = pgp.replace('\n', "\n> ");
        assert_eq!(
            why(&format!("\nI cannot read it.\n\nOn 1 June 2026 10:00, P <p@client.test> wrote:\n> {quoted}\n")),
            None
        );
        assert_eq!(why("\nWhat does -----BEGIN PGP MESSAGE----- mean?\n"), None);
    }

    #[test]
    fn pgp_parts_are_seen_behind_exchange_too() {
        assert_eq!(mixed("", "Content-Type: application/pgp-encrypted\n\nVersion: 1"), Some(Unreadable::Encrypted));
        let file = "Content-Type: application/octet-stream; name=msg.asc\n\n-----BEGIN PGP MESSAGE-----\n\nhQ";
        assert_eq!(mixed("", file), Some(Unreadable::Encrypted));
        assert_eq!(mixed("Ci-joint.", file), None);
    }

    #[test]
    fn s_mime_that_is_no_signature_is_not_read() {
        let enveloped = "MBYGCSqGSIb3DQEHA6AJBgMqAwQGAioD";
        let part = |head: &str, body: &str| {
            format!("Content-Type: application/pkcs7-mime{head}\nContent-Transfer-Encoding: base64\n\n{body}\n")
        };
        assert_eq!(why(&part("", enveloped)), Some(Unreadable::Encrypted));
        assert_eq!(why(&part("; smime-type=enveloped-data", "AAAA")), Some(Unreadable::Encrypted));
        assert_eq!(why(&part("; smime-type=signed-data", "MIAGCSqGSIb3DQEHAqCA")), Some(Unreadable::Undecodable));
        assert_eq!(mixed("List footer", &part("; name=smime.p7m", enveloped)), Some(Unreadable::Encrypted));
        assert_eq!(mixed("Voir.", &part("; name=contrat.p7m", enveloped)), None);
    }

    #[test]
    fn a_rights_protected_mail_is_not_read() {
        let part = "Content-Type: application/x-microsoft-rpmsg-message; name=message.rpmsg\n\nx";
        assert_eq!(mixed("This message is protected.", part), Some(Unreadable::RightsProtected));
    }

    #[test]
    fn a_winmail_dat_alone_that_makes_no_sense_is_not_read() {
        let part = "Content-Type: application/ms-tnef; name=winmail.dat\n\nnonsense";
        assert_eq!(mixed("", part), Some(Unreadable::Undecodable));
        assert_eq!(mixed("Voir.", part), None);
    }
}
