//! What reaches the operator's terminal. Data goes to stdout, everything else to stderr.
//!
//! A mail's author may write escape sequences and characters that turn text around: whatever comes from a mail passes
//! [`safe`] or is JSON.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result};
use comfy_table::{ColumnConstraint, Table, Width, presets};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::{said, view};

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

/// Writes text to stdout, and a line end where it has none.
pub(super) fn print(text: &str) -> Result<()> {
    write(text)?;
    write(if text.is_empty() || text.ends_with('\n') { "" } else { "\n" })
}

fn write(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("Cannot write to standard output")
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
pub(super) fn waiting(what: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} {msg} {elapsed}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    let waiting = ProgressBar::new_spinner().with_style(style).with_message(safe_line(what));
    waiting.enable_steady_tick(Duration::from_millis(200));
    waiting
}

/// Shows how many bytes of a file are written.
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
pub(super) fn table<H: Into<String>, const N: usize>(
    header: [H; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    LongTable::new(header).rows(rows)
}

/// A table that is written piece by piece: it takes no more memory than its largest piece. A column keeps the width that
/// it had in the pieces before.
pub(super) struct LongTable<const N: usize> {
    header: Option<[String; N]>,
    widths: [u16; N],
}

/// Blanks between two columns.
const GAP: u16 = 2;

impl<const N: usize> LongTable<N> {
    pub(super) fn new<H: Into<String>>(header: [H; N]) -> LongTable<N> {
        LongTable { header: Some(header.map(Into::into)), widths: [0; N] }
    }

    /// The next piece as text, the header before the first one.
    pub(super) fn rows(&mut self, rows: impl IntoIterator<Item = [String; N]>) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        if let Some(header) = self.header.take() {
            table.set_header(header);
        }
        for row in rows {
            table.add_row(row.map(|cell| cut(&safe_line(&cell))));
        }
        for (width, most) in self.widths.iter_mut().zip(table.column_max_content_widths()) {
            *width = most.max(*width);
        }
        for (column, width) in table.column_iter_mut().zip(self.widths) {
            column.set_padding((0, GAP)).set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width + GAP)));
        }
        table.trim_fmt() + "\n"
    }
}

/// A JSON array that is written piece by piece.
#[derive(Default)]
pub(super) struct JsonList {
    has_begun: bool,
}

impl JsonList {
    /// Writes more elements to stdout.
    pub(super) fn items(&mut self, items: impl IntoIterator<Item = impl Serialize>) -> Result<()> {
        let mut text = String::new();
        for item in items {
            let json = serde_json::to_string_pretty(&item).context("Cannot write the answer as JSON")?;
            text.push_str(if std::mem::replace(&mut self.has_begun, true) { ",\n  " } else { "[\n  " });
            text.push_str(&visible_json(&json).replace('\n', "\n  "));
        }
        write(&text)
    }

    /// Writes its end.
    pub(super) fn end(self) -> Result<()> {
        print(if self.has_begun { "\n]" } else { "[]" })
    }
}

/// A count as people write it: 1,234 or 1 234.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let separator = said!(",", "\u{a0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push_str(&separator);
        }
        text.push(digit);
    }
    text
}

fn cut(cell: &str) -> String {
    if cell.chars().count() <= CELL_CHARS {
        return cell.to_owned();
    }
    cell.chars().take(CELL_CHARS - 1).chain(['…']).collect()
}

static ZONE: OnceLock<TimeZone> = OnceLock::new();

/// From now on moments are told in this time zone: the one of the first desk.
pub(super) fn tell_times_in(zone: TimeZone) {
    let _ = ZONE.set(zone);
}

/// The time zone in which moments are told and understood; without a configuration, this machine's.
pub(super) fn zone() -> TimeZone {
    ZONE.get().cloned().unwrap_or_else(TimeZone::system)
}

/// A moment to the minute, with its offset from UTC: `2026-11-27 14:05 -05:00`.
pub(super) fn moment(at: Timestamp) -> String {
    view::moment(at, zone())
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
    fn a_table_in_pieces_reads_as_one() {
        let mut table = LongTable::new(["A", "B"]);
        let row = |a: &str| [[a.to_owned(), "x".to_owned()]];
        assert_eq!(table.rows(row("long")), "A     B\nlong  x\n");
        assert_eq!(table.rows(row("é")), "é     x\n");
    }

    #[test]
    fn counts_are_written_as_people_do() {
        assert_eq!([0, 999, 1_234, 1_234_567].map(count), ["0", "999", "1,234", "1,234,567"]);
    }

    #[test]
    fn a_long_cell_is_cut() {
        assert_eq!(table(["x"], [["é".repeat(200)]]).lines().nth(1).unwrap().chars().count(), CELL_CHARS);
    }
}
