//! One server process: started, waited for, stopped, whatever becomes of the test.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Runs `$3…` until the guard's standard input names a signal, or ends: then the signal is `$2`, and the folder `$1` is
/// removed. As the input ends with the test process however that ends (even by SIGKILL), no server outlives its test.
const GUARD: &str = r#"
folder=$1 signal=$2; shift 2
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
(
    if ! read -r said <&3; then said=$signal; : > "$folder/abandoned"; fi
    kill -s "$said" "$server"
    sleep 8
    kill -s KILL "$server"
) 2>/dev/null &
wait "$server"
status=$?
trap '' TERM
kill -s TERM 0 # what the server left behind: all of it is in our process group,
# or has a root in our folder.
for root in $(find /proc/[0-9]*/root -maxdepth 0 -lname "$folder/*"); do
    process=${root#/proc/}
    kill -s KILL "${process%/root}"
done 2>/dev/null
[ ! -e "$folder/abandoned" ] || rm -rf "$folder"
exit $status
"#;

const READY_WITHIN: Duration = Duration::from_secs(60);
const STOPPED_WITHIN: Duration = Duration::from_secs(10);

/// What to run, and how to know it.
pub(super) struct Start<'a> {
    /// As it stands in error messages.
    pub(super) name: &'static str,
    /// The program and its arguments; it stays in the foreground.
    pub(super) command: &'a [&'a str],
    /// The signal that ends it for good, quickly: nothing of it is kept.
    pub(super) end_signal: &'static str,
    /// Where everything of it lies; removed when it stops.
    pub(super) folder: &'a Path,
    /// Its own log, shown when it does not start; its output goes to `output` in the folder.
    pub(super) log: Option<PathBuf>,
}

/// A running server. Dropped, it is stopped, and its end waited for.
pub(super) struct Server {
    guard: Child,
}

impl Server {
    /// Starts a server and waits until `is_ready` says yes.
    ///
    /// # Errors
    /// The server ended, or did not become ready in time: a sentence with what it logged.
    pub(super) fn start(start: &Start<'_>, is_ready: impl Fn() -> bool) -> Result<Self, String> {
        let output = start.folder.join("output");
        let mut server = Self { guard: spawn_guard(start, &output) };
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            let ended = server.guard.try_wait().expect("a child can be asked for its state");
            if let Some(status) = ended {
                return Err(failure(start, &output, &format!("ended at once ({status})")));
            }
            if is_ready() {
                return Ok(server);
            }
            if Instant::now() > deadline {
                return Err(failure(start, &output, "did not get ready in time"));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// How the processes of this server call themselves.
    pub(super) fn titles(&self) -> Vec<String> {
        let processes = fs::read_dir("/proc").expect("/proc is mounted").filter_map(Result::ok);
        let of_server = processes.map(|entry| entry.path()).filter(|process| group(process) == Some(self.guard.id()));
        let titles = of_server.filter_map(|process| fs::read(process.join("cmdline")).ok());
        titles.map(|title| String::from_utf8_lossy(&title).replace('\0', " ")).collect()
    }

    /// Stops the server in order and leaves its folder as it is, to be started again.
    pub(super) fn stop_and_keep_folder(mut self) {
        if let Some(mut input) = self.guard.stdin.take() {
            input.write_all(b"TERM\n").expect("the guard of a server reads its input");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let deadline = Instant::now() + STOPPED_WITHIN;
        while let Ok(None) = self.guard.try_wait() {
            if Instant::now() > deadline {
                self.guard.kill().ok();
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The process group: the third field behind the name, which stands in parentheses and may hold anything (proc(5)).
fn group(process: &Path) -> Option<u32> {
    let state = fs::read_to_string(process.join("stat")).ok()?;
    state.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok()
}

fn spawn_guard(start: &Start<'_>, output: &Path) -> Child {
    let output = File::create(output).expect("a file can be made in a new temporary folder");
    let errors = output.try_clone().expect("a file handle can be doubled");
    Command::new("/bin/sh")
        .args(["-c", GUARD, "guard"])
        .arg(start.folder)
        .arg(start.end_signal)
        .args(start.command)
        .current_dir(start.folder)
        .stdin(Stdio::piped())
        .stdout(output)
        .stderr(errors)
        .process_group(0) // an interrupt from the keyboard ends the test, and the end of the test ends the server
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run /bin/sh for {}: {error}", start.name))
}

fn failure(start: &Start<'_>, output: &Path, what: &str) -> String {
    let said: Vec<String> = [Some(output), start.log.as_deref()]
        .into_iter()
        .flatten()
        .filter_map(|file| fs::read_to_string(file).ok())
        .filter(|text| !text.trim().is_empty())
        .collect();
    format!("{} {what}; it said:\n{}", start.name, said.join("\n"))
}

/// Ends the test with a clear sentence unless `program` is there and this process may start it.
pub(super) fn require(name: &str, program: &Path) {
    assert!(
        program.exists(),
        "{name} is not installed ({} is missing): run tests/run as root, it installs what the tests need",
        program.display()
    );
    let own = fs::metadata("/proc/self").expect("/proc is mounted");
    assert!(own.uid() == 0, "{name} can only be started by root here: run tests/run as root");
}

/// A new temporary folder that other users of the machine may pass through, as servers change their user.
pub(super) fn open_folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("guichet-test-").tempdir().expect("a temporary folder can be made");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("our own folder can be opened");
    folder
}

/// Free ports on loopback. Another process may take one of them before the server does: see [`start_on_free_ports`].
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port on loopback"));
    listeners.map(|listener| listener.local_addr().expect("a listener has an address").port())
}

/// What `start` makes of `N` free ports; tried again with others when somebody else was quicker.
pub(super) fn start_on_free_ports<T, const N: usize>(start: impl Fn([u16; N]) -> Result<T, String>) -> T {
    let mut last_error = String::new();
    for _ in 0..3 {
        match start(free_ports()) {
            Ok(started) => return started,
            Err(error) => last_error = error,
        }
    }
    panic!("{last_error}")
}

/// Runs a program to its end; the test ends with what it said unless it succeeds.
pub(super) fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed ({}): {}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
