//! PgBouncer before a database of [`PostgreSql`].

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use super::postgresql::PostgreSql;
use super::server::{Server, Start, open_folder, require, start_on_free_ports};

const PROGRAM: &str = "/usr/sbin/pgbouncer";
/// Whose user it runs as: it refuses to be run by root.
const HOME: &str = "/var/lib/postgresql";

/// A pooler. Dropped, it is stopped.
pub(crate) struct PgBouncer {
    _server: Server,
    port: u16,
    url: String,
}

impl PgBouncer {
    /// A pooler before this database, with these lines of `pgbouncer.ini`.
    pub(crate) fn start(database: &PostgreSql, settings: &str) -> Self {
        require("PgBouncer", Path::new(PROGRAM));
        let url = database.url();
        let (_, place) = url.split_once('@').expect("the url names a user");
        let (server, name) = place.split_once('/').expect("the url names a database");
        let (host, server_port) = server.split_once(':').expect("the url names a port");
        start_on_free_ports(|[port]| {
            let folder = open_folder();
            let owner = fs::metadata(HOME).expect("Debian's PostgreSQL has /var/lib/postgresql, its own");
            let file = folder.path().join("pgbouncer.ini");
            let text = format!(
                "[databases]\n{name} = host={host} port={server_port} user=guichet dbname={name}\n[pgbouncer]\n\
                 listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n{settings}\n"
            );
            fs::write(&file, text).expect("a file can be written in a new temporary folder");
            chown(folder.path(), Some(owner.uid()), Some(owner.gid())).expect("root may give a folder away");
            let uid = format!("--reuid={}", owner.uid());
            let gid = format!("--regid={}", owner.gid());
            let command = ["setpriv", &uid, &gid, "--clear-groups", PROGRAM, "pgbouncer.ini"];
            let start =
                Start { name: "PgBouncer", command: &command, end_signal: "TERM", folder: folder.path(), log: None };
            let server = Server::start(&start, || TcpStream::connect(("127.0.0.1", port)).is_ok())?;
            drop(folder.keep());
            Ok(Self { _server: server, port, url: url.clone() })
        })
    }

    /// Where the database is, by way of the pooler.
    pub(crate) fn url(&self) -> String {
        let (user, place) = self.url.split_once('@').expect("the url names a user");
        let (_, name) = place.split_once('/').expect("the url names a database");
        format!("{user}@127.0.0.1:{}/{name}", self.port)
    }
}
