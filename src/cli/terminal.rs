//! What reaches the operator's terminal. Data goes to stdout, everything else to stderr.
//!
//! A mail's author may write escape sequences and characters that turn text around: whatever comes from a mail passes
//! [`safe`] or is JSON.

use std::borrow::Cow;
use std::io::{self, Write};
use std::time::Duration;

use anyhow::{Context, Result};
use comfy_table::{Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

const CELL_CHARS: usize = 60;

/// The text as it may be shown: line ends stay, every other control character and every bidirectional or invisible
/// format character (Unicode TR 9, Trojan Source) becomes visible.
pub(super) fn safe(text: &str) -> String {
    text.chars().filter(|c| *c != '\r').map(|c| if is_treacherous(c) { '\u{fffd}' } else { c }).collect()
}

/// [`safe`], on one line.
pub(super) fn safe_line(text: &str) -> String {
    let one_line: String = text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).collect();
    safe(&one_line)
}

fn is_treacherous(c: char) -> bool {
    let control = c.is_control() && c != '\n' && c != '\t';
    let bidirectional =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let invisible = matches!(c, '\u{ad}' | '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    control || bidirectional || invisible
}

/// Writes text to stdout.
pub(super) fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    write!(stdout, "{text}{end}").and_then(|()| stdout.flush()).context("Cannot write to standard output")
}

/// Writes text with colours to stdout; they are left out where it is no terminal. What comes from a mail has passed
/// [`safe`] before it was coloured.
pub(super) fn print_coloured(text: &str) -> Result<()> {
    let mut stdout = anstream::AutoStream::auto(io::stdout().lock());
    write!(stdout, "{text}").and_then(|()| stdout.flush()).context("Cannot write to standard output")
}

/// How far a long piece of work is, on stderr where somebody looks at it; the work is named in the present: "Replaying".
pub(super) fn progress(what: &'static str, steps: usize) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(steps as u64).with_style(style).with_message(what)
}

/// That something is waited for, on stderr where somebody looks at it.
pub(super) fn waiting(what: String) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} {msg} {elapsed}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    let waiting = ProgressBar::new_spinner().with_style(style).with_message(safe_line(&what));
    waiting.enable_steady_tick(Duration::from_millis(200));
    waiting
}

/// The same for a file that grows.
pub(super) fn bytes(what: String) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} [{bar:30}] {bytes}/{total_bytes}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style).with_message(what)
}

/// Writes one JSON document to stdout.
pub(super) fn print_json(document: &impl Serialize) -> Result<()> {
    let json = serde_json::to_string_pretty(document).context("Cannot write the answer as JSON")?;
    print(&visible_json(&json))
}

/// Writes one JSON document to stdout, on one line.
pub(super) fn print_json_line(document: &impl Serialize) -> Result<()> {
    let json = serde_json::to_string(document).context("Cannot write the answer as JSON")?;
    print(&visible_json(&json))
}

/// JSON in which no character can harm a terminal: what JSON lets stand unescaped is escaped too (RFC 8259 §7).
fn visible_json(json: &str) -> Cow<'_, str> {
    if !json.chars().any(|c| c != '\n' && is_treacherous(c)) {
        return Cow::Borrowed(json);
    }
    let mut visible = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && is_treacherous(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                visible.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            visible.push(c);
        }
    }
    Cow::Owned(visible)
}

/// Says something to the operator on stderr. It cannot fail: there is nobody else to tell.
pub(super) fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Rows under a header; every cell passes [`safe_line`] and is cut to a length that leaves room for others.
pub(super) fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    for row in rows {
        table.add_row(row.map(|cell| cut(&safe_line(&cell))));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt() + "\n"
}

fn cut(cell: &str) -> String {
    if cell.chars().count() <= CELL_CHARS {
        return cell.to_owned();
    }
    cell.chars().take(CELL_CHARS - 1).chain(['…']).collect()
}

/// A moment in the time zone of this machine, to the minute.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Whether the failure is that nobody reads stdout any more.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mail_says_cannot_steer_a_terminal() {
        let hostile = "gris\u{1b}]0;x\u{7}\u{202e}txt.exe\u{2066}\0\u{9b}1m";
        for shown in [safe(hostile), safe_line(hostile), table(["subject"], [[hostile.to_owned()]])] {
            assert!(!shown.chars().any(is_treacherous), "{shown:?}");
        }
        assert_eq!(safe("une ligne\r\nune autre\tet « é »"), "une ligne\nune autre\tet « é »");
        assert_eq!(safe_line("a\nb"), "a b");
    }

    #[test]
    fn json_says_the_same_without_steering_a_terminal() {
        let text = "a\u{202e}b\u{7f}\u{e0041}";
        let written = serde_json::to_string(text).unwrap();
        let json = visible_json(&written);
        assert!(json.is_ascii(), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn a_long_cell_is_cut() {
        assert_eq!(table(["x"], [["é".repeat(200)]]).lines().nth(1).unwrap().chars().count(), CELL_CHARS);
    }
}
