//! Holds what ARCHITECTURE.md promises of the sources: who may use whom, what the pure folders may not name, and which
//! crate stays in which folder. Comments, texts and test code are not looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::rust_source::{WithoutTests, heads, is_part_of_a_name, occurrences, paths, without_tests};

/// Folders in the order of their use: each may use those of the lines above its own, and none of its own line.
const LAYERS: [&[&str]; 12] = [
    &["mail"],
    &["known_fix"],
    &["desk"],
    &["letters"],
    &["locale"],
    &["store", "net", "dns", "dkim"],
    &["oauth"],
    &["imap", "smtp", "lmtp"],
    &["gateway", "view"],
    &["config"],
    &["demo", "web"],
    &["cli"],
];

/// The edges know nothing of one another, although they stand on two lines; and what is shown is shown of the store alone.
const STRANGERS: [(&str, &str); 20] = [
    ("oauth", "store"),
    ("oauth", "dns"),
    ("oauth", "dkim"),
    ("imap", "oauth"),
    ("smtp", "oauth"),
    ("imap", "store"),
    ("smtp", "store"),
    ("lmtp", "store"),
    ("imap", "dns"),
    ("smtp", "dns"),
    ("lmtp", "dns"),
    ("imap", "dkim"),
    ("smtp", "dkim"),
    ("lmtp", "dkim"),
    ("view", "dkim"),
    ("view", "net"),
    ("view", "dns"),
    ("view", "imap"),
    ("view", "smtp"),
    ("view", "lmtp"),
];

/// Folders that are values in, values out.
const PURE: [&str; 4] = ["mail", "known_fix", "desk", "letters"];

/// What a pure folder may not name, and what to do instead.
const IMPURE_WORDS: [(&str, &str); 12] = [
    ("tokio", "leave waiting to the gateway"),
    ("tokio_util", "leave waiting to the gateway"),
    ("futures_util", "leave waiting to the gateway"),
    ("async", "leave waiting to the gateway"),
    ("await", "leave waiting to the gateway"),
    ("sqlx", "let the store read it, and take it as a value"),
    ("SystemTime", "take the time as an argument"),
    ("Instant::now", "take the time as an argument"),
    ("Timestamp::now", "take the time as an argument"),
    ("Zoned::now", "take the time as an argument"),
    ("rand", "take the chance as an argument"),
    ("getrandom", "take the chance as an argument"),
];

/// Modules of the standard library that a pure folder may not use.
const IMPURE_STD: [&str; 5] = ["fs", "net", "env", "process", "thread"];

/// Crates that stay in the folders named.
const CRATES: [(&str, &[&str]); 11] = [
    ("mail_parser", &["mail"]),
    ("mail_auth", &["dns", "dkim"]),
    ("hickory_resolver", &["dns"]),
    ("lettre", &["smtp"]),
    ("sqlx", &["store"]),
    ("async_imap", &["imap"]),
    ("imap_codec", &["demo"]),
    ("handlebars", &["letters"]),
    ("cssparser", &["letters"]),
    ("axum", &["web"]),
    ("plotters", &["desk"]),
];

#[test]
fn every_folder_has_its_place_in_the_layers() {
    let placed: BTreeSet<String> = LAYERS.iter().flat_map(|layer| layer.iter()).map(ToString::to_string).collect();
    let entries = root().join("src").read_dir().unwrap().map(Result::unwrap);
    let files = ["lib.rs", "main.rs"];
    for entry in entries {
        let name = entry.file_name().into_string().unwrap();
        assert!(
            placed.contains(&name) || files.contains(&name.as_str()),
            "src/{name} is in no layer of tests/sources/architecture.rs: say who may use it"
        );
    }
}

#[test]
fn folders_use_only_what_stands_above_them() {
    let mut faults = Faults::default();
    for file in sources() {
        for (line, used) in file.folders_used() {
            if !may_use(&file.folder, &used) {
                let message = format!("{} may not use {used}; it may use {}", file.folder, all_above(&file.folder));
                faults.add(&file, line, &message);
            }
        }
    }
    faults.assert_none();
}

#[test]
fn pure_folders_wait_for_nothing_and_ask_nobody() {
    let mut faults = Faults::default();
    for file in sources().iter().filter(|file| PURE.contains(&file.folder.as_str())) {
        for (word, remedy) in IMPURE_WORDS {
            for offset in occurrences(&file.code, word) {
                faults.add(file, file.line_of(offset), &format!("{} is pure and names {word}: {remedy}", file.folder));
            }
        }
        for (offset, module) in heads(&file.code, "std") {
            if IMPURE_STD.contains(&module.as_str()) {
                let message =
                    format!("{} is pure and uses std::{module}: take what it would say as a value", file.folder);
                faults.add(file, file.line_of(offset), &message);
            }
        }
    }
    faults.assert_none();
}

#[test]
fn each_crate_of_an_edge_stays_in_its_folder() {
    let mut faults = Faults::default();
    for file in sources() {
        for (name, folders) in CRATES.iter().filter(|(_, folders)| !folders.contains(&file.folder.as_str())) {
            for offset in occurrences(&file.code, name) {
                faults.add(&file, file.line_of(offset), &format!("{name} belongs to {}", folders.join(", ")));
            }
        }
    }
    faults.assert_none();
}

#[test]
fn no_rule_goes_on_without_its_pattern() {
    // The second one reads what the operator wrote, and says what is wrong with it.
    let compile = ["src/mail/pattern.rs", "src/config/value.rs"].map(Path::new);
    let mut faults = Faults::default();
    for file in sources().iter().filter(|file| !compile.contains(&file.path.as_path())) {
        for word in ["Regex::new", "RegexSet::new", "RegexBuilder", "RegexSetBuilder"] {
            for offset in occurrences(&file.code, word) {
                faults.add(file, file.line_of(offset), "patterns are compiled by mail::pattern, which does not shrug");
            }
        }
    }
    faults.assert_none();
}

#[test]
fn sql_is_never_put_together_from_values() {
    let mut faults = Faults::default();
    for file in sources() {
        for offset in occurrences(&file.code, "AssertSqlSafe") {
            faults.add(&file, file.line_of(offset), "SQL is a constant text, with $1 for values");
        }
        for offset in occurrences(&file.code, "format") {
            if is_argument_of_a_query(&file.code[..offset]) {
                faults.add(&file, file.line_of(offset), "a query is a constant text, with $1 for values");
            }
            if file.folder == "store" && is_sql(&file.code_and_texts[offset..]) {
                faults.add(
                    &file,
                    file.line_of(offset),
                    "format! makes SQL here: write a constant text, with $1 for values",
                );
            }
        }
    }
    faults.assert_none();
}

#[test]
fn no_files_of_a_folder_use_one_another_in_a_circle() {
    let mut folders: BTreeMap<String, Vec<Source>> = BTreeMap::new();
    for file in sources().into_iter().filter(|file| layer(&file.folder).is_some()) {
        folders.entry(file.folder.clone()).or_default().push(file);
    }
    let circles = folders.iter().map(|(folder, files)| (folder.as_str(), circle(&uses_within(folder, files))));
    let circles: BTreeMap<_, _> = circles.filter(|(_, circle)| !circle.is_empty()).collect();
    assert!(circles.is_empty(), "circles of files: {circles:#?}");
}

/// For each file of a folder, as a path of modules, the files of the same folder that it uses. What the folder's own mod.rs hands
/// out counts as a use of the file where it is.
fn uses_within(folder: &str, files: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let modules: BTreeMap<String, &Source> = files.iter().map(|file| (file.module(), file)).collect();
    let handed_out = handed_out(&modules[""].code);
    let file_of = |path: &str| {
        let (first, _) = path.split_once("::").unwrap_or((path, ""));
        let path = handed_out.get(first).map_or(path, String::as_str);
        let mut ends = std::iter::once(path.len()).chain(path.rmatch_indices("::").map(|(at, _)| at));
        ends.find_map(|end| modules.get_key_value(&path[..end])).map(|(module, _)| module.clone())
    };
    let uses = |module: &str, source: &Source| -> BTreeSet<String> {
        let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
        let below = |base: &str, path: String| format!("{base}::{path}").trim_matches(':').to_owned();
        let from_folder = paths(&source.code, &format!("crate::{folder}")).into_iter();
        let from_parent = paths(&source.code, "super").into_iter().map(|path| below(parent, path));
        let from_here = paths(&source.code, "self").into_iter().map(|path| below(module, path));
        let used = from_folder.chain(from_parent).chain(from_here).filter_map(|path| file_of(&path));
        used.filter(|used| used != module && !used.is_empty()).collect()
    };
    modules.iter().filter(|(module, _)| !module.is_empty()).map(|(m, file)| (m.clone(), uses(m, file))).collect()
}

/// The names that a mod.rs hands out, each with the path where it is.
fn handed_out(code: &str) -> BTreeMap<String, String> {
    let lines = code.split(';').filter_map(|item| item.trim().strip_prefix("pub use "));
    let mut names = BTreeMap::new();
    for line in lines {
        let (line, other_name) = line.split_once(" as ").map_or((line, None), |(line, name)| (line, Some(name)));
        for path in paths(&format!("top::{line};"), "top") {
            let name = other_name.unwrap_or(path.rsplit("::").next().unwrap()).to_owned();
            names.insert(name, path);
        }
    }
    names
}

/// The files that reach themselves by their uses, each with those of its uses that lead back to it.
fn circle(uses: &BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> = uses.keys().map(|file| (file, reached(uses, file))).collect();
    let leads_back = |file: &String, used: &String| reached.get(used).is_some_and(|reached| reached.contains(file));
    let in_circles = uses.iter().map(|(file, uses)| {
        (file.clone(), uses.iter().filter(|used| leads_back(file, used)).cloned().collect::<BTreeSet<_>>())
    });
    in_circles.filter(|(_, uses)| !uses.is_empty()).collect()
}

fn reached<'u>(uses: &'u BTreeMap<String, BTreeSet<String>>, file: &'u String) -> BTreeSet<&'u String> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![file]);
    while let Some(file) = open.pop() {
        open.extend(uses.get(file).into_iter().flatten().filter(|used| reached.insert(*used)));
    }
    reached
}

fn may_use(folder: &str, used: &str) -> bool {
    let (Some(own), Some(other)) = (layer(folder), layer(used)) else { return true };
    folder == used || (other < own && !STRANGERS.contains(&(folder, used)))
}

fn all_above(folder: &str) -> String {
    let above = LAYERS.iter().flat_map(|layer| layer.iter()).copied();
    let above: Vec<_> = above.filter(|other| *other != folder && may_use(folder, other)).collect();
    if above.is_empty() { "nothing of this crate".to_owned() } else { above.join(", ") }
}

fn layer(folder: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&folder))
}

/// Whether the code ends where the argument of a query begins: `query(`, `query_as::<_, Row>(&`, …
fn is_argument_of_a_query(code: &str) -> bool {
    let Some(call) = code.trim_end().trim_end_matches('&').trim_end().strip_suffix('(') else { return false };
    let call = call.trim_end();
    let name = if call.ends_with('>') { call.rsplit_once("::<").map_or(call, |(name, _)| name) } else { call };
    ["query", "query_as", "query_scalar", "raw_sql", "execute"]
        .iter()
        .any(|query| name.strip_suffix(query).is_some_and(|before| !before.ends_with(is_part_of_a_name)))
}

/// Whether this `format!("…")` begins as a statement of SQL does.
fn is_sql(macro_call: &str) -> bool {
    let Some((_, text)) = macro_call.split_once('"') else { return false };
    let first = text.split_whitespace().next().unwrap_or_default().to_lowercase();
    let head = &macro_call[..macro_call.len() - text.len()];
    let is_text_of_this_macro = head.chars().all(|c| c.is_alphanumeric() || "!(\"#_ \n".contains(c));
    is_text_of_this_macro
        && ["select", "insert", "update", "delete", "create", "drop", "alter", "with", "pragma"]
            .contains(&first.as_str())
}

// What stands where.

#[derive(Default)]
struct Faults(String);

impl Faults {
    fn add(&mut self, file: &Source, line: usize, message: &str) {
        writeln!(self.0, "{}:{line}: {message}", file.path.display()).unwrap();
    }

    fn assert_none(&self) {
        assert!(self.0.is_empty(), "the sources are not as ARCHITECTURE.md says:\n{}", self.0);
    }
}

/// The product code of a file: comments and test code are blank, lines stay where they are.
struct Source {
    /// From the root of the project.
    path: PathBuf,
    /// The folder of `src/` that it is in; for `lib.rs` and `main.rs` the file's own name.
    folder: String,
    /// Texts are blank too.
    code: String,
    code_and_texts: String,
}

impl Source {
    fn line_of(&self, offset: usize) -> usize {
        self.code[..offset].matches('\n').count() + 1
    }

    /// Its path of modules below its folder; empty for the folder's own mod.rs.
    fn module(&self) -> String {
        let below_folder = self.path.with_extension("");
        let names = below_folder.components().skip(2).map(|part| part.as_os_str().to_str().unwrap());
        names.filter(|name| *name != "mod").collect::<Vec<_>>().join("::")
    }

    /// How many `super::` lead from here to the top of the crate.
    fn depth(&self) -> usize {
        let below_src = self.path.components().count() - 2;
        if self.path.ends_with("mod.rs") { below_src } else { below_src + 1 }
    }

    /// Each folder that a path of this file leads into, and the line where it does.
    fn folders_used(&self) -> Vec<(usize, String)> {
        let from_top = ["crate".to_owned(), "guichet".to_owned(), vec!["super"; self.depth()].join("::")];
        let uses = from_top.iter().flat_map(|top| heads(&self.code, top));
        let into_folders = uses.filter(|(_, folder)| layer(folder).is_some());
        into_folders.map(|(offset, folder)| (self.line_of(offset), folder)).collect()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files of `src/` that are part of the program.
fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    list_rust_files(&root().join("src"), &mut files);
    assert!(files.len() > 1, "no sources found below {}", root().display());
    let read: Vec<(PathBuf, WithoutTests)> =
        files.into_iter().map(|path| (path.clone(), without_tests(&fs::read_to_string(path).unwrap()))).collect();
    let test_modules: Vec<PathBuf> = read
        .iter()
        .flat_map(|(path, file)| file.test_modules.iter().map(|name| folder_of_modules(path).join(name)))
        .collect();
    let is_test = |path: &Path| test_modules.iter().any(|module| path.with_extension("").starts_with(module));
    read.into_iter()
        .filter(|(path, _)| !is_test(path))
        .map(|(path, file)| {
            let path = path.strip_prefix(root()).unwrap().to_owned();
            let folder = path.components().nth(1).unwrap().as_os_str().to_str().unwrap().to_owned();
            Source { path, folder, code: file.code, code_and_texts: file.code_and_texts }
        })
        .collect()
}

fn list_rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list_rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Where the files of the modules are that this file declares.
fn folder_of_modules(path: &Path) -> PathBuf {
    let stands_for_its_folder = ["mod.rs", "lib.rs", "main.rs"].iter().any(|name| path.ends_with(name));
    if stands_for_its_folder { path.parent().unwrap().to_owned() } else { path.with_extension("") }
}

mod tests {
    use super::*;

    const SAMPLE: &str = r##"//! tokio in a comment
use crate::{mail::Address, desk::{self, ticket}};
/* crate::store /* nested */ tokio */
const TEXT: &str = "crate::imap \" tokio"; // tokio
const RAW: &[u8] = br#"sqlx "quoted" "#;
fn quote<'a>(c: char) -> &'a str { if c == '"' { "é" } else { '\''.into() } }
#[cfg(test)]
pub(crate) mod peer;
#[cfg(test)]
#[derive(Debug)]
use std::{fs, collections::{BTreeMap, HashMap}};
#[cfg(test)]
mod tests { fn f() { tokio::spawn(); } }
use std::{env, fmt::{self, Write}};
use super::super::letters;
"##;

    fn sample() -> Source {
        let file = without_tests(SAMPLE);
        assert_eq!(file.test_modules, ["peer"]);
        let path = PathBuf::from("src/known_fix/sample.rs");
        Source { path, folder: "known_fix".to_owned(), code: file.code, code_and_texts: file.code_and_texts }
    }

    #[test]
    fn comments_texts_and_tests_are_not_looked_at() {
        let sample = sample();
        assert_eq!(sample.code.len(), SAMPLE.len());
        assert_eq!(sample.code.lines().count(), SAMPLE.lines().count());
        for word in ["tokio", "sqlx", "store", "imap", "fs"] {
            assert_eq!(occurrences(&sample.code, word), [0; 0], "{word} in:\n{}", sample.code);
        }
        assert!(sample.code_and_texts.contains("sqlx \"quoted\""));
    }

    #[test]
    fn every_form_of_use_is_seen() {
        let sample = sample();
        let named = |line, folder: &str| (line, folder.to_owned());
        assert_eq!(sample.folders_used(), [named(2, "mail"), named(2, "desk"), named(15, "letters")]);
        let of_std: Vec<_> = heads(&sample.code, "std").into_iter().map(|(_, name)| name).collect();
        assert_eq!(of_std, ["env", "fmt"]);
    }

    #[test]
    fn a_circle_is_seen_also_through_what_the_folder_hands_out() {
        let file = |path: &str, code: &str| {
            let texts = code.to_owned();
            Source { path: path.into(), folder: "desk".to_owned(), code: texts.clone(), code_and_texts: texts }
        };
        let files = |b_uses: &str| {
            [
                file("src/desk/mod.rs", "mod a; mod b;\npub use a::{Ticket, event::Event};\npub use b::of as b_of;\n"),
                file("src/desk/a/mod.rs", "use self::event::Event;"),
                file("src/desk/a/event.rs", "use crate::desk::{b_of, a::other};"),
                file("src/desk/b.rs", b_uses),
            ]
        };
        let uses = uses_within("desk", &files("use crate::desk::Ticket;"));
        assert_eq!(uses["a::event"], BTreeSet::from(["a".to_owned(), "b".to_owned()]));
        assert_eq!(circle(&uses).len(), 3);
        assert_eq!(uses_within("desk", &files("use super::Event;"))["b"], BTreeSet::from(["a::event".to_owned()]));
        assert_eq!(uses_within("desk", &files("use crate::mail::Mail;"))["b"], BTreeSet::new());
    }

    #[test]
    fn the_edges_know_nothing_of_one_another() {
        for (folder, used) in
            [("imap", "store"), ("store", "imap"), ("smtp", "imap"), ("imap", "smtp"), ("store", "net")]
        {
            assert!(!may_use(folder, used), "{folder} may use {used}");
        }
        for (folder, used) in
            [("imap", "net"), ("imap", "mail"), ("gateway", "store"), ("cli", "demo"), ("mail", "mail")]
        {
            assert!(may_use(folder, used), "{folder} may not use {used}");
        }
    }

    #[test]
    fn sql_made_of_values_is_seen() {
        for code in ["sqlx::query(", "query_as::<_, Row>(&", "sqlx :: query_scalar (\n    ", "connection.execute(& "] {
            assert!(is_argument_of_a_query(code), "{code}");
        }
        for code in ["my_query(", "println!(", "query(TEXT).bind(", ""] {
            assert!(!is_argument_of_a_query(code), "{code}");
        }
        assert!(is_sql("format!(\"select {column} from ticket\")"));
        assert!(is_sql("format!(\n  r#\"\n update ticket\"#)"));
        assert!(!is_sql("format!(\"Cannot select {name}\")"));
        assert!(!is_sql("format!(TEXT, name); let other = \"select 1\""));
    }
}
