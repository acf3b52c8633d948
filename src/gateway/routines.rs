//! What is done regularly and belongs to no ticket. The store says when each is next due: a gateway that does it says so in the
//! same commit, and none of the others does it again. What was missed is done once.

use anyhow::Result;
use jiff::Timestamp;

use super::Gateway;
use crate::desk::{Occasion, Routine, RoutineDue};
use crate::store::Tx;

impl Gateway {
    /// Does what is due of routines.
    pub(super) async fn do_routines(&self) -> Result<()> {
        let routines = Routine::all(&self.policy);
        if routines.is_empty() {
            return Ok(());
        }
        let (now, known) = (self.time.now(), self.store.routines().await?);
        for routine in routines {
            let (name, next) = (routine.name(), routine.next(&self.policy, now));
            let Some(next) = next else { continue };
            match known.get(&name).copied() {
                Some(due_at) if due_at <= now => self.do_routine(&routine, due_at, next).await?,
                Some(due_at) if routine.holds(&self.policy, due_at, now) => {}
                other => {
                    let mut tx = self.store.begin().await?;
                    tx.turn_routine(&name, other, next).await?;
                    tx.commit().await?;
                }
            }
        }
        Ok(())
    }

    async fn do_routine(&self, routine: &Routine, due_at: Timestamp, next: Timestamp) -> Result<()> {
        // A report reads all of the history: no transaction waits for that.
        let report = match routine {
            Routine::WeeklyReport { desk } => Some(self.report_of_last_week(desk).await?),
            Routine::Worklist { .. } => None,
        };
        let mut tx = self.store.begin().await?;
        if !tx.turn_routine(&routine.name(), Some(due_at), next).await? {
            return Ok(());
        }
        match (routine, &report) {
            (Routine::Worklist { desk }, _) => {
                let tickets = tx.owned_tickets(desk).await?;
                self.decide_routine(tx, RoutineDue::Worklist { desk, due_at, tickets: &tickets }).await
            }
            (Routine::WeeklyReport { desk }, Some(report)) => {
                self.decide_routine(tx, RoutineDue::WeeklyReport { desk, due_at, report }).await
            }
            (Routine::WeeklyReport { .. }, None) => Ok(()),
        }
    }

    async fn decide_routine(&self, tx: Tx, due: RoutineDue<'_>) -> Result<()> {
        let occasion = Occasion::Routine(due);
        let mut sitting = self.sit(tx, &[occasion], self.time.now()).await?;
        let finished = sitting.decide(&occasion)?;
        sitting.commit(std::slice::from_ref(&finished)).await
    }

    /// When a routine is next due.
    pub(super) async fn next_routine(&self) -> Result<Option<Timestamp>> {
        let routines = Routine::all(&self.policy);
        if routines.is_empty() {
            return Ok(None);
        }
        let known = self.store.routines().await?;
        Ok(routines.iter().filter_map(|routine| known.get(&routine.name()).copied()).min())
    }
}
