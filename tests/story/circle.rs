//! Who reads along.

use crate::cast::{ALICE, BOB, DESK, MARIE, PAUL};
use crate::stage::Stage;

#[tokio::test]
async fn who_stands_in_cc_joins_and_is_answered_in_cc() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Salle 12", "Le projecteur est en panne.");
    stage.mail(&request.cc(&[PAUL.address, BOB.address, "no-reply@client.test"])).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Nous passons à midi.")).await;
    stage.mail(&PAUL.answers(&stage.last_to(PAUL.address), "Parfait, la salle est libre.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#cc -paul@client.test\n#répondre\nC'est réparé.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn an_answer_to_all_that_overtakes_joins_the_same_ticket() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Salle 12", "Le projecteur est en panne.").cc(&[PAUL.address]);
    stage.mail(&request.answered_to_all_by(&PAUL, "Celui de la salle 14 aussi.")).await;
    stage.mail(&request).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn somebody_whom_the_agent_wrote_to_already_gets_no_second_copy() {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Salle 12", "Le projecteur est en panne.").cc(&[PAUL.address])).await;
    let answer = ALICE.answers(&stage.last_to(ALICE.address), "Nous passons à midi.");
    let reply_to = answer.to[0].clone();
    stage.mail(&answer.to(&[&reply_to, DESK]).cc(&[PAUL.address])).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn an_answer_to_all_that_cites_only_the_requesters_mail_joins_its_ticket() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Salle 12", "Le projecteur est en panne.").cc(&[PAUL.address]);
    stage.before(&request).await;
    stage.mail(&request.answered_to_all_by(&PAUL, "Celui de la salle 14 aussi.")).await;
    insta::assert_snapshot!(stage.told());
}
