//! What the operator decided. `config` fills it.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::desk::clock::Calendar;
use crate::desk::worded::worded;
use crate::desk::{ClockName, Level, NonEmpty, Priority, RequestType};
use crate::known_fix;
use crate::mail::{Address, Language};

/// The rules of this installation.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The first takes what belongs to none.
    pub desks: NonEmpty<Desk>,
    /// Who answers requesters by mail and gives commands.
    pub agents: Vec<Agent>,
    /// Mailboxes that the agents of a level share; at most one a level and desk, and one a level for all desks.
    pub teams: Vec<Team>,
    /// Outside suppliers that L3 stands for.
    pub vendors: Vec<Vendor>,
    /// When somebody works, by name.
    pub calendars: Vec<Calendar>,
    /// What is promised, in the order of the file; an organisation's come before those of everybody.
    pub targets: Vec<Target>,
    /// Who people belong to.
    pub organisations: Vec<Organisation>,
    /// Who hears of broken promises, and reads the weekly report.
    pub managers: Vec<Manager>,
    /// What goes to another level by itself.
    pub escalations: Vec<Escalation>,
    /// Programs that report failures, in the order of the file: the first that knows a mail has it.
    pub machines: Vec<Machine>,
    /// Senders that write for others, in the order of the file: the first that finds who asks has a mail.
    pub forms: Vec<Form>,
    /// How long a ticket waits for somebody.
    pub waiting: Waiting,
    /// What redirects mail to us, which proves its author no more.
    pub forwarders: Vec<Sender>,
    /// Addresses of lists that feed the desk: their mail is the desk's, and no mailing list's or letter of ours that came back.
    pub own_lists: Vec<Address>,
    /// How many automatic letters may leave before a human looks.
    pub limits: Limits,
    /// What a plain public answer makes of the ticket.
    pub after_answer: AfterAnswer,
    /// Letters to agents carry attachments up to this sum, in bytes; the rest is named.
    pub enclosure_bytes: u64,
    /// A new agent's first answers each get a receipt.
    pub receipts_at_first: u32,
    /// An agent's answer by mail waits so long before it leaves, and can be withdrawn meanwhile.
    pub relay_hold: Duration,
    /// A reply to a ticket closed for longer opens a new one.
    pub reopen_within: Duration,
    /// When known fixes are offered.
    pub known_fixes: KnownFixThresholds,
}

/// How sure it must be that a known fix answers a request, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownFixThresholds {
    /// To be suggested, as one of several.
    pub suggest_from: f64,
    /// To be sent as the answer and not as a suggestion.
    pub answer_from: f64,
}

impl Default for KnownFixThresholds {
    fn default() -> Self {
        KnownFixThresholds { suggest_from: known_fix::THRESHOLD, answer_from: 0.85 }
    }
}

/// A support service.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Its name in commands and the store.
    pub name: String,
    /// Shown in From.
    pub display_name: String,
    /// The first is the From of its letters, unless the correspondent wrote to another one.
    pub addresses: NonEmpty<Address>,
    /// `SD` of `[SD R-000123]`.
    pub tag: String,
    /// The first where nothing tells a correspondent's language.
    pub languages: NonEmpty<Language>,
    /// Which of them a requester is written to in.
    pub language_policy: LanguagePolicy,
    /// Times in letters are written in it.
    pub time_zone: TimeZone,
    /// When somebody is there, by language, as the operator words it; empty: as `calendar` says.
    pub hours: Vec<(Language, String)>,
    /// When it works; `None`: nothing is promised by the clock.
    pub calendar: Option<Calendar>,
    /// Who is told at any hour of a ticket of the highest priority, once.
    pub on_call: Option<Address>,
    /// When, on the days on which it works, its agents get a list of their tickets.
    pub worklist_at: Option<Time>,
    /// Replies come back to `local+TOKEN@domain`: the mailbox must take sub-addresses (RFC 5233).
    pub sub_addressing: bool,
    /// It has a folder of known fixes, where drafts go.
    pub keeps_known_fixes: bool,
}

/// In which of its languages a desk writes to requesters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LanguagePolicy {
    /// Theirs.
    Correspondent,
    /// The first, unless they ask for another.
    First,
    /// The first alone, whatever they write in or ask for, as a public body in Québec does.
    Only,
}

/// Somebody who answers by mail.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Where letters go, and whose authenticated mail has power.
    pub address: Address,
    /// Shown to requesters.
    pub name: String,
    /// Where the agent works.
    pub level: Level,
    /// Language of letters to the agent; the desk's first where `None`.
    pub language: Option<Language>,
    /// The desk whose tickets they work on; `None`: all.
    pub desk: Option<String>,
}

/// A level's shared mailbox.
#[derive(Clone, Debug)]
pub struct Team {
    /// Who works there: escalations to this level go to it.
    pub level: Level,
    /// The desk whose team it is; `None`: of every desk that has none of its own at this level.
    pub desk: Option<String>,
    /// Where letters for the level go. It may act itself.
    pub address: Address,
    /// May act as the team.
    pub members: Vec<Address>,
    /// How escalations reach it.
    pub escalation: EscalationBy,
    /// Its public answers go to the requester; otherwise to L1.
    pub direct: bool,
    /// When it works; `None`: as the ticket's desk.
    pub calendar: Option<Calendar>,
    /// Within what it promises to take up what was escalated to it (OLA), in its business hours.
    pub first_answer: Option<Duration>,
}

/// An outside supplier.
#[derive(Clone, Debug)]
pub struct Vendor {
    /// Its name in commands and the store.
    pub name: String,
    /// Where guichet's letters to it go; it writes from it, too.
    pub address: Address,
    /// Other addresses that it writes from.
    pub addresses: Vec<Address>,
    /// Domains that it writes from.
    pub domains: Vec<String>,
    /// In which guichet writes to it.
    pub language: Language,
    /// What it may know of the requester.
    pub privacy: Privacy,
    /// How escalations reach it.
    pub escalation: EscalationBy,
    /// What finds its case numbers, where the usual forms do not do: the number is its first group, else all of it. It never
    /// matches the empty text.
    pub case_number: Option<Regex>,
    /// Where our tag stands in the subjects that it reads.
    pub subject_tag: TagPlace,
    /// When it works; `None`: as the ticket's desk.
    pub calendar: Option<Calendar>,
    /// Within what it promises an answer (OLA), in its business hours: chased after that.
    pub first_answer: Duration,
    /// Nobody configured it: an agent consults whoever reads this address. Nobody else writes for it.
    pub is_consulted: bool,
}

/// What is promised of some tickets. What it does not name holds for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Tickets of this desk.
    pub desk: Option<String>,
    /// Tickets of this organisation.
    pub organisation: Option<String>,
    /// Tickets of this type.
    pub request_type: Option<RequestType>,
    /// Tickets of this priority.
    pub priority: Option<Priority>,
    /// Until the first human answer, in business time.
    pub tto: Option<Duration>,
    /// Until it is resolved, in business time.
    pub ttr: Option<Duration>,
    /// Until each further answer, in business time.
    pub tnr: Option<Duration>,
}

/// Whom people belong to, and what it has agreed with us (iTop's Organization and CustomerContract).
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Its name in commands and the store.
    pub name: String,
    /// As people read it.
    pub display_name: String,
    /// Whose people write from these domains, or below them.
    pub domains: Vec<String>,
    /// People of it elsewhere.
    pub addresses: Vec<Address>,
    /// In whose hours its promises count; `None`: in the desk's.
    pub calendar: Option<Calendar>,
    /// In which its people are written to where nothing tells.
    pub language: Option<Language>,
    /// The vendor that L3 is for its tickets.
    pub vendor: Option<String>,
}

/// Who hears of broken promises, and reads the weekly report.
#[derive(Clone, Debug)]
pub struct Manager {
    /// Where letters go. It has no power.
    pub address: Address,
    /// The name beside it.
    pub name: String,
    /// Language of letters; the desk's first where `None`.
    pub language: Option<Language>,
    /// The desk that they answer for; `None`: all.
    pub desk: Option<String>,
}

/// What goes to another level by itself: at arrival where all that it names holds, or by the clock.
#[derive(Clone, Debug, Default)]
pub struct Escalation {
    /// Its name, which the history and the team read.
    pub name: String,
    /// One of these stands in subject or text, folded.
    pub words: Vec<String>,
    /// The requester has one of these addresses, or is at one of these domains.
    pub senders: Vec<String>,
    /// It was written to this address of the desk.
    pub to_address: Option<Address>,
    /// It is about this service.
    pub service: Option<String>,
    /// Its requester belongs to this organisation.
    pub organisation: Option<String>,
    /// It has this priority, or a higher one.
    pub priority: Option<Priority>,
    /// When this promise is broken and it is still at L1; `None`: at arrival.
    pub clock: Option<ClockName>,
    /// Where it goes.
    pub level: Option<Level>,
    /// The vendor, at L3.
    pub vendor: Option<String>,
    /// Its priority from then on.
    pub set_priority: Option<Priority>,
}

/// A program that reports failures by mail: monitoring, backups. One key is one ticket.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its name in the history and in letters.
    pub name: String,
    /// What it writes from.
    pub sender: Sender,
    /// The desk that its tickets belong to; `None`: the one that it writes to.
    pub desk: Option<String>,
    /// Where the key stands.
    pub key_from: KeyFrom,
    /// What it reports about: the group `key`. It never matches the empty text.
    pub key: Regex,
    /// What opens a ticket, in subject or text; `None`: whatever recovers nothing.
    pub opens: Option<Regex>,
    /// What says that it is over, in subject or text.
    pub recovers: Option<Regex>,
}

/// A sender that writes for others: a web form, a voicemail box, a scanner. Whom it names proves nothing by it.
#[derive(Clone, Debug)]
pub struct Form {
    /// Its name in the history and in letters.
    pub name: String,
    /// What it writes from.
    pub sender: Sender,
    /// Where it names who asks.
    pub requester: RequesterIn,
    /// So many acknowledgements leave in an hour to those whom it names, together.
    pub acknowledgements_per_hour: u32,
}

/// Where a form names who asks.
#[derive(Clone, Debug)]
pub enum RequesterIn {
    /// In Reply-To.
    ReplyTo,
    /// In the field of this name.
    Header(String),
    /// In the subject: the group `address`, and `name` and `subject` where it has them.
    Subject(Regex),
    /// In the text, the same.
    Body(Regex),
}

/// What a program or server writes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// One address.
    Address(Address),
    /// Any address at a domain, or below it.
    Domain(String),
}

/// Where the key of a machine's mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFrom {
    /// In the subject.
    Subject,
    /// In the text.
    Body,
}

/// How long a ticket waits for somebody. Zero: for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// After so many business days of no answer the requester is asked again.
    pub reminder_days: u32,
    /// After so many it counts as solved.
    pub resolve_days: u32,
    /// A resolved ticket is closed after so many days.
    pub close_days: u32,
    /// A vendor is asked again so often.
    pub chases: u32,
    /// After so many business hours a mail in quarantine is called out to the team and the managers.
    pub quarantine_hours: u32,
}

impl Default for Waiting {
    fn default() -> Self {
        Waiting { reminder_days: 3, resolve_days: 7, close_days: 5, chases: 3, quarantine_hours: 4 }
    }
}

worded! {
    /// What a vendor may know of the requester.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub enum Privacy,
    /// As the configuration and the store have it.
    word {
        /// Name, address and words of the requester, as they are.
        Full = "full",
        /// Another name, no address, no telephone number.
        Pseudonym = "pseudonym",
    }
}

/// Where our tag `[SD R-000123]` stands in a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagPlace {
    /// In front, as requesters and agents read it.
    Front,
    /// At the end, where a vendor's system looks for its own mark first.
    End,
    /// Nowhere: some systems refuse a subject with brackets that are not theirs. Answers are known by their thread.
    Nowhere,
}

impl TagPlace {
    /// Where to try it after a system refused a subject that bore it here.
    pub fn elsewhere(self) -> TagPlace {
        match self {
            TagPlace::End => TagPlace::Front,
            TagPlace::Front | TagPlace::Nowhere => TagPlace::Nowhere,
        }
    }
}

/// How an escalation reaches a team or vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EscalationBy {
    /// By a letter of its own.
    Forward,
    /// It stands in Cc of the letters to the requester from then on.
    Cc,
}

/// What a plain public answer makes of the ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterAnswer {
    /// Pending, until the requester writes.
    PendingRequester,
    /// Open: the agent goes on with it.
    Open,
}

/// Brakes against loops. They hold automatic letters and tell a human; an agent's answer always leaves.
#[derive(Clone, Debug)]
pub struct Limits {
    /// A correspondent's acknowledgements in an hour, sub-addresses folded.
    pub acknowledgements_per_address_per_hour: u32,
    /// Automatic letters to the requester on one ticket in a day.
    pub automatic_letters_per_ticket_per_day: u32,
    /// Cases of one vendor in an hour behind which rules hand it no more.
    pub cases_by_rule_per_vendor_per_hour: u32,
}

impl Policy {
    /// The desk of that name, else the first.
    pub fn desk(&self, name: &str) -> &Desk {
        self.desks.iter().find(|desk| desk.name == name).unwrap_or(self.desks.first())
    }

    /// The calendar of that name.
    pub fn calendar(&self, name: &str) -> Option<&Calendar> {
        self.calendars.iter().find(|calendar| calendar.name == name)
    }

    /// The organisation of that name, case aside.
    pub fn organisation(&self, name: &str) -> Option<&Organisation> {
        self.organisations.iter().find(|organisation| organisation.name.eq_ignore_ascii_case(name))
    }

    /// The organisation that somebody with this address belongs to: by the address itself, else by the nearest domain.
    pub fn organisation_of(&self, address: &Address) -> Option<&Organisation> {
        let by_address = self.organisations.iter().find(|one| one.addresses.iter().any(|own| own.is(address)));
        let domains = self.organisations.iter().flat_map(|one| one.domains.iter().map(move |domain| (one, domain)));
        let near = domains.filter(|(_, domain)| is_within(address.domain(), domain));
        by_address.or_else(|| near.max_by_key(|(_, domain)| domain.len()).map(|(one, _)| one))
    }

    /// Who answers for a desk.
    pub fn managers_of(&self, desk: &str) -> impl Iterator<Item = &Manager> {
        self.managers.iter().filter(move |manager| manager.desk.as_deref().is_none_or(|own| own == desk))
    }

    /// The agent with this address.
    pub fn agent(&self, address: &Address) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.address.is(address))
    }

    /// The team that this address acts for: its mailbox or a listed member.
    pub fn team_of(&self, address: &Address) -> Option<&Team> {
        self.teams.iter().find(|team| team.address.is(address) || team.members.iter().any(|m| m.is(address)))
    }

    /// The team of a level at a desk: its own, else that of all desks.
    pub fn team(&self, desk: &str, level: Level) -> Option<&Team> {
        let of =
            |own: Option<&str>| self.teams.iter().find(move |team| team.level == level && team.desk.as_deref() == own);
        of(Some(desk)).or_else(|| of(None))
    }

    /// The agents of a level who work on a desk's tickets.
    pub fn agents_at(&self, desk: &str, level: Level) -> impl Iterator<Item = &Agent> {
        let is_theirs = move |agent: &&Agent| agent.desk.as_deref().is_none_or(|own| own == desk);
        self.agents.iter().filter(move |agent| agent.level == level).filter(is_theirs)
    }

    /// Whether somebody with power works on a desk's tickets.
    pub fn works_at(&self, address: &Address, desk: &str) -> bool {
        let agent = self.agent(address).map(|agent| agent.desk.as_deref());
        let own = agent.or_else(|| self.team_of(address).map(|team| team.desk.as_deref()));
        own.is_some_and(|own| own.is_none_or(|own| own == desk))
    }

    /// The vendor of that name, case aside.
    pub fn vendor(&self, name: &str) -> Option<&Vendor> {
        self.vendors.iter().find(|vendor| vendor.name.eq_ignore_ascii_case(name))
    }

    /// Whoever a case of that name is with: a vendor, or somebody whom an agent consults and whose address is the name.
    pub fn correspondent(&self, name: &str) -> Option<Cow<'_, Vendor>> {
        let language = *self.desks.first().languages.first();
        let consulted = || Some(Cow::Owned(Vendor::consulted(&name.parse().ok()?, language)));
        self.vendor(name).map(Cow::Borrowed).or_else(consulted)
    }

    /// The vendor that writes from this address.
    pub fn vendor_of(&self, address: &Address) -> Option<&Vendor> {
        self.vendors.iter().find(|vendor| vendor.writes_from(address))
    }

    /// The vendors that somebody with this address may write for.
    pub fn vendors_at(&self, address: &Address) -> impl Iterator<Item = &Vendor> {
        self.vendors.iter().filter(|vendor| vendor.writes_from(address) || vendor.shares_domain(address))
    }

    /// The desk that this address, or a sub-address of it, belongs to.
    pub fn desk_at(&self, address: &Address) -> Option<&Desk> {
        self.desks.iter().find(|desk| desk.addresses.iter().any(|own| address.is_within(own)))
    }

    /// The machines that write from this address. Whoever is named elsewhere in the configuration is none, whatever the domain.
    pub fn machines_at(&self, address: &Address) -> impl Iterator<Item = &Machine> {
        self.machines.iter().filter(move |machine| machine.sender.covers(address) && !self.has_role(address))
    }

    /// The forms that write from this address; the same holds.
    pub fn forms_at(&self, address: &Address) -> impl Iterator<Item = &Form> {
        self.forms.iter().filter(move |form| form.sender.covers(address) && !self.has_role(address))
    }

    /// Whether it is an address of ours, or of a vendor's.
    pub fn has_role(&self, address: &Address) -> bool {
        self.is_staff(address) || self.desk_at(address).is_some() || self.vendor_of(address).is_some()
    }

    /// Whether somebody with power here (agent, team, member) has this address.
    pub fn is_staff(&self, address: &Address) -> bool {
        self.agent(address).is_some() || self.team_of(address).is_some()
    }

    /// Every address that letters to the desk go to.
    pub fn staff(&self) -> impl Iterator<Item = &Address> {
        self.agents.iter().map(|agent| &agent.address).chain(self.teams.iter().map(|team| &team.address))
    }

    /// The level that somebody with power works at.
    pub fn level_of(&self, address: &Address) -> Option<Level> {
        self.agent(address).map(|agent| agent.level).or_else(|| self.team_of(address).map(|team| team.level))
    }
}

impl Desk {
    /// The language that a requester is written to in; `None` where nothing tells: then in the first. `own` is theirs, `written_in`
    /// what they write in just now, `organisation` what the operator says of theirs.
    pub fn language_for(
        &self,
        own: Option<Language>,
        written_in: Option<Language>,
        organisation: Option<Language>,
    ) -> Option<Language> {
        let first = *self.languages.first();
        let told = match self.language_policy {
            LanguagePolicy::Correspondent => [own, written_in, organisation],
            LanguagePolicy::First => [own, organisation, written_in.filter(|language| *language == first)],
            LanguagePolicy::Only => [Some(first), None, None],
        };
        told.into_iter().flatten().find(|language| self.languages.contains(language))
    }

    /// Whether a requester may choose to be written to in a language.
    pub fn switches_to(&self, language: Language) -> bool {
        self.language_policy != LanguagePolicy::Only && self.languages.contains(&language)
    }

    /// When it opens on a day, or next; without a calendar at eight by its clock. `None` where no calendar has such a day.
    pub fn opening_on(&self, day: Date) -> Option<Timestamp> {
        let at_eight = || self.time_zone.to_timestamp(day.at(8, 0, 0, 0)).ok();
        let start = |calendar: &Calendar| calendar.zone.to_timestamp(day.at(0, 0, 0, 0)).ok();
        self.calendar.as_ref().and_then(|calendar| calendar.opening(start(calendar)?)).or_else(at_eight)
    }
}

impl Team {
    /// Whether it stands in Cc of the letters to the requester once a ticket was escalated to it.
    pub fn is_copied(&self) -> bool {
        self.escalation == EscalationBy::Cc
    }
}

impl Sender {
    /// Whether mail from this address is its.
    pub fn covers(&self, address: &Address) -> bool {
        match self {
            Sender::Address(own) => own.is(address),
            Sender::Domain(domain) => is_within(address.domain(), domain),
        }
    }

    /// Its one address, where it has one.
    pub fn address(&self) -> Option<&Address> {
        match self {
            Sender::Address(own) => Some(own),
            Sender::Domain(_) => None,
        }
    }

    /// The domain that vouches for what it writes.
    pub fn domain(&self) -> &str {
        match self {
            Sender::Address(own) => own.domain(),
            Sender::Domain(domain) => domain,
        }
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sender::Address(own) => own.fmt(f),
            Sender::Domain(domain) => f.write_str(domain),
        }
    }
}

impl Vendor {
    /// Within so many business hours a vendor answers that promises nothing else.
    pub const FIRST_ANSWER: Duration = Duration::from_secs(8 * 3600);

    /// Whoever reads an address that an agent consults: told no more than a vendor is by default, and named by the address.
    pub fn consulted(address: &Address, language: Language) -> Vendor {
        Vendor {
            name: address.key(),
            address: address.clone(),
            addresses: Vec::new(),
            domains: Vec::new(),
            language,
            privacy: Privacy::Pseudonym,
            escalation: EscalationBy::Forward,
            case_number: None,
            subject_tag: TagPlace::End,
            calendar: None,
            first_answer: Vendor::FIRST_ANSWER,
            is_consulted: true,
        }
    }

    /// Whether it stands in Cc of the letters to the requester once a ticket was escalated to it.
    pub fn is_copied(&self) -> bool {
        self.escalation == EscalationBy::Cc && self.privacy == Privacy::Full
    }

    /// Whether mail from this address is the vendor's.
    pub fn writes_from(&self, address: &Address) -> bool {
        self.address.is(address)
            || self.addresses.iter().any(|own| own.is(address))
            || self.domains.iter().any(|domain| domain.eq_ignore_ascii_case(address.domain()))
    }

    /// Whether this address is at a domain, or below one, of an address of the vendor's: a colleague, or somebody whose mail
    /// is kept at the same host.
    pub fn shares_domain(&self, address: &Address) -> bool {
        let is_below = |domain: &str| is_within(address.domain(), domain);
        !self.is_consulted && self.own_domains().any(is_below)
    }

    /// The domains that it writes from.
    pub fn own_domains(&self) -> impl Iterator<Item = &str> {
        let addresses = std::iter::once(&self.address).chain(&self.addresses).map(Address::domain);
        addresses.chain(self.domains.iter().map(String::as_str))
    }
}

/// Whether a host is a domain or stands below it.
pub(in crate::desk) fn is_within(host: &str, domain: &str) -> bool {
    let (host, domain) = (host.to_ascii_lowercase(), domain.to_ascii_lowercase());
    host.strip_suffix(&domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
