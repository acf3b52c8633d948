//! What mail servers write into their reports and replies, server by server, as their own sources and manuals have it.
//!
//! Lower case, blanks as one. A sentence stands here because its server says it whoever the recipient is; words that any
//! server may use stand in `vocabulary`.

/// Sentences of one server, each with the reason that it gives.
type Sentences = &'static [(&'static str, &'static [&'static str])];

/// Every table, in no order that matters.
pub(super) const ALL: &[Sentences] = &[
    POSTFIX, EXIM, QMAIL, SENDMAIL, EXCHANGE, DOMINO, GROUPWISE, OPENSMTPD, DMA, COURIER, ORACLE, GOOGLE, MICROSOFT,
    YAHOO, AMAVIS, IMAIL, INTERSCAN, ORANGE, IRONPORT, BATV, LISTS, STANDARDS, QUEUES,
];

/// Postfix: smtpd_check.c, smtpd_peer.c; local(8), virtual(8), pipe(8), smtp(8), bounce(5), postscreen(8).
const POSTFIX: Sentences = &[
    (
        "userunknown",
        &[
            "user unknown in local recipient table",
            "user unknown in virtual mailbox table",
            "user unknown in virtual alias table",
            "user unknown in relay recipient table",
            "recipient address rejected: user unknown",
            "recipient address rejected: undeliverable address",
            "recipient address rejected: unverified address",
            "recipient address rejected: unknown",
            "unknown user: \"",
        ],
    ),
    ("norelaying", &["relay access denied"]),
    (
        "requireptr",
        &["client host rejected: cannot find your hostname", "client host rejected: cannot find your reverse hostname"],
    ),
    (
        "blocked",
        &["client host rejected", "helo command rejected", "blocked using ", "service currently unavailable; client ["],
    ),
    ("rejected", &["sender address rejected"]),
    ("mesgtoobig", &["message size exceeds fixed limit", "message file too big", "exceeds size limit"]),
    ("mailboxfull", &["mailbox_size_limit", "maildir delivery failed: error writing message: disk quota exceeded"]),
    ("notaccept", &["(nullmx)"]),
    ("hostunknown", &["type=mx: host not found", "type=a: host not found", "type=aaaa: host not found"]),
    ("networkerror", &["loops back to myself", "lost connection with", "refused to talk to me"]),
    (
        "mailererror",
        &["command died with status", "command died with signal", "command time limit exceeded", "command output:"],
    ),
    (
        "systemerror",
        &[
            "mail transport unavailable",
            "queue file write error",
            "server configuration error",
            "server configuration problem",
        ],
    ),
    ("expired", &["it will be retried until it is"]),
];

/// Exim: deliver.c, retry.c, transports/appendfile.c and smtp.c, routers/dnslookup.c, verify.c.
const EXIM: Sentences = &[
    (
        "hostunknown",
        &[
            "unrouteable address",
            "unrouteable mail domain",
            "all relevant mx records point to non-existent hosts",
            "all host address lookups failed permanently",
            "an mx or srv record indicated no smtp service",
        ],
    ),
    ("mailboxfull", &["mailbox is full", "quota exceeded while writing to file"]),
    ("rejected", &["sender verify failed", "sender verification failed"]),
    (
        "expired",
        &[
            "retry timeout exceeded",
            "retry time not reached for any host after a long failure period",
            "all hosts have been failing for a long time",
        ],
    ),
    (
        "networkerror",
        &["host lookup did not complete", "could not connect to any of its hosts", "remote host closed connection"],
    ),
    ("mailererror", &["child process of", "local delivery failed", "returned error code", "pipe to |"]),
];

/// qmail and netqmail: qmail-remote.c, qmail-local.c, qmail-send.c, qmail-smtpd.c; vpopmail's vdelivermail.c.
const QMAIL: Sentences = &[
    (
        "userunknown",
        &[
            "sorry, no mailbox here by that name",
            "this address no longer accepts mail",
            "user does not exist, but will deliver to",
        ],
    ),
    ("hostunknown", &["sorry, i couldn't find any host named", "sorry, i couldn't find any host by that name"]),
    ("notaccept", &["sorry, i couldn't find a mail exchanger or ip address"]),
    ("norelaying", &["isn't in my list of allowed rcpthosts"]),
    ("mailboxfull", &["user is over quota", "message would exceed quota", "mail quota exceeded"]),
    ("mesgtoobig", &["exceeds my databytes limit"]),
    ("rejected", &["but sender was rejected", "is in my badmailfrom list"]),
    ("blocked", &["but my name was rejected", "but greeting failed"]),
    (
        "networkerror",
        &[
            "wasn't able to establish an smtp connection",
            "cname lookup failed temporarily",
            "best-preference mx or a for that host",
            "this message is looping",
            "but connection died",
        ],
    ),
    ("expired", &["this message has been in the queue too long"]),
    (
        "systemerror",
        &["unable to switch to home directory", "file system problem", "unable to chdir to maildir", "unable to open"],
    ),
    (
        "userunknown",
        &[
            "is not in my validrcptto list",
            "is in my badrcptto list",
            "sorry, badrcptto",
            "vdeliver: invalid or unknown virtual user",
        ],
    ),
    ("rejected", &["sorry, your envelope sender"]),
];

/// Sendmail: sysexits as in conf.c, err.c, savemail.c, srvrsmtp.c, deliver.c; cf/README for its checks.
const SENDMAIL: Sentences = &[
    ("hostunknown", &["... host unknown", "550 host unknown", "name server: host not found"]),
    ("norelaying", &["relaying denied", "we do not relay"]),
    ("rejected", &["domain of sender address", "sender domain must exist", "does not resolve"]),
    ("mesgtoobig", &["message size exceeds fixed maximum message size"]),
    (
        "mailboxfull",
        &[
            "can't create (user) output file: disc quota exceeded",
            "can't create (user) output file: disk quota exceeded",
        ],
    ),
    ("networkerror", &["too many hops", "deferred: connection", "name server timeout", "host name lookup failure"]),
    (
        "systemerror",
        &[
            "local configuration error",
            "operating system error",
            "data format error",
            "service unavailable",
            "remote protocol error",
            "internal error",
            "can't create output",
            "can't create (user) output file",
            "config error: mail loops back to me",
        ],
    ),
    ("mailererror", &["unknown mailer error", "unknown error code"]),
    (
        "expired",
        &[
            "message could not be delivered for",
            "message timed out",
            "cannot send message for",
            "cannot send message within",
            "could not send message for past",
        ],
    ),
    ("notaccept", &["host does not accept mail"]),
    ("blocked", &["rejecting open proxy"]),
];

/// Exchange 5.5 to 2019, in the texts of its own reports, and Exchange Online's diagnostics
/// (Microsoft, "NDR error codes in Exchange Server", "Email non-delivery reports and SMTP errors in Exchange Online").
const EXCHANGE: Sentences = &[
    (
        "userunknown",
        &[
            "resolver.adr.recipnotfound",
            "resolver.adr.recipientnotfound",
            "resolver.adr.exrecipnotfound",
            "recipientnotfound; recipient not found",
            "the recipient name is not recognized",
            "the e-mail account does not exist at the organization this message was sent to",
            "recipient address rejected: access denied",
            "(000c05a6)",
        ],
    ),
    ("hostunknown", &["dns.nonexistentdomain", "nonexistent domain", "dns domain does not exist"]),
    (
        "mailboxfull",
        &[
            "the recipient's mailbox is full",
            "mailboxfullexception",
            "quotaexceededexception",
            "mapiexceptionshutoffquotaexceeded",
        ],
    ),
    (
        "mesgtoobig",
        &[
            "resolver.rst.recipsizelimit",
            "resolver.rst.sendsizelimit",
            "this message is larger than the current system limit",
        ],
    ),
    ("exceedlimit", &["resolver.rst.reciplimit"]),
    ("filtered", &["resolver.rst."]),
    ("securityerror", &["authentication is required for relay", "client was not authenticated to send"]),
    ("norelaying", &["unable to relay"]),
    ("expired", &["queue.expired", "message expired", "could not be delivered within the allowed time"]),
    (
        "networkerror",
        &[
            "a communications failure",
            "loop detected; exceeded",
            "unable to connect successfully to the destination mail server",
            "message hop count exceeded",
            "forwarded more than the maximum allowed times",
        ],
    ),
    (
        "systemerror",
        &["storedrv.submit", "a configuration error in the e-mail system", "no transport provider was available"],
    ),
];

/// HCL (IBM, Lotus) Domino: its router's messages, in English, French, German and Japanese.
const DOMINO: Sentences = &[
    (
        "userunknown",
        &[
            "not listed in domino directory",
            "not listed in public name & address book",
            "not listed in address book",
            "not listed in directory",
            "n'est pas répertorié dans l'annuaire",
            "nicht im domino-verzeichnis",
            "ディレクトリのリストにありません",
            "ディレクトリで見つかりません",
            "ディレクトリには見つかりません",
        ],
    ),
    ("networkerror", &["maximum hop count exceeded", "no route found to domain", "no route found from domain"]),
    ("systemerror", &["server not responding", "cannot route mail"]),
    ("mailboxfull", &["exceeds the maximum size allowed for mail delivery"]),
];

/// Micro Focus (Novell) GroupWise internet agent: its undeliverable reports.
const GROUPWISE: Sentences = &[
    ("userunknown", &["(user not found)", "(unknown recipient)"]),
    ("mailboxfull", &["(mailbox full)", "(disk space limit exceeded)"]),
];

/// OpenSMTPD: mta.c, bounce.c, queue.c.
const OPENSMTPD: Sentences = &[
    ("notaccept", &["no mx found for domain", "no mx found for destination"]),
    (
        "networkerror",
        &[
            "could not resolve route",
            "network error on destination mxs",
            "connection closed unexpectedly",
            "loop detected",
        ],
    ),
    ("expired", &["envelope expired"]),
];

/// DragonFly Mail Agent: dma(8), net.c, local.c.
const DMA: Sentences = &[
    ("userunknown", &["unknown user `"]),
    ("expired", &["could not deliver for the last"]),
    ("networkerror", &["smtp connect failed", "all mx hosts failed"]),
];

/// Courier: courier/module.*, submit.C.
const COURIER: Sentences = &[
    ("hostunknown", &["dns lookup failure", "no such domain"]),
    ("networkerror", &["dns lookup failed temporarily"]),
    ("mailboxfull", &["maildir over quota"]),
];

/// Oracle (Sun, iPlanet) Messaging Server and PMDF: option.dat's texts.
const ORACLE: Sentences = &[
    ("userunknown", &["unknown or illegal alias", "invalid local part"]),
    ("hostunknown", &["illegal host/domain name found"]),
    ("mailboxfull", &["user over quota; cannot receive new mail"]),
];

/// Google's mail (support.google.com/a/answer/3726730).
const GOOGLE: Sentences = &[
    ("userunknown", &["the email account that you tried to reach does not exist", "the address couldn't be found"]),
    (
        "suspend",
        &[
            "the email account that you tried to reach is disabled",
            "the email account that you tried to reach is inactive",
        ],
    ),
    (
        "mailboxfull",
        &["the email account that you tried to reach is over quota", "the recipient's inbox is out of storage space"],
    ),
    ("spamdetected", &["likely unsolicited mail"]),
    ("badreputation", &["low reputation of the sending"]),
    ("authfailure", &["unauthenticated email from"]),
    (
        "speeding",
        &[
            "receiving mail too quickly",
            "receiving mail at a rate that",
            "has exceeded its daily sending limit",
            "daily user sending limit exceeded",
        ],
    ),
    ("hostunknown", &["because the domain couldn't be found", "responded with code nxdomain"]),
    ("networkerror", &["the recipient server did not accept our requests to connect", "responded with code servfail"]),
    ("rejected", &["you're sending this from a different address or alias"]),
    ("policyviolation", &["message bounced due to organizational settings"]),
];

/// Outlook.com (sendersupport.olc.protection.outlook.com/pm/troubleshooting).
const MICROSOFT: Sentences = &[
    ("blocked", &["unfortunately, messages from", "banned sending ip"]),
    ("suspend", &["mailbox unavailable or access denied"]),
];

/// Yahoo (senders.yahooinc.com/smtp-error-codes).
const YAHOO: Sentences = &[
    ("userunknown", &["this user doesn't have a", "delivery error: dd this user", "not a valid mailbox"]),
    ("policyviolation", &["not accepted for policy reasons"]),
    ("badreputation", &["temporarily deferred due to unexpected volume or user complaints"]),
    ("toomanyconn", &["all server ports are busy"]),
];

/// Ipswitch IMail (imailsrv's bounces).
const IMAIL: Sentences = &[("userunknown", &["invalid final delivery userid", "unknown user:"])];

/// amavisd: its templates of refusals.
const AMAVIS: Sentences = &[
    ("spamdetected", &["message content rejected", ", ube, id=", "reject, id="]),
    ("virusdetected", &["banned - infected", "infected: "]),
];

/// Trend Micro InterScan Messaging Security Suite: the template of its notifications.
const INTERSCAN: Sentences = &[("userunknown", &["please check if address is correct"])];

/// Orange and Wanadoo (postmaster.orange.fr).
const ORANGE: Sentences = &[("blocked", &["service refuse. veuillez essayer plus tard"])];

/// RFC 3463 §3, RFC 5321 §4.5.3.1.9, RFC 7505 §4: what any server may say in the standards' own words.
const STANDARDS: Sentences = &[
    ("userunknown", &["bad destination mailbox address"]),
    ("notaccept", &["null mx"]),
    ("mesgtoobig", &["line too long", "line limit exceeded"]),
    ("exceedlimit", &["message length exceeds administrative limit"]),
    ("blocked", &["service not available, closing transmission channel"]),
];

/// Cisco's (IronPort's) Email Security appliances: listener defaults.
const IRONPORT: Sentences =
    &[("userunknown", &["#5.1.0 address rejected", "5.1.0 address rejected.", "#5.1.1 bad address"])];

/// Servers that sign envelope senders (BATV, draft-levine-smtp-batv): MDaemon, SonicWall.
const BATV: Sentences =
    &[("rejected", &["backscatter protection", "batv validation", "batv failed", "by batv defense"])];

/// Mailman and others: lists that only members write to.
const LISTS: Sentences =
    &[("policyviolation", &["members-only list", "closed mailing list", "not subscribed to this group"])];

/// What every queue says when it gives up or goes on (RFC 3463 X.4.7, RFC 5321 §4.5.4.1).
const QUEUES: Sentences = &[(
    "expired",
    &[
        "delivery time expired",
        "giving up.",
        "was not delivered within",
        "has been in the queue",
        "will be retried",
        "will continue to be attempted",
    ],
)];
