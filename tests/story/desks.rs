//! Several desks: in which language each writes, what moves with a ticket, and who hears of a mail to two of them.

use std::time::Duration;

use guichet::desk::clock::{Calendar, Week};
use guichet::desk::{Agent, ClockName, Desk, LanguagePolicy, Level, Manager, Policy, Target, Team, TicketNumber};
use guichet::known_fix::Library;
use guichet::mail::Language;
use guichet::store::TicketShown;
use jiff::SignedDuration;

use crate::cast::{ALICE, BOB, DESK, MARIE, PAUL, TOM};
use crate::client::{Client, Person, Received, Verdict};
use crate::laws::tickets;
use crate::stage::Stage;
use crate::{clocks, house};

const PAY: &str = "paie@desk.test";

/// Works at the second desk, in French.
const CHLOE: Person =
    Person { name: "Chloé Dion", address: "chloe@helpdesk.test", client: Client::Outlook, signature: "" };

/// Works at the second desk, in English.
const DAN: Person =
    Person { name: "Dan Hall", address: "dan@helpdesk.test", client: Client::Thunderbird, signature: "" };

/// Alice, Bob and the second level are of both desks; the second one has people of its own who know no other, and no sub-addresses.
fn shared() -> Policy {
    let policy = clocks::policy();
    let support = policy.desks[0].clone();
    let pay = Desk {
        name: "paie".to_owned(),
        display_name: "Service de la paie".to_owned(),
        addresses: [house::address(PAY)].into(),
        tag: "PAIE".to_owned(),
        calendar: Some(Calendar {
            name: "long".to_owned(),
            week: Week::read(["mon-fri 08:00-18:00"]).unwrap(),
            ..clocks::calendar()
        }),
        sub_addressing: false,
        ..support.clone()
    };
    let of_pay =
        Target { desk: Some("paie".to_owned()), ttr: Some(Duration::from_secs(20 * 3600)), ..Target::default() };
    Policy {
        calendars: vec![clocks::calendar(), pay.calendar.clone().unwrap()],
        desks: [support, pay].into(),
        targets: [of_pay].into_iter().chain(policy.targets.iter().cloned()).collect(),
        managers: Vec::new(),
        ..policy
    }
}

/// Each desk has a first level of its own.
fn apart() -> Policy {
    let mut policy = shared();
    policy.agents.iter_mut().for_each(|agent| agent.desk = Some("support".to_owned()));
    for (person, language) in [(&CHLOE, Language::FRENCH), (&DAN, Language::ENGLISH)] {
        policy.agents.push(Agent {
            address: house::address(person.address),
            name: person.name.to_owned(),
            level: Level::L1,
            language: Some(language),
            desk: Some("paie".to_owned()),
        });
    }
    policy
}

/// A house of one desk with this policy, whose languages are in this order.
fn writing(language_policy: LanguagePolicy, languages: [Language; 2]) -> Policy {
    let house = house::policy();
    Policy { desks: [Desk { languages: languages.into(), language_policy, ..house.desks[0].clone() }].into(), ..house }
}

async fn stage(policy: Policy) -> Stage {
    Stage::with(policy, Library::default()).await
}

fn count_to(stage: &Stage, address: &str) -> usize {
    stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == address)).count()
}

fn letters_to(stage: &Stage, address: &str) -> Vec<Received> {
    let to = |sent: &guichet::smtp::SentMail| sent.recipients.iter().any(|to| to.as_str() == address);
    stage.letters().iter().filter(|(sent, _)| to(sent)).map(|(_, letter)| letter.clone()).collect()
}

/// The language that a letter says it is in.
fn language(letter: &Received) -> String {
    let text = String::from_utf8_lossy(&letter.bytes).into_owned();
    text.lines().find_map(|line| line.strip_prefix("Content-Language: ")).unwrap().trim().to_owned()
}

fn invites(letter: &Received) -> bool {
    let text = &letter.mail.body.text;
    text.contains("English:") || text.contains("Français\u{a0}:")
}

async fn ticket(stage: &Stage, number: i64) -> TicketShown {
    stage.gateway.store.ticket(TicketNumber(number)).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_public_body_writes_in_its_first_language_alone_whatever_is_asked() {
    let policy = writing(LanguagePolicy::Only, [Language::FRENCH, Language::ENGLISH]);
    let mut stage = stage(policy).await;
    stage.mail(&TOM.writes("Keyboard", "Hello, my keyboard does not work any more since this morning.")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "Essayez une autre prise.")).await;
    stage.mail(&TOM.answers(&stage.last_to(TOM.address), "English")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#solved\nIl est remplacé.")).await;
    let letters = letters_to(&stage, TOM.address);
    assert_eq!(letters.len(), 4, "{}", stage.story());
    for letter in &letters {
        assert_eq!((language(letter).as_str(), invites(letter)), ("fr", false), "{}", letter.mail.body.text);
    }
    assert!(
        letters[2].mail.body.text.contains("votre demande R-000001"),
        "where it stands: {}",
        letters[2].mail.body.text
    );
    assert_eq!(language(&stage.last_to(BOB.address)), "en", "agents have their own");
}

#[tokio::test]
async fn what_a_public_body_is_handed_or_called_about_is_acknowledged_in_its_language_too() {
    let policy = writing(LanguagePolicy::Only, [Language::FRENCH, Language::ENGLISH]);
    let mut stage = stage(policy).await;
    let asked = TOM.writes("Keyboard", "Hello, my keyboard does not work any more since this morning.");
    stage.mail(&BOB.forwards(&asked, "")).await;
    let letter = stage.last_to(TOM.address);
    assert_eq!((language(&letter).as_str(), invites(&letter)), ("fr", false), "{}", stage.story());
}

#[tokio::test]
async fn the_first_language_goes_unless_another_one_is_asked_for() {
    for (languages, writer, words, asks, first, other) in [
        (
            [Language::FRENCH, Language::ENGLISH],
            TOM,
            "Hello, my keyboard does not work any more since this morning.",
            "english",
            "fr",
            "en",
        ),
        (
            [Language::ENGLISH, Language::FRENCH],
            MARIE,
            "Bonjour, le clavier du quai n'écrit plus du tout depuis ce matin.",
            "français",
            "en",
            "fr",
        ),
    ] {
        let mut stage = stage(writing(LanguagePolicy::First, languages)).await;
        stage.mail(&writer.writes("4711", words)).await;
        let letter = stage.last_to(writer.address);
        assert_eq!((language(&letter).as_str(), invites(&letter)), (first, true), "{}", letter.mail.body.text);
        stage.mail(&writer.writes("4712", words)).await;
        let letter = stage.last_to(writer.address);
        assert_eq!(language(&letter), first, "writing asks for nothing");
        stage.mail(&writer.answers(&letter, asks)).await;
        assert_eq!(language(&stage.last_to(writer.address)), other);
        stage.mail(&writer.writes("4713", words)).await;
        let letter = stage.last_to(writer.address);
        assert_eq!((language(&letter).as_str(), invites(&letter)), (other, false), "{}", letter.mail.body.text);
    }
}

#[tokio::test]
async fn whoever_writes_in_the_first_language_is_offered_no_other() {
    let mut stage = stage(writing(LanguagePolicy::First, [Language::FRENCH, Language::ENGLISH])).await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier du quai n'écrit plus du tout depuis ce matin.")).await;
    let letter = stage.last_to(MARIE.address);
    assert_eq!((language(&letter).as_str(), invites(&letter)), ("fr", false), "{}", letter.mail.body.text);
}

#[tokio::test]
async fn a_desk_that_does_not_write_a_language_says_where_the_request_stands_in_its_own() {
    let house = house::policy();
    let desk = Desk { languages: [Language::FRENCH].into(), ..house.desks[0].clone() };
    let mut stage = stage(Policy { desks: [desk].into(), ..house }).await;
    stage.mail(&TOM.writes("Keyboard", "Hello, my keyboard does not work any more since this morning.")).await;
    stage.mail(&TOM.answers(&stage.last_to(TOM.address), "english")).await;
    assert_eq!(count_to(&stage, TOM.address), 2, "{}", stage.story());
    assert_eq!(language(&stage.last_to(TOM.address)), "fr");
}

#[tokio::test]
async fn a_ticket_that_moves_is_the_other_desks_and_its_team_is_told() {
    let mut stage = stage(apart()).await;
    stage.mail(&MARIE.writes("Retenues", "Bonjour, mon relevé de paie ne montre plus mes retenues.")).await;
    stage
        .mail(
            &ALICE.answers(
                &stage.last_to(ALICE.address),
                "#prendre\n#desk paie\n#note\nElle parle du relevé de juillet.",
            ),
        )
        .await;
    stage.mail(&CHLOE.answers(&stage.last_to(CHLOE.address), "Je regarde avec la comptabilité.")).await;
    stage.mail(&CHLOE.answers(&stage.last_to(CHLOE.address), "#répondre\nLe relevé est corrigé.")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Il manque encore une ligne.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn whoever_answers_while_moving_a_ticket_does_not_keep_it() {
    for (agent, colleague, words) in [(ALICE, CHLOE, "Je transmets à la paie."), (BOB, DAN, "I pass it on.")] {
        let mut stage = stage(apart()).await;
        stage.mail(&MARIE.writes("Retenues", "Bonjour, mon relevé de paie ne montre plus mes retenues.")).await;
        stage.mail(&agent.answers(&stage.last_to(agent.address), &format!("#desk paie\n{words}"))).await;
        assert!(stage.last_to(MARIE.address).mail.body.text.contains(words), "{}", stage.story());
        assert_eq!(ticket(&stage, 1).await.ticket.agent, None, "{}", stage.story());
        let letter = stage.last_to(colleague.address).mail.body.text;
        assert!(!letter.contains("Résumé") && !letter.contains("Brief"), "no brief, but an answer: {letter}");
        let answered = letter.contains("(avec le demandeur)") || letter.contains("(with the requester)");
        let waits = letter.contains("en attente du demandeur") || letter.contains("pending the requester");
        assert!(answered && waits, "as all of the mail leaves it: {letter}");
        let told = count_to(&stage, colleague.address);
        stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Il manque aussi les vacances.")).await;
        assert_eq!(count_to(&stage, colleague.address), told + 1, "{}", stage.story());
    }
}

#[tokio::test]
async fn what_an_agent_hands_to_another_desk_is_its_teams() {
    let mut stage = stage(apart()).await;
    let asked = MARIE.writes("Retenues", "Bonjour, mon relevé de paie ne montre plus mes retenues.");
    stage.mail(&ALICE.forwards(&asked, "").to(&[PAY])).await;
    let shown = ticket(&stage, 1).await.ticket;
    assert_eq!((shown.desk.as_str(), shown.agent), ("paie", None), "{}", stage.story());
    let counts = [CHLOE, DAN, ALICE].map(|one| count_to(&stage, one.address));
    assert_eq!(counts, [1, 1, 1], "{}", stage.story());
}

#[tokio::test]
async fn whoever_asked_goes_on_with_one_name_and_one_address() {
    let mut stage = stage(apart()).await;
    stage.mail(&TOM.writes("Pay slip", "Hello, my pay slip shows no deductions any more.")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#desk paie")).await;
    stage.mail(&DAN.answers(&stage.last_to(DAN.address), "#reply\nIt is put right.")).await;
    let (before, after) = (letters_to(&stage, TOM.address).remove(0), stage.last_to(TOM.address));
    let from = after.mail.from.as_ref().unwrap();
    assert_eq!(
        (from.address.as_str(), from.name.as_deref()),
        (DESK, Some("Dan Hall via Guichet")),
        "{}",
        stage.story()
    );
    assert_eq!(before.mail.from.as_ref().unwrap().name.as_deref(), Some("Guichet"));
    assert!(after.mail.subject.contains("[PAIE R-000001]"), "{}", after.mail.subject);
    assert!(!String::from_utf8_lossy(&after.bytes).contains("Service de la paie"), "{}", after.mail.body.text);
    let reply_to = after.mail.reply_to.as_ref().unwrap().address.as_str();
    assert!(reply_to.starts_with("support+"), "what its mailbox takes goes by the address: {reply_to}");
    let told = letters_to(&stage, DAN.address).remove(0);
    assert_eq!(told.mail.from.as_ref().unwrap().name.as_deref(), Some("Bob Stone via Service de la paie"));
    assert!(told.mail.body.text.contains("Moved here from the desk \"Guichet\"."), "{}", told.mail.body.text);
}

#[tokio::test]
async fn clocks_go_on_by_the_other_desks_promises_and_hours() {
    let mut stage = stage(shared()).await;
    stage.mail(&MARIE.writes("Retenues", "Bonjour, mon relevé de paie ne montre plus mes retenues.")).await;
    stage.later(SignedDuration::from_mins(59));
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#desk paie")).await;
    let shown = ticket(&stage, 1).await;
    let clock = shown.ticket.clock(ClockName::Ttr, None).unwrap();
    assert_eq!((clock.calendar.as_str(), clock.target, clock.run_ms), ("long", 20 * 3600, 60 * 60_000));
    assert_eq!(shown.ticket.desk, "paie");
}

#[tokio::test]
async fn a_team_that_both_desks_share_is_not_told_twice() {
    let mut stage = stage(shared()).await;
    stage
        .mail(&MARIE.writes("Retenues", "Bonjour, mon relevé de paie ne montre plus mes retenues.").to(&[PAY, DESK]))
        .await;
    assert_eq!((count_to(&stage, ALICE.address), count_to(&stage, BOB.address)), (1, 1), "{}", stage.story());
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#prendre\n#desk support")).await;
    assert_eq!(count_to(&stage, BOB.address), 1, "{}", stage.story());
    let shown = ticket(&stage, 1).await;
    assert!(shown.ticket.agent.is_some(), "who works at both desks keeps it");
}

#[tokio::test]
async fn a_desk_is_named_as_it_is_or_nothing_is_done() {
    for (person, command, said) in [
        (ALICE, "#desk ventes", "n’est pas un guichet connu"),
        (BOB, "#desk sales", "known desk"),
        (ALICE, "#desk R-000002", "n’est pas un guichet connu"),
        (ALICE, "#desk support", "Le billet est déjà au guichet"),
        (BOB, "#desk support", "The ticket is at the desk \"support\" already"),
        (ALICE, "#fusionner R-000002", "R-000002 est un billet du guichet «\u{a0}paie\u{a0}»"),
        (BOB, "#merge R-000002", "R-000002 is a ticket of the desk \"paie\""),
        (BOB, "#link R-000002", "R-000002 is a ticket of the desk \"paie\""),
    ] {
        let mut stage = stage(apart()).await;
        stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier du quai n'écrit plus.")).await;
        stage.mail(&PAUL.writes("Retenues", "Bonjour, je ne vois plus mes retenues.").to(&[PAY])).await;
        let before = ticket(&stage, 1).await.history.len();
        let letter = stage.last_to(person.address);
        stage.mail(&person.answers(&letter, command)).await;
        let text = stage.last_to(person.address).mail.body.text;
        assert!(text.contains(said), "{command}: {text}");
        let shown = ticket(&stage, 1).await;
        assert_eq!((shown.ticket.desk.as_str(), shown.ticket.state.is_over()), ("support", false));
        let events: Vec<String> = shown.history[before..].iter().map(|row| format!("{:?}", row.event)).collect();
        assert!(events.iter().all(|event| event.starts_with("Held")), "{command}: {events:?}");
    }
}

#[tokio::test]
async fn a_mail_to_two_desks_is_one_ticket_of_the_first_and_the_other_one_is_told() {
    let mut stage = stage(apart()).await;
    let asked =
        MARIE.writes("Retenues", "Bonjour, mon relevé de paie ne montre plus mes retenues.").to(&[PAY]).cc(&[DESK]);
    stage.mail(&asked).await;
    stage.mailbox("closed");
    stage.mail(&asked.clone().with("X-Way", "the other mailbox")).await;
    stage.mailbox("support");
    stage
        .mail(&ALICE.answers(&stage.last_to(ALICE.address), "Le relevé vient d'un gabarit que nous avons changé."))
        .await;
    stage.mail(&CHLOE.answers(&letters_to(&stage, CHLOE.address).remove(0), "Nous le corrigeons.")).await;
    let more = MARIE.answers(&stage.last_to(MARIE.address), "Merci, j'attends donc la version corrigée du relevé.");
    stage.mail(&more.cc(&[DESK])).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn mails_in_quarantine_are_told_to_the_first_level_of_their_own_desk() {
    let chief = |name: &str, desk: &str| Manager {
        address: house::address(&format!("{name}@helpdesk.test")),
        name: name.to_owned(),
        language: None,
        desk: Some(desk.to_owned()),
    };
    let managers = vec![chief("eve", "paie"), chief("max", "support")];
    let mut stage = stage(Policy { managers, ..apart() }).await;
    let forged = |to: &str, subject: &str| ALICE.writes(subject, "Payez-moi.").to(&[to]).judged(Verdict::None);
    stage.mail(&forged(PAY, "Retenues")).await;
    let told = |stage: &Stage, address: &str, subject: &str| {
        letters_to(stage, address).iter().filter(|letter| letter.mail.body.text.contains(subject)).count()
    };
    assert_eq!([CHLOE, DAN, BOB].map(|one| told(&stage, one.address, "Retenues")), [1, 1, 0], "{}", stage.story());
    stage.mail(&forged(DESK, "Clavier")).await;
    assert_eq!([CHLOE, DAN, BOB].map(|one| told(&stage, one.address, "Clavier")), [0, 0, 1], "{}", stage.story());
    // What comes within the hour is told in one letter a desk.
    stage.mail(&forged(PAY, "Relevé")).await;
    stage.mail(&forged(DESK, "Souris")).await;
    stage.wait(SignedDuration::from_hours(2)).await;
    assert_eq!([CHLOE, DAN, BOB].map(|one| told(&stage, one.address, "Relevé")), [1, 1, 0], "{}", stage.story());
    assert_eq!([CHLOE, DAN, BOB].map(|one| told(&stage, one.address, "Souris")), [0, 0, 1], "{}", stage.story());
    // What nobody looks at is called out to those who answer for that desk.
    stage.wait(SignedDuration::from_hours(24)).await;
    for (manager, own, other) in [("eve@helpdesk.test", "Relevé", "Souris"), ("max@helpdesk.test", "Souris", "Relevé")]
    {
        assert_eq!((told(&stage, manager, own), told(&stage, manager, other)), (1, 0), "{}", stage.story());
    }
}

#[tokio::test]
async fn the_other_desk_is_told_in_the_language_of_whoever_works_there() {
    let mut stage = stage(apart()).await;
    stage.mail(&TOM.writes("Pay slip", "Hello, my pay slip shows no deductions any more.").to(&[DESK, PAY])).await;
    assert_eq!(tickets(&stage).await.len(), 1);
    let told = stage.last_to(DAN.address).mail.body.text;
    assert!(told.contains("The desk \"Guichet\" takes care of it, as R-000001"), "{told}");
    let told = stage.last_to(CHLOE.address).mail.body.text;
    assert!(told.contains("Le guichet «\u{a0}Guichet\u{a0}» s’en occupe, sous R-000001"), "{told}");
    let counts = [ALICE, BOB, CHLOE, DAN].map(|one| count_to(&stage, one.address));
    assert_eq!(counts, [1, 1, 1, 1], "{}", stage.story());
}

#[tokio::test]
async fn whoever_asked_and_whose_ticket_was_moved_tells_the_old_desk_nothing_more() {
    let mut stage = stage(apart()).await;
    stage.mail(&MARIE.writes("Retenues", "Bonjour, mon relevé de paie ne montre plus mes retenues.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#desk paie")).await;
    let (alice, chloe) = (count_to(&stage, ALICE.address), count_to(&stage, CHLOE.address));
    let letter = stage.last_to(MARIE.address);
    stage.mail(&MARIE.answers(&letter, "Il manque aussi la ligne des vacances.").cc(&[DESK])).await;
    let counts = (count_to(&stage, ALICE.address), count_to(&stage, CHLOE.address));
    assert_eq!(counts, (alice, chloe + 1), "{}", stage.story());
}

#[tokio::test]
async fn a_desk_with_a_team_of_its_own_is_told_there() {
    let mut policy = shared();
    policy.teams.push(Team {
        level: Level::L1,
        desk: Some("paie".to_owned()),
        address: house::address("paie-n1@helpdesk.test"),
        members: Vec::new(),
        ..policy.teams[0].clone()
    });
    let mut stage = stage(policy).await;
    stage.mail(&MARIE.writes("Retenues", "Bonjour, mon relevé de paie ne montre plus mes retenues.").to(&[PAY])).await;
    let counts = [ALICE.address, BOB.address, "paie-n1@helpdesk.test"].map(|one| count_to(&stage, one));
    assert_eq!(counts, [0, 0, 1], "{}", stage.story());
}
