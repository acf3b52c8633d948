//! Handled mail leaves the watched folder.

use super::exchange::Session;
use super::failure::Failure;
use super::fetch::UIDS_PER_COMMAND;
use super::folder_name::quoted;
use super::namespace;
use super::uid_set::uid_set;
use super::utf7;

/// What became of messages that were to be moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filed {
    /// They are gone from the watched folder, or marked `\Deleted` where the server cannot expunge these alone.
    Moved,
    /// They lie in the other folder, and the server does not let them be taken out of the watched one.
    Copied {
        /// The server's words.
        said: String,
    },
}

impl Session {
    /// Moves the messages with these UIDs to `folder` (UTF-8), which is created when it is missing. May be repeated;
    /// a UID that is gone is no error. Where the server keeps people's folders under a name or with a separator of its own
    /// (RFC 2342), the folder is looked for and made there.
    ///
    /// A server without MOVE (RFC 6851) is told to copy, mark and expunge these messages alone. Where it cannot do the
    /// last (UIDPLUS, RFC 4315), they stay, marked `\Deleted`: an EXPUNGE would take other people's deleted mail along.
    ///
    /// # Errors
    /// [`Failure::Refused`]: the mails stay where they are, and the session goes on.
    pub async fn file_away(&mut self, uids: &[u32], folder: &str) -> Result<Filed, Failure> {
        let mut filed = Filed::Moved;
        for batch in uids.chunks(UIDS_PER_COMMAND) {
            let set = uid_set(batch);
            let verb = if self.capabilities.moves { "UID MOVE" } else { "UID COPY" };
            self.exchange_into(folder, &format!("{verb} {set}")).await?;
            if self.capabilities.moves {
                continue;
            }
            match self.take_out(&set).await {
                Err(Failure::Refused { said, .. }) => filed = Filed::Copied { said },
                Err(Failure::Barred(obstacle)) => filed = Filed::Copied { said: obstacle.cause() },
                ended => ended?,
            }
        }
        Ok(filed)
    }

    async fn take_out(&mut self, set: &str) -> Result<(), Failure> {
        self.exchange(&format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)"), |_| ()).await?;
        if self.capabilities.expunges_by_uid {
            self.exchange(&format!("UID EXPUNGE {set}"), |_| ()).await?;
        }
        Ok(())
    }

    /// Not every server says `[TRYCREATE]` where the folder is missing, so any refusal is answered by creating it.
    /// Where that is refused too and there is no such folder, it is tried where the server has people's folders.
    async fn exchange_into(&mut self, folder: &str, command: &str) -> Result<(), Failure> {
        let known = self.located.get(folder).cloned();
        let name = known.as_deref().unwrap_or(folder);
        let refusal = match self.exchange_into_named(name, command).await {
            Err(refusal @ Failure::Refused { .. }) if known.is_none() && !refusal.is_put_off() => refusal,
            ended => return ended,
        };
        if self.exists(folder).await? {
            return Err(refusal);
        }
        let namespace = self.namespace().await?;
        for candidate in namespace::candidates(folder, &namespace) {
            match self.exchange_into_named(&candidate, command).await {
                Err(Failure::Refused { .. }) => {}
                Ok(()) => {
                    tracing::info!(mailbox = self.settings.name, "Handled mail goes to {candidate:?} on this server");
                    self.located.insert(folder.to_owned(), candidate);
                    return Ok(());
                }
                Err(lost) => return Err(lost),
            }
        }
        Err(refusal)
    }

    async fn exchange_into_named(&mut self, folder: &str, command: &str) -> Result<(), Failure> {
        let name = quoted(folder)?;
        let command = format!("{command} {name}");
        let refusal = match self.exchange(&command, |_| ()).await {
            Err(refusal @ Failure::Refused { .. }) if !refusal.is_put_off() => refusal,
            other => return other,
        };
        match self.exchange(&format!("CREATE {name}"), |_| ()).await {
            Ok(()) => tracing::info!(mailbox = self.settings.name, "Created the folder {folder:?}"),
            Err(Failure::Refused { .. }) => return Err(refusal),
            Err(lost) => return Err(lost),
        }
        match self.exchange(&format!("SUBSCRIBE {name}"), |_| ()).await {
            // Mail clients then show it; a server that has no subscriptions shows it anyway.
            Ok(()) | Err(Failure::Refused { .. }) => self.exchange(&command, |_| ()).await,
            Err(lost) => Err(lost),
        }
    }

    /// Where there is such a folder, nothing that is said of moving is about its name.
    pub(super) async fn exists(&mut self, folder: &str) -> Result<bool, Failure> {
        let wire = quoted(folder)?;
        let lines = self.lines(&format!("LIST \"\" {wire}")).await?;
        Ok(lines.iter().any(|line| {
            let listed =
                line.strip_prefix("* LIST ").filter(|rest| !rest.to_ascii_lowercase().contains("\\nonexistent"));
            listed.is_some_and(|rest| rest.ends_with(&wire) || rest.ends_with(&format!(" {}", utf7::encode(folder))))
        }))
    }
}
