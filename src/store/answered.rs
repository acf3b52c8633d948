//! What requesters said of known fixes, counted from the histories up to a place and from there on: what is committed stays, and
//! later commits stand behind it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

use super::database::Connection;
use super::statement::fetch;
use crate::desk::Event;
use crate::known_fix::Outcomes;

/// Its condition repeats that of a partial index word for word, or the index would not be used.
const ANSWERED: &str = "select detail, count(*), max(position) from history \
    where event in ('known_fix_confirmed', 'known_fix_refused') and position > $1 group by detail";

/// Outcomes up to a place in the history.
#[derive(Debug)]
pub(super) struct Answered {
    up_to: i64,
    outcomes: HashMap<String, Outcomes>,
}

impl Default for Answered {
    fn default() -> Answered {
        Answered { up_to: i64::MIN, outcomes: HashMap::new() }
    }
}

impl Answered {
    /// With what was said since.
    pub(super) async fn now(
        so_far: &Mutex<Answered>,
        connection: &mut Connection<'_>,
    ) -> Result<HashMap<String, Outcomes>> {
        let up_to = so_far.lock().unwrap_or_else(PoisonError::into_inner).up_to;
        let rows = fetch!(connection, (String, i64, i64), ANSWERED, up_to);
        let last = rows.iter().map(|(.., position)| *position).fold(up_to, i64::max);
        let mut so_far = so_far.lock().unwrap_or_else(PoisonError::into_inner);
        if so_far.up_to == up_to {
            count(rows.into_iter().map(|(detail, times, _)| (detail, times)), &mut so_far.outcomes)?;
            so_far.up_to = last;
        }
        Ok(so_far.outcomes.clone())
    }
}

/// Adds events, and how often each happened.
pub(super) fn count(
    rows: impl IntoIterator<Item = (String, i64)>,
    outcomes: &mut HashMap<String, Outcomes>,
) -> Result<()> {
    for (detail, times) in rows {
        match serde_json::from_str(&detail).context("Cannot read an event")? {
            Event::KnownFixOffered { fix } => outcomes.entry(fix).or_default().offered += times,
            Event::KnownFixConfirmed { fix } => outcomes.entry(fix).or_default().solved += times,
            Event::KnownFixRefused { fix } => outcomes.entry(fix).or_default().refused += times,
            _ => {}
        }
    }
    Ok(())
}
