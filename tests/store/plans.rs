//! Every SQL text of the store is explained on both databases: none looks at all rows of a table that grows.
//!
//! The texts are read out of the sources, so that a new one cannot be forgotten.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use guichet::store::{Settings, Store};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};

use crate::support::PostgreSql;

/// As large on the last day as on the first, or nearly so. Every other table grows.
const SMALL: [&str; 11] = [
    "absence",
    "counter",
    "draft",
    "hindrance",
    "lease",
    "mailbox",
    "resumed_fix",
    "reviewed_symptom",
    "routine",
    "setting",
    "token_key",
];

/// Indexes of what is at work, waits or went wrong lately, and of who complained: looking at all of it is what they are for.
const OF_WHAT_WAITS: [&str; 15] = [
    "address_complained",
    "delivery_due",
    "delivery_failed",
    "delivery_held",
    "history_brake_tripped",
    "ledger_not_filed",
    "ledger_pending",
    "ledger_quarantine",
    "ledger_unreadable",
    "ledger_untold",
    "sent_copy_due",
    "ticket_at_work",
    "ticket_crowd",
    "ticket_open_by_agent",
    "ticket_open_by_requester",
];

/// Texts that look at all rows of a table, and why they may: none of them is run for a mail.
const MAY_LOOK_AT_ALL: [(&str, &str, &str); 10] = [
    ("filing", "HIGHEST_UID", "of the index its end alone"),
    ("filing", "NEWEST", "once, where mails may have been lost"),
    ("known_fix", "OFFERED", "a list for people"),
    ("ledger", "COUNTS", "a list for people"),
    ("outbox_orders", "DROP_AUTOMATIC", "an operator's order"),
    ("past", "LINKED", "a list for people"),
    ("put_back", "DOUBT", "once, after a restore"),
    ("put_back", "RAISE_LETTERS", "once, after a restore"),
    ("reading", "COUNT", "a list for people"),
    (
        "ticket",
        "UPSERT",
        "SQLite alone, and only where a row names a ticket that stands behind it in the same statement",
    ),
];

/// Columns of rows whose names no table of their text has.
const TYPES: [(&str, &str); 13] = [
    ("answers", "bigint"),
    ("at", "bigint"),
    ("claim", "bigint"),
    ("contact", "bigint"),
    ("delivery", "bigint"),
    ("duration", "bigint"),
    ("letter", "bigint"),
    ("reply", "text"),
    ("since", "bigint"),
    ("tried", "bigint"),
    ("not_before", "bigint"),
    ("id", "bigint"),
    ("to_ticket", "bigint"),
];

#[derive(Debug)]
struct Statement {
    file: String,
    name: String,
    text: String,
}

/// Opening a database and copying one are no work of a mail.
fn statements() -> Vec<Statement> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let file = entry.file_stem().unwrap().to_str().unwrap().to_owned();
        let source = fs::read_to_string(&entry).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap();
        assert!(!code.contains("concat!("), "{file}: a text stands whole");
        for constant in code.split("const ").skip(1) {
            let Some((name, rest)) = constant.split_once(": &str =") else { continue };
            let Some((text, _)) = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split_once("\";")) else {
                panic!("{file}: {name} is no literal")
            };
            let text = text.split("\\\n").map(str::trim_start).collect::<String>();
            if ["select ", "insert ", "update ", "delete ", "with "].iter().any(|verb| text.starts_with(verb)) {
                found.push(Statement { file: file.clone(), name: name.to_owned(), text });
            }
        }
    }
    assert!(found.len() > 80, "only {} texts were found", found.len());
    found
}

/// With lists of two; a value's type is said where `cast` knows it by its column.
fn spread(text: &str, cast: impl Fn(&str) -> Option<String>) -> String {
    let Some((head, _)) = text.split_once("values {rows}") else { return text.replace("{keys}", "$1, $2") };
    let is_typed = !head.starts_with("insert");
    let before = head.trim_end().trim_end_matches(" as (").trim_end_matches(" in (").trim_end_matches(')');
    let columns: Vec<&str> = before.rsplit('(').next().unwrap().split(", ").collect();
    let mut number = 0;
    let mut row = || {
        let values: Vec<String> = columns
            .iter()
            .map(|column| {
                number += 1;
                let kind = if is_typed { cast(column.rsplit('.').next().unwrap()) } else { None };
                kind.map_or_else(|| format!("${number}"), |kind| format!("${number}::{kind}"))
            })
            .collect();
        format!("({})", values.join(", "))
    };
    let rows = format!("{}, {}", row(), row());
    text.replace("{rows}", &rows)
}

/// What each table that grows is called in the text.
fn names(text: &str, tables: &[String]) -> HashMap<String, String> {
    let words: Vec<&str> = text.split([' ', '(', ')', ',']).filter(|word| !word.is_empty()).collect();
    let mut names = HashMap::new();
    for (at, word) in words.iter().enumerate() {
        let Some(table) = tables.iter().find(|table| table == word) else { continue };
        if at == 0 || !["from", "join", "into", "update"].contains(&words[at - 1]) {
            continue;
        }
        names.insert(table.clone(), table.clone());
        if let Some(alias) = words.get(at + 1).filter(|alias| alias.len() == 1) {
            names.insert((*alias).to_owned(), table.clone());
        }
    }
    names
}

fn is_excused(one: &Statement) -> bool {
    MAY_LOOK_AT_ALL.iter().any(|(file, name, _)| one.file == *file && one.name == *name)
}

/// Panics with the texts that look at all of a table, and are not excused.
fn judge(found: &[(&Statement, Vec<String>)]) {
    let wrong = found.iter().filter(|(one, scans)| !scans.is_empty() && !is_excused(one));
    let wrong: Vec<String> = wrong
        .map(|(one, scans)| format!("{}::{} looks at all of {scans:?}\n  {}", one.file, one.name, one.text))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn no_text_looks_at_all_rows_of_a_table_that_grows_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/guichet.db", folder.path().display());
    Store::open(&Settings { url: url.clone() }).await.unwrap().close().await;
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    let tables = "select name from sqlite_schema where type = 'table' and name not like '\\_%' escape '\\'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut database).await.unwrap();
    let growing: Vec<String> = tables.into_iter().filter(|table| !SMALL.contains(&table.as_str())).collect();
    assert!(growing.len() > 10, "{growing:?}");

    let all = statements();
    let found = explained_on_sqlite(&mut database, &all, &growing).await;
    judge(&found);
    let excused = found.iter().filter(|(one, scans)| is_excused(one) && !scans.is_empty()).count();
    assert_eq!(excused, MAY_LOOK_AT_ALL.len(), "an excuse that no text needs");

    // Operators run `analyze`: what grows is large then, and of the rest nothing is known.
    sqlx::raw_sql("analyze").execute(&mut database).await.unwrap();
    for table in &growing {
        let large = format!("insert into sqlite_stat1 (tbl, idx, stat) values ('{table}', null, '1000000')");
        sqlx::raw_sql(AssertSqlSafe(large)).execute(&mut database).await.unwrap();
    }
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    judge(&explained_on_sqlite(&mut database, &all, &growing).await);
}

/// Agents get many letters an hour: those that are counted are found, and read, in their index alone.
#[tokio::test]
async fn letters_are_counted_without_a_look_at_them() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/guichet.db", folder.path().display());
    Store::open(&Settings { url: url.clone() }).await.unwrap().close().await;
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    let all = statements();
    let counted = all.iter().find(|one| one.file == "docket" && one.name == "COUNTED_LETTERS").unwrap();
    let explain = format!("explain query plan {}", spread(&counted.text, |_| None));
    let plan = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_all(&mut database).await.unwrap();
    let details: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
    let of_letters: Vec<&String> = details.iter().filter(|detail| detail.contains(" l ")).collect();
    assert!(
        of_letters.len() == 1 && of_letters[0].starts_with("SEARCH l USING COVERING INDEX letter_counted"),
        "{details:?}"
    );
}

/// Each text with what it looks at all of.
async fn explained_on_sqlite<'s>(
    database: &mut SqliteConnection,
    all: &'s [Statement],
    growing: &[String],
) -> Vec<(&'s Statement, Vec<String>)> {
    let mut found = Vec::new();
    let is_of_postgresql =
        |text: &str| ["clock_timestamp", "for update", "for share"].iter().any(|word| text.contains(word));
    for one in all.iter().filter(|one| !is_of_postgresql(&one.text)) {
        let explain = format!("explain query plan {}", spread(&one.text, |_| None));
        let plan = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_all(&mut *database).await;
        let plan = plan.unwrap_or_else(|error| panic!("{}::{}: {error}", one.file, one.name));
        let names = names(&one.text, growing);
        let details = plan.iter().map(|row| row.get::<String, _>("detail"));
        let scans = details.filter(|detail| {
            let mut words = detail.split(' ');
            let is_scan = words.next() == Some("SCAN");
            let of = words.next().unwrap_or_default();
            // A mailbox is one of few: all its mails are as many as all.
            let is_scan =
                is_scan || detail.ends_with("(mailbox=?)") || detail.ends_with("(mailbox=? AND uid_validity=?)");
            is_scan && names.contains_key(of) && !words.any(|index| OF_WHAT_WAITS.contains(&index))
        });
        let scans = scans.collect();
        found.push((one, scans));
    }
    found
}

#[tokio::test]
async fn no_text_looks_at_all_rows_of_a_table_that_grows_on_postgresql() {
    let server = PostgreSql::start();
    Store::open(&Settings { url: server.url() }).await.unwrap().close().await;
    let mut database = PgConnection::connect(&server.url()).await.unwrap();
    let columns = "select table_name::text, column_name::text, data_type::text from information_schema.columns \
        where table_schema = 'public' and table_name not like '\\_%'";
    let columns: Vec<(String, String, String)> = sqlx::query_as(columns).fetch_all(&mut database).await.unwrap();
    let mut growing: Vec<String> = columns.iter().map(|(table, ..)| table.clone()).collect();
    growing.retain(|table| !SMALL.contains(&table.as_str()));
    growing.dedup();
    // On tables without rows nothing else tells an index that serves from one that does not.
    for setting in [
        "enable_seqscan = off",
        "enable_hashjoin = off",
        "enable_mergejoin = off",
        "plan_cache_mode = force_generic_plan",
    ] {
        sqlx::raw_sql(AssertSqlSafe(format!("set {setting}"))).execute(&mut database).await.unwrap();
    }

    let mut found = Vec::new();
    let all = statements();
    let has_own = |one: &Statement| {
        let twins = ["_SHARED", "_LOCKED"].map(|end| format!("{}{end}", one.name));
        all.iter().any(|other| other.file == one.file && twins.contains(&other.name))
    };
    let (_, of_postgresql): (Vec<&Statement>, Vec<&Statement>) = all.iter().partition(|one| has_own(one));
    for one in of_postgresql {
        let names = names(&one.text, &growing);
        let kind = |column: &str| {
            let of_tables = columns.iter().find(|(table, name, _)| names.contains_key(table) && name == column);
            let known = TYPES.iter().find(|(name, _)| *name == column).map(|(_, kind)| (*kind).to_owned());
            of_tables.map(|(.., kind)| kind.clone()).or(known)
        };
        let text = (1..10).fold(spread(&one.text, kind), |text, number| {
            text.replace(&format!("${number} is null"), &format!("${number}::text is null"))
        });
        let values = (1..).take_while(|number| text.contains(&format!("${number}"))).count();
        let values = vec!["null"; values].join(", ");
        let values = if values.is_empty() { values } else { format!("({values})") };
        let explain = format!("prepare one as {text}; explain (costs off) execute one{values}");
        let plan = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_all(&mut database).await;
        let plan = plan.unwrap_or_else(|error| panic!("{}::{}: {error}\n{text}", one.file, one.name));
        let lines: Vec<String> = plan.iter().map(|row| row.get::<String, _>(0)).collect();
        sqlx::raw_sql("deallocate one").execute(&mut database).await.unwrap();
        found.push((one, whole_scans(&lines, &names)));
    }
    judge(&found);
}

/// Nodes that read a table whole: all of it, or all of an index without a condition.
fn whole_scans(lines: &[String], names: &HashMap<String, String>) -> Vec<String> {
    let mut scans = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let node = line.trim().trim_start_matches("-> ").trim();
        let Some((kind, of)) = node.split_once(" on ").filter(|(kind, _)| kind.contains("Scan")) else { continue };
        let table = of.split(' ').next().unwrap();
        let index = kind.split(" using ").nth(1).unwrap_or(table);
        let is_of_index = kind.contains("Index");
        let is_bound =
            lines[at + 1..].iter().take_while(|line| !line.contains("->")).any(|line| line.contains("Index Cond"));
        let is_fine = match is_of_index {
            true => is_bound || OF_WHAT_WAITS.contains(&index) || SMALL.iter().any(|table| index.starts_with(table)),
            false => kind.contains("Bitmap Heap") || !names.contains_key(table),
        };
        if !is_fine {
            scans.push(node.to_owned());
        }
    }
    scans
}
