//! Databases that cannot be used: what is wrong is said in a sentence, with what to do, within ten seconds.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::configuration::Configuration;
use crate::support::{Guichet, PgBouncer, PostgreSql};
use guichet::store::*;
use sqlx::Connection as _;

const PROMISED: Duration = Duration::from_secs(10);

fn settings(url: impl Into<String>) -> Settings {
    Settings { url: url.into() }
}

/// Why `serve` refuses the store; a sentence that is said once, and within the time that is promised.
async fn refusal(url: impl Into<String>) -> String {
    told(Store::try_out(&settings(url))).await
}

async fn told<T>(tried: impl Future<Output = Result<T, Fault>>) -> String {
    let started = Instant::now();
    let fault = tried.await.err().expect("the store is unfit");
    assert!(started.elapsed() < PROMISED, "{fault} came after {:?}", started.elapsed());
    let told = fault.to_string();
    assert!(!told.contains("at line") && !told.contains("timed out") && told.ends_with('.'), "{told}");
    assert_eq!(told.matches(&fault.problem).count(), 1, "{told}");
    told
}

#[track_caller]
fn says(told: &str, problem: &str, remedy: &str) {
    assert!(told.contains(problem) && told.contains(remedy), "{told}\nlacks: {problem}\nor: {remedy}");
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    says(
        &refusal("postgres://desk@127.0.0.1:9/desk").await,
        "127.0.0.1:9 is refused: nothing listens",
        "Start PostgreSQL",
    );
    let told = refusal("postgres://desk@no-such-host.invalid/desk").await;
    says(&told, "no-such-host.invalid:5432 is unknown to DNS", "Mend the host");
    says(
        &refusal("postgres://desk@/desk?host=/nowhere").await,
        "no PostgreSQL socket at /nowhere",
        "folder of its socket",
    );
}

#[tokio::test]
async fn a_port_that_says_nothing_and_one_that_speaks_otherwise() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://desk@{}/desk", silent.local_addr().unwrap());
    says(&refusal(url).await, "takes the connection and then says nothing", "pooler or proxy");

    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://desk@{}/desk", other.local_addr().unwrap());
    thread::spawn(move || {
        for connection in other.incoming().map_while(Result::ok) {
            (&connection).write_all(b"220 mail.test ESMTP\r\n").ok();
        }
    });
    says(&refusal(url).await, "does not speak as PostgreSQL does", "Look at the port");
}

#[tokio::test]
async fn whoever_is_not_let_in_hears_why() {
    let database = PostgreSql::start();
    let (server, name) = (database.server(), database.name().to_owned());
    database.sql("drop role if exists needs_password; create role needs_password login password 'right'");
    let told = refusal(format!("postgres://needs_password:wrong@{server}/{name}")).await;
    says(&told, &format!("{server} refuses the password of needs_password"), "% is written %25");
    assert!(!told.contains("wrong"));
    let right = settings(format!("postgres://needs_password@{server}/{name}")).with_password("right").unwrap();
    let told = Store::try_out(&right).await.err().map(|fault| fault.to_string()).unwrap_or_default();
    says(&told, "lacks rights", "own the database");

    says(&refusal(database.url_as("nobody_at_all")).await, "refuses nobody_at_all", "createuser");
    says(
        &refusal(format!("postgres://guichet@{server}/none")).await,
        "there is no database none",
        "createdb --owner=guichet",
    );
    database.sql("create role not_let_in login; create role needs_tls login");
    says(&refusal(database.url_as("not_let_in")).await, "not_let_in into", "pg_hba.conf");
    let url = format!("{}?sslmode=disable", database.url_as("needs_tls"));
    says(&refusal(url).await, "needs_tls into", "pg_hba.conf");
    says(&refusal(format!("{}?sslmode=require", database.url())).await, "offers no TLS", "Turn ssl on");
}

#[tokio::test]
async fn certificates_that_are_not_trusted_or_bear_another_name() {
    let (url, authority) = PostgreSql::with_tls();
    assert_eq!(Store::try_out(&settings(format!("{url}?sslmode=require"))).await, Ok(Tables::None));
    let known = format!("sslmode=verify-full&sslrootcert={}", authority.display());
    assert_eq!(Store::try_out(&settings(format!("{url}?{known}"))).await, Ok(Tables::None));
    says(&refusal(format!("{url}?sslmode=verify-full")).await, "is not trusted here", "sslrootcert=");
    let other_name = url.replace("@localhost:", "@[::ffff:127.0.0.1]:");
    says(&refusal(format!("{other_name}?{known}")).await, "is for another name", "verify-ca");
    let nowhere = format!("{url}?sslmode=verify-full&sslrootcert=/nowhere/ca.pem");
    says(&refusal(nowhere).await, "a file of TLS", "sslrootcert");
}

#[tokio::test]
async fn a_standby_is_not_written_and_the_primary_beside_it_is_found() {
    let standby = PostgreSql::standby();
    says(&refusal(&standby).await, "is a standby", "Name the primary");
    let (_, place) = standby.split_once('@').unwrap();
    let (standby, _) = place.split_once('/').unwrap();
    let database = PostgreSql::start();
    let both = format!("postgres://guichet@{standby},{}/postgres", database.server());
    assert_eq!(Store::try_out(&settings(both)).await, Ok(Tables::None));
    let standby_and_nobody = format!("postgres://guichet@{standby},127.0.0.1:9/postgres");
    says(
        &refusal(standby_and_nobody).await,
        "is a standby (in recovery): it can only be read; the connection",
        "run as primary",
    );
}

#[tokio::test]
async fn a_server_at_its_limit() {
    let database = PostgreSql::start();
    database.sql("create role limited login connection limit 0");
    says(&refusal(database.url_as("limited")).await, "is at its limit of connections", "raise max_connections");
}

#[tokio::test]
async fn a_database_that_can_only_be_read() {
    let database = PostgreSql::start();
    Store::open(&settings(database.url())).await.unwrap().close().await;
    database.sql(&format!(
        "create role reader login; grant select on all tables in schema public to reader; \
         grant create on schema public to reader; create role outsider login; \
         alter database {} set default_transaction_read_only = on",
        database.name()
    ));
    says(&refusal(database.url()).await, "can only be read", "reset default_transaction_read_only");
    database.sql(&format!(
        "set default_transaction_read_only = off; alter database {} reset default_transaction_read_only",
        database.name()
    ));
    says(
        &refusal(database.url_as("reader")).await,
        "reader has no right to DELETE, INSERT, UPDATE",
        "own the database",
    );
    says(&refusal(database.url_as("outsider")).await, "outsider lacks rights", "own the database");
    assert_eq!(Store::try_out(&settings(database.url())).await, Ok(Tables::Current));
}

#[tokio::test]
async fn encodings_that_do_not_hold_every_character() {
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let database = PostgreSql::start_in(encoding);
        says(&refusal(database.url()).await, &format!("is in {encoding}"), "--encoding=UTF8");
    }
}

#[tokio::test]
async fn what_a_site_sets_for_everybody_does_no_harm() {
    let database = PostgreSql::start();
    let name = database.name();
    database.sql(&format!(
        "alter database {name} set default_transaction_isolation = serializable; \
         alter database {name} set default_transaction_deferrable = on; \
         alter database {name} set statement_timeout = '200ms'; alter database {name} set lock_timeout = '200ms'; \
         alter database {name} set idle_in_transaction_session_timeout = '200ms'; \
         alter database {name} set idle_session_timeout = '200ms'"
    ));
    let store = Store::open(&settings(database.url())).await.unwrap();
    let tx = store.begin().await.unwrap();
    database.sql("set statement_timeout = 0; select pg_sleep(0.3)");
    store.keep_setting("a", "b").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.setting("a").await.unwrap().as_deref(), Some("b"));
}

#[tokio::test]
async fn whoever_holds_the_lock_of_migrations_is_named() {
    let database = PostgreSql::start();
    Store::open(&settings(database.url())).await.unwrap().close().await;
    database.sql("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)");
    let held = database.session(&format!("select pg_advisory_lock({})", lock_key(database.name())));
    let refused = told(async {
        let migrated = Store::migrate(&settings(database.url()), &mut |_| {}).await;
        migrated.map_err(|error| Fault::within(&error).cloned().unwrap())
    });
    says(&refused.await, "locked for a change by the session with process", "psql");
    let looks = Store::open_where(&settings(database.url()), TablesMay::StayAsTheyAre).await.unwrap_err();
    assert!(format!("{looks:#}").contains("older guichet (changes missing: 1)"), "{looks:#}");
    drop(held);
}

/// As sqlx has it: so that versions that leave the lock to it keep out of each other's way.
fn lock_key(database: &str) -> i64 {
    let crc = database.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    });
    0x3d32_ad9e * i64::from(!crc)
}

#[tokio::test]
async fn only_serve_and_migrate_change_tables() {
    let database = PostgreSql::start();
    let folder = tempfile::tempdir().unwrap();
    let empty = format!("sqlite:{}/empty.db", folder.path().display());
    std::fs::write(folder.path().join("empty.db"), "").unwrap();
    for url in [database.url(), empty] {
        let settings = settings(&url);
        let looks = async || match Store::open_where(&settings, TablesMay::StayAsTheyAre).await {
            Ok(store) => {
                store.close().await;
                String::new()
            }
            Err(error) => format!("{error:#}"),
        };
        says(&looks().await, "has no tables yet", "`guichet migrate` makes them");
        assert_eq!(Store::try_out(&settings).await, Ok(Tables::None));
        assert_eq!(Store::tables(&settings).await, Ok(Tables::None), "looking made tables");
        let mut steps = 0;
        Store::migrate(&settings, &mut |_| steps += 1).await.unwrap();
        assert!(steps > 1 && looks().await.is_empty());
        Store::migrate(&settings, &mut |step| panic!("{step:?} though nothing is to be done")).await.unwrap();
        assert_eq!(Store::try_out(&settings).await, Ok(Tables::Current));
    }
    database.sql(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'later', true, '', 0)",
    );
    let fault = Store::tables(&settings(database.url())).await;
    assert_eq!(fault, Ok(Tables::Newer));
    for refused in [
        Store::open(&settings(database.url())).await.err(),
        Store::migrate(&settings(database.url()), &mut |_| {}).await.err(),
    ] {
        let refused = refused.map(|error| format!("{error:#}")).unwrap_or_default();
        says(&refused, "those of a newer guichet", "Install that version again");
    }
}

#[tokio::test]
async fn of_several_servers_the_one_that_can_be_written_is_taken() {
    let database = PostgreSql::start();
    let (server, name) = (database.server(), database.name().to_owned());
    let url = format!("postgres://guichet@127.0.0.1:9,{server}/{name}?target_session_attrs=read-write");
    Store::open(&settings(url)).await.unwrap().close().await;
    let told = refusal("postgres://guichet@127.0.0.1:9,no-such-host.invalid/desk").await;
    says(&told, "none of the 2 servers", "run as primary");
    says(&told, "127.0.0.1:9 is refused", "");
    says(&told, "no-such-host.invalid:5432 is unknown", "");
}

#[tokio::test]
async fn a_pooler_by_session_works_and_one_by_transaction_or_statement_is_refused() {
    let database = PostgreSql::start();
    let by_session = PgBouncer::start(&database, "pool_mode = session\nserver_reset_query = DISCARD ALL");
    let store = Store::open(&settings(by_session.url())).await.unwrap();
    store.keep_setting("a", "b").await.unwrap();
    store.close().await;
    assert_eq!(Store::try_out(&settings(by_session.url())).await, Ok(Tables::Current));
    for mode in ["transaction", "statement"] {
        for size in ["default_pool_size = 1", "default_pool_size = 20", "server_round_robin = 1"] {
            let pooler = PgBouncer::start(&database, &format!("pool_mode = {mode}\n{size}"));
            let told = refusal(pooler.url()).await;
            says(&told, "shares sessions between clients", "pool_mode = session");
            let served = Store::open(&settings(pooler.url())).await.unwrap_err();
            assert!(format!("{served:#}").contains("pool_mode = session"), "{served:#}");
        }
    }
}

#[tokio::test]
async fn a_pooler_that_gives_too_few_sessions_is_told_what_is_needed() {
    let database = PostgreSql::start();
    let pooler = PgBouncer::start(&database, "pool_mode = session\ndefault_pool_size = 1");
    says(&refusal(pooler.url()).await, "a first connection and no second one", "Raise pool_size");
    let told = refusal(format!("{}?options=-c%20geqo=off", pooler.url())).await;
    says(&told, "refuses the parameter options", "ignore_startup_parameters = options");
    let pooler = PgBouncer::start(&database, "pool_mode = session\nmax_client_conn = 1");
    says(&refusal(pooler.url()).await, "at its limit", "max_client_conn");
}

#[tokio::test]
async fn files_that_are_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guichet.db");
    let url = format!("sqlite:{}", file.display());
    says(&refusal(format!("sqlite:{}", folder.path().display())).await, "is a folder", "/guichet.db");
    std::fs::write(&file, "Ceci n’est pas une base de données.\n".repeat(200)).unwrap();
    says(&refusal(&url).await, "is no SQLite database", "Name another file");
    std::fs::remove_file(&file).unwrap();

    Store::open(&settings(&url)).await.unwrap().close().await;
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100..8_192].fill(0xee);
    std::fs::write(&file, bytes).unwrap();
    says(&refusal(&url).await, "is damaged", "last backup");
    std::fs::remove_file(&file).unwrap();

    let mut other = sqlx::SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
    sqlx::raw_sql("create table moz_places (id integer)").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    says(&refusal(&url).await, "another program (it has a table moz_places)", "Name another one");
}

#[tokio::test]
async fn a_file_that_somebody_keeps_locked() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/guichet.db", folder.path().display());
    Store::open(&settings(&url)).await.unwrap().close().await;
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let transaction = other.begin_with("begin immediate").await.unwrap();
    says(&refusal(&url).await, "guichet.db locked", "guichet backup");
    drop(transaction);
}

#[tokio::test]
async fn a_statement_that_cannot_succeed_is_told_from_a_database_that_fails() {
    let database = PostgreSql::start();
    let store = Store::open(&settings(database.url())).await.unwrap();
    let too_much = store.keep_setting("nul", "a\0b").await.unwrap_err();
    assert!(!is_unavailable(&too_much) && !format!("{too_much:#}").contains("at line"), "{too_much:#}");
    database.sql(&format!(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}' and pid <> pg_backend_pid()",
        database.name()
    ));
    let cut_off = store.keep_setting("a", "b").await;
    assert!(cut_off.err().is_none_or(|error| is_unavailable(&error)));
    store.keep_setting("a", "b").await.unwrap();
}

/// Passes bytes on between its clients and a server, until it is told to keep them.
struct Stall {
    port: u16,
    keeps: Arc<AtomicBool>,
}

impl Stall {
    fn before(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let keeps = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&keeps);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = TcpStream::connect(&server).unwrap();
                pass_on(client.try_clone().unwrap(), server.try_clone().unwrap(), &told);
                pass_on(server, client, &told);
            }
        });
        Self { port, keeps }
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, keeps: &Arc<AtomicBool>) {
    let keeps = Arc::clone(keeps);
    thread::spawn(move || {
        let mut bytes = [0; 65_536];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            if !keeps.load(Ordering::Relaxed) && to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        to.shutdown(Shutdown::Both).ok();
    });
}

#[test]
fn a_gateway_whose_database_falls_silent_stops_in_time() {
    let database = PostgreSql::start();
    let stall = Stall::before(database.server());
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), &format!("postgres://guichet@127.0.0.1:{}/{}", stall.port, database.name()));
    let guichet = Guichet::serve(folder.path());
    guichet.await_log("cannot be watched"); // the loops run
    stall.keeps.store(true, Ordering::Relaxed);
    guichet.await_log("PostgreSQL"); // whichever connection finds out first
    assert!(guichet.stop().success());
}

#[test]
fn a_command_that_finds_a_silent_database_ends_and_says_so() {
    let database = PostgreSql::start();
    let stall = Stall::before(database.server());
    stall.keeps.store(true, Ordering::Relaxed);
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), &format!("postgres://guichet@127.0.0.1:{}/{}", stall.port, database.name()));
    let started = Instant::now();
    let ended = Guichet::run(folder.path(), &["status"]);
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(started.elapsed() < PROMISED && ended.status.code() == Some(1), "{told}");
    assert!(told.contains("takes the connection and then says nothing"), "{told}");
}

#[test]
fn migrate_says_what_it_does_and_status_changes_nothing() {
    let database = PostgreSql::start();
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), &database.url());
    let run = |arguments: &[&str]| {
        let output = Guichet::run(folder.path(), arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, _, told) = run(&["status"]);
    assert!(code == Some(1) && told.contains("has no tables yet"), "{told}");
    let (code, said, steps) = run(&["migrate"]);
    assert!(code == Some(0) && said.contains("changes made: ") && steps.contains("1 of "), "{said}{steps}");
    let (code, said, _) = run(&["migrate"]);
    assert!(code == Some(0) && said.starts_with("Nothing is to be done"), "{said}");
    assert_eq!(run(&["status"]).0, Some(0));
    database.sql("delete from _sqlx_migrations where version > 9");
    let (_, said, _) = run(&["check"]);
    assert!(said.contains("✓ store: it can be written; its tables are those of an older guichet"), "{said}");
    let (code, _, told) = run(&["ledger"]);
    assert!(code == Some(1) && told.contains("Run `guichet migrate`"), "{told}");
}

/// A house whose mailbox and relay are nowhere.
fn configure(folder: &Path, url: &str) {
    Configuration::new().with_store(url).write(folder);
}
