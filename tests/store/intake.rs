//! A mail becomes ours, waits, and is filed away.

use std::sync::Arc;

use guichet::desk::*;
use guichet::mail::MessageId;
use guichet::store::*;

use crate::cast::*;

const ALL: u64 = u64::MAX;

async fn waiting(store: &Store, seconds: i64) -> Vec<Pending> {
    let mut tx = store.begin().await.unwrap();
    let waiting = tx.pending(100, ALL, at(seconds)).await.unwrap();
    tx.commit().await.unwrap();
    waiting
}

#[tokio::test]
async fn a_recorded_mail_waits_with_all_that_was_told_about_it() {
    on_both(async |store| {
        let mail = Received { answered: true, size: 3_000_000, ..mail(4) };
        let ledger = record(&store, std::slice::from_ref(&mail)).await[0];
        let expected = Pending { ledger, mail: mail.clone(), attempts: 0, released: None, proof: None };
        assert_eq!(waiting(&store, 1).await, [expected]);
        assert_eq!(store.raw(ledger).await.unwrap().unwrap().bytes, mail.raw[..]);
        assert_eq!(store.raw(LedgerId(99)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_is_in_the_ledger_is_not_written_twice() {
    on_both(async |store| {
        let first = record(&store, &[mail(1), mail(2)]).await;
        let again = store.record(&[mail(2), mail(3), mail(3), mail(1)]).await.unwrap();
        assert_eq!(first.len(), 2);
        assert_eq!(again.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, false, false]);
        assert_eq!(waiting(&store, 1).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn the_same_uid_under_another_validity_or_in_another_mailbox_is_another_mail() {
    on_both(async |store| {
        let other = Received { mailbox: "ventes".to_owned(), ..mail(1) };
        let renumbered = Received { uid: Some((8, 1)), ..mail(1) };
        assert_eq!(record(&store, &[mail(1), other, renumbered]).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn piped_mails_have_no_uid_and_each_gets_its_own_bytes() {
    on_both(async |store| {
        let piped = |uid| Received { uid: None, ..mail(uid) };
        let ids = record(&store, &[piped(1), mail(2), piped(3)]).await;
        for (ledger, uid) in ids.into_iter().zip(1..) {
            assert_eq!(store.raw(ledger).await.unwrap().unwrap().bytes, mail(uid).raw[..]);
        }
    })
    .await;
}

#[tokio::test]
async fn an_empty_mail_and_a_mail_of_nul_bytes_come_back_as_they_were() {
    on_both(async |store| {
        let empty = Received { raw: Arc::default(), size: 0, ..mail(1) };
        let nul = Received { raw: vec![0; 100_000].into(), ..mail(2) };
        record(&store, &[empty, nul]).await;
        let waiting = waiting(&store, 1).await;
        assert_eq!(waiting[0].mail.raw, Arc::default());
        assert_eq!(waiting[1].mail.raw[..], [0; 100_000]);
    })
    .await;
}

#[tokio::test]
async fn known_uids_have_the_gaps_that_the_ledger_has() {
    on_both(async |store| {
        record(&store, &[mail(3), mail(9), mail(5)]).await;
        let known: Vec<u32> = store.known_uids("support", 7, 4).await.unwrap().into_iter().collect();
        assert_eq!(known, [5, 9]);
        let among = store.known_among("support", 7, &[1, 3, 4, 9, 12].into()).await.unwrap();
        assert!(among.iter().eq(&[3, 9]), "{among:?}");
        assert!(store.known_among("support", 8, &[3].into()).await.unwrap().is_empty());
        assert_eq!(store.highest_uid("support", 7).await.unwrap(), Some(9));
        assert_eq!(store.highest_uid("support", 8).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn the_oldest_mails_come_first_and_a_commit_takes_no_more_bytes_than_it_may() {
    on_both(async |store| {
        let big = |uid| Received { size: 1_000, ..mail(uid) };
        let ids = record(&store, &[big(5), big(4), big(3), big(2)]).await;
        let mut tx = store.begin().await.unwrap();
        let taken = |mails: Vec<Pending>| mails.iter().map(|mail| mail.ledger).collect::<Vec<_>>();
        assert_eq!(taken(tx.pending(100, 2_500, at(1)).await.unwrap()), ids[..2]);
        assert_eq!(taken(tx.pending(3, ALL, at(1)).await.unwrap()), ids[..3]);
        assert_eq!(taken(tx.pending(100, 10, at(1)).await.unwrap()), ids[..1], "one is always taken");
    })
    .await;
}

#[tokio::test]
async fn a_blamed_mail_waits_apart_and_the_ones_behind_it_go_on() {
    on_both(async |store| {
        let ids = record(&store, &[mail(1), mail(2)]).await;
        store.blame(&ids[..1], at(60)).await.unwrap();
        assert_eq!(waiting(&store, 59).await.len(), 1);
        let later = waiting(&store, 60).await;
        assert_eq!((later[0].attempts, later[1].attempts), (1, 0));
        let clock_jumped_back = waiting(&store, -100_000).await;
        assert_eq!(clock_jumped_back.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_blame_is_taken_back_where_the_store_failed() {
    on_both(async |store| {
        let ledger = record(&store, &[mail(1)]).await[0];
        for _ in 0..2 {
            store.blame(&[ledger], at(0)).await.unwrap();
        }
        for left in [1, 0, 0] {
            store.pardon(ledger).await.unwrap();
            assert_eq!(waiting(&store, 1).await[0].attempts, left);
        }
    })
    .await;
}

#[tokio::test]
async fn a_poisonous_mail_is_set_aside_and_can_be_tried_again() {
    on_both(async |store| {
        let ledger = record(&store, &[mail(1)]).await[0];
        store.blame(&[ledger], at(0)).await.unwrap();
        store.quarantine(ledger, Reason::Poison, at(1)).await.unwrap();
        assert!(waiting(&store, 1).await.is_empty());
        let line = store.ledger_line(ledger).await.unwrap().unwrap();
        assert_eq!((line.outcome, line.proof), (Some(Outcome::Quarantine(Reason::Poison)), None));

        store.ledger_retry(ledger).await.unwrap();
        let again = waiting(&store, 1).await;
        assert_eq!((again[0].attempts, again[0].released), (0, None));
        assert!(store.ledger_retry(ledger).await.unwrap_err().to_string().contains("waits already"));
    })
    .await;
}

#[tokio::test]
async fn a_released_mail_waits_as_one_that_a_human_vouches_for() {
    on_both(async |store| {
        let ledger = record(&store, &[mail(1)]).await[0];
        store.quarantine(ledger, Reason::AgentUnverified, at(1)).await.unwrap();
        store.ledger_release(ledger).await.unwrap();
        assert_eq!(waiting(&store, 1).await[0].released, Some(Vouched::Colleague));
        assert!(store.ledger_release(LedgerId(99)).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_decided_mail_is_filed_until_it_is_noted_that_it_was() {
    on_both(async |store| {
        let (number, ledger) = open_ticket(&store, 12).await;
        record(&store, &[mail(13)]).await;
        assert_eq!(
            store.decided_not_filed("support", 7).await.unwrap(),
            [Unfiled { ledger, uid: 12, is_on_ticket: true }]
        );
        assert_eq!(store.decided_not_filed("support", 8).await.unwrap(), []);
        store.filed(&[ledger], at(3)).await.unwrap();
        assert_eq!(store.decided_not_filed("support", 7).await.unwrap(), []);
        let line = store.ledger_line(ledger).await.unwrap().unwrap();
        assert_eq!((line.filed_at, line.outcome), (Some(at(3)), Some(Outcome::Ticket(number))));
        assert!(store.ledger_retry(ledger).await.unwrap_err().to_string().contains("on ticket R-000001"));
    })
    .await;
}

#[tokio::test]
async fn what_a_dead_gateway_had_in_hand_waits_again() {
    on_both(async |store| {
        let ledger = record(&store, &[mail(1)]).await[0];
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.pending(1, ALL, at(1)).await.unwrap().len(), 1);
        let docket = tx.docket(&keys_of("marie@client.test"), at(1)).await.unwrap();
        let decision = Decision { outcome: Some(Outcome::Suppressed(Reason::List)), ..Decision::default() };
        let mail = accounted(ledger);
        let written = Written { mail: Some(&mail), decision: &decision, letters: &[] };
        tx.write(&[written], &docket, at(1)).await.unwrap();
        drop(tx);
        // PostgreSQL learns a little later that the transaction is over.
        while waiting(&store, 1).await.is_empty() {
            tokio::task::yield_now().await;
        }
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.docket(&Keys::default(), at(1)).await.unwrap().next_ticket, 1);
    })
    .await;
}

#[tokio::test]
async fn gateways_on_one_database_never_get_the_same_mail() {
    on_both(async |store| {
        let mails: Vec<Received> = (1..=60).map(mail).collect();
        record(&store, &mails).await;
        let mut gateways = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let store = store.clone();
            gateways.spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let mut tx = store.begin().await.unwrap();
                    let taken = tx.pending(5, ALL, at(1)).await.unwrap();
                    if taken.is_empty() {
                        return mine;
                    }
                    let docket = tx.docket(&Keys::default(), at(1)).await.unwrap();
                    let decision = Decision { outcome: Some(Outcome::Suppressed(Reason::List)), ..Decision::default() };
                    let mails: Vec<Accounted> = taken.iter().map(|mail| accounted(mail.ledger)).collect();
                    let write = |mail| Written { mail: Some(mail), decision: &decision, letters: &[] };
                    let written: Vec<Written<'_>> = mails.iter().map(write).collect();
                    tx.write(&written, &docket, at(1)).await.unwrap();
                    tx.commit().await.unwrap();
                    mine.extend(mails.into_iter().map(|mail| mail.ledger));
                }
            });
        }
        let mut decided = gateways.join_all().await.concat();
        decided.sort_unstable();
        decided.dedup();
        assert_eq!(decided.len(), 60);
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_the_server_does_not_give_out_is_a_row_until_it_does() {
    on_both(async |store| {
        let whole = mail(4);
        let unread = Received { raw: Arc::default(), raw_sha256: None, ..whole.clone() };
        let mut tx = store.begin().await.unwrap();
        let ledger = tx.record_unreadable(&unread, at(20)).await.unwrap().unwrap();
        assert_eq!(tx.record_unreadable(&unread, at(20)).await.unwrap(), None, "once");
        tx.commit().await.unwrap();
        let (validity, uid) = whole.uid.unwrap();
        let due = async |seconds| {
            let unread = store.unreadable(&whole.mailbox, validity, at(seconds)).await.unwrap();
            unread.iter().map(|one| (one.uid, one.is_due)).collect::<Vec<_>>()
        };
        assert_eq!((due(19).await, due(20).await), (vec![(uid, false)], vec![(uid, true)]));
        store.ask_again_at(ledger, at(100)).await.unwrap();
        assert_eq!(store.ledger_retry(ledger).await.unwrap(), Retried::AskedFor);
        assert_eq!(due(19).await, [(uid, true)]);
        assert_eq!(waiting(&store, 1).await, []);
        assert_eq!(store.decided_not_filed(&whole.mailbox, validity).await.unwrap(), []);

        store.supply(ledger, &whole).await.unwrap();
        assert_eq!(due(19).await, []);
        assert_eq!(
            waiting(&store, 1).await,
            [Pending { ledger, mail: whole.clone(), attempts: 0, released: None, proof: None }]
        );
        let digest = whole.raw_sha256.unwrap();
        let id = MessageId::new("4@client.test");
        assert!(store.known_digests(&[(digest, id), ([0; 32], None)]).await.unwrap().iter().eq([&digest]));
        assert_eq!(store.newest_mail(&whole.mailbox).await.unwrap(), Some(whole.internal_date));
    })
    .await;
}
