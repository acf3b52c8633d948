//! What holds whatever people write, and whoever gets hold of whichever letter.

use std::collections::{BTreeSet, HashMap};

use guichet::desk::{Audience, CopiedLevel, Event, Ticket};
use guichet::store::{LedgerFilter, TicketFilter, TicketShown};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::cast::{ACME, ALICE, ANNA, BOB, L2, LUC, MARIE, PAUL, ROBOT, STRANGER, TOM};
use crate::client::{Mail, Person, Verdict, bounce};
use crate::held;
use crate::stage::Stage;

/// Words that are written for one audience alone.
const REQUEST: &str = "abricot";
const NOTE: &str = "betterave";
const BRIEF_L2: &str = "carotte";
const VENDOR: &str = "dattier";

/// One thing that happens.
#[derive(Clone, Debug)]
enum Move {
    Writes {
        who: Person,
        verdict: Verdict,
        with_paul: bool,
    },
    /// Any letter so far may have come into anybody's hands.
    Answers {
        who: Person,
        verdict: Verdict,
        letter: Index,
        words: String,
        automatic: Marked,
    },
    /// The same bytes, as by an alias.
    Again {
        mail: Index,
    },
    Bounces {
        letter: Index,
    },
}

/// Whether a robot wrote, and said so.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Marked {
    Automatic,
    No,
}

fn requesters_words() -> impl Strategy<Value = String> {
    let words = ["il n'écrit plus", "Merci !", "oui", "english", "statut", "#close", "#escalate L3 acme"];
    prop::sample::select(words.to_vec()).prop_map(|words| match words {
        "il n'écrit plus" => format!("{words}, {REQUEST}"),
        words => words.to_owned(),
    })
}

fn agents_words() -> impl Strategy<Value = String> {
    let words = [
        "Essayez ceci.".to_owned(),
        format!("#note\n{NOTE}"),
        format!("#escalate L2\n{BRIEF_L2}"),
        "#escalate L3 acme\nMarie Tremblay (marie@client.test) needs help.".to_owned(),
        "#vendor acme: One thing more.".to_owned(),
        "#publish".to_owned(),
        "#reply\nÀ demain.".to_owned(),
        "#solved\nC'était la pile.".to_owned(),
        "#close".to_owned(),
        "#reopen".to_owned(),
        "#return L1".to_owned(),
        "#take".to_owned(),
        "#cc +tom@client.test".to_owned(),
        "#cc -paul@client.test".to_owned(),
        "#nonsense\nEssayez cela.".to_owned(),
        "#ok".to_owned(),
        "#cancel".to_owned(),
        "#release".to_owned(),
        "#status".to_owned(),
    ];
    prop::sample::select(words.to_vec())
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![6 => Just(Verdict::Pass), 1 => Just(Verdict::None), 1 => Just(Verdict::Fail)]
}

fn marked() -> impl Strategy<Value = Marked> {
    prop_oneof![5 => Just(Marked::No), 1 => Just(Marked::Automatic)]
}

fn answers(who: Vec<Person>, words: impl Strategy<Value = String>) -> impl Strategy<Value = Move> {
    (prop::sample::select(who), verdict(), any::<Index>(), words, marked())
        .prop_map(|(who, verdict, letter, words, automatic)| Move::Answers { who, verdict, letter, words, automatic })
}

fn moves() -> impl Strategy<Value = Move> {
    let writes = (prop::sample::select(vec![MARIE, TOM, STRANGER, ALICE]), verdict(), any::<bool>())
        .prop_map(|(who, verdict, with_paul)| Move::Writes { who, verdict, with_paul });
    prop_oneof![
        3 => writes,
        4 => answers(vec![MARIE, TOM, PAUL, STRANGER], requesters_words()),
        9 => answers(vec![ALICE, BOB, LUC], agents_words()),
        3 => answers(vec![ANNA, ROBOT], Just(format!("It is known, {VENDOR}."))),
        1 => any::<Index>().prop_map(|mail| Move::Again { mail }),
        1 => any::<Index>().prop_map(|letter| Move::Bounces { letter }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_laws_hold(moves in prop::collection::vec(moves(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(&moves));
    }
}

async fn play(moves: &[Move]) {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Clavier", &format!("Bonjour, le clavier n'écrit plus, {REQUEST}."))).await;
    let mut raw: Vec<Vec<u8>> = Vec::new();
    for (at, one) in moves.iter().enumerate() {
        let (letters, events) = (stage.letters().len(), events(&stage).await);
        match one {
            Move::Again { mail } if !raw.is_empty() => {
                stage.raw_mails(&[mail.get(&raw[..]).as_slice()]).await;
                assert_eq!(stage.letters().len(), letters, "a copy had letters:\n{}", stage.told());
                assert_eq!(self::events(&stage).await, events, "a copy had effects:\n{}", stage.told());
                continue;
            }
            Move::Again { .. } => continue,
            Move::Bounces { letter } => {
                let (sent, letter) = letter.get(stage.letters());
                let report = bounce(&letter.id(), sent.recipients[0].as_str());
                stage.raw_mails(&[&report]).await;
                raw.push(report);
                no_letter_to(&stage, letters, "mailer-daemon@relay.test");
            }
            Move::Writes { who, verdict, with_paul } => {
                let text = format!("Bonjour, la souris {at} ne bouge plus, {REQUEST}.");
                let mail = who.writes(&format!("Souris {at}"), &text).judged(*verdict);
                let mail = if *with_paul { mail.cc(&[PAUL.address]) } else { mail };
                stage.mail(&mail).await;
                raw.push(mail.bytes());
            }
            Move::Answers { who, verdict, letter, words, automatic } => {
                let letter = letter.get(stage.letters()).1.clone();
                let mail = marked_as(who.answers(&letter, words).judged(*verdict), *automatic);
                stage.mail(&mail).await;
                raw.push(mail.bytes());
                if *automatic == Marked::Automatic {
                    no_letter_to(&stage, letters, who.address);
                }
            }
        }
    }
    every_mail_leaves_a_trace(&stage).await;
    every_ticket_is_the_fold_of_its_history(&stage).await;
    every_letter_keeps_to_its_audience(&stage).await;
    held::each_held_mail_ends_once(&stage).await;
}

fn marked_as(mail: Mail, automatic: Marked) -> Mail {
    match automatic {
        Marked::Automatic => mail.with("Auto-Submitted", "auto-replied"),
        Marked::No => mail,
    }
}

fn no_letter_to(stage: &Stage, before: usize, sender: &str) {
    let answered =
        stage.letters()[before..].iter().any(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == sender));
    assert!(!answered, "a robot was answered:\n{}", stage.story());
}

async fn events(stage: &Stage) -> usize {
    tickets(stage).await.iter().map(|shown| shown.history.len()).sum()
}

pub(crate) async fn tickets(stage: &Stage) -> Vec<TicketShown> {
    let list = stage.gateway.store.tickets(&TicketFilter::default()).await.unwrap();
    let mut all = Vec::new();
    for ticket in list.tickets {
        all.push(stage.gateway.store.ticket(ticket.number).await.unwrap().unwrap());
    }
    all
}

async fn every_mail_leaves_a_trace(stage: &Stage) {
    for line in stage.gateway.store.ledger(&LedgerFilter::default()).await.unwrap() {
        assert!(line.outcome.is_some(), "mail {} has no outcome:\n{}", line.id, stage.story());
    }
}

async fn every_ticket_is_the_fold_of_its_history(stage: &Stage) {
    for shown in tickets(stage).await {
        let stored = &shown.ticket;
        let blank = Ticket::new(stored.number, &stored.desk, &stored.subject, stored.language, stored.opened_at);
        let folded = shown.history.iter().fold(blank, Ticket::after);
        assert_eq!(*stored, folded, "{}", stage.story());
    }
}

async fn every_letter_keeps_to_its_audience(stage: &Stage) {
    let tickets = tickets(stage).await;
    let mut of: HashMap<String, (&TicketShown, &Audience)> = HashMap::new();
    for shown in &tickets {
        for letter in &shown.letters {
            if let Some(id) = &letter.message_id {
                of.insert(id.as_str().to_owned(), (shown, &letter.audience));
            }
        }
    }
    let desk = [ALICE.address, BOB.address, L2, LUC.address].map(str::to_owned);
    for (sent, letter) in stage.letters() {
        let known = of.get(&letter.id());
        let audience = known.map_or(&Audience::Desk, |(_, audience)| audience);
        let parties: BTreeSet<String> = match (audience, known) {
            (Audience::Desk, _) => desk.iter().cloned().collect(),
            (Audience::Vendor(_), _) => [ACME.to_owned()].into(),
            (Audience::Requester, Some((shown, _))) => readers(shown),
            (Audience::Requester, None) => BTreeSet::new(),
        };
        let shown = letter.mail.to.iter().chain(&letter.mail.cc);
        for address in sent.recipients.iter().chain(shown) {
            assert!(parties.contains(address.as_str()), "{address} is no party of {audience:?}:\n{}", stage.story());
        }
        let words = format!("{}\n{}\n{}", letter.mail.subject, letter.mail.body.text, letter.mail.body.html_text());
        let published = known.is_some_and(|(shown, _)| {
            shown.history.iter().any(|happened| matches!(happened.event, Event::Published { .. }))
        });
        let people = known.map(|(shown, _)| names(shown)).unwrap_or_default();
        let forbidden: Vec<&str> = match audience {
            Audience::Desk => Vec::new(),
            Audience::Vendor(_) => {
                people.iter().map(String::as_str).chain([NOTE, BRIEF_L2, REQUEST, "helpdesk.test"]).collect()
            }
            Audience::Requester if published => vec![NOTE, BRIEF_L2, REQUEST, "helpdesk.test"],
            Audience::Requester => vec![NOTE, BRIEF_L2, REQUEST, VENDOR, "helpdesk.test", "acme"],
        };
        for word in forbidden {
            assert!(!words.contains(word), "{word} reached {audience:?} in\n{words}\n{}", stage.story());
        }
    }
}

/// Names and addresses of the requester and the participants.
fn names(shown: &TicketShown) -> Vec<String> {
    let ticket = &shown.ticket;
    let people = ticket.requester.into_iter().chain(ticket.participants.iter().map(|participant| participant.contact));
    let people = people.filter_map(|contact| shown.contacts.get(&contact));
    people.flat_map(|contact| [Some(contact.address.to_string()), contact.name.clone()]).flatten().collect()
}

/// Everybody who ever asked or read along, and the levels that were put in Cc.
pub(crate) fn readers(shown: &TicketShown) -> BTreeSet<String> {
    let address = |contact: &guichet::desk::ContactId| shown.contacts.get(contact).map(|c| c.address.to_string());
    let mut readers: BTreeSet<String> = BTreeSet::new();
    for happened in &shown.history {
        match &happened.event {
            Event::Opened { requester: Some(contact), .. }
            | Event::RequesterChanged { contact }
            | Event::ParticipantAdded { contact } => readers.extend(address(contact)),
            Event::LevelCopied { level: CopiedLevel::Team(_) } => readers.extend([L2.to_owned()]),
            _ => {}
        }
    }
    readers
}
