//! A mailbox whose authors are proven by what name servers say, from the mail to its ticket.

use std::time::Duration;

use guichet::desk::{LedgerId, Looked, Outcome, Proof, Reason};
use guichet::gateway::{AuthenticationBy, TakenIn};
use guichet::mail::Authentication::{Failed, Passed, Unverified};
use guichet::mail::authenticity::{self, Checked, Missing, Witnesses};
use guichet::store::{LedgerFilter, LedgerLine};

use crate::cast::{ALICE, MARIE};
use crate::client::{Mail, Verdict};
use crate::house;
use crate::name_server::{Domain, NameServer, Odd};
use crate::stage::Stage;
use crate::support::PostgreSql;

/// A house that believes its mailbox's mail by this name server, which knows the domains of an agent and of a requester.
struct Scene {
    stage: Stage,
    server: NameServer,
    helpdesk: Domain,
    client: Domain,
}

impl Scene {
    async fn new() -> Scene {
        Scene::on(Stage::new().await).await
    }

    async fn on(mut stage: Stage) -> Scene {
        let server = NameServer::start().await;
        stage.gateway.mailboxes[0].authentication = by_dns(&server);
        let (helpdesk, client) = (Domain::new("helpdesk.test"), Domain::new("client.test"));
        for domain in [&helpdesk, &client] {
            domain.publish(&server);
            server.text(&format!("_dmarc.{}", domain.name()), "v=DMARC1; p=reject");
            server.text(domain.name(), "v=spf1 -all");
        }
        Scene { stage, server, helpdesk, client }
    }

    /// Marie has asked, and it is told who wrote.
    async fn asked() -> Scene {
        let mut scene = Scene::new().await;
        let request = scene.client.sign(&come(&MARIE.writes("Clavier", "Le clavier n'écrit plus.")));
        scene.stage.raw_mails(&[&request]).await;
        scene
    }

    async fn line(&self, ledger: i64) -> LedgerLine {
        self.stage.gateway.store.ledger_line(LedgerId(ledger)).await.unwrap().unwrap()
    }

    async fn looked(&self, ledger: i64) -> Looked {
        match self.line(ledger).await.proof.unwrap() {
            Proof::Dns(looked) => looked,
            other => panic!("name servers were not asked: {other:?}"),
        }
    }
}

fn by_dns(server: &NameServer) -> AuthenticationBy {
    AuthenticationBy::Dns(Witnesses::new(&["mx.desk.test".to_owned()], &[]), server.settings())
}

/// A mail as the border takes it from a client in the world; nobody has judged it.
fn come(mail: &Mail) -> Vec<u8> {
    let bytes = String::from_utf8(mail.clone().judged(Verdict::None).bytes()).unwrap();
    bytes.replacen(" by mx.desk.test", " (mail.test [192.0.2.7]) by mx.desk.test", 1).into_bytes()
}

#[tokio::test]
async fn an_agent_whose_domain_signs_relays_an_answer() {
    let mut scene = Scene::asked().await;
    assert_eq!(scene.looked(1).await.judged.authentication, Passed);
    let answer = ALICE.answers(&scene.stage.last_to(ALICE.address), "Branchez le câble.");
    let answer = scene.helpdesk.sign(&come(&answer));
    scene.stage.raw_mails(&[&answer]).await;
    let looked = scene.looked(2).await;
    assert_eq!(looked.judged.reason.to_string(), "dmarc=pass of helpdesk.test");
    let found = looked.found.unwrap();
    assert!(found.signatures[0].vouches());
    assert_eq!(found.spf.unwrap().result, Checked::Fail);
    let relayed = scene.stage.last_to(MARIE.address);
    assert!(relayed.mail.body.text.contains("Branchez le câble."), "{}", scene.stage.story());
}

#[tokio::test]
async fn somebody_who_only_says_to_be_an_agent_waits_in_quarantine() {
    let mut scene = Scene::asked().await;
    let forged = come(&ALICE.answers(&scene.stage.last_to(ALICE.address), "Envoyez-moi votre mot de passe."));
    // A signature of somebody else proves nothing of Alice.
    let forged = scene.client.sign(&forged);
    scene.stage.raw_mails(&[&forged]).await;
    let looked = scene.looked(2).await.judged;
    assert_eq!((looked.authentication, looked.reason.to_string().as_str()), (Failed, "dmarc=fail of helpdesk.test"));
    assert_eq!(scene.line(2).await.outcome, Some(Outcome::Quarantine(Reason::AgentUnverified)));
    let told = scene.stage.last_to(MARIE.address);
    assert!(!told.mail.body.text.contains("mot de passe"), "{}", scene.stage.story());
}

#[tokio::test]
async fn while_no_name_server_answers_an_agent_is_unverified_and_it_is_said() {
    let mut scene = Scene::asked().await;
    let letter = scene.stage.last_to(ALICE.address);
    let AuthenticationBy::Dns(_, settings) = &mut scene.stage.gateway.mailboxes[0].authentication else { panic!() };
    settings.deadline = Duration::from_millis(300);
    scene.server.is("helpdesk.test", Odd::Silent);
    let answer = scene.helpdesk.sign(&come(&ALICE.answers(&letter, "Branchez le câble.")));
    scene.stage.raw_mails(&[&answer]).await;
    let judged = scene.looked(2).await.judged;
    let missing = authenticity::Reason::Missing { missing: Missing::Answer, domain: "helpdesk.test".to_owned() };
    assert_eq!((judged.authentication, judged.reason), (Unverified, missing));
    assert_eq!(scene.line(2).await.outcome, Some(Outcome::Quarantine(Reason::AgentUnverified)));
    assert!(scene.stage.story().contains("Name servers gave no good answer in time"), "{}", scene.stage.story());

    // Once one does, the mail is what it always was.
    scene.server.answers("helpdesk.test");
    scene.stage.gateway.store.ledger_retry(LedgerId(2)).await.unwrap();
    scene.stage.look().await;
    assert_eq!(scene.looked(2).await.judged.authentication, Passed);
    assert!(scene.stage.last_to(MARIE.address).mail.body.text.contains("Branchez le câble."));
}

#[tokio::test]
async fn nobody_is_asked_about_mail_that_nothing_depends_on() {
    let mut scene = Scene::asked().await;
    let asked = scene.server.asked().len();
    let own = scene.stage.last_to(MARIE.address).bytes;
    scene.stage.raw_mails(&[&own]).await;
    let news =
        come(&MARIE.writes("Nouvelles", "Bonjour.").to(&["tous@lists.test"]).with("List-Id", "<tous.lists.test>"));
    scene.stage.raw_mails(&[&news]).await;
    for ledger in [2, 3] {
        let looked = scene.looked(ledger).await;
        assert_eq!((looked.judged.reason, looked.found), (authenticity::Reason::NotLookedUp, None));
        assert!(matches!(scene.line(ledger).await.outcome, Some(Outcome::Suppressed(Reason::Own | Reason::List))));
    }
    assert_eq!(scene.server.asked().len(), asked);
}

#[tokio::test]
async fn mails_that_come_together_are_asked_about_together() {
    let mut scene = Scene::new().await;
    let AuthenticationBy::Dns(_, settings) = &mut scene.stage.gateway.mailboxes[0].authentication else { panic!() };
    settings.deadline = Duration::from_millis(600);
    scene.server.is("slow.test", Odd::Silent);
    let slow = (0..20).map(|at| {
        let text = String::from_utf8(come(&MARIE.writes("Lent", "x").again(at))).unwrap();
        text.replace("@client.test", "@slow.test").into_bytes()
    });
    let mut mails: Vec<Vec<u8>> = slow.collect();
    mails.push(scene.client.sign(&come(&MARIE.writes("Clavier", "Le clavier n'écrit plus."))));
    let start = std::time::Instant::now();
    scene.stage.raw_mails(&mails.iter().map(Vec::as_slice).collect::<Vec<_>>()).await;
    assert!(start.elapsed() < Duration::from_secs(5), "one deadline for all, and not 21: {:?}", start.elapsed());
    assert_eq!(scene.looked(21).await.judged.authentication, Passed);
    assert_eq!(scene.looked(1).await.judged.authentication, Unverified);
}

#[tokio::test]
async fn behind_a_crash_mails_are_decided_one_by_one_and_asked_about_together() {
    let mut scene = Scene::new().await;
    let AuthenticationBy::Dns(_, settings) = &mut scene.stage.gateway.mailboxes[0].authentication else { panic!() };
    settings.deadline = Duration::from_millis(400);
    scene.server.is("slow.test", Odd::Silent);
    let from = |at: usize| {
        let text = String::from_utf8(come(&MARIE.writes("Lent", "x").again(at))).unwrap();
        text.replace("@client.test", &format!("@s{at}.slow.test")).into_bytes()
    };
    let mut mails: Vec<Vec<u8>> = (0..5).map(from).collect();
    mails.push(scene.client.sign(&come(&MARIE.writes("Clavier", "Le clavier n'écrit plus."))));
    scene.stage.recorded(&mails.iter().map(Vec::as_slice).collect::<Vec<_>>()).await;
    assert_eq!(scene.stage.gateway.take_in_alone().await.unwrap(), TakenIn::Mails(1));
    let asked = scene.server.asked();
    for name in (0..5).map(|at| format!("_dmarc.s{at}.slow.test TXT")).chain(["_dmarc.client.test TXT".to_owned()]) {
        assert!(asked.contains(&name), "{name} is not in {asked:?}");
    }
    let lines = scene.stage.gateway.store.ledger(&LedgerFilter::default()).await.unwrap();
    let told: Vec<_> = lines.iter().map(|line| (line.outcome.is_some(), line.attempts)).collect();
    assert_eq!(told[0], (true, 1), "whoever is decided alone bears the blame");
    assert_eq!(told[1..], [(false, 0); 5], "whoever was asked about with others bears none");
    while scene.stage.gateway.take_in_alone().await.unwrap() != TakenIn::Nothing {}
    assert_eq!(scene.looked(6).await.judged.authentication, Passed);
}

/// Where gateways share a database, a commit begins before its mails are read.
#[tokio::test]
async fn on_postgresql_name_servers_are_asked_before_the_commit_begins() {
    let database = PostgreSql::start();
    let mut scene = Scene::on(Stage::at(&database.url(), house::policy()).await).await;
    let request = scene.client.sign(&come(&MARIE.writes("Clavier", "Le clavier n'écrit plus.")));
    let unsigned = come(&MARIE.writes("Souris", "La souris aussi."));
    scene.stage.raw_mails(&[&request, &unsigned]).await;
    assert_eq!(scene.looked(1).await.judged.authentication, Passed);
    assert_eq!(scene.looked(2).await.judged.authentication, Failed);
}
