//! Addresses that nobody reads: one table for all who ask whether a person may be reached there.

/// Whose such an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// A program writes from it, and nobody reads what is sent there.
    Program,
    /// An office's, or a list manager's: it is written to by nobody here.
    Office,
    /// Also a person's perhaps: only automatic letters stay away.
    System,
}

/// Where in the local part a name says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// It is the name.
    Whole,
    /// It begins with the name.
    Start,
    /// Its letters and digits begin or end with the name.
    Edge,
    /// The name stands between signs.
    Word,
    /// The name stands before the sub-address (RFC 5233).
    User,
    /// The name is the sub-address.
    Tag,
    /// The name stands behind the last hyphen before the sub-address.
    UserEnd,
    /// The name stands behind the last hyphen or plus, of the whole or of what stands before the sub-address.
    End,
}

/// Lower case.
const NAMES: &[(Whose, At, &[&str])] = &[
    (
        Whose::Program,
        At::Edge,
        &[
            "noreply",
            "donotreply",
            "nepasrepondre",
            "pasdereponse",
            "nereply",
            "mailerdaemon",
            "dontreply",
            "nichtantworten",
        ],
    ),
    (Whose::Program, At::Word, &["bounce", "bounces"]),
    (
        Whose::Program,
        At::Whole,
        &[
            "listserv",
            "majordomo",
            "mailman",
            "ezmlm",
            "mlmmj",
            "sympa",
            "mdaemon",
            "maildaemon",
            "autoreply",
            "auto-reply",
        ],
    ),
    (Whose::Program, At::Start, &["owner-", "confirm+", "confirm-", "unsubscribe-", "subscribe-"]),
    (Whose::Program, At::Tag, &["owner"]),
    (Whose::Office, At::User, &["postmaster", "root", "nobody", "daemon"]),
    (Whose::Office, At::UserEnd, &["request", "owner"]),
    (Whose::System, At::User, &["uucp"]),
    (Whose::System, At::End, &["request", "owner", "return", "help", "confirm", "unsubscribe", "subscribe"]),
];

/// Whether a local part, lower case, says that it is theirs.
pub(super) fn is(local: &str, whose: Whose) -> bool {
    let is_named = NAMES.iter().any(|(known, at, names)| *known == whose && at.is_any(local, names));
    is_named || whose == Whose::System && is_numbered(local)
}

impl At {
    fn is_any(self, local: &str, names: &[&str]) -> bool {
        let is = |word: &str| names.contains(&word);
        let user = local.split('+').next().unwrap_or_default();
        match self {
            At::Whole => is(local),
            At::Start => names.iter().any(|name| local.starts_with(name)),
            At::Edge => {
                let plain: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
                names.iter().any(|name| plain.starts_with(name) || plain.ends_with(name))
            }
            At::Word => local.split(['+', '-', '=', '_', '.']).any(is),
            At::User => is(user),
            At::Tag => local.split_once('+').is_some_and(|(_, tag)| is(tag)),
            At::UserEnd => user.rsplit_once('-').is_some_and(|(_, end)| is(end)),
            At::End => [local, user].iter().any(|part| part.rsplit_once(['-', '+']).is_some_and(|(_, end)| is(end))),
        }
    }
}

/// ezmlm and others put the number of the mail, or whom it went to, behind: `users-return-12-marie=client.test`.
fn is_numbered(local: &str) -> bool {
    let parts: Vec<&str> = local.split('-').collect();
    parts.windows(2).any(|pair| pair[0] == "return" && pair[1].starts_with(|c: char| c.is_ascii_digit()))
}
