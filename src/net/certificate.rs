//! Whom a server says it is, and why we do not believe it.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use webpki::EndEntityCert;

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
            CertificateError::Other(OtherError(error))
                if matches!(error.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity)) =>
            {
                Distrust::IsAuthority
            }
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
    let der = CertificateDer::from(certificate);
    let Ok(read) = EndEntityCert::try_from(&der) else { return Distrust::Unreadable };
    if read.issuer() == read.subject() {
        return Distrust::SelfSigned;
    }
    Distrust::UnknownAuthority(name_in(read.issuer()).unwrap_or_else(|| "?".to_owned()))
}

/// The common name in a distinguished name (RFC 5280 §4.1.2.4), else its organisation.
fn name_in(distinguished: &[u8]) -> Option<String> {
    const COMMON_NAME: &[u8] = &[0x55, 4, 3];
    const ORGANISATION: &[u8] = &[0x55, 4, 10];
    let mut organisation = None;
    let mut rest = distinguished;
    while let Some((set, after)) = value(rest) {
        rest = after;
        let Some((pair, _)) = value(set) else { continue };
        let Some((kind, text)) = value(pair) else { continue };
        let Some((text, _)) = value(text) else { continue };
        let text = format!("{:?}", printable(&String::from_utf8_lossy(text), &[]));
        match kind {
            COMMON_NAME => return Some(text),
            ORGANISATION => organisation = Some(text),
            _ => {}
        }
    }
    organisation
}

/// The first value in DER, and what follows it (X.690 §8.1).
fn value(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = der.get(1..)?.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => (usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?)), &rest[2..]),
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// rustls's own verifier, whose refusals are told in our words: it alone sees the certificate.
#[derive(Debug)]
pub(super) struct Verifier(pub(super) Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
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
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_out_of_a_distinguished_one() {
        let pair = |kind: u8, text: &str| {
            let oid = [6, 3, 0x55, 4, kind];
            let string = [&[12, text.len() as u8], text.as_bytes()].concat();
            let pair = [&[0x30, (oid.len() + string.len()) as u8], &oid[..], &string].concat();
            [&[0x31, pair.len() as u8], &pair[..]].concat()
        };
        let both = [pair(10, "Desk Inc"), pair(3, "Desk Root")].concat();
        assert_eq!(name_in(&both).as_deref(), Some("\"Desk Root\""));
        assert_eq!(name_in(&pair(10, "Desk Inc")).as_deref(), Some("\"Desk Inc\""));
        for end in 0..both.len() {
            name_in(&both[..end]);
        }
        assert_eq!(name_in(&[0x31, 0x82, 0xff]), None);
    }
}
