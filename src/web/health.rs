//! How the service is.

use serde::Serialize;

/// Counts and ages; what `status --json` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Mails taken in and not yet decided.
    pub inbox_pending: i64,
    /// Letters that have not left yet.
    pub outbox_pending: i64,
    /// Age of the oldest mail that is not decided; 0 where there is none.
    pub oldest_unhandled_seconds: i64,
    /// Age of the oldest letter that has not left; 0 where there is none.
    pub oldest_unsent_seconds: i64,
    /// One a mailbox.
    pub mailboxes: Vec<MailboxStatus>,
}

/// One mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailboxStatus {
    /// Its name in the configuration.
    pub name: String,
    /// One word.
    pub state: String,
    /// Since the server last answered; `None` before the first time.
    pub last_exchange_seconds: Option<i64>,
}

/// Mail is decided within seconds; what takes longer waits for a human to look.
const UNHANDLED_SECONDS_MAX: i64 = 300;
/// A letter that a relay puts off is tried again; beyond this the relay is probably gone.
const UNSENT_SECONDS_MAX: i64 = 3600;
/// Longer than any poll or idle time-out that a configuration may ask for is in good order.
const EXCHANGE_SECONDS_MAX: i64 = 3900;

impl Status {
    /// Whether nobody needs to look.
    pub fn is_healthy(&self) -> bool {
        let heard = |mailbox: &MailboxStatus| {
            mailbox.last_exchange_seconds.is_some_and(|seconds| seconds <= EXCHANGE_SECONDS_MAX)
        };
        self.oldest_unhandled_seconds <= UNHANDLED_SECONDS_MAX
            && self.oldest_unsent_seconds <= UNSENT_SECONDS_MAX
            && self.mailboxes.iter().all(heard)
    }
}
