//! Groups of `field: value` lines within machine-readable reports (RFC 3464, 5965, 8098).

use super::header::Header;
use super::mime::Part;

/// Most groups that are read of one report.
pub(super) const GROUPS_MAX: usize = 1_000;

/// The groups of a report, split at empty lines.
pub(super) fn groups(bytes: &[u8]) -> Vec<Header<'_>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() && found.len() < GROUPS_MAX {
        let skip = rest.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(rest.len());
        rest = &rest[skip..];
        if rest.is_empty() {
            break;
        }
        let (header, end) = Header::split(rest);
        if !header.fields().is_empty() {
            found.push(header);
        }
        // A line that is no field ends nothing here: read on behind it.
        let end = if end == 0 { super::header::line_end(rest, 0) } else { end };
        rest = &rest[end..];
    }
    found
}

/// The `report-type` of a report (RFC 6522 §3), lower case; empty where the message is none.
pub(super) fn report_type(root: &Part<'_>) -> String {
    if root.is("multipart/report") {
        root.content_type.get("report-type").unwrap_or_default().trim().to_ascii_lowercase()
    } else {
        String::new()
    }
}
