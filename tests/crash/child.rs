//! The process that dies.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::house::{self, Doors};

const POINT: &str = "CRASH_AT";
const STORE: &str = "CRASH_STORE";
const IMAP: &str = "CRASH_IMAP";
const SMTP: &str = "CRASH_SMTP";
const LMTP: &str = "CRASH_LMTP";
const COPIES: &str = "CRASH_COPIES";

/// This test binary again, as a gateway that aborts at `point`, and prints the points that it passes.
pub(crate) fn command(doors: &Doors, point: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["child::the_gateway_that_dies", "--exact", "--ignored", "--nocapture"])
        .env(POINT, point)
        .env(STORE, &doors.store)
        .env(IMAP, doors.imap.to_string())
        .env(SMTP, doors.smtp.to_string())
        .envs(doors.lmtp.map(|port| (LMTP, port.to_string())))
        .envs(doors.has_copies.then_some((COPIES, "yes")))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

#[test]
#[ignore = "the other tests start it as a process of its own"]
fn the_gateway_that_dies() {
    let Ok(point) = std::env::var(POINT) else { return };
    let port = |name: &str| std::env::var(name).unwrap().parse().unwrap();
    let lmtp = std::env::var(LMTP).ok().map(|port| port.parse().unwrap());
    let (store, has_copies) = (std::env::var(STORE).unwrap(), std::env::var(COPIES).is_ok());
    let doors = Doors { store, imap: port(IMAP), smtp: port(SMTP), lmtp, has_copies };
    let death = Death { point, awake: AtomicBool::new(false), passed: Mutex::default() };
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(death)).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let gateway = house::gateway(&doors).await;
        guichet::gateway::serve(gateway, CancellationToken::new()).await.unwrap();
    });
}

/// Aborts the process where an event is the point.
struct Death {
    point: String,
    awake: AtomicBool,
    passed: Mutex<BTreeSet<String>>,
}

impl<S: Subscriber> Layer<S> for Death {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut words = Words::default();
        event.record(&mut words);
        let target = event.metadata().target();
        let name = match words.statement {
            Some(statement) if target == "sqlx::query" => format!("sql {}", first_words(&statement)),
            _ if target.starts_with("guichet") => format!("log {}", words.message),
            _ => return,
        };
        // Before that the store is made; nothing of it has to do with a mail.
        if ["log Watching support", "log Taking mail by LMTP"].iter().any(|start| name.starts_with(start)) {
            self.awake.store(true, Ordering::Relaxed);
        }
        let reads = name.starts_with("sql select") || name.starts_with("sql pragma");
        let touches_nothing = name.starts_with("sql ") && words.rows == 0;
        if reads || touches_nothing || !self.awake.load(Ordering::Relaxed) {
            return;
        }
        if self.passed.lock().unwrap().insert(name.clone()) {
            let mut out = std::io::stdout().lock();
            writeln!(out, "{name}").unwrap();
            out.flush().unwrap();
        }
        if name.starts_with(&self.point) {
            std::process::abort();
        }
    }
}

#[derive(Default)]
struct Words {
    message: String,
    statement: Option<String>,
    /// Changed or returned.
    rows: u64,
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "summary" if self.statement.is_none() => self.statement = Some(format!("{value:?}")),
            "db.statement" => self.keep_statement(&format!("{value:?}")),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if matches!(field.name(), "rows_affected" | "rows_returned") {
            self.rows += value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" if self.statement.is_none() => self.statement = Some(value.to_owned()),
            "db.statement" => self.keep_statement(value),
            _ => {}
        }
    }
}

impl Words {
    /// Empty where the summary says it all.
    fn keep_statement(&mut self, statement: &str) {
        if !statement.trim().is_empty() {
            self.statement = Some(statement.to_owned());
        }
    }
}

fn first_words(statement: &str) -> String {
    statement.split_whitespace().take(6).collect::<Vec<_>>().join(" ").to_lowercase()
}
