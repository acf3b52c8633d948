//! Subjects of delivery reports, in the languages of the large mail systems.

/// Words in the subjects of reports; a person may write them too. Lower case.
const SUBJECTS: &[&str] = &[
    "undelivered mail",
    "undeliverable",
    "undelivered",
    "delivery status notification",
    "delivery failure",
    "delivery failed",
    "delivery report",
    "delivery notification",
    "delivery has failed",
    "delivery error",
    "delivery problem",
    "mail delivery failed",
    "mail delivery failure",
    "mail delivery problem",
    "mail delivery error",
    "mail delivery",
    "mail system error",
    "mail failure",
    "failed mail",
    "failed delivery",
    "failure notice",
    "failure delivery",
    "message delivery failure",
    "message not delivered",
    "message undeliverable",
    "message status - undeliverable",
    "nondeliverable",
    "non-deliverable",
    "non delivery",
    "nondelivery",
    "returned mail",
    "returned message",
    "returned to sender",
    "return to sender",
    "returning message to sender",
    "unable to deliver",
    "could not send message",
    "could not be delivered",
    "cannot be delivered",
    "can't be delivered",
    "not delivered",
    "warning: message",
    "warning: could not send",
    "user unknown",
    "unknown user",
    "unknown address",
    "addressee unknown",
    "mail could not be delivered",
    "delivery delayed",
    "delayed mail",
    "message delayed",
    "mail returned",
    "email delivery failure",
    "rejected mail",
    "mail rejected",
    "permanent delivery failure",
    // French, German, Spanish, Italian, Portuguese, Dutch, Nordic
    "non remis",
    "échec de la remise",
    "echec de la remise",
    "notification d'état de remise",
    "courrier non distribué",
    "unzustellbar",
    "nicht zugestellt",
    "no se puede entregar",
    "non recapitabile",
    "onbestelbaar",
];

/// Whether a subject speaks of a failed delivery.
pub(super) fn says_so(subject: &str) -> bool {
    let lower = subject.to_lowercase();
    let is_answer =
        ["re:", "re :", "fw:", "fwd:", "tr:", "tr :", "aw:", "wg:"].iter().any(|prefix| lower.starts_with(prefix));
    !is_answer && SUBJECTS.iter().any(|words| lower.contains(words))
}

/// Whether a subject is one that only mail systems write: the localised prefix, with its colon, or the whole sentence.
pub(super) fn is_written_by_machines(subject: &str) -> bool {
    let lower = subject.trim().to_lowercase();
    let tight = lower.replace("\u{a0}", " ").replace(" :", ":");
    PREFIXES.iter().any(|prefix| tight.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(':')))
        || SENTENCES.iter().any(|sentence| tight == *sentence || tight.starts_with(sentence) && sentence.len() > 30)
}

/// Whether a subject is a sentence that only mail systems write, and nothing else.
pub(super) fn is_a_machines_sentence(subject: &str) -> bool {
    let lower = subject.trim().to_lowercase();
    SENTENCES.iter().any(|sentence| lower == *sentence)
}

/// In front of the subject of the mail that failed: Exchange's "Undeliverable:", in the languages in which it is sold
/// ("Email non-delivery reports in Exchange Online"), and what Domino, IMail and others put there.
const PREFIXES: &[&str] = &[
    "undeliverable",
    "undelivered",
    "non-delivery",
    "nondeliverable",
    "non-deliverable",
    "delivery delayed",
    "non remis",
    "non-remis",
    "non distribué",
    "remise différée",
    "nicht zustellbar",
    "unzustellbar",
    "non recapitabile",
    "no se puede entregar",
    "no entregado",
    "não é possível entregar",
    "não entregue",
    "onbestelbaar",
    "niet bezorgd",
    "kan ikke leveres",
    "går inte att leverera",
    "kan inte levereras",
    "ikke levert",
    "ei voi toimittaa",
    "niedostarczone",
    "nedoručitelné",
    "не удалось доставить",
    "недоставлено",
    "teslim edilemedi",
    "配信不能",
    "无法传递",
];

/// Whole subjects, or their starts where they are long.
const SENTENCES: &[&str] = &[
    // Postfix: bounce(5)
    "undelivered mail returned to sender",
    "delayed mail (still being retried)",
    // Exim: deliver.c
    "mail delivery failed: returning message to sender",
    // qmail: qmail-send.c
    "failure notice",
    // Sendmail: savemail.c
    "returned mail: see transcript for details",
    "returned mail: user unknown",
    "warning: could not send message for past",
    // Courier: dsn.C
    "notice: mail delivery status.",
    // Google, Outlook.com, IIS and many others
    "delivery status notification",
    "delivery status notification (failure)",
    "delivery status notification (delay)",
    "mail delivery failure",
    "mail system error - returned mail",
    // The same, as providers translate them
    "notification d'état de remise",
    "échec de la remise du courrier",
    "message non remis",
    "impossibile recapitare il messaggio",
    "メールエラー通知",
];
