//! People are away: their tickets, their colleagues, and who asks.

use std::time::Duration;

use guichet::desk::clock::{Calendar, DaysOff, Week};
use guichet::desk::{Event, Level, Policy, Target};
use guichet::known_fix::Library;
use guichet::smtp::SentMail;
use jiff::{SignedDuration, Timestamp};

use crate::cast::{ACME, ALICE, ANNA, BOB, DESK, MARIE, STRANGER, TOM};
use crate::client::{Mail, Received, Verdict};
use crate::house;
use crate::laws::tickets;
use crate::stage::Stage;

/// Alice owns a ticket of Marie's that waits for her, and one of Tom's that is open.
async fn with_two_tickets() -> Stage {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "Avez-vous changé la pile ?")).await;
    stage.before(&TOM.writes("Mouse", "Hello, my mouse has been lost since yesterday.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#prendre")).await;
    stage
}

fn marked(mail: Mail) -> Mail {
    mail.with("Auto-Submitted", "auto-replied")
}

/// The letters with these words that somebody got.
fn letters_to(stage: &Stage, address: &str, words: &str) -> usize {
    let to = stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == address));
    to.filter(|(_, letter)| letter.mail.body.text.contains(words)).count()
}

/// What the last letter to somebody says.
fn last_words(stage: &Stage, address: &str) -> String {
    stage.last_to(address).mail.body.text.replace('\u{a0}', " ")
}

async fn owners(stage: &Stage) -> Vec<bool> {
    tickets(stage).await.iter().map(|shown| shown.ticket.agent.is_some()).collect()
}

#[tokio::test]
async fn who_is_away_gives_open_tickets_back_in_one_letter_and_is_assigned_none_unasked() {
    let mut stage = with_two_tickets().await;
    stage.mail(&ALICE.writes("Vacances", "#absente vendredi 14 août").to(&[DESK])).await;
    let letter = stage.last_to(BOB.address);
    stage.mail(&BOB.answers(&letter, "#assign Alice")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#ok")).await;
    stage.mail(&ALICE.writes("Me revoilà", "#présente").to(&[DESK])).await;
    stage.mail(&BOB.answers(&letter, "#assign Alice").again(2)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn an_absence_may_be_said_on_a_ticket_and_lasts_however_often_its_agent_writes() {
    let mut stage = Stage::new().await;
    stage.before(&TOM.writes("Mouse", "Hello, my mouse has been lost since yesterday.")).await;
    let request = stage.last_to(BOB.address);
    stage.mail(&BOB.answers(&request, "#take\n#away until Monday 9am\nLook under the desk.")).await;
    assert_eq!(owners(&stage).await, [false], "{}", stage.story());
    stage.mail(&TOM.answers(&stage.last_to(TOM.address), "It is not there.")).await;
    stage.mail(&BOB.answers(&request, "Then look behind it.").again(2)).await;
    assert_eq!(owners(&stage).await, [false], "{}", stage.story());
    stage.later(SignedDuration::from_hours(7 * 24));
    stage.mail(&TOM.answers(&stage.last_to(TOM.address), "There it is, but it is broken.")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "I send you another one.")).await;
    assert_eq!(owners(&stage).await, [true], "{}", stage.story());
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_day_of_return_that_is_past_or_unclear_is_refused_and_nothing_happens() {
    for (agent, text, said) in [
        (ALICE, "#absent", "Il manque un jour de retour derrière « #absent »"),
        (ALICE, "#absent bientôt", "« bientôt » n’est pas un jour de retour"),
        (ALICE, "#absent 04/12", "« 04/12 » n’est pas un jour de retour"),
        (ALICE, "#absent 2020-01-01", "Le mercredi 1er janvier 2020 à 8 h n’est plus à venir."),
        (ALICE, "#absent du 10 au 3 décembre", "n’est pas un jour de retour"),
        (ALICE, "#absnt lundi", "Vouliez-vous « #absent »?"),
        (BOB, "#away soon", "\"soon\" is no day to be back"),
        (BOB, "#away 2020-01-01", "January 1, 2020 at 08:00 is not ahead any more."),
    ] {
        let mut stage = with_two_tickets().await;
        stage.mail(&agent.writes("Absence", text).to(&[DESK])).await;
        let answered = last_words(&stage, agent.address);
        assert!(answered.contains(said), "{text}: {answered}");
        assert_eq!(owners(&stage).await, [true, true], "{text}: {}", stage.story());
    }
}

#[tokio::test]
async fn a_mail_of_its_own_that_says_where_its_writer_is_opens_no_ticket() {
    for (text, said) in [
        ("#absent lundi", "jusqu’au lundi 10 août à 8 h"),
        ("#absent 2 jours\nBonne semaine à tous!", "jusqu’au mercredi 5 août à 9 h"),
        ("#absent demain midi", "jusqu’au mardi 4 août à 12 h"),
        ("#absent du 3 au 7 août", "jusqu’au samedi 8 août à 8 h"),
        ("#absent lundi\n#présent", "Votre absence est terminée."),
        ("#présent", "Aucune absence n’était enregistrée."),
        // What one command did is told beside what another did not.
        ("#absent lundi\n#absent 2020-01-01", "jusqu’au lundi 10 août à 8 h"),
        ("#absent lundi\n#absent 2020-01-01", "n’est plus à venir"),
    ] {
        let mut stage = with_two_tickets().await;
        stage.mail(&ALICE.writes("Absence", text).to(&[DESK])).await;
        assert!(!stage.story().contains("R-000003"), "{text}: {}", stage.story());
        let answered = last_words(&stage, ALICE.address);
        assert!(answered.contains(said), "{text}: {answered}");
    }
}

#[tokio::test]
async fn an_absence_that_begins_later_gives_tickets_back_on_its_day_once() {
    let mut stage = with_two_tickets().await;
    stage.mail(&ALICE.writes("Absence", "#absent du 10 au 14 août").to(&[DESK])).await;
    let answered = last_words(&stage, ALICE.address);
    assert!(answered.contains("du lundi 10 août à 8 h jusqu’au samedi 15 août à 8 h."), "{answered}");
    stage.wait(SignedDuration::from_hours(24)).await;
    assert_eq!(owners(&stage).await, [true, true], "{}", stage.story());
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#assign Alice")).await;
    assert!(last_words(&stage, BOB.address).contains("Ticket assigned to Alice Gagnon."), "{}", stage.story());
    stage.wait(SignedDuration::from_hours(6 * 24)).await;
    assert_eq!(owners(&stage).await, [false, false], "{}", stage.story());
    assert_eq!(
        letters_to(&stage, BOB.address, "Alice Gagnon is away until Saturday, August 15"),
        1,
        "{}",
        stage.story()
    );
}

#[tokio::test]
async fn an_absence_that_passed_while_nobody_looked_takes_nothing_away() {
    let mut stage = with_two_tickets().await;
    stage.mail(&ALICE.writes("Absence", "#absent du 10 au 14 août").to(&[DESK])).await;
    stage.later(SignedDuration::from_hours(30 * 24));
    stage.look().await;
    assert_eq!(owners(&stage).await, [true, true], "{}", stage.story());
}

#[tokio::test]
async fn a_requesters_word_that_looks_like_it_makes_nobody_absent() {
    let mut stage = with_two_tickets().await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "#absent lundi")).await;
    assert_eq!(owners(&stage).await, [true, true], "{}", stage.story());
    let forged = ALICE.writes("Absence", "#absent lundi").to(&[DESK]).judged(Verdict::Fail);
    stage.mail(&forged).await;
    assert_eq!(owners(&stage).await, [true, true], "{}", stage.story());
}

#[tokio::test]
async fn an_agents_mail_program_says_it_too_until_the_agent_writes_in_person() {
    let mut stage = with_two_tickets().await;
    let is_toms = |(sent, letter): &&(SentMail, Received)| {
        sent.recipients.iter().any(|to| to.as_str() == ALICE.address) && letter.mail.body.text.contains("has been lost")
    };
    let request = stage.letters().iter().find(is_toms).map(|(_, letter)| letter.clone()).unwrap();
    let notice = "Je suis absente du bureau et de retour le 14 août.";
    stage.mail(&marked(ALICE.answers(&stage.last_to(ALICE.address), notice))).await;
    stage.mail(&marked(ALICE.answers(&stage.last_to(ALICE.address), notice)).again(2)).await;
    stage.mail(&TOM.answers(&stage.last_to(TOM.address), "I need it today.")).await;
    stage.mail(&ALICE.answers(&request, "Regardez sous le bureau.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_notice_without_a_sure_day_holds_until_the_agent_writes_and_one_of_nobody_does_nothing() {
    let mut stage = with_two_tickets().await;
    let answered = stage.last_to(ALICE.address);
    let forged = marked(ALICE.answers(&answered, "Je suis absente du bureau.")).judged(Verdict::Fail);
    stage.mail(&forged).await;
    assert_eq!(owners(&stage).await, [true, true], "{}", stage.story());
    stage.mail(&marked(ALICE.answers(&answered, "Je suis absente du bureau, de retour lundi.")).again(2)).await;
    assert_eq!(owners(&stage).await, [false, false], "{}", stage.story());
    assert_eq!(
        letters_to(&stage, BOB.address, "Alice Gagnon is away, says an absence notice."),
        1,
        "{}",
        stage.story()
    );
    stage.later(SignedDuration::from_hours(30 * 24));
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#assign Alice")).await;
    assert!(last_words(&stage, BOB.address).contains("Alice Gagnon is away"), "{}", stage.story());
    stage.mail(&ALICE.answers(&answered, "#note Je suis là.")).await;
    assert!(last_words(&stage, ALICE.address).contains("Votre absence est terminée."), "{}", stage.story());
}

#[tokio::test]
async fn a_notice_that_was_forgotten_makes_nobody_absent() {
    let mut stage = with_two_tickets().await;
    let notice = "Je suis absente du bureau, de retour le 31 juillet.";
    stage.mail(&marked(ALICE.answers(&stage.last_to(ALICE.address), notice))).await;
    assert_eq!(owners(&stage).await, [true, true], "{}", stage.story());
}

#[tokio::test]
async fn what_an_agent_said_outlasts_the_mail_program() {
    let mut stage = with_two_tickets().await;
    stage.mail(&ALICE.writes("Absence", "#absent 20 août").to(&[DESK])).await;
    let notice = "Je suis absente du bureau, de retour le 14 août.";
    stage.mail(&marked(ALICE.answers(&stage.last_to(ALICE.address), notice))).await;
    stage.later(SignedDuration::from_hours(14 * 24));
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#assign Alice")).await;
    let asked = last_words(&stage, BOB.address);
    assert!(asked.contains("Alice Gagnon is away until Thursday, August 20 at 08:00."), "{asked}");
}

#[tokio::test]
async fn a_requesters_absence_is_written_on_the_ticket_where_its_day_is_sure() {
    for (notice, until) in [
        ("Je suis absente jusqu'au 13 août inclus.", Some("2026-08-14T12:00:00Z")),
        ("Je suis absente, de retour le 14 août.", Some("2026-08-14T12:00:00Z")),
        ("I am out of the office from August 1 to August 13.", Some("2026-08-14T12:00:00Z")),
        ("Je suis absente, de retour lundi.", None),
        ("Je suis absente, de retour le 04/12.", None),
    ] {
        let mut stage = with_two_tickets().await;
        let before = tickets(&stage).await.remove(0).ticket;
        let letters = stage.letters().len();
        stage.mail(&marked(MARIE.answers(&stage.last_to(MARIE.address), notice))).await;
        let after = tickets(&stage).await.remove(0).ticket;
        let until = until.map(|until| until.parse::<Timestamp>().unwrap());
        assert_eq!((after.away_until, after.state), (until, before.state), "{notice}: {}", stage.story());
        assert_eq!(stage.letters().len(), letters, "{notice}: {}", stage.story());
    }
    // Whoever it is that says so.
    let mut stage = with_two_tickets().await;
    let letter = stage.last_to(MARIE.address);
    let notice = "I am out of the office, back on August 14.";
    stage.mail(&marked(STRANGER.answers(&letter, notice))).await;
    stage.mail(&marked(MARIE.answers(&letter, notice)).judged(Verdict::Fail)).await;
    let is_away = |event: &Event| matches!(event, Event::RequesterAway { .. });
    for shown in tickets(&stage).await {
        assert!(!shown.history.iter().any(|happened| is_away(&happened.event)), "{}", stage.story());
    }
}

/// The desk works from Monday to Friday, and promises an answer to a further question within an hour.
fn with_hours() -> Policy {
    let mut policy = house::policy();
    let zone = policy.desks[0].time_zone.clone();
    let week = Week::read(["mon-fri 08:30-16:30"]).unwrap();
    let calendar = Calendar { name: "office".to_owned(), zone, week, days_off: DaysOff::default() };
    policy.calendars = vec![calendar.clone()];
    policy.desks[0].calendar = Some(calendar);
    policy.targets = vec![Target { tnr: Some(Duration::from_secs(3600)), ..Target::default() }];
    policy
}

#[tokio::test]
async fn a_follow_up_reaches_the_team_too_where_its_owner_may_not_see_it_in_time() {
    let mut stage = Stage::with(with_hours(), Library::default()).await;
    stage.before(&TOM.writes("Mouse", "Hello, my mouse has been lost since yesterday.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "Regardez sous le bureau.")).await;
    let bobs = |stage: &Stage| letters_to(stage, BOB.address, "Tom Baker answered");
    let answer = stage.last_to(TOM.address);
    stage.mail(&TOM.answers(&answer, "It is not there.")).await;
    assert_eq!(bobs(&stage), 0, "{}", stage.story());
    // The first one has waited for longer than promised.
    stage.later(SignedDuration::from_mins(90));
    stage.mail(&TOM.answers(&answer, "Is anybody there?").again(2)).await;
    assert_eq!(bobs(&stage), 1, "{}", stage.story());
    assert!(
        last_words(&stage, BOB.address).contains("goes to the team too: an answer is overdue."),
        "{}",
        stage.story()
    );
    assert!(last_words(&stage, ALICE.address).contains("à l’équipe : une réponse est en retard."), "{}", stage.story());
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Je vous en apporte une.")).await;
    // At night.
    stage.later(SignedDuration::from_hours(12));
    stage.mail(&TOM.answers(&answer, "It was in my bag.").again(3)).await;
    assert_eq!(bobs(&stage), 2, "{}", stage.story());
    assert!(last_words(&stage, BOB.address).contains("it comes outside business hours."), "{}", stage.story());
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Tant mieux.")).await;
    // Whoever owns it by `#ok` and is away.
    stage.later(SignedDuration::from_hours(12));
    stage.mail(&ALICE.writes("Absence", "#absent 14 août").to(&[DESK])).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#assign Alice")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#ok")).await;
    stage.mail(&TOM.answers(&answer, "Now it is lost again.").again(4)).await;
    assert_eq!(bobs(&stage), 3, "{}", stage.story());
    let told = last_words(&stage, BOB.address);
    assert!(told.contains("the owner is away until Friday, August 14 at 08:30."), "{told}");
}

#[tokio::test]
async fn who_is_away_gets_no_letter_to_the_level_unless_nobody_else_is_there() {
    let mut stage = Stage::new().await;
    let both =
        |stage: &Stage, words: &str| (letters_to(stage, ALICE.address, words), letters_to(stage, BOB.address, words));
    stage.mail(&ALICE.writes("Absence", "#absent 14 août").to(&[DESK])).await;
    stage.mail(&TOM.writes("Mouse", "My mouse has been lost since yesterday.")).await;
    assert_eq!(both(&stage, "has been lost"), (0, 1), "{}", stage.story());
    stage.mail(&BOB.writes("Away", "#away August 14").to(&[DESK])).await;
    stage.mail(&TOM.writes("Chair", "My chair squeaks in a terrible way.")).await;
    assert_eq!(both(&stage, "squeaks"), (1, 1), "nobody is there: {}", stage.story());
    stage.mail(&ALICE.writes("Retour", "#présente").to(&[DESK])).await;
    stage.mail(&TOM.writes("Lamp", "My lamp hums all day long.")).await;
    assert_eq!(both(&stage, "hums"), (1, 0), "{}", stage.story());
    stage.later(SignedDuration::from_hours(14 * 24));
    stage.mail(&TOM.writes("Window", "My window does not close.")).await;
    assert_eq!(both(&stage, "not close"), (1, 1), "the day has come: {}", stage.story());
}

#[tokio::test]
async fn what_a_level_gets_that_is_away_as_a_whole_the_first_one_sees() {
    let mut policy = house::policy();
    policy.teams.clear();
    policy.agents[0].level = Level::L2;
    let mut stage = Stage::with(policy, Library::default()).await;
    stage.mail(&ALICE.writes("Absence", "#absent 14 août").to(&[DESK])).await;
    stage.mail(&TOM.writes("Mouse", "My mouse has been lost since yesterday.")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#escalate L2\nWho has it?")).await;
    stage.mail(&TOM.answers(&stage.last_to(TOM.address), "It is still lost.")).await;
    assert_eq!(letters_to(&stage, ALICE.address, "still lost"), 1, "{}", stage.story());
    assert_eq!(letters_to(&stage, BOB.address, "still lost"), 1, "{}", stage.story());
}

#[tokio::test]
async fn what_falls_due_and_what_a_vendor_answers_is_the_teams_while_its_owner_is_away() {
    let mut policy = with_hours();
    policy.targets = vec![Target { ttr: Some(Duration::from_secs(4 * 3600)), ..Target::default() }];
    let mut stage = Stage::with(policy, Library::default()).await;
    stage.before(&TOM.writes("Mouse", "Hello, my mouse has been lost since yesterday.")).await;
    let request = stage.last_to(BOB.address);
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#escalade N3 acme\nA mouse is lost.")).await;
    stage.mail(&ALICE.writes("Absence", "#absent 14 août").to(&[DESK])).await;
    stage.mail(&ANNA.answers(&stage.last_to(ACME), "We ship a new one.")).await;
    assert_eq!(letters_to(&stage, ALICE.address, "ship a new one"), 0, "{}", stage.story());
    assert_eq!(letters_to(&stage, BOB.address, "ship a new one"), 1, "{}", stage.story());
    stage.mail(&BOB.answers(&request, "#assign Alice")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#ok")).await;
    stage.wait(SignedDuration::from_mins(3 * 60 + 5)).await;
    assert!(last_words(&stage, BOB.address).contains("R-000001"), "{}", stage.story());
    assert_eq!(stage.last_to(BOB.address).mail.subject, stage.last_to(ALICE.address).mail.subject, "{}", stage.story());
}

#[tokio::test]
async fn a_requester_who_writes_in_person_is_back_and_is_reminded_as_anybody_is() {
    let away = async |stage: &Stage| tickets(stage).await.remove(0).ticket.away_until;
    let mut stage = with_two_tickets().await;
    let notice = "Je suis absente, de retour le 28 août.";
    stage.mail(&marked(MARIE.answers(&stage.last_to(MARIE.address), notice))).await;
    let until = away(&stage).await;
    assert!(until.is_some_and(|until| until > stage.gateway.time.now()), "{}", stage.story());
    // Neither another notice nor what may not be hers.
    stage.mail(&marked(MARIE.answers(&stage.last_to(MARIE.address), "Je suis absente du bureau.")).again(2)).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Me revoilà.").judged(Verdict::Fail)).await;
    assert_eq!(away(&stage).await, until, "{}", stage.story());
    // About something else: the question waits from today on.
    stage.later(SignedDuration::from_hours(24));
    stage.mail(&MARIE.writes("Chaise", "Ma chaise grince énormément depuis hier.")).await;
    let back = stage.gateway.time.now();
    assert_eq!(away(&stage).await, Some(back), "{}", stage.story());
    stage.wait(SignedDuration::from_hours(2 * 24)).await;
    assert!(tickets(&stage).await.remove(0).ticket.reminded_at.is_none(), "{}", stage.story());
    stage.wait(SignedDuration::from_hours(2 * 24)).await;
    assert!(tickets(&stage).await.remove(0).ticket.reminded_at.is_some(), "{}", stage.story());
}
