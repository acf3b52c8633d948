use proptest::prelude::*;

use super::*;

const LETTER: &str = "Hello,\n\nWe need your help with the following request.\n\nSubject: Lamp blinks\nOur reference: R-000031\nRequester: \
    Requester A\n\nThe lamp of the second projector blinks three times and goes dark after a minute or so.\nWhat does that mean?\n\nPlease reply to this email and, if you can, keep its subject.\n\nCare · R-000031 · ref: \
    R000031.3.v.1.ABCDEFGHIJKLMNOP";

const FOLLOW_UP: &str = "Any news?\n\nCare · R-000031 · ref: R000031.5.v.1.ABCDEFGHIJKLMNOP";

fn heard<'a>(subject: &'a str, text: &'a str, automatic: bool) -> Heard<'a> {
    Heard {
        subject,
        text,
        ours: &[LETTER, FOLLOW_UP],
        our_subject: "Lamp blinks",
        names: &["lumen", "Care", "SD", "R-000031", "Lena Lux", "[lumen.test #5]", "LMP-7"],
        domains: &["lumen.test"],
        addresses: &["care@desk.test"],
        automatic,
        brings_file: false,
    }
}

fn by_robot(text: &str) -> Said {
    said(&heard("[lumen.test #5] Lamp blinks [SD R-000031]", text, true))
}

fn by_person(text: &str) -> Said {
    said(&heard("Re: Lamp blinks [SD R-000031]", text, false))
}

/// As clients and systems quote.
fn quoted(letter: &str, how: usize) -> String {
    let mark = |mark: &str| letter.lines().map(|line| format!("{mark}{line}")).collect::<Vec<_>>().join("\n");
    match how {
        0 => mark("> "),
        1 => mark("| "),
        2 => mark("\t"),
        3 => mark("    "),
        4 => mark("LL> "),
        5 => mark(">> > "),
        6 => letter
            .split_whitespace()
            .collect::<Vec<_>>()
            .chunks(6)
            .map(|line| line.join(" "))
            .collect::<Vec<_>>()
            .join("\n> "),
        7 => letter.split_whitespace().collect::<Vec<_>>().join(" "),
        _ => letter.to_owned(),
    }
}

#[test]
fn a_robots_phrases_are_no_answer() {
    for (text, kind) in [
        (
            "Hello,\n\nThis message has been generated automatically in response to the creation of\na trouble ticket about Lamp \
             blinks [SD R-000031]; a summary appears below.\n\nYour ticket has been assigned the ID [lumen.test #5].",
            Kind::Confirmation,
        ),
        ("Your request has been received and logged as LMP-7.\n\nLumen Service Desk", Kind::Confirmation),
        (
            "Thank you for contacting Lumen.\nYour request has been received and a ticket was created.",
            Kind::Confirmation,
        ),
        (
            "Dear customer,\n\nwe have received your email. The number of your case is LMP-7.\n\nKind regards,\nThe Lumen support team",
            Kind::Confirmation,
        ),
        (
            "Bonjour,\n\nVotre demande a été enregistrée sous le numéro 5. Merci de ne pas répondre à ce courriel.",
            Kind::Confirmation,
        ),
        ("Your request has been received. Please do not reply to this address.", Kind::Confirmation),
        (
            "This message has been automatically generated in response to the creation of a trouble ticket regarding:\n\t\"Lamp blinks\".\n\nThere is no need to reply to this message right now. Your ticket has been assigned an ID of [lumen.test #5].\n\nPlease include the string:\n\n  [lumen.test #5]\n\nin the subject line of all future correspondence about this issue.",
            Kind::Confirmation,
        ),
        (
            "Hello,\nYour request (5) has been received and is being reviewed by our support staff. To view it, visit https://care.lumen.test/tickets/5 or write to care@lumen.test.",
            Kind::Confirmation,
        ),
        ("A comment was added to your ticket:\n\nAny news?", Kind::Confirmation),
        ("Any news?", Kind::Echo),
        (
            "Issue #5 has been updated by Lena Lux.\n\nStatus changed from New to In Progress\n\n----------\nBug #5: Lamp blinks\nhttps://bugs.lumen.test/issues/5#change-1\n\n* Author: Care\n* Priority: Normal",
            Kind::StateChange,
        ),
        ("status: unread -> in-progress\nnosy: +lena", Kind::StateChange),
        ("Your message was not accepted: unknown property SD in the subject.", Kind::Refusal),
    ] {
        for text in
            [text.to_owned(), format!("{text}\n\n{}", quoted(LETTER, 0)), format!("{text}\n\n{}", quoted(LETTER, 9))]
        {
            let said = by_robot(&text);
            assert_eq!((said.kind, said.closes), (kind, false), "{text}\n=> {said:?}");
        }
    }
}

#[test]
fn a_systems_frame_alone_says_nothing() {
    for text in [
        "https://bugs.lumen.test/bug.php?id=17\n==========\nReported By: care\nProject: Displays\nVersion: 4.2\n==========\nSummary: Lamp blinks\nDescription:",
        "            Bug ID: 17\n           Product: Displays\n\nYou are receiving this mail because:\nYou reported it.",
    ] {
        for text in [text.to_owned(), format!("{text}\n{}", quoted(LETTER, 9))] {
            let said = by_robot(&text);
            assert!(said.kind != Kind::Answer && said.words.is_empty(), "{text}\n=> {said:?}");
        }
    }
}

#[test]
fn a_confirmation_without_marks_is_one_when_it_says_nothing_else() {
    let said = by_person("LMP-7: thank you for contacting Lumen, your case has been created.");
    assert_eq!(said.kind, Kind::Confirmation);
}

#[test]
fn closed_is_said_and_is_no_answer() {
    for text in [
        "Your ticket has been closed.",
        "Status changed from Open to Resolved",
        "This request is resolved. If not, reply to this mail to reopen it.",
    ] {
        let said = by_robot(text);
        assert_eq!((said.kind, said.closes), (Kind::StateChange, true), "{text}");
    }
    let subject = said(&heard("[lumen.test #5] Resolved: Lamp blinks", "Thank you for contacting us.", true));
    assert!(subject.closes && subject.kind == Kind::StateChange);
    assert_eq!(by_robot("Your ticket will be closed within 3 days if we receive no answer.").kind, Kind::Answer);
}

#[test]
fn a_persons_words_are_an_answer_however_short_and_however_marked() {
    for words in [
        "We received your drawing. The lamp is worn: order part 4-11.",
        "A new key has been created for this projector, enter it again.",
        "The lamp has been assigned part number 11, change it.",
        "Le compte a été créé, essayez encore.",
        "Three blinks: the fan.",
        "Your ticket has been resolved by changing the fan.",
        "Please provide more information.",
        "Type: reset lamp\nResolution: hold the button",
        "Open Queue -> Ports and choose the second one.",
        "https://files.elsewhere.test/fan.pdf",
        "No.",
        "We created a new number for you.",
        "Open the case and take the fan out.",
        "Write to fans@lumen.test for a new one.",
    ] {
        for (said, how) in [
            (by_person(words), "person"),
            (by_robot(words), "robot"),
            (
                by_robot(&format!(
                    "Lena Lux added the comment:\n\n{words}\n\n----------\nstatus: unread -> chatting\n\n{}",
                    quoted(LETTER, 0)
                )),
                "wrapped",
            ),
        ] {
            assert_eq!((said.kind, said.words.as_str()), (Kind::Answer, words), "{how}");
        }
    }
}

#[test]
fn a_file_alone_is_an_answer() {
    let text = quoted(LETTER, 0);
    let said = said(&Heard { brings_file: true, ..heard("Re: Lamp blinks", &text, false) });
    assert_eq!((said.kind, said.words.as_str()), (Kind::Answer, ""));
}

#[test]
fn a_quote_alone_is_nobodys_answer() {
    for how in 0..10 {
        let said = by_person(&quoted(LETTER, how));
        assert_eq!((said.kind, said.words.as_str()), (Kind::Echo, ""), "{how}");
    }
}

#[test]
fn a_long_text_takes_no_longer_than_it_is_long() {
    let text = "the lamp of the second projector ".repeat(60_000);
    let started = std::time::Instant::now();
    said(&heard("Re: Lamp blinks", &text, false));
    assert!(started.elapsed() < std::time::Duration::from_secs(20));
}

proptest! {
    #[test]
    fn nothing_of_ours_is_left_whatever_the_quoting(
        how in 0..10_usize, above in "[A-Z][a-z]{3,9}( [a-z]{3,9}){2,9}\\.", below in "([A-Z][a-z]{3,9}( [a-z]{3,9}){1,5}\\.)?", by_program in any::<bool>()
    ) {
        let text = format!("{above}\n\ncare+R000031.3.v.1.ABCDEFGHIJKLMNOP@desk.test\n{}\n\n{below}", quoted(LETTER, how));
        let said = said(&heard("Re: Lamp blinks", &text, by_program));
        let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect::<Vec<_>>();
        let left = words(&said.words).join(" ");
        for run in words(LETTER).windows(8) {
            prop_assert!(!left.contains(&run.join(" ")), "{left}");
        }
        prop_assert!(!said.words.contains("desk.test"), "{}", said.words);
        prop_assert!(said.words.contains(&above), "{}", said.words);
    }
}
