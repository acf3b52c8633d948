//! A connection to the relay, and the letters handed over on it.

use std::fmt::Display;

use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};

use super::body::{Piece, pieces};
use super::dialogue::{Lost, text};
use super::link::Link;
use super::refusal::{About, Stage, about};
use super::{Barred, Leave, Outcome, Settings};
use crate::mail::Address;
use crate::net::{Obstacle, What};

/// A relay that letters are handed to, one after the other. It connects anew after an error, and for a letter that
/// finds the connection closed since the last one.
#[derive(Debug)]
pub struct Session {
    settings: Settings,
    pub(super) link: Option<Link>,
    /// The last attempt to connect failed.
    is_cut_off: bool,
}

/// A letter and where it goes.
#[derive(Debug)]
pub struct Letter<'a> {
    pub(super) return_path: Option<&'a Address>,
    pub(super) recipients: &'a [Address],
    pub(super) bytes: &'a [u8],
    is_ascii: bool,
    /// RFC 6531 §3.2, for its header or its return path.
    needs_utf8: bool,
}

impl<'a> Letter<'a> {
    /// No return path is `<>` (RFC 5321 §4.5.5).
    pub fn new(return_path: Option<&'a Address>, recipients: &'a [Address], bytes: &'a [u8]) -> Letter<'a> {
        let is_ascii = bytes.is_ascii();
        let needs_utf8 =
            return_path.is_some_and(|path| path.in_ascii().is_none()) || !(is_ascii || header_of(bytes).is_ascii());
        Letter { return_path, recipients, bytes, is_ascii, needs_utf8 }
    }

    /// What MAIL FROM gives; empty for `<>`.
    fn sender(&self) -> &str {
        self.return_path.map_or("", Address::as_str)
    }
}

fn header_of(bytes: &[u8]) -> &[u8] {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    &bytes[..end]
}

/// Where the connection broke, and what was said or happened.
enum Broken {
    /// MAIL was not answered, or by 421: the relay may just have tired of an idle connection.
    BeforeMail(String),
    /// The letter cannot have been taken.
    BeforeDot(String),
    /// The letter may have been taken.
    AfterDot(String),
}

impl Session {
    /// Connects, encrypts and logs in.
    pub async fn open(settings: &Settings) -> Result<Session, Obstacle> {
        let link = Link::open(settings).await?;
        Ok(Session { settings: settings.clone(), link: Some(link), is_cut_off: false })
    }

    /// Hands over a letter; the outcomes stand in the order of the recipients. No return path is `<>` (RFC 5321 §4.5.5).
    ///
    /// Dropping the future half-way drops the connection, and what became of the letter is unknown.
    pub async fn send(&mut self, return_path: Option<&Address>, recipients: &[Address], bytes: &[u8]) -> Vec<Outcome> {
        self.hand_over(&Letter::new(return_path, recipients, bytes), None, None).await
    }

    /// The same, and the final dot is written only while there is leave: otherwise the letter is put off.
    ///
    /// Where the relay pipelines, `next` is begun in the same breath (RFC 2920 §3.1). Should another letter be sent after
    /// all, or none, the connection is given up: nothing else undoes DATA.
    pub async fn send_while(&mut self, leave: &Leave, letter: &Letter<'_>, next: Option<&Letter<'_>>) -> Vec<Outcome> {
        self.hand_over(letter, Some(leave), next).await
    }

    async fn hand_over(
        &mut self,
        letter: &Letter<'_>,
        leave: Option<&Leave>,
        next: Option<&Letter<'_>>,
    ) -> Vec<Outcome> {
        let recipients = letter.recipients;
        loop {
            let rested = self.link.take();
            let is_fresh = rested.is_none();
            let mut link = match rested {
                Some(link) => link,
                None => match Link::open(&self.settings).await {
                    Ok(link) => link,
                    Err(obstacle) => {
                        self.is_cut_off = true;
                        return vec![Outcome::Barred { obstacle, of: Barred::All }; recipients.len()];
                    }
                },
            };
            let mut outcomes = vec![None; recipients.len()];
            let rest = match hand_over(&mut link, (letter, leave, next), &mut outcomes, &self.settings).await {
                Ok(()) => {
                    let outcomes: Vec<Outcome> = outcomes.into_iter().flatten().collect();
                    // What bars all may be over on a new connection, with a new login.
                    let is_barred = |outcome: &Outcome| matches!(outcome, Outcome::Barred { of: Barred::All, .. });
                    self.link = (!outcomes.iter().any(is_barred)).then_some(link);
                    return outcomes;
                }
                // Nothing of the letter has left, so it may be handed over on a new connection.
                Err(Broken::BeforeMail(_)) if !is_fresh => continue,
                Err(Broken::BeforeMail(reply) | Broken::BeforeDot(reply)) => {
                    barred(&reply, Stage::Data, letter, &self.settings).unwrap_or(Outcome::Deferred { reply })
                }
                Err(Broken::AfterDot(reply)) => Outcome::InDoubt { reply },
            };
            return outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| rest.clone())).collect();
        }
    }

    /// Whether no connection came about for the last letter.
    pub fn is_cut_off(&self) -> bool {
        self.is_cut_off
    }

    /// Ends the session with QUIT, so that the relay need not wait for more.
    pub async fn close(self) {
        if let Some(mut link) = self.link.filter(|link| link.begun.is_none()) {
            // Whatever the relay answers, we are gone.
            let _ = link.dialogue.ask(Quit).await;
        }
    }
}

/// One transaction (RFC 5321 §3.3). Writes down an outcome for each recipient; where the connection broke,
/// those without one share its fate.
async fn hand_over(
    link: &mut Link,
    (letter, leave, next): (&Letter<'_>, Option<&Leave>, Option<&Letter<'_>>),
    outcomes: &mut [Option<Outcome>],
    settings: &Settings,
) -> Result<(), Broken> {
    refuse_what_the_relay_cannot_take(link, letter, outcomes);
    let asked: Vec<usize> = (0..outcomes.len()).filter(|&at| outcomes[at].is_none()).collect();
    if asked.is_empty() {
        return Ok(());
    }
    if std::mem::take(&mut link.must_reset) {
        let reply = link.dialogue.ask(Rset).await.map_err(before_mail)?;
        if reply.code().severity != Severity::PositiveCompletion {
            return Err(Broken::BeforeMail(text(&reply, &[])));
        }
    }
    let mail = mail_command(link, letter, &asked);
    let rcpt = |at: usize| rcpt_command(letter, at);
    let pipelined = link.extensions.pipelining;
    if pipelined {
        let commands = group(&mail, letter, &asked);
        match link.begun.take() {
            Some(begun) if begun == commands => {}
            Some(_) => return Err(Broken::BeforeMail("another letter was begun".to_owned())),
            None => link.dialogue.write(commands.as_bytes()).await.map_err(before_mail)?,
        }
    }

    let size = link.extensions.size;
    let not_sent = |reply: &Response, stage| not_sent(reply, stage, letter, size, settings);
    let reply = step(link, &mail).await.map_err(before_mail)?;
    match reply.code().severity {
        Severity::PositiveCompletion => link.must_reset = true,
        _ => asked.iter().for_each(|&at| outcomes[at] = Some(not_sent(&reply, Stage::Mail))),
    }
    let mut accepted = Vec::new();
    for &at in &asked {
        if !pipelined && outcomes[at].is_some() {
            continue;
        }
        let reply = step(link, &rcpt(at)).await.map_err(before_dot)?;
        match reply.code().severity {
            _ if outcomes[at].is_some() => {}
            Severity::PositiveCompletion => accepted.push(at),
            _ => {
                let (sender, recipient) = (letter.sender(), letter.recipients[at].as_str());
                outcomes[at] = Some(not_sent(&reply, Stage::Rcpt { sender, recipient }));
            }
        }
    }
    if !pipelined && accepted.is_empty() {
        return Ok(());
    }
    let reply = step(link, &Data).await.map_err(before_dot)?;
    let outcome = match reply.code().severity {
        Severity::PositiveIntermediate if accepted.is_empty() => return end_nothing(link).await,
        Severity::PositiveIntermediate => match hand_over_body(link, letter, leave, next).await? {
            reply if reply.code().severity == Severity::PositiveCompletion => {
                Outcome::Sent { reply: text(&reply, &[]) }
            }
            reply => not_sent(&reply, Stage::Data),
        },
        Severity::PositiveCompletion => return Err(Broken::BeforeDot(text(&reply, &[]))),
        Severity::TransientNegativeCompletion | Severity::PermanentNegativeCompletion => not_sent(&reply, Stage::Data),
    };
    accepted.iter().for_each(|&at| outcomes[at] = Some(outcome.clone()));
    Ok(())
}

/// The reply to a command, which is sent here unless it was before (RFC 2920).
async fn step(link: &mut Link, command: &impl Display) -> Result<Response, Lost> {
    if link.extensions.pipelining { link.dialogue.further_reply().await } else { link.dialogue.ask(command).await }
}

/// The relay refused each recipient, and wants a letter nevertheless: it gets an empty one (RFC 2920 §3.1).
async fn end_nothing(link: &mut Link) -> Result<(), Broken> {
    link.dialogue.ask(".\r\n").await.map_err(before_dot)?;
    link.must_reset = false;
    Ok(())
}

/// The relay's answer to the whole letter. The next one is begun with its end.
async fn hand_over_body(
    link: &mut Link,
    letter: &Letter<'_>,
    leave: Option<&Leave>,
    next: Option<&Letter<'_>>,
) -> Result<Response, Broken> {
    for piece in pieces(letter.bytes) {
        match piece {
            Piece::Inner(bytes) => link.dialogue.write(&bytes).await.map_err(before_dot)?,
            Piece::Last(_) if leave.is_some_and(|leave| !leave.may_end()) => {
                return Err(Broken::BeforeDot("somebody else has the letter by now".to_owned()));
            }
            Piece::Last(mut bytes) => {
                link.begun = next.and_then(|next| ahead(link, next));
                bytes.extend_from_slice(link.begun.as_deref().unwrap_or_default().as_bytes());
                link.dialogue.write(&bytes).await.map_err(after_dot)?;
            }
        }
    }
    let reply = link.dialogue.reply().await.map_err(after_dot)?;
    link.must_reset = false;
    match reply.code().severity {
        Severity::PositiveIntermediate => Err(Broken::AfterDot(text(&reply, &[]))),
        _ => Ok(reply),
    }
}

fn refuse_what_the_relay_cannot_take(link: &Link, letter: &Letter<'_>, outcomes: &mut [Option<Outcome>]) {
    let extensions = &link.extensions;
    let length = letter.bytes.len();
    let refusal = match extensions.size {
        Some(most) if most > 0 && length > most => Some(Outcome::TooLarge {
            reply: format!("the letter has {length} bytes, and the relay takes at most {most} (SIZE)"),
            bytes_max: Some(most as u64),
        }),
        _ if !extensions.offers(Extension::EightBitMime) && !letter.is_ascii => Some(Outcome::Refused {
            reply: "the letter has 8-bit text, and the relay does not offer 8BITMIME".to_owned(),
        }),
        _ => None,
    };
    for (outcome, recipient) in outcomes.iter_mut().zip(letter.recipients) {
        let needs_utf8 =
            !extensions.offers(Extension::SmtpUtfEight) && (letter.needs_utf8 || recipient.in_ascii().is_none());
        *outcome = refusal.clone().or_else(|| {
            let reply = format!("{recipient} or another address of the letter is not ASCII before its @, and the relay does not offer SMTPUTF8");
            needs_utf8.then_some(Outcome::Refused { reply })
        });
    }
}

/// What can be said of a letter before its turn: nothing where the relay does not pipeline, or cannot take it.
fn ahead(link: &Link, letter: &Letter<'_>) -> Option<String> {
    let mut outcomes = vec![None; letter.recipients.len()];
    refuse_what_the_relay_cannot_take(link, letter, &mut outcomes);
    let all: Vec<usize> = (0..outcomes.len()).collect();
    let is_taken = link.extensions.pipelining && outcomes.iter().all(Option::is_none);
    is_taken.then(|| group(&mail_command(link, letter, &all), letter, &all))
}

/// MAIL, RCPT and DATA, one behind the other.
fn group(mail: &Mail, letter: &Letter<'_>, asked: &[usize]) -> String {
    asked.iter().fold(mail.to_string(), |commands, &at| commands + &rcpt_command(letter, at).to_string())
        + &Data.to_string()
}

fn rcpt_command(letter: &Letter<'_>, at: usize) -> Rcpt {
    Rcpt::new(path(&letter.recipients[at]), vec![])
}

fn mail_command(link: &Link, letter: &Letter<'_>, asked: &[usize]) -> Mail {
    let mut parameters = Vec::new();
    if link.extensions.size.is_some() {
        parameters.push(MailParameter::Size(letter.bytes.len()));
    }
    if !letter.is_ascii {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    if letter.needs_utf8 || asked.iter().any(|&at| letter.recipients[at].in_ascii().is_none()) {
        parameters.push(MailParameter::SmtpUtfEight);
    }
    Mail::new(letter.return_path.map(path), parameters)
}

/// The address as lettre has it, which would refuse `a..b@c.test`. Ours cannot break out of a command either. A domain goes
/// as DNS has it, whatever the relay offers: servers behind it may not know it otherwise.
pub(super) fn path(address: &Address) -> lettre::Address {
    let address = address.in_ascii().unwrap_or_else(|| address.clone());
    lettre::Address::new_dangerous(address.local(), address.domain())
}

/// What a refusal at that stage means for a recipient.
fn not_sent(
    reply: &Response,
    stage: Stage<'_>,
    letter: &Letter<'_>,
    size: Option<usize>,
    settings: &Settings,
) -> Outcome {
    let code = u16::from(reply.code());
    let reply = text(reply, &[]);
    if let Some(barred) = barred(&reply, stage, letter, settings) {
        return barred;
    }
    if about(&reply, stage) == About::Passing {
        Outcome::Deferred { reply }
    } else if is_about_size(code, &reply) {
        let bytes_max = size.filter(|most| *most > 0 && letter.bytes.len() > *most).map(|most| most as u64);
        Outcome::TooLarge { reply, bytes_max }
    } else {
        Outcome::Refused { reply }
    }
}

/// The outcome where the refusal is about more than this letter.
fn barred(reply: &str, stage: Stage<'_>, letter: &Letter<'_>, settings: &Settings) -> Option<Outcome> {
    let said = reply.to_owned();
    let (what, of) = match about(reply, stage) {
        About::Sender => (What::SenderRefused(letter.sender().to_owned(), said), Barred::Sender),
        About::Quota => (What::QuotaReached(said), Barred::All),
        About::OwnMailbox => (What::OwnMailboxFull(said), Barred::All),
        About::Login => (What::LoginWanted(said), Barred::All),
        About::Letter | About::Recipient | About::Passing => return None,
    };
    Some(Outcome::Barred { obstacle: Obstacle::new(&settings.server(), what), of })
}

/// RFC 3463 §3.3 and §3.4 (5.2.3, 5.3.4), RFC 1870 §6 (552), and 523, which some relays say. An enhanced code says more than
/// the basic one: 552 5.2.2 is a mailbox that is full.
fn is_about_size(code: u16, reply: &str) -> bool {
    let enhanced = reply.split_whitespace().find(|word| {
        let digits: Vec<&str> = word.split('.').collect();
        digits.len() == 3
            && digits[0] == "5"
            && digits.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty())
    });
    match enhanced {
        Some(enhanced) => matches!(enhanced, "5.3.4" | "5.2.3"),
        None => code == 552 || code == 523,
    }
}

fn before_mail(lost: Lost) -> Broken {
    Broken::BeforeMail(lost.text(&[]))
}

fn before_dot(lost: Lost) -> Broken {
    Broken::BeforeDot(lost.text(&[]))
}

/// A relay that says 421 says that it did not take the letter.
fn after_dot(lost: Lost) -> Broken {
    match lost {
        Lost::Closing(_) => before_dot(lost),
        Lost::Cut(_) | Lost::Silent(_) | Lost::Unreadable(_) => Broken::AfterDot(lost.text(&[])),
    }
}
