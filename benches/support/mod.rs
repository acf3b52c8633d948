//! What the benches share: mails to measure with, and a desk that they are written to.
#![allow(dead_code, unused_imports, reason = "every bench has a copy of this module and uses its own part of it")]

mod mail;

use std::net::SocketAddr;
use std::path::Path;

use guichet::config::{Config, Surroundings};
use guichet::gateway::{Gateway, Parts, Shelf, TimeSource};
use guichet::known_fix::{Article, Library, examples};
use guichet::letters::Templates;
use guichet::smtp::Transport;
use guichet::store::{Settings, Store};

pub(crate) use mail::{PEOPLE, author, mail};

/// Where requests are written to.
pub(crate) const SUPPORT: &str = "support@desk.test";
/// Who answers them: each request is a letter to either, and the acknowledgement.
pub(crate) const AGENTS: [&str; 2] = ["aline@desk.test", "bruno@desk.test"];
/// The name by which the mailbox's server vouches.
pub(crate) const AUTHSERV_ID: &str = "mx.desk.test";
/// Of every account.
pub(crate) const PASSWORD: &str = "correct-horse";

/// A desk with two agents, whose brakes are wide open.
pub(crate) fn config(imap: SocketAddr, smtp: SocketAddr) -> Config {
    let text = format!(
        r#"
[store]
url = "sqlite::memory:"
[[desk]]
name = "support"
display_name = "Guichet d'essai"
addresses = ["{SUPPORT}"]
[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {imap}
tls = "none"
user = "{SUPPORT}"
password = "{PASSWORD}"
processed_folder = "Traités"
authserv_id = "{AUTHSERV_ID}"
[smtp]
host = "127.0.0.1"
port = {smtp}
tls = "none"
user = "{SUPPORT}"
password = "{PASSWORD}"
[limits]
acknowledgements_per_address_per_hour = 1000000
letters_per_minute = 1000000
[[agent]]
address = "{}"
name = "Aline Roy"
level = "L1"
[[agent]]
address = "{}"
name = "Bruno Petit"
level = "L1"
"#,
        AGENTS[0],
        AGENTS[1],
        imap = imap.port(),
        smtp = smtp.port(),
    );
    let surroundings = Surroundings { folder: Path::new("/"), variable: &|_| None };
    Config::read(&text, &surroundings).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Nobody listens there, and nobody asks.
pub(crate) fn nowhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 1))
}

/// The examples that `guichet init` writes.
pub(crate) fn library() -> Library {
    let articles = examples().map(|(file, text)| Article::parse(file, text));
    Library::new(articles.collect::<Result<_, _>>().expect("the examples are sound"))
}

/// A gateway with an empty SQLite store in `folder`.
pub(crate) async fn gateway(config: &Config, folder: &Path) -> Gateway {
    let url = format!("sqlite:{}/guichet.db", folder.display());
    let store = Store::open(&Settings { url }).await.expect("a new store can be opened");
    Gateway::new(Parts {
        store,
        policy: config.policy.clone(),
        shelf: Shelf::of(library()),
        templates: Templates::new(&[]).expect("the built-in templates are sound"),
        mailboxes: config.mailboxes.clone(),
        transport: Transport::Smtp(config.smtp.clone()),
        sending: config.sending.clone(),
        alarm: None,
        time: TimeSource::System,
    })
}
