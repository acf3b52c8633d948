//! Which edition of the time zones is used, for a person at a terminal.

use crate::config::zones::Editions;
use crate::said;

/// The edition, and that the other one is older: rules change at short notice.
pub(super) fn told(editions: &Editions) -> String {
    let own = editions.own;
    match &editions.system {
        Some(system) if system == own => {
            said!("edition {own}, as this system's", "édition {own}, comme celle du système")
        }
        Some(system) if editions.used() == system => said!(
            "edition {system} of this system; the program's is older: {own}",
            "édition {system} de ce système; celle du programme est plus ancienne\u{a0}: {own}"
        ),
        Some(system) => said!(
            "edition {own} of this program; this system's is older: {system}",
            "édition {own} de ce programme; celle du système est plus ancienne\u{a0}: {system}"
        ),
        None => said!("edition {own} of this program", "édition {own} de ce programme"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_editions_of_the_time_zones_are_told() {
        for (system, expected) in [
            (Some("2025b"), "edition 2026f of this program; this system's is older: 2025b"),
            (Some("2027a"), "edition 2027a of this system; the program's is older: 2026f"),
            (Some("2026f"), "edition 2026f, as this system's"),
            (None, "edition 2026f of this program"),
        ] {
            assert_eq!(told(&Editions { own: "2026f", system: system.map(str::to_owned) }), expected);
        }
    }
}
