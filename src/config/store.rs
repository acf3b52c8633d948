//! `[store]`: where the store is, and what opens it.

use secrecy::{ExposeSecret, SecretString};

use super::secret::{PASSWORD, SecretKeys, secret};
use super::section::Section;
use crate::oauth::SealingKey;
use crate::said;
use crate::store::Settings;

const TOKEN_KEY: SecretKeys = SecretKeys { plain: "token_key", file: "token_key_file", variable: "token_key_env" };
const URL: SecretKeys = SecretKeys { plain: "url", file: "url_file", variable: "url_env" };

/// The store, and what seals tokens in it.
pub(super) struct Kept {
    pub(super) settings: Settings,
    pub(super) token_key: Option<SealingKey>,
}

/// The store; `None` after a fault.
pub(super) fn store(section: &Section<'_>) -> Option<Kept> {
    let token_key = token_key(section);
    let settings = settings(section);
    Some(Kept { settings: settings?, token_key: token_key? })
}

/// The inner `None` where there is none.
fn token_key(section: &Section<'_>) -> Option<Option<SealingKey>> {
    let Some(secret) = secret(section, &TOKEN_KEY)? else { return Some(None) };
    let key = SealingKey::of(secret.expose_secret());
    if key.is_none() {
        section.fault(
            &said!(
                "token_key has less than {} characters",
                "token_key a moins de {} caractères",
                SealingKey::CHARACTERS_MIN
            ),
            &said!(
                "Draw one at random: openssl rand -base64 32",
                "Tirez-en une au sort\u{a0}: openssl rand -base64 32"
            ),
        );
    }
    key.map(Some)
}

fn settings(section: &Section<'_>) -> Option<Settings> {
    let url = secret(section, &URL);
    let password = secret(section, &PASSWORD);
    section.finish();
    let Some(url) = url? else {
        section.fault(&said!("there is no url", "il n’y a pas d’url"), &form());
        return None;
    };
    let settings = Settings { url: meant(section, &url)? };
    let settings = match password? {
        Some(password) => settings.with_password(password.expose_secret()),
        None => Ok(settings),
    };
    match settings.and_then(|settings| settings.check().map(|()| settings)) {
        Ok(settings) => Some(settings),
        Err(fault) => {
            section.fault_of("url", &fault.problem, &fault.remedy);
            None
        }
    }
}

/// The url of the store; relative SQLite paths start at the file's folder.
fn meant(section: &Section<'_>, url: &SecretString) -> Option<String> {
    let written = url.expose_secret();
    if written.starts_with("postgres://") || written.starts_with("postgresql://") {
        return Some(written.to_owned());
    }
    let Some(path) = written.strip_prefix("sqlite:") else {
        let problem = said!(
            "begins neither with sqlite: nor with postgres://",
            "ne commence ni par `sqlite:` ni par `postgres://`"
        );
        section.fault_of("url", &problem, &form());
        return None;
    };
    let path = path.strip_prefix("//").unwrap_or(path);
    match path {
        "" => {
            section.fault_of("url", &said!("names no file", "ne nomme aucun fichier"), &form());
            None
        }
        ":memory:" => Some("sqlite::memory:".to_owned()),
        path => Some(format!("sqlite:{}", section.resolve(path.as_ref()).display())),
    }
}

fn form() -> String {
    said!(
        "Write sqlite:/path/guichet.db or postgres://user@host/database.",
        "Écrivez sqlite:/chemin/guichet.db ou postgres://utilisateur@hôte/base."
    )
}
