//! `TIME` of `--since` and `--as-of`: a moment, a day or a while ago.

use anyhow::{Context, Result, bail};
use jiff::{Span, Timestamp, civil};

use super::terminal;
use crate::said;

/// As it was written. What it comes to depends on the desk's time zone, which the configuration tells.
#[derive(Clone, Debug)]
pub(super) enum Since {
    /// A moment of RFC 3339: `2026-11-01T08:00:00Z`.
    Moment(Timestamp),
    /// The beginning of a day: `2026-11-01`.
    Day(civil::Date),
    /// So long ago: `90m`, `2h`, `3d`.
    Ago(Span),
}

impl Since {
    /// The moment that is meant, in the desk's time zone.
    pub(super) fn moment(&self, now: Timestamp) -> Result<Timestamp> {
        match self {
            Since::Moment(moment) => Ok(*moment),
            Since::Day(day) => Ok(day.to_zoned(terminal::zone()).with_context(|| no_such_time(day))?.timestamp()),
            Since::Ago(ago) => {
                let now = now.to_zoned(terminal::zone());
                Ok(now.checked_sub(ago.abs()).with_context(|| no_such_time(ago))?.timestamp())
            }
        }
    }
}

fn no_such_time(written: &impl std::fmt::Display) -> String {
    said!("{written}: there is no such time", "{written}\u{a0}: ce moment n’existe pas")
}

/// Reads what stands behind `--since` or `--as-of`.
pub(super) fn since(text: &str) -> Result<Since> {
    if let Ok(moment) = text.parse() {
        return Ok(Since::Moment(moment));
    }
    if let Ok(day) = text.parse() {
        return Ok(Since::Day(day));
    }
    match text.parse() {
        Ok(ago) => Ok(Since::Ago(ago)),
        Err(_) => bail!(said!(
            "write 2026-11-01, 2026-11-01T08:00:00Z, 90m, 2h or 3d",
            "écrivez 2026-11-01, 2026-11-01T08:00:00Z, 90m, 2h ou 3d"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_moment_a_day_or_a_while() {
        let now: Timestamp = "2026-11-02T08:00:00Z".parse().unwrap();
        let moment = |text: &str| since(text).unwrap().moment(now).unwrap().to_string();
        assert_eq!(moment("2026-11-01T08:00:00Z"), "2026-11-01T08:00:00Z");
        assert_eq!((moment("90m"), moment("2h")), ("2026-11-02T06:30:00Z".into(), "2026-11-02T06:00:00Z".into()));
        for good in ["2026-11-01", "3d", "1 week"] {
            assert!(since(good).is_ok(), "{good}");
        }
        assert!(since("yesterday").is_err());
        assert!(since("99999999999999999w").is_err() || since("19000y").unwrap().moment(now).is_err());
    }
}
