//! Signatures: behind `-- ` (RFC 3676 §4.3), of mobile clients, and legal footers.

use super::lines::{Class, Line};

/// A signature is short; more text than this behind a delimiter that is not exactly `-- ` is no signature.
const LINES_MAX: usize = 12;

/// Marks the signature in each run of own lines.
pub(super) fn mark(lines: &mut [Line<'_>]) {
    let mut start = 0;
    while start < lines.len() {
        if !lines[start].is_own() {
            start += 1;
            continue;
        }
        let end = (start..lines.len()).find(|&at| !lines[at].is_own()).unwrap_or(lines.len());
        mark_run(&mut lines[start..end]);
        start = end;
    }
}

fn mark_run(run: &mut [Line<'_>]) {
    let Some(first) = run.iter().position(|line| !line.is_blank()) else { return };
    let cut = (first..run.len())
        .find(|&at| is_delimiter(run, at) || is_client_line(run[at].text) || is_legal(run[at].text) && at > first);
    if let Some(cut) = cut {
        for line in &mut run[cut..] {
            line.class = Class::Signature;
        }
    }
}

fn is_delimiter(run: &[Line<'_>], at: usize) -> bool {
    let line = run[at].text;
    let bare = line.trim_end();
    if bare == "--" || line == "-- " || bare == "--\u{a0}" {
        return true;
    }
    let dashes = bare.trim();
    let weak = matches!(dashes, "—" | "–" | "---" | "__" | "___" | "____" | "-- --")
        || dashes.len() >= 2 && dashes.len() <= 80 && dashes.chars().all(|c| c == '_');
    weak && run[at + 1..].iter().filter(|line| !line.is_blank()).count() <= LINES_MAX
}

/// Lines that mobile clients and apps add; lower case.
const CLIENT_LINES: [&str; 38] = [
    "sent from my ",
    "sent from mail for",
    "sent from outlook",
    "sent from yahoo",
    "sent from the ",
    "sent from a ",
    "sent via ",
    "sent using ",
    "sent with ",
    "sent on the go",
    "get outlook for",
    "sent by ",
    "sent from protonmail",
    "sent from proton",
    "envoyé de mon ",
    "envoyé depuis ",
    "envoyé à partir ",
    "envoyé avec ",
    "envoye de mon ",
    "obtenir outlook pour",
    "télécharger outlook pour",
    "envoyé par ",
    "envoyé de ",
    "von meinem ",
    "gesendet von ",
    "gesendet mit ",
    "outlook für ",
    "enviado desde ",
    "enviado do ",
    "enviado de ",
    "inviato da ",
    "verzonden vanaf ",
    "verstuurd vanaf ",
    "skickat från ",
    "sendt fra ",
    "lähetetty ",
    "отправлено с ",
    "wysłano z ",
];

fn is_client_line(line: &str) -> bool {
    let bare = line.trim().trim_start_matches(['-', '—', '–', '*', '_', '(', '[', ' ']);
    if bare.len() > 100 || bare.is_empty() {
        return false;
    }
    let lower = bare.to_lowercase();
    CLIENT_LINES.iter().any(|start| lower.starts_with(start))
        && (bare.split_whitespace().count() <= 10 || lower.contains("iphone") || lower.contains("android"))
        && !lower.ends_with('?')
}

/// Beginnings of the footers that companies' servers add; lower case.
const LEGAL: &[&str] = &[
    "this email and any",
    "this e-mail and any",
    "this message and any",
    "the information contained in this",
    "the information in this",
    "this message is intended",
    "this email is intended",
    "this e-mail is intended",
    "this message contains confidential",
    "this email contains confidential",
    "this e-mail may contain",
    "this email may contain",
    "this message may contain",
    "confidentiality notice",
    "disclaimer:",
    "important notice:",
    "please consider the environment",
    "ce courriel et",
    "ce message et",
    "ce message est confidentiel",
    "ce courriel est confidentiel",
    "avis de confidentialité",
    "diese e-mail enthält",
    "ce courriel peut contenir",
];

fn is_legal(line: &str) -> bool {
    let bare = line.trim().trim_start_matches(['*', '_', ' ', '-']);
    if bare.len() < 11 {
        return false;
    }
    let start: String = bare.chars().take(60).flat_map(char::to_lowercase).collect();
    LEGAL.iter().any(|words| start.starts_with(words))
}
