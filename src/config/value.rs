//! The kinds of value that keys have.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use toml::de::{DeFloat, DeInteger, DeValue};
use tracing_subscriber::EnvFilter;

use crate::mail::{Address, Language};

/// Why a value is refused: "KEY problem", and what to write instead.
pub(super) struct Wrong {
    pub(super) problem: String,
    pub(super) remedy: String,
}

fn wrong(problem: impl Into<String>, remedy: impl Into<String>) -> Wrong {
    Wrong { problem: problem.into(), remedy: remedy.into() }
}

/// Any text.
pub(super) fn text(value: &DeValue<'_>) -> Result<String, Wrong> {
    text_or(value, "Write a text in double quotes.")
}

fn text_or(value: &DeValue<'_>, remedy: &str) -> Result<String, Wrong> {
    value.as_str().map(str::to_owned).ok_or_else(|| wrong(format!("is {}", kind(value)), remedy))
}

/// A text that is not empty and is one line.
pub(super) fn line(value: &DeValue<'_>) -> Result<String, Wrong> {
    let text = text(value)?;
    if text.trim().is_empty() {
        return Err(wrong("is empty", "Write a text, or remove the line where the key has a default."));
    }
    if text.chars().any(char::is_control) {
        return Err(wrong("holds a control character", "Write one line of plain text."));
    }
    Ok(text)
}

/// A name that commands and the store use.
pub(super) fn name(value: &DeValue<'_>) -> Result<String, Wrong> {
    let name = line(value)?;
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.chars().all(good) && name.len() <= 60 {
        return Ok(name);
    }
    Err(wrong(format!("= {name:?} cannot be typed as one word"), "Use letters, digits, '-', '_' and '.'."))
}

/// `SD` of `[SD R-000123]`.
pub(super) fn subject_tag(value: &DeValue<'_>) -> Result<String, Wrong> {
    let tag = line(value)?;
    if tag.len() <= 12 && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Ok(tag);
    }
    Err(wrong(format!("= {tag:?} cannot stand in a subject"), "Use up to 12 letters and digits, such as \"SD\"."))
}

/// A file or folder; empty is refused.
pub(super) fn path(value: &DeValue<'_>) -> Result<PathBuf, Wrong> {
    line(value).map(PathBuf::from)
}

/// `true` or `false`.
pub(super) fn flag(value: &DeValue<'_>) -> Result<bool, Wrong> {
    value.as_bool().ok_or_else(|| wrong(format!("is {}", kind(value)), "Write true or false, without quotes."))
}

/// A whole number within bounds.
pub(super) fn whole_number(range: RangeInclusive<u64>) -> impl Fn(&DeValue<'_>) -> Result<u64, Wrong> {
    move |value| {
        let remedy = || format!("Write a whole number from {} to {}.", range.start(), range.end());
        let Some(number) = value.as_integer() else {
            return Err(wrong(format!("is {}", kind(value)), remedy()));
        };
        match u64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) if range.contains(&number) => Ok(number),
            Ok(small) if small < *range.start() => Err(wrong(format!("= {small} is too small"), remedy())),
            Ok(large) => Err(wrong(format!("= {large} is too large"), remedy())),
            Err(_) => Err(wrong(format!("= {number} is out of bounds"), remedy())),
        }
    }
}

/// A number from 0 to 1.
pub(super) fn probability(value: &DeValue<'_>) -> Result<f64, Wrong> {
    let remedy = "Write a number from 0 to 1, such as 0.5.";
    let number = value.as_float().map(DeFloat::as_str).or(value.as_integer().map(DeInteger::as_str));
    let Some(written) = number else { return Err(wrong(format!("is {}", kind(value)), remedy)) };
    let number: Option<f64> = written.parse().ok();
    number.filter(|number| (0.0..=1.0).contains(number)).ok_or_else(|| wrong(format!("= {written}"), remedy))
}

/// A list of numbers of seconds that is not empty.
pub(super) fn waits(value: &DeValue<'_>) -> Result<Vec<Duration>, Wrong> {
    let one = flat_duration(1..=86_400, 1);
    let waits = items(value, "numbers of seconds, such as [60, 300, 900]", &one)?;
    if waits.is_empty() {
        return Err(wrong("is empty", "Write at least one number of seconds, such as [60, 300, 900]."));
    }
    Ok(waits)
}

/// A number of units of so many seconds each.
pub(super) fn flat_duration(
    range: RangeInclusive<u64>,
    unit_seconds: u64,
) -> impl Fn(&DeValue<'_>) -> Result<Duration, Wrong> {
    let number = whole_number(range);
    move |value| number(value).map(|count| Duration::from_secs(count * unit_seconds))
}

/// One word of several.
pub(super) fn one_of<T: Copy>(choices: &[(&'static str, T)]) -> impl Fn(&DeValue<'_>) -> Result<T, Wrong> {
    move |value| {
        let words: Vec<_> = choices.iter().map(|(word, _)| format!("{word:?}")).collect();
        let remedy = format!("Write {}.", words.join(" or "));
        let written = text_or(value, &remedy)?;
        let meant = choices.iter().find(|(word, _)| *word == written).map(|(_, meant)| *meant);
        meant.ok_or_else(|| wrong(format!("= {written:?} is not known"), remedy))
    }
}

/// Something that is written as text; its own error is the remedy.
pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(value: &DeValue<'_>) -> Result<T, Wrong> {
    let written = text(value)?;
    written.parse().map_err(|error: T::Err| wrong(format!("= {written:?} cannot be read"), format!("{error}.")))
}

/// A mail address.
pub(super) fn address(value: &DeValue<'_>) -> Result<Address, Wrong> {
    let remedy = "Write local@domain, without a name and without <>.";
    let written = text_or(value, remedy)?;
    written.parse().map_err(|_| wrong(format!("= {written:?} is no mail address"), remedy))
}

/// A list of mail addresses, possibly empty.
pub(super) fn address_list(value: &DeValue<'_>) -> Result<Vec<Address>, Wrong> {
    items(value, "addresses, such as [\"support@example.com\"]", &address)
}

/// A list of mail addresses that is not empty.
pub(super) fn addresses(value: &DeValue<'_>) -> Result<Vec<Address>, Wrong> {
    let addresses = address_list(value)?;
    if addresses.is_empty() {
        return Err(wrong("is empty", "Write at least one address, such as [\"support@example.com\"]."));
    }
    Ok(addresses)
}

/// A list of domains, possibly empty.
pub(super) fn domains(value: &DeValue<'_>) -> Result<Vec<String>, Wrong> {
    items(value, "domains, such as [\"vendor.example\"]", &|value| {
        let domain = line(value)?;
        let good = domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'));
        if good && !domain.starts_with('.') && !domain.ends_with('.') {
            return Ok(domain);
        }
        Err(wrong(format!("= {domain:?} is no domain"), "Write what stands behind the @, without it."))
    })
}

/// Names by which a mail server goes in header fields: one, or a list that is not empty.
pub(super) fn server_names(value: &DeValue<'_>) -> Result<Vec<String>, Wrong> {
    let form =
        "Write the name alone, such as \"mx.example.com\", or a list of them where several servers take mail in.";
    let one = |value: &DeValue<'_>| {
        let name = text_or(value, form)?;
        let good =
            |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, ';' | '=' | '(' | ')' | '"' | '<' | '>');
        let is_name = !name.is_empty() && name.chars().all(good);
        if is_name { Ok(name) } else { Err(wrong(format!("= {name:?} is no name of a server"), form)) }
    };
    if value.as_array().is_none() {
        return one(value).map(|name| vec![name]);
    }
    let names = items(value, "names, such as [\"mx1.example.com\", \"mx2.example.com\"]", &one)?;
    if names.is_empty() { Err(wrong("is empty", form)) } else { Ok(names) }
}

/// A list of languages that is not empty.
pub(super) fn languages(value: &DeValue<'_>) -> Result<Vec<Language>, Wrong> {
    let languages = items(value, "languages, such as [\"fr\", \"en\"]", &parsed)?;
    if languages.is_empty() {
        return Err(wrong("is empty", "Write at least one language, such as [\"fr\", \"en\"]."));
    }
    Ok(languages)
}

/// A text for each language: `{ fr = "…", en = "…" }`.
pub(super) fn text_by_language(value: &DeValue<'_>) -> Result<Vec<(Language, String)>, Wrong> {
    let form = "Write one text a language: { fr = \"lundi au vendredi, 8 h à 17 h\", en = \"…\" }.";
    let table = value.as_table().ok_or_else(|| wrong(format!("is {}", kind(value)), form))?;
    let mut texts = Vec::new();
    for (key, value) in table.iter() {
        let language =
            key.get_ref().parse().map_err(|_| wrong(format!("has {:?}, no language", key.get_ref()), form))?;
        texts.push((language, line(value.get_ref())?));
    }
    Ok(texts)
}

/// An IANA time zone that is known.
pub(super) fn time_zone(value: &DeValue<'_>) -> Result<String, Wrong> {
    let remedy = "Write a name of the IANA list, such as \"America/Toronto\" or \"Europe/Paris\".";
    let name = text_or(value, remedy)?;
    match jiff::tz::TimeZone::get(&name) {
        Ok(_) => Ok(name),
        Err(_) => Err(wrong(format!("= {name:?} is no time zone"), remedy)),
    }
}

/// A regular expression that finds a case number.
pub(super) fn case_number(value: &DeValue<'_>) -> Result<String, Wrong> {
    let pattern = line(value)?;
    let example = "Write a regular expression in single quotes, such as 'ACME-[0-9]{4,8}'.";
    match regex::Regex::new(&pattern) {
        Ok(expression) if expression.is_match("") => Err(wrong("matches the empty text, and so every mail", example)),
        Ok(_) => Ok(pattern),
        Err(regex::Error::CompiledTooBig(_)) => Err(wrong("is too large a regular expression", example)),
        Err(error) => {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Err(wrong(format!("is no regular expression: {why}"), example))
        }
    }
}

/// Where to listen.
pub(super) fn socket_address(value: &DeValue<'_>) -> Result<SocketAddr, Wrong> {
    let remedy = "Write IP:PORT, such as \"127.0.0.1:8025\".";
    let written = text_or(value, remedy)?;
    written.parse().map_err(|_| wrong(format!("= {written:?} is no place to listen at"), remedy))
}

/// What is logged, as tracing's directives.
pub(super) fn log_filter(value: &DeValue<'_>) -> Result<String, Wrong> {
    let filter = line(value)?;
    let remedy = "Write \"info\", \"debug\" or directives such as \"info,guichet::imap=debug\".";
    match EnvFilter::try_new(&filter) {
        Ok(_) => Ok(filter),
        Err(_) => Err(wrong(format!("= {filter:?} is no log filter"), remedy)),
    }
}

fn items<T>(value: &DeValue<'_>, what: &str, one: &dyn Fn(&DeValue<'_>) -> Result<T, Wrong>) -> Result<Vec<T>, Wrong> {
    let list =
        value.as_array().ok_or_else(|| wrong(format!("is {}", kind(value)), format!("Write a list of {what}.")))?;
    list.iter()
        .map(|item| {
            one(item.get_ref()).map_err(|inner| {
                let inside = inner.problem.strip_prefix("= ").unwrap_or(&inner.problem);
                wrong(format!("holds an entry that does not fit: {inside}"), inner.remedy)
            })
        })
        .collect()
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
