//! What a subject begins with: whether it answers, forwards, or neither.

use super::prefix::{self, Means};

/// What a subject begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    Answer,
    Forward,
    Words,
}

impl Lead {
    /// Reads it off a subject; the text and whether there is an In-Reply-To decide where a prefix means both.
    pub(super) fn of(subject: &str, text: &str, answers: bool) -> Lead {
        let mut rest = subject.trim();
        while let Some((tag, behind)) = tag(rest) {
            if is_address_and_subject(tag) || Lead::of(tag, text, answers) == Lead::Forward {
                return Lead::Forward;
            }
            rest = behind;
        }
        let colon = rest.char_indices().take(16).find(|(_, c)| matches!(c, ':' | '：')).map_or(0, |(at, _)| at);
        let prefix =
            rest[..colon].trim_end_matches(|c: char| c.is_ascii_digit() || "[]()^*.".contains(c) || c.is_whitespace());
        let prefix = prefix.to_lowercase();
        match prefix::meaning(&prefix) {
            Some(Means::Either) => {
                let labels = |label: &str| text.lines().any(|line| line.trim_start().starts_with(label));
                let is_forward = labels("Fra:") || !answers && !labels("Lähettäjä:");
                if is_forward { Lead::Forward } else { Lead::Answer }
            }
            Some(Means::Answer) => Lead::Answer,
            Some(Means::Forward) => Lead::Forward,
            None if is_marked(rest) => Lead::Forward,
            None => Lead::Words,
        }
    }
}

/// Pine's `printer (fwd)` and Pegasus' `(Fwd) printer`.
fn is_marked(subject: &str) -> bool {
    let lower = subject.to_ascii_lowercase();
    lower.ends_with("(fwd)") || lower.starts_with("(fwd)")
}

/// A bracketed tag in front, and what stands behind it.
fn tag(subject: &str) -> Option<(&str, &str)> {
    let (tag, behind) = subject.strip_prefix('[')?.split_once(']')?;
    Some((tag, behind.trim_start()))
}

/// `paul@client.test: printer`, mutt's.
fn is_address_and_subject(tag: &str) -> bool {
    tag.split_once(':').is_some_and(|(address, _)| address.contains('@') && !address.contains(char::is_whitespace))
}
