//! So many letters a minute: a relay's limit. It delays, it never drops.

use std::time::Duration;

use tokio::time::Instant;

/// Gives leave to send, one letter at a time; a second's worth may be saved up.
#[derive(Debug)]
pub(super) struct Pace {
    gap: Duration,
    next: Instant,
}

impl Pace {
    pub(super) fn new(letters_per_minute: u32) -> Pace {
        Pace { gap: Duration::from_secs(60) / letters_per_minute.max(1), next: Instant::now() }
    }

    /// Whether the next letter may leave at once.
    pub(super) fn has_leave(&self) -> bool {
        self.next <= Instant::now()
    }

    /// How long to wait before the next letter may leave; nothing: it may, and counts.
    pub(super) fn wait(&mut self) -> Option<Duration> {
        let now = Instant::now();
        if self.next > now {
            return Some(self.next - now);
        }
        let saved = now - Duration::from_secs(1).min(now - self.next);
        self.next = saved + self.gap;
        None
    }
}
