//! What goes with a letter.

use crate::cast::{ACME, ALICE, MARIE};
use crate::stage::Stage;

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nnot much of a picture";

#[tokio::test]
async fn attachments_go_both_ways_and_to_a_vendor_only_when_named() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Facture", "Bonjour, voici la facture qui ne s'ouvre pas.");
    stage
        .mail(&request.attached("facture.pdf", "application/pdf", b"%PDF-1.7 facture").attached(
            "ecran.png",
            "image/png",
            PICTURE,
        ))
        .await;
    let answer = ALICE.answers(&stage.last_to(ALICE.address), "Voici la facture réparée.");
    stage.mail(&answer.attached("facture-2.pdf", "application/pdf", b"%PDF-1.7 deux")).await;
    let letter = stage.last_to(MARIE.address);
    assert_eq!(letter.mail.attachments[0].size, 13);
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalate L3 acme\nThe file does not open.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#vendor acme\n#attach 1\nHere it is.")).await;
    assert_eq!(stage.last_to(ACME).mail.attachments.len(), 1);
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_letter_to_the_desk_does_not_leave_as_an_attachment() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Facture", "Bonjour, la facture ne s'ouvre pas.")).await;
    let letter = stage.last_to(ALICE.address);
    let answer = ALICE.answers(&letter, "Voir ci-joint.").attached("demande.eml", "message/rfc822", &letter.bytes);
    stage.mail(&answer.attached("mode-emploi.txt", "text/plain", b"Ouvrir, puis lire.")).await;
    insta::assert_snapshot!(stage.told());
}
