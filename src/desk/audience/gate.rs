//! The gate through which every text passes on its way out of the desk: what was written for another audience, and what looks
//! like a secret, stops it. An agent who was told what stops it lets it pass with `#ok`.

use std::collections::{HashMap, HashSet};

use crate::desk::audience::runs::Words;
use crate::desk::audience::secret::{Secret, looks_secret};
use crate::desk::{Audience, Dossier, Enclosure, Entry, EntryKind, LetterView, Purpose};
use crate::known_fix::{Answer, Article, Library};
use crate::mail::Address;
use crate::mail::token::{Token, TokenAudience};

/// So many words in a row are in two texts by no chance.
const RUN: usize = 8;

/// A text that is shorter than such a run counts as a whole, if it has so many words.
const WHOLE: usize = 5;

/// What must not go to an audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Breach {
    /// The mark of a letter of ours to somebody else.
    OthersLetter,
    /// Words that were written for somebody else: the first of them.
    OthersWords(String),
    /// What looks secret, in words for a vendor: a password, or a number of a person's.
    Secret(Secret),
}

/// What an agent means to send, to whom.
#[derive(Clone, Copy, Debug)]
pub(in crate::desk) struct Leaving<'a> {
    pub(in crate::desk) to: &'a Audience,
    pub(in crate::desk) text: &'a str,
    /// A text of another audience that the agent's command names: it may go.
    pub(in crate::desk) named: Option<&'a str>,
    /// It goes to everybody who is part of a mass incident: what the requester wrote is not for them.
    pub(in crate::desk) to_all: bool,
    /// The agent who sends it.
    pub(in crate::desk) by: Option<&'a Address>,
}

/// What stops a text; empty: it may leave.
pub(in crate::desk) fn breaches(parts: &[&Dossier], library: &Library, leaving: &Leaving<'_>) -> Vec<Breach> {
    let mut found = Vec::new();
    if Token::find_all(leaving.text)
        .iter()
        .any(|token| token.audience != TokenAudience::Requester || leaving.to.token() != token.audience)
    {
        found.push(Breach::OthersLetter);
    }
    found.extend(others_words(parts, library, leaving).map(Breach::OthersWords));
    if matches!(leaving.to, Audience::Vendor(_)) {
        found.extend(looks_secret(leaving.text).into_iter().map(Breach::Secret));
    }
    found
}

/// Whether a file of the ticket may go outside when it is named: what came with a note stays.
pub(in crate::desk) fn may_leave(parts: &[&Dossier], enclosure: &Enclosure) -> bool {
    let came_with =
        parts.iter().flat_map(|dossier| &dossier.entries).find(|entry| entry.ledger == Some(enclosure.ledger));
    came_with.is_none_or(|entry| entry.audience != Audience::Desk)
}

/// The first words of the text that stand in a text of another audience and in none of its own.
fn others_words(parts: &[&Dossier], library: &Library, leaving: &Leaving<'_>) -> Option<String> {
    let words = Words::of(leaving.text);
    let mut mine: HashMap<usize, HashMap<u64, usize>> = HashMap::new();
    for length in WHOLE..=RUN {
        mine.insert(length, words.runs(length).zip(0..).collect());
    }
    let mut suspects: HashMap<(usize, u64), usize> = HashMap::new();
    for text in texts(parts, leaving.by).filter(|text| !text.may_go_to(leaving)) {
        let theirs = Words::of(text.words);
        let length = theirs.count().min(RUN);
        let Some(mine) = mine.get(&length) else { continue };
        suspects.extend(theirs.runs(length).filter_map(|run| Some(((length, run), *mine.get(&run)?))));
    }
    if suspects.is_empty() {
        return None;
    }
    let own = texts(parts, leaving.by).filter(|text| text.may_go_to(leaving)).map(|text| text.words.to_owned());
    let articles = library.articles().iter().filter(|article| article.answer != Answer::Never);
    let lengths: HashSet<usize> = suspects.keys().map(|(length, _)| *length).collect();
    for text in own.chain(leaving.named.map(str::to_owned)).chain(articles.map(Article::text)) {
        let allowed = Words::of(&text);
        for length in &lengths {
            allowed.runs(*length).for_each(|run| {
                suspects.remove(&(*length, run));
            });
        }
    }
    let (at, length) = suspects.into_iter().map(|((length, _), at)| (at, length)).min()?;
    Some(words.said(at, length).to_owned())
}

/// A text on a ticket, and whose it is.
struct Text<'d> {
    words: &'d str,
    audience: &'d Audience,
    /// The requester wrote it: vendors may be told.
    is_request: bool,
}

impl Text<'_> {
    fn may_go_to(&self, leaving: &Leaving<'_>) -> bool {
        if self.is_request { !leaving.to_all } else { self.audience == leaving.to }
    }
}

/// Everything that was written or sent on a ticket and on those that were merged into it.
fn texts<'d>(parts: &'d [&'d Dossier], by: Option<&'d Address>) -> impl Iterator<Item = Text<'d>> {
    let written = parts.iter().flat_map(|dossier| &dossier.entries).map(|entry: &Entry| Text {
        words: &entry.text,
        audience: &entry.audience,
        is_request: entry.kind == EntryKind::Request && entry.audience == Audience::Requester,
    });
    let sent = parts
        .iter()
        .flat_map(|dossier| &dossier.sent)
        .filter(move |letter| !by.is_some_and(|agent| shows_own_words_of(letter, agent)));
    let sent = sent.filter_map(|letter: &LetterView| {
        Some(Text { words: letter.text.as_deref()?, audience: &letter.audience, is_request: false })
    });
    written.chain(sent)
}

/// A refusal or a preview: it shows its reader's own words, which nobody has said yet, and what others said is on the ticket.
fn shows_own_words_of(letter: &LetterView, agent: &Address) -> bool {
    matches!(letter.purpose, Purpose::CommandRefused | Purpose::Report)
        && letter.recipients.iter().any(|recipient| recipient.is(agent))
}
