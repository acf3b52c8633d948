//! Any text can be trimmed, and no line of the writer's is lost: what is not quoted stands in one of the parts.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let html = body.first() == Some(&b'<');
    let media_type = if html { "text/html" } else { "text/plain" };
    let header = format!(
        "From: marie@client.test\r\nSubject: Re: x\r\nIn-Reply-To: <a@b.test>\r\nContent-Type: {media_type}; charset=utf-8\r\n"
    );
    let mail = guichet_fuzz::read(&guichet_fuzz::with_header(&header, body));
    // Its own first half stands for a letter of ours that it quotes.
    let half = mail.body.text.floor_char_boundary(mail.body.text.len() / 2);
    let mut letters = guichet_fuzz::mail::Letters::default();
    letters.add(&mail.body.text[..half]);
    for body in [mail.body.clone(), mail.quoting(&letters).body] {
        hold(&body);
    }
});

fn hold(body: &guichet_fuzz::mail::Body) {
    let words = |text: &str| text.split_whitespace().count();
    assert!(words(&body.reply_text) <= words(&body.text), "more words than were written");
    assert!(words(&body.reply_text) + words(&body.signature) <= 2 * words(&body.text));
    for line in body.reply_text.lines().chain(body.signature.lines()).take(200) {
        assert!(body.text.contains(line.trim()), "{line:?} was never written");
    }
}
