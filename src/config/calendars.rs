//! What `[[calendar]]` means, and which one a table goes by.

use jiff::civil::Date;

use super::section::{Placed, Section};
use super::value::{closures, dates, flag, line, list_of, name, one_of, time_zone, week};
use crate::desk::clock::{Calendar, DaysOff, Easter, HolidaySet, Holidays, Weekend};
use crate::said;

const SETS: [(&str, HolidaySet); 4] =
    [("QC", HolidaySet::Quebec), ("CA", HolidaySet::Canada), ("ON", HolidaySet::Ontario), ("FR", HolidaySet::France)];

/// The calendars of the file, by name.
pub(super) struct Calendars<'a> {
    pub(super) all: &'a [Placed<Calendar>],
}

pub(super) fn calendar(section: &Section<'_>) -> Placed<Calendar> {
    let name = section.needed(
        "name",
        name,
        &said!(
            "Add name = \"office\": a desk names it in calendar.",
            "Ajoutez name = \"bureau\"\u{a0}: un guichet le nomme dans calendar."
        ),
    );
    let zone = section.or_written("time_zone", time_zone, "America/Toronto");
    let week = section.needed(
        "hours",
        week,
        &said!("Add hours = {}.", "Ajoutez hours = {}.", "[\"mon-fri 08:30-12:00, 13:00-16:30\"]"),
    );
    let sets = list_of(said!("holidays, such as [\"QC\"]", "jours fériés, comme [\"QC\"]"), one_of(&SETS));
    let sets = section.or("holidays", sets, Vec::new());
    let easters = [("friday", Easter::Friday), ("monday", Easter::Monday), ("both", Easter::Both)];
    let easter = section.or("easter", one_of(&easters), Easter::default());
    let weekends = [("none", Weekend::None), ("after", Weekend::After), ("before", Weekend::Before)];
    let weekend = section.optional("weekend", one_of(&weekends));
    let alsace_moselle = section.or("alsace_moselle", flag, false);
    let days: Option<Vec<Date>> = section.or("days_off", dates, Vec::new());
    let closures = section.or("closures", closures, Vec::new());
    section.finish();
    let whole = || {
        let (easter, weekend, alsace_moselle) = (easter?, weekend?, alsace_moselle?);
        let kept = |set: HolidaySet| {
            let usual = Holidays::of(set);
            Holidays { easter, weekend: weekend.unwrap_or(usual.weekend), alsace_moselle, ..usual }
        };
        let holidays = sets?.into_iter().map(kept).collect();
        let days_off = DaysOff { holidays, days: days?, closures: closures? };
        Some(Calendar { name: name?, zone: zone?, week: week?, days_off })
    };
    section.placed(whole())
}

impl Calendars<'_> {
    /// The calendar that a table names, if it names one; the outer `None` after a fault.
    pub(super) fn named_in(&self, section: &Section<'_>) -> Option<Option<Calendar>> {
        let Some(wanted) = section.optional("calendar", line)? else { return Some(None) };
        let known = || self.all.iter().filter_map(|placed| placed.value.as_ref());
        if let Some(calendar) = known().find(|calendar| calendar.name == wanted) {
            return Some(Some(calendar.clone()));
        }
        // One that has a fault of its own is told of already.
        if known().count() == self.all.len() {
            let names: Vec<String> = known().map(|calendar| format!("{:?}", calendar.name)).collect();
            let remedy = match names.is_empty() {
                true => said!(
                    "Add a [[calendar]] with name = {wanted:?} and hours.",
                    "Ajoutez un [[calendar]] avec name = {wanted:?} et hours."
                ),
                false => said!(
                    "There is {}; or add a [[calendar]] of this name.",
                    "Il y a {}; ou ajoutez un [[calendar]] de ce nom.",
                    names.join(", ")
                ),
            };
            let problem = said!("= {wanted:?} is no [[calendar]]", "= {wanted:?} n’est pas un [[calendar]]");
            section.fault_of("calendar", &problem, &remedy);
        }
        None
    }
}
