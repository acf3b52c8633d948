//! What a mailbox would let us do, tried without touching a mail.

use std::collections::BTreeSet;

use anyhow::Result;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::exchange::Session;
use super::failure::Failure;
use super::folder_name::quoted;
use super::namespace::candidates;

/// Ending of the folder that is made and deleted again to see whether the folder for handled mail can be.
const SCRATCH: &str = "-guichet-check";

/// Where handled mail would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// There is such a folder, under this name.
    There {
        /// With the server's namespace and separator: `INBOX.Processed`.
        name: String,
        /// Rights that are missing for putting mail into it (RFC 4314 §2.1), where the server tells rights.
        missing: Option<String>,
    },
    /// There is none, and it can be made under this name.
    CanBeMade {
        /// With the server's namespace and separator: `INBOX.Processed`.
        name: String,
    },
    /// There is none, and it cannot be made, in the server's words.
    Impossible {
        /// Without what could harm a terminal.
        said: String,
    },
}

/// One of the limits that the folder's account has (RFC 9208 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// `STORAGE` (in KiB), `MESSAGE`, or a name of the server's own.
    pub resource: String,
    /// How much is in use, in the unit of `resource`.
    pub used: u64,
    /// How much is allowed, in the same unit.
    pub limit: u64,
}

impl Session {
    /// Whether the selected folder may only be read (RFC 3501 §7.1, `READ-ONLY`).
    pub fn is_read_only(&self) -> bool {
        self.folder.is_read_only
    }

    /// What the server can do beyond RFC 3501, of what is used here: `IDLE`, `MOVE`, `UIDPLUS`.
    pub fn extensions(&self) -> Vec<&'static str> {
        let offered = &self.capabilities;
        let named = [("IDLE", offered.idle), ("MOVE", offered.moves), ("UIDPLUS", offered.expunges_by_uid)];
        named.into_iter().filter(|(_, is_offered)| *is_offered).map(|(name, _)| name).collect()
    }

    /// Those of the rights `wanted` (RFC 4314 §2.1, a letter each) that we have not in the watched folder; `None` where
    /// the server does not tell rights.
    pub async fn missing_rights(&mut self, wanted: &str) -> Result<Option<String>, Failure> {
        let folder = self.watched();
        self.missing_in(&folder, wanted).await
    }

    async fn missing_in(&mut self, folder: &str, wanted: &str) -> Result<Option<String>, Failure> {
        if !self.capabilities.rights {
            return Ok(None);
        }
        match self.lines(&format!("MYRIGHTS {}", quoted(folder)?)).await {
            Ok(lines) => Ok(lines.iter().find_map(|line| rights_in(line)).map(|have| missing(&have, wanted))),
            Err(Failure::Refused { .. }) => Ok(None),
            Err(lost) => Err(lost),
        }
    }

    /// Looks where [`Session::file_away`] would put mail. Where the folder is missing, one of nearly that name is made and
    /// deleted again: mail that a gateway moves meanwhile goes to the real one.
    pub async fn try_destination(&mut self, folder: &str) -> Result<Destination, Failure> {
        let mut names = vec![folder.to_owned()];
        if !self.exists(folder).await? {
            let namespace = self.namespace().await?;
            names.extend(candidates(folder, &namespace));
        }
        self.try_destinations(&names).await
    }

    pub(super) async fn try_destinations(&mut self, names: &[String]) -> Result<Destination, Failure> {
        for name in names {
            if self.exists(name).await? {
                let missing = self.missing_in(name, "i").await?.filter(|missing| !missing.is_empty());
                return Ok(Destination::There { name: name.clone(), missing });
            }
        }
        let mut refusal = String::new();
        for name in names {
            let scratch = quoted(&format!("{name}{SCRATCH}"))?;
            match self.exchange(&format!("CREATE {scratch}"), |_| ()).await {
                Ok(()) => {
                    return match self.exchange(&format!("DELETE {scratch}"), |_| ()).await {
                        Ok(()) | Err(Failure::Refused { .. }) => Ok(Destination::CanBeMade { name: name.clone() }),
                        Err(lost) => Err(lost),
                    };
                }
                Err(Failure::Refused { said, .. }) if refusal.is_empty() => refusal = said,
                Err(Failure::Refused { .. }) => {}
                Err(lost) => return Err(lost),
            }
        }
        Ok(Destination::Impossible { said: refusal })
    }

    /// What limits the watched folder (RFC 9208); nothing where the server does not tell.
    pub async fn quotas(&mut self) -> Result<Vec<Quota>, Failure> {
        if !self.capabilities.quota {
            return Ok(Vec::new());
        }
        match self.lines(&format!("GETQUOTAROOT {}", quoted(&self.watched())?)).await {
            Ok(lines) => Ok(lines.iter().flat_map(|line| quotas_in(line)).collect()),
            Err(Failure::Refused { .. }) => Ok(Vec::new()),
            Err(lost) => Err(lost),
        }
    }

    /// How many messages of the selected folder came before `instant`. Searched for are the younger ones, of which there
    /// are few; days are the server's own (RFC 3501 §6.4.4), so those of two days more are looked at.
    pub async fn count_before(&mut self, instant: Timestamp) -> Result<usize> {
        let from = (instant - SignedDuration::from_hours(48)).to_zoned(TimeZone::UTC).strftime("%d-%b-%Y").to_string();
        let about: BTreeSet<u32> = self.search(&format!("SINCE {from}")).await?.into_iter().collect();
        let exists = self.folder.exists as usize;
        let Some(first) = about.first() else { return Ok(exists) };
        let listed = self.list_from(*first).await?;
        let is_younger = |at: Timestamp| at >= instant;
        let younger = listed.iter().filter(|one| about.contains(&one.uid) && one.internal_date.is_none_or(is_younger));
        Ok(exists.saturating_sub(younger.count()))
    }

    pub(super) async fn search(&mut self, keys: &str) -> Result<Vec<u32>, Failure> {
        let lines = self.lines(&format!("UID SEARCH {keys}")).await?;
        let found = lines.iter().filter_map(|line| line.strip_prefix("* SEARCH"));
        Ok(found.flat_map(|uids| uids.split_ascii_whitespace().filter_map(|uid| uid.parse().ok())).collect())
    }
}

/// `* MYRIGHTS INBOX lrswit`
fn rights_in(line: &str) -> Option<String> {
    let rest = line.strip_prefix("* MYRIGHTS ")?;
    rest.rsplit(' ').next().map(|rights| rights.trim_matches('"').to_owned())
}

/// RFC 4314 §2.1.1: old servers say `d` for what are `e`, `t` and `x` today, and `c` for `k` and `x`.
fn missing(have: &str, wanted: &str) -> String {
    let has = |right: char| {
        have.contains(right) || matches!(right, 'e' | 't') && have.contains('d') || right == 'k' && have.contains('c')
    };
    wanted.chars().filter(|right| !has(*right)).collect()
}

/// `* QUOTA "User quota" (STORAGE 90 100 MESSAGE 1 10)`
fn quotas_in(line: &str) -> Vec<Quota> {
    let Some(list) = line.strip_prefix("* QUOTA ").and_then(|rest| rest.rsplit_once('(')) else { return Vec::new() };
    let words: Vec<&str> = list.1.trim_end_matches(')').split_ascii_whitespace().collect();
    let quota = |three: &[&str]| {
        Some(Quota { resource: three[0].to_owned(), used: three[1].parse().ok()?, limit: three[2].parse().ok()? })
    };
    words.chunks_exact(3).filter_map(quota).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_and_quotas_are_read_as_servers_write_them() {
        assert_eq!(rights_in("* MYRIGHTS INBOX lrswipkxtecda").as_deref(), Some("lrswipkxtecda"));
        assert_eq!(rights_in("* MYRIGHTS \"Faits et dits\" \"lrs\"").as_deref(), Some("lrs"));
        assert_eq!((missing("lrs", "tei").as_str(), missing("lrsid", "tei").as_str()), ("tei", ""));
        let quota = |resource: &str, used, limit| Quota { resource: resource.to_owned(), used, limit };
        assert_eq!(
            quotas_in("* QUOTA \"User (quota)\" (STORAGE 95 100 MESSAGE 1 10)"),
            [quota("STORAGE", 95, 100), quota("MESSAGE", 1, 10)]
        );
        assert_eq!(quotas_in("* QUOTA \"\" ()"), []);
    }
}
