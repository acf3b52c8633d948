//! Refusals that say nothing of what was asked for: the server does not do it just now.

/// Response codes (RFC 5530 §3) of what may go well in a while.
const LATER: [&str; 3] = ["[UNAVAILABLE]", "[INUSE]", "[THROTTLED]"];
/// No code is agreed on for this. Exchange Online: "Request is throttled. Suggested Backoff Time: 299910 milliseconds";
/// Gmail: "Too many simultaneous connections", "Account exceeded command or bandwidth limits"; Yahoo: "[LIMIT] LOGIN Rate
/// limit hit"; Dovecot: "Maximum number of connections from user+IP exceeded".
const TOO_MUCH: [&str; 6] = [
    "throttled",
    "rate limit",
    "too many simultaneous connections",
    "too many connections",
    "number of connections",
    "bandwidth limits",
];

/// We ask too often, or have too many connections: whoever asks again soon waits longer.
pub(super) fn is_throttled(said: &str) -> bool {
    let words = said.to_ascii_lowercase();
    TOO_MUCH.iter().any(|one| words.contains(one))
}

/// The same may go well later, whatever was asked for.
pub(super) fn is_later(said: &str) -> bool {
    let words = said.to_ascii_uppercase();
    LATER.iter().any(|code| words.contains(code)) || is_throttled(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_that_want_to_be_left_alone_say_so_in_words_of_their_own() {
        for said in [
            "Request is throttled. Suggested Backoff Time: 299910 milliseconds",
            "[ALERT] Too many simultaneous connections. (Failure)",
            "Account exceeded command or bandwidth limits. (Failure)",
            "[LIMIT] CAPABILITY Rate limit hit.",
            "[UNAVAILABLE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)",
            "[THROTTLED] later",
        ] {
            assert!(is_throttled(said) && is_later(said), "{said}");
        }
        assert!(is_later("[UNAVAILABLE] directory down") && !is_throttled("[UNAVAILABLE] directory down"));
        assert!(!is_later("[LIMIT] too many flags on one message") && !is_later("[SERVERBUG] disk full"));
    }
}
