//! The report of a desk's week, to whoever answers for it.

use crate::desk::deliberation::Deliberation;
use crate::desk::report::{self, Report, Row, Section};
use crate::desk::{ChartFacts, Decision, MadeFile, Purpose, RowFacts, SectionFacts};
use crate::mail::{Language, Mailbox};

/// One letter to each manager of the desk.
pub(in crate::desk) fn decide(mut deliberation: Deliberation<'_>, desk: &str, report: &Report) -> Decision {
    let desk = deliberation.policy().desk(desk);
    for manager in deliberation.policy().managers_of(&desk.name) {
        let language = manager.language.unwrap_or(*desk.languages.first());
        let charts = report.charts(language);
        let mut letter = deliberation.loose_letter(Purpose::WeeklyReport, desk, language);
        letter.to = vec![Mailbox { name: Some(manager.name.clone()), address: manager.address.clone() }];
        letter.facts.period = Some(report::headline(&report.figures.period, &desk.time_zone, language));
        letter.facts.sections = sections(report, language);
        letter.facts.charts = charts
            .iter()
            .map(|chart| ChartFacts { title: chart.title.clone(), alt: chart.alt.clone(), cid: chart.file_name() })
            .collect();
        let picture = |chart: &report::Chart| MadeFile {
            name: chart.file_name(),
            content_type: "image/png",
            bytes: chart.png.clone(),
        };
        letter.made = charts.iter().map(picture).collect();
        letter.made.push(MadeFile {
            name: "report.csv".to_owned(),
            content_type: "text/csv; charset=utf-8",
            bytes: report::sheet(&report.figures, language),
        });
        deliberation.send(letter);
    }
    deliberation.end_without_mail()
}

fn sections(report: &Report, language: Language) -> Vec<SectionFacts> {
    let row = |Row { label, value }: Row| RowFacts { label, value };
    let section = |Section { title, rows }: Section| SectionFacts { title, rows: rows.into_iter().map(row).collect() };
    report::sections(&report.figures, language).into_iter().map(section).collect()
}
