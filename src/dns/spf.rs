//! Whether a client may send for a domain: `check_host` of RFC 7208, with its limits. mail-auth reads the records and fills
//! in macros; its own walk knows no limit of void lookups, takes the first of several records, skips what it does not know,
//! and has `exists` match IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::spf::{Macro, Mechanism, Qualifier, Spf as Record, Variables};
use regex::Regex;

use super::resolver::{Questions, Told, Unanswered};
use crate::mail::authenticity::{self, Checked, Peer, Spf, cut};
use crate::mail::pattern::pattern;

/// RFC 7208 §4.6.4: terms that ask name servers.
const LOOKUPS_MAX: u8 = 10;
/// Of these, so many without an answer.
const VOID_LOOKUPS_MAX: u8 = 2;
/// Names of servers that one `mx` or `ptr` gives.
const NAMES_MAX: usize = 10;
/// Characters of a name, at most (RFC 1035 §3.1).
const NAME_MAX: usize = 253;

/// The envelope sender.
pub(super) struct Sender {
    local: String,
    domain: String,
}

impl Sender {
    pub(super) fn new(local: &str, domain: &str) -> Sender {
        Sender { local: local.to_owned(), domain: authenticity::domain_of(domain) }
    }
}

/// What the record of the sender's domain says of the client.
pub(super) async fn check(questions: &Questions<'_>, peer: &Peer, sender: &Sender) -> Spf {
    let mut check = Check { questions, peer, sender, lookups: 0, void: 0 };
    let result = if is_domain(&sender.domain) { check.host(sender.domain.clone()).await } else { Ok(Checked::None) };
    let result = result.unwrap_or_else(|end| match end {
        End::Temporary => Checked::TempError,
        End::Permanent => Checked::PermError,
    });
    Spf { domain: cut(&sender.domain), client: peer.address.to_string(), result }
}

/// The same of an envelope sender that is no address: no domain vouches for the client.
pub(super) fn of_nobody(peer: &Peer) -> Spf {
    Spf { domain: String::new(), client: peer.address.to_string(), result: Checked::None }
}

/// RFC 7208 §4.3: what is no domain of several labels has no record.
fn is_domain(name: &str) -> bool {
    name.contains('.') && authenticity::is_name(name)
}

/// What a term of a record may be (RFC 7208 §4.6.1, §5, §12): mail-auth skips an unknown mechanism, at times with the next one, and
/// reads `ip4:192.0.2.300` and `a/24/64`.
static TERM: LazyLock<Regex> = LazyLock::new(|| {
    // RFC 7208 §7.1; `c`, `r` and `t` stand in explanations alone.
    let expand = r"%\{[slodiphvSLODIPHV](?:[1-9][0-9]*)?[rR]?[-.+,/_=]*\}";
    let domain = format!(
        r"(?:[!-$&-~]|{expand}|%[%_-])*(?:{expand}|\.(?:[0-9]*[A-Za-z][A-Za-z0-9]*|[A-Za-z0-9]+-[A-Za-z0-9-]*[A-Za-z0-9])\.?)"
    );
    let bits4 = "(?:[0-9]|[12][0-9]|3[0-2])";
    let bits6 = "(?:[0-9]|[1-9][0-9]|1[01][0-9]|12[0-8])";
    let mechanism = format!(
        r"[-+~?]?(?:all|(?:include|exists):{domain}|ptr(?::{domain})?|(?:a|mx)(?::{domain})?(?:/{bits4})?(?://{bits6})?|ip4:(?<ip4>[0-9.]+)(?:/{bits4})?|ip6:(?<ip6>[0-9a-f:.]+)(?:/{bits6})?)"
    );
    let modifier =
        format!(r"(?<known>redirect|exp)={domain}|(?<other>[a-z][a-z0-9._-]*)=(?:[!-$&-~]|{expand}|%[%_-])*");
    pattern(&format!("(?i)^(?:{mechanism}|{modifier})$"))
});

/// The record without the modifiers that nobody knows (RFC 7208 §6), which mail-auth stumbles over; `None` where a term of it
/// makes no sense, or a modifier stands there twice.
fn sound(record: &[u8]) -> Option<String> {
    let record = std::str::from_utf8(record).ok()?;
    let mut terms = record.split(' ').filter(|term| !term.is_empty());
    let mut kept = vec![terms.next()?];
    let mut modifiers = Vec::new();
    for term in terms {
        let read = TERM.captures(term)?;
        let is_address = read.name("ip4").is_none_or(|address| address.as_str().parse::<Ipv4Addr>().is_ok())
            && read.name("ip6").is_none_or(|address| address.as_str().parse::<Ipv6Addr>().is_ok());
        let [known, other] =
            ["known", "other"].map(|name| read.name(name).map(|name| name.as_str().to_ascii_lowercase()));
        let is_known = |name: &String| name == "redirect" || name == "exp";
        if !is_address
            || other.as_ref().is_some_and(is_known)
            || known.as_ref().is_some_and(|one| modifiers.contains(one))
        {
            return None;
        }
        modifiers.extend(known);
        if other.is_none() {
            kept.push(term);
        }
    }
    Some(kept.join(" "))
}

struct Check<'q> {
    questions: &'q Questions<'q>,
    peer: &'q Peer,
    sender: &'q Sender,
    lookups: u8,
    void: u8,
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Temporary,
    Permanent,
}

impl From<Unanswered> for End {
    fn from(_: Unanswered) -> End {
        End::Temporary
    }
}

impl Check<'_> {
    fn host(&mut self, domain: String) -> BoxFuture<'_, Result<Checked, End>> {
        async move {
            let Some(record) = self.record(&domain).await? else { return Ok(Checked::None) };
            for directive in &record.directives {
                if self.matches(&directive.mechanism, &domain).await? {
                    return Ok(match directive.qualifier {
                        Qualifier::Pass => Checked::Pass,
                        Qualifier::Fail => Checked::Fail,
                        Qualifier::SoftFail => Checked::SoftFail,
                        Qualifier::Neutral => Checked::Neutral,
                    });
                }
            }
            let Some(target) = &record.redirect else { return Ok(Checked::Neutral) };
            self.count()?;
            match self.host(self.filled(target, &domain)).await? {
                Checked::None => Err(End::Permanent),
                result => Ok(result),
            }
        }
        .boxed()
    }

    /// RFC 7208 §4.5: one record, or none.
    async fn record(&self, domain: &str) -> Result<Option<Record>, End> {
        let Told::Records(texts) = self.questions.texts(domain).await? else { return Ok(None) };
        let is_spf = |text: &&Vec<u8>| {
            let rest = text.get(6..).unwrap_or_default();
            text.len() >= 6 && text[..6].eq_ignore_ascii_case(b"v=spf1") && matches!(rest.first(), None | Some(b' '))
        };
        let mut records = texts.iter().filter(is_spf);
        match (records.next(), records.next()) {
            (None, _) => Ok(None),
            (Some(record), None) => {
                let record = sound(record).ok_or(End::Permanent)?;
                Record::parse(record.as_bytes()).map(Some).map_err(|_| End::Permanent)
            }
            (Some(_), Some(_)) => Err(End::Permanent),
        }
    }

    async fn matches(&mut self, mechanism: &Mechanism, domain: &str) -> Result<bool, End> {
        let client = self.peer.address;
        match mechanism {
            Mechanism::All => Ok(true),
            Mechanism::Ip4 { addr, mask } => Ok(is_within(client, IpAddr::V4(*addr), *mask, 0)),
            Mechanism::Ip6 { addr, mask } => Ok(is_within(client, IpAddr::V6(*addr), 0, *mask)),
            Mechanism::A { macro_string, ip4_mask, ip6_mask } => {
                self.count()?;
                let name = self.filled(macro_string, domain);
                self.has_client(&name, *ip4_mask, *ip6_mask).await
            }
            Mechanism::Mx { macro_string, ip4_mask, ip6_mask } => {
                self.count()?;
                let told = self.questions.exchanges(&self.filled(macro_string, domain)).await;
                let names = self.known(told)?;
                if names.len() > NAMES_MAX {
                    return Err(End::Permanent);
                }
                for name in names {
                    if self.has_client(&name, *ip4_mask, *ip6_mask).await? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Mechanism::Include { macro_string } => {
                self.count()?;
                match self.host(self.filled(macro_string, domain)).await? {
                    Checked::Pass => Ok(true),
                    Checked::Fail | Checked::SoftFail | Checked::Neutral => Ok(false),
                    Checked::TempError => Err(End::Temporary),
                    Checked::None | Checked::PermError => Err(End::Permanent),
                }
            }
            Mechanism::Exists { macro_string } => {
                self.count()?;
                let name = self.filled(macro_string, domain);
                // A record of IPv4, whatever the client's address is (RFC 7208 §5.7).
                let told = self.questions.addresses(&name, IpAddr::from([0, 0, 0, 0])).await;
                Ok(!self.known(told)?.is_empty())
            }
            Mechanism::Ptr { macro_string } => {
                self.count()?;
                let target = self.filled(macro_string, domain);
                self.is_named(target.trim_end_matches('.')).await
            }
        }
    }

    /// Whether the client has a name in this domain that leads back to it (RFC 7208 §5.5); what fails matches nothing.
    async fn is_named(&mut self, target: &str) -> Result<bool, End> {
        let Ok(told) = self.questions.names(self.peer.address).await else { return Ok(false) };
        for name in self.known(Ok(told))?.iter().take(NAMES_MAX) {
            let bare = name.trim_end_matches('.');
            let is_within = bare == target || bare.strip_suffix(target).is_some_and(|rest| rest.ends_with('.'));
            let told = if is_within { self.questions.addresses(name, self.peer.address).await } else { continue };
            if matches!(told, Ok(Told::Records(addresses)) if addresses.contains(&self.peer.address)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn has_client(&mut self, name: &str, ip4_mask: u32, ip6_mask: u128) -> Result<bool, End> {
        let client = self.peer.address;
        let told = self.questions.addresses(name, client).await;
        Ok(self.known(told)?.into_iter().any(|address| is_within(client, address, ip4_mask, ip6_mask)))
    }

    fn count(&mut self) -> Result<(), End> {
        self.lookups += 1;
        if self.lookups > LOOKUPS_MAX { Err(End::Permanent) } else { Ok(()) }
    }

    fn known<T>(&mut self, told: Result<Told<T>, Unanswered>) -> Result<Vec<T>, End> {
        match told? {
            Told::Records(records) => Ok(records),
            Told::NoRecord | Told::NoName => {
                self.void += 1;
                if self.void > VOID_LOOKUPS_MAX { Err(End::Permanent) } else { Ok(Vec::new()) }
            }
        }
    }

    /// RFC 7208 §7; `p` is not looked up, nobody should use it.
    fn filled(&self, name: &Macro, domain: &str) -> String {
        let sender = format!("{}@{}", self.sender.local, self.sender.domain);
        let mut variables = Variables::new();
        variables.set_ip(&self.peer.address);
        variables.set_sender(sender.as_bytes());
        variables.set_domain(domain.as_bytes());
        variables.set_helo_domain(self.peer.helo.as_bytes());
        variables.set_validated_domain(&b"unknown"[..]);
        let filled = name.eval(&variables, domain, false).trim_end_matches('.').to_lowercase();
        let mut name = filled.as_str();
        while name.len() > NAME_MAX {
            name = name.split_once('.').map_or("", |(_, rest)| rest);
        }
        name.to_owned()
    }
}

fn is_within(client: IpAddr, network: IpAddr, ip4_mask: u32, ip6_mask: u128) -> bool {
    match (client, network) {
        (IpAddr::V4(client), IpAddr::V4(network)) => client.to_bits() & ip4_mask == network.to_bits() & ip4_mask,
        (IpAddr::V6(client), IpAddr::V6(network)) => client.to_bits() & ip6_mask == network.to_bits() & ip6_mask,
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}
