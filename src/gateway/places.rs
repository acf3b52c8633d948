//! Connections that a server has from us at a time: where there are more mailboxes on it, they take turns, each once within its poll.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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
    waiting: AtomicU32,
    joined: Notify,
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
struct Waiting<'q>(&'q Queue);

impl Places {
    /// At most so many connections to each server; at least one.
    pub(super) fn new(per_server: u32) -> Places {
        Places { per_server: per_server.max(1), queues: Mutex::default() }
    }

    /// Waits for a connection to be free. The semaphore is closed never.
    pub(super) async fn take(&self, server: &Settings) -> Place {
        let queue = self.queue(server);
        let places = Arc::clone(&queue.places);
        let permit = match Arc::clone(&places).try_acquire_owned() {
            Ok(permit) => Some(permit),
            Err(_) => {
                let _waiting = Waiting::joins(&queue);
                places.acquire_owned().await.ok()
            }
        };
        Place { _permit: permit, queue, per_server: self.per_server, since: Instant::now() }
    }

    fn queue(&self, server: &Settings) -> Arc<Queue> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry((server.host.clone(), server.port)).or_insert_with(|| {
            let places = Arc::new(Semaphore::new(self.per_server as usize));
            Arc::new(Queue { places, waiting: AtomicU32::new(0), joined: Notify::new() })
        });
        Arc::clone(queue)
    }
}

impl Place {
    /// Whether the turn of a mailbox that is polled so often is over: others wait, and with turns of that length each of them has
    /// one within a poll.
    pub(super) fn is_over(&self, poll: Duration) -> bool {
        self.left(poll).is_some_and(|left| left.is_zero())
    }

    /// Until the turn is over.
    pub(super) async fn over(&self, poll: Duration) {
        loop {
            let joined = self.queue.joined.notified();
            match self.left(poll) {
                Some(Duration::ZERO) => return,
                Some(left) => tokio::select! {
                    () = sleep(left) => {}
                    () = joined => {}
                },
                None => joined.await,
            }
        }
    }

    /// How much of the turn is left; `None` while nobody waits.
    fn left(&self, poll: Duration) -> Option<Duration> {
        let turn = turn(poll, self.per_server, self.queue.waiting.load(Ordering::Relaxed))?;
        Some(turn.saturating_sub(self.since.elapsed()))
    }
}

/// How long a turn lasts while so many wait; `None` where nobody does.
fn turn(poll: Duration, places: u32, waiting: u32) -> Option<Duration> {
    (waiting > 0).then(|| poll * places / places.saturating_add(waiting))
}

impl<'q> Waiting<'q> {
    fn joins(queue: &'q Queue) -> Waiting<'q> {
        queue.waiting.fetch_add(1, Ordering::Relaxed);
        queue.joined.notify_waiters();
        Waiting(queue)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
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
        assert_eq!(turn(POLL, 2, 0), None);
        assert_eq!(turn(POLL, 2, 1), Some(POLL * 2 / 3));
        assert_eq!(turn(POLL, 20, 40), Some(POLL / 3));
    }

    #[tokio::test]
    async fn a_turn_is_over_where_others_wait_for_the_same_server() {
        let (places, one) = (Places::new(2), server("one.test"));
        let [first, second] = [places.take(&one).await, places.take(&one).await];
        let elsewhere = places.take(&server("two.test")).await;
        assert!(!first.is_over(Duration::ZERO), "nobody waits");
        assert!(first.over(Duration::ZERO).now_or_never().is_none());
        let mut third = Box::pin(places.take(&one));
        assert!((&mut third).now_or_never().is_none());
        assert!(first.is_over(Duration::ZERO) && second.is_over(Duration::ZERO) && !elsewhere.is_over(Duration::ZERO));
        assert!(!first.is_over(POLL), "it has just begun");
        first.over(Duration::ZERO).await;
        drop(first);
        let third = third.await;
        assert!(!second.is_over(Duration::ZERO) && !third.is_over(Duration::ZERO), "nobody waits any more");
    }

    #[tokio::test]
    async fn whoever_comes_ends_the_turns_of_those_who_are_there() {
        let (places, one) = (Places::new(1), server("one.test"));
        let first = places.take(&one).await;
        let (second, ()) = tokio::join!(places.take(&one), async {
            first.over(Duration::ZERO).await;
            drop(first);
        });
        assert!(places.take(&one).now_or_never().is_none(), "given up at once");
        assert!(!second.is_over(Duration::ZERO), "so nobody waits");
    }
}
