//! Where a link leads, for a reader of plain text.

use std::borrow::Cow;

use super::super::transfer;
use super::tag::Tag;

/// Longest address that is shown; what is longer is a tracker's.
const ADDRESS_MAX: usize = 2_000;

/// What an `<a>` leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Web(String),
    Mail(String),
    Telephone(String),
}

impl Link {
    /// Reads the target of a tag; `None` where it has none that leads out of the mail.
    pub(super) fn of(tag: &Tag) -> Option<Link> {
        if !tag.is("a") || tag.has_no_attributes() {
            return None;
        }
        let target = target(tag.attribute_as_written("href"))?;
        let (scheme, rest) = target.split_once(':')?;
        match &*scheme.to_ascii_lowercase() {
            "http" | "https" | "ftp" | "file" => Some(Link::Web(behind_redirector(&target).into_owned())),
            // A prepared text is a button's, as those of our own letters are: a command, and no address to write to.
            "mailto" if rest.to_ascii_lowercase().contains("body=") => None,
            "mailto" => {
                let address = unescaped(rest.split('?').next().unwrap_or(rest)).into_owned();
                (address.contains('@') && !address.contains(char::is_whitespace)).then_some(Link::Mail(address))
            }
            "tel" => Some(Link::Telephone(rest.to_owned())),
            _ => None,
        }
    }

    /// The address, where the words of the link do not say it already. Words are what is read: a picture has none.
    pub(super) fn beside(&self, words: &str) -> Option<&str> {
        let words = words.trim();
        let (address, is_said) = match self {
            Link::Web(address) => (address, words.contains(&**address) || key(words) == key(address)),
            Link::Mail(address) => (address, words.to_lowercase().contains(&address.to_lowercase())),
            Link::Telephone(number) => (number, digits(words).ends_with(last_digits(&digits(number)))),
        };
        let has_words = words.contains(|c: char| c.is_alphanumeric());
        (has_words && !is_said).then_some(address)
    }
}

/// An attribute's address: line breaks and tabs left out as browsers do, nothing that could end it.
fn target(written: &str) -> Option<String> {
    if written.len() > 2 * ADDRESS_MAX {
        return None;
    }
    let mut target = String::with_capacity(written.len());
    for c in written.trim().chars() {
        match c {
            '<' => target.push_str("%3C"),
            '>' => target.push_str("%3E"),
            ' ' => target.push_str("%20"),
            c if c.is_control() || c.is_whitespace() || super::super::sanitize::is_invisible(c) => {}
            c => target.push(c),
        }
    }
    (target.len() <= ADDRESS_MAX).then_some(target)
}

/// What the author linked to, where a filter put its own address in front: Microsoft's Safe Links, Google's, Proofpoint's.
fn behind_redirector(address: &str) -> Cow<'_, str> {
    let host = address.split_once("://").map_or("", |(_, rest)| rest).split(['/', '?']).next().unwrap_or("");
    let field = |name: &str| {
        let query = address.split_once('?')?.1;
        query.split('&').find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
    };
    let found = match host.to_ascii_lowercase().as_str() {
        host if host.ends_with("safelinks.protection.outlook.com") => field("url").map(unescaped),
        "www.google.com" if address.contains("/url?") => field("q").or_else(|| field("url")).map(unescaped),
        // Proofpoint marks what it replaced with an asterisk.
        "urldefense.com" => {
            let behind = address.split_once("/v3/__").and_then(|(_, behind)| behind.split_once("__;"));
            behind.map(|(inner, _)| Cow::Borrowed(inner)).filter(|inner| !inner.contains('*'))
        }
        "urldefense.proofpoint.com" if address.contains("/v2/") => {
            field("u").map(|inner| Cow::Owned(unescaped(&inner.replace('-', "%").replace('_', "/")).into_owned()))
        }
        _ => None,
    };
    let is_address = |found: &Cow<'_, str>| {
        let start = found.get(..8).unwrap_or_default().to_ascii_lowercase();
        (start.starts_with("http://") || start == "https://")
            && !found.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>'))
    };
    found.filter(is_address).unwrap_or(Cow::Borrowed(address))
}

/// By which an address and what people write of it are the same: no scheme, no `www.`, no last slash, the host in lower case.
fn key(address: &str) -> String {
    let lower = address.get(..8).unwrap_or(address).to_ascii_lowercase();
    let scheme =
        ["https://", "http://"].iter().find(|scheme| lower.starts_with(**scheme)).map_or(0, |scheme| scheme.len());
    let address = unescaped(address[scheme..].trim_end_matches('/')).into_owned();
    let end = address.find('/').unwrap_or(address.len());
    let host = address[..end].to_lowercase();
    format!("{}{}", host.strip_prefix("www.").unwrap_or(&host), &address[end..])
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The subscriber's part of a number, which people write with or without what comes before.
fn last_digits(digits: &str) -> &str {
    &digits[digits.len().saturating_sub(7)..]
}

/// Without percent escapes (RFC 3986 §2.1).
fn unescaped(text: &str) -> Cow<'_, str> {
    if text.contains('%') { Cow::Owned(transfer::percent(text)) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::super::to_text;

    #[test]
    fn a_link_says_where_it_leads_unless_its_words_do() {
        for (html, text) in [
            (
                "Voir <a href=\"https://portail.test/d?id=4&amp;x=1\">cette page</a>.",
                "Voir cette page <https://portail.test/d?id=4&x=1>.",
            ),
            ("<a href='https://portail.test/'>https://portail.test</a>", "https://portail.test"),
            ("<a href=https://www.portail.test/>Portail.test</a>", "Portail.test"),
            ("<a href=\"https://portail.test/%C3%A9t%C3%A9\">https://portail.test/été</a>", "https://portail.test/été"),
            (
                "<a href=\"https://ailleurs.test/\">https://banque.test</a>",
                "https://banque.test <https://ailleurs.test/>",
            ),
            ("<a href=\"HTTPS://portail.test/A\n B\">page</a> suite", "page <HTTPS://portail.test/A%20B> suite"),
            ("<a href=\"mailto:luc@a.test?subject=x\">Luc</a> écrit", "Luc <luc@a.test> écrit"),
            ("&lt;<a href=\"mailto:luc@a.test\">Luc@A.test</a>&gt;", "<Luc@A.test>"),
            ("<a href=\"tel:+1-514-555-0199\">514 555-0199</a>", "514 555-0199"),
            ("<a href=\"tel:+15145550199\">Appeler</a>", "Appeler <+15145550199>"),
        ] {
            assert_eq!(to_text(html), text);
        }
    }

    #[test]
    fn what_leads_nowhere_a_reader_could_go_is_not_shown() {
        for html in [
            "<a href=\"#haut\">haut</a>",
            "<a name=x>haut</a>",
            "<a href=\"javascript:alert(1)\">haut</a>",
            "<a href=\"cid:a@b\">haut</a>",
            "<a href=\"mailto:\">haut</a>",
            "<a href=\"mailto:desk@a.test?body=%23close\">haut</a>",
            "<a href=\"https://a.test/\"><img src=\"cid:x\"></a>haut",
            "<span style=\"display:none\"><a href=\"https://a.test/\">x</a></span>haut",
        ] {
            assert_eq!(to_text(html), "haut", "{html}");
        }
    }

    #[test]
    fn a_filters_own_address_is_taken_off() {
        for address in [
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.test%2Fb&amp;data=05%7C02",
            "https://www.google.com/url?q=https://a.test/b&amp;sa=D",
            "https://urldefense.com/v3/__https://a.test/b__;!!AbC",
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__a.test_b&amp;d=x",
        ] {
            assert_eq!(to_text(&format!("<a href=\"{address}\">ici</a>")), "ici <https://a.test/b>", "{address}");
        }
    }

    #[test]
    fn a_link_that_is_never_closed_ends_with_the_next_one() {
        let html = "<a href=https://a.test/1>un <a href=https://a.test/2>deux</a><p>trois";
        assert_eq!(to_text(html), "un <https://a.test/1> deux <https://a.test/2>\n\ntrois");
    }

    #[test]
    fn a_link_around_a_block_stays_on_its_line() {
        assert_eq!(to_text("<a href=https://a.test><div>Portail</div></a><div>b</div>"), "Portail <https://a.test>\nb");
    }
}
