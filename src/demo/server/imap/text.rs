//! How values stand in answers (RFC 3501 §4).

use std::collections::BTreeSet;

use imap_codec::imap_types::flag::Flag;
use jiff::Timestamp;

/// A quoted string where it can be one, else a literal (RFC 3501 §4.3).
pub(super) fn push_string(out: &mut Vec<u8>, value: &[u8]) {
    let plain = value.len() < 1000 && value.iter().all(|byte| matches!(byte, b' '..=b'~'));
    if !plain {
        push_literal(out, value);
        return;
    }
    out.push(b'"');
    for &byte in value {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// A string, or NIL.
pub(super) fn push_nstring(out: &mut Vec<u8>, value: Option<&[u8]>) {
    match value {
        Some(value) => push_string(out, value),
        None => out.extend_from_slice(b"NIL"),
    }
}

pub(super) fn push_literal(out: &mut Vec<u8>, value: &[u8]) {
    out.extend_from_slice(format!("{{{}}}\r\n", value.len()).as_bytes());
    out.extend_from_slice(value);
}

pub(super) fn flags(flags: &BTreeSet<String>) -> String {
    flags.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// Flags of a command, without `\Recent`, which no client may set (RFC 3501 §2.3.2).
pub(super) fn flags_of(flags: &[Flag<'_>]) -> BTreeSet<String> {
    flags.iter().map(Flag::to_string).filter(|flag| !flag.eq_ignore_ascii_case("\\Recent")).collect()
}

/// `02-Mar-2026 08:30:00 +0000`.
pub(super) fn date_time(at: Timestamp) -> String {
    at.strftime("%d-%b-%Y %H:%M:%S +0000").to_string()
}

/// `3:5,9` (RFC 4315, uid-set); the order is kept, as COPYUID asks for.
pub(super) fn uid_set(uids: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &uid in uids {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(uid) => *last = uid,
            _ => runs.push((uid, uid)),
        }
    }
    let run = |(first, last): &(u32, u32)| if first == last { first.to_string() } else { format!("{first}:{last}") };
    runs.iter().map(run).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_in_a_row_are_one_run() {
        assert_eq!(uid_set(&[3, 4, 5, 9, 11, 12]), "3:5,9,11:12");
    }

    #[test]
    fn what_no_quoted_string_holds_is_a_literal() {
        let mut out = Vec::new();
        push_string(&mut out, b"a \"b\"");
        push_string(&mut out, "é".as_bytes());
        assert_eq!(out, "\"a \\\"b\\\"\"{2}\r\né".as_bytes());
    }
}
