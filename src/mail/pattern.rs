//! Regular expressions of the program's own.
//!
//! A rule never goes on without its pattern: without the ones that guard privacy everything would pass. One that does not
//! compile is a fault of this program; the mail that meets it waits for a human.

use regex::{Regex, RegexSet};

/// The pattern, compiled.
#[allow(clippy::expect_used, reason = "the form is the program's own, compiled by its tests")]
pub(crate) fn pattern(form: &str) -> Regex {
    Regex::new(form).expect("a pattern of the program's own compiles")
}

/// The patterns as one automaton.
#[allow(clippy::expect_used, reason = "the forms are the program's own, compiled by its tests")]
pub(crate) fn patterns<F: AsRef<str>>(forms: impl IntoIterator<Item = F>) -> RegexSet {
    RegexSet::new(forms).expect("patterns of the program's own compile")
}
