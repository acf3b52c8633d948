//! One way to the operator.

use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::desk::Desk;
use crate::dkim::Signers;
use crate::gateway::signed::signed;
use crate::letters::PlainLetter;
use crate::mail::{Address, Mailbox, MessageId};
use crate::net::WebAddress;
use crate::smtp::{Leave, Letter, Outcome, Transport};

/// A channel that takes longer is of no use just now.
const LIMIT: Duration = Duration::from_secs(30);

/// A way to the operator that works without the store.
#[derive(Clone, Debug)]
pub enum Channel {
    /// JSON is posted there: `text`, which chats show, beside its parts.
    Webhook(WebAddress),
    /// A mail by that relay.
    Mail {
        /// The relay.
        by: Transport,
        /// Who reads it.
        to: Vec<Address>,
    },
}

/// What is said.
pub struct Message<'a> {
    /// In whose name.
    pub desk: &'a Desk,
    /// Who signs its letters.
    pub signers: &'a Signers,
    /// One line.
    pub subject: &'a str,
    /// Sentences.
    pub said: &'a str,
    /// When.
    pub now: Timestamp,
    /// As in [`PlainLetter::bytes`].
    pub instance: &'a str,
}

impl Channel {
    /// What people call it.
    pub fn name(&self) -> String {
        match self {
            Channel::Webhook(address) => address.server().to_string(),
            Channel::Mail { by: Transport::Smtp(settings), .. } => format!("{}:{}", settings.host, settings.port),
            Channel::Mail { .. } => "memory".to_owned(),
        }
    }

    /// Says it.
    pub async fn send(&self, message: &Message<'_>) -> Result<()> {
        match self {
            Channel::Webhook(address) => post(address, message).await,
            Channel::Mail { by, to } => mail(by, to, message).await,
        }
    }
}

async fn post(address: &WebAddress, message: &Message<'_>) -> Result<()> {
    let Message { subject, said, desk, now, .. } = message;
    let body = json!({
        "text": format!("{subject}\n{said}"), "subject": subject, "said": said, "desk": desk.name, "at": now.to_string(),
    });
    let answer = address.post("application/json", body.to_string().into_bytes(), LIMIT).await?;
    if !(200..300).contains(&answer.status) {
        bail!("{} answers {}", address.server(), answer.status);
    }
    Ok(())
}

async fn mail(by: &Transport, to: &[Address], message: &Message<'_>) -> Result<()> {
    let Message { subject, said, desk, now, instance, signers } = message;
    let from = desk.addresses.first();
    // Two of one moment are two letters, and one over two relays is one.
    let said_of = HEXLOWER.encode(&Sha256::digest(format!("{subject}\n{said}"))[..6]);
    let id = format!("alarm.{:x}.{said_of}@{}", now.as_nanosecond(), from.domain());
    let letter = PlainLetter {
        from: Mailbox { name: Some(desk.display_name.clone()), address: from.clone() },
        to: to.iter().map(|address| Mailbox { name: None, address: address.clone() }).collect(),
        subject: (*subject).to_owned(),
        text: (*said).to_owned(),
        message_id: MessageId::new(&id).ok_or_else(|| anyhow!("{from} cannot stand in a Message-ID"))?,
    };
    hand_over(by, signers, from, to, &letter.bytes(*now, instance)).await
}

/// Hands one letter over on a connection of its own, signed where somebody signs for its domain.
pub async fn hand_over(by: &Transport, signers: &Signers, from: &Address, to: &[Address], bytes: &[u8]) -> Result<()> {
    let bytes = signed(signers, bytes, None);
    let handed_over = async {
        let mut connection = by.open().await?;
        let leave = Leave::until(tokio::time::Instant::now() + LIMIT);
        let outcomes = connection.send(&leave, &Letter::new(Some(from), to, &bytes), None).await;
        connection.close().await;
        anyhow::Ok(outcomes)
    };
    let outcomes = timeout(LIMIT, handed_over).await.map_err(|_| anyhow!("the relay took too long"))??;
    // Whoever has it, or may have, was told: the others are not worth telling all of them again.
    if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Sent { .. } | Outcome::InDoubt { .. })) {
        return Ok(());
    }
    for outcome in outcomes {
        match outcome {
            Outcome::Sent { .. } | Outcome::InDoubt { .. } => {}
            Outcome::Barred { obstacle, .. } => bail!("{obstacle}"),
            Outcome::Deferred { reply } | Outcome::Refused { reply } | Outcome::TooLarge { reply, .. } => {
                bail!("{reply}")
            }
        }
    }
    Ok(())
}
