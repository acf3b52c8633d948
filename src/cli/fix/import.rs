//! `guichet fix import`: articles from another program.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::cli::{Answer, WrongUsage, terminal};
use crate::known_fix::{self, Article, Imported};
use crate::said;

/// Writes an article file for each row of the export; one that exists stays as it is.
pub(super) fn run(export: &Path, folder: &Path) -> Result<Answer> {
    let text = std::fs::read_to_string(export)
        .with_context(|| said!("Cannot read {}", "Impossible de lire {}", export.display()))?;
    let is_json = text.trim_start().starts_with(['{', '[']);
    let rows = if is_json { known_fix::from_itop(&text) } else { known_fix::from_csv(&text) };
    let rows = rows.map_err(|fault| WrongUsage(format!("{}: {fault}", export.display())))?;
    std::fs::create_dir_all(folder)
        .with_context(|| said!("Cannot create {}", "Impossible de créer {}", folder.display()))?;
    let (mut written, mut told) = (0, Vec::new());
    let progress = terminal::progress("Importing", rows.len());
    for row in &rows {
        match row {
            Imported::Article(article) if write(article, folder)? => written += 1,
            Imported::Article(article) => {
                told.push(said!(
                    "{} exists already and stays as it is",
                    "{} existe déjà et reste tel quel",
                    article.id
                ));
            }
            Imported::LeftOut { row, reason } => {
                told.push(said!("Left out: {row}: {reason}", "Laissé de côté\u{a0}: {row}\u{a0}: {reason}"));
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    for line in &told {
        terminal::tell(&terminal::safe(line));
    }
    terminal::print(&said!(
        "{written} of {} articles written to {}",
        "{written} articles sur {} écrits dans {}",
        rows.len(),
        folder.display()
    ))?;
    if written > 0 {
        terminal::tell(&said!(
            "Add what people write to their symptoms, choose their answer, then: guichet fix check",
            "Ajoutez à leurs symptômes ce que les gens écrivent, choisissez leur réponse, puis\u{a0}: guichet fix check"
        ));
    }
    Ok(if written > 0 || rows.is_empty() { Answer::Done } else { Answer::No })
}

/// Whether the file was not there.
fn write(article: &Article, folder: &Path) -> Result<bool> {
    let path = folder.join(format!("{}.md", article.id));
    match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut file) => file
            .write_all(article.file().as_bytes())
            .with_context(|| said!("Cannot write {}", "Impossible d’écrire {}", path.display()))
            .map(|()| true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).with_context(|| said!("Cannot write {}", "Impossible d’écrire {}", path.display())),
    }
}
