//! What people and tools are shown.

use guichet::desk::*;
use guichet::known_fix::{Answer, Article, Outcomes};
use guichet::letters::PlacedEnclosure;
use guichet::mail::Language;
use guichet::store::*;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::cast::decide;
use crate::cast::*;
use crate::support::PostgreSql;

#[tokio::test]
async fn tickets_are_listed_by_state_level_and_desk() {
    on_both(async |store| {
        let (first, _) = open_ticket(&store, 1).await;
        let (second, _) = open_ticket(&store, 2).await;
        decide(&store, &keys_to(second), |docket, decision| {
            let escalated = Event::Escalated { from: Level::L1, to: Level::L2, vendor: None, by: None, rule: None };
            happen(docket, decision, second, &[(2, escalated), (3, Event::Resolved { code: None })]);
            Vec::new()
        })
        .await;
        let numbers = async |filter: TicketFilter| -> Vec<TicketNumber> {
            store.tickets(&filter).await.unwrap().tickets.iter().map(|ticket| ticket.number).collect()
        };
        assert_eq!(numbers(TicketFilter::default()).await, [first, second]);
        let new = TicketFilter { state: Some("new".to_owned()), ..TicketFilter::default() };
        assert_eq!(numbers(new).await, [first]);
        let l2 = TicketFilter { level: Some(Level::L2), ..TicketFilter::default() };
        assert_eq!(numbers(l2).await, [second]);
        let other = TicketFilter { desk: Some("ventes".to_owned()), ..TicketFilter::default() };
        assert!(numbers(other).await.is_empty());
        let list = store.tickets(&TicketFilter::default()).await.unwrap();
        let requester = list.tickets[0].requester.unwrap();
        assert_eq!(list.contacts[&requester].display(), "Marie");
    })
    .await;
}

#[tokio::test]
async fn a_long_list_is_read_in_parts_newest_first() {
    on_both(async |store| {
        let mut numbers = Vec::new();
        for uid in 1..=5 {
            numbers.push(open_ticket(&store, uid).await.0);
        }
        numbers.reverse();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let marie = TicketFilter { search: words(&["MÁRIE", "client.test"]), ..TicketFilter::default() };
        let touched = TicketFilter { since: Some(at(0)), ..TicketFilter::default() };
        let new = TicketFilter { state: Some("new".to_owned()), ..touched.clone() };
        for filter in [TicketFilter::default(), marie, touched, new] {
            let (mut read, mut before) = (Vec::new(), None);
            loop {
                let page = store.ticket_page(&filter, before, 2).await.unwrap();
                assert!(page.list.tickets.len() <= 2);
                read.extend(page.list.tickets.iter().map(|ticket| ticket.number));
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(read, numbers);
            assert_eq!(store.count_tickets(&filter).await.unwrap(), Some(5));
        }
        let nobody = TicketFilter { owner: Some("luc@desk.test".parse().unwrap()), ..TicketFilter::default() };
        assert_eq!(store.count_tickets(&nobody).await.unwrap(), Some(0));
        let first = store.ledger_page(&LedgerFilter::default(), None, 2).await.unwrap();
        let rest = store.ledger_page(&LedgerFilter::default(), Some(first[1].id), 99).await.unwrap();
        let ids: Vec<_> = first.iter().chain(&rest).map(|line| line.id.0).collect();
        assert!(ids.len() == 5 && ids.is_sorted_by(|a, b| a > b), "{ids:?}");
        assert_eq!(store.count_ledger(&LedgerFilter::default()).await.unwrap(), 5);
        let first = store.unsent_page(at(0), None, 2).await.unwrap();
        let rest = store.unsent_page(at(0), Some(first[1].id), 99).await.unwrap();
        let ids: Vec<_> = first.iter().chain(&rest).map(|line| line.id).collect();
        assert!(ids.len() == 5 && ids.is_sorted_by(|a, b| a > b), "{ids:?}");
        assert_eq!(store.count_unsent(at(0)).await.unwrap(), 5);
    })
    .await;
}

/// Takes the words away and says that they are missing, as a change of the tables does where rows are older.
const WITHOUT_WORDS: &str = "delete from subject_word; delete from name_word; insert into setting (name, value) values \
    ('subject_words_missing_below', '1000'), ('name_words_missing_below', '1000')";

#[tokio::test]
async fn tickets_are_found_by_beginnings_of_words_also_those_of_an_older_store() {
    let folder = tempfile::tempdir().unwrap();
    let database = PostgreSql::start();
    for url in [format!("sqlite:{}/guichet.db", folder.path().display()), database.url()] {
        let store = Store::open(&Settings { url: url.clone() }).await.unwrap();
        let (first, _) = open_ticket(&store, 1).await;
        let (second, _) = open_ticket(&store, 2).await;
        let found = async |store: &Store, words: &str| -> Vec<TicketNumber> {
            let search = words.split_whitespace().map(str::to_owned).collect();
            let filter = TicketFilter { search, ..TicketFilter::default() };
            let found: Vec<_> =
                store.tickets(&filter).await.unwrap().tickets.iter().map(|ticket| ticket.number).collect();
            let count = store.count_tickets(&filter).await.unwrap();
            assert!(count.is_none_or(|count| count == found.len() as u64), "{words}");
            found
        };
        let finds = async |store: &Store| {
            assert_eq!(found(store, "MÁRI client.test").await, [first, second]);
            assert_eq!(found(store, "Mari imprim").await, [first, second]);
            for (requester, count) in [("marie@client.test", 2), ("paul@client.test", 0)] {
                let filter = TicketFilter { requester: requester.parse().ok(), ..TicketFilter::default() };
                assert_eq!(store.count_tickets(&filter).await.unwrap(), Some(count));
                assert_eq!(store.tickets(&filter).await.unwrap().tickets.len() as u64, count);
            }
            assert!(found(store, "marie paul").await.is_empty() && found(store, "arie").await.is_empty());
        };
        finds(&store).await;
        match url.starts_with("sqlite") {
            true => {
                let mut database = SqliteConnection::connect(&url).await.unwrap();
                sqlx::raw_sql(WITHOUT_WORDS).execute(&mut database).await.unwrap();
            }
            false => {
                let mut database = PgConnection::connect(&url).await.unwrap();
                sqlx::raw_sql(WITHOUT_WORDS).execute(&mut database).await.unwrap();
            }
        }
        finds(&store).await;
        store.close().await;
        let store = Store::open(&Settings { url }).await.unwrap();
        assert_eq!(store.setting("subject_words_missing_below").await.unwrap(), None);
        assert_eq!(store.setting("name_words_missing_below").await.unwrap(), None);
        finds(&store).await;
        store.close().await;
    }
}

#[tokio::test]
async fn who_serves_is_known_by_the_lock_or_by_leases() {
    on_both(async |store| {
        open_ticket(&store, 1).await;
        let at_work = async || store.at_work(at(0)).await.unwrap();
        let idle = at_work().await;
        assert_eq!((idle.serving, idle.failed), (Serving::Nobody, 0));
        assert_eq!(idle.tickets, [("L1".to_owned(), "new".to_owned(), 1)]);
        let lock = store.lock_for_serve().unwrap();
        let lease = store.take_lease("mailbox support", "gw-1", at(4), SignedDuration::from_secs(10)).await.unwrap();
        let expected = match store.is_shared() {
            true => Serving::Sharing(vec![("support".to_owned(), "gw-1".to_owned())]),
            false if store.is_served().is_some() => Serving::One,
            false => Serving::Sharing(vec![("support".to_owned(), "gw-1".to_owned())]),
        };
        assert_eq!(at_work().await.serving, expected);
        store.end_lease(&lease.unwrap()).await.unwrap();
        drop(lock);
        assert_eq!(at_work().await.serving, Serving::Nobody);
    })
    .await;
}

#[tokio::test]
async fn what_became_of_known_fixes_is_counted() {
    on_both(async |store| {
        let (first, _) = open_ticket(&store, 1).await;
        let (second, _) = open_ticket(&store, 2).await;
        let fix = || "vpn".to_owned();
        for (number, told) in
            [(first, Event::KnownFixConfirmed { fix: fix() }), (second, Event::KnownFixRefused { fix: fix() })]
        {
            decide(&store, &keys_to(number), |docket, decision| {
                happen(docket, decision, number, &[(2, Event::KnownFixOffered { fix: fix() }), (3, told)]);
                Vec::new()
            })
            .await;
        }
        let outcomes = store.known_fix_outcomes().await.unwrap();
        assert_eq!(outcomes.into_iter().collect::<Vec<_>>(), [(fix(), Outcomes { offered: 2, solved: 1, refused: 1 })]);
        let docket = store.begin().await.unwrap().docket(&keys_to(first), at(5)).await.unwrap();
        assert_eq!(docket.known_fixes[&fix()], Outcomes { offered: 0, solved: 1, refused: 1 });
        decide(&store, &keys_to(second), |docket, decision| {
            happen(docket, decision, second, &[(4, Event::KnownFixRefused { fix: fix() })]);
            Vec::new()
        })
        .await;
        for _ in 0..2 {
            let docket = store.begin().await.unwrap().docket(&keys_to(first), at(5)).await.unwrap();
            assert_eq!(docket.known_fixes[&fix()], Outcomes { offered: 0, solved: 1, refused: 2 });
        }
        store.resume_known_fix(&fix()).await.unwrap();
        assert_eq!(store.known_fix_outcomes().await.unwrap()[&fix()], Outcomes::default());
    })
    .await;
}

#[tokio::test]
async fn a_ticket_is_shown_with_all_that_belongs_to_it() {
    on_both(async |store| {
        let (number, ledger) = open_ticket(&store, 1).await;
        let enclosure = Enclosure {
            ledger,
            index: 0,
            name: "écran.png".to_owned(),
            content_type: "image/png".to_owned(),
            size: 70_000,
            content_id: Some("c1".to_owned()),
        };
        let placed = vec![PlacedEnclosure { offset: 12, enclosure }];
        decide(&store, &keys_to(number), |docket, decision| {
            let marie = docket.dossier(number).unwrap().ticket.requester.unwrap();
            let note = entry(number, ledger, EntryKind::Vendor, marie);
            let audience = Audience::Vendor("acme".to_owned());
            decision.entries.push(Entry { ledger: None, audience: audience.clone(), ..note });
            let case = letter(docket, number, Purpose::Case, &["support@vendor.test"]);
            vec![LetterRow { audience, enclosures: placed.clone(), ..case }]
        })
        .await;
        let shown = store.ticket(number).await.unwrap().unwrap();
        let kinds: Vec<_> = shown.entries.iter().map(|shown| (shown.entry.kind, shown.raw_sha256)).collect();
        assert_eq!(kinds, [(EntryKind::Request, Some(digest(1))), (EntryKind::Vendor, None)]);
        assert_eq!(shown.entries[1].entry.audience, Audience::Vendor("acme".to_owned()));
        assert_eq!(shown.letters[1].audience, Audience::Vendor("acme".to_owned()));
        assert_eq!(shown.letters[1].enclosures, placed);
        assert_eq!(shown.letters[1].deliveries[0].recipient, address("support@vendor.test"));
        let names: Vec<_> = shown.history.iter().map(|happened| happened.event.name()).collect();
        assert_eq!(names, ["opened", "mail_received"]);
        assert!(shown.contacts.contains_key(&shown.ticket.requester.unwrap()));
        assert_eq!(store.ticket(TicketNumber(99)).await.unwrap(), None);
        assert_eq!(store.ledger_of(number).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_left_is_told_with_whom_it_reached_and_what_went_with_it() {
    let raw = b"From: Marie <marie@client.test>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nVoici.\r\n--b\r\n\
        Content-Type: text/plain\r\nContent-Disposition: attachment; filename=journal.txt\r\n\r\ndisk full\r\n--b--\r\n";
    on_both(async |store| {
        let (first, _) = open_ticket(&store, 1).await;
        let (second, _) = open_ticket(&store, 2).await;
        let ledger = record(&store, &[Received { raw: raw.as_slice().into(), ..mail(3) }]).await[0];
        let log = Enclosure {
            ledger,
            index: 0,
            name: "log.txt".to_owned(),
            content_type: "text/plain".to_owned(),
            size: 9,
            content_id: None,
        };
        let lost = Enclosure { index: 7, ..log.clone() };
        decide(&store, &keys_to(first), |docket, decision| {
            let case = letter(docket, first, Purpose::Case, &["support@vendor.test"]);
            let enclosures = [log, lost].map(|enclosure| PlacedEnclosure { offset: 12, enclosure }).into();
            let (audience, privacy) = (Audience::Vendor("acme".to_owned()), Some(Privacy::Pseudonym));
            let to_agent = letter(docket, first, Purpose::NewTicket, &["alice@desk.test"]);
            happen(docket, decision, first, &[(2, Event::MergedInto { ticket: second })]);
            vec![
                LetterRow { audience, privacy, enclosures, ..case },
                LetterRow { audience: Audience::Desk, ..to_agent },
            ]
        })
        .await;
        assert!(store.disclosures(second).await.unwrap().is_empty(), "nothing has left yet");

        for delivery in store.claim_deliveries(10, at(5), LONG).await.unwrap() {
            let settled = if delivery.letter.ticket == Some(second) {
                Settled::Failed { at: at(6), reply: "550 no".to_owned() }
            } else {
                Settled::Sent { at: at(6), reply: "250 ok".to_owned() }
            };
            store.settle(&[(delivery.claim, settled)], at(6)).await.unwrap();
        }
        let left = store.disclosures(second).await.unwrap();
        let told: Vec<_> = left.iter().map(|one| (one.ticket, one.recipient.as_str(), one.privacy)).collect();
        let to_vendor = (first, "support@vendor.test", Some(Privacy::Pseudonym));
        assert_eq!(told, [(first, "marie@client.test", None), to_vendor], "what was refused was told to nobody");
        assert_eq!((left[1].vendor.as_deref(), left[1].at, left[1].in_doubt), (Some("acme"), at(6), false));
        let files: Vec<_> = left[1].files.iter().map(|file| (file.name.as_str(), file.sha256)).collect();
        let digest = Some(Sha256::digest(b"disk full").into());
        assert_eq!(files, [("log.txt", digest), ("log.txt", None)], "what is not there any more has no digest");
        assert_eq!(store.disclosures(first).await.unwrap(), left);
    })
    .await;
}

#[tokio::test]
async fn every_message_stands_in_the_ledger_with_its_outcome() {
    on_both(async |store| {
        let (number, _) = open_ticket(&store, 1).await;
        let ids = record(&store, &[mail(2), Received { uid: None, mailbox: "ventes".to_owned(), ..mail(3) }]).await;
        store.quarantine(ids[0], Reason::AgentUnverified, at(1)).await.unwrap();
        let all = store.ledger(&LedgerFilter::default()).await.unwrap();
        let outcomes: Vec<_> = all.iter().map(|line| line.outcome.clone()).collect();
        let expected = [Some(Outcome::Ticket(number)), Some(Outcome::Quarantine(Reason::AgentUnverified)), None];
        assert_eq!(outcomes, expected);
        assert_eq!((all[0].standing().word(), all[1].standing().word()), ("ticket", "quarantine"));
        assert_eq!((all[0].uid, all[2].uid), (Some((7, 1)), None));
        let lines = async |filter: LedgerFilter| store.ledger(&filter).await.unwrap().len();
        assert_eq!(lines(LedgerFilter { mailbox: Some("ventes".to_owned()), ..LedgerFilter::default() }).await, 1);
        assert_eq!(lines(LedgerFilter { since: Some(at(1)), ..LedgerFilter::default() }).await, 0);
        assert_eq!(lines(LedgerFilter { since: Some(at(0)), ..LedgerFilter::default() }).await, 3);
        assert_eq!(lines(LedgerFilter { standing: Some(Standing::Quarantine), ..LedgerFilter::default() }).await, 1);
        assert_eq!(lines(LedgerFilter { standing: Some(Standing::Pending), ..LedgerFilter::default() }).await, 1);

        let counts = store.reconcile().await.unwrap();
        let support = counts.iter().find(|count| count.mailbox == "support").unwrap();
        assert_eq!((support.recorded, support.on_tickets, support.quarantined, support.not_filed), (2, 1, 1, 2));
        let sales = counts.iter().find(|count| count.mailbox == "ventes").unwrap();
        assert_eq!((sales.uid_validity, sales.recorded, sales.pending, sales.not_filed), (None, 1, 1, 0));
    })
    .await;
}

#[tokio::test]
async fn the_status_tells_how_much_waits_and_since_when() {
    on_both(async |store| {
        open_ticket(&store, 1).await;
        record(&store, &[mail(2), mail(3)]).await;
        let support = MailboxStatus {
            name: "support".to_owned(),
            state: "watching".to_owned(),
            last_exchange: Some(at(5)),
            uid_validity: Some(7),
            waiting: 3,
            waiting_since: Some(at(2)),
            trouble: Some("no room".to_owned()),
            uid_next: Some(9),
            unseen: 0,
        };
        store.tell_mailbox(&support, at(5)).await.unwrap();
        let lost = MailboxStatus { state: "lost".to_owned(), last_exchange: None, ..support.clone() };
        store.tell_mailbox(&lost, at(9)).await.unwrap();
        let status = store.status().await.unwrap();
        assert_eq!((status.inbox_pending, status.oldest_unhandled), (2, Some(at(0))));
        assert_eq!((status.outbox_pending, status.oldest_unsent), (1, Some(at(1))));
        assert_eq!((status.quarantined, status.outbox_held, status.held_since), (0, 0, None));
        assert_eq!(status.mailboxes, [MailboxStatus { state: "lost".to_owned(), ..support }]);
    })
    .await;
}

const SUPPORT: &str = "mailbox support";
const LONG: SignedDuration = SignedDuration::from_secs(600);

#[tokio::test]
async fn a_lease_has_one_holder_at_a_time_and_a_new_number_for_each() {
    on_both(async |store| {
        let take = async |holder: &str, duration| store.take_lease(SUPPORT, holder, at(0), duration).await.unwrap();
        let first = take("a", LONG).await.unwrap();
        assert_eq!(take("b", LONG).await, None);
        assert!(store.is_leased(SUPPORT, at(0), LONG).await.unwrap());
        assert_eq!(take("a", LONG).await.unwrap().number, first.number, "prolonged");
        assert!(take("a", SignedDuration::ZERO).await.is_some());
        assert!(!store.is_leased(SUPPORT, at(0), LONG).await.unwrap(), "it ran out");
        let second = take("b", LONG).await.unwrap();
        assert!(second.number > first.number);
        store.end_lease(&first).await.unwrap();
        assert_eq!(take("a", LONG).await, None, "what was lost cannot be given back");
        store.end_lease(&second).await.unwrap();
        assert!(take("a", LONG).await.unwrap().number > second.number, "numbers go on after it was given back");
        assert!(
            take("b", SignedDuration::from_secs(9)).await.is_some(),
            "one that ends so late is of a clock that jumped"
        );
    })
    .await;
}

/// Gateways on machines whose clocks differ by an hour.
#[tokio::test]
async fn on_postgresql_leases_are_judged_by_the_database_whatever_time_a_gateway_believes_it_is() {
    let database = PostgreSql::start();
    let store = Store::open(&Settings { url: database.url() }).await.unwrap();
    let take = async |holder: &str, seconds| store.take_lease(SUPPORT, holder, at(seconds), LONG).await.unwrap();
    assert!(take("slow", 0).await.is_some());
    assert_eq!(take("fast", 3_600).await, None);
    open_ticket(&store, 1).await;
    assert_eq!(store.claim_deliveries(1, at(2), LONG).await.unwrap().len(), 1);
    assert_eq!(store.claim_deliveries(1, at(3_600), LONG).await.unwrap().len(), 0);
}

#[tokio::test]
async fn whoever_has_lost_a_mailbox_writes_nothing_more_of_it() {
    on_both(async |store| {
        let take = async |holder: &str, duration| store.take_lease(SUPPORT, holder, at(0), duration).await.unwrap();
        let lost = take("a", SignedDuration::ZERO).await.unwrap();
        let held = take("b", LONG).await.unwrap();
        assert!(held.number > lost.number);
        assert!(store.record_under(Some(&lost), &[mail(1)]).await.is_err());
        let status = MailboxStatus {
            name: "support".to_owned(),
            state: "unreachable".to_owned(),
            last_exchange: None,
            uid_validity: None,
            waiting: 0,
            waiting_since: None,
            trouble: None,
            uid_next: None,
            unseen: 0,
        };
        assert!(store.tell_mailbox_under(&lost, &status, at(1)).await.is_err());
        assert_eq!(store.mailbox("support").await.unwrap(), None);
        assert!(store.record_under(Some(&held), &[mail(1)]).await.unwrap()[0].is_some());
        store.tell_mailbox_under(&held, &status, at(1)).await.unwrap();
        assert_eq!(store.status().await.unwrap().inbox_pending, 1);
    })
    .await;
}

#[tokio::test]
async fn single_values_are_kept_and_the_first_start_never_changes() {
    on_both(async |store| {
        assert_eq!(store.first_start(at(5)).await.unwrap(), at(5));
        assert_eq!(store.first_start(at(9)).await.unwrap(), at(5));
        assert_eq!(store.setting("colour").await.unwrap(), None);
        store.keep_setting("colour", "blue").await.unwrap();
        store.keep_setting("colour", "green").await.unwrap();
        assert_eq!(store.setting("colour").await.unwrap().as_deref(), Some("green"));
        store.forget_setting("colour").await.unwrap();
        assert_eq!(store.setting("colour").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_agents_linked_waits_until_somebody_has_seen_it() {
    on_both(async |store| {
        let (first, _) = open_ticket(&store, 1).await;
        let (second, _) = open_ticket(&store, 2).await;
        for (number, role) in [(first, Role::Agent), (second, Role::System)] {
            decide(&store, &keys_to(number), |docket, decision| {
                let offered = Event::KnownFixOffered { fix: "vpn".to_owned() };
                happen(docket, decision, number, &[(2, offered)]);
                decision.history[0].1.by = Actor { role, contact: None };
                Vec::new()
            })
            .await;
        }
        let linked = store.linked_requests().await.unwrap();
        let [request] = &linked.requests[..] else { panic!("one by an agent: {linked:?}") };
        assert_eq!((request.ticket.number, request.fix.as_str(), request.text.is_empty()), (first, "vpn", false));
        assert!(linked.contacts.contains_key(request.ticket.requester.as_ref().unwrap()));
        store.review_linked_request(request).await.unwrap();
        store.review_linked_request(request).await.unwrap();
        assert_eq!(store.linked_requests().await.unwrap().requests, []);
    })
    .await;
}

#[tokio::test]
async fn a_draft_waits_until_it_is_in_its_folder() {
    on_both(async |store| {
        let (number, _) = open_ticket(&store, 1).await;
        let article = Article {
            id: "vpn".to_owned(),
            title: "VPN".to_owned(),
            language: Language::FRENCH,
            symptoms: vec!["le VPN est lent".to_owned()],
            answer: Answer::Never,
            translation_of: None,
            body: "Attendez.\n".to_owned(),
        };
        decide(&store, &keys_to(number), |_, decision| {
            decision.drafts.push(Drafted { desk: "support".to_owned(), article: article.clone() });
            Vec::new()
        })
        .await;
        let drafts = store.drafts().await.unwrap();
        assert_eq!(drafts.len(), 1);
        assert_eq!((drafts[0].known_fix.as_str(), &drafts[0].file), ("vpn", &article.file()));
        store.draft_is_shelved(drafts[0].id).await.unwrap();
        assert_eq!(store.drafts().await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn solved_requests_are_told_with_the_fix_that_helped() {
    on_both(async |store| {
        let fix = || "vpn".to_owned();
        let offered = || (2, Event::KnownFixOffered { fix: fix() });
        let solved = || (4, Event::Resolved { code: None });
        for (uid, told, role) in [
            (1, vec![offered(), (3, Event::KnownFixConfirmed { fix: fix() }), solved()], Role::System),
            (2, vec![offered(), solved()], Role::Agent),
            (3, vec![offered(), (3, Event::KnownFixRefused { fix: fix() }), solved()], Role::Agent),
            (4, vec![offered(), solved()], Role::System),
            (5, vec![offered()], Role::Agent),
        ] {
            let (number, _) = open_ticket(&store, uid).await;
            decide(&store, &keys_to(number), |docket, decision| {
                happen(docket, decision, number, &told);
                decision.history[0].1.by = Actor { role, contact: None };
                Vec::new()
            })
            .await;
        }
        let past = store.past_requests(None).await.unwrap().0;
        let fixes: Vec<Option<String>> = past.iter().map(|past| past.fix.clone()).collect();
        assert_eq!(fixes, [Some(fix()), Some(fix()), None, None]);
        assert!(past.iter().all(|past| !past.text.is_empty() && !past.subject.is_empty()));
    })
    .await;
}

#[tokio::test]
async fn a_run_that_ended_without_a_word_is_known_at_once_and_one_of_another_gateway_stays() {
    on_both(async |store| {
        let keep = async |gateway: &str, duration| store.keep_run(gateway, at(0), duration).await.unwrap();
        assert!(!store.forget_crashed_runs().await.unwrap());
        keep("a", LONG).await;
        assert!(store.forget_crashed_runs().await.unwrap(), "it may have died a moment ago");
        assert_eq!(store.forget_crashed_runs().await.unwrap(), store.is_shared(), "or be at work beside this one");
        keep("c", LONG).await;
        store.end_run("c").await.unwrap();
        assert_eq!(store.forget_crashed_runs().await.unwrap(), store.is_shared(), "another one's end ends it not");
        store.end_run("a").await.unwrap();
        keep("b", SignedDuration::ZERO).await;
        assert!(store.forget_crashed_runs().await.unwrap(), "its lease is gone");
        assert!(!store.forget_crashed_runs().await.unwrap());
    })
    .await;
}
