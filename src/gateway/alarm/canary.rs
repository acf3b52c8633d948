//! A mail to ourselves, now and then: whether what is sent arrives, is fetched and is decided.

use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::channel::hand_over;
use super::troubles::Trouble;
use super::{Alarm, Gateway};
use crate::desk::Desk;
use crate::letters::PlainLetter;
use crate::mail::token::TokenAudience;
use crate::mail::{Mailbox, MessageId};
use crate::said;

/// Those of a desk that have not come back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Flock {
    /// In the order in which they left.
    out: Vec<Canary>,
    /// When the last one left, in seconds since 1970.
    last: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Canary {
    message_id: String,
    /// Seconds since 1970.
    sent_at: i64,
    /// Why it did not leave.
    #[serde(default)]
    not_sent: Option<String>,
}

/// So many are waited for at most; of more, the oldest tells since when.
const OUT_MAX: usize = 10;

impl Gateway {
    /// Lets canaries fly, looks for those that did, and tells of those that were lost. One that comes back tells that those
    /// before it are late at most.
    pub(super) async fn canaries(&self, alarm: &Alarm, now: Timestamp) -> Result<Vec<Trouble>> {
        let mut lost = Vec::new();
        let Some(every) = alarm.canary else { return Ok(lost) };
        for desk in &self.policy.desks {
            let kept_as = format!("canary {}", desk.name);
            let known = self.store.setting(&kept_as).await?;
            let known: Flock = known.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
            let mut flock = known.clone();
            for at in (0..flock.out.len()).rev() {
                if self.store.has_taken_in(&flock.out[at].message_id).await? {
                    flock.out.drain(..=at);
                    break;
                }
            }
            if let Some(oldest) = flock.out.first().filter(|oldest| is_over(oldest.sent_at, alarm.after, now)) {
                lost.push(lost_canary(desk, oldest));
            }
            if is_over(flock.last, every, now) {
                if flock.out.len() >= OUT_MAX {
                    flock.out.remove(1);
                }
                flock.out.push(self.fly(desk, now).await);
                flock.last = now.as_second();
            }
            if flock != known {
                self.store.keep_setting(&kept_as, &serde_json::to_string(&flock)?).await?;
            }
        }
        Ok(lost)
    }

    /// Sends one, under an identifier of ours: the desk knows it, and answers nothing.
    async fn fly(&self, desk: &Desk, now: Timestamp) -> Canary {
        let address = desk.addresses.first();
        let keyring = self.keyring();
        let token = keyring.sign(0, now.as_second(), TokenAudience::Desk);
        let message_id = format!("{token}@{}", address.domain());
        let mailbox = Mailbox { name: Some(desk.display_name.clone()), address: address.clone() };
        let sent = match MessageId::new(&message_id) {
            None => Err(anyhow::anyhow!("{address} cannot stand in a Message-ID")),
            Some(message_id) => {
                let letter = PlainLetter {
                    from: mailbox.clone(),
                    to: vec![mailbox],
                    subject: said!("A mail from guichet to itself", "Un courriel de guichet à lui-même"),
                    text: said!(
                        "It shows that mail leaves, arrives and is read. Leave it alone.",
                        "Il montre que le courriel part, arrive et est lu. Laissez-le."
                    ),
                    message_id,
                };
                let bytes = letter.bytes(now, keyring.instance());
                hand_over(&self.transport, &self.signers, address, std::slice::from_ref(address), &bytes).await
            }
        };
        let not_sent = sent.err().map(|error| format!("{error:#}"));
        Canary { message_id, sent_at: now.as_second(), not_sent }
    }
}

/// A clock that was set back does not keep it waiting.
fn is_over(since: i64, after: Duration, now: Timestamp) -> bool {
    let waited = now.as_second() - since;
    waited < 0 || u64::try_from(waited).is_ok_and(|waited| waited >= after.as_secs())
}

fn lost_canary(desk: &Desk, canary: &Canary) -> Trouble {
    let address = desk.addresses.first();
    let sent = Timestamp::from_second(canary.sent_at).unwrap_or_default();
    let said = match &canary.not_sent {
        Some(why) => said!(
            "A mail from {address} to itself could not leave at {sent}: {why}. Look at [smtp], and at `guichet check`.",
            "Un courriel de {address} à elle-même n’a pu partir à {sent}\u{a0}: {why}. Regardez [smtp], et `guichet check`."
        ),
        None => said!(
            "A mail that {address} sent to itself at {sent} has not come back: people's mail may not arrive either, or not leave. Look at `guichet status`, at the relay's log and at the folders of the mailbox, junk too.",
            "Un courriel que {address} s’est envoyé à {sent} n’est pas revenu\u{a0}: celui des gens n’arrive peut-être pas non plus, ou ne part pas. Regardez `guichet status`, le journal du relais et les dossiers de la boîte, indésirables compris."
        ),
    };
    Trouble::lasting(format!("canary {}", desk.name), said)
}
