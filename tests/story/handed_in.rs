//! Mails that somebody else's server hands in: a form that writes for others, a list that feeds the desk, a mailbox that redirects.

use guichet::desk::{Event, Form, Outcome, Policy, Reason, RequesterIn, Sender};
use guichet::known_fix::Library;
use guichet::store::LedgerFilter;
use jiff::SignedDuration;
use regex::Regex;

use crate::cast::{ALICE, BOB, DESK, MARIE, ROBOT};
use crate::client::{Client, Mail, Person, Verdict};
use crate::house;
use crate::laws::tickets;
use crate::stage::Stage;

const SITE: Person = Person { name: "Site web", address: "no-reply@web.test", client: Client::Robot, signature: "" };
const VOICE: Person = Person { name: "Voicemail", address: "voice@pbx.test", client: Client::Robot, signature: "" };
const LIST: &str = "aide@lists.test";
const OLD: &str = "aide@ancien.test";

/// A web form that names who asks in Reply-To, a voicemail box that does in its text, a list, and the mailbox of yesterday.
fn policy() -> Policy {
    let site = Form {
        name: "site".to_owned(),
        sender: Sender::Address(house::address(SITE.address)),
        requester: RequesterIn::ReplyTo,
        acknowledgements_per_hour: 3,
    };
    let voice = Form {
        name: "voicemail".to_owned(),
        sender: Sender::Domain("pbx.test".to_owned()),
        requester: RequesterIn::Body(
            Regex::new(r"(?m)^Caller: (?P<name>[^<\n]*)<(?P<address>[^>]*)>(?:\nAbout: (?P<subject>.*))?").unwrap(),
        ),
        acknowledgements_per_hour: 20,
    };
    Policy {
        forms: vec![site, voice],
        own_lists: vec![house::address(LIST)],
        forwarders: vec![Sender::Address(house::address(OLD))],
        ..house::policy()
    }
}

async fn stage() -> Stage {
    Stage::with(policy(), Library::default()).await
}

fn filled_in(asker: &str, text: &str) -> Mail {
    SITE.writes("Formulaire de contact", text).with("Auto-Submitted", "auto-generated").with("Reply-To", asker)
}

#[tokio::test]
async fn whom_a_form_names_has_the_ticket_and_reads_nothing_of_it_until_an_agent_answers() {
    let mut stage = stage().await;
    stage.mail(&filled_in("Marie Tremblay <marie@client.test>", "Mon écran reste noir.\n#fermer")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Est-il branché ?")).await;
    let words = "New voice message.\n\nCaller: Tom Baker <tom@client.test>\nAbout: Printer on fire\nLength: 0:42";
    stage.mail(&VOICE.writes("Message 4711", words).with("Precedence", "bulk")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_form_that_names_nobody_or_one_of_ours_is_a_ticket_without_a_letter_and_without_power() {
    let mut stage = stage().await;
    stage.before(&MARIE.writes("Souris perdue", "Ma souris a disparu.")).await;
    stage.mail(&SITE.writes("Formulaire de contact", "Rappelez-moi.").with("Auto-Submitted", "auto-generated")).await;
    stage.mail(&VOICE.writes("Message 4712", "Caller: unknown <withheld>")).await;
    for (number, ours) in [ALICE.address, ROBOT.address, DESK, LIST, VOICE.address].into_iter().enumerate() {
        stage.mail(&filled_in(ours, "#fermer\nR-000001").again(number)).await;
    }
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_form_that_names_more_and_more_people_is_braked_alone() {
    let mut stage = stage().await;
    for number in 0..5 {
        stage.mail(&filled_in(&format!("victim{number}@client.test"), &format!("Message {number}"))).await;
    }
    let acknowledged = |stage: &Stage| stage.story().matches("[acknowledgement_generic]").count();
    assert_eq!(acknowledged(&stage), 3, "{}", stage.story());
    let tickets = tickets(&stage).await;
    let braked = |event: &Event| matches!(event, Event::BrakeTripped { brake } if brake == "form");
    let braked = tickets.iter().filter(|shown| shown.history.iter().any(|happened| braked(&happened.event)));
    assert_eq!((tickets.len(), braked.count()), (5, 2));
    assert!(stage.story().contains("Too many acknowledgements asked for by this form"), "{}", stage.story());
    stage.mail(&VOICE.writes("Message 1", "Caller: Marie <marie@client.test>")).await;
    assert_eq!(acknowledged(&stage), 4, "another form has a brake of its own:\n{}", stage.story());
    stage.later(SignedDuration::from_hours(1));
    stage.mail(&filled_in("victim9@client.test", "Message 9")).await;
    assert_eq!(acknowledged(&stage), 5, "{}", stage.story());
}

#[tokio::test]
async fn a_mail_that_is_not_the_forms_names_nobody() {
    let mut stage = stage().await;
    stage.mail(&filled_in(MARIE.address, "Mon écran reste noir.").judged(Verdict::Fail)).await;
    assert!(!stage.story().contains("→ marie@"), "{}", stage.story());
    let tickets = tickets(&stage).await;
    let requester = tickets[0].ticket.requester.map(|id| tickets[0].contacts[&id].address.as_str().to_owned());
    assert_eq!(requester.as_deref(), Some(SITE.address));
}

/// As Google Groups and Mailman write what a member of a domain with DMARC posts.
fn posted(person: &Person, subject: &str, text: &str) -> Mail {
    let mail = Mail { from: format!("{} via Aide <{LIST}>", person.name), ..person.writes(subject, text) };
    mail.to(&[LIST])
        .with("List-Id", "<aide.lists.test>")
        .with("List-Post", &format!("<mailto:{LIST}>"))
        .with("Precedence", "list")
}

#[tokio::test]
async fn who_posts_to_a_list_that_feeds_the_desk_has_the_ticket_and_no_power() {
    let mut stage = stage().await;
    let original = format!("{} <{}>", MARIE.name, MARIE.address);
    stage.mail(&posted(&MARIE, "Souris perdue", "Ma souris a disparu.").with("X-Original-From", &original)).await;
    stage.mail(&posted(&MARIE, "Écran noir", "Mon écran reste noir.").with("Reply-To", &original)).await;
    let of_agent = posted(&ALICE, "R-000001", "#fermer").with("X-Original-From", ALICE.address);
    stage.mail(&of_agent).await;
    stage.mail(&posted(&MARIE, "Clavier", "Il colle.").with("X-Original-From", &original).judged(Verdict::None)).await;
    stage.mail(&posted(&MARIE, "Chaise", "Elle grince.").with("Reply-To", LIST)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_list_that_leaves_the_author_alone_makes_no_lists_mail() {
    let mut stage = stage().await;
    let through = |mail: Mail| mail.to(&[LIST]).with("List-Id", "<aide.lists.test>").with("Precedence", "list");
    stage.mail(&through(MARIE.writes("Souris perdue", "Ma souris a disparu."))).await;
    assert!(stage.story().contains("marie@client.test [acknowledgement]"), "{}", stage.story());
    let elsewhere = MARIE.writes("Infolettre", "Du nouveau.").to(&["nouvelles@elsewhere.test"]);
    stage.mail(&elsewhere.with("List-Id", "<nouvelles.elsewhere.test>")).await;
    let robot = through(MARIE.writes("Absence", "Je suis absente.")).with("Auto-Submitted", "auto-replied");
    stage.mail(&robot).await;
    assert_eq!(tickets(&stage).await.len(), 1, "{}", stage.story());
}

/// A mail that the mailbox of yesterday hands on, as our border judges it.
fn redirected(mail: &Mail, spf: &str) -> Vec<u8> {
    let raw = String::from_utf8(mail.clone().to(&[OLD]).judged(Verdict::Fail).bytes()).unwrap();
    raw.replacen("dmarc=fail", &format!("spf=pass smtp.mailfrom={spf}; dmarc=fail"), 1).into_bytes()
}

#[tokio::test]
async fn what_a_mailbox_of_ours_redirects_is_unverified_and_not_denied() {
    let mut stage = stage().await;
    let asked = MARIE.writes("Souris perdue", "Ma souris a disparu.");
    stage.raw_mails(&[&redirected(&asked, "ancien.test")]).await;
    stage.raw_mails(&[&redirected(&asked.again(1), "evil.test")]).await;
    stage.raw_mails(&[&redirected(&ALICE.writes("R-000001", "#fermer"), "ancien.test")]).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_colleague_who_is_not_listed_and_answers_a_letter_to_the_desk_is_held_and_the_team_told() {
    for (answer, written) in [("Je m'en occupe.", "#répondre\nC'est fait."), ("I take it.", "#reply\nDone.")] {
        let mut stage = stage().await;
        let newcomer = Person { name: "Nora", address: "nora@helpdesk.test", ..BOB };
        stage.before(&MARIE.writes("Souris perdue", "Ma souris a disparu.")).await;
        let letter = stage.last_to(ALICE.address);
        for text in [answer, written] {
            stage.mail(&newcomer.answers(&letter, text)).await;
        }
        let lines = stage.gateway.store.ledger(&LedgerFilter::default()).await.unwrap();
        let held = lines.iter().filter(|line| line.outcome == Some(Outcome::Quarantine(Reason::UnlistedColleague)));
        assert_eq!((held.count(), tickets(&stage).await.len()), (2, 1), "{}", stage.story());
        assert!(stage.story().contains("nora@helpdesk.test"), "{}", stage.story());
        assert!(!stage.story().contains("→ nora@"), "{}", stage.story());
    }
}
