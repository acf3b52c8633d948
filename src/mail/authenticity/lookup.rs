//! What counts of what was found by asking name servers.

use super::super::{InboundMail, TraceField};
use super::found::{Checked, Found, Missing, Peer, Seal};
use super::received::{self, Login};
use super::results::{self, Judgement};
use super::way::{self, Edge};
use super::{domain, lower};

/// Whose word counts beside that of the name servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witnesses {
    hosts: Vec<String>,
    sealers: Vec<String>,
}

impl Witnesses {
    /// `hosts` take the mailbox's mail in from the world, as their own Received names them: without them there is no SPF.
    /// `sealers` are the signing domains (RFC 8617 §4.1.3, `d=`) of forwarders and lists whose seals count.
    pub fn new(hosts: &[String], sealers: &[String]) -> Witnesses {
        Witnesses { hosts: lower(hosts), sealers: sealers.iter().map(|sealer| domain::of(sealer)).collect() }
    }

    /// The servers that take mail in, lower case.
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Whether this signing domain is one whose seals count.
    pub fn is_sealer(&self, signer: &str) -> bool {
        self.sealers.contains(&domain::of(signer))
    }

    /// Who handed the mail to one of the hosts, as its own Received tells; `None` where the envelope sender is not noted above
    /// that, and may be the mail's own word.
    pub fn peer(&self, mail: &InboundMail) -> Option<Peer> {
        match self.edge(&mail.trace) {
            Edge::Hop { at, hop } if hop.login == Login::None && mail.trace_above_return_path <= at => {
                received::peer(mail.trace[at].value())
            }
            Edge::Hop { .. } | Edge::NoHop { .. } => None,
        }
    }

    pub(super) fn edge(&self, trace: &[TraceField]) -> Edge {
        way::edge(trace, |host| self.hosts.iter().any(|own| own == host))
    }
}

impl Found {
    /// What counts, as judgements of our own.
    pub(super) fn judgements(&self, from: &str) -> Vec<Judgement> {
        let signatures = self.signatures.iter().filter(|signature| signature.vouches());
        let mut judgements: Vec<Judgement> =
            signatures.map(|signature| Judgement::of("dkim", "pass", "header.d", &signature.domain)).collect();
        judgements
            .extend(self.spf.iter().map(|spf| Judgement::of("spf", spf.result.word(), "smtp.mailfrom", &spf.domain)));
        if let Some(dmarc) = &self.dmarc {
            let is_of_organisation = judgements.iter().any(|one| one.vouches_for(from));
            // Where a registry's record does not say `psd=y`, DMARC takes all below it for one organisation.
            let counts = dmarc.result != Checked::Pass || is_of_organisation;
            judgements
                .extend(counts.then(|| Judgement::of("dmarc", dmarc.result.word(), "header.from", &dmarc.domain)));
        }
        judgements
    }

    /// Whether the author might pass by what could not be looked at; what that was.
    pub(super) fn missing(&self, from: &str) -> Option<Missing> {
        let is_aligned = |other: &str| domain::is_aligned(&domain::of(other), from);
        let unanswered = self.dmarc.as_ref().is_some_and(|dmarc| dmarc.result == Checked::TempError)
            || self.spf.as_ref().is_some_and(|spf| spf.result == Checked::TempError && is_aligned(&spf.domain))
            || self.signatures.iter().any(|one| one.result == Checked::TempError && is_aligned(&one.domain))
            || self.chain == Some(Checked::TempError);
        match (unanswered, self.is_cut, &self.spf) {
            (true, ..) => Some(Missing::Answer),
            (false, true, _) => Some(Missing::Text),
            (false, false, None) => Some(Missing::Client),
            (false, false, Some(_)) => None,
        }
    }
}

impl Judgement {
    fn vouches_for(&self, from: &str) -> bool {
        let identity = self.property("header.d").or_else(|| self.property("smtp.mailfrom"));
        self.result == "pass" && identity.is_some_and(|identity| domain::is_aligned(&domain::of(identity), from))
    }
}

impl Seal {
    /// What the sealer found, if it is in a known form and whole.
    pub(super) fn judgements(&self) -> Option<Vec<Judgement>> {
        let results = results::read(self.results.as_deref()?)?;
        (!results.is_damaged).then_some(results.judgements)
    }
}
