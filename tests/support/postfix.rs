//! Postfix: takes mail by SMTP, delivers that for one domain, and throws the rest away.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::TempDir;

use super::certificates::Certificates;
use super::line_client::LineClient;
use super::server::{Server, Start, open_folder, require, start_on_free_ports};
use super::{DOMAIN, messages_in_maildir};

const MASTER: &str = "/usr/lib/postfix/sbin/master";
/// Debian's `nobody` and `nogroup`: Postfix delivers no mail as root.
const NOBODY: u32 = 65534;

/// By this name it vouches for the authors of [`DOMAIN`], whoever they are (RFC 8601 §2.5), above its own Received.
pub(crate) const AUTHSERV_ID: &str = "mx.helpdesk.test";

/// What becomes of mail for [`DOMAIN`]; every other domain's mail is taken and thrown away.
pub(crate) enum Delivery {
    /// Kept in one Maildir, whoever it is for: see [`Postfix::messages`].
    Maildir,
    /// Handed by LMTP to the server on this port of loopback.
    Lmtp(u16),
    /// Handed by SMTP to the server on this port of loopback.
    Smtp(u16),
}

/// A running Postfix that relays for every client on loopback.
pub(crate) struct Postfix {
    server: Option<Server>,
    ports: [u16; 2],
    certificates: Certificates,
    folder: TempDir,
}

impl Postfix {
    /// Starts a Postfix with an empty queue.
    pub(crate) fn start(delivery: &Delivery) -> Self {
        Self::start_with(delivery, "")
    }

    /// The same with lines of `main.cf` that go before its own.
    pub(crate) fn start_with(delivery: &Delivery, more: &str) -> Self {
        require("Postfix", Path::new(MASTER));
        start_on_free_ports(|ports| {
            let folder = open_folder();
            let certificates = Certificates::make(folder.path());
            make_folders(folder.path());
            let configuration = folder.path().join("configuration");
            write_as_of_old(&configuration.join("main.cf"), &(main_cf(folder.path(), delivery, &certificates) + more));
            write_as_of_old(&configuration.join("master.cf"), &master_cf(ports));
            let server = Some(run(folder.path(), ports)?);
            Ok(Self { server, ports, certificates, folder })
        })
    }

    /// Stops it, connections and all, and starts it again on the same ports with the same queue after `meanwhile`.
    pub(crate) fn restart_after(&mut self, meanwhile: impl FnOnce()) {
        if let Some(server) = self.server.take() {
            server.stop_and_keep_folder();
        }
        meanwhile();
        self.server = Some(run(self.folder.path(), self.ports).unwrap_or_else(|error| panic!("{error}")));
    }

    /// SMTP; STARTTLS is offered.
    pub(crate) fn smtp_port(&self) -> u16 {
        self.ports[0]
    }

    /// SMTP with TLS from the first byte, for `localhost` and 127.0.0.1.
    pub(crate) fn smtps_port(&self) -> u16 {
        self.ports[1]
    }

    /// The PEM file of the authority that signed its certificate.
    pub(crate) fn ca_file(&self) -> &Path {
        &self.certificates.authority
    }

    /// What was delivered by [`Delivery::Maildir`] so far; `Delivered-To` in each names its recipient.
    pub(crate) fn messages(&self) -> Vec<Vec<u8>> {
        messages_in_maildir(&self.folder.path().join("mail/received"))
    }

    /// What Postfix logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(log_of(self.folder.path())).unwrap_or_default()
    }
}

fn run(folder: &Path, ports: [u16; 2]) -> Result<Server, String> {
    let start = Start {
        name: "Postfix",
        command: &[MASTER, "-d", "-c", &folder.join("configuration").display().to_string()],
        end_signal: "KILL",
        folder,
        log: Some(log_of(folder)),
    };
    Server::start(&start, || LineClient::is_greeted(ports[0], "220 "))
}

fn log_of(folder: &Path) -> PathBuf {
    folder.join("log")
}

/// Postfix waits with a file that was changed within the last second, in case more of it is to come.
fn write_as_of_old(path: &Path, text: &str) {
    fs::write(path, text).expect("a file can be written in a new temporary folder");
    let file = File::options().write(true).open(path).expect("a file just written");
    file.set_modified(SystemTime::UNIX_EPOCH).expect("our own file can be given another time");
}

/// The folders that `postfix check` would make, with the owners and modes that Postfix asks for.
fn make_folders(folder: &Path) {
    let spool = fs::metadata("/var/lib/postfix").expect("Debian's Postfix has /var/lib/postfix, its own");
    let postdrop = fs::metadata("/usr/sbin/postdrop").expect("Debian's Postfix has /usr/sbin/postdrop");
    let make = |name: &str, user: u32, group: u32, mode: u32| {
        let path = folder.join(name);
        fs::create_dir(&path).expect("a new folder is empty");
        chown(&path, Some(user), Some(group)).expect("root may give a folder away");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("root may open a folder");
    };
    make("configuration", 0, 0, 0o755);
    make("data", spool.uid(), spool.gid(), 0o700);
    make("mail", NOBODY, NOBODY, 0o700);
    make("queue", 0, 0, 0o755);
    make("queue/pid", 0, 0, 0o755);
    for name in
        ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"]
    {
        make(&format!("queue/{name}"), spool.uid(), 0, 0o700);
    }
    make("queue/public", spool.uid(), postdrop.gid(), 0o710);
    make("queue/maildrop", spool.uid(), postdrop.gid(), 0o730);
}

fn main_cf(folder: &Path, delivery: &Delivery, certificates: &Certificates) -> String {
    let transport = match delivery {
        Delivery::Maildir => "virtual:".to_owned(),
        Delivery::Lmtp(port) => format!("lmtp:inet:127.0.0.1:{port}"),
        Delivery::Smtp(port) => format!("smtp:[127.0.0.1]:{port}"),
    };
    format!(
        "compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {log}
maillog_file_prefixes = {folder}
myhostname = relay.{DOMAIN}
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_data_restrictions = check_client_access inline:{{ {{ 127.0.0.1 = PREPEND Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from={DOMAIN} }} }}
smtpd_error_sleep_time = 0
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
message_size_limit = 60000000
virtual_mailbox_limit = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 4s
default_transport = discard:
virtual_transport = {transport}
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:received/
virtual_uid_maps = static:{NOBODY}
virtual_gid_maps = static:{NOBODY}
virtual_minimum_uid = 1
",
        folder = folder.display(),
        log = log_of(folder).display(),
        certificate = certificates.certificate.display(),
        key = certificates.key.display(),
    )
}

fn master_cf([smtp, smtps]: [u16; 2]) -> String {
    format!(
        "127.0.0.1:{smtp}  inet n - n - - smtpd
127.0.0.1:{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr    unix n - n 300 1 qmgr
tlsmgr  unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce  unix - - n - 0 bounce
defer   unix - - n - 0 bounce
trace   unix - - n - 0 bounce
flush   unix n - n 1000? 0 flush
virtual unix - n n - - virtual
lmtp    unix - - n - - lmtp
smtp    unix - - n - - smtp
discard unix - - n - - discard
error   unix - - n - - error
retry   unix - - n - - error
anvil   unix - - n - 1 anvil
scache  unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"
    )
}
