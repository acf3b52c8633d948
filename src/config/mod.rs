//! The configuration: as the operator wrote it, as what it means.
//!
//! One pass over the file finds all its faults, each with its line and the remedy, and so an operator needs one attempt.
//! A key that nobody reads is refused: a misspelt key would otherwise be a default in silence. Every module below owns
//! its settings; nothing below `config` sees [`Config`].

mod across;
mod alarm;
mod calendars;
mod desks;
mod dkim;
mod escalations;
mod fault;
mod folders;
mod forms;
mod lmtp;
mod machines;
mod names;
mod oauth;
mod organisations;
mod parties;
mod people;
mod secret;
mod section;
mod sent;
mod servers;
mod store;
mod targets;
#[cfg(test)]
mod tests;
mod value;
pub mod zones;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::desk::{AfterAnswer, KnownFixThresholds, Limits, NonEmpty, Policy, Sender};
use crate::dkim::Signers;
use crate::gateway::{
    Alarm, AuthenticationBy, CONNECTIONS_PER_SERVER, End, HandedOver, Sending, Sent, Unwatched, Watched,
};
use crate::imap;
use crate::mail::Language;
use crate::oauth::{SealingKey, Tokens};
use crate::said;
use crate::smtp;
pub use fault::{Fault, Faults};
pub use folders::{file_of_known_fix, known_fixes, templates};
use names::Names;
use section::{Document, Section, Whole};
use servers::{Folder, Mailbox};
use value::{address_list, flat_duration, one_of, path, probability, senders, socket_address, whole_number};

/// The environment variable that names the file.
pub const FILE_VARIABLE: &str = "GUICHET_CONFIG";

/// What the operator decided.
#[derive(Clone)]
pub struct Config {
    /// Where it was read.
    pub file: PathBuf,
    /// The rules of the desks.
    pub policy: Policy,
    /// Where state is kept.
    pub store: crate::store::Settings,
    /// Whom to tell that the service needs somebody, if anybody.
    pub alarm: Option<Alarm>,
    /// What the configuration says will end.
    pub ends: Vec<End>,
    /// What seals tokens in the store, where it is given.
    pub token_key: Option<Arc<SealingKey>>,
    /// What opens mailboxes and the relay in the place of passwords, each once.
    pub tokens: Vec<Arc<Tokens>>,
    /// The mailboxes of which a folder is watched.
    pub mailboxes: Vec<Watched>,
    /// Those whose mail is handed over. Of both there is at least one.
    pub unwatched: Vec<Unwatched>,
    /// What both are called, in the order of the file.
    pub mailbox_names: Vec<String>,
    /// Their folders for junk.
    pub junk: Vec<Watched>,
    /// How an MTA hands mail over; `None`: none does.
    pub lmtp: Option<HandedOver>,
    /// Who signs letters.
    pub signers: Signers,
    /// Where copies of letters lie, if letters are to have some.
    pub sent: Option<Sent>,
    /// The relay that letters are handed to.
    pub smtp: smtp::Settings,
    /// How fast letters leave, and how often they are tried.
    pub sending: Sending,
    /// A larger mail is taken in without its attachments, in bytes.
    pub message_bytes_max: u64,
    /// IMAP connections to each server at a time, at most.
    pub connections_per_server: u32,
    /// Folders of known fixes, each with the name of its desk.
    pub known_fixes: Vec<(String, PathBuf)>,
    /// Templates that replace the built-in ones.
    pub letters_folder: Option<PathBuf>,
    /// Where `/healthz` and `/metrics` are served; `None`: nowhere.
    pub http: Option<SocketAddr>,
    /// What is logged and how.
    pub log: Log,
    /// Where passwords were read, apart from the environment and from what the service manager hands over.
    pub secrets: Vec<SecretPlace>,
}

/// Where a password stands, for whoever can read that file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// In the configuration itself.
    Configuration,
    /// In a file of its own.
    File(PathBuf),
}

/// What is logged and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Text for people, JSON for programs.
    pub format: LogFormat,
    /// A filter as of `GUICHET_LOG`, which goes before it.
    pub filter: String,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// A sentence and its values, for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What a configuration needs of the world around it.
pub struct Surroundings<'a> {
    /// Relative paths start here.
    pub folder: &'a Path,
    /// The value of an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
}

impl Config {
    /// Reads the file that [`find`] names. The error is one message for the operator.
    pub fn load(file: &Path) -> Result<Config> {
        let text = std::fs::read_to_string(file).with_context(|| {
            said!("Cannot read the configuration {}", "Impossible de lire la configuration {}", file.display())
        })?;
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let folder = std::path::absolute(folder).with_context(|| {
            said!("Cannot tell where {} is", "Impossible de savoir où se trouve {}", file.display())
        })?;
        let surroundings = Surroundings { folder: &folder, variable: &|name| std::env::var(name).ok() };
        let mut config =
            Config::read(&text, &surroundings).map_err(|faults| anyhow::anyhow!("{}: {faults}", file.display()))?;
        config.file = file.to_owned();
        Ok(config)
    }

    /// Every language that a correspondent may be written to in, each once.
    pub fn languages(&self) -> BTreeSet<Language> {
        let desks = self.policy.desks.iter().flat_map(|desk| desk.languages.iter().copied());
        let agents = self.policy.agents.iter().filter_map(|agent| agent.language);
        let vendors = self.policy.vendors.iter().map(|vendor| vendor.language);
        let organisations = self.policy.organisations.iter().filter_map(|organisation| organisation.language);
        let managers = self.policy.managers.iter().filter_map(|manager| manager.language);
        desks.chain(agents).chain(vendors).chain(organisations).chain(managers).collect()
    }

    /// Every watched folder: the mailboxes, and behind them their junk.
    pub fn watched(&self) -> impl Iterator<Item = &Watched> {
        self.mailboxes.iter().chain(&self.junk)
    }

    /// What proves an author of each mailbox.
    pub fn authentications(&self) -> impl Iterator<Item = (&str, &AuthenticationBy)> {
        let watched = self.mailboxes.iter().map(|mailbox| (mailbox.imap.name.as_str(), &mailbox.authentication));
        watched.chain(self.unwatched.iter().map(|mailbox| (mailbox.name.as_str(), &mailbox.authentication)))
    }

    /// The file of a SQLite store.
    pub fn store_file(&self) -> Option<PathBuf> {
        self.store.sqlite_file()
    }

    /// Reads the text of a configuration. [`Config::file`] is left empty.
    pub fn read(text: &str, surroundings: &Surroundings<'_>) -> Result<Config, Faults> {
        let (table, errors) = toml::de::DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            return Err(Faults::of_syntax(text, &errors));
        }
        let document = Document::new(text, surroundings);
        let config = meant(&document.root(table.get_ref()));
        match (config, document.faults()) {
            (Some(config), None) => Ok(Config { secrets: document.secrets(), ..config }),
            (_, faults) => Err(faults.unwrap_or_default()),
        }
    }
}

/// The configuration's file: the one that was named, else the first that there is of `./guichet.toml` and
/// `/etc/guichet/guichet.toml`. The caller has looked at [`FILE_VARIABLE`].
pub fn find(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(file) = named {
        return Ok(file.to_owned());
    }
    let usual = [Path::new("guichet.toml"), Path::new("/etc/guichet/guichet.toml")];
    match usual.into_iter().find(|file| file.exists()) {
        Some(file) => Ok(file.to_owned()),
        None => bail!(said!(
            "There is no configuration: neither ./guichet.toml nor /etc/guichet/guichet.toml.\n\
             Name one with --config FILE or {FILE_VARIABLE}, or write one with `guichet init`.",
            "Il n’y a pas de configuration\u{a0}: ni ./guichet.toml ni /etc/guichet/guichet.toml.\n\
             Nommez-en une avec --config FICHIER ou {FILE_VARIABLE}, ou écrivez-en une avec `guichet init`."
        )),
    }
}

fn meant(root: &Section<'_>) -> Option<Config> {
    let store = root.needed_table("store").map(|section| store::store(&section));
    // Where the key has a fault, that is told, and not that there is none.
    let are_tokens_kept =
        store.as_ref().is_none_or(|store| store.as_ref().is_none_or(|store| store.token_key.is_some()));
    let calendars: Vec<_> = root.tables("calendar").iter().map(|section| calendars::calendar(section)).collect();
    let by_name = calendars::Calendars { all: &calendars };
    let desks = root.tables("desk").iter().map(|section| desks::desk(section, &by_name)).collect::<Vec<_>>();
    let limits = root.table("limits");
    let (limits, message_bytes_max, letters_per_minute, connections_per_server) = limits_of(&limits);
    let addresses = desks.iter().filter_map(|desk| desk.value.as_ref()).flat_map(|(desk, _)| desk.addresses.iter());
    let desk_domains: Vec<String> = addresses.map(|address| address.domain().to_owned()).collect();
    let mailboxes = root.tables("mailbox");
    let mailboxes: Vec<_> = mailboxes
        .iter()
        .map(|section| servers::mailbox(section, message_bytes_max, &desk_domains, are_tokens_kept))
        .collect();
    let smtp = root
        .needed_table("smtp")
        .map(|section| servers::smtp(&section, servers::SMTP_TOKENS, &mailboxes, are_tokens_kept));
    let mailbox_names = Names::of("[[mailbox]]", &mailboxes, Mailbox::name);
    let lmtp = lmtp::handed_over(&root.table("lmtp"), &mailbox_names, message_bytes_max);
    let sent = sent::sent(root, &mailboxes, &mailbox_names);
    let signers: Vec<_> = root.tables("dkim").iter().map(|section| dkim::signer(section)).collect();
    let desk_names = Names::of("[[desk]]", &desks, |(desk, _)| &desk.name);
    let agents: Vec<_> = root.tables("agent").iter().map(|section| parties::agent(section, &desk_names)).collect();
    let teams: Vec<_> =
        root.tables("team").iter().map(|section| parties::team(section, &by_name, &desk_names)).collect();
    let vendors: Vec<_> = root.tables("vendor").iter().map(|section| parties::vendor(section, &by_name)).collect();
    let vendor_names = Names::of("[[vendor]]", &vendors, |vendor| &vendor.name);
    let managers: Vec<_> =
        root.tables("manager").iter().map(|section| parties::manager(section, &desk_names)).collect();
    let organisations = root.tables("organisation");
    let organisations: Vec<_> =
        organisations.iter().map(|section| organisations::organisation(section, &by_name, &vendor_names)).collect();
    let organisation_names = Names::of("[[organisation]]", &organisations, |organisation| &organisation.name);
    let targets = root.tables("target");
    let targets: Vec<_> =
        targets.iter().map(|section| targets::target(section, &desk_names, &organisation_names)).collect();
    let named = escalations::Named { organisations: &organisation_names, vendors: &vendor_names };
    let escalations = root.tables("escalation");
    let escalations: Vec<_> = escalations.iter().map(|section| escalations::escalation(section, &named)).collect();
    let waiting = targets::waiting(&root.table("waiting"));
    let machines: Vec<_> = root.tables("machine").iter().map(|section| machines::machine(section)).collect();
    let forms: Vec<_> = root.tables("form").iter().map(|section| forms::form(section)).collect();
    let rules_section = root.table("rules");
    let rules = rules(&rules_section);
    let letters_folder = letters(&root.table("letters"));
    let http = http(&root.table("http"));
    let alarm = alarm::alarm(&root.table("alarm"), &mailboxes, are_tokens_kept);
    let log = log(&root.table("log"));
    root.finish();

    let parties = across::Parties {
        calendars: &Whole::of(&calendars),
        desks: &Whole::of(&desks),
        mailboxes: &Whole::of(&mailboxes),
        agents: &Whole::of(&agents),
        teams: &Whole::of(&teams),
        vendors: &Whole::of(&vendors),
        organisations: &Whole::of(&organisations),
        managers: &Whole::of(&managers),
        targets: &Whole::of(&targets),
        escalations: &Whole::of(&escalations),
        signers: &Whole::of(&signers),
        letters_folder: letters_folder.as_ref().and_then(Option::as_deref),
    };
    across::check(root, &parties);
    let people = people::People { desks: &desks, agents: &agents, teams: &teams, vendors: &vendors };
    machines::check(root, &machines, &desks, &people);
    forms::check(root, &forms, &machines, &organisations, &people);
    let (lists, forwarders) =
        rules.as_ref().map_or((&[][..], &[][..]), |rules| (&rules.own_lists[..], &rules.forwarders[..]));
    forms::check_lists(&rules_section, lists, &people);
    forms::check_forwarders(&rules_section, forwarders, &organisations, &people);

    let (desks, known_fixes): (Vec<_>, Vec<_>) = values(desks)?.into_iter().unzip();
    let desks = NonEmpty::of(desks)?;
    let known_fixes =
        desks.iter().zip(known_fixes).filter_map(|(desk, folder)| Some((desk.name.clone(), folder?))).collect();
    let servers::Relay { settings: mut smtp, tokens: tokens_of_relay, retry, give_up } = smtp??;
    if smtp.helo.is_empty() {
        smtp.helo = desks.first().addresses.first().domain().to_owned();
    }
    let rules = rules?;
    let mailboxes = values(mailboxes)?;
    let store = store??;
    let mailbox_names = mailboxes.iter().map(|mailbox| mailbox.name().to_owned()).collect();
    let (mut watched, mut unwatched) = (Vec::new(), Vec::new());
    for mailbox in mailboxes {
        match mailbox {
            Mailbox::Watched(mailbox) => watched.push(*mailbox),
            Mailbox::Unwatched(mailbox) => unwatched.push(mailbox),
        }
    }
    let mut tokens: Vec<_> = watched.iter().filter_map(|mailbox| mailbox.tokens.clone()).collect();
    let alarm = alarm?;
    let of_alarm = alarm.as_ref().and_then(alarm::Written::tokens).cloned();
    for of_relay in tokens_of_relay.into_iter().chain(of_alarm) {
        if !tokens.iter().any(|known| Arc::ptr_eq(known, &of_relay)) {
            tokens.push(of_relay);
        }
    }
    let (signers, replaced): (Vec<_>, Vec<_>) = values(signers)?.into_iter().unzip();
    let ends: Vec<End> = alarm::ends(&tokens).into_iter().chain(replaced.into_iter().flatten()).collect();
    let alarm = alarm.map(|alarm| alarm.meant(&smtp, &ends, &tokens));
    Some(Config {
        file: PathBuf::new(),
        policy: Policy {
            desks,
            agents: values(agents)?,
            teams: values(teams)?,
            vendors: values(vendors)?,
            calendars: values(calendars)?,
            targets: values(targets)?,
            organisations: values(organisations)?,
            managers: values(managers)?,
            escalations: values(escalations)?,
            machines: values(machines)?,
            forms: values(forms)?,
            waiting: waiting?,
            forwarders: rules.forwarders,
            own_lists: rules.own_lists,
            limits: limits?,
            after_answer: rules.after_answer,
            enclosure_bytes: rules.enclosure_bytes,
            receipts_at_first: rules.receipts_at_first,
            relay_hold: rules.relay_hold,
            reopen_within: rules.reopen_within,
            known_fixes: rules.known_fixes,
        },
        store: store.settings,
        token_key: store.token_key.map(Arc::new),
        signers: signers.into_iter().collect(),
        sent: sent?,
        lmtp: lmtp?.map(|handed_over| HandedOver { name: smtp.helo.clone(), ..handed_over }),
        junk: junk_of(&watched),
        unwatched,
        mailbox_names,
        mailboxes: watched.into_iter().map(|mailbox| mailbox.watched).collect(),
        smtp,
        sending: Sending { retry, give_up, letters_per_minute: letters_per_minute? },
        message_bytes_max: message_bytes_max?,
        connections_per_server: connections_per_server?,
        known_fixes,
        letters_folder: letters_folder?,
        http: http?,
        alarm,
        ends,
        tokens,
        log: log?,
        secrets: Vec::new(),
    })
}

/// The folders for junk. An account has one, however many of its folders are watched.
fn junk_of(mailboxes: &[Folder]) -> Vec<Watched> {
    let mut accounts = BTreeSet::new();
    let mut is_new = |imap: &imap::Settings| accounts.insert((imap.host.clone(), imap.port, imap.login.user.clone()));
    let folders = mailboxes.iter().filter_map(|mailbox| Some((&mailbox.watched, mailbox.junk.clone()?)));
    folders.filter(|(mailbox, _)| is_new(&mailbox.imap)).map(|(mailbox, folder)| mailbox.junk(folder)).collect()
}

/// All values, or none where one has a fault.
fn values<T>(placed: Vec<section::Placed<T>>) -> Option<Vec<T>> {
    placed.into_iter().map(|placed| placed.value).collect()
}

fn limits_of(section: &Section<'_>) -> (Option<Limits>, Option<u64>, Option<u32>, Option<u32>) {
    let acknowledgements =
        section.or("acknowledgements_per_address_per_hour", whole_number(1..=1_000_000_000), 5).and_then(small);
    let automatic =
        section.or("automatic_letters_per_ticket_per_day", whole_number(1..=1_000_000_000), 20).and_then(small);
    let cases = section.or("cases_by_rule_per_vendor_per_hour", whole_number(0..=1_000_000_000), 20).and_then(small);
    let message_bytes = section.or("message_bytes", whole_number(10_000..=1_000_000_000), 26_214_400);
    let pace = section.or("letters_per_minute", whole_number(1..=1_000_000_000), 600).and_then(small);
    let connections = whole_number(1..=10_000);
    let connections = section.or("connections_per_server", connections, CONNECTIONS_PER_SERVER.into()).and_then(small);
    section.finish();
    let limits = acknowledgements.zip(automatic).zip(cases).map(|((acknowledgements, automatic), cases)| Limits {
        acknowledgements_per_address_per_hour: acknowledgements,
        automatic_letters_per_ticket_per_day: automatic,
        cases_by_rule_per_vendor_per_hour: cases,
    });
    (limits, message_bytes, pace, connections)
}

fn small(number: u64) -> Option<u32> {
    u32::try_from(number).ok()
}

struct Rules {
    own_lists: Vec<crate::mail::Address>,
    forwarders: Vec<Sender>,
    after_answer: AfterAnswer,
    enclosure_bytes: u64,
    receipts_at_first: u32,
    relay_hold: Duration,
    reopen_within: Duration,
    known_fixes: KnownFixThresholds,
}

fn rules(section: &Section<'_>) -> Option<Rules> {
    let own_lists = section.or("own_lists", address_list, Vec::new());
    let forwarders = section.or("forwarders", senders, Vec::new());
    let choices = [("pending_requester", AfterAnswer::PendingRequester), ("open", AfterAnswer::Open)];
    let after_answer = section.or("after_answer", one_of(&choices), AfterAnswer::PendingRequester);
    let enclosure_bytes = section.or("enclosure_bytes", whole_number(0..=1_000_000_000), 10_485_760);
    let receipts_at_first = section.or("receipts_at_first", whole_number(0..=1_000_000), 10).and_then(small);
    let relay_hold = section.or("relay_hold_seconds", flat_duration(0..=3600, 1), Duration::ZERO);
    let reopen_within = section.or("reopen_days", flat_duration(0..=3650, 86_400), Duration::from_secs(14 * 86_400));
    let usual = KnownFixThresholds::default();
    let suggest_from = section.or("suggest_from", probability, usual.suggest_from);
    let answer_from = section.or("answer_from", probability, usual.answer_from);
    section.finish();
    Some(Rules {
        own_lists: own_lists?,
        forwarders: forwarders?,
        after_answer: after_answer?,
        enclosure_bytes: enclosure_bytes?,
        receipts_at_first: receipts_at_first?,
        relay_hold: relay_hold?,
        reopen_within: reopen_within?,
        known_fixes: KnownFixThresholds { suggest_from: suggest_from?, answer_from: answer_from? },
    })
}

fn letters(section: &Section<'_>) -> Option<Option<PathBuf>> {
    let folder = section.optional("folder", path);
    section.finish();
    folder.map(|folder| folder.map(|folder| section.resolve(&folder)))
}

fn http(section: &Section<'_>) -> Option<Option<SocketAddr>> {
    let listen = section.optional("listen", socket_address);
    section.finish();
    listen
}

fn log(section: &Section<'_>) -> Option<Log> {
    let format = section.or("format", one_of(&[("text", LogFormat::Text), ("json", LogFormat::Json)]), LogFormat::Text);
    let filter = section.or("filter", value::log_filter, "info".to_owned());
    section.finish();
    Some(Log { format: format?, filter: filter? })
}
