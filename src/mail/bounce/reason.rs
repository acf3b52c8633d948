//! Why a delivery failed, in one word of a fixed vocabulary: from what the other server said, else from its codes.

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
    if said.starts_with("x-unix;") {
        return "mailererror";
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
    let gave_up = evidence.action == "failed" && evidence.status.is_some_and(|code| code.starts_with('4'));
    match (found, evidence.replycode) {
        (Some("hostunknown"), _) if temporary => "networkerror",
        (Some("networkerror"), _) if gave_up => "expired",
        (Some("userunknown" | "filtered" | "rejected"), _) | (None, _) if evidence.action == "delayed" => "expired",
        (Some("userunknown"), _) => unknown_user(command, evidence.status),
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
        matches!(
            detail,
            "1.6" | "1.7" | "1.8" | "1.9" | "2.3" | "7.25" | "7.26" | "7.27" | "7.23" | "7.24" | "4.7" | "2.2"
        )
    });
    if sure {
        return code;
    }
    by_words(said).filter(|word| !is_vague(word)).or(code.filter(|code| !is_vague(code)))
}

/// What is left where nothing is sure.
fn plain(said: &str, status: Option<&str>) -> Option<&'static str> {
    by_words(said).or(status.and_then(by_status))
}

/// A server that knows its users says so at RCPT; one that says it after DATA has a filter behind it.
fn unknown_user(command: Option<Command>, status: Option<&str>) -> &'static str {
    let coded = status.is_some_and(|status| [".1.1", ".1.0", ".1.2"].iter().any(|detail| status.ends_with(detail)));
    if !coded && command == Some(Command::Data) { "filtered" } else { "userunknown" }
}

/// Whether the address is dead for good.
pub(super) fn is_hard(reason: &str, action: &str) -> bool {
    action != "delayed" && matches!(reason, "userunknown" | "hostunknown" | "hasmoved" | "notaccept")
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
    let start: String = text.chars().take(6_000).flat_map(char::to_lowercase).collect();
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
        "1.7" | "1.8" | "1.9" => "rejected",
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
        "5.3" => "exceedlimit",
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

fn by_words(said: &str) -> Option<&'static str> {
    if said.is_empty() {
        return None;
    }
    WORDS.iter().find(|(_, phrases)| phrases.iter().any(|phrase| said.contains(phrase))).map(|(reason, _)| *reason)
}

/// What servers say, most telling first; lower case, blanks as one.
const WORDS: &[(&str, &[&str])] = &[
    ("systemerror", &["contact ldap"]),
    (
        "mailboxfull",
        &[
            "mailbox exceeded",
            "mailbox full",
            "mailbox is full",
            "mailbox quota",
            "quota exceeded",
            "over quota",
            "overquota",
            "exceeded storage",
            "exceeds storage",
            "over the quota",
            "disk quota",
            "storage quota",
            "insufficient storage",
            "mailbox size limit",
            "mailbox would exceed",
            "quota limit",
            "out of storage",
            "mailbox has exceeded",
            "user has exceeded",
            "account is full",
            "inbox is full",
            "mailfolder is full",
            "boîte aux lettres est pleine",
            "boite aux lettres pleine",
            "boîte pleine",
            "quota dépassé",
            "exceeded the quota",
            "exceeding quota",
            "exceed the quota",
            "is over disk",
            "maildir over",
            "not enough storage",
            "full mailbox",
            "mailbox_full",
            "mail box full",
            "storage limit",
            "diskspace quota",
            "message would exceed",
            "quota full",
            "box is full",
            "exceeds allowed",
            "over its quota",
        ],
    ),
    (
        "systemfull",
        &[
            "insufficient disk space",
            "insufficient system storage",
            "no space left",
            "mail system full",
            "not enough disk space",
            "requested mail action aborted: exceeded storage",
        ],
    ),
    (
        "mesgtoobig",
        &[
            "line limit exceeded",
            "message too large",
            "message too big",
            "message is too large",
            "too large",
            "exceeds maximum",
            "message size exceeds",
            "maximum message size",
            "exceeds size limit",
            "message exceeded",
            "size limit",
            "exceeded maximum inbound",
            "max message size",
            "mail data size",
            "oversize",
            "size exceeds",
        ],
    ),
    (
        "hasmoved",
        &[
            "has moved",
            "has been replaced",
            "address changed",
            "has changed to",
            "no longer here, please",
            "new address",
            "moved to",
        ],
    ),
    ("virusdetected", &["virus", "malware", "infected", "phishing", "trojan"]),
    ("securityerror", &["unauthenticated senders"]),
    ("contenterror", &["duplicate header"]),
    ("spamdetected", &["due to spam", "spam classification", "classified as spam", "considered spam"]),
    (
        "authfailure",
        &[
            "dmarc",
            "spf fail",
            "spf check",
            "spf (sender policy",
            "sender policy framework",
            "dkim",
            "unauthenticated",
            "not authenticated",
            "spf record",
            "spf hard fail",
            "failed spf",
            "spf.pobox",
            "openspf",
            "does not have authentication information",
        ],
    ),
    (
        "requireptr",
        &[
            "mismatches client ip",
            "reverse dns",
            "ptr record",
            "cannot find your hostname",
            "no ptr",
            "rdns",
            "fix reverse",
            "client host rejected: cannot find",
            "reverse lookup",
            "ip name lookup failed",
        ],
    ),
    ("badreputation", &["reputation", "senderscore", "sender score", "complaints"]),
    (
        "spamdetected",
        &[
            "spam",
            "bulk mail",
            "blacklisted url",
            "junk",
            "uribl",
            "surbl",
            "content filter",
            "unsolicited",
            "rejected by content",
            "dcc reject",
            "detected as",
        ],
    ),
    (
        "speeding",
        &[
            "this hour",
            "rate limit",
            "too fast",
            "too many messages",
            "sending rate",
            "too many emails",
            "try again more slowly",
            "throttl",
            "receiving mail too quickly",
            "exceeded the rate",
            "rate that",
            "hourly limit",
            "daily limit",
            "sending limit",
            "slow down",
        ],
    ),
    (
        "toomanyconn",
        &[
            "too many connections",
            "too many concurrent",
            "too many sessions",
            "connection limit",
            "connection rate limit",
            "all server ports are busy",
            "concurrency limit",
            "frequency limited",
        ],
    ),
    (
        "blocked",
        &[
            "name was rejected",
            "not accepting connections",
            "helo name",
            "blocked",
            "blacklist",
            "block list",
            "blocklist",
            "blackholed",
            "rbl",
            "dnsbl",
            "black list",
            "is listed",
            "spamhaus",
            "spamcop",
            "sorbs",
            "barracudacentral",
            "your ip address",
            "your network is",
            "denylist",
            "banned",
            "client host rejected",
            "not allowed to connect",
            "connections from the host",
            "host not permitted",
            "access denied. ip",
            "bad helo",
            "helo command rejected",
            "dynamic ip",
            "open relay",
            "access from",
            "connection refused by",
        ],
    ),
    ("exceedlimit", &["too many recipients", "recipient limit", "too many rcpt"]),
    (
        "norelaying",
        &[
            "as a relay",
            "relay access denied",
            "relaying denied",
            "relay not permitted",
            "relaying not allowed",
            "not permitted to relay",
            "unable to relay",
            "relay denied",
            "relay not allowed",
            "relaying is prohibited",
            "not a gateway",
            "no relaying",
            "rcpthosts",
            "we do not relay",
            "relaying mail",
            "insecure mail relay",
            "relay operation",
            "that domain isn't in my list of allowed",
        ],
    ),
    (
        "notaccept",
        &[
            "null mx",
            "nullmx",
            "does not accept mail",
            "does not accept email",
            "not accept any mail",
            "domain does not exist: null",
            "does not receive mail",
            "smtp service not available",
            "find a mail exchanger",
            "no mx found",
        ],
    ),
    (
        "suspend",
        &[
            "account disabled",
            "account is disabled",
            "mailbox disabled",
            "mailbox is disabled",
            "suspended",
            "inactive",
            "mailbox unavailable or access denied",
            "account has been disabled",
            "currently disabled",
            "account is temporarily",
            "is locked",
            "account locked",
            "deactivated",
            "mailbox is frozen",
            "user disabled",
            "disabled",
            "no longer in use",
            "not active",
            "discontinued",
            "closed",
        ],
    ),
    (
        "hostunknown",
        &[
            "domain does not exist",
            "unrouteable address",
            "unroutable address",
            "no such domain",
            "host or domain name not found",
        ],
    ),
    ("filtered", &["recipient preferences"]),
    (
        "userunknown",
        &[
            "recipient address rejected: access denied",
            "invalid final delivery userid",
            "please check if address is correct",
            "no valid recipients",
            "ディレクトリのリストにありません",
            "ディレクトリで見つかりません",
            "ディレクトリには見つかりません",
            "recipient address rejected. (",
            "user invalid",
            "invalid recipients",
            "bad recipient",
            "no recipient",
            "user unknown",
            "unknown user",
            "no such user",
            "user not found",
            "unknown recipient",
            "recipient unknown",
            "no such recipient",
            "recipient not found",
            "no such mailbox",
            "mailbox not found",
            "no mailbox",
            "does not exist",
            "doesn't exist",
            "not a valid mailbox",
            "invalid recipient",
            "invalid mailbox",
            "invalid user",
            "invalid address",
            "unknown address",
            "address unknown",
            "no such address",
            "no such person",
            "not listed in",
            "is not known",
            "not a known user",
            "user doesn't have",
            "doesn't have a",
            "no account",
            "unknown account",
            "unknown local",
            "not our customer",
            "mailbox unavailable",
            "bad destination mailbox",
            "bad address",
            "no longer on server",
            "user is unknown",
            "recipient address rejected: user",
            "recipient address rejected: unknown",
            "recipient address rejected: undeliverable",
            "no longer valid",
            "no longer available",
            "no longer works",
            "there is no one",
            "not a user",
            "unknown mailbox",
            "couldn't be found",
            "could not be found",
            "wasn't found",
            "was not found",
            "n'existe pas",
            "inconnu",
            "adresse inexistante",
            "introuvable",
            "resolver.adr.recipnotfound",
            "recipnotfound",
            "recipientnotfound",
            "unknown e-mail",
            "address does not",
            "undeliverable address",
            "not match any recipient",
            "user_unknown",
            "unknown or illegal alias",
            "this user doesn",
            "addressee unknown",
            "no user",
            "not exist",
            "is not a valid",
            "user does not",
            "mailbox does not",
            "is unknown",
            "nobody here by that name",
            "unknown virtual user",
            "delivery to the following recipients failed permanently",
            "badly formed",
            "not found in directory",
            "recipient no longer",
            "deleted",
            "invalid receiver",
        ],
    ),
    (
        "hostunknown",
        &[
            "dns lookup failure",
            "host unknown",
            "unknown host",
            "host not found",
            "domain not found",
            "no such domain",
            "unknown domain",
            "name or service not known",
            "couldn't find any host",
            "could not find any host",
            "domain does not exist",
            "nxdomain",
            "unrouteable mail domain",
            "unrouteable domain",
            "domain unknown",
            "host or domain name not found",
            "bad destination system",
            "illegal host/domain",
            "domain name not found",
            "non-existent domain",
            "no route to domain",
            "dns lookup failed",
            "domain isn't",
            "doesn't resolve",
            "cannot resolve",
            "host lookup did not complete",
            "mail server for",
            "domain is not",
            "nonexistent domain",
            "unresolvable",
        ],
    ),
    (
        "filtered",
        &[
            "filtered",
            "recipient refused",
            "refused by the recipient",
            "user refuses",
            "does not want",
            "rejected by recipient",
            "due to extended inactivity",
            "user reject",
            "has not been delivered to",
            "recipient has refused",
            "protected by",
            "not accepting mail",
            "not accept",
            "recipient rejected",
            "restricted",
            "resolver.rst",
        ],
    ),
    (
        "rejected",
        &[
            "all recipient addresses rejected",
            "you are not allowed to post",
            "sender was rejected",
            "sender rejected",
            "sender address rejected",
            "sender denied",
            "sender verify failed",
            "domain of sender",
            "sender domain",
            "from address",
            "sender is not",
            "sender refused",
            "invalid sender",
            "address rejected",
            "does not like sender",
            "mail from",
            "sender address",
            "access denied",
        ],
    ),
    (
        "networkerror",
        &[
            "name service error",
            "connection timed out",
            "connection refused",
            "network unreachable",
            "no route to host",
            "network is unreachable",
            "operation timed out",
            "connection reset",
            "connection dropped",
            "lost connection",
            "connection lost",
            "timed out while",
            "could not connect",
            "couldn't connect",
            "wasn't able to establish an smtp connection",
            "unable to connect",
            "connect to",
            "hop count exceeded",
            "too many hops",
            "mail loop",
            "loops back to myself",
            "mail forwarding loop",
            "routing loop",
            "unreachable",
            "loop detected",
            "looping",
            "connection failed",
            "bad connection",
        ],
    ),
    (
        "notcompliantrfc",
        &[
            "rfc 5322",
            "rfc 5321",
            "rfc5322",
            "rfc 2822",
            "rfc2822",
            "rfc 1035",
            "bare lf",
            "multiple from",
            "not rfc",
            "violates rfc",
            "not compliant",
            "missing or bad",
        ],
    ),
    (
        "securityerror",
        &[
            "authentication required",
            "authentication failed",
            "tls",
            "ssl",
            "certificate",
            "must issue a starttls",
            "encryption required",
            "credentials",
            "password",
            "login",
            "authentication",
            "unauthorized",
        ],
    ),
    (
        "policyviolation",
        &[
            "policy",
            "administrative prohibition",
            "prohibited",
            "attachment",
            "not allowed",
            "not permitted",
            "restriction",
            "security reasons",
            "delivery not authorized",
            "not authorized",
            "legal reasons",
            "forbidden",
            "message refused",
            "message rejected",
            "denied",
            "legitimate",
            "protocol violation",
        ],
    ),
    (
        "contenterror",
        &[
            "content",
            "improper use of 8-bit",
            "conversion failed",
            "8bit",
            "mime",
            "message filtered",
            "header error",
            "message content rejected",
        ],
    ),
    (
        "syntaxerror",
        &["syntax error", "command rejected", "unrecognized command", "bad sequence", "command not", "protocol error"],
    ),
    (
        "systemerror",
        &[
            "transaction failed",
            "system error",
            "configuration error",
            "local error",
            "internal error",
            "server error",
            "temporary failure",
            "local configuration",
            "can't create",
            "i/o error",
            "cannot open",
            "mail system problem",
            "interrupted system call",
            "server misconfiguration",
            "service unavailable",
            "internal server",
            "service temporarily",
            "temporary local",
            "queue file write",
            "local problem",
            "data format error",
            "system problem",
            "server is down",
            "resources temporarily",
            "try again later",
            "out of memory",
        ],
    ),
    (
        "mailererror",
        &[
            "command failed",
            "exit status",
            "exit code",
            "process failed",
            "pipe to",
            "unknown mailer error",
            "mailer error",
            "returned error",
            "died",
            "procmail",
            "x-unix",
            "broken pipe",
        ],
    ),
    (
        "expired",
        &[
            "for too long",
            "expired",
            "delivery time expired",
            "too long",
            "giving up on",
            "retry timeout exceeded",
            "has been in the queue",
            "been in the queue",
            "could not be delivered for",
            "retry time not reached",
            "not yet been delivered",
            "will be retried",
            "still undelivered",
            "delayed",
            "unable to deliver message for",
            "for more than",
            "max time",
            "timeout",
            "timed out",
            "delivery attempts",
            "message was undeliverable after",
            "was not delivered within",
            "will keep trying",
            "no response",
            "giving up.",
            "for a long time",
            "aborted after",
            "multiple retries",
        ],
    ),
    ("onhold", &["on hold", "held"]),
    ("rejected", &["rejected", "refused", "reject"]),
];
