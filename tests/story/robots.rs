//! Automatic mail is recorded, never answered; and brakes stop what no field marks.

use jiff::SignedDuration;

use crate::cast::{ACME, ALICE, ANNA, BOB, L2, LUC, MARIE, STRANGER, TOM};
use crate::client::{Verdict, bounce};
use crate::stage::Stage;

#[tokio::test]
async fn a_letter_that_comes_back_is_told_to_an_agent_once() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    let report = bounce(&stage.last_to(MARIE.address).id(), MARIE.address);
    stage.raw_mails(&[&report]).await;
    stage.raw_mails(&[&report]).await;
    let again = String::from_utf8(report)
        .unwrap()
        .replace("Message-ID: <report.", "Message-ID: <again.")
        .replace("Your", "Again your");
    stage.raw_mails(&[again.as_bytes()]).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Je la rappelle.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_forged_delivery_report_disables_nobody() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.raw_mails(&[&bounce("R000001.1.r.1.AAAAAAAAAAAAAAAA@desk.test", MARIE.address)]).await;
    let letter = stage.last_to(MARIE.address);
    stage.raw_mails(&[&bounce(&letter.id(), TOM.address)]).await;
    stage.mail(&TOM.writes("Mouse", "Hello, my mouse has been lost since yesterday.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn an_absence_is_written_down_and_changes_nothing() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Avez-vous changé la pile ?")).await;
    let absent = MARIE.answers(&stage.last_to(MARIE.address), "Je suis absente jusqu'au 15 août.");
    stage.mail(&absent.with("Auto-Submitted", "auto-replied")).await;
    let unmarked = STRANGER.writes("Automatic reply: hello", "I am out of the office.");
    stage.mail(&unmarked.judged(Verdict::None)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn whatever_marks_an_absence_it_is_written_down_and_changes_no_state() {
    let marks = [
        ("Auto-Submitted", "auto-generated"),
        ("Return-Path", "<>"),
        ("Precedence", "bulk"),
        ("X-Autoresponder", "no more for a day"),
        ("X-Auto-Reply", "yes"),
        ("X-Auto-Response-Suppress", "All"),
        ("X-Apple-Action", "VACATION"),
    ];
    for (name, value) in marks {
        let mut stage = Stage::new().await;
        stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
        let asked = stage.last_to(ALICE.address);
        stage.mail(&ALICE.answers(&asked, "Avez-vous changé la pile ?")).await;
        let letters = stage.letters().len();
        let requesters = MARIE.answers(&stage.last_to(MARIE.address), "Je suis absente jusqu'au 15 août.");
        let agents = ALICE.answers(&asked, "Je suis absente du bureau jusqu'au 15 août.");
        for mail in [requesters, agents] {
            let raw = if name == "Return-Path" { returned_nowhere(&mail) } else { mail.with(name, value).bytes() };
            stage.raw_mails(&[&raw]).await;
        }
        // The desk is told that an agent is away, and nobody else hears of either.
        let told = &stage.letters()[letters..];
        assert!(told.iter().all(|(sent, _)| sent.recipients[0].as_str() == BOB.address), "{name}: {value}");
        assert_eq!(told.len(), 1, "{name}: {value}\n{}", stage.story());
        let ticket = crate::laws::tickets(&stage).await.remove(0).ticket;
        assert_eq!(ticket.state.word(), "pending", "{name}: {value}\n{}", stage.story());
    }
}

fn returned_nowhere(mail: &crate::client::Mail) -> Vec<u8> {
    let text = String::from_utf8(mail.bytes()).unwrap();
    let rest = text.split_once("\r\n").unwrap().1;
    format!("Return-Path: <>\r\n{rest}").into_bytes()
}

#[tokio::test]
async fn a_persons_words_under_a_programs_mark_are_shown_to_the_desk() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Avez-vous changé la pile ?")).await;
    let answer = MARIE.answers(&stage.last_to(MARIE.address), "La pile est neuve et la lettre Q reste enfoncée.");
    stage.mail(&answer.with("Auto-Submitted", "auto-replied")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn colleagues_see_what_an_agents_system_marks_and_robots_do_not_talk_by_way_of_us() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    let marked = |mail: crate::client::Mail| mail.with("Auto-Submitted", "auto-generated");
    let words = ALICE.answers(&stage.last_to(ALICE.address), "Le modèle K120 se vide de ses miettes.");
    stage.mail(&marked(words)).await;
    let echo = BOB.answers(&stage.last_to(BOB.address), "The K120 manual was opened by your colleague.");
    stage.mail(&marked(echo)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn what_only_looks_automatic_is_never_hidden() {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Absence : saisie des heures", "Bonjour, l'écran de saisie reste blanc.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Avez-vous vidé le cache ?")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Je suis absente lundi, passez mardi.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn an_agents_answer_that_looks_automatic_is_held() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    let absent = "Je suis absente du bureau demain, un collègue passera vous voir.";
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), absent)).await;
    let held = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&held, "Je suis absente du bureau jusqu'au 15 août.")).await;
    stage.mail(&ALICE.answers(&held, "#ok")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn thanks_and_a_thumb_change_nothing_however_late_they_come() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#solved\nLa pile était vide.")).await;
    let solved = stage.last_to(MARIE.address);
    let thumb = MARIE.answers(&solved, "👍\n\nMarie Tremblay a réagi via Gmail");
    let json = "{\"emoji\":\"👍\",\"version\":1}";
    stage.mail(&thumb.attached("reaction", "text/vnd.google.email-reaction+json", json.as_bytes())).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#close")).await;
    stage.later(SignedDuration::from_hours(24 * 60));
    stage.mail(&MARIE.answers(&solved, "Merci beaucoup !")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_reminder_is_no_recall() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    let mut reminder = MARIE.answers(&stage.last_to(MARIE.address), "Quand passez-vous ?");
    reminder.subject = format!("Rappel : {}", reminder.subject);
    stage.mail(&reminder).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn an_agent_is_told_of_a_failure_under_whatever_name() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "Avez-vous changé la pile ?")).await;
    let letter = stage.last_to(MARIE.address).id();
    stage.raw_mails(&[&bounce(&letter, "m.tremblay@ailleurs.test")]).await;
    let nameless = String::from_utf8(bounce(&letter, MARIE.address)).unwrap();
    let nameless =
        nameless.replace("Message-ID: <report.", "Message-ID: <nameless.").replace(MARIE.address, "somebody");
    stage.raw_mails(&[nameless.as_bytes()]).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_vendor_who_is_away_ends_no_wait() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#escalate L3 acme: The keyboard is dead.")).await;
    let away = ANNA.answers(&stage.last_to(ACME), "I am out of the office until Monday.");
    stage.mail(&away.with("Auto-Submitted", "auto-replied")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn the_sixth_acknowledgement_within_an_hour_is_held_and_the_desk_told() {
    let mut stage = Stage::new().await;
    for number in 1..=6 {
        stage
            .mail(&MARIE.writes(&format!("Alerte {number}"), &format!("Bonjour, la sonde {number} signale une panne.")))
            .await;
    }
    stage.later(SignedDuration::from_hours(1));
    stage.mail(&MARIE.writes("Alerte 7", "Bonjour, la sonde 7 signale une panne.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_letter_of_ours_that_comes_back_is_known() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    let own = stage.last_to(MARIE.address).bytes;
    stage.raw_mails(&[&own]).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn whoever_only_reports_hears_nothing_that_nobody_wrote_whatever_becomes_of_the_ticket() {
    let mut stage = Stage::new().await;
    let report = TOM.writes("Backup of files-2", "The backup of files-2 ended with 3 errors.");
    stage.mail(&report.with("Auto-Submitted", "auto-generated")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalader L2\nÀ relancer.")).await;
    stage.mail(&LUC.answers(&stage.last_to(L2), "#attente demandeur")).await;
    stage.wait(SignedDuration::from_hours(24 * 14)).await;
    let to_tom = stage.letters().iter().filter(|(sent, _)| sent.recipients[0].as_str() == TOM.address);
    assert_eq!(to_tom.count(), 0, "{}", stage.story());
}
