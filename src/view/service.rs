//! Who serves, what is at work, what waits and why.

use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::delivery::{self, FAILED_SHOWN};
use super::status::Status;
use crate::store::{self, AtWork, DeliveryLine, Serving, Store};

/// So many failed and so many held letters are told with their reasons.
const NEWEST: u32 = 10;
/// The state of a mailbox that nobody serves.
const STOPPED: &str = "stopped";

/// All that is told of the service.
pub(crate) struct Service {
    pub(crate) status: Status,
    pub(crate) at_work: AtWork,
    pub(crate) last_exchange: Option<Timestamp>,
    pub(crate) failed: Vec<DeliveryLine>,
    pub(crate) held: Vec<DeliveryLine>,
}

/// What `--json` prints.
#[derive(Serialize)]
pub(crate) struct Document {
    #[serde(flatten)]
    status: Status,
    serving: bool,
    /// Nobody serves since about then.
    not_serving_since: Option<Timestamp>,
    gateways: Vec<GatewayDocument>,
    tickets: Vec<TicketsDocument>,
    /// Deliveries that failed in the last 14 days.
    outbox_failed: u64,
    failed: Vec<Value>,
    held: Vec<Value>,
}

#[derive(Serialize)]
struct GatewayDocument {
    mailbox: String,
    gateway: String,
}

#[derive(Serialize)]
struct TicketsDocument {
    level: String,
    status: String,
    count: u64,
}

impl Service {
    /// What the store knows, of the mailboxes that are configured and of the folders for junk that servers have.
    pub(crate) async fn read(
        store: &Store,
        mailboxes: &[&str],
        junk: &[&str],
        sent: Option<&str>,
        now: Timestamp,
    ) -> Result<Service> {
        let known = store.status().await?;
        let at_work = store.at_work(now - FAILED_SHOWN).await?;
        Ok(Service {
            status: told(&known, &at_work.serving, mailboxes, junk, now)
                .with_sent(&known, sent)
                .with_brakes(store, now)
                .await?,
            last_exchange: known.mailboxes.iter().filter_map(|mailbox| mailbox.last_exchange).max(),
            at_work,
            failed: store.failed_deliveries(now - FAILED_SHOWN, NEWEST).await?,
            held: store.held_deliveries(NEWEST).await?,
        })
    }

    /// Whether somebody serves and `/healthz` would answer 200.
    pub(crate) fn is_healthy(&self) -> bool {
        self.status.is_healthy() && self.at_work.serving != Serving::Nobody
    }

    /// As programs read it.
    pub(crate) fn document(self) -> Document {
        let is_serving = self.at_work.serving != Serving::Nobody;
        Document {
            status: self.status,
            serving: is_serving,
            not_serving_since: self.last_exchange.filter(|_| !is_serving),
            gateways: match self.at_work.serving {
                Serving::Nobody | Serving::One => Vec::new(),
                Serving::Sharing(gateways) => {
                    gateways.into_iter().map(|(mailbox, gateway)| GatewayDocument { mailbox, gateway }).collect()
                }
            },
            tickets: self
                .at_work
                .tickets
                .into_iter()
                .map(|(level, status, count)| TicketsDocument { level, status, count })
                .collect(),
            outbox_failed: self.at_work.failed,
            failed: self.failed.iter().map(delivery::document).collect(),
            held: self.held.iter().map(delivery::document).collect(),
        }
    }
}

/// What a watcher said last holds only while somebody watches.
fn told(known: &store::Status, serving: &Serving, names: &[&str], junk: &[&str], now: Timestamp) -> Status {
    let mut status = Status::of(known, names, junk, now);
    for mailbox in &mut status.mailboxes {
        let is_watched = match serving {
            Serving::Nobody => false,
            Serving::One => true,
            Serving::Sharing(gateways) => gateways.iter().any(|(name, _)| *name == mailbox.name),
        };
        if !is_watched && mailbox.state != "unknown" {
            mailbox.state = STOPPED.to_owned();
        }
    }
    status
}
