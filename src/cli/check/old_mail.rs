//! How much of what stands in the folder is older than the first day, and will be kept without an answer.

use jiff::Timestamp;

use crate::config::Config;
use crate::gateway::FIRST_DAY;
use crate::imap::Session;
use crate::said;
use crate::store::{Store, TablesMay};

/// `None` after the first start, and where the server does not tell.
pub(super) async fn of(config: &Config, session: &mut Session) -> Option<String> {
    if was_started(config).await {
        return None;
    }
    let older = session.count_before(Timestamp::now() - FIRST_DAY).await.ok()?;
    Some(match older {
        0 => said!(
            "nothing in the folder is older than a day: all of it will be answered",
            "rien dans le dossier n’a plus d’un jour\u{a0}: tout recevra une réponse"
        ),
        1 => said!(
            "1 message in the folder is older than a day: it will be kept for reference, without an answer",
            "1 message du dossier a plus d’un jour\u{a0}: il sera gardé pour référence, sans réponse"
        ),
        _ => said!(
            "{older} messages in the folder are older than a day: they will be kept for reference, without an answer",
            "{older} messages du dossier ont plus d’un jour\u{a0}: ils seront gardés pour référence, sans réponse"
        ),
    })
}

async fn was_started(config: &Config) -> bool {
    if config.store_file().is_some_and(|file| !file.exists()) {
        return false;
    }
    let Ok(store) = Store::open_where(&config.store, TablesMay::StayAsTheyAre).await else { return false };
    let was_started = store.was_started().await;
    store.close().await;
    was_started.unwrap_or(false)
}
