//! The provider keeps a copy of what its relay took. A copy tells two things: under which Message-ID a letter went on, where the relay
//! gave it another one, and that a letter was taken whose answer was lost.
//!
//! Headers alone are read. Whoever can write into that folder is the operator; a copy counts by the token that we signed all the same.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use tokio::time::Instant;

use super::super::Gateway;
use super::super::counter::LETTERS_SENT;
use super::super::places::Place;
use super::{Sent, Trouble};
use crate::desk::TicketNumber;
use crate::imap::{Failure, Numbers, Session};
use crate::mail::token::{Keyring, Token};
use crate::mail::{self, MessageId};
use crate::store::{LetterId, MailboxStatus};

/// How often the folder is looked at while the answer to some letter was lost, where that is more often than it is polled.
const IN_DOUBT: Duration = Duration::from_secs(10);
/// How often the table is asked whether there is such a letter.
const LOOK_FOR_DOUBT: Duration = Duration::from_secs(5);
/// A letter whose answer was lost waits so long at least before it leaves again: its copy may be read by then.
pub(in crate::gateway) const FAIR_CHANCE: Duration = Duration::from_secs(60);
/// Headers in one command.
const HEADERS: u32 = 200;
/// Where it is not known how far the folder was read, and where the answer to a letter was lost whose copy may be there already, so many
/// of the newest are read.
const NEWEST: u32 = 500;
/// A connection that was used for so long is opened anew.
const OPEN_ANEW: Duration = Duration::from_secs(3_600);

/// What the loop holds from one look to the next.
#[derive(Default)]
struct Work {
    open: Option<Open>,
    trouble: Trouble,
    /// Letters whose answer was lost and whose copy was looked for among those that were there already.
    looked_for: BTreeSet<LetterId>,
}

struct Open {
    session: Session,
    place: Place,
    folder: String,
    since: Instant,
}

/// A copy of a letter of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Copied {
    ticket: TicketNumber,
    number: i64,
    message_id: Option<MessageId>,
}

impl Gateway {
    /// Ends where another gateway stands by and may reach the server.
    pub(super) async fn read_again_and_again(&self, sent: &Sent) {
        let mut work = Work::default();
        loop {
            match self.read_new(sent, &mut work).await {
                Ok(wait) => self.rest_without_doubt(wait, &work.looked_for).await,
                Err(error) => {
                    work.open = None;
                    let wait = self.hindered(sent, &mut work.trouble, &error).await;
                    if self.leases.is_wanted(&sent.imap.name) {
                        return;
                    }
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    /// Until the time is up, or the answer to another letter was lost.
    async fn rest_without_doubt(&self, wait: Duration, known: &BTreeSet<LetterId>) {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK_FOR_DOUBT)).await;
            // A store that does not answer is told of by whoever needs it.
            if self.store.letters_in_doubt().await.is_ok_and(|letters| letters.iter().any(|one| !known.contains(one))) {
                return;
            }
        }
    }

    /// Reads what came; how long to wait for more.
    async fn read_new(&self, sent: &Sent, work: &mut Work) -> Result<Duration> {
        let in_doubt: BTreeSet<LetterId> = self.store.letters_in_doubt().await?.into_iter().collect();
        let mut open = match still_open(work).await {
            Some(open) => open,
            None => self.open_copies(sent).await?,
        };
        let none = || Failure::Refused { command: "STATUS".to_owned(), said: "it tells no UIDNEXT".to_owned() };
        let numbers = open.session.look_at(&open.folder).await?.ok_or_else(none)?;
        let mut from = self.read_to(sent, numbers).await?;
        if !in_doubt.is_subset(&work.looked_for) {
            from = from.min(newest(numbers));
        }
        if from < numbers.uid_next {
            if open.session.examine(&open.folder).await?.is_none() {
                let said = format!("{} cannot be opened", open.folder);
                return Err(Failure::Refused { command: "EXAMINE".to_owned(), said }.into());
            }
            while from < numbers.uid_next {
                let next = from.saturating_add(HEADERS).min(numbers.uid_next);
                let headers = open.session.fetch_names(from, next - 1).await?;
                self.learn_from(&open.folder, &headers).await?;
                self.note_read(sent, Numbers { uid_next: next, ..numbers }).await?;
                from = next;
            }
        }
        work.looked_for = in_doubt;
        self.unhindered(sent, &mut work.trouble).await;
        let wait = if work.looked_for.is_empty() { sent.imap.poll } else { sent.imap.poll.min(IN_DOUBT) };
        if open.since.elapsed() >= OPEN_ANEW || open.place.is_over(sent.imap.poll, 1) {
            open.session.logout().await;
        } else {
            work.open = Some(open);
        }
        Ok(wait)
    }

    async fn open_copies(&self, sent: &Sent) -> Result<Open> {
        let place = self.places.take(&sent.imap, false).await;
        let mut session = Session::connect(&sent.imap).await?;
        if !session.find_sent().await? {
            let said = "the server has no folder for sent mail: name it as folder in [sent]".to_owned();
            return Err(Failure::Refused { command: "LIST".to_owned(), said }.into());
        }
        let folder = session.watched();
        Ok(Open { session, place, folder, since: Instant::now() })
    }

    /// From which UID on the folder is to be read.
    async fn read_to(&self, sent: &Sent, numbers: Numbers) -> Result<u32> {
        let known = self.store.mailbox(&sent.imap.name).await?;
        let known = known.filter(|known| known.uid_validity == Some(numbers.uid_validity));
        Ok(known.and_then(|known| known.uid_next).unwrap_or_else(|| newest(numbers)))
    }

    async fn note_read(&self, sent: &Sent, numbers: Numbers) -> Result<()> {
        let now = self.time.now();
        let status = MailboxStatus {
            name: sent.imap.name.clone(),
            state: "reading".to_owned(),
            last_exchange: Some(now),
            uid_validity: Some(numbers.uid_validity),
            waiting: 0,
            waiting_since: None,
            trouble: None,
            uid_next: Some(numbers.uid_next),
            unseen: 0,
        };
        self.store.tell_mailbox(&status, now).await
    }

    /// What copies of our letters tell.
    async fn learn_from(&self, folder: &str, headers: &[Vec<u8>]) -> Result<()> {
        let keyring = self.keyring();
        let copies: Vec<Copied> = headers.iter().filter_map(|header| copied(header, &keyring)).collect();
        if copies.is_empty() {
            return Ok(());
        }
        let keys: Vec<(TicketNumber, i64)> = copies.iter().map(|copy| (copy.ticket, copy.number)).collect();
        let named = self.store.letters_named(&keys).await?;
        let letters = copies.iter().filter_map(|copy| Some((copy, named.get(&(copy.ticket, copy.number))?)));
        let mut learned = Vec::new();
        let mut taken = BTreeSet::new();
        for (copy, (letter, own)) in letters {
            taken.insert(*letter);
            learned.extend(copy.message_id.clone().filter(|id| Some(id) != own.as_ref()).map(|id| (*letter, id)));
        }
        self.store.learn_message_ids(&learned).await?;
        let taken: Vec<LetterId> = taken.into_iter().collect();
        let reply = format!("no answer of the relay, and a copy in {folder}: it took the letter");
        for delivery in self.store.settle_seen(&taken, &reply, self.time.now()).await? {
            LETTERS_SENT.count();
            tracing::info!(outbox.id = delivery.0, "A letter whose answer was lost is sent: its copy lies in {folder}");
        }
        Ok(())
    }
}

/// The connection that was used before, unless its server closed it meanwhile: providers do, after an hour or a day.
async fn still_open(work: &mut Work) -> Option<Open> {
    let mut open = work.open.take()?;
    open.session.is_alive().await.then_some(open)
}

fn newest(numbers: Numbers) -> u32 {
    numbers.uid_next.saturating_sub(NEWEST).max(1)
}

/// Which letter of ours a header is of, by the tokens in its Message-ID, Reply-To and Return-Path; none where they name several.
fn copied(header: &[u8], keyring: &Keyring) -> Option<Copied> {
    let text = String::from_utf8_lossy(header);
    let tokens = Token::find_all(&text).into_iter().filter(|token| token.letter > 0 && keyring.verify(token));
    let named: BTreeSet<(i64, i64)> = tokens.map(|token| (token.ticket, token.letter)).collect();
    let mut named = named.into_iter();
    let (Some((ticket, number)), None) = (named.next(), named.next()) else { return None };
    Some(Copied { ticket: TicketNumber(ticket), number, message_id: mail::parse(header).message_id })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::token::{Key, TokenAudience};

    fn keyring(byte: u8) -> Keyring {
        Keyring::new(Key { id: 1, secret: vec![byte; 32] }, Vec::new())
    }

    fn header(message_id: &str, reply_to: &str) -> Vec<u8> {
        format!("Message-ID: <{message_id}>\r\nReply-To: Desk\r\n <{reply_to}>\r\n\r\n").into_bytes()
    }

    #[test]
    fn a_copy_is_known_by_the_token_that_we_signed() {
        let ours = keyring(7);
        let token = ours.sign(123, 7, TokenAudience::Requester).to_string();
        let known = |header: &[u8]| copied(header, &ours).map(|copy| (copy.ticket.0, copy.number, copy.message_id));
        let id = |text: &str| MessageId::new(text);
        let own = format!("{token}@desk.example");
        assert_eq!(known(&header(&own, "support@desk.example")), Some((123, 7, id(&own))));
        let answers = format!("support+{}@desk.example", token.to_lowercase());
        assert_eq!(known(&header("0102@other.example", &answers)), Some((123, 7, id("0102@other.example"))));

        let root = ours.sign(123, 0, TokenAudience::Vendor);
        assert_eq!(
            known(&header("0102@other.example", &format!("support+{root}@desk.example"))),
            None,
            "of the ticket"
        );
        let other = ours.sign(123, 8, TokenAudience::Requester);
        assert_eq!(known(&header(&own, &format!("support+{other}@desk.example"))), None, "of two letters");
        let forged = keyring(8).sign(123, 7, TokenAudience::Requester);
        assert_eq!(known(&header("0102@other.example", &format!("support+{forged}@desk.example"))), None);
        assert_eq!(known(&header("0102@other.example", "support@desk.example")), None);
    }

    #[test]
    fn of_a_folder_that_was_not_read_yet_the_newest_are_read() {
        let from = |uid_next| newest(Numbers { uid_validity: 7, uid_next });
        assert_eq!((from(1), from(300), from(10_000)), (1, 1, 9_500));
    }
}
