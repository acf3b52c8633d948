//! Whether the author is who they say, as the receiving server judged it: Authentication-Results, RFC 8601; or as we find it
//! ourselves, by what the name servers say ([`Found`]).
//!
//! Anyone can write such a field into their own mail. It counts where the way of the mail proves that the border wrote it
//! ([`Standing`]); what the fields that count say is then joined, and judged for the one author of the one From field.

mod domain;
mod found;
mod lexer;
mod lookup;
mod received;
mod results;
mod verdict;
mod vouched;
mod way;

use super::{InboundMail, TraceField};

pub(crate) use domain::{cut, is_name};
pub use found::{Checked, Dmarc, DmarcRecord, Found, Missing, Peer, Seal, Signature, Spf, Weakness};
pub use lookup::Witnesses;
pub use verdict::{Reason, Verdict};
pub use vouched::vouched;
pub use way::Standing;

/// What is known of the author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// The domain of From vouches for the mail.
    Passed,
    /// The domain of From says that the mail is not its own.
    Failed,
    /// Nothing is known.
    Unverified,
}

/// The server that takes the mailbox's mail from the world and judges it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Border {
    authserv_ids: Vec<String>,
    hosts: Vec<String>,
    results: Place,
}

/// Where the border's filter writes its results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Above the border's own Received: OpenDKIM, OpenDMARC, Exim, amavis.
    #[default]
    Above,
    /// Right below it: rspamd, Gmail. A field that the mail brought along is believed where the filter wrote none.
    Below,
}

impl Border {
    /// A border that signs its results with these authserv-ids (RFC 8601 §2.5) and has the same names in its Received.
    pub fn new(authserv_ids: &[String]) -> Border {
        let names = lower(authserv_ids);
        Border { hosts: names.clone(), authserv_ids: names, results: Place::Above }
    }

    /// A border with one name for all.
    pub fn named(name: &str) -> Border {
        Border::new(&[name.to_owned()])
    }

    /// The same border, with other names in its Received.
    pub fn with_hosts(self, hosts: &[String]) -> Border {
        Border { hosts: lower(hosts), ..self }
    }

    /// The same border, with its results in another place.
    pub fn with_results(self, results: Place) -> Border {
        Border { results, ..self }
    }

    /// The names that its results bear, lower case.
    pub fn authserv_ids(&self) -> &[String] {
        &self.authserv_ids
    }

    /// Its names in Received, lower case.
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }
}

fn lower(names: &[String]) -> Vec<String> {
    names.iter().map(|name| name.trim_end_matches('.').to_lowercase()).collect()
}

/// A tenant of Exchange Online, which signs its results with no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    hosts: Vec<String>,
    own_domains: Vec<String>,
}

impl Tenant {
    /// Where Exchange Online takes mail in from the world: a domain that holds its servers.
    pub const HOSTS: &str = "mail.protection.outlook.com";

    /// A tenant to which these domains belong.
    pub fn of(own_domains: &[String]) -> Tenant {
        Tenant { hosts: vec![Tenant::HOSTS.to_owned()], own_domains: lower(own_domains) }
    }

    /// The same tenant, where other servers, or those of other domains, take its mail in.
    pub fn with_hosts(self, hosts: &[String]) -> Tenant {
        Tenant { hosts: lower(hosts), ..self }
    }

    /// The servers that take mail in, or domains that hold them, lower case.
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// The domains whose authors Exchange itself knows, lower case.
    pub fn own_domains(&self) -> &[String] {
        &self.own_domains
    }

    /// Whether Exchange took the sender for one of its own. What the world sends has this field taken off where it comes in.
    fn knows(&self, mail: &InboundMail) -> bool {
        let said = |field: &TraceField| match field {
            TraceField::ExchangeAuthAs(value) => Some(value.trim().eq_ignore_ascii_case("internal")),
            TraceField::Received(_) | TraceField::AuthenticationResults(_) => None,
        };
        let mut said = mail.trace.iter().filter_map(said).peekable();
        let author = mail.from.as_ref().map(|from| domain::of(from.address.as_str()));
        said.peek().is_some()
            && said.all(|internal| internal)
            && author.is_some_and(|from| self.own_domains.contains(&from))
    }
}

/// Judges a mail by what `border` wrote onto it.
///
/// A fail of DMARC fails, whether the record is the author's domain's or a parent's; a pass passes. Without a record an
/// aligned DKIM or SPF pass does. A login of the author passes too. A mail whose author is in doubt never does.
pub fn by_header<'m>(mail: &'m InboundMail, border: &Border) -> Verdict<'m> {
    let way = way::of_border(&mail.trace, border);
    let (authentication, reason) = verdict::decide(mail, &way, None);
    Verdict { authentication, reason, hop: way.hop, fields: way.fields }
}

/// Judges a mail by what Exchange Online wrote onto it: its results, which count as those of any border do, and whether it
/// took the sender for one of the tenant's own.
pub fn by_exchange<'m>(mail: &'m InboundMail, tenant: &Tenant) -> Verdict<'m> {
    let way = way::of_exchange(&mail.trace, tenant);
    let internal = tenant.knows(mail).then_some(Reason::Internal);
    let (authentication, reason) = verdict::decide(mail, &way, internal);
    Verdict { authentication, reason, hop: way.hop, fields: way.fields }
}

/// Judges a mail by who logged in at the border to hand it in, as its own Received tells; the border is one of `hosts`.
/// Nothing that came from the world passes.
pub fn by_login<'m>(mail: &'m InboundMail, hosts: &[String]) -> Verdict<'m> {
    let hosts = lower(hosts);
    let edge = way::edge(&mail.trace, |host| hosts.iter().any(|own| own == host));
    let (authentication, reason) = verdict::decide_by_login(mail, &edge);
    Verdict { authentication, reason, hop: edge.hop(&mail.trace), fields: Vec::new() }
}

/// Judges a mail by what we found ourselves, by the rules for what a border writes. Weak signatures vouch for nobody. Where
/// nothing passes, what the newest sealer found passes in its place, and what the one before it did if both are `witnesses`.
/// Nothing fails while something that could pass was not looked at.
///
/// `None` where nothing was looked up, because nothing depends on the author.
pub fn by_lookup<'m>(mail: &'m InboundMail, found: Option<&Found>, witnesses: &Witnesses) -> Verdict<'m> {
    let (authentication, reason) = match found {
        Some(found) => verdict::decide_by_lookup(mail, found, witnesses),
        None => (Authentication::Unverified, Reason::NotLookedUp),
    };
    Verdict { authentication, reason, hop: witnesses.edge(&mail.trace).hop(&mail.trace), fields: Vec::new() }
}

/// The domain of an address or a domain, in the form that DNS has: lower case, `xn--` (RFC 5890), no final dot.
pub fn domain_of(value: &str) -> String {
    domain::of(value)
}

/// Whether a domain may speak for an author's: the same organisational domain, by the public suffix list.
pub(crate) fn is_aligned(domain: &str, author: &str) -> bool {
    domain::is_aligned(&domain::of(domain), author)
}

/// Whose an Authentication-Results field says it is, lower case.
pub fn authserv_id(field: &str) -> Option<String> {
    results::read(field).map(|results| results.authserv_id)
}

/// Which host a Received field says it is by, lower case.
pub fn receiver(field: &str) -> Option<String> {
    received::by(field)
}

#[cfg(test)]
mod tests;
