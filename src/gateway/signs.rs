//! What a mailbox's own connection sees of its folder for junk (STATUS), so that this one needs a connection only when something
//! is there to be done.
//!
//! A sign may be old or missing, where the mailbox is unreachable or another gateway watches it: then the folder for junk is watched as
//! any other is.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::imap::Numbers;

/// By the name under which a folder for junk is watched.
#[derive(Debug, Default)]
pub(super) struct Signs {
    known: Mutex<HashMap<String, Known>>,
    told: Notify,
}

#[derive(Debug)]
struct Known {
    /// Its name on the server.
    folder: String,
    sign: Option<(Numbers, Instant)>,
}

impl Signs {
    /// That folder is to be looked at from now on.
    pub(super) fn want(&self, watched: &str, folder: String) {
        let mut known = self.known();
        if known.get(watched).is_none_or(|one| one.folder != folder) {
            known.insert(watched.to_owned(), Known { folder, sign: None });
        }
    }

    /// The name on the server of a folder that is to be looked at, where it was not within so long.
    pub(super) fn due(&self, watched: &str, every: Duration) -> Option<String> {
        let known = self.known();
        let one = known.get(watched)?;
        one.sign.is_none_or(|(_, at)| at.elapsed() >= every).then(|| one.folder.clone())
    }

    /// What was seen there; `None` where it cannot be looked at.
    pub(super) fn tell(&self, watched: &str, seen: Option<Numbers>) {
        if let Some(one) = self.known().get_mut(watched) {
            one.sign = seen.map(|numbers| (numbers, Instant::now()));
        }
        self.told.notify_waiters();
    }

    /// What was seen there last, where that is not longer ago.
    pub(super) fn seen_within(&self, watched: &str, within: Duration) -> Option<Numbers> {
        let known = self.known();
        let (numbers, at) = known.get(watched)?.sign?;
        (at.elapsed() < within).then_some(numbers)
    }

    /// Until something may have been told.
    pub(super) async fn told(&self) {
        self.told.notified().await;
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_asked_for_where_it_is_wanted_and_grows_old() {
        const LONG: Duration = Duration::from_secs(3_600);
        let (signs, numbers) = (Signs::default(), Numbers { uid_validity: 7, uid_next: 12 });
        signs.tell("support/junk", Some(numbers));
        assert_eq!((signs.due("support/junk", LONG), signs.seen_within("support/junk", LONG)), (None, None));
        signs.want("support/junk", "Junk".to_owned());
        assert_eq!(signs.due("support/junk", LONG).as_deref(), Some("Junk"));
        signs.tell("support/junk", Some(numbers));
        signs.want("support/junk", "Junk".to_owned());
        assert_eq!((signs.due("support/junk", LONG), signs.seen_within("support/junk", LONG)), (None, Some(numbers)));
        assert_eq!(signs.due("support/junk", Duration::ZERO).as_deref(), Some("Junk"));
        assert_eq!(signs.seen_within("support/junk", Duration::ZERO), None);
        signs.tell("support/junk", None);
        assert_eq!(signs.seen_within("support/junk", LONG), None);
    }
}
