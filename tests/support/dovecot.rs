//! Dovecot 2.3: IMAP in the clear, IMAP with TLS, and LMTP.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::certificates::Certificates;
use super::line_client::LineClient;
use super::messages_in_maildir;
use super::server::{Server, Start, open_folder, require, start_on_free_ports};

const PROGRAM: &str = "/usr/sbin/dovecot";
/// Debian's `nobody` and `nogroup`: Dovecot opens no mail as root.
const NOBODY: u32 = 65534;
/// Stands for the file that says who judges tokens.
const TOKENS_FILE: &str = "{tokens}";

/// A running Dovecot. Every user name is an account, with [`Dovecot::PASSWORD`] and a Maildir of its own.
pub(crate) struct Dovecot {
    server: Option<Server>,
    ports: [u16; 3],
    certificates: Certificates,
    folder: TempDir,
}

impl Dovecot {
    /// The password of every account.
    pub(crate) const PASSWORD: &str = "correct-horse";

    /// Starts a Dovecot without any mail.
    pub(crate) fn start() -> Self {
        Self::start_with("", "")
    }

    /// The same with people's folders below INBOX, as Courier has them: `INBOX.Done` (RFC 2342).
    pub(crate) fn start_below_inbox() -> Self {
        Self::start_with("prefix = INBOX.\n  separator = .", "")
    }

    /// The same with a folder for junk, which says so (RFC 6154): `Ind&AOk-sirables`.
    pub(crate) fn start_with_junk() -> Self {
        Self::start_with("mailbox Indésirables {\n    auto = create\n    special_use = \\Junk\n  }", "")
    }

    /// The same with a folder for sent mail, which says so (RFC 6154): `Envoy&AOk-s`.
    pub(crate) fn start_with_sent() -> Self {
        Self::start_with("mailbox Envoyés {\n    auto = create\n    special_use = \\Sent\n  }", "")
    }

    /// The same with rights (RFC 4314), which [`Dovecot::allow`] takes away, and room for ten messages an account.
    pub(crate) fn start_guarded() -> Self {
        let plugins = "mail_plugins = acl quota
protocol imap {
  mail_plugins = acl quota imap_acl imap_quota
}
plugin {
  acl = vfile
  quota = maildir:User quota
  quota_rule = *:messages=10
}
";
        Self::start_with("", plugins)
    }

    /// The same where tokens open accounts, too: those that a server says are good (RFC 7662), on this port.
    pub(crate) fn start_with_tokens(introspection_port: u16) -> Self {
        let more = format!(
            "auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {TOKENS_FILE}
}}
"
        );
        let url = format!("http://127.0.0.1:{introspection_port}/introspect");
        let tokens = format!(
            "introspection_mode = post\nintrospection_url = {url}\nusername_attribute = username\nactive_attribute = active\nactive_value = true\n"
        );
        Self::start_with_file("", &more, Some(&tokens))
    }

    /// Leaves the owner of a folder no rights but these; its name as IMAP writes it.
    pub(crate) fn allow(&self, user: &str, folder: &str, rights: &str) {
        let maildir = self.folder.path().join("mail").join(user).join("Maildir");
        let inside = if folder == "INBOX" { maildir } else { maildir.join(format!(".{folder}")) };
        fs::create_dir_all(&inside).expect("a folder can be made in a temporary one");
        let file = inside.join("dovecot-acl");
        fs::write(&file, format!("owner {rights}\n")).expect("a file can be written in a temporary folder");
        for path in [file, inside] {
            chown(path, Some(NOBODY), Some(NOBODY)).expect("root may give a file away");
        }
    }

    fn start_with(namespace: &str, more: &str) -> Self {
        Self::start_with_file(namespace, more, None)
    }

    fn start_with_file(namespace: &str, more: &str, tokens: Option<&str>) -> Self {
        require("Dovecot", Path::new(PROGRAM));
        start_on_free_ports(|ports| {
            let folder = open_folder();
            fs::create_dir(folder.path().join("mail")).expect("a new folder is empty");
            chown(folder.path().join("mail"), Some(NOBODY), Some(NOBODY)).expect("root may give a folder away");
            let certificates = Certificates::make(folder.path());
            fs::write(
                folder.path().join("dovecot.conf"),
                configuration(folder.path(), ports, &certificates, namespace)
                    + &more.replace(TOKENS_FILE, &folder.path().join("tokens").display().to_string()),
            )
            .expect("a file can be written in a new temporary folder");
            if let Some(tokens) = tokens {
                fs::write(folder.path().join("tokens"), tokens)
                    .expect("a file can be written in a new temporary folder");
            }
            let server = Some(run(folder.path(), ports)?);
            Ok(Self { server, ports, certificates, folder })
        })
    }

    /// Stops it, connections and all, and starts it again on the same ports with the same mail.
    pub(crate) fn restart(&mut self) {
        self.restart_after(|| {});
    }

    /// The same, and does this while it is stopped.
    pub(crate) fn restart_after(&mut self, meanwhile: impl FnOnce()) {
        if let Some(server) = self.server.take() {
            server.stop_and_keep_folder();
        }
        meanwhile();
        self.server = Some(run(self.folder.path(), self.ports).unwrap_or_else(|error| panic!("{error}")));
    }

    /// Whether a session of this user waits within IDLE.
    pub(crate) fn is_idle(&self, user: &str) -> bool {
        let titles = self.server.as_ref().map(Server::titles).unwrap_or_default();
        titles.iter().any(|title| title.contains(user) && title.contains("IDLE"))
    }

    /// What Dovecot logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(log_of(self.folder.path())).unwrap_or_default()
    }

    /// IMAP in the clear; STARTTLS is offered.
    pub(crate) fn imap_port(&self) -> u16 {
        self.ports[0]
    }

    /// IMAP with TLS from the first byte, for `localhost` and 127.0.0.1.
    pub(crate) fn imaps_port(&self) -> u16 {
        self.ports[1]
    }

    /// LMTP: where a Postfix delivers.
    pub(crate) fn lmtp_port(&self) -> u16 {
        self.ports[2]
    }

    /// The PEM file of the authority that signed its certificate.
    pub(crate) fn ca_file(&self) -> &Path {
        &self.certificates.authority
    }

    /// Puts a message into a user's INBOX, byte for byte.
    pub(crate) fn append(&self, user: &str, message: &[u8]) {
        self.append_with(user, "INBOX", message, "");
    }

    /// The same as if it had come then (INTERNALDATE), as in `01-Mar-2020 08:00:00 +0000`.
    pub(crate) fn append_at(&self, user: &str, message: &[u8], date: &str) {
        self.append_with(user, "INBOX", message, &format!("\"{date}\" "));
    }

    /// Puts a message into another folder of a user; its name as IMAP writes it.
    pub(crate) fn append_to(&self, user: &str, folder: &str, message: &[u8]) {
        self.append_with(user, folder, message, "");
    }

    fn append_with(&self, user: &str, folder: &str, message: &[u8], date: &str) {
        let mut imap = LineClient::connect(self.imap_port()).expect("Dovecot listens");
        imap.hear("* OK");
        imap.say(&format!("a LOGIN \"{user}\" \"{}\"", Self::PASSWORD), "a OK");
        imap.say(&format!("b APPEND {folder} {date}{{{}}}", message.len()), "+");
        imap.send(message);
        imap.say("", "b OK");
        imap.say("c LOGOUT", "c OK");
    }

    /// The messages that a user's folder holds; its name as IMAP writes it (`INBOX`, `Trait&AOk-s`).
    pub(crate) fn messages(&self, user: &str, folder: &str) -> Vec<Vec<u8>> {
        let maildir = self.folder.path().join("mail").join(user).join("Maildir");
        messages_in_maildir(&if folder == "INBOX" { maildir } else { maildir.join(format!(".{folder}")) })
    }
}

fn run(folder: &Path, ports: [u16; 3]) -> Result<Server, String> {
    let configuration = folder.join("dovecot.conf").display().to_string();
    let start = Start {
        name: "Dovecot",
        command: &[PROGRAM, "-F", "-c", &configuration],
        end_signal: "KILL",
        folder,
        log: Some(log_of(folder)),
    };
    Server::start(&start, || LineClient::is_greeted(ports[0], "* OK"))
}

fn log_of(folder: &Path) -> PathBuf {
    folder.join("log")
}

fn configuration(folder: &Path, [imap, imaps, lmtp]: [u16; 3], certificates: &Certificates, namespace: &str) -> String {
    format!(
        r"protocols = imap lmtp
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {log}
# Shows who is within IDLE.
verbose_proctitle = yes
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={NOBODY} gid={NOBODY} home={folder}/mail/%u allow_all_users=yes
}}
first_valid_uid = 1
mail_location = maildir:~/Maildir
mail_fsync = never
mail_save_crlf = yes
namespace inbox {{
  inbox = yes
  {namespace}
}}
# Tests log in often, from one address, and with wrong passwords.
mail_max_userip_connections = 1000
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
",
        folder = folder.display(),
        log = log_of(folder).display(),
        certificate = certificates.certificate.display(),
        key = certificates.key.display(),
        password = Dovecot::PASSWORD,
    )
}
