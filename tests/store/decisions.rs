//! What was decided is written whole, and bears on the next mail.

use guichet::desk::*;
use guichet::mail::Language;
use guichet::store::*;

use crate::cast::decide;
use crate::cast::*;

async fn docket(store: &Store, keys: &Keys) -> Docket {
    store.begin().await.unwrap().docket(keys, at(5)).await.unwrap()
}

#[tokio::test]
async fn a_new_sender_is_a_contact_from_then_on() {
    on_both(async |store| {
        let keys = Keys {
            contacts: vec![
                nameless("Marie@Client.test"),
                named("paul@client.test", "Paul\0"),
                named("marie@client.test", "Marie"),
            ],
            ..Keys::default()
        };
        let mut tx = store.begin().await.unwrap();
        let first = tx.docket(&keys, at(1)).await.unwrap();
        tx.commit().await.unwrap();
        let marie = first.contact_at(&address("MARIE@client.test")).unwrap();
        let paul = first.contact_at(&address("paul@client.test")).unwrap();
        assert_eq!((marie.display(), paul.display()), ("Marie", "Paul"));
        assert_ne!(marie.person, paul.person);
        let second = docket(&store, &keys_of("marie@client.test")).await;
        assert_eq!(second.contact(marie.id), Some(marie));
        assert!(second.contact(paul.id).is_none());
    })
    .await;
}

#[tokio::test]
async fn the_name_last_seen_beside_an_address_is_kept() {
    on_both(async |store| {
        open_ticket(&store, 1).await;
        let renamed = Keys { contacts: vec![named("marie@client.test", "M. Tremblay")], ..Keys::default() };
        let mut tx = store.begin().await.unwrap();
        tx.docket(&renamed, at(1)).await.unwrap();
        tx.commit().await.unwrap();
        let nameless = Keys { contacts: vec![nameless("marie@client.test")], ..Keys::default() };
        let docket = docket(&store, &nameless).await;
        assert_eq!(docket.contact_at(&address("marie@client.test")).unwrap().display(), "M. Tremblay");
    })
    .await;
}

#[tokio::test]
async fn names_that_nobody_vouches_for_are_kept_within_bounds_and_never_become_the_contacts() {
    on_both(async |store| {
        open_ticket(&store, 1).await;
        let forged = |name: String| Sighting {
            name: Some(name),
            verified: false,
            ..Sighting::nameless(&address("marie@client.test"))
        };
        let see = async |contacts: Vec<Sighting>| {
            let mut tx = store.begin().await.unwrap();
            tx.docket(&Keys { contacts, ..Keys::default() }, at(1)).await.unwrap();
            tx.commit().await.unwrap();
        };
        see((0..15).map(|at| forged(format!("Banque {at:02}"))).collect()).await;
        see((0..15).map(|at| named("marie@client.test", &format!("Marie {at:02}"))).collect()).await;
        see(vec![forged("Paul".to_owned())]).await;
        let docket = docket(&store, &Keys { contacts: vec![nameless("marie@client.test")], ..Keys::default() }).await;
        let marie = docket.contact_at(&address("marie@client.test")).unwrap();
        assert_eq!(marie.display(), "Marie 14");
        assert_eq!(marie.names.iter().filter(|name| name.starts_with("Banque")).count(), 9);
        assert_eq!(marie.names.len(), 21);
        assert!(["Marie", "Marie 00", "Marie 14"].iter().all(|&name| marie.names.iter().any(|known| known == name)));
        let shown = store.ticket(TicketNumber(1)).await.unwrap().unwrap();
        assert_eq!(shown.contacts[&marie.id].names, marie.names);
    })
    .await;
}

#[tokio::test]
async fn a_long_name_is_cut() {
    on_both(async |store| {
        let keys = Keys { contacts: vec![named("marie@client.test", &"é".repeat(999))], ..Keys::default() };
        let mut tx = store.begin().await.unwrap();
        let docket = tx.docket(&keys, at(1)).await.unwrap();
        tx.commit().await.unwrap();
        let marie = docket.contact_at(&address("marie@client.test")).unwrap();
        assert_eq!((marie.name.clone(), marie.names.clone()), (Some("é".repeat(200)), vec!["é".repeat(200)]));
    })
    .await;
}

#[tokio::test]
async fn an_answer_finds_its_ticket_by_the_mail_that_it_cites() {
    on_both(async |store| {
        let (number, ledger) = open_ticket(&store, 1).await;
        let cited = id(&format!("m{ledger}@client.test"));
        let keys = Keys { message_ids: [cited.clone(), id("other@client.test")].into(), ..Keys::default() };
        let docket = docket(&store, &keys).await;
        assert_eq!(docket.threads[&cited], [ThreadHit { ticket: number }]);
        let dossier = docket.dossier(number).unwrap();
        assert_eq!((dossier.letters, dossier.entries.len(), dossier.sent.len()), (1, 1, 1));
        assert_eq!(dossier.entries[0].message_id, Some(cited));
        assert_eq!(dossier.entries[0].text, "L'imprimante fume.");
        assert_eq!(dossier.sent[0].purpose, Purpose::Acknowledgement);
        assert_eq!(dossier.sent[0].text.as_deref(), Some("Bien reçu."));
        assert!(docket.contact(dossier.ticket.requester.unwrap()).is_some(), "people of the ticket are known");
        assert_eq!(docket.next_ticket, 2);
    })
    .await;
}

#[tokio::test]
async fn a_letter_is_read_back_with_the_attachments_that_it_listed() {
    on_both(async |store| {
        let (number, ledger) = open_ticket(&store, 1).await;
        let listed = ["plan.pdf", "écran.png"].into_iter().enumerate().map(|(index, name)| Enclosure {
            ledger,
            index,
            name: name.to_owned(),
            content_type: "application/octet-stream".to_owned(),
            size: 7,
            content_id: None,
        });
        let listed: Vec<Enclosure> = listed.rev().collect();
        decide(&store, &keys_to(number), |docket, _| {
            vec![LetterRow {
                listed: listed.clone(),
                ..letter(docket, number, Purpose::NewTicket, &["alice@desk.test"])
            }]
        })
        .await;
        let docket = docket(&store, &keys_to(number)).await;
        let sent = &docket.dossier(number).unwrap().sent;
        assert_eq!((sent[0].listed.as_slice(), sent[1].listed.as_slice()), (&[][..], &listed[..]));
    })
    .await;
}

#[tokio::test]
async fn a_merged_ticket_brings_the_one_that_it_goes_on_in() {
    on_both(async |store| {
        let (old, _) = open_ticket(&store, 1).await;
        let (new, _) = open_ticket(&store, 2).await;
        decide(&store, &keys_to(old), |docket, decision| {
            happen(docket, decision, old, &[(2, Event::MergedInto { ticket: new })]);
            Vec::new()
        })
        .await;
        let docket = docket(&store, &keys_to(old)).await;
        assert_eq!(docket.dossier(old).unwrap().ticket.merged_into, Some(new));
        assert!(docket.dossier(new).is_some());
    })
    .await;
}

#[tokio::test]
async fn a_vendor_finds_its_ticket_by_its_own_case_number() {
    on_both(async |store| {
        let (number, _) = open_ticket(&store, 1).await;
        decide(&store, &keys_to(number), |docket, decision| {
            let learned = |vendor: &str, number: &str| Event::CaseNumberLearned {
                vendor: vendor.to_owned(),
                number: number.to_owned(),
                mark: None,
            };
            happen(docket, decision, number, &[(2, learned("acme", "INC77")), (2, learned("beta", "INC77"))]);
            Vec::new()
        })
        .await;
        let acme = ("acme".to_owned(), "INC77".to_owned());
        let keys =
            Keys { case_numbers: [acme.clone(), ("beta".to_owned(), "INC78".to_owned())].into(), ..Keys::default() };
        let docket = docket(&store, &keys).await;
        assert_eq!(docket.cases.len(), 1);
        assert_eq!(docket.cases[&acme], [number]);
        assert!(docket.dossier(number).is_some());
    })
    .await;
}

#[tokio::test]
async fn a_copy_is_recognised_by_its_message_id_or_its_bytes() {
    on_both(async |store| {
        let (number, ledger) = open_ticket(&store, 1).await;
        let copies = record(&store, &[Received { uid: None, ..mail(1) }, mail(2)]).await;
        let message_id = accounted(ledger).message_id.unwrap();
        let duplicate = Decision { outcome: Some(Outcome::Suppressed(Reason::Duplicate)), ..Decision::default() };
        let mut tx = store.begin().await.unwrap();
        let before = tx.docket(&Keys::default(), at(1)).await.unwrap();
        let copy = Accounted { ledger: copies[0], ..accounted(ledger) };
        let written = Written { mail: Some(&copy), decision: &duplicate, letters: &[] };
        tx.write(&[written], &before, at(1)).await.unwrap();
        tx.commit().await.unwrap();

        let keys = Keys {
            message_ids: [message_id.clone()].into(),
            raw_digests: [digest(1), digest(2)].into(),
            ..Keys::default()
        };
        let docket = docket(&store, &keys).await;
        let original = Seen {
            ledger,
            body_sha256: Some(digest(ledger.0 as u32)),
            author: None,
            weight: Weight::Recorded,
            outcome: Outcome::Ticket(number),
        };
        assert_eq!(docket.seen[&message_id], std::slice::from_ref(&original), "the copy itself is no original");
        assert_eq!(docket.seen_raw.get(&digest(1)), Some(&vec![original]));
        assert_eq!(docket.seen_raw.get(&digest(2)), None, "a mail that waits is not accounted for");
    })
    .await;
}

#[tokio::test]
async fn a_mail_cannot_be_decided_twice() {
    on_both(async |store| {
        let (_, ledger) = open_ticket(&store, 1).await;
        let mut tx = store.begin().await.unwrap();
        let docket = tx.docket(&Keys::default(), at(1)).await.unwrap();
        let decision = Decision { outcome: Some(Outcome::Suppressed(Reason::List)), ..Decision::default() };
        let mail = accounted(ledger);
        let written = Written { mail: Some(&mail), decision: &decision, letters: &[] };
        assert!(tx.write(&[written], &docket, at(1)).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn letters_of_the_last_hour_are_counted_for_each_correspondent() {
    on_both(async |store| {
        let (number, _) = open_ticket(&store, 1).await;
        decide(&store, &keys_to(number), |docket, _| {
            vec![
                letter(docket, number, Purpose::Answer, &["marie@client.test"]),
                letter(docket, number, Purpose::Status, &["Marie+vpn@client.test", "paul@client.test"]),
            ]
        })
        .await;
        let keys = Keys {
            correspondents: ["marie@client.test".to_owned(), "paul@client.test".to_owned()].into(),
            ..Keys::default()
        };
        let counted = docket(&store, &keys).await.counted_letters;
        let expected = vec![(at(1), Purpose::Acknowledgement), (at(2), Purpose::Status)];
        assert_eq!(counted.get("marie@client.test"), Some(&expected));
        assert_eq!(counted.len(), 1, "only the first recipient of a letter counts");
        let mut tx = store.begin().await.unwrap();
        let hour_later = tx.docket(&keys, at(3_600 + 1)).await.unwrap();
        assert_eq!(hour_later.counted_letters["marie@client.test"].len(), 1);
    })
    .await;
}

/// The text that counts them, and the index that it uses, name the same purposes as the rules.
#[tokio::test]
async fn letters_that_no_rule_asks_about_are_not_counted() {
    on_both(async |store| {
        let (number, _) = open_ticket(&store, 1).await;
        decide(&store, &keys_to(number), |docket, _| {
            Purpose::ALL.map(|purpose| letter(docket, number, purpose, &["paul@client.test"])).into()
        })
        .await;
        let keys = Keys { correspondents: ["paul@client.test".to_owned()].into(), ..Keys::default() };
        let counted = docket(&store, &keys).await.counted_letters;
        let mut counted: Vec<_> = counted["paul@client.test"].iter().map(|(_, purpose)| purpose.name()).collect();
        let mut expected: Vec<_> = Purpose::ALL.iter().filter(|one| one.is_counted()).map(Purpose::name).collect();
        counted.sort_unstable();
        expected.sort_unstable();
        assert_eq!(counted, expected);
    })
    .await;
}

#[tokio::test]
async fn what_was_learned_of_people_is_known_the_next_time() {
    on_both(async |store| {
        let (number, ledger) = open_ticket(&store, 1).await;
        let keys = Keys { contacts: vec![nameless("alice@desk.test")], ..keys_to(number) };
        decide(&store, &keys, |docket, decision| {
            let alice = docket.contact_at(&address("alice@desk.test")).unwrap().id;
            let marie = docket.dossier(number).unwrap().ticket.requester.unwrap();
            happen(docket, decision, number, &[(2, Event::Answered { letter: 2 })]);
            for _ in 0..3 {
                decision.entries.push(entry(number, ledger, EntryKind::AgentReply, alice));
            }
            decision.languages.push((marie, Language::ENGLISH));
            decision.languages.push((marie, Language::FRENCH));
            decision.undeliverable.push(marie);
            Vec::new()
        })
        .await;
        let keys = Keys { contacts: vec![nameless("alice@desk.test")], ..keys_of("marie@client.test") };
        let docket = docket(
            &store,
            &Keys { contacts: [keys.contacts, keys_of("marie@client.test").contacts].concat(), ..Keys::default() },
        )
        .await;
        let marie = docket.contact_at(&address("marie@client.test")).unwrap();
        assert_eq!((marie.language, marie.deliverable), (Some(Language::FRENCH), false));
        let alice = docket.contact_at(&address("alice@desk.test")).unwrap();
        assert_eq!(docket.answers_given.get(&alice.id), Some(&3));
        assert!(alice.deliverable);
    })
    .await;
}

#[tokio::test]
async fn of_an_old_ticket_the_first_request_the_newest_entries_and_letters_and_what_a_mail_answers_are_loaded() {
    on_both(async |store| {
        let (number, ledger) = open_ticket(&store, 1).await;
        decide(&store, &keys_to(number), |docket, decision| {
            let marie = docket.dossier(number).unwrap().ticket.requester.unwrap();
            for text in 1..=60 {
                let entry = entry(number, ledger, EntryKind::Request, marie);
                decision.entries.push(Entry { text: text.to_string(), ..entry });
            }
            (0..60).map(|_| letter(docket, number, Purpose::Notice, &["alice@desk.test"])).collect()
        })
        .await;
        let docket = docket(&store, &keys_to(number)).await;
        let dossier = docket.dossier(number).unwrap();
        assert_eq!((dossier.entries.len(), dossier.sent.len(), dossier.letters), (51, 50, 61));
        assert_eq!(dossier.first_request().unwrap().text, "L'imprimante fume.");
        assert_eq!((dossier.entries[1].text.as_str(), dossier.entries[50].text.as_str()), ("11", "60"));
        assert_eq!((dossier.sent[0].number, dossier.sent[49].number), (12, 61));

        let keys = Keys { letters: [(number, 5), (number, 61), (number, 99)].into(), ..keys_to(number) };
        let docket = self::docket(&store, &keys).await;
        let sent = &docket.dossier(number).unwrap().sent;
        assert_eq!((sent.len(), sent[0].number, sent[1].number), (51, 5, 12));
        assert_eq!(sent[0].recipients, [address("alice@desk.test")]);
    })
    .await;
}

#[tokio::test]
async fn a_commit_of_more_rows_than_one_statement_takes_is_written_whole() {
    on_both(async |store| {
        let (number, ledger) = open_ticket(&store, 1).await;
        decide(&store, &keys_to(number), |docket, decision| {
            let marie = docket.dossier(number).unwrap().ticket.requester.unwrap();
            for _ in 0..5_000 {
                happen(docket, decision, number, &[(2, Event::NoteAdded { ledger: None })]);
                decision.entries.push(entry(number, ledger, EntryKind::Note, marie));
            }
            Vec::new()
        })
        .await;
        let shown = store.ticket(number).await.unwrap().unwrap();
        assert_eq!((shown.history.len(), shown.entries.len(), shown.ticket.version), (5_002, 5_001, 5_002));
    })
    .await;
}

#[tokio::test]
async fn a_better_copy_settles_what_waited_in_quarantine_and_verifies_what_was_filed() {
    on_both(async |store| {
        let (number, ledger) = open_ticket(&store, 1).await;
        let waits = record(&store, &[mail(2)]).await[0];
        store.quarantine(waits, Reason::AgentUnverified, at(2)).await.unwrap();
        let doubtful = entry(number, waits, EntryKind::Request, ContactId(1));
        decide(&store, &keys_to(number), |_, decision| {
            decision.entries.push(Entry { trust: Trust::Unverified, ..doubtful.clone() });
            Vec::new()
        })
        .await;
        decide(&store, &keys_to(number), |_, decision| {
            decision.verified.push((number, waits));
            Vec::new()
        })
        .await;
        let mut tx = store.begin().await.unwrap();
        for settled in [waits, ledger] {
            tx.settle_quarantined(settled).await.unwrap();
        }
        tx.commit().await.unwrap();
        let outcome = async |ledger| store.ledger_line(ledger).await.unwrap().unwrap().outcome;
        assert_eq!(outcome(waits).await, Some(Outcome::Suppressed(Reason::Duplicate)));
        assert_eq!(outcome(ledger).await, Some(Outcome::Ticket(number)), "only what waits is settled");
        let shown = store.ticket(number).await.unwrap().unwrap();
        assert!(shown.entries.iter().all(|shown| shown.entry.trust == Trust::Verified));
    })
    .await;
}

#[tokio::test]
async fn who_is_away_is_known_with_their_open_tickets_until_they_are_back() {
    on_both(async |store| {
        let ((number, _), (over, _)) = (open_ticket(&store, 1).await, open_ticket(&store, 2).await);
        let alice = address("alice@desk.test");
        let contacts = vec![Sighting::nameless(&alice)];
        let whose = Keys { contacts, owners: [alice.key()].into(), ..Keys::default() };
        let both = Keys { tickets: [number, over].into(), ..whose.clone() };
        let away = |contact| Absence { contact, from: at(9), until: None, told_by: ToldBy::Robot, begun: false };
        let longer = |contact| Absence { until: Some(at(20)), told_by: ToldBy::Agent, begun: true, ..away(contact) };
        decide(&store, &both, |docket, decision| {
            let agent = docket.contact_at(&alice).unwrap().id;
            decision.absences = vec![(agent, None), (agent, Some(away(agent)))];
            happen(docket, decision, number, &[(5, Event::Assigned { agent })]);
            happen(docket, decision, over, &[(5, Event::Assigned { agent }), (6, Event::Closed)]);
            Vec::new()
        })
        .await;
        assert_eq!(store.beginning_absences(at(8)).await.unwrap(), []);
        assert_eq!(store.beginning_absences(at(9)).await.unwrap(), std::slice::from_ref(&alice));
        let known = docket(&store, &whose).await;
        let agent = known.contact_at(&alice).unwrap().id;
        assert_eq!(known.absences.get(&agent), Some(&away(agent)));
        assert_eq!(known.dossiers.keys().collect::<Vec<_>>(), [&number]);
        let say = async |absence: Option<Absence>| {
            decide(&store, &whose, |_, decision| {
                decision.absences = vec![(agent, absence)];
                Vec::new()
            })
            .await;
        };
        say(Some(longer(agent))).await;
        assert_eq!(store.beginning_absences(at(30)).await.unwrap(), []);
        // Whoever owns a ticket at hand is known without being asked for.
        assert_eq!(docket(&store, &keys_to(number)).await.absences.get(&agent), Some(&longer(agent)));
        say(None).await;
        assert!(docket(&store, &whose).await.absences.is_empty());
    })
    .await;
}
