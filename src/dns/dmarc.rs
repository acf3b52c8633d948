//! What the author's domain asks for (RFC 9989), and whether something that is aligned with it passes.

use futures_util::future::join_all;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::dmarc::{Alignment, Dmarc as Record, Policy, Psd};

use super::resolver::{Questions, Told, Unanswered};
use crate::mail::authenticity::{self, Checked, Dmarc, DmarcRecord, Found, cut};

/// RFC 9989 §4.10: a longer name is asked for itself, and then from so many labels on.
const LABELS_MAX: usize = 7;
/// The walk counts as one look; so many domains beside the author's are walked from.
const WALKS_MAX: usize = 5;

/// The records from a domain up to its top.
pub(super) struct Walk {
    start: String,
    /// By the domain that has it, the longest name first.
    records: Vec<(String, Record)>,
    /// A name on the way of which nobody knows.
    unanswered: Option<Unanswered>,
}

impl Walk {
    pub(super) fn unanswered(&self) -> Option<&Unanswered> {
        self.unanswered.as_ref()
    }

    fn own(&self) -> Option<&(String, Record)> {
        self.records.first().filter(|(at, _)| *at == self.start)
    }

    /// RFC 9989 §4.10.2.
    fn organisation(&self) -> String {
        for (at, record) in &self.records {
            match record.psd {
                Psd::No => return at.clone(),
                Psd::Yes if *at != self.start => return one_below(at, &self.start),
                Psd::Yes | Psd::Default => {}
            }
        }
        self.records.last().map_or_else(|| self.start.clone(), |(at, _)| at.clone())
    }
}

/// Walks the tree (RFC 9989 §4.10). All names are asked at once.
pub(super) async fn walk(questions: &Questions<'_>, domain: &str) -> Walk {
    let names = names(domain);
    let texts = join_all(names.iter().map(async |name| questions.texts(&format!("_dmarc.{name}")).await)).await;
    let mut walk = Walk { start: domain.to_owned(), records: Vec::new(), unanswered: None };
    for (name, told) in names.iter().zip(texts) {
        match told {
            Ok(Told::Records(texts)) => {
                let Some(record) = record(&texts) else { continue };
                let ends = record.psd != Psd::Default;
                walk.records.push(((*name).to_owned(), record));
                if ends {
                    break;
                }
            }
            Ok(Told::NoRecord | Told::NoName) => {}
            Err(unanswered) => {
                walk.unanswered = Some(unanswered);
                break;
            }
        }
    }
    walk
}

/// What is aligned with the author among what was found, and by whose record.
pub(super) async fn judge(questions: &Questions<'_>, walk: &Walk, found: &Found) -> Dmarc {
    let result = |result, record| Dmarc { domain: cut(&walk.start), result, record };
    let organisation = walk.organisation();
    let at_organisation = || walk.records.iter().find(|(at, _)| *at == organisation);
    let Some((at, record)) = walk.own().or_else(at_organisation).or(walk.records.last()) else {
        return result(if walk.unanswered.is_some() { Checked::TempError } else { Checked::None }, None);
    };
    if walk.unanswered.is_some() && walk.own().is_none() {
        return result(Checked::TempError, None);
    }
    let Some(policy) = policy(questions, walk, at, record).await else { return result(Checked::None, None) };
    let told = DmarcRecord {
        at: cut(at),
        policy: policy.to_string(),
        strict_dkim: record.adkim == Alignment::Strict,
        strict_spf: record.aspf == Alignment::Strict,
    };
    let mut aligned = Aligned { questions, walk, organisation, walks: Vec::new() };
    let mut checked = if walk.unanswered.is_some() { Checked::TempError } else { Checked::Fail };
    for (domain, is_strict, passes) in identities(found, &told) {
        match aligned.with(&domain, is_strict).await {
            Some(true) if passes => return result(Checked::Pass, Some(told)),
            Some(true) | None => checked = Checked::TempError,
            Some(false) => {}
        }
    }
    result(checked, Some(told))
}

/// Whatever vouches, or may once a name server answers: its domain, whether that must be the author's own, and whether it
/// passes already.
fn identities(found: &Found, record: &DmarcRecord) -> Vec<(String, bool, bool)> {
    let signatures = found.signatures.iter().filter(|one| one.vouches() || one.result == Checked::TempError);
    let signatures = signatures.map(|one| (one.domain.as_str(), record.strict_dkim, one.vouches()));
    let spf = found.spf.iter().filter(|spf| matches!(spf.result, Checked::Pass | Checked::TempError));
    let spf = spf.map(|spf| (spf.domain.as_str(), record.strict_spf, spf.result == Checked::Pass));
    let mut identities: Vec<(String, bool, bool)> = signatures
        .chain(spf)
        .map(|(domain, strict, passes)| (authenticity::domain_of(domain), strict, passes))
        .collect();
    // Those that pass come first: one is enough.
    identities.sort_by_key(|(_, _, passes)| !passes);
    identities.dedup();
    identities
}

struct Aligned<'w> {
    questions: &'w Questions<'w>,
    walk: &'w Walk,
    organisation: String,
    walks: Vec<(String, Option<String>)>,
}

impl Aligned<'_> {
    /// Whether a domain is the author's, or of the same organisation (RFC 9989 §4.4); `None` where nobody knows.
    async fn with(&mut self, domain: &str, is_strict: bool) -> Option<bool> {
        if domain == self.walk.start {
            return Some(true);
        }
        let is_below = domain == self.organisation
            || domain.strip_suffix(&self.organisation).is_some_and(|rest| rest.ends_with('.'));
        if is_strict || !is_below {
            return Some(false);
        }
        if let Some((_, organisation)) = self.walks.iter().find(|(known, _)| known == domain) {
            return organisation.as_ref().map(|other| *other == self.organisation);
        }
        if self.walks.len() == WALKS_MAX {
            return None;
        }
        let walk = walk(self.questions, domain).await;
        let organisation = walk.unanswered.is_none().then(|| walk.organisation());
        self.walks.push((domain.to_owned(), organisation.clone()));
        organisation.map(|other| other == self.organisation)
    }
}

/// What the record asks for of this author (RFC 9989 §4.10.1); `None` where it asks for nothing that can be read.
async fn policy(questions: &Questions<'_>, walk: &Walk, at: &str, record: &Record) -> Option<Policy> {
    if record.p == Policy::Unspecified {
        return (!record.rua.is_empty()).then_some(Policy::None);
    }
    let policy = if at == walk.start {
        record.p
    } else if record.np != record.sp && is_missing(questions, &walk.start).await {
        record.np
    } else {
        record.sp
    };
    // A test asks for one step less (RFC 9989 §4.7).
    Some(match policy {
        Policy::Reject if record.t => Policy::Quarantine,
        Policy::Quarantine if record.t => Policy::None,
        policy => policy,
    })
}

async fn is_missing(questions: &Questions<'_>, domain: &str) -> bool {
    let any = std::net::IpAddr::from([0, 0, 0, 0]);
    matches!(questions.addresses(domain, any).await, Ok(Told::NoName))
}

/// The one record among these texts; several are none (RFC 9989 §4.10). A tag that cannot be read is as if it were not
/// there (§4.7), which mail-auth leaves to us.
fn record(texts: &[Vec<u8>]) -> Option<Record> {
    let is_dmarc = |text: &&Vec<u8>| {
        let version = text.split(|byte| *byte == b';').next().unwrap_or_default();
        // The word is written so (RFC 9989 §4.8), which mail-auth does not insist on.
        let value = version.split(|byte| *byte == b'=').nth(1).unwrap_or_default();
        Record::parse(version).is_ok() && value.trim_ascii() == b"DMARC1"
    };
    let mut records = texts.iter().filter(is_dmarc);
    let (text, None) = (records.next()?, records.next()) else { return None };
    Record::parse(text).ok().or_else(|| {
        let mut tags = text.split(|byte| *byte == b';');
        let version = tags.next()?;
        let with = |tag: &[u8]| [version, tag].join(&b';');
        let good: Vec<&[u8]> = tags.filter(|tag| Record::parse(&with(tag)).is_ok()).collect();
        Record::parse(&with(&good.join(&b';'))).ok()
    })
}

/// The domains from this one up to its top, with the leap that a long one makes.
fn names(domain: &str) -> Vec<&str> {
    let ends = || domain.match_indices('.').map(|(at, _)| &domain[at + 1..]);
    let labels = ends().count() + 1;
    let above = ends().skip(labels.saturating_sub(LABELS_MAX + 1));
    // A name without a dot belongs to nobody.
    if labels < 2 { Vec::new() } else { std::iter::once(domain).chain(above).collect() }
}

/// The name one label longer than `top` on the way to `start`.
fn one_below(top: &str, start: &str) -> String {
    let rest = start.strip_suffix(top).unwrap_or_default().trim_end_matches('.');
    let label = rest.rsplit('.').next().unwrap_or_default();
    format!("{label}.{top}")
}
