//! How much of a list is shown.

use anyhow::Result;
use clap::Args;

use super::terminal;
use crate::said;

/// As text, so many rows unless asked otherwise.
const SHOWN_AS_TEXT: usize = 50;
/// So many rows are in hand at a time.
const PAGE: usize = 512;

/// How much of the list, newest first.
#[derive(Args)]
pub(super) struct Extent {
    /// So many, newest first [default: 50 as text, all as JSON]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// All of them
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

/// How many rows are still to be shown.
pub(super) struct Length {
    /// `None`: all.
    left: Option<usize>,
    shown: usize,
}

impl Extent {
    pub(super) fn of_text(&self) -> Length {
        match self.all {
            true => Length { left: None, shown: 0 },
            false => Length { left: Some(self.limit.map_or(SHOWN_AS_TEXT, |limit| limit as usize)), shown: 0 },
        }
    }

    pub(super) fn of_json(&self) -> Length {
        Length { left: self.limit.map(|limit| limit as usize), shown: 0 }
    }
}

impl Length {
    /// How many rows the next part may have.
    pub(super) fn page(&self) -> usize {
        self.left.unwrap_or(PAGE).min(PAGE)
    }

    pub(super) fn wants_more(&self) -> bool {
        self.left != Some(0)
    }

    /// Nothing was shown yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.shown == 0
    }

    pub(super) fn shown(&mut self, rows: usize) {
        self.shown += rows;
        self.left = self.left.map(|left| left.saturating_sub(rows));
    }

    /// Says on stderr how many there are, where that is more than was shown.
    pub(super) fn tell_of_the_rest(&self, total: u64) -> Result<()> {
        let shown = self.shown as u64;
        if total > shown {
            let (shown, total) = (terminal::count(shown), terminal::count(total));
            terminal::tell(&said!(
                "{shown} of {total} shown: --all, --limit N",
                "{shown} sur {total} affichés\u{a0}: --all, --limit N"
            ));
        }
        Ok(())
    }
}
