//! What the name servers say of a mail's author: signatures (DKIM), the client that handed it in (SPF), the author's domain
//! (DMARC) and seals of those who passed it on (ARC).
//!
//! It looks, and judges nobody: [`Found`] is judged by [`authenticity::by_lookup`]. Every look ends by the deadline, and
//! what has no answer by then is a temporary error: nobody fails by it. mail-auth checks signatures and reads records; who
//! is asked what, and how often, is decided here.

mod dmarc;
mod resolver;
mod signatures;
mod spf;

use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::mail::authenticity::{self, Checked, Dmarc, Found, Witnesses};
use crate::mail::{InboundMail, ReturnPath};

pub use resolver::{Resolvers, Unanswered};

use resolver::{Questions, Told};
use signatures::Signed;
use spf::Sender;

/// Whom to ask, and how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Name servers; those of the system (`/etc/resolv.conf`) where there are none.
    pub servers: Vec<SocketAddr>,
    /// All of a mail's answers come within this time.
    pub deadline: Duration,
}

impl Settings {
    /// Where nothing is said: the system's name servers.
    pub const DEADLINE: Duration = Duration::from_secs(5);
}

/// A mail that is looked up.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'m> {
    /// What it says.
    pub mail: &'m InboundMail,
    /// Its bytes; `None` where it was too large to be taken in whole.
    pub raw: Option<&'m [u8]>,
    /// When it came: a signature that has expired since was good.
    pub received_at: Timestamp,
}

impl Resolvers {
    /// What is found of a mail with one author; nothing is asked about one without.
    pub async fn look_up(&self, settings: &Settings, witnesses: &Witnesses, subject: Subject<'_>) -> Found {
        let Some(author) = subject.mail.from.as_ref().map(|from| authenticity::domain_of(from.address.as_str())) else {
            return Found::default();
        };
        let resolver = match self.resolver(settings) {
            Ok(resolver) => resolver,
            Err(error) => {
                tracing::warn!(
                    error = error.to_string(),
                    "No name server can be asked: nobody is authenticated by them"
                );
                let unknown = Dmarc { domain: author, result: Checked::TempError, record: None };
                return Found { dmarc: Some(unknown), is_cut: subject.raw.is_none(), ..Found::default() };
            }
        };
        let raw = subject.raw.map(signatures::with_crlf);
        let signed = raw.as_deref().and_then(|raw| Signed::read(raw, &author, subject.received_at));
        let start = Instant::now();
        let until = start + settings.deadline;
        // Where one answer is slow, time is left to learn what the author's domain says of the others; and what others
        // signed keeps nobody from asking the author's own domain.
        let [questions, of_others] =
            [(), ()].map(|()| Questions::new(&resolver, start + settings.deadline.mul_f32(0.6)));
        let keys = async {
            let Some(signed) = &signed else { return (Vec::new(), Vec::new(), None) };
            let (own, others) = (signed.own_key_names(&author), signed.other_key_names(&author, witnesses));
            let (own, others) = tokio::join!(questions.keys(own), of_others.keys(others));
            let keys = own.and(others);
            let chain = signed.chain(&resolver, &keys, witnesses).await;
            (signed.signatures(&resolver, &keys).await, signed.seals(), chain)
        };
        let spf = async {
            let peer = witnesses.peer(subject.mail)?;
            match Sender::of(&subject.mail.return_path, &peer)? {
                Ok(sender) => Some(spf::check(&questions, &peer, &sender).await),
                Err(NoSender) => Some(spf::of_nobody(&peer)),
            }
        };
        let walk = dmarc::walk(&questions, &author);
        let ((signatures, seals, chain), spf, walk) = tokio::join!(keys, spf, walk);
        let mut found = Found { signatures, spf, dmarc: None, seals, chain, is_cut: subject.raw.is_none() };
        found.dmarc = Some(dmarc::judge(&Questions::new(&resolver, until), &walk, &found).await);
        found
    }

    /// The texts of a name, each whole; none where it has none.
    ///
    /// # Errors
    /// No name server can be asked, or none answers in time.
    pub async fn texts_of(&self, settings: &Settings, name: &str) -> Result<Vec<Vec<u8>>, Unanswered> {
        let resolver = self.resolver(settings)?;
        match Questions::new(&resolver, Instant::now() + settings.deadline).texts(name).await? {
            Told::Records(texts) => Ok(texts),
            Told::NoRecord | Told::NoName => Ok(Vec::new()),
        }
    }

    /// The servers that take mail for a domain (MX), the one to try first before the others; none where it has none.
    ///
    /// # Errors
    /// No name server can be asked, or none answers in time.
    pub async fn exchanges_of(&self, settings: &Settings, domain: &str) -> Result<Vec<String>, Unanswered> {
        let resolver = self.resolver(settings)?;
        match Questions::new(&resolver, Instant::now() + settings.deadline).exchanges(domain).await? {
            Told::Records(exchanges) => Ok(exchanges),
            Told::NoRecord | Told::NoName => Ok(Vec::new()),
        }
    }

    /// What an operator is shown of a domain: its DMARC record, looked up as for a mail.
    ///
    /// # Errors
    /// No name server can be asked, or none answers in time.
    pub async fn dmarc_of(&self, settings: &Settings, domain: &str) -> Result<Dmarc, Unanswered> {
        let resolver = self.resolver(settings)?;
        let questions = Questions::new(&resolver, Instant::now() + settings.deadline);
        let walk = dmarc::walk(&questions, domain).await;
        match walk.unanswered() {
            Some(unanswered) => Err(unanswered.clone()),
            None => Ok(dmarc::judge(&questions, &walk, &Found::default()).await),
        }
    }
}

impl Sender {
    /// Whom SPF judges (RFC 7208 §2.4): the envelope sender, or of an empty one whoever the client says it is.
    /// `None`: it is not noted.
    fn of(return_path: &ReturnPath, peer: &authenticity::Peer) -> Option<Result<Sender, NoSender>> {
        match return_path {
            ReturnPath::Path(address) => Some(Ok(Sender::new(address.local(), address.as_str()))),
            ReturnPath::Null => Some(Ok(Sender::new("postmaster", &peer.helo))),
            ReturnPath::Unreadable => Some(Err(NoSender)),
            ReturnPath::Absent => None,
        }
    }
}

/// The envelope names nobody whose domain could be asked.
struct NoSender;
