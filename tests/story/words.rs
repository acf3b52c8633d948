//! What people's own words do: the language, a status, thanks.

use crate::cast::{ALICE, MARIE, TOM};
use crate::stage::Stage;

#[tokio::test]
async fn each_reads_their_own_language_and_switches_it_with_one_word() {
    let mut stage = Stage::new().await;
    stage.mail(&TOM.writes("Keyboard", "Hello, my keyboard does not write any more. Could you help me, please?")).await;
    stage.mail(&MARIE.writes("Wifi", "???")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "English")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Status")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn thanks_and_reactions_change_nothing() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#résolu\nC'était la pile.")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Merci !")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Merci, mais il n'écrit toujours pas.")).await;
    insta::assert_snapshot!(stage.told());
}
