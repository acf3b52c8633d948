//! The figures in words: for the letter, and for a terminal.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::{Escalations, Figures, Period, Promise, Share, VendorFigures};
use crate::desk::wording;
use crate::desk::{ClockName, Level, Origin};
use crate::mail::Language;

/// What is told under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// Its lines.
    pub rows: Vec<Row>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What is told.
    pub label: String,
    /// The figures.
    pub value: String,
}

/// The days that a report tells of, or its moments where it begins or ends within a day.
pub fn headline(period: &Period, zone: &TimeZone, language: Language) -> String {
    let in_language = |french: &str, english: &str| chosen(language, french, english);
    let (first, last) = period.days(zone);
    let is_midnight = |at: jiff::Timestamp| {
        let at = at.to_zoned(zone.clone());
        at.date().to_zoned(zone.clone()).is_ok_and(|midnight| midnight == at)
    };
    let (from, to) = if is_midnight(period.from) && is_midnight(period.to) {
        (wording::date(first, language), wording::date(last, language))
    } else {
        (wording::moment(period.from, zone, language), wording::moment(period.to, zone, language))
    };
    if from == to {
        return from;
    }
    format!("{} {from} {} {to}", in_language("du", "from"), in_language("au", "to"))
}

/// All of it as text, a line each: readable where nothing else is shown.
pub fn text(figures: &Figures, desk: &str, zone: &TimeZone, language: Language) -> String {
    let colon = Words(language).colon();
    let mut lines = vec![format!("{desk}, {}", headline(&figures.period, zone, language))];
    for Section { title, rows } in sections(figures, language) {
        lines.extend([String::new(), title]);
        lines.extend(rows.into_iter().map(|Row { label, value }| format!("  {label}{colon} {value}")));
    }
    lines.join("\n") + "\n"
}

/// All of it, in the order in which it is told. What has no figures says so.
pub fn sections(figures: &Figures, language: Language) -> Vec<Section> {
    let words = Words(language);
    let section = |french: &str, english: &str, rows: Vec<Row>| Section { title: words.chosen(french, english), rows };
    let all = vec![
        section("Volumes", "Volumes", words.volumes(figures)),
        section("Billets en cours à la fin", "Tickets at work at the end", words.backlog(figures)),
        section("Délais promis", "Promises", words.promises(figures)),
        section("Solutions connues", "Known fixes", words.known_fixes(figures)),
        section("Équipes et fournisseurs", "Teams and vendors", words.parties(figures)),
        section("Escalades", "Escalations", words.escalations(figures)),
        section("Organisations", "Organisations", words.organisations(figures)),
    ];
    all.into_iter().filter(|section| !section.rows.is_empty()).collect()
}

fn chosen(language: Language, french: &str, english: &str) -> String {
    if language == Language::FRENCH { french } else { english }.to_owned()
}

/// Words of a report in one language.
pub(super) struct Words(pub(super) Language);

impl Words {
    pub(super) fn colon(&self) -> &'static str {
        if self.0 == Language::FRENCH { "\u{a0}:" } else { ":" }
    }

    pub(super) fn chosen(&self, french: &str, english: &str) -> String {
        chosen(self.0, french, english)
    }

    fn row(&self, (french, english): (&str, &str), value: &impl ToString) -> Row {
        Row { label: self.chosen(french, english), value: value.to_string() }
    }

    fn volumes(&self, figures: &Figures) -> Vec<Row> {
        let in_language = |french: &str, english: &str| self.chosen(french, english);
        let channel = |channel: Origin| match channel {
            Origin::Mail => in_language("courriel", "mail"),
            Origin::Phone => in_language("téléphone", "telephone"),
            Origin::Form => in_language("formulaire", "form"),
        };
        let channels = figures.opened_by_channel.iter().map(|(origin, count)| (channel(*origin), *count));
        let mut rows = vec![
            self.row(("Billets ouverts", "Opened"), &with_parts(figures.opened, channels)),
            self.row(("Résolus", "Resolved"), &with_parts(figures.resolved, self.by_level(&figures.resolved_by_level))),
            self.row(("Résolus au premier contact", "Resolved at first contact"), &self.share(figures.first_contact)),
            self.row(("Rouverts", "Reopened"), &figures.reopened),
            self.row(("Fermés", "Closed"), &figures.closed),
        ];
        let seldom = [
            (("Fusionnés", "Merged"), figures.merged),
            (("Indésirables", "Spam"), figures.spam),
            (("Venus d’un autre guichet", "Came from another desk"), figures.moved_in),
            (("Passés à un autre guichet", "Went to another desk"), figures.moved_out),
        ];
        rows.extend(seldom.into_iter().filter(|(_, count)| *count > 0).map(|(label, count)| self.row(label, &count)));
        rows
    }

    fn backlog(&self, figures: &Figures) -> Vec<Row> {
        let backlog = &figures.backlog;
        let in_language = |french: &str, english: &str| self.chosen(french, english);
        let ages = ages(self.0).into_iter().zip(backlog.by_age).filter(|(_, count)| *count > 0);
        let mut rows =
            vec![self.row(("En cours", "At work"), &with_parts(backlog.all, self.by_level(&backlog.by_level)))];
        if backlog.all > 0 {
            let parts: Vec<String> = ages.map(|(age, count)| format!("{count} ({age})")).collect();
            rows.push(Row { label: in_language("Par âge", "By age"), value: parts.join(", ") });
            rows.push(self.row(("En retard", "Overdue"), &backlog.overdue));
        }
        rows
    }

    fn promises(&self, figures: &Figures) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        for clock in [ClockName::Tto, ClockName::Ttr, ClockName::Tnr] {
            let of_clock: Vec<&Promise> = figures.promises.iter().filter(|promise| promise.clock == clock).collect();
            rows.push(Row { label: promise(clock, self.0), value: self.promise(&of_clock) });
        }
        if !figures.broken.is_empty() {
            rows.push(self.row(("Promesses rompues", "Promises broken"), &self.by_clock(&figures.broken)));
        }
        rows
    }

    /// All priorities together, then each.
    fn promise(&self, promises: &[&Promise]) -> String {
        let in_language = |french: &str, english: &str| self.chosen(french, english);
        let priority = in_language("priorité", "priority");
        let colon = self.colon();
        let each = |promise: &&Promise| format!("{priority} {}{colon} {}", promise.priority, self.share(promise.kept));
        let each: Vec<String> = promises.iter().map(each).collect();
        match promises {
            [] => in_language("rien à échéance", "nothing was due"),
            [_] => each.concat(),
            _ => format!("{} ({})", self.share(together(promises)), each.join("; ")),
        }
    }

    fn known_fixes(&self, figures: &Figures) -> Vec<Row> {
        let fixes = figures.known_fixes;
        vec![
            self.row(("Proposées", "Offered"), &fixes.offered),
            self.row(("Confirmées", "Confirmed"), &fixes.confirmed),
            self.row(("Refusées", "Refused"), &fixes.refused),
        ]
    }

    fn parties(&self, figures: &Figures) -> Vec<Row> {
        let teams = figures.teams.iter().map(|team| {
            let level = wording::level(team.level, self.0);
            let label = self.chosen("Prise en charge par", "Taken up by");
            Row { label: format!("{label} {level}"), value: self.in_time(team.kept) }
        });
        teams.chain(figures.vendors.iter().map(|vendor| self.vendor(vendor))).collect()
    }

    fn vendor(&self, figures: &VendorFigures) -> Row {
        let VendorFigures { vendor, asked, chased, answered, kept } = figures;
        let in_language = |french: &str, english: &str| self.chosen(french, english);
        let mut parts = vec![format!("{} {asked}", in_language("demandes", "asked")), self.in_time(*kept)];
        if let Some(seconds) = answered.median_seconds {
            let (answers, median) = (in_language("réponses", "answers"), in_language("délai médian", "median wait"));
            let count = answered.count;
            parts.push(format!("{answers} {count}, {median} {}", duration(seconds, self.0)));
        }
        if *chased > 0 {
            parts.push(format!("{} {chased}", in_language("relances", "chased")));
        }
        Row { label: vendor.clone(), value: parts.join("; ") }
    }

    fn escalations(&self, figures: &Figures) -> Vec<Row> {
        let mut rows: Vec<Row> = figures.escalations.iter().map(|kind| self.escalation(kind)).collect();
        if rows.is_empty() {
            rows.push(self.row(("À un autre niveau", "To another level"), &0));
        }
        rows.push(self.row(("Revenus à un niveau inférieur", "Returned to a lower level"), &figures.returned));
        let told: u64 = figures.escalated_to_managers.values().sum();
        let told = match told {
            0 => "0".to_owned(),
            _ => self.by_clock(&figures.escalated_to_managers),
        };
        rows.push(self.row(("Aux gestionnaires", "To managers"), &told));
        if figures.on_call_pages > 0 {
            rows.push(self.row(("Appels à la garde", "Calls to whoever is on call"), &figures.on_call_pages));
        }
        rows
    }

    fn escalation(&self, kind: &Escalations) -> Row {
        let label = format!("{} {}", self.chosen("À", "To"), self.escalated_to(kind));
        Row { label, value: kind.count.to_string() }
    }

    /// `L3 (acme), rule printers`.
    pub(super) fn escalated_to(&self, kind: &Escalations) -> String {
        let in_language = |french: &str, english: &str| self.chosen(french, english);
        let level = wording::level(kind.to, self.0);
        let whom = kind.vendor.as_ref().map_or(level.to_owned(), |vendor| format!("{level} ({vendor})"));
        let by = match &kind.rule {
            Some(rule) => format!("{} {rule}", in_language("règle", "rule")),
            None => in_language("par un agent", "by an agent"),
        };
        format!("{whom}, {by}")
    }

    fn organisations(&self, figures: &Figures) -> Vec<Row> {
        let in_language = |french: &str, english: &str| self.chosen(french, english);
        let mut names: Vec<&String> =
            figures.opened_by_organisation.keys().chain(figures.resolved_by_organisation.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let count = |counts: &BTreeMap<String, u64>, name: &String| counts.get(name).copied().unwrap_or_default();
        let (opened, resolved) = (in_language("ouverts", "opened"), in_language("résolus", "resolved"));
        let row = |name: &String| Row {
            label: name.clone(),
            value: format!(
                "{opened} {}, {resolved} {}",
                count(&figures.opened_by_organisation, name),
                count(&figures.resolved_by_organisation, name)
            ),
        };
        names.into_iter().map(row).collect()
    }

    fn by_level<'a>(&self, counts: &'a BTreeMap<Level, u64>) -> impl Iterator<Item = (String, u64)> + use<'a> {
        let language = self.0;
        counts.iter().map(move |(level, count)| (wording::level(*level, language).to_owned(), *count))
    }

    fn by_clock(&self, counts: &BTreeMap<ClockName, u64>) -> String {
        let parts = counts.iter().map(|(clock, count)| (promise(*clock, self.0).to_lowercase(), *count));
        with_parts(counts.values().sum(), parts)
    }

    fn in_time(&self, kept: Share) -> String {
        let in_time = self.chosen("dans les délais", "in time");
        format!("{} {in_time}", self.share(kept))
    }

    /// `12 of 13 (92.3%)`.
    fn share(&self, share: Share) -> String {
        let in_language = |french: &str, english: &str| self.chosen(french, english);
        match share.percent() {
            None => in_language("aucun", "none"),
            Some(percent) => {
                let of = in_language("de", "of");
                format!("{} {of} {} ({})", share.of, share.all, percentage(percent, self.0))
            }
        }
    }
}

/// The ages of tickets at work, in words.
pub(super) fn ages(language: Language) -> [String; 5] {
    let in_language = |french: &str, english: &str| chosen(language, french, english);
    [
        in_language("moins d’un jour", "under 1 day"),
        in_language("1 à 3 jours", "1 to 3 days"),
        in_language("3 à 7 jours", "3 to 7 days"),
        in_language("7 à 30 jours", "7 to 30 days"),
        in_language("plus de 30 jours", "over 30 days"),
    ]
}

/// What a clock stands for.
pub(super) fn promise(clock: ClockName, language: Language) -> String {
    let in_language = |french: &str, english: &str| chosen(language, french, english);
    match clock {
        ClockName::Tto => in_language("Première réponse", "First answer"),
        ClockName::Ttr => in_language("Résolution", "Resolution"),
        ClockName::Tnr => in_language("Réponse suivante", "Next answer"),
        ClockName::Ola => in_language("Équipe ou fournisseur", "Team or vendor"),
    }
}

/// `92,3 %`, `92.3%`.
pub(super) fn percentage(percent: f64, language: Language) -> String {
    let space = if language == Language::FRENCH { "\u{a0}" } else { "" };
    format!("{}{space}%", decimal(percent, language))
}

/// `92,3`, `92.3`.
pub(super) fn decimal(value: f64, language: Language) -> String {
    let decimal = format!("{value:.1}");
    if language == Language::FRENCH { decimal.replace('.', ",") } else { decimal }
}

/// The shares of all priorities as one.
pub(super) fn together(promises: &[&Promise]) -> Share {
    promises.iter().fold(Share::default(), |sum, promise| sum.with(promise.kept))
}

/// `3 (mail 2, form 1)`; what has one part needs no parts.
fn with_parts(all: u64, parts: impl Iterator<Item = (String, u64)>) -> String {
    let parts: Vec<String> = parts.map(|(name, count)| format!("{name} {count}")).collect();
    if parts.is_empty() { all.to_string() } else { format!("{all} ({})", parts.join(", ")) }
}

/// `2 j 4 h`, `4 h 12 min`, `12 min`.
fn duration(seconds: u64, language: Language) -> String {
    let day = chosen(language, "j", "d");
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}\u{a0}min"),
        (0, _) => format!("{hours}\u{a0}h\u{a0}{minutes:02}"),
        _ => format!("{days}\u{a0}{day} {hours}\u{a0}h"),
    }
}
