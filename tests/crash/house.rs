//! The gateway that dies, and the one that takes over.

use std::sync::Arc;

use guichet::desk::Policy;
use guichet::gateway::{Gateway, HandedOver, Parts, Shelf, TimeSource};
use guichet::known_fix::Library;
use guichet::letters::Templates;
use guichet::lmtp::Listen;
use guichet::mail::Address;
use guichet::smtp::Transport;
use guichet::store::{Settings, Store};

use crate::configuration::Configuration;

/// Where a gateway finds its file and its servers.
#[derive(Clone, Debug)]
pub(crate) struct Doors {
    pub(crate) store: String,
    pub(crate) imap: u16,
    pub(crate) smtp: u16,
    /// Where it takes mail of an MTA.
    pub(crate) lmtp: Option<u16>,
    /// Whether letters have copies in the folder for sent mail.
    pub(crate) has_copies: bool,
}

/// The receiving server, as the configuration knows it.
pub(crate) const SERVER: &str = "mx.demo.example";

pub(crate) fn support() -> Address {
    "support@desk.example".parse().unwrap()
}

/// Nobody works here: a request has one letter, its acknowledgement.
pub(crate) async fn gateway(doors: &Doors) -> Arc<Gateway> {
    let no_login = Configuration::new().without_key("[smtp]", "user").without_key("[smtp]", "password");
    let copies = if doors.has_copies { "[sent]\nmailbox = \"support\"" } else { "" };
    let mut config = no_login.with_ports(doors.imap, doors.smtp).and(copies).read();
    config.policy = Policy { agents: Vec::new(), teams: Vec::new(), vendors: Vec::new(), ..config.policy };
    let by_mta = doors.lmtp.map(|port| HandedOver {
        listen: Listen::Tcp(([127, 0, 0, 1], port).into()),
        mailbox: "support".to_owned(),
        name: "desk.example".to_owned(),
        message_bytes_max: config.message_bytes_max,
    });
    let gateway = Gateway::new(Parts {
        store: Store::open(&Settings { url: doors.store.clone() }).await.unwrap(),
        policy: config.policy,
        shelf: Shelf::of(Library::default()),
        templates: Templates::new(&[]).unwrap(),
        mailboxes: config.mailboxes,
        transport: Transport::Smtp(config.smtp),
        sending: config.sending,
        alarm: None,
        time: TimeSource::System,
    });
    Arc::new(gateway.with_mail_handed_over(Vec::new(), by_mta).with_sent(config.sent))
}
