//! `guichet fix`: known fixes.

mod import;
mod suggestions;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Answer, Invocation, WrongUsage, run_async, terminal};
use crate::config;
use crate::desk::KnownFixThresholds;
use crate::known_fix::{self, Article, ArticleFault, Backtest, Library, LibraryFault, Match, Outcomes, Question};
use crate::said;
use crate::store::{Store, Tables};

/// Known fixes: list them, check their files, see which one a request finds
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  guichet fix list
  guichet fix match \"mon mot de passe VPN est refusé\"
  guichet fix check --fixes ./known-fixes
  guichet fix cases > past-requests.jsonl
  guichet fix backtest past-requests.jsonl
  guichet fix import faq.csv --fixes ./known-fixes
  guichet fix suggestions")]
pub(super) enum Command {
    /// List the known fixes, how often each was offered, and what requesters said
    #[command(after_help = "\
Example:
  guichet fix list --json

An article with the answer auto that was refused three times or more, and more often than it helped, is suspended: it is only
suggested, and agents are told. Mend it, then: guichet fix resume ID")]
    List {
        #[command(flatten)]
        source: Source,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Tell what is wrong with their files; exit 1 if anything must be mended
    #[command(after_help = "\
Example:
  guichet fix check --fixes ./known-fixes

✗ must be mended: a file that cannot be read, an id used twice, a translation of nothing, no text. ! is advice: too few
symptoms, a symptom that says nothing, articles that are easily taken for each other.")]
    Check {
        #[command(flatten)]
        source: Source,
    },
    /// Say which known fix a request finds, and why
    #[command(after_help = "\
Examples:
  guichet fix match \"mon mot de passe VPN est refusé\"
  guichet fix match --subject VPN \"Bonjour, il refuse mon mot de passe depuis ce matin.\"")]
    Match {
        /// What a requester wrote
        text: String,
        /// The subject that it stood under
        #[arg(long, value_name = "TEXT", default_value = "")]
        subject: String,
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

A line of the file is one request: {\"text\": \"…\", \"expected\": \"ID\"}, or null where no known fix answers it;
guichet fix cases writes such a file. The recommended thresholds go into [rules] of the configuration.")]
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
    /// Show what agents linked to known fixes by `#fix ID`, as symptoms to take over or turn down
    #[command(after_help = "\
Examples:
  guichet fix suggestions
  guichet fix suggestions accept R-000123
  guichet fix suggestions dismiss R-000124

A request that its known fix finds by now is left out, and so is a sentence that names somebody.")]
    Suggestions {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
        #[command(subcommand)]
        review: Option<suggestions::Review>,
    },
    /// Count an article's outcomes anew once it is mended, so that it is no longer suspended
    #[command(after_help = "Example:\n  guichet fix resume vpn-mot-de-passe")]
    Resume {
        /// The article's id
        id: String,
    },
    /// Print the solved requests of the store as cases for backtest, one JSON object a line
    #[command(after_help = "\
Example:
  guichet fix cases > cases.jsonl

Expected is the known fix that helped, or that an agent sent and nobody refused; null where none was used. Requests stand there
as they were written: keep the file as you keep the store.")]
    Cases,
    /// Make article files of another program's articles; files that exist stay as they are
    #[command(after_help = "\
Examples:
  guichet fix import faq.csv
  guichet fix import itop-known-errors.json --fixes ./known-fixes

CSV: the first line names the columns title, text, symptoms (several with | between them), id, language, answer.
JSON: what iTop's REST API answers to core/get of FAQ or KnownError.
Unless the file says otherwise only agents are shown the new articles (answer = \"never\").")]
    Import {
        /// A CSV or JSON file
        #[arg(value_name = "FILE")]
        export: PathBuf,
        #[command(flatten)]
        source: Source,
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
        Command::List { source, json } => list(&source.read(invocation)?.0, &source.counts(invocation)?, json),
        Command::Check { source } => check(source.read(invocation)?),
        Command::Match { text, subject, source, json } => {
            let question = Question { subject: &subject, text: &text, language: None };
            find(&source.library(invocation)?, &question, json)
        }
        Command::Suggestions { json, review } => suggestions::run(invocation, review, json),
        Command::Cases => cases(invocation),
        Command::Resume { id } => resume(invocation, &id),
        Command::Backtest { cases, source, json } => replay(&source.library(invocation)?, &cases, json),
        Command::Import { export, source } => import::run(&export, &source.folder(invocation)?),
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
                    Some(desk) => {
                        said!("Desk {desk:?} has no known fixes", "Le guichet {desk:?} n’a pas de solutions connues")
                    }
                    None => said!("No desk has known fixes", "Aucun guichet n’a de solutions connues"),
                };
                Err(WrongUsage(said!(
                    "{which}: add known_fixes to its [[desk]], or name a folder with --fixes DIR.",
                    "{which}\u{a0}: ajoutez known_fixes à son [[desk]], ou nommez un dossier avec --fixes DOSSIER."
                ))
                .into())
            }
        }
    }

    /// What became of the articles; nothing where a folder is named, or no service has run yet.
    fn counts(&self, invocation: &Invocation) -> Result<BTreeMap<String, Outcomes>> {
        if self.fixes.is_some() || invocation.configuration_with_store().is_err() {
            return Ok(BTreeMap::new());
        }
        let config = invocation.configuration()?;
        match run_async(async { Ok(Store::tables(&config.store).await?) })? {
            Tables::None => Ok(BTreeMap::new()),
            _ => invocation.with_store(async |store, _| store.known_fix_outcomes().await),
        }
    }

    /// The articles that are right; the others are told of on stderr.
    fn library(&self, invocation: &Invocation) -> Result<Library> {
        let library = Library::new(sound(self.read(invocation)?));
        // A folder that is named may be looked at without a configuration.
        let thresholds = match (&self.fixes, invocation.configuration()) {
            (_, Ok(config)) => config.policy.known_fixes,
            (Some(_), Err(_)) => KnownFixThresholds::default(),
            (None, Err(error)) => return Err(error),
        };
        Ok(library.with_threshold(thresholds.suggest_from))
    }
}

/// The articles that are right; the others are told of on stderr.
fn sound((articles, faults): (Vec<Article>, Vec<ArticleFault>)) -> Vec<Article> {
    for fault in faults {
        terminal::tell(&terminal::safe(&said!("Left out: {fault}", "Laissé de côté\u{a0}: {fault}")));
    }
    articles
}

fn list(articles: &[Article], counts: &BTreeMap<String, Outcomes>, json: bool) -> Result<Answer> {
    let counts = |article: &Article| counts.get(&article.id).copied().unwrap_or_default();
    if json {
        let row = |article: &Article| {
            let Outcomes { offered, solved, refused } = counts(article);
            json!({
                "id": article.id, "title": article.title, "language": article.language, "answer": article.answer,
                "symptoms": article.symptoms, "translation_of": article.translation_of,
                "offered": offered, "solved": solved, "refused": refused,
            })
        };
        terminal::print_json(&articles.iter().map(row).collect::<Vec<_>>())?;
        return Ok(Answer::Done);
    }
    let rows = articles.iter().map(|article| {
        let outcomes = counts(article);
        let Outcomes { offered, solved, refused } = outcomes;
        let is_suspended = article.answer == known_fix::Answer::Auto && outcomes.is_refused_too_often();
        [
            article.id.clone(),
            article.language.to_string(),
            if is_suspended { "suspended".to_owned() } else { answer_word(article) },
            offered.to_string(),
            solved.to_string(),
            refused.to_string(),
            article.title.clone(),
        ]
    });
    terminal::print(&terminal::table(
        [
            said!("ID", "ID"),
            said!("LANGUAGE", "LANGUE"),
            said!("ANSWER", "RÉPONSE"),
            said!("OFFERED", "OFFERTE"),
            said!("SOLVED", "RÉSOLU"),
            said!("REFUSED", "REFUSÉE"),
            said!("TITLE", "TITRE"),
        ],
        rows,
    ))?;
    Ok(Answer::Done)
}

fn cases(invocation: &Invocation) -> Result<Answer> {
    invocation.with_store(async |store, _| {
        let mut behind = None;
        loop {
            let (part, next) = store.past_requests(behind).await?;
            for past in part {
                let text = format!("{}\n\n{}", past.subject, past.text);
                terminal::print_json_line(&known_fix::Case { text, expected: past.fix })?;
            }
            behind = next;
            if behind.is_none() {
                return Ok(Answer::Done);
            }
        }
    })
}

fn resume(invocation: &Invocation, id: &str) -> Result<Answer> {
    invocation.with_store(async |store, _| {
        if !store.known_fix_outcomes().await?.contains_key(id) {
            terminal::tell(&terminal::safe(&said!(
                "No requester was ever offered {id}: see `guichet fix list`.",
                "{id} n’a jamais été offerte à un demandeur\u{a0}: voyez `guichet fix list`."
            )));
            return Ok(Answer::No);
        }
        store.resume_known_fix(id).await?;
        terminal::print(&terminal::safe(&said!(
            "{id} is counted anew from now on.",
            "{id} est recomptée à partir de maintenant."
        )))?;
        Ok(Answer::Done)
    })
}

fn answer_word(article: &Article) -> String {
    serde_json::to_value(article.answer).ok().and_then(|word| Some(word.as_str()?.to_owned())).unwrap_or_default()
}

fn check((articles, faults): (Vec<Article>, Vec<ArticleFault>)) -> Result<Answer> {
    for fault in &faults {
        terminal::print(&format!("✗ {}", terminal::safe(&fault.to_string())))?;
    }
    let library = Library::new(articles);
    let together = library.faults();
    for fault in &together {
        let mark = if fault.is_advice() { "!" } else { "✗" };
        terminal::print(&format!("{mark} {}", terminal::safe(&fault.to_string())))?;
    }
    if faults.is_empty() && together.iter().all(LibraryFault::is_advice) {
        terminal::print(&said!("✓ {} known fixes", "✓ {} solutions connues", library.articles().len()))?;
        return Ok(Answer::Done);
    }
    Ok(Answer::No)
}

fn find(library: &Library, question: &Question<'_>, json: bool) -> Result<Answer> {
    let found = library.find(question);
    if json {
        terminal::print_json(&match_document(&found))?;
        return Ok(Answer::Done);
    }
    let verdict = match found.answered {
        Some(article) => format!("{}: {} (score {:.2})", article.id, article.title, found.score),
        None => said!("No known fix fits well enough.", "Aucune solution connue ne convient assez bien."),
    };
    terminal::print(&terminal::safe(&verdict))?;
    let rows = found
        .candidates
        .iter()
        .map(|candidate| [candidate.article.id.clone(), format!("{:.3}", candidate.score), candidate.terms.join(" ")]);
    if !found.candidates.is_empty() {
        terminal::print(&terminal::table(
            [said!("CANDIDATE", "CANDIDATE"), said!("SCORE", "SCORE"), said!("BECAUSE OF", "À CAUSE DE")],
            rows,
        ))?;
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

/// Right answers of all answers, from which on a threshold is worth recommending, and the key of the configuration's `[rules]`.
const PRECISIONS: [(f64, &str); 2] = [(0.90, "suggest_from"), (0.95, "answer_from")];
/// Confusions that are shown.
const CONFUSIONS: usize = 15;

fn replay(library: &Library, file: &Path, json: bool) -> Result<Answer> {
    let jsonl = std::fs::read_to_string(file)
        .with_context(|| said!("Cannot read {}", "Impossible de lire {}", file.display()))?;
    let cases = known_fix::cases(&jsonl).map_err(|fault| WrongUsage(format!("{}: {fault}", file.display())))?;
    let progress = terminal::progress("Replaying", cases.len());
    let replayed = known_fix::backtest_with(library, &cases, |done| progress.set_position(done as u64));
    progress.finish_and_clear();
    if json {
        terminal::print_json(&replayed)?;
        return Ok(Answer::Done);
    }
    terminal::print(&said!(
        "{} requests: {} answered ({} right, {} wrong), {} left to people, by the threshold of {}\n\n",
        "{} demandes\u{a0}: {} répondues ({} bien, {} mal), {} laissées aux gens, au seuil de {}\n\n",
        replayed.cases,
        replayed.answered,
        replayed.correct,
        replayed.wrong,
        replayed.abstained,
        library.threshold()
    ))?;
    print_thresholds(&replayed)?;
    print_articles(&replayed)?;
    Ok(Answer::Done)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn print_thresholds(replayed: &Backtest) -> Result<()> {
    let rows = replayed.thresholds.iter().map(|at| {
        [format!("{:.2}", at.threshold), at.answered.to_string(), percent(at.precision), percent(at.coverage)]
    });
    terminal::print(&terminal::table(
        [
            said!("THRESHOLD", "SEUIL"),
            said!("ANSWERED", "RÉPONDUES"),
            said!("PRECISION", "PRÉCISION"),
            said!("COVERAGE", "COUVERTURE"),
        ],
        rows,
    ))?;
    for (precision, key) in PRECISIONS {
        terminal::print(&match replayed.recommended(precision) {
            Some(at) => said!(
                "Recommended for {}: {key} = {:.2}, from which on {} of the answers are right and {} of the requests get theirs.",
                "Recommandé pour {}\u{a0}: {key} = {:.2}, à partir duquel {} des réponses sont bonnes et {} des demandes ont la leur.",
                percent(precision),
                at.threshold,
                percent(at.precision),
                percent(at.coverage)
            ),
            None => said!(
                "No threshold makes {} of the answers right.",
                "Aucun seuil ne rend bonnes {} des réponses.",
                percent(precision)
            ),
        })?;
    }
    Ok(())
}

fn print_articles(replayed: &Backtest) -> Result<()> {
    let sent = replayed.sent();
    if !sent.is_empty() {
        let rows = sent.into_iter().map(|sent| [sent.id, sent.answered.to_string(), sent.correct.to_string()]);
        terminal::print(&format!(
            "\n{}",
            terminal::table(
                [said!("ARTICLE", "ARTICLE"), said!("WOULD BE SENT", "SERAIT ENVOYÉ"), said!("RIGHTLY", "À RAISON")],
                rows
            )
        ))?;
    }
    let confusions = replayed.confusions();
    if !confusions.is_empty() {
        let rows = confusions.into_iter().take(CONFUSIONS).map(|confusion| {
            let expected = confusion.expected.unwrap_or_else(|| "nothing".to_owned());
            [expected, confusion.answered, confusion.cases.to_string()]
        });
        terminal::print(&format!(
            "\n{}",
            terminal::table(
                [said!("EXPECTED", "ATTENDU"), said!("ANSWERED", "RÉPONDU"), said!("REQUESTS", "DEMANDES")],
                rows
            )
        ))?;
    }
    Ok(())
}
