//! A line of a text, how it is marked, and what it belongs to.

use super::super::work;

/// What a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// The sender newly wrote it.
    Own,
    /// Earlier mail, or what introduces it.
    Quoted,
    /// The sender's signature.
    Signature,
    /// A message that is explicitly forwarded, its marker included.
    Forwarded,
}

/// How a line is set apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Not at all.
    None,
    /// By `>` signs; how many.
    Angle(usize),
    /// By a client's element for what it quotes.
    Quote,
    /// By what quotes as well as it sets anything apart: a `<blockquote>`, a tab, four blanks, a bar, initials.
    Weak,
    /// By a client's element for the signature.
    Signature,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) mark: Mark,
    pub(super) class: Class,
}

impl<'a> Line<'a> {
    /// A line that nothing sets apart.
    pub(super) fn plain(text: &'a str) -> Line<'a> {
        Line { text, mark: Mark::None, class: Class::Own }
    }

    /// Nothing but white space.
    pub(super) fn is_blank(&self) -> bool {
        work::count(1);
        self.text.chars().all(char::is_whitespace)
    }

    /// Nothing but white space behind its marks.
    pub(super) fn is_empty(&self) -> bool {
        self.bare().is_empty()
    }

    /// Newly written, as far as is known.
    pub(super) fn is_own(&self) -> bool {
        work::count(1);
        self.class == Class::Own
    }

    /// Set apart as quotes are, by `>` or by a client's element.
    pub(super) fn is_marked(&self) -> bool {
        work::count(1);
        matches!(self.mark, Mark::Angle(_) | Mark::Quote)
    }

    /// What stands behind the marks.
    pub(super) fn bare(&self) -> &'a str {
        work::count(1);
        match self.mark {
            Mark::Angle(_) => self.text.trim_start_matches(|c: char| c == '>' || c.is_whitespace()).trim_end(),
            Mark::Weak => self.text.trim_start_matches(WEAK_SIGNS).trim_end(),
            _ => self.text.trim(),
        }
    }
}

/// What some clients and people put before what they quote.
pub(super) const WEAK_SIGNS: [char; 6] = ['\t', ' ', '|', '¦', '}', ':'];
