//! HTML of letters: made from text, or a person's own made harmless.
//!
//! Of what people send stays what can be read: no script, no form, no style that hides, no image but those that travel
//! with the letter, no link but to the web and to addresses.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use memchr::memmem::Finder;
use serde::Serialize;

use super::header::push_hex;
use crate::desk::Enclosure;

/// Larger bodies are shown as text: the sanitiser's time grows faster than its input.
const HTML_BYTES: usize = 256 * 1024;
/// Deeper nested bodies are shown as text, for the same reason.
const HTML_DEPTH: usize = 300;
/// Wider images are scaled to the column by clients that ignore `max-width`.
const IMAGE_COLUMNS: u32 = 600;

/// HTML that may stand in a letter as it is. Templates write it with `{{safe …}}`, which takes nothing else.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SafeHtml {
    safe_html: String,
}

impl SafeHtml {
    /// HTML that was made safe where it was made.
    pub(super) fn trusted(html: String) -> Self {
        SafeHtml { safe_html: html }
    }

    /// Paragraphs of a text: escaped, its lines kept, its web addresses as links.
    pub(super) fn from_text(text: &str) -> Self {
        let mut html = String::with_capacity(text.len() + text.len() / 8);
        push_lines(&mut html, text);
        SafeHtml { safe_html: html }
    }

    /// A person's HTML made harmless. `cids` gives, by the name that the HTML uses, the one that the image has in the
    /// letter. `None` where it is too large or too deep to be looked at.
    pub(super) fn from_person(html: &str, cids: &HashMap<String, String>) -> Option<Self> {
        let fits = html.len() <= HTML_BYTES && depth(html) <= HTML_DEPTH;
        fits.then(|| SafeHtml { safe_html: sanitiser(cids).clean(html).to_string() })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.safe_html
    }
}

/// Names of the inline images in the letter, by the name that the HTML uses: theirs may be anything, ours are safe.
pub(super) fn content_ids(enclosures: &[Enclosure], suffix: &str) -> HashMap<String, String> {
    let named = enclosures.iter().enumerate().filter(|(_, enclosure)| enclosure.content_type.starts_with("image/"));
    named
        .filter_map(|(at, enclosure)| {
            let cid = enclosure.content_id.as_ref()?;
            Some((cid.trim().to_lowercase(), format!("{}.{suffix}", at + 1)))
        })
        .collect()
}

/// Appends a text as escaped HTML, lines as `<br>`.
pub(super) fn push_lines(html: &mut String, text: &str) {
    for (at, line) in text.trim_end().lines().enumerate() {
        if at > 0 {
            html.push_str("<br>\n");
        }
        push_line(html, line);
    }
}

/// Appends a text escaped for an element or a quoted attribute.
pub(super) fn push_escaped(html: &mut String, text: &str) {
    push_without(html, text, is_markup);
}

/// A text escaped for templates: also for an attribute that the template forgot to quote.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    push_escaped_for_template(&mut html, text);
    html
}

/// Appends a text as [`escaped()`].
pub(super) fn push_escaped_for_template(html: &mut String, text: &str) {
    push_without(html, text, |byte| is_markup(byte) || matches!(byte, b'`' | b'='));
}

fn is_markup(byte: u8) -> bool {
    matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')
}

fn push_without(html: &mut String, text: &str, is_special: impl Fn(u8) -> bool) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(&is_special) {
        html.push_str(&rest[..at]);
        html.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            b'`' => "&#96;",
            _ => "&#61;",
        });
        rest = &rest[at + 1..];
    }
    html.push_str(rest);
}

fn push_line(html: &mut String, line: &str) {
    let text = line.trim_start_matches(' ');
    (text.len()..line.len()).for_each(|_| html.push_str("&nbsp;"));
    let mut rest = text;
    while let Some(at) = link_start(rest) {
        push_escaped(html, &rest[..at]);
        let (url, behind) = rest[at..].split_at(link_length(&rest[at..]));
        html.push_str("<a href=\"");
        push_escaped(html, url);
        html.push_str("\">");
        push_escaped(html, url);
        html.push_str("</a>");
        rest = behind;
    }
    push_escaped(html, rest);
}

static HTTP: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("http"));

fn link_start(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = HTTP.find(&text.as_bytes()[from..]) {
        let at = from + found;
        let rest = &text[at..];
        let begins_word = !text[..at].ends_with(|c: char| c.is_alphanumeric());
        let host = rest.strip_prefix("https://").or_else(|| rest.strip_prefix("http://"));
        if begins_word && host.is_some_and(|host| host.starts_with(|c: char| c.is_alphanumeric() || c == '[')) {
            return Some(at);
        }
        from = at + 4;
    }
    None
}

/// Up to the first character that no address holds, without the punctuation of the sentence around it.
fn link_length(text: &str) -> usize {
    let end = text
        .find(|c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '«' | '»' | '“' | '”' | '`')
        })
        .unwrap_or(text.len());
    let url = &text[..end];
    let trimmed = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ']', '}', '*']);
    let closes_what_it_opened = trimmed.matches('(').count() >= trimmed.matches(')').count();
    if closes_what_it_opened { trimmed.len() } else { trimmed.trim_end_matches(')').len() }
}

/// How deep elements stand in one another, at most; void elements and unclosed paragraphs count as if they stayed open.
fn depth(html: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0_usize);
    for tag in html.split('<').skip(1) {
        let name_end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        if tag.starts_with('/') {
            open = open.saturating_sub(1);
        } else if name_end > 0 && !is_left_open(&tag[..name_end]) {
            open += 1;
            deepest = deepest.max(open);
        }
    }
    deepest
}

fn is_left_open(element: &str) -> bool {
    ["br", "img", "hr", "meta", "link", "input", "col", "p", "li", "td", "tr", "th", "wbr", "area", "base", "dt", "dd"]
        .iter()
        .any(|void| void.eq_ignore_ascii_case(element))
}

fn sanitiser(cids: &HashMap<String, String>) -> Builder<'static> {
    let cids = cids.clone();
    const TAGS: [&str; 45] = [
        "a",
        "abbr",
        "b",
        "bdi",
        "blockquote",
        "br",
        "caption",
        "center",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
        "ul",
    ];
    const TABLE_TAGS: [&str; 6] = ["table", "tbody", "td", "th", "thead", "tr"];
    let attributes = HashMap::from([
        ("a", HashSet::from(["href"])),
        ("img", HashSet::from(["src", "alt", "width"])),
        ("td", HashSet::from(["colspan", "rowspan"])),
        ("th", HashSet::from(["colspan", "rowspan"])),
        ("ol", HashSet::from(["start"])),
    ]);
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.into_iter().chain(TABLE_TAGS).collect())
        .clean_content_tags(HashSet::from([
            "script", "style", "title", "template", "noscript", "object", "svg", "math",
        ]))
        .tag_attributes(attributes)
        .generic_attributes(HashSet::from(["dir", "lang", "style"]))
        .filter_style_properties(HashSet::from(["font-weight", "font-style", "text-decoration", "text-align"]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "cid"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None)
        .set_tag_attribute_value("table", "border", "1")
        .set_tag_attribute_value("table", "cellpadding", "4")
        .set_tag_attribute_value("table", "cellspacing", "0")
        .attribute_filter(move |element, attribute, value| attribute_of(&cids, element, attribute, value));
    builder
}

fn attribute_of<'v>(
    cids: &HashMap<String, String>,
    element: &str,
    attribute: &str,
    value: &'v str,
) -> Option<Cow<'v, str>> {
    match (element, attribute) {
        ("img", "src") => {
            let cid = cids.get(&percent_decoded(value.trim().strip_prefix("cid:")?).to_lowercase())?;
            Some(format!("cid:{cid}").into())
        }
        ("img", "width") => value.trim().parse().ok().map(|width: u32| width.min(IMAGE_COLUMNS).to_string().into()),
        // A link of somebody else's never holds a mail that is ready to be sent: it could be a command.
        ("a", "href") if is_mailto(value) => Some(value.split_once('?').map_or(value, |(address, _)| address).into()),
        ("a", "href") => (!value.trim_start().to_ascii_lowercase().starts_with("cid:")).then_some(value.into()),
        ("td" | "th", "colspan" | "rowspan") | ("ol", "start") => {
            value.trim().parse::<u16>().ok().map(|_| value.into())
        }
        _ => Some(value.into()),
    }
}

fn is_mailto(url: &str) -> bool {
    url.trim_start().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
}

/// RFC 2392: the content id in a `cid:` URL is percent-encoded.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        let hex = behind.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *byte == b'%') {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*byte);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A `mailto:` URL (RFC 6068): a mail that is ready but for being sent. Plus signs are encoded: some web mailers take
/// them for spaces.
pub(super) fn mailto(address: &str, subject: &str, body: &str) -> String {
    let mut url = String::from("mailto:");
    push_percent_encoded(&mut url, address);
    url.push_str("?subject=");
    push_percent_encoded(&mut url, subject);
    url.push_str("&body=");
    push_percent_encoded(&mut url, body);
    url
}

/// Appends a text as a part of a URL (RFC 3986 §2.1), `@` as it is: nothing in it is special to HTML.
pub(super) fn push_percent_encoded(url: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'@') {
            url.push(char::from(byte));
        } else {
            push_hex(url, '%', byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cleaned(html: &str) -> String {
        let cids = HashMap::from([("img1@client".to_owned(), "1.abc@desk.test".to_owned())]);
        SafeHtml::from_person(html, &cids).unwrap().as_str().to_owned()
    }

    #[test]
    fn a_text_keeps_its_lines_and_its_links() {
        assert_eq!(
            SafeHtml::from_text("Voir (https://example.test/a_(b)?x=1&y=2).\n  <b> & co").as_str(),
            "Voir (<a href=\"https://example.test/a_(b)?x=1&amp;y=2\">https://example.test/a_(b)?x=1&amp;y=2</a>).<br>\n\
             &nbsp;&nbsp;&lt;b&gt; &amp; co"
        );
        assert_eq!(
            SafeHtml::from_text("javascript://x http:// xhttp://a").as_str(),
            "javascript://x http:// xhttp://a"
        );
    }

    #[test]
    fn scripts_styles_that_hide_and_remote_images_fall_away() {
        assert_eq!(
            cleaned(
                "<style>p{display:none}</style><script>x</script><p style=\"display:none;font-weight:bold\" onclick=x>a\
                 <img src=\"https://t.test/x.gif\" alt=\"logo\"><a href=\"javascript:x\">b</a></p><form><input name=x>c</form>"
            ),
            "<p style=\"font-weight:bold\">a<img alt=\"logo\"><a>b</a></p>c"
        );
    }

    #[test]
    fn only_images_that_travel_with_the_letter_stay() {
        assert_eq!(
            cleaned(
                "<img src=\"cid:IMG1%40client\" width=2000><img src=\"cid:other\"><a href=\"cid:IMG1@client\">x</a>"
            ),
            "<img src=\"cid:1.abc@desk.test\" width=\"600\"><img><a>x</a>"
        );
    }

    #[test]
    fn what_is_nested_too_deep_is_not_looked_at() {
        assert!(SafeHtml::from_person(&"<div>".repeat(5000), &HashMap::new()).is_none());
        assert!(SafeHtml::from_person(&"<p>x<br>".repeat(5000), &HashMap::new()).is_some());
    }

    #[test]
    fn a_mailto_link_carries_subject_and_command() {
        assert_eq!(
            mailto("support+R000123.7.d.1.AB@desk.test", "Re: [SD R-000123] À&?", "#résolu\r\n"),
            "mailto:support%2BR000123.7.d.1.AB@desk.test?subject=Re%3A%20%5BSD%20R-000123%5D%20%C3%80%26%3F&body=%23r%C3%A9solu%0D%0A"
        );
    }

    proptest! {
        #[test]
        fn any_text_becomes_text(text in ".{0,200}") {
            let html = SafeHtml::from_text(&text);
            let without_links = html.as_str().replace("<br>\n", "").replace("</a>", "");
            let tags: Vec<&str> = without_links.split('<').skip(1).collect();
            prop_assert!(tags.iter().all(|tag| tag.starts_with("a href=\"http")));
        }

        #[test]
        fn any_html_becomes_harmless(html in "(<(a|img|p|div|script|style|td|svg|b)( (href|src|style|onclick|dir)=\"[a-z:%@#;/]{0,12}\")?>|</(a|p|div|script|svg)>|[a-z&;<>\" ]{0,4}){0,20}") {
            let clean = cleaned(&html).to_lowercase();
            for bad in ["<script", "<style", "<svg", "javascript:", "display", "<form", "src=\"http"] {
                prop_assert!(!clean.contains(bad), "{}", clean);
            }
            prop_assert!(!clean.contains(" onclick="), "{}", clean);
        }
    }
}
