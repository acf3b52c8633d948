//! Past requests replayed, to choose thresholds by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::library::{Library, Match, Question};

/// A past request and what should have answered it: a line of a cases file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What was written; a first line with an empty line behind it is read as the subject.
    pub text: String,
    /// Id of the article that answers it, or of a translation; `None` where no article does.
    pub expected: Option<String>,
}

/// A line that is no case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no case such as {{\"text\": \"…\", \"expected\": \"ID or null\"}}: {reason}")]
pub struct CaseFault {
    /// In the file of cases, from 1.
    pub line: usize,
    /// What the JSON parser says.
    pub reason: String,
}

/// How the library did. As JSON it is what `fix backtest --json` prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Backtest {
    /// How many cases there were: those answered and those abstained from.
    pub cases: usize,
    /// Cases that an article answered, correct and wrong.
    pub answered: usize,
    /// Answered by the expected article or a translation of it.
    pub correct: usize,
    /// Answered by another one, or though none was expected.
    pub wrong: usize,
    /// Cases that no article answered.
    pub abstained: usize,
    /// One a case, in order.
    pub results: Vec<CaseResult>,
    /// What other thresholds would have done, ascending; for people.
    #[serde(skip)]
    pub thresholds: Vec<AtThreshold>,
}

/// One case, and what the library said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseResult {
    /// The text of the case.
    pub text: String,
    /// Id of the article that the case expects; `None` where it expects none.
    pub expected: Option<String>,
    /// Id of the article that answered; `None` where none did.
    pub answered: Option<String>,
    /// How surely the best candidate fits, 0 to 1.
    pub score: f64,
    /// The best first.
    pub candidates: Vec<Scored>,
    #[serde(skip)]
    best_is_right: bool,
}

/// A candidate without its terms.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scored {
    /// Id of the article.
    pub id: String,
    /// How well it fits, 0 to 1.
    pub score: f64,
}

/// What a threshold would have done.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AtThreshold {
    /// 0 to 1: who scores less does not answer.
    pub threshold: f64,
    /// Cases that an article would have answered.
    pub answered: usize,
    /// Those of them that it would have answered rightly.
    pub correct: usize,
    /// Right answers of all answers; 1 where there were none.
    pub precision: f64,
    /// Right answers of all cases that an article answers; 1 where there are none.
    pub coverage: f64,
}

/// Cases that one article answered where another one, or none, was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    /// Id of the article that should have answered; `None` where none should have.
    pub expected: Option<String>,
    /// Id of the article that did.
    pub answered: String,
    /// How many cases.
    pub cases: usize,
}

/// How often an article would have been sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Id of the article.
    pub id: String,
    /// Cases that it answered.
    pub answered: usize,
    /// Those that it answered rightly.
    pub correct: usize,
}

/// Reads a cases file: one JSON object a line; empty lines do not count.
pub fn cases(jsonl: &str) -> Result<Vec<Case>, CaseFault> {
    let lines = jsonl.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|error| CaseFault { line: index + 1, reason: error.to_string() })
        })
        .collect()
}

/// Asks the library every case.
pub fn backtest(library: &Library, cases: &[Case]) -> Backtest {
    backtest_with(library, cases, |_| ())
}

/// As [`backtest`]; after each case, `asked` is told how many are done.
pub fn backtest_with(library: &Library, cases: &[Case], mut asked: impl FnMut(usize)) -> Backtest {
    let mut ask = |(index, case): (usize, &Case)| {
        let result = result(library, case);
        asked(index + 1);
        result
    };
    let results: Vec<CaseResult> = cases.iter().enumerate().map(&mut ask).collect();
    let answered: Vec<&CaseResult> = results.iter().filter(|result| result.answered.is_some()).collect();
    let correct = answered.iter().filter(|result| result.best_is_right).count();
    Backtest {
        cases: results.len(),
        answered: answered.len(),
        correct,
        wrong: answered.len() - correct,
        abstained: results.len() - answered.len(),
        thresholds: (1..20).map(|step| at(f64::from(step) / 20.0, &results)).collect(),
        results,
    }
}

impl Backtest {
    /// The lowest threshold from which on this share of all answers was right; `None` where none reaches it with a right
    /// answer. It is found on these cases, so that fewer than a hundred of them say little.
    pub fn recommended(&self, precision: f64) -> Option<AtThreshold> {
        let mut scores: Vec<f64> = self.results.iter().map(|result| (result.score * 100.0).floor() / 100.0).collect();
        scores.sort_by(f64::total_cmp);
        scores.dedup();
        let sure = |found: &AtThreshold| found.correct > 0 && found.precision >= precision;
        scores.into_iter().map(|threshold| at(threshold, &self.results)).find(sure)
    }

    /// Wrong answers, the most frequent first.
    pub fn confusions(&self) -> Vec<Confusion> {
        let mut counts: BTreeMap<(&Option<String>, &String), usize> = BTreeMap::new();
        for result in self.results.iter().filter(|result| !result.best_is_right) {
            if let Some(answered) = &result.answered {
                *counts.entry((&result.expected, answered)).or_default() += 1;
            }
        }
        let confusion = |((expected, answered), cases): ((&Option<String>, &String), usize)| Confusion {
            expected: expected.clone(),
            answered: answered.clone(),
            cases,
        };
        let mut confusions: Vec<Confusion> = counts.into_iter().map(confusion).collect();
        confusions.sort_by_key(|confusion| std::cmp::Reverse(confusion.cases));
        confusions
    }

    /// Articles that answered, the most frequent first.
    pub fn sent(&self) -> Vec<Sent> {
        let mut counts: BTreeMap<&String, (usize, usize)> = BTreeMap::new();
        for result in &self.results {
            if let Some(answered) = &result.answered {
                let (all, right) = counts.entry(answered).or_default();
                *all += 1;
                *right += usize::from(result.best_is_right);
            }
        }
        let sent = |(id, (answered, correct)): (&String, (usize, usize))| Sent { id: id.clone(), answered, correct };
        let mut sent: Vec<Sent> = counts.into_iter().map(sent).collect();
        sent.sort_by_key(|sent| std::cmp::Reverse(sent.answered));
        sent
    }
}

fn result(library: &Library, case: &Case) -> CaseResult {
    let (subject, text) = case.text.split_once("\n\n").filter(|(first, _)| !first.contains('\n')).unwrap_or_default();
    let text = if text.is_empty() { &case.text } else { text };
    let found = library.find(&Question { subject, text, language: None });
    let best_is_right = match (&case.expected, found.candidates.first()) {
        (Some(expected), Some(best)) => library.is_same_topic(expected, &best.article.id),
        _ => false,
    };
    CaseResult {
        text: case.text.clone(),
        expected: case.expected.clone(),
        answered: found.answered.map(|article| article.id.clone()),
        score: found.score,
        candidates: scored(&found),
        best_is_right,
    }
}

fn scored(found: &Match<'_>) -> Vec<Scored> {
    let scored = |candidate: &super::Candidate<'_>| Scored { id: candidate.article.id.clone(), score: candidate.score };
    found.candidates.iter().map(scored).collect()
}

fn at(threshold: f64, results: &[CaseResult]) -> AtThreshold {
    let answered: Vec<&CaseResult> =
        results.iter().filter(|result| !result.candidates.is_empty() && result.score >= threshold).collect();
    let correct = answered.iter().filter(|result| result.best_is_right).count();
    let answerable = results.iter().filter(|result| result.expected.is_some()).count();
    let share = |part: usize, whole: usize| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
    AtThreshold {
        threshold,
        answered: answered.len(),
        correct,
        precision: share(correct, answered.len()),
        coverage: share(correct, answerable),
    }
}
