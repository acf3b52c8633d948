//! The words that start a command, and what may stand behind each.

use super::{Command, Names, WaitFor};
use crate::desk::Level;
use crate::desk::folded::folded;

/// Takes a command's arguments off what stands behind its word; `None`: they are missing or wrong.
pub(super) type Reader = fn(&mut Rest<'_>, &Names<'_>) -> Option<Command>;

/// Every word that starts a command, folded, with what reads its arguments.
const WORDS: &[(&str, Reader)] = &[
    ("note", |_, _| Some(Command::Note)),
    ("repondre", |_, _| Some(Command::Reply)),
    ("reponse", |_, _| Some(Command::Reply)),
    ("reply", |_, _| Some(Command::Reply)),
    ("prendre", |_, _| Some(Command::Take)),
    ("take", |_, _| Some(Command::Take)),
    ("assigner", assign),
    ("assign", assign),
    ("escalader", escalate),
    ("escalade", escalate),
    ("escalate", escalate),
    ("retour", give_back),
    ("return", give_back),
    ("attente", pending),
    ("pending", pending),
    ("resolu", solved),
    ("resoudre", solved),
    ("solved", solved),
    ("resolved", solved),
    ("rouvrir", |_, _| Some(Command::Reopen)),
    ("reopen", |_, _| Some(Command::Reopen)),
    ("fermer", |_, _| Some(Command::Close)),
    ("close", |_, _| Some(Command::Close)),
    ("priorite", priority),
    ("priority", priority),
    ("service", |rest, _| rest.line().map(Command::Service)),
    ("desk", |rest, _| rest.word().map(|name| Command::Desk(name.to_owned()))),
    ("cc", cc),
    ("demandeur", requester),
    ("requester", requester),
    ("solution", fix),
    ("fix", fix),
    ("fusionner", |rest, _| rest.parsed().map(Command::Merge)),
    ("merge", |rest, _| rest.parsed().map(Command::Merge)),
    ("lier", |rest, _| rest.parsed().map(Command::Link)),
    ("link", |rest, _| rest.parsed().map(Command::Link)),
    ("spam", |_, _| Some(Command::Spam)),
    ("fournisseur", vendor),
    ("vendor", vendor),
    ("pieces", attach),
    ("attach", attach),
    ("publier", |_, _| Some(Command::Publish)),
    ("publish", |_, _| Some(Command::Publish)),
    ("statut", |_, _| Some(Command::Status)),
    ("status", |_, _| Some(Command::Status)),
    ("liste", |_, _| Some(Command::List)),
    ("list", |_, _| Some(Command::List)),
    ("aide", |_, _| Some(Command::Help)),
    ("help", |_, _| Some(Command::Help)),
    ("apercu", |_, _| Some(Command::Preview)),
    ("preview", |_, _| Some(Command::Preview)),
    ("annuler", |_, _| Some(Command::Cancel)),
    ("cancel", |_, _| Some(Command::Cancel)),
    ("ok", |_, _| Some(Command::Ok)),
    ("liberer", |_, _| Some(Command::Release)),
    ("release", |_, _| Some(Command::Release)),
];

pub(super) fn reader_of(word: &str) -> Option<Reader> {
    let word = folded(word);
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, reader)| *reader)
}

/// What stands behind a command's word on its line; readers take arguments off its front, the rest is text.
pub(super) struct Rest<'a>(pub(super) &'a str);

impl<'a> Rest<'a> {
    fn peek(&self) -> Option<&'a str> {
        let rest = self.0.trim_start();
        let end = rest.find(|c: char| c.is_whitespace() || c == ':').unwrap_or(rest.len());
        (end > 0).then(|| &rest[..end])
    }

    fn word(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.0 = &self.0.trim_start()[word.len()..];
        Some(word)
    }

    fn word_if(&mut self, fits: impl Fn(&str) -> bool) -> Option<&'a str> {
        self.peek().filter(|word| fits(word))?;
        self.word()
    }

    fn parsed<T: std::str::FromStr>(&mut self) -> Option<T> {
        let value = self.peek()?.trim_matches(['<', '>', ',', '[', ']']).parse().ok()?;
        self.word();
        Some(value)
    }

    fn line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.0).trim();
        (!line.is_empty()).then(|| line.to_owned())
    }

    pub(super) fn text(&self) -> &'a str {
        self.0.trim_start().trim_start_matches(':').trim()
    }
}

fn assign(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    rest.parsed().map(Command::Assign)
}

fn requester(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    rest.parsed().map(Command::Requester)
}

fn escalate(rest: &mut Rest<'_>, names: &Names<'_>) -> Option<Command> {
    let level: Level = rest.parsed()?;
    let is_vendor = |word: &str| names.vendors.iter().any(|name| name.eq_ignore_ascii_case(word));
    // A word right before the colon can only be meant as a vendor, so that a misspelt one is said and not sent.
    let before_colon = rest.0.split_once(':').map(|(before, _)| before.trim());
    let vendor = match before_colon {
        Some(word) if !word.is_empty() && !word.contains(char::is_whitespace) => rest.word(),
        _ => rest.word_if(is_vendor),
    };
    if vendor.is_some_and(|name| !is_vendor(name)) || (vendor.is_some() && level != Level::L3) {
        return None;
    }
    Some(Command::Escalate { level, vendor: vendor.map(str::to_owned) })
}

fn fix(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    match rest.word_if(|word| matches!(folded(word).as_str(), "nouveau" | "nouvelle" | "new")) {
        Some(_) => rest.line().map(|title| Command::Draft(title.trim_start_matches(':').trim().to_owned())),
        None => rest.word().map(|id| Command::Fix(id.to_owned())),
    }
}

fn give_back(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    rest.parsed().filter(|level| *level != Level::L3).map(Command::Return)
}

fn pending(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    let word = folded(rest.peek()?);
    let wait = match word.as_str() {
        "requester" | "client" | "demandeur" | "customer" => rest.word().map(|_| WaitFor::Requester),
        "vendor" | "fournisseur" => rest.word().map(|_| WaitFor::Vendor),
        "until" | "jusqu'au" | "jusqu\u{2019}au" | "jusqu'a" | "for" | "pendant" => {
            rest.word();
            date_or_duration(rest)
        }
        _ => date_or_duration(rest),
    };
    wait.map(Command::Pending)
}

fn date_or_duration(rest: &mut Rest<'_>) -> Option<WaitFor> {
    if let Some(date) = rest.parsed() {
        return Some(WaitFor::Date(date));
    }
    let word = rest.word()?;
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let count: i64 = word[..digits].parse().ok().filter(|count| *count > 0 && *count <= 1000)?;
    let unit = if digits == word.len() { rest.word()? } else { &word[digits..] };
    let hours = match folded(unit).as_str() {
        "h" | "heure" | "heures" | "hour" | "hours" => 1,
        "d" | "j" | "jour" | "jours" | "day" | "days" => 24,
        "w" | "semaine" | "semaines" | "week" | "weeks" => 24 * 7,
        _ => return None,
    };
    Some(WaitFor::Hours(count * hours))
}

fn solved(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    let is_code = |word: &str| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    Some(Command::Solved(rest.word_if(is_code).map(str::to_owned)))
}

fn priority(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    rest.parsed().filter(|priority| (1..=4).contains(priority)).map(Command::Priority)
}

fn cc(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    while let Some(word) = rest.word_if(|word| word.contains('@')) {
        let word = word.trim_matches([',', ';', '<', '>']);
        match word.strip_prefix('-') {
            Some(address) => remove.push(address.parse().ok()?),
            None => add.push(word.trim_start_matches('+').parse().ok()?),
        }
    }
    (!add.is_empty() || !remove.is_empty()).then_some(Command::Cc { add, remove })
}

fn vendor(rest: &mut Rest<'_>, names: &Names<'_>) -> Option<Command> {
    let name = rest.word_if(|word| names.vendors.iter().any(|known| known.eq_ignore_ascii_case(word)))?.to_owned();
    let case_number = rest.word_if(|word| word.starts_with("ref=")).map(|word| word["ref=".len()..].to_owned());
    Some(Command::Vendor { name, case_number: case_number.filter(|number| !number.is_empty()) })
}

fn attach(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    let mut numbers = Vec::new();
    while let Some(word) = rest.word_if(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
        for number in word.split(',').filter(|number| !number.is_empty()) {
            numbers.push(number.parse().ok().filter(|number| *number > 0)?);
        }
    }
    (!numbers.is_empty()).then_some(Command::Attach(numbers))
}
