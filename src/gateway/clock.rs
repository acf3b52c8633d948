//! What time it is: asked in this folder alone, and handed to the core as a value.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// The system's clock, or one that a story sets.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's.
    #[default]
    System,
    /// Milliseconds since 1970 that somebody else advances.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at an instant.
    pub fn standing(at: Timestamp) -> Clock {
        Clock::Set(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    /// Now, to the millisecond.
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => {
                let now = Timestamp::now();
                Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
            }
            Clock::Set(millis) => {
                Timestamp::from_millisecond(millis.load(Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH)
            }
        }
    }

    /// Lets a standing clock go on; the system's goes by itself.
    pub fn advance(&self, by: SignedDuration) {
        if let Clock::Set(millis) = self {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            millis.fetch_add(by, Ordering::Relaxed);
        }
    }
}
