//! Until when a letter may be handed over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// The right to hand a letter over, by this machine's monotonic clock, which goes on while a process is paused. Clones share
/// it.
#[derive(Clone, Debug)]
pub struct Leave(Arc<Mutex<State>>);

#[derive(Debug)]
enum State {
    Until(Instant),
    /// The final dot was begun.
    Used,
    TakenBack,
}

impl Leave {
    /// Leave to hand the letter over until then.
    pub fn until(instant: Instant) -> Leave {
        Leave(Arc::new(Mutex::new(State::Until(instant))))
    }

    /// Prolongs it, also while the letter is on its way.
    pub fn prolong(&self, until: Instant) {
        let mut state = self.lock();
        if let State::Until(_) = *state {
            *state = State::Until(until);
        }
    }

    /// Whether it ran out before the letter's end.
    pub fn has_run_out(&self) -> bool {
        matches!(*self.lock(), State::Until(until) if Instant::now() >= until)
    }

    /// Whether the final dot may be written: then it will be.
    pub fn may_end(&self) -> bool {
        let mut state = self.lock();
        let may = matches!(*state, State::Until(until) if Instant::now() < until);
        if may {
            *state = State::Used;
        }
        may
    }

    /// Takes it back; `false` where the final dot was begun.
    pub fn take_back(&self) -> bool {
        let mut state = self.lock();
        if let State::Until(_) = *state {
            *state = State::TakenBack;
        }
        matches!(*state, State::TakenBack)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
