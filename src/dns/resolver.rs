//! Questions to name servers, and their answers as plain values.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::TokioResolver;
use mail_auth::hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use mail_auth::hickory_resolver::net::runtime::TokioRuntimeProvider;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::hickory_resolver::proto::rr::{Name, RData, RecordType};
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use mail_auth::{DnsError, Error, MessageAuthenticator, ResolverCache, Txt};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::Settings;

/// So many answers are remembered, each as long as its TTL says.
const REMEMBERED: u64 = 4_096;
/// Nobody waits longer for a record that was just published.
const NOTHING_REMEMBERED: Duration = Duration::from_secs(300);
/// So many questions are on their way at once: each has a socket of its own.
const QUESTIONS: usize = 192;
/// And of one mail, so that one with many slow signatures leaves room for the others.
const QUESTIONS_OF_A_MAIL: usize = 4;
/// How long one server has for one answer, as a part of the deadline.
const PATIENCE: u32 = 4;

/// The resolvers in use: each remembers what it was told.
#[derive(Debug, Default)]
pub struct Resolvers(Mutex<Vec<(Who, Arc<Resolver>)>>);

/// The servers that are asked, and how long each has.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Who {
    servers: Vec<SocketAddr>,
    patience: Duration,
}

/// One set of name servers.
pub(super) struct Resolver {
    pub(super) authenticator: MessageAuthenticator,
    questions: Semaphore,
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

/// What a name server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told<T> {
    Records(Vec<T>),
    /// The name exists, and has no such record.
    NoRecord,
    /// The name does not exist, nor any below it (RFC 8020).
    NoName,
}

/// Nobody knows: no server answered in time, or with a fault of its own. Shown, it says why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unanswered(String);

impl Resolvers {
    /// The resolver for these settings; the system's servers are looked up anew, for they change while we run.
    pub(super) fn resolver(&self, settings: &Settings) -> Result<Arc<Resolver>, Unanswered> {
        let servers = if settings.servers.is_empty() { servers_of_the_system()? } else { settings.servers.clone() };
        let who = Who { servers, patience: settings.deadline / PATIENCE };
        let mut resolvers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, resolver)) = resolvers.iter().find(|(known, _)| *known == who) {
            return Ok(resolver.clone());
        }
        let resolver = Arc::new(Resolver::new(&who)?);
        /// A configuration names no more; those that are not asked any more leave.
        const SETS_MAX: usize = 8;
        if resolvers.len() >= SETS_MAX {
            resolvers.remove(0);
        }
        resolvers.push((who, resolver.clone()));
        Ok(resolver)
    }
}

fn servers_of_the_system() -> Result<Vec<SocketAddr>, Unanswered> {
    let (config, _) = read_system_conf().map_err(|error| Unanswered(format!("/etc/resolv.conf: {error}")))?;
    Ok(config.name_servers().iter().map(|server| SocketAddr::new(server.ip, 53)).collect())
}

impl Resolver {
    fn new(who: &Who) -> Result<Resolver, Unanswered> {
        let server = |address: &SocketAddr| {
            let at_port = |mut connection: ConnectionConfig| {
                connection.port = address.port();
                connection
            };
            // A long answer does not fit into UDP.
            let connections = vec![at_port(ConnectionConfig::udp()), at_port(ConnectionConfig::tcp())];
            NameServerConfig::new(address.ip(), true, connections)
        };
        let config = ResolverConfig::from_name_servers(who.servers.iter().map(server).collect());
        let mut options = ResolverOpts::default();
        options.timeout = who.patience;
        options.cache_size = REMEMBERED;
        options.negative_max_ttl = Some(NOTHING_REMEMBERED);
        options.use_hosts_file = ResolveHosts::Never;
        options.max_active_requests = QUESTIONS;
        let resolver = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            .with_options(options)
            .build()
            .map_err(|error| Unanswered(error.to_string()))?;
        Ok(Resolver { authenticator: MessageAuthenticator(resolver), questions: Semaphore::new(QUESTIONS) })
    }
}

/// What one mail asks, until when.
pub(super) struct Questions<'r> {
    resolver: &'r Resolver,
    until: Instant,
    own: Semaphore,
}

impl<'r> Questions<'r> {
    pub(super) fn new(resolver: &'r Resolver, until: Instant) -> Questions<'r> {
        Questions { resolver, until, own: Semaphore::new(QUESTIONS_OF_A_MAIL) }
    }

    /// The texts of a name, each whole.
    pub(super) async fn texts(&self, name: &str) -> Result<Told<Vec<u8>>, Unanswered> {
        self.ask(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => Some(text.txt_data.concat()),
            _ => None,
        })
        .await
    }

    /// The addresses of a name that are of the same family as this one.
    pub(super) async fn addresses(&self, name: &str, like: IpAddr) -> Result<Told<IpAddr>, Unanswered> {
        let family = if like.is_ipv4() { RecordType::A } else { RecordType::AAAA };
        self.ask(name, family, |data| match data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        })
        .await
    }

    /// The servers that take a domain's mail in, the preferred one first.
    pub(super) async fn exchanges(&self, name: &str) -> Result<Told<String>, Unanswered> {
        let told = self.ask(name, RecordType::MX, |data| match data {
            RData::MX(exchange) => Some((exchange.preference, exchange.exchange.to_ascii())),
            _ => None,
        });
        Ok(match told.await? {
            Told::Records(mut exchanges) => {
                exchanges.sort();
                Told::Records(exchanges.into_iter().map(|(_, name)| name).collect())
            }
            Told::NoRecord => Told::NoRecord,
            Told::NoName => Told::NoName,
        })
    }

    /// The names that an address is said to have.
    pub(super) async fn names(&self, address: IpAddr) -> Result<Told<String>, Unanswered> {
        let name = Name::from(address).to_ascii();
        self.ask(&name, RecordType::PTR, |data| match data {
            RData::PTR(name) => Some(name.to_ascii().to_lowercase()),
            _ => None,
        })
        .await
    }

    /// What each of these names publishes as a key.
    pub(super) async fn keys(&self, names: BTreeSet<String>) -> Keys {
        let key = async |name: String| {
            let key = match self.texts(&name).await {
                Ok(Told::Records(texts)) => key_of(&texts),
                Ok(Told::NoRecord) => Err(Error::Dns(DnsError::RecordNotFound(ResponseCode::NoError))),
                Ok(Told::NoName) => Err(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain))),
                Err(Unanswered(why)) => Err(Error::Dns(DnsError::Resolver(why))),
            };
            let key = key.map_or_else(Txt::Error, |key| Txt::DomainKey(Arc::new(key)));
            (name.into_boxed_str(), key)
        };
        Keys(join_all(names.into_iter().map(key)).await.into_iter().collect())
    }

    async fn ask<T>(
        &self,
        name: &str,
        sort: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Told<T>, Unanswered> {
        // What is no name has no records.
        let Ok(mut name) = Name::from_str_relaxed(name) else { return Ok(Told::NoName) };
        name.set_fqdn(true);
        let asked = name.to_ascii();
        let answer = timeout_at(self.until, async {
            let _own = self.own.acquire().await;
            let _one = self.resolver.questions.acquire().await;
            self.resolver.authenticator.0.lookup(name, sort).await
        });
        match answer.await {
            Err(_) => Err(Unanswered(format!("no answer in time about {asked} {sort}"))),
            Ok(Ok(lookup)) => {
                let records: Vec<T> = lookup.answers().iter().filter_map(|record| read(&record.data)).collect();
                Ok(if records.is_empty() { Told::NoRecord } else { Told::Records(records) })
            }
            Ok(Err(error)) if error.is_nx_domain() => Ok(Told::NoName),
            Ok(Err(error)) if error.is_no_records_found() => Ok(Told::NoRecord),
            Ok(Err(error)) => Err(Unanswered(format!("{asked} {sort}: {error}"))),
        }
    }
}

/// The first that can be read; several are a fault that RFC 6376 §3.6.2.2 leaves to us.
fn key_of(texts: &[Vec<u8>]) -> Result<DomainKey, Error> {
    let mut read = texts.iter().map(|text| DomainKey::parse(text));
    let first = read.next().unwrap_or(Err(Error::Dns(DnsError::InvalidRecordType)));
    first.or_else(|error| read.find_map(Result::ok).ok_or(error))
}

/// Keys by the names that publish them, lower case, with a final dot. mail-auth asks these before a name server, and all
/// that it wants are here.
pub(super) struct Keys(HashMap<Box<str>, Txt>);

impl Keys {
    pub(super) fn get(&self, name: &str) -> Option<&DomainKey> {
        match self.0.get(name)? {
            Txt::DomainKey(key) => Some(key),
            _ => None,
        }
    }
}

impl ResolverCache<Box<str>, Txt> for Keys {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let unknown = || Txt::Error(Error::Dns(DnsError::Resolver("not asked".to_owned())));
        Some(self.0.get(name).cloned().unwrap_or_else(unknown))
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: std::time::Instant) {}
}
