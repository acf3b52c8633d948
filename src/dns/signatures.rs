//! The signatures (RFC 6376) and seals (RFC 8617) that a mail bears.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;
use mail_auth::common::crypto::{Algorithm, HashAlgorithm};
use mail_auth::common::headers::{Header, Writable, Writer};
use mail_auth::common::verify::VerifySignature;
use mail_auth::dkim::{self, DkimError};
use mail_auth::{AuthenticatedMessage, DkimResult, Error, Parameters};

use super::resolver::{Keys, Resolver};
use crate::mail::authenticity::{self, Checked, Seal, Signature, Weakness, Witnesses, cut, is_name};
use crate::mail::only_reading;

/// Fields that a good mail has once (RFC 5322 §3.6, RFC 2045 §3): of several, a reader takes one and a signature another.
const SINGLE: [&str; 12] = [
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "content-type",
    "content-transfer-encoding",
];
/// So many signatures are looked at: those of the author's organisation, then the topmost.
const SIGNATURES_MAX: usize = 10;
/// No chain of seals is longer that counts.
const SEALS_MAX: usize = 10;
/// A name in `h=` is looked for among all fields: no signature asks for more looks.
const LOOKS_MAX: usize = 1_000_000;
/// RFC 8301 §3.2.
const KEY_BITS_MIN: usize = 1024;

/// A mail, read for what it is signed with.
pub(super) struct Signed<'m> {
    message: AuthenticatedMessage<'m>,
    /// Signatures that leave the end of the text unsigned.
    short: Vec<dkim::Signature>,
    /// How often each of the fields is there that should be there once.
    single: [usize; SINGLE.len()],
    /// Where a header ends, and what of it is a field, mail-auth reads in a way of its own. What it says counts where that can
    /// be read in no other.
    is_clear: bool,
}

/// Signatures are of the form that SMTP has, whichever a pipe gave us.
pub(super) fn with_crlf(raw: &[u8]) -> Cow<'_, [u8]> {
    let is_bare = |at: usize| at == 0 || raw[at - 1] != b'\r';
    if !memchr::memchr_iter(b'\n', raw).any(is_bare) {
        return Cow::Borrowed(raw);
    }
    let mut whole = Vec::with_capacity(raw.len() + raw.len() / 32);
    let mut start = 0;
    for at in memchr::memchr_iter(b'\n', raw) {
        whole.extend_from_slice(&raw[start..at]);
        whole.extend_from_slice(if is_bare(at) { b"\r\n" } else { b"\n" });
        start = at + 1;
    }
    whole.extend_from_slice(&raw[start..]);
    Cow::Owned(whole)
}

impl<'m> Signed<'m> {
    /// `author` is the domain of the mail's one author.
    pub(super) fn read(raw: &'m [u8], author: &str, received_at: Timestamp) -> Option<Signed<'m>> {
        // It takes no signature with `l=`: each would have a hash of the whole text made.
        let message = AuthenticatedMessage::parse(raw)?;
        let read = only_reading(raw);
        let is_clear =
            read.is_some_and(|read| read.body == message.body_offset as usize && read.fields == message.headers.len());
        let count = |name: &str| message.headers.iter().filter(|(own, _)| is_called(own, name)).count();
        let mut signed = Signed { single: SINGLE.map(count), message, short: Vec::new(), is_clear };
        let is_named = |signature: &dkim::Signature| is_name(&signature.d) && is_name(&signature.s);
        signed.message.dkim_headers.retain(|header| is_named(&header.header));
        signed.message.dkim_headers.sort_by_key(|header| !authenticity::is_aligned(&header.header.d, author));
        signed.message.dkim_headers.truncate(SIGNATURES_MAX);
        signed.read_lengths();
        let fields = signed.message.headers.len();
        let is_bounded = |names: usize| names.saturating_mul(fields) <= LOOKS_MAX;
        let now = u64::try_from(received_at.as_second()).unwrap_or_default();
        signed.message.dkim_headers.retain(|header| is_bounded(header.header.h.len()));
        for header in &mut signed.message.dkim_headers {
            let signature = &mut header.header;
            signature.x = expiry(signature.x, now);
            // Reports and third parties (RFC 6541, RFC 6651) would ask for more, and change nothing.
            signature.r = false;
            signature.atps = None;
        }
        let (messages, seals) = (&signed.message.ams_headers, &signed.message.as_headers);
        if messages.len() > SEALS_MAX
            || !messages.iter().all(|header| is_bounded(header.header.h.len()))
            || !messages.iter().all(|header| is_name(&header.header.d) && is_name(&header.header.s))
            || !seals.iter().all(|header| is_name(&header.header.d) && is_name(&header.header.s))
        {
            signed.message.ams_headers.clear();
        }
        for header in &mut signed.message.ams_headers {
            header.header.x = expiry(header.header.x, now);
        }
        Some(signed)
    }

    /// A signature whose `l=` is the whole text is as good as one without.
    fn read_lengths(&mut self) {
        let is_length = |header: &&Header<'m, Error>| header.header == Error::Dkim(DkimError::SignatureLength);
        let room = SIGNATURES_MAX - self.message.dkim_headers.len();
        let fields: Vec<_> = self.message.errors.iter().filter(is_length).take(room).cloned().collect();
        for field in fields {
            let Ok(mut signature) = dkim::Signature::parse(field.value) else { continue };
            if !is_name(&signature.d) || !is_name(&signature.s) {
                continue;
            }
            let (form, algorithm) = (signature.cb, HashAlgorithm::from(signature.a));
            let body = self.message.raw_message.get(self.message.body_offset as usize..).unwrap_or_default();
            let mut length = Length(0);
            form.canonical_body(body, 0).write(&mut length);
            if signature.l < length.0 {
                self.short.push(signature);
                continue;
            }
            signature.l = 0;
            let is_hashed = |(c, a, l, _): &(dkim::Canonicalization, HashAlgorithm, u64, Vec<u8>)| {
                (*c, *a, *l) == (form, algorithm, 0)
            };
            if !self.message.body_hashes.iter().any(is_hashed) {
                let hash = algorithm.hash(form.canonical_body(body, 0)).as_ref().to_vec();
                self.message.body_hashes.push((form, algorithm, 0, hash));
            }
            self.message.dkim_headers.push(Header::new(field.name, field.value, signature));
        }
    }

    /// The names that publish the keys of what the author's organisation signed.
    pub(super) fn own_key_names(&self, author: &str) -> BTreeSet<String> {
        let signatures = self.message.dkim_headers.iter().map(|header| &header.header);
        let own = signatures.filter(|signature| authenticity::is_aligned(&signature.d, author));
        own.map(|signature| signature.domain_key().to_lowercase()).collect()
    }

    /// The names that publish all other keys of what is looked at.
    pub(super) fn other_key_names(&self, author: &str, witnesses: &Witnesses) -> BTreeSet<String> {
        let signatures = self.message.dkim_headers.iter().map(|header| &header.header);
        let others = signatures.filter(|signature| !authenticity::is_aligned(&signature.d, author));
        let mut names: BTreeSet<String> = others.map(|signature| signature.domain_key().to_lowercase()).collect();
        if self.chain_counts(witnesses) {
            names.extend(self.message.ams_headers.last().map(|header| header.header.domain_key().to_lowercase()));
            names.extend(self.message.as_headers.iter().map(|header| header.header.domain_key().to_lowercase()));
        }
        names
    }

    pub(super) async fn signatures(&self, resolver: &Resolver, keys: &Keys) -> Vec<Signature> {
        let parameters = Parameters::new(&self.message).with_txt_cache(keys);
        let checked = resolver.authenticator.verify_dkim(parameters).await;
        let held = checked.iter().filter_map(|output| {
            let signature = output.signature()?;
            let name = signature.domain_key().to_lowercase();
            let bits = keys.get(&name).map_or(usize::MAX, |key| key.p.public_key_bits());
            let weakness = self.weakness(signature, bits).or_else(|| keys.weakness(&name));
            Some(told(signature, checked_of(output.result()), weakness))
        });
        let short =
            self.short.iter().map(|signature| told(signature, (Checked::Neutral, None), Some(Weakness::UnsignedText)));
        held.chain(short).collect()
    }

    /// The ARC sets, oldest first; none where they do not go together.
    pub(super) fn seals(&self) -> Vec<Seal> {
        if !self.has_chain() {
            return Vec::new();
        }
        let sets = self.message.as_headers.iter().zip(&self.message.aar_headers);
        sets.map(|(seal, results)| {
            let field = String::from_utf8_lossy(results.value);
            Seal::new(&seal.header.d, &field.split_whitespace().collect::<Vec<_>>().join(" "))
        })
        .collect()
    }

    /// Whether the whole chain holds, and the newest seal covers text and author as they are now.
    pub(super) async fn chain(&self, resolver: &Resolver, keys: &Keys, witnesses: &Witnesses) -> Option<Checked> {
        if !self.chain_counts(witnesses) {
            return None;
        }
        let newest = self.message.ams_headers.last()?;
        let algorithms = self.message.as_headers.iter().map(|header| header.header.a);
        if !newest.header.h.iter().any(|name| name.eq_ignore_ascii_case("from"))
            || !self.signs_all_of_single(&newest.header.h)
            || !self.is_clear
            || algorithms.chain([newest.header.a]).any(|algorithm| algorithm == Algorithm::RsaSha1)
        {
            return Some(Checked::Fail);
        }
        let parameters = Parameters::new(&self.message).with_txt_cache(keys);
        let (checked, _) = checked_of(resolver.authenticator.verify_arc(parameters).await.result());
        Some(checked)
    }

    fn weakness(&self, signature: &dkim::Signature, key_bits: usize) -> Option<Weakness> {
        if signature.a == Algorithm::RsaSha1 {
            Some(Weakness::OldAlgorithm)
        } else if key_bits < KEY_BITS_MIN {
            Some(Weakness::ShortKey)
        } else if !signature.h.iter().any(|name| name.eq_ignore_ascii_case("from")) {
            Some(Weakness::UnsignedAuthor)
        } else if !self.is_clear {
            Some(Weakness::UnclearHeader)
        } else if !self.signs_all_of_single(&signature.h) {
            Some(Weakness::UnsignedField)
        } else {
            None
        }
    }

    /// Whether of the fields that should be there once and are not each is signed.
    fn signs_all_of_single(&self, signed: &[String]) -> bool {
        let times = |name: &str| signed.iter().filter(|own| own.eq_ignore_ascii_case(name)).count();
        SINGLE.iter().zip(self.single).all(|(name, count)| count < 2 || times(name) >= count)
    }

    fn has_chain(&self) -> bool {
        let message = &self.message;
        let sets = message.as_headers.len();
        !message.has_arc_errors && sets > 0 && message.ams_headers.len() == sets && message.aar_headers.len() == sets
    }

    /// What foreign sealers wrote is not worth a question.
    fn chain_counts(&self, witnesses: &Witnesses) -> bool {
        let newest = self.message.as_headers.last();
        self.has_chain() && newest.is_some_and(|newest| witnesses.is_sealer(&newest.header.d))
    }
}

fn is_called(field: &[u8], name: &str) -> bool {
    field.trim_ascii_end().eq_ignore_ascii_case(name.as_bytes())
}

fn told(
    signature: &dkim::Signature,
    (result, why): (Checked, Option<String>),
    weakness: Option<Weakness>,
) -> Signature {
    let algorithm = match signature.a {
        Algorithm::RsaSha256 => "rsa-sha256",
        Algorithm::Ed25519Sha256 => "ed25519-sha256",
        Algorithm::RsaSha1 => "rsa-sha1",
    };
    Signature {
        domain: cut(&signature.d),
        selector: cut(&signature.s),
        algorithm: algorithm.to_owned(),
        result,
        why: why.map(|why| cut(&why)),
        weakness,
    }
}

/// Expired is what had expired when the mail came. mail-auth goes by the clock, for which this is never or long ago.
fn expiry(x: u64, received_at: u64) -> u64 {
    u64::from((1..=received_at).contains(&x))
}

/// The result, and what stands in its way.
fn checked_of(result: &DkimResult) -> (Checked, Option<String>) {
    let (checked, error) = match result {
        DkimResult::Pass => return (Checked::Pass, None),
        DkimResult::None => return (Checked::None, None),
        DkimResult::Neutral(error) => (Checked::Neutral, error),
        DkimResult::Fail(error) => (Checked::Fail, error),
        DkimResult::PermError(error) => (Checked::PermError, error),
        DkimResult::TempError(error) => (Checked::TempError, error),
    };
    (checked, Some(error.to_string()))
}

/// How much is written.
struct Length(u64);

impl Writer for Length {
    fn write(&mut self, bytes: &[u8]) {
        self.0 += bytes.len() as u64;
    }
}
