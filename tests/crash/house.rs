//! The gateway that dies, and the one that takes over.

use std::sync::Arc;
use std::time::Duration;

use guichet::desk::{AfterAnswer, Desk, KnownFixThresholds, Limits, Policy};
use guichet::gateway::{AuthenticationBy, Gateway, Parts, Sending, Shelf, TimeSource, Watched};
use guichet::imap;
use guichet::known_fix::Library;
use guichet::letters::Templates;
use guichet::mail::authenticity::Border;
use guichet::mail::{Address, Language};
use guichet::net::Login;
use guichet::smtp::{self, Transport};
use guichet::store::{self, Store};
use jiff::tz::TimeZone;

/// Where a gateway finds its file and its servers.
#[derive(Clone, Debug)]
pub(crate) struct Doors {
    pub(crate) store: String,
    pub(crate) imap: u16,
    pub(crate) smtp: u16,
}

pub(crate) fn support() -> Address {
    "support@desk.test".parse().unwrap()
}

/// Nobody works here: a request has one letter, its acknowledgement.
fn policy() -> Policy {
    Policy {
        desks: [Desk {
            name: "support".to_owned(),
            display_name: "Guichet".to_owned(),
            addresses: [support()].into(),
            tag: "SD".to_owned(),
            languages: [Language::FRENCH].into(),
            time_zone: TimeZone::get("America/Toronto").unwrap(),
            hours: Vec::new(),
            sub_addressing: true,
            keeps_known_fixes: false,
        }]
        .into(),
        agents: Vec::new(),
        teams: Vec::new(),
        vendors: Vec::new(),
        own_lists: Vec::new(),
        limits: Limits { acknowledgements_per_address_per_hour: 5, automatic_letters_per_ticket_per_day: 20 },
        after_answer: AfterAnswer::PendingRequester,
        enclosure_bytes: 10_000_000,
        receipts_at_first: 0,
        reopen_within: Duration::from_secs(14 * 86_400),
        known_fixes: KnownFixThresholds::default(),
    }
}

pub(crate) async fn gateway(doors: &Doors) -> Arc<Gateway> {
    let imap = imap::Settings {
        name: "support".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: doors.imap,
        tls: imap::Tls::None,
        login: Login::new(support().to_string(), "secret"),
        folder: "INBOX".to_owned(),
        poll: Duration::from_secs(60),
        idle_timeout: Duration::from_secs(240),
        exchange_timeout: Duration::from_secs(60),
        message_bytes_max: 25_000_000,
        ca_file: None,
    };
    let relay = smtp::Settings {
        host: "127.0.0.1".to_owned(),
        port: doors.smtp,
        tls: imap::Tls::None,
        login: None,
        timeout: Duration::from_secs(60),
        ca_file: None,
        helo: "desk.test".to_owned(),
    };
    Arc::new(Gateway::new(Parts {
        store: Store::open(&store::Settings { url: doors.store.clone() }).await.unwrap(),
        policy: policy(),
        shelf: Shelf::of(Library::default()),
        templates: Templates::new(&[]).unwrap(),
        mailboxes: vec![Watched {
            imap,
            processed_folder: Some("Processed".to_owned()),
            authentication: AuthenticationBy::Header(Border::named("mx.desk.test")),
        }],
        transport: Transport::Smtp(relay),
        sending: Sending {
            retry: vec![Duration::from_secs(1)],
            give_up: Duration::from_secs(86_400),
            letters_per_minute: 6_000,
        },
        time: TimeSource::System,
    }))
}
