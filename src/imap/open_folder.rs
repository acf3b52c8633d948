//! Opens folders: the watched one, and others to read alone.

use anyhow::Result;

use super::exchange::{Folder, Session};
use super::failure::Failure;
use super::folder_name::quoted;
use super::namespace::candidates;
use super::{Numbers, Selected, Which};
use crate::net::{Obstacle, What};

impl Session {
    /// Opens the watched folder; where the server has people's folders, if it is not where it was written.
    pub async fn select(&mut self) -> Result<Selected, Failure> {
        let folder = self.watched();
        let server = self.settings.server();
        let barred = |what| Failure::from(Obstacle::new(&server, what));
        match self.open("SELECT", &folder).await {
            Ok(name) => self.settings.folder = Which::Named(name),
            Err(Failure::Refused { said, .. }) => return Err(barred(unopened(folder, said))),
            Err(failure) => return Err(failure),
        }
        self.folder.news = false;
        let Some(uid_validity) = self.folder.uid_validity else { return Err(barred(What::NoUidValidity(folder))) };
        if self.folder.uid_next.is_none() {
            self.folder.uid_next = self.ask_uid_next().await?;
        }
        Ok(Selected { uid_validity, uid_next: self.folder.uid_next, exists: self.folder.exists })
    }

    /// Opens another folder instead, to read alone; where the server has people's folders, if it is not where it was
    /// written. `None` where there is no such folder.
    pub async fn examine(&mut self, folder: &str) -> Result<Option<Selected>> {
        match self.open("EXAMINE", folder).await {
            Ok(_) => {}
            Err(Failure::Refused { .. }) => return Ok(None),
            Err(failure) => return Err(failure.into()),
        }
        let uid_validity = self.folder.uid_validity.unwrap_or(0);
        Ok(Some(Selected { uid_validity, uid_next: self.folder.uid_next, exists: self.folder.exists }))
    }

    /// The name under which it is there.
    async fn open(&mut self, verb: &str, folder: &str) -> Result<String, Failure> {
        let refusal = match self.open_named(verb, folder).await {
            Err(refusal @ Failure::Refused { .. }) if !refusal.is_put_off() => refusal,
            ended => return ended.map(|()| folder.to_owned()),
        };
        // One that is there and may not be opened has no namesake elsewhere.
        if folder.eq_ignore_ascii_case("INBOX") || self.exists(folder).await? {
            return Err(refusal);
        }
        for name in candidates(folder, &self.namespace().await?) {
            match self.open_named(verb, &name).await {
                Err(Failure::Refused { .. }) => {}
                ended => return ended.map(|()| name),
            }
        }
        Err(refusal)
    }

    pub(super) async fn open_named(&mut self, verb: &str, name: &str) -> Result<(), Failure> {
        self.folder = Folder::default();
        self.exchange(&format!("{verb} {}", quoted(name)?), |_| ()).await
    }

    /// Looks at another folder without opening it (RFC 3501 §6.3.10); its name as the server has it. `None` where the server does not
    /// tell.
    pub async fn look_at(&mut self, folder: &str) -> Result<Option<Numbers>, Failure> {
        let command = format!("STATUS {} (UIDNEXT UIDVALIDITY)", quoted(folder)?);
        match self.lines(&command).await {
            Ok(lines) => Ok(lines.iter().find_map(|line| {
                Some(Numbers { uid_validity: item_in(line, "UIDVALIDITY")?, uid_next: item_in(line, "UIDNEXT")? })
            })),
            Err(Failure::Refused { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Not every server tells it when the folder is opened (Courier; RFC 3501 §6.3.1).
    async fn ask_uid_next(&mut self) -> Result<Option<u32>, Failure> {
        let command = format!("STATUS {} (UIDNEXT)", quoted(&self.watched())?);
        match self.lines(&command).await {
            Ok(lines) => Ok(lines.iter().find_map(|line| item_in(line, "UIDNEXT"))),
            Err(Failure::Refused { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

/// `* STATUS "INBOX" (MESSAGES 7 UIDNEXT 8)`
pub(super) fn item_in(line: &str, name: &str) -> Option<u32> {
    let items = line.strip_prefix("* STATUS ")?.rsplit_once('(')?.1.trim_end_matches(')');
    let mut words = items.split_ascii_whitespace().skip_while(|word| !word.eq_ignore_ascii_case(name));
    words.nth(1)?.parse().ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_folder_are_read_as_servers_write_them() {
        let numbers = |line| (item_in(line, "UIDNEXT"), item_in(line, "UIDVALIDITY"));
        assert_eq!(
            numbers("* STATUS \"INBOX\" (MESSAGES 7 UIDNEXT 8 UIDVALIDITY 795961988)"),
            (Some(8), Some(795961988))
        );
        assert_eq!(numbers("* STATUS (UIDNEXT) (uidnext 9)"), (Some(9), None));
        assert_eq!(numbers("* STATUS INBOX (MESSAGES 7)"), (None, None));
    }
}
