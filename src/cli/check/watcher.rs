//! What the watcher of a mailbox last told the store: mail that does not come, and mail that cannot be moved.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;

use super::{Fault, Finding, LIMIT};
use crate::config::Config;
use crate::gateway::Watched;
use crate::imap::Session;
use crate::said;
use crate::store::{MailboxStatus, Store, TablesMay};

/// A message that has not been taken in for so long does not come.
const TAKEN_IN_WITHIN: SignedDuration = SignedDuration::from_secs(10);

/// What is wrong with the folder, or that nothing is. `None` where nothing was served yet, or the store cannot be read,
/// which is told elsewhere.
pub(super) async fn of(config: &Config, mailbox: &Watched) -> Option<Finding> {
    if config.store_file().is_some_and(|file| !file.exists()) {
        return None;
    }
    let (told, set_aside) = timeout(LIMIT, known(config, mailbox)).await.ok()?.ok()?;
    Some(judged(&told?, &set_aside, Timestamp::now()))
}

/// What the watcher told, and the UIDs of mails that were set aside and still stand in the folder.
async fn known(config: &Config, mailbox: &Watched) -> Result<(Option<MailboxStatus>, Vec<u32>)> {
    let store = Store::open_where(&config.store, TablesMay::StayAsTheyAre).await?;
    let name = &mailbox.imap.name;
    let told = store.status().await?.mailboxes.into_iter().find(|told| told.name == *name);
    let mut set_aside = Vec::new();
    if let Some(uid_validity) = told.as_ref().and_then(|told| told.uid_validity) {
        set_aside.extend(store.unreadable(name, uid_validity, Timestamp::now()).await?.iter().map(|one| one.uid));
    }
    store.close().await;
    if !set_aside.is_empty() {
        let mut session = Session::connect(&mailbox.imap).await?;
        session.find_watched().await?;
        session.select().await?;
        let there = session.list_names_from(1).await?;
        set_aside.retain(|uid| there.iter().any(|one| one.uid == *uid));
        session.logout().await;
    }
    Ok((told, set_aside))
}

fn judged(told: &MailboxStatus, set_aside: &[u32], now: Timestamp) -> Finding {
    let overdue = told.waiting_since.is_some_and(|since| now.duration_since(since) > TAKEN_IN_WITHIN);
    let uids = |uids: &[u32]| uids.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let mut problems = Vec::new();
    let mut remedies = Vec::new();
    if !set_aside.is_empty() {
        problems.push(said!(
            "its server does not give out the messages with UID {}",
            "son serveur ne donne pas les messages dont l’UID est {}",
            uids(set_aside)
        ));
        remedies.push(said!(
            "Mend them on the mail server, or move them elsewhere; `guichet ledger retry` asks for them again.",
            "Réparez-les sur le serveur de courriel, ou déplacez-les; `guichet ledger retry` les redemande."
        ));
    }
    if overdue {
        problems.push(said!(
            "messages in the folder that are not taken in: {}",
            "messages du dossier qui ne sont pas pris\u{a0}: {}",
            told.waiting
        ));
        remedies.push(said!(
            "Look whether `guichet serve` runs, and what its log says.",
            "Vérifiez si `guichet serve` fonctionne, et ce que dit son journal."
        ));
    }
    problems.extend(told.trouble.clone());
    if problems.is_empty() {
        return Ok(said!("all of it is taken in", "tout est pris"));
    }
    Err(Fault { problem: problems.join("\n"), remedy: remedies.join("\n") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_come_and_what_cannot_be_moved_is_told() {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
        let well = MailboxStatus {
            name: "support".to_owned(),
            state: "watching".to_owned(),
            last_exchange: None,
            uid_validity: Some(1),
            waiting: 0,
            waiting_since: None,
            trouble: None,
            uid_next: None,
            unseen: 0,
        };
        assert!(judged(&well, &[], now).is_ok());
        let arriving = MailboxStatus { waiting: 2, waiting_since: Some(now), ..well.clone() };
        assert!(judged(&arriving, &[], now).is_ok());
        let problem = |told: &MailboxStatus, set_aside: &[u32]| judged(told, set_aside, now).err().unwrap().problem;
        assert!(problem(&well, &[4, 7]).contains("UID 4, 7"));
        let stuck = MailboxStatus { waiting_since: Some(Timestamp::UNIX_EPOCH), ..arriving };
        assert!(problem(&stuck, &[]).contains("not taken in: 2"));
        let full = MailboxStatus { trouble: Some("no room".to_owned()), ..well };
        assert!(problem(&full, &[]).contains("no room"));
    }
}
