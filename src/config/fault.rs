//! What is wrong with a configuration, said to the person who can put it right.

use crate::said;
use std::fmt;

/// Something wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line in the file, from 1.
    pub line: usize,
    /// The table it stands in, such as `[[mailbox]] support`; empty at the top.
    pub section: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

/// All faults of a file, in the order of its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// What keeps the file from being TOML.
    pub(super) fn of_syntax(text: &str, errors: &[toml::de::Error]) -> Faults {
        let fault = |error: &toml::de::Error| Fault {
            line: error.span().map_or(1, |span| line_at(text, span.start)),
            section: String::new(),
            problem: said!("not TOML: {}", "n’est pas du TOML\u{a0}: {}", error.message().replace('\n', ", ")),
            remedy: said!(
                "See https://toml.io for how a value is written; texts stand in double quotes.",
                "Voyez https://toml.io pour l’écriture d’une valeur; les textes se mettent entre guillemets droits."
            ),
        };
        Faults::sorted(errors.iter().map(fault).collect())
    }

    pub(super) fn sorted(mut faults: Vec<Fault>) -> Faults {
        faults.sort_by_key(|fault| fault.line);
        Faults(faults)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => writeln!(f, "{}", said!("1 fault", "1 erreur"))?,
            count => writeln!(f, "{}", said!("{count} faults", "{count} erreurs"))?,
        }
        for Fault { line, section, problem, remedy } in &self.0 {
            let section = if section.is_empty() { String::new() } else { format!(", {section}") };
            let place = said!("line {line}{section}:", "ligne {line}{section}\u{a0}:");
            write!(f, "\n  {place} {problem}\n      {remedy}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// The number of the line that a byte stands in, from 1.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}
