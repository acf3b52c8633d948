//! What a receiving server (MX) writes above a mail before it stores it.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use crate::mail::{Address, ReturnPath};

use super::{addresses, mime};

/// How a mail reaches us.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The envelope sender, noted as Return-Path; [`ReturnPath::Absent`] writes no such field.
    pub return_path: ReturnPath,
    /// What the server found out about the author.
    pub verdict: Verdict,
    /// When it comes.
    pub at: Timestamp,
}

/// What the receiving server says about the author's domain (RFC 8601).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// `dmarc=pass`: the author's domain vouches for the mail.
    Pass,
    /// `dmarc=fail`: it says that the mail is not its own.
    Fail,
    /// `dmarc=none`: the domain publishes no policy.
    None,
    /// The server does not look: no Authentication-Results field at all.
    Unchecked,
}

impl Delivery {
    /// An honest mail that comes now: its author is its envelope sender, and DMARC passes.
    pub fn of(raw: &[u8]) -> Self {
        let return_path = author(raw).map_or(ReturnPath::Null, ReturnPath::Path);
        Delivery { return_path, verdict: Verdict::Pass, at: Timestamp::now() }
    }

    /// The same mail with another verdict.
    pub fn with_verdict(self, verdict: Verdict) -> Self {
        Delivery { verdict, ..self }
    }

    /// The same mail with another envelope sender.
    pub fn with_return_path(self, return_path: ReturnPath) -> Self {
        Delivery { return_path, ..self }
    }

    /// The same mail at another time.
    pub fn with_time(self, at: Timestamp) -> Self {
        Delivery { at, ..self }
    }

    /// The mail as it is stored for `recipient` by the server `authserv_id`: results above its own hop, where a mail cannot
    /// bring them along.
    pub(super) fn stamp(&self, recipient: &Address, authserv_id: &str, raw: &[u8]) -> Arc<[u8]> {
        let mut stored = String::with_capacity(400);
        match &self.return_path {
            ReturnPath::Absent | ReturnPath::Unreadable => {}
            ReturnPath::Null => stored.push_str("Return-Path: <>\r\n"),
            ReturnPath::Path(address) => stored.push_str(&format!("Return-Path: <{address}>\r\n")),
        }
        let at = self.at.strftime("%a, %d %b %Y %H:%M:%S +0000");
        stored.push_str(&format!("Delivered-To: {recipient}\r\n"));
        if let Some(result) = self.verdict.result() {
            let from = author(raw).map(|author| format!(" header.from={}", author.domain())).unwrap_or_default();
            stored.push_str(&format!("Authentication-Results: {authserv_id};\r\n\tdmarc={result}{from}\r\n"));
        }
        stored.push_str(&format!("Received: by {authserv_id} with ESMTP\r\n\tfor <{recipient}>; {at}\r\n"));
        let mut stored = stored.into_bytes();
        stored.extend_from_slice(&canonical(raw));
        stored.into()
    }
}

impl Verdict {
    fn result(self) -> Option<&'static str> {
        match self {
            Verdict::Pass => Some("pass"),
            Verdict::Fail => Some("fail"),
            Verdict::None => Some("none"),
            Verdict::Unchecked => None,
        }
    }
}

/// The mail with CRLF line ends, and with 0x80 for NUL: no literal may hold a NUL (RFC 3501 §9, CHAR8), and Dovecot
/// shows it so.
pub(super) fn canonical(raw: &[u8]) -> Cow<'_, [u8]> {
    let bare = |line: &[u8]| line.ends_with(b"\n") && !line.ends_with(b"\r\n");
    if !raw.contains(&0) && !mime::lines(raw).any(bare) {
        return Cow::Borrowed(raw);
    }
    let mut whole = Vec::with_capacity(raw.len() + raw.len() / 32);
    for line in mime::lines(raw) {
        whole.extend_from_slice(line);
        if bare(line) {
            whole.pop();
            whole.extend_from_slice(b"\r\n");
        }
    }
    whole.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = 0x80);
    Cow::Owned(whole)
}

fn author(raw: &[u8]) -> Option<Address> {
    let from = mime::field(mime::split(raw).0, "From")?;
    let addresses = addresses::read(&String::from_utf8_lossy(&from));
    addresses.iter().find_map(|mailbox| mailbox.address()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_become_crlf_and_nul_becomes_0x80() {
        assert_eq!(&*canonical(b"a\nb\r\nc\0\n"), b"a\r\nb\r\nc\x80\r\n");
        assert!(matches!(canonical(b"a\r\nb\r\n"), Cow::Borrowed(_)));
    }

    proptest::proptest! {
        #[test]
        fn what_is_canonical_stays_as_it_is(raw: Vec<u8>) {
            let once = canonical(&raw).into_owned();
            proptest::prop_assert!(matches!(canonical(&once), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn the_receiving_server_stamps_what_it_knows_above_the_mail() {
        let raw = b"From: \"Marie, chez nous\" <marie@client.test>\nSubject: x\n\nbody\n";
        let at = "2026-03-02T08:30:00Z".parse().unwrap();
        let stamped =
            Delivery::of(raw).with_time(at).stamp(&"support+k1@desk.test".parse().unwrap(), "mx.desk.test", raw);
        let expected = "Return-Path: <marie@client.test>\r\nDelivered-To: support+k1@desk.test\r\n\
            Authentication-Results: mx.desk.test;\r\n\tdmarc=pass header.from=client.test\r\n\
            Received: by mx.desk.test with ESMTP\r\n\tfor <support+k1@desk.test>; Mon, 02 Mar 2026 08:30:00 +0000\r\n\
            From: \"Marie, chez nous\" <marie@client.test>\r\nSubject: x\r\n\r\nbody\r\n";
        assert_eq!(String::from_utf8_lossy(&stamped), expected);
    }

    #[test]
    fn a_bounce_without_checks_says_so_in_its_headers() {
        let raw = b"From: MAILER-DAEMON\n\n";
        let delivery = Delivery::of(raw).with_verdict(Verdict::Unchecked);
        let stamped = delivery.stamp(&"a@desk.test".parse().unwrap(), "mx", raw);
        let text = String::from_utf8_lossy(&stamped);
        assert!(text.starts_with("Return-Path: <>\r\n"), "{text}");
        assert!(!text.contains("Authentication-Results"), "{text}");
    }
}
