//! An answer waits a while before it leaves, and can be withdrawn until then: nothing of it has happened.

use std::time::Duration;

use guichet::desk::{Event, LedgerId, Policy};
use guichet::known_fix::Library;
use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::cast::{ALICE, BOB, MARIE, PAUL, TOM};
use crate::client::Person;
use crate::house;
use crate::laws::tickets;
use crate::stage::Stage;

/// So long an answer waits: a mail takes a minute.
const HOLD: SignedDuration = SignedDuration::from_mins(5);

async fn stage() -> Stage {
    let policy = Policy { relay_hold: Duration::try_from(HOLD).unwrap(), ..house::policy() };
    Stage::with(policy, Library::default()).await
}

#[tokio::test]
async fn an_answer_leaves_when_its_time_has_come_and_counts_from_then_on() {
    let mut stage = stage().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.").cc(&[PAUL.address])).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Avez-vous changé la pile ?")).await;
    assert_eq!(tickets(&stage).await[0].ticket.answered_at, None);
    stage.restart().await;
    stage.later(HOLD);
    stage.look().await;
    let ticket = tickets(&stage).await.remove(0).ticket;
    assert_eq!((ticket.answered_at, ticket.leaving.len()), (Some(stage.gateway.time.now()), 0));
    stage.later(SignedDuration::from_hours(1));
    stage.look().await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_withdrawn_answer_was_never_given() {
    let mut stage = stage().await;
    stage.before(&TOM.writes("Mouse", "Hello, my mouse has been lost since yesterday.").cc(&[PAUL.address])).await;
    let before = tickets(&stage).await.remove(0).ticket;
    let asked = stage.last_to(BOB.address);
    stage.mail(&BOB.answers(&asked, "Look under the chestnut desk.")).await;
    let held = stage.last_to(BOB.address);
    stage.mail(&BOB.answers(&held, "#cancel")).await;
    stage.later(SignedDuration::from_hours(1));
    stage.look().await;
    let after = tickets(&stage).await.remove(0).ticket;
    assert_eq!((after.state, after.answered_at, after.agent), (before.state, before.answered_at, before.agent));
    assert!(!stage.entries_of("R-000001").await.iter().any(|text| text.contains("chestnut")));
    stage.mail(&BOB.answers(&asked, "#escalate L2: The mouse is gone.")).await;
    stage.mail(&BOB.answers(&asked, "It is ordered.")).await;
    stage.later(HOLD);
    stage.look().await;
    let told = stage.told();
    assert_eq!(told.matches("chestnut").count(), 2, "the mail and its receipt alone:\n{told}");
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn what_has_left_is_not_withdrawn_and_its_author_is_told_who_has_it() {
    let mut stage = stage().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.").cc(&[PAUL.address])).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#résolu\nLa pile était vide.")).await;
    let held = stage.last_to(ALICE.address);
    stage.later(HOLD);
    stage.look().await;
    stage.mail(&ALICE.answers(&held, "#annuler")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn it_leaves_at_once_where_its_author_says_so_and_only_once() {
    let mut stage = stage().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Avez-vous changé la pile ?")).await;
    let held = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&held, "#ok")).await;
    stage.later(HOLD);
    stage.look().await;
    let to_marie = |stage: &Stage| {
        let letters = stage.letters().iter();
        letters
            .filter(|(sent, letter)| {
                sent.recipients[0].as_str() == MARIE.address && letter.mail.body.text.contains("pile")
            })
            .count()
    };
    assert_eq!(to_marie(&stage), 1, "{}", stage.story());
}

#[tokio::test]
async fn notes_escalations_and_vendors_letters_do_not_wait() {
    let mut stage = stage().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    for words in ["#note\nÀ voir.", "#escalate L3 acme: The keyboard is dead.", "#close"] {
        stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), words)).await;
    }
    let shown = tickets(&stage).await.remove(0);
    assert!(!shown.history.iter().any(|happened| matches!(happened.event, Event::Held { .. })), "{}", stage.story());
}

#[tokio::test]
async fn what_a_colleague_answers_meanwhile_is_asked_about_before_it_leaves() {
    let mut stage = stage().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    let (to_alice, to_bob) = (stage.last_to(ALICE.address), stage.last_to(BOB.address));
    stage.mail(&ALICE.answers(&to_alice, "Avez-vous changé la pile ?")).await;
    stage.mail(&BOB.answers(&to_bob, "A new keyboard is on its way.")).await;
    stage.later(HOLD);
    stage.look().await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_no_answer_for_ever() {
    let mut stage = stage().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Avez-vous changé la pile ?")).await;
    stage.gateway.time.advance(SignedDuration::from_hours(-48));
    stage.restart().await;
    stage.look().await;
    assert!(tickets(&stage).await[0].ticket.answered_at.is_some(), "{}", stage.story());
}

#[tokio::test]
async fn an_answer_waits_on_the_ticket_that_its_own_was_merged_into() {
    let mut stage = stage().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.before(&MARIE.writes("Touches", "Bonjour, les touches sont mortes.")).await;
    let asked = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&asked, "Avez-vous changé la pile ?")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#merge R-000001")).await;
    stage.later(HOLD);
    stage.look().await;
    let shown = tickets(&stage).await;
    let answered = |reference: &str| {
        shown.iter().find(|shown| shown.ticket.number.to_string() == reference).unwrap().ticket.answered_at.is_some()
    };
    assert_eq!((answered("R-000001"), answered("R-000002")), (true, false), "{}", stage.story());
}

/// What people and time do while answers wait.
#[derive(Clone, Debug)]
enum Move {
    Answers {
        who: Person,
    },
    /// `#cancel` or `#ok`, in answer to any letter that this person got.
    Says {
        who: Person,
        words: &'static str,
        letter: Index,
    },
    Later {
        seconds: i64,
    },
    SetBack,
    Look,
    Restart,
}

fn moves() -> impl Strategy<Value = Move> {
    let who = || prop::sample::select(vec![ALICE, BOB]);
    prop_oneof![
        4 => who().prop_map(|who| Move::Answers { who }),
        4 => (who(), prop::sample::select(vec!["#cancel", "#ok"]), any::<Index>())
            .prop_map(|(who, words, letter)| Move::Says { who, words, letter }),
        2 => (1..400_i64).prop_map(|seconds| Move::Later { seconds }),
        1 => Just(Move::SetBack),
        2 => Just(Move::Look),
        1 => Just(Move::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_an_answer_leaves_once_or_was_never_given(moves in prop::collection::vec(moves(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(&moves));
    }
}

async fn play(moves: &[Move]) {
    let mut stage = stage().await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    let asked = [&ALICE, &BOB].map(|who| (who.address, stage.last_to(who.address)));
    let mut mails = 1;
    let mut answers: Vec<(LedgerId, String)> = Vec::new();
    for one in moves {
        match one {
            Move::Answers { who } => {
                mails += 1;
                let word = format!("essai{mails}.");
                let (_, letter) = asked.iter().find(|(address, _)| *address == who.address).unwrap();
                stage.mail(&who.answers(letter, &format!("Voici {word}"))).await;
                answers.push((LedgerId(mails), word));
            }
            Move::Says { who, words, letter } => {
                mails += 1;
                let to = stage.letters().iter().filter(|(sent, _)| sent.recipients[0].as_str() == who.address);
                let letters: Vec<_> = to.map(|(_, letter)| letter.clone()).collect();
                stage.mail(&who.answers(letter.get(&letters), words).again(mails as usize)).await;
            }
            Move::Later { seconds } => stage.later(SignedDuration::from_secs(*seconds)),
            Move::SetBack => stage.gateway.time.advance(SignedDuration::from_hours(-2)),
            Move::Look => stage.look().await,
            Move::Restart => stage.restart().await,
        }
    }
    stage.restart().await;
    stage.later(SignedDuration::from_hours(24));
    stage.look().await;
    let shown = tickets(&stage).await.remove(0);
    assert!(shown.ticket.leaving.is_empty(), "{}", stage.story());
    let withdrawn = |ledger: LedgerId| {
        let is_its = |event: &Event| matches!(event, Event::Withdrawn { ledger: Some(one) } if *one == ledger);
        shown.history.iter().any(|happened| is_its(&happened.event))
    };
    let mut left = 0;
    for (ledger, word) in &answers {
        let holds = |text: &str| text.contains(word.as_str());
        let got = stage
            .letters()
            .iter()
            .filter(|(sent, letter)| sent.recipients[0].as_str() == MARIE.address && holds(&letter.mail.body.text));
        let got = got.count();
        let was_given = !withdrawn(*ledger) && !shown.ticket.held.contains(ledger);
        assert_eq!(got, usize::from(was_given), "{word}\n{}", stage.story());
        assert_eq!(shown.entries.iter().any(|shown| holds(&shown.entry.text)), was_given, "{word}\n{}", stage.story());
        left += got;
    }
    assert_eq!(shown.ticket.answered_at.is_some(), left > 0, "{}", stage.story());
}
