//! Automatic mail is recorded, never answered; and brakes stop what no field marks.

use jiff::SignedDuration;

use crate::cast::{ALICE, MARIE, STRANGER, TOM};
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
