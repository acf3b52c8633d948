//! What the border's results, joined, say of the one author.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::{Address, InboundMail, ReturnPath};
use super::domain::cut;
use super::found::{Checked, Found, Missing};
use super::lookup::Witnesses;
use super::received::{Hop, Login};
use super::results::Judgement;
use super::way::{Edge, Standing, Way};
use super::{Authentication, domain};

/// What a mail is judged to be, and what that rests on.
#[derive(Clone, Debug)]
pub struct Verdict<'m> {
    /// What is known of the author.
    pub authentication: Authentication,
    /// The one finding that `authentication` rests on.
    pub reason: Reason,
    /// The Received field of the border's own hop.
    pub hop: Option<&'m str>,
    /// Every Authentication-Results field, topmost first.
    pub fields: Vec<(&'m str, Standing)>,
}

/// What decided about an author. Shown, it is half a sentence: `dmarc=pass of client.test`. Stored, it is JSON with its code
/// as `reason`. What it names of the results is cut to the length of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// No field of the border counts.
    NoResults,
    /// From does not name one author.
    AuthorInDoubt,
    /// A field of the border ends within a comment or a string.
    Damaged,
    /// The envelope sender could have written results of its own.
    OddSender,
    /// The border judged the author by the DMARC record of this domain, or would have.
    Dmarc {
        /// `pass`, `fail`, `temperror`, `permerror`, or `contradictory` where several are said.
        result: String,
        /// Whose record it is.
        domain: String,
    },
    /// The border judged another author than we read.
    OtherAuthor {
        /// The domain that it judged.
        domain: String,
    },
    /// The border saw this account log in.
    Login {
        /// The author's own address.
        account: String,
    },
    /// The border saw another account log in than the author's.
    OtherLogin {
        /// Whose it is, as the border names it.
        account: String,
    },
    /// Nobody logged in at the border's own hop, or there is no such hop.
    NoLogin,
    /// Somebody did, and the border's Received does not say who, or says two names.
    UnnamedLogin,
    /// Exchange took the sender for one of the organisation's own, and the author is of one of its domains.
    Internal,
    /// A sealer that counts vouches: it had found this.
    Sealed {
        /// Who sealed.
        sealer: String,
        /// What it found, as a reason of its own: `dmarc=pass of client.test`.
        result: String,
    },
    /// Nothing passes, and something that could was not looked at.
    Missing {
        /// What was not looked at.
        missing: Missing,
        /// The author's domain.
        domain: String,
    },
    /// Nothing was looked up: nothing depends on the author.
    NotLookedUp,
    /// There is no DMARC record, and this domain vouches.
    Vouched {
        /// `dkim` or `spf`.
        method: String,
        /// The domain for which it passed.
        domain: String,
    },
    /// There is no DMARC record, and no domain of the author's organisation vouches.
    NobodyVouches {
        /// The author's domain.
        domain: String,
    },
}

/// What the results say, and `beside` them whatever else proves the author if no result speaks against it.
pub(super) fn decide(mail: &InboundMail, way: &Way<'_>, beside: Option<Reason>) -> (Authentication, Reason) {
    if beside.is_none() && !way.fields.iter().any(|(_, standing)| standing.counts()) {
        return (Authentication::Unverified, Reason::NoResults);
    }
    let doubt = if way.is_damaged {
        Some(Reason::Damaged)
    } else {
        writes_results(&mail.return_path).then_some(Reason::OddSender)
    };
    judge(mail, &way.judgements, doubt, beside)
}

/// What we found ourselves, and beside it what a sealer that counts had found.
pub(super) fn decide_by_lookup(mail: &InboundMail, found: &Found, witnesses: &Witnesses) -> (Authentication, Reason) {
    use Authentication::{Passed, Unverified};
    let Some(from) = mail.from.as_ref().map(|from| domain::of(from.address.as_str())) else {
        return (Unverified, Reason::AuthorInDoubt);
    };
    let (authentication, reason) = judge(mail, &found.judgements(&from), None, None);
    if authentication == Passed || reason == Reason::AuthorInDoubt {
        return (authentication, reason);
    }
    if let Some(reason) = sealed(mail, found, witnesses) {
        return (Passed, reason);
    }
    match found.missing(&from) {
        Some(missing) => (Unverified, Reason::Missing { missing, domain: cut(&from) }),
        None => (authentication, reason),
    }
}

/// What the sealers that count had found, the newest first. Behind a foreign seal nothing counts: whoever set it may have
/// changed the text. What an older sealer found counts where the newer one saw its seal hold.
fn sealed(mail: &InboundMail, found: &Found, witnesses: &Witnesses) -> Option<Reason> {
    if found.chain != Some(Checked::Pass) || writes_results(&mail.return_path) {
        return None;
    }
    for seal in found.seals.iter().rev().take_while(|seal| witnesses.is_sealer(&seal.sealer)) {
        let judgements = seal.judgements()?;
        if let (Authentication::Passed, reason) = judge(mail, &judgements, None, None) {
            return Some(Reason::Sealed { sealer: cut(&seal.sealer), result: reason.to_string() });
        }
        if !judgements.iter().any(|one| one.method == "arc" && one.result == "pass") {
            return None;
        }
    }
    None
}

/// What the judgements that count say of the author, save for a `doubt` in whoever wrote them; and what `beside` them proves
/// the author.
fn judge(
    mail: &InboundMail,
    judgements: &[Judgement],
    doubt: Option<Reason>,
    beside: Option<Reason>,
) -> (Authentication, Reason) {
    use Authentication::{Failed, Passed, Unverified};
    let Some(author) = mail.from.as_ref().map(|from| &from.address) else {
        return (Unverified, Reason::AuthorInDoubt);
    };
    let from = domain::of(author.as_str());
    let by_dmarc = dmarc(judgements, &from);
    if let Some((Failed, reason)) = by_dmarc {
        return (Failed, reason);
    }
    if !mail.from_is_sound {
        return (Unverified, Reason::AuthorInDoubt);
    }
    if let Some(doubt) = doubt {
        return (Unverified, doubt);
    }
    if let Some(proof) = beside {
        return (Passed, proof);
    }
    if let Some(account) = login(judgements, author) {
        return (Passed, Reason::Login { account: cut(&account) });
    }
    by_dmarc.unwrap_or_else(|| match vouching(judgements, &from, &mail.return_path) {
        Some((method, domain)) => (Passed, Reason::Vouched { method, domain: cut(&domain) }),
        None => (Unverified, Reason::NobodyVouches { domain: cut(&from) }),
    })
}

/// What the border's own hop says of who logged in.
pub(super) fn decide_by_login(mail: &InboundMail, edge: &Edge) -> (Authentication, Reason) {
    use Authentication::{Passed, Unverified};
    let account = match edge {
        Edge::Hop { hop: Hop { login: Login::Named(account), with_login: true }, .. } => account,
        Edge::Hop { hop: Hop { with_login: true, .. }, .. } => return (Unverified, Reason::UnnamedLogin),
        Edge::Hop { .. } | Edge::NoHop { .. } => return (Unverified, Reason::NoLogin),
    };
    let author = mail.from.as_ref().filter(|_| mail.from_is_sound);
    let Some(author) = author.map(|from| &from.address) else { return (Unverified, Reason::AuthorInDoubt) };
    let is_author = account.parse::<Address>().is_ok_and(|account| account.is(author));
    let account = cut(account);
    if is_author { (Passed, Reason::Login { account }) } else { (Unverified, Reason::OtherLogin { account }) }
}

/// Filters copy the envelope sender into comments and values as it is (`domain of "a); dkim=pass … ("@evil.test`).
fn writes_results(return_path: &ReturnPath) -> bool {
    matches!(return_path, ReturnPath::Path(sender) if sender.local().starts_with('"') && sender.local().contains('='))
}

/// What the DMARC record says of the author; `None` where there is none, and where DMARC was not looked at.
///
/// The record may be a parent's (RFC 7489 §6.6.3), and rspamd then names the parent. A pass counts within the organisation
/// alone: a public suffix (RFC 9091) vouches for nobody.
fn dmarc(judgements: &[Judgement], from: &str) -> Option<(Authentication, Reason)> {
    let judged = judgements.iter().filter(|judgement| judgement.method == "dmarc");
    let judged: Vec<(&str, String)> = judged
        .map(|one| (one.result.as_str(), one.property("header.from").map_or_else(|| from.to_owned(), domain::of)))
        .collect();
    let reason = |result: &str, domain: &str| Reason::Dmarc { result: cut(result), domain: cut(domain) };
    let is_about_author = |domain: &str| domain::is_or_holds(domain, from);
    if let Some((result, domain)) = judged.iter().find(|(result, domain)| *result == "fail" && is_about_author(domain))
    {
        return Some((Authentication::Failed, reason(result, domain)));
    }
    if let Some((_, domain)) = judged.iter().find(|(_, domain)| !is_about_author(domain)) {
        return Some((Authentication::Unverified, Reason::OtherAuthor { domain: cut(domain) }));
    }
    // Exchange writes `bestguesspass` where there is no record.
    let has_record = |result: &str| !matches!(result, "none" | "bestguesspass");
    let (result, domain) = judged.iter().find(|(result, _)| has_record(result))?;
    if judged.iter().any(|(other, _)| other != result) {
        return Some((Authentication::Unverified, reason("contradictory", from)));
    }
    let passes =
        *result == "pass" && judged.iter().all(|(_, domain)| domain == from || domain::is_aligned(domain, from));
    let authentication = if passes { Authentication::Passed } else { Authentication::Unverified };
    Some((authentication, reason(result, domain)))
}

/// The account that the border saw log in, if it is the author's (RFC 8601 §2.7.4). A login without a domain is nobody's.
fn login(judgements: &[Judgement], author: &Address) -> Option<String> {
    let logins = judgements.iter().filter(|judgement| judgement.method == "auth" && judgement.result == "pass");
    let mut accounts = logins.filter_map(|judgement| judgement.property("smtp.auth")?.parse::<Address>().ok());
    accounts.find(|account| account.is(author)).map(String::from)
}

/// The method and domain that vouch for the author's organisation (RFC 7489 §3.1).
fn vouching(judgements: &[Judgement], from: &str, return_path: &ReturnPath) -> Option<(String, String)> {
    judgements.iter().filter(|judgement| judgement.result == "pass").find_map(|judgement| {
        let value = match judgement.method.as_str() {
            "dkim" => judgement.property("header.d").or_else(|| judgement.property("header.i")),
            "spf" => spf_identity(judgement, return_path),
            _ => None,
        };
        let domain = domain::of(value?);
        domain::is_aligned(&domain, from).then(|| (judgement.method.clone(), domain))
    })
}

/// Whom SPF judged: the envelope sender, or of an empty one the name in HELO (RFC 7208 §2.4).
pub(super) fn spf_identity<'j>(judgement: &'j Judgement, return_path: &ReturnPath) -> Option<&'j str> {
    const SENDER: [&str; 4] = ["smtp.mailfrom", "smtp.mail", "envelope.from", "smtp.mfrom"];
    match SENDER.iter().find_map(|name| judgement.property(name)) {
        Some("" | "<>") => judgement.property("smtp.helo"),
        Some(sender) => Some(sender),
        None if *return_path == ReturnPath::Null => judgement.property("smtp.helo"),
        None => None,
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NoResults => write!(f, "no Authentication-Results of the border counts"),
            Reason::AuthorInDoubt => write!(f, "From does not name one author"),
            Reason::OddSender => write!(f, "the envelope sender could have written results of its own"),
            Reason::Damaged => write!(f, "the border's Authentication-Results has no proper end"),
            Reason::Dmarc { result, domain } => write!(f, "dmarc={result} of {domain}"),
            Reason::OtherAuthor { domain } => write!(f, "DMARC was judged for {domain}, which is not the author's"),
            Reason::Login { account } => write!(f, "{account} logged in"),
            Reason::OtherLogin { account } => write!(f, "{account} logged in, who is not the author"),
            Reason::NoLogin => write!(f, "nobody logged in at the border"),
            Reason::UnnamedLogin => write!(f, "somebody logged in, and the border's Received does not say who"),
            Reason::Internal => write!(f, "Exchange took the author for one of its own"),
            Reason::Sealed { sealer, result } => write!(f, "{sealer} sealed that it found {result}"),
            Reason::Missing { missing: Missing::Answer, domain } => {
                write!(f, "name servers did not answer well in time about {domain}")
            }
            Reason::Missing { missing: Missing::Text, domain } => {
                write!(f, "too large for its signatures to be checked, and nothing else vouches for {domain}")
            }
            Reason::Missing { missing: Missing::Client, domain } => {
                write!(f, "no signature vouches for {domain}, and no Received of the border tells whom SPF would judge")
            }
            Reason::NotLookedUp => write!(f, "nothing depends on its author, so that nothing was looked up"),
            Reason::Vouched { method, domain } => write!(f, "no DMARC record, and {method}=pass of {domain}"),
            Reason::NobodyVouches { domain } => write!(f, "no DMARC record, and nothing that vouches for {domain}"),
        }
    }
}
