//! The tokens of one account: one is held, and renewed before it ends; one renewal at a time.

use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::bail;
use data_encoding::HEXLOWER;
use futures_util::future::{BoxFuture, FutureExt};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::exchange::Granted;
use super::{Account, Flow, Invitation, SealingKey};
use crate::net::{Bearer, Obstacle, TokenRefusal};

/// A token is renewed so long before it ends,
const MARGIN: Duration = Duration::from_secs(300);
/// or after so much of its life, whatever is later.
const MARGIN_SHARE: u32 = 10;

/// Keeps texts for all gateways of a store, and lets one of them renew at a time.
pub trait Keeper: Debug + Send + Sync {
    /// What is kept under a name.
    fn read<'a>(&'a self, name: &'a str) -> BoxFuture<'a, anyhow::Result<Option<String>>>;

    /// Keeps a text under a name.
    fn keep<'a>(&'a self, name: &'a str, text: &'a str) -> BoxFuture<'a, anyhow::Result<()>>;

    /// Waits until nobody else renews what has this name; the turn ends with [`Keeper::end_turn`], or by itself.
    fn turn<'a>(&'a self, name: &'a str) -> BoxFuture<'a, anyhow::Result<()>>;

    /// Lets others renew.
    fn end_turn<'a>(&'a self, name: &'a str) -> BoxFuture<'a, ()>;
}

/// Gives out the tokens of one account.
#[derive(Debug)]
pub struct Tokens {
    account: Account,
    kept: OnceLock<(Arc<dyn Keeper>, Arc<SealingKey>)>,
    /// Why what is kept cannot be got at.
    not_to_be_kept: OnceLock<String>,
    held: Mutex<Held>,
    /// What was granted and could not be written yet: it may be good once, and is written before anything is asked for.
    unwritten: Mutex<Option<Kept>>,
}

#[derive(Debug, Default)]
struct Held {
    token: Option<Token>,
    /// The last one that a server refused: it is not taken from what is kept.
    refused: Option<SecretString>,
}

#[derive(Clone, Debug)]
struct Token {
    access: SecretString,
    renew_at: Instant,
    /// It was given out before: where it is refused, a new one may be taken.
    is_used: bool,
}

/// What is kept, sealed.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Kept {
    refresh: Option<String>,
    /// The digest of what it was given out for, and by whom.
    given_for: String,
    access: Option<String>,
    /// Seconds since 1970.
    ends: i64,
}

impl Tokens {
    /// Those of an account; without a keeper each process gets its own.
    pub fn new(account: Account) -> Tokens {
        Tokens {
            account,
            kept: OnceLock::new(),
            not_to_be_kept: OnceLock::new(),
            held: Mutex::default(),
            unwritten: Mutex::default(),
        }
    }

    /// Whose they are.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// From now on they are kept there.
    pub fn keep_in(&self, keeper: Arc<dyn Keeper>, key: Arc<SealingKey>) {
        // It is said once, where the store is opened.
        let _ = self.kept.set((keeper, key));
    }

    /// They are kept where nobody can get at them, for that reason: nothing is asked for, because what is kept may be good once.
    pub fn keep_from(&self, why: String) {
        let _ = self.not_to_be_kept.set(why);
    }

    /// Begins a sign-in; see [`Tokens::sign_in`].
    pub async fn invite(&self) -> Result<Invitation, Obstacle> {
        self.account.invite().await
    }

    /// Waits until somebody has signed in as invited, and keeps what that grants; what was kept before, sealed.
    pub async fn sign_in(&self, invitation: &Invitation) -> Result<Option<String>, Obstacle> {
        let granted = self.account.signed_in(invitation).await?;
        if granted.refresh.is_none() {
            let said = "no refresh token came: ask for the scope offline_access".to_owned();
            return Err(self.account.denied(TokenRefusal::Other, "", said).obstacle);
        }
        let Some((keeper, _)) = self.kept.get() else {
            return Err(self.not_kept(&anyhow::anyhow!("there is no token_key")));
        };
        let name = &self.account.name;
        let mut held = self.held.lock().await;
        keeper.turn(name).await.map_err(|error| self.not_kept(&error))?;
        let before = keeper.read(name).await;
        let written = self.write(Kept::of(&granted, None, self.given_for(), Timestamp::now())).await;
        keeper.end_turn(name).await;
        *held = Held::default();
        written?;
        before.map_err(|error| self.not_kept(&error))
    }

    /// Keeps again what [`Tokens::sign_in`] found: the one who signed in opens nothing here.
    pub async fn put_back(&self, before: &str) -> Result<(), Obstacle> {
        let Some((keeper, _)) = self.kept.get() else { return Ok(()) };
        *self.held.lock().await = Held::default();
        keeper.keep(&self.account.name, before).await.map_err(|error| self.not_kept(&error))
    }

    /// Waits until no renewal is under way: what one brings may be good once, and has to be written.
    pub async fn settle(&self) {
        drop(self.held.lock().await);
    }

    /// Gets a token anew, where none is kept that is good for a while.
    async fn renewed(&self, refused: Option<&SecretString>) -> Result<Token, Obstacle> {
        let Some((keeper, _)) = self.kept.get() else {
            if let Some(why) = self.not_to_be_kept.get() {
                return Err(self.not_kept(&anyhow::anyhow!("{why}")));
            }
            let refresh = self.written();
            let asked = self.account.ask(refresh.as_ref(), Timestamp::now()).await;
            return Ok(Token::of(&asked.map_err(|denied| denied.obstacle)?));
        };
        let name = &self.account.name;
        keeper.turn(name).await.map_err(|error| self.not_kept(&error))?;
        let renewed = self.renewed_in_turn(refused).await;
        keeper.end_turn(name).await;
        renewed
    }

    async fn renewed_in_turn(&self, refused: Option<&SecretString>) -> Result<Token, Obstacle> {
        let unwritten = self.unwritten.lock().await.take();
        if let Some(unwritten) = unwritten {
            self.write(unwritten).await?;
        }
        let kept = self.read().await?;
        let now = Timestamp::now();
        if let Some(token) = kept.token(refused, now) {
            return Ok(token);
        }
        let refresh = kept.refresh.map(SecretString::from).or_else(|| self.written());
        let granted = self.account.ask(refresh.as_ref(), now).await.map_err(|denied| denied.obstacle)?;
        self.write(Kept::of(&granted, refresh, self.given_for(), now)).await?;
        Ok(Token::of(&granted))
    }

    /// The refresh token that the operator got elsewhere.
    fn written(&self) -> Option<SecretString> {
        match &self.account.flow {
            Flow::RefreshToken(token) => Some(token.clone()),
            Flow::ClientCredentials | Flow::Device { .. } | Flow::ServiceAccount { .. } => None,
        }
    }

    /// What tokens are given out for, and by whom: where the operator changes any of it, those of before are shown to nobody.
    fn given_for(&self) -> String {
        let Account { client_id, token_url, scopes, opens, flow, .. } = &self.account;
        let written = self.written();
        let (way, written) = match flow {
            Flow::ClientCredentials => ("client_credentials", ""),
            Flow::Device { .. } => ("device", ""),
            Flow::RefreshToken(_) => ("refresh_token", written.as_ref().map_or("", |token| token.expose_secret())),
            Flow::ServiceAccount { issuer, .. } => ("service_account", issuer.as_str()),
        };
        let all = [way, client_id, &token_url.to_string(), &scopes.join(" "), opens, written].join("\n");
        HEXLOWER.encode(&Sha256::digest(all)[..16])
    }

    async fn read(&self) -> Result<Kept, Obstacle> {
        let Some((keeper, key)) = self.kept.get() else { return Ok(Kept::default()) };
        let name = &self.account.name;
        let sealed = keeper.read(name).await.map_err(|error| self.not_kept(&error))?;
        let Some(sealed) = sealed else { return Ok(Kept::default()) };
        let opened: Option<Kept> = key.open(name, &sealed).and_then(|text| serde_json::from_str(&text).ok());
        match (opened, &self.account.flow) {
            (Some(kept), _) if kept.given_for == self.given_for() => Ok(kept),
            (Some(_), _) => Ok(Kept::default()),
            // They are got anew without anybody.
            (None, Flow::ClientCredentials | Flow::ServiceAccount { .. } | Flow::RefreshToken(_)) => {
                Ok(Kept::default())
            }
            (None, Flow::Device { .. }) => Err(self.not_kept(&anyhow::anyhow!("they were sealed with another key"))),
        }
    }

    async fn write(&self, kept: Kept) -> Result<(), Obstacle> {
        let written = self.try_to_write(&kept).await;
        if written.is_err() {
            *self.unwritten.lock().await = Some(kept);
        }
        written.map_err(|error| self.not_kept(&error))
    }

    async fn try_to_write(&self, kept: &Kept) -> anyhow::Result<()> {
        let Some((keeper, key)) = self.kept.get() else { bail!("there is no token_key") };
        let text = serde_json::to_string(kept)?;
        let Some(sealed) = key.seal(&self.account.name, &text) else { bail!("there is no randomness") };
        keeper.keep(&self.account.name, &sealed).await
    }

    fn not_kept(&self, error: &anyhow::Error) -> Obstacle {
        self.account.denied(TokenRefusal::NotKept, "", crate::net::printable(&format!("{error:#}"), &[])).obstacle
    }
}

impl Bearer for Arc<Tokens> {
    fn token(&self) -> BoxFuture<'_, Result<SecretString, Obstacle>> {
        let tokens = Arc::clone(self);
        // Whoever waits may give up; a refresh token that the server exchanged must be kept all the same.
        let renewal = tokio::spawn(async move {
            let mut held = tokens.held.lock().await;
            if let Some(token) = held.token.as_mut().filter(|token| token.renew_at > Instant::now()) {
                token.is_used = true;
                return Ok(token.access.clone());
            }
            held.token = None;
            let token = tokens.renewed(held.refused.as_ref()).await?;
            let access = token.access.clone();
            held.token = Some(token);
            Ok(access)
        });
        async move {
            match renewal.await {
                Ok(token) => token,
                Err(error) => Err(self.not_kept(&error.into())),
            }
        }
        .boxed()
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        self.settle().boxed()
    }

    fn refused<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, bool> {
        async move {
            let mut held = self.held.lock().await;
            let is_it = |held: &Token| held.access.expose_secret() == token.expose_secret();
            let Some(known) = held.token.take_if(|held| is_it(held)) else { return true };
            held.refused = Some(known.access);
            known.is_used
        }
        .boxed()
    }
}

impl Debug for Kept {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

impl Token {
    fn of(granted: &Granted) -> Token {
        let life = Duration::from_secs(granted.seconds);
        Token { access: granted.access.clone(), renew_at: Instant::now() + good_for(life), is_used: false }
    }
}

/// How long a token of this life is used.
fn good_for(life: Duration) -> Duration {
    life.saturating_sub(MARGIN.min(life / MARGIN_SHARE))
}

impl Kept {
    fn of(granted: &Granted, before: Option<SecretString>, given_for: String, now: Timestamp) -> Kept {
        let refresh = granted.refresh.clone().or(before);
        let life = good_for(Duration::from_secs(granted.seconds));
        let ends = SignedDuration::try_from(life).ok().and_then(|life| now.checked_add(life).ok()).unwrap_or(now);
        Kept {
            refresh: refresh.map(|token| token.expose_secret().to_owned()),
            given_for,
            access: Some(granted.access.expose_secret().to_owned()),
            ends: ends.as_second(),
        }
    }

    /// What another gateway, or the run before, got a while ago.
    fn token(&self, refused: Option<&SecretString>, now: Timestamp) -> Option<Token> {
        let access =
            self.access.as_ref().filter(|access| refused.is_none_or(|refused| refused.expose_secret() != **access))?;
        let left = u64::try_from(self.ends - now.as_second()).ok().filter(|left| *left > 0)?;
        Some(Token {
            access: access.clone().into(),
            renew_at: Instant::now() + Duration::from_secs(left),
            is_used: true,
        })
    }
}
