//! What time it is: asked in this folder alone, and handed to the core as a value.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// The system's clock, or one that a story sets.
#[derive(Clone, Debug, Default)]
pub enum TimeSource {
    /// The clock of this machine.
    #[default]
    System,
    /// Milliseconds since 1970 that somebody else advances.
    Set(Arc<AtomicI64>),
}

impl TimeSource {
    /// A clock that stands at an instant.
    pub fn standing(at: Timestamp) -> TimeSource {
        TimeSource::Set(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    /// Now, to the millisecond.
    pub fn now(&self) -> Timestamp {
        match self {
            TimeSource::System => {
                let now = Timestamp::now();
                Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
            }
            TimeSource::Set(millis) => {
                Timestamp::from_millisecond(millis.load(Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH)
            }
        }
    }

    /// Lets a standing clock go on; the system's goes by itself.
    pub fn advance(&self, by: SignedDuration) {
        if let TimeSource::Set(millis) = self {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            millis.fetch_add(by, Ordering::Relaxed);
        }
    }
}
