//! Keys, and the records that publish them.

use std::fmt;

use data_encoding::BASE64;
use mail_auth::common::crypto::{DkimKey, Ed25519Key, RsaKey};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A text of a TXT record is no longer (RFC 1035 §3.3.14).
const TEXT_BYTES_MAX: usize = 255;
/// `AlgorithmIdentifier` of RSA keys (RFC 3279 §2.3.1), in DER.
const RSA_ALGORITHM: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// rsa-sha256, which every server knows.
    Rsa,
    /// ed25519-sha256 (RFC 8463), which many do.
    Ed25519,
}

impl Sort {
    /// As records and configuration have it.
    pub fn word(self) -> &'static str {
        match self {
            Sort::Rsa => "rsa",
            Sort::Ed25519 => "ed25519",
        }
    }
}

/// The file holds no key that can sign so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadKey(String);

/// A key that signs, under the name that publishes it.
pub struct Key {
    selector: String,
    pub(super) key: DkimKey,
    /// RSAPublicKey (RFC 8017 §A.1.1) in DER, or the 32 bytes of Ed25519.
    public: Vec<u8>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("selector", &self.selector).field("sort", &self.sort()).finish_non_exhaustive()
    }
}

impl Key {
    /// Reads a private key as a file holds it: PEM, PKCS#8 (of RSA also PKCS#1).
    ///
    /// # Errors
    /// It is none, is of another sort, or is too short (RSA has 2048 bits or more).
    pub fn read(sort: Sort, selector: &str, pem: &[u8]) -> Result<Key, BadKey> {
        let bad = |error: String| BadKey(error);
        let der = PrivateKeyDer::from_pem_slice(pem).map_err(|error| bad(error.to_string()))?;
        let selector = selector.to_owned();
        match sort {
            Sort::Rsa => {
                let key = RsaKey::from_key_der(der).map_err(|error| bad(error.to_string()))?;
                Ok(Key { selector, public: key.public_key(), key: DkimKey::Rsa(key) })
            }
            Sort::Ed25519 => {
                let PrivateKeyDer::Pkcs8(der) = der else { return Err(bad("not PKCS#8".to_owned())) };
                let key = Ed25519Key::from_pkcs8_maybe_unchecked_der(der.secret_pkcs8_der());
                let key = key.map_err(|error| bad(error.to_string()))?;
                Ok(Key { selector, public: key.public_key(), key: DkimKey::Ed25519(key) })
            }
        }
    }

    /// How it signs.
    pub fn sort(&self) -> Sort {
        match self.key {
            DkimKey::Rsa(_) => Sort::Rsa,
            DkimKey::Ed25519(_) => Sort::Ed25519,
        }
    }

    /// Under which name of the domain it is published.
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// The text that publishes it (RFC 6376 §3.6.1).
    pub fn record(&self) -> String {
        // Servers look for SubjectPublicKeyInfo, as OpenSSL writes it, whatever RFC 6376 said before its erratum 3017.
        let public = match self.sort() {
            Sort::Rsa => subject_public_key_info(&self.public),
            Sort::Ed25519 => self.public.clone(),
        };
        format!("v=DKIM1; k={}; p={}", self.sort().word(), BASE64.encode(&public))
    }

    /// Whether this text publishes it.
    pub fn is_published_by(&self, record: &[u8]) -> bool {
        let record = String::from_utf8_lossy(record);
        let tag = |wanted: &str| {
            let tags = record.split(';').filter_map(|tag| tag.split_once('='));
            let mut values = tags.filter(|(name, _)| name.trim() == wanted).map(|(_, value)| value);
            values.next().map(|value| value.split_whitespace().collect::<String>())
        };
        let public = tag("p").and_then(|value| BASE64.decode(value.as_bytes()).ok());
        let is_it = match self.sort() {
            Sort::Rsa => public.is_some_and(|key| key == self.public || key == subject_public_key_info(&self.public)),
            Sort::Ed25519 => public.is_some_and(|key| key == self.public),
        };
        is_it && tag("k").as_deref().unwrap_or("rsa") == self.sort().word() && tag("v").is_none_or(|v| v == "DKIM1")
    }
}

/// A new private key for Ed25519.
///
/// # Errors
/// The system gives no random numbers.
pub fn new_ed25519() -> Result<String, BadKey> {
    let der = Ed25519Key::generate_pkcs8().map_err(|error| BadKey(error.to_string()))?;
    let lines = BASE64.encode(PrivatePkcs8KeyDer::from(der).secret_pkcs8_der());
    let lines = lines.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned() + "\n");
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{}-----END PRIVATE KEY-----\n", lines.collect::<String>()))
}

/// A record's text as zone files have it: in texts of at most 255 bytes, which count as one.
pub fn zone_text(record: &str) -> String {
    let texts = record.as_bytes().chunks(TEXT_BYTES_MAX).map(|text| format!("{:?}", String::from_utf8_lossy(text)));
    texts.collect::<Vec<_>>().join(" ")
}

/// The key of RFC 8017 in that of RFC 5280 §4.1.2.7.
fn subject_public_key_info(public: &[u8]) -> Vec<u8> {
    let bits = der(0x03, &[&[0], public].concat());
    der(0x30, &[&RSA_ALGORITHM[..], &bits].concat())
}

/// A value in DER (X.690 §8.1.3): its sort, its length, itself.
fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let length = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    let mut written = vec![tag];
    if value.len() >= 0x80 {
        written.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
    }
    written.extend_from_slice(if length.is_empty() { &[0] } else { length });
    written.extend_from_slice(value);
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dkim::sign::tests::RSA;

    #[test]
    fn a_key_knows_the_record_that_publishes_it_in_each_form() {
        let key = Key::read(Sort::Rsa, "s1", RSA.as_bytes()).unwrap();
        let record = key.record();
        assert!(record.starts_with("v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"), "{record}");
        assert!(key.is_published_by(record.as_bytes()));
        let bare = BASE64.encode(&key.public);
        assert!(key.is_published_by(format!("p = {} {}", &bare[..40], &bare[40..]).as_bytes()));
        for other in [
            String::new(),
            "v=DKIM1; k=rsa; p=".to_owned(),
            record.replace("k=rsa", "k=ed25519"),
            record.replace("DKIM1", "DKIM2"),
            record.replace("AQEA", "AQEB"),
        ] {
            assert!(!key.is_published_by(other.as_bytes()), "{other}");
        }

        let pem = new_ed25519().unwrap();
        let key = Key::read(Sort::Ed25519, "s2", pem.as_bytes()).unwrap();
        assert!(key.is_published_by(key.record().as_bytes()));
        assert_ne!(pem, new_ed25519().unwrap());
        assert!(Key::read(Sort::Rsa, "s2", pem.as_bytes()).is_err());
        assert!(Key::read(Sort::Ed25519, "s1", RSA.as_bytes()).is_err());
        assert!(Key::read(Sort::Ed25519, "s1", b"no key").is_err());
    }

    #[test]
    fn a_long_record_is_several_texts() {
        let key = Key::read(Sort::Rsa, "s1", RSA.as_bytes()).unwrap();
        let text = zone_text(&key.record());
        let texts: Vec<&str> = text.trim_matches('"').split("\" \"").collect();
        assert_eq!(texts.len(), 2);
        assert!(texts.iter().all(|text| text.len() <= 255));
        assert_eq!(texts.concat(), key.record());
    }
}
