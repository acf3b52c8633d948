//! Status codes (RFC 3463) and reply codes (RFC 5321 §4.2) in free text.

use std::sync::LazyLock;

use regex::Regex;

static STATUS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[^0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:$|[^0-9.]|\.\s|\.$)").ok());
static REPLY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[^0-9.@A-Za-z-])([245][0-5][0-9])(?:$|[ \-#:,.;)>])").ok());

/// The first status code in a text.
pub(super) fn status(text: &str) -> Option<String> {
    STATUS.as_ref()?.captures(text).and_then(|found| found.get(1)).map(|code| code.as_str().to_owned())
}

/// The most telling status code in a text: one whose detail is not 0, else the first.
pub(super) fn best_status(text: &str) -> Option<String> {
    let all: Vec<&str> = STATUS
        .as_ref()?
        .captures_iter(text)
        .take(20)
        .filter_map(|found| found.get(1))
        .map(|code| code.as_str())
        .collect();
    // A version number looks like the code of a success, which free text seldom tells.
    let succeeded = |code: &&&str| code.starts_with('2') && text.contains(&format!("250 {code}"));
    let failures = || all.iter().filter(|code| !code.starts_with('2'));
    let telling = failures().find(|code| !code.ends_with(".0.0"));
    telling.or(failures().next()).or(all.iter().find(succeeded)).map(|code| (*code).to_owned())
}

/// The first permanent or transient reply code in a text.
pub(super) fn reply(text: &str) -> Option<String> {
    let near: String = text.chars().take(4_000).collect();
    let codes = REPLY
        .as_ref()?
        .captures_iter(&near)
        .take(20)
        .filter_map(|found| found.get(1))
        .map(|code| code.as_str().to_owned());
    codes.into_iter().find(|code| code.starts_with(['4', '5']))
}
