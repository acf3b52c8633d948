//! The running loops between the edges and the core.
//!
//! | loop | looks for | and then |
//! |---|---|---|
//! | `watch` | messages of a folder that are not in the ledger | records them (instant 1), files away the decided |
//! | `intake` | ledger rows without outcome | parses, decides, composes, commits (instant 2) |
//! | `outbox` | deliveries that are due | hands them to the relay, writes down what it said (instant 3) |
//! | `timers` | tickets whose time has come | decides, composes, commits |
//! | `routines` | worklists and reports whose time has come | reads, decides, composes, commits |
//! | `sent` | copies of letters that are to lie in the folder for sent mail | puts them there |
//! | `alarm` | troubles that last, and what is about to end | tells the operator by other ways |
//! | `shelf` | drafts of known fixes, and files that changed | writes the drafts, reads the files again |
//!
//! Beside them `lmtp` records what an MTA hands over.
//!
//! A loop takes no input: it looks, works, and waits for a hint or a time. A hint may be lost, because the table is the
//! truth; so the way after a restart is the ordinary way. Each loop can be stopped between two units of work and killed
//! at any point.

mod alarm;
mod beside;
mod caught;
mod command;
mod counter;
mod fate;
mod filing;
mod gists;
mod hint;
mod intake;
mod lanes;
mod lighten;
mod lmtp;
mod lost;
mod mailbox_lease;
mod on_the_way;
mod outbox;
mod pace;
mod places;
mod proof;
mod quarantined;
mod quoted;
mod relayed_as;
pub(crate) mod report;
mod routines;
mod sent;
mod shelf;
mod signed;
mod signs;
mod sitting;
mod supervisor;
mod time_source;
mod timers;
mod token_keeper;
mod trouble;
mod unrecorded;
mod watch;

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::desk::{LedgerId, Policy, Rules};
use crate::dkim::Signers;
use crate::dns::{self, Resolvers};
use crate::imap;
use crate::known_fix::Library;
use crate::letters::Templates;
use crate::mail::authenticity::{Border, Tenant, Witnesses};
use crate::mail::token::Keyring;
use crate::smtp::Transport;
use crate::store::Store;

pub use alarm::{Alarm, Channel, End, EndOf, Message, ends_of_servers, ends_of_sign_ins, hand_over};
pub use command::{Ordered, Wrote};
pub use counter::{Counter, DELIVERIES_FAILED, LETTERS_SENT, MAILS_DECIDED, MAILS_TAKEN_IN};
pub use fate::Fate;
pub use intake::{FIRST_DAY, TakenIn};
pub use lmtp::HandedOver;
pub use sent::{KeptBy, Sent};
pub use shelf::{ReadFolder, Shelf};
pub use supervisor::serve;
pub use time_source::TimeSource;
pub use token_keeper::TokenKeeper;

use gists::Gists;
use hint::Hint;
use mailbox_lease::Leases;
use places::Places;
use routines::Resting;
use signs::Signs;

/// IMAP connections to each server, where nobody says otherwise: dozens of mailboxes, and for moments their folders for junk.
pub const CONNECTIONS_PER_SERVER: u32 = 100;

/// Everything that the loops share.
#[derive(Debug)]
pub struct Gateway {
    /// Tickets, mails and letters, in SQLite or PostgreSQL.
    pub store: Store,
    /// What the operator decided.
    pub policy: Policy,
    /// How known problems are solved.
    pub shelf: Arc<Shelf>,
    /// How letters read.
    pub templates: Templates,
    /// Folders that are watched.
    pub mailboxes: Vec<Watched>,
    /// Where letters go.
    pub transport: Transport,
    /// How fast letters leave, and how often they are tried.
    pub sending: Sending,
    /// Whom to tell that the service needs somebody.
    pub alarm: Option<Alarm>,
    /// Mailboxes whose mail is handed over.
    unwatched: Vec<Unwatched>,
    /// How an MTA does; `None`: none does.
    handed_over: Option<HandedOver>,
    /// Who signs letters.
    signers: Signers,
    /// Where copies of letters lie; `None`: nobody cares.
    sent: Option<Sent>,
    /// What time it is.
    pub time: TimeSource,
    /// Whom to ask about authors, with what they said.
    resolvers: Resolvers,
    /// As last read: whoever sits reads it anew.
    keyring: Mutex<Arc<Keyring>>,
    hints: Hints,
    leases: Leases,
    places: Places,
    signs: Signs,
    /// The store was put back from a copy: what it lost is to be looked for.
    is_put_back: AtomicBool,
    /// What the requests of the last minutes are about.
    gists: Gists,
    /// Mails that were blamed for what the store failed at.
    pardons: Mutex<BTreeSet<LedgerId>>,
    /// What is done regularly and failed.
    resting: Resting,
    /// Name of this run of this process, among the gateways that share a database.
    name: String,
}

/// A watched folder.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Server, account and folder.
    pub imap: imap::Settings,
    /// Where handled mail is moved; `None` leaves it in place.
    pub processed_folder: Option<String>,
    /// What proves an author.
    pub authentication: AuthenticationBy,
    /// Whether the mailbox's server puts there what it takes for junk.
    pub is_junk: bool,
}

/// A mailbox of which guichet watches no folder: its mail is handed over, by LMTP or through a pipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwatched {
    /// For the operator.
    pub name: String,
    /// What proves an author.
    pub authentication: AuthenticationBy,
}

impl Watched {
    /// Where the same mailbox has what its server takes for junk; its mails are accounted for apart.
    #[must_use]
    pub fn junk(&self, folder: imap::Which) -> Watched {
        let name = junk_of(&self.imap.name);
        Watched { imap: imap::Settings { name, folder, ..self.imap.clone() }, is_junk: true, ..self.clone() }
    }
}

/// Under which name a mailbox's folder for junk is watched.
fn junk_of(mailbox: &str) -> String {
    format!("{mailbox}/junk")
}

/// How an author is authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthenticationBy {
    /// By what this border writes into Authentication-Results (RFC 8601).
    Header(Border),
    /// By what Exchange Online writes for this tenant.
    Exchange(Tenant),
    /// By who logged in at these servers of ours, as their Received tells.
    Submission(Vec<String>),
    /// By what these name servers say of signatures, of the client that handed the mail in, and of the author's domain.
    Dns(Witnesses, dns::Settings),
    /// By our token alone: closed networks that have nothing else.
    Token,
}

/// How letters leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The waits between attempts; the last one repeats. Never empty.
    pub retry: Vec<Duration>,
    /// A letter that is refused for now for longer has failed.
    pub give_up: Duration,
    /// The pace: it delays, it never drops.
    pub letters_per_minute: u32,
}

#[derive(Debug, Default)]
struct Hints {
    recorded: Hint,
    decided: Hint,
    due: Hint,
    drafted: Hint,
    soon: Hint,
}

/// What makes a gateway.
#[derive(Debug)]
pub struct Parts {
    /// Tickets, mails and letters, in SQLite or PostgreSQL.
    pub store: Store,
    /// What the operator decided.
    pub policy: Policy,
    /// How known problems are solved.
    pub shelf: Shelf,
    /// How letters read.
    pub templates: Templates,
    /// Folders that are watched.
    pub mailboxes: Vec<Watched>,
    /// Where letters go.
    pub transport: Transport,
    /// How fast letters leave, and how often they are tried.
    pub sending: Sending,
    /// Whom to tell that the service needs somebody, if anybody.
    pub alarm: Option<Alarm>,
    /// What time it is.
    pub time: TimeSource,
}

impl Gateway {
    /// A gateway that does nothing yet.
    pub fn new(parts: Parts) -> Gateway {
        let Parts { store, policy, shelf, templates, mailboxes, transport, sending, alarm, time } = parts;
        let keyring = Mutex::new(Arc::new(store.keyring()));
        // Of containers on several machines, each is process 1, and some start together.
        let chance = RandomState::new().hash_one(());
        let name = format!("{}.{}.{chance:x}", std::process::id(), time.now().as_millisecond());
        Gateway {
            store,
            policy,
            shelf: Arc::new(shelf),
            templates,
            mailboxes,
            transport,
            sending,
            alarm,
            unwatched: Vec::new(),
            handed_over: None,
            signers: Signers::default(),
            sent: None,
            time,
            resolvers: Resolvers::default(),
            keyring,
            hints: Hints::default(),
            leases: Leases::default(),
            places: Places::new(CONNECTIONS_PER_SERVER),
            signs: Signs::default(),
            is_put_back: AtomicBool::new(false),
            gists: Gists::default(),
            pardons: Mutex::default(),
            resting: Resting::default(),
            name,
        }
    }

    /// The same, with mail that is handed over, some of it by an MTA.
    #[must_use]
    pub fn with_mail_handed_over(self, unwatched: Vec<Unwatched>, by_mta: Option<HandedOver>) -> Gateway {
        Gateway { unwatched, handed_over: by_mta, ..self }
    }

    /// The same, with letters that are signed as they leave.
    #[must_use]
    pub fn with_signers(self, signers: Signers) -> Gateway {
        Gateway { signers, ..self }
    }

    /// The same, with at most so many IMAP connections to each server at a time.
    #[must_use]
    pub fn with_connections(self, per_server: u32) -> Gateway {
        Gateway { places: Places::new(per_server), ..self }
    }

    /// The same, with copies of letters in a folder for sent mail.
    #[must_use]
    pub fn with_sent(self, sent: Option<Sent>) -> Gateway {
        Gateway { sent, ..self }
    }

    /// What proves an author of this mailbox; `None` where there is no such mailbox.
    fn authentication_of(&self, mailbox: &str) -> Option<&AuthenticationBy> {
        let watched = self.mailboxes.iter().map(|one| (&one.imap.name, &one.authentication));
        let unwatched = self.unwatched.iter().map(|one| (&one.name, &one.authentication));
        watched.chain(unwatched).find(|(name, _)| *name == mailbox).map(|(_, authentication)| authentication)
    }

    fn asks_name_servers(&self) -> bool {
        let watched = self.mailboxes.iter().map(|one| &one.authentication);
        watched.chain(self.unwatched.iter().map(|one| &one.authentication)).any(AuthenticationBy::asks_name_servers)
    }

    fn rules<'a>(&'a self, library: &'a Library, keyring: &'a Keyring) -> Rules<'a> {
        Rules { policy: &self.policy, keyring, library }
    }

    fn keyring(&self) -> Arc<Keyring> {
        self.keyring.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
