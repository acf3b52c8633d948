//! Read and delivery receipts that are no RFC 8098 report: Outlook's, whose type a relay lost.

/// Longer texts are a person's.
const TEXT_MAX: usize = 600;

/// Prefixes in front of the subject of the mail that was read or delivered, lower case, the blank before the colon left out.
const PREFIXES: &[&str] = &[
    "read",
    "not read",
    "delivered",
    "relayed",
    "lu",
    "non lu",
    "remis",
    "gelesen",
    "ungelesen",
    "nicht gelesen",
    "zugestellt",
    "letto",
    "recapitato",
    "leído",
    "no leído",
    "entregado",
    "lida",
    "lido",
    "não lido",
    "entregue",
    "gelezen",
    "niet gelezen",
    "läst",
    "læst",
    "lest",
    "luettu",
    "przeczytano",
    "прочитано",
];

/// Whole subjects, lower case.
const SENTENCES: &[&str] = &[
    "lesebestätigung",
    "accusé de lecture",
    "accusé de réception",
    "read receipt",
    "return receipt",
    "confirmation de lecture",
    "conferma di lettura",
    "confirmación de lectura",
    "leesbevestiging",
    "confirmação de leitura",
];

/// Whether the mail is such a receipt: its subject, and next to no text.
pub(super) fn is_receipt(subject: &str, text: &str) -> bool {
    if text.trim().len() > TEXT_MAX {
        return false;
    }
    let start: String = subject.trim().chars().take(60).flat_map(char::to_lowercase).collect();
    let Some((prefix, _)) = start.split_once(':') else { return SENTENCES.contains(&&*start) };
    let prefix = prefix.trim_end();
    PREFIXES.contains(&prefix) && is_short(text) || SENTENCES.contains(&prefix)
}

/// A receipt says one or two sentences; a person who writes under such a subject says more, or asks.
fn is_short(text: &str) -> bool {
    !text.contains('?') && text.split_whitespace().count() <= 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipts_say_next_to_nothing() {
        assert!(is_receipt("Lu\u{a0}: Imprimante", "Votre message a été lu le lundi 1 juin 2026 à 10:00."));
        assert!(is_receipt("Read: printer", ""));
        assert!(!is_receipt("Read: how to fix it", "Can you tell me how to fix it?"));
        assert!(!is_receipt("Reading glasses: lost", ""));
    }
}
