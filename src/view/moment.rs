//! Moments as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// To the minute, with the offset from UTC: `2026-11-27 14:05 -05:00`. Abbreviations of zones mean several, and come and go.
pub(crate) fn moment(at: Timestamp, zone: TimeZone) -> String {
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M %:z").to_string()
}
