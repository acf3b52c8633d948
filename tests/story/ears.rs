//! Words go only where they were meant: for whom an agent's mail is, what holds it, and what is said of it.

use guichet::desk::{EscalationBy, Policy, Privacy, TicketNumber};
use guichet::known_fix::Library;

use crate::cast::{ACME, ALICE, ANNA, BOB, DESK, L2, LUC, MARIE, PAUL, STRANGER, TOM};
use crate::client::{Handing, Mail, Person, Quoting, Received, Verdict, bounce};
use crate::house;
use crate::stage::Stage;

const NOT_SENT: &str = "NON ENVOYÉ AU DEMANDEUR";
const REFUSED: &str = "RIEN N’A ÉTÉ FAIT";
const NOTE: &str = "Le client a encore renversé son café au lait, comme chaque lundi depuis mars, et ne le dira pas.";

/// A stage on which Marie asked for help.
async fn asked() -> Stage {
    asked_in(house::policy()).await
}

async fn asked_in(policy: Policy) -> Stage {
    let mut stage = Stage::with(policy, Library::default()).await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier du comptoir n'écrit plus du tout.")).await;
    stage
}

/// Letters that went to an address.
fn count_to(stage: &Stage, address: &str) -> usize {
    stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == address)).count()
}

/// Letters that went to nobody of the desk.
fn outside(stage: &Stage) -> usize {
    let staff = [ALICE.address, BOB.address, L2, LUC.address];
    stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| !staff.contains(&to.as_str()))).count()
}

fn text_to(stage: &Stage, address: &str) -> String {
    stage.last_to(address).mail.body.text
}

async fn state(stage: &Stage) -> &'static str {
    stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap().ticket.state.word()
}

/// Plays an agent's mail of which nothing goes outside, and gives what the agent reads of it.
async fn kept(stage: &mut Stage, mail: &Mail) -> String {
    let (before, letters) = (outside(stage), count_to(stage, ALICE.address));
    stage.mail(mail).await;
    assert_eq!(outside(stage), before, "left the desk:\n{}", stage.story());
    assert!(count_to(stage, ALICE.address) > letters, "the agent hears nothing:\n{}", stage.story());
    text_to(stage, ALICE.address)
}

// Who it is written to.

#[tokio::test]
async fn a_reply_to_somebody_else_is_a_note_and_its_receipt_says_to_whom_it_was_written() {
    for (to, whom) in [
        (BOB.address, BOB.name),
        (L2, "N2"),
        (LUC.address, "N2"),
        (ACME, ACME),
        (STRANGER.address, STRANGER.address),
        ("boss@helpdesk.test", "boss@helpdesk.test"),
    ] {
        for cc in [&[DESK][..], &[]] {
            let mut stage = asked().await;
            let reply =
                ALICE.answers(&stage.last_to(ALICE.address), "Encore elle, sans doute le café.").to(&[to]).cc(cc);
            let receipt = kept(&mut stage, &reply).await;
            assert!(receipt.contains(NOT_SENT), "{to}: {receipt}");
            assert!(receipt.contains(&format!("adressé à {whom}")), "{to}: {receipt}");
            assert_eq!(state(&stage).await, "new", "{to}");
        }
    }
}

#[tokio::test]
async fn a_colleague_beside_the_desk_and_the_requester_makes_it_a_note_that_says_who_has_read_it() {
    let mut stage = asked().await;
    let reply = ALICE.answers(&stage.last_to(ALICE.address), "Encore le café ?");
    let reply_to = reply.to[0].clone();
    let receipt = kept(&mut stage, &reply.to(&[&reply_to, MARIE.address, BOB.address])).await;
    assert!(receipt.contains("adressé à Bob Stone") && receipt.contains("Marie Tremblay"), "{receipt}");
}

#[tokio::test]
async fn an_answer_to_the_desk_and_the_requester_is_public_and_nobody_gets_it_twice() {
    let mut stage = asked().await;
    let reply = ALICE.answers(&stage.last_to(ALICE.address), "Changez la pile du clavier.");
    let reply_to = reply.to[0].clone();
    let before = outside(&stage);
    stage.mail(&reply.to(&[&reply_to, MARIE.address])).await;
    assert_eq!((outside(&stage), state(&stage).await), (before, "pending"), "{}", stage.story());
    assert_eq!(stage.entries_of("R-000001").await.last().unwrap(), "Changez la pile du clavier.");
}

#[tokio::test]
async fn an_answer_written_to_the_requester_with_the_desk_in_copy_is_recorded_as_delivered() {
    for cc in [&[DESK][..], &[]] {
        let mut stage = asked().await;
        let reply = ALICE.answers(&stage.last_to(ALICE.address), "Changez la pile.").to(&[MARIE.address]).cc(cc);
        let receipt = kept(&mut stage, &reply).await;
        assert!(!receipt.contains(NOT_SENT) && receipt.contains(MARIE.address), "{receipt}");
        assert_eq!(state(&stage).await, "pending");
        // The answer that Marie gives to the agent's mail joins.
        let mut answer = MARIE.answers(&stage.last_to(MARIE.address), "C'est fait, et il écrit.");
        answer = answer.to(&[ALICE.address]).cc(&[DESK]);
        stage.mail(&answer).await;
        assert_eq!(stage.entries_of("R-000001").await.last().unwrap(), "C'est fait, et il écrit.");
    }
}

#[tokio::test]
async fn a_first_mail_to_a_customer_opens_the_customers_ticket_and_acknowledges_nothing() {
    for cc in [&[DESK][..], &[]] {
        let mut stage = Stage::new().await;
        let mail = ALICE.writes("Votre clavier", "Bonjour, votre nouveau clavier est à l'accueil.");
        let receipt = kept(&mut stage, &mail.to(&[MARIE.address]).cc(cc)).await;
        assert!(receipt.contains("R-000001") && receipt.contains(MARIE.address), "{receipt}");
        assert_eq!(count_to(&stage, ALICE.address), 1, "{}", stage.story());
        let shown = stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap();
        assert_eq!(shown.contacts[&shown.ticket.requester.unwrap()].address.as_str(), MARIE.address);
        assert_eq!(shown.ticket.state.word(), "pending");
    }
}

#[tokio::test]
async fn a_note_whose_mail_the_requester_or_a_vendor_had_says_that_they_have_read_it() {
    for (cc, whom) in [(MARIE.address, MARIE.name), (ACME, ACME)] {
        let mut stage = asked().await;
        let note = ALICE.answers(&stage.last_to(ALICE.address), "#note\nEncore le café.").cc(&[cc]);
        let receipt = kept(&mut stage, &note).await;
        assert!(receipt.contains(&format!("{whom} était en À ou en Cc")) || receipt.contains("l’a lu"), "{receipt}");
        assert!(receipt.contains(whom), "{receipt}");
    }
}

// What it answers, and whether it hands something on.

#[tokio::test]
async fn a_letter_that_is_handed_on_is_a_note_whatever_the_program() {
    for how in Handing::ALL {
        for to in [&[][..], &[BOB.address, DESK], &[BOB.address]] {
            let mut stage = asked().await;
            let mut mail = ALICE.hands_on(&stage.last_to(ALICE.address), how, "Que veut-elle encore ?");
            if !to.is_empty() {
                mail = mail.to(to);
            }
            let receipt = kept(&mut stage, &mail).await;
            assert!(receipt.contains(NOT_SENT), "{how:?} {to:?}: {receipt}");
            assert_eq!(state(&stage).await, "new", "{how:?} {to:?}");
        }
    }
}

#[tokio::test]
async fn an_acknowledgement_that_the_requester_quoted_does_not_make_a_forward_public() {
    for how in Handing::ALL {
        let mut stage = asked().await;
        stage.before(&MARIE.answers(&stage.last_to(MARIE.address), "Il n'écrit toujours pas.")).await;
        let mail = ALICE.hands_on(&stage.last_to(ALICE.address), how, "Bob, tu t'en charges ?");
        let receipt = kept(&mut stage, &mail).await;
        assert!(receipt.contains(NOT_SENT), "{how:?}: {receipt}");
    }
}

#[tokio::test]
async fn an_answer_to_an_inner_letter_is_inner_even_where_its_client_keeps_no_threading() {
    let mut stage = asked().await;
    stage.before(&MARIE.answers(&stage.last_to(MARIE.address), "Il n'écrit toujours pas.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#escalader L2\nÀ ouvrir.")).await;
    let letters = outside(&stage);
    let escalation = stage.last_to(L2);
    for (number, quoting) in [Quoting::Own, Quoting::Marks, Quoting::Html, Quoting::Nothing].into_iter().enumerate() {
        let answer = LUC.answers_showing(&escalation, "C'est le café.", quoting);
        stage.mail(&answer.clone().again(2 * number)).await;
        stage.mail(&answer.to(&[DESK]).unthreaded().again(2 * number + 1)).await;
    }
    assert_eq!(outside(&stage), letters, "{}", stage.story());
    assert!(text_to(&stage, LUC.address).contains(NOT_SENT));
}

#[tokio::test]
async fn without_in_reply_to_the_address_written_to_names_the_letter() {
    let mut stage = asked().await;
    let before = count_to(&stage, MARIE.address);
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Changez la pile.").unthreaded()).await;
    assert_eq!(count_to(&stage, MARIE.address), before + 1);
    let bare = ALICE.answers(&stage.last_to(ALICE.address), "Et fermez-le.").to(&[DESK]).unthreaded();
    let receipt = kept(&mut stage, &bare).await;
    assert!(receipt.contains(NOT_SENT), "{receipt}");
}

#[tokio::test]
async fn a_reply_to_a_receipt_or_a_note_is_a_note() {
    let mut stage = asked().await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#note\nEncore le café.")).await;
    let reply = ALICE.answers(&stage.last_to(ALICE.address), "Et du lait.");
    let receipt = kept(&mut stage, &reply).await;
    assert!(receipt.contains(NOT_SENT), "{receipt}");
}

// What is in it.

#[tokio::test]
async fn a_reply_without_new_words_relays_nothing_but_its_file() {
    let shot: &[u8] = b"\x89PNG\r\n\x1a\nnot much of a picture";
    for quoting in [Quoting::Own, Quoting::Marks, Quoting::Html] {
        for client in [&ALICE, &BOB] {
            let mut stage = asked().await;
            let before = outside(&stage);
            stage.mail(&client.answers_showing(&stage.last_to(client.address), "", quoting)).await;
            assert_eq!(outside(&stage), before, "{quoting:?}\n{}", stage.story());
            let answer = client.answers_showing(&stage.last_to(client.address), "", quoting).again(1);
            stage.mail(&answer.attached("ecran.png", "image/png", shot)).await;
            if outside(&stage) > before {
                let letter = stage.last_to(MARIE.address).mail;
                assert!(!letter.body.text.contains("comptoir"), "{quoting:?} {}", letter.body.text);
                assert_eq!(letter.attachments.len(), 1);
            }
        }
    }
}

#[tokio::test]
async fn however_the_letter_to_the_desk_is_quoted_only_the_new_words_leave() {
    for quoting in [Quoting::Bare, Quoting::Tabs, Quoting::Bars, Quoting::Blanks, Quoting::Marks, Quoting::Html] {
        let mut stage = asked().await;
        stage.before(&ALICE.answers(&stage.last_to(ALICE.address), &format!("#note\n{NOTE}"))).await;
        stage.before(&MARIE.answers(&stage.last_to(MARIE.address), "Il n'écrit toujours pas.")).await;
        let letter = stage.last_to(ALICE.address);
        let before = outside(&stage);
        stage.mail(&ALICE.answers_showing(&letter, "", quoting).again(1)).await;
        assert_eq!(outside(&stage), before, "{quoting:?}\n{}", stage.story());
        stage.mail(&ALICE.answers_showing(&letter, "Changez la pile.", quoting)).await;
        let answer = stage.last_to(MARIE.address).mail.body.text;
        assert!(answer.contains("Changez la pile."), "{quoting:?}: {answer}");
        for inside in ["toujours pas", "#note", "Alice Roy a écrit", "Niveau"] {
            assert!(!answer.contains(inside), "{quoting:?}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_run_of_a_note_holds_an_answer_however_it_is_wrapped() {
    for text in [
        NOTE.to_owned(),
        format!("Bonjour,\n\n{}", NOTE.replace(" lait", " lait\n    ")),
        format!("« {} »", NOTE.to_uppercase()),
        NOTE.replace(' ', "\u{a0}"),
        NOTE.split(' ').skip(3).take(9).collect::<Vec<_>>().join(" "),
    ] {
        let mut stage = asked().await;
        stage.before(&ALICE.answers(&stage.last_to(ALICE.address), &format!("#note\n{NOTE}"))).await;
        stage.before(&MARIE.answers(&stage.last_to(MARIE.address), "Il n'écrit toujours pas.")).await;
        let letter = stage.last_to(ALICE.address);
        let said = kept(&mut stage, &ALICE.answers(&letter, &format!("#répondre\n{text}"))).await;
        assert!(said.starts_with(REFUSED), "{text}: {said}");
    }
}

#[tokio::test]
async fn mail_of_an_agent_that_cannot_be_read_is_held_with_a_word() {
    let parts = [
        (
            "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=x",
            "--x\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n--x--\r\n",
        ),
        ("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "not much of a message"),
        (
            "text/plain; charset=utf-8",
            "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA0123456789abcdef\r\n=abcd\r\n-----END PGP MESSAGE-----\r\n",
        ),
        (
            "multipart/mixed; boundary=x",
            "--x\r\nContent-Type: text/plain\r\n\r\n\r\n--x\r\nContent-Type: application/x-microsoft-rpmsg-message; name=message.rpmsg\r\nContent-Disposition: attachment; filename=message.rpmsg\r\n\r\nv\r\n--x--\r\n",
        ),
        ("application/ms-tnef; name=winmail.dat", "not much of a winmail"),
    ];
    for (content_type, body) in parts {
        let mut stage = asked().await;
        let before = outside(&stage);
        let answer = ALICE.answers(&stage.last_to(ALICE.address), "");
        let header = String::from_utf8(answer.bytes()).unwrap();
        let header = header.split_once("Content-Type:").unwrap().0.to_owned();
        stage.raw_mails(&[format!("{header}Content-Type: {content_type}\r\n\r\n{body}").as_bytes()]).await;
        assert_eq!(outside(&stage), before, "{content_type}\n{}", stage.story());
        let said = text_to(&stage, ALICE.address);
        assert!(said.starts_with(REFUSED), "{content_type}: {said}");
        stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#ok")).await;
        assert_eq!(outside(&stage), before, "{content_type}\n{}", stage.story());
    }
}

#[tokio::test]
async fn what_an_agents_program_sends_by_itself_changes_nothing_and_reaches_nobody() {
    let mark = |mail: Mail, at: usize| match at {
        0 => mail.with("Auto-Submitted", "auto-generated"),
        1 => mail.with("Precedence", "bulk"),
        2 => mail.with("X-Autoresponder", "1"),
        3 => mail.with("X-Auto-Response-Suppress", "All").with("Auto-Submitted", "auto-replied"),
        _ => mail,
    };
    for at in 0..5 {
        let mut stage = asked().await;
        let letters = stage.letters().len();
        let mail = ALICE.answers(&stage.last_to(ALICE.address), "Je suis absente jusqu'à lundi.");
        let verdict = if at % 2 == 0 { Verdict::Pass } else { Verdict::None };
        let mut bytes = String::from_utf8(mark(mail.judged(verdict), at).bytes()).unwrap();
        if at == 4 {
            bytes = bytes.replacen(&format!("Return-Path: <{}>", ALICE.address), "Return-Path: <>", 1);
        }
        stage.raw_mails(&[bytes.as_bytes()]).await;
        assert_eq!((stage.letters().len(), state(&stage).await), (letters, "new"), "{at}\n{}", stage.story());
    }
}

#[tokio::test]
async fn an_agents_reaction_changes_nothing_and_reaches_nobody() {
    let mut stage = asked().await;
    let letters = stage.letters().len();
    let answer = ALICE.answers(&stage.last_to(ALICE.address), "");
    let header = String::from_utf8(answer.bytes()).unwrap();
    let header = header.split_once("Content-Type:").unwrap().0.to_owned();
    let body = "Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n👍 Alice a réagi\r\n--x\r\nContent-Type: text/vnd.google.email-reaction+json; charset=utf-8\r\n\r\n{\"emoji\":\"👍\",\"version\":1}\r\n--x--\r\n";
    stage.raw_mails(&[format!("{header}{body}").as_bytes()]).await;
    assert_eq!((stage.letters().len(), state(&stage).await), (letters, "new"), "{}", stage.story());
}

// What is held.

/// An answer of Alice's that is held, and the letter that says so.
async fn held(stage: &mut Stage) -> Received {
    let doubtful = ALICE.answers(&stage.last_to(ALICE.address), "Changez la pile.\n#fermer");
    let said = kept(stage, &doubtful).await;
    assert!(said.starts_with(REFUSED), "{said}");
    stage.last_to(ALICE.address)
}

#[tokio::test]
async fn one_ok_sends_once_and_a_second_one_says_so() {
    let mut stage = asked().await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "Changez la pile.")).await;
    let crossed = stage.letters().iter().rev().find(|(sent, _)| sent.recipients[0].as_str() == BOB.address);
    let crossed = crossed.unwrap().1.clone();
    let before = outside(&stage);
    stage.mail(&BOB.answers(&crossed, "Please restart it, twice.")).await;
    assert_eq!(outside(&stage), before, "{}", stage.story());
    let refusal = stage.last_to(BOB.address);
    stage.mail(&BOB.answers(&refusal, "#ok")).await;
    assert_eq!(outside(&stage), before + 1, "{}", stage.story());
    for number in 0..3 {
        stage.mail(&BOB.answers(&refusal, "#ok").again(number)).await;
        assert_eq!(outside(&stage), before + 1, "{}", stage.story());
        let said = text_to(&stage, BOB.address);
        assert!(said.contains("Nothing is held for this letter."), "{said}");
    }
    stage.mail(&ALICE.answers(&refusal, "#ok")).await;
    stage.mail(&BOB.answers(&refusal, "#cancel")).await;
    stage.mail(&BOB.answers(&refusal, "#ok").again(9)).await;
    assert_eq!(outside(&stage), before + 1, "{}", stage.story());
}

#[tokio::test]
async fn a_refused_mail_that_is_mended_leaves_at_once() {
    let words = "Débranchez le clavier, attendez une minute entière, puis rebranchez-le de l'autre côté.";
    for refused in [format!("#rezolu\n{words}"), format!("#aperçu\n#répondre\n{words}"), format!("# note\n{words}")] {
        for answer in ["#répondre\n", "#résolu\n", ""] {
            let mut stage = asked().await;
            let letter = stage.last_to(ALICE.address);
            let _ = kept(&mut stage, &ALICE.answers(&letter, &refused)).await;
            let before = count_to(&stage, MARIE.address);
            stage.mail(&ALICE.answers(&letter, &format!("{answer}{words}"))).await;
            assert_eq!(count_to(&stage, MARIE.address), before + 1, "{refused}\n{}", stage.story());
        }
    }
}

#[tokio::test]
async fn what_was_withdrawn_is_never_sent() {
    let mut stage = asked().await;
    let refusal = held(&mut stage).await;
    let before = outside(&stage);
    stage.mail(&ALICE.answers(&refusal, "#annuler")).await;
    let withdrawn = stage.last_to(ALICE.address);
    for (number, letter) in [refusal, withdrawn].iter().enumerate() {
        stage.mail(&ALICE.answers(letter, "#ok").again(number)).await;
        stage.mail(&BOB.answers(letter, "#ok").again(number)).await;
        stage.mail(&ALICE.answers(letter, "#libérer").again(number)).await;
    }
    assert_eq!(outside(&stage), before, "{}", stage.story());
}

#[tokio::test]
async fn a_changed_circle_holds_the_answer_and_names_who_came() {
    for (command, whom) in [("#demandeur tom@client.test", TOM.address), ("#cc +tom@client.test", TOM.address)] {
        let mut stage = asked().await;
        let letter = stage.last_to(ALICE.address);
        stage.mail(&BOB.answers(&stage.last_to(BOB.address), command)).await;
        let said = kept(&mut stage, &ALICE.answers(&letter, "Changez la pile, Marie.")).await;
        assert!(said.starts_with(REFUSED) && said.contains(whom), "{said}");
        let before = count_to(&stage, TOM.address);
        stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#ok")).await;
        assert_eq!(count_to(&stage, TOM.address), before + 1, "{}", stage.story());
    }
    let mut stage = asked().await;
    let letter = stage.last_to(ALICE.address);
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Paul est là demain.").cc(&[PAUL.address])).await;
    let said = kept(&mut stage, &ALICE.answers(&letter, "Changez la pile, Marie.")).await;
    assert!(said.starts_with(REFUSED) && said.contains(PAUL.address), "{said}");
}

// Files.

#[tokio::test]
async fn numbers_of_files_are_those_of_the_answered_letter() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Facture", "Bonjour, la facture du mois de juin ne s'ouvre pas.");
    stage.mail(&request.attached("facture.pdf", "application/pdf", b"%PDF facture")).await;
    let first = stage.last_to(ALICE.address);
    let second = MARIE.answers(&stage.last_to(MARIE.address), "Et mon passeport, pour la salle.");
    stage.mail(&second.attached("passeport.png", "image/png", b"\x89PNG passeport")).await;
    let latest = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&first, "#escalate L3 acme\n#pièces 1\nThis file does not open.")).await;
    let sent = stage.last_to(ACME).mail.attachments;
    assert_eq!(sent.iter().map(|file| file.safe_name.as_str()).collect::<Vec<_>>(), ["facture.pdf"]);
    stage.mail(&ALICE.answers(&latest, "#vendor acme\n#pièces 1\nHere is the one that we meant.")).await;
    let listed = latest.mail.body.text;
    let one = listed.lines().find(|line| line.trim_start().starts_with("1. ")).unwrap_or_else(|| panic!("{listed}"));
    let sent = stage.last_to(ACME).mail.attachments;
    assert!(one.contains(&sent[0].safe_name), "{one}: {}", sent[0].safe_name);
}

#[tokio::test]
async fn the_file_of_a_note_never_leaves() {
    let mut stage = asked().await;
    let note = ALICE.answers(&stage.last_to(ALICE.address), "#note\nSon contrat.");
    stage.mail(&note.attached("contrat.pdf", "application/pdf", b"%PDF contrat")).await;
    stage.before(&MARIE.answers(&stage.last_to(MARIE.address), "Il n'écrit toujours pas.")).await;
    let letter = stage.last_to(ALICE.address);
    for (number, text) in
        ["#répondre\n#pièces 1\nVoici.", "#escalate L3 acme\n#pièces 1\nHere it is."].iter().enumerate()
    {
        let said = kept(&mut stage, &ALICE.answers(&letter, text)).await;
        assert!(said.starts_with(REFUSED), "{said}");
        let refusal = stage.last_to(ALICE.address);
        stage.mail(&ALICE.answers(&refusal, "#ok").again(number)).await;
    }
    for (sent, letter) in stage.letters() {
        let staff = sent.recipients.iter().all(|to| to.as_str().ends_with("@helpdesk.test"));
        assert!(staff || letter.mail.attachments.is_empty(), "{}", stage.story());
    }
}

// Who is an agent, and who asks.

#[tokio::test]
async fn who_was_an_agent_hears_nothing_more() {
    let mut stage = asked().await;
    stage.before(&BOB.answers(&stage.last_to(BOB.address), "#take")).await;
    let letter = stage.last_to(BOB.address);
    let mut policy = house::policy();
    policy.agents.retain(|agent| agent.name != BOB.name);
    stage.gateway.policy = policy;
    let letters = count_to(&stage, BOB.address);
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Il n'écrit toujours pas.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), &format!("#note\n{NOTE}"))).await;
    let before = outside(&stage);
    stage.mail(&BOB.answers(&letter, "Changez la pile.")).await;
    assert_eq!(count_to(&stage, BOB.address), letters, "{}", stage.story());
    assert_eq!(outside(&stage), before);
    assert_eq!(count_to(&stage, ALICE.address), 2 + 1 + 1, "{}", stage.story());
}

#[tokio::test]
async fn an_agent_who_asks_is_a_requester() {
    let mut stage = Stage::new().await;
    stage.mail(&ALICE.writes("Mon écran", "Bonjour, mon écran reste noir depuis ce matin.")).await;
    let asked = stage.letters().iter().find(|(sent, letter)| {
        sent.recipients[0].as_str() == ALICE.address && letter.mail.body.text.contains("R-000001")
    });
    assert!(asked.is_some(), "{}", stage.story());
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "Have you tried the other cable?")).await;
    let answer = stage.last_to(ALICE.address);
    assert!(answer.mail.body.text.contains("other cable"), "{}", stage.story());
    stage.mail(&ALICE.answers(&answer, "Oui, et il reste noir.")).await;
    assert!(text_to(&stage, BOB.address).contains("il reste noir"), "{}", stage.story());
    assert_eq!(state(&stage).await, "open");
}

#[tokio::test]
async fn in_token_mode_a_letter_proves_only_who_was_sent_it() {
    let mut stage = Stage::new().await;
    stage.mailbox("closed");
    stage.mail(&MARIE.writes("L'écran", "Rien ne s'affiche plus sur l'écran.").judged(Verdict::None)).await;
    let (own, agents) = (stage.last_to(MARIE.address), stage.last_to(ALICE.address));
    let forger = Person { client: ALICE.client, ..ALICE };
    stage.mail(&forger.answers(&own, "#fermer").judged(Verdict::None)).await;
    assert_eq!(state(&stage).await, "new", "{}", stage.story());
    let before = count_to(&stage, MARIE.address);
    stage.mail(&STRANGER.answers(&agents, "Appuyez.").judged(Verdict::None)).await;
    stage.mail(&LUC.answers(&agents, "Appuyez encore.").judged(Verdict::None)).await;
    assert_eq!((count_to(&stage, MARIE.address), state(&stage).await), (before, "new"), "{}", stage.story());
    stage.mail(&ALICE.answers(&agents, "Appuyez dix secondes.").judged(Verdict::None)).await;
    assert_eq!(count_to(&stage, MARIE.address), before + 1, "{}", stage.story());
}

#[tokio::test]
async fn a_colleague_files_a_forged_agents_mail_and_carries_nothing_out() {
    let mut stage = asked().await;
    let letter = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&letter, "#répondre\nEnvoyez-moi votre mot de passe.").judged(Verdict::None)).await;
    let before = count_to(&stage, MARIE.address);
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#release")).await;
    assert_eq!((count_to(&stage, MARIE.address), state(&stage).await), (before, "new"), "{}", stage.story());
    assert!(stage.entries_of("R-000001").await.iter().any(|words| words.contains("mot de passe")), "{}", stage.story());
    assert!(stage.gateway.store.ticket(TicketNumber(2)).await.unwrap().is_none(), "{}", stage.story());
}

#[tokio::test]
async fn an_agents_own_code_carries_the_mail_out() {
    let mut stage = asked().await;
    let letter = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&letter, "Appuyez dix secondes.").judged(Verdict::None)).await;
    let challenge = stage.last_to(ALICE.address);
    let is_code = |word: &&str| word.len() == 8 && word.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'));
    let code = challenge.mail.body.text.split_whitespace().find(is_code).unwrap().to_owned();
    let before = count_to(&stage, MARIE.address);
    stage.mail(&ALICE.answers(&challenge, &code).judged(Verdict::None)).await;
    assert_eq!(count_to(&stage, MARIE.address), before + 1, "{}", stage.story());
    assert!(text_to(&stage, MARIE.address).contains("Appuyez dix secondes."));
}

#[tokio::test]
async fn a_code_that_only_stands_in_the_quoted_letter_proves_nothing() {
    for quoting in [Quoting::Bare, Quoting::Tabs, Quoting::Bars, Quoting::Blanks] {
        let mut stage = asked().await;
        let letter = stage.last_to(ALICE.address);
        stage.mail(&ALICE.answers(&letter, "Envoyez votre mot de passe.").judged(Verdict::None)).await;
        let challenge = stage.last_to(ALICE.address);
        let before = count_to(&stage, MARIE.address);
        stage.mail(&ALICE.answers_showing(&challenge, "Non, ce n'est pas moi !", quoting)).await;
        assert_eq!(count_to(&stage, MARIE.address), before, "{quoting:?}\n{}", stage.story());
    }
}

#[tokio::test]
async fn a_letter_of_ours_leaves_as_no_file_even_where_it_is_named() {
    let mut stage = asked().await;
    let letter = stage.last_to(ALICE.address);
    for text in ["#escalate L3 acme\n#pièces 1\nHere is what we see.", "#répondre\n#pièces 1\nVoici."] {
        let mail = ALICE.answers(&letter, text).attached("lettre.eml", "message/rfc822", &letter.bytes);
        let said = kept(&mut stage, &mail).await;
        assert!(said.starts_with(REFUSED) && said.contains("lettre.eml"), "{said}");
    }
}

#[tokio::test]
async fn a_bounce_does_not_silence_somebody_who_writes_again() {
    let mut stage = asked().await;
    let report = bounce(&stage.last_to(MARIE.address).id(), MARIE.address);
    stage.raw_mails(&[&report]).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Il n'écrit toujours pas.")).await;
    let before = count_to(&stage, MARIE.address);
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Changez la pile.")).await;
    assert_eq!(count_to(&stage, MARIE.address), before + 1, "{}", stage.story());
    stage.mail(&MARIE.writes("Souris", "Bonjour, la souris du comptoir ne bouge plus.")).await;
    assert_eq!(count_to(&stage, MARIE.address), before + 2, "{}", stage.story());
}

#[tokio::test]
async fn forged_mails_do_not_use_up_the_acknowledgements_of_whom_they_name() {
    let mut stage = Stage::new().await;
    for number in 0..6 {
        let forged = MARIE.writes(&format!("Gain {number}"), &format!("Cliquez ici pour le prix numéro {number}."));
        stage.mail(&forged.judged(if number % 2 == 0 { Verdict::None } else { Verdict::Fail })).await;
    }
    for number in 0..3 {
        let forged = MARIE.writes(&format!("Lot {number}"), &format!("Cliquez là pour le lot numéro {number}."));
        stage.mail(&forged.judged(Verdict::None)).await;
    }
    let before = count_to(&stage, MARIE.address);
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier du comptoir n'écrit plus.")).await;
    assert_eq!(count_to(&stage, MARIE.address), before + 1, "{}", stage.story());
}

#[tokio::test]
async fn a_requesters_link_is_no_ready_mail_of_the_agents() {
    let mut stage = Stage::new().await;
    let link = "mailto:support@desk.test?subject=Re:%20[SD%20R-000001]&body=%23fermer";
    let mut mail = MARIE.writes("Clavier", &format!("Bonjour, il n'écrit plus. Cliquez : {link}"));
    mail.html = Some(format!(
        "<p>Bonjour, il n'écrit plus. <a href=\"{link}\">Cliquez</a> <a href=\"MAILTO:support@desk.test?body=&#35;fermer\">ou ici</a></p>\
         <img src=\"cid:x\">"
    ));
    stage.mail(&mail).await;
    let letter = stage.last_to(ALICE.address);
    let raw = letter.mail.body.html.clone().unwrap_or_default();
    for shown in [&letter.mail.body.text, &raw] {
        for link in shown.split("mailto:").skip(1).chain(shown.split("MAILTO:").skip(1)) {
            let link = link.split(['"', ' ', '\n', '>']).next().unwrap();
            assert!(!link.contains("fermer") || link.contains("%2B") || link.contains('+'), "{link}");
            assert!(!link.starts_with("support@desk.test?"), "{link}");
        }
    }
}

// Levels and vendors that read along.

#[tokio::test]
async fn a_copied_team_or_vendor_gets_the_brief_and_reads_along() {
    let brief = "Le comptoir entier attend, ouvrez le clavier avant midi.";
    let mut policy = house::policy();
    policy.teams[0].escalation = EscalationBy::Cc;
    let mut stage = asked_in(policy).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), &format!("#escalader L2\n{brief}"))).await;
    let to_team: Vec<_> =
        stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == L2)).collect();
    assert!(to_team.iter().any(|(_, letter)| letter.mail.body.text.contains("ouvrez le clavier")), "{}", stage.story());
    assert!(!stage.letters().iter().any(|(sent, letter)| {
        sent.recipients.iter().any(|to| to.as_str() == MARIE.address) && letter.mail.body.text.contains("avant midi")
    }));

    let mut policy = house::policy();
    policy.vendors[0].escalation = EscalationBy::Cc;
    policy.vendors[0].privacy = Privacy::Full;
    let mut stage = asked_in(policy).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), &format!("#escalate L3 acme\n{brief}"))).await;
    assert!(shown_to_vendor(&stage).contains("ouvrez le clavier"), "{}", stage.story());
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#répondre\nNous cherchons.")).await;
    assert!(text_to(&stage, ACME).contains("Nous cherchons."), "{}", stage.story());
    stage.mail(&ANNA.answers(&stage.last_to(ACME), "Change the cable.")).await;
    assert_eq!(stage.entries_of("R-000001").await.last().unwrap(), "Change the cable.");
    assert!(!stage.letters().iter().any(|(sent, letter)| {
        sent.recipients.iter().any(|to| to.as_str() == MARIE.address) && letter.mail.body.text.contains("avant midi")
    }));
}

// What a vendor learns.

/// All that a vendor was sent, decoded.
fn shown_to_vendor(stage: &Stage) -> String {
    let mut all = String::new();
    for (_, letter) in stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == ACME)) {
        let mail = &letter.mail;
        all += &format!("{}\n{}\n{}\n", mail.subject, mail.body.text, mail.body.html_text());
        mail.attachments.iter().for_each(|file| all += &format!("{}\n", file.safe_name));
    }
    all
}

#[tokio::test]
async fn a_vendor_learns_no_name_that_was_ever_seen() {
    let mut stage = Stage::new().await;
    let married = Person { name: "Marie Lapointe", signature: "M. Lapointe-Cyr\nposte 4417", ..MARIE };
    let request = MARIE.writes("Compte de Marie Tremblay", "Bonjour, mon compte est fermé.\n\nMarie Tremblay");
    stage.mail(&request.attached("Tremblay_Marie.pdf", "application/pdf", b"%PDF")).await;
    let letter = stage.last_to(ALICE.address);
    stage
        .mail(&Person { client: PAUL.client, ..married }.answers(&stage.last_to(MARIE.address), "Toujours fermé."))
        .await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#requester paul@client.test")).await;
    stage.mail(&PAUL.answers(&stage.last_to(MARIE.address), "Le mien aussi.")).await;
    let brief = "#escalate L3 acme\n#pièces 1\nThe account of Marie Tremblay (Lapointe since May, M. Lapointe-Cyr below her \
                 mails) is closed, Paul Roy's too: marie@client.test, 514 555-0142.";
    stage.mail(&ALICE.answers(&letter, brief)).await;
    if count_to(&stage, ACME) == 0 {
        stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#ok")).await;
    }
    stage
        .mail(&ALICE.answers(&stage.last_to(ALICE.address), "#vendor acme\nLapointe called again, Roy did, too."))
        .await;
    assert_eq!(count_to(&stage, ACME), 2, "{}", stage.story());
    let shown = shown_to_vendor(&stage).to_lowercase();
    for name in ["marie", "tremblay", "lapointe", "cyr", "paul", "roy", "client.test", "555-0142"] {
        assert!(!shown.contains(name), "{name}: {shown}");
    }
}

#[tokio::test]
async fn a_name_that_stood_beside_an_address_in_cc_is_hidden_too() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Salle 12", "Bonjour, le projecteur de la salle est en panne.");
    stage.mail(&request.cc(&["Paul Desrosiers <paul@client.test>"])).await;
    let brief = "#escalate L3 acme\nMr Desrosiers says that the projector of Marie Tremblay is dead.";
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), brief)).await;
    let shown = shown_to_vendor(&stage).to_lowercase();
    for name in ["desrosiers", "tremblay"] {
        assert!(!shown.contains(name), "{name}: {shown}");
    }
}

#[tokio::test]
async fn the_letter_about_quarantine_shows_what_waits_and_where_it_would_go() {
    let mut stage = asked().await;
    let forged = ALICE.answers(&stage.last_to(ALICE.address), "#fermer\nTout est réglé.");
    stage.mail(&forged.judged(Verdict::None)).await;
    let letter = text_to(&stage, BOB.address);
    for shown in ["R-000001", "Clavier", "#fermer", "Tout est réglé.", ALICE.address] {
        assert!(letter.contains(shown), "{shown}: {letter}");
    }
}

#[tokio::test]
async fn an_answer_to_the_letter_about_quarantine_makes_nobody_a_requester() {
    let mut stage = asked().await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#fermer").judged(Verdict::None)).await;
    let before = outside(&stage);
    let letter = stage.last_to(BOB.address);
    for (quoting, starts) in [(Quoting::Own, "NOT SENT TO REQUESTER"), (Quoting::Nothing, "NOTHING WAS DONE")] {
        stage.mail(&BOB.answers_showing(&letter, "Alice, was that you? I leave it there for now.", quoting)).await;
        assert_eq!(outside(&stage), before, "{}", stage.story());
        let said = text_to(&stage, BOB.address);
        assert!(said.starts_with(starts), "{quoting:?}: {said}");
    }
    // The request, and the question whether the mail was hers.
    assert_eq!(count_to(&stage, ALICE.address), 2, "{}", stage.story());
}

#[tokio::test]
async fn secrets_hold_a_brief_and_are_taken_out_of_the_subject() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Portail, mot de passe : Tulipe-1987!", "Bonjour, le portail me refuse.")).await;
    for brief in ["The password is Tulipe-1987!", "mot de passe : Tulipe-1987!", "NAS 046 454 286", "TREM 8754 1234"] {
        let letter = stage.last_to(ALICE.address);
        let said = kept(&mut stage, &ALICE.answers(&letter, &format!("#escalate L3 acme\n{brief}"))).await;
        assert!(said.starts_with(REFUSED), "{brief}: {said}");
    }
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalate L3 acme\nThe portal refuses her.")).await;
    assert_eq!(count_to(&stage, ACME), 1, "{}", stage.story());
    assert!(!shown_to_vendor(&stage).contains("Tulipe"), "{}", shown_to_vendor(&stage));
}

#[tokio::test]
async fn a_team_that_is_not_direct_answers_by_way_of_the_first_level() {
    let mut policy = house::policy();
    policy.teams[0].direct = false;
    let mut stage = asked_in(policy).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#escalader L2\nÀ ouvrir.")).await;
    stage.before(&MARIE.answers(&stage.last_to(MARIE.address), "Il n'écrit toujours pas.")).await;
    let (before, letters) = (outside(&stage), count_to(&stage, ALICE.address));
    stage.mail(&LUC.answers(&stage.last_to(L2), "C'est le café, changez tout le clavier.")).await;
    assert_eq!(outside(&stage), before, "{}", stage.story());
    assert!(count_to(&stage, ALICE.address) > letters, "{}", stage.story());
    assert!(text_to(&stage, ALICE.address).contains("changez tout le clavier"), "{}", stage.story());
}
