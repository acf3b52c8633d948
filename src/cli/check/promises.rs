//! When somebody works, and whether what is promised can be kept.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Fault, Finding, Line};
use crate::cli::clock::duration;
use crate::config::Config;
use crate::desk::clock::Calendar;
use crate::desk::{Level, Policy};
use crate::{said, view};

/// A calendar without an hour for so long is a mistake rather than a holiday.
const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(super) fn of(config: &Config) -> Vec<Line> {
    let (policy, now) = (&config.policy, Timestamp::now());
    let line =
        |calendar: &Calendar| Line::new(said!("calendar {}", "calendrier {}", calendar.name), hours(calendar, now));
    let mut lines: Vec<Line> = policy.calendars.iter().map(line).collect();
    if !policy.targets.is_empty() {
        lines.push(Line::new(said!("promises", "engagements"), Ok(promises(policy))));
    }
    lines
}

/// When somebody works next.
fn hours(calendar: &Calendar, now: Timestamp) -> Finding {
    let next = calendar.opening(now);
    match next.filter(|next| next.duration_since(now) <= LONGEST) {
        Some(next) if next == now => Ok(said!("open now", "ouvert en ce moment")),
        Some(next) => Ok(said!("next open {}", "ouvre {}", view::moment(next, calendar.zone.clone()))),
        None => Err(Fault {
            problem: said!(
                "nobody works within 30 days: no clock runs until then",
                "personne ne travaille d’ici 30 jours\u{a0}: aucune horloge ne court avant"
            ),
            remedy: said!(
                "Look at hours, days_off and closures of the [[calendar]].",
                "Vérifiez hours, days_off et closures du [[calendar]]."
            ),
        }),
    }
}

/// Who hears of them, and which of them a team may break while it keeps its own.
fn promises(policy: &Policy) -> String {
    let mut told = match policy.managers.len() {
        0 => said!(
            "a broken one is told to the owner and the team; there is no [[manager]]",
            "un dépassement est dit au responsable et à l’équipe; il n’y a pas de [[manager]]"
        ),
        1 => said!(
            "a broken one is told to the owner, the team and a manager",
            "un dépassement est dit au responsable, à l’équipe et à un gestionnaire"
        ),
        managers => said!(
            "a broken one is told to the owner, the team and {managers} managers",
            "un dépassement est dit au responsable, à l’équipe et à {managers} gestionnaires"
        ),
    };
    for (level, takes, promised) in later_than_promised(policy) {
        let (takes, promised) = (seconds(takes), seconds(promised));
        told.push_str(&said!(
            "\n    {} may take {takes} to take up what is escalated to it, and a target promises a solution in {promised}",
            "\n    {} a {takes} pour prendre ce qu’on lui escalade, et une cible promet une solution en {promised}",
            level.word()
        ));
    }
    told
}

/// Teams whose own time to take a ticket up is no shorter than the shortest solution that is promised.
fn later_than_promised(policy: &Policy) -> Vec<(Level, Duration, Duration)> {
    let Some(shortest) = policy.targets.iter().filter_map(|target| target.ttr).min() else { return Vec::new() };
    let teams = policy.teams.iter().filter_map(|team| Some((team.level, team.first_answer?)));
    teams.filter(|(_, takes)| *takes >= shortest).map(|(level, takes)| (level, takes, shortest)).collect()
}

fn seconds(of: Duration) -> String {
    duration(i64::try_from(of.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::config::Surroundings;
    use crate::demo::CONFIGURATION;
    use crate::desk::clock::{Closure, DaysOff, Week};

    #[test]
    fn a_calendar_that_is_closed_for_a_month_is_told() {
        let mut calendar = Calendar {
            name: "bureau".to_owned(),
            zone: TimeZone::UTC,
            week: Week::read(["mon-fri 08:00-16:00"]).unwrap(),
            days_off: DaysOff::default(),
        };
        let sunday: Timestamp = "2026-08-02T12:00:00Z".parse().unwrap();
        assert_eq!(hours(&calendar, sunday).ok().unwrap(), "next open 2026-08-03 08:00 +00:00");
        let (first, last) = ("2026-08-01".parse().unwrap(), "2026-09-15".parse().unwrap());
        calendar.days_off.closures = vec![Closure { first, last }];
        let fault = hours(&calendar, sunday).err().unwrap();
        assert!(fault.problem.contains("30 days") && fault.remedy.contains("closures"), "{}", fault.remedy);
    }

    #[test]
    fn a_team_that_may_wait_longer_than_a_solution_is_promised_is_told() {
        let surroundings = Surroundings { folder: std::path::Path::new("/"), variable: &|_| None };
        let told = |hours: u32| {
            let text = CONFIGURATION
                .replace("level = \"L2\"\naddress", &format!("level = \"L2\"\nfirst_answer_hours = {hours}\naddress"));
            let config = Config::read(&text, &surroundings).unwrap_or_else(|faults| panic!("{faults}"));
            promises(&config.policy)
        };
        assert!(!told(4).contains('\n'), "{}", told(4));
        assert!(told(24).contains("L2 may take 24 h 00 min") && told(24).contains("in 20 h 00 min"), "{}", told(24));
    }
}
