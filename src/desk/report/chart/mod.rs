//! The figures as pictures, four at most. What has no figures has no picture.

mod draw;
mod labels;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use self::draw::{Bar, Pair};
use super::words::{self, Words};
use super::{Day, Figures, Share};
use crate::desk::command::date;
use crate::desk::{ClockName, wording};
use crate::mail::Language;

/// So many days have columns of their own; more are taken by weeks.
const DAYS: usize = 16;
/// So many bars are told apart at a telephone's width.
const BARS: usize = 7;

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Of its file, without an ending.
    pub name: &'static str,
    /// What it shows.
    pub title: String,
    /// The same in words, for whoever sees no pictures: all of its numbers.
    pub alt: String,
    /// 1280 by 720 pixels, to be shown half as wide.
    pub png: Vec<u8>,
}

impl Chart {
    /// `days.png`.
    pub fn file_name(&self) -> String {
        format!("{}.png", self.name)
    }
}

/// The pictures of a report.
pub fn charts(figures: &Figures, language: Language) -> Vec<Chart> {
    let of = [days, backlog, promises, escalations];
    of.iter().filter_map(|chart| chart(figures, &Words(language))).collect()
}

fn days(figures: &Figures, words: &Words) -> Option<Chart> {
    let in_language = |french: &str, english: &str| words.chosen(french, english);
    let is_long = figures.days.len() > DAYS;
    let title = match is_long {
        false => in_language("Billets ouverts et résolus", "Tickets opened and resolved"),
        true => in_language("Ouverts et résolus, par semaine", "Opened and resolved, by week"),
    };
    let names = [in_language("ouverts", "opened"), in_language("résolus", "resolved")];
    let days = if is_long { weeks(&figures.days) } else { figures.days.clone() };
    let is_week = days.len() <= 7 && !is_long;
    let label = |day: Date| if is_week { weekday(day, words.0) } else { day.strftime("%m-%d").to_string() };
    let pair = |day: &Day| Pair { label: label(day.date), first: day.opened, second: day.resolved };
    let pairs: Vec<Pair> = days.iter().map(pair).collect();
    if pairs.iter().all(|pair| pair.first + pair.second == 0) {
        return None;
    }
    let told = pairs.iter().map(|Pair { label, first, second }| {
        format!("{label}{} {first} {}, {second} {}", words.colon(), names[0], names[1])
    });
    let alt = words.alt(&title, told);
    Some(Chart { name: "days", png: draw::columns(&title, [&names[0], &names[1]], &pairs)?, alt, title })
}

#[cfg(test)]
pub(super) fn title_alone(title: &str) -> Option<Vec<u8>> {
    draw::bars(title, &[])
}

/// By weeks, each under its Monday, or the first day that there is of it.
fn weeks(days: &[Day]) -> Vec<Day> {
    let monday = |day: Date| day.checked_sub(i32::from(day.weekday().since(Weekday::Monday)).days()).unwrap_or(day);
    let mut weeks: Vec<Day> = Vec::new();
    for day in days {
        match weeks.last_mut().filter(|week| monday(week.date) == monday(day.date)) {
            Some(week) => (week.opened, week.resolved) = (week.opened + day.opened, week.resolved + day.resolved),
            None => weeks.push(*day),
        }
    }
    weeks
}

/// `lun.`, `Mon`.
fn weekday(day: Date, language: Language) -> String {
    let (french, english) = date::weekday(day.weekday());
    match language == Language::FRENCH {
        true => french.chars().take(3).chain(['.']).collect(),
        false => wording::capital(english).chars().take(3).collect(),
    }
}

fn backlog(figures: &Figures, words: &Words) -> Option<Chart> {
    let backlog = &figures.backlog;
    let title = words.chosen("Billets en cours, par âge", "Tickets at work, by age");
    let rows = words::ages(words.0).into_iter().zip(backlog.by_age);
    (backlog.all > 0).then(|| words.counts("backlog", title, &rows.collect::<Vec<_>>())).flatten()
}

fn promises(figures: &Figures, words: &Words) -> Option<Chart> {
    let in_language = |french: &str, english: &str| words.chosen(french, english);
    let title = in_language("Délais tenus", "Promises kept");
    let mut shares: Vec<(String, Share)> = Vec::new();
    for clock in [ClockName::Tto, ClockName::Ttr, ClockName::Tnr] {
        let of_clock: Vec<_> = figures.promises.iter().filter(|promise| promise.clock == clock).collect();
        shares.push((words::promise(clock, words.0), words::together(&of_clock)));
    }
    shares.extend(figures.teams.iter().map(|team| (wording::level(team.level, words.0).to_owned(), team.kept)));
    let mut vendors: Vec<(String, Share)> =
        figures.vendors.iter().map(|vendor| (vendor.vendor.clone(), vendor.kept)).collect();
    vendors.sort_by_key(|(_, share)| std::cmp::Reverse(share.all));
    shares.extend(vendors);
    shares.retain(|(_, share)| share.all > 0);
    let sum = |shares: &[(String, Share)]| shares.iter().fold(Share::default(), |sum, (_, share)| sum.with(*share));
    let bar = |(label, share): &(String, Share)| {
        let percent = share.percent().unwrap_or_default();
        let value = format!("{} ({}/{})", words::percentage(percent, words.0), share.of, share.all);
        Bar { label: label.clone(), length: percent / 100.0, value }
    };
    words.bars("promises", title, &shares, sum, bar)
}

fn escalations(figures: &Figures, words: &Words) -> Option<Chart> {
    let title = words.chosen("Escalades", "Escalations");
    let mut rows: Vec<(String, u64)> =
        figures.escalations.iter().map(|kind| (words.escalated_to(kind), kind.count)).collect();
    let managers: u64 = figures.escalated_to_managers.values().sum();
    rows.extend((managers > 0).then(|| (words.chosen("Gestionnaires", "Managers"), managers)));
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    words.counts("escalations", title, &rows)
}

impl Words {
    fn counts(&self, name: &'static str, title: String, rows: &[(String, u64)]) -> Option<Chart> {
        let sum = |rows: &[(String, u64)]| rows.iter().map(|(_, count)| count).sum();
        let most = self.gathered(rows, sum).iter().map(|(_, count)| *count).max()?.max(1);
        let bar = |(label, count): &(String, u64)| {
            let length = *count as f64 / most as f64;
            Bar { label: label.clone(), length, value: count.to_string() }
        };
        self.bars(name, title, rows, sum, bar)
    }

    /// A bar a row, or for several together; the words tell each row.
    fn bars<V: Copy>(
        &self,
        name: &'static str,
        title: String,
        rows: &[(String, V)],
        sum: impl Fn(&[(String, V)]) -> V,
        bar: impl Fn(&(String, V)) -> Bar,
    ) -> Option<Chart> {
        let told = rows.iter().map(&bar).map(|Bar { label, value, .. }| format!("{label}{} {value}", self.colon()));
        let alt = self.alt(&title, told);
        let bars: Vec<Bar> = self.gathered(rows, sum).iter().map(bar).collect();
        (!bars.is_empty()).then(|| draw::bars(&title, &bars)).flatten().map(|png| Chart { name, png, alt, title })
    }

    /// Of more rows than can be told apart, the last ones become one for their sum.
    fn gathered<V: Copy>(&self, rows: &[(String, V)], sum: impl Fn(&[(String, V)]) -> V) -> Vec<(String, V)> {
        if rows.len() <= BARS {
            return rows.to_vec();
        }
        let (shown, rest) = rows.split_at(BARS - 1);
        let others = format!("{} {}", rest.len(), self.chosen("autres", "others"));
        shown.iter().cloned().chain([(others, sum(rest))]).collect()
    }

    /// `Escalations. L2: 3; L3: 1.`
    fn alt(&self, title: &str, told: impl Iterator<Item = String>) -> String {
        format!("{title}. {}.", told.collect::<Vec<_>>().join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_have_no_bar_of_their_own_have_one_together() {
        let rows = |count: u64| (1..=count).map(|at| (format!("vendor {at}"), at)).collect::<Vec<_>>();
        let gathered = |count| {
            let of_all = |rows: &[(String, u64)]| rows.iter().map(|(_, count)| count).sum();
            Words(Language::ENGLISH).gathered(&rows(count), of_all)
        };
        assert_eq!(gathered(7), rows(7));
        let nine = gathered(9);
        assert_eq!((nine.len(), nine[6].clone()), (7, ("3 others".to_owned(), 7 + 8 + 9)));
    }
}
