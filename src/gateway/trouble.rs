//! Attempts that fail: waits that grow, and an operator who is told once and then once an hour.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::net::{NoToken, Obstacle, TokenRefusal, What};

/// The waits between attempts: the first one, doubling to the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waits {
    shortest: Duration,
    longest: Duration,
}

/// Waits where the other side may just be out of order: once it is back, what waits is served within 30 s.
pub(super) const SOON: Waits = Waits { shortest: Duration::from_millis(200), longest: Duration::from_secs(20) };
/// Waits where we are refused: whoever asks again and again gets an account locked and a bad name.
pub(super) const REFUSED: Waits = Waits { shortest: Duration::from_secs(30), longest: Duration::from_secs(15 * 60) };
/// Waits where a token server gives us no token: nobody is locked out by that, and whoever signs in anew is not kept waiting.
const WITHOUT_TOKEN: Waits = Waits { shortest: Duration::from_secs(5), longest: Duration::from_secs(60) };
/// Waits where the other side wants to be asked less.
pub(super) const THROTTLED: Waits = Waits { shortest: Duration::from_secs(10), longest: Duration::from_secs(5 * 60) };
/// The same trouble is told again after that.
const TOLD_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(1);

impl Waits {
    /// How soon to try again.
    pub(super) fn of(obstacle: &Obstacle) -> Waits {
        match obstacle.what() {
            What::NoToken(_) if obstacle.needs_operator() => WITHOUT_TOKEN,
            What::NoToken(NoToken { why: TokenRefusal::Later, .. }) => THROTTLED,
            What::Throttled(_) => THROTTLED,
            _ if obstacle.is_refusal() => REFUSED,
            _ => SOON,
        }
    }
}

/// A wait, and the ones before it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wait {
    begun: Option<(Timestamp, Duration)>,
}

impl Wait {
    /// An attempt failed: how long to wait now.
    pub(super) fn grow(&mut self, waits: Waits, now: Timestamp) -> Duration {
        let before = self.begun.map(|(_, wait)| wait);
        let wait = before.map_or(waits.shortest, |wait| (wait * 2).clamp(waits.shortest, waits.longest));
        self.begun = Some((now, wait));
        wait
    }

    /// How long it still lasts; `None` where it is over. A clock that jumped back ends it.
    pub(super) fn left(&self, now: Timestamp) -> Option<Duration> {
        let (since, wait) = self.begun?;
        let waited = Duration::try_from(now.duration_since(since)).ok()?;
        Some(wait.saturating_sub(waited)).filter(|left| !left.is_zero())
    }

    /// When it ends.
    pub(super) fn until(&self, now: Timestamp) -> Timestamp {
        let left = self.left(now).and_then(|left| SignedDuration::try_from(left).ok()).unwrap_or_default();
        now.checked_add(left).unwrap_or(now)
    }

    /// It is over at once; the next one is longer all the same.
    pub(super) fn cut_short(&mut self) {
        self.begun = self.begun.map(|(_, wait)| (Timestamp::UNIX_EPOCH, wait));
    }
}

/// What was told, and when.
#[derive(Debug)]
pub(super) struct Told<K>(HashMap<K, Timestamp>);

impl<K> Default for Told<K> {
    fn default() -> Told<K> {
        Told(HashMap::new())
    }
}

impl<K: Eq + Hash> Told<K> {
    /// Whether this is to be told: it was not within the last hour.
    pub(super) fn is_news(&mut self, what: K, now: Timestamp) -> bool {
        let is_news = self.0.get(&what).is_none_or(|at| {
            let age = now.duration_since(*at);
            age.is_negative() || age >= TOLD_AGAIN_AFTER
        });
        if is_news {
            self.0.insert(what, now);
        }
        is_news
    }

    /// It is over: the next time it is news again.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn waits_grow_from_the_shortest_to_the_longest() {
        let mut wait = Wait::default();
        let waits: Vec<u64> = (0..8).map(|_| wait.grow(REFUSED, at(0)).as_secs()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(wait.grow(SOON, at(0)), SOON.longest);
        let mut soon = Wait::default();
        assert_eq!(soon.grow(SOON, at(0)), SOON.shortest);
        assert_eq!(soon.grow(REFUSED, at(0)), REFUSED.shortest);
    }

    #[test]
    fn a_wait_ends_by_time_and_by_a_clock_that_jumps_back() {
        let mut wait = Wait::default();
        assert_eq!(wait.left(at(0)), None);
        wait.grow(REFUSED, at(0));
        assert_eq!(wait.left(at(10)), Some(Duration::from_secs(20)));
        assert_eq!(wait.until(at(10)), at(30));
        assert_eq!((wait.left(at(30)), wait.left(at(-5))), (None, None));
        wait.cut_short();
        assert_eq!(wait.left(at(10)), None);
        assert_eq!(wait.grow(REFUSED, at(10)).as_secs(), 60);
    }

    #[test]
    fn the_same_trouble_is_told_once_an_hour() {
        let mut told = Told::default();
        assert!(told.is_news("login", at(0)));
        assert!(!told.is_news("login", at(3_599)));
        assert!(told.is_news("cut", at(10)));
        assert!(told.is_news("login", at(3_600)));
        told.forget();
        assert!(told.is_news("login", at(3_601)));
    }
}
