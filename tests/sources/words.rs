//! Every list of `src/mail/words` is asked for by a rule: a list that nobody reads, or whose name is not spelled like the others',
//! would be lost without a sound.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Files that are read as a whole: each list is a reason.
const OF_REASONS: [&str; 2] = ["refusal", "servers"];

#[test]
fn every_list_of_words_is_asked_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources: String = ["src/mail", "src/desk"]
        .iter()
        .flat_map(|folder| files(&root.join(folder), "rs"))
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let mut lists = BTreeSet::new();
    for file in files(&root.join("src/mail/words"), "txt") {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        if OF_REASONS.contains(&name.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let named = text.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']'));
        lists.extend(named.map(|list| (name.clone(), list.to_owned())));
    }
    assert!(lists.len() > 40, "{}", lists.len());
    for (file, list) in lists {
        assert!(sources.contains(&format!("\"{list}\"")), "no rule asks for [{list}] of the files {file}.txt");
    }
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(files(&entry, extension));
        } else if entry.extension().is_some_and(|known| known == extension) {
            found.push(entry);
        }
    }
    found
}
