//! The story as it is printed: each mail with its direction, who, subject and words, within 80 columns.
//!
//! Styles are ANSI; whoever writes the text out takes them away where nobody sees colours.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;

use crate::desk::Purpose;

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

/// What is printed when something happens.
pub fn scene(scene: Scene<'_>) -> String {
    match scene {
        Scene::Step { number, title } => step(number, title),
        Scene::Written(written) => mail_in(written),
        Scene::Received(received) => mail_out(received),
        Scene::Remark(text) => remark(text),
    }
}

/// Who plays, before the story begins.
pub fn cast(cast: &Cast) -> String {
    let mut page = String::new();
    for line in wrapped(
        "guichet stands between a support mailbox and three levels of support. Everything below happens by mail, \
         over IMAP and SMTP, on this machine alone: nothing leaves it.",
        COLUMNS,
    ) {
        page.push_str(&format!("{line}\n"));
    }
    page.push('\n');
    for person in cast.people() {
        let (name, address) = (person.name, person.address.as_str());
        page.push_str(&format!("  {name:<18} {address:<32} {ASIDE}{}{ASIDE:#}\n", person.part));
    }
    let (mail_in, mail_out) = (format!("{IN}←{IN:#}"), format!("{OUT}→{OUT:#}"));
    page.push_str(&format!("\n  {mail_in} a mail to the desk     {mail_out} a letter of the desk's\n"));
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
        let (mark, style) = if promise.is_kept { ("kept", OUT) } else { ("BROKEN", BROKEN) };
        for (at, line) in wrapped(&promise.sentence, COLUMNS - 8).iter().enumerate() {
            let mark = if at == 0 { mark } else { "" };
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
    let mut page = first_line(IN, "←", written.at, &format!("from {}", written.from.name), None);
    push_subject(&mut page, &written.subject);
    push_text(&mut page, &written.text, LINES_MAX);
    if written.quotes {
        let _ = writeln!(page, "    {ASIDE}(the letter stands quoted below){ASIDE:#}");
    }
    page
}

fn mail_out(received: &Received) -> String {
    let who = match received.by.who {
        Who::SecondLevel | Who::Acme => format!("to {} <{}>", received.by.name, received.by.address),
        _ => format!("to {}", received.by.name),
    };
    let mut page = first_line(OUT, "→", received.at, &who, Some(&received.purpose.name().replace('_', " ")));
    push_subject(&mut page, &received.mail.subject);
    push_text(&mut page, &received.mail.body.text, lines_shown(received.purpose));
    page
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
        let _ = writeln!(page, "    {ASIDE}│ … {} more lines{ASIDE:#}", lines.len() - shown);
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
