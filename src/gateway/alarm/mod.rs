//! The operator hears of what keeps the service from its work, over channels that do not need it.
//!
//! A look now and then compares what is wrong with what was told: a trouble that lasts is told once, and once more when it is
//! over; what is about to end is told at each of its marks. What was told is kept in the store, and one gateway of several looks.
//! A store that does not answer is told of as well: nothing else would.

mod canary;
mod channel;
mod ends;
mod troubles;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Gateway;
use crate::oauth::Tokens;
pub use channel::{Channel, Message, hand_over};
pub use ends::{End, EndOf, of_servers as ends_of_servers, of_sign_ins as ends_of_sign_ins};
use troubles::{Seen, Trouble};

/// What was told, by key.
const TOLD: &str = "alarms";
/// Whoever looks and says nothing for so many looks looks no more.
const LOOKS_OF_A_LEASE: i32 = 4;
/// A look takes place so often within the time that a trouble may last untold,
const LOOKS: u32 = 10;
/// and neither more nor less often than that.
const LOOK_SHORTEST: Duration = Duration::from_millis(500);
const LOOK_LONGEST: Duration = Duration::from_secs(60);

/// A warning is known as told for longer than its first mark is before the end.
const WARNING_KEPT_SECONDS: i64 = 60 * 86_400;

/// Whom to tell, and of what.
#[derive(Clone, Debug)]
pub struct Alarm {
    /// The ways, all of which are used.
    pub channels: Vec<Channel>,
    /// How long a trouble lasts before it is told.
    pub after: Duration,
    /// How often a mail is sent to ourselves; `None`: never.
    pub canary: Option<Duration>,
    /// What the configuration says will end.
    pub ends: Vec<End>,
    /// Logins that end with what somebody allowed.
    pub tokens: Vec<Arc<Tokens>>,
}

/// A trouble that was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    /// Seconds since 1970.
    at: i64,
    /// Whether its end is told.
    is_lasting: bool,
    /// What was said.
    said: String,
}

impl Told {
    /// A warning that is not seen at one look may be at the next: of a certificate it is known once its server was reached.
    fn is_warning_to_keep(&self, now: Timestamp) -> bool {
        !self.is_lasting && now.as_second() - self.at < WARNING_KEPT_SECONDS
    }
}

type AllTold = BTreeMap<String, Told>;

/// What one run remembers. A clock that is set back changes nothing of it.
#[derive(Debug)]
struct Memory {
    began: Instant,
    /// Since when the store does not answer, and what was told of it.
    without_store: Option<(Instant, Option<String>)>,
}

impl Gateway {
    /// Looks for what the operator should hear of, until `stop`.
    pub(super) async fn alarms(&self, stop: &CancellationToken) -> Result<()> {
        let Some(alarm) = &self.alarm else {
            stop.cancelled().await;
            return Ok(());
        };
        let look = (alarm.after / LOOKS).clamp(LOOK_SHORTEST, LOOK_LONGEST);
        let mut memory = Memory { began: Instant::now(), without_store: None };
        while stop.run_until_cancelled(tokio::time::sleep(look)).await.is_some() {
            // A relay that says nothing keeps nobody from stopping: what was not told is told at the next start.
            stop.run_until_cancelled(self.look_once(alarm, look, &mut memory)).await;
        }
        Ok(())
    }

    async fn look_once(&self, alarm: &Alarm, look: Duration, memory: &mut Memory) {
        let now = self.time.now();
        match self.look_for_alarms(alarm, look, memory, now).await {
            Ok(()) => {
                if let Some((_, Some(said))) = memory.without_store.take() {
                    self.say(alarm, &troubles::over_subject(), &troubles::over(&said), now).await;
                }
            }
            Err(error) => self.tell_without_store(alarm, memory, &error, now).await,
        }
    }

    async fn look_for_alarms(&self, alarm: &Alarm, look: Duration, memory: &Memory, now: Timestamp) -> Result<()> {
        let duration = SignedDuration::try_from(look)? * LOOKS_OF_A_LEASE;
        if self.store.take_lease("alarm", &self.name, now, duration).await?.is_none() {
            return Ok(());
        }
        let canaries = self.canaries(alarm, now).await?;
        let status = self.store.status().await?;
        let mailboxes = self.mailboxes.iter().filter(|watched| !watched.is_junk);
        let mailboxes: Vec<&str> = mailboxes.map(|watched| watched.imap.name.as_str()).collect();
        let seen =
            Seen { status: &status, mailboxes: &mailboxes, runs_for: memory.began.elapsed(), after: alarm.after, now };
        let mut troubles = seen.troubles();
        troubles.extend(canaries);
        let ends = alarm.ends.iter().cloned().chain(ends::of_sign_ins(&alarm.tokens)).chain(ends::of_servers());
        troubles.extend(ends::warnings(ends, now));
        self.tell_operator(alarm, &troubles, now).await
    }

    /// Tells what is new, and what is over.
    async fn tell_operator(&self, alarm: &Alarm, troubles: &[Trouble], now: Timestamp) -> Result<()> {
        let known = self.store.setting(TOLD).await?;
        let known: AllTold = known.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let mut told = known.clone();
        for trouble in troubles.iter().filter(|trouble| !known.contains_key(&trouble.key)) {
            if self.say(alarm, &trouble.subject(), &trouble.said, now).await {
                let (is_lasting, said) = (trouble.is_lasting, trouble.said.clone());
                told.insert(trouble.key.clone(), Told { at: now.as_second(), is_lasting, said });
            }
        }
        for (key, was) in known.iter().filter(|(key, _)| !troubles.iter().any(|trouble| trouble.key == **key)) {
            if was.is_warning_to_keep(now) {
                continue;
            }
            if !was.is_lasting || self.say(alarm, &troubles::over_subject(), &troubles::over(&was.said), now).await {
                told.remove(key);
            }
        }
        if told != known {
            self.store.keep_setting(TOLD, &serde_json::to_string(&told)?).await?;
        }
        Ok(())
    }

    async fn tell_without_store(&self, alarm: &Alarm, memory: &mut Memory, error: &anyhow::Error, now: Timestamp) {
        let (since, told) = memory.without_store.take().unwrap_or((Instant::now(), None));
        let trouble = troubles::without_store(error);
        let told = match told {
            None if since.elapsed() >= alarm.after => {
                self.say(alarm, &trouble.subject(), &trouble.said, now).await.then_some(trouble.said)
            }
            told => told,
        };
        memory.without_store = Some((since, told));
    }

    /// Says it over every channel; whether one of them took it.
    async fn say(&self, alarm: &Alarm, subject: &str, said: &str, now: Timestamp) -> bool {
        let (desk, signers, keyring) = (self.policy.desks.first(), &self.signers, self.keyring());
        let message = Message { desk, signers, subject, said, now, instance: keyring.instance() };
        let sent = alarm.channels.iter().map(|channel| channel.send(&message));
        let mut is_told = false;
        for outcome in futures_util::future::join_all(sent).await {
            match outcome {
                Ok(()) => is_told = true,
                Err(error) => tracing::error!(
                    error = format!("{error:#}"),
                    "An alarm did not leave: {error:#}. Look at [alarm] in the configuration; `guichet check` tries it"
                ),
            }
        }
        is_told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_that_a_look_does_not_see_is_not_told_again_and_a_trouble_that_it_does_not_see_is_over() {
        let told = |is_lasting| Told { at: 1_800_000_000, is_lasting, said: String::new() };
        let after = |days: i64| Timestamp::from_second(1_800_000_000 + days * 86_400).unwrap();
        assert!(told(false).is_warning_to_keep(after(0)) && told(false).is_warning_to_keep(after(59)));
        assert!(!told(false).is_warning_to_keep(after(60)) && !told(true).is_warning_to_keep(after(0)));
    }
}
