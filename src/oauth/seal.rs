//! What is kept of tokens, unreadable to whoever has the store and not the key (ChaCha20-Poly1305, RFC 8439).

use std::fmt::{self, Debug, Formatter};

use data_encoding::BASE64;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};

/// Seals and opens; made of a secret of the configuration.
pub struct SealingKey(LessSafeKey);

impl SealingKey {
    /// The fewest characters that a secret must have.
    pub const CHARACTERS_MIN: usize = 32;

    /// The key that a secret makes: any text, best one drawn at random. `None` where it is too short.
    pub fn of(secret: &str) -> Option<SealingKey> {
        let key = digest(&SHA256, format!("guichet tokens {secret}").as_bytes());
        let key = UnboundKey::new(&CHACHA20_POLY1305, key.as_ref()).ok()?;
        (secret.chars().count() >= SealingKey::CHARACTERS_MIN).then(|| SealingKey(LessSafeKey::new(key)))
    }

    /// Seals a text that is kept under a name; what is kept under another one cannot take its place.
    pub(super) fn seal(&self, name: &str, text: &str) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).ok()?;
        let mut bytes = text.as_bytes().to_vec();
        let named = Aad::from(name.as_bytes());
        self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), named, &mut bytes).ok()?;
        Some(BASE64.encode(&[&nonce[..], &bytes].concat()))
    }

    /// Opens what was sealed; `None` where it was under another key or name, or was changed.
    pub(super) fn open(&self, name: &str, sealed: &str) -> Option<String> {
        let sealed = BASE64.decode(sealed.as_bytes()).ok()?;
        let (nonce, bytes) = sealed.split_at_checked(NONCE_LEN)?;
        let mut bytes = bytes.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = self.0.open_in_place(nonce, Aad::from(name.as_bytes()), &mut bytes).ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }
}

impl Debug for SealingKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_under_the_same_name_and_unchanged_alone() {
        let key = SealingKey::of(&"k".repeat(32)).unwrap();
        let sealed = key.seal("support", "refresh").unwrap();
        assert!(!sealed.contains("refresh"));
        assert_ne!(key.seal("support", "refresh").unwrap(), sealed);
        assert_eq!(key.open("support", &sealed).as_deref(), Some("refresh"));
        assert_eq!(key.open("sales", &sealed), None);
        assert_eq!(SealingKey::of(&"l".repeat(32)).unwrap().open("support", &sealed), None);
        for changed in [
            sealed.replacen(&sealed[20..21], if &sealed[20..21] == "A" { "B" } else { "A" }, 1),
            String::new(),
            "no base64".to_owned(),
        ] {
            assert_eq!(key.open("support", &changed), None);
        }
        assert!(SealingKey::of("short").is_none());
    }
}
