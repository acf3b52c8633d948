//! LOGIN and AUTHENTICATE (RFC 3501 §6.2, RFC 4616, XOAUTH2).

use data_encoding::BASE64;
use imap_codec::imap_types::auth::AuthMechanism;

use super::session::{End, Outcome, Session, bad, no, ok};
use crate::demo::server::smtp;

/// What Google and Microsoft tell about a token that is no longer good.
const TOKEN_EXPIRED: &str = r#"{"status":"401","schemes":"bearer","scope":"mail"}"#;

impl Session {
    pub(super) fn log_in(&mut self, user: &[u8], password: &[u8]) -> Outcome {
        if self.account.is_some() {
            return bad("You are logged in");
        }
        let (user, password) = (String::from_utf8_lossy(user), String::from_utf8_lossy(password));
        match self.world.post.log_in(&user, &password) {
            Some(address) => {
                self.account = Some(address.key());
                ok(&format!("[CAPABILITY {}] Welcome", self.capabilities()))
            }
            None => no("[AUTHENTICATIONFAILED] Wrong user or password"),
        }
    }

    pub(super) async fn authenticate(&mut self, mechanism: AuthMechanism<'_>, initial: Option<Vec<u8>>) -> Outcome {
        let known = matches!(mechanism, AuthMechanism::Plain | AuthMechanism::XOAuth2);
        if !known || self.world.mishaps.hides(&format!("AUTH={mechanism}")) {
            return no("[CANNOT] Mechanism not known");
        }
        let response = match initial {
            Some(response) => Some(response),
            None => self.challenge("").await?,
        };
        let Some(response) = response else { return bad("Given up") };
        let response = String::from_utf8_lossy(&response).into_owned();
        if mechanism == AuthMechanism::Plain {
            let Some((user, password)) = smtp::plain_credentials(&response) else { return bad("Cannot read that") };
            return self.log_in(user.as_bytes(), password.as_bytes());
        }
        let Some((user, token)) = bearer_credentials(&response) else { return bad("Cannot read that") };
        if self.world.post.log_in(user, token).is_none() {
            self.challenge(TOKEN_EXPIRED).await?;
        }
        self.log_in(user.as_bytes(), token.as_bytes())
    }

    /// `None` where the client gives up with `*`, or answers something else than base64.
    async fn challenge(&mut self, text: &str) -> Result<Option<Vec<u8>>, End> {
        self.wire.say(&format!("+ {}", BASE64.encode(text.as_bytes())));
        let line = self.wire.line().await?.ok_or(End::Closed)?;
        Ok(BASE64.decode(line.as_bytes()).ok())
    }
}

/// `user=name ^A auth=Bearer token ^A ^A`; an account's token is its password.
fn bearer_credentials(response: &str) -> Option<(&str, &str)> {
    let mut fields = response.split('\x01');
    Some((fields.next()?.strip_prefix("user=")?, fields.next()?.strip_prefix("auth=Bearer ")?))
}
