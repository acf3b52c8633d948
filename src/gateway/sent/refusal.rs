//! What a server's refusal to take a copy is about (RFC 5530 §3): this copy, or all of them. Pure.

use crate::imap::Failure;
use crate::said;

/// Response codes of what holds for the folder or the account, whatever is put there.
const OF_THE_FOLDER: [&str; 9] = [
    "[OVERQUOTA]",
    "[NOPERM]",
    "[SERVERBUG]",
    "[CORRUPTION]",
    "[CONTACTADMIN]",
    "[EXPIRED]",
    "[PRIVACYREQUIRED]",
    "[READ-ONLY]",
    "[NONEXISTENT]",
];
/// The same in words, where a server has no code for it. Courier: "You exceeded your mail quota."; Exchange: "The mailbox is full."
const IN_WORDS: [&str; 7] =
    ["quota", "mailbox is full", "mailbox full", "disk full", "no space left", "permission denied", "over limit"];
/// What says that there is no room.
const NO_ROOM: [&str; 6] = ["quota", "mailbox is full", "mailbox full", "disk full", "no space left", "over limit"];

/// Whether it may be this copy alone that the server does not take: too large, with bytes that it does not like.
pub(super) fn is_of_one_copy(failure: &Failure) -> bool {
    match failure {
        Failure::Refused { said, .. } => {
            let (upper, lower) = (said.to_ascii_uppercase(), said.to_ascii_lowercase());
            let has_code = OF_THE_FOLDER.iter().any(|code| upper.contains(code));
            !failure.is_put_off() && !has_code && !IN_WORDS.iter().any(|words| lower.contains(words))
        }
        Failure::Barred(_) | Failure::Lost(_) => false,
    }
}

/// What to do about it.
pub(super) fn remedy(failure: &Failure) -> String {
    match failure {
        Failure::Refused { said, .. } if NO_ROOM.iter().any(|words| said.to_ascii_lowercase().contains(words)) => {
            said!(
                "Make room in the account, or have its quota raised.",
                "Faites de la place dans le compte, ou faites relever son quota."
            )
        }
        other => other.remedy(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_the_folder_is_not_held_against_a_copy() {
        let of_one_copy =
            |said: &str| is_of_one_copy(&Failure::Refused { command: "APPEND".to_owned(), said: said.to_owned() });
        for said in [
            "[OVERQUOTA] Quota exceeded (mailbox for user is full)",
            "You exceeded your mail quota.",
            "Over quota",
            "[NOPERM] Permission denied",
            "Permission denied",
            "[SERVERBUG] Internal error occurred. Refer to server log for more information.",
            "[UNAVAILABLE] later",
            "[INUSE] Mailbox is locked",
            "Request is throttled. Suggested Backoff Time: 299910 milliseconds",
        ] {
            assert!(!of_one_copy(said), "{said}");
        }
        for said in [
            "[TOOBIG] Message exceeds size limit",
            "[LIMIT] Message is too large",
            "Message contains bare newlines",
            "Message contains 8-bit characters",
            "APPEND failed",
        ] {
            assert!(of_one_copy(said), "{said}");
        }
        assert!(!is_of_one_copy(&Failure::Lost("cut".to_owned())));
    }
}
