//! A report as a page that stands in a folder beside its pictures.

use jiff::tz::TimeZone;

use super::{Chart, Figures, Row, Section, headline, sections};
use crate::mail::Language;

const HEAD: &str = "<meta charset=\"utf-8\">\n\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
    <style>\n\
    body { max-width: 640px; margin: 24px auto; padding: 0 16px; font: 16px/1.5 sans-serif; color: #1a1a1a; background: #fff; }\n\
    img { display: block; width: 100%; height: auto; margin: 16px 0; border: 1px solid #d0d7de; }\n\
    th { text-align: left; font-weight: normal; padding: 2px 16px 2px 0; vertical-align: top; }\n\
    td { font-weight: bold; }\n\
    </style>\n";

/// The page; its pictures are named as [`Chart::file_name`] does.
pub fn page(figures: &Figures, charts: &[Chart], desk: &str, zone: &TimeZone, language: Language) -> String {
    let title = escaped(&format!("{desk}, {}", headline(&figures.period, zone, language)));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n{HEAD}<title>{title}</title>\n</head>\n",
        language.code()
    );
    page.push_str(&format!("<body>\n<h1>{title}</h1>\n"));
    for chart in charts {
        let alt = escaped(&chart.alt);
        page.push_str(&format!("<img src=\"{}\" width=\"640\" height=\"360\" alt=\"{alt}\">\n", chart.file_name()));
    }
    for Section { title, rows } in sections(figures, language) {
        page.push_str(&format!("<h2>{}</h2>\n<table>\n", escaped(&title)));
        for Row { label, value } in rows {
            let (label, value) = (escaped(&label), escaped(&value));
            page.push_str(&format!("<tr><th scope=\"row\">{label}</th><td>{value}</td></tr>\n"));
        }
        page.push_str("</table>\n");
    }
    page + "</body>\n</html>\n"
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            _ => html.push(c),
        }
    }
    html
}
