//! Commits of a hundred mails on SQLite, each of them durable when it returns; looks at what falls due; how all of it grows with
//! the tickets that are there already.
#![allow(clippy::expect_used, reason = "a bench that cannot be set up ends there")]

mod support;

use std::cell::Cell;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use guichet::gateway::Gateway;
use guichet::store::{Received, Settings, Store, TicketFilter};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use tempfile::TempDir;
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const MAILS: u32 = 100;
const OPEN: [u32; 2] = [100, 100_000];
const OLD: [u32; 3] = [1_000, 10_000, 100_000];

/// Tickets behind the first one, with what they leave in the tables that grow most; their keys are as random as real ones.
const OLD_TICKETS: &str = "
    create temp table n as with recursive n(n) as (select 1000 union all select n + 1 from n where n < {old} + 1000) select n from n;
    insert into ticket (number, desk, subject, request_type, origin, requester, language, level, state, priority, copied_levels,
        people, refused_fixes, held, opened_at, updated_at, closed_at, letters, version) select n, desk, case n % 2 when 0 then
        printf('Réseau coupé à l''étage, déjà%d', n / 100) else printf('Imprimante %d', n) end, request_type, origin, requester,
        language, level, 'closed', priority, copied_levels, people, refused_fixes, held, opened_at, updated_at, updated_at, 3,
        version from n, ticket where number = 1;
    insert into ledger (id, mailbox, message_id, raw_sha256, body_sha256, size, internal_date, received_at, answered, outcome,
        ticket, decided_at, filed_at) select n + 1000, 'support', printf('%x.%d@client.test', n * 2654435761 % 4294967296, n),
        randomblob(32), randomblob(32), 9000, 1, 1, 0, 'ticket', n, 1, 1 from n;
    insert into thread (message_id, ticket) select printf('%x.%d@client.test', n * 2654435761 % 4294967296, n), n from n;
    insert into letter (id, ticket, number, purpose, audience, language, message_id, subject, enclosures, automatic,
        correspondent_key, ticket_version, created_at, bytes) select n * 3 + p, n, p, 'acknowledgement', 'requester', 'fr',
        printf('l%d.%d@desk.test', n, p), 'Re: Imprimante', '[]', 1, printf('p%d@client.test', n * 7919 % {old}), 1, n,
        randomblob(200) from n, (select 1 as p union all select 2 union all select 3);
    insert into delivery (letter, recipient, class, state, due_at, due_set_at, claims, attempts, finished_at) select id,
        correspondent_key, 1, 'sent', 1, 1, 1, 1, 1 from letter where id >= 3000;
    update counter set next = next + {old} * 3 + 10000;
    insert into setting (name, value) values ('subject_words_missing_below', '100000000')";

fn main() {
    divan::main();
}

/// Instant 1: a batch enters the ledger. Each item is one mail.
#[divan::bench(sample_size = 1)]
fn record(bencher: Bencher<'_, '_>) {
    let office = Office::open();
    bencher
        .counter(ItemsCount::new(MAILS))
        .with_inputs(|| office.post())
        .bench_local_values(|mails| office.record(&mails));
}

/// Instant 2: a batch is read, decided, composed and written, three letters a mail. Each item is one mail.
#[divan::bench(sample_size = 1)]
fn take_in(bencher: Bencher<'_, '_>) {
    let office = Office::open();
    bencher
        .counter(ItemsCount::new(MAILS))
        .with_inputs(|| office.record(&office.post()))
        .bench_local_values(|()| office.runtime.block_on(office.gateway.take_in()).expect("mails can be decided"));
}

/// The same beside so many old tickets.
#[divan::bench(args = OLD, sample_size = 1)]
fn take_in_beside_old(bencher: Bencher<'_, '_>, old: u32) {
    let office = Office::with_old_tickets(old);
    bencher
        .counter(ItemsCount::new(MAILS))
        .with_inputs(|| office.record(&office.post()))
        .bench_local_values(|()| office.runtime.block_on(office.gateway.take_in()).expect("mails can be decided"));
}

/// The same in an hour in which an agent got so many letters already.
#[divan::bench(args = OLD, sample_size = 1)]
fn take_in_behind_letters(bencher: Bencher<'_, '_>, letters: u32) {
    let office = Office::open();
    let agent = support::AGENTS[0];
    office.run(&format!("with recursive n(n) as (select 1 union all select n + 1 from n where n < {letters}) insert into letter \
        (id, number, purpose, audience, language, message_id, subject, enclosures, automatic, correspondent_key, ticket_version, \
        created_at, bytes) select n + 1000000, n, 'new_ticket', 'desk', 'fr', printf('l%d@desk.test', n), 'Imprimante', '[]', 1, \
        '{agent}', 1, unixepoch() * 1000, randomblob(200) from n"));
    bencher
        .counter(ItemsCount::new(MAILS))
        .with_inputs(|| office.record(&office.post()))
        .bench_local_values(|()| office.runtime.block_on(office.gateway.take_in()).expect("mails can be decided"));
}

/// What stands before a start's first letter, beside so many old tickets.
#[divan::bench(args = OLD)]
fn forget_leases(bencher: Bencher<'_, '_>, old: u32) {
    let office = Office::with_old_tickets(old);
    bencher.bench_local(|| office.runtime.block_on(office.gateway.store.forget_leases()).expect("none is in use"));
}

/// Three words, two of which every second ticket has, and one that few have.
#[divan::bench(args = OLD)]
fn search(bencher: Bencher<'_, '_>, old: u32) {
    let office = Office::with_old_tickets(old);
    let search = ["réseau", "étage", "déjà15"].map(str::to_owned).into();
    let filter = TicketFilter { search, ..TicketFilter::default() };
    bencher.bench_local(|| {
        let found = office.runtime.block_on(office.gateway.store.ticket_page(&filter, None, 50));
        assert!(!found.expect("tickets can be looked for").list.tickets.is_empty());
    });
}

/// The newest fifty of all, with so many old tickets.
#[divan::bench(args = OLD)]
fn list(bencher: Bencher<'_, '_>, old: u32) {
    let office = Office::with_old_tickets(old);
    let filter = TicketFilter::default();
    bencher.bench_local(|| {
        let found = office.runtime.block_on(office.gateway.store.ticket_page(&filter, None, 50));
        assert_eq!(found.expect("tickets can be listed").list.tickets.len(), 50);
    });
}

/// A look at what falls due, with so many open tickets, of which none is due.
#[divan::bench(args = OPEN, sample_size = 100)]
fn look_at_none(bencher: Bencher<'_, '_>, open: u32) {
    let office = Office::with_open_tickets(open);
    bencher.bench_local(|| office.runtime.block_on(office.gateway.look()).expect("it can be looked"));
}

/// A look with so many open tickets, of which one is due: it is read, decided about and written again.
#[divan::bench(args = OPEN, sample_size = 1)]
fn look_at_one(bencher: Bencher<'_, '_>, open: u32) {
    let office = Office::with_open_tickets(open);
    bencher.with_inputs(|| office.make_one_due()).bench_local_values(|()| {
        let looked = office.runtime.block_on(office.gateway.look()).expect("it can be looked");
        assert_eq!(looked, 1);
    });
}

struct Office {
    runtime: Runtime,
    gateway: Gateway,
    uid: Cell<u32>,
    folder: TempDir,
}

impl Office {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let config = support::config(support::nowhere(), support::nowhere());
        let gateway = runtime.block_on(support::gateway(&config, folder.path()));
        Office { runtime, gateway, uid: Cell::new(0), folder }
    }

    /// An office with that many open tickets, each of which falls due in ten years.
    fn with_open_tickets(open: u32) -> Self {
        let office = Self::open();
        office.record(&[received(1)]);
        office.runtime.block_on(office.gateway.take_in()).expect("a mail can be decided");
        office.run(&format!("with recursive n(n) as (select 2 union all select n + 1 from n where n < {open}) \
            insert into ticket (number, desk, subject, request_type, origin, requester, language, level, state, priority, \
            copied_levels, people, refused_fixes, held, opened_at, updated_at, letters, version, look_at) select n, desk, \
            subject, request_type, origin, requester, language, level, state, priority, copied_levels, people, \
            refused_fixes, held, opened_at, updated_at, 0, version, opened_at + 315360000000 + n from n, ticket where number = 1"));
        office
    }

    /// An office with that many tickets that are over, a mail and three letters each.
    fn with_old_tickets(old: u32) -> Self {
        let office = Self::open();
        office.record(&[received(1_000_000_000)]);
        office.runtime.block_on(office.gateway.take_in()).expect("a mail can be decided");
        office.run(&OLD_TICKETS.replace("{old}", &old.to_string()));
        let url = format!("sqlite:{}", office.folder.path().join("guichet.db").display());
        office.runtime.block_on(async {
            let store = Store::open(&Settings { url }).await.expect("the words of old tickets can be made");
            store.close().await;
        });
        office
    }

    /// Whichever it is.
    fn make_one_due(&self) {
        let number = self.uid.replace(self.uid.get() + 1) % 90 + 2;
        self.run(&format!("update ticket set look_at = 1 where number = {number}"));
    }

    fn run(&self, statement: &str) {
        let url = format!("sqlite:{}", self.folder.path().join("guichet.db").display());
        self.runtime.block_on(async {
            let mut connection = SqliteConnection::connect(&url).await.expect("the store can be opened");
            let statement = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()));
            statement.execute(&mut connection).await.expect("the statement can be run");
            connection.close().await.expect("the store can be closed");
        });
    }

    /// The next batch, as the mailbox hands it over.
    fn post(&self) -> Vec<Received> {
        let first = self.uid.replace(self.uid.get() + MAILS) + 1;
        (first..first + MAILS).map(received).collect()
    }

    fn record(&self, mails: &[Received]) {
        self.runtime.block_on(self.gateway.store.record(mails)).expect("mails can be recorded");
    }
}

fn received(uid: u32) -> Received {
    let raw = support::mail(u64::from(uid));
    let now = Timestamp::now();
    Received {
        mailbox: "support".to_owned(),
        uid: Some((1, uid)),
        raw_sha256: Some(Sha256::digest(&raw).into()),
        size: raw.len() as u64,
        raw: raw.into(),
        internal_date: now,
        received_at: now,
        answered: false,
    }
}
