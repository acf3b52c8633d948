//! Articles from what other programs export: CSV (RFC 4180), and iTop's FAQ and KnownError as its REST API gives them.

use std::collections::HashSet;

use serde_json::Value;

use super::article::{Answer, Article};
use super::naming::new_id;
use super::words;
use crate::mail::{Language, html};

/// An export that cannot be read. Its `Display` says what is expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportFault {
    /// A CSV file without the columns that make an article.
    #[error(
        "the first line must name the columns: title and text at least, then symptoms, id, language, answer (found: {0})"
    )]
    Columns(String),
    /// Neither a JSON document nor one of iTop's.
    #[error("this is not what iTop's core/get answers for FAQ or KnownError: {0}")]
    NotItop(String),
}

/// One row of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It makes an article, which its author should look at: `answer` is `never` where the export says nothing.
    Article(Box<Article>),
    /// It makes no article.
    LeftOut {
        /// Its title, else its place in the file.
        row: String,
        /// What is missing.
        reason: &'static str,
    },
}

/// What a row says, whatever its source.
#[derive(Default)]
struct Row {
    id: String,
    title: String,
    language: String,
    symptoms: Vec<String>,
    answer: String,
    text: String,
}

/// Reads CSV with a line of column names; `,` or `;` or a tab stands between the cells. Several symptoms stand in one cell, a
/// line each or with `|` between them.
pub fn from_csv(csv: &str) -> Result<Vec<Imported>, ImportFault> {
    let mut rows = csv_rows(csv.strip_prefix('\u{feff}').unwrap_or(csv)).into_iter();
    let header = rows.next().unwrap_or_default();
    let column = |names: &[&str]| header.iter().position(|name| names.contains(&name.trim().to_lowercase().as_str()));
    let (Some(title), Some(text)) = (
        column(&["title", "titre", "name", "nom", "question"]),
        column(&["text", "texte", "body", "solution", "answer_text", "réponse", "reponse", "description"]),
    ) else {
        return Err(ImportFault::Columns(header.join(", ")));
    };
    let symptoms = column(&["symptoms", "symptômes", "symptomes", "keywords", "mots-clés"]);
    let (id, language, answer) = (column(&["id"]), column(&["language", "langue"]), column(&["answer", "envoi"]));
    let rows: Vec<Row> = rows
        .map(|cells| {
            let cell = |column: Option<usize>| column.and_then(|column| cells.get(column)).cloned().unwrap_or_default();
            Row {
                id: cell(id),
                title: cell(Some(title)),
                language: cell(language),
                symptoms: lines(&cell(symptoms)),
                answer: cell(answer),
                text: cell(Some(text)),
            }
        })
        .collect();
    Ok(articles(rows))
}

/// Reads the answer of `core/get` for `FAQ` or `KnownError`, as a document or within a recorded exchange.
pub fn from_itop(json: &str) -> Result<Vec<Imported>, ImportFault> {
    let document: Value = serde_json::from_str(json).map_err(|error| ImportFault::NotItop(error.to_string()))?;
    let objects = document.get("objects").or_else(|| document.pointer("/response/body/objects"));
    let Some(objects) = objects.and_then(Value::as_object) else {
        return Err(ImportFault::NotItop("there is no \"objects\"".to_owned()));
    };
    Ok(articles(objects.values().map(itop_row).collect()))
}

fn itop_row(object: &Value) -> Row {
    let field = |name: &str| object.pointer(&format!("/fields/{name}")).and_then(Value::as_str).unwrap_or_default();
    let is_known_error = object.get("class").and_then(Value::as_str) == Some("KnownError");
    let key = object.get("key").map(|key| key.to_string().replace('"', "")).unwrap_or_default();
    let mut symptoms = if is_known_error { lines(&plain(field("symptom"))) } else { lines(&plain(field("summary"))) };
    symptoms.extend([field("key_words"), field("error_code")].map(str::trim).iter().map(ToString::to_string));
    symptoms.retain(|symptom| !symptom.is_empty());
    let text = if is_known_error {
        [plain(field("workaround")), plain(field("solution"))].join("\n\n")
    } else {
        plain(field("description"))
    };
    Row {
        id: format!("{}-{key}", if is_known_error { "ke" } else { "faq" }),
        title: if is_known_error { field("name") } else { field("title") }.to_owned(),
        symptoms,
        text,
        ..Row::default()
    }
}

fn plain(text: &str) -> String {
    if text.contains("</") || text.contains("<br") { html::to_text(text) } else { text.to_owned() }
}

fn lines(cell: &str) -> Vec<String> {
    let clean = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    cell.split(['\n', '|']).map(clean).filter(|line| !line.is_empty()).collect()
}

fn articles(rows: Vec<Row>) -> Vec<Imported> {
    let mut ids = HashSet::new();
    rows.into_iter().enumerate().map(|(index, row)| article(index, row, &mut ids)).collect()
}

fn article(index: usize, row: Row, ids: &mut HashSet<String>) -> Imported {
    let title = row.title.split_whitespace().collect::<Vec<_>>().join(" ");
    let left_out = |reason| {
        let row = if title.is_empty() { format!("row {}", index + 1) } else { title.clone() };
        Imported::LeftOut { row, reason }
    };
    if title.is_empty() {
        return left_out("it has no title");
    }
    if row.text.trim().is_empty() {
        return left_out("it has no text");
    }
    let language = row.language.trim().to_lowercase().parse().ok();
    let language =
        language.or_else(|| words::language_of(&format!("{title} {}", row.text))).unwrap_or(Language::FRENCH);
    let answer = match row.answer.trim() {
        "auto" => Answer::Auto,
        "suggest" => Answer::Suggest,
        _ => Answer::Never,
    };
    let symptoms = if row.symptoms.is_empty() { vec![title.clone()] } else { row.symptoms };
    Imported::Article(Box::new(Article {
        id: new_id(if row.id.trim().is_empty() { &title } else { &row.id }, ids),
        title,
        language,
        symptoms,
        answer,
        translation_of: None,
        body: format!("{}\n", row.text.trim()),
    }))
}

/// Rows with their cells; empty rows do not count.
fn csv_rows(csv: &str) -> Vec<Vec<String>> {
    let first = csv.lines().next().unwrap_or_default();
    let count = |separator: &char| first.matches(*separator).count();
    let separator = [',', ';', '\t'].into_iter().max_by_key(|c| (count(c), *c == ',')).unwrap_or(',');
    let mut reader = csv::ReaderBuilder::new();
    reader.delimiter(separator as u8).has_headers(false).flexible(true);
    let records = reader.from_reader(csv.as_bytes()).into_records().map_while(Result::ok);
    let rows = records.map(|record| record.iter().map(str::to_owned).collect::<Vec<_>>());
    rows.filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn articles_of(rows: Vec<Imported>) -> Vec<Article> {
        let article = |row| match row {
            Imported::Article(article) => Some(*article),
            Imported::LeftOut { .. } => None,
        };
        rows.into_iter().filter_map(article).collect()
    }

    #[test]
    fn a_spreadsheet_becomes_articles() {
        let csv = "Titre;Symptômes;Texte\r\n\"Le scanneur; en panne\";le scanneur grince|pages noires;\"Éteignez-le.\n\"\"Attendez\"\".\"\r\n;;\r\nVide;x;\r\n";
        let rows = from_csv(csv).unwrap();
        assert_eq!(rows[1], Imported::LeftOut { row: "Vide".to_owned(), reason: "it has no text" });
        let article = &articles_of(rows)[0];
        assert_eq!(article.title, "Le scanneur; en panne");
        assert_eq!(article.symptoms, ["le scanneur grince", "pages noires"]);
        assert_eq!(article.body, "Éteignez-le.\n\"Attendez\".\n");
        assert_eq!((article.language, article.answer), (Language::FRENCH, Answer::Never));
    }

    #[test]
    fn two_rows_never_share_an_id() {
        let rows = from_csv("title,text\nNo sound,Plug it in\nNo sound,Switch it on\n").unwrap();
        let ids: Vec<String> = articles_of(rows).into_iter().map(|article| article.id).collect();
        assert_eq!(ids.len(), 2);
        assert_ne!(ids[0], ids[1]);
    }

    #[test]
    fn a_file_without_the_columns_says_which_it_needs() {
        assert_eq!(from_csv("a,b\n1,2\n"), Err(ImportFault::Columns("a, b".to_owned())));
        assert!(from_itop("[]").is_err() && from_itop("{").is_err());
    }

    #[test]
    fn itop_gives_its_faq_and_its_known_errors() {
        let json = r#"{"code": 0, "objects": {
            "FAQ::7": {"class": "FAQ", "key": "7", "fields": {"title": "Scanner au courriel", "summary": "Le numériseur n'envoie rien",
                "description": "<p>Ouvrez le <b>carnet</b>.</p>", "error_code": "SC-1", "key_words": "numériseur"}},
            "KnownError::9": {"class": "KnownError", "key": 9, "fields": {"name": "Écran vert", "symptom": "tout est vert\ncouleurs fausses",
                "workaround": "Rebranchez le câble.", "solution": "Changez le câble."}}}}"#;
        let articles = articles_of(from_itop(json).unwrap());
        assert_eq!(articles[0].id, "faq-7");
        assert_eq!(articles[0].symptoms, ["Le numériseur n'envoie rien", "numériseur", "SC-1"]);
        assert!(articles[0].body.contains("carnet") && !articles[0].body.contains('<'));
        assert_eq!(articles[1].symptoms, ["tout est vert", "couleurs fausses"]);
        assert_eq!(articles[1].body, "Rebranchez le câble.\n\nChangez le câble.\n");
        for article in articles {
            assert_eq!(Article::parse("x.md", &article.file()), Ok(article));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_imported_or_refused(csv in "(title,text\n)?(\\PC|[\",;\n]){0,200}") {
            for article in from_csv(&csv).map(articles_of).unwrap_or_default() {
                proptest::prop_assert!(Article::parse("x.md", &article.file()).is_ok(), "{}", article.file());
            }
        }
    }
}
