//! Where a ticket stands, and the words that say it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::desk::worded::worded;

worded! {
    /// Who works on a ticket, lowest first.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    pub enum Level,
    /// The word that commands and tools use.
    word {
        /// Service desk: single point of contact.
        L1 = "L1",
        /// Specialists of the house, to whom L1 escalates.
        L2 = "L2",
        /// Developers, or a vendor.
        L3 = "L3",
    }
}

/// Where a ticket stands (ITIL; iTop's names).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// Nobody owns it.
    New,
    /// Somebody owns it.
    Open,
    /// It waits; meanwhile no time counts against the desk.
    Pending {
        /// What ends the waiting.
        reason: PendingReason,
    },
    /// Solved; the requester may still say no.
    Resolved,
    /// Over; for a while a reply reopens it.
    Closed,
    /// It was no request.
    Spam,
}

/// What a pending ticket waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "on")]
pub enum PendingReason {
    /// The requester's answer.
    Requester,
    /// A vendor's answer.
    Vendor,
    /// A day or an hour that the agent named.
    Until {
        /// When it goes on.
        at: Timestamp,
    },
}

/// Incident or service request (ITIL).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestType {
    /// Something is broken.
    Incident,
    /// Something is wanted.
    ServiceRequest,
}

/// How a request came in (iTop's values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It was written to one of the desk's addresses.
    Mail,
    /// A call taken by an agent.
    Phone,
    /// A web form, a voicemail box, a scanner.
    Form,
}

/// 1 (highest) to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Priority(pub u8);

worded! {
    /// What somebody is on a ticket.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum Role,
    /// The word that commands and tools use.
    word {
        /// Asked for help: the ticket is theirs.
        Requester = "requester",
        /// Reads along in Cc of what the requester is told.
        Participant = "participant",
        /// Works at the desk, and may give commands.
        Agent = "agent",
        /// Works for a vendor, or is its ticket system.
        Vendor = "vendor",
        /// guichet itself, or its operator at the command line.
        System = "system",
        /// None of these.
        Unknown = "unknown",
    }
}

worded! {
    /// Whether an author was authenticated.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum Trust,
    /// The word that commands and tools use.
    word {
        /// By the means of the mailbox that it came to, or because it is ours.
        Verified = "verified",
        /// Nothing proves who wrote: it may be somebody in the author's name.
        Unverified = "unverified",
    }
}

/// A level that reads along in Cc.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopiedLevel {
    /// The team of a level.
    Team(Level),
    /// A vendor, by name.
    Vendor(String),
}

impl Priority {
    /// What interrupts all other work.
    pub const HIGHEST: Priority = Priority(1);
}

impl Level {
    /// The level whose people see to tickets of this one: a vendor's are the first level's.
    pub fn worked_at(self) -> Level {
        if self == Level::L3 { Level::L1 } else { self }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Level {
    type Err = String;

    /// Reads `L2`, and the French form `N2`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_uppercase().as_str() {
            "L1" | "N1" => Ok(Level::L1),
            "L2" | "N2" => Ok(Level::L2),
            "L3" | "N3" => Ok(Level::L3),
            _ => Err(format!("{text:?} is not a level: L1, L2 or L3")),
        }
    }
}

impl State {
    /// The word that commands and tools use: `new`, `open`, `pending`, `resolved`, `closed`, `spam`.
    pub fn word(&self) -> &'static str {
        match self {
            State::New => "new",
            State::Open => "open",
            State::Pending { .. } => "pending",
            State::Resolved => "resolved",
            State::Closed => "closed",
            State::Spam => "spam",
        }
    }

    /// Nothing is owed to the requester at the moment.
    pub fn is_over(&self) -> bool {
        matches!(self, State::Resolved | State::Closed | State::Spam)
    }
}
