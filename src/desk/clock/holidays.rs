//! Legal holidays, computed for any year. What a statute leaves open is the employer's choice: [`Easter`], [`Weekend`].

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// Whose holidays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolidaySet {
    /// Québec: Act respecting labour standards (N-1.1) s. 60, National Holiday Act (F-1.1).
    Quebec,
    /// Canada, employers under federal law: Canada Labour Code ss. 166 and 193.
    Canada,
    /// Ontario: Employment Standards Act, 2000, s. 1 (1) “public holiday”.
    Ontario,
    /// France: Code du travail, art. L3133-1.
    France,
}

/// Which day of Easter an employer in Québec chose (N-1.1 s. 60 (2)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Easter {
    /// Good Friday.
    #[default]
    Friday,
    /// Easter Monday.
    Monday,
    /// Both.
    Both,
}

/// On which working day a holiday is made up for that falls on a Saturday or a Sunday and is not moved by law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weekend {
    /// On none.
    None,
    /// On the next one that is no holiday and makes up for no other.
    After,
    /// On the last one before that is no holiday.
    Before,
}

/// The holidays that a calendar keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holidays {
    /// Whose.
    pub set: HolidaySet,
    /// Read for Québec alone.
    pub easter: Easter,
    /// What becomes of those that fall on a weekend.
    pub weekend: Weekend,
    /// Good Friday and 26 December, too: departments Bas-Rhin, Haut-Rhin and Moselle (Code du travail, art. L3134-13).
    /// Read for France alone.
    pub alsace_moselle: bool,
}

/// One day off.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holiday {
    /// The day on the wall of the desk.
    pub date: Date,
    /// Its name in French.
    pub french: &'static str,
    /// Its name in English.
    pub english: &'static str,
    /// Whether it stands for one that falls on another day.
    pub moved: bool,
}

/// When a holiday is.
#[derive(Clone, Copy)]
enum On {
    /// Month and day.
    Fixed(i8, i8),
    /// So many days after Easter Sunday.
    Easter(i64),
    /// The nth Monday of a month.
    Monday(i8, i8),
    /// The Monday before 25 May.
    VictoriaDay,
    /// 1 July; the 2nd where that is a Sunday.
    CanadaDay,
    /// 24 June; where that is a Sunday the 25th, too.
    NationalHoliday,
}

/// When, in French and in English, and in which years.
struct Rule(On, &'static str, &'static str, Option<(i16, i16)>);

const ALWAYS: Option<(i16, i16)> = None;
const fn since(year: i16) -> Option<(i16, i16)> {
    Some((year, i16::MAX))
}
const fn until(year: i16) -> Option<(i16, i16)> {
    Some((i16::MIN, year))
}

const GOOD_FRIDAY: Rule = Rule(On::Easter(-2), "Vendredi saint", "Good Friday", ALWAYS);
const EASTER_MONDAY: Rule = Rule(On::Easter(1), "Lundi de Pâques", "Easter Monday", ALWAYS);

/// N-1.1 s. 60: (1) 1 January, (3) the Monday before 25 May, (4) Canada Day, (5) Labour Day, (6) Thanksgiving, (7) 25 December;
/// F-1.1 ss. 2 and 5 the national holiday. What (2) leaves open is [`Easter`].
const QUEBEC: &[Rule] = &[
    Rule(On::Fixed(1, 1), "Jour de l’An", "New Year’s Day", ALWAYS),
    Rule(On::VictoriaDay, "Fête de Dollard", "Dollard Day", until(2002)),
    Rule(On::VictoriaDay, "Journée nationale des patriotes", "National Patriots’ Day", since(2003)),
    Rule(On::NationalHoliday, "Fête nationale", "National Holiday", ALWAYS),
    Rule(On::CanadaDay, "Fête du Canada", "Canada Day", ALWAYS),
    Rule(On::Monday(1, 9), "Fête du Travail", "Labour Day", ALWAYS),
    Rule(On::Monday(2, 10), "Action de grâces", "Thanksgiving", ALWAYS),
    Rule(On::Fixed(12, 25), "Noël", "Christmas Day", ALWAYS),
];

/// Canada Labour Code s. 166; the day of truth and reconciliation by S.C. 2021 c. 11. Canada Day moves by the Holidays Act s. 2.
const CANADA: &[Rule] = &[
    Rule(On::Fixed(1, 1), "Jour de l’An", "New Year’s Day", ALWAYS),
    GOOD_FRIDAY,
    Rule(On::VictoriaDay, "Fête de la Reine", "Victoria Day", ALWAYS),
    Rule(On::CanadaDay, "Fête du Canada", "Canada Day", ALWAYS),
    Rule(On::Monday(1, 9), "Fête du Travail", "Labour Day", ALWAYS),
    Rule(
        On::Fixed(9, 30),
        "Journée nationale de la vérité et de la réconciliation",
        "National Day for Truth and Reconciliation",
        since(2021),
    ),
    Rule(On::Monday(2, 10), "Action de grâces", "Thanksgiving Day", ALWAYS),
    Rule(On::Fixed(11, 11), "Jour du Souvenir", "Remembrance Day", ALWAYS),
    Rule(On::Fixed(12, 25), "Noël", "Christmas Day", ALWAYS),
    Rule(On::Fixed(12, 26), "Lendemain de Noël", "Boxing Day", ALWAYS),
];

/// Employment Standards Act s. 1 (1); Family Day by O. Reg. 547/07. Canada Day moves by the Legislation Act, 2006, s. 88 (4).
const ONTARIO: &[Rule] = &[
    Rule(On::Fixed(1, 1), "Jour de l’An", "New Year’s Day", ALWAYS),
    Rule(On::Monday(3, 2), "Jour de la Famille", "Family Day", since(2008)),
    GOOD_FRIDAY,
    Rule(On::VictoriaDay, "Fête de la Reine", "Victoria Day", ALWAYS),
    Rule(On::CanadaDay, "Fête du Canada", "Canada Day", ALWAYS),
    Rule(On::Monday(1, 9), "Fête du Travail", "Labour Day", ALWAYS),
    Rule(On::Monday(2, 10), "Action de grâces", "Thanksgiving Day", ALWAYS),
    Rule(On::Fixed(12, 25), "Noël", "Christmas Day", ALWAYS),
    Rule(On::Fixed(12, 26), "Lendemain de Noël", "Boxing Day", ALWAYS),
];

/// Code du travail, art. L3133-1; 8 May again since loi 81-893.
const FRANCE: &[Rule] = &[
    Rule(On::Fixed(1, 1), "Jour de l’An", "New Year’s Day", ALWAYS),
    EASTER_MONDAY,
    Rule(On::Fixed(5, 1), "Fête du Travail", "Labour Day", ALWAYS),
    Rule(On::Fixed(5, 8), "Victoire 1945", "Victory Day", since(1982)),
    Rule(On::Easter(39), "Ascension", "Ascension Day", ALWAYS),
    Rule(On::Easter(50), "Lundi de Pentecôte", "Whit Monday", ALWAYS),
    Rule(On::Fixed(7, 14), "Fête nationale", "National Day", ALWAYS),
    Rule(On::Fixed(8, 15), "Assomption", "Assumption", ALWAYS),
    Rule(On::Fixed(11, 1), "Toussaint", "All Saints’ Day", ALWAYS),
    Rule(On::Fixed(11, 11), "Armistice 1918", "Armistice Day", ALWAYS),
    Rule(On::Fixed(12, 25), "Noël", "Christmas Day", ALWAYS),
];

const ALSACE_MOSELLE: &[Rule] = &[GOOD_FRIDAY, Rule(On::Fixed(12, 26), "Saint-Étienne", "Saint Stephen’s Day", ALWAYS)];

impl Holidays {
    /// A set as its law has it, with the defaults for what that leaves open.
    pub fn of(set: HolidaySet) -> Holidays {
        let weekend = if set == HolidaySet::Canada { Weekend::After } else { Weekend::None };
        Holidays { set, easter: Easter::default(), weekend, alsace_moselle: false }
    }

    /// The days off of a year, in order; those that make up for a holiday of the year before or after, too.
    pub fn of_year(&self, year: i16) -> Vec<Holiday> {
        let legal = self.legal(year - 1).chain(self.legal(year)).chain(self.legal(year + 1));
        let mut days: Vec<Holiday> = legal.collect();
        days.sort();
        self.make_up(&mut days);
        days.retain(|day| day.date.year() == year);
        days.sort();
        days.dedup_by_key(|day| day.date);
        days
    }

    fn legal(&self, year: i16) -> impl Iterator<Item = Holiday> {
        let (set, rest): (&[Rule], &[Rule]) = match self.set {
            HolidaySet::Quebec => match self.easter {
                Easter::Friday => (QUEBEC, &[GOOD_FRIDAY]),
                Easter::Monday => (QUEBEC, &[EASTER_MONDAY]),
                Easter::Both => (QUEBEC, &[GOOD_FRIDAY, EASTER_MONDAY]),
            },
            HolidaySet::Canada => (CANADA, &[]),
            HolidaySet::Ontario => (ONTARIO, &[]),
            HolidaySet::France if self.alsace_moselle => (FRANCE, ALSACE_MOSELLE),
            HolidaySet::France => (FRANCE, &[]),
        };
        set.iter().chain(rest).flat_map(move |rule| rule.in_year(year))
    }

    /// Adds the working days on which those of a weekend are made up for. One that the law itself moves is not.
    fn make_up(&self, days: &mut Vec<Holiday>) {
        let legal = days.clone();
        let is_legal = |date: Date| legal.iter().any(|day| day.date == date);
        let is_moved = |day: &Holiday| {
            legal.iter().any(|other| other.moved && other.french == day.french && other.date.year() == day.date.year())
        };
        for day in legal.iter().filter(|day| is_weekend(day.date) && !is_moved(day)) {
            let made_up = match self.weekend {
                Weekend::None => None,
                Weekend::After => days_from(day.date, 1)
                    .find(|date| !is_weekend(*date) && days.iter().all(|taken| taken.date != *date)),
                Weekend::Before => days_from(day.date, -1).find(|date| !is_weekend(*date) && !is_legal(*date)),
            };
            days.extend(made_up.map(|date| Holiday { date, moved: true, ..day.clone() }));
        }
    }
}

impl Rule {
    fn in_year(&self, year: i16) -> impl Iterator<Item = Holiday> + use<> {
        let Rule(on, french, english, years) = *self;
        let is_kept = years.is_none_or(|(first, last)| (first..=last).contains(&year));
        let holiday = move |date: Option<Date>, moved| date.map(|date| Holiday { date, french, english, moved });
        let on_sunday = |date: Option<Date>| date.is_some_and(|date| date.weekday() == Weekday::Sunday);
        let next = |date: Option<Date>| date.and_then(|date| date.tomorrow().ok());
        let days = match on {
            On::Fixed(month, day) => [holiday(Date::new(year, month, day).ok(), false), None],
            On::Easter(after) => {
                [holiday(easter(year).and_then(|easter| easter.checked_add(after.days()).ok()), false), None]
            }
            On::Monday(nth, month) => {
                let first = Date::new(year, month, 1).ok();
                [holiday(first.and_then(|first| first.nth_weekday_of_month(nth, Weekday::Monday).ok()), false), None]
            }
            On::VictoriaDay => {
                let monday = Date::new(year, 5, 25).ok().and_then(|day| day.nth_weekday(-1, Weekday::Monday).ok());
                [holiday(monday, false), None]
            }
            On::CanadaDay => match Date::new(year, 7, 1).ok() {
                first if on_sunday(first) => [holiday(next(first), true), None],
                first => [holiday(first, false), None],
            },
            On::NationalHoliday => match Date::new(year, 6, 24).ok() {
                day if on_sunday(day) => [holiday(day, false), holiday(next(day), true)],
                day => [holiday(day, false), None],
            },
        };
        days.into_iter().flatten().filter(move |_| is_kept)
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn days_from(date: Date, step: i64) -> impl Iterator<Item = Date> {
    // No ten days in a row are holidays and weekends.
    (1..10).filter_map(move |count| date.checked_add((step * count).days()).ok())
}

/// Easter Sunday of the Gregorian calendar (J.-M. Oudin, 1940, as in the Explanatory Supplement to the Astronomical
/// Almanac, 1992, §12.81).
fn easter(year: i16) -> Option<Date> {
    let year32 = i32::from(year);
    let century = year32.div_euclid(100);
    let golden = year32.rem_euclid(19);
    let correction = (century - 17) / 25;
    let moon = (century - century / 4 - (century - correction) / 3 + 19 * golden + 15).rem_euclid(30);
    let moon = moon - (moon / 28) * (1 - (moon / 28) * (29 / (moon + 1)) * ((21 - golden) / 11));
    let weekday = (year32 + year32.div_euclid(4) + moon + 2 - century + century / 4).rem_euclid(7);
    let sunday = moon - weekday;
    let month = 3 + (sunday + 40) / 44;
    let day = sunday + 28 - 31 * (month / 4);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(holidays: &Holidays, year: i16) -> Vec<String> {
        holidays.of_year(year).iter().map(|day| day.date.strftime("%m-%d").to_string()).collect()
    }

    fn of(set: HolidaySet) -> Holidays {
        Holidays::of(set)
    }

    #[test]
    fn easter_is_where_the_gregorian_calendar_has_it() {
        // The earliest and the latest, both exceptions of the tables, and what stands in almanacs.
        for day in [
            "1818-03-22",
            "1943-04-25",
            "1954-04-18",
            "1981-04-19",
            "2000-04-23",
            "2026-04-05",
            "2049-04-18",
            "2285-03-22",
        ] {
            let day: Date = day.parse().unwrap();
            assert_eq!(easter(day.year()), Some(day));
        }
    }

    #[test]
    fn a_year_has_the_days_that_its_law_names() {
        for (holidays, year, expected) in [
            (of(HolidaySet::Quebec), 2026, "01-01 04-03 05-18 06-24 07-01 09-07 10-12 12-25"),
            (of(HolidaySet::Ontario), 2026, "01-01 02-16 04-03 05-18 07-01 09-07 10-12 12-25 12-26"),
            (of(HolidaySet::Canada), 2025, "01-01 04-18 05-19 07-01 09-01 09-30 10-13 11-11 12-25 12-26"),
            (of(HolidaySet::France), 2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"),
            // Both summer days fall on a Sunday.
            (of(HolidaySet::Quebec), 2029, "01-01 03-30 05-21 06-24 06-25 07-02 09-03 10-08 12-25"),
            (of(HolidaySet::Ontario), 2007, "01-01 04-06 05-21 07-02 09-03 10-08 12-25 12-26"),
            (of(HolidaySet::France), 1981, "01-01 04-20 05-01 05-28 06-08 07-14 08-15 11-01 11-11 12-25"),
        ] {
            assert_eq!(days(&holidays, year).join(" "), expected, "{:?} {year}", holidays.set);
        }
    }

    #[test]
    fn what_the_law_leaves_open_is_the_employers_choice() {
        let quebec = |easter| Holidays { easter, ..of(HolidaySet::Quebec) };
        let in_april =
            |easter| days(&quebec(easter), 2026).into_iter().filter(|day| day.starts_with("04")).collect::<Vec<_>>();
        assert_eq!(in_april(Easter::Friday), ["04-03"]);
        assert_eq!(in_april(Easter::Monday), ["04-06"]);
        assert_eq!(in_april(Easter::Both), ["04-03", "04-06"]);
        let moselle = Holidays { alsace_moselle: true, ..of(HolidaySet::France) };
        let more: Vec<String> =
            days(&moselle, 2026).into_iter().filter(|day| !days(&of(HolidaySet::France), 2026).contains(day)).collect();
        assert_eq!(more, ["04-03", "12-26"]);
    }

    #[test]
    fn a_holiday_on_a_weekend_is_made_up_for_on_a_working_day_of_its_own() {
        let canada = |weekend, year| days(&Holidays { weekend, ..of(HolidaySet::Canada) }, year);
        // Christmas on a Saturday and the day after it: Monday and Tuesday. New Year's Day on a Saturday: the year before.
        assert_eq!(canada(Weekend::After, 2027)[8..], ["12-25", "12-26", "12-27", "12-28"]);
        assert_eq!(canada(Weekend::Before, 2027)[8..], ["12-24", "12-25", "12-26", "12-31"]);
        assert!(canada(Weekend::After, 2028).starts_with(&["01-01".to_owned(), "01-03".to_owned()]));
        assert_eq!(canada(Weekend::None, 2027).len(), 10);
        // What the law moves by itself is moved once.
        assert!(!canada(Weekend::After, 2029).contains(&"07-03".to_owned()));
        let names = Holidays { weekend: Weekend::After, ..of(HolidaySet::Canada) }.of_year(2027);
        assert!(names.iter().all(|day| day.moved == (day.date.day() > 26 && day.date.month() == 12)), "{names:?}");
    }
}
