//! Identifiers of rows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

row_id! {
    /// A message that a mailbox held, or that was piped in.
    LedgerId
}
row_id! {
    /// One address that somebody uses.
    ContactId
}
row_id! {
    /// A person, who may use several addresses.
    PersonId
}

/// The number of a ticket; shown as its reference, `R-000123` (iTop's form for user requests).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TicketNumber(pub i64);

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "R-{:06}", self.0)
    }
}

impl FromStr for TicketNumber {
    type Err = String;

    /// Reads `R-000123`, `r-123` or `123`.
    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.trim().trim_start_matches(['R', 'r']).trim_start_matches('-');
        digits
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .map(TicketNumber)
            .ok_or_else(|| format!("{text:?} is not a ticket reference such as R-000123"))
    }
}
