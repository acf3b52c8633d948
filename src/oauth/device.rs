//! Somebody signs in with a browser on another device, once (RFC 8628).

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::exchange::{Denied, Granted};
use super::{Account, Flow};
use crate::net::{Obstacle, TokenRefusal, printable};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// RFC 8628 §3.2: where the server says nothing.
const INTERVAL_SECONDS: u64 = 5;
/// RFC 8628 §3.5: what `slow_down` adds.
const SLOWER: Duration = Duration::from_secs(5);

/// What whoever signs in is to do.
#[derive(Debug)]
pub struct Invitation {
    /// The page to open.
    pub page: String,
    /// What to type there.
    pub code: String,
    /// Who is to sign in, where the configuration says.
    pub sign_in_as: Option<String>,
    /// How long it holds.
    pub holds: Duration,
    device_code: SecretString,
    interval: Duration,
}

#[derive(Deserialize)]
struct Answer {
    device_code: String,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    #[serde(default)]
    expires_in: Option<u64>,
    #[serde(default)]
    interval: Option<u64>,
}

impl Account {
    /// Begins a sign-in.
    pub(super) async fn invite(&self) -> Result<Invitation, Obstacle> {
        let Flow::Device { device_url, sign_in_as } = &self.flow else {
            return Err(self.denied(TokenRefusal::Other, "", "nobody signs in by device here".to_owned()).obstacle);
        };
        let now = Timestamp::now();
        let fields = vec![("scope", self.scopes.join(" "))];
        let answer = self.post(device_url, fields, now).await.map_err(|denied| denied.obstacle)?;
        let read: Option<Answer> = self.read(&answer, now).map_err(|denied| denied.obstacle)?;
        let Some(read) = read else {
            return Err(self.denied(TokenRefusal::NoAnswer, "", answer.status.to_string()).obstacle);
        };
        Ok(Invitation {
            page: printable(&read.verification_uri, &[]),
            code: printable(&read.user_code, &[]),
            sign_in_as: sign_in_as.clone(),
            holds: Duration::from_secs(read.expires_in.unwrap_or(900).clamp(1, 3600)),
            device_code: read.device_code.into(),
            interval: Duration::from_secs(read.interval.unwrap_or(INTERVAL_SECONDS).clamp(1, 60)),
        })
    }

    /// Waits until somebody has signed in.
    pub(super) async fn signed_in(&self, invitation: &Invitation) -> Result<Granted, Obstacle> {
        use secrecy::ExposeSecret;
        let until = Instant::now() + invitation.holds;
        let mut interval = invitation.interval;
        loop {
            sleep(interval).await;
            let now = Timestamp::now();
            let code = invitation.device_code.expose_secret().to_owned();
            let fields = vec![("grant_type", GRANT.to_owned()), ("device_code", code)];
            let asked = self.post(&self.token_url, fields, now).await.and_then(|answer| self.granted(&answer, now));
            match asked {
                Ok(granted) => return Ok(granted),
                Err(Denied { error, .. }) if Instant::now() >= until && is_patient(&error) => {
                    let said = "nobody signed in while the code held".to_owned();
                    return Err(self.denied(TokenRefusal::SignInEnded, &error, said).obstacle);
                }
                Err(Denied { error, .. }) if error == "authorization_pending" => {}
                // RFC 8628 §3.5: a connection that breaks is waited for, too.
                Err(Denied { error, .. }) if is_patient(&error) => interval += SLOWER,
                Err(Denied { obstacle, .. }) => return Err(obstacle),
            }
        }
    }
}

/// Whether the next try may bring the token.
fn is_patient(error: &str) -> bool {
    matches!(error, "authorization_pending" | "slow_down" | "")
}
