//! Mail that an MTA hands over, recorded before the MTA hears that it is taken (instant 1).

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Gateway, MAILS_TAKEN_IN};
use crate::lmtp::{self, Keeper, Listen, Listener, NotKept, Terms};
use crate::mail::{Address, Kept};
use crate::said;
use crate::store::Received;

/// Where a connection cannot even be taken, the next one is waited for.
const AFTER_FAULT: Duration = Duration::from_secs(1);

/// How an MTA hands mail over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// Where it finds us.
    pub listen: Listen,
    /// The mailbox whose rules hold for the mail.
    pub mailbox: String,
    /// How we call ourselves.
    pub name: String,
    /// A larger mail is kept by its beginning, in bytes.
    pub message_bytes_max: u64,
}

/// Where MTAs are listened to, and on which terms.
#[derive(Debug)]
pub(super) struct Door {
    listener: Listener,
    terms: Terms,
    mailbox: String,
}

/// A gateway as an MTA's mails are kept by it.
struct Recorder {
    gateway: Arc<Gateway>,
    door: Arc<Door>,
}

impl Gateway {
    /// Listens, where mail is handed over.
    pub(super) async fn open_door(&self) -> Result<Option<Arc<Door>>> {
        let Some(HandedOver { listen, mailbox, name, message_bytes_max }) = &self.handed_over else { return Ok(None) };
        let listener = listen.bind().await.with_context(|| {
            said!("Cannot listen at {listen} ([lmtp] listen)", "Impossible d’écouter à {listen} ([lmtp] listen)")
        })?;
        tracing::info!(address = %listen, "Taking mail by LMTP");
        Ok(Some(Arc::new(Door { listener, terms: Terms::new(name, *message_bytes_max), mailbox: mailbox.clone() })))
    }

    /// Serves MTAs until `stop`; then what is under way is finished.
    pub(super) async fn take_from_mtas(self: Arc<Self>, door: Arc<Door>, stop: &CancellationToken) -> Result<()> {
        let room = Arc::new(Semaphore::new(lmtp::SESSIONS_MAX));
        let mut sessions = JoinSet::new();
        while !stop.is_cancelled() {
            let stream = tokio::select! {
                stream = door.listener.accept() => stream,
                Some(ended) = sessions.join_next() => {
                    note(ended);
                    continue;
                }
                () = stop.cancelled() => break,
            };
            let stream = match stream {
                Ok(stream) => stream,
                Err(error) => {
                    tracing::warn!(%error, "A connection of an MTA did not come about; it comes again");
                    stop.run_until_cancelled(tokio::time::sleep(AFTER_FAULT)).await;
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
                tracing::warn!("Too many connections of MTAs at a time: one is sent away, and comes again");
                lmtp::turn_away(stream).await;
                continue;
            };
            let recorder = Recorder { gateway: Arc::clone(&self), door: Arc::clone(&door) };
            let stop = stop.clone();
            sessions.spawn(async move {
                let served = lmtp::converse(stream, &recorder, &recorder.door.terms, &stop).await;
                drop(place);
                served
            });
        }
        while let Some(ended) = sessions.join_next().await {
            note(ended);
        }
        Ok(())
    }
}

fn note(ended: Result<std::io::Result<()>, tokio::task::JoinError>) {
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "A connection of an MTA broke"),
        Err(panic) => {
            tracing::error!(%panic, "A connection of an MTA ended by a fault of guichet; the MTA tries again: please report it");
        }
    }
}

/// Whether it is one of these addresses or a sub-address. An MTA without SMTPUTF8 has a domain as DNS does.
fn is_one_of<'a>(recipient: &Address, mut addresses: impl Iterator<Item = &'a Address>) -> bool {
    let in_ascii = recipient.in_ascii();
    addresses.any(|own| {
        recipient.is_within(own)
            || in_ascii.as_ref().zip(own.in_ascii()).is_some_and(|(recipient, own)| recipient.is_within(&own))
    })
}

impl Keeper for Recorder {
    fn is_ours(&self, recipient: &Address) -> bool {
        let desks = &self.gateway.policy.desks;
        let addresses = desks.iter().flat_map(|desk| desk.addresses.iter());
        is_one_of(recipient, addresses)
    }

    async fn keep(&self, mail: Kept) -> Result<String, NotKept> {
        let gateway = &self.gateway;
        let mailbox = &self.door.mailbox;
        let received = Received::handed_over(mailbox, mail, gateway.time.now());
        let size = received.size;
        match gateway.store.record(&[received]).await.as_deref() {
            Ok([Some(ledger)]) => {
                MAILS_TAKEN_IN.count_for(mailbox);
                tracing::info!(ledger.id = ledger.0, mailbox, size, "Mail taken in");
                gateway.hints.recorded.give();
                Ok(format!("mail {ledger}"))
            }
            Ok(_) => Err(NotKept),
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(
                    mailbox,
                    error,
                    "Cannot write a mail into the ledger: the MTA keeps it, and tries again"
                );
                Err(NotKept)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_is_ours_by_each_form_of_its_domain_and_by_its_sub_addresses() {
        let ours = ["aide@coll\u{e8}ge.example", "help@desk.test"].map(|address| address.parse::<Address>().unwrap());
        let is_ours = |recipient: &str| is_one_of(&recipient.parse().unwrap(), ours.iter());
        for recipient in [
            "aide@coll\u{e8}ge.example",
            "Aide+x@xn--collge-6ua.example",
            "AIDE@COLL\u{c8}GE.example",
            "help+R000001.1.r.1.ABC@desk.test",
        ] {
            assert!(is_ours(recipient), "{recipient}");
        }
        for recipient in ["aide@desk.test", "aide@college.example", "help@sub.desk.test", "helper@desk.test"] {
            assert!(!is_ours(recipient), "{recipient}");
        }
    }
}
