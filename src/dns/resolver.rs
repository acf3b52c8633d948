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
use moka::Expiry;
use moka::sync::Cache;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::Settings;
use crate::mail::authenticity::Weakness;

/// So much of what was told is remembered, in bytes; hickory would count answers, of which one may fill a megabyte.
const REMEMBERED: u64 = 8 << 20;
/// As long as its TTL says, and no longer than that.
const REMEMBERED_FOR: Duration = Duration::from_secs(3_600);
/// Nobody waits longer for a record that was just published.
const NOTHING_REMEMBERED: Duration = Duration::from_secs(60);
/// So many questions are on their way at once: each has a socket of its own, and an answer that may be large.
const QUESTIONS: usize = 96;
/// And of those that belong together, so that a mail with many slow signatures leaves room for the others.
const QUESTIONS_TOGETHER: usize = 4;
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
    remembered: Cache<(String, RecordType), Remembered>,
}

/// What was told of a name.
#[derive(Clone)]
struct Remembered {
    told: Arc<Told<Value>>,
    lasts: Duration,
}

impl Remembered {
    /// About how many bytes it keeps.
    fn weight(&self, name: &str) -> u32 {
        const OF_ITS_OWN: usize = 128;
        let values = match &*self.told {
            Told::Records(values) => values.iter().map(|value| OF_ITS_OWN + value.length()).sum(),
            Told::NoRecord | Told::NoName => 0,
        };
        u32::try_from(OF_ITS_OWN + 2 * name.len() + values).unwrap_or(u32::MAX)
    }
}

/// Each as long as it lasts.
struct Lasting;

impl Expiry<(String, RecordType), Remembered> for Lasting {
    fn expire_after_create(
        &self,
        _: &(String, RecordType),
        remembered: &Remembered,
        _: std::time::Instant,
    ) -> Option<Duration> {
        Some(remembered.lasts)
    }
}

/// One record, as far as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(Vec<u8>),
    Address(IpAddr),
    Exchange(u16, String),
    Name(String),
}

impl Value {
    fn of(data: &RData) -> Option<Value> {
        match data {
            RData::TXT(text) => Some(Value::Text(text.txt_data.concat())),
            RData::A(address) => Some(Value::Address(IpAddr::V4(address.0))),
            RData::AAAA(address) => Some(Value::Address(IpAddr::V6(address.0))),
            RData::MX(exchange) => Some(Value::Exchange(exchange.preference, exchange.exchange.to_ascii())),
            RData::PTR(name) => Some(Value::Name(name.to_ascii().to_lowercase())),
            _ => None,
        }
    }

    fn length(&self) -> usize {
        match self {
            Value::Text(text) => text.len(),
            Value::Address(_) => 0,
            Value::Exchange(_, name) | Value::Name(name) => name.len(),
        }
    }
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
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        options.max_active_requests = QUESTIONS;
        let resolver = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            .with_options(options)
            .build()
            .map_err(|error| Unanswered(error.to_string()))?;
        let remembered = Cache::builder()
            .max_capacity(REMEMBERED)
            .weigher(|(name, _): &(String, RecordType), told: &Remembered| told.weight(name))
            .expire_after(Lasting)
            .build();
        let questions = Semaphore::new(QUESTIONS);
        Ok(Resolver { authenticator: MessageAuthenticator(resolver), questions, remembered })
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
        Questions { resolver, until, own: Semaphore::new(QUESTIONS_TOGETHER) }
    }

    /// The texts of a name, each whole.
    pub(super) async fn texts(&self, name: &str) -> Result<Told<Vec<u8>>, Unanswered> {
        let told = self.ask(name, RecordType::TXT).await?;
        Ok(told.each(|value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }))
    }

    /// The addresses of a name that are of the same family as this one.
    pub(super) async fn addresses(&self, name: &str, like: IpAddr) -> Result<Told<IpAddr>, Unanswered> {
        let family = if like.is_ipv4() { RecordType::A } else { RecordType::AAAA };
        let told = self.ask(name, family).await?;
        Ok(told.each(|value| match value {
            Value::Address(address) => Some(*address),
            _ => None,
        }))
    }

    /// The servers that take a domain's mail in, the preferred one first.
    pub(super) async fn exchanges(&self, name: &str) -> Result<Told<String>, Unanswered> {
        let told = self.ask(name, RecordType::MX).await?;
        let mut exchanges = told.each(|value| match value {
            Value::Exchange(preference, name) => Some((*preference, name.clone())),
            _ => None,
        });
        if let Told::Records(exchanges) = &mut exchanges {
            exchanges.sort();
        }
        Ok(exchanges.each(|(_, name)| Some(name.clone())))
    }

    /// The names that an address is said to have.
    pub(super) async fn names(&self, address: IpAddr) -> Result<Told<String>, Unanswered> {
        let told = self.ask(&Name::from(address).to_ascii(), RecordType::PTR).await?;
        Ok(told.each(|value| match value {
            Value::Name(name) => Some(name.clone()),
            _ => None,
        }))
    }

    /// What each of these names publishes as a key.
    pub(super) async fn keys(&self, names: BTreeSet<String>) -> Keys {
        let key = async |name: String| {
            let mut weakness = None;
            let key = match self.texts(&name).await {
                Ok(Told::Records(texts)) => key_of(&texts).map(|(key, of_key)| {
                    weakness = of_key;
                    key
                }),
                Ok(Told::NoRecord) => Err(Error::Dns(DnsError::RecordNotFound(ResponseCode::NoError))),
                Ok(Told::NoName) => Err(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain))),
                Err(Unanswered(why)) => Err(Error::Dns(DnsError::Resolver(why))),
            };
            let key = key.map_or_else(Txt::Error, |key| Txt::DomainKey(Arc::new(key)));
            (name.into_boxed_str(), (key, weakness))
        };
        Keys(join_all(names.into_iter().map(key)).await.into_iter().collect())
    }

    async fn ask(&self, name: &str, sort: RecordType) -> Result<Arc<Told<Value>>, Unanswered> {
        let nothing = || Ok(Arc::new(Told::NoName));
        // What is no name has no records, and what would be asked as another name is none.
        if !name.is_ascii() || name.contains('\\') {
            return nothing();
        }
        let Ok(mut name) = Name::from_ascii(name) else { return nothing() };
        name.set_fqdn(true);
        let asked = name.to_ascii();
        let key = (asked.to_ascii_lowercase(), sort);
        if let Some(known) = self.resolver.remembered.get(&key) {
            return Ok(known.told);
        }
        let answer = timeout_at(self.until, async {
            let _own = self.own.acquire().await;
            let _one = self.resolver.questions.acquire().await;
            self.resolver.authenticator.0.lookup(name, sort).await
        });
        let (told, lasts) = match answer.await {
            Err(_) => return Err(Unanswered(format!("no answer in time about {asked} {sort}"))),
            Ok(Ok(lookup)) => {
                let records: Vec<Value> =
                    lookup.answers().iter().filter_map(|record| Value::of(&record.data)).collect();
                let seconds = lookup.answers().iter().map(|record| record.ttl).min().unwrap_or_default();
                let lasts = Duration::from_secs(u64::from(seconds)).min(REMEMBERED_FOR);
                match records.is_empty() {
                    true => (Told::NoRecord, lasts.min(NOTHING_REMEMBERED)),
                    false => (Told::Records(records), lasts),
                }
            }
            Ok(Err(error)) if error.is_nx_domain() => (Told::NoName, NOTHING_REMEMBERED),
            Ok(Err(error)) if error.is_no_records_found() => (Told::NoRecord, NOTHING_REMEMBERED),
            Ok(Err(error)) => return Err(Unanswered(format!("{asked} {sort}: {error}"))),
        };
        let told = Arc::new(told);
        if !lasts.is_zero() {
            self.resolver.remembered.insert(key, Remembered { told: Arc::clone(&told), lasts });
        }
        Ok(told)
    }
}

impl<T> Told<T> {
    /// The records that this makes something of; where it makes nothing of any, there is no such record.
    fn each<U>(&self, read: impl Fn(&T) -> Option<U>) -> Told<U> {
        match self {
            Told::Records(records) => {
                let records: Vec<U> = records.iter().filter_map(read).collect();
                if records.is_empty() { Told::NoRecord } else { Told::Records(records) }
            }
            Told::NoRecord => Told::NoRecord,
            Told::NoName => Told::NoName,
        }
    }
}

/// The first that can be read, and why it may mean nothing; several are a fault that RFC 6376 §3.6.2.2 leaves to us.
fn key_of(texts: &[Vec<u8>]) -> Result<(DomainKey, Option<Weakness>), Error> {
    let mut read = texts.iter().map(|text| DomainKey::parse(text).map(|key| (key, key_weakness(text))));
    let first = read.next().unwrap_or(Err(Error::Dns(DnsError::InvalidRecordType)));
    first.or_else(|error| read.find_map(Result::ok).ok_or(error))
}

/// What a key's record says against it (RFC 6376 §3.6.1), which mail-auth reads and does not heed.
fn key_weakness(record: &[u8]) -> Option<Weakness> {
    let record = String::from_utf8_lossy(record);
    let listed = |tag: &str| -> Option<Vec<String>> {
        let mut tags = record.split(';').filter_map(|tag| tag.split_once('='));
        let (_, values) = tags.find(|(name, _)| name.trim() == tag)?;
        Some(values.split(':').map(|value| value.trim().to_ascii_lowercase()).collect())
    };
    let lacks = |tag, wanted: &[&str]| {
        listed(tag).is_some_and(|values| !values.iter().any(|value| wanted.contains(&value.as_str())))
    };
    if lacks("s", &["*", "email"]) || lacks("h", &["sha256"]) {
        Some(Weakness::OtherKey)
    } else if listed("t").is_some_and(|flags| flags.iter().any(|flag| flag == "y")) {
        Some(Weakness::TestedKey)
    } else {
        None
    }
}

/// Keys by the names that publish them, lower case, with a final dot. mail-auth asks these before a name server, and all
/// that it wants are here.
pub(super) struct Keys(HashMap<Box<str>, (Txt, Option<Weakness>)>);

impl Keys {
    pub(super) fn get(&self, name: &str) -> Option<&DomainKey> {
        match self.0.get(name)? {
            (Txt::DomainKey(key), _) => Some(key),
            _ => None,
        }
    }

    /// Why the key may mean nothing.
    pub(super) fn weakness(&self, name: &str) -> Option<Weakness> {
        self.0.get(name)?.1
    }

    /// These and those.
    pub(super) fn and(mut self, others: Keys) -> Keys {
        self.0.extend(others.0);
        self
    }
}

impl ResolverCache<Box<str>, Txt> for Keys {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let unknown = || Txt::Error(Error::Dns(DnsError::Resolver("not asked".to_owned())));
        Some(self.0.get(name).map_or_else(unknown, |(key, _)| key.clone()))
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
