//! Cyrus IMAP 3.6 as Debian configures it: folders below INBOX, a dot between them.

use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;

use tempfile::TempDir;

use super::line_client::LineClient;
use super::mailbox_server::{MailboxServer, libraries, unpacked};
use super::server::{Server, Start, open_folder, require, start_on_free_ports};

/// Debian's `nobody` and `nogroup`.
const NOBODY: u32 = 65534;

/// A running Cyrus.
pub(crate) struct Cyrus {
    server: Option<Server>,
    port: u16,
    folder: TempDir,
}

impl Cyrus {
    /// Starts a Cyrus with an empty mailbox.
    pub(crate) fn start() -> Self {
        start_on_free_ports(|[port]| {
            let folder = open_folder();
            for part in ["mail", "state", "state/socket", "run", "run/proc", "run/lock"] {
                fs::create_dir(folder.path().join(part)).expect("a new folder is empty");
                chown(folder.path().join(part), Some(NOBODY), Some(NOBODY)).expect("root may give a folder away");
            }
            let root = unpacked("cyrus");
            fs::write(folder.path().join("imapd.conf"), imapd_conf(folder.path())).expect("a new folder is ours");
            fs::write(folder.path().join("cyrus.conf"), cyrus_conf(folder.path(), &root, port))
                .expect("a new folder is ours");
            let server = Some(run(folder.path(), &root, port)?);
            let cyrus = Self { server, port, folder };
            let mut imap = LineClient::connect(port).map_err(|error| error.to_string())?;
            imap.hear("* OK");
            imap.say("a LOGIN admin any", "a OK");
            imap.say(&format!("b CREATE user.{}", Self::USER), "b OK");
            Ok(cyrus)
        })
    }
}

impl MailboxServer for Cyrus {
    fn port(&self) -> u16 {
        self.port
    }

    fn restart(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop_and_keep_folder();
        }
        let server = run(self.folder.path(), &unpacked("cyrus"), self.port);
        self.server = Some(server.unwrap_or_else(|error| panic!("{error}")));
    }
}

fn run(folder: &Path, root: &Path, port: u16) -> Result<Server, String> {
    let master = root.join("usr/lib/cyrus/bin/master");
    require("Cyrus", &master);
    let at = |name: &str| folder.join(name).display().to_string();
    let start = Start {
        name: "Cyrus",
        command: &[
            "/usr/bin/env",
            &format!("LD_LIBRARY_PATH={}", libraries(root)),
            "CYRUS_USER=nobody",
            "CYRUS_GROUP=nogroup",
            &master.display().to_string(),
            "-D",
            "-C",
            &at("imapd.conf"),
            "-M",
            &at("cyrus.conf"),
            "-p",
            &at("pid"),
        ],
        end_signal: "TERM",
        folder,
        log: None,
    };
    Server::start(&start, || LineClient::is_greeted(port, "* OK"))
}

fn imapd_conf(folder: &Path) -> String {
    format!(
        "configdirectory: {folder}/state
partition-default: {folder}/mail
defaultpartition: default
proc_path: {folder}/run/proc
mboxname_lockpath: {folder}/run/lock
idlesocket: {folder}/run/idle
altnamespace: no
unixhierarchysep: no
allowplaintext: yes
sasl_pwcheck_method: alwaystrue
sasl_mech_list: PLAIN
admins: admin
",
        folder = folder.display()
    )
}

/// Without `idled`, as Debian starts it: IDLE tells of new mail once a minute.
fn cyrus_conf(folder: &Path, root: &Path, port: u16) -> String {
    let programs = root.join("usr/lib/cyrus/bin");
    let (programs, settings) = (programs.display(), folder.join("imapd.conf"));
    let settings = settings.display();
    format!(
        "START {{
  recover cmd=\"{programs}/ctl_cyrusdb -C {settings} -r\"
}}
SERVICES {{
  imap cmd=\"{programs}/imapd -C {settings}\" listen=\"127.0.0.1:{port}\" prefork=0
}}
"
    )
}
