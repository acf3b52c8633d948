//! The installation that the stories play in.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use guichet::desk::{Agent, Desk, Level, Policy, Team, Vendor};
use guichet::gateway::{AuthenticationBy, Gateway, Parts, Sending, Shelf, TimeSource, Watched};
use guichet::imap;
use guichet::known_fix::{Article, Library};
use guichet::letters::Templates;
use guichet::mail::authenticity::Border;
use guichet::mail::{Address, Language};
use guichet::net::Login;
use guichet::smtp::{SentMail, Transport};
use guichet::store::{Settings, Store};

use crate::cast::{ACME, ALICE, BOB, DESK, L2, LUC};
use crate::client::Person;
use crate::configuration::Configuration;

pub(crate) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// Two agents at L1, a team at L2, one vendor that may not know who asks, and nothing promised; all else is as in the demo's house.
pub(crate) fn policy() -> Policy {
    let demo = Configuration::new().read().policy;
    let desk = Desk {
        display_name: "Guichet".to_owned(),
        addresses: [address(DESK)].into(),
        hours: Vec::new(),
        calendar: None,
        keeps_known_fixes: true,
        ..demo.desks[0].clone()
    };
    let team = Team { address: address(L2), members: vec![address(LUC.address)], ..demo.teams[0].clone() };
    let vendor = Vendor {
        address: address(ACME),
        domains: vec!["acme.test".to_owned()],
        language: Language::ENGLISH,
        first_answer: Duration::from_secs(8 * 3600),
        ..demo.vendors[0].clone()
    };
    Policy {
        desks: [desk].into(),
        agents: vec![agent(&ALICE, Language::FRENCH), agent(&BOB, Language::ENGLISH)],
        teams: vec![team],
        vendors: vec![vendor],
        calendars: Vec::new(),
        targets: Vec::new(),
        enclosure_bytes: 10_000_000,
        receipts_at_first: 0,
        ..demo
    }
}

fn agent(person: &Person, language: Language) -> Agent {
    Agent {
        address: address(person.address),
        name: person.name.to_owned(),
        level: Level::L1,
        language: Some(language),
        desk: None,
    }
}

pub(crate) fn library(articles: &[&str]) -> Library {
    Library::new(articles.iter().map(|text| Article::parse("fix.md", text).unwrap()).collect())
}

/// A gateway on the store of this URL, whose letters go to the list.
pub(crate) async fn gateway(url: &str, policy: Policy, sent: Arc<Mutex<Vec<SentMail>>>, time: TimeSource) -> Gateway {
    let support = watched("support", AuthenticationBy::Header(Border::named("mx.desk.test")));
    Gateway::new(Parts {
        store: Store::open(&Settings { url: url.to_owned() }).await.unwrap(),
        policy,
        shelf: Shelf::of(Library::default()),
        templates: Templates::new(&[]).unwrap(),
        mailboxes: vec![support.clone(), watched("closed", AuthenticationBy::Token), support.junk(imap::Which::Junk)],
        transport: Transport::Memory(sent),
        alarm: None,
        sending: Sending {
            retry: vec![Duration::from_secs(60)],
            give_up: Duration::from_secs(4 * 86_400),
            letters_per_minute: 600,
        },
        time,
    })
}

/// A mailbox that nobody connects to: the stories record its mails themselves.
fn watched(name: &str, authentication: AuthenticationBy) -> Watched {
    let demo = Configuration::new().read().mailboxes.remove(0);
    let imap = imap::Settings { name: name.to_owned(), login: Login::new(name, "unused"), ..demo.imap };
    Watched { imap, processed_folder: None, authentication, is_junk: false }
}
