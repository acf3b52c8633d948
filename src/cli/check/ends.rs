//! What ends on a day that is known: secrets, certificates, sign-ins, keys.

use jiff::{SignedDuration, Timestamp};

use super::{Fault, Line};
use crate::config::Config;
use crate::gateway::{End, ends_of_servers, ends_of_sign_ins};
use crate::said;

/// What ends sooner is a fault: somebody has to act.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A line for each; of servers, of those that were reached just now.
pub(super) fn of(config: &Config) -> Vec<Line> {
    let now = Timestamp::now();
    let ends = config.ends.iter().cloned().chain(ends_of_sign_ins(&config.tokens)).chain(ends_of_servers());
    ends.map(|end| Line::new(end.of.told(), judged(&end, now))).collect()
}

fn judged(end: &End, now: Timestamp) -> Result<String, Fault> {
    let (day, left) = (end.at.strftime("%Y-%m-%d"), end.at.duration_since(now));
    let days = left.as_hours() / 24;
    match left {
        _ if left.is_negative() => {
            Err(Fault { problem: said!("it ended on {day}", "il a pris fin le {day}"), remedy: end.of.remedy() })
        }
        _ if left < SOON => Err(Fault {
            problem: said!("it ends on {day}, in {days} days", "il prend fin le {day}, dans {days} jours"),
            remedy: end.of.remedy(),
        }),
        _ => Ok(said!("good until {day}, for {days} days", "valable jusqu’au {day}, pour {days} jours")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::EndOf;

    #[test]
    fn what_ends_within_a_fortnight_is_a_fault() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let found = |days: i64| {
            let at = now + SignedDuration::from_hours(24 * days + 1);
            judged(&End { of: EndOf::Secret("support".to_owned()), at }, now).map_err(|fault| fault.problem)
        };
        assert_eq!(found(15).unwrap(), "good until 2027-01-30, for 15 days");
        assert_eq!(found(13).unwrap_err(), "it ends on 2027-01-28, in 13 days");
        assert_eq!(found(-1).unwrap_err(), "it ended on 2027-01-14");
    }
}
