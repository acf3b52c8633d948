//! What the Debian package holds beside the program: the unit, completions, manual pages; and the service under systemd.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::configuration::Configuration;

const UNIT: &str = include_str!("../../packaging/guichet.service");

fn guichet(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
    command.args(arguments).env_remove("GUICHET_CONFIG").env_remove("GUICHET_LOG").env("LC_ALL", "C.UTF-8");
    command.stdin(Stdio::null()).output().unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = guichet(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Every command by its words, `["ticket", "show"]`, as the help lists them.
fn commands() -> Vec<Vec<String>> {
    fn below(path: &[String], found: &mut Vec<Vec<String>>) {
        let words: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let help = printed(&words);
        let Some((_, list)) = help.split_once("\nCommands:\n") else { return };
        let list = list.lines().take_while(|line| !line.trim().is_empty());
        let names = list
            .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next().filter(|_| !line.starts_with("   ")));
        for name in names.filter(|name| *name != "help") {
            let path = [path, &[name.to_owned()]].concat();
            found.push(path.clone());
            below(&path, found);
        }
    }
    let mut found = Vec::new();
    below(&[], &mut found);
    assert!(found.len() > 30, "{found:?}");
    found
}

#[test]
fn every_command_has_a_manual_page_with_its_example() {
    let folder = tempfile::tempdir().unwrap();
    printed(&["man", folder.path().to_str().unwrap()]);
    let commands = commands();
    for command in &commands {
        let page = folder.path().join(format!("guichet-{}.1", command.join("-")));
        let text = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        assert!(text.contains(".SH SYNOPSIS") && text.contains("Example"), "{text}");
    }
    let written = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(written, commands.len() + 1, "one page a command, and guichet.1");
}

#[test]
fn every_shell_completes_every_command() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, extension) in [("bash", "bash"), ("zsh", "zsh"), ("fish", "fish")] {
        let script = printed(&["completions", shell]);
        let words: BTreeSet<&str> = script.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').collect();
        for command in commands() {
            let name = command.last().unwrap().as_str();
            assert!(words.contains(name), "{shell} does not complete {command:?}");
        }
        fs::write(folder.path().join(extension), script).unwrap();
    }
    let read = Command::new("bash").arg("-n").arg(folder.path().join("bash")).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
}

#[test]
fn the_unit_starts_what_there_is_and_hands_the_secrets_over() {
    let mut section = "";
    for line in UNIT.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => section = name,
            None => {
                assert!(
                    !section.is_empty() && line.split_once('=').is_some_and(|(key, _)| is_directive(key)),
                    "{line}"
                );
            }
        }
    }
    let start = UNIT.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/guichet ")).unwrap();
    let arguments: Vec<&str> = start.split(' ').map(|word| word.trim_start_matches("/etc/guichet/")).collect();
    let output = guichet(&arguments);
    assert_eq!(output.status.code(), Some(2), "it reads a configuration that is not there");
    assert!(String::from_utf8_lossy(&output.stderr).contains("Cannot read the configuration guichet.toml"));
    for line in
        ["Type=notify", "DynamicUser=yes", "StateDirectory=guichet", "LoadCredential=secrets:/etc/guichet/secrets"]
    {
        assert!(UNIT.lines().any(|of| of == line), "{line}");
    }
}

fn is_directive(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_uppercase()) && key.chars().all(|c| c.is_ascii_alphanumeric())
}

#[test]
fn under_systemd_it_tells_that_it_is_ready_alive_and_stopping_and_logs_by_priority() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path());
    service.hears("WATCHDOG=1");
    let log = service.stop();
    let starts = log.lines().find(|line| line.contains("guichet starts")).expect("it says that it starts");
    assert!(starts.starts_with("<6> INFO guichet"), "{starts}");
    assert!(log.lines().all(|line| line.starts_with('<') && !line.contains('\u{1b}')), "{log}");
}

#[test]
fn a_health_check_fails_while_a_mailbox_was_never_heard_of() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path());
    let configuration = folder.path().join("etc/guichet.toml");
    let configuration = configuration.to_str().unwrap();
    assert_eq!(guichet(&["status", "--config", configuration]).status.code(), Some(0));
    assert_eq!(guichet(&["status", "--healthy", "--config", configuration]).status.code(), Some(1));
    service.stop();
}

#[test]
fn the_reason_for_its_end_is_an_error_in_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let journal = File::create(&log).unwrap();
    let mut service = Command::new(env!("CARGO_BIN_EXE_guichet"));
    service
        .args(["serve", "--config", "nowhere.toml"])
        .current_dir(folder.path())
        .env("JOURNAL_STREAM", stream(&journal));
    assert_eq!(service.stderr(journal).status().unwrap().code(), Some(2));
    let log = fs::read_to_string(log).unwrap();
    assert!(log.starts_with("<3>guichet: Cannot read the configuration nowhere.toml"), "{log}");
}

/// A service as systemd runs it, with the service manager's end of sd_notify(3) and the journal in a file. Its secret is
/// handed over; the one beside the configuration is for whoever types commands.
struct Service {
    child: Child,
    manager: UnixDatagram,
    log: PathBuf,
}

impl Service {
    /// Starts it and waits until it is ready.
    fn start(folder: &Path) -> Service {
        let (etc, credentials) = (folder.join("etc"), folder.join("credentials"));
        for folder in [&etc.join("secrets"), &credentials] {
            fs::create_dir_all(folder).unwrap();
        }
        let secret = "password_file = \"secrets/support\"";
        Configuration::new().with_lines("[[mailbox]]", "password", secret).write(&etc);
        fs::write(etc.join("secrets/support"), "x\n").unwrap();
        fs::write(credentials.join("secrets_support"), "x\n").unwrap();
        let (notify, log) = (folder.join("notify"), folder.join("log"));
        let manager = UnixDatagram::bind(&notify).unwrap();
        manager.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let journal = File::create(&log).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        command.args(["serve", "--config", "etc/guichet.toml"]).current_dir(folder).env_remove("GUICHET_LOG");
        command.env("NOTIFY_SOCKET", notify).env("WATCHDOG_USEC", "300000").env_remove("WATCHDOG_PID");
        command.env("JOURNAL_STREAM", stream(&journal)).env("CREDENTIALS_DIRECTORY", credentials);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(journal).spawn().unwrap();
        let service = Service { child, manager, log };
        service.hears("READY=1");
        service
    }

    /// Waits until it tells this among other things.
    fn hears(&self, expected: &str) {
        let mut told = [0; 256];
        loop {
            let length = self.manager.recv(&mut told).unwrap_or_else(|error| panic!("{expected} is not told: {error}"));
            if std::str::from_utf8(&told[..length]).unwrap().lines().any(|line| line == expected) {
                return;
            }
        }
    }

    /// Stops it in order, and returns what it logged.
    fn stop(mut self) -> String {
        let sent = Command::new("/bin/sh").args(["-c", &format!("kill -s TERM {}", self.child.id())]).status().unwrap();
        assert!(sent.success());
        self.hears("STOPPING=1");
        assert!(self.child.wait().unwrap().success());
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What `JOURNAL_STREAM` says where this is the journal.
fn stream(journal: &File) -> String {
    journal.metadata().map(|file| format!("{}:{}", file.dev(), file.ino())).unwrap()
}
