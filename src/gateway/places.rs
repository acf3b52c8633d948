//! Connections that a server has from us at a time: where there are more mailboxes on it, they take turns, each once within its poll.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};

use crate::imap::Settings;

/// Host and port.
type ServerKey = (String, u16);

/// The connections to all servers.
#[derive(Debug)]
pub(super) struct Places {
    per_server: u32,
    queues: Mutex<HashMap<ServerKey, Arc<Queue>>>,
}

/// Who waits for a connection to one server: first come, first served.
#[derive(Debug)]
struct Queue {
    places: Arc<Semaphore>,
    waiting: Mutex<Vec<Waits>>,
    joined: Notify,
}

/// One that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Waits {
    poll: Duration,
    /// It never had a turn.
    is_new: bool,
}

/// The right to one connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: Option<OwnedSemaphorePermit>,
    queue: Arc<Queue>,
    per_server: u32,
    since: Instant,
}

/// One that waits, also where the wait is given up.
struct Waiting<'q>(&'q Queue, Waits);

/// While somebody waits who never had a turn, one lasts no longer: everybody is looked at soon after the start.
const FIRST_TURN: Duration = Duration::from_secs(1);

impl Places {
    /// At most so many connections to each server; at least one.
    pub(super) fn new(per_server: u32) -> Places {
        Places { per_server: per_server.max(1), queues: Mutex::default() }
    }

    /// Waits for a connection to be free; `is_new`: for the first time. The semaphore is closed never.
    pub(super) async fn take(&self, server: &Settings, is_new: bool) -> Place {
        let queue = self.queue(server);
        let places = Arc::clone(&queue.places);
        let permit = match Arc::clone(&places).try_acquire_owned() {
            Ok(permit) => Some(permit),
            Err(_) => {
                let _waiting = Waiting::joins(&queue, Waits { poll: server.poll, is_new });
                places.acquire_owned().await.ok()
            }
        };
        Place { _permit: permit, queue, per_server: self.per_server, since: Instant::now() }
    }

    fn queue(&self, server: &Settings) -> Arc<Queue> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry((server.host.to_ascii_lowercase(), server.port)).or_insert_with(|| {
            let places = Arc::new(Semaphore::new(self.per_server as usize));
            Arc::new(Queue { places, waiting: Mutex::default(), joined: Notify::new() })
        });
        Arc::clone(queue)
    }
}

impl Place {
    /// Whether so many turns of a mailbox that is polled so often are over: others wait, and with turns of that length each of them
    /// has one within the shortest poll.
    pub(super) fn is_over(&self, poll: Duration, turns: u32) -> bool {
        self.left(poll, turns).is_some_and(|left| left.is_zero())
    }

    /// Until so many turns are over.
    pub(super) async fn over(&self, poll: Duration, turns: u32) {
        loop {
            let joined = self.queue.joined.notified();
            match self.left(poll, turns) {
                Some(Duration::ZERO) => return,
                Some(left) => tokio::select! {
                    () = sleep(left) => {}
                    () = joined => {}
                },
                None => joined.await,
            }
        }
    }

    /// How much of them is left; `None` while nobody waits.
    fn left(&self, poll: Duration, turns: u32) -> Option<Duration> {
        let turn = turn(poll, self.per_server, &self.queue.waiting())?;
        Some((turn * turns).saturating_sub(self.since.elapsed()))
    }
}

/// How long a turn lasts while these wait; `None` where nobody does.
fn turn(poll: Duration, places: u32, waiting: &[Waits]) -> Option<Duration> {
    let shortest = waiting.iter().map(|one| one.poll).min()?.min(poll);
    let turn = shortest * places / places.saturating_add(u32::try_from(waiting.len()).unwrap_or(u32::MAX));
    Some(if waiting.iter().any(|one| one.is_new) { turn.min(FIRST_TURN) } else { turn })
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Vec<Waits>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'q> Waiting<'q> {
    fn joins(queue: &'q Queue, one: Waits) -> Waiting<'q> {
        queue.waiting().push(one);
        queue.joined.notify_waiters();
        Waiting(queue, one)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.waiting();
        if let Some(at) = waiting.iter().position(|one| *one == self.1) {
            waiting.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::imap::Which;
    use crate::net::{Login, Tls};

    const POLL: Duration = Duration::from_secs(60);

    fn server(host: &str) -> Settings {
        let second = Duration::from_secs(1);
        Settings {
            name: "support".to_owned(),
            host: host.to_owned(),
            port: 993,
            tls: Tls::Implicit,
            login: Login::new("support", "secret".to_owned()),
            folder: Which::Junk,
            poll: POLL,
            idle_timeout: second,
            exchange_timeout: second,
            message_bytes_max: 1,
            ca_file: None,
        }
    }

    #[test]
    fn with_turns_of_that_length_each_has_one_within_a_poll() {
        let waits = |poll| Waits { poll, is_new: false };
        assert_eq!(turn(POLL, 2, &[]), None);
        assert_eq!(turn(POLL, 2, &[waits(POLL)]), Some(POLL * 2 / 3));
        assert_eq!(turn(POLL, 20, &[waits(POLL); 40]), Some(POLL / 3));
        assert_eq!(turn(POLL, 1, &[waits(POLL / 4)]), Some(POLL / 8), "the shortest poll counts");
        assert_eq!(turn(POLL, 1, &[waits(POLL), Waits { poll: POLL, is_new: true }]), Some(FIRST_TURN));
    }

    #[tokio::test]
    async fn a_turn_is_over_where_others_wait_for_the_same_server() {
        let (places, one) = (Places::new(2), server("one.test"));
        let [first, second] = [places.take(&one, false).await, places.take(&one, false).await];
        let elsewhere = places.take(&server("two.test"), false).await;
        assert!(!first.is_over(Duration::ZERO, 1), "nobody waits");
        assert!(first.over(Duration::ZERO, 1).now_or_never().is_none());
        let mut third = Box::pin(places.take(&one, false));
        assert!((&mut third).now_or_never().is_none());
        assert!(
            first.is_over(Duration::ZERO, 1)
                && second.is_over(Duration::ZERO, 1)
                && !elsewhere.is_over(Duration::ZERO, 1)
        );
        assert!(!first.is_over(POLL, 1), "it has just begun");
        first.over(Duration::ZERO, 1).await;
        drop(first);
        let third = third.await;
        assert!(!second.is_over(Duration::ZERO, 1) && !third.is_over(Duration::ZERO, 1), "nobody waits any more");
    }

    #[tokio::test]
    async fn whoever_comes_ends_the_turns_of_those_who_are_there() {
        let (places, one) = (Places::new(1), server("one.test"));
        let first = places.take(&one, false).await;
        let (second, ()) = tokio::join!(places.take(&one, false), async {
            first.over(Duration::ZERO, 1).await;
            drop(first);
        });
        assert!(places.take(&one, false).now_or_never().is_none(), "given up at once");
        assert!(!second.is_over(Duration::ZERO, 1), "so nobody waits");
    }
}
