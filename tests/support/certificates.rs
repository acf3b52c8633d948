//! A certificate authority that lives as long as one server.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// PEM files of an authority of our own and of a certificate for `localhost` and 127.0.0.1 that it signed.
pub(super) struct Certificates {
    /// What a client has to trust.
    pub(super) authority: PathBuf,
    /// What the server shows.
    pub(super) certificate: PathBuf,
    /// The server's private key.
    pub(super) key: PathBuf,
}

impl Certificates {
    /// Makes a new authority and a certificate, in `folder`.
    pub(super) fn make(folder: &Path) -> Self {
        let authority_key = KeyPair::generate().expect("a key pair");
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, "guichet test authority");
        let authority_pem = authority.self_signed(&authority_key).expect("an authority signs itself").pem();
        let issuer = Issuer::new(authority, authority_key);

        let key = KeyPair::generate().expect("a key pair");
        let mut server = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("plain names");
        server.distinguished_name.push(DnType::CommonName, "localhost");
        let certificate = server.signed_by(&key, &issuer).expect("the authority signs");

        let files = Self {
            authority: folder.join("authority.pem"),
            certificate: folder.join("certificate.pem"),
            key: folder.join("key.pem"),
        };
        for (file, pem) in [
            (&files.authority, authority_pem),
            (&files.certificate, certificate.pem()),
            (&files.key, key.serialize_pem()),
        ] {
            fs::write(file, pem).expect("a file can be written in a new temporary folder");
        }
        files
    }
}
