//! Copies of letters in the folder for sent mail: each once, whatever the server does.

use std::collections::BTreeMap;

use guichet::demo::server::{ImapMishap, ImapMoment, StoredMail};
use guichet::mail;

use crate::service::{House, body_of, eventually, support};

const COPIES: &str = "[sent]\nmailbox = \"support\"";
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
