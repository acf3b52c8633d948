//! The figures as a sheet of numbers.

use std::collections::BTreeMap;

use super::words::decimal;
use super::{Backlog, Figures, Share};
use crate::desk::{ClockName, Level, Origin};
use crate::mail::Language;

/// Tells spreadsheets that the bytes are UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The figures as CSV (RFC 4180), one a line: `figure`, what it is of (`key`), and its `value`. Names are the same in every
/// language; what somebody named never begins as a formula does. Fields are parted and decimals written as a spreadsheet of that
/// language opens them in columns: by semicolons and with a comma in French.
pub fn sheet(figures: &Figures, language: Language) -> Vec<u8> {
    let mut lines = Lines { language, lines: Vec::new() };
    lines.add("from", "", &figures.period.from);
    lines.add("to", "", &figures.period.to);
    volumes(figures, &mut lines);
    backlog(&figures.backlog, &mut lines);
    promises(figures, &mut lines);
    others(figures, &mut lines);
    for day in &figures.days {
        lines.add("opened_on", &day.date.to_string(), &day.opened);
        lines.add("resolved_on", &day.date.to_string(), &day.resolved);
    }
    lines.into_bytes(&figures.desk)
}

struct Lines {
    language: Language,
    lines: Vec<[String; 3]>,
}

impl Lines {
    fn add(&mut self, figure: &str, key: &str, value: &impl ToString) {
        self.lines.push([figure.to_owned(), key.to_owned(), value.to_string()]);
    }

    /// One line for each.
    fn each<K: AsRef<str>>(&mut self, figure: &str, counts: impl IntoIterator<Item = (K, u64)>) {
        counts.into_iter().for_each(|(key, count)| self.add(figure, key.as_ref(), &count));
    }

    fn share(&mut self, figure: &str, key: &str, share: Share) {
        self.add(&format!("{figure}_kept"), key, &share.of);
        self.add(&format!("{figure}_all"), key, &share.all);
        if let Some(percent) = share.percent() {
            self.add(&format!("{figure}_percent"), key, &decimal(percent, self.language));
        }
    }

    fn into_bytes(self, desk: &str) -> Vec<u8> {
        let mut sheet = BYTE_ORDER_MARK.as_bytes().to_vec();
        let delimiter = if self.language == Language::FRENCH { b';' } else { b',' };
        let mut writer = csv::WriterBuilder::new();
        let mut writer = writer.delimiter(delimiter).terminator(csv::Terminator::CRLF).from_writer(&mut sheet);
        let desk = harmless(desk);
        // Memory takes whatever is written to it.
        let _ = writer.write_record(["desk", "figure", "key", "value"]);
        for [figure, key, value] in self.lines {
            let _ = writer.write_record([&desk, &figure, &harmless(&key), &value]);
        }
        let _ = writer.flush();
        drop(writer);
        sheet
    }
}

/// A text that no spreadsheet computes.
fn harmless(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

fn volumes(figures: &Figures, lines: &mut Lines) {
    let by_name = |counts: &BTreeMap<String, u64>| counts.clone();
    let by_level = |counts: &BTreeMap<Level, u64>| -> Vec<(&'static str, u64)> {
        counts.iter().map(|(level, count)| (level.word(), *count)).collect()
    };
    lines.add("opened", "", &figures.opened);
    lines.each("opened_by_channel", figures.opened_by_channel.iter().map(|(origin, count)| (channel(*origin), *count)));
    lines.each("opened_by_organisation", by_name(&figures.opened_by_organisation));
    lines.add("resolved", "", &figures.resolved);
    lines.each("resolved_by_level", by_level(&figures.resolved_by_level));
    lines.each("resolved_by_organisation", by_name(&figures.resolved_by_organisation));
    lines.add("resolved_at_first_contact", "", &figures.first_contact.of);
    for (figure, count) in [
        ("closed", figures.closed),
        ("reopened", figures.reopened),
        ("merged", figures.merged),
        ("spam", figures.spam),
        ("moved_in", figures.moved_in),
        ("moved_out", figures.moved_out),
        ("returned", figures.returned),
        ("on_call_pages", figures.on_call_pages),
    ] {
        lines.add(figure, "", &count);
    }
}

fn channel(origin: Origin) -> &'static str {
    match origin {
        Origin::Mail => "mail",
        Origin::Phone => "phone",
        Origin::Form => "form",
    }
}

fn backlog(backlog: &Backlog, lines: &mut Lines) {
    lines.add("backlog", "", &backlog.all);
    lines.each("backlog_by_age", Backlog::AGES.into_iter().zip(backlog.by_age));
    lines.each("backlog_by_level", backlog.by_level.iter().map(|(level, count)| (level.word(), *count)));
    lines.add("backlog_overdue", "", &backlog.overdue);
}

fn promises(figures: &Figures, lines: &mut Lines) {
    for promise in &figures.promises {
        lines.share(promise.clock.word(), &format!("priority {}", promise.priority), promise.kept);
    }
    let by_clock = |counts: &BTreeMap<ClockName, u64>| -> Vec<(&'static str, u64)> {
        counts.iter().map(|(clock, count)| (clock.word(), *count)).collect()
    };
    lines.each("broken", by_clock(&figures.broken));
    lines.each("escalated_to_managers", by_clock(&figures.escalated_to_managers));
}

fn others(figures: &Figures, lines: &mut Lines) {
    let fixes = figures.known_fixes;
    lines.add("known_fixes_offered", "", &fixes.offered);
    lines.add("known_fixes_confirmed", "", &fixes.confirmed);
    lines.add("known_fixes_refused", "", &fixes.refused);
    for team in &figures.teams {
        lines.share("team", team.level.word(), team.kept);
    }
    for vendor in &figures.vendors {
        let name = &vendor.vendor;
        lines.add("vendor_asked", name, &vendor.asked);
        lines.add("vendor_chased", name, &vendor.chased);
        lines.add("vendor_answered", name, &vendor.answered.count);
        if let Some(seconds) = vendor.answered.median_seconds {
            lines.add("vendor_median_seconds", name, &seconds);
        }
        lines.share("vendor", name, vendor.kept);
    }
    for kind in &figures.escalations {
        let vendor = kind.vendor.as_ref().map(|vendor| format!(" {vendor}")).unwrap_or_default();
        let by = kind.rule.as_ref().map_or("agent".to_owned(), |rule| format!("rule {rule}"));
        lines.add("escalated", &format!("{}{vendor}, {by}", kind.to.word()), &kind.count);
    }
}
