//! Whether the author is who they say, as the receiving server judged it: Authentication-Results, RFC 8601.
//!
//! Anyone can write such a field into their own mail. It counts where the way of the mail proves that the border wrote it
//! ([`Standing`]); what the fields that count say is then joined, and judged for the one author of the one From field.

mod domain;
mod lexer;
mod received;
mod results;
mod verdict;
mod way;

use super::InboundMail;

pub use verdict::{Reason, Verdict};
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

/// Judges a mail by what `border` wrote onto it.
///
/// A fail of DMARC fails, whether the record is the author's domain's or a parent's; a pass passes. Without a record an
/// aligned DKIM or SPF pass does. A login of the author passes too. A mail whose author is in doubt never does.
pub fn judge<'m>(mail: &'m InboundMail, border: &Border) -> Verdict<'m> {
    let way = way::way(&mail.trace, border);
    let (authentication, reason) = verdict::decide(mail, &way);
    Verdict { authentication, reason, hop: way.hop, fields: way.fields }
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
