//! The installation that the stories play in.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use guichet::desk::{
    AfterAnswer, Agent, Desk, EscalationBy, KnownFixThresholds, Level, Limits, Policy, Privacy, TagPlace, Team, Vendor,
};
use guichet::gateway::{AuthenticationBy, Gateway, Parts, Sending, Shelf, TimeSource, Watched};
use guichet::imap;
use guichet::known_fix::{Article, Library};
use guichet::letters::Templates;
use guichet::mail::authenticity::Border;
use guichet::mail::{Address, Language};
use guichet::net::Login;
use guichet::smtp::{SentMail, Transport};
use guichet::store::{Settings, Store};
use jiff::tz::TimeZone;

use crate::cast::{ACME, ALICE, BOB, DESK, L2, LUC};
use crate::client::Person;

pub(crate) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// Two agents at L1, a team at L2, one vendor that may not know who asks.
pub(crate) fn policy() -> Policy {
    Policy {
        desks: [Desk {
            name: "support".to_owned(),
            display_name: "Guichet".to_owned(),
            addresses: [address(DESK)].into(),
            tag: "SD".to_owned(),
            languages: [Language::FRENCH, Language::ENGLISH].into(),
            time_zone: TimeZone::get("America/Toronto").unwrap(),
            hours: Vec::new(),
            sub_addressing: true,
            keeps_known_fixes: true,
        }]
        .into(),
        agents: vec![agent(&ALICE, Language::FRENCH), agent(&BOB, Language::ENGLISH)],
        teams: vec![Team {
            level: Level::L2,
            address: address(L2),
            members: vec![address(LUC.address)],
            escalation: EscalationBy::Forward,
            direct: true,
        }],
        vendors: vec![Vendor {
            name: "acme".to_owned(),
            address: address(ACME),
            addresses: Vec::new(),
            domains: vec!["acme.test".to_owned()],
            language: Language::ENGLISH,
            privacy: Privacy::Pseudonym,
            escalation: EscalationBy::Forward,
            case_number: None,
            subject_tag: TagPlace::End,
            first_answer: Duration::from_secs(8 * 3600),
        }],
        own_lists: Vec::new(),
        limits: Limits { acknowledgements_per_address_per_hour: 5, automatic_letters_per_ticket_per_day: 20 },
        after_answer: AfterAnswer::PendingRequester,
        enclosure_bytes: 10_000_000,
        receipts_at_first: 0,
        reopen_within: Duration::from_secs(14 * 86_400),
        known_fixes: KnownFixThresholds::default(),
    }
}

fn agent(person: &Person, language: Language) -> Agent {
    Agent { address: address(person.address), name: person.name.to_owned(), level: Level::L1, language: Some(language) }
}

pub(crate) fn library(articles: &[&str]) -> Library {
    Library::new(articles.iter().map(|text| Article::parse("fix.md", text).unwrap()).collect())
}

/// A gateway on the store of this URL, whose letters go to the list.
pub(crate) async fn gateway(url: &str, policy: Policy, sent: Arc<Mutex<Vec<SentMail>>>, time: TimeSource) -> Gateway {
    Gateway::new(Parts {
        store: Store::open(&Settings { url: url.to_owned() }).await.unwrap(),
        policy,
        shelf: Shelf::of(Library::default()),
        templates: Templates::new(&[]).unwrap(),
        mailboxes: vec![
            watched("support", AuthenticationBy::Header(Border::named("mx.desk.test"))),
            watched("closed", AuthenticationBy::Token),
        ],
        transport: Transport::Memory(sent),
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
    let imap = imap::Settings {
        name: name.to_owned(),
        host: "imap.desk.test".to_owned(),
        port: 993,
        tls: imap::Tls::Implicit,
        login: Login::new(name, "unused"),
        folder: "INBOX".to_owned(),
        poll: Duration::from_secs(60),
        idle_timeout: Duration::from_secs(240),
        exchange_timeout: Duration::from_secs(60),
        message_bytes_max: 25_000_000,
        ca_file: None,
    };
    Watched { imap, processed_folder: None, authentication }
}
