//! Attachments and pictures that go along with a letter.

use crate::desk::outgoing::wording::{self, Line};
use crate::desk::{Audience, Enclosure, LedgerId, Policy};
use crate::mail::{Attachment, InboundMail, Language};

/// What HTML must hold to say more than its text: pictures, tables, links, lists, emphasis.
const TELLING: &[&str] = &["<img", "<table", "<a ", "<ul", "<ol", "<pre", "<b>", "<strong", "<h1", "<h2", "<code"];

/// Every attachment of a mail, in the order in which `#pièces` numbers them.
pub fn of(ledger: LedgerId, mail: &InboundMail) -> Vec<Enclosure> {
    let attachments = mail.attachments.iter().enumerate();
    attachments.map(|(index, attachment)| enclosure(ledger, index, attachment)).collect()
}

/// Those that an agent's answer takes along to the requester: no certificate, signature or business card of the agent, no box around files that go by themselves,
/// no picture that only removed text referred to.
pub(in crate::desk) fn of_answer(ledger: LedgerId, mail: &InboundMail) -> Vec<Enclosure> {
    let new_html = mail.body.html.as_deref().map(new_part_of);
    let belongs = |attachment: &Attachment| {
        let machinery = matches!(
            attachment.content_type.as_str(),
            "application/pgp-signature"
                | "application/pgp-keys"
                | "application/pkcs7-signature"
                | "application/x-pkcs7-signature"
                | "text/vcard"
                | "text/x-vcard"
                | "text/directory"
        ) || attachment.safe_name.to_ascii_lowercase().ends_with(".vcf");
        let shown = match (&attachment.content_id, new_html, attachment.inline) {
            (Some(id), Some(html), true) => html.contains(id.as_str()),
            _ => true,
        };
        !machinery && shown && !attachment.is_container
    };
    let attachments = mail.attachments.iter().enumerate().filter(|(_, attachment)| belongs(attachment));
    attachments.map(|(index, attachment)| enclosure(ledger, index, attachment)).collect()
}

/// A letter of ours to the desk, handed on as an attachment: it may hold notes.
pub(in crate::desk) fn is_own_letter(attachment: &Attachment, policy: &Policy) -> bool {
    let from_us = attachment.message_from.as_ref().and_then(|from| policy.desk_at(from));
    attachment.holds_own_letter || from_us.is_some()
}

/// As many, in order, as fit into the sum of bytes; the others are named in the letter.
pub(in crate::desk) fn within(enclosures: &[Enclosure], bytes_max: u64) -> Vec<Enclosure> {
    let mut left = bytes_max;
    let fits = |enclosure: &&Enclosure| {
        let fits = enclosure.size <= left;
        left -= if fits { enclosure.size } else { 0 };
        fits
    };
    enclosures.iter().filter(fits).cloned().collect()
}

/// `1. name (size)`, a line each.
pub(in crate::desk) fn listed(enclosures: &[Enclosure], language: Language) -> Vec<String> {
    let numbered = enclosures.iter().enumerate();
    numbered
        .map(|(at, enclosure)| format!("{}. {} ({})", at + 1, enclosure.name, size(enclosure.size, language)))
        .collect()
}

/// Says what a letter had to leave out, in its reader's language. Whoever works here may open the original mail.
pub fn note_of_left_out(left_out: &[Enclosure], audience: &Audience, language: Language) -> String {
    let note = wording::say(&Line::LeftOut(&names(left_out, language)), language);
    match audience {
        Audience::Desk => format!("{note} {}", wording::say(&Line::OriginalHoldsThem, language)),
        Audience::Requester | Audience::Vendor(_) => note,
    }
}

/// Says that the beginning of a mail alone was taken in, where that is so, and who has the rest.
pub(in crate::desk) fn note_of_rest(mail: &InboundMail, language: Language) -> Option<String> {
    let part = mail.part?;
    let (whole, size) = (Line::TakenInPart, size(part.whole_size, language));
    let rest = if part.is_in_mailbox { Line::RestInMailbox } else { Line::RestIsGone };
    Some(format!("{} {}", wording::say(&whole(&size), language), wording::say(&rest, language)))
}

/// `name (size)`, in one line.
pub(in crate::desk) fn names(enclosures: &[Enclosure], language: Language) -> String {
    let named = enclosures.iter().map(|enclosure| format!("{} ({})", enclosure.name, size(enclosure.size, language)));
    named.collect::<Vec<_>>().join(", ")
}

/// Whether HTML says more than the text beside it.
pub(in crate::desk) fn html_says_more(html: &str) -> bool {
    let lower = html.to_ascii_lowercase();
    TELLING.iter().any(|element| lower.contains(element))
}

/// The HTML before the first mark of quoted earlier mail that common clients set.
fn new_part_of(html: &str) -> &str {
    const MARKS: &[&str] = &[
        "gmail_quote",
        "divRplyFwdMsg",
        "appendonsend",
        "moz-cite-prefix",
        "type=\"cite\"",
        "type='cite'",
        "yahoo_quoted",
        "OutlookMessageHeader",
        "border-top:solid #E1E1E1",
        "border-top:solid #B5C4DF",
        "border:none;border-top:solid",
    ];
    let end = MARKS.iter().filter_map(|mark| html.find(mark)).min().unwrap_or(html.len());
    &html[..end]
}

fn enclosure(ledger: LedgerId, index: usize, attachment: &Attachment) -> Enclosure {
    Enclosure {
        ledger,
        index,
        name: attachment.safe_name.clone(),
        content_type: attachment.content_type.clone(),
        size: attachment.size,
        content_id: attachment.content_id.clone().filter(|_| attachment.inline),
    }
}

fn size(bytes: u64, language: Language) -> String {
    let is_french = language == Language::FRENCH;
    let (point, units) = if is_french { (",", ["o", "ko", "Mo"]) } else { (".", ["B", "kB", "MB"]) };
    match bytes {
        0..1_000 => format!("{bytes}\u{a0}{}", units[0]),
        1_000..1_000_000 => format!("{}\u{a0}{}", bytes / 1_000, units[1]),
        _ => format!("{}{point}{}\u{a0}{}", bytes / 1_000_000, bytes / 100_000 % 10, units[2]),
    }
}
