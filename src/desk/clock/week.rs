//! When a desk works, by weekday, on the wall of its zone.

use std::fmt;

use jiff::civil::Weekday;

const DAY: u16 = 24 * 60;

/// One stretch of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shift {
    /// Minutes since midnight, 0 to 1439.
    pub start: u16,
    /// Minutes since midnight, 0 to 1440, not among them; before `start`: on the next day.
    pub end: u16,
}

/// The shifts of each weekday; at least one in all, and no two at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week([Vec<Shift>; 7]);

/// Why texts are no week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WeekFault {
    /// Not of the form `mon-fri 08:30-12:00, 13:00-16:30`.
    Unreadable(String),
    /// A shift that ends when it starts.
    NoTime(String),
    /// This shift begins while another one lasts.
    Overlap(String),
    /// There is not one shift.
    Empty,
}

/// Both languages of the people who write configurations.
const DAYS: [[&str; 2]; 7] =
    [["mon", "lun"], ["tue", "mar"], ["wed", "mer"], ["thu", "jeu"], ["fri", "ven"], ["sat", "sam"], ["sun", "dim"]];

impl Shift {
    /// How long it lasts on a day without a clock change, in minutes.
    fn minutes(self) -> u16 {
        if self.end > self.start { self.end - self.start } else { DAY - self.start + self.end }
    }

    /// Whether it ends on the day after the one on which it begins. Midnight itself is the end of its own day.
    pub(super) fn is_over_midnight(self) -> bool {
        self.end < self.start
    }
}

impl fmt::Display for Shift {
    /// `08:30-12:00`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.start, self.end);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl Week {
    /// From Monday to Friday, all day: the business days of a desk without hours.
    pub fn from_monday_to_friday() -> Week {
        let day = vec![Shift { start: 0, end: DAY }];
        Week(std::array::from_fn(|at| if at < 5 { day.clone() } else { Vec::new() }))
    }

    /// The week that these lines say, such as `mon-fri 08:30-12:00, 13:00-16:30` and `sat 22:00-06:00`. Days may have their
    /// French names (`lun-ven`); a day that several lines name has the shifts of all.
    ///
    /// # Errors
    /// The first fault, with the words that have it.
    pub fn read<'t>(lines: impl IntoIterator<Item = &'t str>) -> Result<Week, WeekFault> {
        let mut days: [Vec<Shift>; 7] = Default::default();
        for line in lines {
            let unreadable = || WeekFault::Unreadable(line.to_owned());
            let (named, shifts) = line.trim().split_once(char::is_whitespace).ok_or_else(unreadable)?;
            let named = days_of(named).ok_or_else(unreadable)?;
            for text in shifts.split(',').map(str::trim) {
                let shift = shift_of(text).ok_or_else(|| WeekFault::Unreadable(text.to_owned()))?;
                if shift.start == shift.end {
                    return Err(WeekFault::NoTime(text.to_owned()));
                }
                named.iter().for_each(|day| days[*day].push(shift));
            }
        }
        days.iter_mut().for_each(|day| day.sort());
        let week = Week(days);
        match (week.first_overlap(), week.0.iter().all(Vec::is_empty)) {
            (Some(overlap), _) => Err(WeekFault::Overlap(overlap)),
            (None, true) => Err(WeekFault::Empty),
            (None, false) => Ok(week),
        }
    }

    /// The shifts that begin on a day of this name, in order.
    pub fn on(&self, day: Weekday) -> &[Shift] {
        &self.0[usize::from(day.to_monday_zero_offset().unsigned_abs())]
    }

    /// The week as it can be read again, days in a row with the same shifts on one line: `mon-fri 08:30-12:00, 13:00-16:30`.
    pub fn lines(&self) -> Vec<String> {
        self.lines_in(0)
    }

    /// The same with the French names of the days: `lun-ven 08:30-12:00, 13:00-16:30`.
    pub fn french_lines(&self) -> Vec<String> {
        self.lines_in(1)
    }

    fn lines_in(&self, language: usize) -> Vec<String> {
        let days: Vec<usize> = (0..7).collect();
        let alike = days.chunk_by(|one, next| self.0[*one] == self.0[*next]).filter(|days| !self.0[days[0]].is_empty());
        alike
            .map(|days| {
                let names = match (days.first(), days.last()) {
                    (Some(first), Some(last)) if first != last => {
                        format!("{}-{}", DAYS[*first][language], DAYS[*last][language])
                    }
                    _ => DAYS[days[0]][language].to_owned(),
                };
                let shifts: Vec<String> = self.0[days[0]].iter().map(ToString::to_string).collect();
                format!("{names} {}", shifts.join(", "))
            })
            .collect()
    }

    /// The first shift that begins while another lasts; Monday follows Sunday.
    fn first_overlap(&self) -> Option<String> {
        let week = u32::from(DAY) * 7;
        let starts = |day: usize, shift: &Shift| day as u32 * u32::from(DAY) + u32::from(shift.start);
        let all: Vec<(u32, Shift, usize)> =
            (0..7).flat_map(|day| self.0[day].iter().map(move |shift| (starts(day, shift), *shift, day))).collect();
        let behind = all.iter().skip(1).copied().chain(all.first().map(|(at, shift, day)| (at + week, *shift, *day)));
        all.iter()
            .zip(behind)
            .find(|((at, shift, _), next)| at + u32::from(shift.minutes()) > next.0)
            .map(|(_, (_, shift, day))| format!("{} {shift}", DAYS[day][0]))
    }
}

fn days_of(named: &str) -> Option<Vec<usize>> {
    let day = |name: &str| DAYS.iter().position(|names| names.iter().any(|known| known.eq_ignore_ascii_case(name)));
    let mut all = Vec::new();
    for part in named.split(',').filter(|part| !part.is_empty()) {
        match part.split_once('-') {
            None => all.push(day(part)?),
            Some((first, last)) => {
                let (first, last) = (day(first)?, day(last)?);
                all.extend((0..7).map(|step| (first + step) % 7).take((last + 7 - first) % 7 + 1));
            }
        }
    }
    (!all.is_empty()).then_some(all)
}

fn shift_of(text: &str) -> Option<Shift> {
    let (start, end) = text.split_once('-')?;
    let (start, end) = (minutes_of(start.trim())?, minutes_of(end.trim())?);
    (start < DAY).then_some(Shift { start, end })
}

/// `08:30` or `8:30`; 24:00 is the end of the day.
fn minutes_of(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |text: &str, most: usize| text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hours, 2) || minutes.len() != 2 || !digits(minutes, 2) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let at = hours * 60 + minutes;
    (minutes < 60 && at <= DAY).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(lines: &[&str]) -> Result<Week, WeekFault> {
        Week::read(lines.iter().copied())
    }

    #[test]
    fn a_week_is_written_by_days_and_stretches_in_either_language() {
        let written = week(&["mon-fri 08:30-12:00, 13:00-16:30", "sat,dim 22:00-06:00"]).unwrap();
        assert_eq!(written.on(Weekday::Wednesday), [Shift { start: 510, end: 720 }, Shift { start: 780, end: 990 }]);
        assert_eq!(written.on(Weekday::Sunday), [Shift { start: 1320, end: 360 }]);
        assert_eq!(week(&["lun-ven 9:00-17:00"]), week(&["mon-fri 09:00-17:00"]));
        assert_eq!(week(&["fri-mon 00:00-24:00"]).unwrap().on(Weekday::Sunday), [Shift { start: 0, end: 1440 }]);
        assert_eq!(week(&["fri-mon 00:00-24:00"]).unwrap().on(Weekday::Tuesday), []);
    }

    #[test]
    fn what_is_no_week_says_which_words_are_wrong() {
        for (lines, fault) in [
            (&["mon-fri"][..], WeekFault::Unreadable("mon-fri".to_owned())),
            (&["monday 09:00-17:00"], WeekFault::Unreadable("monday 09:00-17:00".to_owned())),
            (&["mon 9-17"], WeekFault::Unreadable("9-17".to_owned())),
            (&["mon 09:00-24:01"], WeekFault::Unreadable("09:00-24:01".to_owned())),
            (&["mon 24:00-02:00"], WeekFault::Unreadable("24:00-02:00".to_owned())),
            (&["mon 09:60-17:00"], WeekFault::Unreadable("09:60-17:00".to_owned())),
            (&["mon +9:00-17:00"], WeekFault::Unreadable("+9:00-17:00".to_owned())),
            (&["mon 09:00-09:00"], WeekFault::NoTime("09:00-09:00".to_owned())),
            (&["mon-fri 09:00-12:00", "wed 11:00-13:00"], WeekFault::Overlap("wed 11:00-13:00".to_owned())),
            (&["mon 22:00-06:00", "tue 05:59-07:00"], WeekFault::Overlap("tue 05:59-07:00".to_owned())),
            (&["sun 22:00-06:00", "mon 00:00-08:00"], WeekFault::Overlap("mon 00:00-08:00".to_owned())),
            (&["mon 09:00-12:00", "lun 09:00-12:00"], WeekFault::Overlap("mon 09:00-12:00".to_owned())),
            (&[], WeekFault::Empty),
        ] {
            assert_eq!(week(lines), Err(fault), "{lines:?}");
        }
        assert!(week(&["mon 22:00-06:00", "tue 06:00-24:00", "wed 00:00-01:00"]).is_ok(), "they only touch");
    }
}
