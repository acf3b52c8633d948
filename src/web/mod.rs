//! `/healthz` and `/metrics`: how the service is, for a watchdog and for Prometheus.
//!
//! Neither tells anything about mails or people: names of mailboxes, counts and ages only.

mod metrics;

use std::future::IntoFuture;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use futures_util::future::BoxFuture;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::view::Status;

/// Asks the service how it is.
pub type Probe = Arc<dyn Fn() -> BoxFuture<'static, Result<Status>> + Send + Sync>;

/// A store that takes longer to say how it is, is not well.
const PROBE_LIMIT: Duration = Duration::from_secs(5);
/// How long requests in hand may take when the service stops.
const STOP_LIMIT: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Sources {
    probe: Probe,
    /// What the store said last: told again while it does not answer.
    last: Arc<Mutex<Option<Status>>>,
}

/// Serves both pages until `stop`.
pub async fn serve(listener: TcpListener, probe: Probe, stop: CancellationToken) -> Result<()> {
    let pages = Router::new()
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics_page))
        .with_state(Sources { probe, last: Arc::default() });
    let serving = axum::serve(listener, pages).with_graceful_shutdown(stop.clone().cancelled_owned()).into_future();
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(STOP_LIMIT).await;
    };
    tokio::select! {
        served = serving => served.context("Cannot serve /healthz and /metrics"),
        () = overdue => Ok(()),
    }
}

async fn healthz(State(sources): State<Sources>) -> Response {
    match ask(&sources.probe).await {
        Ok(status) if status.is_healthy() => (StatusCode::OK, Json(status)).into_response(),
        Ok(status) => (StatusCode::SERVICE_UNAVAILABLE, Json(status)).into_response(),
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "/healthz answers 503: the store does not say how the service is"
            );
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"error": "the store does not answer"}))).into_response()
        }
    }
}

async fn metrics_page(State(sources): State<Sources>) -> Response {
    let answer = ask(&sources.probe).await;
    let page = {
        let mut last = sources.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(status) = answer {
            *last = Some(status);
        }
        metrics::page(last.as_ref())
    };
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page).into_response()
}

async fn ask(probe: &Probe) -> Result<Status> {
    tokio::time::timeout(PROBE_LIMIT, probe()).await.context("No answer in time")?
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::view::{MailboxStatus, SentStatus};

    fn status(oldest_unhandled_seconds: i64) -> Status {
        let mailbox = MailboxStatus {
            name: "support".to_owned(),
            state: "watching".to_owned(),
            last_exchange_seconds: Some(3),
            waiting: 0,
            trouble: None,
        };
        Status {
            inbox_pending: 2,
            outbox_pending: 1,
            oldest_unhandled_seconds,
            oldest_unsent_seconds: 0,
            quarantined: 0,
            junk: 0,
            outbox_held: 0,
            brakes: std::collections::BTreeMap::new(),
            brakes_tripped: [("kind".to_owned(), 3), ("vendor".to_owned(), 0)].into(),
            silenced: 0,
            held_since: None,
            outbox_held_by: None,
            outbox_held_by_since: None,
            sent: Some(SentStatus { waiting: 3, trouble: Some("full".to_owned()) }),
            mailboxes: vec![mailbox],
            restored: None,
        }
    }

    /// The answer of a server that has this to say, which then stops.
    async fn page(path: &str, answer: Result<Status, String>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap();
        let probe: Probe = Arc::new(move || {
            let answer = answer.clone().map_err(anyhow::Error::msg);
            Box::pin(async move { answer })
        });
        let stop = CancellationToken::new();
        let server = tokio::spawn(serve(listener, probe, stop.clone()));
        let mut client = TcpStream::connect(place).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        client.read_to_string(&mut text).await.unwrap();
        stop.cancel();
        server.await.unwrap().unwrap();
        text
    }

    #[tokio::test]
    async fn a_service_that_keeps_up_is_healthy() {
        let text = page("/healthz", Ok(status(4))).await;
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        assert!(
            text.contains(
                r#""mailboxes":[{"name":"support","state":"watching","last_exchange_seconds":3,"waiting":0,"#
            )
        );
    }

    #[tokio::test]
    async fn a_service_that_does_not_keep_up_says_so() {
        let text = page("/healthz", Ok(status(100_000))).await;
        assert!(text.starts_with("HTTP/1.1 503") && text.contains(r#""oldest_unhandled_seconds":100000"#), "{text}");
    }

    #[tokio::test]
    async fn a_store_that_fails_is_no_secret_but_its_words_are() {
        let text = page("/healthz", Err("password authentication failed for user guichet".to_owned())).await;
        assert!(text.starts_with("HTTP/1.1 503") && !text.contains("password"), "{text}");
    }

    #[tokio::test]
    async fn metrics_are_prometheus_text() {
        let text = page("/metrics", Ok(status(4))).await;
        assert!(text.starts_with("HTTP/1.1 200") && text.contains("text/plain; version=0.0.4"), "{text}");
        let gauges = [
            "# HELP guichet_inbox_pending Mails not yet decided, with those that are yet to be taken in\n",
            "# TYPE guichet_inbox_pending gauge\nguichet_inbox_pending 2\n\n",
            "guichet_outbox_pending 1\n",
            "guichet_oldest_unhandled_seconds 4\n",
            "guichet_sent_copies_waiting 3\n",
            "guichet_sent_copies_trouble 1\n",
            "guichet_mailbox_trouble{mailbox=\"support\"} 0\n",
            "guichet_mailbox_last_exchange_seconds{mailbox=\"support\"} 3\n",
        ];
        for gauge in gauges {
            assert!(text.contains(gauge), "{gauge} is not in {text}");
        }
    }
}
