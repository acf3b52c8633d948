//! What a test wants of an IMAP server, whichever it is.

use std::fs;
use std::path::{Path, PathBuf};

use super::line_client::LineClient;

/// A running IMAP server with one account, [`MailboxServer::USER`], whose folders stand below INBOX.
pub(crate) trait MailboxServer {
    /// The account.
    const USER: &str = "support";
    /// Its password.
    const PASSWORD: &str = "correct-horse";

    /// IMAP in the clear.
    fn port(&self) -> u16;

    /// Ends it with all its connections, and starts it again on the same port with the same mail.
    fn restart(&mut self);

    /// A client that is logged in.
    fn log_in(&self) -> LineClient {
        let mut imap = LineClient::connect(self.port()).expect("the IMAP server listens");
        imap.hear("* OK");
        imap.say(&format!("a LOGIN {} {}", Self::USER, Self::PASSWORD), "a OK");
        imap
    }

    /// Makes a folder; its name and what follows it as IMAP writes them.
    fn create(&self, folder: &str) {
        self.log_in().say(&format!("b CREATE {folder}"), "b OK");
    }

    /// Puts a message into a folder, byte for byte.
    fn append(&self, folder: &str, message: &[u8]) {
        let mut imap = self.log_in();
        imap.say(&format!("b APPEND {folder} {{{}}}", message.len()), "+");
        imap.send(message);
        imap.say("", "b OK");
    }

    /// How many messages a folder holds; `None` where there is no such folder.
    fn count(&self, folder: &str) -> Option<u32> {
        let mut imap = self.log_in();
        imap.send(format!("b STATUS {folder} (MESSAGES)\r\n").as_bytes());
        let line = imap.line().expect("the IMAP server answers");
        line.rsplit_once("MESSAGES ")?.1.trim_end_matches(')').parse().ok()
    }
}

/// Where `tests/run` unpacked a server.
pub(super) fn unpacked(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/imap-servers").join(name);
    assert!(root.join("complete").exists(), "{name} is not unpacked in {}: run tests/run as root", root.display());
    root
}

/// The folders of an unpacked server that hold libraries, with `:` between them.
pub(super) fn libraries(root: &Path) -> String {
    let below = |folder: &str| fs::read_dir(root.join(folder)).into_iter().flatten().filter_map(Result::ok);
    let inside = ["lib", "usr/lib"].into_iter().flat_map(below).map(|entry| entry.path());
    let mut folders = vec![root.join("usr/lib"), root.join("usr/lib/courier-authlib")];
    folders.extend(inside.filter(|path| path.to_string_lossy().ends_with("-linux-gnu")));
    folders.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(":")
}
