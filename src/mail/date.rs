//! The Date field as RFC 3339 with its own offset.

use mail_parser::DateTime;

/// Reads a date as clients write it; `None` where it is none.
pub(super) fn rfc3339(text: &str) -> Option<String> {
    let text = text.trim();
    let numbers_are_short = text.split(|c: char| !c.is_ascii_digit()).all(|digits| digits.len() <= 8);
    if text.len() > 100 || !text.bytes().any(|b| b.is_ascii_digit()) || !numbers_are_short {
        return None;
    }
    let date = DateTime::parse_rfc822(text).filter(DateTime::is_valid).or_else(|| internet_date(text))?;
    (date.is_valid() && date.year > 0).then(|| date.to_rfc3339())
}

/// `2026-06-01T10:00:00-04:00`: some robots write RFC 3339 into the field.
fn internet_date(text: &str) -> Option<DateTime> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape.starts_with("0000-00-00T00:00:00").then(|| DateTime::parse_rfc3339(text.get(..25).unwrap_or(text))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_the_one_of_the_message() {
        assert_eq!(rfc3339("Mon, 1 Jun 2026 10:00:00 -0400 (EDT)").as_deref(), Some("2026-06-01T10:00:00-04:00"));
        assert_eq!(rfc3339("yesterday"), None);
    }
}
