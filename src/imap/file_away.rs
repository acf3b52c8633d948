//! Handled mail leaves the watched folder.

use anyhow::Result;

use super::exchange::{Failure, Session};
use super::fetch::UIDS_PER_COMMAND;
use super::folder_name::quoted;
use super::uid_set::uid_set;

impl Session {
    /// Moves the messages with these UIDs to `folder` (UTF-8), which is created when it is missing. May be repeated;
    /// a UID that is gone is no error.
    ///
    /// A server without MOVE (RFC 6851) is told to copy, mark and expunge these messages alone. Where it cannot do the
    /// last (UIDPLUS, RFC 4315), they stay, marked `\Deleted`: an EXPUNGE would take other people's deleted mail along.
    pub async fn file_away(&mut self, uids: &[u32], folder: &str) -> Result<()> {
        let folder = quoted(folder)?;
        for batch in uids.chunks(UIDS_PER_COMMAND) {
            let set = uid_set(batch);
            if self.capabilities.moves {
                self.exchange_into(&folder, &format!("UID MOVE {set} {folder}")).await?;
                continue;
            }
            self.exchange_into(&folder, &format!("UID COPY {set} {folder}")).await?;
            self.exchange(&format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)"), |_| ()).await?;
            if self.capabilities.expunges_by_uid {
                self.exchange(&format!("UID EXPUNGE {set}"), |_| ()).await?;
            }
        }
        Ok(())
    }

    /// Not every server says `[TRYCREATE]` where the folder is missing, so any refusal is answered by creating it.
    /// Where that is refused too, the folder was not what the first refusal was about.
    async fn exchange_into(&mut self, folder: &str, command: &str) -> Result<(), Failure> {
        let refusal = match self.exchange(command, |_| ()).await {
            Err(refusal @ Failure::Refused { .. }) => refusal,
            other => return other,
        };
        match self.exchange(&format!("CREATE {folder}"), |_| ()).await {
            Ok(()) => tracing::info!(mailbox = self.settings.name, "Created the folder {folder}"),
            Err(Failure::Refused { .. }) => return Err(refusal),
            Err(lost) => return Err(lost),
        }
        match self.exchange(&format!("SUBSCRIBE {folder}"), |_| ()).await {
            // Mail clients then show it; a server that has no subscriptions shows it anyway.
            Ok(()) | Err(Failure::Refused { .. }) => self.exchange(command, |_| ()).await,
            Err(lost) => Err(lost),
        }
    }
}
