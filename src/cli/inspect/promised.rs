//! What the configuration promises of a mail, were it a new request.

use jiff::Timestamp;

use super::Written;
use crate::config::Config;
use crate::desk::{self, Foreseen};

/// What would be promised of a mail, and from when on.
pub(super) struct Promised<'a> {
    /// The ticket that it would open.
    pub(super) foreseen: Foreseen<'a>,
    /// When its clocks begin.
    pub(super) from: Timestamp,
    /// Whose moment that is.
    pub(super) from_by: FromBy,
}

/// Which moment clocks would begin at.
#[derive(Clone, Copy)]
pub(super) enum FromBy {
    /// That of `--as-of`.
    Asked,
    /// That of the mail's Date.
    Date,
    /// This one: the mail has no Date.
    Now,
}

impl<'a> Promised<'a> {
    /// `None`: it would open no ticket.
    pub(super) fn of(written: &Written, config: &'a Config, as_of: Option<Timestamp>) -> Option<Promised<'a>> {
        let Written { mail, proof } = written;
        let date: Option<Timestamp> = mail.date.as_ref().and_then(|date| date.parse().ok());
        let (from, from_by) = match (as_of, date) {
            (Some(at), _) => (at, FromBy::Asked),
            (None, Some(date)) => (date, FromBy::Date),
            (None, None) => (Timestamp::now(), FromBy::Now),
        };
        let foreseen = desk::foresee(&config.policy, mail, proof, from)?;
        Some(Promised { foreseen, from, from_by })
    }
}
