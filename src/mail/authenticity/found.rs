//! What name servers say of a mail, as it is kept.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::domain::{self, cut};

/// The client of an SMTP session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// What it called itself.
    pub helo: String,
}

/// What was found of one mail. Names and texts of others are cut to a bounded length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The DKIM signatures that were looked at: those of the author's organisation first, then the topmost.
    pub signatures: Vec<Signature>,
    /// `None` where nothing proves who handed the mail in, or the envelope sender is not known.
    pub spf: Option<Spf>,
    /// `None` where it was not looked for.
    pub dmarc: Option<Dmarc>,
    /// ARC sets (RFC 8617), oldest first.
    pub seals: Vec<Seal>,
    /// Whether they hold, looked at where the newest sealer counts.
    pub chain: Option<Checked>,
    /// The mail was too large to be taken in whole: no signature could be looked at.
    pub is_cut: bool,
}

impl Found {
    /// The domains of signatures that hold and of an envelope sender whose server handed the mail in.
    pub(super) fn vouched(&self) -> Vec<String> {
        let signers = self.signatures.iter().filter(|one| one.vouches()).map(|signature| &signature.domain);
        let sender = self.spf.iter().filter(|spf| spf.result == Checked::Pass).map(|spf| &spf.domain);
        signers.chain(sender).map(|name| domain::of(name)).collect()
    }
}

/// One DKIM signature (RFC 6376).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Who signed (`d=`).
    pub domain: String,
    /// By which key (`s=`).
    pub selector: String,
    /// `rsa-sha256`, `ed25519-sha256` or `rsa-sha1`.
    pub algorithm: String,
    /// Whether it holds.
    pub result: Checked,
    /// What is wrong, in the words of the program that looked.
    pub why: Option<String>,
    /// Why it vouches for nobody even where it holds.
    pub weakness: Option<Weakness>,
}

/// Results with the words that RFC 8601 §2.7 has for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Checked {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// SPF: probably not (`~`).
    SoftFail,
    /// Neither.
    Neutral,
    /// There is nothing to hold.
    None,
    /// Name servers did not answer, or not well: nobody knows.
    TempError,
    /// What was published or written makes no sense.
    PermError,
}

impl Checked {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Checked::Pass => "pass",
            Checked::Fail => "fail",
            Checked::SoftFail => "softfail",
            Checked::Neutral => "neutral",
            Checked::None => "none",
            Checked::TempError => "temperror",
            Checked::PermError => "permerror",
        }
    }
}

/// Why a signature vouches for nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weakness {
    /// rsa-sha1 (RFC 8301 §3.1).
    OldAlgorithm,
    /// An RSA key of less than 1024 bits (RFC 8301 §3.2).
    ShortKey,
    /// `l=` leaves the end of the text unsigned (RFC 6376 §8.2).
    UnsignedText,
    /// `h=` does not name From (RFC 6376 §5.4).
    UnsignedAuthor,
    /// A field that stands once in a good mail is there more often than `h=` names it (RFC 6376 §5.4.2, §8.15): what is read may
    /// be the one that nobody signed.
    UnsignedField,
    /// The header can be read in two ways: what was signed may not be what is read.
    UnclearHeader,
    /// The domain is trying the key out (`t=y`, RFC 6376 §3.6.1).
    TestedKey,
    /// The key is for something else than mail, or not for this hash (`s=`, `h=`, RFC 6376 §3.6.1).
    OtherKey,
}

impl Weakness {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Weakness::OldAlgorithm => "old_algorithm",
            Weakness::ShortKey => "short_key",
            Weakness::UnsignedText => "unsigned_text",
            Weakness::UnsignedAuthor => "unsigned_author",
            Weakness::UnsignedField => "unsigned_field",
            Weakness::UnclearHeader => "unclear_header",
            Weakness::TestedKey => "tested_key",
            Weakness::OtherKey => "other_key",
        }
    }
}

/// What SPF says of whoever handed the mail in (RFC 7208).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spf {
    /// Whose record: the domain of the envelope sender, or of an empty one the name in HELO.
    pub domain: String,
    /// The client's address.
    pub client: String,
    /// What it says of that client.
    pub result: Checked,
}

/// What DMARC says of the author (RFC 9989).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dmarc {
    /// The author's domain.
    pub domain: String,
    /// Whether an aligned signature or SPF passes; `none` where there is no record.
    pub result: Checked,
    /// The record that applies.
    pub record: Option<DmarcRecord>,
}

/// A DMARC record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DmarcRecord {
    /// Where it was found: the author's domain, or one above it.
    pub at: String,
    /// What it asks for: `none`, `quarantine` or `reject`, whichever of p, sp, np and t applies.
    pub policy: String,
    /// The signing domain must be the author's own.
    pub strict_dkim: bool,
    /// The envelope sender's domain must be the author's own.
    pub strict_spf: bool,
}

/// One ARC set (RFC 8617).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Who sealed (`d=` of ARC-Seal).
    pub sealer: String,
    /// What the sealer had found: ARC-Authentication-Results behind its `i=`; `None` where it is longer than any should be.
    pub results: Option<String>,
}

impl Signature {
    /// Whether it holds, and is strong enough to mean something.
    pub fn vouches(&self) -> bool {
        self.result == Checked::Pass && self.weakness.is_none()
    }
}

impl Seal {
    /// A seal of this signer, with what stands in its ARC-Authentication-Results field, unfolded: `i=1; mx.list.test; …`.
    pub fn new(sealer: &str, field: &str) -> Seal {
        /// No honest sealer writes as much.
        const RESULTS_MAX: usize = 4_096;
        let results = field.split_once(';').map(|(_, results)| results.trim());
        let results = results.filter(|results| results.len() <= RESULTS_MAX).map(str::to_owned);
        Seal { sealer: cut(sealer), results }
    }
}

/// What could not be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Name servers did not answer in time, or not well.
    Answer,
    /// The mail was too large to be taken in whole, so that no signature could be checked.
    Text,
    /// No Received of the border tells who handed it in, so that there is no SPF.
    Client,
}
