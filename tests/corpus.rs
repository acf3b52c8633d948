//! Whole mails and what is to be read in them: `tests/mails/NAME.eml`, and beside it `NAME.json` with the facts that matter.
//! The names say which client or server writes so. Each is read with LF and with CRLF line ends.

use std::fs;
use std::path::{Path, PathBuf};

use guichet::{cli::inspect, mail};
use serde_json::{Value, json};

fn mails() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    found.sort();
    found
}

fn with_crlf(raw: &[u8]) -> Vec<u8> {
    raw.split_inclusive(|&byte| byte == b'\n')
        .flat_map(|line| match line.strip_suffix(b"\n") {
            Some(line) => [line.strip_suffix(b"\r").unwrap_or(line), b"\r\n"].concat(),
            None => line.to_vec(),
        })
        .collect()
}

/// What `inspect` tells, and what only the desk asks for.
fn facts(raw: &[u8]) -> Value {
    let mail = mail::parse(raw);
    let mut facts = inspect::to_json(&mail);
    facts["unreadable"] = json!(mail.unreadable);
    facts["gesture"] = json!(mail.gesture);
    facts["forwards"] = json!(mail.forwards);
    facts["containers"] = json!(mail.attachments.iter().map(|attachment| attachment.is_container).collect::<Vec<_>>());
    facts
}

#[test]
fn every_mail_is_read_as_it_was_meant() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for path in mails() {
        let raw = fs::read(&path).expect("a mail");
        let expected = fs::read_to_string(path.with_extension("json")).expect("what is expected of it");
        let expected: Value = serde_json::from_str(&expected).expect("JSON");
        for (ends, raw) in [("LF", raw.clone()), ("CRLF", with_crlf(&raw))] {
            let facts = facts(&raw);
            for (key, value) in expected.as_object().expect("an object") {
                compared += 1;
                if facts[key] != *value {
                    let name = path.file_stem().unwrap_or_default().display();
                    wrong.push(format!("{name} ({ends}): {key} is\n  {}\nnot\n  {value}", facts[key]));
                }
            }
        }
    }
    assert!(compared > 100, "only {compared} facts were compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn attachments_are_cut_out_of_the_raw_mail() {
    let raw = fs::read(mails().into_iter().find(|path| path.ends_with("attachment-names.eml")).expect("the mail"));
    let raw = raw.expect("the mail");
    assert_eq!(mail::attachment_bytes(&raw, 0).as_deref(), Some(&b"A"[..]));
    assert_eq!(mail::attachments_bytes(&raw, &[1, 2, 0]), [Some(b"B".to_vec()), None, Some(b"A".to_vec())]);
}

/// What a rule looks for, over and over: a rule that reads the rest of the mail for each of them would take hours.
#[test]
fn a_mail_of_one_thing_repeated_is_read_at_once() {
    const TIMES: usize = 4_000;
    let things = [
        "> a",
        "-- ",
        "___",
        "Regards,",
        "-Marie",
        "-----",
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "On Mon, Jun 1, 2026 at 10:00 a <a@b.test> wrote:\n> x",
        "On Mon, Jun 1, 2026 at 10:00",
        "From: a@b.test\nSent: 1 June 2026 10:00\nTo: x\nSubject: y\n",
        "begin 644 x\nM!!!!",
        "<a@b.test>:\n550 no such user\n",
        "Final-Recipient: rfc822; a@b.test\nAction: failed",
        "R-000001",
        "-----BEGIN PGP MESSAGE-----",
        "--- Begin Message ---",
        "application/pkcs7-mime; name=smime.p7m",
        "--b\nContent-Type: application/pkcs7-mime; name=smime.p7m\n\nMIAGCSqGSIb3DQEHAqCA",
        "--b\nContent-Type: message/rfc822; name=A.EML\n\nFrom: a@b.test\nSubject: x\n",
        "--b\nContent-Type: message/rfc822\n\n",
        "<blockquote>x</blockquote>y",
        "<div id=\"divRplyFwdMsg\">",
        "&amp;<p class=MsoNormal>",
        "&lt;<ol><li><a href=https://a.test>x",
        "&lt;<ul><li><img src=cid:a@b><img src=cid:cid:cid:",
        "\u{1b}$BA\u{1b}(B",
        "BEGIN:VEVENT\nSUMMARY:x\n y",
    ];
    for thing in things {
        let header = match thing {
            _ if thing.contains("</") || thing.starts_with("<div") || thing.starts_with('&') => {
                "Content-Type: text/html\n"
            }
            _ if thing.contains("550") || thing.contains("Recipient") => "From: MAILER-DAEMON@b.test\n",
            _ => "Subject: Re: x\n",
        };
        let raw = format!("{header}\n{}", format!("{thing}\n").repeat(TIMES));
        mail::parse(raw.as_bytes());
    }
}

#[test]
fn a_mail_is_told_to_people_too() {
    for path in mails() {
        let raw = fs::read(&path).expect("a mail");
        let page = inspect::for_people(&mail::parse(&raw));
        assert!(page.starts_with("Kind "), "{}", path.display());
        assert!(!page.contains('\u{1b}'));
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_a_mail(raw: Vec<u8>) {
        mail::parse(&raw);
    }

    #[test]
    fn any_damage_to_a_mail_leaves_a_mail(index: proptest::sample::Index, at: proptest::sample::Index, byte: u8, cut: proptest::sample::Index) {
        let mails = mails();
        let mut raw = fs::read(&mails[index.index(mails.len())]).expect("a mail");
        raw.push(b'\n');
        let place = at.index(raw.len());
        raw[place] = byte;
        let facts = mail::parse(&raw);
        proptest::prop_assert!(!facts.subject.contains(['\r', '\n', '\0']));
        proptest::prop_assert_eq!(facts.attachments.len(), mail::attachments_bytes(&raw, &(0..facts.attachments.len()).collect::<Vec<_>>()).iter().flatten().count());
        raw.truncate(cut.index(raw.len()));
        mail::parse(&raw);
    }
}
