//! What `serve` needs of the store, tried.

use anyhow::Result;
use jiff::Timestamp;
use tokio::time::timeout;

use super::{Fault, Finding, LIMIT};
use crate::config::Config;
use crate::said;
use crate::store::{self, Store, Tables, TablesMay};
use crate::view;

/// Whether `serve` can work with the store; nothing of the trial stays.
pub(super) async fn of(config: &Config) -> Finding {
    let tried = timeout(LIMIT, Store::try_out(&config.store)).await.map_err(|_| silent())?;
    match tried.map_err(told)? {
        Tables::None => Ok(match config.store_file().filter(|file| !file.exists()) {
            Some(file) => said!(
                "{} will be made by the first `guichet serve`",
                "{} sera créée par le premier `guichet serve`",
                file.display()
            ),
            None => said!(
                "it can be written; the first `guichet serve` makes its tables",
                "on peut y écrire; le premier `guichet serve` crée ses tables"
            ),
        }),
        Tables::Old { missing } => Ok(said!(
            "it can be written; its tables are those of an older guichet: `guichet serve`, or `guichet migrate`, makes the changes that are missing ({missing})",
            "on peut y écrire; ses tables sont celles d’un guichet plus ancien : `guichet serve`, ou `guichet migrate`, fait les modifications qui manquent ({missing})"
        )),
        Tables::Current | Tables::Newer | Tables::Foreign { .. } => {
            timeout(LIMIT, waiting(config)).await.map_err(|_| silent())?
        }
    }
}

/// What waits in it, and whether it was put back from a copy.
async fn waiting(config: &Config) -> Finding {
    let opened: Result<_> = async {
        let store = Store::open_where(&config.store, TablesMay::StayAsTheyAre).await?;
        let status = store.status().await;
        store.close().await;
        status
    }
    .await;
    let status = opened.map_err(|error| match store::Fault::within(&error) {
        Some(fault) => told(fault.clone()),
        None => super::fault(&error, said!("Look at [store] url.", "Vérifiez [store] url.")),
    })?;
    if let Some(told) = view::Status::of(&status, &[], &[], Timestamp::now()).restored {
        let remedy = said!(
            "Look at `guichet reconcile` and at the newest tickets. This is told for a week.",
            "Voyez `guichet reconcile` et les billets les plus récents. Ceci est signalé pendant une semaine."
        );
        return Err(Fault { problem: told, remedy });
    }
    let (mails, letters) = (status.inbox_pending, status.outbox_pending);
    Ok(said!(
        "it can be written; {mails} mails wait, {letters} letters are yet to leave",
        "on peut y écrire; {mails} courriels attendent, {letters} lettres sont encore à partir"
    ))
}

fn told(fault: store::Fault) -> Fault {
    Fault { problem: fault.problem, remedy: fault.remedy }
}

fn silent() -> Fault {
    Fault {
        problem: said!("it does not answer in time", "elle ne répond pas à temps"),
        remedy: said!("Look whether the database is well.", "Vérifiez si la base de données va bien."),
    }
}
