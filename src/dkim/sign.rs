//! A letter, signed.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use mail_auth::common::crypto::SigningKey;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::{Canonicalization, Signature};
use mail_auth::{AuthenticatedMessage, Error};

use super::Key;
use crate::mail;

/// What a reader sees of a letter, and what programs go by. Others may be added or changed on the way.
const SIGNED: [&str; 19] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Language",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "X-Guichet-Loop",
    "Thread-Topic",
    "Thread-Index",
];

/// A domain, and the keys that sign for it.
#[derive(Debug)]
pub struct Signer {
    /// As DNS has it, lower case.
    pub domain: String,
    /// Each signs.
    pub keys: Vec<Key>,
}

/// Who signs for which domain.
#[derive(Clone, Debug, Default)]
pub struct Signers(Arc<[Signer]>);

impl FromIterator<Signer> for Signers {
    fn from_iter<I: IntoIterator<Item = Signer>>(signers: I) -> Signers {
        Signers(signers.into_iter().collect())
    }
}

impl Signers {
    /// Whether nobody signs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Signer> {
        self.0.iter()
    }

    /// The letter, whose lines end in CRLF, with a signature of each key of its author's domain on top; as it is where nobody
    /// signs for that domain.
    ///
    /// # Errors
    /// A key refuses, or the letter has no header.
    pub fn sign<'l>(&self, letter: &'l [u8]) -> mail_auth::Result<Cow<'l, [u8]>> {
        if self.0.is_empty() {
            return Ok(Cow::Borrowed(letter));
        }
        let end = memchr::memmem::find(letter, b"\r\n\r\n").map_or(letter.len(), |end| end + 4);
        let header = mail::parse(&letter[..end]);
        let domain = header.from.as_ref().and_then(|from| idna::domain_to_ascii(from.address.domain()).ok());
        let Some(signer) = self.0.iter().find(|signer| Some(&signer.domain) == domain.as_ref()) else {
            return Ok(Cow::Borrowed(letter));
        };
        let date = header.date.as_ref().and_then(|date| date.parse::<Timestamp>().ok());
        let mut signed = Vec::with_capacity(letter.len() + 1024 * signer.keys.len());
        for key in &signer.keys {
            signature(key, &signer.domain, letter, date)?.write_header(&mut signed);
        }
        signed.extend_from_slice(letter);
        Ok(Cow::Owned(signed))
    }
}

/// One signature (RFC 6376 §3.7), relaxed in both parts, of the whole text, without an end.
fn signature(key: &Key, domain: &str, letter: &[u8], date: Option<Timestamp>) -> mail_auth::Result<Signature> {
    let read = AuthenticatedMessage::parse(letter).ok_or(Error::NoHeadersFound)?;
    let body = letter.get(read.body_offset as usize..).unwrap_or_default();
    let mut signature = Signature {
        v: 1,
        a: key.key.algorithm(),
        d: domain.to_owned(),
        s: key.selector().to_owned(),
        t: date.and_then(|date| u64::try_from(date.as_second()).ok()).unwrap_or_default(),
        ch: Canonicalization::Relaxed,
        cb: Canonicalization::Relaxed,
        bh: key.key.hash(Canonicalization::Relaxed.canonical_body(body, u64::MAX)).as_ref().to_vec(),
        ..Signature::default()
    };
    // Of several fields of a name a verifier takes the lowest first (§5.4.2).
    let chosen = SIGNED.iter().flat_map(|name| {
        let is_called = |(own, _): &&(&[u8], &[u8])| own.eq_ignore_ascii_case(name.as_bytes());
        read.headers.iter().rev().filter(is_called).map(move |field| (*name, *field))
    });
    let (names, chosen): (Vec<&str>, Vec<_>) = chosen.unzip();
    // Each named once more than it is there: nobody can add another author, subject or recipient (§8.15).
    signature.h = names.into_iter().chain(SIGNED).map(str::to_owned).collect();
    let mut canonical = Vec::new();
    Canonicalization::Relaxed.canonicalize_headers(chosen.into_iter(), &mut canonical);
    signature.write(&mut canonical, false);
    signature.b = key.key.sign(&canonical[..])?;
    Ok(signature)
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::dkim::{Sort, new_ed25519};

    /// A key for tests.
    pub(in crate::dkim) const RSA: &str = include_str!("test-key.pem");

    const LETTER: &str = "From: \"Centre de services\" <support@desk.test>\r\nTo: marie@client.test\r\nReply-To: support@desk.test\r\n\
        Subject: =?utf-8?Q?L=27imprimante?=\r\n =?utf-8?Q?_fume?=\r\nDate: Sun, 29 Nov 2026 14:00:00 +0000\r\n\
        Message-ID: <1@desk.test>\r\nReferences:  <a@client.test>\r\n\t<b@client.test>\r\nMIME-Version: 1.0\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\r\nBonjour,  \r\n\r\n.merci\t \r\n\r\n\r\n";

    fn signers() -> Signers {
        let rsa = Key::read(Sort::Rsa, "s-rsa", RSA.as_bytes()).unwrap();
        let ed25519 = Key::read(Sort::Ed25519, "s-ed25519", new_ed25519().unwrap().as_bytes()).unwrap();
        Signers::from_iter([Signer { domain: "desk.test".to_owned(), keys: vec![rsa, ed25519] }])
    }

    #[test]
    fn a_letter_bears_a_signature_of_each_key_and_the_same_one_each_time() {
        let signers = signers();
        let signed = signers.sign(LETTER.as_bytes()).unwrap().into_owned();
        let text = String::from_utf8(signed.clone()).unwrap();
        assert!(
            text.starts_with("DKIM-Signature: v=1; a=rsa-sha256; s=s-rsa; d=desk.test; c=relaxed/relaxed;\r\n"),
            "{text}"
        );
        assert!(text.contains("\r\nDKIM-Signature: v=1; a=ed25519-sha256; s=s-ed25519; d=desk.test;"), "{text}");
        let time = "2026-11-29T14:00:00Z".parse::<Timestamp>().unwrap().as_second();
        assert_eq!(text.matches(&format!("t={time};")).count(), 2, "{text}");
        assert!(!text.contains("l=") && !text.contains("x="), "{text}");
        let names = format!(
            "h=From:Reply-To:To:Subject:Date:Message-ID:References:MIME-Version:Content-Type:{};",
            SIGNED.join(":")
        );
        assert_eq!(text.replace("\r\n\t", "").matches(&names).count(), 2, "{text}");
        assert!(text.ends_with(LETTER), "{text}");
        assert_eq!(signers.sign(LETTER.as_bytes()).unwrap(), &signed[..]);
    }

    #[test]
    fn letters_of_other_domains_leave_as_they_are() {
        let signers = signers();
        for other in ["desk.test.evil.test", "sub.desk.test", "client.test"] {
            let letter = LETTER.replace("<support@desk.test>", &format!("<support@{other}>"));
            assert!(matches!(signers.sign(letter.as_bytes()), Ok(Cow::Borrowed(same)) if same == letter.as_bytes()));
        }
        let upper = LETTER.replace("<support@desk.test>", "<support@Desk.TEST>");
        assert!(matches!(signers.sign(upper.as_bytes()), Ok(Cow::Owned(_))));
        assert!(matches!(Signers::default().sign(LETTER.as_bytes()), Ok(Cow::Borrowed(_))));
    }
}
