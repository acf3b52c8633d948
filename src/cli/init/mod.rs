//! `guichet init`: a first configuration. It asks what it was not told, and never overwrites.

mod answers;
mod arguments;
mod facts;
mod hosts;
mod presets;
mod questions;
mod writing;

use std::path::Path;

use anyhow::Result;
use clap::Parser;

pub(super) use self::arguments::Arguments;
use self::presets::Preset;
use self::questions::Questions;
use self::writing::Written;
use super::{Answer, Cli, dispatch, terminal};
use crate::said;

const FILE: &str = "guichet.toml";

pub(super) fn run(arguments: &Arguments) -> Result<Answer> {
    let file = arguments.dir.join(FILE);
    if file.exists() {
        terminal::tell(&said!(
            "{} exists already; nothing was written.",
            "{} existe déjà; rien n’a été écrit.",
            file.display()
        ));
        return Ok(Answer::No);
    }
    writing::try_folder(&arguments.dir)?;
    let mut questions = Questions::new(arguments.yes);
    let answers = answers::ask(arguments, &mut questions)?;
    let written = writing::write(&file, &answers)?;
    for path in &written.files {
        terminal::print(&said!("wrote {}", "écrit : {}", path.display()))?;
    }
    let try_it = arguments.check || (written.to_fill.is_empty() && offers_to_check(&mut questions)?);
    terminal::tell(&next(&file, &written, answers.preset, try_it));
    if try_it { check(&file) } else { Ok(Answer::Done) }
}

fn offers_to_check(questions: &mut Questions) -> Result<bool> {
    if !questions.are_answered() {
        return Ok(false);
    }
    let question = said!("Try all of it now?", "Essayer le tout maintenant?");
    let usual = said!("yes", "oui");
    let answer = questions.ask("--check", None, &question, Some(&usual), questions::yes_or_no)?;
    Ok(answer == Some(true))
}

/// Runs `guichet check`, as if it had been typed next.
fn check(file: &Path) -> Result<Answer> {
    let words = ["guichet".as_ref(), "--config".as_ref(), file.as_os_str(), "check".as_ref()];
    dispatch(Cli::try_parse_from(words)?)
}

/// What is left to do.
fn next(file: &Path, written: &Written, preset: Preset, is_checked: bool) -> String {
    let mut steps: Vec<String> = Vec::new();
    for secret in &written.to_fill {
        let secret = secret.display();
        steps.push(if preset.is_by_application() {
            said!(
                "Write the client secret's value, not its id, on the first line of {secret}.",
                "Écrivez la valeur du secret client, et non son identifiant, sur la première ligne de {secret}."
            )
        } else {
            said!(
                "Write the password on the first line of {secret}.",
                "Écrivez le mot de passe sur la première ligne de {secret}."
            )
        });
    }
    steps.push(said!(
        "Read {}: every key that you may want is there, with its default.",
        "Lisez {} : toutes les clés utiles y sont, avec leur valeur par défaut.",
        file.display()
    ));
    steps.push(said!(
        "Read the articles in {}: agents alone see them until you write answer = \"suggest\" in those that hold at your place.",
        "Lisez les articles de {} : seuls les agents les voient, jusqu’à ce que vous écriviez answer = \"suggest\" dans ceux \
         qui valent chez vous.",
        written.known_fixes.display()
    ));
    let usual = [Path::new("./guichet.toml"), Path::new("/etc/guichet/guichet.toml")].contains(&file);
    let config = if usual { String::new() } else { format!(" --config {}", file.display()) };
    if !is_checked {
        steps.push(format!("guichet check{config}"));
    }
    let is_service = file == "/etc/guichet/guichet.toml" && Path::new("/run/systemd/system").exists();
    steps.push(if is_service { "systemctl enable --now guichet".to_owned() } else { format!("guichet serve{config}") });
    let steps: Vec<_> = steps.iter().enumerate().map(|(index, step)| format!("  {}. {step}", index + 1)).collect();
    said!("\nNext:\n{}", "\nEnsuite :\n{}", steps.join("\n"))
}
