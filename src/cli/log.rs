//! Logs: to stderr, as text or JSON. `GUICHET_LOG` says how much, else the configuration.

use std::io::{self, IsTerminal};

use anyhow::Result;
use tracing::Metadata;
use tracing_subscriber::filter::{FilterExt, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::WrongUsage;
use crate::config::LogFormat;

/// The environment variable that says what is logged.
const FILTER_VARIABLE: &str = "GUICHET_LOG";

/// Libraries that would log passwords and mails below this level, whatever the operator asks for.
const CAPS: [(&str, LevelFilter); 4] = [
    ("lettre", LevelFilter::INFO),
    ("async_imap", LevelFilter::INFO),
    ("imap_proto", LevelFilter::INFO),
    ("sqlx", LevelFilter::WARN),
];

/// Starts logging, for the rest of the process. `filter` holds where `GUICHET_LOG` says nothing.
pub(super) fn start(format: LogFormat, filter: &str) -> Result<()> {
    let asked = std::env::var(FILTER_VARIABLE).ok().filter(|asked| !asked.is_empty());
    let filter = EnvFilter::try_new(asked.as_deref().unwrap_or(filter)).map_err(|error| {
        WrongUsage(format!(
            "{FILTER_VARIABLE} is no log filter: {error}.\nWrite info, debug or info,guichet::imap=debug."
        ))
    })?;
    let filter = filter.and(filter_fn(is_harmless));
    let layer = match format {
        LogFormat::Text => {
            fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).with_filter(filter).boxed()
        }
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(io::stderr).with_filter(filter).boxed(),
    };
    // A second start would be another test of the same process: the first one holds.
    let _ = tracing_subscriber::registry().with(layer).try_init();
    Ok(())
}

fn is_harmless(metadata: &Metadata<'_>) -> bool {
    let is_of = |library: &str| {
        metadata.target().strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    CAPS.iter().find(|(library, _)| is_of(library)).is_none_or(|(_, cap)| *metadata.level() <= *cap)
}
