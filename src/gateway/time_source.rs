//! What time it is: asked in this folder alone, and handed to the core as a value.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// The system's clock, or one that a story sets.
#[derive(Clone, Debug, Default)]
pub enum TimeSource {
    /// The clock of this machine.
    #[default]
    System,
    /// A clock that stands until somebody advances it.
    Set(Arc<Standing>),
}

/// Where a clock stands that somebody advances.
#[derive(Debug)]
pub struct Standing {
    /// Milliseconds since 1970.
    millis: watch::Sender<i64>,
}

impl TimeSource {
    /// A clock that stands at an instant.
    pub fn standing(at: Timestamp) -> TimeSource {
        TimeSource::Set(Arc::new(Standing { millis: watch::Sender::new(at.as_millisecond()) }))
    }

    /// Now, to the millisecond.
    pub fn now(&self) -> Timestamp {
        match self {
            TimeSource::System => {
                let now = Timestamp::now();
                Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
            }
            TimeSource::Set(standing) => {
                Timestamp::from_millisecond(*standing.millis.borrow()).unwrap_or(Timestamp::UNIX_EPOCH)
            }
        }
    }

    /// How long that instant is away, within these bounds; the longest where there is none.
    pub(super) fn wait_for(&self, next: Option<Timestamp>, bounds: RangeInclusive<Duration>) -> Duration {
        let (shortest, longest) = bounds.into_inner();
        let wait = next.map(|next| Duration::try_from(self.now().duration_until(next)).unwrap_or_default());
        wait.map_or(longest, |wait| wait.clamp(shortest, longest))
    }

    /// Lets a standing clock go on; the system's goes by itself.
    pub fn advance(&self, by: SignedDuration) {
        if let TimeSource::Set(standing) = self {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            standing.millis.send_modify(|millis| *millis += by);
        }
    }

    /// Until somebody has set it to another time than this one; the system's clock goes on without a word.
    pub(super) async fn advanced(&self, since: Timestamp) {
        match self {
            TimeSource::System => std::future::pending().await,
            TimeSource::Set(standing) => {
                let mut millis = standing.millis.subscribe();
                let _ = millis.wait_for(|millis| *millis != since.as_millisecond()).await;
            }
        }
    }
}
