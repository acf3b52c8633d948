//! Mails that are made to take long, and the law that none does: four times the mail is four times the work.
//!
//! Work is counted, not timed: looks (see `work`), and what is put into memory.

use super::authenticity::{self, Border};
use super::{Letters, attachments_bytes, parse, work};

/// A mail of a size, which is about so many times whatever it is made of.
type Hostile = fn(usize) -> String;

/// How much four times the mail may take; a rule that looks at everything for each thing takes 16 times.
const TIMES_MAX: f64 = 4.5;

const MAILS: &[(&str, usize, Hostile)] = &[
    ("many fields", 800, |n| field(&repeat(n, |at| format!("X-{at}: {at}\r\n")), "x")),
    ("many fields of one name", 200, |n| field(&repeat(n, |_| "Received: from a by b; 1 Jun 2026\r\n".into()), "x")),
    ("many vouchers", 200, |n| field(&repeat(n, voucher), "x")),
    ("one voucher that says much", 200, |n| field(&format!("{}\r\n", voucher_of(n)), "x")),
    ("a field of many lines", 2_000, |n| field(&format!("Subject: x\r\n{}", " y\r\n".repeat(n)), "x")),
    ("a subject of many words", 2_000, |n| field(&format!("Subject: {}\r\n", "=?utf-8?q?a_b?= ".repeat(n)), "x")),
    ("a subject of one word", 5_000, |n| field(&format!("Subject: =?utf-8?q?{}?=\r\n", "=C3=A9".repeat(n)), "x")),
    ("words that never end", 1_400, |n| field(&format!("Subject: {}\r\n", "=?utf-8?q?a ".repeat(n)), "x")),
    ("words that end in escapes", 1_000, |n| field(&format!("Subject: =?a?q?{}\r\n", "?=41".repeat(n)), "x")),
    ("many prefixes", 2_000, |n| field(&format!("Subject: {}x\r\n", "Re: Fwd: [a] ".repeat(n)), "x")),
    ("many recipients", 200, |n| field(&format!("To: {}\r\n", "A, B <a@b.test>, ".repeat(n)), "x")),
    ("quotes that never close", 2_000, |n| field(&format!("To: {}\r\n", "\"a ".repeat(n)), "x")),
    ("comments that never close", 2_000, |n| field(&format!("To: {}\r\n", "(a \\".repeat(n)), "x")),
    ("brackets that never close", 2_000, |n| field(&format!("To: {}\r\n", "<a".repeat(n)), "x")),
    ("groups in groups", 500, |n| field(&format!("To: {}\r\n", "a: b, <c ".repeat(n)), "x")),
    ("words in addresses", 200, |n| field(&format!("To: {}\r\n", "=?utf-8?q?a?=, ".repeat(n)), "x")),
    ("a name without an end", 2_000, |n| field(&format!("From: {} <a@b.test>\r\n", "a,b:".repeat(n)), "x")),
    ("many references", 500, |n| field(&format!("References: {}\r\n", repeat(n, |at| format!("<{at}@a.test> "))), "x")),
    ("references that never close", 2_000, |n| field(&format!("References: {}\r\n", "<a".repeat(n)), "x")),
    ("fields that name somebody", 1_000, |n| field(&"X-From: A <a@b.test>\r\n".repeat(n), "x")),
    ("many parameters", 45, |n| typed(&format!("text/plain; {}", repeat(n, |at| format!("n{at}=\"v\"; "))), "x")),
    ("a name in many pieces", 500, |n| {
        typed(&format!("text/plain; {}", repeat(n, |at| format!("name*{at}*=a; "))), "x")
    }),
    ("files with names in many pieces", 250, |n| {
        parts(&format!("--b\r\nContent-Type: a/b; {}\r\n\r\nx\r\n", repeat(n, |at| format!("name*{at}*=a;\r\n "))))
    }),
    ("a date of many words", 2_000, |n| field(&format!("Date: {}\r\n", "1 Jun (a) ".repeat(n)), "x")),
    ("many parts", 200, |n| parts(&repeat(n, |at| format!("--b\r\n\r\n{at}\r\n")))),
    ("many files", 100, |n| parts(&repeat(n, file))),
    ("files with the same name", 100, |n| parts(&repeat(n, |_| file(1)))),
    ("parts in parts", 20, |n| nested(n)),
    ("messages in messages", 9, |n| {
        repeat(n, |_| "Content-Type: message/rfc822\r\n\r\n".into()) + "Subject: x\r\n\r\nx"
    }),
    ("boundaries of nobody", 1_000, |n| typed("multipart/mixed; boundary=b", &"--c\r\n".repeat(n))),
    ("parts that an outer boundary cuts short", 50, |n| parts(&repeat(n, cut_short))),
    ("a digest", 200, |n| typed("multipart/digest; boundary=b", &"--b\r\n\r\nSubject: x\r\n\r\nx\r\n".repeat(n))),
    ("many pictures", 100, |n| pictures(n)),
    ("a long line", 5_000, |n| answer(&"ab ".repeat(n))),
    ("a long word", 10_000, |n| answer(&"a".repeat(n))),
    ("many lines", 150, |n| answer(&repeat(n, |at| format!("Ligne {at} de la demande.\n")))),
    ("empty lines", 1_000, |n| answer(&format!("a\n{}b", "\n".repeat(n)))),
    ("blank lines within quotes", 800, |n| answer(&format!("> a\n{}> b", ">\n\n".repeat(n)))),
    ("many quotes", 200, |n| answer(&"> a\nb\n".repeat(n))),
    ("quotes in quotes", 200, |n| answer(&repeat(n.min(2_000), |at| format!("{} a\n", ">".repeat(at % 50 + 1))))),
    ("one line of marks", 8_000, |n| answer(&"> ".repeat(n))),
    ("many attributions", 120, |n| answer(&"a\nLe 1 juin 2026, Luc <a@b.test> a écrit :\n> b\n".repeat(n))),
    ("attributions of several lines", 80, |n| answer(&"Le 1 juin 2026,\nLuc\n<a@b.test>\n\n".repeat(n))),
    ("From in the text", 150, |n| answer(&"From: a@b.test\n".repeat(n))),
    ("From and empty lines", 120, |n| answer(&"From: a@b.test\n\n\n".repeat(n))),
    ("header blocks", 120, |n| answer(&"From: a@b.test\nSent: 1 June\nTo: c@d.test\nSubject: x\n\nb\n".repeat(n))),
    ("blocks that almost are", 80, |n| answer(&"Sent: 1 June\nx\nTo: c\n-----\n".repeat(n))),
    ("original messages", 150, |n| answer(&"-----Original Message-----\n".repeat(n))),
    ("forwarded messages", 150, |n| message(&"---------- Forwarded message ---------\nFrom: a@b.test\n\n".repeat(n))),
    ("rules", 100, |n| answer(&"a\n________________________________\n".repeat(n))),
    ("delimiters and a question", 80, |n| message(&format!("a\n{}b\nc?\n", "-- \nMarie\n".repeat(n)))),
    ("signatures", 100, |n| message(&"a\n-- \nMarie\n514 555-0142\n".repeat(n))),
    ("closings", 80, |n| message(&"Merci\n\nCordialement,\nMarie\n\n".repeat(n))),
    ("broken links", 300, |n| answer(&"> see (https://a.test/b\n?c)\n> d\n".repeat(n))),
    ("weak marks", 150, |n| answer(&"Le 1 juin, a écrit :\n| a\n\n\tb\n".repeat(n))),
    ("tokens", 500, |n| answer(&repeat(n, |at| format!("R{at:06}.7.r.1.ABCDEFGH R-{at:06}\n")))),
    ("letters R", 5_000, |n| answer(&"R-1 r1. ".repeat(n))),
    ("commands", 100, |n| answer(&"#note a\n#résolu\n#escalade L2 : b\n".repeat(n))),
    ("uuencoded files", 40, |n| message(&"begin 644 a\n#86)C\n`\nend\n".repeat(n))),
    ("uuencoded files without an end", 200, |n| message(&"begin 644 a\n#86)C\n".repeat(n))),
    ("armour", 200, |n| message(&"-----BEGIN PGP MESSAGE-----\na\n".repeat(n))),
    ("flowed", 300, |n| typed("text/plain; format=flowed; delsp=yes", &"> a \r\nb \r\n".repeat(n))),
    ("base64", 1_500, |n| encoded("base64", &"w6nDqcOp\r\n".repeat(n))),
    ("base64 with words in it", 300, |n| encoded("base64", &"w6nDqcOp\r\n!!\r\na b\r\n".repeat(n))),
    ("quoted-printable", 500, |n| encoded("quoted-printable", &"=C3=A9 =\r\n  \r\n".repeat(n))),
    ("elements in elements", 80, |n| html(&"<div>".repeat(n))),
    ("quotes in elements", 80, |n| html(&"<blockquote type=cite>a".repeat(n))),
    ("elements that close nothing", 2_000, |n| html(&"<b>a</i>".repeat(n))),
    ("tags that never end", 4_000, |n| html(&"<a ".repeat(n))),
    ("tags with open quotes", 2_000, |n| html(&"<a b=\">".repeat(n))),
    ("tags with quotes over tags", 2_000, |n| html(&"<a b=\"'>' c='\">".repeat(n))),
    ("comments without an end", 4_000, |n| html(&"<!-- a".repeat(n))),
    ("scripts without an end", 1_000, |n| html(&"<script>a<style>b".repeat(n))),
    ("entities", 1_000, |n| html(&"&eacute;&#233;&nope &".repeat(n))),
    ("a tag with many attributes", 1_000, |n| html(&format!("<div {}>a", repeat(n, |at| format!("a{at}=b "))))),
    ("links", 100, |n| html(&repeat(n, |at| format!("<a href='https://a.test/{at}'>b</a> ")))),
    ("links that never close", 300, |n| html(&"<a href='https://a.test/b'>c ".repeat(n))),
    ("one link around much", 4_000, |n| html(&format!("<a href='https://a.test/b'>{}</a>", "c ".repeat(n)))),
    ("lists in lists", 80, |n| html(&"<ol><li>a".repeat(n))),
    ("list items", 300, |n| html(&"<li>a".repeat(n))),
    ("tables", 500, |n| html(&"<table><tr><td>a<td>b".repeat(n))),
    ("hidden elements", 150, |n| html(&"<p style='display:none'>a<p>b".repeat(n))),
    ("signatures of clients", 120, |n| html(&"<div class=gmail_signature>a<br>b</div>c<br>".repeat(n))),
    ("a report of many recipients", 100, |n| report(n)),
    ("a report of many groups without blanks", 100, |n| dsn(&"Final-Recipient: rfc822; a@b.test\r\n".repeat(n))),
    ("a refusal in words", 250, |n| bounce(&repeat(n, |at| format!("<u{at}@b.test>: 550 5.1.1 user unknown\n\n")))),
    ("a transcript", 250, |n| {
        bounce(&repeat(n, |at| format!("   ----- x -----\n<u{at}@b.test>\n>>> RCPT To:<u@b.test>\n<<< 550 no\n")))
    }),
    ("addresses without reasons", 300, |n| bounce(&repeat(n, |at| format!("u{at}@b.test ")))),
    ("codes without addresses", 2_000, |n| bounce(&"550 5.1.1 ".repeat(n))),
    ("complaints", 100, |n| complaint(n)),
    ("absences", 300, |n| message(&"I am out of the office. \"a\" « b ».\n".repeat(n))),
    ("a calendar", 500, |n| typed("text/calendar; method=REQUEST", &calendar(n))),
    ("a calendar of one line", 2_000, |n| {
        typed(
            "text/calendar",
            &format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY{}:x\r\nEND:VEVENT\r\n", ";A=\"b\"".repeat(n)),
        )
    }),
    ("rich text", 1_000, |n| rich(&"{\\b a}\\'e9\\par ".repeat(n))),
    ("groups of rich text", 1_000, |n| rich(&"{\\*\\a ".repeat(n))),
    ("other charsets", 300, |n| typed("text/plain; charset=iso-2022-jp", &"\x1b$B$\"\x1b(Ba\r\n".repeat(n))),
    ("modified charsets", 2_000, |n| typed("text/plain; charset=utf-7", &"+AOk- a+AOk ".repeat(n))),
    ("text that was encoded twice", 1_000, |n| message(&"Ã© Ã¨ a ".repeat(n))),
    ("receipts", 500, |n| typed("message/disposition-notification", &"Disposition: a/b; displayed\r\n\r\n".repeat(n))),
    ("signed in signed", 10, |n| signed(n)),
    ("controls", 2_000, |n| message(&"\u{1}\u{202e}\u{200b}a\u{ad}".repeat(n))),
    ("languages", 300, |n| message(&"le la les une the and of pour avec.\n".repeat(n))),
];

fn repeat(n: usize, piece: impl Fn(usize) -> String) -> String {
    (0..n).map(piece).collect()
}

const WHO: &str = "From: Marie <marie@client.test>\r\nTo: support@desk.test\r\nMessage-ID: <m@client.test>\r\n";

fn field(fields: &str, text: &str) -> String {
    format!("{fields}{WHO}\r\n{text}\r\n")
}

fn typed(content_type: &str, body: &str) -> String {
    format!("{WHO}Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n{body}\r\n")
}

fn message(text: &str) -> String {
    typed("text/plain; charset=utf-8", text)
}

fn answer(text: &str) -> String {
    format!("In-Reply-To: <R000001.1.r.1.ABCDEFGH@desk.test>\r\n{}", message(text))
}

fn encoded(encoding: &str, body: &str) -> String {
    format!("Content-Transfer-Encoding: {encoding}\r\n{}", message(body))
}

fn html(body: &str) -> String {
    format!("In-Reply-To: <R000001.1.r.1.ABCDEFGH@desk.test>\r\n{}", typed("text/html; charset=utf-8", body))
}

fn parts(body: &str) -> String {
    typed("multipart/mixed; boundary=b", &format!("{body}--b--\r\n"))
}

fn file(at: usize) -> String {
    format!(
        "--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"f{at}.bin\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n"
    )
}

fn nested(n: usize) -> String {
    let open = repeat(n, |at| format!("--b{at}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n", at + 1));
    let close: String = (0..=n).rev().map(|at| format!("\r\n--b{at}--\r\n")).collect();
    typed("multipart/mixed; boundary=b0", &format!("{open}--b{n}\r\n\r\nx{close}"))
}

fn cut_short(at: usize) -> String {
    format!("--b\r\nContent-Type: multipart/alternative; boundary=in{at}\r\n\r\n--in{at}\r\n\r\na\r\n")
}

fn pictures(n: usize) -> String {
    let shown = repeat(n, |at| format!("<img src=\"cid:p{at}@a.test\">"));
    let files = repeat(n, |at| format!("--b\r\nContent-Type: image/png\r\nContent-ID: <p{at}@a.test>\r\n\r\nx\r\n"));
    typed(
        "multipart/related; boundary=b",
        &format!("--b\r\nContent-Type: text/html\r\n\r\n{shown}\r\n{files}--b--\r\n"),
    )
}

fn voucher(at: usize) -> String {
    format!("Authentication-Results: mx.desk.test; dkim=pass header.d=d{at}.test\r\n")
}

fn voucher_of(n: usize) -> String {
    let said = repeat(n, |at| format!("; dkim=pass (a \"b\") header.d=d{at}.test"));
    format!("Authentication-Results: mx.desk.test{said}")
}

fn bounce(text: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.test\r\nTo: support@desk.test\r\nSubject: Undelivered Mail Returned to \
         Sender\r\nAuto-Submitted: auto-replied\r\n\r\nYour message could not be delivered.\r\n\r\n{text}"
    )
}

fn dsn(fields: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.test\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\nContent-Type: \
         multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nFailed.\r\n--b\r\nContent-Type: \
         message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n{fields}\r\n--b--\r\n"
    )
}

fn report(n: usize) -> String {
    dsn(&repeat(n, |at| format!("Final-Recipient: rfc822; u{at}@b.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n")))
}

fn complaint(n: usize) -> String {
    let recipients = repeat(n, |at| format!("Original-Rcpt-To: u{at}@b.test\r\n"));
    typed(
        "multipart/report; report-type=feedback-report; boundary=b",
        &format!(
            "--b\r\n\r\nx\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n{recipients}\r\n--b--\r\n"
        ),
    )
}

fn calendar(n: usize) -> String {
    let people = repeat(n, |at| format!("ATTENDEE;CN=\"A {at}\":mailto:a{at}@b.test\r\nDESCRIPTION:a\\n\r\n b\r\n"));
    format!("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\n{people}END:VEVENT\r\nEND:VCALENDAR\r\n")
}

fn rich(body: &str) -> String {
    typed("text/rtf", &format!("{{\\rtf1\\ansi {body}}}"))
}

fn signed(n: usize) -> String {
    let open = repeat(n, |at| {
        format!(
            "Content-Type: multipart/signed; boundary=s{at}; protocol=\"application/pkcs7-signature\"\r\n\r\n--s{at}\r\n"
        )
    });
    let close: String = (0..n)
        .rev()
        .map(|at| format!("\r\n--s{at}\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--s{at}--\r\n"))
        .collect();
    format!("{WHO}Subject: x\r\n{open}\r\nx{close}")
}

/// All that is done with a mail between its bytes and its facts.
fn read(raw: &[u8], letters: &Letters) {
    let mail = parse(raw);
    let files: Vec<usize> = (0..mail.attachments.len()).collect();
    attachments_bytes(raw, &files);
    authenticity::by_header(&mail, &Border::named("mx.desk.test"));
    mail.quoting(letters);
}

fn letters() -> Letters {
    let mut letters = Letters::default();
    letters.add("Bonjour Marie,\nle clavier est a b c d. a a a a a a a\nMerci, Luc.\nSupport · R-000001\n");
    letters
}

/// Looks, pieces of memory asked for, and their bytes.
fn work_of(raw: &str, letters: &Letters) -> [(&'static str, u64); 3] {
    let mut looks = 0;
    let memory = allocation_counter::measure(|| looks = work::of(|| read(raw.as_bytes(), letters)));
    [("looks", looks as u64), ("pieces of memory", memory.count_total), ("bytes of memory", memory.bytes_total)]
}

#[test]
fn four_times_the_mail_is_four_times_the_work() {
    let letters = letters();
    let mut slow = Vec::new();
    for (name, n, mail) in MAILS {
        // What is made once, such as automata, is made before.
        read(mail(*n).as_bytes(), &letters);
        let (once, four_times) = (work_of(&mail(*n), &letters), work_of(&mail(4 * n), &letters));
        for ((what, once), (_, four_times)) in once.into_iter().zip(four_times) {
            let times = four_times as f64 / once as f64;
            if times > TIMES_MAX {
                slow.push(format!("{name}: {times:.1} times the {what}, {once} and {four_times}"));
            }
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
