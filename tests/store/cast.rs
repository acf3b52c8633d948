//! Stores to test with, and what is put into them.

use guichet::desk::*;
use guichet::mail::{Address, Language, MessageId};
use guichet::store::*;
use jiff::Timestamp;

use crate::support::PostgreSql;

/// Runs a story on an empty SQLite store, and on PostgreSQL.
pub(crate) async fn on_both<F: AsyncFn(Store)>(story: F) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/new/guichet.db", folder.path().display());
    let store = Store::open(&Settings { url }).await.unwrap();
    story(store.clone()).await;
    store.close().await;

    let database = PostgreSql::start();
    let store = Store::open(&Settings { url: database.url() }).await.unwrap();
    story(store.clone()).await;
    store.close().await;
}

/// Seconds after the story's beginning.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

pub(crate) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

pub(crate) fn id(text: &str) -> MessageId {
    MessageId::new(text).unwrap()
}

pub(crate) fn digest(seed: u32) -> [u8; 32] {
    let mut digest = [0; 32];
    digest[..4].copy_from_slice(&seed.to_be_bytes());
    digest
}

/// A mail of `support` with this UID.
pub(crate) fn mail(uid: u32) -> Received {
    let raw = format!("From: marie@client.test\r\nSubject: {uid}\r\n\r\nBonjour, l'imprimante {uid} fume.\r\n");
    Received {
        mailbox: "support".to_owned(),
        uid: Some((7, uid)),
        size: raw.len() as u64,
        raw: raw.into_bytes().into(),
        raw_sha256: Some(digest(uid)),
        internal_date: at(-10),
        received_at: at(0),
        answered: false,
    }
}

pub(crate) async fn record(store: &Store, mails: &[Received]) -> Vec<LedgerId> {
    store.record(mails).await.unwrap().into_iter().flatten().collect()
}

pub(crate) fn accounted(ledger: LedgerId) -> Accounted {
    Accounted {
        ledger,
        message_id: Some(id(&format!("m{ledger}@client.test"))),
        body_sha256: digest(ledger.0 as u32),
        author: None,
        proof: Proof::Nothing,
    }
}

/// An address beside which a verified mail bears this name.
pub(crate) fn named(contact: &str, name: &str) -> Sighting {
    Sighting { address: address(contact), name: Some(name.to_owned()), verified: true }
}

pub(crate) fn nameless(contact: &str) -> Sighting {
    Sighting::nameless(&address(contact))
}

/// Keys that name one contact.
pub(crate) fn keys_of(contact: &str) -> Keys {
    Keys { contacts: vec![named(contact, "Marie")], ..Keys::default() }
}

/// Applies events to a ticket of the docket, opens it if need be, and puts them into the decision.
pub(crate) fn happen(docket: &mut Docket, decision: &mut Decision, number: TicketNumber, events: &[(i64, Event)]) {
    let dossier = docket
        .dossiers
        .entry(number)
        .or_insert_with(|| Dossier::new(Ticket::new(number, "support", "L'imprimante fume", Language::FRENCH, at(0))));
    for (seconds, event) in events {
        // They take turns.
        let role = if seconds % 2 == 0 { Role::Agent } else { Role::Requester };
        let by = Actor { role, contact: dossier.ticket.requester };
        let happened = Happened { at: at(*seconds), by, event: event.clone() };
        dossier.ticket = dossier.ticket.clone().after(&happened);
        decision.history.push((number, happened));
    }
}

/// A letter about a ticket, due at once.
pub(crate) fn letter(docket: &mut Docket, number: TicketNumber, purpose: Purpose, to: &[&str]) -> LetterRow {
    let dossier = docket.dossiers.get_mut(&number).unwrap();
    dossier.letters += 1;
    LetterRow {
        ticket: Some(number),
        number: dossier.letters,
        purpose,
        audience: Audience::Requester,
        privacy: None,
        language: Language::FRENCH,
        message_id: id(&format!("{number}.{}@desk.test", dossier.letters)),
        subject: "[SD R-000001] L'imprimante fume".to_owned(),
        text: Some("Bien reçu.".to_owned()),
        bytes: (*b"From: support@desk.test\r\n\r\nBien re=C3=A7u.\r\n").into(),
        enclosures: Vec::new(),
        listed: Vec::new(),
        readers: None,
        automatic: !purpose.is_human(),
        about: None,
        form: None,
        ticket_version: dossier.ticket.version,
        deliveries: to.iter().map(|to| (address(to), None)).collect(),
        state: LetterState::Due(at(0)),
    }
}

pub(crate) fn entry(ticket: TicketNumber, ledger: LedgerId, kind: EntryKind, author: ContactId) -> Entry {
    Entry {
        ticket,
        at: at(1),
        ledger: Some(ledger),
        message_id: Some(id(&format!("m{ledger}@client.test"))),
        kind,
        audience: Audience::Requester,
        trust: Trust::Verified,
        author_role: Role::Requester,
        author: Some(author),
        text: "L'imprimante fume.".to_owned(),
    }
}

/// Takes the mail in and opens a ticket for it, with an acknowledgement to Marie.
pub(crate) async fn open_ticket(store: &Store, uid: u32) -> (TicketNumber, LedgerId) {
    let ledger = record(store, &[mail(uid)]).await[0];
    let mut tx = store.begin().await.unwrap();
    let mut docket = tx.docket(&keys_of("marie@client.test"), at(1)).await.unwrap();
    let number = TicketNumber(docket.next_ticket);
    docket.next_ticket += 1;
    let marie = docket.contact_at(&address("marie@client.test")).unwrap().id;
    let mut decision = Decision { outcome: Some(Outcome::Ticket(number)), ..Decision::default() };
    let opened = Event::Opened {
        requester: Some(marie),
        origin: Origin::Mail,
        request_type: RequestType::Incident,
        desk: None,
        address: Some(address("support@desk.test")),
        automatic: false,
    };
    happen(&mut docket, &mut decision, number, &[(1, opened), (1, Event::MailReceived { ledger })]);
    decision.entries.push(entry(number, ledger, EntryKind::Request, marie));
    decision.threads.push((id(&format!("m{ledger}@client.test")), number));
    let letters = [letter(&mut docket, number, Purpose::Acknowledgement, &["marie@client.test"])];
    let mail = accounted(ledger);
    let written = Written { mail: Some(&mail), decision: &decision, letters: &letters };
    tx.write(&[written], &docket, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    (number, ledger)
}

/// A commit about tickets that are there already.
pub(crate) async fn decide(
    store: &Store,
    keys: &Keys,
    decide: impl FnOnce(&mut Docket, &mut Decision) -> Vec<LetterRow>,
) {
    let mut tx = store.begin().await.unwrap();
    let mut docket = tx.docket(keys, at(2)).await.unwrap();
    let mut decision = Decision::default();
    let letters = decide(&mut docket, &mut decision);
    let written = Written { mail: None, decision: &decision, letters: &letters };
    tx.write(&[written], &docket, at(2)).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) fn keys_to(number: TicketNumber) -> Keys {
    Keys { tickets: [number].into(), ..Keys::default() }
}
