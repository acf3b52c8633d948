//! Commits of a hundred mails on SQLite, each of them durable when it returns.
#![allow(clippy::expect_used, reason = "a bench that cannot be set up ends there")]

mod support;

use std::cell::Cell;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use guichet::gateway::Gateway;
use guichet::store::Received;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const MAILS: u32 = 100;

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

struct Office {
    runtime: Runtime,
    gateway: Gateway,
    uid: Cell<u32>,
    _folder: TempDir,
}

impl Office {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let config = support::config(support::nowhere(), support::nowhere());
        let gateway = runtime.block_on(support::gateway(&config, folder.path()));
        Office { runtime, gateway, uid: Cell::new(0), _folder: folder }
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
        raw,
        internal_date: now,
        received_at: now,
        answered: false,
    }
}
