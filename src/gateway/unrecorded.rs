//! What stands in a folder and is not in the ledger: what of it the server could not give out, and when it is asked again.
//!
//! A server that cannot give out one message says NO, or says good-bye, or falls silent, or shows it empty; and it takes
//! down the answer for the messages beside it. So what did not come with others is asked for alone, those that were
//! never refused first, and the culprit last: everything behind it is served meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::imap::{Failure, Listed};

/// A message that was asked for alone and refused is asked for again after so long, the last wait repeated.
const WAITS: [SignedDuration; 4] = [
    SignedDuration::from_secs(2),
    SignedDuration::from_secs(5),
    SignedDuration::from_secs(15),
    SignedDuration::from_secs(20),
];
/// So often the server may refuse a message before it is set aside,
const REFUSALS_MAX: u32 = 4;
/// or be lost over it: that may also be the network's fault.
const LOSSES_MAX: u32 = 6;
/// So often in a row the server may put off what it is asked for, and no mail is suspected of being the cause.
const PUT_OFF_MAX: u32 = 12;
/// After so many listings that ended the connection, messages are listed without their sizes.
const LISTINGS_LOST_MAX: u32 = 2;

/// What is known across connections of messages of one folder that are not in the ledger.
#[derive(Debug, Default)]
pub(super) struct Unrecorded {
    uid_validity: Option<u32>,
    doubts: BTreeMap<u32, Doubt>,
    count: u64,
    /// When one of the messages was recorded last, or the first of them was seen.
    progress: Option<Timestamp>,
    listings_lost: u32,
    put_off: u32,
}

/// A message that did not come when it was fetched together with others.
#[derive(Debug)]
struct Doubt {
    since: Timestamp,
    refusals: u32,
    losses: u32,
    next_try: Timestamp,
}

impl Unrecorded {
    /// A connection to the folder begins.
    pub(super) fn begin(&mut self, uid_validity: u32) {
        if self.uid_validity.replace(uid_validity) != Some(uid_validity) {
            *self = Unrecorded { uid_validity: Some(uid_validity), ..Unrecorded::default() };
        }
    }

    /// Whether to ask for no sizes: the server breaks off when it has to measure some message.
    pub(super) fn lists_names_alone(&self) -> bool {
        self.listings_lost >= LISTINGS_LOST_MAX
    }

    /// The connection was lost over a listing.
    pub(super) fn listing_lost(&mut self) {
        self.listings_lost += 1;
    }

    /// The folder holds these, and the ledger does not.
    pub(super) fn see(&mut self, new: &[Listed], now: Timestamp) {
        self.doubts.retain(|uid, _| new.binary_search_by_key(uid, |one| one.uid).is_ok());
        if new.is_empty() || !self.lists_names_alone() {
            self.listings_lost = 0;
        }
        self.count = new.len() as u64;
        self.progress = self.progress.filter(|_| !new.is_empty()).or((!new.is_empty()).then_some(now));
        for one in new.iter().filter(|one| one.size.is_none()) {
            self.doubt(one.uid, now);
        }
    }

    /// So many of them are in the ledger now.
    pub(super) fn recorded(&mut self, uids: impl IntoIterator<Item = u32>, now: Timestamp) {
        for uid in uids {
            self.put_off = 0;
            self.doubts.remove(&uid);
            self.count = self.count.saturating_sub(1);
        }
        self.progress = (self.count > 0).then_some(now);
    }

    /// The server gives out nothing for now. Whether to come back later: else one of them may be why.
    pub(super) fn comes_later(&mut self, failure: &Failure) -> bool {
        self.put_off += u32::from(failure.is_put_off());
        failure.is_put_off() && self.put_off <= PUT_OFF_MAX
    }

    /// It did not come with others: it is asked for alone from now on.
    pub(super) fn doubt(&mut self, uid: u32, now: Timestamp) {
        self.doubts.entry(uid).or_insert_with(|| Doubt { since: now, refusals: 0, losses: 0, next_try: now });
    }

    /// It was asked for alone, in vain. Whether that was often enough.
    pub(super) fn refused(&mut self, uid: u32, failure: &Failure, now: Timestamp) -> bool {
        self.doubt(uid, now);
        let Some(doubt) = self.doubts.get_mut(&uid) else { return false };
        match failure {
            Failure::Refused { .. } => doubt.refusals += 1,
            Failure::Lost(_) | Failure::Barred(_) => doubt.losses += 1,
        }
        let tries = (doubt.refusals + doubt.losses) as usize;
        doubt.next_try = now + WAITS[tries.clamp(1, WAITS.len()) - 1];
        doubt.refusals >= REFUSALS_MAX || doubt.losses >= LOSSES_MAX
    }

    /// Whether the message is asked for alone.
    pub(super) fn is_doubtful(&self, uid: u32) -> bool {
        self.doubts.contains_key(&uid)
    }

    /// What is to be asked for alone now, the least refused first.
    pub(super) fn due(&self, now: Timestamp) -> Vec<u32> {
        let mut due: Vec<(u32, u32)> = self
            .doubts
            .iter()
            .filter(|(_, doubt)| wait(doubt, now).is_zero())
            .map(|(uid, doubt)| (doubt.refusals + doubt.losses, *uid))
            .collect();
        due.sort_unstable();
        due.into_iter().map(|(_, uid)| uid).collect()
    }

    /// How long until the next of them is due.
    pub(super) fn next_try(&self, now: Timestamp) -> Option<Duration> {
        self.doubts.values().map(|doubt| wait(doubt, now)).min()
    }

    /// How many messages wait to be recorded.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Since when the one that waits longest could have been recorded: while many come, since the last that did.
    pub(super) fn since(&self) -> Option<Timestamp> {
        self.doubts.values().map(|doubt| doubt.since).chain(self.progress).min().filter(|_| self.count > 0)
    }
}

/// A wait beyond its own maximum was set before the clock jumped back, and counts as over.
fn wait(doubt: &Doubt, now: Timestamp) -> Duration {
    let wait = doubt.next_try.duration_since(now);
    if wait > WAITS[WAITS.len() - 1] { Duration::ZERO } else { Duration::try_from(wait).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(uids: &[u32]) -> Vec<Listed> {
        let one = |uid| Listed { uid, size: Some(9), internal_date: None, answered: false, deleted: false };
        uids.iter().copied().map(one).collect()
    }

    fn no() -> Failure {
        Failure::Refused { command: "UID FETCH".to_owned(), said: "no".to_owned() }
    }

    #[test]
    fn the_least_refused_is_asked_for_first_and_each_rests_between_tries() {
        let now = Timestamp::UNIX_EPOCH;
        let mut unrecorded = Unrecorded::default();
        unrecorded.begin(7);
        unrecorded.see(&listed(&[1, 2, 3]), now);
        [1, 2, 3].into_iter().for_each(|uid| unrecorded.doubt(uid, now));
        assert!(!unrecorded.refused(1, &no(), now));
        assert_eq!(unrecorded.due(now), [2, 3]);
        let now = now + WAITS[0];
        assert_eq!(unrecorded.due(now), [2, 3, 1]);
        unrecorded.recorded([2, 3], now);
        assert_eq!((unrecorded.count(), unrecorded.due(now)), (1, vec![1]));
        unrecorded.see(&listed(&[]), now);
        assert_eq!((unrecorded.count(), unrecorded.since(), unrecorded.next_try(now)), (0, None, None));
    }

    #[test]
    fn no_message_is_suspected_while_the_server_puts_off_what_it_is_asked_for() {
        let mut unrecorded = Unrecorded::default();
        let later = Failure::Refused { command: "UID FETCH".to_owned(), said: "[UNAVAILABLE] later".to_owned() };
        assert!(!unrecorded.comes_later(&no()));
        for _ in 0..2 {
            (0..PUT_OFF_MAX).for_each(|_| assert!(unrecorded.comes_later(&later)));
            assert!(!unrecorded.comes_later(&later));
            unrecorded.recorded([1], Timestamp::UNIX_EPOCH);
        }
    }

    #[test]
    fn a_message_is_set_aside_after_few_refusals_and_more_lost_connections() {
        let now = Timestamp::UNIX_EPOCH;
        for (failure, tries) in [(no(), REFUSALS_MAX), (Failure::Lost("cut".to_owned()), LOSSES_MAX)] {
            let mut unrecorded = Unrecorded::default();
            unrecorded.begin(7);
            for at in 1..=tries {
                // A new connection to the same folder forgets nothing.
                unrecorded.begin(7);
                assert_eq!(unrecorded.refused(4, &failure, now), at == tries);
            }
            unrecorded.begin(8);
            assert!(!unrecorded.is_doubtful(4));
        }
    }
}
