//! Whole mails and what is to be read in them: `tests/mails/NAME.eml`, and beside it `NAME.json` with the facts that matter.
//! The names say which client or server writes so. Each is read with LF and with CRLF line ends.

use std::fs;
use std::path::{Path, PathBuf};

use guichet::{cli::inspect, mail};
use serde_json::{Value, json};

fn mails() -> Vec<PathBuf> {
    mails_in("tests/mails")
}

fn mails_in(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
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

/// The signatures of the people in `tests/mails/clients`, as far as somebody wrote behind them.
const SIGNATURES: [&str; 3] = [
    "Odile Garnier\nSecrétariat du conseil, poste 41",
    "Owen Hale\nLoading yard, extension 7",
    "Marie Lemay\nAide de la Ville · poste 20\nwww.ville.test",
];

fn without_white_space(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Whether what was read is what was typed, white space aside. A signature that words stand behind may stay: nobody can
/// tell where it ends.
fn says(read: &str, typed: &str) -> bool {
    let (read, typed) = (without_white_space(read), without_white_space(typed));
    let behind = |signature: &String| {
        let parted = read.split_once(signature.as_str()).filter(|(_, below)| !below.is_empty());
        parted.is_some_and(|(above, below)| [above.strip_suffix("--").unwrap_or(above), below].concat() == typed)
    };
    read == typed || SIGNATURES.map(without_white_space).iter().any(behind)
}

/// Answers of real clients to letters of ours: see `tests/mails/clients/SOURCE.md`.
#[test]
fn what_was_typed_in_a_client_is_read_in_its_answer() {
    let letters =
        mails_in("tests/mails/letters").into_iter().map(|path| mail::parse(&fs::read(path).expect("a letter")));
    let letters: Vec<mail::InboundMail> = letters.collect();
    let answers = mails_in("tests/mails/clients");
    let (mut wrong, mut wrong_without_letters) = (Vec::new(), Vec::new());
    for path in &answers {
        let name = path.file_stem().unwrap_or_default().display();
        let expected = fs::read_to_string(path.with_extension("json")).expect("what was typed");
        let expected: Value = serde_json::from_str(&expected).expect("JSON");
        let typed = expected["reply_text"].as_str().expect("a text");
        let plain = mail::parse(&fs::read(path).expect("a mail"));
        let is_cited = |letter: &&mail::InboundMail| {
            plain.in_reply_to.iter().chain(&plain.references).any(|id| letter.message_id.as_ref() == Some(id))
        };
        let cited: Vec<&mail::InboundMail> = letters.iter().filter(is_cited).collect();
        assert!(!cited.is_empty(), "{name} cites no letter");
        if !says(&plain.body.reply_text, typed) {
            wrong_without_letters.push(name.to_string());
        }
        let read = plain.clone().quoting(&mail::Letters::of(cited)).body.reply_text;
        if !says(&read, typed) {
            wrong.push(format!("{name}: read is\n  {read:?}\nnot\n  {typed:?}"));
        }
    }
    assert!(answers.len() >= 50, "only {} answers", answers.len());
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), answers.len(), wrong.join("\n"));
    assert!(
        wrong_without_letters.len() * 10 <= answers.len(),
        "without the letters {} of {} differ: {}",
        wrong_without_letters.len(),
        answers.len(),
        wrong_without_letters.join(", ")
    );
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
