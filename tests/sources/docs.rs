//! Holds that the documentation tells of what is there, and that what it tells of is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use guichet::desk::Purpose;
use regex::Regex;

/// Tables, each with its columns.
type Tables = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_file_that_a_document_names_exists() {
    let mut missing = Vec::new();
    let documents = documents();
    for document in &documents {
        let text = read(document);
        let below = document.parent().unwrap();
        let links = links(&text).into_iter().map(|link| (below.join(&link), link));
        let names = file_names(&text).into_iter().map(|name| (root().join(&name), name));
        for (path, name) in links.chain(names).filter(|(path, _)| !path.exists()) {
            missing.push(format!("{} names {name}, and there is no {}", document.display(), path.display()));
        }
    }
    assert!(documents.iter().any(|document| document.ends_with("README.md")), "there is no README.md");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn each_fact_about_a_provider_says_where_and_when_it_was_read() {
    let facts: toml::Table = read(&root().join("docs/providers/facts.toml")).parse().unwrap();
    let facts = facts["fact"].as_array().unwrap();
    assert!(facts.len() > 50, "{}", facts.len());
    let mut known = BTreeSet::new();
    for fact in facts {
        let text = |key: &str| fact.get(key).and_then(toml::Value::as_str).unwrap_or_default();
        let named = (text("provider"), text("key"));
        assert!(fact.get("value").is_some() && text("source").starts_with("https://"), "{fact}");
        assert!(text("read").parse::<jiff::civil::Date>().is_ok(), "{fact}");
        assert!(known.insert(named), "{named:?} stands twice");
    }
}

#[test]
fn both_databases_have_the_same_tables_and_columns() {
    let (sqlite, postgres) = (tables("sqlite"), tables("postgres"));
    for (table, columns) in &sqlite {
        assert_eq!(Some(columns), postgres.get(table), "the columns of {table}: SQLite's, PostgreSQL's");
    }
    let names = |tables: &Tables| tables.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&sqlite), names(&postgres), "the tables: SQLite's, PostgreSQL's");
}

#[test]
fn every_table_and_column_is_documented() {
    let text = read(&root().join("docs/schema.md"));
    let mut missing = Vec::new();
    for (table, columns) in tables("sqlite") {
        let Some(section) = section(&text, &table) else {
            missing.push(format!("the table `{table}` has no heading of its own"));
            continue;
        };
        let undocumented = columns.iter().filter(|column| !section.contains(&format!("`{column}`")));
        missing.extend(undocumented.map(|column| format!("`{column}` of `{table}`")));
    }
    assert!(missing.is_empty(), "docs/schema.md does not tell of:\n{}", missing.join("\n"));
}

#[test]
fn a_page_has_the_same_blocks_in_both_languages() {
    let pages = documents().into_iter().filter(|page| page.to_string_lossy().ends_with(".fr.md"));
    let mut compared = 0;
    for french in pages {
        let english = french.with_extension("").with_extension("md");
        let (of_english, of_french) = (blocks(&read(&english)), blocks(&read(&french)));
        assert_eq!(of_english, of_french, "the blocks of {} and {}", english.display(), french.display());
        compared += of_english.len();
    }
    assert!(compared > 0, "no page in French has a block");
}

/// What stands between the fences that name a language: what is typed, written or printed, without its comments. A fence that
/// names none holds a mail, which is written in the language of the page.
fn blocks(markdown: &str) -> Vec<String> {
    let mut fences = markdown.split("\n```").skip(1);
    let mut blocks = Vec::new();
    while let (Some(block), Some(_)) = (fences.next(), fences.next()) {
        let code = |line: &str| line.split('#').next().unwrap_or_default().trim_end().to_owned();
        if !block.starts_with('\n') {
            blocks.push(block.lines().map(code).collect::<Vec<_>>().join("\n"));
        }
    }
    blocks
}

#[test]
fn every_command_and_option_is_documented_and_no_other() {
    let page = read(&root().join("docs/commands.md"));
    let rows: Vec<Vec<&str>> = page.lines().filter(|line| line.starts_with("| `guichet ")).map(command_row).collect();
    let mut faults = Vec::new();
    let mut known = BTreeSet::new();
    visit(&guichet::cli::command(), "guichet", &mut |path, command| {
        known.insert(path.to_owned());
        let Some(row) = rows.iter().find(|row| path_of(row) == path) else {
            faults.push(format!("`{path}` has no row"));
            return;
        };
        let options: BTreeSet<String> = command
            .get_arguments()
            .filter(|argument| !argument.is_global_set() && !argument.is_hide_set())
            .filter_map(|argument| Some(format!("--{}", argument.get_long()?)))
            .filter(|option| option != "--help" && option != "--version")
            .collect();
        let told: BTreeSet<String> = row.iter().filter_map(|code| option_of(code)).collect();
        faults.extend(options.difference(&told).map(|option| format!("the row of `{path}` does not name {option}")));
        faults.extend(told.difference(&options).map(|option| format!("`{path}` has no {option}")));
    });
    let paths = rows.iter().map(|row| path_of(row));
    faults.extend(paths.filter(|path| !known.contains(path)).map(|path| format!("there is no `{path}`")));
    assert!(known.len() > 20, "{known:?}");
    assert!(faults.is_empty(), "docs/commands.md:\n{}", faults.join("\n"));
}

#[test]
fn every_event_is_documented_and_no_other() {
    let source = read(&root().join("src/desk/ticket/event.rs"));
    let variants = source.split_once("pub enum Event {\n").unwrap().1.split_once("\n}").unwrap().0;
    let variants = variants
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    let events: BTreeSet<String> = variants.map(|line| in_snake_case(line.split([' ', ',']).next().unwrap())).collect();
    assert!(events.len() > 30, "{events:?}");
    assert_eq!(codes_of_table(&read(&root().join("docs/events.md")), "event"), events, "docs/events.md");
}

#[test]
fn every_letter_is_documented_and_no_other() {
    let letters: BTreeSet<String> = Purpose::ALL.iter().map(|purpose| purpose.name().to_owned()).collect();
    assert_eq!(codes_of_table(&read(&root().join("docs/letters.md")), "template"), letters, "docs/letters.md");
}

#[test]
fn every_key_of_the_configuration_is_documented() {
    let reads = Regex::new(r#"\.(?:or|optional|needed|table|needed_table|tables)\(\s*"(\w+)""#).unwrap();
    let page = read(&root().join("docs/configuration.md"));
    let told: BTreeSet<&str> = page.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let files = root().join("src/config").read_dir().unwrap().map(|entry| entry.unwrap().path());
    let sources: String =
        files.filter(|path| path.extension().is_some_and(|rs| rs == "rs")).map(|path| read(&path)).collect();
    let keys: BTreeSet<&str> = reads.captures_iter(&sources).map(|found| found.extract::<1>().1[0]).collect();
    assert!(keys.len() > 60, "{keys:?}");
    let missing: Vec<_> = keys.difference(&told).collect();
    assert!(missing.is_empty(), "docs/configuration.md does not name {missing:?}");
}

/// What stands in backquotes in the first cells of the table with this heading.
fn codes_of_table(page: &str, heading: &str) -> BTreeSet<String> {
    let rows = page.lines().skip_while(|line| !line.starts_with(&format!("| {heading} |"))).skip(2);
    let rows = rows.take_while(|line| line.starts_with("| "));
    rows.flat_map(command_row).map(str::to_owned).collect()
}

/// `mail_received` of `MailReceived`.
fn in_snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// The commands that do something, with their paths.
fn visit(command: &clap::Command, path: &str, each: &mut impl FnMut(&str, &clap::Command)) {
    if !command.is_subcommand_required_set() && path != "guichet" {
        each(path, command);
    }
    for below in command.get_subcommands().filter(|below| below.get_name() != "help" && !below.is_hide_set()) {
        visit(below, &format!("{path} {}", below.get_name()), each);
    }
}

/// What stands in backquotes in the first cell of a row.
fn command_row(line: &str) -> Vec<&str> {
    let cell = line.trim_start_matches("| ").split(" | ").next().unwrap_or_default();
    cell.split('`').skip(1).step_by(2).collect()
}

/// `guichet outbox retry` of `guichet outbox retry ID…`.
fn path_of(row: &[&str]) -> String {
    let words = row.first().map(|code| code.split(' ')).into_iter().flatten();
    let is_name = |word: &&str| word.starts_with(|c: char| c.is_ascii_lowercase());
    words.take_while(is_name).collect::<Vec<_>>().join(" ")
}

/// `--limit` of `--limit N`.
fn option_of(code: &str) -> Option<String> {
    let word = code.split([' ', '=']).next()?;
    word.starts_with("--").then(|| word.to_owned())
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Markdown files at the top and in `docs/`.
fn documents() -> Vec<PathBuf> {
    let folders = [root().to_owned(), root().join("docs")];
    let entries = folders.iter().filter_map(|folder| folder.read_dir().ok()).flatten();
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect()
}

/// The targets of links into the project, without what stands behind `#`.
fn links(markdown: &str) -> Vec<String> {
    let targets = markdown.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = targets.filter_map(|target| target.split('#').next());
    files.filter(|file| !file.is_empty() && !file.contains(':')).map(str::to_owned).collect()
}

/// What stands in backquotes and is written like a file or folder of the project: `src/…`, `STYLE.md`, `Dockerfile`.
fn file_names(markdown: &str) -> Vec<String> {
    let folders = [".ci/", "benches/", "docs/", "migrations/", "packaging/", "src/", "templates/", "tests/"];
    let files = ["Cargo.toml", "Cargo.lock", "Dockerfile", "LICENSE-APACHE", "LICENSE-MIT", "clippy.toml", "deny.toml"];
    let quoted = markdown.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    quoted
        .filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)))
        .filter(|name| {
            let is_document = name.ends_with(".md") && name.starts_with(|c: char| c.is_ascii_uppercase());
            is_document || files.contains(name) || folders.iter().any(|folder| name.starts_with(folder))
        })
        .map(str::to_owned)
        .collect()
}

/// What stands under the heading that names the table, up to the next heading.
fn section<'a>(markdown: &'a str, table: &str) -> Option<&'a str> {
    let is_name = |word: &str| word.trim_matches('`') == table;
    let start = markdown.lines().find(|line| line.starts_with('#') && line.split([' ', ',']).any(is_name))?;
    let (_, below) = markdown.split_once(&format!("{start}\n"))?;
    Some(below.split("\n#").next().unwrap_or(below))
}

/// What the migrations of one database make.
fn tables(database: &str) -> Tables {
    let folder = root().join("migrations").join(database);
    let entries = folder.read_dir().unwrap_or_else(|error| panic!("cannot read {}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut tables = Tables::new();
    for file in files {
        read_migration(&read(&file), &mut tables);
    }
    assert!(!tables.is_empty(), "{} makes no table", folder.display());
    tables
}

fn read_migration(sql: &str, tables: &mut Tables) {
    let without_comments: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or(line)).collect();
    for statement in without_comments.join(" ").split(';') {
        let words: Vec<&str> = statement.split_whitespace().collect();
        match words.as_slice() {
            ["create", "table", name, ..] => {
                let name = name.trim_end_matches('(').to_owned();
                tables.insert(name, columns(statement));
            }
            ["alter", "table", name, "add", "column", column, ..] => {
                tables.entry((*name).to_owned()).or_default().insert((*column).to_owned());
            }
            ["alter", "table", name, "drop", "column", column] => {
                tables.entry((*name).to_owned()).or_default().remove(*column);
            }
            ["drop", "table", name] => {
                tables.remove(*name);
            }
            ["alter", ..] => panic!("tests/sources/docs.rs does not understand: {statement}"),
            _ => {}
        }
    }
}

/// The columns of a `create table`: what stands between its commas, less the constraints.
fn columns(create_table: &str) -> BTreeSet<String> {
    let body = create_table.split_once('(').and_then(|(_, behind)| behind.rsplit_once(')'));
    let Some((body, _)) = body else { return BTreeSet::new() };
    let mut depth = 0;
    let parts = body.split(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    });
    let ends_a_word = |c: char| c.is_whitespace() || c == '(';
    let first_words = parts.filter_map(|part| part.split(ends_a_word).find(|word| !word.is_empty()));
    let is_constraint = |word: &&str| ["check", "constraint", "foreign", "primary", "unique"].contains(word);
    first_words.filter(|word| !is_constraint(word)).map(str::to_owned).collect()
}

mod tests {
    use super::*;

    #[test]
    fn a_migration_is_read() {
        let sql = "-- first, of all\ncreate table one (\n  id integer primary key, -- a, b\n  state text check (state in ('a', 'b')),\n  unique (id, state)\n) strict, without rowid;\ncreate index i on one (id);\nalter table one add column later integer;";
        let mut tables = Tables::new();
        read_migration(sql, &mut tables);
        let columns: Vec<_> = tables["one"].iter().map(String::as_str).collect();
        assert_eq!(columns, ["id", "later", "state"]);
    }

    #[test]
    fn links_and_names_of_files_are_found() {
        let text =
            "See [the style](STYLE.md#names), <https://a.test>, [x](https://a.test) and `tests/run`, `guichet.toml`.";
        assert_eq!(links(text), ["STYLE.md"]);
        assert_eq!(file_names(text), ["tests/run"]);
    }
}
