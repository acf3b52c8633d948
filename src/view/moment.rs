//! Moments as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// To the minute, with the name of the time zone: `2026-11-27 14:05 EST`.
pub(crate) fn moment(at: Timestamp, zone: TimeZone) -> String {
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M %Z").to_string()
}
