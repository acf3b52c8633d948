//! The clocks of a ticket: what was promised, and what of it has run.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::desk::clock::Calendar;
use crate::desk::worded::worded;

/// A promise that runs, waits or is over. Its times count in the business hours of its calendar, to the millisecond.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Which one.
    pub name: ClockName,
    /// With `ola`: whose, a level such as `L2` or a vendor's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// What was promised, in seconds of business time.
    #[serde(rename = "target_seconds")]
    pub target: i64,
    /// In whose hours it counts, by its name in the configuration.
    pub calendar: String,
    /// What had run at `since`, in milliseconds.
    pub run_ms: i64,
    /// What had been paused at `since`, in milliseconds.
    pub paused_ms: i64,
    /// Since when it has been in its state.
    pub since: Timestamp,
    /// Whether it runs.
    pub state: ClockState,
    /// Three quarters have run, and that was told.
    #[serde(default, skip_serializing_if = "is_false")]
    pub warned: bool,
    /// All of it has run, and that was told.
    #[serde(default, skip_serializing_if = "is_false")]
    pub breached: bool,
}

worded! {
    /// What is promised.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    pub enum ClockName,
    /// The word that commands and tools use (ITIL's, and iTop's where it has one).
    word {
        /// Time to own: until the first human answer.
        Tto = "tto",
        /// Time to resolve.
        Ttr = "ttr",
        /// Time to the next response: each further question of the requester's.
        Tnr = "tnr",
        /// Operational level agreement: until a team takes the ticket up, or a vendor answers.
        Ola = "ola",
    }
}

worded! {
    /// Whether a clock runs.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum ClockState,
    /// The word that commands and tools use.
    word {
        /// Time counts against us.
        Running = "running",
        /// The ticket waits for somebody else: nothing counts.
        Paused = "paused",
        /// What was promised is done, or needs doing no more.
        Stopped = "stopped",
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Clock {
    /// A clock that starts to run.
    pub fn started(name: ClockName, party: Option<String>, target: i64, calendar: &str, at: Timestamp) -> Clock {
        Clock {
            name,
            party,
            target,
            calendar: calendar.to_owned(),
            run_ms: 0,
            paused_ms: 0,
            since: at,
            state: ClockState::Running,
            warned: false,
            breached: false,
        }
    }

    /// Whether it is this one.
    pub fn is(&self, name: ClockName, party: Option<&str>) -> bool {
        self.name == name && self.party.as_deref() == party
    }

    /// The same clock in another state, or by another promise: what has run and what has paused stay.
    #[must_use]
    pub fn turned(self, state: ClockState, calendar: &Calendar, at: Timestamp) -> Clock {
        let (run_ms, paused_ms) = (self.run_ms_at(calendar, at), self.paused_ms_at(calendar, at));
        Clock { run_ms, paused_ms, since: at, state, ..self }
    }

    /// What has run by then, in milliseconds; a clock that was set back takes nothing away.
    pub fn run_ms_at(&self, calendar: &Calendar, at: Timestamp) -> i64 {
        self.run_ms + if self.state == ClockState::Running { self.passed(calendar, at) } else { 0 }
    }

    /// What has been paused by then, in milliseconds.
    pub fn paused_ms_at(&self, calendar: &Calendar, at: Timestamp) -> i64 {
        self.paused_ms + if self.state == ClockState::Paused { self.passed(calendar, at) } else { 0 }
    }

    fn passed(&self, calendar: &Calendar, at: Timestamp) -> i64 {
        let passed = calendar.between(self.since, at.max(self.since));
        i64::try_from(passed.as_millis()).unwrap_or(i64::MAX)
    }

    /// When so many percent of the promise will have run; at `since` where they have already. `None` while it does not run.
    pub fn reaches(&self, percent: i64, calendar: &Calendar) -> Option<Timestamp> {
        if self.state != ClockState::Running {
            return None;
        }
        let left = self.target.saturating_mul(10).saturating_mul(percent).saturating_sub(self.run_ms);
        calendar.after(self.since, SignedDuration::from_millis(left))
    }

    /// Whether it stopped in time.
    pub fn is_met(&self) -> bool {
        self.run_ms <= self.target.saturating_mul(1000)
    }
}
