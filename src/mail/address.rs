//! Addresses, RFC 5322 §3.4.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::unread::{self, Whose};

/// An address as `local@domain`, without `<>` and display name (RFC 5322 §3.4.1, `addr-spec`).
///
/// It holds no control characters and exactly one domain, and white space and specials within a quoted local part alone
/// (`"marie t"@client.test`), so it may stand in a header, an SMTP command or a log line as it is. It is kept as written;
/// [`Address::key`] is its form for comparing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

/// The text is no address that mail could be sent to.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not a mail address (local@domain)")]
pub struct NotAnAddress(pub String);

impl Address {
    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the last `@`.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// What stands behind the last `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The form that a server without SMTPUTF8 takes: the domain as DNS has it (RFC 5891, A-label). `None` where the local
    /// part is not ASCII, or the domain is none.
    pub fn in_ascii(&self) -> Option<Address> {
        if self.0.is_ascii() {
            return Some(self.clone());
        }
        let domain = idna::domain_to_ascii(self.domain()).ok()?;
        self.local().is_ascii().then(|| format!("{}@{domain}", self.local()).parse().ok()).flatten()
    }

    /// The form for comparing: lower case. Servers that tell `Bob@` from `bob@` are not met in practice.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }

    /// The form by which brakes count a correspondent: lower case, the sub-address (RFC 5233) folded away.
    pub fn correspondent_key(&self) -> String {
        let local = self.local().split('+').next().unwrap_or_default();
        let local = if local.is_empty() { self.local() } else { local };
        format!("{local}@{}", self.domain()).to_lowercase()
    }

    /// Whether a program writes from here and nobody reads what is sent here: mailer-daemons, no-reply addresses, the inner
    /// addresses of list managers (RFC 3834 §2, RFC 2369), with anything before or behind.
    pub fn is_a_programs(&self) -> bool {
        unread::is(&self.bare_local(), Whose::Program)
    }

    /// Whether an office has it that no person holds for long enough to be written to (RFC 2142), or a list manager reads it.
    pub fn is_an_offices(&self) -> bool {
        unread::is(&self.local().to_lowercase(), Whose::Office)
    }

    /// Whether a system or an office has it rather than a person, so that no automatic letter goes there: programs, list
    /// managers' `-request` and `-owner`, postmasters (RFC 2142). People write from some of them, too.
    pub fn is_a_systems(&self) -> bool {
        let local = self.bare_local();
        [Whose::Program, Whose::Office, Whose::System].iter().any(|whose| unread::is(&local, *whose))
    }

    /// The local part, lower case, out of what forwarders and servers wrap it in: SRS (`SRS0=hash=day=domain=local`), BATV
    /// (`prvs=tag=local`).
    fn bare_local(&self) -> String {
        let local = self.local().to_ascii_lowercase();
        let wrapped = |parts: usize| local.splitn(parts, ['=']).nth(parts - 1).map(str::to_owned);
        let inner = match &local {
            l if l.starts_with("srs0=") || l.starts_with("srs0+") || l.starts_with("srs0-") => {
                local.rsplit_once('=').map(|(_, inner)| inner.to_owned())
            }
            l if l.starts_with("srs1") => local.rsplit_once('=').map(|(_, inner)| inner.to_owned()),
            l if l.starts_with("prvs=") || l.starts_with("msprvs1=") => wrapped(3),
            _ => None,
        };
        inner.unwrap_or(local)
    }

    /// The same mailbox, case aside.
    pub fn is(&self, other: &Address) -> bool {
        self.0.eq_ignore_ascii_case(&other.0) || self.key() == other.key()
    }

    /// This mailbox or one of its sub-addresses (RFC 5233): `support+x@d` is within `support@d`.
    pub fn is_within(&self, mailbox: &Address) -> bool {
        self.is(mailbox)
            || (self.domain().eq_ignore_ascii_case(mailbox.domain())
                && self.local().split_once('+').is_some_and(|(user, _)| user.eq_ignore_ascii_case(mailbox.local())))
    }
}

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        let refused = || NotAnAddress(text.chars().take(100).collect());
        let (local, domain) = text.rsplit_once('@').ok_or_else(refused)?;
        let forbidden = |c: char| {
            c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | '\\' | '"')
        };
        let is_atom = !local.is_empty() && !local.chars().any(forbidden) && !local.contains([':', '@']);
        let good = (is_atom || is_quoted(local))
            && !domain.is_empty()
            && text.len() <= 254
            && !domain.chars().any(forbidden)
            && !domain.starts_with(['.', '-'])
            && !domain.ends_with('.');
        if good { Ok(Address(text.to_owned())) } else { Err(refused()) }
    }
}

/// Whether a local part is a quoted string (RFC 5321 §4.1.2) that does not look like the end of an address, `>`, to anybody.
fn is_quoted(local: &str) -> bool {
    let Some(inside) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return false };
    let mut characters = inside.chars();
    while let Some(c) = characters.next() {
        let said = if c == '\\' { characters.next() } else { Some(c).filter(|&c| c != '"') };
        if said.is_none_or(|c| c.is_control() || matches!(c, '<' | '>')) {
            return false;
        }
    }
    !inside.is_empty()
}

impl TryFrom<String> for Address {
    type Error = NotAnAddress;

    fn try_from(text: String) -> Result<Self, NotAnAddress> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address with the name shown beside it (RFC 5322 §3.4, `mailbox`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// Decoded display name, free of control characters; `None` where there is none.
    pub name: Option<String>,
    /// Where mail for it goes.
    pub address: Address,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().expect("a good address")
    }

    #[test]
    fn an_address_is_one_local_part_and_one_domain() {
        for good in ["a@b", "marie.tremblay+x@client.test", "é@exemple.test", "a..b@c.test", "a@[192.0.2.1]"] {
            assert!(good.parse::<Address>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a b@c",
            "a@b\r\nBcc: c@d",
            "a\0@b",
            "<a@b>",
            "@x:a@b",
            "a@b SIZE=1",
            "a@b@c",
            "\"a\r\nb\"@c",
            "\"a>b\"@c",
            "\"a\"b\"@c",
            "\"a\\\"@c",
            "\"\"@c",
        ] {
            assert!(bad.parse::<Address>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_local_part_may_need_quotes() {
        for good in ["\"a b\"@c.test", "\"a@b\"@c.test", "\"a,(b):;\"@c.test", "\"a\\\"b\"@c.test"] {
            assert_eq!(address(good).domain(), "c.test", "{good}");
        }
    }

    #[test]
    fn programs_have_addresses_of_their_own_with_anything_before_or_behind() {
        for programs in [
            "no-reply",
            "support.noreply",
            "Ne-Pas-Repondre",
            "noreply+12",
            "MAILER-DAEMON",
            "users-bounces",
            "users-bounces+marie=client.test",
            "bounces+7.x",
            "users+owner",
            "users+bounces-3-marie=client.test",
            "owner-users",
            "confirm+a1b2",
            "majordomo",
            "SRS0=Ab1c=XY=lists.test=users-bounces",
            "prvs=1234abcdef=bounces",
        ] {
            let address = address(&format!("{programs}@lists.test"));
            assert!(address.is_a_programs() && address.is_a_systems(), "{programs}");
        }
        for systems in [
            "postmaster",
            "users-request",
            "users-help",
            "users+help",
            "product-owner",
            "users-return-12-marie=client.test",
        ] {
            let address = address(&format!("{systems}@lists.test"));
            assert!(!address.is_a_programs() && address.is_a_systems(), "{systems}");
        }
        for persons in [
            "marie",
            "marie+requests",
            "help",
            "jean.owner",
            "bounceback",
            "returns",
            "confirmations",
            "SRS0=Ab1c=XY=client.test=marie",
            "prvs=1234abcdef=marie",
            "request",
        ] {
            assert!(!address(&format!("{persons}@client.test")).is_a_systems(), "{persons}");
        }
    }

    #[test]
    fn sub_addresses_belong_to_their_mailbox_and_count_as_one_correspondent() {
        assert!(address("Support+k1.x@desk.test").is_within(&address("support@desk.test")));
        assert!(!address("supporter@desk.test").is_within(&address("support@desk.test")));
        assert_eq!(address("Bob+1@X.test").correspondent_key(), "bob@x.test");
    }
}
