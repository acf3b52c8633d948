//! `guichet fix`: known fixes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Answer, Invocation, WrongUsage, terminal};
use crate::config;
use crate::known_fix::{self, Article, ArticleFault, Library, Match, Question};

/// Known fixes: list them, check their files, see which one a request finds
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  guichet fix list
  guichet fix match \"mon mot de passe VPN est refusé\"
  guichet fix check --fixes ./known-fixes")]
pub(super) enum Command {
    /// List the known fixes
    #[command(after_help = "Example:\n  guichet fix list --json")]
    List {
        #[command(flatten)]
        source: Source,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Tell what is wrong with their files; exit 1 if anything is
    #[command(after_help = "Example:\n  guichet fix check --fixes ./known-fixes")]
    Check {
        #[command(flatten)]
        source: Source,
    },
    /// Say which known fix a request finds, and why
    #[command(after_help = "Example:\n  guichet fix match \"mon mot de passe VPN est refusé\"")]
    Match {
        /// What a requester wrote
        text: String,
        #[command(flatten)]
        source: Source,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Replay past requests and see how often the known fixes would have been right
    #[command(after_help = "\
Example:
  guichet fix backtest cases.jsonl

A line of the file is one request: {\"text\": \"…\", \"expected\": \"ID\"}, or null where no known fix answers it.")]
    Backtest {
        /// One JSON object a line
        #[arg(value_name = "CASES.jsonl")]
        cases: PathBuf,
        #[command(flatten)]
        source: Source,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
}

/// Where the known fixes are.
#[derive(Args)]
pub(super) struct Source {
    /// The folder of known fixes [default: the desk's]
    #[arg(long, value_name = "DIR")]
    fixes: Option<PathBuf>,
    /// The desk whose known fixes are meant [default: the first that has any]
    #[arg(long, value_name = "NAME", conflicts_with = "fixes")]
    desk: Option<String>,
}

pub(super) fn run(invocation: &Invocation, command: Command) -> Result<Answer> {
    match command {
        Command::List { source, json } => list(&source.read(invocation)?.0, json),
        Command::Check { source } => check(&source.read(invocation)?),
        Command::Match { text, source, json } => find(&source.library(invocation)?, &text, json),
        Command::Backtest { cases, source, json } => replay(&source.library(invocation)?, &cases, json),
    }
}

impl Source {
    fn read(&self, invocation: &Invocation) -> Result<(Vec<Article>, Vec<ArticleFault>)> {
        config::known_fixes(&self.folder(invocation)?)
    }

    fn folder(&self, invocation: &Invocation) -> Result<PathBuf> {
        if let Some(folder) = &self.fixes {
            return Ok(folder.clone());
        }
        let folders = invocation.configuration()?.known_fixes;
        let wanted = |desk: &str| self.desk.as_deref().is_none_or(|wanted| wanted == desk);
        match folders.into_iter().find(|(desk, _)| wanted(desk)) {
            Some((_, folder)) => Ok(folder),
            None => {
                let which = match &self.desk {
                    Some(desk) => format!("Desk {desk:?} has no known fixes"),
                    None => "No desk has known fixes".to_owned(),
                };
                Err(WrongUsage(format!("{which}: add known_fixes to its [[desk]], or name a folder with --fixes DIR."))
                    .into())
            }
        }
    }

    /// The articles that are right; the others are told of on stderr.
    fn library(&self, invocation: &Invocation) -> Result<Library> {
        let (articles, faults) = self.read(invocation)?;
        for fault in faults {
            terminal::tell(&terminal::safe(&format!("Left out: {fault}")));
        }
        Ok(Library::new(articles))
    }
}

fn list(articles: &[Article], json: bool) -> Result<Answer> {
    if json {
        let rows: Vec<_> = articles
            .iter()
            .map(|article| {
                json!({
                    "id": article.id, "title": article.title, "language": article.language, "answer": article.answer,
                    "symptoms": article.symptoms, "translation_of": article.translation_of,
                })
            })
            .collect();
        terminal::print_json(&rows)?;
        return Ok(Answer::Done);
    }
    let rows = articles
        .iter()
        .map(|article| [article.id.clone(), article.language.to_string(), answer_word(article), article.title.clone()]);
    terminal::print(&terminal::table(["ID", "LANGUAGE", "ANSWER", "TITLE"], rows))?;
    Ok(Answer::Done)
}

fn answer_word(article: &Article) -> String {
    serde_json::to_value(article.answer).ok().and_then(|word| Some(word.as_str()?.to_owned())).unwrap_or_default()
}

fn check((articles, faults): &(Vec<Article>, Vec<ArticleFault>)) -> Result<Answer> {
    for fault in faults {
        terminal::print(&format!("✗ {}", terminal::safe(&fault.to_string())))?;
    }
    if faults.is_empty() {
        terminal::print(&format!("✓ {} known fixes", articles.len()))?;
        return Ok(Answer::Done);
    }
    Ok(Answer::No)
}

fn find(library: &Library, text: &str, json: bool) -> Result<Answer> {
    let found = library.find(&Question { text, ..Question::default() });
    if json {
        terminal::print_json(&match_document(&found))?;
        return Ok(Answer::Done);
    }
    let verdict = match found.answered {
        Some(article) => format!("{}: {} (score {:.2})", article.id, article.title, found.score),
        None => "No known fix fits well enough.".to_owned(),
    };
    terminal::print(&terminal::safe(&verdict))?;
    let rows = found
        .candidates
        .iter()
        .map(|candidate| [candidate.article.id.clone(), format!("{:.3}", candidate.score), candidate.terms.join(" ")]);
    if !found.candidates.is_empty() {
        terminal::print(&terminal::table(["CANDIDATE", "SCORE", "BECAUSE OF"], rows))?;
    }
    Ok(if found.answered.is_some() { Answer::Done } else { Answer::No })
}

/// As `contract` of `fix match --json` has it.
fn match_document(found: &Match<'_>) -> serde_json::Value {
    let candidates: Vec<_> = found
        .candidates
        .iter()
        .map(|candidate| json!({"id": candidate.article.id, "score": candidate.score, "terms": candidate.terms}))
        .collect();
    json!({
        "answered": found.answered.map(|article| &article.id),
        "score": found.score,
        "candidates": candidates,
        "language": found.language,
    })
}

/// Right answers of all answers, from which on a threshold is worth recommending.
const PRECISION: f64 = 0.95;

fn replay(library: &Library, file: &Path, json: bool) -> Result<Answer> {
    let jsonl = std::fs::read_to_string(file).with_context(|| format!("Cannot read {}", file.display()))?;
    let cases = known_fix::cases(&jsonl).map_err(|fault| WrongUsage(format!("{}: {fault}", file.display())))?;
    let replayed = known_fix::backtest(library, &cases);
    if json {
        terminal::print_json(&replayed)?;
        return Ok(Answer::Done);
    }
    terminal::print(&format!(
        "{} requests: {} answered ({} right, {} wrong), {} left to people\n\n",
        replayed.cases, replayed.answered, replayed.correct, replayed.wrong, replayed.abstained
    ))?;
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let rows = replayed.thresholds.iter().map(|at| {
        [format!("{:.2}", at.threshold), at.answered.to_string(), percent(at.precision), percent(at.coverage)]
    });
    terminal::print(&terminal::table(["THRESHOLD", "ANSWERED", "PRECISION", "COVERAGE"], rows))?;
    let advice = match replayed.recommended(PRECISION) {
        Some(at) => format!(
            "Recommended: {:.2}, from which on {} of the answers are right and {} of the requests get theirs.",
            at.threshold,
            percent(at.precision),
            percent(at.coverage)
        ),
        None => format!("No threshold makes {} of the answers right.", percent(PRECISION)),
    };
    terminal::print(&advice)?;
    Ok(Answer::Done)
}
