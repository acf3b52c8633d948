//! `guichet report`: what a desk did in a week, or between two moments.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::calendar::no_such_desk;
use super::{Answer, Invocation, WrongUsage, terminal};
use crate::desk::Desk;
use crate::desk::report::{self, Figures, Period};
use crate::{gateway, locale, said};

/// The longest period: more days and weeks are not told apart on a chart.
const YEARS: i64 = 2;

/// What a desk did in a week: volumes, promises, known fixes, vendors, escalations
#[derive(Args)]
#[command(after_help = "\
A day begins at midnight by the desk's clock; the report tells of what happened before --to.

Examples:
  guichet report
  guichet report --from 2026-11-01 --to 2026-12-01 --out november")]
pub(super) struct Arguments {
    /// Which desk [default: the first]
    #[arg(long, value_name = "NAME")]
    desk: Option<String>,
    /// From when: a day, or a moment of RFC 3339 [default: a week before --to, else Monday of last week]
    #[arg(long, value_name = "DATE", value_parser = moment, allow_hyphen_values = true)]
    from: Option<Moment>,
    /// Until when [default: now where --from is given, else Monday of this week]
    #[arg(long, value_name = "DATE", value_parser = moment, allow_hyphen_values = true)]
    to: Option<Moment>,
    /// Write the report as files into this folder, which must be empty or not there
    #[arg(long, value_name = "DIR", conflicts_with = "json")]
    out: Option<PathBuf>,
    /// Print the figures as one JSON document
    #[arg(long)]
    json: bool,
}

/// As it was written. What a day comes to depends on the desk.
#[derive(Clone, Copy, Debug)]
enum Moment {
    At(Timestamp),
    Day(Date),
}

impl Moment {
    fn at(self, desk: &Desk) -> Result<Timestamp> {
        match self {
            Moment::At(at) => Ok(at),
            Moment::Day(day) => match day.to_zoned(desk.time_zone.clone()) {
                Ok(midnight) => Ok(midnight.timestamp()),
                Err(_) => bail!(WrongUsage(said!("There is no day {day}.", "Le jour {day} n’existe pas."))),
            },
        }
    }
}

fn moment(text: &str) -> Result<Moment> {
    let at = text.parse().map(Moment::At);
    at.or_else(|_| text.parse().map(Moment::Day)).map_err(|_| {
        anyhow!(said!(
            "write 2026-11-01 or 2026-11-01T08:00:00-05:00",
            "écrivez 2026-11-01 ou 2026-11-01T08:00:00-05:00"
        ))
    })
}

pub(super) fn run(invocation: &Invocation, arguments: &Arguments) -> Result<Answer> {
    let config = invocation.configuration_with_store()?;
    let desks = &config.policy.desks;
    let desk = match &arguments.desk {
        None => desks.first(),
        Some(name) => desks.iter().find(|desk| desk.name == *name).ok_or_else(|| no_such_desk(name, desks))?,
    };
    let period = period(arguments, desk, Timestamp::now())?;
    if let Some(folder) = &arguments.out {
        is_empty(folder)?;
    }
    let figures = invocation.with_store(async |store, config| {
        let reading = terminal::waiting(&said!("Reading the history", "Lecture de l’historique"));
        let figures = gateway::report::figures(store, &config.policy, desk, period, |lines| reading.inc(lines as u64));
        let figures = figures.await;
        reading.finish_and_clear();
        figures
    })?;
    match &arguments.out {
        Some(folder) => write(folder, &figures, desk)?,
        None if arguments.json => terminal::print_json(&figures)?,
        None => terminal::print(&terminal::safe(&text(&figures, desk)))?,
    }
    Ok(Answer::Done)
}

fn text(figures: &Figures, desk: &Desk) -> String {
    report::text(figures, &desk.display_name, &desk.time_zone, locale::language())
}

fn period(arguments: &Arguments, desk: &Desk, now: Timestamp) -> Result<Period> {
    let at = |moment: Option<Moment>| moment.map(|moment| moment.at(desk)).transpose();
    let period = match (at(arguments.from)?, at(arguments.to)?) {
        (None, None) => Period::last_week(now, &desk.time_zone),
        (Some(from), to) => Some(Period { from, to: to.unwrap_or(now) }),
        (None, Some(to)) => later(to, desk, Span::new().weeks(-1)).map(|from| Period { from, to }),
    };
    let Some(period) = period else {
        bail!(WrongUsage(said!("There is no such time.", "Ce moment n’existe pas.")));
    };
    match fault(&period, desk, now) {
        Some(fault) => bail!(WrongUsage(fault)),
        None => Ok(period),
    }
}

/// What keeps a report of this period from being made, with its remedy.
fn fault(period: &Period, desk: &Desk, now: Timestamp) -> Option<String> {
    let (from, to) = (terminal::moment(period.from), terminal::moment(period.to));
    if period.from > now {
        return Some(said!(
            "The report would begin at {from}, which is still to come: give --from a day that has begun.",
            "Le rapport commencerait à {from}, qui est à venir\u{a0}: donnez à --from un jour qui a commencé."
        ));
    }
    if period.to > now {
        return Some(said!(
            "The report would end at {to}, which is still to come: leave out --to for a report until now.",
            "Le rapport finirait à {to}, qui est à venir\u{a0}: sans --to, le rapport va jusqu’à maintenant."
        ));
    }
    if period.from >= period.to {
        return Some(said!(
            "The report would begin at {from} and end at {to}: --from must come before --to.",
            "Le rapport commencerait à {from} et finirait à {to}\u{a0}: --from doit venir avant --to."
        ));
    }
    let longest = later(period.from, desk, Span::new().years(YEARS));
    longest.is_some_and(|longest| longest < period.to).then(|| {
        said!(
            "The report would begin at {from} and end at {to}, and {YEARS} years are the most that one tells of: ask for \
             the years one by one, with --from and --to.",
            "Le rapport commencerait à {from} et finirait à {to}, et un rapport couvre {YEARS} ans au plus\u{a0}: demandez \
             les années une à une, avec --from et --to."
        )
    })
}

fn later(at: Timestamp, desk: &Desk, by: Span) -> Option<Timestamp> {
    at.to_zoned(desk.time_zone.clone()).checked_add(by).ok().map(|at| at.timestamp())
}

/// Nothing is overwritten.
fn is_empty(folder: &Path) -> Result<()> {
    let shown = folder.display();
    if !folder.exists() {
        return Ok(());
    }
    let cannot = || said!("Cannot read the folder {shown}", "Impossible de lire le dossier {shown}");
    if fs::read_dir(folder).with_context(cannot)?.next().is_none() {
        return Ok(());
    }
    bail!(WrongUsage(said!(
        "The folder {shown} is not empty, and nothing is overwritten: name another one.",
        "Le dossier {shown} n’est pas vide, et rien n’est écrasé\u{a0}: nommez-en un autre."
    )))
}

fn write(folder: &Path, figures: &Figures, desk: &Desk) -> Result<()> {
    let cannot = |path: &Path| said!("Cannot write {}", "Impossible d’écrire {}", path.display());
    fs::create_dir_all(folder).with_context(|| cannot(folder))?;
    let charts = report::charts(figures, locale::language());
    let page = report::page(figures, &charts, &desk.display_name, &desk.time_zone, locale::language());
    let mut files = vec![
        ("report.txt".to_owned(), text(figures, desk).into_bytes()),
        ("report.html".to_owned(), page.into_bytes()),
        ("report.csv".to_owned(), report::sheet(figures, locale::language())),
    ];
    files.extend(charts.into_iter().map(|chart| (chart.file_name(), chart.png)));
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::write(&path, bytes).with_context(|| cannot(&path))?;
        terminal::print(&path.display().to_string())?;
    }
    Ok(())
}
