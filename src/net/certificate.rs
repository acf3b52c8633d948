//! Whom a server says it is, and why we do not believe it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use x509_parser::parse_x509_certificate;

use super::printable;

/// Names of a certificate that are told.
const NAMES_MAX: usize = 5;

/// Why a server's certificate is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the certificate is not to be trusted")]
pub enum Distrust {
    /// It is for other names, which are these.
    OtherName(Vec<String>),
    /// Whoever signed it is not trusted.
    UnknownAuthority(String),
    /// It names itself as its authority, and `ca_file` does not name it.
    SelfSigned,
    /// It is valid no more, since then; `None` where the verifier does not say since when.
    Expired(Option<Timestamp>),
    /// It is not valid yet, but from then on; `None` where the verifier does not say from when on.
    NotYet(Option<Timestamp>),
    /// It is an authority's own: what `openssl req -x509` makes unasked, and many a server shows.
    IsAuthority,
    /// Its authority revoked it.
    Revoked,
    /// It may prove other things, not that somebody is this server (RFC 5280 §4.2.1.12).
    NotForServers,
    /// The signature is of a kind that is not accepted.
    Weak,
    /// It is no certificate that we can read.
    Unreadable,
}

impl Distrust {
    /// What the verifier below said, if it was it.
    pub(super) fn of(error: &CertificateError) -> Distrust {
        match error {
            CertificateError::Other(OtherError(error)) => match error.downcast_ref::<Distrust>() {
                Some(distrust) => distrust.clone(),
                None => Distrust::Unreadable,
            },
            error => Distrust::told_of(error, &[]),
        }
    }

    fn told_of(error: &CertificateError, certificate: &[u8]) -> Distrust {
        let at = |time: &UnixTime| Timestamp::from_second(i64::try_from(time.as_secs()).ok()?).ok();
        match error {
            CertificateError::NotValidForNameContext { presented, .. } => {
                Distrust::OtherName(presented.iter().take(NAMES_MAX).filter_map(|name| plain_name(name)).collect())
            }
            CertificateError::NotValidForName => Distrust::OtherName(Vec::new()),
            // An authority may have another key under the name of one that is trusted.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => unknown_authority(certificate),
            CertificateError::ExpiredContext { not_after, .. } => Distrust::Expired(at(not_after)),
            CertificateError::Expired => Distrust::Expired(None),
            CertificateError::NotValidYetContext { not_before, .. } => Distrust::NotYet(at(not_before)),
            CertificateError::NotValidYet => Distrust::NotYet(None),
            CertificateError::Revoked => Distrust::Revoked,
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                Distrust::NotForServers
            }
            CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => Distrust::Weak,
            // webpki has no word of its own for it in rustls (`CaUsedAsEndEntity`).
            CertificateError::Other(_) if is_authority(certificate) => Distrust::IsAuthority,
            _ => Distrust::Unreadable,
        }
    }
}

/// webpki tells names as `DnsName("mail.example.com")` and `IpAddress(192.0.2.1)`.
fn plain_name(told: &str) -> Option<String> {
    let (_, name) = told.split_once('(')?;
    let name = printable(name.trim_end_matches(')').trim_matches('"'), &[]);
    (!name.is_empty()).then_some(name)
}

fn unknown_authority(certificate: &[u8]) -> Distrust {
    let Ok((_, read)) = parse_x509_certificate(certificate) else { return Distrust::Unreadable };
    if read.issuer() == read.subject() {
        return Distrust::SelfSigned;
    }
    let names = read.issuer().iter_common_name().chain(read.issuer().iter_organization());
    let name = names.filter_map(|name| name.as_str().ok()).next().map(|name| format!("{:?}", printable(name, &[])));
    Distrust::UnknownAuthority(name.unwrap_or_else(|| "?".to_owned()))
}

fn is_authority(certificate: &[u8]) -> bool {
    parse_x509_certificate(certificate).is_ok_and(|(_, read)| read.is_ca())
}

/// When a certificate (DER) ends; `None` where it is none.
pub fn end_of_certificate(certificate: &[u8]) -> Option<Timestamp> {
    let (_, read) = parse_x509_certificate(certificate).ok()?;
    Timestamp::from_second(read.validity().not_after.timestamp()).ok()
}

/// When the certificate ends that each server showed last to this process, by the server's host and port.
pub fn certificates_seen() -> BTreeMap<String, Timestamp> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// It is told of days before it ends, by whoever looks at all servers at once.
static SEEN: Mutex<BTreeMap<String, Timestamp>> = Mutex::new(BTreeMap::new());

/// rustls's own verifier, whose refusals are told in our words: it alone sees the certificate.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) inner: Arc<WebPkiServerVerifier>,
    /// Host and port.
    pub(super) server: String,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        if let (Ok(_), Some(ends)) = (&verified, end_of_certificate(end_entity)) {
            SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(self.server.clone(), ends);
        }
        verified.map_err(|error| match error {
            Error::InvalidCertificate(error) => {
                let distrust = Distrust::told_of(&error, end_entity);
                Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(distrust))))
            }
            other => other,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_told_by_its_name_and_a_certificate_by_its_end() {
        let authority = || {
            let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
            authority.distinguished_name.push(rcgen::DnType::OrganizationName, "Desk Inc");
            authority.distinguished_name.push(rcgen::DnType::CommonName, "Desk Root");
            authority
        };
        let key = rcgen::KeyPair::generate().unwrap();
        let mut server = rcgen::CertificateParams::new(vec!["mail.test".to_owned()]).unwrap();
        server.not_after = rcgen::date_time_ymd(2030, 5, 1);
        let server = server.signed_by(&key, &rcgen::Issuer::new(authority(), &key)).unwrap();
        assert_eq!(unknown_authority(server.der()), Distrust::UnknownAuthority("\"Desk Root\"".to_owned()));
        assert_eq!(end_of_certificate(server.der()), Some("2030-05-01T00:00:00Z".parse().unwrap()));
        let own = authority().self_signed(&key).unwrap();
        assert_eq!(unknown_authority(own.der()), Distrust::SelfSigned);
        assert_eq!((unknown_authority(b"no DER"), end_of_certificate(b"no DER")), (Distrust::Unreadable, None));
    }
}
