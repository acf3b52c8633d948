//! `guichet init`, as operators use it: by options, by lines on stdin, at a terminal.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

const ENOUGH: [&str; 4] = ["--address", "aide@bureau.test", "--agent", "Aline Roy <aline@bureau.test>"];

/// What `init` asks where it is told nothing, one answer each, up to the password.
const ANSWERS: &str = "aide@bureau.test\nown\nfr en\nCentre d'aide\n127.0.0.1:1\naide\ntrès secret\n";

fn guichet(folder: &Path, arguments: &[&str], answers: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
    command.args(arguments).current_dir(folder).env("LC_ALL", "C.UTF-8");
    run(command, answers)
}

fn run(mut command: Command, answers: &str) -> Output {
    for variable in ["GUICHET_CONFIG", "GUICHET_LOG", "STATE_DIRECTORY", "CREDENTIALS_DIRECTORY"] {
        command.env_remove(variable);
    }
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may have ended before it reads all of them.
    let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
    child.wait_with_output().unwrap()
}

fn init(folder: &Path, arguments: &[&str], answers: &str) -> Output {
    guichet(folder, &[&["init"][..], arguments].concat(), answers)
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn address_and_agent_are_enough_and_what_is_written_is_accepted_once_the_password_is_there() {
    let folder = folder();
    let output = init(folder.path(), &ENOUGH, "");
    assert_eq!(status(&output), 0, "{}", told(&output));
    assert_eq!(names(folder.path()), ["guichet.toml", "known-fixes", "secrets"]);
    assert!(told(&output).contains("Write the password on the first line of ./secrets/support"), "{}", told(&output));
    let secret = folder.path().join("secrets/support");
    assert_eq!((mode(&secret), mode(&folder.path().join("secrets"))), (0o600, 0o700));

    let refused = guichet(folder.path(), &["fix", "list"], "");
    assert_eq!(status(&refused), 2);
    assert!(told(&refused).contains("support, which is empty"), "{}", told(&refused));
    fs::write(secret, "secret\n").unwrap();
    let accepted = guichet(folder.path(), &["fix", "list", "--json"], "");
    assert_eq!(status(&accepted), 0, "{}", told(&accepted));
}

#[test]
fn the_answers_may_stand_on_stdin_one_a_line() {
    let folder = folder();
    let rest =
        "127.0.0.1:25\naucun\nnone\nAline Roy <aline@bureau.test>\nDenis Caron <denis@bureau.test> L2\n\nstate\nno\n";
    let output = init(folder.path(), &[], &format!("{ANSWERS}{rest}"));
    assert_eq!(status(&output), 0, "{}", told(&output));
    let written = read(folder.path().join("guichet.toml"));
    for line in [
        "display_name = \"Centre d'aide\"",
        "languages = [\"fr\", \"en\"]",
        "url = \"sqlite:state/guichet.db\"",
        "port = 1\ntls = \"none\"",
        "user = \"aide\"\npassword_file = \"secrets/support\"",
        "host = \"127.0.0.1\"\nport = 25\ntls = \"none\"",
        "\nauthentication = \"dns\"",
        "address = \"denis@bureau.test\"\nname = \"Denis Caron\"\nlevel = \"L2\"",
    ] {
        assert!(written.contains(line), "{line}\n{written}");
    }
    assert!(written.contains("#user = \"\""), "the relay asks for no login\n{written}");
    assert_eq!(read(folder.path().join("secrets/support")), "très secret\n");
    assert!(!told(&output).contains("très secret"));
    let accepted = guichet(folder.path(), &["fix", "list", "--json"], "");
    assert_eq!(status(&accepted), 0, "{}", told(&accepted));
}

#[test]
fn a_password_file_is_named_from_where_init_is_typed() {
    let folder = folder();
    fs::write(folder.path().join("secret"), "tr\u{e8}s secret\n").unwrap();
    let output =
        init(folder.path(), &[&ENOUGH[..], &["--yes", "--dir", "desk", "--password-file", "secret"]].concat(), "");
    assert_eq!(status(&output), 0, "{}", told(&output));
    let accepted = guichet(folder.path(), &["--config", "desk/guichet.toml", "fix", "list", "--json"], "");
    assert_eq!(status(&accepted), 0, "{}", told(&accepted));
}

#[test]
fn what_cannot_be_is_asked_again_with_the_reason() {
    let folder = folder();
    let answers = "aide\naide@bureau.test\ngoggle\nown\nfr xx\nfr,en\n\nhttps://mail\nmail.bureau.test:143\n\n\n\n\nmx one\nmx.bureau.test\n                   \nAline\naide@bureau.test\nDenis <denis@bureau.test> L2\n\nAline <aline@bureau.test>\ndenis@bureau.test\n\nmysql://x\nstate/guichet.db\n\n";
    let output = init(folder.path(), &[], answers);
    assert_eq!(status(&output), 0, "{}", told(&output));
    let told = told(&output);
    for reason in [
        "\"aide\" is no mail address: write it like support@example.com",
        "Write one of own, google, microsoft365, exchange, ovh, infomaniak.",
        "\"xx\" has no letters here: write fr, en, or both",
        "\"https://mail\" is no server: write its name",
        "Write the name alone, such as mx.example.com.",
        "\"Aline\" is nobody with an address: write one person",
        "aide@bureau.test is the desk's own address",
        "Somebody at L1 is needed",
        "denis@bureau.test is named already.",
        "\"mysql://x\" is no folder",
        "\"state/guichet.db\" is no folder",
    ] {
        assert!(told.contains(reason), "{reason}\n{told}");
    }
    let written = read(folder.path().join("guichet.toml"));
    assert!(written.contains("port = 143\ntls = \"starttls\"") && written.contains("authserv_id = \"mx.bureau.test\""));
}

#[test]
fn answers_that_end_too_early_name_what_is_missing_and_leave_nothing() {
    for (options, answers, missing) in [
        (&[][..], "", "there is no answer to --address, --agent. Give it"),
        (&[], "aide@bureau.test\n", "there is no answer to --agent. Give it"),
        (&["--yes", "--agent", "aline@bureau.test"], "aide@bureau.test\n", "there is no answer to --address. Give it"),
    ] {
        let folder = folder();
        let output = init(folder.path(), options, answers);
        assert_eq!(status(&output), 2);
        assert!(told(&output).contains(missing), "{missing}: {}", told(&output));
        assert!(names(folder.path()).is_empty());
    }
}

#[test]
fn an_option_that_cannot_be_is_wrong_usage_with_the_reason() {
    for (option, value, why) in [
        ("--address", "aide", "is no mail address"),
        ("--languages", "de", "has no letters here"),
        ("--agent", "Aline", "is nobody with an address"),
        ("--agent", "denis@bureau.test L2", "Somebody at L1 is needed"),
        ("--imap-host", "imaps://mail", "is no server"),
        ("--smtp-host", "mail:x", "is no server"),
        ("--store", "postgres://guichet:geheim@db.test/x", "no place for a password"),
    ] {
        let folder = folder();
        let others: Vec<&str> = ENOUGH.chunks(2).filter(|pair| pair[0] != option).flatten().copied().collect();
        let output = init(folder.path(), &[&["--yes", option, value], &others[..]].concat(), "");
        assert_eq!(status(&output), 2, "{option} {value}");
        assert!(told(&output).contains(&format!("{option}: ")) && told(&output).contains(why), "{}", told(&output));
        assert!(!told(&output).contains("geheim"));
        assert!(names(folder.path()).is_empty(), "{option}");
    }
}

#[test]
fn each_preset_writes_without_a_question_what_its_servers_are_and_the_program_reads_it() {
    let by_application = ["--tenant", "bureau.onmicrosoft.com", "--client-id", "2f1f5a1c-0000-4000-8000-000000000000"];
    for (preset, more, lines) in [
        ("own", &[][..], &["host = \"mail.bureau.test\"\n#port = 993\ntls = \"implicit\"", "#letters_per_minute"][..]),
        ("google", &[], &["authserv_id = \"mx.google.com\"", "#flow = \"service_account\"", "letters_per_minute = 60"]),
        (
            "microsoft365",
            &by_application,
            &[
                "host = \"outlook.office365.com\"",
                "[mailbox.oauth2]\nflow = \"client_credentials\"\ntenant = \"bureau.onmicrosoft.com\"\nclient_id = \"2f1f5a1c-",
                "client_secret_file = \"secrets/support\"",
                "host = \"smtp.office365.com\"\nport = 587\ntls = \"starttls\"\nuser = \"aide@bureau.test\"\noauth2 = \"support\"",
                "authentication = \"exchange\"",
                "\nletters_per_minute = 30",
            ],
        ),
        (
            "exchange",
            &["--imap-host", "ex.bureau.test"],
            &[
                "host = \"ex.bureau.test\"\nport = 587\ntls = \"starttls\"",
                "= \"exchange\"",
                "\nletters_per_minute = 5",
            ],
        ),
        (
            "ovh",
            &[],
            &["host = \"smtp.mail.ovh.net\"\n#port = 465", "= \"dns\"", "\nletters_per_minute = 3", "providers/ovh.md"],
        ),
        ("infomaniak", &[], &["host = \"mail.infomaniak.com\"\n#port = 465", "= \"dns\"", "\nletters_per_minute = 20"]),
    ] {
        let folder = folder();
        let output = init(folder.path(), &[&ENOUGH[..], &["--yes", "--preset", preset], more].concat(), "");
        assert_eq!(status(&output), 0, "{preset}: {}", told(&output));
        let written = read(folder.path().join("guichet.toml"));
        for line in lines {
            assert!(written.contains(line), "{preset}: {line}\n{written}");
        }
        fs::write(folder.path().join("secrets/support"), "secret\n").unwrap();
        fs::write(folder.path().join("request.eml"), "From: a@client.test\nTo: aide@bureau.test\nSubject: x\n\nx\n")
            .unwrap();
        let accepted = guichet(folder.path(), &["inspect", "--config", "guichet.toml", "request.eml"], "");
        assert_eq!(status(&accepted), 0, "{preset}: {}", told(&accepted));
    }
}

#[test]
fn the_secret_of_an_application_is_asked_or_stands_in_a_file_and_the_other_options_are_not_for_it() {
    let preset = ["--preset", "microsoft365", "--client-id", "2f1f5a1c"];
    let given = folder();
    fs::write(given.path().join("secret"), "the value\n").unwrap();
    let output = init(
        given.path(),
        &[&ENOUGH[..], &preset, &["--yes", "--client-secret-file", "secret", "--smtp-user", "sends@bureau.test"]]
            .concat(),
        "",
    );
    assert_eq!(status(&output), 0, "{}", told(&output));
    assert_eq!(names(given.path()), ["guichet.toml", "known-fixes", "secret"]);
    let written = read(given.path().join("guichet.toml"));
    assert!(
        written.contains("tenant = \"bureau.test\"") && written.contains("user = \"sends@bureau.test\"\noauth2"),
        "{written}"
    );

    let asked = folder();
    let output = init(asked.path(), &[&ENOUGH[..], &preset].concat(), "\n\n\n\n\nthe value\n\n");
    assert_eq!(status(&output), 0, "{}", told(&output));
    assert_eq!(read(asked.path().join("secrets/support")), "the value\n");
    assert_eq!(mode(&asked.path().join("secrets/support")), 0o600);
    assert!(!told(&output).contains("the value"));

    for (options, why) in [
        (&["--preset", "microsoft365"][..], "there is no answer to --client-id"),
        (&["--preset", "microsoft365", "--client-id", "a b"], "--client-id: \"a b\" is no id"),
        (
            &["--preset", "microsoft365", "--client-id", "x", "--password-file", "x"],
            "--password-file is not for microsoft365",
        ),
        (&["--preset", "ovh", "--tenant", "x"], "--tenant is not for ovh, which signs in by --password-file"),
    ] {
        let folder = folder();
        let output = init(folder.path(), &[&ENOUGH[..], &["--yes"], options].concat(), "");
        assert_eq!(status(&output), 2, "{options:?}");
        assert!(told(&output).contains(why), "{why}: {}", told(&output));
        assert!(names(folder.path()).is_empty());
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told_before_anything_is_asked() {
    let folder = folder();
    fs::write(folder.path().join("file"), "").unwrap();
    let output = init(folder.path(), &["--dir", "file/below"], ANSWERS);
    assert_eq!(status(&output), 2);
    assert!(told(&output).starts_with("guichet: Nothing can be written into file/below: "), "{}", told(&output));
    assert!(told(&output).contains("Run it as root, or name another folder by --dir."), "{}", told(&output));
    assert_eq!(names(folder.path()), ["file"]);
}

#[test]
fn languages_are_taken_as_the_hint_writes_them() {
    for (written, expected) in [("fr en", "[\"fr\", \"en\"]"), ("en,fr", "[\"en\", \"fr\"]"), ("fr", "[\"fr\"]")] {
        let folder = folder();
        let output = init(folder.path(), &[&["--yes", "--languages", written], &ENOUGH[..]].concat(), "");
        assert_eq!(status(&output), 0, "{}", told(&output));
        assert!(read(folder.path().join("guichet.toml")).contains(&format!("languages = {expected}")));
    }
}

#[test]
fn no_example_is_offered_to_requesters_before_it_is_read() {
    let folder = folder();
    init(folder.path(), &[&["--yes", "--languages", "fr"], &ENOUGH[..]].concat(), "");
    let articles = folder.path().join("known-fixes");
    assert!(names(&articles).len() >= 20);
    for name in names(&articles) {
        let article = read(articles.join(&name));
        assert!(
            article.contains("\nlanguage = \"fr\"\n") && article.contains("\nanswer = \"never\""),
            "{name}: {article}"
        );
    }
    assert_eq!(status(&guichet(folder.path(), &["fix", "check", "--fixes", "known-fixes"], "")), 0);
    let listed = guichet(folder.path(), &["fix", "list", "--json", "--fixes", "known-fixes"], "");
    assert!(String::from_utf8_lossy(&listed.stdout).contains("\"never\""), "{}", told(&listed));
}

#[test]
fn nothing_is_ever_overwritten() {
    let folder = folder();
    for kept in ["guichet.toml", "secrets/support", "known-fixes/wifi.md"] {
        let file = folder.path().join(kept);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "mine").unwrap();
    }
    let output = init(folder.path(), &[&["--yes"], &ENOUGH[..]].concat(), "");
    assert_eq!(status(&output), 1);
    assert!(told(&output).contains("exists already; nothing was written"));
    assert_eq!(names(&folder.path().join("known-fixes")), ["wifi.md"]);

    fs::remove_file(folder.path().join("guichet.toml")).unwrap();
    let output = init(folder.path(), &[&["--yes"], &ENOUGH[..]].concat(), "");
    assert_eq!(status(&output), 0, "{}", told(&output));
    assert!(told(&output).contains("wifi.md exists already; it stays as it is"));
    for kept in ["secrets/support", "known-fixes/wifi.md"] {
        assert_eq!(read(folder.path().join(kept)), "mine");
    }
}

#[test]
fn state_lies_where_the_service_manager_says() {
    let folder = folder();
    let state = folder.path().join("state");
    let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
    command.args(["init", "--yes", "--dir", "etc"]).args(ENOUGH).current_dir(folder.path());
    for variable in ["GUICHET_CONFIG", "GUICHET_LOG"] {
        command.env_remove(variable);
    }
    let output = command.env("STATE_DIRECTORY", &state).stdin(Stdio::null()).output().unwrap();
    assert_eq!(status(&output), 0, "{}", told(&output));
    assert_eq!(names(&folder.path().join("etc")), ["guichet.toml", "secrets"]);
    assert_eq!(names(&state), ["known-fixes"]);
    let written = read(folder.path().join("etc/guichet.toml"));
    assert!(written.contains(&format!("url = \"sqlite:{}/guichet.db\"", state.display())), "{written}");
}

#[test]
fn at_the_end_it_checks_where_that_is_wanted() {
    let folder = folder();
    fs::create_dir(folder.path().join("secrets")).unwrap();
    fs::write(folder.path().join("secrets/support"), "x\n").unwrap();
    let nowhere = ["--imap-host", "127.0.0.1:1", "--smtp-host", "127.0.0.1:1", "--smtp-user", "none"];
    let output = init(folder.path(), &[&ENOUGH[..], &nowhere].concat(), "\n\n\n\n\n\n\nyes\n");
    assert_eq!(status(&output), 1, "nobody is at port 1: {}", told(&output));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("wrote ./guichet.toml") && stdout.contains("mailbox support"), "{stdout}");
}

#[test]
fn it_speaks_french_to_whoever_reads_french() {
    let folder = folder();
    let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
    command.arg("init").current_dir(folder.path()).env("LC_ALL", "fr_CA.UTF-8");
    let output = run(command, "aide\naide@bureau.test\n\n\n\n\n\n\n\n\n\nAline <aline@bureau.test>\n");
    assert_eq!(status(&output), 0, "{}", told(&output));
    for words in ["À quelle adresse les gens écrivent-ils?", "n’est pas une adresse de courriel", "Ensuite\u{a0}:"]
    {
        assert!(told(&output).contains(words), "{words}\n{}", told(&output));
    }
    assert!(String::from_utf8(output.stdout).unwrap().contains("écrit\u{a0}: ./guichet.toml"));
}

#[test]
fn at_a_terminal_the_server_that_is_there_is_known_and_the_password_is_not_shown() {
    let folder = folder();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let mut terminal = Terminal::open(
        folder.path(),
        "init --preset microsoft365 --client-id 2f1f5a1c --address aide@localhost --agent aline@bureau.test --smtp-user none",
    );
    terminal.answer("Which languages", "fr");
    terminal.answer("What do letters call", "");
    terminal.answer("Which IMAP server", &format!("127.0.0.1:{port}"));
    terminal.answer("Which tenant", "");
    terminal.answer("which login does it open", "aide");
    terminal.await_question("The client secret's value");
    terminal.await_silence();
    terminal.answer("The client secret's value", "motdepasse");
    terminal.answer("Which SMTP server", "127.0.0.1:1");
    terminal.answer("Where are tickets kept", "");
    terminal.answer("Try all of it now?", "no");
    let (status, shown) = terminal.end();
    assert!(status, "{shown}");
    assert!(!shown.contains("motdepasse"), "{shown}");
    assert!(shown.contains("Nobody answers at 127.0.0.1, port 1: "), "{shown}");
    assert!(!shown.contains(&format!("Nobody answers at 127.0.0.1, port {port}")), "{shown}");
    assert_eq!(read(folder.path().join("secrets/support")), "motdepasse\n");
}

/// A terminal with the command on it; `script` (bsdutils, which every Debian has) makes it.
struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: ChildStdout,
    shown: Vec<u8>,
}

impl Terminal {
    fn open(folder: &Path, arguments: &str) -> Terminal {
        let typed = format!("tty && exec {} {arguments}", env!("CARGO_BIN_EXE_guichet"));
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--command", &typed, "/dev/null"]).current_dir(folder);
        command.env("LC_ALL", "C.UTF-8").env("TERM", "dumb").env_remove("STATE_DIRECTORY");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (keys, screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Terminal { child, keys, screen, shown: Vec::new() }
    }

    /// Types an answer to a question.
    fn answer(&mut self, question: &str, answer: &str) {
        self.await_question(question);
        writeln!(self.keys, "{answer}").unwrap();
    }

    /// Waits until the question stands on the screen and the cursor behind it.
    fn await_question(&mut self, question: &str) {
        let mut piece = [0; 1024];
        while !self.screen().contains(question) || !self.screen().ends_with(' ') {
            let length = self.screen.read(&mut piece).unwrap();
            assert!(length > 0, "{question} is not asked: {}", self.screen());
            self.shown.extend(&piece[..length]);
        }
    }

    /// Waits until the terminal does not show what is typed.
    fn await_silence(&self) {
        let screen = self.screen();
        let name = screen.lines().next().unwrap();
        crate::support::eventually("a terminal without echo", || {
            let settings = Command::new("stty").args(["-F", name, "-a"]).output().unwrap();
            String::from_utf8_lossy(&settings.stdout).contains("-echo ").then_some(())
        });
    }

    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }

    /// Whether it ended well, and all that was shown.
    fn end(mut self) -> (bool, String) {
        self.screen.read_to_end(&mut self.shown).unwrap();
        (self.child.wait().unwrap().success(), self.screen())
    }
}
