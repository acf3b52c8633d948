//! Vendors and their ticket systems: how a case is known, what was said in it, and what a requester reads of that.

use std::time::Duration;

use guichet::desk::{EscalationBy, Policy, Privacy, TagPlace, TicketNumber, Vendor};
use guichet::known_fix::Library;
use guichet::mail::Language;

use crate::cast::{ACME, ALICE, ANNA, MARIE, ROBOT};
use crate::client::{Client, Mail, Person};
use crate::house;
use crate::stage::Stage;

const CABLES: &str = "help@cables.test";

const CARLA: Person = Person { name: "Carla Cord", address: "help@cables.test", client: Client::Gmail, signature: "" };

/// Works for the vendor, at an address that nobody configured.
const NINA: Person = Person { name: "Nina New", address: "nina@labs.acme.test", client: Client::Gmail, signature: "" };

/// A ticket that waits for acme.
async fn escalated(policy: Policy) -> Stage {
    let mut stage = Stage::with(policy, Library::default()).await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage
        .before(&ALICE.answers(
            &stage.last_to(ALICE.address),
            "#escalate L3 acme\nA keyboard writes nothing at all any more, whichever port it is plugged into.",
        ))
        .await;
    stage
}

/// The vendor's ticket system answers our last letter, in its own subject.
fn by_system(stage: &Stage, subject: &str, text: &str) -> Mail {
    let mut mail = ROBOT.answers(&stage.last_to(ACME), text).with("Auto-Submitted", "auto-generated");
    mail.subject = subject.to_owned();
    mail
}

async fn marks(stage: &Stage) -> Vec<String> {
    let shown = stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap();
    let case = shown.ticket.case("acme").unwrap();
    case.marks.iter().map(|mark| mark.mark.clone()).collect()
}

async fn state(stage: &Stage) -> &'static str {
    stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap().ticket.state.word()
}

fn count_to(stage: &Stage, address: &str) -> usize {
    stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == address)).count()
}

#[tokio::test]
async fn a_case_that_moves_keeps_all_its_marks_and_the_newest_is_written() {
    let mut stage = escalated(house::policy()).await;
    stage.mail(&by_system(&stage, "[JIRA] (KEY-4) Clavier", "Your request KEY-4 has been created.")).await;
    stage.mail(&by_system(&stage, "[JIRA] (HW-90) Clavier", "Your request has been assigned.")).await;
    assert_eq!(marks(&stage).await, ["HW-90", "KEY-4"]);
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#vendor acme ref=OPS-7\nIt is the blue one.")).await;
    assert_eq!(stage.last_to(ACME).mail.subject, "Re: OPS-7 Clavier [SD R-000001]");
    for subject in ["Re: [JIRA] (KEY-4) Clavier", "Re: HW-90", "Fwd: OPS-7: Clavier"] {
        let before = count_to(&stage, ALICE.address);
        stage.mail(&ANNA.writes(subject, &format!("About {subject}: does it blink?"))).await;
        assert_eq!(count_to(&stage, ALICE.address), before + 1, "{subject}");
    }
}

#[tokio::test]
async fn what_people_write_in_brackets_beside_the_mark_is_none() {
    let mut stage = escalated(house::policy()).await;
    stage.mail(&by_system(&stage, "[keys.acme.test #5] AutoReply: Clavier", "Your request has been received.")).await;
    let mut mail = ANNA.answers(&stage.last_to(ACME), "Did you order one?");
    mail.subject = "Re: [keys.acme.test #5] [Order #880] Clavier".to_owned();
    stage.mail(&mail).await;
    assert_eq!(marks(&stage).await, ["[keys.acme.test #5]"]);
}

#[tokio::test]
async fn what_a_requester_wrote_into_the_subject_is_no_mark() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier INC0099999 [#12]", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#escalate L3 acme\nA keyboard writes nothing.")).await;
    let subject = "[keys.acme.test #5] AutoReply: Clavier INC0099999 [#12] [SD R-000001]";
    stage.mail(&by_system(&stage, subject, "Your request has been received.")).await;
    assert_eq!(marks(&stage).await, ["[keys.acme.test #5]"]);
}

#[tokio::test]
async fn what_a_ticket_system_says_by_itself_is_no_answer() {
    let mut stage = escalated(house::policy()).await;
    let letters = count_to(&stage, ALICE.address);
    let quoted = stage.last_to(ACME).mail.body.text;
    for text in [
        format!("Thank you. Your request has been received.\n\n{quoted}"),
        format!("Issue #5 has been updated by Anna.\n\nStatus changed from New to Assigned\n\n----------\n{quoted}"),
        "A comment was added to your request:\n\nA keyboard writes nothing at all any more, whichever port it is plugged into.".to_owned(),
    ] {
        stage.mail(&by_system(&stage, "[Keys - Bug #5] Clavier", &text)).await;
        assert_eq!((count_to(&stage, ALICE.address), state(&stage).await), (letters, "pending"), "{text}");
    }
    let wrapped = format!(
        "Anna Acme added the comment:\n\nChange the cable.\n\n----------\nstatus: unread -> chatting\n\n{quoted}"
    );
    stage.mail(&by_system(&stage, "[issue5] Clavier", &wrapped)).await;
    assert_eq!((count_to(&stage, ALICE.address), state(&stage).await), (letters + 1, "open"));
    assert_eq!(stage.entries_of("R-000001").await.last().unwrap(), "Change the cable.");
}

#[tokio::test]
async fn a_case_that_the_vendor_closes_is_told_and_a_human_confirms() {
    let mut stage = escalated(house::policy()).await;
    stage.mail(&by_system(&stage, "[keys.acme.test #5] Resolved: Clavier", "Your request has been resolved.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_system_that_does_not_take_our_letter_is_told_to_the_agent() {
    let mut stage = escalated(house::policy()).await;
    let refusal = "The mail that you sent was not accepted.\n\nUnknown property: SD R-000001";
    let mut mail = by_system(&stage, "Failed issue tracker submission", refusal);
    mail.from = "Tracker <tracker-admin@acme.test>".to_owned();
    stage.mail(&mail).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn after_a_refusal_our_tag_is_tried_elsewhere() {
    let mut stage = escalated(house::policy()).await;
    assert_eq!(stage.last_to(ACME).mail.subject, "Clavier [SD R-000001]");
    let refusal = "The mail that you sent was not accepted.\n\nUnknown property: SD R-000001";
    stage.mail(&by_system(&stage, "Failed issue tracker submission", refusal)).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#vendor acme\nOnce more.")).await;
    assert!(stage.last_to(ACME).mail.subject.starts_with("Re: [SD R-000001] Clavier"));
}

#[tokio::test]
async fn a_confirmation_under_our_own_message_id_is_the_vendors() {
    let mut stage = escalated(house::policy()).await;
    let mut mail = by_system(
        &stage,
        "[issue5] Clavier",
        "New submission from Guichet <support@desk.test>:\n\nA keyboard writes nothing at all any more, whichever port it is plugged into.",
    );
    mail.id = stage.last_to(ACME).id();
    mail.in_reply_to = None;
    mail.references.clear();
    stage.mail(&mail).await;
    assert_eq!(marks(&stage).await, ["[issue5]"]);
    assert_eq!(state(&stage).await, "pending");
}

#[tokio::test]
async fn somebody_of_the_vendors_who_is_not_configured_is_no_requester() {
    let mut stage = escalated(house::policy()).await;
    stage.mail(&NINA.answers(&stage.last_to(ACME), "Which port do you mean?")).await;
    stage.mail(&NINA.writes("Re: Clavier [SD R-000001]", "And which driver?")).await;
    assert!(!stage.letters().iter().any(|(sent, _)| sent.recipients[0].as_str() == NINA.address));
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn publish_sends_the_answer_that_the_agent_replies_to_and_nothing_of_the_vendors_side() {
    let mut stage = escalated(house::policy()).await;
    let words = "Dear Requester A,\n\nhold Fn and F10 for five seconds.\nhttps://keys.acme.test/kb?key=4711\n\nRegards,\nAnna\nAcme Care | support@acme.test";
    let answer = ANNA.answers(&stage.last_to(ACME), words).attached("fn.pdf", "application/pdf", b"%PDF-1.4");
    stage.mail(&answer).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#publish")).await;
    let read = stage.last_to(MARIE.address).mail.body.text;
    assert!(read.contains("Dear Marie Tremblay,\n\nhold Fn and F10 for five seconds."), "{read}");
    assert!(!read.to_lowercase().contains("acme") && !read.contains("Anna") && !read.contains("keyboard"), "{read}");
    assert!(stage.last_to(ALICE.address).mail.body.text.contains("fn.pdf"), "the receipt names the file that stayed");
}

#[tokio::test]
async fn an_answer_that_a_newer_one_of_the_same_vendor_follows_is_held_until_ok() {
    let mut policy = house::policy();
    policy.vendors.push(Vendor {
        name: "cables".to_owned(),
        address: house::address(CABLES),
        addresses: Vec::new(),
        domains: Vec::new(),
        language: Language::ENGLISH,
        privacy: Privacy::Pseudonym,
        escalation: EscalationBy::Forward,
        case_number: None,
        subject_tag: TagPlace::End,
        calendar: None,
        first_answer: Duration::from_secs(8 * 3600),
        is_consulted: false,
    });
    let mut stage = escalated(policy).await;
    let to_acme = stage.last_to(ACME);
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#vendor cables\nIs the long cable shielded?")).await;
    stage.mail(&ANNA.answers(&to_acme, "Hold Fn and F10.")).await;
    let shown = stage.last_to(ALICE.address);
    stage.mail(&CARLA.answers(&stage.last_to(CABLES), "It costs you 12 dollars.")).await;
    stage.mail(&ALICE.answers(&shown, "#publier")).await;
    assert!(
        stage.last_to(MARIE.address).mail.body.text.contains("Hold Fn and F10."),
        "another vendor's mail does not count"
    );

    stage.mail(&ANNA.answers(&to_acme, "No, that was wrong: do not touch it.")).await;
    let before = count_to(&stage, MARIE.address);
    stage.mail(&ALICE.answers(&shown, "#publish")).await;
    assert_eq!(count_to(&stage, MARIE.address), before);
    let held = stage.last_to(ALICE.address);
    assert!(held.mail.body.text.contains("do not touch it"), "{}", held.mail.body.text);
    stage.mail(&ALICE.answers(&held, "#ok")).await;
    assert_eq!(count_to(&stage, MARIE.address), before + 1);
}

#[tokio::test]
async fn a_vendor_that_is_copied_gets_the_brief_and_its_answers_join() {
    let mut policy = house::policy();
    policy.vendors[0].privacy = Privacy::Full;
    policy.vendors[0].escalation = EscalationBy::Cc;
    let mut stage = escalated(policy).await;
    assert!(stage.letters().iter().any(|(sent, letter)| {
        sent.recipients.iter().any(|to| to.as_str() == ACME) && letter.mail.body.text.contains("writes nothing at all")
    }));
    stage.mail(&ANNA.answers(&stage.last_to(ACME), "Change the cable.")).await;
    assert_eq!(stage.entries_of("R-000001").await.last().unwrap(), "Change the cable.");
}

#[tokio::test]
async fn a_watermark_is_said_again_and_the_tag_stands_where_the_vendor_wants_it() {
    let mut policy = house::policy();
    policy.vendors[0].subject_tag = TagPlace::Nowhere;
    let mut stage = escalated(policy).await;
    assert_eq!(stage.last_to(ACME).mail.subject, "Clavier");
    let text = "Incident INC0004321 has been created.\n\nRef:MSG0012345_kLmNoP";
    stage.mail(&by_system(&stage, "Incident INC0004321 has been created", text)).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#vendor acme\nAny news?")).await;
    let letter = stage.last_to(ACME).mail;
    assert_eq!(letter.subject, "Re: INC0004321 Clavier");
    assert!(letter.body.text.contains("Ref:MSG0012345_kLmNoP"), "{}", letter.body.text);
}
