//! Why a delivery failed, in one word of a fixed vocabulary: from what the other server said, else from its codes.

use std::sync::LazyLock;

use super::super::fold::lower;
use super::super::words::{self, List};

/// What a reason is judged by.
pub(super) struct Evidence<'e> {
    /// What the other server said.
    pub(super) diagnostic: &'e str,
    /// The text around it.
    pub(super) human: &'e str,
    pub(super) subject: &'e str,
    pub(super) status: Option<&'e str>,
    pub(super) replycode: Option<&'e str>,
    pub(super) action: &'e str,
    pub(super) recipient: Option<&'e str>,
}

/// The word for a failure.
pub(super) fn of(evidence: &Evidence<'_>) -> &'static str {
    if matches!(evidence.action, "delivered" | "relayed" | "expanded") {
        return "delivered";
    }
    let said = tight(evidence.diagnostic);
    // What a program on the last machine wrote; a full mailbox is the one thing that it says of the recipient. Where it only
    // ended with EX_NOUSER (sysexits.h), Postfix writes this itself.
    if let Some(program) = said.strip_prefix("x-unix;") {
        if program.trim() == "user unknown" {
            return "userunknown";
        }
        return by_words(&said).filter(|word| *word == "mailboxfull").unwrap_or("mailererror");
    }
    let command = Command::last(&format!("{} {said}", tight(evidence.human)));
    let found = best(&said, evidence.status).or_else(|| {
        let around = tight(evidence.human);
        by_words(&around)
            .filter(|word| !is_vague(word))
            .or_else(|| plain(&said, evidence.status))
            .or_else(|| by_words(&around))
    });
    let found = found.or_else(|| by_words(&tight(evidence.subject)));
    // Google's groups answer in the sender's language, without a code: no such group, or no right to write to it.
    let of_group = evidence.recipient.is_some_and(|recipient| recipient.ends_with("@googlegroups.com"));
    if of_group && evidence.replycode.is_none() && evidence.status.is_none() {
        return "rejected";
    }
    let temporary = evidence.action == "delayed" || evidence.status.is_some_and(|code| code.starts_with('4'));
    // RFC 3463 X.4.1 and X.4.7: no answer from the host, until the time was over.
    let unanswered = evidence.status.is_some_and(|code| code.ends_with(".4.1") || code.ends_with(".4.7"));
    let gave_up = evidence.action == "failed" && temporary && unanswered;
    match (found, evidence.replycode) {
        // "Host not found, try again" (netdb.h, TRY_AGAIN): the name server did not answer.
        (Some("hostunknown"), _) if temporary || said.contains("try again") => "networkerror",
        (Some("networkerror"), _) if gave_up => "expired",
        (Some("userunknown" | "filtered" | "rejected" | "networkerror"), _) | (None, _)
            if evidence.action == "delayed" =>
        {
            "expired"
        }
        (Some("userunknown"), _)
            if servers_say(&said, "userunknown") || servers_say(&tight(evidence.human), "userunknown") =>
        {
            "userunknown"
        }
        (Some("userunknown"), _) => {
            let named = evidence.recipient.is_some_and(|recipient| {
                answers_recipient(&said, recipient) || answers_recipient(&tight(evidence.human), recipient)
            });
            let command = if command.is_none() && named { Some(Command::Recipient) } else { command };
            let outright = says_no_such_user(&said) || says_no_such_user(&tight(evidence.human));
            if outright && command.is_none() && evidence.status.is_none_or(|status| status.starts_with('5')) {
                return "userunknown";
            }
            unknown_user(command, evidence.status)
        }
        (Some("suspend"), _) if evidence.status.is_some_and(|code| code.ends_with(".1.1")) => "userunknown",
        (Some("rejected" | "policyviolation"), _) | (None, Some(_)) if command == Some(Command::Connect) => "blocked",
        (Some(word), _) => word,
        (None, Some(code)) => by_reply(code),
        (None, None) => "undefined",
    }
}

/// Where in the dialogue the other server refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Connect,
    Mail,
    Recipient,
    Data,
}

impl Command {
    /// The last command that a report speaks of, as the large mail servers write it.
    fn last(text: &str) -> Option<Command> {
        const MARKS: &[(Command, &[&str])] = &[
            (
                Command::Connect,
                &[
                    ">>> ehlo",
                    ">>> helo",
                    "in reply to ehlo",
                    "in reply to helo",
                    "after initial connection",
                    "in reply to connect",
                    "while receiving the initial server greeting",
                    "smtp command ehlo",
                    "smtp command helo",
                ],
            ),
            (
                Command::Mail,
                &[
                    ">>> mail from",
                    "in reply to mail from",
                    "after mail from",
                    "did not like our mail from",
                    "smtp command mail",
                ],
            ),
            (
                Command::Recipient,
                &[
                    ">>> rcpt to",
                    "in reply to rcpt to",
                    "after rcpt to",
                    "rcpt to response",
                    "does not like recipient",
                    "did not like our rcpt to",
                    "smtp command rcpt",
                    "[rcpt_to]",
                ],
            ),
            (
                Command::Data,
                &[
                    ">>> data",
                    "in reply to data",
                    "in reply to end of data",
                    "after end of data",
                    "after data",
                    "did not like our final data",
                    "did not like our data",
                    "smtp command data",
                    "(data)",
                ],
            ),
        ];
        let places = MARKS
            .iter()
            .flat_map(|(command, marks)| marks.iter().filter_map(|mark| Some((text.rfind(mark)?, *command))));
        places.max_by_key(|(at, _)| *at).map(|(_, command)| command)
    }
}

/// What is sure: a status code that says more than words, plain words, a plain code.
fn best(said: &str, status: Option<&str>) -> Option<&'static str> {
    let code = status.and_then(by_status);
    let sure = status.is_some_and(|status| {
        let detail = status.split_once('.').map_or("", |(_, detail)| detail);
        matches!(detail, "1.6" | "1.7" | "1.8" | "7.25" | "7.26" | "7.27" | "7.23" | "7.24" | "2.2")
    });
    if sure {
        return code;
    }
    let sure_words = |word: &&str| !is_vague(word) || *word == "expired" && servers_say(said, "expired");
    by_words(said).filter(sure_words).or(code.filter(|code| !is_vague(code)))
}

/// What is left where nothing is sure.
fn plain(said: &str, status: Option<&str>) -> Option<&'static str> {
    by_words(said).or(status.and_then(by_status))
}

/// A server that knows its users says so at RCPT or with a code for an address (RFC 3463 X.1.x); one that says it
/// elsewhere has a filter behind it.
fn unknown_user(command: Option<Command>, status: Option<&str>) -> &'static str {
    let of_address = status.is_some_and(|status| status.get(1..3) == Some(".1"));
    if of_address || command == Some(Command::Recipient) { "userunknown" } else { "filtered" }
}

/// It is about the recipient, whatever code the queue in between knows for it (OpenSMTPD: 5.0.0).
fn says_no_such_user(said: &str) -> bool {
    let nouns = ["user", "recipient", "mailbox", "address", "account", "local user"];
    said.split("no such ").skip(1).any(|rest| nouns.iter().any(|noun| rest.starts_with(noun)))
}

/// Whether a reply begins with the address of the recipient: `550 5.1.1 <a@b>: User unknown` answers RCPT, the one
/// command that names it.
fn answers_recipient(said: &str, recipient: &str) -> bool {
    let Some(at) = said.find(&*recipient.to_lowercase()) else { return false };
    let mut words = said[..at].trim_end_matches(['<', '"', '\'', ' ']).rsplit(' ').take(2);
    let is_reply = |word: &str| {
        let code = word.trim_end_matches([':', '-']);
        code.len() == 3 && code.starts_with(['4', '5']) && code.bytes().all(|b| b.is_ascii_digit())
    };
    let Some(last) = words.next() else { return false };
    is_reply(last) || last.starts_with("5.1.") && words.next().is_some_and(is_reply)
}

/// Whether the address is dead for good.
pub(super) fn is_hard(reason: &str, action: &str, status: Option<&str>) -> bool {
    let refused_for_good = reason == "notaccept" && status.is_none_or(|status| status.starts_with('5'));
    action != "delayed" && (refused_for_good || matches!(reason, "userunknown" | "hostunknown" | "hasmoved"))
}

fn is_vague(reason: &str) -> bool {
    matches!(
        reason,
        "rejected"
            | "filtered"
            | "undefined"
            | "mailererror"
            | "systemerror"
            | "policyviolation"
            | "onhold"
            | "expired"
    )
}

/// Lower case, blanks as one, of a bounded start.
fn tight(text: &str) -> String {
    let start = lower(text, 6_000);
    start.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// RFC 3463 §3.
fn by_status(status: &str) -> Option<&'static str> {
    let detail = status.split_once('.').map_or("", |(_, detail)| detail);
    let transient = status.starts_with('4');
    Some(match detail {
        "0.0" => return None,
        "1.1" | "1.0" | "1.3" => "userunknown",
        "1.2" => "hostunknown",
        "1.6" => "hasmoved",
        "1.7" | "1.8" => "rejected",
        "1.9" => "systemerror",
        "1.10" => "notaccept",
        "2.0" | "2.1" if transient => "onhold",
        "2.0" => "filtered",
        "2.1" => "suspend",
        "2.2" => "mailboxfull",
        "2.3" => "exceedlimit",
        "3.4" => "mesgtoobig",
        "2.4" => "filtered",
        "3.0" => "mailererror",
        "3.1" => "systemfull",
        "3.2" => "notaccept",
        "3.3" | "3.5" => "systemerror",
        "4.0" | "4.1" | "4.2" | "4.6" | "4.3" => "networkerror",
        "4.4" => "hostunknown",
        "4.5" => "toomanyconn",
        "4.7" => "expired",
        "5.0" | "5.1" | "5.2" | "5.4" => "syntaxerror",
        "5.3" => "toomanyconn",
        "6.0" | "6.1" | "6.2" | "6.3" | "6.5" | "6.6" | "6.7" | "6.8" | "6.9" => "contenterror",
        "7.0" | "7.1" | "7.9" => "policyviolation",
        "7.2" => "filtered",
        "7.8" | "7.10" | "7.11" | "7.14" | "7.4" | "7.5" => "securityerror",
        "7.3" | "7.6" | "7.7" | "7.12" | "7.13" => "securityerror",
        "7.20" | "7.21" | "7.22" | "7.23" | "7.24" | "7.26" | "7.27" | "7.29" | "7.30" => "authfailure",
        "7.25" => "requireptr",
        "7.28" => "speeding",
        _ => return None,
    })
}

/// RFC 5321 §4.2.3, where nothing better is said.
fn by_reply(code: &str) -> &'static str {
    match code {
        "421" => "expired",
        "452" | "552" => "mailboxfull",
        "500" | "501" | "502" | "503" | "504" => "syntaxerror",
        "550" | "551" | "553" => "userunknown",
        "554" => "rejected",
        _ => "undefined",
    }
}

/// What the words say: first what a server's own sentence says of address, mailbox or policy, then what anybody's words
/// say of it; only then what is said of networks and queues, which stands in many reports beside the cause.
fn by_words(said: &str) -> Option<&'static str> {
    if said.is_empty() {
        return None;
    }
    let holds = |phrases: &[&str]| phrases.iter().any(|phrase| said.contains(phrase));
    let of_servers = |tier: Tier| {
        SERVERS.iter().find(|(reason, phrases)| Tier::of(reason) == tier && holds(phrases)).map(|(reason, _)| *reason)
    };
    let of_all = |tier: Tier| {
        VOCABULARY
            .iter()
            .find(|(reason, phrases)| Tier::of(reason) == tier && holds(phrases))
            .map(|(reason, _)| *reason)
    };
    let tiers = [Tier::Refusal, Tier::Trouble, Tier::Waiting];
    let found = tiers.into_iter().find_map(|tier| of_servers(tier).or_else(|| of_all(tier)));
    found.or_else(|| holds(&BARE).then_some("rejected"))
}

/// Whether a server's own sentence gives a reason.
fn servers_say(said: &str, reason: &str) -> bool {
    SERVERS
        .iter()
        .filter(|(known, _)| *known == reason)
        .any(|(_, phrases)| phrases.iter().any(|phrase| said.contains(phrase)))
}

/// Reasons with the sentences of one server that give them, in no order that matters. A sentence is its server's whoever the
/// recipient is; what any server may say is in the vocabulary.
static SERVERS: LazyLock<Vec<(&str, Vec<&str>)>> = LazyLock::new(|| words::sections("servers"));

/// Reasons with the words of any server, most telling first. The same reason may come twice: once with words that leave no
/// doubt, and later with vaguer ones.
static VOCABULARY: LazyLock<Vec<(&str, Vec<&str>)>> = LazyLock::new(|| words::sections("refusal"));

/// Words that say no more than that it was refused.
static BARE: List = List::new(|| words::list("report", "bare_refusals"));

/// How much a reason tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    /// The recipient or the mail was refused: it names the cause.
    Refusal,
    /// A machine on the way failed: the cause may stand elsewhere in the report.
    Trouble,
    /// It took too long; the cause stands before it.
    Waiting,
}

impl Tier {
    fn of(reason: &str) -> Tier {
        match reason {
            "expired" | "onhold" => Tier::Waiting,
            "networkerror" | "systemerror" | "mailererror" | "syntaxerror" => Tier::Trouble,
            _ => Tier::Refusal,
        }
    }
}
