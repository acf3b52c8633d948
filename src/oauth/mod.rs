//! Tokens of an authorization server in the place of passwords (RFC 6749): got, renewed before they end, kept.
//!
//! Four ways lead to one, and each is one request with other fields ([`Flow`]): the crate `oauth2` 5.0.0 knows three of them, has
//! no assertions (RFC 7523), which the fourth and certificates need, and does not hand out the time at which a server answers.

mod assertion;
mod device;
mod exchange;
mod refusal;
mod seal;
mod tokens;

use std::time::Duration;

use jiff::civil::Date;
use secrecy::SecretString;

use crate::net::WebAddress;

pub use assertion::{BadKey, Signer};
pub use device::Invitation;
pub use seal::SealingKey;
pub use tokens::{Keeper, Tokens};

/// Who asks for tokens, and where.
#[derive(Clone, Debug)]
pub struct Account {
    /// As commands and logs name it: the mailbox, or `smtp`.
    pub name: String,
    /// How a token is got.
    pub flow: Flow,
    /// The application, as the server registered it.
    pub client_id: String,
    /// What shows that it is the application; public clients show nothing (RFC 6749 §2.1).
    pub client: ClientProof,
    /// Where tokens are given out (RFC 6749 §3.2).
    pub token_url: WebAddress,
    /// What tokens are to open; empty leaves it to the server.
    pub scopes: Vec<String>,
    /// Whom and where tokens open: user and host. What is kept of another one is not shown there.
    pub opens: String,
    /// When the secret ends, as the operator wrote it down: no server tells.
    pub secret_expires: Option<Date>,
    /// How long the server may be silent.
    pub limit: Duration,
}

/// How a token is got.
#[derive(Clone, Debug)]
pub enum Flow {
    /// The application itself (RFC 6749 §4.4).
    ClientCredentials,
    /// Somebody signs in with a browser elsewhere, once (RFC 8628); then by refresh tokens.
    Device {
        /// Where that begins.
        device_url: WebAddress,
        /// Who is to sign in, where that is not the mailbox itself.
        sign_in_as: Option<String>,
    },
    /// By a refresh token that the operator got elsewhere (RFC 6749 §6).
    RefreshToken(SecretString),
    /// A service account that acts for a user of its domain (RFC 7523 §2.1).
    ServiceAccount {
        /// Signs what it says.
        signer: Signer,
        /// Its own address.
        issuer: String,
        /// For whom it acts.
        subject: String,
    },
}

/// What shows that it is the application.
#[derive(Clone, Debug)]
pub enum ClientProof {
    /// Nothing.
    Public,
    /// A secret in the request (RFC 6749 §2.3.1).
    Secret(SecretString),
    /// An assertion that its certificate signs (RFC 7523 §2.2).
    Certificate(Signer),
}
