//! What a folder holds: listed first, with sizes, then fetched by UID in batches.
//!
//! A server may be unable to give out one message (a damaged file, a bug of its own): what it did give out counts, and
//! the caller asks again for less.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use async_imap::imap_proto::{AttributeValue, MessageSection, Response, SectionPath};
use jiff::Timestamp;
use jiff::fmt::strtime;

use super::exchange::Session;
use super::failure::Failure;
use super::uid_set::uid_set;
use super::{Fetched, Given, Listed};

/// UIDs in one command. Five hundred that are no neighbours make a line of 5.5 KB; servers take 8 KB (RFC 7162 §4).
pub(super) const UIDS_PER_COMMAND: usize = 500;

impl Session {
    /// All messages whose UID is `uid` or larger, in order. It is also the cheapest way to poll.
    ///
    /// A server that cannot measure each of them is asked for less: then `size` or `internal_date` is `None`.
    pub async fn list_from(&mut self, uid: u32) -> Result<Vec<Listed>> {
        self.folder.news = false;
        let mut listed = BTreeMap::new();
        for items in ["UID RFC822.SIZE INTERNALDATE FLAGS", "UID INTERNALDATE FLAGS", "UID FLAGS"] {
            match self.list(uid, items, &mut listed).await {
                Err(Failure::Refused { .. }) if items != "UID FLAGS" => {}
                ended => return Ok(ended.map(|()| listed.into_values().collect())?),
            }
        }
        Ok(Vec::new())
    }

    /// The same for a server that breaks off when it has to measure some message: sizes and dates are not asked for.
    pub async fn list_names_from(&mut self, uid: u32) -> Result<Vec<Listed>> {
        self.folder.news = false;
        let mut listed = BTreeMap::new();
        self.list(uid, "UID FLAGS", &mut listed).await?;
        Ok(listed.into_values().collect())
    }

    /// One message, as [`Session::list_from`] lists it. `None` if it vanished.
    pub async fn measure(&mut self, uid: u32) -> Result<Option<Listed>, Failure> {
        let mut one = None;
        self.exchange(&format!("UID FETCH {uid} (UID RFC822.SIZE INTERNALDATE FLAGS)"), |response| {
            one = listed_in(response).filter(|listed| listed.uid == uid && listed.size.is_some()).or(one);
        })
        .await?;
        Ok(one)
    }

    async fn list(&mut self, uid: u32, items: &str, listed: &mut BTreeMap<u32, Listed>) -> Result<(), Failure> {
        self.exchange(&format!("UID FETCH {}:* ({items})", uid.max(1)), |response| {
            // The last message answers to `n:*` even when its UID is below n (RFC 3501 §6.4.8). Without the size that was
            // asked for it is somebody else's change of flags, told in passing.
            let told = |one: &Listed| one.uid >= uid && (one.size.is_some() || !items.contains("RFC822.SIZE"));
            if let Some(one) = listed_in(response).filter(told) {
                let known = listed.entry(one.uid).or_insert(one);
                if known.size.is_none() && known.internal_date.is_none() {
                    *known = one;
                }
            }
        })
        .await
    }

    /// The messages with these UIDs, whole; `\Seen` is left as it is. One that vanished is absent, and so is one that the
    /// server shows empty, as some do with a message that they cannot read just then.
    ///
    /// They are all in memory at once: whoever asks knows their sizes from [`Session::list_from`].
    pub async fn fetch(&mut self, uids: &[u32]) -> Given {
        let mut wanted: HashSet<u32> = uids.iter().copied().collect();
        let mut given = Given { mails: Vec::with_capacity(uids.len()), ended: Ok(()) };
        for batch in uids.chunks(UIDS_PER_COMMAND) {
            let command = format!("UID FETCH {} (UID BODY.PEEK[])", uid_set(batch));
            let ended = self.exchange(&command, |response| {
                if let Some((uid, raw)) = whole_in(response).filter(|(uid, raw)| !raw.is_empty() && wanted.remove(uid))
                {
                    given.mails.push(Fetched { uid, raw: raw.into() });
                }
            });
            given.ended = ended.await;
            if given.ended.is_err() {
                break;
            }
        }
        given
    }

    /// The fields that tell whose letters these messages are: Message-ID, Reply-To, Return-Path, X-Guichet-Loop. One that has none of
    /// them is an empty header; one that vanished is absent.
    pub async fn fetch_names(&mut self, first: u32, last: u32) -> Result<Vec<Vec<u8>>, Failure> {
        let mut headers = Vec::new();
        let fields = "MESSAGE-ID REPLY-TO RETURN-PATH X-GUICHET-LOOP";
        let command = format!("UID FETCH {first}:{last} (UID BODY.PEEK[HEADER.FIELDS ({fields})])");
        self.exchange(&command, |response| {
            let Response::Fetch(_, attributes) = response else { return };
            headers.extend(attributes.iter().find_map(|attribute| match attribute {
                AttributeValue::BodySection {
                    section: Some(SectionPath::Full(MessageSection::Header)),
                    data: Some(data),
                    ..
                } => Some(data.to_vec()),
                _ => None,
            }));
        })
        .await?;
        Ok(headers)
    }

    /// The beginning of a message that is too large to be fetched whole: at most `bytes_max` of its header and as many
    /// of its text, and whether that is all of it. `None` if it vanished.
    pub async fn fetch_header_and_text(
        &mut self,
        uid: u32,
        bytes_max: u32,
    ) -> Result<Option<(Vec<u8>, bool)>, Failure> {
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
        let is_all = |part: &Vec<u8>| part.len() < bytes_max as usize;
        Ok(header.map(|mut raw| {
            let is_whole = is_all(&raw) && is_all(&text);
            raw.append(&mut text);
            (raw, is_whole)
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
    let uid = uid_of(attributes)?;
    let mut one = Listed { uid, size: None, internal_date: None, answered: false, deleted: false };
    for attribute in attributes {
        match attribute {
            AttributeValue::Rfc822Size(size) => one.size = Some(*size),
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
