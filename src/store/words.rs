//! Values as columns hold them.

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::desk::Audience;
use crate::mail::{Address, Language, MessageId};

/// Milliseconds since 1970, UTC.
pub(super) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

pub(super) fn instant(millis: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(millis).with_context(|| format!("{millis} is no time in milliseconds"))
}

pub(super) fn maybe_instant(millis: Option<i64>) -> Result<Option<Timestamp>> {
    millis.map(instant).transpose()
}

/// PostgreSQL refuses NUL in texts.
pub(super) fn clean(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text.to_owned() }
}

/// The word that serde writes for an enum without fields.
pub(super) fn word<T: Serialize>(value: &T) -> Result<String> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => bail!("{other} is no single word"),
    }
}

pub(super) fn from_word<T: DeserializeOwned>(word: &str) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .with_context(|| format!("The database holds the unknown word {word:?}"))
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<String> {
    Ok(clean(&serde_json::to_string(value)?))
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).context("The database holds JSON of another form")
}

/// The vendor's column beside the audience's.
pub(super) fn vendor_of(audience: &Audience) -> Option<String> {
    match audience {
        Audience::Requester | Audience::Desk => None,
        Audience::Vendor(vendor) => Some(clean(vendor)),
    }
}

pub(super) fn audience(word: &str, vendor: Option<String>) -> Result<Audience> {
    match (word, vendor) {
        ("requester", None) => Ok(Audience::Requester),
        ("desk", None) => Ok(Audience::Desk),
        ("vendor", Some(vendor)) => Ok(Audience::Vendor(vendor)),
        (word, _) => bail!("The database holds the unknown audience {word:?}"),
    }
}

pub(super) fn address(text: &str) -> Result<Address> {
    text.parse().context("The database holds a bad address")
}

pub(super) fn language(code: &str) -> Result<Language> {
    code.parse().map_err(anyhow::Error::msg).context("The database holds a bad language")
}

pub(super) fn message_id(text: Option<&str>) -> Option<MessageId> {
    text.and_then(MessageId::new)
}

pub(super) fn digest(bytes: Vec<u8>) -> Result<[u8; 32]> {
    match bytes.try_into() {
        Ok(digest) => Ok(digest),
        Err(_) => bail!("The database holds a digest of another length"),
    }
}

/// Sizes and counts fit: nothing here comes near 2⁶³.
pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
