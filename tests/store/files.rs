//! The file of a SQLite store, and opening it.

use std::os::unix::fs::PermissionsExt;

use guichet::mail::token::TokenAudience;
use guichet::store::*;

use crate::cast::*;

fn settings(folder: &tempfile::TempDir) -> Settings {
    Settings { url: format!("sqlite:{}/guichet.db", folder.path().display()) }
}

#[tokio::test]
async fn a_second_gateway_on_the_same_file_is_refused_until_the_first_one_ends() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(&settings(&folder)).await.unwrap();
    let second = Store::open(&settings(&folder)).await.unwrap();
    let lock = first.lock_for_serve().unwrap();
    let refused = second.lock_for_serve().unwrap_err().to_string();
    assert!(refused.contains("Another guichet serves"), "{refused}");
    drop(lock);
    assert!(second.lock_for_serve().is_ok());
}

#[tokio::test]
async fn what_was_committed_is_there_after_a_restart_and_tokens_still_verify() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&settings(&folder)).await.unwrap();
    let (number, _) = open_ticket(&store, 1).await;
    let token = store.keyring().sign(number.0, 1, TokenAudience::Requester);
    store.close().await;
    let store = Store::open(&settings(&folder)).await.unwrap();
    assert!(store.keyring().verify(&token));
    assert!(store.ticket(number).await.unwrap().is_some());
}

#[tokio::test]
async fn nobody_but_its_owner_may_read_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&settings(&folder)).await.unwrap();
    open_ticket(&store, 1).await;
    for file in folder.path().read_dir().unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_open_a_new_store_at_once_all_find_the_same_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut commands = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let settings = settings(&folder);
        commands.spawn(async move { Store::open(&settings).await.unwrap().keyring() });
    }
    let keyrings = commands.join_all().await;
    let token = keyrings[0].sign(1, 1, TokenAudience::Desk);
    assert!(keyrings.iter().all(|keyring| keyring.verify(&token)));
}

#[tokio::test]
async fn a_url_that_names_no_database_and_a_folder_that_cannot_be_made_are_said_clearly() {
    let message = async |url: &str| match Store::open(&Settings { url: url.to_owned() }).await {
        Ok(_) => panic!("{url} was opened"),
        Err(error) => format!("{error:#}"),
    };
    assert!(message("mysql://host/db").await.contains("must begin with sqlite: or postgres://"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let below_a_file = format!("sqlite:{}/file/guichet.db", folder.path().display());
    assert!(message(&below_a_file).await.contains("/file is a file, not a folder"));
}

#[tokio::test]
async fn a_database_that_is_older_than_it_was_gives_no_number_twice() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guichet.db");
    let url = format!("sqlite:{}", file.display());
    let open = async || Store::open(&Settings { url: url.clone() }).await.unwrap();
    let store = open().await;
    let (first, _) = open_ticket(&store, 1).await;
    assert!(!store.is_put_back().await.unwrap());
    store.close().await;
    let copy = std::fs::read(&file).unwrap();
    let store = open().await;
    let (second, ledger) = open_ticket(&store, 2).await;
    store.close().await;

    std::fs::write(&file, copy).unwrap();
    let store = open().await;
    assert!(store.is_put_back().await.unwrap() && !store.is_put_back().await.unwrap());
    let (third, later) = open_ticket(&store, 2).await;
    assert!(first < second && second < third && ledger < later, "{first} {second} {third}");
    store.jump_ahead(50).await.unwrap();
    assert!(open_ticket(&store, 3).await.0.0 > third.0 + 50);
}

#[tokio::test]
async fn the_log_beside_the_file_stays_small_however_much_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&settings(&folder)).await.unwrap();
    let megabyte = "a".repeat(1 << 20);
    for _ in 0..40 {
        store.keep_setting("long", &megabyte).await.unwrap();
    }
    let log = folder.path().join("guichet.db-wal").metadata().unwrap().len();
    assert!(log < 20 << 20, "{log}");
}
