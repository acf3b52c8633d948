//! Any bytes are an address field, and what is read of it may stand in an SMTP command.
#![no_main]

libfuzzer_sys::fuzz_target!(|field: &[u8]| {
    let field: Vec<u8> = field.iter().map(|&byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { byte }).collect();
    let mut raw = Vec::new();
    for name in ["From", "To", "Cc", "Reply-To", "Return-Path", "Message-ID", "References"] {
        raw.extend_from_slice(name.as_bytes());
        raw.extend_from_slice(b": ");
        raw.extend_from_slice(&field);
        raw.extend_from_slice(b"\r\n");
    }
    let facts = guichet_fuzz::read(&raw);
    let authors = facts.from.iter().chain(&facts.reply_to);
    for name in authors.clone().filter_map(|mailbox| mailbox.name.as_ref()) {
        assert!(!name.chars().any(char::is_control), "{name:?}");
    }
    for address in authors.map(|mailbox| &mailbox.address).chain(&facts.to).chain(&facts.cc) {
        let text = address.as_str();
        assert_eq!(text.parse().as_ref(), Ok(address), "an address that is none");
        assert!(!text.contains(|c: char| c.is_control() || "<>".contains(c)), "{text:?}");
        // White space and separators stand within a quoted local part alone (RFC 5321 §4.1.2).
        let bare = if text.starts_with('"') { address.domain() } else { text };
        assert!(!bare.contains(|c: char| c.is_whitespace() || ",;\"".contains(c)), "{text:?}");
    }
    for identifier in facts.message_id.iter().chain(&facts.references) {
        assert!(!identifier.as_str().contains(|c: char| c.is_control() || c.is_whitespace() || "<>".contains(c)));
    }
});
