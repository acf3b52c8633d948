//! What proves an author: found before anything is decided about the mail, and kept in its row.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Vouched;
use crate::mail::{Authentication, authenticity};

/// What an author is proven by, or was to be proven by. Shown, it is half a sentence.
///
/// Stored, it is JSON with the way as `by`: `{"by":"header","authentication":"passed","reason":"dmarc",…}`,
/// `{"by":"token"}`; a mail that was handed in for somebody holds what proves its sender as `own`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Proof {
    /// The mailbox goes by what its border wrote onto the mail (RFC 8601).
    Header(Judged),
    /// The same where Exchange Online wrote it.
    Exchange(Judged),
    /// The mailbox goes by who logged in at its own server to hand the mail in.
    Submission(Judged),
    /// The mailbox goes by what name servers say of signatures and senders (DKIM, SPF, DMARC, ARC).
    Dns(Looked),
    /// The mailbox goes by a signed token of ours alone, and the decision finds whether the mail bears one: closed networks
    /// that have nothing else.
    Token,
    /// A form handed it in for somebody.
    Form(Handed),
    /// A list that feeds the desk did, under its own address.
    List(Handed),
    /// What redirects to us did, which breaks what would have proven the author.
    Redirected(Handed),
    /// The author let the mail out of quarantine by the code of a challenge.
    Challenge,
    /// Somebody else here let it out, and vouches for it.
    Release,
    /// Nothing does: its mailbox is not in the configuration.
    Nothing,
}

/// What a mail itself tells of its author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// What is known of the author.
    pub authentication: Authentication,
    /// The one finding that `authentication` rests on; stored as `reason`, its values beside it.
    #[serde(flatten)]
    pub reason: authenticity::Reason,
}

/// Who handed a mail in for its author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// The form's name, the list's address, or what redirects.
    pub name: String,
    /// Whom the mail names as its author.
    pub author: Named,
    /// What proves whoever handed it in.
    pub own: Box<Proof>,
}

/// Whom a mail that was handed in names as its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// Somebody: the mail is theirs.
    Somebody,
    /// Nobody, or in no readable form: the mail stays its sender's.
    Nobody,
    /// One of ours, a vendor, or a program: the same, because that takes more than a name in a form.
    Ours,
}

/// What we found ourselves, and what that tells of the author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// What is known of the author.
    #[serde(flatten)]
    pub judged: Judged,
    /// What it rests on; `None` where nothing was looked up.
    pub found: Option<authenticity::Found>,
}

impl From<authenticity::Verdict<'_>> for Judged {
    fn from(verdict: authenticity::Verdict<'_>) -> Judged {
        Judged { authentication: verdict.authentication, reason: verdict.reason }
    }
}

impl Proof {
    /// What is known of the author before the decision.
    pub fn authentication(&self) -> Authentication {
        match self {
            Proof::Header(judged) | Proof::Exchange(judged) | Proof::Submission(judged) => judged.authentication,
            Proof::Dns(looked) => looked.judged.authentication,
            Proof::Challenge | Proof::Release => Authentication::Passed,
            Proof::Token | Proof::Form(_) | Proof::List(_) | Proof::Redirected(_) | Proof::Nothing => {
                Authentication::Unverified
            }
        }
    }

    /// What proves the sender itself, where the mail was handed in for somebody.
    pub(super) fn of_sender(self) -> Proof {
        match self {
            Proof::Form(handed) | Proof::List(handed) | Proof::Redirected(handed) => *handed.own,
            own => own,
        }
    }

    /// The form that handed the mail in.
    pub(super) fn form(&self) -> Option<&str> {
        match self {
            Proof::Form(handed) => Some(&handed.name),
            _ => None,
        }
    }

    /// What name servers told, where they were asked.
    pub fn found(&self) -> Option<&authenticity::Found> {
        match self {
            Proof::Dns(looked) => looked.found.as_ref(),
            Proof::Header(_)
            | Proof::Form(_)
            | Proof::List(_)
            | Proof::Redirected(_)
            | Proof::Exchange(_)
            | Proof::Submission(_)
            | Proof::Token
            | Proof::Challenge
            | Proof::Release
            | Proof::Nothing => None,
        }
    }

    /// The word for the way.
    pub fn by(&self) -> &'static str {
        match self {
            Proof::Header(_) => "header",
            Proof::Exchange(_) => "exchange",
            Proof::Submission(_) => "submission",
            Proof::Dns(_) => "dns",
            Proof::Token => "token",
            Proof::Form(_) => "form",
            Proof::List(_) => "list",
            Proof::Redirected(_) => "redirected",
            Proof::Challenge => "challenge",
            Proof::Release => "release",
            Proof::Nothing => "nothing",
        }
    }
}

impl From<Vouched> for Proof {
    fn from(vouched: Vouched) -> Proof {
        match vouched {
            Vouched::Author => Proof::Challenge,
            Vouched::Colleague => Proof::Release,
        }
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Proof::Header(judged) | Proof::Exchange(judged) | Proof::Submission(judged) => judged.reason.fmt(f),
            Proof::Dns(looked) => looked.judged.reason.fmt(f),
            Proof::Token => f.write_str("a token of ours decides"),
            Proof::Form(Handed { name, author, own }) => {
                let named = match author {
                    Named::Somebody => "names the requester",
                    Named::Nobody => "names no requester that can be read",
                    Named::Ours => "names one of ours as the requester",
                };
                write!(f, "the form {name} {named}; its own mail: {own}")
            }
            Proof::List(Handed { name, author, own }) => {
                let named = match author {
                    Named::Somebody => "names the author",
                    Named::Nobody | Named::Ours => "names no author that counts",
                };
                write!(f, "the list {name} {named}; its own mail: {own}")
            }
            Proof::Redirected(Handed { name, own, .. }) => write!(f, "redirected by {name}, which breaks {own}"),
            Proof::Challenge => f.write_str("the author answered a challenge"),
            Proof::Release => f.write_str("somebody here vouches for it"),
            Proof::Nothing => f.write_str("its mailbox is not in the configuration"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::authenticity::{Checked, Dmarc, DmarcRecord, Found, Reason, Seal, Signature, Spf, Weakness};

    fn found() -> Found {
        Found {
            signatures: vec![Signature {
                domain: "client.test".to_owned(),
                selector: "k".to_owned(),
                algorithm: "rsa-sha1".to_owned(),
                result: Checked::Pass,
                why: None,
                weakness: Some(Weakness::OldAlgorithm),
            }],
            spf: Some(Spf {
                domain: "lists.test".to_owned(),
                client: "192.0.2.7".to_owned(),
                result: Checked::SoftFail,
            }),
            dmarc: Some(Dmarc {
                domain: "client.test".to_owned(),
                result: Checked::Fail,
                record: Some(DmarcRecord {
                    at: "client.test".to_owned(),
                    policy: "reject".to_owned(),
                    strict_dkim: false,
                    strict_spf: true,
                }),
            }),
            seals: vec![Seal::new("lists.test", "i=1; mx.lists.test; dmarc=pass")],
            chain: Some(Checked::Pass),
            is_cut: false,
        }
    }

    #[test]
    fn each_is_stored_in_a_form_of_its_own() {
        let header = |authentication, reason| Proof::Header(Judged { authentication, reason });
        let domain = || "client.test".to_owned();
        let (passed, failed, unverified) = (Authentication::Passed, Authentication::Failed, Authentication::Unverified);
        let dmarc = Reason::Dmarc { result: "fail".to_owned(), domain: domain() };
        let dkim = Reason::Vouched { method: "dkim".to_owned(), domain: domain() };
        let login = Reason::Login { account: "marie@client.test".to_owned() };
        for (proof, stored) in [
            (
                header(failed, dmarc),
                r#"{"by":"header","authentication":"failed","reason":"dmarc","result":"fail","domain":"client.test"}"#,
            ),
            (
                header(passed, dkim),
                r#"{"by":"header","authentication":"passed","reason":"vouched","method":"dkim","domain":"client.test"}"#,
            ),
            (
                header(passed, login),
                r#"{"by":"header","authentication":"passed","reason":"login","account":"marie@client.test"}"#,
            ),
            (
                header(unverified, Reason::OtherAuthor { domain: domain() }),
                r#"{"by":"header","authentication":"unverified","reason":"other_author","domain":"client.test"}"#,
            ),
            (
                header(unverified, Reason::NobodyVouches { domain: domain() }),
                r#"{"by":"header","authentication":"unverified","reason":"nobody_vouches","domain":"client.test"}"#,
            ),
            (
                header(unverified, Reason::NoResults),
                r#"{"by":"header","authentication":"unverified","reason":"no_results"}"#,
            ),
            (
                header(unverified, Reason::AuthorInDoubt),
                r#"{"by":"header","authentication":"unverified","reason":"author_in_doubt"}"#,
            ),
            (
                header(unverified, Reason::Damaged),
                r#"{"by":"header","authentication":"unverified","reason":"damaged"}"#,
            ),
            (
                header(unverified, Reason::OddSender),
                r#"{"by":"header","authentication":"unverified","reason":"odd_sender"}"#,
            ),
            (
                Proof::Exchange(Judged { authentication: passed, reason: Reason::Internal }),
                r#"{"by":"exchange","authentication":"passed","reason":"internal"}"#,
            ),
            (
                Proof::Submission(Judged { authentication: unverified, reason: Reason::NoLogin }),
                r#"{"by":"submission","authentication":"unverified","reason":"no_login"}"#,
            ),
            (
                Proof::Submission(Judged {
                    authentication: unverified,
                    reason: Reason::OtherLogin { account: "paul@client.test".to_owned() },
                }),
                r#"{"by":"submission","authentication":"unverified","reason":"other_login","account":"paul@client.test"}"#,
            ),
            (
                Proof::Form(Handed { name: "site".to_owned(), author: Named::Ours, own: Box::new(Proof::Nothing) }),
                r#"{"by":"form","name":"site","author":"ours","own":{"by":"nothing"}}"#,
            ),
            (
                Proof::Dns(Looked {
                    judged: Judged { authentication: unverified, reason: Reason::NotLookedUp },
                    found: None,
                }),
                r#"{"by":"dns","authentication":"unverified","reason":"not_looked_up","found":null}"#,
            ),
            (
                Proof::Dns(Looked {
                    judged: Judged {
                        authentication: passed,
                        reason: Reason::Sealed {
                            sealer: "lists.test".to_owned(),
                            result: "dmarc=pass of client.test".to_owned(),
                        },
                    },
                    found: Some(found()),
                }),
                concat!(
                    r#"{"by":"dns","authentication":"passed","reason":"sealed","sealer":"lists.test","#,
                    r#""result":"dmarc=pass of client.test","found":{"signatures":[{"domain":"client.test","#,
                    r#""selector":"k","algorithm":"rsa-sha1","result":"pass","why":null,"weakness":"old_algorithm"}],"#,
                    r#""spf":{"domain":"lists.test","client":"192.0.2.7","result":"softfail"},"#,
                    r#""dmarc":{"domain":"client.test","result":"fail","record":{"at":"client.test","#,
                    r#""policy":"reject","strict_dkim":false,"strict_spf":true}},"#,
                    r#""seals":[{"sealer":"lists.test","results":"mx.lists.test; dmarc=pass"}],"#,
                    r#""chain":"pass","is_cut":false}}"#
                ),
            ),
            (Proof::Token, r#"{"by":"token"}"#),
            (Proof::Challenge, r#"{"by":"challenge"}"#),
            (Proof::Release, r#"{"by":"release"}"#),
            (Proof::Nothing, r#"{"by":"nothing"}"#),
        ] {
            assert_eq!(serde_json::to_string(&proof).unwrap(), stored);
            assert_eq!(serde_json::from_str::<Proof>(stored).unwrap(), proof);
            assert!(stored.contains(&format!("\"by\":\"{}\"", proof.by())), "{stored}");
        }
    }
}
