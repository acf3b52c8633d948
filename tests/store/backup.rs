//! A copy is made beside the running service, is whole, and takes the store's place.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use guichet::desk::TicketNumber;
use guichet::store::{self, Settings, Store};

use crate::cast::*;
use crate::support::PostgreSql;

fn sqlite(file: &Path) -> Settings {
    Settings { url: format!("sqlite:{}", file.display()) }
}

async fn has(settings: &Settings, number: TicketNumber) -> bool {
    let store = Store::open(settings).await.unwrap();
    let ticket = store.ticket(number).await.unwrap();
    store.close().await;
    ticket.is_some()
}

async fn refused(settings: &Settings, file: &Path) -> String {
    format!("{:#}", store::restore(settings, file).await.unwrap_err())
}

#[tokio::test]
async fn a_copy_of_a_store_in_use_is_whole_and_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let (database, copy) = (folder.path().join("guichet.db"), folder.path().join("copy.db"));
    let settings = sqlite(&database);
    let store = Store::open(&settings).await.unwrap();
    let lock = store.lock_for_serve().unwrap();
    let (kept, _) = open_ticket(&store, 1).await;
    let bytes = store::back_up(&settings, &copy, |_| {}).await.unwrap();
    assert_eq!(bytes, fs::metadata(&copy).unwrap().len());
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let (lost, _) = open_ticket(&store, 2).await;

    assert!(refused(&settings, &copy).await.contains("Another guichet serves"));
    drop(lock);
    store.close().await;
    let aside = store::restore(&settings, &copy).await.unwrap().unwrap();
    assert!(has(&settings, kept).await && !has(&settings, lost).await);
    assert!(has(&sqlite(&aside), lost).await);
    assert!(Store::open(&settings).await.unwrap().is_put_back().await.unwrap());

    let elsewhere = sqlite(&folder.path().join("new/machine/guichet.db"));
    assert_eq!(store::restore(&elsewhere, &copy).await.unwrap(), None);
    assert!(has(&elsewhere, kept).await);
}

#[tokio::test]
async fn letters_that_waited_when_the_copy_was_made_are_in_doubt() {
    let folder = tempfile::tempdir().unwrap();
    let (database, copy) = (folder.path().join("guichet.db"), folder.path().join("copy.db"));
    let settings = sqlite(&database);
    let store = Store::open(&settings).await.unwrap();
    open_ticket(&store, 1).await;
    store::back_up(&settings, &copy, |_| {}).await.unwrap();
    open_ticket(&store, 2).await;
    store.close().await;

    store::restore(&settings, &copy).await.unwrap();
    let store = Store::open(&settings).await.unwrap();
    assert!(store.is_put_back().await.unwrap());
    let claimed = store.claim_deliveries(10, at(100), jiff::SignedDuration::from_secs(60)).await.unwrap();
    assert!(claimed.len() == 1 && claimed[0].in_doubt);
}

#[tokio::test]
async fn nothing_is_written_over_and_what_is_no_sound_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (database, copy) = (folder.path().join("guichet.db"), folder.path().join("copy.db"));
    let settings = sqlite(&database);
    let store = Store::open(&settings).await.unwrap();
    let (kept, _) = open_ticket(&store, 1).await;
    store::back_up(&settings, &copy, |_| {}).await.unwrap();
    store.close().await;
    let again = store::back_up(&settings, &copy, |_| {}).await.unwrap_err();
    assert!(format!("{again:#}").contains("exists already"), "{again:#}");
    let nowhere = store::back_up(&settings, &folder.path().join("no/copy.db"), |_| {}).await.unwrap_err();
    assert!(format!("{nowhere:#}").contains("Cannot write"), "{nowhere:#}");

    let mut bytes = fs::read(&copy).unwrap();
    // Rows stand behind what tells of tables: without that it would be no database at all.
    let rows = bytes.len() - 2 * 4096;
    bytes[rows..].fill(0x5a);
    fs::write(&copy, bytes).unwrap();
    let told = refused(&settings, &copy).await;
    assert!(told.contains("damaged"), "{told}");
    fs::write(&copy, "Bonjour").unwrap();
    assert!(refused(&settings, &copy).await.contains("cannot be read as a database"));
    fs::write(&copy, "").unwrap();
    assert!(refused(&settings, &copy).await.contains("is no store of guichet"));
    assert!(has(&settings, kept).await);
    let names: Vec<_> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().ends_with(".partial")), "{names:?}");
}

#[tokio::test]
async fn postgresql_writes_an_archive_that_fills_an_empty_database_only() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("guichet.dump");
    let database = PostgreSql::start();
    let settings = Settings { url: database.url() };
    let store = Store::open(&settings).await.unwrap();
    let (kept, _) = open_ticket(&store, 1).await;
    store::back_up(&settings, &archive, |_| {}).await.unwrap();
    store.close().await;
    assert!(refused(&settings, &archive).await.contains("already holds tickets"));

    let empty = PostgreSql::start();
    let restored = Settings { url: empty.url() };
    fs::write(folder.path().join("no.dump"), "Bonjour").unwrap();
    assert!(refused(&restored, &folder.path().join("no.dump")).await.contains("pg_restore failed"));
    store::restore(&restored, &archive).await.unwrap();
    assert!(has(&restored, kept).await);
}
