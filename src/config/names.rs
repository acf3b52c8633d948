//! What tables of one kind are called, for other tables that name one.

use super::section::{Placed, Section};
use super::value::line;
use crate::desk::nearest;
use crate::said;

/// The names of all tables of one kind, such as `[[vendor]]`.
pub(super) struct Names {
    table: &'static str,
    names: Vec<String>,
    /// None of them has a fault of its own.
    all_known: bool,
}

impl Names {
    pub(super) fn of<T>(table: &'static str, placed: &[Placed<T>], name: impl Fn(&T) -> &str) -> Names {
        let names: Vec<String> =
            placed.iter().filter_map(|placed| placed.value.as_ref()).map(|value| name(value).to_owned()).collect();
        Names { table, all_known: names.len() == placed.len(), names }
    }

    /// The table that a key names, if it names one, in that table's own spelling; the outer `None` after a fault.
    pub(super) fn named_in(&self, section: &Section<'_>, key: &'static str) -> Option<Option<String>> {
        let Some(wanted) = section.optional(key, line)? else { return Some(None) };
        let is_it = |name: &&String| name.to_lowercase() == wanted.to_lowercase();
        if let Some(name) = self.names.iter().find(is_it) {
            return Some(Some(name.clone()));
        }
        // One that has a fault of its own is told of already.
        if self.all_known {
            let table = self.table;
            let problem = said!("= {wanted:?} is no {table}", "= {wanted:?} ne figure pas parmi les {table}");
            section.fault_of(key, &problem, &self.remedy(&wanted));
        }
        None
    }

    /// The first of them; `None` where there is none without a fault.
    pub(super) fn first(&self) -> Option<String> {
        self.names.first().filter(|_| self.all_known).cloned()
    }

    fn remedy(&self, wanted: &str) -> String {
        let table = self.table;
        let known = self.names.iter().map(|name| (name.to_lowercase(), name));
        if let Some(near) = nearest(&wanted.to_lowercase(), known) {
            return said!("Did you mean {near:?}?", "Vouliez-vous {near:?}?");
        }
        let names: Vec<String> = self.names.iter().map(|name| format!("{name:?}")).collect();
        match names.is_empty() {
            true => said!("Add a {table} of this name.", "Ajoutez une table {table} de ce nom."),
            false => said!(
                "There is {}; or add a {table} of this name.",
                "Il y a {}; ou ajoutez une table {table} de ce nom.",
                names.join(", ")
            ),
        }
    }
}
