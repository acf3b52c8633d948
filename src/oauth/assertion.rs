//! Signed assertions (RFC 7523, RFC 7515): what an application or a service account says of itself.

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jiff::{SignedDuration, Timestamp};
use rustls::SignatureScheme;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::SigningKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A server takes assertions of a few minutes; Google of an hour at most.
const LIFE: SignedDuration = SignedDuration::from_mins(10);

/// Signs with an RSA key (RS256, RFC 7518 §3.3).
#[derive(Clone)]
pub struct Signer {
    key: Arc<dyn SigningKey>,
    /// Says which key it is: a certificate's digest (`x5t#S256`), or the name of a key (`kid`).
    named: (&'static str, String),
    certificate: Option<CertificateDer<'static>>,
}

/// Why a file is of no use as a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadKey {
    /// There is no private key in it, in PEM.
    NoKey,
    /// The key is no RSA key.
    NotRsa,
    /// There is no certificate in it, in PEM.
    NoCertificate,
}

impl Signer {
    /// By a certificate and its private key, both in one PEM text.
    pub fn of_certificate(pem: &[u8]) -> Result<Signer, BadKey> {
        let certificate = CertificateDer::from_pem_slice(pem).map_err(|_| BadKey::NoCertificate)?;
        let digest = BASE64URL_NOPAD.encode(&Sha256::digest(&certificate));
        Ok(Signer { key: key(pem)?, named: ("x5t#S256", digest), certificate: Some(certificate) })
    }

    /// By a private key in PEM that the server knows under a name.
    pub fn of_key(pem: &[u8], id: &str) -> Result<Signer, BadKey> {
        Ok(Signer { key: key(pem)?, named: ("kid", id.to_owned()), certificate: None })
    }

    /// The certificate, DER.
    pub fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    /// `claims` with the time they are made at and when they end, signed. `None` where the key cannot sign.
    pub(super) fn sign(&self, mut claims: Value, now: Timestamp) -> Option<String> {
        claims["iat"] = now.as_second().into();
        claims["exp"] = now.checked_add(LIFE).ok()?.as_second().into();
        let digest = Sha256::digest(format!("{claims}"));
        claims["jti"] = HEXLOWER.encode(&digest[..16]).into();
        let (name, value) = &self.named;
        let header = json!({"alg": "RS256", "typ": "JWT", *name: value});
        let coded = |part: &Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
        let signed = format!("{}.{}", coded(&header), coded(&claims));
        let signature = self.key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256])?.sign(signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature)))
    }
}

fn key(pem: &[u8]) -> Result<Arc<dyn SigningKey>, BadKey> {
    let der = PrivateKeyDer::from_pem_slice(pem).map_err(|_| BadKey::NoKey)?;
    let key = any_supported_type(&der).map_err(|_| BadKey::NoKey)?;
    match key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256]) {
        Some(_) => Ok(key),
        None => Err(BadKey::NotRsa),
    }
}

impl Debug for Signer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("named", &self.named).finish_non_exhaustive()
    }
}
