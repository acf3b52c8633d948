//! The tokens of one account: one is held, and renewed before it ends; one renewal at a time.

use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, OnceLock, PoisonError};
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
    /// When somebody has to sign in again, as far as was seen.
    sign_in_ends: std::sync::Mutex<Option<Timestamp>>,
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
    #[serde(default)]
    sign_in: Option<SignIn>,
}

/// For how long the refresh token gets others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SignIn {
    /// Seconds since 1970.
    ends: i64,
    /// When the server said so.
    #[serde(default)]
    said_at: i64,
    /// The last renewal put it off: it goes on as long as it is used.
    is_put_off: bool,
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
            sign_in_ends: std::sync::Mutex::default(),
        }
    }

    /// Whose they are.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// When somebody has to sign in again, or the refresh token is to be replaced; `None` where that is not known, or put off by
    /// each renewal.
    pub fn sign_in_ends(&self) -> Option<Timestamp> {
        *self.sign_in_ends.lock().unwrap_or_else(PoisonError::into_inner)
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
        let written = self.write(Kept::of(&granted, None, None, self.given_for(), Timestamp::now())).await;
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
        let sign_in = kept.sign_in;
        let refresh = kept.refresh.map(SecretString::from).or_else(|| self.written());
        let granted = self.account.ask(refresh.as_ref(), now).await.map_err(|denied| denied.obstacle)?;
        self.write(Kept::of(&granted, refresh, sign_in, self.given_for(), now)).await?;
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
            (Some(kept), _) if kept.given_for == self.given_for() => {
                self.learn_end(&kept);
                Ok(kept)
            }
            (Some(_), _) => Ok(Kept::default()),
            // They are got anew without anybody.
            (None, Flow::ClientCredentials | Flow::ServiceAccount { .. } | Flow::RefreshToken(_)) => {
                Ok(Kept::default())
            }
            (None, Flow::Device { .. }) => Err(self.not_kept(&anyhow::anyhow!("they were sealed with another key"))),
        }
    }

    fn learn_end(&self, kept: &Kept) {
        let lasting = kept.sign_in.filter(|sign_in| !sign_in.is_put_off);
        let ends = lasting.and_then(|sign_in| Timestamp::from_second(sign_in.ends).ok());
        *self.sign_in_ends.lock().unwrap_or_else(PoisonError::into_inner) = ends;
    }

    async fn write(&self, kept: Kept) -> Result<(), Obstacle> {
        self.learn_end(&kept);
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
    fn of(
        granted: &Granted,
        before: Option<SecretString>,
        sign_in: Option<SignIn>,
        given_for: String,
        now: Timestamp,
    ) -> Kept {
        let refresh = granted.refresh.clone().or(before);
        let has_refresh = refresh.is_some();
        let life = good_for(Duration::from_secs(granted.seconds));
        let ends = SignedDuration::try_from(life).ok().and_then(|life| now.checked_add(life).ok()).unwrap_or(now);
        Kept {
            refresh: refresh.map(|token| token.expose_secret().to_owned()),
            given_for,
            access: Some(granted.access.expose_secret().to_owned()),
            ends: ends.as_second(),
            sign_in: has_refresh.then(|| SignIn::after(sign_in, granted, now)).flatten(),
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

impl SignIn {
    /// What a grant makes of it.
    fn after(before: Option<SignIn>, granted: &Granted, now: Timestamp) -> Option<SignIn> {
        let Some(seconds) = granted.refresh_seconds else {
            return before.filter(|_| granted.refresh.is_none());
        };
        let said_at = now.as_second();
        let ends = said_at.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX));
        // One that slides moves with the clock; an end that is fixed, or reached at last, does not.
        let put_off = |before: SignIn| match said_at.saturating_sub(before.said_at) {
            ..=0 => before.is_put_off,
            passed => ends.saturating_sub(before.ends) > passed / 2,
        };
        Some(SignIn { ends, said_at, is_put_off: before.is_some_and(put_off) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: u64 = 7 * 86_400;

    fn granted(refresh: Option<&str>, refresh_seconds: Option<u64>) -> Granted {
        Granted {
            access: "a".to_owned().into(),
            seconds: 3600,
            refresh: refresh.map(|token| token.to_owned().into()),
            refresh_seconds,
        }
    }

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap()
    }

    #[test]
    fn a_sign_in_that_no_renewal_puts_off_ends_when_the_server_said() {
        let end = |sign_in: Option<SignIn>| sign_in.map(|one| (one.ends, one.is_put_off));
        let signed_in = SignIn::after(None, &granted(Some("r"), Some(WEEK)), at(0));
        let week = Some((at(7 * 24).as_second(), false));
        assert_eq!(end(signed_in), week);
        // The rest of the time, said anew or not.
        assert_eq!(end(SignIn::after(signed_in, &granted(None, Some(WEEK - 3600)), at(1))), week);
        assert_eq!(end(SignIn::after(signed_in, &granted(None, None), at(1))), week);
        assert_eq!(end(SignIn::after(signed_in, &granted(Some("other"), Some(WEEK - 3600)), at(1))), week);
    }

    #[test]
    fn one_that_goes_on_while_it_is_used_has_no_end_until_it_moves_no_more() {
        let day = SignIn::after(None, &granted(Some("r"), Some(86_400)), at(0));
        let renewed = SignIn::after(day, &granted(Some("s"), Some(86_400)), at(1));
        assert!(renewed.unwrap().is_put_off);
        assert!(SignIn::after(renewed, &granted(None, Some(86_400)), at(1)).unwrap().is_put_off, "at once");
        let at_last = SignIn::after(renewed, &granted(Some("t"), Some(86_400 - 3600)), at(2)).unwrap();
        assert_eq!((at_last.ends, at_last.is_put_off), (at(25).as_second(), false), "it may be renewed no longer");
        // Another token, of whose end nothing is said.
        assert_eq!(SignIn::after(day, &granted(Some("s"), None), at(1)), None);
    }
}
