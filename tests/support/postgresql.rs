//! PostgreSQL: one cluster for all tests of a process, one database for each.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

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
        let cluster = CLUSTER.get_or_init(Cluster::start);
        let database = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        run(cluster.client("createdb").arg(&database));
        Self { cluster, database }
    }

    /// Where the database is, as `store.url` names it.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{}", self.cluster.port, self.database)
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
    fn start() -> Self {
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

fn is_ready(programs: &Path, port: u16) -> bool {
    client(programs, "pg_isready", port).output().is_ok_and(|output| output.status.success())
}

fn client(programs: &Path, program: &str, port: u16) -> Command {
    let mut command = Command::new(programs.join(program));
    command.args(["--host=127.0.0.1", &format!("--port={port}"), &format!("--username={USER}")]);
    command
}
