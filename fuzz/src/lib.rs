//! What holds for every mail, whatever its bytes.

#[allow(dead_code, unused_imports, reason = "the module is compiled outside its crate")]
#[path = "../../src/mail/mod.rs"]
pub mod mail;

use mail::InboundMail;

/// A mail with a header of one's choice, line ends as on the wire.
pub fn with_header(header: &str, body: &[u8]) -> Vec<u8> {
    let mut raw = format!("{header}Date: Mon, 1 Jun 2026 10:00:00 -0400\r\n\r\n").into_bytes();
    raw.extend_from_slice(body);
    raw
}

/// Reads a mail and holds it to the laws.
pub fn read(raw: &[u8]) -> InboundMail {
    let facts = mail::parse(raw);
    let body = &facts.body;
    // Decoding makes at most three bytes of one (a charset), joining and lists add little.
    let bound = raw.len() * 4 + 4_096;
    let html_text = body.html_text();
    for text in [&body.text, &html_text, &body.unquoted_text, &body.reply_text, &body.signature] {
        assert!(text.len() <= bound, "{} bytes of text from a mail of {}", text.len(), raw.len());
        assert!(!text.contains(['\r', '\0', '\u{1b}']), "a control character came through");
    }
    assert!(!facts.subject.contains(['\r', '\n', '\0']), "a subject of several lines");
    assert!(!body.text.trim().is_empty() || body.reply_text.trim().is_empty(), "words out of nothing");
    let answers = !facts.in_reply_to.is_empty() || !facts.references.is_empty() || facts.subject.contains([':', '：']);
    let may_be_empty = answers || !facts.tokens.is_empty();
    assert!(may_be_empty || body.text.trim().is_empty() || !body.reply_text.trim().is_empty(), "a request was lost");
    for attachment in &facts.attachments {
        let name = &attachment.safe_name;
        assert!(!name.is_empty() && name.len() <= 120 && !name.contains(['/', '\\', '\0']), "{name:?}");
    }
    let wanted: Vec<usize> = (0..facts.attachments.len().min(50)).collect();
    for (index, bytes) in mail::attachments_bytes(raw, &wanted).into_iter().enumerate() {
        let size = bytes.map(|bytes| bytes.len() as u64);
        assert_eq!(size, Some(facts.attachments[index].size), "an attachment changed between two readings");
    }
    facts
}
