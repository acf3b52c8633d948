//! What outlives a gateway: the mailbox, the relay, and the file of the store.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::time::{Duration, Instant};

use guichet::demo::PASSWORD;
use guichet::demo::server::{INBOX, ImapMishap, ImapMoment, Post, Servers, SmtpMishap, SmtpMoment};
use guichet::mail;
use guichet::store::{LedgerFilter, Settings, Store};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::child;
use crate::house::{self, Doors, support};

pub(crate) struct World {
    post: Post,
    doors: Doors,
    servers: Servers,
    _folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> World {
        World::open(None, false).await
    }

    /// Where letters have copies in the folder for sent mail.
    pub(crate) async fn with_copies() -> World {
        World::open(None, true).await
    }

    /// With a port at which an MTA hands mail over.
    pub(crate) async fn with_an_mta() -> World {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        World::open(Some(free.local_addr().unwrap().port()), false).await
    }

    async fn open(lmtp: Option<u16>, has_copies: bool) -> World {
        let post = Post::new(house::SERVER);
        post.add_account(&support(), PASSWORD);
        let servers = Servers::start(post.clone()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = format!("sqlite:{}", folder.path().join("guichet.db").display());
        let doors = Doors { store, imap: servers.imap().port(), smtp: servers.smtp().port(), lmtp, has_copies };
        World { post, doors, servers, _folder: folder }
    }

    /// What the servers do from now on.
    pub(crate) fn servers(&self, servers: crate::Servers) {
        let mishaps = self.servers.mishaps();
        let (moves, letters) = (ImapMoment::CommandIs("MOVE"), SmtpMoment::EndOfData);
        match servers {
            crate::Servers::Serve => mishaps.clear(),
            crate::Servers::HoldLetters => mishaps.smtp_lasting(SmtpMoment::Connect, SmtpMishap::Stall),
            crate::Servers::MoveUnanswered => {
                mishaps.smtp_lasting(SmtpMoment::Connect, SmtpMishap::Stall);
                mishaps.imap(moves, ImapMishap::AcceptThenDrop);
            }
            crate::Servers::HoldMoves => mishaps.imap_lasting(moves, ImapMishap::Stall),
            crate::Servers::LetterUnanswered => {
                mishaps.imap_lasting(moves, ImapMishap::Stall);
                mishaps.smtp(letters, SmtpMishap::AcceptThenDrop);
            }
        }
    }

    pub(crate) fn lmtp_port(&self) -> u16 {
        self.doors.lmtp.unwrap()
    }

    pub(crate) fn deliver_one_mail(&self) {
        let raw = "From: Marie Tremblay <marie@client.test>\nTo: support@desk.example\nSubject: Clavier\nMessage-ID: \
                   <m1@client.test>\n\nBonjour, le clavier ne fonctionne plus.\n";
        self.post.deliver(&support(), raw.as_bytes()).unwrap();
    }

    /// Runs a gateway that dies there; fails where it never came there.
    pub(crate) async fn die_at(&self, point: &str) {
        let passed = self.run(point).await;
        assert!(passed.iter().any(|passed| passed.starts_with(point)), "did not die at {point}: {passed:#?}");
    }

    /// Runs a gateway that dies there, or has nothing left to do.
    pub(crate) async fn die_at_or_end(&self, point: &str) {
        self.run(point).await;
    }

    /// The points that a gateway passes that nothing stops, until it has nothing left to do.
    pub(crate) async fn run_in_a_process_of_its_own(&self) -> BTreeSet<String> {
        self.run("nowhere").await
    }

    async fn run(&self, point: &str) -> BTreeSet<String> {
        let mut process = child::command(&self.doors, point).spawn().unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let reading = std::thread::spawn(move || {
            let lines = out.lines().map_while(Result::ok);
            lines.filter(|line| line.starts_with("sql ") || line.starts_with("log ")).collect::<BTreeSet<String>>()
        });
        let mut done_for = 0;
        while process.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            // What is done is done for a while before the process is ended: it may still have something to write.
            done_for = if self.is_done(1).await { done_for + 1 } else { 0 };
            if done_for > 10 {
                process.kill().unwrap();
            }
        }
        process.wait().unwrap();
        reading.join().unwrap()
    }

    /// A gateway takes over, until nothing is left to do.
    pub(crate) async fn run_to_the_end(&self) {
        self.run_until_recorded(1).await;
    }

    /// The same, with so many mails in the ledger.
    pub(crate) async fn run_until_recorded(&self, mails: u64) {
        let gateway = house::gateway(&self.doors).await;
        let stop = CancellationToken::new();
        let running = tokio::spawn(guichet::gateway::serve(gateway, stop.clone()));
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.is_done(mails).await {
            assert!(Instant::now() < deadline, "not done within a minute: {}", self.account().await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.cancel();
        running.await.unwrap().unwrap();
    }

    async fn store(&self) -> Store {
        Store::open(&Settings { url: self.doors.store.clone() }).await.unwrap()
    }

    /// Mails in the ledger.
    pub(crate) async fn recorded(&self) -> u64 {
        let store = self.store().await;
        let recorded = store.count_ledger(&LedgerFilter::default()).await.unwrap();
        store.close().await;
        recorded
    }

    async fn is_done(&self, mails: u64) -> bool {
        if !self.post.mails(&support(), INBOX).is_empty() {
            return false;
        }
        let store = self.store().await;
        let counts = store.reconcile().await.unwrap();
        let filed = counts.iter().map(|count| count.recorded).sum::<u64>() == mails
            && counts.iter().all(|count| count.pending == 0 && count.not_filed == 0);
        let unsent = store.unsent(Timestamp::UNIX_EPOCH).await.unwrap();
        let copied = store.status().await.unwrap().copies_waiting == 0;
        store.close().await;
        filed && unsent.is_empty() && copied
    }

    /// How many copies lie in the folder for sent mail.
    pub(crate) fn copies(&self) -> usize {
        self.post.mails(&support(), "Sent").len()
    }

    /// What became of the mail, in a line.
    pub(crate) async fn account(&self) -> String {
        let store = self.store().await;
        let lines = store.ledger(&LedgerFilter::default()).await.unwrap();
        let outcomes: Vec<String> = lines
            .iter()
            .map(|line| match &line.outcome {
                None => "waiting".to_owned(),
                Some(guichet::desk::Outcome::Ticket(ticket)) => format!("on {ticket}"),
                Some(other) => format!("{other:?}"),
            })
            .collect();
        store.close().await;
        let outside = self.post.outside();
        let letters: BTreeSet<String> = outside
            .iter()
            .map(|(_, raw)| mail::parse(raw).message_id.map(|id| id.as_str().to_owned()).unwrap_or_default())
            .collect();
        format!(
            "{} recorded, {}{} filed, {} letter{}",
            lines.len(),
            outcomes.iter().map(|outcome| format!("{outcome}, ")).collect::<String>(),
            self.post.mails(&support(), "Processed").len(),
            letters.len(),
            match outside.len() - letters.len() {
                0 => String::new(),
                more => format!(" and {more} more of the same"),
            }
        )
    }
}
