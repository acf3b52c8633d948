//! What a desk did in a stretch of time: figures that come from the history of all tickets alone, so that the report of a past
//! week says the same whenever it is made.

mod chart;
mod days;
mod figures;
mod followed;
mod gathering;
mod page;
mod period;
mod sheet;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::mail::Language;

pub use chart::{Chart, charts};
pub use figures::{Backlog, Day, Escalations, Figures, KnownFixes, Promise, Share, TeamFigures, VendorFigures, Waited};
pub use gathering::{Gathering, Homes};
pub use page::page;
pub use period::Period;
pub use sheet::sheet;
pub use words::{Row, Section, headline, sections, text};

/// A report as it is sent: the figures, and the pictures of them in each language that somebody reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The figures.
    pub figures: Figures,
    charts: BTreeMap<Language, Vec<Chart>>,
}

impl Report {
    /// Draws the pictures.
    pub fn new(figures: Figures, languages: impl IntoIterator<Item = Language>) -> Report {
        let languages: BTreeSet<Language> = languages.into_iter().collect();
        let charts = languages.into_iter().map(|language| (language, charts(&figures, language))).collect();
        Report { figures, charts }
    }

    /// The pictures in one of these languages.
    pub fn charts(&self, language: Language) -> &[Chart] {
        self.charts.get(&language).map(Vec::as_slice).unwrap_or_default()
    }
}
