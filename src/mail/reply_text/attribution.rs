//! The line over a quote: "On … wrote:", "Le … a écrit :", in the languages of the large clients.

use super::super::words::{self, List};
use super::lines::Line;

/// Clients fold an attribution at 72 to 80 columns; with long names and addresses it takes up to this many lines.
const LINES_MAX: usize = 4;

/// Longer ones are prose.
const LENGTH_MAX: usize = 400;

/// Words that say "wrote", lower case.
static VERBS: List = List::new(|| words::list("quote", "wrote"));

/// Number of lines of the attribution that starts at `at`; `None` where there is none.
pub(super) fn length(lines: &[Line<'_>], at: usize) -> Option<usize> {
    let first = bare(lines[at].text);
    if first.is_empty() || first.len() > LENGTH_MAX {
        return None;
    }
    let ends = first.ends_with([':', '：', ']', ')']);
    let may_go_on = opens(first) || names_author_first(first);
    if !ends && !may_go_on {
        return None;
    }
    let mut joined = String::new();
    for length in 1..=LINES_MAX {
        let line = lines.get(at + length - 1).filter(|line| line.is_own() && !line.is_blank())?;
        let line = bare(line.text);
        if joined.len() + line.len() > LENGTH_MAX {
            return None;
        }
        if length > 1 {
            joined.push(' ');
        }
        joined.push_str(line);
        if ends_one(line, &joined) {
            return Some(length);
        }
        // Only what can be the start of one is followed over several lines.
        if !may_go_on {
            return None;
        }
    }
    None
}

/// A line without the dashes and stars that some clients frame it with.
fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '*' | '_' | '—'))
}

/// `Name <address> schrieb am …`: Gmail's German and some others put the author first; `"Name" <address>` and the verb on
/// the next line: VM's.
fn names_author_first(line: &str) -> bool {
    let Some((before, behind)) = line.split_once('>') else { return false };
    before.contains('<')
        && before.contains('@')
        && (behind.is_empty() || VERBS.iter().any(|verb| behind.to_lowercase().contains(verb)))
}

/// Whether an attribution is one even where no quote mark follows: it names a time or an address.
pub(super) fn is_sure(lines: &[Line<'_>], at: usize, length: usize) -> bool {
    let text = lines[at..at + length].iter().map(|line| bare(line.text)).collect::<Vec<_>>().join(" ");
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits >= 3 && (opens(&text) || text.contains('@') || text.starts_with(|c: char| c.is_ascii_digit()))
        || digits >= 2 && text.contains('@')
}

/// Whether a line can be the first of an attribution: the words that the languages put there, or a date.
fn opens(line: &str) -> bool {
    if !line.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let line = line.trim_start_matches(['*', '_', '"', '-', ' ', '[', '\u{a0}']);
    if line.starts_with(|c: char| c.is_ascii_digit()) {
        return true;
    }
    let start = line[..line.floor_char_boundary(14)].to_lowercase();
    let opening = OPENINGS.iter().any(|word| {
        start.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '\u{a0}', ',']) || rest.is_empty())
    });
    opening || starts_with_weekday(&start)
}

/// Words that stand before the date.
static OPENINGS: List = List::new(|| words::list("quote", "openings"));
static WEEKDAYS: List = List::new(|| words::list("quote", "weekdays"));

fn starts_with_weekday(start: &str) -> bool {
    WEEKDAYS.iter().any(|day| {
        start
            .strip_prefix(day)
            .is_some_and(|rest| rest.starts_with(['.', ',', ' ']) && rest.bytes().any(|b| b.is_ascii_digit()))
    })
}

/// Whether the last line ends an attribution: a verb and a colon, or an address behind a date.
fn ends_one(last: &str, joined: &str) -> bool {
    let dated = joined.bytes().filter(u8::is_ascii_digit).count() >= 4;
    let Some(before) = last.trim_end_matches([' ', '\u{a0}', ']']).strip_suffix([':', '：']) else {
        return dated && without_colon(last, joined);
    };
    let lower = joined.to_lowercase();
    let has_verb = VERBS.iter().any(|verb| has_word(&lower, verb));
    let addressed = before.trim_end().ends_with('>') && joined.contains('@') && dated || is_name_and_day(before);
    // `Marie Roy via Centre de services wrote:`
    let names_author = || {
        let words = joined.split_whitespace().count();
        let is_last = || VERBS.iter().any(|verb| before.trim_end().to_lowercase().ends_with(verb));
        words <= 7 || words <= 12 && joined.contains(" via ") && is_last()
    };
    has_verb && (dated || joined.contains('@') || names_author()) || addressed
}

/// `Marie Tremblay, le 01/06/2026`: a name and a day in figures, as people set it up in clients that ask for a form.
fn is_name_and_day(line: &str) -> bool {
    let Some((name, day)) = line.split_once(", le ").or_else(|| line.split_once(", on ")) else { return false };
    let is_day = |c: char| c.is_ascii_digit() || matches!(c, '/' | '-' | '.' | ':' | ' ' | 'h' | 'à' | '\u{a0}');
    let digits = day.bytes().filter(u8::is_ascii_digit).count();
    name.split_whitespace().count() <= 5
        && name.starts_with(char::is_uppercase)
        && digits >= 6
        && day.chars().all(is_day)
}

/// Some clients leave the colon out: "On … wrote", "2026-06-01 10:00 GMT Name <address>".
fn without_colon(last: &str, joined: &str) -> bool {
    let date_first = joined.starts_with(|c: char| c.is_ascii_digit())
        && joined.split_whitespace().next().is_some_and(|word| {
            word.len() >= 8 && word.contains(['/', '-', '.']) && word.bytes().filter(u8::is_ascii_digit).count() >= 6
        });
    let ends_in_address = last.trim_end().ends_with('>') && last.contains('@') || is_gmails_old_form(joined);
    let lower = last.to_lowercase();
    let ends_in_verb = WITHOUT_COLON.iter().any(|verb| lower.trim_end().ends_with(verb));
    // alot.
    let is_quoting = joined.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("quoting ")) && last.ends_with(')');
    date_first && ends_in_address || ends_in_verb && opens(joined) || is_quoting
}

/// Verbs behind which some clients set no colon.
static WITHOUT_COLON: List = List::new(|| words::list("quote", "wrote_without_colon"));

/// Offset of an attribution that a client put behind the last words of the writer, on their line: Yahoo's and some
/// phones' "reply On Wed, 3 Jun 2026, x wrote:". The line below it must be quoted.
pub(super) fn glued(line: &str) -> Option<usize> {
    if line.len() > LENGTH_MAX || !line.trim_end().ends_with(':') {
        return None;
    }
    let at = GLUED.iter().filter_map(|start| line.rfind(start)).filter(|&at| at > 0).min()?;
    let behind = bare(&line[at..]);
    let dated = behind.bytes().filter(u8::is_ascii_digit).count() >= 5;
    (dated && opens(behind) && ends_one(behind, behind)).then_some(at)
}

/// Beginnings of those that stand behind words, their capitals and blanks with them.
static GLUED: List = List::new(|| words::list("quote", "glued"));

/// `2026-06-01 10:00 GMT+01:00 Marie Tremblay`: Gmail's attribution in languages it had no words for.
fn is_gmails_old_form(line: &str) -> bool {
    let mut words = line.split_whitespace().skip(1);
    let is_time = |word: &str| word.contains(':') && word.starts_with(|c: char| c.is_ascii_digit());
    words.next().is_some_and(is_time)
        && words.next().is_some_and(|word| word.starts_with("GMT") && word.len() > 3)
        && (1..=6).contains(&words.count())
}

/// Whether a verb stands as a word of its own.
fn has_word(text: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return text.contains(word);
    }
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + word.len()..].chars().next();
        before.is_none_or(|c| !c.is_alphanumeric()) && behind.is_none_or(|c| !c.is_alphanumeric())
    })
}
