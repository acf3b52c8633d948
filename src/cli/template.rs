//! `guichet template`: the words of letters.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::{Args, Subcommand};

use super::{Answer, Invocation, WrongUsage, terminal};
use crate::config;
use crate::desk::Purpose;
use crate::letters::{Composed, Templates};
use crate::mail::{self, Language};
use crate::said;

/// Templates of letters: list them, read one, write them out to edit, see a sample letter
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  guichet template list
  guichet template export ./letters
  guichet template preview acknowledgement --language fr")]
pub(super) enum Command {
    /// List the templates in use
    #[command(after_help = "Example:\n  guichet template list")]
    List {
        #[command(flatten)]
        source: Source,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Print a template
    #[command(after_help = "Example:\n  guichet template show fr/answer.txt.hbs")]
    Show {
        /// As `template list` has it, or the name of a letter for all its files
        name: String,
        #[command(flatten)]
        source: Source,
    },
    /// Write all templates into a folder to edit; nothing is ever overwritten
    #[command(after_help = "Example:\n  guichet template export ./letters")]
    Export {
        /// The folder; [letters] folder then names it
        dir: PathBuf,
        #[command(flatten)]
        source: Source,
    },
    /// Show a letter with sample words
    #[command(after_help = "Example:\n  guichet template preview acknowledgement --language fr")]
    Preview {
        /// The letter, such as acknowledgement or answer
        #[arg(value_parser = purpose)]
        name: Purpose,
        /// In this language
        #[arg(long, default_value = "fr")]
        language: Language,
        /// Print the whole mail as it would leave (RFC 5322)
        #[arg(long)]
        raw: bool,
        #[command(flatten)]
        source: Source,
    },
}

/// Where templates come from.
#[derive(Args)]
pub(super) struct Source {
    /// A folder of templates that replace the built-in ones [default: as configured, where there is a configuration]
    #[arg(long, value_name = "DIR")]
    letters: Option<PathBuf>,
}

pub(super) fn run(invocation: &Invocation, command: Command) -> Result<Answer> {
    match command {
        Command::List { source, json } => list(&source.templates(invocation)?, json),
        Command::Show { name, source } => show(&source.templates(invocation)?, &name),
        Command::Export { dir, source } => export(&source.templates_to_export(invocation)?, &dir),
        Command::Preview { name, language, raw, source } => {
            let composed = source.templates(invocation)?.preview(name, language).map_err(|error| anyhow!("{error}"))?;
            preview(&composed, raw)
        }
    }
}

impl Source {
    /// The built-in templates are there without a configuration too.
    fn templates(&self, invocation: &Invocation) -> Result<Templates> {
        read(self.folder(invocation)?.as_deref())
    }

    /// The configured folder may be the one that is to be made.
    fn templates_to_export(&self, invocation: &Invocation) -> Result<Templates> {
        let folder = self.folder(invocation)?.filter(|folder| self.letters.is_some() || folder.exists());
        read(folder.as_deref())
    }

    fn folder(&self, invocation: &Invocation) -> Result<Option<PathBuf>> {
        Ok(match &self.letters {
            Some(folder) => Some(folder.clone()),
            None if invocation.has_configuration() => invocation.configuration()?.letters_folder,
            None => None,
        })
    }
}

fn read(folder: Option<&Path>) -> Result<Templates> {
    config::templates(folder).map_err(|error| WrongUsage(format!("{error:#}")).into())
}

fn list(templates: &Templates, json: bool) -> Result<Answer> {
    let paths: Vec<_> = templates.list().collect();
    if json {
        terminal::print_json(&paths)?;
    } else {
        terminal::print(&paths.join("\n"))?;
    }
    Ok(Answer::Done)
}

fn show(templates: &Templates, name: &str) -> Result<Answer> {
    if let Some(text) = templates.source(name) {
        terminal::print(&terminal::safe(text))?;
        return Ok(Answer::Done);
    }
    let is_of_letter = |path: &&str| {
        path.split_once('/').and_then(|(_, file)| file.split('.').next()).is_some_and(|letter| letter == name)
    };
    let paths: Vec<_> = templates.list().filter(is_of_letter).collect();
    if paths.is_empty() {
        terminal::tell(&terminal::safe(&said!(
            "There is no template {name:?}: see `guichet template list`.",
            "Il n’y a pas de gabarit {name:?}\u{a0}: voyez `guichet template list`."
        )));
        return Ok(Answer::No);
    }
    for path in paths {
        let text = templates.source(path).unwrap_or_default();
        terminal::print(&terminal::safe(&format!("--- {path}\n{text}\n")))?;
    }
    Ok(Answer::Done)
}

fn export(templates: &Templates, folder: &Path) -> Result<Answer> {
    let (mut written, mut kept) = (0, 0);
    for path in templates.list() {
        let file = folder.join(path);
        if let Some(above) = file.parent() {
            std::fs::create_dir_all(above).with_context(|| {
                said!("Cannot make the folder {}", "Impossible de créer le dossier {}", above.display())
            })?;
        }
        let text = templates.source(path).unwrap_or_default();
        let created = OpenOptions::new().write(true).create_new(true).open(&file);
        match created.and_then(|mut open| open.write_all(text.as_bytes())) {
            Ok(()) => written += 1,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => kept += 1,
            Err(error) => {
                return Err(error).with_context(|| said!("Cannot write {}", "Impossible d’écrire {}", file.display()));
            }
        }
    }
    terminal::print(&said!(
        "{written} files written to {}; {kept} were there already and stay",
        "{written} fichiers écrits dans {}; {kept} s’y trouvaient déjà et restent",
        folder.display()
    ))?;
    terminal::tell(&said!(
        "Keep the files that you change and delete the others: those follow the program then.",
        "Gardez les fichiers que vous modifiez et supprimez les autres\u{a0}: ceux-là suivront le programme."
    ));
    Ok(Answer::Done)
}

fn preview(composed: &Composed, raw: bool) -> Result<Answer> {
    if raw {
        terminal::print(&terminal::safe(&String::from_utf8_lossy(&composed.bytes)))?;
        return Ok(Answer::Done);
    }
    let letter = mail::parse(&composed.bytes);
    let from = letter.from.map(|from| match from.name {
        Some(name) => format!("{name} <{}>", from.address),
        None => from.address.to_string(),
    });
    let to = letter.to.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let page = said!(
        "From: {}\nTo: {to}\nSubject: {}\n\n{}",
        "De\u{a0}: {}\nÀ\u{a0}: {to}\nObjet\u{a0}: {}\n\n{}",
        from.unwrap_or_default(),
        composed.subject,
        composed.text
    );
    terminal::print(&terminal::safe(&page))?;
    Ok(Answer::Done)
}

fn purpose(name: &str) -> Result<Purpose, String> {
    Purpose::ALL.into_iter().find(|purpose| purpose.name() == name).ok_or_else(|| {
        let names: Vec<_> = Purpose::ALL.iter().map(Purpose::name).collect();
        said!("there is no such letter: write {}", "il n’y a pas de telle lettre\u{a0}: écrivez {}", names.join(", "))
    })
}
