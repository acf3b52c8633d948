//! The one house of the demo and of the tests, `src/demo/guichet.toml`, and what a test says is otherwise in it.
#![allow(dead_code, reason = "every test program has a copy of this module and uses its own part of it")]

use std::path::Path;

use guichet::config::{Config, Surroundings};

/// A configuration.
pub(crate) struct Configuration(String);

impl Configuration {
    /// The house as the demo has it. Nobody listens on its ports.
    pub(crate) fn new() -> Configuration {
        Configuration(guichet::demo::CONFIGURATION.to_owned()).with_ports(1, 1)
    }

    /// Where its mailbox and its relay are.
    pub(crate) fn with_ports(self, imap: u16, smtp: u16) -> Configuration {
        self.with_key("[[mailbox]]", "port", &imap.to_string()).with_key("[smtp]", "port", &smtp.to_string())
    }

    /// Where its store is.
    pub(crate) fn with_store(self, url: &str) -> Configuration {
        self.with_key("[store]", "url", &format!("{url:?}"))
    }

    /// With another value of a key.
    pub(crate) fn with_key(self, table: &str, key: &str, value: &str) -> Configuration {
        self.with_line(table, key, Some(&format!("{key} = {value}")))
    }

    /// Without a key.
    pub(crate) fn without_key(self, table: &str, key: &str) -> Configuration {
        self.with_line(table, key, None)
    }

    /// With other lines in the place of a key.
    pub(crate) fn with_lines(self, table: &str, key: &str, lines: &str) -> Configuration {
        self.with_line(table, key, Some(lines))
    }

    fn with_line(self, table: &str, key: &str, line: Option<&str>) -> Configuration {
        let mut found = 0;
        let changed = self.tables().map(|written| {
            if !written.starts_with(table) {
                return written.to_owned();
            }
            let is_key = |line: &&str| line.split_once(" = ").is_some_and(|(name, _)| name == key);
            found += written.lines().filter(is_key).count();
            let lines = written.lines().filter_map(|written| if is_key(&written) { line } else { Some(written) });
            lines.collect::<Vec<_>>().join("\n")
        });
        let changed = Configuration(changed.collect::<Vec<_>>().join("\n\n"));
        assert_eq!(found, 1, "{key} in {table}");
        changed
    }

    /// Without a sort of table, such as `[[agent]]`.
    pub(crate) fn without(self, table: &str) -> Configuration {
        let left: Vec<&str> = self.tables().filter(|written| !written.starts_with(table)).collect();
        assert!(left.len() < self.tables().count(), "{table}");
        Configuration(left.join("\n\n"))
    }

    /// With one agent, who reads letters on another server, in English.
    pub(crate) fn with_an_agent_elsewhere(self) -> Configuration {
        let nobody = self.without("[[agent]]").without("[[team]]").without("[[vendor]]");
        nobody.and("[[agent]]\nname = \"Alex\"\naddress = \"alex@agents.test\"\nlevel = \"L1\"\nlanguage = \"en\"")
    }

    /// With more tables.
    pub(crate) fn and(self, more: &str) -> Configuration {
        Configuration(self.0 + "\n\n" + more)
    }

    fn tables(&self) -> impl Iterator<Item = &str> {
        self.0.split("\n\n").map(str::trim)
    }

    /// As an operator has it in a file.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Writes it where the program looks for it.
    pub(crate) fn write(&self, folder: &Path) {
        std::fs::write(folder.join("guichet.toml"), &self.0).unwrap();
    }

    /// What it means.
    pub(crate) fn read(&self) -> Config {
        let surroundings = Surroundings { folder: Path::new("/"), variable: &|_| None };
        Config::read(&self.0, &surroundings).unwrap_or_else(|faults| panic!("{faults}"))
    }
}
