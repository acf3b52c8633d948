//! Any text may be a forwarded message; what stands above it and what is in it were written.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let header = "From: agent@helpdesk.test\r\nSubject: Fwd: x\r\nContent-Type: text/plain; charset=utf-8\r\n";
    let body = guichet_fuzz::read(&guichet_fuzz::with_header(header, body)).body;
    let Some(forwarded) = body.forwarded else { return };
    for line in forwarded.before.lines().chain(forwarded.body.lines()).take(200) {
        assert!(body.text.contains(line.trim()), "{line:?} was never written");
    }
    assert!(forwarded.subject.is_none_or(|subject| !subject.contains('\n')));
});
