//! What robots say, in sentences: a sentence is a robot's when it holds no word that robots do not use.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::frame::is_link_to_case;
use super::heard::Heard;
use crate::mail::fold::folded;
use crate::mail::pattern::pattern;
use crate::mail::words::single;

/// What a sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sentence {
    /// Only a person says so, or nobody can tell.
    Persons,
    /// It says that a case was made, or our mail received.
    Confirms,
    /// It says that the case is over.
    Closes,
    /// It says that the case will be over, unless or if.
    MayClose,
    /// It says nothing: a greeting, thanks, how to answer.
    Nothing,
}

/// Words of robots, without accents.
struct Words {
    /// What a case is called, and a mail.
    nouns: HashSet<&'static str>,
    /// What happens to it.
    deeds: HashSet<&'static str>,
    /// That it is over.
    over: HashSet<&'static str>,
    /// Unless or if.
    conditions: HashSet<&'static str>,
    /// Everything else that robots say.
    filling: HashSet<&'static str>,
    /// A sentence that says nothing holds one of these, a noun, or names alone.
    markers: HashSet<&'static str>,
    /// What robots say of how to answer, in sentences that begin with one of the openings.
    mechanics: HashSet<&'static str>,
    openings: HashSet<&'static str>,
    /// What a line may hold below which a letter's names and titles stand.
    sign_off: HashSet<&'static str>,
    /// "Acme Service Desk" below its words.
    names: HashSet<&'static str>,
    /// "No." answers a question, though robots use the word.
    yes_or_no: HashSet<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| Words {
    nouns: single("robot", "nouns"),
    deeds: single("robot", "deeds"),
    over: single("robot", "over"),
    conditions: single("robot", "conditions"),
    filling: single("robot", "filling"),
    markers: single("robot", "markers"),
    mechanics: single("robot", "mechanics"),
    openings: single("robot", "openings"),
    sign_off: single("robot", "sign_off"),
    names: single("robot", "names"),
    yes_or_no: single("robot", "yes_or_no"),
});

/// What this mail's robot may say beside them.
pub(super) struct Phrases {
    names: HashSet<String>,
    subject: Vec<String>,
    domains: Vec<String>,
}

impl Phrases {
    pub(super) fn new(heard: &Heard<'_>) -> Phrases {
        let names = heard.names.iter().flat_map(|name| words(name)).collect();
        let domains = heard.domains.iter().map(|domain| domain.to_ascii_lowercase()).collect();
        Phrases { names, subject: words(heard.our_subject), domains }
    }

    /// What each sentence of the text is.
    pub(super) fn judge(&self, text: &str) -> Vec<Sentence> {
        let mut found = Vec::new();
        for paragraph in text.split("\n\n") {
            let paragraph = without_signature(paragraph).replace('\n', " ");
            found.extend(sentences(&paragraph).into_iter().map(|sentence| self.judge_one(sentence)));
        }
        found
    }

    fn judge_one(&self, sentence: &str) -> Sentence {
        let all = words(&self.without_own_places(sentence));
        let said = self.without_subject(&all);
        let Words { nouns, deeds, over, conditions, filling, markers, mechanics, openings, names, .. } = &*WORDS;
        let is = |word: &&str, list: &HashSet<&str>| list.contains(*word);
        let opens = said.first().is_some_and(|first| openings.contains(first));
        let is_robots = |word: &&str| {
            let number = word.bytes().all(|byte| byte.is_ascii_digit());
            let known = [nouns, deeds, over, conditions, filling].iter().any(|list| is(word, list));
            number || known || opens && is(word, mechanics) || self.names.contains(*word)
        };
        if said == ["we", "re", "on", "it"] {
            return Sentence::Nothing;
        }
        if !said.iter().all(is_robots) {
            return Sentence::Persons;
        }
        let any = |list: &HashSet<&str>| said.iter().any(|word| is(word, list));
        let names_alone = said
            .iter()
            .all(|word| self.names.contains(*word) || names.contains(word) || word.bytes().all(|b| b.is_ascii_digit()));
        let says_nothing = any(markers) || any(nouns) || names_alone;
        match (any(nouns), any(over), any(deeds)) {
            (_, true, _) if any(conditions) => Sentence::MayClose,
            (true, true, _) => Sentence::Closes,
            (false, true, _) => Sentence::Persons,
            (true, false, true) => Sentence::Confirms,
            (false, false, true) => Sentence::Persons,
            (_, false, _) if says_yes_or_no(&said) => Sentence::Persons,
            (_, false, _) if says_nothing => Sentence::Nothing,
            (_, false, _) => Sentence::Persons,
        }
    }

    /// The sentence without links to the case and addresses of the vendor's.
    fn without_own_places(&self, sentence: &str) -> String {
        let own = |place: &&str| {
            let place = place.trim_matches(|c: char| !c.is_alphanumeric());
            is_link_to_case(place, &self.domains)
                || self.domains.iter().any(|domain| place.to_ascii_lowercase().ends_with(&format!("@{domain}")))
        };
        sentence.split_whitespace().filter(|place| !own(place)).collect::<Vec<_>>().join(" ")
    }

    /// The words without our subject, which robots repeat.
    fn without_subject<'w>(&self, words: &'w [String]) -> Vec<&'w str> {
        let mut left = Vec::with_capacity(words.len());
        let mut at = 0;
        while at < words.len() {
            if !self.subject.is_empty() && words[at..].starts_with(&self.subject) {
                at += self.subject.len();
            } else {
                left.push(words[at].as_str());
                at += 1;
            }
        }
        left
    }
}

fn says_yes_or_no(words: &[&str]) -> bool {
    words.len() <= 2 && words.iter().any(|word| WORDS.yes_or_no.contains(word))
}

/// The subject line says that the case is over: `Resolved: …`, `… (Closed)`.
pub(super) fn subject_closes(heard: &Heard<'_>) -> bool {
    let subject = folded(heard.subject);
    let ours = folded(heard.our_subject);
    let said = SUBJECT_OVER.captures_iter(&subject).filter_map(|found| found.get(1));
    said.map(|found| found.as_str()).any(|found| !ours.contains(found))
}

static SUBJECT_OVER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[\s\])])((?:resolved|closed|solved|resolu|resolue|ferme|fermee|cloture|cloturee)\s*:|[\[(](?:resolved|closed|solved|resolu|resolue|ferme|fermee)[\])])",
    )
});

static REFUSED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x)
        \b(?:mail|e-?mail|message|submission|request|ticket|issue|subject|courriel|demande)\b [^.!?]{0,80}
            (?: \b(?:was|were|has\ been|is|been)\ (?:not\ accepted|not\ processed|rejected|refused|ignored|discarded)
              | \b(?:could|can)\ ?not\ be\ (?:processed|accepted|delivered|created|parsed|handled)
              | \bn'?a\ pas\ pu\ etre | \ba\ ete\ (?:refuse|rejete) )
        | \b(?:failed|unsuccessful)\b [^.!?]{0,40} \b(?:submission|request|ticket|issue)
        | \bnot\ a\ registered\ user | \byou\ (?:are|were)\ not\ (?:allowed|permitted|authori[sz]ed)
        | \b(?:unknown|invalid|no\ such|not\ a\ valid)\ (?:property|keyword|address|sender|user|queue|project|subject)
        | \b(?:could|can)\ ?not\ (?:process|accept|parse|handle)\ (?:your|the)\ (?:mail|e-?mail|message|request|submission)",
    )
});

/// A system says that it did not take our mail.
pub(super) fn refuses(subject: &str, words: &str) -> bool {
    let start = &words[..words.floor_char_boundary(2_000)];
    REFUSED.is_match(&folded(subject)) || REFUSED.is_match(&folded(start))
}

/// A paragraph without the lines below a sign-off that begins a line: names and titles.
fn without_signature(paragraph: &str) -> String {
    let lines: Vec<&str> = paragraph.lines().collect();
    let is_sign_off = |line: &&str| {
        let words = words(line);
        (1..=4).contains(&words.len()) && words.iter().any(|word| WORDS.sign_off.contains(word.as_str()))
    };
    let end = lines.iter().position(is_sign_off).map(|at| at + 1);
    let below = |end: usize| lines.len() - end <= 4 && lines[end..].iter().all(|line| words(line).len() <= 6);
    match end.filter(|end| below(*end)) {
        Some(end) => lines[..end].join("\n"),
        None => paragraph.to_owned(),
    }
}

/// Sentences end with `.`, `!` or `?` before a blank.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = matches!(c, '.' | '!' | '?') && chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if ends {
            found.push(&text[from..=at]);
            from = at + 1;
        }
    }
    found.push(&text[from..]);
    found.retain(|sentence| sentence.contains(char::is_alphanumeric));
    found
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(folded).collect()
}
