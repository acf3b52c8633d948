//! What the sender newly wrote: the text without quoted mail, signature and forwarded message.
//!
//! Every line of the text belongs to exactly one of them: trimming loses no line.

mod attribution;
mod forwarded;
mod header_block;
mod lines;
mod signature;

use std::ops::Range;

use super::Forwarded;
use lines::{Class, Line};

/// The whole text, and what its markup says is quoted.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) text: String,
    quoted: Vec<Range<usize>>,
}

impl Written {
    /// Appends a part.
    pub(super) fn push(&mut self, text: &str, quoted: &[Range<usize>]) {
        if !self.text.is_empty() && !text.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.quoted.extend(quoted.iter().map(|range| range.start + start..range.end + start));
    }
}

/// What the header says the mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// It answers another one: an earlier mail in it is quoted.
    Answer,
    /// Its subject says that it hands another one on.
    Forward,
    /// Neither.
    Message,
}

impl Intent {
    /// Reads the intent off the header.
    pub(super) fn of(subject: &str, is_reply: bool) -> Intent {
        let prefix: String =
            subject.chars().take(8).flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()).collect();
        let is = |prefixes: &[&str]| prefixes.iter().any(|known| prefix.starts_with(known));
        if is(&["fw:", "fwd:", "tr:", "wg:", "rv:", "i:", "enc:", "vs:", "vb:", "doorst:", "pd:", "[fwd:"]) {
            Intent::Forward
        } else if is_reply || is(&["re:", "ré:", "aw:", "sv:", "antw:", "r:", "odp:"]) {
            Intent::Answer
        } else {
            Intent::Message
        }
    }
}

/// A text in its parts.
#[derive(Clone, Debug, Default)]
pub(super) struct Trimmed {
    pub(super) unquoted_text: String,
    pub(super) reply_text: String,
    pub(super) signature: String,
    pub(super) forwarded: Option<Forwarded>,
}

/// Trims a text.
pub(super) fn trim(written: &Written, intent: Intent) -> Trimmed {
    let mut lines = lines::split(&written.text, &written.quoted);
    forwarded::mark(&mut lines, intent);
    mark_quotes(&mut lines);
    signature::mark(&mut lines);
    let own = text_of(&lines, |class| class == Class::Own);
    let unquoted = text_of(&lines, |class| class != Class::Quoted);
    let reply_text = if own.trim().is_empty() { written.text.trim().to_owned() } else { own };
    let unquoted_text = if unquoted.trim().is_empty() { reply_text.clone() } else { unquoted };
    Trimmed {
        unquoted_text,
        reply_text,
        signature: text_of(&lines, |class| class == Class::Signature),
        forwarded: forwarded::read(&lines, intent),
    }
}

/// The lines of some classes, blank lines between parts that were taken out as one.
fn text_of(lines: &[Line<'_>], wanted: impl Fn(Class) -> bool) -> String {
    let mut text = String::new();
    let mut blanks = 0;
    for line in lines.iter().filter(|line| wanted(line.class)) {
        if line.is_blank() {
            blanks += 1;
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
            if blanks > 0 {
                text.push('\n');
            }
        }
        blanks = 0;
        text.push_str(line.text.trim_end());
    }
    text
}

/// Marks what is quoted, and what introduces it.
fn mark_quotes(lines: &mut [Line<'_>]) {
    let mut at = 0;
    while at < lines.len() {
        if lines[at].class != Class::Own || lines[at].is_blank() {
            at += 1;
            continue;
        }
        if is_reply_marker(lines[at].text) || header_block::starts(lines, at) {
            let start = header_block::separator_before(lines, at);
            let above = lines[..start].iter().any(|line| line.is_own() && !line.is_blank());
            if let (false, Some(length)) = (above, header_block::block_length(lines, at)) {
                // Nothing stands above it: what follows is what the sender has to say.
                mark(lines, start, at + length);
                at += length;
                continue;
            }
            return mark(lines, start, usize::MAX);
        }
        if let Some(length) = attribution::length(lines, at) {
            let next = (at + length..lines.len()).find(|&next| !lines[next].is_blank());
            let is_quoted = next.is_none_or(|next| lines[next].class == Class::Quoted);
            if is_quoted {
                mark(lines, at, at + length);
                at += length;
                continue;
            }
            if attribution::is_sure(lines, at, length) {
                return mark(lines, at, usize::MAX);
            }
        }
        at += 1;
    }
}

/// Marks own lines from `start` to before `end` as quoted.
fn mark(lines: &mut [Line<'_>], start: usize, end: usize) {
    let end = end.min(lines.len());
    for line in lines[start..end].iter_mut().filter(|line| line.class == Class::Own) {
        line.class = Class::Quoted;
    }
}

/// `-- Please reply above this line --` and its like, which ticket systems write over what they quote.
fn is_reply_marker(line: &str) -> bool {
    let line = line.trim();
    if line.len() > 160 {
        return false;
    }
    let lower = line.to_lowercase();
    let words = lower.trim_matches(|c: char| !c.is_alphanumeric());
    [
        "reply above this line",
        "reply above this line to",
        "type your reply above",
        "please reply above",
        "write above this line",
        "add your reply above",
        "répondez au-dessus de cette ligne",
        "répondre au-dessus de cette ligne",
        "veuillez répondre au-dessus",
    ]
    .iter()
    .any(|marker| words.contains(marker))
}
