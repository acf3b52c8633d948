//! What correspondents are told: templates in every language, and known fixes.

use super::{Fault, Finding, Line, barriers, fault};
use crate::config::{self, Config};
use crate::known_fix::Library;
use crate::said;

pub(super) fn of(config: &Config) -> Vec<Line> {
    let mut lines = templates(config);
    lines.extend(config.policy.desks.iter().map(|desk| {
        let what = said!("known fixes of {}", "solutions connues de {}", desk.name);
        Line::new(what, fixes(config, &desk.name))
    }));
    lines
}

/// One line for each language that a correspondent may be written to in, and one for each barrier. Each letter of a language that
/// the operator edited is composed of sample words.
fn templates(config: &Config) -> Vec<Line> {
    let folder = config.letters_folder.as_deref();
    let remedy = || match folder.filter(|folder| !folder.is_dir()) {
        Some(_) => said!(
            "Make the folder, which `guichet template export` fills, or take its line out of [letters].",
            "Créez le dossier, que remplit `guichet template export`, ou retirez sa ligne de [letters]."
        ),
        None => said!(
            "Mend the file, or delete it to have the built-in one; `guichet template show` prints that.",
            "Corrigez le fichier, ou supprimez-le pour reprendre celui d’origine; `guichet template show` l’affiche."
        ),
    };
    let templates = match config::templates(folder) {
        Ok(templates) => templates,
        Err(error) => return vec![Line::new(said!("templates", "modèles"), Err(fault(&error, remedy())))],
    };
    let line = |language: crate::mail::Language| {
        let count = templates.list().filter(|path| path.starts_with(&format!("{}/", language.code()))).count();
        let what = said!("templates {language}", "modèles {language}");
        Line::new(what, Ok(said!("{count} files", "{count} fichiers")))
    };
    config.languages().into_iter().map(line).chain(barriers::of(&templates)).collect()
}

fn fixes(config: &Config, desk: &str) -> Finding {
    let Some((_, folder)) = config.known_fixes.iter().find(|(of, _)| of == desk) else {
        return Ok(said!("none configured", "aucune configurée"));
    };
    let (articles, faults) = config::known_fixes(folder).map_err(|error| {
        let remedy = said!(
            "Look at known_fixes of the [[desk]] and at the rights of the folder.",
            "Vérifiez known_fixes du [[desk]] et les droits du dossier."
        );
        fault(&error, remedy)
    })?;
    let library = Library::new(articles);
    let mut problems: Vec<_> = faults.iter().map(ToString::to_string).collect();
    problems.extend(library.faults().iter().filter(|fault| !fault.is_advice()).map(ToString::to_string));
    if problems.is_empty() {
        let count = library.articles().len();
        return Ok(said!("{count} articles", "{count} articles"));
    }
    let remedy = said!("Mend the files; the others are in use.", "Corrigez ces fichiers; les autres servent.");
    Err(Fault { problem: problems.join("\n"), remedy })
}
