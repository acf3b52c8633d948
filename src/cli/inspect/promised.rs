//! What the configuration promises of a mail, were it a new request.

use jiff::Timestamp;

use super::Judged;
use crate::config::Config;
use crate::desk::{self, Foreseen, Proof};
use crate::mail::InboundMail;

/// What would be promised of a mail, and from when on.
pub(super) struct Promised<'a> {
    /// The ticket that it would open.
    pub(super) foreseen: Foreseen<'a>,
    /// When its clocks begin.
    pub(super) from: Timestamp,
    /// That is the mail's own date; else it is now.
    pub(super) by_its_date: bool,
}

impl<'a> Promised<'a> {
    /// `None`: it would open no ticket.
    pub(super) fn of(mail: &InboundMail, config: &'a Config, judged: Option<&Judged<'_>>) -> Option<Promised<'a>> {
        let date: Option<Timestamp> = mail.date.as_ref().and_then(|date| date.parse().ok());
        let from = date.unwrap_or_else(Timestamp::now);
        let proof = judged.map_or(&Proof::Token, |judged| &judged.proof);
        let foreseen = desk::foresee(&config.policy, mail, proof, from)?;
        Some(Promised { foreseen, from, by_its_date: date.is_some() })
    }
}
