//! The sessions of one PostgreSQL, kept open between commits; of several servers, those of the one that can be written.
//!
//! sqlx's own pool asks a server that refuses again and again until its time is over, and then says only that it is. Here a
//! cause is told at once, no silent server is waited for, and a session that was left in the middle is never used again.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::fault::{self, Fault};
use super::session::{Endpoint, Session};
use super::url;
use crate::said;

/// So many sessions at most.
const SESSIONS_MAX: usize = 10;
/// All servers are tried within this time: an operator waits ten seconds at most.
const OPEN_LIMIT: Duration = Duration::from_secs(8);
/// How long to wait for one that is in hand: later than that none comes back.
const WAIT_LONGEST: Duration = Duration::from_secs(20);
/// A session that was just used needs no question whether it lives.
const FRESH: Duration = Duration::from_secs(1);
const ANSWER_LIMIT: Duration = Duration::from_secs(3);
const ROLLBACK_LIMIT: Duration = Duration::from_secs(5);
const CLOSE_LIMIT: Duration = Duration::from_millis(500);
/// A session gives back what it gathered, and finds a server that moved.
const AGE_MAX: Duration = Duration::from_secs(30 * 60);
const IDLE_MAX: Duration = Duration::from_secs(10 * 60);
/// Whether a pooler shares sessions is asked so often: others may use it at the same time.
const ROUNDS: usize = 4;

/// The sessions with a PostgreSQL. Clones share them.
#[derive(Clone)]
pub(in crate::store) struct Sessions(Arc<Shared>);

struct Shared {
    endpoints: Vec<Arc<Endpoint>>,
    /// Index of the endpoint that took a session last.
    good: AtomicUsize,
    places: Arc<Semaphore>,
    /// Open sessions that nobody uses; the one used last stands last.
    idle: Mutex<Vec<Idle>>,
    is_closed: AtomicBool,
}

struct Idle {
    session: Session,
    since: Instant,
}

/// A session in hand. Dropped, it goes back; with a transaction, that is rolled back first.
pub(in crate::store) struct InHand {
    session: Option<Session>,
    place: Option<OwnedSemaphorePermit>,
    of: Sessions,
    is_transaction: bool,
}

impl Sessions {
    /// Opens the first two, and finds out by them whether what answers can be used.
    pub(super) async fn open(url: &str) -> Result<Sessions, Fault> {
        let servers = url::servers(url).map_err(|Fault { problem, remedy, .. }| {
            Fault::new(said!("[store] url {problem}", "[store] url {problem}"), remedy)
        })?;
        let sessions = Sessions(Arc::new(Shared {
            endpoints: servers.into_iter().map(|options| Arc::new(Endpoint::new(options))).collect(),
            good: AtomicUsize::new(0),
            places: Arc::new(Semaphore::new(SESSIONS_MAX)),
            idle: Mutex::default(),
            is_closed: AtomicBool::new(false),
        }));
        for mut session in sessions.first_two().await? {
            session.make_own().await?;
            sessions.keep(session);
        }
        Ok(sessions)
    }

    /// Two sessions of their own. Where a pooler gives out sessions by transaction, two clients meet in one, or one client
    /// finds itself in another one.
    async fn first_two(&self) -> Result<[Session; 2], Fault> {
        let mut first = self.open_one(OPEN_LIMIT).await?;
        let second = timeout(ANSWER_LIMIT, self.open_one(OPEN_LIMIT)).await;
        let mut second = second.unwrap_or_else(|_| Err(fault::no_second_connection(first.address())))?;
        let (one, two) = (first.process(), second.process());
        for round in 0..ROUNDS {
            let asked = (second.process_now(ANSWER_LIMIT).await, first.process_now(ANSWER_LIMIT).await);
            let (Some(now_two), Some(now_one)) = asked else {
                return Err(fault::no_second_connection(first.address()));
            };
            let (now_one, now_two) = (now_one?, now_two?);
            if one == two || now_one != one || now_two != two {
                tracing::debug!(round, one, two, now_one, now_two, "Sessions are shared");
                return Err(fault::pooled_by_transaction(first.address()));
            }
        }
        Ok([first, second])
    }

    /// A session at the first server that can be written, beginning with the one that was good last.
    async fn open_one(&self, limit: Duration) -> Result<Session, Fault> {
        let Shared { endpoints, good, .. } = &*self.0;
        let first = good.load(Ordering::Relaxed);
        let limit = limit / u32::try_from(endpoints.len()).unwrap_or(1).max(1);
        let mut faults = Vec::new();
        for at in (0..endpoints.len()).map(|step| (first + step) % endpoints.len()) {
            match endpoints[at].open(limit).await {
                Ok(session) => {
                    good.store(at, Ordering::Relaxed);
                    return Ok(session);
                }
                Err(fault) => faults.push((at, fault)),
            }
        }
        faults.sort_by_key(|(at, _)| *at);
        Err(of_all(faults.into_iter().map(|(_, fault)| fault).collect()))
    }

    /// Hands out a session that was kept open, or opens one.
    pub(super) async fn take(&self) -> Result<InHand, Fault> {
        let place = timeout(WAIT_LONGEST, Arc::clone(&self.0.places).acquire_owned()).await;
        let Ok(Ok(place)) = place else { return Err(fault::all_in_use(SESSIONS_MAX)) };
        let session = match self.idle().await {
            Some(session) => session,
            None => {
                let mut session = Box::pin(self.open_one(OPEN_LIMIT)).await?;
                session.make_own().await?;
                session
            }
        };
        Ok(InHand { session: Some(session), place: Some(place), of: self.clone(), is_transaction: false })
    }

    /// A kept session that still answers. Where one does not, the others were cut off as well.
    async fn idle(&self) -> Option<Session> {
        let Idle { mut session, since } = self.lock().pop()?;
        if since.elapsed() < FRESH || session.answers(ANSWER_LIMIT).await {
            return Some(session);
        }
        self.lock().clear();
        None
    }

    fn keep(&self, session: Session) {
        if self.0.is_closed.load(Ordering::Relaxed) || !session.is_at_rest() || session.age() > AGE_MAX {
            return;
        }
        let mut idle = self.lock();
        idle.retain(|one| one.since.elapsed() < IDLE_MAX);
        idle.push(Idle { session, since: Instant::now() });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all that are not in hand, in order where the server still answers; those in hand end when they come back.
    pub(super) async fn close(&self) {
        self.0.is_closed.store(true, Ordering::Relaxed);
        let idle = std::mem::take(&mut *self.lock());
        let ended = idle.into_iter().map(|one| sqlx::Connection::close(one.session.connection));
        let _ = timeout(CLOSE_LIMIT, futures_util::future::join_all(ended)).await;
    }
}

/// What is wrong with each of several servers, as one fault.
fn of_all(mut faults: Vec<Fault>) -> Fault {
    if faults.len() <= 1 {
        return faults.pop().unwrap_or_else(|| {
            Fault::new(
                said!("[store] url names no server", "[store] url ne nomme aucun serveur"),
                said!("Write postgres://user@host/database.", "Écrivez postgres://utilisateur@hôte/base."),
            )
        });
    }
    let count = faults.len();
    let told = faults.iter().map(|fault| fault.problem.as_str()).collect::<Vec<_>>().join("; ");
    Fault::new(
        said!(
            "none of the {count} servers in [store] url takes what is written: {told}",
            "aucun des {count} serveurs de [store] url n’accepte d’écriture : {told}"
        ),
        said!(
            "One of them must run as primary and be reachable from here.",
            "L’un d’eux doit fonctionner comme primaire et être joignable d’ici."
        ),
    )
}

impl InHand {
    /// Begins a transaction, which ends with [`InHand::commit`] or with the drop.
    pub(super) async fn begin(mut self) -> Result<InHand, Fault> {
        self.is_transaction = true;
        self.simply("begin").await?;
        Ok(self)
    }

    pub(super) async fn commit(mut self) -> Result<(), Fault> {
        self.simply("commit").await?;
        self.is_transaction = false;
        Ok(())
    }

    async fn simply(&mut self, statement: &'static str) -> Result<(), Fault> {
        let Session { connection, watch } = &mut **self;
        watch.run(sqlx::raw_sql(statement).execute(connection)).await.map(drop)
    }
}

impl Deref for InHand {
    type Target = Session;

    fn deref(&self) -> &Session {
        match &self.session {
            Some(session) => session,
            None => unreachable!("only the drop takes the session out of the hand"),
        }
    }
}

impl DerefMut for InHand {
    fn deref_mut(&mut self) -> &mut Session {
        match &mut self.session {
            Some(session) => session,
            None => unreachable!("only the drop takes the session out of the hand"),
        }
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        let Some(mut session) = self.session.take() else { return };
        let (sessions, place) = (self.of.clone(), self.place.take());
        if !session.is_at_rest() {
            // Its end is the end of its transaction. What cut it off has cut off the others.
            sessions.lock().clear();
            return;
        }
        if !self.is_transaction {
            sessions.keep(session);
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let Session { connection, watch } = &mut session;
                let rolled_back = watch.run(sqlx::raw_sql("rollback").execute(connection));
                if timeout(ROLLBACK_LIMIT, rolled_back).await.is_ok_and(|done| done.is_ok()) {
                    sessions.keep(session);
                }
                drop(place);
            });
        }
    }
}
