//! Waiting for mail: IDLE (RFC 2177) where the server has it, and a poll beside it or alone.

use std::pin::pin;
use std::time::Duration;

use anyhow::Result;
use async_imap::imap_proto::{RequestId, Response};
use tokio::time::{Instant, sleep_until};

use super::exchange::Session;
use super::failure::Failure;

/// IDLE is issued again at least that often: servers and the boxes between forget silent connections.
const IDLE_MAX: Duration = Duration::from_secs(5 * 60);

/// A server that tells of new mail only when it is asked is asked so often: Courier and Cyrus without a daemon of their own for
/// that look once a minute themselves.
const POLL_BESIDE_LATE_IDLE: Duration = Duration::from_secs(15);

/// Why [`Session::wait`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// Messages arrived since the folder was last listed.
    News,
    /// The server told of none, and a poll is due: list the folder, for not every server tells.
    PollDue,
    /// The caller's future ended first.
    Interrupted,
}

impl Session {
    /// From now on the server may be silent for so long: between exchanges, and when an answer is due.
    pub fn limit_silence(&mut self, idle_timeout: Duration, exchange_timeout: Duration) {
        self.settings.idle_timeout = idle_timeout;
        self.settings.exchange_timeout = exchange_timeout;
    }

    /// Waits for new messages, at most until the next poll is due; returns at once while [`Session::list_from`] has not
    /// been called since the last ones arrived. The folder must be selected.
    ///
    /// A wait is never longer than the shorter of `poll` and `idle_timeout`. With the listing that follows it, a dead
    /// connection is noticed at most `exchange_timeout` later.
    pub async fn wait(&mut self, interrupt: impl Future<Output = ()>) -> Result<Woken> {
        let was_poll = std::mem::take(&mut self.idling.was_poll);
        if self.folder.news {
            if was_poll {
                self.told_late();
            }
            return Ok(Woken::News);
        }
        let mut longest = self.settings.poll.min(self.settings.idle_timeout).min(IDLE_MAX);
        if self.idling.is_late {
            longest = longest.min(POLL_BESIDE_LATE_IDLE);
        }
        let until = Instant::now() + longest;
        let interrupted =
            if self.capabilities.idle { self.idle(until, interrupt).await? } else { is_first(interrupt, until).await };
        // A server need not look for new mail before it is asked to (RFC 3501 §6.1.2): Courier does not for UID FETCH.
        if !self.capabilities.idle && !self.folder.news {
            self.exchange("NOOP", |_| ()).await?;
        }
        Ok(match (self.folder.news, interrupted) {
            (true, _) => Woken::News,
            (false, true) => Woken::Interrupted,
            (false, false) => {
                self.idling.was_poll = true;
                Woken::PollDue
            }
        })
    }

    /// Whether it was interrupted.
    async fn idle(&mut self, until: Instant, interrupt: impl Future<Output = ()>) -> Result<bool, Failure> {
        let mut interrupted = pin!(is_first(interrupt, until));
        let tag = self.begin("IDLE").await?;
        loop {
            match self.next(|response| Progress::of(response, &tag)).await? {
                Progress::Begun => break,
                Progress::Ended => return Ok(self.wait_without_idle(interrupted).await),
                Progress::Other => {}
            }
        }
        let mut was_interrupted = false;
        while !self.folder.news {
            tokio::select! {
                biased;
                was_first = &mut interrupted => {
                    was_interrupted = was_first;
                    break;
                }
                progress = self.next_whenever(|response| Progress::of(response, &tag)) => {
                    if progress? == Progress::Ended {
                        return Ok(self.wait_without_idle(interrupted).await);
                    }
                }
            }
        }
        let told_at_once = self.folder.news;
        self.send_line("DONE").await?;
        self.complete("IDLE", &tag, |_| ()).await?;
        if told_at_once {
            self.idling.is_late = false;
        } else if self.folder.news && !was_interrupted {
            self.told_late();
        }
        Ok(was_interrupted)
    }

    /// Whether the server told of new mail only when it was asked, when it last had some.
    pub fn tells_late(&self) -> bool {
        self.idling.is_late
    }

    /// It did so on an earlier connection.
    pub fn expect_late_news(&mut self, is_late: bool) {
        self.idling.is_late = is_late;
    }

    /// There was new mail, and IDLE did not tell.
    fn told_late(&mut self) {
        if self.capabilities.idle && !std::mem::replace(&mut self.idling.is_late, true) {
            let (mailbox, seconds) = (&self.settings.name, POLL_BESIDE_LATE_IDLE.as_secs());
            tracing::info!(mailbox, "The server tells of new mail only when it is asked: asking every {seconds} s");
        }
    }

    /// The server offered IDLE and ended it unasked: it is not asked again.
    async fn wait_without_idle(&mut self, interrupted: impl Future<Output = bool>) -> bool {
        tracing::warn!(mailbox = self.settings.name, "The server does not keep up IDLE: polling alone");
        self.ended_early();
        self.capabilities.idle = false;
        !self.folder.news && interrupted.await
    }
}

#[derive(PartialEq, Eq)]
enum Progress {
    Begun,
    Ended,
    Other,
}

impl Progress {
    fn of(response: &Response<'_>, tag: &RequestId) -> Progress {
        match response {
            Response::Continue(_) => Progress::Begun,
            Response::Done { tag: answered, .. } if answered == tag => Progress::Ended,
            _ => Progress::Other,
        }
    }
}

/// Whether `interrupt` ends before `until` comes.
async fn is_first(interrupt: impl Future<Output = ()>, until: Instant) -> bool {
    tokio::select! {
        biased;
        () = interrupt => true,
        () = sleep_until(until) => false,
    }
}
