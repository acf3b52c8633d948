//! Status codes (RFC 3463) and reply codes (RFC 5321 §4.2) in free text.

use std::sync::LazyLock;

use regex::Regex;

use super::super::pattern::pattern;
use super::super::work;

static STATUS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[^0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:$|[^0-9.]|\.\s|\.$)"));
static REPLY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[^0-9.@A-Za-z-])([245][0-5][0-9])(?:$|[ \-#:,.;)>])"));

/// The first status code in a text.
pub(super) fn status(text: &str) -> Option<String> {
    work::count(text.len());
    STATUS.captures(text).and_then(|found| found.get(1)).map(|code| code.as_str().to_owned())
}

/// The most telling status code in a text: one whose detail is not 0, else the first.
pub(super) fn best_status(text: &str) -> Option<String> {
    work::count(text.len());
    let all: Vec<&str> =
        STATUS.captures_iter(text).take(20).filter_map(|found| found.get(1)).map(|code| code.as_str()).collect();
    // A version number looks like the code of a success, which free text seldom tells.
    let succeeded = |code: &&&str| code.starts_with('2') && text.contains(&format!("250 {code}"));
    let failures = || all.iter().filter(|code| !code.starts_with('2'));
    let telling = failures().find(|code| !code.ends_with(".0.0"));
    telling.or(failures().next()).or(all.iter().find(succeeded)).map(|code| (*code).to_owned())
}

/// The first permanent or transient reply code in a text.
pub(super) fn reply(text: &str) -> Option<String> {
    let near: String = text.chars().take(4_000).collect();
    let codes =
        REPLY.captures_iter(&near).take(20).filter_map(|found| found.get(1)).map(|code| code.as_str().to_owned());
    codes.into_iter().find(|code| code.starts_with(['4', '5']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_that_tells_most_is_found_among_numbers_of_other_kinds() {
        let text = "Postfix 2.11.3 on 10.0.5.1: 250 2.0.0 then 5.0.0 and at last 550 5.1.1 no such mailbox";
        assert_eq!(status(text).as_deref(), Some("2.11.3"));
        assert_eq!((best_status(text).as_deref(), reply(text).as_deref()), (Some("5.1.1"), Some("550")));
    }
}
