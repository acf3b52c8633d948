//! What became of known fixes, counted from the histories: there is no second account that could differ.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::Store;
use super::statement::fetch;
use crate::desk::Event;
use crate::known_fix::Outcomes;

const OUTCOMES: &str = "select detail, count(*) from history \
    where event in ('known_fix_offered', 'known_fix_confirmed', 'known_fix_refused') group by detail";

impl Store {
    /// Of every article that was ever offered, by its id.
    pub async fn known_fix_outcomes(&self) -> Result<BTreeMap<String, Outcomes>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (String, i64), OUTCOMES);
        let mut counts: BTreeMap<String, Outcomes> = BTreeMap::new();
        for (detail, count) in rows {
            match serde_json::from_str(&detail).context("Cannot read an event")? {
                Event::KnownFixOffered { fix } => counts.entry(fix).or_default().offered += count,
                Event::KnownFixConfirmed { fix } => counts.entry(fix).or_default().solved += count,
                Event::KnownFixRefused { fix } => counts.entry(fix).or_default().refused += count,
                _ => {}
            }
        }
        Ok(counts)
    }
}
