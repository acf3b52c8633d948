//! What many people ask at once: one parent, its children, one solution.

use std::collections::BTreeSet;

use guichet::desk::{Event, Purpose, Ticket, TicketNumber};
use jiff::SignedDuration;
use proptest::prelude::*;

use crate::cast::{ALICE, BOB, MARIE, PAUL, TOM};
use crate::client::{Client, Mail, Person, Received, Verdict};
use crate::stage::Stage;

/// How people say that the VPN is down, in both languages.
pub(crate) const VPN: [(&str, &str); 12] = [
    ("VPN en panne", "Bonjour, je n'arrive plus à me connecter au VPN depuis ce matin."),
    ("VPN down", "Hi, I can't connect to the VPN since this morning."),
    ("Plus de VPN", "Le VPN refuse toutes les connexions depuis ce matin."),
    ("Cannot reach the VPN", "The VPN rejects every connection this morning."),
    ("Connexion VPN impossible", "Impossible de me connecter au VPN ce matin."),
    ("VPN connection", "My VPN connection does not work this morning."),
    ("Le VPN ne marche pas", "La connexion au VPN est impossible depuis ce matin."),
    ("VPN not working", "I cannot connect to the VPN any more."),
    ("Panne du VPN?", "Le VPN est-il en panne? Je ne peux pas me connecter."),
    ("Is the VPN down?", "Is the VPN down? I can't connect."),
    ("VPN", "Je ne peux plus me connecter au VPN."),
    ("No VPN connection", "There is no VPN connection since this morning."),
];

pub(crate) fn person(n: usize) -> Person {
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let (name, address) = (leak(format!("Nom{n} Client{n}")), leak(format!("client{n}@client.test")));
    Person { name, address, client: Client::Gmail, signature: "" }
}

fn asks(n: usize) -> Mail {
    let (subject, text) = VPN[n % VPN.len()];
    person(n).writes(subject, text)
}

pub(crate) async fn ask(stage: &mut Stage, people: std::ops::Range<usize>) {
    let mails: Vec<Mail> = people.map(asks).collect();
    stage.mails(&mails.iter().collect::<Vec<_>>()).await;
    stage.look().await;
}

async fn ticket(stage: &Stage, number: i64) -> Ticket {
    stage.gateway.store.ticket(TicketNumber(number)).await.unwrap().unwrap().ticket
}

fn letters_to<'s>(stage: &'s Stage, address: &str) -> Vec<&'s Received> {
    let to = |(sent, _): &&(guichet::smtp::SentMail, Received)| sent.recipients.iter().any(|to| to.as_str() == address);
    stage.letters().iter().filter(to).map(|(_, letter)| letter).collect()
}

fn with_words(stage: &Stage, address: &str, words: &str) -> usize {
    letters_to(stage, address).into_iter().filter(|letter| letter.mail.body.text.contains(words)).count()
}

/// Marie's VPN is down, and Alice says that it is everybody's.
async fn declared() -> Stage {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("VPN", "Bonjour, le VPN ne fonctionne plus, impossible de me connecter.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#majeur Panne du VPN")).await;
    stage.look().await;
    stage
}

#[tokio::test]
async fn a_mass_incident_is_declared_told_in_a_digest_and_solved_for_all_in_their_languages() {
    let mut stage = declared().await;
    stage.mail(&TOM.writes("VPN down", "Hi, I can't connect to the VPN since this morning.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#majeur\nLe serveur redémarre à 15 h.")).await;
    stage.look().await;
    stage.mail(&PAUL.writes("Connexion VPN impossible", "Impossible de me connecter au VPN.")).await;
    stage.wait(SignedDuration::from_mins(15)).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#résolu\nLe VPN fonctionne de nouveau.")).await;
    stage.look().await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_proposal_shows_the_first_ten_and_says_how_many_more_there_are() {
    let mut stage = Stage::new().await;
    ask(&mut stage, 0..14).await;
    let proposed =
        letters_to(&stage, ALICE.address).into_iter().rfind(|one| one.mail.body.text.contains("#majeur TITRE"));
    let text = &proposed.unwrap().mail.body.text;
    assert!(text.contains("R-000010 · ") && !text.contains("R-000011"), "{text}");
    assert!(text.contains("Autres demandes semblables\u{a0}: 4."), "{text}");
}

#[tokio::test]
async fn ten_alike_are_proposed_to_the_first_level_once_and_a_title_makes_the_oldest_their_parent() {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Clavier", "La touche E de mon clavier est collée.")).await;
    ask(&mut stage, 0..9).await;
    assert_eq!(with_words(&stage, BOB.address, "#major TITLE"), 0);
    ask(&mut stage, 9..10).await;
    let proposal = stage.last_to(BOB.address);
    assert!(proposal.mail.body.text.contains("#major TITLE"), "{}", stage.story());
    assert!(stage.last_to(ALICE.address).mail.body.text.contains("#majeur TITRE"));
    for number in 2..=11 {
        assert!(proposal.mail.body.text.contains(&TicketNumber(number).to_string()), "{}", proposal.mail.body.text);
    }
    assert!(!proposal.mail.body.text.contains("R-000001 "));
    ask(&mut stage, 10..12).await;
    stage.restart().await;
    stage.look().await;
    assert_eq!(with_words(&stage, BOB.address, "#major TITLE"), 1, "once a group");

    stage.mail(&BOB.answers(&proposal, "#major VPN outage")).await;
    stage.look().await;
    for number in 3..=13 {
        assert_eq!(ticket(&stage, number).await.major, Some(TicketNumber(2)), "R-{number}");
    }
    assert_eq!(ticket(&stage, 1).await.major, None);
    assert_eq!(ticket(&stage, 2).await.as_major().unwrap().children.len(), 11);
}

#[tokio::test]
async fn each_child_is_acknowledged_at_once_and_solved_once_however_large_the_crowd_and_whatever_restarts() {
    let mut stage = declared().await;
    let to_agents = letters_to(&stage, ALICE.address).len();
    ask(&mut stage, 0..250).await;
    let children = ticket(&stage, 1).await.as_major().unwrap().children.len();
    assert!(children >= 240, "{children}");
    stage.restart().await;
    stage.wait(SignedDuration::from_mins(15)).await;
    let told = letters_to(&stage, ALICE.address).len() - to_agents;
    let apart = 250 - children;
    assert_eq!(told, apart + 1, "one digest");
    assert!(stage.last_to(ALICE.address).mail.body.text.contains("Nom7 Client7"));

    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#résolu\nLe VPN fonctionne de nouveau.")).await;
    stage.restart().await;
    stage.look().await;
    stage.look().await;
    let mut solved = 0;
    for n in 0..250 {
        let got = with_words(&stage, person(n).address, "Le VPN fonctionne de nouveau.");
        assert!(got <= 1, "client{n} has {got}");
        solved += got;
    }
    assert_eq!(solved, children);
}

#[tokio::test]
async fn words_for_all_that_name_who_asked_or_repeat_what_they_wrote_are_held() {
    let mut stage = declared().await;
    ask(&mut stage, 0..2).await;
    let letter = stage.last_to(ALICE.address);
    for words in [
        "#résolu\nBonjour Marie, c'est réparé.",
        "#majeur\nVous écrivez : « le VPN ne fonctionne plus, impossible de me connecter ». On y travaille.",
    ] {
        stage.mail(&ALICE.answers(&letter, words)).await;
        stage.look().await;
        let refused = stage.last_to(ALICE.address).mail.body.text.clone();
        assert!(refused.contains("Marie") && refused.contains("#ok"), "{refused}");
        assert_eq!(letters_to(&stage, person(0).address).len(), 1, "{}", stage.story());
    }
    stage.mail(&ALICE.answers(&letter, "#majeur Le VPN de Marie Tremblay")).await;
    assert_eq!(ticket(&stage, 1).await.title.as_deref(), Some("Panne du VPN"));
    // An agent who saw what is doubtful about it lets it go.
    stage.mail(&ALICE.answers(&letter, "#résolu\nMarie et vous tous, c'est réparé.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#ok")).await;
    stage.look().await;
    assert_eq!(with_words(&stage, person(0).address, "c'est réparé"), 1);
}

#[tokio::test]
async fn a_plain_answer_on_a_parent_reaches_one_person_and_its_receipt_says_that_others_did_not_get_it() {
    let mut stage = declared().await;
    ask(&mut stage, 0..2).await;
    let request = letters_to(&stage, ALICE.address)[0].clone();
    stage.mail(&ALICE.answers(&request, "#répondre\nUtilisez le portail en attendant.")).await;
    stage.look().await;
    assert_eq!(with_words(&stage, MARIE.address, "le portail"), 1);
    assert_eq!(with_words(&stage, person(0).address, "le portail"), 0);
    let receipt = stage.last_to(ALICE.address).mail.body.text.clone();
    assert!(receipt.contains("(2) ne l’ont pas reçu") && receipt.contains("#majeur"), "{receipt}");
}

#[tokio::test]
async fn whoever_is_solved_apart_or_reopens_is_left_alone() {
    let mut stage = declared().await;
    stage.mail(&TOM.writes("VPN down", "Hi, I can't connect to the VPN since this morning.")).await;
    stage.mail(&PAUL.writes("VPN en panne", "Je n'arrive plus à me connecter au VPN.")).await;
    // A child is heard as anybody is, and answered apart.
    stage.mail(&TOM.answers(&stage.last_to(TOM.address), "It was my cable, forget it.")).await;
    let news = stage.last_to(BOB.address);
    assert!(news.mail.body.text.contains("my cable"));
    stage.mail(&BOB.answers(&news, "#solved\nGood to know.")).await;
    let parent = letters_to(&stage, ALICE.address)[0].clone();
    stage.mail(&ALICE.answers(&parent, "#résolu\nLe serveur est réparé.")).await;
    stage.look().await;
    assert_eq!(with_words(&stage, TOM.address, "Le serveur est réparé."), 0);
    assert_eq!(with_words(&stage, PAUL.address, "Le serveur est réparé."), 1);

    stage.mail(&PAUL.answers(&stage.last_to(PAUL.address), "Non, chez moi rien ne marche.")).await;
    let paul = ticket(&stage, 3).await;
    assert_eq!((paul.major, paul.state.is_over()), (None, false));
    stage.mail(&ALICE.answers(&parent, "#rouvrir")).await;
    stage.mail(&ALICE.answers(&parent, "#résolu\nCette fois pour de bon.")).await;
    stage.look().await;
    assert_eq!(with_words(&stage, PAUL.address, "Cette fois pour de bon."), 0);
}

#[tokio::test]
async fn what_was_said_to_all_reaches_all_even_where_the_mass_incident_is_ended_at_once() {
    let mut stage = declared().await;
    ask(&mut stage, 0..3).await;
    let parent = letters_to(&stage, ALICE.address)[0].clone();
    stage.mail(&ALICE.answers(&parent, "#résolu\nLe serveur est réparé.")).await;
    stage.mail(&ALICE.answers(&parent, "#majeur -")).await;
    stage.look().await;
    for n in 0..3 {
        assert_eq!(with_words(&stage, person(n).address, "Le serveur est réparé."), 1);
    }
    assert_eq!(ticket(&stage, 1).await.crowd, None);
}

#[tokio::test]
async fn agents_add_a_request_and_take_one_out() {
    let mut stage = declared().await;
    stage.mail(&PAUL.writes("Télétravail", "Je travaille de chez moi et mes dossiers ont disparu.")).await;
    let request = stage.last_to(ALICE.address);
    assert_eq!(ticket(&stage, 2).await.major, None);
    stage.mail(&ALICE.answers(&request, "#majeur R-000009")).await;
    assert!(stage.last_to(ALICE.address).mail.body.text.contains("n’est pas un incident majeur"));
    stage.mail(&ALICE.answers(&request, "#majeur R-000001")).await;
    assert_eq!(ticket(&stage, 2).await.major, Some(TicketNumber(1)));
    stage.mail(&ALICE.answers(&request, "#majeur -")).await;
    assert_eq!(ticket(&stage, 2).await.major, None);
    assert!(ticket(&stage, 1).await.as_major().unwrap().children.is_empty());

    // One that joined by itself and is about something else comes to the desk as a new ticket does.
    ask(&mut stage, 0..1).await;
    let parent = letters_to(&stage, ALICE.address)[0].clone();
    stage.mail(&ALICE.answers(&parent, "#majeur - R-000003")).await;
    assert_eq!(ticket(&stage, 3).await.major, None);
    assert!(stage.last_to(BOB.address).mail.body.text.contains("je n'arrive plus à me connecter"), "{}", stage.story());

    // What is part of it when it is none any more comes back, too.
    ask(&mut stage, 4..5).await;
    let told = letters_to(&stage, BOB.address).len();
    stage.mail(&ALICE.answers(&parent, "#majeur -")).await;
    stage.look().await;
    assert_eq!((ticket(&stage, 4).await.major, ticket(&stage, 1).await.crowd), (None, None), "{}", stage.story());
    assert_eq!(letters_to(&stage, BOB.address).len(), told + 1);
    ask(&mut stage, 2..3).await;
    assert_eq!(ticket(&stage, 5).await.major, None, "it is none any more");
}

#[tokio::test]
async fn only_a_proven_author_is_part_of_a_crowd_and_other_matters_are_none() {
    let mut stage = declared().await;
    stage.mail(&asks(0).judged(Verdict::None)).await;
    stage.mail(&TOM.writes("VPN install", "How do I install the VPN client on my new laptop?")).await;
    stage.mail(&PAUL.writes("Souris", "Ma souris sans fil ne bouge plus.")).await;
    for number in 2..=4 {
        assert_eq!(ticket(&stage, number).await.major, None, "R-{number}");
    }
}

#[tokio::test]
async fn a_letter_about_a_request_says_what_it_is_part_of() {
    let mut stage = declared().await;
    ask(&mut stage, 0..1).await;
    let told = stage.last_to(person(0).address);
    stage.mail(&person(0).answers(&told, "Chez moi, le courriel aussi est en panne.")).await;
    let letter = stage.last_to(ALICE.address).mail.body.text;
    assert!(letter.contains("Fait partie de l’incident majeur R-000001 · Panne du VPN\n"), "{letter}");
    assert!(!stage.last_to(person(0).address).mail.body.text.contains("R-000001"), "{}", stage.story());
}

const SOLVED: &str = "Le problème que plusieurs personnes avaient est réglé\u{a0}: Panne du VPN.";
const SOLVED_ENGLISH: &str = "The problem that several people had is solved: Panne du VPN.";

/// Each of three children was told so many times that it is solved.
fn told_solved(stage: &Stage) -> Vec<usize> {
    let told = |n| with_words(stage, person(n).address, SOLVED) + with_words(stage, person(n).address, SOLVED_ENGLISH);
    (0..3).map(told).collect()
}

async fn states(stage: &Stage, numbers: std::ops::RangeInclusive<i64>) -> Vec<&'static str> {
    let mut states = Vec::new();
    for number in numbers {
        states.push(ticket(stage, number).await.state.word());
    }
    states
}

#[tokio::test]
async fn who_waits_for_a_mass_incident_hears_that_it_is_solved_however_it_ends() {
    for words in ["#résolu", "#fermer"] {
        let mut stage = declared().await;
        ask(&mut stage, 0..3).await;
        let parent = letters_to(&stage, ALICE.address)[0].clone();
        stage.mail(&ALICE.answers(&parent, words)).await;
        assert!(stage.last_to(ALICE.address).mail.body.text.replace('\u{a0}', " ").contains("l’apprennent : 3."));
        stage.look().await;
        stage.look().await;
        assert_eq!(told_solved(&stage), [1, 1, 1], "{words}: {}", stage.story());
        assert_eq!(states(&stage, 2..=4).await, ["resolved"; 3], "{words}: {}", stage.story());
        every_child_has_one_solution(&stage).await;
    }
    // By time: the parent's requester does not answer.
    let mut stage = declared().await;
    ask(&mut stage, 0..3).await;
    let parent = letters_to(&stage, ALICE.address)[0].clone();
    stage.mail(&ALICE.answers(&parent, "#attente demandeur\nEst-ce réglé chez vous ?")).await;
    for _ in 0..12 {
        stage.wait(SignedDuration::from_hours(24)).await;
    }
    assert!(ticket(&stage, 1).await.state.is_over(), "{}", stage.story());
    assert_eq!(told_solved(&stage), [1, 1, 1], "{}", stage.story());
    assert_eq!(states(&stage, 2..=4).await, ["resolved"; 3], "{}", stage.story());
    // By its own requester, who says yes to a reminder.
    let mut stage = declared().await;
    ask(&mut stage, 0..3).await;
    let parent = letters_to(&stage, ALICE.address)[0].clone();
    stage.mail(&ALICE.answers(&parent, "#attente demandeur\nEst-ce réglé chez vous ?")).await;
    for _ in 0..4 {
        stage.wait(SignedDuration::from_hours(24)).await;
    }
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Oui")).await;
    stage.look().await;
    stage.look().await;
    assert_eq!(told_solved(&stage), [1, 1, 1], "{}", stage.story());
}

#[tokio::test]
async fn a_mass_incident_that_is_reopened_in_time_solves_nothing_yet() {
    let mut stage = declared().await;
    ask(&mut stage, 0..3).await;
    let parent = letters_to(&stage, ALICE.address)[0].clone();
    stage.mail(&ALICE.answers(&parent, "#résolu\nLe serveur est réparé.")).await;
    stage.mail(&ALICE.answers(&parent, "#rouvrir")).await;
    stage.look().await;
    assert_eq!(with_words(&stage, person(0).address, "Le serveur est réparé."), 0, "{}", stage.story());
    assert_eq!(ticket(&stage, 1).await.as_major().unwrap().children.len(), 3);
    stage.mail(&ALICE.answers(&parent, "#résolu\nCette fois pour de bon.")).await;
    stage.look().await;
    for n in 0..3 {
        assert_eq!(with_words(&stage, person(n).address, "Cette fois pour de bon."), 1, "{}", stage.story());
    }
    every_child_has_one_solution(&stage).await;
}

#[tokio::test]
async fn who_is_part_of_what_is_merged_or_spam_is_seen_all_the_same() {
    // Into a request about the same matter: that one is the mass incident from then on.
    let mut stage = declared().await;
    ask(&mut stage, 0..3).await;
    stage.mail(&PAUL.writes("Télétravail", "Je travaille de chez moi et mes dossiers ont disparu.")).await;
    let parent = letters_to(&stage, ALICE.address)[0].clone();
    stage.mail(&ALICE.answers(&parent, "#fusionner R-000005")).await;
    assert!(stage.last_to(ALICE.address).mail.body.text.replace('\u{a0}', " ").contains("suivent : 3."));
    stage.look().await;
    let merged = ticket(&stage, 5).await;
    assert_eq!(merged.as_major().unwrap().children, [2, 3, 4].map(TicketNumber), "{}", stage.story());
    assert_eq!(merged.title.as_deref(), Some("Panne du VPN"));
    assert_eq!(
        (ticket(&stage, 2).await.major, ticket(&stage, 1).await.as_major().unwrap().children.len()),
        (Some(merged.number), 0)
    );
    // Into one of its own.
    let letters = letters_to(&stage, ALICE.address);
    let paul = letters.into_iter().find(|letter| letter.mail.body.text.contains("ont disparu")).unwrap().clone();
    stage.mail(&ALICE.answers(&paul, "#fusionner R-000003")).await;
    stage.look().await;
    let merged = ticket(&stage, 3).await;
    assert_eq!(merged.as_major().unwrap().children, [2, 4].map(TicketNumber), "{}", stage.story());
    assert_eq!(merged.major, None);
    stage.mail(&ALICE.answers(&paul, "#résolu")).await;
    stage.look().await;
    assert_eq!(told_solved(&stage), [1, 0, 1], "{}", stage.story());

    let mut stage = declared().await;
    ask(&mut stage, 0..3).await;
    let parent = letters_to(&stage, ALICE.address)[0].clone();
    let told = letters_to(&stage, BOB.address).len();
    stage.mail(&ALICE.answers(&parent, "#spam")).await;
    stage.look().await;
    stage.look().await;
    assert_eq!(states(&stage, 2..=4).await, ["new"; 3], "{}", stage.story());
    for number in 2..=4 {
        assert_eq!(ticket(&stage, number).await.major, None, "{}", stage.story());
    }
    assert_eq!(letters_to(&stage, BOB.address).len(), told + 3, "{}", stage.story());
    assert_eq!(told_solved(&stage), [0, 0, 0], "{}", stage.story());
}

#[tokio::test]
async fn files_of_what_is_said_to_all_reach_all_and_those_of_the_parents_requester_nobody_else() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("VPN", "Bonjour, le VPN ne fonctionne plus, impossible de me connecter.");
    stage.mail(&request.attached("marie.png", "image/png", b"its own picture")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#majeur Panne du VPN")).await;
    ask(&mut stage, 0..2).await;
    let parent = letters_to(&stage, ALICE.address)[0].clone();
    let answer = ALICE.answers(&parent, "#résolu\n#pièces 1\nSuivez le guide.");
    stage.mail(&answer.attached("guide.pdf", "application/pdf", b"%PDF a guide")).await;
    stage.restart().await;
    stage.look().await;
    let files = |address: &str| {
        let letter = stage.last_to(address);
        letter.mail.attachments.iter().map(|file| file.safe_name.clone()).collect::<Vec<_>>()
    };
    for n in 0..2 {
        assert_eq!(files(person(n).address), ["guide.pdf"], "{}", stage.story());
    }
    assert!(files(MARIE.address).contains(&"guide.pdf".to_owned()), "{}", stage.story());
}

/// One thing that happens around a mass incident.
#[derive(Clone, Debug)]
enum Move {
    Asks(usize),
    Writes(usize),
    Agent(&'static str),
    Looks,
    Restarts,
    Again,
}

fn moves() -> impl Strategy<Value = Move> {
    let words = [
        "#résolu\nSOLUTION",
        "#majeur\nNOUVELLE",
        "#rouvrir",
        "#fermer\nSOLUTION",
        "#résolu",
        "#spam",
        "#majeur - R-000002",
        "#majeur -",
        "#répondre\nA PART",
        "#majeur Panne du VPN",
    ];
    prop_oneof![
        4 => (0..8usize).prop_map(Move::Asks),
        2 => (0..8usize).prop_map(Move::Writes),
        4 => prop::sample::select(words.to_vec()).prop_map(Move::Agent),
        3 => Just(Move::Looks),
        1 => Just(Move::Restarts),
        1 => Just(Move::Again),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_child_has_one_solution_and_no_word_of_another_whatever_happens(moves in prop::collection::vec(moves(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(&moves));
    }
}

async fn play(moves: &[Move]) {
    let mut stage = declared().await;
    let parent = letters_to(&stage, ALICE.address)[0].clone();
    let mut asked: BTreeSet<usize> = BTreeSet::new();
    let mut raw: Vec<Vec<u8>> = Vec::new();
    for (at, one) in moves.iter().enumerate() {
        match one {
            Move::Asks(n) => {
                let (subject, text) = VPN[at % VPN.len()];
                let mail = person(*n).writes(subject, &format!("{text} (code zz{n}zz)"));
                asked.insert(*n);
                raw.push(mail.bytes());
                stage.mail(&mail).await;
            }
            Move::Writes(n) if asked.contains(n) => {
                let letter = stage.last_to(person(*n).address);
                stage.mail(&person(*n).answers(&letter, &format!("Autre détail {at}, zz{n}zz."))).await;
            }
            Move::Writes(_) => {}
            Move::Agent(words) => {
                let mail = ALICE.answers(&parent, words);
                raw.push(mail.bytes());
                stage.mail(&mail).await;
            }
            Move::Looks => stage.wait(SignedDuration::from_mins(20)).await,
            Move::Restarts => stage.restart().await,
            Move::Again => {
                if let Some(mail) = raw.last().cloned() {
                    stage.raw_mails(&[&mail]).await;
                }
            }
        }
    }
    stage.wait(SignedDuration::from_mins(30)).await;
    for n in &asked {
        for letter in letters_to(&stage, person(*n).address) {
            let said = format!("{} {}", letter.mail.subject, letter.mail.body.text);
            let others = (0..8).filter(|other| other != n);
            for other in others {
                assert!(
                    !said.contains(&format!("zz{other}zz")) && !said.contains(&format!("client{other}@")),
                    "{said}\n{}",
                    stage.story()
                );
            }
            assert!(!said.contains("A PART") && !said.contains("Marie"), "{said}\n{}", stage.story());
        }
    }
    every_child_has_one_solution(&stage).await;
}

/// Of what a child was part of when it was solved it has the solution, and once for each time that it was open.
async fn every_child_has_one_solution(stage: &Stage) {
    for shown in crate::laws::tickets(stage).await {
        let names = shown.history.iter().map(|happened| happened.event.name()).collect::<Vec<_>>();
        let mut is_child = false;
        let mut solved = 0;
        for happened in &shown.history {
            match &happened.event {
                Event::JoinedCrowd { .. } => is_child = true,
                Event::LeftCrowd | Event::Reopened => is_child = false,
                Event::Resolved { code } if code.as_deref() == Some("major") => {
                    assert!(is_child, "{names:?}\n{}", stage.story());
                    solved += 1;
                }
                _ => {}
            }
        }
        let letters = shown.letters.iter().filter(|letter| letter.purpose == Purpose::Resolved).count();
        if shown.ticket.number != TicketNumber(1) {
            assert_eq!(letters, solved, "{names:?}\n{}", stage.story());
        }
        let parent = ticket(stage, 1).await;
        let is_open_child = shown.ticket.major == Some(parent.number) && !shown.ticket.state.is_over();
        if let Some(crowd) = parent.as_major().filter(|_| is_open_child) {
            let is_waiting = crowd.children.contains(&shown.ticket.number);
            assert!(is_waiting && !parent.state.is_over(), "{names:?}\n{}", stage.story());
        }
    }
}
