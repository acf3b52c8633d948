//! The bytes of mails.

use anyhow::Result;
use zstd::bulk::Decompressor;

use super::database::Connection;
use super::intake::unpack;
use super::statement::fetch;
use super::words::unsigned;
use super::{Store, Tx};
use crate::desk::LedgerId;
use crate::mail::{self, InboundMail, TakenInPart};

const RAW: &str = "select raw_mail.zstd, ledger.size, ledger.uid, ledger.raw_sha256 from raw_mail join ledger on ledger.id = \
    raw_mail.ledger where raw_mail.ledger = $1";

/// The bytes of a mail, as far as they were taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMail {
    /// As the mailbox's server, or whoever handed it over, gave them.
    pub bytes: Vec<u8>,
    /// How much there was, where these are the beginning alone.
    pub part: Option<TakenInPart>,
}

impl RawMail {
    /// What it says.
    pub fn parse(&self) -> InboundMail {
        let mail = mail::parse(&self.bytes);
        match self.part {
            Some(part) => mail.taken_in_part(part),
            None => mail,
        }
    }
}

impl Store {
    /// The bytes of a mail; `None` where it is unknown or was erased.
    pub async fn raw(&self, ledger: LedgerId) -> Result<Option<RawMail>> {
        let mut held = self.read().await?;
        raw(&mut held.connection(), ledger).await
    }
}

impl Tx {
    /// As [`Store::raw`], within this commit.
    pub async fn raw(&mut self, ledger: LedgerId) -> Result<Option<RawMail>> {
        raw(&mut self.connection(), ledger).await
    }
}

type RawRow = (Vec<u8>, i64, Option<i64>, Option<Vec<u8>>);

async fn raw(connection: &mut Connection<'_>, ledger: LedgerId) -> Result<Option<RawMail>> {
    let rows: Vec<RawRow> = fetch!(connection, RawRow, RAW, ledger.0);
    let Some((packed, size, uid, sha256)) = rows.into_iter().next() else { return Ok(None) };
    let part = TakenInPart { whole_size: unsigned(size), is_in_mailbox: uid.is_some() };
    let bytes = unpack(&mut Decompressor::new()?, &packed)?;
    Ok(Some(RawMail { bytes, part: sha256.is_none().then_some(part) }))
}
