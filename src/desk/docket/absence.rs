//! Who of ours is away.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::desk::ContactId;
use crate::desk::worded::worded;

/// Somebody of ours is away: open tickets are the team's meanwhile, and nobody assigns any without being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Who.
    pub contact: ContactId,
    /// From when on.
    pub from: Timestamp,
    /// When they are back; `None`: when they write again.
    pub until: Option<Timestamp>,
    /// Who said so.
    pub told_by: ToldBy,
    /// The open tickets went back to the team, as they do when it begins.
    pub begun: bool,
}

worded! {
    /// Who told of an absence.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub enum ToldBy,
    /// The word that the store keeps.
    word {
        /// The agent, by a command: it stays until its end or `#présent`.
        Agent = "agent",
        /// The agent's mail program, which may be forgotten: it ends also when they write in person.
        Robot = "robot",
    }
}

impl Absence {
    /// Whether they are away at that moment.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}
