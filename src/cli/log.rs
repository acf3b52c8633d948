//! Logs: to stderr, as text or JSON. `GUICHET_LOG` says how much, else the configuration.
//!
//! Where stderr is the journal of systemd each line begins with its priority (sd-daemon(3)), which the journal takes off
//! again, and a line of text has no time of its own: the journal writes one.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use anyhow::Result;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::{WrongUsage, terminal};
use crate::config::LogFormat;
use crate::said;

/// The environment variable that says what is logged.
const FILTER_VARIABLE: &str = "GUICHET_LOG";

/// Libraries that would log passwords and mails below this level, whatever the operator asks for.
const CAPS: [(&str, LevelFilter); 5] = [
    ("handlebars", LevelFilter::INFO),
    ("lettre", LevelFilter::INFO),
    ("async_imap", LevelFilter::INFO),
    ("imap_proto", LevelFilter::INFO),
    ("sqlx", LevelFilter::WARN),
];

/// Starts logging, for the rest of the process. `filter` holds where `GUICHET_LOG` says nothing.
pub(super) fn start(format: LogFormat, filter: &str) -> Result<()> {
    let asked = std::env::var(FILTER_VARIABLE).ok().filter(|asked| !asked.is_empty());
    let filter = EnvFilter::try_new(asked.as_deref().unwrap_or(filter)).map_err(|error| {
        WrongUsage(said!(
            "{FILTER_VARIABLE} is no log filter: {error}.\nWrite info, debug or info,guichet::imap=debug.",
            "{FILTER_VARIABLE} n’est pas un filtre de journal\u{a0}: {error}.\nÉcrivez info, debug ou info,guichet::imap=debug."
        ))
    })?;
    let layer = match (format, is_journal()) {
        (LogFormat::Text, false) => fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).boxed(),
        (LogFormat::Text, true) => fmt::layer().with_writer(Journal).with_ansi(false).without_time().boxed(),
        (LogFormat::Json, false) => fmt::layer().json().flatten_event(true).with_writer(io::stderr).boxed(),
        (LogFormat::Json, true) => fmt::layer().json().flatten_event(true).with_writer(Journal).boxed(),
    };
    // The filters stand beside the layer, not on it: a filter of one layer remembers what it refused, and a library that
    // asks whether it may log and then does not would silence the next line of ours.
    let log = tracing_subscriber::registry().with(layer).with(filter).with(filter_fn(is_harmless));
    // A second start would be another test of the same process: the first one holds.
    let _ = log.try_init();
    Ok(())
}

/// The reason why the process ends, on stderr.
pub(super) fn tell_end(text: &str) {
    if is_journal() {
        let _ = io::stderr().write_all(&prioritised(ERROR, text.as_bytes()));
    } else {
        terminal::tell(text);
    }
}

/// Whether stderr is the journal: `JOURNAL_STREAM` is the device and inode of what the manager connected (systemd.exec(5)).
fn is_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    let stderr = io::stderr().as_fd().try_clone_to_owned().map(File::from).and_then(|stderr| stderr.metadata());
    stderr.is_ok_and(|stderr| stream == format!("{}:{}", stderr.dev(), stderr.ino()))
}

/// Writes log lines for the journal.
struct Journal;

/// One event, whole: every line of it is an entry of the journal.
struct Entry(u8);

/// Priorities of syslog(3).
const ERROR: u8 = 3;
const WARNING: u8 = 4;
const INFO: u8 = 6;
const DEBUG: u8 = 7;

impl MakeWriter<'_> for Journal {
    type Writer = Entry;

    fn make_writer(&self) -> Entry {
        Entry(INFO)
    }

    fn make_writer_for(&self, metadata: &Metadata<'_>) -> Entry {
        Entry(match *metadata.level() {
            Level::ERROR => ERROR,
            Level::WARN => WARNING,
            Level::INFO => INFO,
            Level::DEBUG | Level::TRACE => DEBUG,
        })
    }
}

impl Write for Entry {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(&prioritised(self.0, event))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn prioritised(priority: u8, text: &[u8]) -> Vec<u8> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.flat_map(|line| [format!("<{priority}>").as_bytes(), line, b"\n"].concat()).collect()
}

fn is_harmless(metadata: &Metadata<'_>) -> bool {
    let is_of = |library: &str| {
        metadata.target().strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    CAPS.iter().find(|(library, _)| is_of(library)).is_none_or(|(_, cap)| *metadata.level() <= *cap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_for_the_journal_begins_with_its_priority() {
        assert_eq!(prioritised(ERROR, b"first\n\n  second"), b"<3>first\n<3>  second\n");
        assert_eq!(prioritised(INFO, b""), b"");
    }
}
