//! The gateway between servers that do not do as they should: nothing blocks it, and nothing is skipped.

use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet::config::Config;
use guichet::demo::PASSWORD;
use guichet::demo::server::{
    Delivery, INBOX, ImapMishap, ImapMoment, Post, Servers, SizeLimit, SmtpMishap, SmtpMoment, Spoiled, Verdict,
};
use guichet::desk::{LedgerId, Outcome, Reason};
use guichet::gateway::{self, Gateway, Parts, Shelf, TimeSource};
use guichet::known_fix::Library;
use guichet::letters::Templates;
use guichet::mail::{self, Address, InboundMail};
use guichet::net::Login;
use guichet::smtp::Transport;
use guichet::store::{DeliveryState, Dropped, LedgerFilter, LedgerLine, Settings, Store};
use guichet::view;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::configuration::Configuration;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_server_does_not_give_out_keeps_nobody_waiting() {
    for spoiled in [Spoiled::No, Spoiled::Bye, Spoiled::Empty] {
        let house = House::open().await;
        house.servers.mishaps().spoil(3, spoiled);
        (1..=5).for_each(|number| house.deliver(number));
        let serving = house.serve().await;
        house.until(|ledger| on_tickets(ledger) == 4).await;
        house.deliver(6);
        house.until(|ledger| on_tickets(ledger) == 5).await;
        house.until_filed(5).await;
        house.until_waiting(1).await;
        assert_eq!(house.post.mails(&support(), INBOX).len(), 1, "{spoiled:?}");
        serving.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_come_at_all_is_set_aside_and_told_and_comes_when_it_is_mended() {
    let house = House::open().await;
    house.servers.mishaps().spoil(1, Spoiled::No);
    (1..=2).for_each(|number| house.deliver(number));
    let serving = house.serve().await;
    house.until(|ledger| ledger.len() == 2 && set_aside(ledger).is_some()).await;
    house.until_waiting(0).await;
    house.until_sent("cannot give out a mail that stands in the mailbox support (UID 1): [SERVERBUG]").await;
    let id = set_aside(&house.ledger().await).unwrap();

    house.servers.mishaps().clear();
    house.store.ledger_retry(id).await.unwrap();
    house.until(|ledger| on_tickets(ledger) == 2).await;
    house.until_sent("Le clavier 1 ne répond plus.").await;
    house.until_filed(2).await;
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_lets_nothing_be_moved_is_watched_all_the_same() {
    let house = House::open().await;
    let faults = house.servers.mishaps();
    for command in ["MOVE", "COPY"] {
        faults
            .imap_lasting(ImapMoment::CommandIs(command), ImapMishap::No("[OVERQUOTA] The mailbox is full".to_owned()));
    }
    house.deliver(1);
    let serving = house.serve().await;
    house.until_trouble("Make room in the mailbox").await;
    house.deliver(2);
    house.until(|ledger| on_tickets(ledger) == 2).await;
    assert_eq!(house.post.mails(&support(), INBOX).len(), 2);
    let status = house.status().await;
    assert_eq!((status.mailboxes[0].state.as_str(), status.inbox_pending), ("watching", 0));
    serving.stop().await;

    house.servers.mishaps().clear();
    let serving = house.serve().await;
    house.until_filed(2).await;
    assert_eq!(on_tickets(&house.ledger().await), 2);
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_the_message_id_that_the_relay_gave_joins_its_ticket() {
    let house = House::open().await;
    let given = "YT3P288MB01234A5B6C7D8E9F0A1B2C3D4E5F@YT3P288MB0123.CANP288.PROD.OUTLOOK.COM";
    let reply = SmtpMishap::Reply(250, format!("2.0.0 OK <{given}> [Hostname=YT3P288MB0123.CANP288.PROD.OUTLOOK.COM]"));
    house.servers.mishaps().smtp(SmtpMoment::EndOfData, reply);
    house.deliver(1);
    let serving = house.serve().await;
    house.until_sent("New request").await;
    let answer = request(2).replacen("Subject: Clavier 2", &format!("Subject: Re: Clavier\nIn-Reply-To: <{given}>"), 1);
    house.post.deliver(&support(), answer.replace("client2@", "client1@").as_bytes()).unwrap();
    house.until(|ledger| on_tickets(ledger) == 2).await;
    let ledger = house.ledger().await;
    assert_eq!(ledger[0].outcome, ledger[1].outcome);
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_too_large_comes_without_the_files_behind_its_beginning_and_says_so() {
    let house = House::open().await;
    let mut config = house.config();
    config.mailboxes[0].imap.message_bytes_max = 300_000;
    house.post.deliver(&support(), with_files(1, [("petit.bin", 134), ("grand.bin", 6_000)]).as_bytes()).unwrap();
    let serving = Serving::begin(house.gateway(config).await);
    house.until_sent("New request").await;
    let (_, letter) = house.sent("New request").unwrap();
    let names: Vec<&str> = letter.attachments.iter().map(|one| one.safe_name.as_str()).collect();
    assert_eq!(names, ["petit.bin"], "half a file is none");
    let text = letter.body.text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("This mail has 381 kB, more than is taken in"), "{text}");
    assert!(text.contains("The whole mail is in the desk's mailbox."), "{text}");

    // So does an agent's own: what it says is sent, and the agent hears what did not leave.
    let from_alex = with_files(2, [("plan.bin", 134), ("film.bin", 6_000)])
        .replace("From: Client 2 <client2@client.test>", "From: Alex <alex@agents.test>")
        .replace(
            "Subject: Clavier 2",
            &format!("Subject: Re: Clavier 1\nIn-Reply-To: <{}>", letter.message_id.unwrap()),
        );
    let passed = Delivery::of(from_alex.as_bytes()).with_verdict(Verdict::Pass);
    house.post.deliver_as(&support(), from_alex.as_bytes(), &passed).unwrap();
    house.until_sent("without the attachments that come after it. The whole mail").await;
    let answers = || {
        let letters = house.post.outside().into_iter().filter(|(to, _)| to.as_str() == "client1@client.test");
        let letters = letters.map(|(_, raw)| mail::parse(&raw));
        letters.filter(|letter| letter.body.text.contains("Le clavier 2 ne répond plus.")).collect::<Vec<_>>()
    };
    eventually("the answer", async || !answers().is_empty()).await;
    assert_eq!(answers()[0].attachments.iter().map(|one| &one.safe_name[..]).collect::<Vec<_>>(), ["plan.bin"]);
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mailboxes_take_turns_where_the_server_has_fewer_connections() {
    let house = House::open().await;
    let names = ["support", "sales", "info"];
    let addresses = names.map(|name| format!("{name}@desk.example").parse::<Address>().unwrap());
    addresses.iter().for_each(|address| house.post.add_account(address, PASSWORD));
    let mut config = house.config();
    let mailboxes = names.iter().zip(&addresses).map(|(name, address)| {
        let mut one = config.mailboxes[0].clone();
        one.imap.name = (*name).to_owned();
        one.imap.login = Login::new(address.as_str(), PASSWORD.to_owned());
        one.imap.poll = Duration::from_millis(100);
        one
    });
    config.mailboxes = mailboxes.collect();
    let serving = Serving::begin(house.gateway(config).await.with_connections(1));
    for round in 0..2 {
        for (number, address) in (1_u32..).zip(&addresses) {
            house.post.deliver(address, request(10 * round + number).as_bytes()).unwrap();
        }
        let all = 3 * (round as usize + 1);
        house.until(|ledger| on_tickets(ledger) == all).await;
        let filed = || addresses.iter().map(|address| house.post.mails(address, PROCESSED).len()).sum::<usize>();
        eventually("the filing", async || filed() == all).await;
    }
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_from_before_the_first_day_stays_where_it_is() {
    let house = House::open().await;
    let raw = request(1);
    let long_ago = Timestamp::now() - SignedDuration::from_hours(72);
    house.post.deliver_as(&support(), raw.as_bytes(), &Delivery::of(raw.as_bytes()).with_time(long_ago)).unwrap();
    house.deliver(2);
    let serving = house.serve().await;
    house.until_filed(1).await;
    assert_eq!(house.ledger().await[0].outcome, Some(Outcome::Suppressed(Reason::BeforeFirstStart)));
    assert_eq!(house.post.mails(&support(), INBOX).len(), 1);
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_relay_does_not_take_keeps_no_agent_from_the_news() {
    for limit in [SizeLimit::Announced(60_000), SizeLimit::Kept(60_000)] {
        let house = House::open().await;
        house.servers.mishaps().limit_size(limit);
        house.post.deliver(&support(), request_with_files(1).as_bytes()).unwrap();
        let serving = house.serve().await;
        house.until_sent("New request").await;
        let (to, letter) = house.sent("New request").unwrap();
        assert_eq!(to.as_str(), "alex@agents.test");
        let text = &letter.body.text;
        assert!(
            text.contains("Attachments left out, too large for the mail server: grand.bin (90\u{a0}kB)."),
            "{limit:?}: {text}"
        );
        let files: Vec<&str> = letter.attachments.iter().map(|file| file.safe_name.as_str()).collect();
        assert_eq!(files, ["petit.bin"], "{limit:?}");
        assert!(letter.message_id.is_some());
        serving.stop().await;
    }
}

/// The relay says this at that moment until it is mended; then everything leaves, in order, and nothing has failed.
async fn letters_wait_out(moment: SmtpMoment, code: u16, words: &str, told: &str) {
    let house = House::open().await;
    house.servers.mishaps().smtp_lasting(moment, SmtpMishap::Reply(code, words.to_owned()));
    let serving = house.serve().await;
    for number in 1..=3 {
        house.deliver(number);
        house.until(|ledger| on_tickets(ledger) == usize::try_from(number).unwrap()).await;
    }
    let is_told = async || house.status().await.outbox_held_by.is_some_and(|held_by| held_by.contains(told));
    eventually(told, is_told).await;
    // Nobody wrote to the agents of a failure, and no letter counts a try.
    let unsent = house.store.unsent(Timestamp::UNIX_EPOCH).await.unwrap();
    assert!(unsent.len() >= 6, "{code} {words}: {unsent:?}");
    for line in &unsent {
        assert_eq!((line.state, line.attempts), (DeliveryState::Due, 0), "{code} {words}");
    }
    let reasons = unsent.iter().filter_map(|line| line.last_reply.as_ref()).filter(|reply| reply.contains(words));
    assert!(reasons.count() > 0, "{code} {words}");

    house.servers.mishaps().clear();
    house.store.outbox_resume(Dropped::Nothing, Timestamp::now()).await.unwrap();
    eventually("all letters", async || house.status().await.outbox_pending == 0).await;
    let failed = house.store.unsent(Timestamp::UNIX_EPOCH).await.unwrap();
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(house.status().await.outbox_held_by, None);
    let to = |number: u32| format!("client{number}@client.test");
    let clients: Vec<String> = house.post.outside().iter().map(|(to, _)| to.to_string()).collect();
    let acknowledged: Vec<&String> = clients.iter().filter(|to| to.contains("@client.test")).collect();
    assert_eq!(acknowledged, [&to(1), &to(2), &to(3)], "{code} {words}");
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_wait_while_the_relay_takes_no_mail_of_ours_and_leave_in_order_when_it_does() {
    letters_wait_out(SmtpMoment::Mail, 553, "5.7.1 sender not owned", "takes no mail").await;
}

/// As Postfix refuses a sender unless it is told otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn letters_wait_while_the_relay_judges_our_sender_at_each_recipient_and_leave_in_order_when_it_does_not() {
    let words = "5.7.1 <support@desk.example>: Sender address rejected: not owned by user";
    letters_wait_out(SmtpMoment::Recipient, 553, words, "takes no mail").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_wait_while_the_relay_turns_us_away_and_leave_in_order_when_it_does_not() {
    letters_wait_out(SmtpMoment::Connect, 554, "5.7.1 not from there", "turns us away").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_wait_while_the_quota_is_used_up_and_leave_in_order_when_it_is_not() {
    letters_wait_out(SmtpMoment::EndOfData, 550, "5.7.232 daily limit", "takes no more mail").await;
}

/// As a submission server that counts what a login sends, behind Postfix.
#[tokio::test(flavor = "multi_thread")]
async fn letters_wait_while_a_policy_says_at_each_recipient_that_the_quota_is_used_up() {
    let words = "5.7.1 <client@client.test>: Recipient address rejected: Quota exceeded";
    letters_wait_out(SmtpMoment::Recipient, 554, words, "have the quota raised").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_refuses_the_login_is_asked_rarely_and_says_why() {
    let house = House::open().await;
    let faults = house.servers.mishaps();
    let refusal = ImapMishap::No("[AUTHENTICATIONFAILED] wrong".to_owned());
    faults.imap_lasting(ImapMoment::CommandIs("LOGIN"), refusal);
    let serving = house.serve().await;
    house.until_trouble("refuses user and password: [AUTHENTICATIONFAILED] wrong. Mend user and password").await;
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_leaves_without_its_file_and_its_author_is_told() {
    let house = House::open().await;
    house.deliver(1);
    let serving = house.serve().await;
    house.until_sent("New request").await;
    let (_, letter) = house.sent("New request").unwrap();
    house.servers.mishaps().limit_size(SizeLimit::Kept(60_000));
    let answer = request_with_files(2)
        .replace("From: Client 2 <client2@client.test>", "From: Alex <alex@agents.test>")
        .replace("Subject: Clavier 2", &format!("Subject: Re: x\nIn-Reply-To: <{}>", letter.message_id.unwrap()))
        .replace("Le clavier 2 ne répond plus.", "Installez ceci.");
    house
        .post
        .deliver_as(&support(), answer.as_bytes(), &Delivery::of(answer.as_bytes()).with_verdict(Verdict::Pass))
        .unwrap();
    house.until_sent("Installez ceci.").await;
    house.until_sent("The letter to client1@client.test left without these files").await;
    let told = |to: &str| house.post.outside().iter().filter(|(who, _)| who.as_str() == to).count();
    assert_eq!(told("client1@client.test"), 2, "the acknowledgement and one answer");
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_even_alone_fails_and_the_log_says_so() {
    let house = House::open().await;
    house.servers.mishaps().limit_size(SizeLimit::Announced(10));
    house.post.deliver(&support(), request_with_files(1).as_bytes()).unwrap();
    let serving = house.serve().await;
    let all_failed = async || {
        let unsent = house.store.unsent(Timestamp::UNIX_EPOCH).await.unwrap();
        unsent.len() >= 2 && unsent.iter().all(|one| one.state == DeliveryState::Failed)
    };
    eventually("the failures", all_failed).await;
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_store_that_is_put_back_from_a_copy_lost_is_told_and_taken_in_again() {
    for beside in [Beside::Kept, Beside::Gone] {
        let mut house = House::open().await;
        house.deliver(1);
        let serving = house.serve().await;
        house.until_filed(1).await;
        house.until_sent("Le clavier 1 ne répond plus.").await;
        serving.stop().await;
        let copy = house.copy().await;
        (2..=3).for_each(|number| house.deliver(number));
        let serving = house.serve().await;
        house.until_filed(3).await;
        house.until_sent("Le clavier 3 ne répond plus.").await;
        serving.stop().await;

        house.put_back(&copy, beside).await;
        assert_eq!(house.ledger().await.len(), 1);
        house.deliver(4);
        let serving = house.serve().await;
        house.until(|ledger| on_tickets(ledger) == 4).await;
        house.until_filed(4).await;
        let mut numbers = numbers(&house.ledger().await);
        numbers.sort_unstable();
        assert!(numbers[0] == 1 && numbers[1] > 3, "{beside:?} {numbers:?}");
        assert!(house.status().await.restored.unwrap().contains("put back from a copy"), "{beside:?}");
        house.until_sent("Le clavier 4 ne répond plus.").await;
        serving.stop().await;
        house.no_message_id_stands_for_two_letters();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_only_a_letter_of_ours_knows_is_not_given_again() {
    let house = House::open().await;
    let serving = house.serve().await;
    serving.stop().await;
    let copy = house.copy().await;
    house.deliver(1);
    let serving = house.serve().await;
    house.until_sent("We have received your request").await;
    let (_, letter) = house.sent("We have received your request").unwrap();
    serving.stop().await;

    let mut house = House::open().await;
    house.put_back(&copy, Beside::Gone).await;
    let answer = request(2)
        .replace("Subject: Clavier 2", &format!("Subject: Re: Clavier\nIn-Reply-To: <{}>", letter.message_id.unwrap()));
    house.post.deliver(&support(), answer.as_bytes()).unwrap();
    let serving = house.serve().await;
    house.until(|ledger| on_tickets(ledger) == 1).await;
    assert_eq!(numbers(&house.ledger().await), [2]);
    serving.stop().await;
}

/// What stands beside a database that is put back.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Beside {
    Kept,
    Gone,
}

fn numbers(ledger: &[LedgerLine]) -> Vec<i64> {
    let number = |line: &LedgerLine| match line.outcome {
        Some(Outcome::Ticket(number)) => Some(number.0),
        _ => None,
    };
    ledger.iter().filter_map(number).collect()
}

fn on_tickets(ledger: &[LedgerLine]) -> usize {
    ledger.iter().filter(|line| matches!(line.outcome, Some(Outcome::Ticket(_)))).count()
}

fn set_aside(ledger: &[LedgerLine]) -> Option<LedgerId> {
    let unreadable = |line: &&LedgerLine| line.outcome == Some(Outcome::Quarantine(Reason::Unreadable));
    ledger.iter().find(unreadable).map(|line| line.id)
}

pub(crate) fn support() -> Address {
    "support@desk.example".parse().unwrap()
}

fn request(number: u32) -> String {
    format!(
        "From: Client {number} <client{number}@client.test>\nTo: support@desk.example\nSubject: Clavier {number}\n\
         Message-ID: <m{number}@client.test>\n\nBonjour,\n\nLe clavier {number} ne répond plus.\n"
    )
}

/// With a file of 90 kB and one of 6 kB.
fn request_with_files(number: u32) -> String {
    with_files(number, [("grand.bin", 2_000), ("petit.bin", 134)])
}

/// With files of so many lines.
fn with_files(number: u32, files: [(&str, usize); 2]) -> String {
    let part = |(name, lines): (&str, usize)| {
        let base64 = format!("{}\n", "QUJD".repeat(15)).repeat(lines);
        format!(
            "--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"{name}\"\n\
             Content-Transfer-Encoding: base64\n\n{base64}"
        )
    };
    let head = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n";
    let text = request(number).replacen("\n\n", &format!("\n{head}"), 1);
    format!("{text}{}--b--\n", files.map(part).concat())
}

const PROCESSED: &str = "Traités";

/// A desk with one agent, its mailbox, and a file for its store.
pub(crate) struct House {
    pub(crate) post: Post,
    pub(crate) servers: Servers,
    pub(crate) store: Store,
    folder: tempfile::TempDir,
    /// Tables of its configuration beside the usual ones.
    more: &'static str,
}

pub(crate) struct Serving {
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Serving {
    fn begin(gateway: Gateway) -> Serving {
        let stop = CancellationToken::new();
        Serving { stop: stop.clone(), task: tokio::spawn(gateway::serve(Arc::new(gateway), stop)) }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

impl House {
    async fn open() -> House {
        House::open_with("").await
    }

    pub(crate) async fn open_with(more: &'static str) -> House {
        let post = Post::new("mx.demo.example");
        post.add_account(&support(), PASSWORD);
        let servers = Servers::start(post.clone()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("guichet.db").display());
        let store = Store::open(&Settings { url }).await.unwrap();
        House { post, servers, store, folder, more }
    }

    pub(crate) fn deliver(&self, number: u32) {
        self.post.deliver(&support(), request(number).as_bytes()).unwrap();
    }

    pub(crate) async fn serve(&self) -> Serving {
        Serving::begin(self.gateway(self.config()).await)
    }

    async fn gateway(&self, config: Config) -> Gateway {
        let gateway = Gateway::new(Parts {
            store: self.reopened().await,
            policy: config.policy,
            shelf: Shelf::of(Library::default()),
            templates: Templates::new(&[]).unwrap(),
            mailboxes: config.mailboxes,
            transport: Transport::Smtp(config.smtp),
            sending: config.sending,
            alarm: None,
            time: TimeSource::System,
        });
        gateway.with_sent(config.sent)
    }

    /// A gateway closes its store when it stops.
    async fn reopened(&self) -> Store {
        Store::open(&self.settings()).await.unwrap()
    }

    fn settings(&self) -> Settings {
        Settings { url: format!("sqlite:{}/guichet.db", self.folder.path().display()) }
    }

    /// The database alone, as a backup has it.
    async fn copy(&self) -> Vec<u8> {
        let file = self.folder.path().join("copy");
        guichet::store::back_up(&self.settings(), &file, |_| {}).await.unwrap();
        let bytes = std::fs::read(&file).unwrap();
        std::fs::remove_file(file).unwrap();
        bytes
    }

    async fn put_back(&mut self, copy: &[u8], beside: Beside) {
        self.store.close().await;
        for entry in self.folder.path().read_dir().unwrap() {
            let path = entry.unwrap().path();
            if beside == Beside::Gone || path.extension().is_none_or(|ending| ending != "high") {
                std::fs::remove_file(path).unwrap();
            }
        }
        std::fs::write(self.folder.path().join("guichet.db"), copy).unwrap();
        self.store = self.reopened().await;
    }

    fn no_message_id_stands_for_two_letters(&self) {
        let mut known: std::collections::HashMap<String, Arc<[u8]>> = std::collections::HashMap::new();
        for (_, raw) in self.post.outside() {
            let id = mail::parse(&raw).message_id.unwrap().to_string();
            let before = known.insert(id.clone(), Arc::clone(&raw));
            assert!(before.is_none_or(|before| body_of(&before) == body_of(&raw)), "{id} stands for two letters");
        }
    }

    /// Everybody reads English here.
    pub(crate) fn config(&self) -> Config {
        let no_login = Configuration::new().without_key("[smtp]", "user").without_key("[smtp]", "password");
        let filed = no_login.with_key("[[mailbox]]", "processed_folder", &format!("{PROCESSED:?}"));
        let english = filed.with_key("[[desk]]", "languages", "[\"en\"]");
        let alone = english.with_an_agent_elsewhere().and(self.more);
        alone.with_ports(self.servers.imap().port(), self.servers.smtp().port()).read()
    }

    pub(crate) async fn ledger(&self) -> Vec<LedgerLine> {
        self.store.ledger(&LedgerFilter::default()).await.unwrap()
    }

    pub(crate) async fn status(&self) -> view::Status {
        let known = self.store.status().await.unwrap();
        view::Status::of(&known, &["support"], &[], Timestamp::now()).with_sent(&known, Some("support/sent"))
    }

    async fn until(&self, done: impl Fn(&[LedgerLine]) -> bool) {
        eventually("the ledger", async || done(&self.ledger().await)).await;
    }

    async fn until_trouble(&self, words: &str) {
        let told = async || self.status().await.mailboxes[0].trouble.as_ref().is_some_and(|told| told.contains(words));
        eventually(words, told).await;
    }

    async fn until_waiting(&self, count: u64) {
        eventually("how many wait", async || self.status().await.inbox_pending == count).await;
    }

    async fn until_filed(&self, count: usize) {
        eventually("the filing", async || self.post.mails(&support(), PROCESSED).len() == count).await;
    }

    async fn until_sent(&self, words: &str) {
        eventually(words, async || self.sent(words).is_some()).await;
    }

    /// The newest letter that says so, and whom it went to.
    fn sent(&self, words: &str) -> Option<(Address, InboundMail)> {
        let letters = self.post.outside().into_iter().map(|(to, raw)| (to, mail::parse(&raw)));
        let says = |mail: &InboundMail| mail.body.text.split_whitespace().collect::<Vec<_>>().join(" ").contains(words);
        letters.filter(|(_, mail)| says(mail)).last()
    }
}

/// Without what the server writes on top of a letter.
pub(crate) fn body_of(raw: &[u8]) -> &[u8] {
    let start = raw.windows(9).position(|window| window == b"\r\nSubject").unwrap();
    &raw[start..]
}

/// Asks again and again, for at most a minute.
pub(crate) async fn eventually(what: &str, done: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !done().await {
        assert!(Instant::now() < deadline, "{what}: not seen within a minute");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
