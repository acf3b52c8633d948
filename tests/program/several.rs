//! Several gateways on one database: any one is killed, frozen, or cut off from the database, the mailbox or the relay, and
//! another serves its mailbox and its letters. Whoever comes back does nothing that is no longer his.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::configuration::Configuration;
use crate::support::{Guichet, Line, PostgreSql};
use guichet::demo::PASSWORD;
use guichet::demo::server::{Post, Servers};
use guichet::mail::{self, Address};
use tempfile::TempDir;

/// What takes longer on a busy machine than it promises to.
const LONGEST: Duration = Duration::from_secs(75);

#[tokio::test(flavor = "multi_thread")]
async fn whatever_becomes_of_one_of_three_gateways_each_mail_is_on_one_ticket_and_acknowledged_once() {
    let mut house = House::open().await;

    // The mailbox falls silent for the one that watches it.
    let first = house.watching().await;
    house.hosts[first].mailbox.fall_silent();
    house.deliver(3);
    house.until_all_acknowledged().await;
    let second = house.watching().await;
    assert_ne!(second, first);
    house.hosts[first].mailbox.open();

    // The relay falls silent for the one that has letters in hand, and then it is frozen with them.
    house.hosts[second].relay.fall_silent();
    house.deliver(3);
    house.until_all_on_tickets().await;
    house.until_claimed().await;
    house.gateway(second).pause();
    house.deliver(2);
    house.until_all_acknowledged().await;
    assert_ne!(house.watching().await, second);
    house.hosts[second].relay.open();
    house.gateway(second).resume();
    house.until_logged(second, "support is left to other gateways").await;

    // Cut off from the database, and from the relay.
    let third = house.watching().await;
    house.hosts[third].database.cut();
    house.hosts[first].relay.cut();
    house.deliver(3);
    house.until_all_acknowledged().await;
    assert_ne!(house.watching().await, third);
    house.hosts[third].database.open();
    house.hosts[first].relay.open();
    assert_eq!(house.doubled(), [], "nobody died with a letter on its way");

    // Killed in the middle of many.
    let fourth = house.watching().await;
    house.deliver(20);
    house.until_some_on_tickets().await;
    house.hosts[fourth].gateway.take().unwrap().kill();
    house.until_all_acknowledged().await;
    let doubled = house.doubled();
    assert!(doubled.len() <= 1, "at most the letter whose answer was lost: {doubled:?}");

    house.until_all_sent().await;
    assert_eq!(house.tickets(), house.delivered);
    assert_eq!(house.database.ask("select state from mailbox where name = 'support'"), ["watching"]);
    for host in &mut house.hosts {
        if let Some(gateway) = host.gateway.take() {
            assert_eq!(gateway.stop().code(), Some(0));
        }
    }
}

/// A machine with a gateway, and its lines to everything.
struct Host {
    gateway: Option<Guichet>,
    database: Line,
    mailbox: Line,
    relay: Line,
    _folder: TempDir,
}

struct House {
    hosts: Vec<Host>,
    post: Post,
    database: PostgreSql,
    delivered: usize,
    _servers: Servers,
}

impl House {
    async fn open() -> House {
        let post = Post::new("desk.test");
        post.add_account(&support(), PASSWORD);
        let servers = Servers::start(post.clone()).await.unwrap();
        let database = PostgreSql::start();
        let mut hosts = Vec::new();
        for _ in 0..3 {
            let lines = [database.port(), servers.imap().port(), servers.smtp().port()].map(Line::to);
            let [database_line, mailbox, relay] = futures_util::future::join_all(lines).await.try_into().ok().unwrap();
            let folder = tempfile::tempdir().unwrap();
            let house = Configuration::new().with_store(&database.url_by(database_line.port()));
            // No border proves anything.
            let house = house.without_key("[smtp]", "user").without_key("[smtp]", "password");
            let house = house.with_lines("[[mailbox]]", "authserv_id", "authentication = \"token\"");
            house.with_an_agent_elsewhere().with_ports(mailbox.port(), relay.port()).write(folder.path());
            let gateway = Some(Guichet::serve(folder.path()));
            hosts.push(Host { gateway, database: database_line, mailbox, relay, _folder: folder });
        }
        House { hosts, post, database, delivered: 0, _servers: servers }
    }

    fn gateway(&self, host: usize) -> &Guichet {
        self.hosts[host].gateway.as_ref().unwrap()
    }

    /// Mails of as many people, who have not written before.
    fn deliver(&mut self, mails: usize) {
        for number in self.delivered..self.delivered + mails {
            let raw = format!(
                "From: person{number}@client.test\r\nTo: support@desk.example\r\nSubject: Chair {number}\r\n\
                 Message-ID: <{number}@client.test>\r\n\r\nThe wheel of chair {number} came off this morning.\r\n"
            );
            self.post.deliver(&support(), raw.as_bytes()).unwrap();
        }
        self.delivered += mails;
    }

    /// Which of them watches the mailbox, once one does that is not frozen or cut off.
    async fn watching(&self) -> usize {
        let holder = "select holder from lease where name = 'mailbox support' \
            and until > extract(epoch from clock_timestamp()) * 1000";
        let watching = || {
            let holder = self.database.ask(holder).pop()?;
            let of =
                |host: &Host| host.gateway.as_ref().is_some_and(|one| holder.starts_with(&format!("{}.", one.id())));
            let at = self.hosts.iter().position(of)?;
            self.gateway(at).log().contains("Watching support").then_some(at)
        };
        eventually("somebody watches the mailbox", watching).await
    }

    async fn until_logged(&self, host: usize, words: &str) {
        eventually(words, || self.gateway(host).log().contains(words).then_some(())).await;
    }

    fn count(&self, query: &str) -> usize {
        self.database.ask(query)[0].parse().unwrap()
    }

    fn tickets(&self) -> usize {
        self.count("select count(distinct ticket) from ledger where outcome = 'ticket'")
    }

    async fn until_some_on_tickets(&self) {
        let before = self.tickets();
        eventually("another ticket", || (self.tickets() > before).then_some(())).await;
    }

    async fn until_all_on_tickets(&self) {
        eventually("tickets", || (self.tickets() == self.delivered).then_some(())).await;
    }

    async fn until_claimed(&self) {
        let claimed = "select count(*) from delivery where lease_until is not null";
        eventually("letters in hand", || (self.count(claimed) > 0).then_some(())).await;
    }

    async fn until_all_sent(&self) {
        let unsent = "select count(*) from delivery where state <> 'sent'";
        eventually("nothing waits", || (self.count(unsent) == 0).then_some(())).await;
    }

    async fn until_all_acknowledged(&self) {
        let all =
            || (self.letters().keys().filter(|(to, _)| to.contains("person")).count() == self.delivered).then_some(());
        eventually("acknowledgements", all).await;
    }

    /// How often each letter left, by recipient and Message-ID.
    fn letters(&self) -> BTreeMap<(String, String), usize> {
        let mut letters = BTreeMap::new();
        for (to, letter) in self.post.outside() {
            let id = mail::parse(&letter).message_id.unwrap().as_str().to_owned();
            *letters.entry((to.as_str().to_owned(), id)).or_default() += 1;
        }
        letters
    }

    fn doubled(&self) -> Vec<(String, String)> {
        self.letters().into_iter().filter(|(_, times)| *times > 1).map(|(letter, _)| letter).collect()
    }
}

fn support() -> Address {
    "support@desk.example".parse().unwrap()
}

async fn eventually<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LONGEST;
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not seen within {LONGEST:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
