//! Explicitly forwarded messages.

use std::ops::Range;

use super::super::words::{self, List};
use super::super::{Forwarded, address_list, language};
use super::Intent;
use super::header_block::{self, Label};
use super::lines::{Class, Line};

/// Words that clients put over a forwarded message, lower case.
static MARKERS: List = List::new(|| words::list("quote", "forwarded"));

/// Words that clients put below one.
static ENDS: List = List::new(|| words::list("quote", "forwarded_end"));

/// Marks the first forwarded message, and everything behind it unless a line says that it ends.
pub(super) fn mark(lines: &mut [Line<'_>], intent: Intent) {
    if let Some(start) = quoted_marker(lines) {
        let is_part = |line: &Line<'_>| line.is_blank() || line.text.trim_start().starts_with('>');
        let end = (start..lines.len()).find(|&at| !is_part(&lines[at])).unwrap_or(lines.len());
        return lines[start..end].iter_mut().for_each(|line| line.class = Class::Forwarded);
    }
    let by_marker = (0..lines.len()).find(|&at| is_marker(lines[at].text));
    // In a mail that answers nothing an "original message" is handed on.
    let by_original = || (0..lines.len()).find(|&at| header_block::is_original_message_line(lines[at].text));
    let by_marker = by_marker.or_else(|| (intent == Intent::Message).then(by_original).flatten());
    // Outlook forwards with the block that it quotes with; the subject tells which it is.
    let by_block =
        || (0..lines.len()).find(|&at| lines[at].is_own() && !lines[at].is_blank() && header_block::starts(lines, at));
    let Some(start) = by_marker.or_else(|| (intent == Intent::Forward).then(by_block).flatten()) else { return };
    // An attribution or quote above it makes it part of an earlier mail.
    if lines[..start].iter().any(|line| line.class == Class::Quoted && line.text.trim_start().starts_with('>')) {
        return;
    }
    let is_quoted = |line: &Line<'_>| line.class == Class::Quoted && !line.is_blank();
    if is_quoted(&lines[start]) && lines[..start].iter().any(is_quoted) {
        return;
    }
    if (0..start).any(|at| {
        lines[at].is_own()
            && !lines[at].is_blank()
            && (header_block::starts(lines, at)
                || super::attribution::length(lines, at)
                    .is_some_and(|length| at + length < start && super::attribution::is_sure(lines, at, length)))
    }) {
        return;
    }
    let end = end_of(lines, start);
    for line in &mut lines[start..end] {
        line.class = Class::Forwarded;
    }
}

/// Behind the line that ends what the marker at `start` begins: `----- End forwarded message -----`. Its frame is the marker's
/// own: another one ends a message within this one. The last of them counts, for each message within this one may have its own.
fn end_of(lines: &[Line<'_>], start: usize) -> usize {
    let frame = |line: &str| line.trim().chars().take_while(|c| matches!(c, '-' | '_' | '=' | '*' | '—')).count();
    let wanted = frame(lines[start].text);
    let ends = |line: &Line<'_>| frame(line.text) == wanted && says(line.text, &ENDS);
    let last = (wanted > 0).then(|| lines[start..].iter().rposition(ends)).flatten();
    last.map_or(lines.len(), |last| start + last + 1)
}

/// Apple Mail quotes what it forwards as plain text, the marker with it: `> Begin forwarded message:` and `> From: …` are
/// then the first quoted lines. Below an attribution they are part of what is answered.
fn quoted_marker(lines: &[Line<'_>]) -> Option<usize> {
    let start = lines.iter().position(Line::is_marked)?;
    let inner = |at: usize| Some(lines.get(at)?.text.trim_start().strip_prefix('>')?.trim());
    let is_attributed = (start.saturating_sub(6)..start).any(|at| super::attribution::length(lines, at).is_some());
    if is_attributed || !is_marker(inner(start)?) {
        return None;
    }
    let first = (start + 1..start + 5).filter_map(inner).find(|line| !line.is_empty())?;
    header_block::label(first).map(|_| start)
}

/// `---------- Forwarded message ---------`, `Début du message transféré :`.
pub(super) fn is_marker(line: &str) -> bool {
    says(line, &MARKERS)
}

/// Whether one of these stands in the frame of a line.
fn says(line: &str, known: &List) -> bool {
    let line = line.trim();
    if line.len() > 160 || line.starts_with('>') || line.is_empty() {
        return false;
    }
    let words = line.trim_matches(|c: char| matches!(c, '-' | '_' | '=' | '*' | '#' | '—' | ':') || c.is_whitespace());
    let framed = line.starts_with(['-', '_', '=', '*', '—', '#']) || line.ends_with(':') || line.ends_with('-');
    if !framed || words.is_empty() {
        return false;
    }
    let lower = words.to_lowercase();
    known.iter().any(|words| lower.starts_with(words))
}

/// The forwarded message, if there is one. In a mail that answers nothing a header block stands over one too.
pub(super) fn read(lines: &[Line<'_>], intent: Intent) -> Option<Forwarded> {
    let start = lines.iter().position(|line| line.class == Class::Forwarded);
    let start = start.or_else(|| (intent == Intent::Message).then(|| start_of_block(lines, intent)).flatten())?;
    let own = |lines: &[Line<'_>]| super::text_of(lines, |class| class == Class::Own);
    let is_quoted = lines[start].text.trim_start().starts_with('>');
    let end = if is_quoted {
        start + lines[start..].iter().take_while(|line| line.class == Class::Forwarded).count()
    } else {
        end_of(lines, start)
    };
    let (above, below) = (own(&lines[..start]), own(if is_quoted { &[] } else { &lines[end..] }));
    let before = [above, below].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join("\n\n");
    let last = if end > start + 1 && says(lines[end - 1].text, &ENDS) { end - 1 } else { end };
    // Telephones put their marker above the quote.
    let below = lines[start + 1..last].iter().find(|line| !line.text.trim().is_empty());
    let is_quoted = is_quoted || below.is_some_and(|line| line.text.trim_start().starts_with('>'));
    let content = lines[start..last].iter().map(|line| match line.text.trim_start().strip_prefix('>') {
        Some(inner) if is_quoted => inner.strip_prefix(' ').unwrap_or(inner).trim_end(),
        _ => line.text.trim_end(),
    });
    let content: Vec<&str> = content.collect();
    let is_intro = |line: &str| line.trim().is_empty() || header_block::label(line).is_none();
    let first = content.iter().take(8).position(|line| !is_intro(line)).unwrap_or(1).min(content.len());
    let header = whole_header(&content);
    let content = &content[header.as_ref().map_or(first, |header| header.start)..];
    let text = content.join("\n").trim_end().to_owned();
    let (length, fields): (usize, Vec<String>) = if let Some(header) = header {
        let unfolded = content[..header.len()].join("\n").replace("\n\t", " ").replace("\n ", " ");
        (header.len(), unfolded.lines().map(str::to_owned).collect())
    } else {
        let block: Vec<Line<'_>> = content.iter().map(|line| Line::plain(line)).collect();
        let length = if block.is_empty() { 0 } else { header_block::block_length(&block, 0).unwrap_or(0) };
        (length, content[..length].iter().map(|line| (*line).to_owned()).collect())
    };
    let field = |wanted: Label| {
        let mut labelled = fields.iter().filter_map(|line| header_block::label(line));
        labelled.find(|(label, _)| *label == wanted).map(|(_, value)| value)
    };
    let from = field(Label::From)
        .map(|value| value.replace("mailto:", "").replace('[', "<").replace(']', ">").replace('*', ""));
    let body = content[length..].join("\n").trim().to_owned();
    Some(Forwarded {
        before,
        from: from.and_then(|value| address_list::parse(value.as_bytes()).into_iter().next()),
        subject: field(Label::Subject).filter(|subject| !subject.is_empty()).map(str::to_owned),
        language: language::detect(&body),
        body,
        text,
        is_attached: false,
    })
}

/// The whole header of a message (RFC 5322 §2.2), as mutt forwards it where it shows all fields, in the first lines of what is
/// handed on. Its first field may be one that no header block has.
fn whole_header(content: &[&str]) -> Option<Range<usize>> {
    let is_field = |line: &&str| {
        let name = line.split_once(':').map_or("", |(name, _)| name);
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let start = content.iter().take(4).position(is_field)?;
    let goes_on = |line: &&&str| is_field(line) || line.starts_with([' ', '\t']) && !line.trim().is_empty();
    let header = start..start + content[start..].iter().take_while(goes_on).count();
    let has = |name: &&str| {
        content[header.clone()]
            .iter()
            .any(|line| line.get(..name.len()).is_some_and(|is| is.eq_ignore_ascii_case(name)))
    };
    let is_whole = has(&"from:") && ["received:", "return-path:", "message-id:", "mime-version:"].iter().any(has);
    is_whole.then_some(header)
}

/// The line at which a header block stands over an earlier mail.
pub(super) fn start_of_block(lines: &[Line<'_>], intent: Intent) -> Option<usize> {
    if intent == Intent::Message {
        return (0..lines.len())
            .find(|&at| !lines[at].is_blank() && !lines[at].is_marked() && header_block::starts(lines, at));
    }
    let quoted =
        |line: &Line<'_>| line.class == Class::Quoted && !line.is_blank() && !line.text.trim_start().starts_with('>');
    let start = lines.iter().position(quoted)?;
    header_block::block_length(lines, start)
        .map(|_| start)
        .or_else(|| header_block::starts(lines, start).then_some(start))
}
