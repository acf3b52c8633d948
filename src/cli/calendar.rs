//! `guichet calendar`: when a desk works, and what of a stretch of time counts.

use anyhow::{Result, anyhow};
use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::{Answer, Invocation, WrongUsage, terminal};
use crate::desk::Desk;
use crate::desk::clock::{Calendar, Closure, Holiday};
use crate::locale;
use crate::said;

/// When a desk works: its hours and days off of a year, or the business time between two moments
#[derive(Args)]
#[command(after_help = "\
Examples:
  guichet calendar --year 2027
  guichet calendar --between 2027-03-12T16:00:00-05:00 2027-03-15T10:00:00-04:00")]
pub(super) struct Arguments {
    /// Which desk [default: the first]
    #[arg(long, value_name = "NAME")]
    desk: Option<String>,
    /// Which year's days off [default: this one]
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i16).range(1900..=2200))]
    year: Option<i16>,
    /// Print the business seconds between two moments, as RFC 3339 writes them
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"], value_parser = moment, conflicts_with = "year", allow_hyphen_values = true)]
    between: Option<Vec<Timestamp>>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

fn moment(text: &str) -> Result<Timestamp> {
    text.parse().map_err(|_| {
        anyhow!(said!(
            "write 2026-11-01T08:00:00-05:00 or 2026-11-01T13:00:00Z",
            "écrivez 2026-11-01T08:00:00-05:00 ou 2026-11-01T13:00:00Z"
        ))
    })
}

pub(super) fn run(invocation: &Invocation, arguments: &Arguments) -> Result<Answer> {
    let config = invocation.configuration()?;
    let desks = &config.policy.desks;
    let desk = match &arguments.desk {
        None => desks.first(),
        Some(name) => desks.iter().find(|desk| desk.name == *name).ok_or_else(|| no_such_desk(name, desks))?,
    };
    let Some(calendar) = &desk.calendar else {
        terminal::tell(&said!(
            "{} has no calendar. Add a [[calendar]] to the configuration, and calendar = \"NAME\" to the [[desk]].",
            "{} n’a pas de calendrier. Ajoutez un [[calendar]] à la configuration, et calendar = \"NOM\" au [[desk]].",
            desk.name
        ));
        return Ok(Answer::No);
    };
    if let Some([from, to]) = arguments.between.as_deref() {
        let seconds = calendar.between(*from, *to).as_secs();
        match arguments.json {
            true => terminal::print_json(&json!({ "seconds": seconds }))?,
            false => terminal::print(&seconds.to_string())?,
        }
        return Ok(Answer::Done);
    }
    let year = arguments.year.unwrap_or_else(|| Timestamp::now().to_zoned(calendar.zone.clone()).year());
    match arguments.json {
        true => terminal::print_json(&document(desk, calendar, year))?,
        false => terminal::print(&page(calendar, year))?,
    }
    Ok(Answer::Done)
}

pub(super) fn no_such_desk(name: &str, desks: &[Desk]) -> anyhow::Error {
    let known: Vec<&str> = desks.iter().map(|desk| desk.name.as_str()).collect();
    let known = known.join(", ");
    WrongUsage(said!(
        "There is no desk {name:?}: {known}.",
        "Il n’y a pas de guichet «\u{a0}{name}\u{a0}»\u{a0}: {known}."
    ))
    .into()
}

/// The same in every language of the terminal: programs read it.
fn document(desk: &Desk, calendar: &Calendar, year: i16) -> serde_json::Value {
    let holiday = |day: &Holiday| json!({ "date": day.date.to_string(), "name": day.english, "moved": day.moved });
    let holidays: Vec<_> = calendar.days_off.holidays_of(year).iter().map(holiday).collect();
    let days: Vec<String> =
        calendar.days_off.days.iter().filter(|day| day.year() == year).map(ToString::to_string).collect();
    let closures: Vec<_> = closures(calendar, year)
        .map(|closure| json!({ "first": closure.first.to_string(), "last": closure.last.to_string() }))
        .collect();
    json!({
        "desk": desk.name,
        "time_zone": calendar.zone.iana_name(),
        "hours": calendar.week.lines(),
        "holidays": holidays,
        "days_off": days,
        "closures": closures,
    })
}

fn page(calendar: &Calendar, year: i16) -> String {
    let zone = calendar.zone.iana_name().unwrap_or_default();
    let mut rows: Vec<[String; 2]> =
        calendar.days_off.holidays_of(year).iter().map(|day| [day.date.to_string(), name(day)]).collect();
    let own = calendar.days_off.days.iter().filter(|day| day.year() == year);
    rows.extend(own.map(|day| [day.to_string(), said!("day off", "jour de congé")]));
    rows.extend(
        closures(calendar, year)
            .map(|closure| [format!("{}/{}", closure.first, closure.last), said!("closed", "fermeture")]),
    );
    rows.sort();
    let week = if locale::is_french() { calendar.week.french_lines() } else { calendar.week.lines() };
    let hours = week.join("; ");
    format!("{hours} ({zone})\n{}", terminal::table([said!("DAY", "JOUR"), said!("WHY", "POURQUOI")], rows))
}

fn name(day: &Holiday) -> String {
    let name = if locale::is_french() { day.french } else { day.english };
    match day.moved {
        true => said!("{name} (moved)", "{name} (jour reporté)"),
        false => name.to_owned(),
    }
}

fn closures(calendar: &Calendar, year: i16) -> impl Iterator<Item = &Closure> {
    calendar
        .days_off
        .closures
        .iter()
        .filter(move |closure| (closure.first.year()..=closure.last.year()).contains(&year))
}
