//! Any delivery report is read: its text, its machine-readable part, or both.
#![no_main]

use guichet_fuzz::mail::Kind;

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let status = body.first().is_some_and(|byte| byte & 1 == 1);
    let media_type = if status { "message/delivery-status" } else { "text/plain; charset=utf-8" };
    let mut report = format!("--b\r\nContent-Type: {media_type}\r\n\r\n").into_bytes();
    report.extend_from_slice(body);
    report.extend_from_slice(b"\r\n--b--\r\n");
    let header = "Return-Path: <>\r\nFrom: MAILER-DAEMON@relay.test\r\nTo: desk@helpdesk.test\r\nSubject: Undelivered Mail\r\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n";
    let facts = guichet_fuzz::read(&guichet_fuzz::with_header(header, &report));
    // The body may open parts of its own, and those may say that it is another sort of report.
    assert!(matches!(facts.kind(), Kind::Bounce | Kind::Feedback | Kind::ReadReceipt | Kind::Own));
    assert!(!facts.may_ack());
    for entry in facts.bounce {
        assert!(entry.recipient.is_none_or(|recipient| recipient.contains('@')));
        assert!(entry.action.is_some() && entry.reason.is_some());
    }
});
