//! `guichet serve`: the service.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{Answer, Invocation, open, service_manager};
use crate::config::Config;
use crate::gateway::{self, Gateway, Watched};
use crate::store::TablesMay;
use crate::{view, web};

/// Run in the foreground until SIGTERM or Ctrl-C
#[derive(Args)]
#[command(after_help = "Example:\n  guichet serve --config /etc/guichet/guichet.toml --log-format json")]
pub(super) struct Arguments {}

/// Longer than between two looks at the folder of known fixes, so that each does not begin a thread.
const FILE_THREAD_KEPT: Duration = Duration::from_secs(60);

/// `/healthz` and `/metrics` end within this time.
const PAGES_LIMIT: Duration = Duration::from_millis(500);

pub(super) fn run(invocation: &Invocation) -> Result<Answer> {
    // One: a second thread brings few more mails a second, and costs memory and hand-overs while nothing happens.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_keep_alive(FILE_THREAD_KEPT)
        .enable_all()
        .build();
    let runtime = runtime.context("Cannot start the runtime")?;
    let served = runtime.block_on(async {
        // Signals first: whoever stops a service that is still starting wants it to stop in order, too.
        let stop = CancellationToken::new();
        stop_on_signals(&stop)?;
        let config = invocation.configuration()?;
        invocation.log(&config)?;
        serve(&config, stop).await
    });
    // A name that is still being looked up keeps nobody waiting.
    runtime.shutdown_background();
    served.map(|()| Answer::Done)
}

async fn serve(config: &Config, stop: CancellationToken) -> Result<()> {
    let opened = tokio::select! {
        opened = open::gateway(config, TablesMay::BeBroughtUp) => opened?,
        () = stop.cancelled() => return Ok(()),
    };
    let gateway = Arc::new(opened);
    let pages = pages(config, &gateway, &stop).await?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), config = %config.file.display(), "guichet starts");
    service_manager::ready();
    service_manager::stay_alive(&stop);
    gateway::serve(gateway, stop.clone()).await?;
    stop.cancel();
    if let Some(pages) = pages {
        // Whoever still asks how we are gets no answer any more.
        if let Ok(ended) = tokio::time::timeout(PAGES_LIMIT, pages).await {
            ended??;
        }
    }
    tracing::info!("guichet stopped");
    Ok(())
}

fn stop_on_signals(stop: &CancellationToken) -> Result<()> {
    let mut terminated = signal(SignalKind::terminate()).context("Cannot listen to SIGTERM")?;
    let mut interrupted = signal(SignalKind::interrupt()).context("Cannot listen to SIGINT")?;
    let stop = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
        tracing::info!("Stopping: work in hand is finished first");
        service_manager::stopping();
        stop.cancel();
    });
    Ok(())
}

/// `/healthz` and `/metrics`, where they are configured.
async fn pages(
    config: &Config,
    gateway: &Arc<Gateway>,
    stop: &CancellationToken,
) -> Result<Option<tokio::task::JoinHandle<Result<()>>>> {
    let Some(address) = config.http else { return Ok(None) };
    let listener = TcpListener::bind(address).await.with_context(|| format!("Cannot listen on {address}"))?;
    let gateway = Arc::clone(gateway);
    let probe: web::Probe = Arc::new(move || {
        let gateway = Arc::clone(&gateway);
        Box::pin(async move {
            let named = |is_wanted: fn(&Watched) -> bool| {
                let watched = gateway.mailboxes.iter().filter(move |one| is_wanted(one));
                watched.map(|one| one.imap.name.as_str()).collect::<Vec<_>>()
            };
            let (mailboxes, junk) = (named(|one| !one.is_junk), named(|one| one.is_junk));
            let now = Timestamp::now();
            let known = gateway.store.status().await?;
            let status = view::Status::of(&known, &mailboxes, &junk, now).with_sent(&known, gateway.sent_name());
            status.with_brakes(&gateway.store, now).await
        })
    });
    tracing::info!(%address, "Serving /healthz and /metrics");
    Ok(Some(tokio::spawn(web::serve(listener, probe, stop.clone()))))
}
