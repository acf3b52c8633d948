//! The post: every account, folder and mail of the embedded servers, in memory.
//!
//! Tests and the demo look at it directly; the world looks at it through IMAP and SMTP.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::mail::{Address, ReturnPath};

use super::delivery::{self, Delivery};
use super::folder::{Folder, StoredMail};

/// The folder that mail comes to (RFC 3501 §5.1).
pub const INBOX: &str = "INBOX";

/// A handle on the mail world; clones share it.
#[derive(Clone)]
pub struct Post {
    world: Arc<World>,
}

struct World {
    authserv_id: String,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    accounts: BTreeMap<String, Account>,
    submissions: Vec<Submission>,
    uid_validity_last: u32,
}

/// One user of the servers.
pub(super) struct Account {
    pub(super) password: String,
    pub(super) folders: BTreeMap<String, Folder>,
    delivered: Vec<StoredMail>,
}

/// A mail that the SMTP server said `250` to.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The account that logged in; `None` for a mail from outside.
    pub authenticated: Option<Address>,
    /// MAIL FROM; never [`ReturnPath::Absent`].
    pub return_path: ReturnPath,
    /// Parameters of MAIL FROM as written: `SIZE=120`, `RET=HDRS`, `ENVID=x`.
    pub parameters: Vec<String>,
    /// RCPT TO, each with its parameters as written: `NOTIFY=FAILURE`.
    pub recipients: Vec<(Address, Vec<String>)>,
    /// As it came, dots unstuffed.
    pub raw: Arc<[u8]>,
}

/// The address is none of the accounts' and no sub-address of one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("The embedded server has no account {0}")]
pub struct NoSuchAccount(pub Address);

/// Where the servers stand to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Residence {
    /// An account, or a sub-address of one.
    Local,
    /// Nobody, in a domain of ours.
    UnknownUser,
    /// Anybody in a domain that is not ours.
    Elsewhere,
}

impl Post {
    /// A post without accounts; `authserv_id` is the name by which its servers vouch (RFC 8601 §2.5).
    pub fn new(authserv_id: &str) -> Self {
        let (changed, _) = watch::channel(0);
        Post { world: Arc::new(World { authserv_id: authserv_id.to_owned(), state: Mutex::default(), changed }) }
    }

    /// The name by which the servers vouch.
    pub fn authserv_id(&self) -> &str {
        &self.world.authserv_id
    }

    /// Adds an account with an INBOX; the login name is the address. An existing one keeps its mails and gets the password.
    pub fn add_account(&self, address: &Address, password: &str) {
        let mut state = self.state();
        let inbox = state.new_folder();
        let account = state.accounts.entry(address.key()).or_insert_with(|| Account {
            password: String::new(),
            folders: BTreeMap::from([(INBOX.to_owned(), inbox)]),
            delivered: Vec::new(),
        });
        password.clone_into(&mut account.password);
    }

    /// Delivers a mail that comes now from its honest author: see [`Delivery::of`].
    pub fn deliver(&self, recipient: &Address, raw: &[u8]) -> Result<StoredMail, NoSuchAccount> {
        self.deliver_as(recipient, raw, &Delivery::of(raw))
    }

    /// Delivers a mail into the recipient's INBOX, as a receiving server does: with Return-Path, Delivered-To,
    /// Authentication-Results and Received above it. Bare LF becomes CRLF.
    pub fn deliver_as(
        &self,
        recipient: &Address,
        raw: &[u8],
        delivery: &Delivery,
    ) -> Result<StoredMail, NoSuchAccount> {
        let stamped = delivery.stamp(recipient, &self.world.authserv_id, raw);
        let mut state = self.state();
        let account = state.account_of(recipient).ok_or_else(|| NoSuchAccount(recipient.clone()))?;
        let inbox = account.folders.entry(INBOX.to_owned()).or_insert_with(|| Folder::new(1));
        let mail = inbox.append(stamped, [].into(), delivery.at).clone();
        account.delivered.push(mail.clone());
        drop(state);
        self.announce();
        Ok(mail)
    }

    /// The mails of a folder in the order of their UIDs; empty where there is no such account or folder.
    pub fn mails(&self, address: &Address, folder: &str) -> Vec<StoredMail> {
        let mails = |account: &mut Account| Some(account.folders.get(folder)?.mails().cloned().collect());
        self.account(&address.key(), mails).flatten().unwrap_or_default()
    }

    /// The names of an account's folders, in the order of the alphabet.
    pub fn folders(&self, address: &Address) -> Vec<String> {
        self.account(&address.key(), |account| account.folders.keys().cloned().collect()).unwrap_or_default()
    }

    /// Everything delivered to an account's INBOX from the first mail on, also what somebody has moved since.
    pub fn arrivals(&self, address: &Address) -> Arrivals {
        Arrivals { post: self.clone(), account: address.key(), next: 0, changed: self.watch() }
    }

    /// Every mail that the SMTP server accepted, in order.
    pub fn submissions(&self) -> Vec<Submission> {
        self.state().submissions.clone()
    }

    /// The accepted mails that left for a domain where no account is, each with its recipients there.
    pub fn outside(&self) -> Vec<(Address, Arc<[u8]>)> {
        let mut outside = Vec::new();
        for Submission { recipients, raw, .. } in self.submissions() {
            let elsewhere = recipients.into_iter().filter(|(to, _)| self.residence(to) == Residence::Elsewhere);
            outside.extend(elsewhere.map(|(to, _)| (to, raw.clone())));
        }
        outside
    }

    /// Waits until `condition` holds; it is asked again after every change.
    pub async fn until(&self, mut condition: impl FnMut(&Post) -> bool) {
        let mut changed = self.watch();
        while !condition(self) {
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// Gives a folder another UIDVALIDITY and its mails other UIDs. Sessions that have it selected are told `BYE`.
    pub fn renumber(&self, address: &Address, folder: &str) {
        let mut state = self.state();
        let uid_validity = state.new_folder().uid_validity;
        let account = state.accounts.get_mut(&address.key());
        if let Some(folder) = account.and_then(|account| account.folders.get_mut(folder)) {
            folder.renumber(uid_validity);
        }
        drop(state);
        self.announce();
    }

    pub(super) fn residence(&self, address: &Address) -> Residence {
        let mut state = self.state();
        let domain = format!("@{}", address.domain().to_lowercase());
        if state.account_of(address).is_some() {
            Residence::Local
        } else if state.accounts.keys().any(|account| account.ends_with(&domain)) {
            Residence::UnknownUser
        } else {
            Residence::Elsewhere
        }
    }

    /// The account's address, if the password is right.
    pub(super) fn log_in(&self, user: &str, password: &str) -> Option<Address> {
        let address: Address = user.parse().ok()?;
        let fits = self.account(&address.key(), |account| account.password == password).unwrap_or_default();
        fits.then_some(address)
    }

    /// Notes an accepted mail and delivers it to those of its recipients who live here.
    pub(super) fn submit(&self, submission: Submission, delivery: &Delivery) {
        for (recipient, _) in &submission.recipients {
            if let Err(NoSuchAccount(elsewhere)) = self.deliver_as(recipient, &submission.raw, delivery) {
                tracing::debug!(recipient = %elsewhere, "Accepted a mail for another domain");
            }
        }
        self.state().submissions.push(submission);
        self.announce();
    }

    /// Looks at an account; see [`Post::change`].
    pub(super) fn account<R>(&self, key: &str, look: impl FnOnce(&mut Account) -> R) -> Option<R> {
        self.state().accounts.get_mut(key).map(look)
    }

    /// Changes an account and tells every session.
    pub(super) fn change<R>(&self, key: &str, change: impl FnOnce(&mut Account) -> R) -> Option<R> {
        let result = self.account(key, change);
        self.announce();
        result
    }

    /// An empty folder with a UIDVALIDITY that no folder had before.
    pub(super) fn new_folder(&self) -> Folder {
        self.state().new_folder()
    }

    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.world.changed.subscribe()
    }

    fn announce(&self) {
        self.world.changed.send_modify(|count| *count += 1);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.world.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn account_of(&mut self, recipient: &Address) -> Option<&mut Account> {
        let key =
            [recipient.key(), recipient.correspondent_key()].into_iter().find(|key| self.accounts.contains_key(key));
        self.accounts.get_mut(&key?)
    }

    fn new_folder(&mut self) -> Folder {
        self.uid_validity_last += 1;
        Folder::new(self.uid_validity_last)
    }
}

impl Account {
    /// Puts a mail into a folder: APPEND. `None` where there is no such folder.
    pub(super) fn append(
        &mut self,
        folder: &str,
        raw: &[u8],
        flags: std::collections::BTreeSet<String>,
        at: Timestamp,
    ) -> Option<(u32, u32)> {
        let folder = self.folders.get_mut(folder)?;
        let uid = folder.append(delivery::canonical(raw).into(), flags, at).uid;
        Some((folder.uid_validity, uid))
    }
}

/// The mails that reach an account, one after the other.
pub struct Arrivals {
    post: Post,
    account: String,
    next: usize,
    changed: watch::Receiver<u64>,
}

impl Arrivals {
    /// The next mail; waits for it without limit.
    pub async fn next(&mut self) -> StoredMail {
        loop {
            if let Some(mail) = self.next_now() {
                return mail;
            }
            if self.changed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// The next mail, if it is there already.
    pub fn next_now(&mut self) -> Option<StoredMail> {
        self.changed.mark_unchanged();
        let mail = self.post.account(&self.account, |account| account.delivered.get(self.next).cloned()).flatten()?;
        self.next += 1;
        Some(mail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    fn post() -> Post {
        let post = Post::new("mx.desk.test");
        post.add_account(&address("support@desk.test"), "secret");
        post
    }

    #[test]
    fn a_mail_for_a_sub_address_lands_in_the_account() {
        let post = post();
        let mail = post.deliver(&address("Support+k1@desk.test"), b"From: a@b.test\nSubject: x\n\n").unwrap();
        assert_eq!(mail.header("Delivered-To").as_deref(), Some("Support+k1@desk.test"));
        assert_eq!(post.mails(&address("support@desk.test"), INBOX).len(), 1);
    }

    #[test]
    fn nobody_gets_no_mail() {
        let post = post();
        let nobody = address("nobody@desk.test");
        assert_eq!(post.deliver(&nobody, b"\n").unwrap_err(), NoSuchAccount(nobody.clone()));
        assert_eq!(post.residence(&nobody), Residence::UnknownUser);
        assert_eq!(post.residence(&address("a@elsewhere.test")), Residence::Elsewhere);
        assert_eq!(post.residence(&address("SUPPORT+x@DESK.test")), Residence::Local);
    }

    #[tokio::test]
    async fn arrivals_miss_nothing_and_wait_for_the_next() {
        let post = post();
        let support = address("support@desk.test");
        post.deliver(&support, b"Subject: first\n\n").unwrap();
        let mut arrivals = post.arrivals(&support);
        assert_eq!(arrivals.next().await.header("Subject").as_deref(), Some("first"));
        assert!(arrivals.next_now().is_none());
        let (second, _) =
            tokio::join!(arrivals.next(), async { post.deliver(&support, b"Subject: second\n\n").unwrap() });
        assert_eq!(second.header("Subject").as_deref(), Some("second"));
    }

    #[tokio::test]
    async fn a_renumbered_folder_keeps_its_mails() {
        let post = post();
        let support = address("support@desk.test");
        for _ in 0..3 {
            post.deliver(&support, b"\n").unwrap();
        }
        let validity = |post: &Post| post.account("support@desk.test", |a| a.folders[INBOX].uid_validity).unwrap();
        let before = validity(&post);
        post.change("support@desk.test", |account| account.folders.get_mut(INBOX).unwrap().expunge(1));
        post.renumber(&support, INBOX);
        assert_ne!(validity(&post), before);
        assert_eq!(post.mails(&support, INBOX).iter().map(|mail| mail.uid).collect::<Vec<_>>(), [1, 2]);
    }
}
