//! The weekly report: figures of the history, read one ticket after another.

use anyhow::{Context, Result};

use super::Gateway;
use crate::desk::report::{Figures, Gathering, Homes, Period, Report};
use crate::desk::{Desk, Policy};
use crate::store::{Place, Store};

/// So many lines of the history are read at a time: nobody else waits long meanwhile.
const LINES: usize = 1_000;

impl Gateway {
    /// What a desk's managers get on Monday. A report that comes late tells of the week before it comes.
    pub(super) async fn report_of_last_week(&self, desk: &str) -> Result<Report> {
        let (desk, now) = (self.policy.desk(desk), self.time.now());
        let period = Period::last_week(now, &desk.time_zone).context("There is no week before this one")?;
        let figures = figures(&self.store, &self.policy, desk, period, |_| ()).await?;
        let of_managers = self.policy.managers_of(&desk.name).filter_map(|manager| manager.language);
        let languages: Vec<_> = of_managers.chain([*desk.languages.first()]).collect();
        let drawn = tokio::task::spawn_blocking(move || Report::new(figures, languages));
        drawn.await.context("Cannot draw the charts of a report")
    }
}

/// What a desk did in a period: all of the history is read, and `read` is told after each part how many lines that were.
pub(crate) async fn figures(
    store: &Store,
    policy: &Policy,
    desk: &Desk,
    period: Period,
    mut read: impl FnMut(usize),
) -> Result<Figures> {
    let homes = Homes::of(policy);
    let mut gathering = Gathering::new(&homes, &desk.name, desk.time_zone.clone(), period);
    let mut seen = Place::default();
    while let Some((lines, last)) =
        store.history_by_ticket(seen, LINES).await.context("Cannot read the history for a report")?
    {
        seen = last;
        lines.iter().for_each(|(ticket, happened)| gathering.take(*ticket, happened));
        read(lines.len());
        tokio::task::yield_now().await;
    }
    Ok(gathering.figures())
}
