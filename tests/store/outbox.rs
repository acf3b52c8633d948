//! Letters leave once, in order, and what the relay said is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use guichet::desk::*;
use guichet::store::*;
use jiff::SignedDuration;

use crate::cast::decide;
use crate::cast::*;
use crate::support::PostgreSql;

const LEASE: SignedDuration = SignedDuration::from_secs(60);

pub(crate) async fn claim(store: &Store, limit: usize, seconds: i64) -> Vec<Delivery> {
    store.claim_deliveries(limit, at(seconds), LEASE).await.unwrap()
}

async fn settle(store: &Store, claim: Claim, seconds: i64, settled: Settled) {
    store.settle(&[(claim, settled)], at(seconds)).await.unwrap();
}

pub(crate) fn sent(seconds: i64) -> Settled {
    Settled::Sent { at: at(seconds), reply: "250 2.0.0 queued".to_owned() }
}

/// A ticket with these letters beside the acknowledgement.
pub(crate) async fn write_letters(store: &Store, letters: &[(Purpose, &[&str])]) -> TicketNumber {
    let (number, _) = open_ticket(store, 1).await;
    decide(store, &keys_to(number), |docket, _| {
        letters.iter().map(|(purpose, to)| letter(docket, number, *purpose, to)).collect()
    })
    .await;
    number
}

fn recipients(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| delivery.recipient.as_str()).collect()
}

#[tokio::test]
async fn a_letter_leaves_once_for_each_recipient_and_is_sent() {
    on_both(async |store| {
        let number = write_letters(&store, &[(Purpose::Answer, &["marie@client.test", "paul@client.test"])]).await;
        let claimed = claim(&store, 10, 2).await;
        assert_eq!(recipients(&claimed), ["marie@client.test", "paul@client.test", "marie@client.test"]);
        assert_eq!(claimed[0].class, Class::Human);
        assert_eq!((claimed[0].letter.number, claimed[2].letter.number), (2, 1));
        assert!(claimed[0].letter.bytes.starts_with(b"From: support@desk.test"));
        assert_eq!(claimed[0].return_path, None);
        assert!(claim(&store, 10, 3).await.is_empty(), "they are leased");

        let settled: Vec<_> = claimed.iter().map(|delivery| (delivery.claim, sent(4))).collect();
        store.settle(&settled, at(4)).await.unwrap();
        assert!(claim(&store, 10, 10_000).await.is_empty());
        let shown = store.ticket(number).await.unwrap().unwrap();
        for delivery in shown.letters.iter().flat_map(|letter| &letter.deliveries) {
            assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Sent, 1));
            assert_eq!(delivery.last_reply.as_deref(), Some("250 2.0.0 queued"));
            assert_eq!(delivery.finished_at, Some(at(4)));
        }
        assert_eq!(store.next_due(at(4)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_letter_is_known_under_each_message_id_that_a_relay_gave_it() {
    on_both(async |store| {
        write_letters(&store, &[(Purpose::Answer, &["marie@client.test"])]).await;
        let [answer, acknowledgement] = &claim(&store, 10, 2).await[..] else { panic!("two letters") };
        let [first, second, third] =
            ["first", "second", "third"].map(|id| guichet::mail::MessageId::new(&format!("{id}@relay.test")).unwrap());
        let learned = [(answer.letter.id, first.clone()), (answer.letter.id, second.clone())];
        store.learn_message_ids(&learned).await.unwrap();
        // Once more, and what somebody else has.
        store.learn_message_ids(&[learned[0].clone(), (acknowledgement.letter.id, second.clone())]).await.unwrap();
        let known = store.relayed_as(&[first.clone(), second.clone(), third]).await.unwrap();
        let own = answer.letter.message_id.clone().unwrap();
        assert_eq!(known, [(first, own.clone()), (second, own)].into());
    })
    .await;
}

#[tokio::test]
async fn persons_words_leave_first_then_acknowledgements_then_notices() {
    on_both(async |store| {
        let letters: [(Purpose, &[&str]); 3] = [
            (Purpose::NewTicket, &["alice@desk.test"]),
            (Purpose::Resolved, &["marie@client.test"]),
            (Purpose::Answer, &["marie@client.test"]),
        ];
        write_letters(&store, &letters).await;
        let classes: Vec<_> = claim(&store, 10, 2).await.iter().map(|delivery| delivery.class).collect();
        assert_eq!(classes, [Class::Human, Class::Acknowledgement, Class::Notice, Class::Notice]);
    })
    .await;
}

#[tokio::test]
async fn a_flood_to_one_recipient_does_not_keep_others_waiting() {
    on_both(async |store| {
        let flood: &[&str] = &["flood@desk.test"];
        let mut letters: Vec<(Purpose, &[&str])> = vec![(Purpose::NewTicket, flood); 20];
        letters.push((Purpose::NewTicket, &["bob@desk.test"]));
        write_letters(&store, &letters).await;
        let claimed = claim(&store, 4, 2).await;
        assert!(recipients(&claimed).contains(&"bob@desk.test"), "{:?}", recipients(&claimed));
    })
    .await;
}

#[tokio::test]
async fn a_deferred_letter_leaves_later_and_its_tries_are_counted() {
    on_both(async |store| {
        open_ticket(&store, 1).await;
        let first = claim(&store, 1, 2).await.remove(0);
        let later = Settled::Later { due_at: at(100), reply: "451 try later".to_owned() };
        settle(&store, first.claim, 3, later).await;
        assert!(claim(&store, 1, 99).await.is_empty());
        assert_eq!(store.next_due(at(4)).await.unwrap(), Some(Duration::from_secs(96)));
        let second = claim(&store, 1, 100).await.remove(0);
        assert_eq!((second.attempts, second.first_tried_at, second.in_doubt), (1, Some(at(3)), false));
        let failed = Settled::Failed { at: at(101), reply: "550 unknown user".to_owned() };
        settle(&store, second.claim, 101, failed).await;
        assert!(claim(&store, 1, 10_000).await.is_empty());
        let unsent = store.unsent(at(0)).await.unwrap();
        assert_eq!((unsent[0].state, unsent[0].attempts), (DeliveryState::Failed, 2));
        assert_eq!(unsent[0].last_reply.as_deref(), Some("550 unknown user"));
        assert!(store.unsent(at(200)).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn all_that_failed_is_tried_again_and_begins_anew_save_what_was_dropped() {
    on_both(async |store| {
        write_letters(&store, &[(Purpose::Answer, &["marie@client.test", "paul@client.test"])]).await;
        for claimed in claim(&store, 10, 2).await {
            let failed = Settled::Failed { at: at(3), reply: "550 no".to_owned() };
            settle(&store, claimed.claim, 3, failed).await;
        }
        let failed = store.failed_deliveries(at(0), 2).await.unwrap();
        assert_eq!((failed.len(), failed[0].last_reply.as_deref()), (2, Some("550 no")));
        store.outbox_drop(failed[0].id, at(4)).await.unwrap();
        assert_eq!(store.outbox_retry_failed(at(9), at(10)).await.unwrap(), 0, "it was too long ago");
        assert_eq!(store.outbox_retry_failed(at(0), at(10)).await.unwrap(), 2);
        let again = claim(&store, 10, 10).await;
        assert_eq!((again.len(), again[0].first_tried_at), (2, None));
        assert_eq!(store.delivery(failed[0].id).await.unwrap().unwrap().state, DeliveryState::Failed);
    })
    .await;
}

#[tokio::test]
async fn a_letter_whose_answer_was_lost_leaves_again_and_is_known_to_be_in_doubt() {
    on_both(async |store| {
        open_ticket(&store, 1).await;
        let first = claim(&store, 1, 2).await.remove(0);
        let doubt = Settled::InDoubt { due_at: at(50), reply: "connection lost after the final dot".to_owned() };
        settle(&store, first.claim, 3, doubt).await;
        assert_eq!(store.unsent(at(0)).await.unwrap()[0].state, DeliveryState::InDoubt);
        let second = claim(&store, 1, 50).await.remove(0);
        assert!(second.in_doubt);
        assert_eq!(second.letter.bytes, first.letter.bytes);
        assert_eq!(second.letter.message_id, first.letter.message_id);
    })
    .await;
}

#[tokio::test]
async fn an_untried_letter_that_is_given_back_is_claimed_at_once() {
    on_both(async |store| {
        open_ticket(&store, 1).await;
        let first = claim(&store, 1, 2).await.remove(0);
        settle(&store, first.claim, 3, Settled::GivenBack).await;
        let second = claim(&store, 1, 3).await.remove(0);
        assert_eq!((second.attempts, second.first_tried_at), (0, None));
        assert!(second.claim.number > first.claim.number);
    })
    .await;
}

#[tokio::test]
async fn whoever_lost_the_lease_says_nothing_more_but_that_it_was_sent() {
    on_both(async |store| {
        open_ticket(&store, 1).await;
        let slow = store.claim_deliveries(1, at(2), SignedDuration::ZERO).await.unwrap().remove(0);
        let quick = claim(&store, 1, 62).await.remove(0);
        assert_eq!(slow.claim.delivery, quick.claim.delivery);
        let late = Settled::Failed { at: at(63), reply: "550 no".to_owned() };
        settle(&store, slow.claim, 63, late).await;
        assert!(claim(&store, 1, 64).await.is_empty(), "the lease of the other one stands");
        settle(&store, slow.claim, 64, sent(64)).await;
        settle(&store, quick.claim, 65, Settled::Later { due_at: at(70), reply: "451".to_owned() }).await;
        assert!(claim(&store, 1, 10_000).await.is_empty(), "what was sent stays sent");
    })
    .await;
}

#[tokio::test]
async fn a_claim_is_prolonged_while_its_letter_is_on_its_way_and_nobody_else_has_it() {
    on_both(async |store| {
        open_ticket(&store, 1).await;
        let first = store.claim_deliveries(1, at(2), SignedDuration::ZERO).await.unwrap().remove(0);
        assert_eq!(store.renew_claims(&[first.claim], at(2), LEASE).await.unwrap(), [first.claim]);
        assert!(claim(&store, 1, 3).await.is_empty());
        assert!(store.next_due(at(3)).await.unwrap().is_some_and(|wait| wait > Duration::from_secs(30)));
        store.renew_claims(&[first.claim], at(3), SignedDuration::ZERO).await.unwrap();
        let second = claim(&store, 1, 4).await.remove(0);
        assert_eq!(store.renew_claims(&[first.claim, second.claim], at(4), LEASE).await.unwrap(), [second.claim]);
        settle(&store, second.claim, 5, Settled::GivenBack).await;
        assert_eq!(store.renew_claims(&[second.claim], at(5), LEASE).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn nothing_waits_for_a_clock_that_jumped_back() {
    on_both(async |store| {
        open_ticket(&store, 1).await;
        let year = 365 * 24 * 3_600;
        let leased = store.claim_deliveries(1, at(year), LEASE * 2).await.unwrap().remove(0);
        let again = claim(&store, 1, 2).await.remove(0);
        assert_eq!(leased.claim.delivery, again.claim.delivery);
        let later = Settled::Later { due_at: at(year + 60), reply: "451".to_owned() };
        settle(&store, again.claim, year, later).await;
        assert_eq!(claim(&store, 1, 2).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn twelve_senders_claim_each_delivery_once() {
    on_both(async |store| {
        let to: Vec<String> = (0..50).map(|n| format!("r{n}@client.test")).collect();
        let to: Vec<&str> = to.iter().map(String::as_str).collect();
        write_letters(&store, &[(Purpose::Answer, &to), (Purpose::Notice, &to), (Purpose::Status, &to)]).await;
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let store = store.clone();
            senders.spawn(async move {
                let mut mine = Vec::new();
                while store.next_due(at(2)).await.unwrap() == Some(Duration::ZERO) {
                    for delivery in claim(&store, 7, 2).await {
                        mine.push(delivery.claim.delivery);
                        settle(&store, delivery.claim, 2, sent(2)).await;
                    }
                }
                mine
            });
        }
        let claimed = senders.join_all().await.concat();
        let distinct: BTreeSet<DeliveryId> = claimed.iter().copied().collect();
        assert_eq!((claimed.len(), distinct.len()), (151, 151));
    })
    .await;
}

#[tokio::test]
async fn while_all_is_held_nothing_leaves_and_automatic_letters_can_be_dropped() {
    on_both(async |store| {
        let to: &[&str] = &["marie@client.test"];
        let number = write_letters(&store, &[(Purpose::Answer, to), (Purpose::Status, to)]).await;
        store.outbox_hold_all(at(2)).await.unwrap();
        assert!(claim(&store, 10, 3).await.is_empty());
        assert_eq!(store.next_due(at(3)).await.unwrap(), None);
        assert_eq!(store.status().await.unwrap().held_since, Some(at(2)));
        assert_eq!(store.outbox_resume(Dropped::AutomaticLetters, at(4)).await.unwrap(), 2);
        assert_eq!(store.outbox_held_since().await.unwrap(), None);
        let claimed = claim(&store, 10, 5).await;
        assert_eq!(claimed.iter().map(|delivery| delivery.letter.purpose).collect::<Vec<_>>(), [Purpose::Answer]);
        let shown = store.ticket(number).await.unwrap().unwrap();
        let mut states: BTreeMap<&str, usize> = BTreeMap::new();
        for delivery in shown.letters.iter().flat_map(|letter| &letter.deliveries) {
            *states.entry(delivery.state.word()).or_default() += 1;
        }
        assert_eq!(states, [("failed", 2), ("queued", 1)].into());
    })
    .await;
}

#[tokio::test]
async fn held_letters_wait_for_a_human_who_sends_or_drops_them() {
    on_both(async |store| {
        let (number, _) = open_ticket(&store, 1).await;
        decide(&store, &keys_to(number), |docket, _| {
            let held = letter(docket, number, Purpose::Status, &["marie@client.test", "paul@client.test"]);
            vec![LetterRow { state: LetterState::Held, ..held }]
        })
        .await;
        let first = claim(&store, 10, 2).await;
        assert_eq!(first.len(), 1);
        settle(&store, first[0].claim, 2, sent(2)).await;
        let held = store.unsent(at(0)).await.unwrap();
        assert_eq!(held.iter().map(|line| line.state).collect::<Vec<_>>(), [DeliveryState::Held; 2]);
        assert_eq!(store.status().await.unwrap().outbox_held, 2);
        store.outbox_retry(held[0].id, at(3)).await.unwrap();
        store.outbox_drop(held[1].id, at(3)).await.unwrap();
        assert_eq!(recipients(&claim(&store, 10, 3).await), ["marie@client.test"]);
        assert!(store.outbox_retry(first[0].claim.delivery, at(4)).await.is_err(), "it was sent");
        assert!(store.outbox_drop(DeliveryId(99), at(4)).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn what_keeps_letters_from_leaving_is_kept_for_each_gateway_until_an_operator_wants_a_try_or_it_has_ended() {
    let silent = |since: i64, cause: &str| Hindrance {
        since: at(since),
        next_try: at(since + 30),
        return_path: None,
        cause: cause.to_owned(),
        remedy: "Look at it.".to_owned(),
    };
    let (one, other) = (silent(1, "mx.test does not answer"), silent(2, "nothing listens at mx.test"));
    on_both(async |store| {
        write_letters(&store, &[(Purpose::Answer, &["marie@client.test"])]).await;
        let waiting = store.unsent(at(0)).await.unwrap()[0].id;
        let is_shared = store.is_shared();
        let (here, there) = if is_shared { ("here", "there") } else { ("here", "here") };
        store.keep_hindrances(here, std::slice::from_ref(&one), at(1)).await.unwrap();
        store.keep_hindrances(there, &[], at(2)).await.unwrap();
        assert_eq!(store.is_hindered(here).await.unwrap(), is_shared, "what another one says is its own");
        store.keep_hindrances(there, std::slice::from_ref(&other), at(2)).await.unwrap();
        let all = if is_shared { vec![one.clone(), other.clone()] } else { vec![other.clone()] };
        assert_eq!(store.hindrances().await.unwrap(), all);
        assert!(store.outbox_retry(DeliveryId(99), at(3)).await.is_err());
        assert!(store.is_hindered(there).await.unwrap(), "an order that does nothing changes nothing");
        store.outbox_retry(waiting, at(3)).await.unwrap();
        assert!(!store.is_hindered(here).await.unwrap() && !store.is_hindered(there).await.unwrap());

        store.keep_hindrances(here, std::slice::from_ref(&one), at(4)).await.unwrap();
        assert!(!one.is_overdue(at(300)) && one.is_overdue(at(400)));
        store.keep_hindrances("later", &[], at(400)).await.unwrap();
        assert_eq!(store.hindrances().await.unwrap(), []);
    })
    .await;
}

async fn states(store: &Store, number: TicketNumber) -> Vec<DeliveryState> {
    let shown = store.ticket(number).await.unwrap().unwrap();
    shown.letters.iter().flat_map(|letter| &letter.deliveries).map(|delivery| delivery.state).collect()
}

#[tokio::test]
async fn what_was_noted_as_sent_is_sent_though_the_gateway_died_before_the_tables_knew() {
    on_both(async |store| {
        let number = write_letters(&store, &[(Purpose::Answer, &["marie@client.test"])]).await;
        let mut settling = store.settling(Copies::Unwanted, at(2)).await.unwrap();
        for delivery in claim(&store, 10, 2).await {
            settling.note(delivery.claim, sent(3), at(3)).await.unwrap();
        }
        drop(settling);

        let next = store.settling(Copies::Unwanted, at(4)).await.unwrap();
        assert_eq!(states(&store, number).await, [DeliveryState::Sent, DeliveryState::Sent]);
        drop(next);
        store.settling(Copies::Unwanted, at(5)).await.unwrap();
        assert_eq!(states(&store, number).await, [DeliveryState::Sent, DeliveryState::Sent]);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_simply_sent_stands_in_the_tables_at_once() {
    on_both(async |store| {
        let number = write_letters(&store, &[(Purpose::Answer, &["marie@client.test"])]).await;
        let mut settling = store.settling(Copies::Unwanted, at(2)).await.unwrap();
        let claimed = claim(&store, 10, 2).await;
        settling.note(claimed[0].claim, sent(3), at(3)).await.unwrap();
        let doubt = Settled::InDoubt { due_at: at(60), reply: "connection lost".to_owned() };
        settling.note(claimed[1].claim, doubt, at(4)).await.unwrap();
        let mut states = states(&store, number).await;
        states.sort_by_key(DeliveryState::word);
        assert_eq!(states, [DeliveryState::InDoubt, DeliveryState::Sent]);
        assert_eq!(settling.due_in(), None);
    })
    .await;
}

#[tokio::test]
async fn a_note_that_a_crash_cut_in_two_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guichet.db");
    let url = format!("sqlite:{}", file.display());
    let store = Store::open(&Settings { url }).await.unwrap();
    let number = write_letters(&store, &[(Purpose::Answer, &["marie@client.test"])]).await;
    let mut settling = store.settling(Copies::Unwanted, at(2)).await.unwrap();
    for delivery in claim(&store, 10, 2).await {
        settling.note(delivery.claim, sent(3), at(3)).await.unwrap();
    }
    drop(settling);
    let notes = folder.path().join("guichet.db.sent");
    let whole = std::fs::read(&notes).unwrap();
    std::fs::write(&notes, &whole[..whole.len() - 5]).unwrap();

    store.settling(Copies::Unwanted, at(4)).await.unwrap();
    let sent = states(&store, number).await.into_iter().filter(|state| *state == DeliveryState::Sent).count();
    assert_eq!(sent, 1);
    assert_eq!(std::fs::metadata(&notes).unwrap().len(), 0);
}

#[tokio::test]
async fn a_lighter_letter_takes_over_what_waits_of_the_one_that_was_too_large() {
    on_both(async |store| {
        let number = write_letters(&store, &[(Purpose::Answer, &["marie@client.test", "pierre@client.test"])]).await;
        let claimed = claim(&store, 10, 2).await;
        let refused = claimed.iter().find(|one| one.letter.purpose == Purpose::Answer).unwrap();
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.lighter_of(refused.letter.id).await.unwrap(), None);
        let heavy = tx.heavy_letter(refused.letter.id).await.unwrap();
        assert_eq!((heavy.ticket, heavy.number), (Some(number), refused.letter.number));
        let lighter = guichet::letters::Lighter {
            bytes: b"Subject: x\r\n\r\nlight\r\n".to_vec(),
            enclosures: Vec::new(),
            text: "light".to_owned(),
            left_out: Vec::new(),
        };
        let message_id = id("lighter@desk.test");
        let named = Renamed { number: 9, message_id: &message_id };
        let written = tx.write_lighter(&heavy, &lighter, named, at(3)).await.unwrap();
        tx.redirect(refused.claim.delivery, heavy.id, written).await.unwrap();
        assert_eq!(tx.lighter_of(heavy.id).await.unwrap(), Some(written));
        tx.commit().await.unwrap();
        settle(&store, refused.claim, 3, Settled::Later { due_at: at(3), reply: "552".to_owned() }).await;
        let again = claim(&store, 10, 4).await;
        let [again] = &again[..] else { panic!("{again:?}") };
        assert_eq!((&again.letter.bytes[..], again.letter.number), (&lighter.bytes[..], 9));
        assert_eq!(again.recipient, refused.recipient);
    })
    .await;
}

#[tokio::test]
async fn what_is_long_is_compressed_with_lz4_where_the_server_has_it() {
    let database = PostgreSql::start();
    let has_lz4 =
        database.sql("select 'lz4' = any(enumvals) from pg_settings where name = 'default_toast_compression'");
    let store = Store::open(&Settings { url: database.url().to_owned() }).await.unwrap();
    store.keep_setting("long", &"Bonjour, ".repeat(1_000)).await.unwrap();
    let compression = database.sql("select pg_column_compression(value) from setting where name = 'long'");
    assert_eq!(compression, if has_lz4 == "t" { "lz4" } else { "pglz" });
}
