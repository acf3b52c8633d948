//! The story as it is printed: each mail with its direction, who, subject and words, within 80 columns.
//!
//! Styles are ANSI; whoever writes the text out takes them away where nobody sees colours.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;

use crate::desk::Purpose;
use crate::said;

use super::books::Books;
use super::cast::{Cast, TIME_ZONE, Who};
use super::stage::{Received, Scene, Written};

const COLUMNS: usize = 79;

const STEP: Style = AnsiColor::Yellow.on_default().bold();
const IN: Style = AnsiColor::Cyan.on_default().bold();
const OUT: Style = AnsiColor::Green.on_default().bold();
const SUBJECT: Style = Style::new().bold();
const ASIDE: Style = Style::new().dimmed();
const BROKEN: Style = AnsiColor::Red.on_default().bold();
const REMARK: Style = AnsiColor::Yellow.on_default();
const TIME: Style = AnsiColor::Magenta.on_default().bold();

/// What is printed when something happens.
pub fn scene(scene: Scene<'_>) -> String {
    match scene {
        Scene::Step { number, title } => step(number, title),
        Scene::Written(written) => mail_in(written),
        Scene::Received(received) => mail_out(received),
        Scene::ManyWritten(written) => many_in(written),
        Scene::ManyReceived(received) => many_out(received),
        Scene::Later { words, at } => later(words, at),
        Scene::Remark(text) => remark(text),
    }
}

/// Who plays, before the story begins.
pub fn cast(cast: &Cast) -> String {
    let mut page = String::new();
    let about = said!(
        "guichet stands between a support mailbox and three levels of support. Everything below happens by mail, \
         over IMAP and SMTP, on this machine alone: nothing leaves it. It is a Monday, from nine o'clock on; the story \
         moves its own clock.",
        "guichet se tient entre une boîte de soutien et trois niveaux de soutien. Tout ce qui suit se passe par \
         courriel, par IMAP et SMTP, sur cette seule machine\u{a0}: rien n’en sort. C’est un lundi, à partir de neuf \
         heures; l’histoire avance sa propre horloge. Ses personnages écrivent surtout en français."
    );
    for line in wrapped(&about, COLUMNS) {
        page.push_str(&format!("{line}\n"));
    }
    page.push('\n');
    for person in cast.people() {
        let (name, address) = (person.name, person.address.as_str());
        page.push_str(&format!("  {name:<18} {address:<32} {ASIDE}{}{ASIDE:#}\n", person.part));
    }
    let colleagues = said!("and {} of Marie's colleagues", "et {} collègues de Marie", cast.colleagues().len());
    page.push_str(&format!("  {ASIDE}{colleagues}{ASIDE:#}\n"));
    let (mail_in, mail_out) = (
        said!("a mail to the desk", "un courriel au guichet"),
        said!("a letter of the desk's", "une lettre du guichet"),
    );
    let passes = said!("time passes", "le temps passe");
    page.push_str(&format!("\n  {IN}←{IN:#} {mail_in}   {OUT}→{OUT:#} {mail_out}   {TIME}⋯{TIME:#} {passes}\n"));
    page
}

/// What stands above a part of the page.
pub fn heading(title: &str) -> String {
    format!("\n{STEP}{title}{STEP:#}\n\n")
}

/// Each promise, and whether it was kept.
pub fn promises(books: &Books) -> String {
    let mut page = String::new();
    for promise in &books.promises {
        let (mark, style) =
            if promise.is_kept { (said!("kept", "tenu"), OUT) } else { (said!("BROKEN", "ROMPU"), BROKEN) };
        for (at, line) in wrapped(&promise.sentence, COLUMNS - 8).iter().enumerate() {
            let mark = if at == 0 { mark.as_str() } else { "" };
            page.push_str(&format!("{style}{mark:<6}{style:#}  {line}\n"));
        }
    }
    page
}

fn step(number: usize, title: &str) -> String {
    let mut page = String::from("\n");
    let head = format!("{number}. ");
    for (at, line) in wrapped(title, COLUMNS - head.len()).iter().enumerate() {
        let lead = if at == 0 { head.clone() } else { " ".repeat(head.len()) };
        page.push_str(&format!("{STEP}{lead}{line}{STEP:#}\n"));
    }
    page
}

fn mail_in(written: &Written) -> String {
    let mut page = first_line(IN, "←", written.at, &said!("from {}", "de {}", written.from.name), None);
    push_subject(&mut page, &written.subject);
    push_text(&mut page, &written.text, LINES_MAX);
    if written.quotes {
        let quoted = said!("(the letter stands quoted below)", "(la lettre est citée dessous)");
        let _ = writeln!(page, "    {ASIDE}{quoted}{ASIDE:#}");
    }
    page
}

/// The mails of a crowd, a line each.
fn many_in(written: &[Written]) -> String {
    let Some(first) = written.first() else { return String::new() };
    let who = said!("from {} people", "de {} personnes", written.len());
    let mut page = first_line(IN, "←", first.at, &who, None);
    for Written { from, subject, .. } in written {
        let line = format!("{:<16}{SUBJECT}{subject}{SUBJECT:#}", from.name);
        let _ = writeln!(page, "    {line}");
    }
    page
}

/// Letters of one sort: to one person, as how many they are; to many, as the first of them.
fn many_out(received: &[Received]) -> String {
    let [first, others @ ..] = received else { return String::new() };
    let what = what(first.purpose);
    if others.iter().any(|letter| letter.by.who == first.by.who) {
        let who = said!("to {}, {} letters", "à {}, {} lettres", first.by.name, received.len());
        return first_line(OUT, "→", first.at, &who, Some(&what));
    }
    let who = said!("to {} and {} others", "à {} et à {} autres", first.by.name, others.len());
    let mut page = first_line(OUT, "→", first.at, &who, Some(&what));
    push_letter(&mut page, first);
    page
}

fn later(words: &str, at: Timestamp) -> String {
    first_line(TIME, "⋯", at, words, None)
}

fn mail_out(received: &Received) -> String {
    let who = match received.by.who {
        Who::SecondLevel | Who::Acme => said!("to {} <{}>", "à {} <{}>", received.by.name, received.by.address),
        _ => said!("to {}", "à {}", received.by.name),
    };
    let mut page = first_line(OUT, "→", received.at, &who, Some(&what(received.purpose)));
    push_letter(&mut page, received);
    page
}

/// A purpose as docs/letters.md names it, in plain words.
fn what(purpose: Purpose) -> String {
    purpose.name().replace('_', " ")
}

fn push_letter(page: &mut String, letter: &Received) {
    push_subject(page, &letter.mail.subject);
    push_text(page, &letter.mail.body.text, lines_shown(letter.purpose));
}

fn first_line(style: Style, arrow: &str, at: Timestamp, who: &str, what: Option<&str>) -> String {
    let at = at.to_zoned(TIME_ZONE.clone()).strftime("%H:%M");
    let what = what.map(|what| format!("  {ASIDE}{what}{ASIDE:#}")).unwrap_or_default();
    format!("\n  {style}{arrow} {at} {who}{style:#}{what}\n")
}

fn push_subject(page: &mut String, subject: &str) {
    for line in wrapped(subject, COLUMNS - 4) {
        let _ = writeln!(page, "    {SUBJECT}{line}{SUBJECT:#}");
    }
}

/// Of a longer text the rest is counted, not shown.
const LINES_MAX: usize = 40;

/// What leaves the house is shown whole, what only repeats it in part.
fn lines_shown(purpose: Purpose) -> usize {
    match purpose {
        Purpose::Receipt => 6,
        Purpose::NewTicket | Purpose::RequesterAnswered | Purpose::VendorAnswered | Purpose::CommandRefused => 16,
        _ => LINES_MAX,
    }
}

/// The first lines of a text, runs of empty lines as one.
fn push_text(page: &mut String, text: &str, lines_max: usize) {
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim().lines() {
        if line.trim().is_empty() {
            if lines.last().is_some_and(|last| !last.is_empty()) {
                lines.push(String::new());
            }
        } else {
            lines.extend(wrapped(line, COLUMNS - 6));
        }
    }
    let shown = if lines.len() > lines_max + 1 { lines_max } else { lines.len() };
    for line in &lines[..shown] {
        let _ = writeln!(page, "{}", format!("    │ {line}").trim_end());
    }
    if shown < lines.len() {
        let more = said!("{} more lines", "encore {} lignes", lines.len() - shown);
        let _ = writeln!(page, "    {ASIDE}│ … {more}{ASIDE:#}");
    }
}

fn remark(text: &str) -> String {
    let mut page = String::from("\n");
    for (at, line) in wrapped(text, COLUMNS - 4).iter().enumerate() {
        let mark = if at == 0 { "•" } else { " " };
        page.push_str(&format!("  {REMARK}{mark} {line}{REMARK:#}\n"));
    }
    page
}

/// A text without styles, its long lines broken.
pub fn narrow(text: &str) -> String {
    let fits = |line: &str| line.chars().count() <= COLUMNS;
    text.lines()
        .map(|line| if fits(line) { format!("{line}\n") } else { wrapped(line, COLUMNS).join("\n") + "\n" })
        .collect()
}

/// The beginning of a text without styles, its long lines broken; of what is longer the rest is counted.
pub fn beginning(text: &str, lines: usize) -> String {
    let all = narrow(text);
    let rest = all.lines().count().saturating_sub(lines);
    let mut page: String = all.split_inclusive('\n').take(lines).collect();
    if rest > 0 {
        let more = said!("{rest} more lines", "encore {rest} lignes");
        page.push_str(&format!("{ASIDE}… {more}{ASIDE:#}\n"));
    }
    page
}

/// The text in lines of at most so many characters, broken at spaces where there are any, and never at
/// those that hold words together; the indentation is kept.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let indentation: String = text.chars().take_while(|c| *c == ' ').take(columns / 2).collect();
    let mut lines = Vec::new();
    let mut line = indentation.clone();
    let mut is_empty = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word: Vec<char> = word.chars().collect();
        let length = line.chars().count();
        if !is_empty && length + 1 + word.len() > columns {
            lines.push(std::mem::replace(&mut line, indentation.clone()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        while line.chars().count() + word.len() > columns {
            let room = columns - line.chars().count();
            line.extend(word.drain(..room));
            lines.push(std::mem::replace(&mut line, indentation.clone()));
        }
        line.extend(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_break_at_spaces_and_long_words_anywhere() {
        assert_eq!(wrapped("  un deux trois", 9), ["  un deux", "  trois"]);
        assert_eq!(wrapped("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrapped("", 4), [""]);
        assert_eq!(wrapped("il dit : «\u{a0}non\u{a0}»", 12), ["il dit :", "«\u{a0}non\u{a0}»"]);
    }

    #[test]
    fn only_lines_that_are_too_long_are_broken() {
        assert_eq!(narrow("agent        alice\n"), "agent        alice\n");
        assert_eq!(narrow(&"mot ".repeat(30)).lines().count(), 2);
    }

    proptest::proptest! {
        #[test]
        fn no_line_is_longer_and_no_word_is_lost(text in "[ a-zé]{0,200}", columns in 4_usize..80) {
            let lines = wrapped(&text, columns);
            proptest::prop_assert!(lines.iter().all(|line| line.chars().count() <= columns), "{lines:?}");
            let bare = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            proptest::prop_assert_eq!(bare(&lines.concat()), bare(&text));
        }
    }
}
