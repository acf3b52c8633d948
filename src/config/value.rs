//! The kinds of value that keys have.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use regex::{Regex, RegexBuilder};
use toml::de::{DeFloat, DeInteger, DeValue};
use tracing_subscriber::EnvFilter;

use crate::desk::clock::{Closure, Week, WeekFault};
use crate::desk::{NonEmpty, Priority, Sender};
use crate::lmtp::Listen;
use crate::mail::{Address, Language};
use crate::said;

/// A regular expression takes no more memory, compiled.
const PATTERN_BYTES: usize = 4 << 20;

/// Why a value is refused: "KEY problem", and what to write instead.
pub(super) struct Wrong {
    pub(super) problem: String,
    pub(super) remedy: String,
}

pub(super) fn wrong(problem: impl Into<String>, remedy: impl Into<String>) -> Wrong {
    Wrong { problem: problem.into(), remedy: remedy.into() }
}

/// Any text, the empty one too.
pub(super) fn text(value: &DeValue<'_>) -> Result<String, Wrong> {
    text_or(value, &said!("Write a text in double quotes.", "Écrivez un texte entre guillemets droits."))
}

fn text_or(value: &DeValue<'_>, remedy: &str) -> Result<String, Wrong> {
    value.as_str().map(str::to_owned).ok_or_else(|| wrong(is_kind(value), remedy))
}

/// A text that is not empty and is one line.
pub(super) fn line(value: &DeValue<'_>) -> Result<String, Wrong> {
    let text = text(value)?;
    if text.trim().is_empty() {
        return Err(wrong(
            is_empty(),
            said!(
                "Write a text, or remove the line where the key has a default.",
                "Écrivez un texte, ou enlevez la ligne si la clé a une valeur par défaut."
            ),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(wrong(
            said!("holds a control character", "contient un caractère de commande"),
            said!("Write one line of plain text.", "Écrivez une ligne de texte simple."),
        ));
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
    Err(wrong(
        said!("= {name:?} cannot be typed as one word", "= {name:?} ne se tape pas en un mot"),
        said!(
            "Use letters, digits, '-', '_' and '.'.",
            "N’utilisez que des lettres, des chiffres, «\u{a0}-\u{a0}», «\u{a0}_\u{a0}» et «\u{a0}.\u{a0}»."
        ),
    ))
}

/// `SD` of `[SD R-000123]`.
pub(super) fn subject_tag(value: &DeValue<'_>) -> Result<String, Wrong> {
    let tag = line(value)?;
    if tag.len() <= 12 && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Ok(tag);
    }
    Err(wrong(
        said!("= {tag:?} cannot stand in a subject", "= {tag:?} ne peut pas figurer dans un objet"),
        said!(
            "Use up to 12 letters and digits, such as \"SD\".",
            "Utilisez au plus 12 lettres et chiffres, comme \"SD\"."
        ),
    ))
}

/// A file or folder; empty is refused.
pub(super) fn path(value: &DeValue<'_>) -> Result<PathBuf, Wrong> {
    line(value).map(PathBuf::from)
}

/// `true` or `false`.
pub(super) fn flag(value: &DeValue<'_>) -> Result<bool, Wrong> {
    value.as_bool().ok_or_else(|| {
        wrong(is_kind(value), said!("Write true or false, without quotes.", "Écrivez true ou false, sans guillemets."))
    })
}

/// A whole number within bounds.
pub(super) fn whole_number(range: RangeInclusive<u64>) -> impl Fn(&DeValue<'_>) -> Result<u64, Wrong> {
    move |value| {
        let remedy = || {
            said!(
                "Write a whole number from {} to {}.",
                "Écrivez un nombre entier de {} à {}.",
                range.start(),
                range.end()
            )
        };
        let Some(number) = value.as_integer() else {
            return Err(wrong(is_kind(value), remedy()));
        };
        match u64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) if range.contains(&number) => Ok(number),
            Ok(small) if small < *range.start() => {
                Err(wrong(said!("= {small} is too small", "= {small} est trop petit"), remedy()))
            }
            Ok(large) => Err(wrong(said!("= {large} is too large", "= {large} est trop grand"), remedy())),
            Err(_) => Err(wrong(said!("= {number} is out of bounds", "= {number} est hors limites"), remedy())),
        }
    }
}

/// A number from 0 to 1.
pub(super) fn probability(value: &DeValue<'_>) -> Result<f64, Wrong> {
    let remedy = said!("Write a number from 0 to 1, such as 0.5.", "Écrivez un nombre de 0 à 1, comme 0.5.");
    let number = value.as_float().map(DeFloat::as_str).or(value.as_integer().map(DeInteger::as_str));
    let Some(written) = number else { return Err(wrong(is_kind(value), remedy)) };
    let number: Option<f64> = written.parse().ok();
    number.filter(|number| (0.0..=1.0).contains(number)).ok_or_else(|| wrong(format!("= {written}"), remedy))
}

/// A list of numbers of seconds that is not empty.
pub(super) fn waits(value: &DeValue<'_>) -> Result<Vec<Duration>, Wrong> {
    let one = flat_duration(1..=86_400, 1);
    let waits = items(
        value,
        &said!("numbers of seconds, such as [60, 300, 900]", "nombres de secondes, comme [60, 300, 900]"),
        &one,
    )?;
    if waits.is_empty() {
        return Err(wrong(
            is_empty(),
            said!(
                "Write at least one number of seconds, such as [60, 300, 900].",
                "Écrivez au moins un nombre de secondes, comme [60, 300, 900]."
            ),
        ));
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

/// Business time, `"30 min"`, `"4 h"` or `"1 h 30 min"`. Days have no one length, and so they are no unit of it.
pub(super) fn business_time(value: &DeValue<'_>) -> Result<Duration, Wrong> {
    const HOURS_MAX: u64 = 10_000;
    const EXAMPLES: &str = "\"30 min\", \"4 h\", \"1 h 30 min\"";
    const LEAST: &str = "\"1 min\"";
    let form = said!(
        "Write hours and minutes of business time, such as {EXAMPLES}.",
        "Écrivez des heures et des minutes ouvrées, comme {EXAMPLES}."
    );
    let written = text_or(value, &form)?;
    let Some(minutes) = minutes_of(&written) else {
        return Err(wrong(
            said!("= {written:?} is no hours and minutes", "= {written:?} n’est pas des heures et des minutes"),
            form,
        ));
    };
    if minutes == 0 {
        let remedy = said!(
            "Write at least {LEAST}, or remove the line: then nothing is promised.",
            "Écrivez au moins {LEAST}, ou enlevez la ligne\u{a0}: alors rien n’est promis."
        );
        return Err(wrong(said!("= {written:?} can be kept by nobody", "= {written:?} est intenable"), remedy));
    }
    if minutes > HOURS_MAX * 60 {
        let remedy = said!("Write up to {HOURS_MAX} h.", "Écrivez au plus {HOURS_MAX} h.");
        return Err(wrong(said!("= {written:?} is too large", "= {written:?} est trop grand"), remedy));
    }
    Ok(Duration::from_secs(minutes * 60))
}

fn minutes_of(written: &str) -> Option<u64> {
    let text = written.replace(' ', "");
    let number = |digits: &str| digits.parse::<u32>().ok().map(u64::from);
    let (hours, minutes) = match text.split_once('h') {
        Some((hours, "")) => (number(hours)?, 0),
        Some((hours, minutes)) => (number(hours)?, number(minutes.strip_suffix("min").unwrap_or(minutes))?),
        None => (0, number(text.strip_suffix("min")?)?),
    };
    Some(hours * 60 + minutes)
}

/// How urgent, 1 (the highest) to 4.
pub(super) fn priority(value: &DeValue<'_>) -> Result<Priority, Wrong> {
    whole_number(1..=4)(value).map(|number| Priority(u8::try_from(number).unwrap_or(u8::MAX)))
}

/// One word of several.
pub(super) fn one_of<T: Copy>(choices: &[(&'static str, T)]) -> impl Fn(&DeValue<'_>) -> Result<T, Wrong> {
    move |value| {
        let words: Vec<_> = choices.iter().map(|(word, _)| format!("{word:?}")).collect();
        let remedy = said!("Write {}.", "Écrivez {}.", words.join(&said!(" or ", " ou ")));
        let written = text_or(value, &remedy)?;
        let meant = choices.iter().find(|(word, _)| *word == written).map(|(_, meant)| *meant);
        meant.ok_or_else(|| wrong(said!("= {written:?} is not known", "= {written:?} n’est pas connu"), remedy))
    }
}

/// Something that is written as text; its own error is the remedy.
pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(value: &DeValue<'_>) -> Result<T, Wrong> {
    let written = text(value)?;
    written.parse().map_err(|error: T::Err| {
        wrong(said!("= {written:?} cannot be read", "= {written:?} ne peut pas être lu"), format!("{error}."))
    })
}

/// A mail address.
pub(super) fn address(value: &DeValue<'_>) -> Result<Address, Wrong> {
    let remedy =
        said!("Write local@domain, without a name and without <>.", "Écrivez local@domaine, sans nom et sans <>.");
    let written = text_or(value, &remedy)?;
    written.parse().map_err(|_| {
        wrong(said!("= {written:?} is no mail address", "= {written:?} n’est pas une adresse de courriel"), remedy)
    })
}

/// Where a program writes from: an address, or a domain.
pub(super) fn address_or_domain(value: &DeValue<'_>) -> Result<Sender, Wrong> {
    let written = line(value)?;
    if let Ok(address) = written.parse() {
        return Ok(Sender::Address(address));
    }
    let domain = written.trim_start_matches('@');
    let good = domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'));
    if good && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.') {
        return Ok(Sender::Domain(domain.to_lowercase()));
    }
    Err(wrong(
        said!("= {written:?} is neither an address nor a domain", "= {written:?} n’est ni une adresse ni un domaine"),
        said!(
            "Write what stands in From, such as \"nagios@example.com\", or a domain such as \"monitoring.example.com\".",
            "Écrivez ce qui figure dans From, comme \"nagios@example.com\", ou un domaine comme \"monitoring.example.com\"."
        ),
    ))
}

/// What redirects mail to us: addresses, or domains of servers.
pub(super) fn senders(value: &DeValue<'_>) -> Result<Vec<Sender>, Wrong> {
    let form = "[\"aide@old.example.com\"]";
    items(
        value,
        &said!("addresses or domains, such as {form}", "adresses ou domaines, comme {form}"),
        &address_or_domain,
    )
}

/// A list of mail addresses, possibly empty.
pub(super) fn address_list(value: &DeValue<'_>) -> Result<Vec<Address>, Wrong> {
    items(
        value,
        &said!("addresses, such as [\"support@example.com\"]", "adresses, comme [\"support@example.com\"]"),
        &address,
    )
}

/// A list of mail addresses that is not empty.
pub(super) fn addresses(value: &DeValue<'_>) -> Result<NonEmpty<Address>, Wrong> {
    NonEmpty::of(address_list(value)?).ok_or_else(|| {
        wrong(
            is_empty(),
            said!(
                "Write at least one address, such as [\"support@example.com\"].",
                "Écrivez au moins une adresse, comme [\"support@example.com\"]."
            ),
        )
    })
}

/// A list of domains, possibly empty.
pub(super) fn domains(value: &DeValue<'_>) -> Result<Vec<String>, Wrong> {
    items(value, &said!("domains, such as [\"vendor.example\"]", "domaines, comme [\"vendor.example\"]"), &domain)
}

/// What stands behind an `@`.
pub(super) fn domain(value: &DeValue<'_>) -> Result<String, Wrong> {
    let domain = line(value)?;
    let good = domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'));
    if good && !domain.starts_with('.') && !domain.ends_with('.') {
        return Ok(domain);
    }
    Err(wrong(
        said!("= {domain:?} is no domain", "= {domain:?} n’est pas un domaine"),
        said!("Write what stands behind the @, without it.", "Écrivez ce qui suit le @, sans lui."),
    ))
}

/// An address, or a domain.
pub(super) fn sender(value: &DeValue<'_>) -> Result<String, Wrong> {
    if line(value)?.contains('@') { address(value).map(|address| address.to_string()) } else { domain(value) }
}

/// Names by which a mail server goes in header fields: one, or a list that is not empty.
pub(super) fn server_names(value: &DeValue<'_>) -> Result<Vec<String>, Wrong> {
    let form = &said!(
        "Write the name alone, such as \"mx.example.com\", or a list of them where several servers take mail in.",
        "Écrivez le nom seul, comme \"mx.example.com\", ou une liste si plusieurs serveurs reçoivent le courriel."
    );
    let one = |value: &DeValue<'_>| {
        let name = text_or(value, form)?;
        let good =
            |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, ';' | '=' | '(' | ')' | '"' | '<' | '>');
        let is_name = !name.is_empty() && name.chars().all(good);
        if is_name {
            Ok(name)
        } else {
            Err(wrong(said!("= {name:?} is no name of a server", "= {name:?} n’est pas un nom de serveur"), form))
        }
    };
    if value.as_array().is_none() {
        return one(value).map(|name| vec![name]);
    }
    let names = items(
        value,
        &said!(
            "names, such as [\"mx1.example.com\", \"mx2.example.com\"]",
            "noms, comme [\"mx1.example.com\", \"mx2.example.com\"]"
        ),
        &one,
    )?;
    if names.is_empty() { Err(wrong(is_empty(), form)) } else { Ok(names) }
}

/// Addresses of name servers, each with its port or at 53.
pub(super) fn name_servers(value: &DeValue<'_>) -> Result<Vec<SocketAddr>, Wrong> {
    let form = &said!(
        "Write addresses, such as [\"192.0.2.53\", \"127.0.0.1:5353\"].",
        "Écrivez des adresses, comme [\"192.0.2.53\", \"127.0.0.1:5353\"]."
    );
    let one = |value: &DeValue<'_>| {
        let text = text_or(value, form)?;
        let at_usual_port = |address: IpAddr| SocketAddr::new(address, 53);
        let address = text.parse().ok().or_else(|| text.parse().ok().map(at_usual_port));
        address.ok_or_else(|| {
            let problem = said!("= {text:?} is no address of a server", "= {text:?} n’est pas l’adresse d’un serveur");
            wrong(problem, form)
        })
    };
    if value.as_array().is_none() {
        return one(value).map(|address| vec![address]);
    }
    let addresses =
        items(value, &said!("addresses, such as [\"192.0.2.53\"]", "adresses, comme [\"192.0.2.53\"]"), &one)?;
    if addresses.is_empty() { Err(wrong(is_empty(), form)) } else { Ok(addresses) }
}

/// A list of languages that is not empty.
pub(super) fn languages(value: &DeValue<'_>) -> Result<NonEmpty<Language>, Wrong> {
    let languages =
        items(value, &said!("languages, such as [\"fr\", \"en\"]", "langues, comme [\"fr\", \"en\"]"), &parsed)?;
    NonEmpty::of(languages).ok_or_else(|| {
        wrong(
            is_empty(),
            said!(
                "Write at least one language, such as [\"fr\", \"en\"].",
                "Écrivez au moins une langue, comme [\"fr\", \"en\"]."
            ),
        )
    })
}

/// A text for each language: `{ fr = "…", en = "…" }`.
pub(super) fn text_by_language(value: &DeValue<'_>) -> Result<Vec<(Language, String)>, Wrong> {
    let form = &said!(
        "Write one text a language: {}.",
        "Écrivez un texte par langue\u{a0}: {}.",
        "{ fr = \"lundi au vendredi, 8 h à 17 h\", en = \"…\" }"
    );
    let table = value.as_table().ok_or_else(|| wrong(is_kind(value), form))?;
    let mut texts = Vec::new();
    for (key, value) in table.iter() {
        let language = key.get_ref().parse().map_err(|_| {
            wrong(said!("has {:?}, no language", "contient {:?}, qui n’est pas une langue", key.get_ref()), form)
        })?;
        texts.push((language, line(value.get_ref())?));
    }
    Ok(texts)
}

/// An IANA time zone that is known.
pub(super) fn time_zone(value: &DeValue<'_>) -> Result<TimeZone, Wrong> {
    let remedy = said!(
        "Write a name of the IANA list, such as \"America/Toronto\" or \"Europe/Paris\".",
        "Écrivez un nom de la liste de l’IANA, comme \"America/Toronto\" ou \"Europe/Paris\"."
    );
    let name = text_or(value, &remedy)?;
    let known = super::zones::zone(&name);
    known.ok_or_else(|| wrong(said!("= {name:?} is no time zone", "= {name:?} n’est pas un fuseau horaire"), remedy))
}

/// A time of day, `08:00`.
pub(super) fn time_of_day(value: &DeValue<'_>) -> Result<Time, Wrong> {
    let remedy = said!("Write a time of day such as \"08:00\".", "Écrivez une heure comme \"08:00\".");
    let text = text_or(value, &remedy)?;
    let known = text.parse::<Time>().ok().filter(|_| text.len() == "08:00".len());
    known.ok_or_else(|| wrong(said!("= {text:?} is no time of day", "= {text:?} n’est pas une heure"), remedy))
}

/// A list, possibly empty.
pub(super) fn list_of<T>(
    what: String,
    one: impl Fn(&DeValue<'_>) -> Result<T, Wrong>,
) -> impl Fn(&DeValue<'_>) -> Result<Vec<T>, Wrong> {
    move |value| items(value, &what, &one)
}

/// The hours of a week, a list of texts that is not empty.
pub(super) fn week(value: &DeValue<'_>) -> Result<Week, Wrong> {
    let form = "[\"mon-fri 08:30-12:00, 13:00-16:30\", \"sat 22:00-06:00\"]";
    let lines = items(value, &said!("texts, such as {form}", "textes, comme {form}"), &line)?;
    Week::read(lines.iter().map(String::as_str)).map_err(|fault| match fault {
        WeekFault::Unreadable(text) => wrong(
            said!("has {text:?}, which is no days and hours", "contient {text:?}, qui ne dit ni jours ni heures"),
            said!(
                "Write days, then hours from 00:00 to 24:00: {form}.",
                "Écrivez les jours, puis des heures de 00:00 à 24:00\u{a0}: {form}."
            ),
        ),
        WeekFault::NoTime(text) => wrong(
            said!("has {text:?}, which ends when it begins", "contient {text:?}, qui finit quand il commence"),
            said!("Write 00:00-24:00 for a whole day.", "Écrivez 00:00-24:00 pour une journée entière."),
        ),
        WeekFault::Overlap(text) => wrong(
            said!("has another shift within {text:?}", "contient une autre plage pendant {text:?}"),
            said!(
                "Let each shift end before the next one begins.",
                "Faites finir chaque plage avant le début de la suivante."
            ),
        ),
        WeekFault::Empty => {
            wrong(is_empty(), said!("Write at least one: {form}.", "Écrivez-en au moins une\u{a0}: {form}."))
        }
    })
}

/// A day.
pub(super) fn date(value: &DeValue<'_>) -> Result<Date, Wrong> {
    let remedy = said!("Write a day as \"2026-12-24\".", "Écrivez un jour comme \"2026-12-24\".");
    let written = match value {
        DeValue::Datetime(written) => written.to_string(),
        _ => text_or(value, &remedy)?,
    };
    written.parse().map_err(|_| wrong(said!("= {written:?} is no day", "= {written:?} n’est pas un jour"), remedy))
}

/// Days, possibly none.
pub(super) fn dates(value: &DeValue<'_>) -> Result<Vec<Date>, Wrong> {
    items(value, &said!("days, such as [\"2026-12-24\"]", "jours, comme [\"2026-12-24\"]"), &date)
}

/// Ranges of days, both ends among them, as ISO 8601 writes intervals; possibly none.
pub(super) fn closures(value: &DeValue<'_>) -> Result<Vec<Closure>, Wrong> {
    let form = "[\"2026-12-24/2027-01-02\"]";
    let one = |value: &DeValue<'_>| {
        let remedy =
            said!("Write the first and the last day: {form}.", "Écrivez le premier et le dernier jour\u{a0}: {form}.");
        let written = text_or(value, &remedy)?;
        let days = written.split_once('/').and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
        match days {
            Some((first, last)) if first <= last => Ok(Closure { first, last }),
            _ => Err(wrong(
                said!("= {written:?} is no range of days", "= {written:?} n’est pas une suite de jours"),
                remedy,
            )),
        }
    };
    items(value, &said!("ranges of days, such as {form}", "suites de jours, comme {form}"), &one)
}

/// A regular expression that finds a case number.
pub(super) fn case_number(value: &DeValue<'_>) -> Result<Regex, Wrong> {
    pattern_like("'ACME-[0-9]{4,8}'", value)
}

/// What finds the key in a machine's mail.
pub(super) fn machine_key(value: &DeValue<'_>) -> Result<Regex, Wrong> {
    let example = "'(?P<key>[^ ]+) is DOWN'";
    let pattern = pattern_like(example, value)?;
    if pattern.capture_names().flatten().any(|name| name == "key") {
        return Ok(pattern);
    }
    Err(wrong(
        said!("has no group (?P<key>…)", "n’a pas de groupe (?P<key>…)"),
        said!(
            "Write one around what the report is about, such as {example}.",
            "Mettez-en un autour de ce dont parle l’alerte, comme {example}."
        ),
    ))
}

/// What finds who asks in a form's mail.
pub(super) fn form_pattern(value: &DeValue<'_>) -> Result<Regex, Wrong> {
    let example = "'Email (?P<address>[^ ]+@[^ ]+)'";
    let pattern = pattern_like(example, value)?;
    let remedy = || {
        said!(
            "Write (?P<address>…) around the address, and (?P<name>…) and (?P<subject>…) where the form has them: {example}.",
            "Mettez (?P<address>…) autour de l’adresse, et (?P<name>…) et (?P<subject>…) si le formulaire les donne\u{a0}: {example}."
        )
    };
    let groups: Vec<&str> = pattern.capture_names().flatten().collect();
    if !groups.contains(&"address") {
        return Err(wrong(said!("has no group (?P<address>…)", "n’a pas de groupe (?P<address>…)"), remedy()));
    }
    match groups.iter().find(|group| !matches!(**group, "address" | "name" | "subject")) {
        Some(group) => Err(wrong(
            said!("has a group {group:?}, which nobody reads", "a un groupe {group:?}, que personne ne lit"),
            remedy(),
        )),
        None => Ok(pattern),
    }
}

/// Where a form names who asks.
pub(super) enum FormField {
    ReplyTo,
    Header(String),
    Subject,
    Body,
}

/// Where a form names who asks: `reply-to`, `subject`, `body`, or the name of a field.
pub(super) fn form_field(value: &DeValue<'_>) -> Result<FormField, Wrong> {
    let written = line(value)?;
    let is_field = |name: &str| {
        name.len() > 2
            && name[..2].eq_ignore_ascii_case("x-")
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    match written.to_ascii_lowercase().as_str() {
        "reply-to" => Ok(FormField::ReplyTo),
        "subject" => Ok(FormField::Subject),
        "body" => Ok(FormField::Body),
        _ if written.is_ascii() && is_field(&written) => Ok(FormField::Header(written)),
        _ => Err(wrong(
            said!(
                "= {written:?} is no place where a form names who asks",
                "= {written:?} n’est pas un endroit où un formulaire nomme le demandeur"
            ),
            said!(
                "Write \"reply-to\", \"subject\", \"body\", or the name of a field that begins with X-.",
                "Écrivez \"reply-to\", \"subject\", \"body\", ou le nom d’un champ qui commence par X-."
            ),
        )),
    }
}

/// What opens a ticket, or says that it is over, in a machine's mail.
pub(super) fn machine_words(value: &DeValue<'_>) -> Result<Regex, Wrong> {
    pattern_like("'PROBLEM|DOWN'", value)
}

/// A regular expression that does not match the empty text, and is small; each of its kind is written like the example.
fn pattern_like(example: &str, value: &DeValue<'_>) -> Result<Regex, Wrong> {
    let pattern = line(value)?;
    let example = said!(
        "Write a regular expression in single quotes, such as {}.",
        "Écrivez une expression rationnelle entre apostrophes, comme {}.",
        example
    );
    match RegexBuilder::new(&pattern).size_limit(PATTERN_BYTES).build() {
        Ok(expression) if expression.is_match("") => Err(wrong(
            said!("matches the empty text, and so every mail", "convient au texte vide, donc à tout courriel"),
            example,
        )),
        Ok(expression) => Ok(expression),
        Err(regex::Error::CompiledTooBig(_)) => Err(wrong(
            said!("is too large a regular expression", "est une expression rationnelle trop grande"),
            example,
        )),
        Err(error) => {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Err(wrong(
                said!("is no regular expression: {why}", "n’est pas une expression rationnelle\u{a0}: {why}"),
                example,
            ))
        }
    }
}

/// Where to listen.
pub(super) fn socket_address(value: &DeValue<'_>) -> Result<SocketAddr, Wrong> {
    let remedy = said!("Write IP:PORT, such as \"127.0.0.1:8025\".", "Écrivez IP:PORT, comme \"127.0.0.1:8025\".");
    let written = text_or(value, &remedy)?;
    written.parse().map_err(|_| {
        wrong(said!("= {written:?} is no place to listen at", "= {written:?} n’est pas un lieu où écouter"), remedy)
    })
}

/// Where whoever is on this machine finds us: `unix:PATH`, or a port of loopback.
pub(super) fn place_of_this_machine(value: &DeValue<'_>) -> Result<Listen, Wrong> {
    let remedy = said!(
        "Write \"unix:/run/guichet/lmtp.sock\" or \"127.0.0.1:8024\".",
        "Écrivez \"unix:/run/guichet/lmtp.sock\" ou \"127.0.0.1:8024\"."
    );
    let written = text_or(value, &remedy)?;
    if let Some(path) = written.strip_prefix("unix:").filter(|path| !path.is_empty() && !path.contains('\0')) {
        return Ok(Listen::Unix(path.into()));
    }
    match written.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => Ok(Listen::Tcp(address)),
        Ok(_) => Err(wrong(
            said!(
                "= {written:?} can be reached from other machines, and whoever reaches it is believed to be your mail server",
                "= {written:?} est joignable d’autres machines, et quiconque le joint passe pour votre serveur de courriel"
            ),
            said!(
                "Write an address of this machine alone, such as \"127.0.0.1:8024\", or a socket: \"unix:/run/guichet/lmtp.sock\".",
                "Écrivez une adresse de cette seule machine, comme \"127.0.0.1:8024\", ou un socket\u{a0}: \"unix:/run/guichet/lmtp.sock\"."
            ),
        )),
        Err(_) => Err(wrong(
            said!("= {written:?} is no place to listen at", "= {written:?} n’est pas un lieu où écouter"),
            remedy,
        )),
    }
}

/// What is logged, as tracing's directives.
pub(super) fn log_filter(value: &DeValue<'_>) -> Result<String, Wrong> {
    let filter = line(value)?;
    let remedy = said!(
        "Write \"info\", \"debug\" or directives such as \"info,guichet::imap=debug\".",
        "Écrivez \"info\", \"debug\" ou des directives comme \"info,guichet::imap=debug\"."
    );
    match EnvFilter::try_new(&filter) {
        Ok(_) => Ok(filter),
        Err(_) => {
            Err(wrong(said!("= {filter:?} is no log filter", "= {filter:?} n’est pas un filtre de journal"), remedy))
        }
    }
}

/// Lines, possibly none.
pub(super) fn lines(value: &DeValue<'_>) -> Result<Vec<String>, Wrong> {
    items(value, &said!("texts in double quotes", "textes entre guillemets droits"), &line)
}

/// A text; `None` where a table stands, which is then read as one.
pub(super) fn either_text_or_table(value: &DeValue<'_>) -> Result<Option<String>, Wrong> {
    match value {
        DeValue::Table(_) => Ok(None),
        other => line(other).map(Some),
    }
}

fn items<T>(value: &DeValue<'_>, what: &str, one: &dyn Fn(&DeValue<'_>) -> Result<T, Wrong>) -> Result<Vec<T>, Wrong> {
    let list = value
        .as_array()
        .ok_or_else(|| wrong(is_kind(value), said!("Write a list of {what}.", "Écrivez une liste de {what}.")))?;
    list.iter()
        .map(|item| {
            one(item.get_ref()).map_err(|inner| {
                let inside = inner.problem.strip_prefix("= ").unwrap_or(&inner.problem);
                wrong(
                    said!(
                        "holds an entry that does not fit: {inside}",
                        "contient un élément qui ne convient pas\u{a0}: {inside}"
                    ),
                    inner.remedy,
                )
            })
        })
        .collect()
}

fn is_empty() -> String {
    said!("is empty", "est vide")
}

fn is_kind(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(_) => said!("is a text", "est un texte"),
        DeValue::Integer(_) => said!("is a whole number", "est un nombre entier"),
        DeValue::Float(_) => said!("is a number with a fraction", "est un nombre à virgule"),
        DeValue::Boolean(_) => said!("is true or false", "est true ou false"),
        DeValue::Datetime(_) => said!("is a date", "est une date"),
        DeValue::Array(_) => said!("is a list", "est une liste"),
        DeValue::Table(_) => said!("is a table", "est une table"),
    }
}
