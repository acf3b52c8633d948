//! The lines of a text, and what each belongs to.

use std::ops::Range;

/// What a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Newly written.
    Own,
    /// Earlier mail, or what introduces it.
    Quoted,
    /// The sender's signature.
    Signature,
    /// A message that is explicitly forwarded, its marker included.
    Forwarded,
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) class: Class,
}

impl Line<'_> {
    /// Nothing but white space.
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Newly written, as far as is known.
    pub(super) fn is_own(&self) -> bool {
        self.class == Class::Own
    }
}

/// Splits a text; lines that start with `>` and lines within `quoted` are quoted.
pub(super) fn split<'a>(text: &'a str, quoted: &[Range<usize>]) -> Vec<Line<'a>> {
    let mut ranges = quoted.iter().peekable();
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        while ranges.next_if(|range| range.end <= start).is_some() {}
        let inside = ranges.peek().is_some_and(|range| range.start <= start && start < range.end);
        let class = if inside || has_mark(line) { Class::Quoted } else { Class::Own };
        if class == Class::Quoted {
            part_glued(&mut lines);
        }
        lines.push(Line { text: line, class });
        start += line.len() + 1;
    }
    lines
}

/// Parts the last line where an attribution of the quote below is glued to it.
fn part_glued(lines: &mut Vec<Line<'_>>) {
    let Some(last) = lines.last_mut().filter(|line| line.is_own()) else { return };
    if let Some(at) = super::attribution::glued(last.text) {
        let (own, attribution) = last.text.split_at(at);
        last.text = own;
        lines.push(Line { text: attribution, class: Class::Own });
    }
}

/// `>` at the start, behind at most a few blanks; `>From` is an mbox escape, not a quote.
fn has_mark(line: &str) -> bool {
    let bare = line.trim_start_matches([' ', '\t', '\u{a0}']);
    bare.starts_with('>') && line.len() - bare.len() < 12 && !bare.starts_with(">From ") && !is_ornament(bare)
}

/// `>>> look here <<<`: what closes as it opens is decoration.
fn is_ornament(line: &str) -> bool {
    line.starts_with(">>") && line.trim_end().ends_with("<<")
}
