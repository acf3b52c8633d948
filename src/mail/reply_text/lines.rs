//! The lines of a text, how each is marked, and what each belongs to.

use std::ops::Range;

use super::super::html::Area;
use super::Form;

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

/// One line.
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
        work::count();
        self.text.trim().is_empty()
    }

    /// Nothing but white space behind its marks.
    pub(super) fn is_empty(&self) -> bool {
        self.bare().is_empty()
    }

    /// Newly written, as far as is known.
    pub(super) fn is_own(&self) -> bool {
        work::count();
        self.class == Class::Own
    }

    /// Set apart as quotes are, by `>` or by a client's element.
    pub(super) fn is_marked(&self) -> bool {
        work::count();
        matches!(self.mark, Mark::Angle(_) | Mark::Quote)
    }

    /// What stands behind the marks.
    pub(super) fn bare(&self) -> &'a str {
        work::count();
        match self.mark {
            Mark::Angle(_) => self.text.trim_start_matches(|c: char| c == '>' || c.is_whitespace()).trim_end(),
            Mark::Weak => self.text.trim_start_matches(WEAK_SIGNS).trim_end(),
            _ => self.text.trim(),
        }
    }
}

/// Splits a text. Where it is flowed, a blank in front only stuffs the line (RFC 3676 §4.4).
pub(super) fn split<'a>(text: &'a str, form: &Form) -> Vec<Line<'a>> {
    let spans = |area: Area| form.spans.iter().filter(move |span| span.0 == area).map(|span| &span.1);
    let mut areas = Area::ALL.map(|area| Ranges::new(spans(area)));
    let mut flowed = Ranges::new(form.flowed.iter());
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let [quoted, indented, signed] = areas.each_mut().map(|ranges| ranges.hold(start));
        let is_stuffed = flowed.hold(start) && line.starts_with(' ');
        let mark = match angles(line) {
            _ if quoted => Mark::Quote,
            depth if depth > 0 && !is_stuffed => Mark::Angle(depth),
            _ if signed => Mark::Signature,
            _ if indented || is_weak(line) => Mark::Weak,
            _ => Mark::None,
        };
        if matches!(mark, Mark::Angle(_) | Mark::Quote) {
            part_glued(&mut lines);
        }
        lines.push(Line { text: line, mark, class: Class::Own });
        start += line.len() + 1;
    }
    lines
}

/// Ranges in order, asked for growing places.
struct Ranges<'r, I: Iterator<Item = &'r Range<usize>>> {
    left: std::iter::Peekable<I>,
}

impl<'r, I: Iterator<Item = &'r Range<usize>>> Ranges<'r, I> {
    fn new(ranges: I) -> Self {
        Ranges { left: ranges.peekable() }
    }

    fn hold(&mut self, at: usize) -> bool {
        while self.left.next_if(|range| range.end <= at).is_some() {}
        self.left.peek().is_some_and(|range| range.start <= at && at < range.end)
    }
}

/// Parts the last line where an attribution of the quote below is glued to it.
fn part_glued(lines: &mut Vec<Line<'_>>) {
    let Some(last) = lines.last_mut().filter(|line| line.mark == Mark::None) else { return };
    if let Some(at) = super::attribution::glued(last.text) {
        let (own, attribution) = last.text.split_at(at);
        last.text = own;
        lines.push(Line::plain(attribution));
    }
}

/// Number of `>` at the start, behind at most a few blanks; `>From` is an mbox escape, not a quote.
fn angles(line: &str) -> usize {
    let bare = line.trim_start_matches([' ', '\t', '\u{a0}']);
    if !bare.starts_with('>') || line.len() - bare.len() >= 12 || bare.starts_with(">From ") || is_ornament(bare) {
        return 0;
    }
    bare.chars().take(60).take_while(|c| matches!(c, '>' | ' ')).filter(|&c| c == '>').count()
}

/// `>>> look here <<<`: what closes as it opens is decoration.
fn is_ornament(line: &str) -> bool {
    line.starts_with(">>") && line.trim_end().ends_with("<<")
}

/// What some clients and people put before what they quote.
pub(super) const WEAK_SIGNS: [char; 6] = ['\t', ' ', '|', '¦', '}', ':'];

/// A tab or four blanks (mailx of POSIX, Lotus), a bar, a colon (nmh), initials and `>` (Emacs' VM, Forte Agent): under an attribution
/// they mark a quote.
fn is_weak(line: &str) -> bool {
    if line.starts_with(['\t', '|', '¦', '}', ':']) || line.starts_with("    ") {
        return true;
    }
    let initials = line.bytes().take_while(u8::is_ascii_alphabetic).count();
    (1..=4).contains(&initials) && line[initials..].starts_with('>') && !line[initials..].starts_with(">>>")
}

/// Looks at a line, counted in tests: they must not grow faster than the lines.
pub(super) mod work {
    #[cfg(not(test))]
    pub(in crate::mail::reply_text) fn count() {}

    #[cfg(test)]
    thread_local! {
        static LOOKS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    #[cfg(test)]
    pub(in crate::mail::reply_text) fn count() {
        LOOKS.set(LOOKS.get() + 1);
    }

    /// How often lines were looked at by some work.
    #[cfg(test)]
    pub(in crate::mail::reply_text) fn of(work: impl FnOnce()) -> usize {
        let before = LOOKS.get();
        work();
        LOOKS.get() - before
    }
}
