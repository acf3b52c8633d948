//! PostgreSQL: one cluster for all tests of a process, one database for each.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Lines, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

use super::certificates::Certificates;
use super::server::{Server, Start, open_folder, require, run, start_on_free_ports};

const VERSIONS: &str = "/usr/lib/postgresql";
/// The home of Debian's user `postgres`: it tells who may run the server, which refuses to be run by root.
const HOME: &str = "/var/lib/postgresql";
const USER: &str = "guichet";

/// A database of its own for one test. Dropped, the database goes; the cluster goes with the test process.
pub(crate) struct PostgreSql {
    cluster: &'static Cluster,
    database: String,
}

impl PostgreSql {
    /// An empty database, on the cluster that the first call starts.
    pub(crate) fn start() -> Self {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let cluster = CLUSTER.get_or_init(|| Cluster::start(&|_| Vec::new()));
        let database = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        run(cluster.client("createdb").arg(&database));
        Self { cluster, database }
    }

    /// The url of a server that shows a certificate for `localhost`, and the authority that signed it.
    pub(crate) fn with_tls() -> (String, PathBuf) {
        static CLUSTER: OnceLock<(Cluster, PathBuf)> = OnceLock::new();
        let (cluster, authority) = CLUSTER.get_or_init(|| {
            let authority = Mutex::new(PathBuf::new());
            let cluster = Cluster::start(&|folder| {
                let files = Certificates::make(folder);
                let owner = fs::metadata(HOME).expect("Debian's PostgreSQL has /var/lib/postgresql, its own");
                chown(&files.key, Some(owner.uid()), Some(owner.gid())).expect("root may give a file away");
                fs::set_permissions(&files.key, Permissions::from_mode(0o600)).expect("our own file");
                *authority.lock().expect("nobody panics here") = files.authority;
                let (certificate, key) = (files.certificate.display(), files.key.display());
                vec!["ssl=on".to_owned(), format!("ssl_cert_file={certificate}"), format!("ssl_key_file={key}")]
            });
            (cluster, authority.into_inner().expect("nobody panics here"))
        });
        (format!("postgres://{USER}@localhost:{}/postgres", cluster.port), authority.clone())
    }

    /// The url of a server that follows another one, and can only be read.
    pub(crate) fn standby() -> String {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        let cluster = CLUSTER.get_or_init(|| {
            Cluster::start(&|folder| {
                let signal = folder.join("data/standby.signal");
                fs::write(&signal, "").expect("a file can be made in our own folder");
                Vec::new()
            })
        });
        format!("postgres://{USER}@127.0.0.1:{}/postgres", cluster.port)
    }

    /// An empty database in this encoding.
    pub(crate) fn start_in(encoding: &str) -> Self {
        let database = Self::start();
        run(database.cluster.client("dropdb").arg(&database.database));
        let made = ["--template=template0", "--locale=C", &format!("--encoding={encoding}")].map(str::to_owned);
        run(database.cluster.client("createdb").args(made).arg(&database.database));
        database
    }

    /// What SQL does as the superuser.
    pub(crate) fn sql(&self, statements: &str) -> String {
        let mut client = self.cluster.client("psql");
        client.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
        client.args(["--dbname", &self.database]);
        for statement in statements.split(';') {
            client.args(["--command", statement]); // each in a transaction of its own
        }
        let output = client.output().expect("psql runs");
        assert!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// A session that does this and then stays; it ends with the guard.
    pub(crate) fn session(&self, statements: &str) -> Held {
        let mut client = self.cluster.client("psql");
        client.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname", &self.database]);
        let mut psql = client.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("psql runs");
        let lines = BufReader::new(psql.stdout.take().expect("its output is ours")).lines();
        let mut held = Held { psql, lines };
        held.ask(statements);
        held
    }

    /// The same database as this role.
    pub(crate) fn url_as(&self, role: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{}", self.cluster.port, self.database)
    }

    /// What the database is called.
    pub(crate) fn name(&self) -> &str {
        &self.database
    }

    /// `127.0.0.1:port`.
    pub(crate) fn server(&self) -> String {
        format!("127.0.0.1:{}", self.cluster.port)
    }

    /// Where the database is, as `store.url` names it.
    pub(crate) fn url(&self) -> String {
        self.url_by(self.port())
    }

    /// The same by another port that leads there.
    pub(crate) fn url_by(&self, port: u16) -> String {
        format!("postgres://{USER}@127.0.0.1:{port}/{}", self.database)
    }

    pub(crate) fn port(&self) -> u16 {
        self.cluster.port
    }

    /// The rows of a query, a line each; its first column.
    pub(crate) fn ask(&self, query: &str) -> Vec<String> {
        let mut psql = self.cluster.client("psql");
        let output = psql.args(["--no-align", "--tuples-only", "--command", query, &self.database]).output();
        let output = output.expect("psql can be run");
        assert!(output.status.success(), "{query}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }
}

/// A session of `psql` that stays.
pub(crate) struct Held {
    psql: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Held {
    /// The last line of what it says to this.
    pub(crate) fn ask(&mut self, statements: &str) -> String {
        let input = self.psql.stdin.as_mut().expect("its input is ours");
        writeln!(input, "{statements};\n\\echo done").expect("psql reads");
        let mut last = String::new();
        loop {
            match self.lines.next().and_then(Result::ok) {
                Some(line) if line == "done" => return last,
                Some(line) => last = line,
                None => panic!("psql ended before {statements}"),
            }
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.psql.kill().ok();
        self.psql.wait().ok();
    }
}

impl Drop for PostgreSql {
    fn drop(&mut self) {
        // A test that leaves connections open must not fail for that: the cluster goes anyway.
        self.cluster.client("dropdb").arg("--force").arg(&self.database).output().ok();
    }
}

struct Cluster {
    _server: Server,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// A new cluster; `prepare` may change its folder, and says what is set besides.
    fn start(prepare: &dyn Fn(&Path) -> Vec<String>) -> Self {
        let programs = programs();
        require("PostgreSQL", &programs.join("initdb"));
        start_on_free_ports(|[port]| {
            let folder = open_folder();
            let owner = fs::metadata(HOME).expect("Debian's PostgreSQL has /var/lib/postgresql, its own");
            chown(folder.path(), Some(owner.uid()), Some(owner.gid())).expect("root may give a folder away");
            let as_owner = [
                "setpriv".to_owned(),
                format!("--reuid={}", owner.uid()),
                format!("--regid={}", owner.gid()),
                "--clear-groups".to_owned(),
            ];
            initialise(&as_owner, &programs, folder.path());
            turn_some_away(&folder.path().join("data/pg_hba.conf"));
            let besides = prepare(folder.path());

            let mut command = as_owner.to_vec();
            command.push(programs.join("postgres").display().to_string());
            command.extend(["-D", "data", "-p", &port.to_string()].map(str::to_owned));
            for setting in [
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "max_connections=200",
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ] {
                command.extend(["-c".to_owned(), setting.to_owned()]);
            }
            for setting in besides {
                command.extend(["-c".to_owned(), setting]);
            }
            let start = Start {
                name: "PostgreSQL",
                command: &command.iter().map(String::as_str).collect::<Vec<_>>(),
                end_signal: "QUIT", // at once; after a KILL its shared memory would stay
                folder: folder.path(),
                log: None,
            };
            let server = Server::start(&start, || is_ready(&programs, port))?;
            drop(folder.keep()); // the cluster lives as long as the process, and its guard removes the folder then
            Ok(Self { _server: server, programs: programs.clone(), port })
        })
    }

    fn client(&self, program: &str) -> Command {
        client(&self.programs, program, self.port)
    }
}

/// Where Debian keeps the programs of the newest version that is installed.
fn programs() -> PathBuf {
    let versions = Path::new(VERSIONS).read_dir().into_iter().flatten().flatten();
    let newest = versions.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).max().unwrap_or(15);
    Path::new(VERSIONS).join(newest.to_string()).join("bin")
}

fn initialise(as_owner: &[String], programs: &Path, folder: &Path) {
    let mut command = Command::new(&as_owner[0]);
    command.args(&as_owner[1..]).arg(programs.join("initdb"));
    command.args(["--pgdata=data", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]);
    run(command.arg(format!("--username={USER}")).current_dir(folder));
}

/// Everybody is trusted, save some roles: one needs its password, one TLS, one is not let in.
fn turn_some_away(file: &Path) {
    let rules = fs::read_to_string(file).expect("initdb has written who is let in");
    let exceptions = "host all needs_password all scram-sha-256\nhostssl all needs_tls all trust\n\
                      host all needs_tls all reject\nhost all not_let_in all reject\n";
    fs::write(file, format!("{exceptions}{rules}")).expect("the file is in our own folder");
}

fn is_ready(programs: &Path, port: u16) -> bool {
    client(programs, "pg_isready", port).output().is_ok_and(|output| output.status.success())
}

fn client(programs: &Path, program: &str, port: u16) -> Command {
    let mut command = Command::new(programs.join(program));
    command.args(["--host=127.0.0.1", &format!("--port={port}"), &format!("--username={USER}")]);
    command
}
