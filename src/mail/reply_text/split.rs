//! A text as lines, with what sets each apart.

use std::ops::Range;

use super::super::html::Area;
use super::lines::{Class, Line, Mark};
use super::{Form, attribution};

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
    if let Some(at) = attribution::glued(last.text) {
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

/// A tab or four blanks (mailx of POSIX, Lotus), a bar, a colon (nmh), initials and `>` (Emacs' VM, Forte Agent): under an attribution
/// they mark a quote.
fn is_weak(line: &str) -> bool {
    if line.starts_with(['\t', '|', '¦', '}', ':']) || line.starts_with("    ") {
        return true;
    }
    let initials = line.bytes().take_while(u8::is_ascii_alphabetic).count();
    (1..=4).contains(&initials) && line[initials..].starts_with('>') && !line[initials..].starts_with(">>>")
}
