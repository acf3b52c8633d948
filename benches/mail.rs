//! How a mail is read, part by part: each bench reads whole mails that give the part the most to do.
//!
//! `linear` reads the same sort of mail at growing lengths: the time a byte must not grow.
#![allow(clippy::expect_used, reason = "a bench that cannot be set up ends there")]

mod support;

use divan::counter::{BytesCount, ItemsCount};
use divan::{AllocProfiler, Bencher};
use guichet::mail::{self, Kind};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// 5 to 20 KB of text and HTML.
#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    read(bencher, &support::mail(1));
}

/// Twelve rounds of question and answer, quoted and signed.
#[divan::bench]
fn reply_text(bencher: Bencher<'_, '_>) {
    let raw = answer(12);
    assert!(mail::parse(&raw).body.reply_text.starts_with("Merci"));
    read(bencher, &raw);
}

/// A report for people, without a machine-readable part.
#[divan::bench]
fn bounce(bencher: Bencher<'_, '_>) {
    let raw = report(3);
    assert_eq!(mail::parse(&raw).bounce.len(), 3);
    read(bencher, &raw);
}

/// A mail to a hundred people.
#[divan::bench]
fn address(bencher: Bencher<'_, '_>) {
    let raw = circular(100);
    assert_eq!(mail::parse(&raw).cc.len(), 100);
    read(bencher, &raw);
}

/// A request that an agent hands in.
#[divan::bench]
fn forwarded(bencher: Bencher<'_, '_>) {
    let raw = handed_in(40);
    assert!(mail::parse(&raw).body.forwarded.is_some());
    read(bencher, &raw);
}

/// Text, HTML, a report and an address field, ten times as long each time.
#[divan::bench(args = [100, 1_000, 10_000])]
fn linear(bencher: Bencher<'_, '_>, lines: usize) {
    let closings = written("From: marie@client.test\r\n", &"Cordialement,\nMarie\n___\n-----\n".repeat(lines));
    let mails = [answer(lines), html(lines), report(lines), circular(lines), handed_in(lines), closings];
    let bytes: usize = mails.iter().map(Vec::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        for raw in &mails {
            divan::black_box(mail::parse(raw));
        }
    });
}

fn read(bencher: Bencher<'_, '_>, raw: &[u8]) {
    assert_ne!(mail::parse(raw).kind(), Kind::Own);
    bencher.counter(ItemsCount::new(1_u32)).counter(BytesCount::of_slice(raw)).bench_local(|| mail::parse(raw));
}

fn written(header: &str, body: &str) -> Vec<u8> {
    let common = "Date: Mon, 1 Jun 2026 10:00:00 -0400\r\nMessage-ID: <a@client.test>\r\nMIME-Version: 1.0\r\n";
    format!("{header}{common}\r\n{}", body.replace('\n', "\r\n")).into_bytes()
}

fn answer(rounds: usize) -> Vec<u8> {
    let mut body = "Merci, l'imprimante du 3e fonctionne.\n\n-- \nMarie Tremblay\nComptabilité\n".to_owned();
    for round in 0..rounds {
        body += "\nLe lun. 1 juin 2026 à 10:00, Support <support@desk.test> a écrit :\n";
        body += &format!("> Bonjour Marie,\n>\n> avez-vous essayé le tiroir {round} ?\n> Cordialement,\n> Aline\n");
    }
    let header = "From: marie@client.test\r\nSubject: Re: imprimante\r\nIn-Reply-To: <1@desk.test>\r\n\
        Content-Type: text/plain; charset=utf-8\r\n";
    written(header, &body)
}

fn html(paragraphs: usize) -> Vec<u8> {
    let paragraph =
        "<div><p class=\"x\">L&rsquo;imprimante <b>du 3e</b> est <a href=\"https://x.test/\">bloqu&eacute;e</a></p>";
    written("From: marie@client.test\r\nContent-Type: text/html; charset=utf-8\r\n", &paragraph.repeat(paragraphs))
}

fn report(recipients: usize) -> Vec<u8> {
    let mut body =
        "Hi. This is the qmail-send program at mx.client.test.\nI'm afraid I wasn't able to deliver your message to \
        the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n"
            .to_owned();
    for recipient in 0..recipients {
        body += &format!("\n<user{recipient}@client.test>:\n192.0.2.1 does not like recipient.\n");
        body += &format!("Remote host said: 550 5.1.1 <user{recipient}@client.test>: unknown user\n");
    }
    body += "\n--- Below this line is a copy of the message.\n\nMessage-ID: <letter@desk.test>\n";
    let header = "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.client.test\r\nSubject: failure notice\r\n";
    written(header, &body)
}

fn circular(people: usize) -> Vec<u8> {
    let people: Vec<String> = (0..people)
        .map(|person| format!("=?utf-8?q?Am=C3=A9lie_C=C3=B4t=C3=A9?= <person{person}@client.test>"))
        .collect();
    written(&format!("From: marie@client.test\r\nCc: {}\r\n", people.join(",\r\n ")), "Bonjour\n")
}

fn handed_in(lines: usize) -> Vec<u8> {
    let body = format!(
        "#demandeur\n\n---------- Forwarded message ---------\nFrom: Paul Roy <paul@client.test>\nDate: Mon, 1 Jun 2026 at 09:00\n\
        Subject: Écran noir\nTo: <aline@desk.test>\n\n{}",
        "Mon écran reste noir depuis ce matin.\n".repeat(lines)
    );
    written("From: aline@desk.test\r\nSubject: Fwd: Ecran noir\r\nContent-Type: text/plain; charset=utf-8\r\n", &body)
}
