//! Who may read the files in which passwords and keys stand.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Fault, Finding, Line, fault};
use crate::config::{Config, SecretPlace};
use crate::said;

/// A line for each file that holds a password; none where no file does.
pub(super) fn of(config: &Config) -> Vec<Line> {
    let line = |place: &SecretPlace| {
        let (file, is_password_alone) = match place {
            SecretPlace::Configuration => (&config.file, false),
            SecretPlace::File(file) => (file, true),
        };
        Line::new(said!("secrets in {}", "secrets dans {}", file.display()), judged(file, is_password_alone))
    };
    config.secrets.iter().map(line).collect()
}

fn judged(file: &Path, is_password_alone: bool) -> Finding {
    let looked = look(file, is_password_alone).map_err(|error| {
        fault(&error, said!("Let guichet’s user read it.", "Laissez l’utilisateur de guichet le lire."))
    })?;
    let readers = match looked.open_to() {
        Some(Readers::Everybody) => said!("every account of this machine", "tous les comptes de cette machine"),
        Some(Readers::Group) => said!("every member of its group", "tous les membres de son groupe"),
        None if looked.ends_in_blank => {
            return Err(Fault {
                problem: said!(
                    "the password ends in a blank, which is sent along",
                    "le mot de passe se termine par une espace, qui est envoyée avec lui"
                ),
                remedy: said!("Take it away unless it belongs there.", "Enlevez-la si elle n’en fait pas partie."),
            });
        }
        None => return Ok(said!("others cannot read it", "les autres ne peuvent pas le lire")),
    };
    let (mode, chmod) = (looked.mode, if looked.is_for_a_group() { 640 } else { 600 });
    Err(Fault {
        problem: said!(
            "a secret stands in it, and {readers} can get at it (mode {mode:03o})",
            "un secret s’y trouve, et {readers} y ont accès (mode {mode:03o})"
        ),
        remedy: said!("Run: chmod {chmod} {}", "Exécutez\u{a0}: chmod {chmod} {}", file.display()),
    })
}

#[derive(Clone, Copy)]
struct Looked {
    mode: u32,
    owner: u32,
    group: u32,
    ends_in_blank: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Readers {
    Everybody,
    Group,
}

fn look(file: &Path, is_password_alone: bool) -> Result<Looked> {
    let asked = || said!("Cannot look at {}", "Impossible de consulter {}", file.display());
    let metadata = fs::metadata(file).with_context(asked)?;
    let ends_in_blank = is_password_alone
        && fs::read_to_string(file)
            .with_context(asked)?
            .lines()
            .next()
            .is_some_and(|password| password.ends_with([' ', '\t', '\u{a0}']));
    Ok(Looked { mode: metadata.mode() & 0o777, owner: metadata.uid(), group: metadata.gid(), ends_in_blank })
}

impl Looked {
    /// Who else may read or write it.
    fn open_to(&self) -> Option<Readers> {
        match self.mode {
            mode if mode & 0o006 != 0 => Some(Readers::Everybody),
            mode if mode & 0o020 != 0 || mode & 0o040 != 0 && !self.is_for_a_group() => Some(Readers::Group),
            _ => None,
        }
    }

    /// What root owns and lets one group read is how a service is given its configuration (`root:guichet`, 640).
    fn is_for_a_group(&self) -> bool {
        self.owner == 0 && self.group != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_for_its_owner_or_for_the_group_that_root_gave_it_to() {
        let open_to = |mode, owner, group| Looked { mode, owner, group, ends_in_blank: false }.open_to();
        assert_eq!(open_to(0o600, 1000, 1000), None);
        assert_eq!(open_to(0o640, 1000, 1000), Some(Readers::Group));
        assert_eq!(open_to(0o640, 0, 0), Some(Readers::Group));
        assert_eq!(open_to(0o640, 0, 990), None);
        assert_eq!(open_to(0o660, 0, 990), Some(Readers::Group));
        assert_eq!(open_to(0o644, 0, 990), Some(Readers::Everybody));
        assert_eq!(open_to(0o602, 0, 0), Some(Readers::Everybody));
    }
}
