//! The built command, from outside.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the command in a folder, without a terminal and with nothing of the caller's environment that it reads.
fn guichet(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("GUICHET_CONFIG")
        .env_remove("GUICHET_LOG")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

const INIT: [&str; 7] =
    ["init", "--preset", "own", "--address", "aide@bureau.test", "--agent", "Aline Roy <aline@bureau.test>"];

#[test]
fn help_and_version_are_answers() {
    let folder = folder();
    for (argument, expected) in [("--help", "Examples:"), ("--version", env!("CARGO_PKG_VERSION"))] {
        let output = guichet(folder.path(), &[argument]);
        assert_eq!((status(&output), text(&output.stderr)), (0, String::new()));
        assert!(text(&output.stdout).contains(expected));
    }
}

#[test]
fn wrong_usage_is_one_message_and_status_2() {
    let folder = folder();
    for arguments in
        [&["tikcet"][..], &["fix", "match"], &["fix", "list", "--colour"], &["init", "--agent", "nobody"], &[]]
    {
        let output = guichet(folder.path(), arguments);
        assert_eq!((status(&output), text(&output.stdout)), (2, String::new()), "{arguments:?}");
        let message = text(&output.stderr);
        assert!(!message.is_empty() && !message.contains("panicked"), "{message}");
    }
}

#[test]
fn without_a_configuration_it_says_how_to_get_one() {
    let folder = folder();
    let output = guichet(folder.path(), &["fix", "list"]);
    assert_eq!(status(&output), 2);
    assert!(text(&output.stderr).contains("guichet init"));
}

#[test]
fn a_faulty_configuration_tells_all_faults_and_status_2() {
    let folder = folder();
    fs::write(folder.path().join("bad.toml"), "[store]\nurl = 3\n[smtp]\nhots = \"x\"\n").unwrap();
    let output = guichet(folder.path(), &["--config", "bad.toml", "fix", "list"]);
    assert_eq!(status(&output), 2);
    let message = text(&output.stderr);
    for part in
        ["bad.toml: ", "line 2, [store]: url is a whole number", "Did you mean \"host\"?", "there is no [[desk]]"]
    {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn init_writes_a_configuration_that_the_other_commands_accept() {
    let folder = folder();
    let output = guichet(folder.path(), &INIT);
    assert_eq!(status(&output), 0, "{}", text(&output.stderr));
    let output = guichet(folder.path(), &["fix", "list"]);
    assert_eq!(status(&output), 2);
    assert!(text(&output.stderr).contains("password_file names"), "the password is still to be written");
    fs::write(folder.path().join("password"), "secret\n").unwrap();
    let output = guichet(folder.path(), &["fix", "list", "--json"]);
    assert_eq!(status(&output), 0, "{}", text(&output.stderr));
}

#[test]
fn init_never_overwrites() {
    let folder = folder();
    fs::write(folder.path().join("guichet.toml"), "mine").unwrap();
    let output = guichet(folder.path(), &INIT);
    assert_eq!(status(&output), 1);
    assert!(text(&output.stderr).contains("exists already"));
    assert_eq!(fs::read_to_string(folder.path().join("guichet.toml")).unwrap(), "mine");
}

#[test]
fn init_without_a_terminal_names_what_it_was_not_told() {
    let folder = folder();
    let output = guichet(folder.path(), &["init"]);
    assert_eq!(status(&output), 2);
    assert!(text(&output.stderr).contains("--address, --preset, --agent"), "{}", text(&output.stderr));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn nobody_reading_the_answer_is_no_panic() {
    let folder = folder();
    let fixes = folder.path().join("fixes");
    fs::create_dir(&fixes).unwrap();
    for number in 0..2000 {
        let article = format!(
            "+++\nid = \"fix-{number}\"\ntitle = \"Titre {number}\"\nlanguage = \"fr\"\nsymptoms = [\"un\"]\nanswer = \"suggest\"\n+++\ntexte\n"
        );
        fs::write(fixes.join(format!("{number}.md")), article).unwrap();
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(["fix", "list", "--fixes", "fixes"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((status(&output), text(&output.stderr)), (0, String::new()));
}
