//! Long lists, newest first: how much is shown, and printed in constant memory.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

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
struct Length {
    /// `None`: all that there are.
    left: Option<usize>,
    shown: usize,
}

impl Extent {
    fn of_text(&self) -> Length {
        match self.all {
            true => Length { left: None, shown: 0 },
            false => Length { left: Some(self.limit.map_or(SHOWN_AS_TEXT, |limit| limit as usize)), shown: 0 },
        }
    }

    fn of_json(&self) -> Length {
        Length { left: self.limit.map(|limit| limit as usize), shown: 0 }
    }
}

/// Rows of a list as they are printed, and behind which the next ones come; `None`: there are no more.
pub(super) type Part<R, K> = (Vec<R>, Option<K>);

/// Prints a list as one JSON document, part by part.
pub(super) async fn print_json<R: Serialize, K>(
    extent: &Extent,
    part: impl AsyncFn(Option<K>, usize) -> Result<Part<R, K>>,
) -> Result<()> {
    let mut length = extent.of_json();
    let mut list = terminal::JsonList::default();
    let mut behind = None;
    while length.wants_more() {
        let (rows, next) = part(behind, length.page()).await?;
        list.items(&rows)?;
        length.shown(rows.len());
        behind = next;
        if behind.is_none() {
            break;
        }
    }
    list.end()
}

/// Prints a list for people, part by part; where more is left, `count` tells how many there are, if
/// it can.
pub(super) async fn print_table<K, const N: usize>(
    extent: &Extent,
    header: [String; N],
    part: impl AsyncFn(Option<K>, usize) -> Result<Part<[String; N], K>>,
    count: impl AsyncFnOnce() -> Result<Option<u64>>,
) -> Result<()> {
    let mut length = extent.of_text();
    let mut table = terminal::LongTable::new(header);
    let mut behind = None;
    loop {
        let (rows, next) = part(behind, length.page()).await?;
        behind = next;
        length.shown(rows.len());
        // A part may be empty and not the last.
        if !rows.is_empty() || behind.is_none() && length.is_fresh() {
            terminal::print(&table.rows(rows))?;
        }
        if behind.is_none() {
            return Ok(());
        }
        if !length.wants_more() {
            length.tell_of_the_rest(count().await?);
            return Ok(());
        }
    }
}

impl Length {
    /// How many rows the next part may have.
    fn page(&self) -> usize {
        self.left.unwrap_or(PAGE).min(PAGE)
    }

    fn wants_more(&self) -> bool {
        self.left != Some(0)
    }

    /// Nothing was shown yet.
    fn is_fresh(&self) -> bool {
        self.shown == 0
    }

    fn shown(&mut self, rows: usize) {
        self.shown += rows;
        self.left = self.left.map(|left| left.saturating_sub(rows));
    }

    /// Says on stderr that more is left, and how many there are, where that is known.
    fn tell_of_the_rest(&self, total: Option<u64>) {
        let shown = self.shown as u64;
        if total.is_some_and(|total| total <= shown) {
            return;
        }
        let (shown, total) = (terminal::count(shown), total.map(terminal::count));
        terminal::tell(&match total {
            Some(total) => said!(
                "{shown} of {total} shown: --all, --limit N",
                "{shown} sur {total} affichés\u{a0}: --all, --limit N"
            ),
            None => said!(
                "{shown} shown, perhaps not all: --all, --limit N",
                "{shown} affichés, peut-être pas tous\u{a0}: --all, --limit N"
            ),
        });
    }
}
