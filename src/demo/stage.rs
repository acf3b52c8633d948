//! The stage: embedded servers, a gateway with a store of its own, and what people can do there. Nobody waits for a
//! time to pass, only for mail; the clock of the story goes on by some minutes with every mail that somebody writes, and by
//! more where the story says so.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use data_encoding::HEXLOWER;
use jiff::civil::Time;
use jiff::{SignedDuration, Span, Timestamp};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::desk::{Purpose, Ticket, TicketNumber};
use crate::gateway::{self, Gateway, Parts, Shelf, TimeSource};
use crate::letters::Templates;
use crate::mail::token::Token;
use crate::mail::{self, InboundMail, Mailbox, MessageId};
use crate::net::{Login, Tls};
use crate::said;
use crate::smtp;
use crate::smtp::{Outcome, Session, Transport};
use crate::store::{self, Store};

use super::cast::{self, Cast, Client, PASSWORD, Person, TIME_ZONE, Who};
use super::house;
use super::mail_client::{self, Draft};
use super::server::{Arrivals, Post, Servers};

/// What is awaited comes within that, or the story has failed.
const LONGEST: Duration = Duration::from_secs(10);
/// In the story, so much time lies between two mails of people.
const BETWEEN_MAILS: SignedDuration = SignedDuration::from_mins(9);
/// Between two mails of a crowd, so much.
const BETWEEN_ALIKE: SignedDuration = SignedDuration::from_secs(30);
/// The story begins on a Monday, when people start to work.
const BEGINS: Time = Time::constant(8, 51, 0, 0);
/// Where the desk moves what is handled.
const PROCESSED: &str = "Processed";

/// What happens on the stage, for whoever looks on.
#[derive(Clone, Copy, Debug)]
pub enum Scene<'a> {
    /// A step of the story begins.
    Step {
        /// Number of the step, from 1.
        number: usize,
        /// What happens in it, in a few words.
        title: &'a str,
    },
    /// Somebody wrote to the desk.
    Written(&'a Written),
    /// A letter of the desk's reached somebody.
    Received(&'a Received),
    /// Many people wrote about the same thing.
    ManyWritten(&'a [Written]),
    /// The same letter reached many people, each in their own thread.
    ManyReceived(&'a [Received]),
    /// Time has passed.
    Later {
        /// How much of it, in words.
        words: &'a str,
        /// When it is now, in the story.
        at: Timestamp,
    },
    /// What is worth seeing about it.
    Remark(&'a str),
}

/// A mail to the desk.
#[derive(Clone, Debug)]
pub struct Written {
    /// Who wrote, by the cast.
    pub from: Person,
    /// What was newly written.
    pub text: String,
    /// The subject as the mail has it, prefixes and all.
    pub subject: String,
    /// The mail's own Message-ID.
    pub message_id: MessageId,
    /// Whether something that the desk sent stands quoted below.
    pub quotes: bool,
    /// When, in the story.
    pub at: Timestamp,
}

/// A letter of the desk's, as it reached somebody.
#[derive(Clone, Debug)]
pub struct Received {
    /// The person whose mailbox it reached.
    pub by: Person,
    /// What it is for.
    pub purpose: Purpose,
    /// The ticket that it is about.
    pub ticket: TicketNumber,
    /// What it says.
    pub mail: InboundMail,
    /// Its header section as it came, from the receiving server's fields on.
    pub header: String,
    /// When, in the story.
    pub at: Timestamp,
}

/// The running world of the demo. It ends, and leaves nothing behind, when this is dropped.
pub struct Stage {
    cast: Cast,
    post: Post,
    servers: Servers,
    time: TimeSource,
    gateway: Running,
    arrivals: HashMap<&'static str, Arrivals>,
    onlooker: Box<dyn FnMut(Scene<'_>)>,
    step: (usize, String),
    written: Vec<Written>,
    received: Vec<Received>,
    folder: Folder,
}

struct Running {
    gateway: Arc<Gateway>,
    stop: CancellationToken,
    task: JoinHandle<Result<()>>,
}

impl Stage {
    /// Starts everything; `onlooker` is told what happens.
    pub async fn open(onlooker: impl FnMut(Scene<'_>) + 'static) -> Result<Stage> {
        let cast = Cast::new()?;
        let post = Post::new("mx.demo.example");
        for person in cast.everybody() {
            post.add_account(&person.address, PASSWORD);
        }
        let servers = Servers::start(post.clone()).await?;
        let folder = Folder::new()?;
        let time = TimeSource::standing(a_monday_before(Timestamp::now())?);
        let gateway = start(&servers, &folder, time.clone()).await?;
        let arrivals = cast.everybody().map(|person| (person.name, post.arrivals(&person.address))).collect();
        let stage = Stage {
            cast,
            post,
            servers,
            time,
            gateway,
            arrivals,
            onlooker: Box::new(onlooker),
            step: (0, said!("the mailbox is watched", "la boîte est surveillée")),
            written: Vec::new(),
            received: Vec::new(),
            folder,
        };
        stage.within_limit("The gateway does not watch the mailbox", stage.servers.until_idle(1)).await?;
        Ok(stage)
    }

    /// The people of the story, whose mailboxes the servers keep.
    pub fn cast(&self) -> &Cast {
        &self.cast
    }

    /// The servers' mailboxes.
    pub fn post(&self) -> &Post {
        &self.post
    }

    /// The servers, and where they listen.
    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    /// What people wrote to the desk so far.
    pub fn written(&self) -> &[Written] {
        &self.written
    }

    /// Every letter of the desk's that reached somebody so far, in the order in which the story looked at it.
    pub fn received(&self) -> &[Received] {
        &self.received
    }

    /// When it is, in the story.
    pub fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// The rules of the desk.
    pub fn policy(&self) -> &crate::desk::Policy {
        &self.gateway.gateway.policy
    }

    /// Stops the gateway in order: work in hand is finished, and everything stands in the store.
    pub async fn stop_gateway(&mut self) -> Result<()> {
        self.gateway.stop.cancel();
        (&mut self.gateway.task).await.context("The gateway fell over")?
    }

    /// Starts a gateway anew on the same store, by the clock of this machine; the one before must have stopped.
    pub async fn start_gateway(&mut self) -> Result<()> {
        self.gateway = start(&self.servers, &self.folder, TimeSource::System).await?;
        Ok(())
    }

    /// The store, opened anew: once the gateway has stopped, everything stands in it.
    pub async fn open_store(&self) -> Result<Store> {
        Store::open(&self.folder.store()).await
    }

    pub(super) fn step(&mut self, number: usize, title: &str) {
        self.step = (number, title.to_owned());
        (self.onlooker)(Scene::Step { number, title });
    }

    pub(super) fn remark(&mut self, text: &str) {
        (self.onlooker)(Scene::Remark(text));
    }

    /// Time passes, as the words say, and what falls due by it happens.
    pub(super) fn later(&mut self, by: SignedDuration, words: &str) {
        self.time.advance(by);
        (self.onlooker)(Scene::Later { words, at: self.time.now() });
    }

    /// Somebody writes a new mail to the desk.
    pub(super) async fn write(&mut self, who: Who, subject: &str, text: &str) -> Result<MessageId> {
        let to = self.cast.person(Who::Desk).mailbox();
        self.time.advance(BETWEEN_MAILS);
        let message_id = self.send(who, to, subject, text, None).await?;
        self.show_newest();
        Ok(message_id)
    }

    /// People write one after the other about the same thing, within minutes; each mail is handled before the next is written.
    pub(super) async fn write_alike(&mut self, mails: &[(Who, &str, &str)]) -> Result<()> {
        let before = self.written.len();
        self.time.advance(BETWEEN_MAILS);
        for (who, subject, text) in mails {
            let to = self.cast.person(Who::Desk).mailbox();
            self.time.advance(BETWEEN_ALIKE);
            let message_id = self.send(*who, to, subject, text, None).await?;
            self.handled(&message_id).await?;
        }
        (self.onlooker)(Scene::ManyWritten(&self.written[before..]));
        Ok(())
    }

    /// Somebody answers a letter by the reply button.
    pub(super) async fn reply(&mut self, who: Who, letter: &Received, text: &str) -> Result<MessageId> {
        let subject = mail_client::reply_subject(self.cast.person(who).client, &letter.mail.subject);
        self.reply_as(who, letter, &subject, text).await
    }

    /// Somebody answers a letter under another subject, as ticket systems do.
    pub(super) async fn reply_as(
        &mut self,
        who: Who,
        letter: &Received,
        subject: &str,
        text: &str,
    ) -> Result<MessageId> {
        let to = letter.mail.reply_to.clone().or_else(|| letter.mail.from.clone());
        let to = to.context("The letter names nobody to answer")?;
        self.time.advance(BETWEEN_MAILS);
        let message_id = self.send(who, to, subject, text, Some(&letter.mail)).await?;
        self.show_newest();
        Ok(message_id)
    }

    async fn send(
        &mut self,
        who: Who,
        to: Mailbox,
        subject: &str,
        text: &str,
        answers: Option<&InboundMail>,
    ) -> Result<MessageId> {
        let from = self.cast.person(who).clone();
        let at = self.time.now();
        let id = format!("{}.{}@{}", self.written.len() + 1, at.as_millisecond(), from.address.domain());
        let message_id = MessageId::new(&id).context("No Message-ID")?;
        let draft = Draft { from: &from, to: to.clone(), subject, text, answers, message_id: &message_id, at };
        let raw = mail_client::write(&draft);
        let recipients = [to.address];
        let submission = async {
            let mut session = Session::open(&smtp_settings(&self.servers, &from)).await?;
            let outcomes = session.send(Some(&from.address), &recipients, &raw).await;
            session.close().await;
            match outcomes.as_slice() {
                [Outcome::Sent { .. }] => Ok(()),
                other => bail!("The server did not take the mail: {other:?}"),
            }
        };
        let unsent = format!("{} cannot send a mail", from.name);
        self.within_limit(&unsent, submission).await?.with_context(|| self.where_it_stands())?;
        let quotes = answers.is_some() && !matches!(from.client, Client::TicketSystem);
        let written = Written { from, text: text.to_owned(), subject: subject.to_owned(), message_id, quotes, at };
        let message_id = written.message_id.clone();
        self.written.push(written);
        Ok(message_id)
    }

    fn show_newest(&mut self) {
        if let Some(written) = self.written.last() {
            (self.onlooker)(Scene::Written(written));
        }
    }

    /// The next letter of the desk's that reaches somebody; it must be for this purpose.
    pub(super) async fn receive(&mut self, who: Who, purpose: Purpose) -> Result<Received> {
        let received = self.take_in(who, purpose).await?;
        (self.onlooker)(Scene::Received(&received));
        self.is_for(&received, purpose)?;
        Ok(received)
    }

    /// The next letter of each of these people's; all must be for this purpose.
    pub(super) async fn receive_each(&mut self, people: &[Who], purpose: Purpose) -> Result<()> {
        let before = self.received.len();
        for who in people {
            let received = self.take_in(*who, purpose).await?;
            self.is_for(&received, purpose)?;
        }
        (self.onlooker)(Scene::ManyReceived(&self.received[before..]));
        Ok(())
    }

    /// So many letters for one purpose and one letter for another that reach somebody at a time: these are shown as many, and
    /// that one is the answer.
    pub(super) async fn receive_among(
        &mut self,
        who: Who,
        (many, purpose): (usize, Purpose),
        among: Purpose,
    ) -> Result<Received> {
        let before = self.received.len();
        for _ in 0..=many {
            self.take_in(who, purpose).await?;
        }
        // The relay takes several letters at a time: which of them comes first is chance.
        let letters = &mut self.received[before..];
        letters.sort_by_key(|letter| (letter.purpose == among, letter.ticket));
        let (rest, one) = letters.split_at(many);
        (self.onlooker)(Scene::ManyReceived(rest));
        let odd = rest.iter().find(|letter| letter.purpose != purpose).cloned();
        let one = one.first().cloned().context("No letter was taken in")?;
        (self.onlooker)(Scene::Received(&one));
        odd.iter().try_for_each(|odd| self.is_for(odd, purpose))?;
        self.is_for(&one, among)?;
        Ok(one)
    }

    /// The next letter of the desk's that reaches somebody; this one is expected.
    async fn take_in(&mut self, who: Who, purpose: Purpose) -> Result<Received> {
        let by = self.cast.person(who).clone();
        let missing = format!("{} received no letter \"{}\"", by.name, purpose.name());
        let mut arrivals = self.arrivals.remove(by.name).context("Nobody reads this mailbox")?;
        let arrived = self.within_limit(&missing, arrivals.next()).await;
        self.arrivals.insert(by.name, arrivals);
        let arrived = arrived?.text();
        let header = arrived.split("\r\n\r\n").next().unwrap_or_default().to_owned();
        let letter = mail::parse(arrived.as_bytes());
        let (ticket, found) = self.purpose_of(&letter).await?;
        let received = Received { by, purpose: found, ticket, mail: letter, header, at: self.time.now() };
        self.received.push(received.clone());
        Ok(received)
    }

    fn is_for(&self, received: &Received, purpose: Purpose) -> Result<()> {
        let (name, found, wanted) = (received.by.name, received.purpose.name(), purpose.name());
        let here = self.where_it_stands();
        ensure!(received.purpose == purpose, "{here}: {name} received no letter \"{wanted}\", but \"{found}\"");
        Ok(())
    }

    /// Waits until the desk has handled a mail and moved it out of the way.
    pub(super) async fn handled(&mut self, message_id: &MessageId) -> Result<()> {
        let wanted = format!("<{}>", message_id.as_str());
        let support = &self.cast.person(Who::Desk).address;
        let is_there = |post: &Post| {
            post.mails(support, PROCESSED).iter().any(|mail| mail.header("Message-ID").as_ref() == Some(&wanted))
        };
        self.within_limit("The desk did not handle the mail", self.post.until(is_there)).await
    }

    /// Nobody has received anything that the story did not look at.
    pub(super) fn nothing_else(&mut self) -> Result<()> {
        for person in self.cast.everybody().filter(|person| person.who != Who::Desk) {
            let more = self.arrivals.get_mut(person.name).and_then(Arrivals::next_now);
            if let Some(mail) = more {
                let subject = mail.header("Subject").unwrap_or_default();
                bail!("{}: {} received one more letter: {subject}", self.where_it_stands(), person.name);
            }
        }
        Ok(())
    }

    /// The ticket as it stands.
    pub(super) async fn ticket(&self, number: TicketNumber) -> Result<Ticket> {
        let shown = self.gateway.gateway.store.ticket(number).await?;
        Ok(shown.with_context(|| format!("There is no ticket {number}"))?.ticket)
    }

    /// What the story claims is not so.
    pub(super) fn not_so(&self, claim: &str) -> Error {
        anyhow!("{}: it is not so that {claim}", self.where_it_stands())
    }

    /// The letter's own token names its row.
    async fn purpose_of(&self, letter: &InboundMail) -> Result<(TicketNumber, Purpose)> {
        let id = letter.message_id.as_ref().map(MessageId::as_str).unwrap_or_default();
        let token = id.split('@').next().and_then(Token::parse);
        let token = token.with_context(|| format!("The mail {id:?} is no letter of the desk's"))?;
        let number = TicketNumber(token.ticket);
        let shown = self.gateway.gateway.store.ticket(number).await?.context("The letter is on no ticket")?;
        let row = shown.letters.iter().find(|row| row.number == token.letter);
        Ok((number, row.context("The letter is not in the store")?.purpose))
    }

    async fn within_limit<T>(&self, otherwise: &str, work: impl Future<Output = T>) -> Result<T> {
        let seconds = LONGEST.as_secs();
        let late = || anyhow!("{}: {otherwise} within {seconds} s", self.where_it_stands());
        tokio::time::timeout(LONGEST, work).await.map_err(|_| late())
    }

    fn where_it_stands(&self) -> String {
        said!("Step {} ({})", "Étape {} ({})", self.step.0, self.step.1)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.gateway.stop.cancel();
    }
}

async fn start(servers: &Servers, folder: &Folder, time: TimeSource) -> Result<Running> {
    let config = house::config(servers)?;
    let gateway = Arc::new(Gateway::new(Parts {
        store: Store::open(&folder.store()).await?,
        policy: config.policy,
        shelf: Shelf::of(cast::library()?),
        templates: Templates::new(&[])?,
        mailboxes: config.mailboxes,
        transport: Transport::Smtp(config.smtp),
        sending: config.sending,
        alarm: None,
        time,
    }));
    let stop = CancellationToken::new();
    let task = tokio::spawn(gateway::serve(Arc::clone(&gateway), stop.clone()));
    Ok(Running { gateway, stop, task })
}

/// When people start to work on the last Monday but this week's: a story of one day is over by now, and its dates are recent.
fn a_monday_before(now: Timestamp) -> Result<Timestamp> {
    let today = now.to_zoned(TIME_ZONE.clone()).date();
    let monday = today.checked_sub(Span::new().days(7 + i32::from(today.weekday().to_monday_zero_offset())))?;
    Ok(monday.to_datetime(BEGINS).to_zoned(TIME_ZONE.clone())?.timestamp())
}

fn smtp_settings(servers: &Servers, person: &Person) -> smtp::Settings {
    smtp::Settings {
        host: servers.smtp().ip().to_string(),
        port: servers.smtp().port(),
        tls: Tls::None,
        login: Some(login(person)),
        timeout: Duration::from_secs(30),
        ca_file: None,
        helo: person.address.domain().to_owned(),
    }
}

fn login(person: &Person) -> Login {
    Login::new(person.address.to_string(), PASSWORD)
}

/// A folder for the store, which vanishes with this.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Folder> {
        let mut chance = [0; 8];
        getrandom::fill(&mut chance).map_err(|error| anyhow!("The system has no random numbers: {error}"))?;
        let path = std::env::temp_dir().join(format!("guichet-demo-{}", HEXLOWER.encode(&chance)));
        std::fs::create_dir(&path).with_context(|| format!("Cannot make the folder {}", path.display()))?;
        Ok(Folder(path))
    }

    fn store(&self) -> store::Settings {
        store::Settings { url: format!("sqlite:{}", self.0.join("guichet.db").display()) }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind is for the system to clear away: it is its folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
