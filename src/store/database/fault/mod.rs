//! What a database says when it does not do something, as a cause and a remedy for the operator.

mod postgres;
mod sqlite;

use std::fmt;

use crate::said;

pub(super) use postgres::{
    Address, Reached, all_in_use, fell_silent, leaves_session, no_second_connection, of_postgres,
    pooled_by_transaction, read_only, rights, silent, standby, wrong_encoding,
};
pub(super) use sqlite::of_sqlite;

/// Why the database did not do something, in the language of the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong: a sentence without its full stop.
    pub problem: String,
    /// What to do about it: a sentence, or several.
    pub remedy: String,
    /// Who can do something about it.
    pub lies_with: LiesWith,
}

/// Where the reason of a fault lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiesWith {
    /// The database, or the way to it: the same statement succeeds once it is well.
    Database,
    /// The statement and its values: it never succeeds.
    Statement,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.problem, self.remedy)
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// A fault of the database, or of what is configured of it.
    pub(in crate::store) fn new(problem: String, remedy: String) -> Fault {
        Fault { problem, remedy, lies_with: LiesWith::Database }
    }

    fn of_statement(problem: String, remedy: String) -> Fault {
        Fault { problem, remedy, lies_with: LiesWith::Statement }
    }

    /// The fault in an error of the store, if that is what it is about.
    pub fn within(error: &anyhow::Error) -> Option<&Fault> {
        error.chain().find_map(|cause| cause.downcast_ref::<Fault>())
    }
}

/// Whether an error says that the database could not be asked, rather than that what was asked of it cannot be.
pub fn is_unavailable(error: &anyhow::Error) -> bool {
    Fault::within(error).is_some_and(|fault| fault.lies_with == LiesWith::Database)
}

fn report() -> String {
    said!("This is a fault of guichet; please report it.", "C’est un défaut de guichet; merci de le signaler.")
}
