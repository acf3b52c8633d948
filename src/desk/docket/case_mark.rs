//! Case marks of vendors' own ticket systems: what a system writes into its subjects, and looks for in ours.
//!
//! Most systems search the subject and nothing else, for the mark exactly as they wrote it: brackets, name and all. A mark
//! is what stands in the vendor's subject and stood not in ours.

use std::sync::LazyLock;

use regex::Regex;

use super::subject::untagged;
use crate::desk::{Mark, Vendor};
use crate::mail::InboundMail;
use crate::mail::pattern::pattern;

/// A subject is searched so far, in characters.
const SUBJECT_MAX: usize = 2_000;

/// A robot's text is searched so far, in characters.
const TEXT_MAX: usize = 20_000;

/// Marks in one text beyond this number are not looked at.
const FOUND_MAX: usize = 20;

/// The marks that a vendor's mail may name, the likeliest first: of its subject, and for a robot also of its text.
pub(in crate::desk) fn find(mail: &InboundMail, vendor: &Vendor) -> Vec<Mark> {
    let mut found = in_subject(&mail.subject, vendor);
    if found.is_empty() && is_automatic(mail) {
        found = in_text(&mail.body.reply_text, vendor);
    }
    found
}

/// Whether a ticket system says that it wrote the mail itself.
pub(in crate::desk) fn is_automatic(mail: &InboundMail) -> bool {
    mail.writer.is_robot() || !mail.may_ack()
}

/// Those of the marks that a text of ours did not bring there: a requester's subject must not plant a number.
pub(in crate::desk) fn not_in<'m>(ours: &str, marks: &'m [Mark]) -> impl Iterator<Item = &'m Mark> {
    marks.iter().filter(move |mark| !stands_in(ours, &mark.mark) && !stands_in(ours, inner(&mark.mark)))
}

/// Whether these are marks of the mail's subject, rather than of its text.
pub(in crate::desk) fn is_in_subject(mail: &InboundMail, marks: &[Mark]) -> bool {
    marks.first().is_none_or(|mark| mail.subject.contains(&mark.mark))
}

/// ServiceNow's watermark, which stands in the text alone: `Ref:MSG0012345_aBcDeF`. The last one is the mail's own.
pub(in crate::desk) fn watermark(text: &str) -> Option<&str> {
    WATERMARK.find_iter(text).last().map(|found| found.as_str())
}

static WATERMARK: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bRef:[A-Z]{2,4}[0-9]{4,15}(?:_[0-9A-Za-z]{4,40})?"));

/// A mark that an agent typed.
pub(in crate::desk) fn typed(text: &str) -> Mark {
    let number = bracketed_number(inner(text)).unwrap_or_else(|| text.trim_matches(['#', ' ', '[', ']']).to_owned());
    Mark { mark: text.to_owned(), number }
}

/// Whether a mark stands in a text as words of its own: `#7` does not stand in `#75`.
pub(crate) fn stands_in(text: &str, mark: &str) -> bool {
    !mark.is_empty()
        && text.match_indices(mark).any(|(at, _)| {
            let joins = |inside: Option<char>, outside: Option<char>| {
                inside.is_some_and(char::is_alphanumeric) && outside.is_some_and(char::is_alphanumeric)
            };
            let behind = &text[at + mark.len()..];
            !joins(mark.chars().next(), text[..at].chars().next_back())
                && !joins(mark.chars().next_back(), behind.chars().next())
        })
}

fn in_subject(subject: &str, vendor: &Vendor) -> Vec<Mark> {
    let subject: String = untagged(subject).chars().take(SUBJECT_MAX).collect();
    if let Some(pattern) = &vendor.case_number {
        return by_pattern(pattern, &subject);
    }
    let (mut found, rest) = enclosed(&subject, &SQUARE, |inner, whole| {
        bracketed_number(inner).map(|number| Mark { mark: whole.to_owned(), number })
    });
    let (round, rest) = enclosed(&rest, &ROUND, |inner, whole| {
        let number = parenthesised_number(inner)?;
        // Jira looks for the bare key.
        let mark = if is_project_key(inner) { inner } else { whole };
        Some(Mark { mark: mark.to_owned(), number })
    });
    found.extend(round);
    found.extend(bare(&rest, &BARE));
    found.truncate(FOUND_MAX);
    found
}

/// A robot's words are many: only forms that are no ordinary words count.
fn in_text(text: &str, vendor: &Vendor) -> Vec<Mark> {
    let text: String = untagged(text).chars().take(TEXT_MAX).collect();
    if let Some(pattern) = &vendor.case_number {
        return by_pattern(pattern, &text);
    }
    let (mut found, rest) = enclosed(&text, &SQUARE, |inner, whole| {
        let number = bracketed_number(inner).filter(|_| inner.contains('#') || is_project_key(inner))?;
        Some(Mark { mark: whole.to_owned(), number })
    });
    found.extend(bare(&rest, &BARE_IN_TEXT));
    found.truncate(FOUND_MAX);
    found
}

/// By the operator's pattern: the mark is all that it matches, with the brackets around; the number its first group.
fn by_pattern(pattern: &Regex, text: &str) -> Vec<Mark> {
    let brackets: Vec<(usize, usize)> = SQUARE.find_iter(text).map(|found| (found.start(), found.end())).collect();
    let found = pattern.captures_iter(text).take(FOUND_MAX).filter_map(|captured| {
        let whole = captured.get(0)?;
        let number = captured.get(1).unwrap_or(whole);
        let around = brackets.iter().find(|(start, end)| *start <= whole.start() && whole.end() <= *end);
        let (start, end) = around.copied().unwrap_or((whole.start(), whole.end()));
        Some(Mark { mark: text[start..end].to_owned(), number: number.as_str().to_owned() })
    });
    found.collect()
}

static SQUARE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\[([^\[\]\r\n]{1,80})\]"));
static ROUND: LazyLock<Regex> = LazyLock::new(|| pattern(r"\(([^()\r\n]{1,40})\)"));

/// The marks within brackets, and the text with blanks in the place of all brackets.
fn enclosed(text: &str, form: &Regex, mark: impl Fn(&str, &str) -> Option<Mark>) -> (Vec<Mark>, String) {
    let pieces = form.captures_iter(text).take(FOUND_MAX);
    let found = pieces.filter_map(|piece| mark(piece.get(1)?.as_str().trim(), piece.get(0)?.as_str())).collect();
    (found, form.replace_all(text, " ").into_owned())
}

/// What systems call what they number.
const NOUNS: &str = r"(?:support )?(?:case|ticket|bug|issue|incident|request|task|defect|call|sr|req|id|ref|reference|référence|dossier|demande|billet|work ?order)";

/// Words with digits that are no numbers of anybody's.
const NO_NUMBERS: [&str; 20] = [
    "utf", "iso", "rfc", "sha", "covid", "win", "windows", "office", "ipv", "mp", "usb", "html", "part", "update",
    "prio", "priority", "severity", "sev", "level", "reminder",
];

struct Forms {
    salesforce: Regex,
    hash: Regex,
    noun: Regex,
    long: Regex,
    key: Regex,
    date: Regex,
}

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let number = "([A-Z]{0,6}-?[0-9][0-9A-Za-z_-]{0,20})";
    Forms {
        salesforce: pattern(r"(ref:!?_?00D[0-9A-Za-z!._]{5,60}:ref)"),
        hash: pattern(r"#+ ?:? ?([A-Z]{0,6}-?[0-9][0-9A-Za-z_-]{0,24})"),
        noun: pattern(&format!(r"(?i)(?:^|[^0-9a-z]){NOUNS}(?: ?(?:id|no|number|n°|nº))?[ :.#-]{{1,3}}{number}")),
        long: pattern(r"(?:^|[^0-9A-Za-z.])([0-9]{5,20})$"),
        key: pattern(r"^([A-Za-z][A-Za-z_-]{1,30}?)-?[0-9]{1,20}$"),
        date: pattern(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    }
});

/// The number within square brackets: `rt.example #4711`, `Printers - Bug #12`, `help-12`, `issue12`, `Bug 1234`, `123456`.
fn bracketed_number(inner: &str) -> Option<String> {
    numbered(inner).or_else(|| {
        let key = FORMS.key.captures(inner).filter(|key| !NO_NUMBERS.contains(&&*key[1].to_lowercase()));
        let number = key.map(|_| inner).or_else(|| Some(FORMS.long.captures(inner)?.get(1)?.as_str()));
        number.filter(|number| !is_ours(number)).map(str::to_owned)
    })
}

/// The number within parentheses, where people write much else.
fn parenthesised_number(inner: &str) -> Option<String> {
    let whole_key = (is_project_key(inner) || is_servicenow(inner)).then(|| inner.to_owned());
    whole_key.or_else(|| numbered(inner).filter(|_| inner.starts_with('#') || inner.split_whitespace().count() <= 3))
}

fn numbered(inner: &str) -> Option<String> {
    if let Some(found) = FORMS.salesforce.captures(inner) {
        return Some(found[1].to_owned());
    }
    let hash = FORMS.hash.captures_iter(inner).last().and_then(|found| Some(found.get(1)?.as_str()));
    let noun = || Some(FORMS.noun.captures_iter(inner).last()?.get(1)?.as_str());
    let number = hash.or_else(noun)?;
    (!is_ours(number) && !FORMS.date.is_match(number)).then(|| number.to_owned())
}

fn is_project_key(text: &str) -> bool {
    text.split_once('-').is_some_and(|(project, number)| {
        (2..=10).contains(&project.len())
            && project.starts_with(|c: char| c.is_ascii_uppercase())
            && project.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
            && (1..=8).contains(&number.len())
            && number.bytes().all(|b| b.is_ascii_digit())
            && !NO_NUMBERS.contains(&&*project.to_lowercase())
    })
}

fn is_servicenow(text: &str) -> bool {
    let letters = text.trim_end_matches(|c: char| c.is_ascii_digit());
    ["INC", "RITM", "REQ", "CHG", "PRB", "CS", "TASK", "SCTASK"].contains(&letters)
        && (4..=12).contains(&(text.len() - letters.len()))
}

/// `R-000123` is ours.
fn is_ours(number: &str) -> bool {
    number.strip_prefix("R-").is_some_and(|digits| digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Forms without brackets: the whole mark and, within it, the number.
static BARE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let forms = [
        r"(?-u:\b)(?P<mark>(?P<number>(?:INC|RITM|REQ|CHG|PRB|CS|TASK|SCTASK)[0-9]{4,12}))(?-u:\b)".to_owned(),
        r"(?P<mark>(?P<number>ref:!?_?00D[0-9A-Za-z!._]{5,60}:ref))".to_owned(),
        r"(?:^|[\s:])(?P<mark>(?P<number>[A-Z][A-Z0-9_]{1,9}-[0-9]{1,8}))(?:[:,.\s]|$)".to_owned(),
        format!(
            r"(?i)(?:^|[^0-9a-z])(?P<mark>{NOUNS}(?: ?(?:id|no|number|num[eé]ro|n°|nº))? ?[:#][ #]{{0,2}}(?P<number>[0-9A-Z]{{0,6}}-?[0-9][0-9A-Z_-]{{0,20}}))"
        ),
        format!(r"(?i)(?:^|[^0-9a-z])(?P<mark>{NOUNS} (?P<number>[0-9][0-9-]{{3,20}}))(?:[^0-9A-Za-z]|$)"),
        r"(?:^|\s)(?P<mark>#+(?P<number>[0-9]{1,12})(?:#+|:)?)(?:[\s,.;)]|$)".to_owned(),
    ];
    forms.iter().map(|form| pattern(form)).collect()
});

/// The same without those that are ordinary words in a text.
static BARE_IN_TEXT: LazyLock<Vec<Regex>> =
    LazyLock::new(|| [0, 1, 3, 4].iter().filter_map(|at| BARE.get(*at).cloned()).collect());

fn bare(text: &str, forms: &[Regex]) -> Vec<Mark> {
    let found = forms.iter().flat_map(|form| form.captures_iter(text).take(FOUND_MAX));
    let marks = found.filter_map(|found| {
        let (mark, number) = (found.name("mark")?.as_str(), found.name("number")?.as_str());
        let digit = number.bytes().any(|byte| byte.is_ascii_digit());
        let project = number.split(['-', '_']).next().unwrap_or_default().to_lowercase();
        (digit && !is_ours(number) && !NO_NUMBERS.contains(&&*project))
            .then(|| Mark { mark: mark.to_owned(), number: number.to_owned() })
    });
    marks.collect()
}

fn inner(mark: &str) -> &str {
    mark.trim_matches(['[', ']', '(', ')']).trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn vendor(case_number: Option<&str>) -> Vendor {
        Vendor {
            name: "acme".to_owned(),
            address: "help@acme.test".parse().unwrap(),
            addresses: Vec::new(),
            domains: Vec::new(),
            language: crate::mail::Language::ENGLISH,
            privacy: crate::desk::Privacy::Full,
            escalation: crate::desk::EscalationBy::Forward,
            case_number: case_number.map(|pattern| Regex::new(pattern).unwrap()),
            subject_tag: crate::desk::TagPlace::End,
            calendar: None,
            first_answer: Duration::from_secs(1),
            is_consulted: false,
        }
    }

    fn first(subject: &str) -> Option<(String, String)> {
        let ours = "Screen stays black";
        let found = in_subject(subject, &vendor(None));
        not_in(ours, &found).next().map(|found| (found.mark.clone(), found.number.clone()))
    }

    #[test]
    fn each_system_writes_its_mark_in_its_own_way() {
        for (subject, mark, number) in [
            ("AutoReply: [care.acme.test #8] Screen stays black [SD R-000004]", "[care.acme.test #8]", "8"),
            ("Resolved: [a-team7.acme.test #90210] Screen", "[a-team7.acme.test #90210]", "90210"),
            ("[screens-3] Screen stays black [SD R-000004] (Opened)", "[screens-3]", "screens-3"),
            ("[issue1] Screen stays black", "[issue1]", "issue1"),
            ("[Displays - Defect #5] (New) Screen stays black", "[Displays - Defect #5]", "5"),
            ("New: [Bug 31] Screen stays black", "[Bug 31]", "31"),
            ("[Ticket#2026080310000011] Screen", "[Ticket#2026080310000011]", "2026080310000011"),
            ("[GLPI #0000044] New item: Screen", "[GLPI #0000044]", "0000044"),
            ("[Displays 0000017]: Screen stays black", "[Displays 0000017]", "0000017"),
            ("[##3##] Screen stays black", "[##3##]", "3"),
            ("(#6) Screen stays black", "(#6)", "6"),
            ("Re: #9: Screen stays black", "#9:", "9"),
            ("Screen stays black #9", "#9", "9"),
            ("[JIRA] (SCR-5) Screen stays black", "SCR-5", "SCR-5"),
            ("SCR-5 Screen stays black", "SCR-5", "SCR-5"),
            ("[#SC-55] Screen stays black", "[#SC-55]", "SC-55"),
            ("Incident INC0099887 has been opened", "INC0099887", "INC0099887"),
            ("Case #00771 : Screen", "Case #00771", "00771"),
            ("SR 3-1094 Screen", "SR 3-1094", "3-1094"),
            (
                "Screen [ ref:_00D5f0ABC._5005f0XYZ:ref ]",
                "[ ref:_00D5f0ABC._5005f0XYZ:ref ]",
                "ref:_00D5f0ABC._5005f0XYZ:ref",
            ),
        ] {
            assert_eq!(first(subject), Some((mark.to_owned(), number.to_owned())), "{subject}");
        }
    }

    #[test]
    fn what_only_looks_like_a_mark_is_none() {
        for subject in [
            "Re: Screen stays black [SD R-000004]",
            "[EXTERNAL] Screen stays black (2nd floor)",
            "[P1] Screen stays black (3 files)",
            "[UTF-8] COVID-19 Screen",
            "[2026-08-03] Screen",
            "[Update 2] Screen (Opened)",
            "[JIRA] Screen",
        ] {
            assert_eq!(first(subject), None, "{subject}");
        }
    }

    #[test]
    fn what_stood_in_our_own_subject_is_no_mark() {
        let subject = "AutoReply: [care.acme.test #8] Error INC0012345 [#77] in #9 (ABC-1)";
        let found = in_subject(subject, &vendor(None));
        let ours = "Error INC0012345 [#77] in #9 (ABC-1)";
        let left: Vec<&str> = not_in(ours, &found).map(|mark| mark.mark.as_str()).collect();
        assert_eq!(left, ["[care.acme.test #8]"]);
    }

    #[test]
    fn a_pattern_of_the_operator_names_the_number_and_brackets_belong_to_the_mark() {
        let found = in_subject("[Acme/4-77] Screen", &vendor(Some("Acme/([0-9-]+)")));
        assert_eq!(found, [Mark { mark: "[Acme/4-77]".to_owned(), number: "4-77".to_owned() }]);
    }

    #[test]
    fn the_last_watermark_of_a_text_is_the_mails_own() {
        let text = "Opened.\nRef:MSG0000123\n> Ref:INC\nRef:MSG0004567_aB3dE9";
        assert_eq!((watermark(text), watermark("Ref:7")), (Some("Ref:MSG0004567_aB3dE9"), None));
    }

    #[test]
    fn a_mark_stands_as_words_of_its_own() {
        assert!(stands_in("Re: #7 broken", "#7") && !stands_in("Re: #75 broken", "#7"));
        assert!(!stands_in("XABC-1", "ABC-1") && !stands_in("ABC-12", "ABC-1"));
    }
}
