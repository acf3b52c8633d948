//! One request through three levels of support, by mail alone.

use crate::cast::{ACME, ALICE, ANNA, L2, LUC, MARIE, ROBOT};
use crate::stage::Stage;

#[tokio::test]
async fn a_request_is_answered_escalated_twice_and_solved() {
    let mut stage = Stage::new().await;
    stage
        .mail(&MARIE.writes(
            "L'imprimante fume",
            "Bonjour,\n\nL'imprimante du 3e étage fume depuis ce matin.\nAppelez-moi au 514 555-0142.\n\nMarie Tremblay",
        ))
        .await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Bonjour Marie,\n\nL'avez-vous débranchée ?")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Oui, et elle fume encore.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#note\nCliente inquiète, aller doucement.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#rezolu\nJe passe vous voir.")).await;
    stage
        .mail(
            &ALICE.answers(&stage.last_to(ALICE.address), "#escalader L2\nElle fume même débranchée, voir le moteur."),
        )
        .await;
    stage
        .mail(&LUC.answers(&stage.last_to(L2), "#escalate L3 acme\nMarie Tremblay's printer smokes. Is it the fuser?"))
        .await;
    let robot = ROBOT
        .answers(&stage.last_to(ACME), "Your request has been received. Please do not reply to this address.")
        .with("Auto-Submitted", "auto-replied");
    stage.mail(&robot).await;
    stage.mail(&LUC.answers(&stage.last_to(L2), "#vendor acme: It is the model X-200.")).await;
    stage
        .mail(
            &ANNA.answers(
                &stage.last_to(ACME),
                "The fuser is known to fail. Please have it replaced; ours is on its way.",
            ),
        )
        .await;
    stage.mail(&LUC.answers(&stage.last_to(LUC.address), "#publier")).await;
    let told = stage.entries_of("R-000001").await;
    assert!(told.last().is_some_and(|words| words.starts_with("The fuser is known to fail.")), "{told:?}");
    stage.mail(&LUC.answers(&stage.last_to(LUC.address), "#résolu\nLe four a été remplacé.")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Merci beaucoup !")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Elle fume de nouveau.")).await;
    insta::assert_snapshot!(stage.told());
}
