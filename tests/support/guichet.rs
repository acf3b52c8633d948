//! The built program, as an operator runs it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::eventually;

/// `guichet serve` promises to be gone so soon after SIGTERM.
const STOPPED_WITHIN: Duration = Duration::from_secs(10);

/// A running `guichet serve`, with the `guichet.toml` of a folder. Dropped, it is killed.
pub(crate) struct Guichet {
    child: Option<Child>,
    log: PathBuf,
}

impl Guichet {
    /// Starts it and waits until it has said so.
    pub(crate) fn serve(folder: &Path) -> Self {
        let log = folder.join("log");
        let file = File::create(&log).expect("a file can be made in a new temporary folder");
        let child = command(folder, &["serve"]).stdout(Stdio::null()).stderr(file).spawn();
        let guichet = Self { child: Some(child.expect("the built program can be run")), log };
        guichet.await_log("guichet starts");
        guichet
    }

    /// Runs another command of it to its end.
    pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
        command(folder, arguments).output().expect("the built program can be run")
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it has logged this.
    pub(crate) fn await_log(&self, words: &str) {
        eventually(&format!("'{words}' in the log of guichet"), || self.log().contains(words).then_some(()));
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child().id()
    }

    /// Stands still until [`Guichet::resume`], as a machine that is frozen.
    pub(crate) fn pause(&self) {
        signal("STOP", self.child());
    }

    /// Goes on after a pause, as if no time had passed.
    pub(crate) fn resume(&self) {
        signal("CONT", self.child());
    }

    /// Ends it at once (SIGKILL).
    pub(crate) fn kill(mut self) {
        let mut child = self.child.take().expect("a running program is killed once");
        child.kill().expect("a child can be killed");
        child.wait().expect("a child can be waited for");
    }

    fn child(&self) -> &Child {
        self.child.as_ref().expect("the program runs")
    }

    /// Asks it to end with SIGTERM, and tells how it did. Taking longer than promised ends the test.
    pub(crate) fn stop(mut self) -> ExitStatus {
        let mut child = self.child.take().expect("a running program is stopped once");
        signal("TERM", &child);
        let (ended, end) = mpsc::channel();
        thread::spawn(move || ended.send(child.wait()));
        let status = end.recv_timeout(STOPPED_WITHIN).expect("guichet goes on for longer than 10 s after SIGTERM");
        status.expect("a child can be waited for")
    }
}

impl Drop for Guichet {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().ok();
            child.wait().ok();
        }
        if thread::panicking() {
            eprintln!("guichet logged:\n{}", self.log());
        }
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command.env_remove("GUICHET_CONFIG").env_remove("GUICHET_LOG");
    // Whatever the language of whoever runs the tests: the program's is English here.
    command.env("LC_ALL", "C.UTF-8");
    command
}

fn signal(name: &str, child: &Child) {
    let mut sent = Command::new("/bin/sh");
    sent.args(["-c", "kill -s \"$1\" \"$2\"", "kill", name, &child.id().to_string()]);
    assert!(sent.status().expect("/bin/sh can be run").success(), "guichet has ended before it was asked to");
}
