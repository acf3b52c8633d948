//! A letter that a relay took has one copy, whoever dies on the way to it.

use std::collections::BTreeSet;

use guichet::desk::*;
use guichet::store::*;

use crate::cast::*;
use crate::outbox::{claim, sent, write_letters};

async fn due(store: &Store, seconds: i64) -> Vec<SentCopy> {
    store.copies_due(10, at(seconds)).await.unwrap()
}

/// The first recipient of a letter took it, and the letter waits for its copy.
async fn one_copy(store: &Store) -> SentCopy {
    write_letters(store, &[]).await;
    let claimed = claim(store, 10, 2).await;
    store.settle_with_copies(&[(claimed[0].claim, sent(3))], at(3)).await.unwrap();
    let [copy] = <[SentCopy; 1]>::try_from(due(store, 3).await).unwrap();
    copy
}

#[tokio::test]
async fn a_letter_has_one_copy_however_many_took_it_and_one_that_nobody_took_has_none() {
    on_both(async |store| {
        let to = ["marie@client.test", "luc@client.test", "zoe@client.test"];
        write_letters(&store, &[(Purpose::Answer, &to), (Purpose::Notice, &["alex@agents.test"])]).await;
        let claimed = claim(&store, 10, 2).await;
        let of_answer: Vec<&Delivery> = claimed.iter().filter(|one| one.letter.purpose == Purpose::Answer).collect();
        let other = claimed.iter().find(|one| one.letter.purpose == Purpose::Notice).unwrap();
        let (answer, failed) = (of_answer[0].letter.id, Settled::Failed { at: at(3), reply: "550".to_owned() });
        let settled = [(of_answer[0].claim, sent(5)), (of_answer[1].claim, sent(4)), (other.claim, failed)];
        store.settle_with_copies(&settled, at(5)).await.unwrap();
        let copies = due(&store, 5).await;
        assert_eq!(copies, [SentCopy { letter: answer, sent_at: at(4), is_begun: false, tries: 0 }]);
        assert_eq!(store.letter_of_copy(answer).await.unwrap().purpose, Purpose::Answer);

        assert!(store.begin_copy(answer).await.unwrap());
        store.settle_copy(answer, &CopySettled::There, at(6)).await.unwrap();
        store.settle_with_copies(&[(of_answer[2].claim, sent(7))], at(7)).await.unwrap();
        assert_eq!((due(&store, 8).await, store.status().await.unwrap().copies_waiting), (vec![], 0));
    })
    .await;
}

#[tokio::test]
async fn where_nobody_wants_copies_nothing_is_written_for_them() {
    on_both(async |store| {
        write_letters(&store, &[]).await;
        let mut settling = store.settling(Copies::Unwanted, at(2)).await.unwrap();
        for delivery in claim(&store, 10, 2).await {
            settling.note(delivery.claim, sent(3), at(3)).await.unwrap();
        }
        settling.settle(at(4)).await.unwrap();
        assert_eq!(due(&store, 5).await, []);
    })
    .await;
}

#[tokio::test]
async fn what_was_noted_as_sent_has_its_copy_though_the_gateway_died_before_the_tables_knew() {
    on_both(async |store| {
        write_letters(&store, &[(Purpose::Answer, &["marie@client.test"])]).await;
        let mut settling = store.settling(Copies::Wanted, at(2)).await.unwrap();
        let claimed = claim(&store, 10, 2).await;
        for delivery in &claimed {
            settling.note(delivery.claim, sent(3), at(3)).await.unwrap();
        }
        drop(settling);
        for _ in 0..2 {
            drop(store.settling(Copies::Wanted, at(4)).await.unwrap());
            assert_eq!(due(&store, 5).await.len(), claimed.len());
        }
    })
    .await;
}

#[tokio::test]
async fn a_copy_that_was_begun_is_looked_for_and_begun_by_one_alone() {
    on_both(async |store| {
        let copy = one_copy(&store).await;
        assert!(store.begin_copy(copy.letter).await.unwrap());
        assert!(!store.begin_copy(copy.letter).await.unwrap(), "somebody else did");
        assert_eq!(due(&store, 4).await, [SentCopy { is_begun: true, ..copy.clone() }]);

        let waiting = CopySettled::Waiting { reply: "[OVERQUOTA]".to_owned() };
        store.settle_copy(copy.letter, &waiting, at(5)).await.unwrap();
        assert_eq!(due(&store, 4).await, [], "it is behind those that have waited meanwhile");
        assert_eq!(due(&store, 5).await, [copy]);
    })
    .await;
}

#[tokio::test]
async fn a_copy_that_is_not_taken_waits_and_is_given_up() {
    on_both(async |store| {
        let copy = one_copy(&store).await;
        store.begin_copy(copy.letter).await.unwrap();
        let later = CopySettled::Later { due_at: at(60), reply: "[TOOBIG]".to_owned() };
        store.settle_copy(copy.letter, &later, at(5)).await.unwrap();
        assert_eq!(due(&store, 59).await, []);
        assert_eq!(due(&store, 60).await, [SentCopy { tries: 1, ..copy.clone() }]);
        let year = 365 * 86_400;
        assert_eq!(due(&store, -year).await.len(), 1, "a clock that jumped back keeps nothing waiting");

        store.begin_copy(copy.letter).await.unwrap();
        let doubt = CopySettled::InDoubt { due_at: at(120), reply: "the server refused SEARCH".to_owned() };
        store.settle_copy(copy.letter, &doubt, at(60)).await.unwrap();
        assert_eq!(due(&store, 119).await, []);
        assert_eq!(due(&store, 120).await, [SentCopy { tries: 2, is_begun: true, ..copy.clone() }]);
        assert_eq!(store.status().await.unwrap().copies_waiting, 1);
        let given_up = CopySettled::GivenUp { reply: "[TOOBIG]".to_owned() };
        store.settle_copy(copy.letter, &given_up, at(120)).await.unwrap();
        assert_eq!((due(&store, year).await, store.status().await.unwrap().copies_waiting), (vec![], 0));
    })
    .await;
}

#[tokio::test]
async fn a_letter_in_doubt_with_one_recipient_is_sent_where_its_copy_is_seen() {
    on_both(async |store| {
        let two = ["marie@client.test", "luc@client.test"];
        let number = write_letters(&store, &[(Purpose::Answer, &two), (Purpose::Notice, &["alex@agents.test"])]).await;
        let claimed = claim(&store, 10, 2).await;
        let doubt = || Settled::InDoubt { due_at: at(60), reply: "connection lost".to_owned() };
        let settled: Vec<_> = claimed.iter().map(|one| (one.claim, doubt())).collect();
        store.settle(&settled, at(3)).await.unwrap();
        let letters: BTreeSet<LetterId> = claimed.iter().map(|one| one.letter.id).collect();
        assert_eq!(store.letters_in_doubt().await.unwrap().into_iter().collect::<BTreeSet<_>>(), letters);

        let notice = claimed.iter().find(|one| one.letter.purpose == Purpose::Notice).unwrap();
        let key = (number, notice.letter.number);
        let named = store.letters_named(&[key, (number, 99)]).await.unwrap();
        assert_eq!(named, [(key, (notice.letter.id, notice.letter.message_id.clone()))].into());

        let of_answer = claimed.iter().find(|one| one.letter.purpose == Purpose::Answer).unwrap().letter.id;
        let seen = [notice.letter.id, of_answer];
        assert_eq!(store.settle_seen(&seen, "a copy lies there", at(4)).await.unwrap(), [notice.claim.delivery]);
        assert_eq!(store.settle_seen(&seen, "a copy lies there", at(5)).await.unwrap(), []);
        let again = claim(&store, 10, 60).await;
        assert!(again.iter().all(|one| one.letter.purpose != Purpose::Notice), "{again:?}");
        assert_eq!(
            again.iter().filter(|one| one.letter.id == of_answer).count(),
            2,
            "copies of two cannot be told apart"
        );
    })
    .await;
}
