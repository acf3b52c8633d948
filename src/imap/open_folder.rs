//! Opens folders: the watched one, and others to read alone.

use anyhow::Result;

use super::Selected;
use super::exchange::{Folder, Session};
use super::failure::Failure;
use super::folder_name::quoted;
use super::namespace::candidates;
use crate::net::{Obstacle, What};

impl Session {
    /// Opens the watched folder.
    pub async fn select(&mut self) -> Result<Selected, Failure> {
        self.folder = Folder::default();
        let folder = self.watched();
        let server = self.settings.server();
        let barred = |what| Failure::from(Obstacle::new(&server, what));
        let command = format!("SELECT {}", quoted(&folder)?);
        match self.exchange(&command, |_| ()).await {
            Err(Failure::Refused { said, .. }) => return Err(barred(unopened(folder, said))),
            selected => selected?,
        }
        self.folder.news = false;
        let Some(uid_validity) = self.folder.uid_validity else { return Err(barred(What::NoUidValidity(folder))) };
        Ok(Selected { uid_validity, uid_next: self.folder.uid_next, exists: self.folder.exists })
    }

    /// Opens another folder instead, to read alone; where the server has people's folders, if it is not where it was
    /// written. `None` where there is no such folder.
    pub async fn examine(&mut self, folder: &str) -> Result<Option<Selected>> {
        let mut names = vec![folder.to_owned()];
        loop {
            let Some(name) = names.first().cloned() else { return Ok(None) };
            self.folder = Folder::default();
            let command = format!("EXAMINE {}", quoted(&name)?);
            match self.exchange(&command, |_| ()).await {
                Ok(()) => break,
                Err(Failure::Refused { .. }) if name == folder => {
                    names = candidates(folder, &self.namespace().await?);
                }
                Err(Failure::Refused { .. }) => drop(names.remove(0)),
                Err(lost) => return Err(lost.into()),
            }
        }
        let uid_validity = self.folder.uid_validity.unwrap_or(0);
        Ok(Some(Selected { uid_validity, uid_next: self.folder.uid_next, exists: self.folder.exists }))
    }
}

/// What a refused SELECT means (RFC 5530 §3).
fn unopened(folder: String, said: String) -> What {
    let upper = said.to_ascii_uppercase();
    let has = |code: &str| upper.contains(code);
    if has("[INUSE]") {
        What::InUse(said)
    } else if ["[UNAVAILABLE]", "[SERVERBUG]", "[LIMIT]", "[CORRUPTION]"].into_iter().any(has) {
        What::FolderPutOff(folder, said)
    } else {
        What::NoFolder(folder, said)
    }
}
