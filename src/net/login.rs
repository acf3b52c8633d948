//! Who we are to a server, and what shows it. The one place that a second way to show it goes into (RFC 7628).

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};

/// User and password; neither leaves the process but to the server they are for.
#[derive(Clone, Debug)]
pub struct Login {
    /// Whom the server knows us as.
    pub user: String,
    password: SecretString,
}

impl Login {
    /// A login by password.
    pub fn new(user: impl Into<String>, password: impl Into<SecretString>) -> Login {
        Login { user: user.into(), password: password.into() }
    }

    /// The password in clear.
    pub(crate) fn password(&self) -> &str {
        self.password.expose_secret()
    }

    /// The one message of PLAIN, not yet in base64 (RFC 4616 §2).
    pub(crate) fn plain(&self) -> String {
        format!("\0{}\0{}", self.user, self.password())
    }

    /// What the words of a server must not hold: all that it was told, as it was told.
    pub(crate) fn secrets(&self) -> [String; 3] {
        [self.password().to_owned(), coded(&self.plain()), coded(self.password())]
    }
}

fn coded(text: &str) -> String {
    BASE64.encode(text.as_bytes())
}
