//! Subject lines: one tag, one prefix. The vendor's case mark stands in them as the vendor writes it.

use super::header::{one_line, short};
use crate::desk::{TagPlace, TicketNumber, stands_in};
use crate::mail::prefix;

/// A subject is cut at so many characters; the tag and the case number are not.
const SUBJECT_CHARACTERS: usize = 180;

/// The subject without the prefixes of answers and without our tags, on one line.
pub(super) fn bare(subject: &str, tag: &str) -> String {
    let line = one_line(subject);
    let mut text = without_tags(&line, tag);
    while let Some(rest) = without_prefix(&text) {
        text = rest.to_owned();
    }
    short(&text, SUBJECT_CHARACTERS).trim().to_owned()
}

/// Puts prefix, tag and the vendor's case mark around a bare subject.
pub(super) fn finished(
    bare: &str,
    tag: Option<(&str, TicketNumber, TagPlace)>,
    case_mark: Option<&str>,
    prefix: &str,
) -> String {
    let mut words: Vec<String> = Vec::new();
    words.push(prefix.to_owned());
    let tag = tag.map(|(tag, ticket, place)| (format!("[{} {ticket}]", one_line(tag)), place));
    if let Some((tag, TagPlace::Front)) = &tag {
        words.push(tag.clone());
    }
    if let Some(mark) = case_mark.map(one_line).filter(|mark| !mark.is_empty() && !stands_in(bare, mark)) {
        words.push(mark.into_owned());
    }
    words.push(bare.to_owned());
    if let Some((tag, TagPlace::End)) = tag {
        words.push(tag);
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

fn without_prefix(text: &str) -> Option<&str> {
    let (head, rest) = text.split_once(':')?;
    let head = head.trim_end().to_lowercase();
    // "Re[2]:" and "RE(3):" of older clients.
    let head = head.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '(' | ')' | '^'));
    prefix::is_taken_off_letters(head).then(|| rest.trim_start())
}

/// Takes out `[TAG R-000123]`, also as `[TAG#R-000123]`, whatever the number is.
fn without_tags(text: &str, tag: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let (before, from_bracket) = rest.split_at(open);
        kept.push_str(before);
        match from_bracket.find(']').filter(|close| is_tag(&from_bracket[1..*close], tag)) {
            Some(close) => {
                rest = from_bracket[close + 1..].trim_start();
                kept.truncate(kept.trim_end().len());
                if !kept.is_empty() {
                    kept.push(' ');
                }
            }
            None => {
                kept.push('[');
                rest = &from_bracket[1..];
            }
        }
    }
    kept.push_str(rest);
    kept.trim().to_owned()
}

fn is_tag(text: &str, tag: &str) -> bool {
    let Some((head, number)) = text.rsplit_once(['R', 'r']) else { return false };
    let head = head.trim_end_matches([' ', '#']);
    head.eq_ignore_ascii_case(tag.trim())
        && number
            .strip_prefix('-')
            .is_some_and(|digits| digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_tags_of_any_number_fall_away() {
        for subject in [
            "Re: [SD R-000123] TR: RE: Imprimante",
            "[SD R-000123] Imprimante",
            "[sd#R-000123] Re[2]: [SD R-000007] Imprimante",
            "RÉ : Imprimante [SD R-000123]",
            "Imprimante",
        ] {
            assert_eq!(bare(subject, "SD"), "Imprimante", "{subject}");
        }
    }

    #[test]
    fn what_only_resembles_a_prefix_or_a_tag_stays() {
        for subject in ["Urgent: imprimante", "[liste] imprimante", "[SD] R-000123", "[[x] y", "Note: ré"] {
            assert_eq!(bare(subject, "SD"), subject);
        }
    }

    #[test]
    fn requesters_read_the_tag_left_and_vendors_right_of_their_own_number() {
        let ticket = TicketNumber(123);
        assert_eq!(
            finished("Imprimante", Some(("SD", ticket, TagPlace::Front)), None, "Re:"),
            "Re: [SD R-000123] Imprimante"
        );
        assert_eq!(
            finished("Printer", Some(("SD", ticket, TagPlace::End)), Some("[#AB-123]"), ""),
            "[#AB-123] Printer [SD R-000123]"
        );
        assert_eq!(
            finished("Printer", Some(("SD", ticket, TagPlace::Nowhere)), Some("[issue7]"), "Re:"),
            "Re: [issue7] Printer"
        );
        assert_eq!(finished("Printer #75", None, Some("#7"), ""), "#7 Printer #75");
        assert_eq!(finished("Case #7 printer", None, Some("Case #7"), "Re:"), "Re: Case #7 printer");
    }
}
