//! What a vendor newly said: its mail without our own letter, however that was quoted, and without its ticket system's frame.
//!
//! What is left decides what the mail is. Nothing left, or a robot's phrases alone, is no answer; anything else is one: when in
//! doubt an agent is told. Linear: our letters are found by hashes of word runs.

mod frame;
mod heard;
mod phrases;
mod quoted;

use self::frame::Frame;
use self::phrases::{Phrases, Sentence};
use self::quoted::Quoted;

pub(in crate::desk) use self::heard::Heard;

/// A longer text is a person's, whatever it says.
const JUDGED_MAX: usize = 20_000;

/// What it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::desk) struct Said {
    /// The vendor's own words: no line of ours and none of its system's.
    pub(in crate::desk) words: String,
    /// What the mail is.
    pub(in crate::desk) kind: Kind,
    /// It says that the case is closed or solved.
    pub(in crate::desk) closes: bool,
}

/// What a vendor's mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Kind {
    /// A person answered, or nobody can tell.
    Answer,
    /// A system says that it has our mail.
    Confirmation,
    /// A system says our own words again.
    Echo,
    /// A system says what changed about the case.
    StateChange,
    /// A system says that it did not take our mail.
    Refusal,
}

/// Reads a vendor's mail.
pub(in crate::desk) fn said(heard: &Heard<'_>) -> Said {
    let quoted = Quoted::of(heard.ours, heard.addresses);
    let kept = quoted.without(heard.text, heard.automatic);
    let mut frame = Frame::new(heard);
    let lines: Vec<&str> = kept.text.lines().filter(|line| !frame.takes(line)).collect();
    let words = paragraphs(&lines);
    let phrases = Phrases::new(heard);
    let sentences = if words.len() > JUDGED_MAX { vec![Sentence::Persons] } else { phrases.judge(&words) };
    let has = |sentence: Sentence| sentences.contains(&sentence);
    let closes = has(Sentence::Closes) || frame.closes || heard.automatic && phrases::subject_closes(heard);
    let refuses = heard.automatic && phrases::refuses(heard.subject, &words);
    let kind = match () {
        () if refuses => Kind::Refusal,
        () if has(Sentence::Persons) || !closes && has(Sentence::MayClose) => Kind::Answer,
        () if heard.brings_file && !has(Sentence::Confirms) && !closes => Kind::Answer,
        () if closes || frame.changes => Kind::StateChange,
        () if has(Sentence::Confirms) => Kind::Confirmation,
        () if !words.is_empty() && !heard.automatic => Kind::Answer,
        () if kept.held_ours => Kind::Echo,
        () => Kind::Confirmation,
    };
    Said { words, kind, closes }
}

/// The lines, with one blank line between paragraphs.
fn paragraphs(lines: &[&str]) -> String {
    let mut text = String::new();
    let mut blank = false;
    for line in lines.iter().map(|line| line.trim_end()) {
        if line.is_empty() {
            blank = !text.is_empty();
            continue;
        }
        if !text.is_empty() {
            text.push_str(if blank { "\n\n" } else { "\n" });
        }
        blank = false;
        text.push_str(line);
    }
    text
}

#[cfg(test)]
mod tests;
