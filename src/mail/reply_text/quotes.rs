//! Which lines are an earlier mail.
//!
//! What clients write says so first (an attribution, a header block, `>`, markup), and then what is known of our letters
//! corrects it: what stands in them is a quote however it is marked, and what does not is not. When in doubt it is kept.

use std::ops::Range;

use super::super::token::Token;
use super::letters::{Found, Letters};
use super::lines::{Class, Line, Mark, WEAK_SIGNS};
use super::{Form, Intent, attribution, forwarded, header_block};

/// An earlier mail that no mark sets apart is one where so many hundredths of the letter stand there.
const LETTER_SHARE: usize = 50;
/// Where somebody wrote between the lines of a letter, so many hundredths of the words are the letter's; where fewer are, it is
/// the source of a mail, or another one.
const MOSTLY: usize = 40;

/// Marks what is quoted, and what introduces it. In a mail that neither answers nor forwards nothing is.
pub(super) fn mark(lines: &mut [Line<'_>], text: &str, form: &Form, intent: Intent, letters: &Letters) {
    if intent == Intent::Message {
        return forwarded::mark(lines, intent);
    }
    for line in lines.iter_mut().filter(|line| line.is_marked()) {
        line.class = Class::Quoted;
    }
    forwarded::mark(lines, intent);
    let introduced = Introduced::mark(lines, text, form.divider);
    introduced.keep_what_was_typed_above(lines);
    if !letters.is_empty() {
        Known { found: letters.find(lines), letters, introduced: &introduced }.correct(lines);
    }
    if form.has_token {
        keep_what_was_typed_below(lines);
    }
}

/// Where earlier mails begin by their form.
#[derive(Default)]
struct Introduced {
    /// The first line of each introduction: an attribution, a header block, a reply marker, a client's divider.
    starts: Vec<usize>,
    /// The lines of the one that goes on to the end, marked or not.
    rest: Option<Range<usize>>,
}

impl Introduced {
    fn mark(lines: &mut [Line<'_>], text: &str, divider: Option<usize>) -> Introduced {
        let mut introduced = Introduced::default();
        introduced.find(lines, text);
        if let (None, Some(divider)) = (&introduced.rest, divider) {
            introduced.go_on_behind(lines, text, divider);
        }
        introduced
    }

    fn find(&mut self, lines: &mut [Line<'_>], text: &str) {
        mark_broken_links(lines);
        let may_be_marked = super::may_have_reply_marker(text);
        let is_written = |line: &Line<'_>| line.is_own() && !line.is_blank();
        // Lines passed that the sender wrote.
        let mut written = 0;
        let mut at = 0;
        while at < lines.len() {
            if !lines[at].is_own() || lines[at].is_blank() {
                at += 1;
                continue;
            }
            if may_be_marked && super::is_reply_marker(lines[at].text) || header_block::starts(lines, at) {
                let start = header_block::separator_before(lines, at);
                let above = written - lines[start..at].iter().filter(|line| is_written(line)).count();
                if let (0, Some(length)) = (above, header_block::block_length(lines, at)) {
                    // Nothing stands above it: what follows is what the sender has to say.
                    self.quote(lines, start..at + length);
                    at += length;
                    continue;
                }
                return self.quote_rest(lines, start);
            }
            if let Some(length) = attribution::length(lines, at) {
                let below = at + length..lines.len();
                match below.clone().find(|&next| !lines[next].is_blank()).map(|next| lines[next]) {
                    next if next.is_none_or(|next| next.class == Class::Quoted) => self.quote(lines, at..at + length),
                    Some(next) if next.mark == Mark::Weak && is_paragraph_weak(&lines[below.clone()]) => {
                        self.quote(lines, at..at + length);
                        quote_weakly_marked(&mut lines[below], next.text);
                    }
                    _ if attribution::is_sure(lines, at, length) => return self.quote_rest(lines, at),
                    _ => {
                        written += 1;
                        at += 1;
                        continue;
                    }
                }
                at += length;
                continue;
            }
            written += 1;
            at += 1;
        }
    }

    fn quote(&mut self, lines: &mut [Line<'_>], range: Range<usize>) {
        self.starts.push(range.start);
        quote(&mut lines[range]);
    }

    fn quote_rest(&mut self, lines: &mut [Line<'_>], start: usize) {
        self.starts.push(start);
        self.rest = Some(start..lines.len());
        quote(&mut lines[start..]);
    }

    /// Marks what follows a divider that the header block behind it did not give away, in a language that is not known
    /// here. Where nothing stands above it, what follows is what the sender has to say.
    fn go_on_behind(&mut self, lines: &mut [Line<'_>], text: &str, divider: usize) {
        let above = |line: &&Line<'_>| line.text.as_ptr().addr() - text.as_ptr().addr() < divider;
        let start = lines.iter().take_while(above).count();
        if lines[..start].iter().any(|line| line.is_own() && !line.is_blank()) {
            self.quote_rest(lines, start);
        }
    }

    /// Above the line that introduces what is quoted, a `>` is typed: a log, a path through menus.
    fn keep_what_was_typed_above(&self, lines: &mut [Line<'_>]) {
        let Some(&first) = self.starts.first() else { return };
        let mut at = 0;
        while at < first {
            let end = end_of_block(&lines[..first], at);
            if matches!(lines[at].mark, Mark::Angle(_)) && !introduces_itself(&lines[at..end]) {
                keep(&mut lines[at..end]);
            }
            at = end;
        }
    }
}

/// Our letters end in a line with their reference: what stands below the last one is no letter of ours. (In a chain
/// the mail below is introduced again.)
fn keep_what_was_typed_below(lines: &mut [Line<'_>]) {
    let is_end = |line: &Line<'_>| line.class == Class::Quoted && is_reference(line);
    let Some(last) = lines.iter().rposition(is_end) else { return };
    let end = next_introduction(lines, last + 1);
    // Some clients let people write into the quote.
    let inside = if lines[last].is_marked() { end_of_block(lines, last).min(end) } else { last + 1 };
    let depth = depth_of(&lines[last]);
    for (at, line) in lines.iter_mut().enumerate().take(end).skip(last + 1) {
        let was_typed = line.mark == Mark::None || line.is_marked() && depth_of(line) <= depth.max(1);
        if line.class == Class::Quoted && was_typed && !line.is_empty() && !is_placeholder(line) {
            line.class = Class::Own;
            if at < inside {
                line.text = line.bare();
            }
        }
    }
}

/// The lines that are marked as the first one is.
fn quote_weakly_marked(lines: &mut [Line<'_>], first: &str) {
    let sign = first.chars().next().filter(|c| WEAK_SIGNS.contains(c));
    let is_alike = |line: &&mut Line<'_>| {
        line.mark == Mark::Weak && sign.is_none_or(|sign| line.text.starts_with(sign)) && line.is_own()
    };
    lines.iter_mut().filter(is_alike).for_each(|line| line.class = Class::Quoted);
}

/// Whether the first paragraph is set apart as a whole.
fn is_paragraph_weak(lines: &[Line<'_>]) -> bool {
    let mut paragraph = lines.iter().skip_while(|line| line.is_blank()).take_while(|line| !line.is_blank());
    paragraph.all(|line| line.mark == Mark::Weak)
}

/// The last line of a letter of ours: `Support · R-000012 · ref: R000012.3.r.1.…`.
fn is_reference(line: &Line<'_>) -> bool {
    line.text.len() < 400
        && line.text.contains(['R', 'r'])
        && !line.text.contains("mailto:")
        && !Token::find_all(line.text).is_empty()
}

/// The end of the lines from `at` on that are marked alike, blank lines between them included.
fn end_of_block(lines: &[Line<'_>], at: usize) -> usize {
    let first = lines[at].is_marked();
    let is_other = |next: &usize| !lines[*next].is_blank() && lines[*next].is_marked() != first;
    let end = (at + 1..lines.len()).find(is_other).unwrap_or(lines.len());
    let last = (at..end).rev().find(|&last| lines[last].is_marked() == first).unwrap_or(at);
    last + 1
}

/// Whether marked lines begin with what introduces a quote, as Apple Mail and some webmails mark it too.
fn introduces_itself(block: &[Line<'_>]) -> bool {
    let lines: Vec<Line<'_>> = block.iter().take(12).map(|line| Line::plain(line.bare())).collect();
    let Some(first) = lines.iter().position(|line| !line.is_blank()) else { return false };
    attribution::length(&lines, first).is_some()
        || header_block::starts(&lines, first)
        || forwarded::is_marker(lines[first].text)
}

/// What our letters say of a mail's lines.
struct Known<'k> {
    found: Vec<Found>,
    letters: &'k Letters,
    introduced: &'k Introduced,
}

impl Known<'_> {
    fn correct(&self, lines: &mut [Line<'_>]) {
        if !self.found.iter().any(|found| found.is_theirs()) {
            return;
        }
        let rest = self.introduced.rest.clone().unwrap_or(lines.len()..lines.len());
        let mut at = 0;
        while at < rest.start {
            let end = end_of_block(&lines[..rest.start], at);
            if lines[at].is_marked() {
                self.correct_marked(lines, at..end);
            } else {
                self.correct_weakly_marked(lines, at..end);
            }
            at = end;
        }
        if !rest.is_empty() {
            self.correct_rest(lines, rest);
        } else if !lines.iter().any(|line| line.class == Class::Quoted && line.mark != Mark::None && !line.is_blank()) {
            match self.introduced.starts.last() {
                Some(&start) => self.quote_theirs(lines, start),
                None => self.find_unmarked(lines),
            }
        }
    }

    /// A marked block that holds a letter's words is a quote, and what somebody wrote between them is theirs. One that
    /// holds none, and that nothing introduces, was typed.
    fn correct_marked(&self, lines: &mut [Line<'_>], block: Range<usize>) {
        let Some(theirs) = self.theirs_in(block.clone()) else {
            let is_typed = matches!(lines[block.start].mark, Mark::Angle(1))
                && !self.is_introduced(lines, block.start)
                && !introduces_itself(&lines[block.clone()]);
            if is_typed {
                keep(&mut lines[block]);
            }
            return;
        };
        quote(&mut lines[block.clone()]);
        self.quote_attribution(lines, block.start);
        if !self.is_mostly_theirs(theirs.clone()) {
            return;
        }
        let depth = lines[theirs.clone()].iter().filter_map(depth).min().unwrap_or_default();
        for at in theirs {
            let is_deeper = depth_of(&lines[at]) > depth;
            if self.found[at].is_foreign() && !is_deeper && !is_form(lines, at) {
                lines[at].text = lines[at].bare();
                lines[at].class = Class::Own;
            }
        }
    }

    /// Where a tab or the like marks the quote, what is marked so and is no letter's was typed.
    fn correct_weakly_marked(&self, lines: &mut [Line<'_>], block: Range<usize>) {
        let is_weak = |line: &Line<'_>| line.mark == Mark::Weak && line.class == Class::Quoted;
        let last = block.clone().rev().find(|&at| is_weak(&lines[at]) && self.found[at].is_theirs());
        let Some(last) = last else { return };
        for (line, found) in lines[last + 1..block.end].iter_mut().zip(&self.found[last + 1..]) {
            if is_weak(line) && found.is_foreign() {
                line.class = Class::Own;
            }
        }
    }

    /// Below an introduction nothing marks what is quoted and what is not: the letter's words do.
    fn correct_rest(&self, lines: &mut [Line<'_>], rest: Range<usize>) {
        let Some(theirs) = self.theirs_in(rest.clone()) else { return };
        if !self.is_most_of_a_letter(theirs.clone()) || !self.is_mostly_theirs(theirs.clone()) {
            return;
        }
        let mut start = theirs.start;
        if lines[start].is_marked() {
            // Somebody began to write right below the attribution.
            let plain: Vec<Line<'_>> = lines[rest.start..start].iter().map(|line| Line::plain(line.text)).collect();
            start = rest.start + plain.len().min(introduction_length(&plain));
        }
        for at in start..next_introduction(lines, theirs.end) {
            let was_typed = self.found[at].is_foreign() && depth_of(&lines[at]) == 0 && !is_form(lines, at);
            if was_typed && lines[at].class == Class::Quoted {
                lines[at].class = Class::Own;
            }
        }
    }

    /// Where a header block stands above everything, what follows is a letter with answers between its lines.
    fn quote_theirs(&self, lines: &mut [Line<'_>], from: usize) {
        let Some(theirs) = self.theirs_in(from..lines.len()) else { return };
        if self.is_most_of_a_letter(theirs.clone()) {
            let start = self.start_of_letter(lines, theirs.start).max(from);
            let is_theirs =
                |at: &usize| (*at < theirs.start || !self.found[*at].is_foreign()) && !lines[*at].is_blank();
            let quoted: Vec<usize> = (start..theirs.end).filter(is_theirs).collect();
            quoted.into_iter().for_each(|at| quote(&mut lines[at..=at]));
        }
    }

    /// Some clients neither mark nor introduce what they quote, or in ways of their own.
    fn find_unmarked(&self, lines: &mut [Line<'_>]) {
        let mut at = 0;
        while at < lines.len() {
            let end = (at..lines.len()).find(|&next| self.found[next].is_foreign()).unwrap_or(lines.len());
            if let Some(mut theirs) = self.theirs_in(at..end).filter(|theirs| self.is_most_of_a_letter(theirs.clone()))
            {
                theirs.start = self.start_of_letter(lines, theirs.start);
                while theirs.end < lines.len() && self.found[theirs.end].words == 0 {
                    theirs.end += 1;
                }
                self.quote_attribution(lines, theirs.start);
                quote(&mut lines[theirs]);
            }
            at = end.max(at) + 1;
        }
    }

    /// The first lines of a letter are short: they are its words right above what is known to be its.
    fn start_of_letter(&self, lines: &[Line<'_>], mut start: usize) -> usize {
        let Some(mut before) = self.found[start].start() else { return start };
        while let Some(above) = start.checked_sub(1) {
            let words = self.found[above].words;
            if words > 0 && !self.letters.stand_before(before, lines[above].bare()) {
                break;
            }
            before -= words;
            start = above;
        }
        start
    }

    /// Whatever the language: the line right above a quote that names its author, and ends in a colon or a date.
    fn quote_attribution(&self, lines: &mut [Line<'_>], at: usize) {
        let Some(last) = lines[..at].iter().rposition(|line| !line.is_blank()) else { return };
        let first = if last > 0 && !lines[last - 1].is_blank() { last - 1 } else { last };
        let is_one = |lines: &[Line<'_>]| {
            let own = lines.iter().all(|line| line.is_own() && line.mark == Mark::None && line.text.len() < 200);
            let last = lines[lines.len() - 1].text.trim_end();
            let is_dated = last.bytes().filter(u8::is_ascii_digit).count() >= 6;
            own && (last.ends_with([':', '：']) || is_dated) && self.letters.names_author(lines[0].text)
        };
        for first in [last, first] {
            if is_one(&lines[first..=last]) {
                return quote(&mut lines[first..=last]);
            }
        }
    }

    /// From the first line of a letter to behind the last one.
    fn theirs_in(&self, range: Range<usize>) -> Option<Range<usize>> {
        let is_theirs = |at: &usize| self.found[*at].is_theirs();
        let first = range.clone().find(is_theirs)?;
        let last = range.rev().find(is_theirs)?;
        Some(first..last + 1)
    }

    fn is_most_of_a_letter(&self, lines: Range<usize>) -> bool {
        let found = &self.found[lines];
        let words: usize = found.iter().map(|found| found.theirs).sum();
        let end = found.iter().rev().find_map(|found| found.end);
        end.is_some_and(|end| words * 100 >= self.letters.length_of_text(end) * LETTER_SHARE)
    }

    fn is_mostly_theirs(&self, lines: Range<usize>) -> bool {
        let (words, theirs) = self.found[lines]
            .iter()
            .fold((0, 0), |(words, theirs), found| (words + found.words, theirs + found.theirs));
        theirs * 100 >= words * MOSTLY
    }

    /// Whether what introduces a quote ends right above a line.
    fn is_introduced(&self, lines: &[Line<'_>], at: usize) -> bool {
        let above = lines[..at].iter().rposition(|line| !line.is_blank());
        above.is_some_and(|above| !lines[above].is_marked() && lines[above].class == Class::Quoted)
    }
}

/// `[4. image/png; capture.png]...`: what clients put for what they leave out.
fn is_placeholder(line: &Line<'_>) -> bool {
    line.bare().starts_with('[') && line.bare().trim_end_matches('.').ends_with(']')
}

/// What a client writes around a quote within a quote.
fn is_form(lines: &[Line<'_>], at: usize) -> bool {
    let line = [Line::plain(lines[at].bare())];
    let is_field = || {
        let name = line[0].text.split_once(": ").map(|(name, _)| name);
        name.is_some_and(|name| {
            name.contains('-') && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
        })
    };
    let is_label = || lines[at].is_marked() && header_block::label(line[0].text).is_some();
    attribution::length(&line, 0).is_some()
        || forwarded::is_marker(line[0].text)
        || is_field()
        || is_label()
        || is_placeholder(&lines[at])
}

/// Number of lines of the introduction that some lines begin with.
fn introduction_length(lines: &[Line<'_>]) -> usize {
    if lines.is_empty() {
        return 0;
    }
    attribution::length(lines, 0).or_else(|| header_block::block_length(lines, 0)).unwrap_or(lines.len())
}

/// Where the next earlier mail of a chain is introduced, at or below a line.
fn next_introduction(lines: &[Line<'_>], from: usize) -> usize {
    let plain: Vec<Line<'_>> = lines[from..].iter().map(|line| Line::plain(line.text)).collect();
    let is_introduction = |&at: &usize| {
        !plain[at].is_blank()
            && (header_block::starts(&plain, at)
                || attribution::length(&plain, at).is_some_and(|length| attribution::is_sure(&plain, at, length)))
    };
    (0..plain.len()).find(is_introduction).map_or(lines.len(), |at| from + at)
}

fn depth(line: &Line<'_>) -> Option<usize> {
    (!line.is_empty()).then(|| depth_of(line))
}

fn depth_of(line: &Line<'_>) -> usize {
    match line.mark {
        Mark::Angle(depth) => depth,
        _ => 0,
    }
}

/// Marks own lines as quoted.
fn quote(lines: &mut [Line<'_>]) {
    for line in lines.iter_mut().filter(|line| line.is_own()) {
        line.class = Class::Quoted;
    }
}

/// Marks quoted lines as own.
fn keep(lines: &mut [Line<'_>]) {
    for line in lines.iter_mut().filter(|line| line.class == Class::Quoted) {
        line.class = Class::Own;
    }
}

/// Marks the second line of a link that a client broke in a quote: it closes what the quoted line above it opened.
fn mark_broken_links(lines: &mut [Line<'_>]) {
    for at in 1..lines.len().saturating_sub(1) {
        let text = lines[at].text.trim();
        let closes = |open: char, close: char| {
            let above = lines[at - 1].text;
            text.contains(close)
                && !text.contains(open)
                && above.rfind(open).is_some_and(|from| above[from..].contains("://") && !above[from..].contains(close))
        };
        let is_between = lines[at - 1].class == Class::Quoted && lines[at + 1].class == Class::Quoted;
        if is_between
            && lines[at].is_own()
            && !text.is_empty()
            && !text.contains(' ')
            && (closes('(', ')') || closes('<', '>'))
        {
            lines[at].class = Class::Quoted;
        }
    }
}
