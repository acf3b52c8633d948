//! Who we are to a server, and what shows it: a password, or a token that an authorization server gave out (RFC 6750).

use std::fmt::Debug;
use std::sync::Arc;

use data_encoding::BASE64;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};

use super::{Obstacle, Server};

/// User and what shows that it is us; secrets do not leave the process but to the server they are for.
#[derive(Clone, Debug)]
pub struct Login {
    /// Whom the server knows us as.
    pub user: String,
    shown: Shown,
}

#[derive(Clone, Debug)]
enum Shown {
    Password(SecretString),
    Token(Arc<dyn Bearer>),
}

/// Gives out tokens that show who we are, and gets new ones in time.
pub trait Bearer: Debug + Send + Sync {
    /// One that is good for a while.
    fn token(&self) -> BoxFuture<'_, Result<SecretString, Obstacle>>;

    /// A server did not take this one; whether another one may be.
    fn refused<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, bool>;

    /// Ends once nothing is under way that must not be cut off.
    fn settled(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// What shows who we are, now.
#[derive(Clone, Debug)]
pub(crate) enum Pass {
    Password(SecretString),
    Token(SecretString),
}

/// A SASL mechanism that takes a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenMechanism {
    /// RFC 7628.
    OAuthBearer,
    /// Google's and Microsoft's own, older one.
    XOAuth2,
}

impl Login {
    /// A login by password.
    pub fn new(user: impl Into<String>, password: impl Into<SecretString>) -> Login {
        Login { user: user.into(), shown: Shown::Password(password.into()) }
    }

    /// A login by tokens.
    pub fn by_token(user: impl Into<String>, bearer: Arc<dyn Bearer>) -> Login {
        Login { user: user.into(), shown: Shown::Token(bearer) }
    }

    /// The password in clear; `None` where tokens do.
    #[cfg(test)]
    pub(crate) fn password(&self) -> Option<&str> {
        match &self.shown {
            Shown::Password(password) => Some(password.expose_secret()),
            Shown::Token(_) => None,
        }
    }

    /// What to show the server now.
    pub(crate) async fn pass(&self) -> Result<Pass, Obstacle> {
        match &self.shown {
            Shown::Password(password) => Ok(Pass::Password(password.clone())),
            Shown::Token(bearer) => Ok(Pass::Token(bearer.token().await?)),
        }
    }

    /// Ends once nothing is under way that must not be cut off.
    pub(crate) async fn settled(&self) {
        if let Shown::Token(bearer) = &self.shown {
            bearer.settled().await;
        }
    }

    /// A server refused what was shown; whether something else may be taken.
    pub(crate) async fn refused(&self, pass: &Pass) -> bool {
        match (&self.shown, pass) {
            (Shown::Token(bearer), Pass::Token(token)) => bearer.refused(token).await,
            _ => false,
        }
    }
}

impl Pass {
    /// The secret in clear.
    pub(crate) fn secret(&self) -> &str {
        let (Pass::Password(secret) | Pass::Token(secret)) = self;
        secret.expose_secret()
    }

    /// The one message of PLAIN, not yet in base64 (RFC 4616 §2).
    pub(crate) fn plain(&self, user: &str) -> String {
        format!("\0{user}\0{}", self.secret())
    }

    /// The one message of a mechanism for tokens, not yet in base64.
    pub(crate) fn bearing(&self, mechanism: TokenMechanism, user: &str, server: &Server) -> String {
        let token = self.secret();
        match mechanism {
            TokenMechanism::OAuthBearer => {
                let named = user.replace('=', "=3D").replace(',', "=2C");
                let Server { host, port, .. } = server;
                format!("n,a={named},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01")
            }
            TokenMechanism::XOAuth2 => format!("user={user}\x01auth=Bearer {token}\x01\x01"),
        }
    }

    /// What the words of a server must not hold: all that it was told, as it was told.
    pub(crate) fn secrets(&self, user: &str, server: &Server) -> Vec<String> {
        let messages = match self {
            Pass::Password(_) => vec![self.plain(user)],
            Pass::Token(_) => TokenMechanism::ALL.map(|mechanism| self.bearing(mechanism, user, server)).to_vec(),
        };
        let coded =
            messages.iter().map(String::as_str).chain([self.secret()]).map(|text| BASE64.encode(text.as_bytes()));
        [self.secret().to_owned()].into_iter().chain(coded).collect()
    }
}

impl TokenMechanism {
    /// The standard's goes before the older one.
    pub(crate) const ALL: [TokenMechanism; 2] = [TokenMechanism::OAuthBearer, TokenMechanism::XOAuth2];

    /// As servers offer it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            TokenMechanism::OAuthBearer => "OAUTHBEARER",
            TokenMechanism::XOAuth2 => "XOAUTH2",
        }
    }

    /// The best one that is among those.
    pub(crate) fn among(offers: impl Fn(&str) -> bool) -> Option<TokenMechanism> {
        TokenMechanism::ALL.into_iter().find(|mechanism| offers(mechanism.name()))
    }

    /// What answers the error that a server tells as a challenge, before it refuses (RFC 7628 §3.2.3).
    pub(crate) fn acknowledgement(self) -> &'static str {
        match self {
            TokenMechanism::OAuthBearer => "\x01",
            TokenMechanism::XOAuth2 => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Protocol, Tls};

    #[test]
    fn a_token_is_shown_as_each_mechanism_has_it() {
        let server = Server {
            protocol: Protocol::Imap,
            host: "mail.test".to_owned(),
            port: 993,
            tls: Tls::Implicit,
            ca_file: None,
        };
        let pass = Pass::Token("ya29.token".to_owned().into());
        let shown = |mechanism, user| pass.bearing(mechanism, user, &server);
        // The example of RFC 7628 §4.1, but for its values.
        assert_eq!(
            shown(TokenMechanism::OAuthBearer, "a,b=c@desk.test"),
            "n,a=a=2Cb=3Dc@desk.test,\u{1}host=mail.test\u{1}port=993\u{1}auth=Bearer ya29.token\u{1}\u{1}"
        );
        assert_eq!(
            shown(TokenMechanism::XOAuth2, "support@desk.test"),
            "user=support@desk.test\u{1}auth=Bearer ya29.token\u{1}\u{1}"
        );
        assert_eq!(TokenMechanism::among(|name| name == "XOAUTH2"), Some(TokenMechanism::XOAuth2));
        assert_eq!(TokenMechanism::among(|_| true), Some(TokenMechanism::OAuthBearer));
        assert_eq!(TokenMechanism::among(|name| name == "PLAIN"), None);
    }
}
