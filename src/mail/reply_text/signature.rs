//! Signatures: behind `-- ` (RFC 3676 §4.3), of mobile clients, and legal footers.

use super::lines::{Class, Line};

/// A signature is short; more text than this behind a delimiter that is not exactly `-- ` is no signature.
const LINES_MAX: usize = 12;

/// Lines behind a closing: name, function, telephone, address.
const CLOSED_MAX: usize = 10;

/// Marks the signature in each run of own lines.
///
/// A mail that is nothing but a signature keeps it.
pub(super) fn mark(lines: &mut [Line<'_>]) {
    let before: Vec<Class> = lines.iter().map(|line| line.class).collect();
    mark_runs(lines);
    if lines.iter().any(|line| line.class == Class::Signature)
        && !lines.iter().any(|line| line.is_own() && !line.is_blank())
    {
        for (line, class) in lines.iter_mut().zip(before) {
            line.class = class;
        }
    }
}

fn mark_runs(lines: &mut [Line<'_>]) {
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
    let cut = (first..run.len()).find(|&at| {
        is_delimiter(run, at)
            || is_client_line(run[at].text)
            || at > first && (is_legal(run[at].text) || is_closing(run, at) || is_name_behind_dash(run, at))
    });
    if let Some(cut) = cut {
        for line in &mut run[cut..] {
            line.class = Class::Signature;
        }
    }
}

/// `-Marie`, `/John` as the last line, an empty one above it.
fn is_name_behind_dash(run: &[Line<'_>], at: usize) -> bool {
    let Some(name) = run[at].text.trim().strip_prefix(['-', '/', '—', '–', '~']) else { return false };
    let name = name.trim_start_matches('-').trim_start();
    let next = (at + 1..run.len()).find(|&next| !run[next].is_blank());
    let is_last = next.is_none_or(|next| is_delimiter(run, next));
    is_last
        && run[at - 1].is_blank()
        && (1..=3).contains(&name.split_whitespace().count())
        && name.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '.' | '\''))
        && name.len() <= 40
}

/// Words with which people close a mail, lower case. What follows is a name, a function, an address.
const CLOSINGS: &[&str] = &[
    "regards",
    "best regards",
    "kind regards",
    "warm regards",
    "with kind regards",
    "with best regards",
    "sincerely",
    "yours sincerely",
    "yours faithfully",
    "yours truly",
    "best wishes",
    "cordially",
    "cordialement",
    "bien cordialement",
    "très cordialement",
    "salutations",
    "sincères salutations",
    "meilleures salutations",
    "salutations distinguées",
    "bien à vous",
    "bien à toi",
    "amicalement",
    "mit freundlichen grüßen",
    "freundliche grüße",
    "viele grüße",
    "beste grüße",
    "mit freundlichen grüssen",
    "liebe grüße",
    "saludos",
    "saludos cordiales",
    "un saludo",
    "cordiali saluti",
    "distinti saluti",
    "atenciosamente",
    "met vriendelijke groet",
    "met vriendelijke groeten",
    "vänliga hälsningar",
    "med vänliga hälsningar",
    "hälsningar",
    "med venlig hilsen",
    "venlig hilsen",
    "hilsen",
    "mvh",
    "med vennlig hilsen",
    "pozdrawiam",
    "z poważaniem",
    "ystävällisin terveisin",
];

/// A closing on a line of its own, with a few short lines behind it and nothing else.
fn is_closing(run: &[Line<'_>], at: usize) -> bool {
    let line = run[at].text.trim().trim_end_matches([',', '.', '!', ' ']);
    if line.len() > 40 || !CLOSINGS.contains(&&*line.to_lowercase()) {
        return false;
    }
    let behind = run[at + 1..].iter().map(|line| line.text.trim()).filter(|line| !line.is_empty());
    let behind: Vec<&str> = behind.take(CLOSED_MAX + 1).collect();
    (1..=CLOSED_MAX).contains(&behind.len())
        && behind.iter().all(|line| line.chars().count() <= 70 && !line.ends_with('?'))
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
    weak && run[at + 1..].iter().filter(|line| !line.is_blank()).nth(LINES_MAX).is_none()
}

/// Lines that mobile clients and apps add; lower case.
const CLIENT_LINES: [&str; 41] = [
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
    "obtenez outlook pour",
    "holen sie sich outlook",
    "obtener outlook para",
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
    if !CLIENT_LINES.iter().any(|start| starts_with(bare, start)) {
        return false;
    }
    let lower = bare.to_lowercase();
    (bare.split_whitespace().count() <= 10 || lower.contains("iphone") || lower.contains("android"))
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

/// Case aside, for ASCII letters: clients write the others as the lists have them.
fn starts_with(line: &str, start: &str) -> bool {
    // The first letter settles most comparisons.
    line.as_bytes().first().map(u8::to_ascii_lowercase) == start.as_bytes().first().copied()
        && line.as_bytes().get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes()))
}

fn is_legal(line: &str) -> bool {
    let bare = line.trim().trim_start_matches(['*', '_', ' ', '-']);
    if bare.len() < 11 {
        return false;
    }
    LEGAL.iter().any(|words| starts_with(bare, words))
}
