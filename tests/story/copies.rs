//! One message has its effects once, however many copies of it arrive.

use guichet::smtp::SentMail;
use guichet::store::{LedgerFilter, LedgerLine, Standing};
use proptest::prelude::*;

use crate::cast::{ACME, ALICE, ANNA, BOB, MARIE, PAUL, STRANGER};
use crate::client::{Mail, Verdict};
use crate::laws::tickets;
use crate::stage::Stage;

#[tokio::test]
async fn copies_of_a_mail_are_known_by_their_bytes_or_their_identifier_and_body() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Clavier", "Le clavier n'écrit plus.");
    stage.mails(&[&request, &request]).await;
    stage.mail(&request.clone().with("X-Forwarded-By", "alias@desk.test")).await;
    let mut other = request.clone();
    other.text = "La souris non plus.".to_owned();
    stage.mail(&other).await;
    insta::assert_snapshot!(stage.told());
}

fn count_to(stage: &Stage, address: &str) -> usize {
    stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == address)).count()
}

/// How many letters to somebody say this.
fn said_to(stage: &Stage, address: &str, words: &str) -> usize {
    let to = |sent: &SentMail| sent.recipients.iter().any(|to| to.as_str() == address);
    stage.letters().iter().filter(|(sent, letter)| to(sent) && letter.mail.body.text.contains(words)).count()
}

async fn standings(stage: &Stage) -> Vec<Standing> {
    let ledger = stage.gateway.store.ledger(&LedgerFilter::default()).await.unwrap();
    ledger.iter().map(LedgerLine::standing).collect()
}

/// The same message by another way.
fn by_way_of(mail: &Mail, way: &str, verdict: Verdict) -> Mail {
    mail.clone().with("X-Way", way).judged(verdict)
}

#[tokio::test]
async fn an_agents_answer_whose_first_copy_proved_nothing_leaves_once_with_the_copy_that_does() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier du quai n'écrit plus.")).await;
    let answer = ALICE.answers(&stage.last_to(ALICE.address), "Soufflez dessous, puis redémarrez.");
    stage.mail(&by_way_of(&answer, "a list", Verdict::None)).await;
    let about_quarantine = stage.last_to(BOB.address);
    stage.mail(&answer).await;
    stage.mail(&by_way_of(&answer, "an alias", Verdict::Pass)).await;
    stage.mail(&by_way_of(&answer, "a list again", Verdict::Fail)).await;
    stage.mail(&BOB.answers(&about_quarantine, "#release")).await;
    assert_eq!(said_to(&stage, MARIE.address, "Soufflez dessous"), 1, "{}", stage.story());
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_request_whose_first_copy_failed_is_one_ticket_and_acknowledged_when_it_is_proven() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Clavier", "Bonjour, le clavier du quai n'écrit plus.").cc(&[PAUL.address]);
    stage.mail(&by_way_of(&request, "a forwarder", Verdict::Fail)).await;
    stage.mail(&request).await;
    stage.mail(&by_way_of(&request, "an alias", Verdict::Pass)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_reply_whose_unproven_copy_opened_a_ticket_joins_its_own_and_takes_that_one_over() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Clavier", "Bonjour, le clavier du quai n'écrit plus.");
    stage.before(&request).await;
    let more = Mail { from: request.from.clone(), ..request.answered_to_all_by(&MARIE, "La souris non plus.") };
    stage.before(&by_way_of(&more, "a forwarder", Verdict::None)).await;
    stage.mail(&more).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn whoever_writes_under_somebody_elses_message_id_writes_a_mail_of_their_own() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Clavier", "Bonjour, le clavier du quai n'écrit plus.");
    let same = Mail { from: STRANGER.writes("", "").from, ..request.clone() };
    stage.mail(&same).await;
    stage.mail(&request).await;
    stage.mail(&by_way_of(&request, "an alias", Verdict::Pass)).await;
    assert_eq!(standings(&stage).await, [Standing::Ticket, Standing::Ticket, Standing::Suppressed]);
    let tickets = tickets(&stage).await;
    let asked: Vec<_> = tickets.iter().map(|shown| shown.ticket.requester.unwrap()).collect();
    assert_eq!(tickets.len(), 2, "{}", stage.story());
    assert_ne!(asked[0], asked[1]);
    assert_eq!((count_to(&stage, MARIE.address), count_to(&stage, STRANGER.address)), (1, 1), "{}", stage.story());
}

#[tokio::test]
async fn a_lists_copy_takes_nothing_from_the_mail_itself() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Clavier", "Bonjour, le clavier du quai n'écrit plus.").to(&["tous@client.test"]);
    stage.mail(&by_way_of(&request, "a list", Verdict::Pass).with("List-Id", "<tous.client.test>")).await;
    stage.mail(&request).await;
    stage.mail(&by_way_of(&request, "a list again", Verdict::Pass).with("List-Id", "<tous.client.test>")).await;
    assert_eq!(standings(&stage).await, [Standing::Suppressed, Standing::Ticket, Standing::Suppressed]);
    assert_eq!(count_to(&stage, MARIE.address), 1, "{}", stage.story());
}

/// Whose mail it is.
#[derive(Clone, Copy, Debug)]
enum Written {
    Request,
    Reply,
    Answer,
    ByVendor,
}

fn copies() -> impl Strategy<Value = Vec<(Verdict, bool)>> {
    let verdict = prop::sample::select(vec![Verdict::Pass, Verdict::None, Verdict::Fail]);
    prop::collection::vec((verdict, any::<bool>()), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn whatever_ways_a_message_comes_by_it_has_the_effect_of_its_best_copy_and_once(
        written in prop::sample::select(vec![Written::Request, Written::Reply, Written::Answer, Written::ByVendor]),
        copies in copies(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(arrive(written, &copies));
    }
}

async fn arrive(written: Written, copies: &[(Verdict, bool)]) {
    const WORDS: &str = "la housse de protection est restée dessous";
    let mut stage = Stage::in_memory().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier du quai n'écrit plus.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#escalate L3 acme\nA keyboard writes nothing.")).await;
    let mail = match written {
        Written::Request => MARIE.writes("Souris", WORDS),
        Written::Reply => MARIE.answers(&stage.last_to(MARIE.address), WORDS),
        Written::Answer => {
            let letter = stage.letters().iter().find(|(sent, _)| sent.recipients[0].as_str() == ALICE.address);
            ALICE.answers(&letter.unwrap().1.clone(), WORDS)
        }
        Written::ByVendor => ANNA.answers(&stage.last_to(ACME), WORDS),
    };
    for (at, (verdict, together)) in copies.iter().enumerate() {
        let copy = by_way_of(&mail, &format!("way {at}"), *verdict);
        let again = by_way_of(&mail, &format!("way {at} again"), *verdict);
        if *together { stage.mails(&[&copy, &again]).await } else { stage.mail(&copy).await }
    }
    let proven = copies.iter().any(|(verdict, _)| *verdict == Verdict::Pass);
    let story = stage.story();
    let tickets = tickets(&stage).await;
    let open = tickets.iter().filter(|shown| shown.ticket.merged_into.is_none()).count();
    let waits = standings(&stage).await.iter().filter(|standing| **standing == Standing::Quarantine).count();
    let to_marie = said_to(&stage, MARIE.address, WORDS);
    let filed = stage.entries_of("R-000001").await.iter().filter(|words| words.contains(WORDS)).count();
    match written {
        Written::Request => {
            let received = count_to(&stage, MARIE.address) - 2;
            assert_eq!((open, waits), (2, 0), "{story}");
            assert!(received <= 1 && (received == 1 || !proven), "{received} acknowledgements:\n{story}");
        }
        Written::Reply if proven => assert_eq!((open, waits), (1, 0), "{story}"),
        Written::Reply => assert!(open <= 2 && waits == 0, "{story}"),
        Written::Answer => assert_eq!((to_marie, waits), (usize::from(proven), usize::from(!proven)), "{story}"),
        Written::ByVendor => assert_eq!((filed, waits), (usize::from(proven), usize::from(!proven)), "{story}"),
    }
}
