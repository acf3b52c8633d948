//! What a folder holds: listed first, with sizes, then fetched by UID in batches.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use async_imap::imap_proto::{AttributeValue, MessageSection, Response, SectionPath};
use jiff::Timestamp;
use jiff::fmt::strtime;

use super::exchange::Session;
use super::uid_set::uid_set;
use super::{Fetched, Listed};

/// UIDs in one command. Five hundred that are no neighbours make a line of 5.5 KB; servers take 8 KB (RFC 7162 §4).
pub(super) const UIDS_PER_COMMAND: usize = 500;

impl Session {
    /// All messages whose UID is `uid` or larger, in order. It is also the cheapest way to poll.
    pub async fn list_from(&mut self, uid: u32) -> Result<Vec<Listed>> {
        self.folder.news = false;
        let mut listed = BTreeMap::new();
        self.exchange(&format!("UID FETCH {}:* (UID RFC822.SIZE INTERNALDATE FLAGS)", uid.max(1)), |response| {
            // The last message answers to `n:*` even when its UID is below n (RFC 3501 §6.4.8).
            if let Some(one) = listed_in(response).filter(|one| one.uid >= uid) {
                listed.insert(one.uid, one);
            }
        })
        .await?;
        Ok(listed.into_values().collect())
    }

    /// The messages with these UIDs, whole; `\Seen` is left as it is. One that vanished is absent, and so is one that the
    /// server shows empty, as some do with a message that they cannot read just then.
    ///
    /// They are all in memory at once: whoever asks knows their sizes from [`Session::list_from`].
    pub async fn fetch(&mut self, uids: &[u32]) -> Result<Vec<Fetched>> {
        let mut wanted: HashSet<u32> = uids.iter().copied().collect();
        let mut fetched = Vec::with_capacity(uids.len());
        for batch in uids.chunks(UIDS_PER_COMMAND) {
            self.exchange(&format!("UID FETCH {} (UID BODY.PEEK[])", uid_set(batch)), |response| {
                if let Some((uid, raw)) = whole_in(response).filter(|(uid, raw)| !raw.is_empty() && wanted.remove(uid))
                {
                    fetched.push(Fetched { uid, raw: raw.to_vec() });
                }
            })
            .await?;
        }
        Ok(fetched)
    }

    /// The beginning of a message that is too large to be fetched whole: at most `bytes_max` of its header and as many
    /// of its text. `None` if it vanished.
    pub async fn fetch_header_and_text(&mut self, uid: u32, bytes_max: u32) -> Result<Option<Vec<u8>>> {
        let (mut header, mut text) = (None, Vec::new());
        let command = format!("UID FETCH {uid} (UID BODY.PEEK[HEADER]<0.{bytes_max}> BODY.PEEK[TEXT]<0.{bytes_max}>)");
        self.exchange(&command, |response| {
            let Response::Fetch(_, attributes) = response else { return };
            for attribute in attributes {
                let AttributeValue::BodySection { section: Some(SectionPath::Full(section)), data: Some(data), .. } =
                    attribute
                else {
                    continue;
                };
                match section {
                    MessageSection::Header => header = Some(data.to_vec()),
                    MessageSection::Text => text = data.to_vec(),
                    MessageSection::Mime => {}
                }
            }
        })
        .await?;
        Ok(header.map(|mut raw| {
            raw.append(&mut text);
            raw
        }))
    }
}

fn uid_of(attributes: &[AttributeValue<'_>]) -> Option<u32> {
    attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::Uid(uid) => Some(*uid),
        _ => None,
    })
}

fn whole_in<'a>(response: &'a Response<'_>) -> Option<(u32, &'a [u8])> {
    let Response::Fetch(_, attributes) = response else { return None };
    let raw = attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::BodySection { section: None, data: Some(data), .. } => Some(&data[..]),
        _ => None,
    })?;
    Some((uid_of(attributes)?, raw))
}

fn listed_in(response: &Response<'_>) -> Option<Listed> {
    let Response::Fetch(_, attributes) = response else { return None };
    // Without a size it is somebody else's change of flags, told in passing.
    let size = attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::Rfc822Size(size) => Some(*size),
        _ => None,
    })?;
    let mut one = Listed { uid: uid_of(attributes)?, size, internal_date: None, answered: false, deleted: false };
    for attribute in attributes {
        match attribute {
            AttributeValue::InternalDate(date) => one.internal_date = parse_date_time(date),
            AttributeValue::Flags(flags) => {
                one.answered = flags.iter().any(|flag| flag.eq_ignore_ascii_case("\\Answered"));
                one.deleted = flags.iter().any(|flag| flag.eq_ignore_ascii_case("\\Deleted"));
            }
            _ => {}
        }
    }
    Some(one)
}

/// RFC 3501 §9, `date-time`.
fn parse_date_time(text: &str) -> Option<Timestamp> {
    strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?.to_timestamp().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_servers_write_them() {
        let at = |text| parse_date_time(text).map(|instant| instant.to_string());
        assert_eq!(at("17-Jul-1996 02:44:25 -0700").as_deref(), Some("1996-07-17T09:44:25Z"));
        assert_eq!(at(" 1-Jan-2026 00:00:00 +0000").as_deref(), Some("2026-01-01T00:00:00Z"));
        assert_eq!(at("soon"), None);
    }
}
