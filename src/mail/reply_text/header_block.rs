//! The header block with which Outlook and others introduce what they quote: From, Sent, To, Subject, in their languages.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::super::words::{self, List};
use super::lines::Line;

/// Which field a label names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    From,
    /// A date, under a word that only mail programs use for it.
    Sent,
    Date,
    To,
    Cc,
    Subject,
    Other,
}

/// Labels as the clients write them, lower case, without colon.
static LABELS: LazyLock<HashMap<&str, Label>> = LazyLock::new(|| {
    let lists = [
        (Label::From, "labels_from"),
        (Label::Sent, "labels_sent"),
        (Label::Date, "labels_date"),
        (Label::To, "labels_to"),
        (Label::Cc, "labels_cc"),
        (Label::Subject, "labels_subject"),
        (Label::Other, "labels_other"),
    ];
    let mut labels = HashMap::new();
    for (label, list) in lists {
        words::list("quote", list).into_iter().for_each(|name| _ = labels.entry(name).or_insert(label));
    }
    labels
});

/// Number of lines looked at for one block.
const LINES_MAX: usize = 14;

/// The label that a line starts with, and the text behind it.
pub(super) fn label(line: &str) -> Option<(Label, &str)> {
    let bare = line
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '>' | '_' | '|' | '\u{a0}' | '-' | '•'));
    let colon = bare.char_indices().take(26).find(|(_, c)| matches!(c, ':' | '：')).map(|(at, _)| at)?;
    let name = bare[..colon].trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '\u{a0}'));
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let lower = name.to_lowercase().replace('’', "'");
    let found = *LABELS.get(&*lower)?;
    let value = bare[colon..].trim_start_matches([':', '：']).trim_start_matches(['*', '_']).trim();
    Some((found, value))
}

/// Whether a header block starts at a line.
pub(super) fn starts(lines: &[Line<'_>], at: usize) -> bool {
    if is_original_message_line(lines[at].text) {
        return true;
    }
    if is_rule(lines[at].text) {
        let next = (at + 1..lines.len()).find(|&next| !lines[next].is_blank());
        return next.is_some_and(|next| next <= at + 3 && block_length(lines, next).is_some());
    }
    block_length(lines, at).is_some()
}

/// Number of lines of the block that starts at `at`, if there is one: a first label From (or Date, Subject), at least
/// three labels in all, of which one is an author and one another person, date or subject.
pub(super) fn block_length(lines: &[Line<'_>], at: usize) -> Option<usize> {
    let (first, value) = label(lines[at].text)?;
    if !matches!(first, Label::From | Label::Sent | Label::Date | Label::Subject | Label::To)
        || value.is_empty() && first != Label::From && first != Label::Subject
    {
        return None;
    }
    let mut seen = vec![first];
    let (mut last, mut misses) = (at, 0);
    for (offset, line) in lines[at + 1..].iter().take(LINES_MAX).enumerate() {
        if line.is_blank() {
            misses += 1;
            if misses > 3 || seen.len() >= 4 {
                break;
            }
            continue;
        }
        match label(line.text) {
            Some((label, _)) if !seen.contains(&label) || label == Label::Other => {
                seen.push(label);
                last = at + 1 + offset;
            }
            // A folded author or recipient list.
            _ if misses == 0
                && (line.text.contains(['@', ';', '<', ',']) || line.text.starts_with([' ', '\t']))
                && offset + at - last < 6 => {}
            _ => break,
        }
    }
    let has = |label: Label| seen.contains(&label);
    let others =
        [Label::Sent, Label::Date, Label::To, Label::Subject, Label::Cc].into_iter().filter(|label| has(*label));
    let others = others.count();
    let dated = lines[at..=last].iter().any(|line| line.text.bytes().filter(u8::is_ascii_digit).count() >= 8);
    let addressed = lines[at..=last].iter().any(|line| line.text.contains('@'));
    let enough = others >= 2 && (has(Label::Sent) || has(Label::Date) || has(Label::Subject));
    let plain = has(Label::Sent) || has(Label::Date) && dated && addressed;
    (has(Label::From) && (enough || plain)).then_some(last - at + 1)
}

/// The line from which the block is to be cut: a rule or an "original message" line right above it goes too.
pub(super) fn separator_before(lines: &[Line<'_>], at: usize) -> usize {
    let mut above = at;
    while above > 0 && lines[above - 1].is_blank() {
        above -= 1;
    }
    match above.checked_sub(1).map(|line| lines[line].text) {
        Some(text) if is_rule(text) || is_original_message_line(text) => above - 1,
        // Domino writes both: `-----Marie Roy a écrit : -----` and a block.
        Some(text)
            if text.trim_start().starts_with("--") && super::attribution::length(lines, above - 1) == Some(1) =>
        {
            above - 1
        }
        _ => at,
    }
}

/// `________________________________`, `-----`, `=====`, at least five.
fn is_rule(line: &str) -> bool {
    let bare = line.trim();
    bare.len() >= 5 && bare.chars().all(|c| matches!(c, '_' | '-' | '=' | '*' | '—'))
}

/// `-----Original Message-----` and its translations: words between dashes.
pub(super) fn is_original_message_line(line: &str) -> bool {
    let mut bare = line.trim();
    if !bare.starts_with(['-', '_', '=', '*', '—']) {
        return false;
    }
    if bare.len() > 120 {
        // Samsung's glues the mail to it.
        let first = bare.trim_start_matches('-');
        let Some(end) = first.find("--------").filter(|&end| end < 80) else { return false };
        bare = &bare[..bare.len() - first.len() + end + 8];
    }
    let words = bare.trim_matches(|c: char| matches!(c, '-' | '_' | '=' | '*' | '—') || c.is_whitespace());
    if words.len() == bare.len() || bare.starts_with("- ") {
        return false;
    }
    let lower = words.to_lowercase();
    let lower = lower.trim_end_matches(':').trim();

    ORIGINAL_MESSAGE.iter().any(|known| lower == *known || lower.starts_with(known) && lower.len() < known.len() + 60)
}

static ORIGINAL_MESSAGE: List = List::new(|| words::list("quote", "original_message"));
