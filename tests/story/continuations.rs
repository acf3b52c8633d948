//! "Oops, the attachment": what somebody adds within minutes goes on their ticket; what asks something is a ticket of its own.

use jiff::SignedDuration;

use crate::cast::{MARIE, PAUL, TOM};
use crate::client::{Mail, Person, Verdict};
use crate::laws::tickets;
use crate::stage::Stage;

const PICTURE: &[u8] = b"%PDF-1.7 a form";

fn with_file(mail: Mail) -> Mail {
    mail.attached("formulaire.pdf", "application/pdf", PICTURE)
}

fn writes(who: &Person, subject: &str, text: &str) -> Mail {
    who.writes(subject, text)
}

#[tokio::test]
async fn a_forgotten_attachment_joins_the_request_and_is_acknowledged_once() {
    let mut stage = Stage::new().await;
    stage.mail(&writes(&MARIE, "Imprimante", "Bonjour, l'imprimante du 2e affiche l'erreur jointe.")).await;
    stage.mail(&with_file(writes(&MARIE, "Imprimante", "Oups, la pièce jointe !"))).await;
    stage.mail(&writes(&TOM, "Screen", "Hello, my screen flickers, see the picture.")).await;
    stage.mail(&with_file(writes(&TOM, "RE: Screen", "Sorry, I forgot the attachment."))).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn both_mails_in_one_commit_are_one_ticket() {
    let mut stage = Stage::new().await;
    let asked = writes(&MARIE, "Imprimante", "Bonjour, l'imprimante du 2e affiche l'erreur jointe.");
    let forgotten = with_file(writes(&MARIE, "Imprimante", ""));
    stage.mails(&[&asked, &forgotten]).await;
    assert_eq!(tickets(&stage).await.len(), 1, "{}", stage.story());
}

#[tokio::test]
async fn three_new_employees_are_three_tickets() {
    let mut stage = Stage::new().await;
    for name in ["Paul Roy", "Anne Lavoie", "Luc Gagné"] {
        let text = format!("Bonjour, {name} commence lundi. Merci d'ouvrir son compte; le formulaire est ci-joint.");
        stage.mail(&with_file(writes(&MARIE, "Nouvel employé", &text))).await;
    }
    assert_eq!(tickets(&stage).await.len(), 3, "{}", stage.story());
    let correction = writes(&MARIE, "Nouvel employé", "Petite correction : le prénom est Anna.");
    stage.mail(&correction).await;
    assert_eq!(tickets(&stage).await.len(), 4, "which of the three is meant nobody can say:\n{}", stage.story());
}

/// A first mail, a second one so much later, and how many tickets they are.
struct Case {
    why: &'static str,
    first: Mail,
    seconds: i64,
    second: Mail,
    tickets: usize,
}

#[tokio::test]
async fn what_joins_and_what_does_not() {
    let french = || writes(&MARIE, "Imprimante", "Bonjour, l'imprimante du 2e affiche une erreur.");
    let english = || writes(&TOM, "Printer", "Hello, the printer on the second floor shows an error.");
    let oups = || with_file(writes(&MARIE, "Imprimante", "Oups, j'ai oublié la pièce jointe."));
    let oops = || with_file(writes(&TOM, "Printer", "Oops, forgot the file."));
    let cases = [
        Case { why: "it was forgotten", first: french(), seconds: 60, second: oups(), tickets: 1 },
        Case { why: "it was forgotten", first: english(), seconds: 200, second: oops(), tickets: 1 },
        Case {
            why: "a file without words",
            first: english(),
            seconds: 60,
            second: with_file(writes(&TOM, "Printer", "")),
            tickets: 1,
        },
        Case {
            why: "a file that is handed over",
            first: french(),
            seconds: 60,
            second: with_file(writes(&MARIE, "Imprimante", "Bonjour, voici la capture. Merci")),
            tickets: 1,
        },
        Case {
            why: "a correction",
            first: english(),
            seconds: 60,
            second: writes(&TOM, "Printer", "Small correction: it is the third floor."),
            tickets: 1,
        },
        Case { why: "six minutes later", first: french(), seconds: 360, second: oups(), tickets: 2 },
        Case {
            why: "nobody proves who wrote the second",
            first: french(),
            seconds: 60,
            second: oups().judged(Verdict::None),
            tickets: 2,
        },
        Case {
            why: "nobody proves who wrote the first",
            first: english().judged(Verdict::None),
            seconds: 60,
            second: oops(),
            tickets: 2,
        },
        Case {
            why: "another subject",
            first: french(),
            seconds: 60,
            second: with_file(writes(&MARIE, "Écran", "Oups, la pièce jointe !")),
            tickets: 2,
        },
        Case {
            why: "another person's",
            first: french(),
            seconds: 60,
            second: with_file(writes(&PAUL, "Imprimante", "Oups, la pièce jointe !")),
            tickets: 2,
        },
        Case {
            why: "a request of its own",
            first: english(),
            seconds: 60,
            second: writes(&TOM, "Printer", "The one in the hall has no paper left either, please fill it."),
            tickets: 2,
        },
        Case {
            why: "a question",
            first: french(),
            seconds: 60,
            second: writes(&MARIE, "Imprimante", "Oups, pouvez-vous aussi regarder celle du 3e ?"),
            tickets: 2,
        },
        Case {
            why: "a second form, to a first that has one",
            first: with_file(french()),
            seconds: 60,
            second: with_file(writes(&MARIE, "Imprimante", "")),
            tickets: 2,
        },
        Case {
            why: "the same words over again",
            first: writes(&TOM, "Printer", "Oops, it does not print."),
            seconds: 60,
            second: writes(&TOM, "Printer", "Oops, it does not print.").again(2),
            tickets: 2,
        },
    ];
    for Case { why, first, seconds, second, tickets: expected } in cases {
        let mut stage = Stage::new().await;
        stage.mail(&first).await;
        // A mail takes a minute by itself.
        stage.later(SignedDuration::from_secs(seconds - 60));
        stage.mail(&second).await;
        assert_eq!(tickets(&stage).await.len(), expected, "{why}:\n{}", stage.story());
    }
}
