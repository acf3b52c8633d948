//! Ids that are known before their rows are written: a row that a statement returns costs more than one that it writes.

use std::ops::Range;

use anyhow::{Result, bail};

use super::database::Connection;
use super::statement::fetch;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counter {
    /// Persons and their addresses, by one count.
    Contact,
    /// Places in the order of all that happened.
    History,
    Ledger,
    Letter,
}

/// Until the commit nobody else gets ids of this counter.
const TAKE: &str = "update counter set next = next + $1 where name = $2 returning next";

/// As many ids as asked for, in the order in which they are committed.
pub(super) async fn take(connection: &mut Connection<'_>, counter: Counter, count: usize) -> Result<Range<i64>> {
    let name = match counter {
        Counter::Contact => "contact",
        Counter::History => "history",
        Counter::Ledger => "ledger",
        Counter::Letter => "letter",
    };
    let count = i64::try_from(count)?;
    match fetch!(connection, (i64,), TAKE, count, name).first() {
        Some((next,)) => Ok(next - count..*next),
        None => bail!("The database keeps no counter {name:?}"),
    }
}
