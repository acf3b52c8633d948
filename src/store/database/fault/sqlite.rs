//! What SQLite says of its file.

use std::path::Path;

use sqlx::Error;

use super::{Fault, report};
use crate::said;
use crate::store::database::local;

/// SQLite's primary result codes (sqlite.org/rescode.html) that say something of the file rather than of the statement.
mod sqlite_code {
    pub(super) const PERM: i32 = 3;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const NO_MEMORY: i32 = 7;
    pub(super) const READ_ONLY: i32 = 8;
    pub(super) const INTERRUPT: i32 = 9;
    pub(super) const IO: i32 = 10;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANNOT_OPEN: i32 = 14;
    pub(super) const PROTOCOL: i32 = 15;
    pub(super) const SCHEMA: i32 = 17;
    pub(super) const AUTH: i32 = 23;
    pub(super) const NOT_A_DATABASE: i32 = 26;
}

/// What SQLite said of its file; `None` for a store in memory.
pub(in crate::store::database) fn of_sqlite(error: &Error, file: Option<&Path>) -> Fault {
    let name = file.map_or_else(|| ":memory:".to_owned(), |file| file.display().to_string());
    let Error::Database(database) = error else {
        let message = error.to_string();
        return match error {
            Error::ColumnDecode { .. } | Error::Decode(_) | Error::Encode(_) | Error::RowNotFound => {
                Fault::of_statement(
                    said!(
                        "a row is not what it should be: {message}",
                        "une ligne n’est pas ce qu’elle devrait être : {message}"
                    ),
                    report(),
                )
            }
            Error::PoolTimedOut => Fault::new(
                said!(
                    "{name} is busy, and did not become free in time",
                    "{name} est occupé et ne s’est pas libéré à temps"
                ),
                said!(
                    "Look whether the disk is slow; guichet tries again by itself.",
                    "Vérifiez si le disque est lent; guichet réessaie de lui-même."
                ),
            ),
            _ => Fault::new(
                said!("{name} cannot be used ({message})", "{name} est inutilisable ({message})"),
                said!("Look at the file and its disk.", "Vérifiez le fichier et son disque."),
            ),
        };
    };
    let extended: i32 = database.code().and_then(|code| code.parse().ok()).unwrap_or(0);
    of_sqlite_code(extended & 0xff, database.message(), &name, file)
}

fn of_sqlite_code(code: i32, message: &str, name: &str, file: Option<&Path>) -> Fault {
    use sqlite_code as is;
    match code {
        is::FULL => Fault::new(
            said!("the disk that holds {name} is full", "le disque qui porte {name} est plein"),
            said!("Make room there; guichet goes on by itself.", "Faites-y de la place; guichet continue de lui-même."),
        ),
        is::BUSY | is::LOCKED => locked(name, file),
        is::NOT_A_DATABASE => Fault::new(
            said!("{name} is no SQLite database", "{name} n’est pas une base SQLite"),
            said!(
                "Name another file in [store] url; guichet makes it where there is none.",
                "Nommez un autre fichier dans [store] url; guichet le crée s’il n’existe pas."
            ),
        ),
        is::CORRUPT => Fault::new(
            said!("{name} is damaged ({message})", "{name} est endommagé ({message})"),
            said!(
                "Put the last backup back in its place, and keep the damaged file.",
                "Remettez la dernière sauvegarde à sa place, et gardez le fichier endommagé."
            ),
        ),
        is::READ_ONLY | is::CANNOT_OPEN | is::PERM | is::AUTH => {
            file.and_then(local::unwritable).unwrap_or_else(|| {
                Fault::new(
                    said!("{name} cannot be written ({message})", "impossible d’écrire dans {name} ({message})"),
                    said!(
                        "Look at the rights of the file and its folder.",
                        "Vérifiez les droits du fichier et de son dossier."
                    ),
                )
            })
        }
        is::IO | is::PROTOCOL | is::NO_MEMORY | is::INTERRUPT => Fault::new(
            said!(
                "reading or writing {name} fails ({message})",
                "la lecture ou l’écriture de {name} échoue ({message})"
            ),
            said!(
                "Look at the disk, and what the system's log says of it.",
                "Vérifiez le disque, et ce qu’en dit le journal du système."
            ),
        ),
        is::SCHEMA => Fault::new(
            said!("the tables of {name} changed meanwhile", "les tables de {name} ont changé entre-temps"),
            said!("guichet tries again by itself.", "guichet réessaie de lui-même."),
        ),
        _ => Fault::of_statement(
            said!("SQLite refuses a statement ({message})", "SQLite refuse une requête ({message})"),
            report(),
        ),
    }
}

fn locked(name: &str, file: Option<&Path>) -> Fault {
    let who = file.and_then(local::locked_by).map(|who| format!(" ({who})")).unwrap_or_default();
    Fault::new(
        said!("another process{who} keeps {name} locked", "un autre processus{who} garde {name} verrouillé"),
        said!(
            "End what works on that file besides guichet; a copy while it runs is made by `guichet backup`.",
            "Arrêtez ce qui travaille sur ce fichier en plus de guichet; `guichet backup` en fait une copie pendant le service."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::super::{LiesWith, is_unavailable};
    use super::*;

    #[test]
    fn what_lies_with_the_file_is_told_from_what_lies_with_the_statement() {
        for code in [5, 6, 7, 8, 10, 11, 13, 14, 26] {
            assert_eq!(of_sqlite_code(code, "", "guichet.db", None).lies_with, LiesWith::Database, "{code}");
        }
        for code in [1, 18, 19, 20] {
            assert_eq!(of_sqlite_code(code, "", "guichet.db", None).lies_with, LiesWith::Statement, "{code}");
        }
    }

    #[test]
    fn a_fault_of_the_store_is_found_below_what_was_being_done() {
        let fault = of_sqlite_code(13, "", "guichet.db", None);
        let error = anyhow::Error::from(fault.clone()).context("Cannot commit");
        assert!(is_unavailable(&error) && Fault::within(&error) == Some(&fault));
        assert!(!is_unavailable(&anyhow::anyhow!("the program failed")));
    }
}
