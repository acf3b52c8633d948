//! Which parts are the text, and which are attachments (RFC 8621 §4.1.4).

use super::mime::{Part, Parts};

/// Nesting beyond this is read as if it were flat.
const DEPTH_MAX: usize = 60;

/// Indexes of parts, in order of appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Leaves {
    /// Shown where plain text is preferred.
    pub(super) text: Vec<usize>,
    /// Shown where HTML is preferred.
    pub(super) html: Vec<usize>,
    /// Every leaf that is no displayed text.
    pub(super) attachments: Vec<usize>,
    pub(super) too_deep: bool,
}

/// Sorts the leaves of a message.
pub(super) fn sort(parts: &Parts<'_>) -> Leaves {
    let mut found = Leaves::default();
    visit(&parts.parts, 0, Place { within: "mixed", is_first: true, in_alternative: false, depth: 0 }, &mut found);
    drop_repeated_invitation(&parts.parts, &mut found);
    found.attachments.sort_unstable();
    found.attachments.dedup();
    found
}

/// Where a part stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// Subtype of the multipart around it.
    within: &'p str,
    /// It is the root of that multipart.
    is_first: bool,
    /// Some multipart around it is an alternative.
    in_alternative: bool,
    depth: usize,
}

fn visit(parts: &[Part<'_>], index: usize, place: Place<'_>, found: &mut Leaves) {
    let Some(part) = parts.get(index) else { return };
    if part.is_multipart {
        if place.depth >= DEPTH_MAX {
            found.too_deep = true;
            return flat(parts, index, found);
        }
        return multipart(parts, index, place, found);
    }
    if is_never_listed(part) {
        return;
    }
    // A multipart whose boundary cannot be found is read as the text that it is.
    let undivided = part.is("multipart/");
    let (plain, html) = (part.is("text/plain") || undivided, part.is("text/html"));
    if !(plain || html) || !(is_inline(part, place.within, place.is_first) || undivided) {
        found.attachments.push(index);
        return;
    }
    // Within an alternative each side shows its own kind.
    if plain || !place.in_alternative {
        found.text.push(index);
    }
    if html || !place.in_alternative {
        found.html.push(index);
    }
}

fn multipart(parts: &[Part<'_>], index: usize, place: Place<'_>, found: &mut Leaves) {
    let part = &parts[index];
    let subtype = part.media_type().strip_prefix("multipart/").unwrap_or("mixed");
    let is_alternative = subtype == "alternative";
    let (text_before, html_before) = (found.text.len(), found.html.len());
    let root = root_of_related(parts, part);
    for (position, &child) in part.children.iter().enumerate() {
        let inner = Place {
            within: subtype,
            is_first: root.map_or(position == 0, |root| root == child),
            in_alternative: place.in_alternative || is_alternative,
            depth: place.depth + 1,
        };
        visit(parts, child, inner, found);
    }
    if is_alternative {
        settle(parts, text_before, html_before, found);
    }
}

/// RFC 2387 §3.2: the part that a multipart/related shows may be named by its Content-ID.
fn root_of_related(parts: &[Part<'_>], part: &Part<'_>) -> Option<usize> {
    let start = part.content_type.get("start").filter(|_| part.is("multipart/related"))?;
    let named = |child: &&usize| {
        parts.get(**child).is_some_and(|child| {
            child.header.token_as_written("Content-ID").trim_matches(['<', '>']) == start.trim_matches(['<', '>'])
        })
    };
    part.children.iter().find(named).copied()
}

/// An alternative that offers one side only, or whose plain side is blank, gives both.
fn settle(parts: &[Part<'_>], text_before: usize, html_before: usize, found: &mut Leaves) {
    let text: Vec<usize> = found.text.drain(text_before..).collect();
    let html: Vec<usize> = found.html.drain(html_before..).collect();
    let text_is_blank = text.iter().all(|&leaf| parts[leaf].text().trim().is_empty());
    let shown = if text_is_blank && !html.is_empty() { &html } else { &text };
    found.text.extend(shown);
    found.html.extend(if html.is_empty() { &text } else { &html });
}

/// Calendars write an invitation twice: as an alternative of the text, and as a file.
fn drop_repeated_invitation(parts: &[Part<'_>], found: &mut Leaves) {
    let is_calendar = |part: &Part<'_>| part.is("text/calendar") || part.is("application/ics");
    let is_file = |&index: &usize| is_calendar(&parts[index]) && parts[index].name().is_some();
    if found.attachments.iter().any(is_file) {
        found.attachments.retain(|index| !parts[*index].is("text/calendar") || is_file(index));
    }
}

/// All leaves below a part that is nested too deeply to look at how.
fn flat(parts: &[Part<'_>], index: usize, found: &mut Leaves) {
    let mut open = vec![index];
    while let Some(index) = open.pop() {
        let Some(part) = parts.get(index) else { continue };
        if part.is_multipart {
            open.extend(part.children.iter().rev().filter(|&&child| child > index));
        } else if is_inline(part, "mixed", false) && (part.is("text/plain") || part.is("text/html")) {
            found.text.push(index);
            found.html.push(index);
        } else if !is_never_listed(part) {
            found.attachments.push(index);
        }
    }
}

/// RFC 8621 §4.1.4: what is shown within the text.
fn is_inline(part: &Part<'_>, within: &str, is_first: bool) -> bool {
    let media = part.is("image/") || part.is("audio/") || part.is("video/");
    let text = part.is("text/plain") || part.is("text/html");
    part.disposition.value != "attachment"
        && (text || media)
        && (is_first || within != "related" && (media || part.name().is_none()))
}

/// Reports are read, not listed; their machine-readable parts are no attachments.
fn is_never_listed(part: &Part<'_>) -> bool {
    let reports = [
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "text/rfc822-headers",
        "message/global-headers",
    ];
    reports.iter().any(|name| part.is(name)) || part.is("multipart/") && part.bytes().trim_ascii().is_empty()
}
