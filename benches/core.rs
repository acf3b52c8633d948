//! The core, a mail at a time: parse, look for a known fix, decide, compose.
#![allow(clippy::expect_used, reason = "a bench that cannot be set up ends there")]

mod support;

use std::cell::Cell;

use divan::counter::{BytesCount, ItemsCount};
use divan::{AllocProfiler, Bencher};
use guichet::desk::{self, Arrival, Decision, Docket, Incoming, LedgerId, Occasion, Policy, Proof, Rules};
use guichet::known_fix::{Library, Question};
use guichet::letters::{self, Templates};
use guichet::mail::token::{Key, Keyring};
use guichet::mail::{self, InboundMail};
use guichet::store::{Settings, Store};
use jiff::Timestamp;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const MAILS: u64 = 100;

fn main() {
    divan::main();
}

#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let mails: Vec<Vec<u8>> = (0..MAILS).map(support::mail).collect();
    let next = one_after_the_other(&mails);
    bencher
        .counter(ItemsCount::new(1_u32))
        .with_inputs(next)
        .input_counter(|raw| BytesCount::of_slice(raw.as_slice()))
        .bench_local_values(|raw| mail::parse(raw));
}

#[divan::bench]
fn known_fix(bencher: Bencher<'_, '_>) {
    let (desk, mails) = (Desk::open(), read());
    let next = one_after_the_other(&mails);
    bencher.counter(ItemsCount::new(1_u32)).with_inputs(next).bench_local_values(|mail| {
        let question = Question { subject: &mail.subject, text: &mail.body.reply_text, language: mail.language };
        divan::black_box(desk.library.find(&question).score)
    });
}

/// With the search for a known fix.
#[divan::bench]
fn decide(bencher: Bencher<'_, '_>) {
    let (desk, mails) = (Desk::open(), read());
    let docket = desk.docket(&mails);
    let next = one_after_the_other(&mails);
    bencher.counter(ItemsCount::new(1_u32)).with_inputs(next).bench_local_values(|mail| desk.decide(&docket, mail));
}

/// Each item is one letter.
#[divan::bench]
fn compose(bencher: Bencher<'_, '_>) {
    let (desk, mails) = (Desk::open(), read());
    let docket = desk.docket(&mails);
    let letters: Vec<desk::Letter> = mails.iter().flat_map(|mail| desk.decide(&docket, mail).letters).collect();
    let templates = Templates::new(&[]).expect("the built-in templates are sound");
    let next = one_after_the_other(&letters);
    bencher.counter(ItemsCount::new(1_u32)).with_inputs(next).bench_local_values(|letter| {
        let own = desk.policy.desk(&letter.desk);
        letters::compose(letter, own, &desk.keyring, &templates, Timestamp::UNIX_EPOCH, "bench")
    });
}

/// Every call gives the next one, and after the last one the first.
fn one_after_the_other<'a, T>(all: &'a [T]) -> impl Fn() -> &'a T {
    let at = Cell::new(0);
    move || {
        at.set((at.get() + 1) % all.len());
        &all[at.get()]
    }
}

fn read() -> Vec<InboundMail> {
    (0..MAILS).map(|number| mail::parse(&support::mail(number))).collect()
}

/// The rules of a desk, and what it knows of the people who write.
struct Desk {
    policy: Policy,
    library: Library,
    keyring: Keyring,
}

impl Desk {
    fn open() -> Self {
        Desk {
            policy: support::config(support::nowhere(), support::nowhere()).policy,
            library: support::library(),
            keyring: Keyring::new(Key { id: 1, secret: vec![7; 32] }, Vec::new()),
        }
    }

    fn docket(&self, mails: &[InboundMail]) -> Docket {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let docket = async {
            let store = Store::open(&Settings { url: "sqlite::memory:".to_owned() }).await?;
            let mut keys = desk::Keys::default();
            for mail in mails {
                keys.merge(desk::keys(self.rules(), &occasion(mail)));
            }
            store.begin().await?.docket(&keys, Timestamp::UNIX_EPOCH).await
        };
        runtime.expect("a runtime starts").block_on(docket).expect("a store in memory makes a docket")
    }

    fn decide(&self, docket: &Docket, mail: &InboundMail) -> Decision {
        desk::decide(self.rules(), docket, &occasion(mail), Timestamp::UNIX_EPOCH)
    }

    fn rules(&self) -> Rules<'_> {
        Rules { policy: &self.policy, keyring: &self.keyring, library: &self.library }
    }
}

fn occasion(mail: &InboundMail) -> Occasion<'_> {
    Occasion::Mail(Incoming {
        ledger: LedgerId(1),
        mail,
        raw_sha256: None,
        proof: &Proof::Challenge,
        arrival: Arrival::Ordinary,
        held: None,
    })
}
