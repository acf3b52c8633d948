//! Starts the loops, starts again what fails, and stops them in order.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use jiff::SignedDuration;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Gateway;
use super::lmtp::Door;
use crate::smtp::{Settings, Transport};

/// A loop that failed is started again after that.
const START_AGAIN: Duration = Duration::from_secs(1);
/// Work in hand may take so long when all is to stop.
const STOP_LONGEST: Duration = Duration::from_secs(7);
/// Each thing that is done after that may take so long: a store that does not answer keeps nobody waiting.
const LAST_LONGEST: Duration = Duration::from_secs(1);
/// Where others share the store, a run that ended without a word is forgotten after that.
const RUN_LASTS: SignedDuration = SignedDuration::from_secs(10);
const SAY_AGAIN: Duration = Duration::from_secs(3);

/// A task of the gateway that is started again when it fails.
#[derive(Clone, Copy, Debug)]
enum Loop {
    Watch(usize),
    Lmtp,
    Intake,
    Outbox,
    Timers,
    Routines,
    Shelf,
    Sent,
    Alarms,
    Presence,
}

/// Runs the gateway until `stop`; then work in hand is finished, within ten seconds.
pub async fn serve(gateway: Arc<Gateway>, stop: CancellationToken) -> Result<()> {
    let _lock = gateway.store.lock_for_serve()?;
    let after_crash = tokio::select! {
        begun = begin(&gateway) => begun?,
        () = stop.cancelled() => return Ok(()),
    };
    let door = gateway.open_door().await?;
    let mut loops = JoinSet::new();
    let watches = (0..gateway.mailboxes.len()).map(Loop::Watch);
    let lmtp = door.as_ref().map(|_| Loop::Lmtp);
    for one in watches.chain(lmtp).chain([
        Loop::Intake,
        Loop::Outbox,
        Loop::Timers,
        Loop::Routines,
        Loop::Shelf,
        Loop::Sent,
        Loop::Alarms,
        Loop::Presence,
    ]) {
        loops.spawn(keep_running(Arc::clone(&gateway), one, door.clone(), after_crash, stop.clone()));
    }
    stop.cancelled().await;
    let ended = timeout(STOP_LONGEST, async {
        while loops.join_next().await.is_some() {}
        // A token that is being renewed may be good once: what comes of it has to be written.
        gateway.renewals().await;
    })
    .await;
    let noted = match ended {
        Ok(()) => timeout(LAST_LONGEST, gateway.store.end_run(&gateway.name)).await.is_ok_and(|done| done.is_ok()),
        Err(_) => false,
    };
    if !noted {
        tracing::warn!("Work in hand took too long to finish; it goes on at the next start");
        loops.abort_all();
    }
    let _ = timeout(LAST_LONGEST, gateway.store.close()).await;
    Ok(())
}

/// Notes that this gateway runs, and puts right what earlier runs left. Whether one of them may not have ended in order.
async fn begin(gateway: &Gateway) -> Result<bool> {
    let after_crash = gateway.store.forget_crashed_runs().await?;
    gateway.store.keep_run(&gateway.name, gateway.time.now(), RUN_LASTS).await?;
    gateway.store.forget_leases().await?;
    gateway.notice_restore().await?;
    Ok(after_crash)
}

async fn keep_running(
    gateway: Arc<Gateway>,
    which: Loop,
    door: Option<Arc<Door>>,
    after_crash: bool,
    stop: CancellationToken,
) {
    let mut after_crash = after_crash;
    while !stop.is_cancelled() {
        let run = tokio::spawn(run(Arc::clone(&gateway), which, door.clone(), after_crash, stop.clone()));
        match run.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let what = gateway.names(which);
                tracing::error!(error = format!("{error:#}"), "{what} failed and is started again");
            }
            Err(panic) => {
                let what = gateway.names(which);
                tracing::error!(%panic, "{what} failed by a fault of guichet, and is started again: please report it");
                after_crash = true;
            }
        }
        if !stop.is_cancelled() {
            tokio::time::sleep(START_AGAIN).await;
        }
    }
}

impl Gateway {
    /// Ends once no token is being renewed.
    async fn renewals(&self) {
        for watched in &self.mailboxes {
            watched.imap.login.settled().await;
        }
        if let Transport::Smtp(Settings { login: Some(login), .. }) = &self.transport {
            login.settled().await;
        }
    }

    /// What an operator calls it.
    fn names(&self, which: Loop) -> String {
        match which {
            Loop::Watch(at) => format!("Watching the mailbox {}", self.mailboxes[at].imap.name),
            Loop::Lmtp => "Taking mail by LMTP".to_owned(),
            Loop::Intake => "Deciding mails".to_owned(),
            Loop::Outbox => "Sending letters".to_owned(),
            Loop::Timers => "Doing what falls due".to_owned(),
            Loop::Routines => "Doing what is done regularly".to_owned(),
            Loop::Shelf => "Reading known fixes".to_owned(),
            Loop::Sent => "Keeping copies of letters".to_owned(),
            Loop::Alarms => "Looking for what the operator should hear of".to_owned(),
            Loop::Presence => "Saying that this gateway runs".to_owned(),
        }
    }
}

async fn run(
    gateway: Arc<Gateway>,
    which: Loop,
    door: Option<Arc<Door>>,
    after_crash: bool,
    stop: CancellationToken,
) -> Result<()> {
    match which {
        Loop::Watch(at) => gateway.watch(&gateway.mailboxes[at], &stop).await,
        Loop::Lmtp => match door {
            Some(door) => gateway.take_from_mtas(door, &stop).await,
            None => Ok(()),
        },
        Loop::Intake => gateway.intake(after_crash, &stop).await,
        Loop::Outbox => gateway.outbox(&stop).await,
        Loop::Timers => gateway.timers(&stop).await,
        Loop::Routines => gateway.routines(&stop).await,
        Loop::Shelf => gateway.keep_shelf(&stop).await,
        Loop::Sent => gateway.keep_sent(&stop).await,
        Loop::Alarms => gateway.alarms(&stop).await,
        Loop::Presence => stay_present(&gateway, &stop).await,
    }
}

/// Lets gateways that share the store know that this run goes on.
async fn stay_present(gateway: &Gateway, stop: &CancellationToken) -> Result<()> {
    while gateway.store.is_shared() && stop.run_until_cancelled(tokio::time::sleep(SAY_AGAIN)).await.is_some() {
        if let Err(error) = gateway.store.keep_run(&gateway.name, gateway.time.now(), RUN_LASTS).await {
            tracing::debug!(error = format!("{error:#}"), "It is not noted that this gateway runs");
        }
    }
    stop.cancelled().await;
    Ok(())
}
