//! The whole way over sockets: mails wait in the embedded server's INBOX; the gateway fetches, decides and acknowledges
//! them, sends both agents their letters, and files the mails away.
//!
//! The servers run on a thread of their own, so that what is counted is the gateway's.
#![allow(clippy::expect_used, reason = "a bench that cannot be set up ends there")]

mod support;

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use guichet::demo::server::{Delivery, INBOX, Post, Servers};
use guichet::gateway;
use guichet::mail::Address;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

use support::{AGENTS, AUTHSERV_ID, PASSWORD, PEOPLE, SUPPORT};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const MAILS: u64 = 200;

fn main() {
    divan::main();
}

/// Each item is one mail: one fetch, three letters, one move.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn drain(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(MAILS))
        .with_inputs(Office::open)
        .bench_local_values(Office::serve_until_all_is_done);
}

/// A mailbox with mails in it, and a gateway that has not started.
struct Office {
    runtime: Runtime,
    gateway: Arc<gateway::Gateway>,
    post: Post,
    /// Dropped, the servers stop.
    _stop_servers: mpsc::Sender<()>,
    _folder: TempDir,
}

impl Office {
    fn open() -> Self {
        let post = Post::new(AUTHSERV_ID);
        let people = (0..PEOPLE).map(support::author);
        for account in people.chain([SUPPORT, AGENTS[0], AGENTS[1]].map(str::to_owned)) {
            post.add_account(&address(&account), PASSWORD);
        }
        for number in 0..MAILS {
            let raw = support::mail(number);
            let delivery = Delivery::of(&raw);
            post.deliver_as(&address(SUPPORT), &raw, &delivery).expect("the desk has an account");
        }
        let (stop_servers, [imap, smtp]) = start_servers(post.clone());
        let runtime = runtime();
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let gateway = runtime.block_on(support::gateway(&support::config(imap, smtp), folder.path()));
        Office { runtime, gateway: Arc::new(gateway), post, _stop_servers: stop_servers, _folder: folder }
    }

    fn serve_until_all_is_done(self) -> Self {
        let stop = CancellationToken::new();
        let served = gateway::serve(Arc::clone(&self.gateway), stop.clone());
        let done = async {
            let letters =
                (0..MAILS).map(support::author).chain(AGENTS.into_iter().flat_map(|agent| {
                    std::iter::repeat_n(agent.to_owned(), usize::try_from(MAILS).unwrap_or_default())
                }));
            await_letters(&self.post, letters).await;
            self.post.until(|post| post.mails(&address(SUPPORT), INBOX).is_empty()).await;
            stop.cancel();
        };
        let (served, ()) = self.runtime.block_on(async { tokio::join!(served, done) });
        served.expect("the gateway stops in order");
        self
    }
}

/// Waits for a letter to each of these.
async fn await_letters(post: &Post, recipients: impl Iterator<Item = String>) {
    let mut owed = std::collections::BTreeMap::<String, usize>::new();
    for recipient in recipients {
        *owed.entry(recipient).or_default() += 1;
    }
    for (recipient, letters) in owed {
        let mut arrivals = post.arrivals(&address(&recipient));
        for _ in 0..letters {
            arrivals.next().await;
        }
    }
}

fn start_servers(post: Post) -> (mpsc::Sender<()>, [SocketAddr; 2]) {
    let (started, at) = mpsc::channel();
    let (stop, stopped) = mpsc::channel::<()>();
    thread::spawn(move || {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime starts");
        let servers = runtime.block_on(Servers::start(post)).expect("servers start on free ports");
        started.send([servers.imap(), servers.smtp()]).ok();
        stopped.recv().ok();
    });
    (stop, at.recv().expect("the servers say where they listen"))
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}

fn address(text: &str) -> Address {
    text.parse().expect("an address")
}
