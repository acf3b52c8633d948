//! The clock of this machine, in the zone of each desk.

use jiff::{Timestamp, tz::TimeZone};

use super::{Fault, Finding, Line};
use crate::cli::zones;
use crate::config::Config;
use crate::config::zones::editions;
use crate::{said, view};

/// This program was not written before.
const WRITTEN: Timestamp = Timestamp::constant(1_767_225_600, 0);
/// Nobody runs it so much later.
const WORN_OUT: Timestamp = Timestamp::constant(2_713_910_400, 0);

pub(super) fn of(config: &Config) -> Vec<Line> {
    let now = Timestamp::now();
    let line = |desk: &crate::desk::Desk| {
        let what = said!("clock of {}", "horloge de {}", desk.name);
        Line::new(what, told(&desk.time_zone, now))
    };
    let zones = Line::new(said!("time zones", "fuseaux horaires"), Ok(zones::told(editions())));
    config.policy.desks.iter().map(line).chain([zones]).collect()
}

fn told(zone: &TimeZone, now: Timestamp) -> Finding {
    if !(WRITTEN..WORN_OUT).contains(&now) {
        let problem = said!("the clock of this machine says {now}", "l’horloge de cette machine dit {now}");
        let remedy = said!("Set the clock of this machine by NTP.", "Réglez l’horloge de cette machine par NTP.");
        return Err(Fault { problem, remedy });
    }
    Ok(view::moment(now, zone.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_lost_its_year_is_told() {
        let zone = TimeZone::get("America/Toronto").unwrap();
        let lost = told(&zone, Timestamp::UNIX_EPOCH).err().unwrap();
        assert!(lost.problem.contains("1970-01-01") && lost.remedy.contains("NTP"), "{}", lost.problem);
        let now = told(&zone, Timestamp::constant(1_800_000_000, 0)).ok().unwrap();
        assert_eq!(now, "2027-01-15 03:00 -05:00");
    }
}
