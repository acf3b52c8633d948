//! From a recorded mail to its commit (instant 2): parse, decide, compose, write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;
use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::Gateway;
use super::beside::beside;
use super::caught::caught;
use super::proof::Answers;
use super::sitting::{Finished, Sitting};
use crate::desk::{
    self, Arrival, Command, ContactId, Docket, Enclosure, FoundTickets, HeldMail, Incoming, Instructions, LedgerId,
    Names, NewWords, Occasion, Proof, Reason, TicketNumber, Vouched,
};
use crate::mail::token::Keyring;
use crate::mail::{self, InboundMail};
use crate::store::{self, Class, Pending, TicketFilter, Tx};

/// One commit holds at most so many mails; enough to spread the cost of making it durable.
const MAILS_PER_COMMIT: usize = 100;
/// And so many bytes, so that memory stays small.
const BYTES_PER_COMMIT: u64 = 2 << 20;
/// So many mails at once are a burst: a morning's backlog, or an outage that ended.
const BURST: usize = 50;
/// The attachments of a ticket are those of its first mail and of so many newest ones.
const MAILS_WITH_FILES: usize = 50;
/// A letter shows so many tickets that were found.
const FOUND_MAX: usize = 20;
/// So many words of a search are looked for.
const WORDS_MAX: usize = 8;
/// In a burst acknowledgements leave first: notices to agents wait that long.
const GIVE_WAY: SignedDuration = SignedDuration::from_secs(1);
/// A mail on which the program failed so often is set aside.
const ATTEMPTS_MAX: u32 = 5;
/// Mail that is older at the first start is only indexed.
pub const FIRST_DAY: SignedDuration = SignedDuration::from_hours(24);
/// How long the loop waits for a hint before it looks at the table without one.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// The same where another gateway may have recorded mails and died before it hinted.
const LOOK_AGAIN_SHARED: Duration = Duration::from_secs(5);
/// How long to wait after a fault of the store.
const AFTER_FAULT: Duration = Duration::from_secs(2);

/// What one look at the ledger came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenIn {
    /// No mail waits for its decision.
    Nothing,
    /// So many mails were decided.
    Mails(usize),
}

/// How many mails share a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Batch {
    /// As many as fit.
    Many,
    /// One, with the blame noted before it is touched: the program may die of it.
    One,
}

/// A mail with what is found out before the transaction.
pub(super) struct ReadMail {
    pending: Pending,
    mail: InboundMail,
    pub(super) proof: Proof,
    arrival: Arrival,
}

impl ReadMail {
    /// What it says that waits for an agent's word is looked up once the docket is known.
    pub(super) fn incoming(&self) -> Incoming<'_> {
        Incoming {
            ledger: self.pending.ledger,
            mail: &self.mail,
            raw_sha256: self.pending.mail.raw_sha256,
            proof: &self.proof,
            arrival: self.arrival,
            held: None,
        }
    }
}

impl Gateway {
    /// When a mail came, as far as letters may answer it.
    fn arrival(&self, pending: &Pending, first_start: Timestamp) -> Arrival {
        let old = first_start.duration_since(pending.mail.internal_date) > FIRST_DAY;
        let is_junk = || self.mailbox_of(pending).is_some_and(|mailbox| mailbox.is_junk);
        match (old, pending.mail.answered) {
            _ if pending.released == Some(Vouched::Author) => Arrival::Ordinary,
            _ if pending.released == Some(Vouched::Colleague) => Arrival::Released,
            (true, _) => Arrival::BeforeFirstStart,
            (false, true) => Arrival::Answered,
            (false, false) if is_junk() => Arrival::Junk,
            (false, false) => Arrival::Ordinary,
        }
    }

    /// Decides what is recorded until `stop`. After a run that did not end in order, the mails that wait are taken one
    /// by one: one of them may be why.
    pub(super) async fn intake(&self, after_crash: bool, stop: &CancellationToken) -> Result<()> {
        let mut alone = if after_crash { MAILS_PER_COMMIT } else { 0 };
        let first_start = self.store.first_start(self.time.now()).await?;
        let mut answers = Answers::new();
        while !stop.is_cancelled() {
            let batch = if alone > 0 { Batch::One } else { Batch::Many };
            let taken = match batch {
                Batch::One => self.take_in_one(first_start, &mut answers).await,
                Batch::Many => self.take_in_many(first_start).await,
            };
            match taken {
                Ok(TakenIn::Nothing) => {
                    alone = 0;
                    answers.clear();
                    let longest = if self.store.is_shared() { LOOK_AGAIN_SHARED } else { LOOK_AGAIN };
                    self.hints.recorded.wait(longest, stop).await;
                }
                Ok(TakenIn::Mails(_)) => {
                    alone = alone.saturating_sub(1);
                    // What was just decided leaves before more is.
                    tokio::task::yield_now().await;
                }
                Err(error) if batch == Batch::Many && !store::is_unavailable(&error) => {
                    tracing::warn!(
                        error = format!("{error:#}"),
                        "Cannot decide mails together: trying them one by one"
                    );
                    alone = MAILS_PER_COMMIT;
                }
                Err(error) => {
                    tracing::error!(
                        error = format!("{error:#}"),
                        "Cannot decide what waits; it stays recorded and is tried again"
                    );
                    tokio::select! {
                        () = tokio::time::sleep(AFTER_FAULT) => {}
                        () = stop.cancelled() => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// Decides the oldest mails that wait, in one commit.
    pub async fn take_in(&self) -> Result<TakenIn> {
        let first_start = self.store.first_start(self.time.now()).await?;
        self.take_in_many(first_start).await
    }

    /// Decides the oldest mail that waits, as after a run that did not end in order.
    pub async fn take_in_alone(&self) -> Result<TakenIn> {
        let first_start = self.store.first_start(self.time.now()).await?;
        self.take_in_one(first_start, &mut Answers::new()).await
    }

    async fn take_in_many(&self, first_start: Timestamp) -> Result<TakenIn> {
        let mut answers = Answers::new();
        let (tx, pending, unanswered) = self.to_decide(&answers).await?;
        if unanswered.is_empty() {
            return self.decide_those(tx, pending, &answers, first_start).await;
        }
        // Nobody waits for a name server within a commit. This one has written nothing; dropped, it would go on to lock its
        // mails for a while. Which mails wait is read anew behind the answers; what came meanwhile has its own turn.
        if let Some(tx) = tx {
            tx.commit().await?;
        }
        self.ask(&unanswered, |one| self.arrival(one, first_start), &mut answers).await?;
        let (tx, pending, unanswered) = self.to_decide(&answers).await?;
        if pending.is_empty() && !unanswered.is_empty() {
            return Ok(TakenIn::Mails(0));
        }
        self.decide_those(tx, pending, &answers, first_start).await
    }

    /// The oldest mails that wait, and beside them those of whom name servers must be asked first; in a commit where others
    /// share the database. Whoever has it alone reads the mails before the commit begins: letters are claimed meanwhile.
    async fn to_decide(&self, answers: &Answers) -> Result<(Option<Tx>, Vec<Pending>, Vec<Pending>)> {
        let mut tx = if self.store.is_shared() { Some(self.store.begin().await?) } else { None };
        let now = self.time.now();
        let mut pending = match &mut tx {
            Some(tx) => tx.pending(MAILS_PER_COMMIT, BYTES_PER_COMMIT, now).await?,
            None => self.store.pending(MAILS_PER_COMMIT, BYTES_PER_COMMIT, now).await?,
        };
        let unanswered = self.unanswered(&mut pending, answers);
        Ok((tx, pending, unanswered))
    }

    async fn decide_those(
        &self,
        mut tx: Option<Tx>,
        pending: Vec<Pending>,
        answers: &Answers,
        first_start: Timestamp,
    ) -> Result<TakenIn> {
        if pending.is_empty() {
            return Ok(TakenIn::Nothing);
        }
        let read = self.read_all(tx.as_mut(), pending, answers, first_start).await?;
        let tx = match tx {
            Some(tx) => tx,
            None => self.store.begin().await?,
        };
        self.decide_all(tx, &read).await
    }

    async fn take_in_one(&self, first_start: Timestamp, answers: &mut Answers) -> Result<TakenIn> {
        self.pardon().await?;
        self.ask_together(first_start, answers).await?;
        let now = self.time.now();
        let pending = self.store.pending(1, BYTES_PER_COMMIT, now).await?;
        if pending.is_empty() {
            return Ok(TakenIn::Nothing);
        }
        for one in pending {
            if one.attempts >= ATTEMPTS_MAX {
                self.store.quarantine(one.ledger, Reason::Poison, now).await?;
                self.hints.decided.give();
                tracing::error!(
                    ledger.id = one.ledger.0,
                    "Mail set aside: the program failed on it {ATTEMPTS_MAX} times. Look at it with 'guichet ledger', try again with 'guichet ledger retry'"
                );
                continue;
            }
            self.store.blame(&[one.ledger], now).await?;
            let ledger = one.ledger;
            let decided = self.decide_alone(one, first_start, answers).await;
            if decided.as_ref().is_err_and(store::is_unavailable) {
                self.pardons.lock().unwrap_or_else(PoisonError::into_inner).insert(ledger);
            }
            decided?;
        }
        Ok(TakenIn::Mails(1))
    }

    /// Asks name servers about all mails that wait and were never blamed, so that those who are decided one by one need not wait
    /// for each other's answers. They bear the blame meanwhile: should the program die of one, each is asked about alone.
    async fn ask_together(&self, first_start: Timestamp, answers: &mut Answers) -> Result<()> {
        if !self.asks_name_servers() {
            return Ok(());
        }
        let now = self.time.now();
        let mut pending = self.store.pending(MAILS_PER_COMMIT, BYTES_PER_COMMIT, now).await?;
        pending.retain(|one| one.attempts == 0);
        let unanswered = self.unanswered(&mut pending, answers);
        let mails: Vec<LedgerId> = unanswered.iter().map(|one| one.ledger).collect();
        self.store.blame(&mails, now).await?;
        self.ask(&unanswered, |one| self.arrival(one, first_start), answers).await?;
        for mail in mails {
            self.store.pardon(mail).await?;
        }
        Ok(())
    }

    async fn decide_alone(&self, one: Pending, first_start: Timestamp, answers: &mut Answers) -> Result<TakenIn> {
        let unanswered = self.unanswered(&mut vec![one], answers);
        self.ask(&unanswered, |one| self.arrival(one, first_start), answers).await?;
        let mut tx = self.store.begin().await?;
        let mut again = tx.pending(1, BYTES_PER_COMMIT, self.time.now()).await?;
        // Where another gateway took it meanwhile, the next one has its own turn.
        self.unanswered(&mut again, answers);
        self.decide_those(Some(tx), again, answers, first_start).await
    }

    /// Takes back what mails were blamed for while it was the store that failed.
    async fn pardon(&self) -> Result<()> {
        let mails: Vec<LedgerId> =
            self.pardons.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        for mail in mails {
            self.store.pardon(mail).await?;
            self.pardons.lock().unwrap_or_else(PoisonError::into_inner).remove(&mail);
        }
        Ok(())
    }

    pub(super) async fn read_all(
        &self,
        mut tx: Option<&mut Tx>,
        mut pending: Vec<Pending>,
        answers: &Answers,
        first_start: Timestamp,
    ) -> Result<Vec<ReadMail>> {
        // What was read needs its bytes no more.
        let parse = |one: &mut Pending| {
            let raw = std::mem::take(&mut one.mail.raw);
            let mail = caught(one.ledger, || mail::parse(&raw))?;
            anyhow::Ok(match one.mail.taken_in_part() {
                Some(part) => mail.taken_in_part(part),
                None => mail,
            })
        };
        let mails: Vec<InboundMail> = beside(|| pending.iter_mut().map(parse).collect::<Result<_>>())?;
        let mails = self.knowing_relayed(tx.as_deref_mut(), mails).await?;
        let proofs = self.prove(&pending, &mails, answers)?;
        let junk_since = self.junk_since(&pending).await?;
        let mails = self.knowing_letters(tx, mails).await?;
        let read = pending.into_iter().zip(mails).zip(proofs);
        read.map(|((pending, mail), proof)| {
            let (mail, proof) = caught(pending.ledger, || self.attributed(&pending.mail.mailbox, mail, proof))?;
            let begun = junk_since.get(&pending.mail.mailbox).map_or(first_start, |since| first_start.max(*since));
            let arrival = self.arrival(&pending, begun);
            Ok(ReadMail { pending, mail, proof, arrival })
        })
        .collect()
    }

    /// Since when the folders for junk are watched that hold one of these mails: a month's junk that stood there before is as
    /// old as mail of before the first start.
    async fn junk_since(&self, pending: &[Pending]) -> Result<BTreeMap<String, Timestamp>> {
        let mut since = BTreeMap::new();
        for watched in pending.iter().filter_map(|one| self.mailbox_of(one)).filter(|watched| watched.is_junk) {
            let name = &watched.imap.name;
            if !since.contains_key(name)
                && let Some(first) = self.store.watched_since(name).await?
            {
                since.insert(name.clone(), first);
            }
        }
        Ok(since)
    }

    /// The mail as its author's, whoever handed it in.
    fn attributed(&self, mailbox: &str, mail: InboundMail, proof: Proof) -> (InboundMail, Proof) {
        let authentication = self.authentication_of(mailbox);
        let found = proof.found().cloned();
        desk::attributed(&self.policy, mail, proof, |mail| {
            authentication.map(|authentication| authentication.vouched(mail, found.as_ref())).unwrap_or_default()
        })
    }

    async fn decide_all(&self, tx: Tx, read: &[ReadMail]) -> Result<TakenIn> {
        // No earlier than any of them came, however long the commit was waited for.
        let (sitting, mut finished) = self.deliberate(tx, read, self.time.now()).await?;
        if read.len() >= BURST {
            let letters = finished.iter_mut().flat_map(|one| &mut one.letters);
            letters
                .filter(|letter| Class::of(letter.purpose) == Class::Notice)
                .for_each(|notice| notice.wait(GIVE_WAY));
        }
        sitting.commit(&finished).await?;
        Ok(TakenIn::Mails(read.len()))
    }

    /// Decides these mails, one after the other, and commits nothing of it.
    pub(super) async fn deliberate(
        &self,
        tx: Tx,
        read: &[ReadMail],
        now: Timestamp,
    ) -> Result<(Sitting<'_>, Vec<Finished>)> {
        let occasions: Vec<Occasion<'_>> = read.iter().map(|one| Occasion::Mail(one.incoming())).collect();
        let mut sitting = self.sit(tx, &occasions, now).await?;
        self.look_up_for_staff(&mut sitting, read).await?;
        Gateway::learn_numbers(&mut sitting.docket, &sitting.keyring, read);
        let mut finished: Vec<Finished> = Vec::with_capacity(read.len());
        while let [first, ..] = &read[finished.len()..] {
            let held = self.held_mail(&mut sitting, &first.mail).await?;
            beside(|| decide_on(&mut sitting, read, held.as_ref(), &mut finished))?;
        }
        Ok((sitting, finished))
    }

    /// A mail may bear a token that we signed, of a ticket or letter that this store never made: it was put back from a copy,
    /// and that number is used.
    fn learn_numbers(docket: &mut Docket, keyring: &Keyring, read: &[ReadMail]) {
        let tokens = read.iter().flat_map(|one| &one.mail.tokens).map(|carried| carried.token);
        for token in tokens.filter(|token| token.ticket > 0 && keyring.verify(token)) {
            if token.ticket >= docket.next_ticket {
                tracing::warn!(
                    "A mail names the ticket {}, which this store does not know: it was put back from a copy",
                    TicketNumber(token.ticket)
                );
                docket.next_ticket = token.ticket + 1;
            } else if let Some(dossier) = docket.dossiers.get_mut(&TicketNumber(token.ticket)) {
                dossier.letters = dossier.letters.max(token.letter);
            }
        }
    }

    /// What only agents' mails need: the attachments of their tickets, and the work that is open.
    async fn look_up_for_staff(&self, sitting: &mut Sitting<'_>, read: &[ReadMail]) -> Result<()> {
        let from_staff =
            |one: &&ReadMail| one.mail.from.as_ref().is_some_and(|from| self.policy.is_staff(&from.address));
        let mut tickets: BTreeSet<TicketNumber> = BTreeSet::new();
        for one in read.iter().filter(from_staff) {
            tickets.extend(desk::keys(sitting.rules(), &Occasion::Mail(one.incoming())).tickets);
            let threads = one.mail.in_reply_to.iter().filter_map(|id| sitting.docket.threads.get(id));
            tickets.extend(threads.flatten().map(|hit| hit.ticket));
            let words = NewWords { text: &one.mail.body.reply_text, ..NewWords::default() };
            let instructions = Instructions::read(&words, &Names::default());
            for command in &instructions.commands {
                match command {
                    Command::List => {
                        sitting.docket.worklist = self.store.tickets(&TicketFilter::at_work()).await?.tickets;
                    }
                    Command::Search(words) => {
                        let search = words.split_whitespace().take(WORDS_MAX).map(str::to_owned).collect();
                        let filter = TicketFilter { search, ..TicketFilter::default() };
                        let page = self.store.ticket_page(&filter, None, FOUND_MAX).await?;
                        let found = FoundTickets { tickets: page.list.tickets, more: page.next.is_some() };
                        sitting.docket.found.insert(words.clone(), found);
                    }
                    Command::Show(number) => {
                        let disclosures = self.store.disclosures(*number).await?;
                        sitting.docket.disclosures.insert(*number, disclosures);
                    }
                    _ => {}
                }
            }
        }
        // A list names who asks.
        let listed =
            sitting.docket.worklist.iter().chain(sitting.docket.found.values().flat_map(|found| &found.tickets));
        let requesters: BTreeSet<ContactId> = listed.filter_map(|ticket| ticket.requester).collect();
        sitting.tx.enter_contacts(requesters, &mut sitting.docket).await?;
        let merged = tickets.iter().filter_map(|number| sitting.docket.dossier(*number)?.ticket.merged_into);
        tickets.extend(merged.collect::<Vec<_>>());
        for number in tickets {
            enter_attachments(sitting, number).await?;
        }
        Ok(())
    }

    /// The mail that waits for an agent's `#ok`, if the answered letter speaks of one.
    async fn held_mail(
        &self,
        sitting: &mut Sitting<'_>,
        mail: &InboundMail,
    ) -> Result<Option<(LedgerId, InboundMail)>> {
        let Some(about) = desk::held_mail(&sitting.docket, mail, &sitting.keyring) else { return Ok(None) };
        let Some(raw) = sitting.tx.raw(about).await? else { return Ok(None) };
        let mail = caught(about, || raw.parse())?;
        let mails = self.knowing_relayed(Some(&mut sitting.tx), vec![mail]).await?;
        Ok(self.knowing_letters(Some(&mut sitting.tx), mails).await?.pop().map(|mail| (about, mail)))
    }
}

/// Decides the next of these mails, and those behind it up to one that is about another one that waits.
fn decide_on(
    sitting: &mut Sitting<'_>,
    read: &[ReadMail],
    held: Option<&(LedgerId, InboundMail)>,
    finished: &mut Vec<Finished>,
) -> Result<()> {
    let mut held = held.map(|(ledger, mail)| HeldMail { ledger: *ledger, mail });
    for one in &read[finished.len()..] {
        let occasion = Occasion::Mail(Incoming { held: held.take(), ..one.incoming() });
        finished.push(caught(one.pending.ledger, || sitting.decide(&occasion))??);
        let next = read.get(finished.len());
        if next.is_some_and(|next| desk::held_mail(&sitting.docket, &next.mail, &sitting.keyring).is_some()) {
            break;
        }
    }
    Ok(())
}

/// Enters the attachments of a ticket's mails.
pub(super) async fn enter_attachments(sitting: &mut Sitting<'_>, number: TicketNumber) -> Result<()> {
    let Some(dossier) = sitting.docket.dossiers.get_mut(&number) else { return Ok(()) };
    let mut attachments: Vec<Enclosure> = Vec::new();
    let mut mails: Vec<LedgerId> = dossier.entries.iter().filter_map(|entry| entry.ledger).collect();
    // A mail may stand there twice: as what somebody asks, and as what an agent says of it.
    mails.dedup();
    let newest = mails.len().saturating_sub(MAILS_WITH_FILES);
    for ledger in mails[..newest].iter().take(1).chain(&mails[newest..]).copied() {
        if let Some(raw) = sitting.tx.raw(ledger).await? {
            attachments.extend(desk::enclosures_of(ledger, &caught(ledger, || raw.parse())?));
        }
    }
    dossier.attachments = attachments;
    Ok(())
}
