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
    let mut sides = Sides { text: true, html: true };
    visit(&parts.parts, 0, "mixed", true, 0, &mut sides, &mut found);
    found.attachments.sort_unstable();
    found.attachments.dedup();
    found
}

/// Which of the two bodies a leaf within an alternative still belongs to.
#[derive(Clone, Copy)]
struct Sides {
    text: bool,
    html: bool,
}

fn visit(
    parts: &[Part<'_>],
    index: usize,
    within: &str,
    is_first: bool,
    depth: usize,
    sides: &mut Sides,
    found: &mut Leaves,
) {
    let Some(part) = parts.get(index) else { return };
    if part.is_multipart {
        if depth >= DEPTH_MAX {
            found.too_deep = true;
            return flat(parts, index, found);
        }
        return multipart(parts, index, depth, *sides, found);
    }
    if is_never_listed(part) {
        return;
    }
    if !is_inline(part, within, is_first) {
        found.attachments.push(index);
        return;
    }
    let (plain, html) = (part.is("text/plain"), part.is("text/html"));
    if within == "alternative" {
        match (plain, html) {
            (true, _) => found.text.push(index),
            (_, true) => found.html.push(index),
            _ => found.attachments.push(index),
        }
        return;
    }
    let media = !plain && !html;
    if media {
        found.attachments.push(index);
        return;
    }
    if sides.text {
        found.text.push(index);
    }
    if sides.html {
        found.html.push(index);
    }
    if !sides.text && !sides.html {
        found.attachments.push(index);
    }
}

fn multipart(parts: &[Part<'_>], index: usize, depth: usize, sides: Sides, found: &mut Leaves) {
    let part = &parts[index];
    let subtype = part.media_type().strip_prefix("multipart/").unwrap_or("mixed").to_owned();
    let (text_before, html_before) = (found.text.len(), found.html.len());
    for (position, &child) in part.children.iter().enumerate() {
        let mut inner = sides;
        visit(parts, child, &subtype, position == 0, depth + 1, &mut inner, found);
    }
    if subtype != "alternative" {
        return;
    }
    // An alternative that offers one side only, or whose plain side is blank, gives both.
    let text: Vec<usize> = found.text.drain(text_before..).collect();
    let html: Vec<usize> = found.html.drain(html_before..).collect();
    let text_is_blank = text.iter().all(|&leaf| parts[leaf].text().trim().is_empty());
    let text_is_html = !text.is_empty() && text.iter().all(|&leaf| parts[leaf].is("text/html"));
    if text_is_blank && !html.is_empty() && !text_is_html {
        found.text.extend(&html);
    } else {
        found.text.extend(&text);
    }
    if html.is_empty() {
        found.html.extend(&text);
    } else {
        found.html.extend(&html);
    }
}

/// All leaves below a part that is nested too deeply to look at how.
fn flat(parts: &[Part<'_>], index: usize, found: &mut Leaves) {
    let mut open = vec![index];
    while let Some(index) = open.pop() {
        let Some(part) = parts.get(index) else { continue };
        if part.is_multipart {
            open.extend(part.children.iter().rev().filter(|&&child| child > index));
        } else if is_inline(part, "mixed", false) && part.is("text/") {
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
    reports.iter().any(|name| part.is(name))
        || part.is("multipart/") && part.children.is_empty() && part.bytes().is_empty()
}
