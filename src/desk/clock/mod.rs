//! The time that a desk promises: when it works, and what part of a wait counts.

mod calendar;
mod days_off;
mod holidays;
mod week;

pub use calendar::Calendar;
pub use days_off::{Closure, DaysOff};
pub use holidays::{Easter, Holiday, HolidaySet, Holidays, Weekend};
pub use week::{Shift, Week, WeekFault};
