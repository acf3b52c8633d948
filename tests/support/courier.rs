//! Courier IMAP 5.0 as Debian configures it. Its paths are built in, so it runs in a folder that it takes for the root.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::line_client::LineClient;
use super::mailbox_server::{MailboxServer, libraries, unpacked};
use super::server::{self, Server, Start, open_folder, require, start_on_free_ports};

/// Makes `$1` a root for the programs unpacked in `$2`, whose libraries are found by `$3`, with the account `$4` and the
/// password that `$5` is of (crypt(3)).
const MAKE_ROOT: &str = r#"
set -eu
root=$1 unpacked=$2 user=$4 password=$5
cp -a "$unpacked" "$root"
cd "$root"
mkdir -p bin dev tmp run/courier/authdaemon mail "mail/$user"
cp -L /bin/sh bin/
cp -a /dev/null /dev/urandom dev/
export LD_LIBRARY_PATH="$3"
find "$unpacked" -type f '(' -perm -1 -o -name '*.so*' ')' | while read -r file; do
    ldd "$file" 2>/dev/null || :
done | grep -o '/[^ ]*[.]so[^ ]*' | sort -u | while read -r library; do
    case $library in "$unpacked"/*) continue ;; esac
    mkdir -p ".${library%/*}" && cp -L "$library" ".$library"
done
ldd /bin/sh | grep -o '/[^ ]*[.]so[^ ]*' | while read -r library; do
    mkdir -p ".${library%/*}" && cp -L "$library" ".$library"
done
for group in passwd group; do getent $group root courier nobody nogroup > etc/$group || :; done
echo 'courier:x:998:998::/:/bin/sh' >> etc/passwd
echo 'courier:x:998:' >> etc/group
sed -i 's/^authmodulelist=.*/authmodulelist="authuserdb"/; s/^daemons=.*/daemons=1/' etc/courier/authdaemonrc
unset LD_LIBRARY_PATH
database() { chroot . /usr/lib/courier/courier-authlib/makedatprog - "/tmp/$1" "/etc/courier/$1.dat"; }
printf '%s\tuid=65534|gid=65534|home=/mail/%s|_=\n.\n' "$user" "$user" | database userdb
printf '%s\timappw=%s\n.\n' "$user" "$password" | database userdbshadow
chmod 600 etc/courier/userdb*.dat
chroot . /usr/bin/maildirmake.courier "/mail/$user/Maildir"
chown -R 65534:65534 mail
"#;

/// Runs Courier with the root `$1` on port `$2`, with the settings that its package has, but for the capabilities `$3`. What
/// tells it of changed folders, gam_server, is otherwise one for all Couriers of the machine, and the first one's.
const RUN: &str = r#"
chroot "$1" /usr/lib/courier/courier-authlib/authdaemond &
set -a
. "$1/etc/courier/imapd"
IMAP_CAPABILITY=${3:-$IMAP_CAPABILITY}
GAM_CLIENT_ID=guichet-test-$2
exec chroot "$1" /usr/sbin/couriertcpd -address=127.0.0.1 -maxprocs=40 -maxperip=40 -nodnslookup -noidentlookup \
    "$2" /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir
"#;

/// [`MailboxServer::PASSWORD`], by crypt(3).
const PASSWORD_CRYPT: &str = "$1$guichet$IJa8gbl9Ch4zK1CnCf6T8/";

/// A running Courier.
pub(crate) struct Courier {
    server: Option<Server>,
    port: u16,
    capabilities: &'static str,
    folder: TempDir,
}

impl Courier {
    /// Starts a Courier with an empty mailbox.
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// The same with nothing beyond RFC 3501: without IDLE and UIDPLUS.
    pub(crate) fn start_bare() -> Self {
        Self::start_with("IMAP4rev1")
    }

    fn start_with(capabilities: &'static str) -> Self {
        start_on_free_ports(|[port]| {
            let (folder, unpacked) = (open_folder(), unpacked("courier"));
            require("Courier", &unpacked.join("usr/bin/imapd"));
            let root = folder.path().join("root");
            server::run(Command::new("/bin/sh").args(["-c", MAKE_ROOT, "make-root"]).args([
                root.as_os_str(),
                unpacked.as_os_str(),
                libraries(&unpacked).as_ref(),
                Self::USER.as_ref(),
                PASSWORD_CRYPT.as_ref(),
            ]));
            let server = Some(run(folder.path(), port, capabilities)?);
            Ok(Self { server, port, capabilities, folder })
        })
    }

    /// Loses the list of UIDs, as where a Maildir is put back without it: messages get new ones, under another UIDVALIDITY.
    pub(crate) fn renumber(&self) {
        let maildir = self.folder.path().join("root/mail").join(Self::USER).join("Maildir");
        fs::remove_file(maildir.join("courierimapuiddb")).expect("Courier keeps its UIDs there");
    }
}

impl MailboxServer for Courier {
    fn port(&self) -> u16 {
        self.port
    }

    fn restart(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop_and_keep_folder();
        }
        let server = run(self.folder.path(), self.port, self.capabilities);
        self.server = Some(server.unwrap_or_else(|error| panic!("{error}")));
    }
}

fn run(folder: &Path, port: u16, capabilities: &str) -> Result<Server, String> {
    let root = folder.join("root");
    let start = Start {
        name: "Courier",
        command: &["/bin/sh", "-c", RUN, "courier", &root.display().to_string(), &port.to_string(), capabilities],
        end_signal: "TERM",
        folder,
        log: None,
    };
    // Before its daemon for passwords is there, every login is refused.
    Server::start(&start, || {
        LineClient::is_greeted(port, "* OK") && root.join("run/courier/authdaemon/socket").exists()
    })
}
