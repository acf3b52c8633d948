//! HTML made harmless, so that it may stand in a letter of ours.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// More than this is not relayed as HTML; the text is.
const INPUT_MAX: usize = 512 * 1024;

/// More nesting than this is not relayed as HTML: a tree is built, and walked.
const DEPTH_MAX: usize = 500;

/// Sanitises a document for a letter of ours: text, structure and plain formatting stay; scripts, forms, style sheets,
/// whatever hides text, links that are not http, https or mailto, and images that are not part of the mail (`cid:`) go.
/// Empty where the document is too large or too deep to be shown safely.
pub fn sanitize_for_relay(html: &str) -> String {
    if html.len() > INPUT_MAX || is_deep(html) {
        return String::new();
    }
    POLICY.clean(html).to_string()
}

static POLICY: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "a",
        "abbr",
        "b",
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
        "font",
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
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
    ];
    let attributes: HashMap<&str, HashSet<&str>> = HashMap::from([
        ("a", HashSet::from(["href", "title"])),
        ("img", HashSet::from(["src", "alt", "width", "height"])),
        ("td", HashSet::from(["colspan", "rowspan", "align", "valign"])),
        ("th", HashSet::from(["colspan", "rowspan", "align", "valign"])),
        ("table", HashSet::from(["border", "cellpadding", "cellspacing"])),
        ("ol", HashSet::from(["start"])),
    ]);
    let mut policy = ammonia::Builder::empty();
    policy
        .tags(HashSet::from(tags))
        .clean_content_tags(HashSet::from(["script", "style", "title", "template", "object", "applet", "svg", "math"]))
        .tag_attributes(attributes)
        .generic_attributes(HashSet::from(["dir"]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "cid"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"))
        .attribute_filter(|element, attribute, value| {
            let is_part = value.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("cid:"));
            match (element, attribute) {
                ("img", "src") if !is_part => None,
                (_, "href") if is_part => None,
                _ => Some(value.into()),
            }
        });
    policy
});

/// A bound on the nesting that costs one pass: start tags that no end tag answers.
fn is_deep(html: &str) -> bool {
    let (mut depth, mut deepest) = (0i64, 0i64);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        match rest.bytes().next() {
            Some(b'/') => depth = (depth - 1).max(0),
            Some(b) if b.is_ascii_alphabetic() => {
                let void = ["br", "img", "hr", "meta", "link", "input", "p ", "p>", "o:p", "li", "td", "tr", "col"];
                let is_void =
                    void.iter().any(|name| rest.get(..name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name)));
                depth += i64::from(!is_void);
            }
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest > DEPTH_MAX as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_and_inline_images_stay() {
        let html = "<p>Cliquez <b>ici</b> <a href=\"https://x.test/\">lien</a><img src=\"cid:a@b\" alt=\"écran\"></p>";
        let clean = sanitize_for_relay(html);
        assert!(
            clean.contains("<b>ici</b>") && clean.contains("cid:a@b") && clean.contains("https://x.test/"),
            "{clean}"
        );
    }

    #[test]
    fn nothing_is_run_fetched_hidden_or_asked() {
        let html = "<script>x()</script><img src=http://t.test/p.gif><form action=x><input name=p></form>\
                    <a href=\"javascript:x\" onclick=x style=\"display:none\">a</a><style>b{}</style><svg onload=x>\
                    <iframe src=//e.test></iframe><a href='cid:z'>z</a><p style='font-size:0'>v</p><base href=x>";
        let clean = sanitize_for_relay(html);
        for bad in
            ["script", "t.test", "form", "input", "javascript", "onclick", "style", "iframe", "svg", "cid:", "base"]
        {
            assert!(!clean.contains(bad), "{bad} in {clean}");
        }
    }

    #[test]
    fn what_is_too_deep_is_not_relayed() {
        assert_eq!(sanitize_for_relay(&"<div>".repeat(20_000)), "");
    }
}
