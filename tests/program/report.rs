//! `guichet report`, as an operator runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::configuration::Configuration;

const REQUEST: &str = "From: Luc <luc@client.test>\r\nTo: support@desk.example\r\nSubject: Un toner\r\n\
    Date: Mon, 02 Nov 2026 09:00:00 -0500\r\nMessage-ID: <toner@client.test>\r\n\r\nBonjour, il manque un toner.\r\n";

/// A desk with one request, which came in a moment ago.
fn office() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let house = Configuration::new().with_store("sqlite:guichet.db");
    house.with_lines("[[mailbox]]", "authserv_id", "authentication = \"token\"").write(folder.path());
    fs::write(folder.path().join("request.eml"), REQUEST).unwrap();
    said(&run(folder.path(), "C.UTF-8", &["ingest", "request.eml"]));
    folder
}

fn run(folder: &Path, language: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
    command.args(arguments).current_dir(folder).env_remove("GUICHET_CONFIG").env_remove("GUICHET_LOG");
    command.env("LC_ALL", language).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap().replace('\u{a0}', " ")
}

/// What a command says that must succeed.
fn said(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// What a command says that must fail with this status.
fn refused(output: &Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{}", text(&output.stdout));
    assert_eq!(output.stdout, b"");
    text(&output.stderr)
}

fn today() -> String {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// Days from now on, or ago.
fn day(days: i64) -> String {
    let hours = jiff::SignedDuration::from_hours(24 * days);
    (jiff::Timestamp::now() + hours).to_string()
}

#[test]
fn a_report_is_read_at_the_terminal_and_by_programs() {
    let office = office();
    let folder = office.path();
    let since = day(-2);
    let report = ["report", "--from", &since];
    let english = said(&run(folder, "C.UTF-8", &report));
    assert!(
        english.starts_with("Centre de services, from ") && english.contains("\n  Opened: 1 (mail 1)\n"),
        "{english}"
    );
    let french = said(&run(folder, "fr_CA.UTF-8", &report));
    assert!(french.contains("\n  Billets ouverts : 1 (courriel 1)\n"), "{french}");
    let document = said(&run(folder, "fr_CA.UTF-8", &[&report[..], &["--json"]].concat()));
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["opened_by_channel"], serde_json::json!({"mail": 1}));
    assert_eq!(document["backlog"]["by_age"], serde_json::json!([1, 0, 0, 0, 0]));
    let last_week = said(&run(folder, "C.UTF-8", &["report"]));
    assert!(last_week.contains("\n  Opened: 0\n"), "{last_week}");
}

#[test]
fn a_report_is_written_as_files_in_both_languages() {
    let office = office();
    let folder = office.path();
    let since = day(-2);
    for (language, out, name, sheet) in [
        ("C.UTF-8", "english", "Opened: 1", "desk,figure,key,value\r\nsupport,from,,"),
        ("fr_CA.UTF-8", "french", "Billets ouverts : 1", "desk;figure;key;value\r\nsupport;from;;"),
    ] {
        let written = said(&run(folder, language, &["report", "--from", &since, "--out", out]));
        let names: Vec<&str> = written.lines().map(|line| line.strip_prefix(&format!("{out}/")).unwrap()).collect();
        assert_eq!(names, ["report.txt", "report.html", "report.csv", "days.png", "backlog.png"]);
        let read = |name: &str| fs::read(folder.join(out).join(name)).unwrap();
        assert!(text(&read("report.txt")).contains(name));
        assert!(text(&read("report.html")).contains("<img src=\"days.png\""));
        assert!(text(&read("report.csv")).starts_with(&format!("\u{feff}{sheet}")), "{}", text(&read("report.csv")));
        for chart in ["days.png", "backlog.png"] {
            assert_eq!(read(chart)[..8], *b"\x89PNG\r\n\x1a\n");
        }
    }
}

#[test]
fn a_period_that_is_none_is_refused_with_what_to_do() {
    let office = office();
    let folder = office.path();
    let (today, tomorrow, yesterday, soon) = (today(), day(1), day(-1), day(2));
    for (arguments, english, french) in [
        (
            ["--from", &yesterday, "--to", &tomorrow],
            "leave out --to for a report until now",
            "sans --to, le rapport va jusqu’à maintenant",
        ),
        (
            ["--from", &tomorrow, "--to", &soon],
            "give --from a day that has begun",
            "donnez à --from un jour qui a commencé",
        ),
        (["--from", &yesterday, "--to", "2026-01-01"], "--from must come before --to", "--from doit venir avant --to"),
        (
            ["--from", "0001-01-01", "--to", "2026-11-01"],
            "ask for the years one by one",
            "demandez les années une à une",
        ),
        (
            ["--from", "9999-12-31", "--to", "9999-12-31"],
            "There is no day 9999-12-31",
            "Le jour 9999-12-31 n’existe pas",
        ),
        (["--from", "hier", "--to", &today], "write 2026-11-01 or", "écrivez 2026-11-01 ou"),
    ] {
        let report = [&["report"][..], &arguments[..]].concat();
        let said = refused(&run(folder, "C.UTF-8", &report), 2);
        assert!(said.contains(english), "{arguments:?}: {said}");
        let said = refused(&run(folder, "fr_CA.UTF-8", &report), 2);
        assert!(said.contains(french), "{arguments:?}: {said}");
    }
}

#[test]
fn a_folder_that_cannot_take_a_report_is_told() {
    let office = office();
    let folder = office.path();
    fs::create_dir(folder.join("full")).unwrap();
    fs::write(folder.join("full/notes.txt"), "À garder").unwrap();
    let full = |language| refused(&run(folder, language, &["report", "--out", "full"]), 2);
    assert!(full("C.UTF-8").contains("The folder full is not empty, and nothing is overwritten: name another one"));
    assert!(full("fr_CA.UTF-8").contains("Le dossier full n’est pas vide, et rien n’est écrasé : nommez-en un autre"));
    // A file stands where a folder would have to be.
    let inside = |language| refused(&run(folder, language, &["report", "--out", "request.eml/report"]), 1);
    assert!(inside("C.UTF-8").contains("Cannot write request.eml/report"), "{}", inside("C.UTF-8"));
    assert!(inside("fr_CA.UTF-8").contains("Impossible d’écrire request.eml/report"), "{}", inside("fr_CA.UTF-8"));
    let file = |language| refused(&run(folder, language, &["report", "--out", "request.eml"]), 1);
    assert!(file("C.UTF-8").contains("Cannot read the folder request.eml"), "{}", file("C.UTF-8"));
    assert_eq!(fs::read_to_string(folder.join("request.eml")).unwrap(), REQUEST);
}
