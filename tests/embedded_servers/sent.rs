//! Copies of letters in the folder for sent mail: each once, whatever the server does.

use std::collections::BTreeMap;

use guichet::demo::server::{ImapMishap, ImapMoment, SmtpMishap, SmtpMoment, StoredMail};
use guichet::imap::{self, Session, Which};
use guichet::mail;
use jiff::Timestamp;

use crate::service::{House, body_of, eventually, support};

const COPIES: &str = "[sent]\nmailbox = \"support\"";
const KEPT_BY_RELAY: &str = "[sent]\nmailbox = \"support\"\nfolder = \"Sent\"\nkept_by = \"relay\"";
const APPEND: ImapMoment = ImapMoment::CommandIs("APPEND");

/// What lies in the folder for sent mail.
fn copies(house: &House) -> Vec<StoredMail> {
    house.post.mails(&support(), "Sent")
}

fn message_id(raw: &[u8]) -> String {
    mail::parse(raw).message_id.unwrap().to_string()
}

/// Waits until each of so many letters that left has its copy, and sees that none has two.
async fn until_copied(house: &House, letters: usize) {
    let left =
        || house.post.outside().iter().map(|(_, raw)| message_id(raw)).collect::<std::collections::BTreeSet<_>>();
    eventually("a copy of each letter", async || {
        let copied = copies(house).len();
        left().len() == letters && copied >= letters && house.store.status().await.unwrap().copies_waiting == 0
    })
    .await;
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    copies(house).iter().for_each(|copy| *times.entry(message_id(&copy.raw)).or_default() += 1);
    assert!(times.keys().eq(left().iter()) && times.values().all(|times| *times == 1), "{times:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_each_letter_lies_there_as_it_left_seen_and_is_not_taken_for_mail() {
    let house = House::open_with(COPIES).await;
    (1..=2).for_each(|number| house.deliver(number));
    let serving = house.serve().await;
    until_copied(&house, 4).await;
    for copy in copies(&house) {
        let of_it = |raw: &[u8]| message_id(raw) == message_id(&copy.raw);
        let (_, letter) = house.post.outside().into_iter().find(|(_, raw)| of_it(raw)).unwrap();
        assert_eq!(body_of(&copy.raw), body_of(&letter));
        assert!(copy.flags.contains("\\Seen") && !copy.raw.starts_with(b"Received"), "{}", copy.text());
    }
    assert_eq!(house.status().await.sent.unwrap().trouble, None);
    serving.stop().await;
    let serving = house.serve().await;
    house.deliver(3);
    until_copied(&house, 6).await;
    assert_eq!(house.ledger().await.len(), 3, "no copy came in as mail");
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_whose_answer_is_lost_is_looked_for_before_another_is_tried() {
    for mishap in [ImapMishap::AcceptThenDrop, ImapMishap::Drop] {
        let house = House::open_with(COPIES).await;
        house.servers.mishaps().imap(APPEND, mishap);
        house.deliver(1);
        let serving = house.serve().await;
        until_copied(&house, 2).await;
        serving.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_room_copies_wait_the_operator_is_told_and_letters_leave() {
    let house = House::open_with(COPIES).await;
    house.servers.mishaps().imap_lasting(APPEND, ImapMishap::No("[OVERQUOTA] The mailbox is full".to_owned()));
    house.deliver(1);
    let serving = house.serve().await;
    eventually("the trouble", async || {
        house.status().await.sent.unwrap().trouble.is_some_and(|told| told.contains("Make room in the account"))
    })
    .await;
    eventually("the letters", async || house.post.outside().len() == 2).await;
    eventually("both waiting", async || house.status().await.sent.unwrap().waiting == 2).await;
    assert!(copies(&house).is_empty());
    serving.stop().await;

    house.servers.mishaps().clear();
    let serving = house.serve().await;
    until_copied(&house, 2).await;
    eventually("an end of the trouble", async || house.status().await.sent.unwrap().trouble.is_none()).await;
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_refused_for_itself_holds_up_no_other() {
    let house = House::open_with(COPIES).await;
    house.servers.mishaps().imap(APPEND, ImapMishap::No("[TOOBIG] Message is too large".to_owned()));
    house.deliver(1);
    let serving = house.serve().await;
    until_copied(&house, 2).await;
    assert_eq!(house.status().await.sent.unwrap().trouble, None);
    serving.stop().await;
}

/// The provider, which puts a copy of what it takes into the folder for sent mail.
struct Provider(Session);

impl Provider {
    async fn of(house: &House) -> Provider {
        let imap = house.config().mailboxes.remove(0).imap;
        let sent = imap::Settings { folder: Which::Named("Sent".to_owned()), ..imap };
        let mut session = Session::connect(&sent).await.unwrap();
        session.find_or_make_sent().await.unwrap();
        Provider(session)
    }

    async fn keeps(&mut self, copy: &[u8]) {
        self.0.append("Sent", copy, Timestamp::now()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_in_doubt_whose_copy_the_provider_kept_is_sent_and_known_under_its_other_message_id() {
    let house = House::open_with(KEPT_BY_RELAY).await;
    let mut provider = Provider::of(&house).await;
    provider.keeps(b"Message-ID: <older@desk.example>\r\n\r\nOlder.\r\n").await;
    house.servers.mishaps().smtp(SmtpMoment::EndOfData, SmtpMishap::AcceptThenDrop);
    house.deliver(1);
    let serving = house.serve().await;
    eventually("the letters", async || house.post.outside().len() == 2).await;
    let in_doubt = async || house.store.letters_in_doubt().await.unwrap().len();
    eventually("a letter in doubt", async || in_doubt().await == 1).await;
    let unsent = house.store.unsent(Timestamp::UNIX_EPOCH).await.unwrap();
    let recipient = &unsent.first().unwrap().recipient;
    let (_, raw) = house.post.outside().into_iter().find(|(to, _)| to == recipient).unwrap();
    let own = message_id(&raw);
    let other = "0102@provider.example";
    let [ours, theirs] = [own.as_str(), other].map(|id| format!("Message-ID: <{id}>"));
    provider.keeps(String::from_utf8_lossy(&raw).replace(&ours, &theirs).as_bytes()).await;
    eventually("no doubt", async || in_doubt().await == 0).await;
    assert_eq!(house.post.outside().len(), 2, "it does not leave once more");
    let id = mail::MessageId::new(other).unwrap();
    let known = house.store.relayed_as(std::slice::from_ref(&id)).await.unwrap();
    assert_eq!(known.get(&id).map(|own| own.as_str().to_owned()), Some(own));
    assert_eq!(house.status().await.sent.unwrap().trouble, None);
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_the_provider_does_not_have_is_told_and_not_made() {
    let house = House::open_with(KEPT_BY_RELAY).await;
    let serving = house.serve().await;
    eventually("the trouble", async || {
        house.status().await.sent.unwrap().trouble.is_some_and(|told| told.contains("no folder for sent mail"))
    })
    .await;
    assert!(!house.post.folders(&support()).contains(&"Sent".to_owned()));
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_thirty_megabytes_is_put_there_whole() {
    let house = House::open_with(COPIES).await;
    let mut provider = Provider::of(&house).await;
    let large = [&b"Message-ID: <large@desk.example>\r\n\r\n"[..], &b"0123456789abcde\r\n".repeat(30 << 16)].concat();
    provider.keeps(&large).await;
    let kept = copies(&house);
    assert!(kept.len() == 1 && kept[0].raw[..] == large[..], "{} bytes", kept[0].raw.len());
    assert!(provider.0.holds("Sent", "large@desk.example").await.unwrap());
}
