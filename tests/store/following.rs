//! Whoever follows the history of all tickets misses nothing and sees nothing twice, whoever commits beside whom.

use std::collections::BTreeMap;

use guichet::desk::*;
use guichet::store::*;
use sqlx::{Connection, PgConnection};

use crate::cast::decide;
use crate::cast::*;
use crate::support::PostgreSql;

/// Keeps what it read, and where it stands.
#[derive(Default)]
struct Follower {
    seen: Position,
    lines: Vec<HistoryLine>,
}

impl Follower {
    /// Reads on to the end: how many lines were new.
    async fn read_on(&mut self, store: &Store) -> usize {
        let before = self.lines.len();
        loop {
            let lines = store.history_since(self.seen, 3).await.unwrap();
            let Some(last) = lines.last() else { break };
            self.seen = last.position;
            self.lines.extend(lines);
        }
        assert!(self.lines.is_sorted_by(|one, next| one.position < next.position));
        self.lines.len() - before
    }

    /// What it knows is what each ticket's own history says.
    async fn knows_all(&self, store: &Store) {
        let mut of: BTreeMap<TicketNumber, Vec<Happened>> = BTreeMap::new();
        for line in &self.lines {
            of.entry(line.ticket).or_default().push(line.happened.clone());
        }
        let tickets = store.tickets(&TicketFilter::default()).await.unwrap().tickets;
        assert_eq!(of.len(), tickets.len());
        for ticket in tickets {
            let shown = store.ticket(ticket.number).await.unwrap().unwrap();
            assert_eq!(of[&ticket.number], shown.history);
        }
    }
}

fn priority(seconds: i64, priority: u8) -> [(i64, Event); 1] {
    [(seconds, Event::PriorityChanged { priority: Priority(priority) })]
}

/// A decision about this ticket, not yet written.
async fn decided(tx: &mut Tx, number: TicketNumber, event: [(i64, Event); 1]) -> (Docket, Decision) {
    let mut docket = tx.docket(&keys_to(number), at(2)).await.unwrap();
    let mut decision = Decision::default();
    happen(&mut docket, &mut decision, number, &event);
    (docket, decision)
}

async fn write(tx: &mut Tx, (docket, decision): &(Docket, Decision)) {
    tx.write(&[Written { mail: None, decision, letters: &[] }], docket, at(2)).await.unwrap();
}

#[tokio::test]
async fn all_that_happens_is_read_on_from_where_the_follower_stands() {
    on_both(async |store| {
        let mut follower = Follower::default();
        assert_eq!(follower.read_on(&store).await, 0);
        let (first, _) = open_ticket(&store, 1).await;
        let (second, _) = open_ticket(&store, 2).await;
        assert_eq!(follower.read_on(&store).await, 4);
        let both = Keys { tickets: [first, second].into(), ..Keys::default() };
        decide(&store, &both, |docket, decision| {
            // The clock of this gateway is behind.
            happen(docket, decision, second, &[(-60, Event::Linked { ticket: first })]);
            happen(docket, decision, first, &[(-60, Event::MergedInto { ticket: second })]);
            Vec::new()
        })
        .await;
        assert_eq!(follower.read_on(&store).await, 2);
        let names: Vec<_> = follower.lines.iter().map(|line| (line.ticket, line.happened.event.name())).collect();
        assert_eq!(names[4..], [(second, "linked".to_owned()), (first, "merged_into".to_owned())]);
        assert_eq!(follower.read_on(&store).await, 0);
        follower.knows_all(&store).await;
    })
    .await;
}

/// Two tickets, and a follower who has read all of them so far.
async fn two_tickets_followed(database: &PostgreSql) -> (Store, [TicketNumber; 2], Follower) {
    let store = Store::open(&Settings { url: database.url() }).await.unwrap();
    let tickets = [open_ticket(&store, 1).await.0, open_ticket(&store, 2).await.0];
    let mut follower = Follower::default();
    follower.read_on(&store).await;
    (store, tickets, follower)
}

#[tokio::test]
async fn what_began_earlier_and_is_committed_later_is_not_missed() {
    let database = PostgreSql::start();
    let (store, [first, second], mut follower) = two_tickets_followed(&database).await;

    let mut earlier = store.begin().await.unwrap();
    // From here on it has a snapshot and is known to the database.
    assert_eq!(earlier.pending(1, 1, at(2)).await.unwrap(), []);
    let mut later = store.begin().await.unwrap();
    let of_later = decided(&mut later, second, priority(9, 1)).await;
    write(&mut later, &of_later).await;
    assert_eq!(follower.read_on(&store).await, 0);
    later.commit().await.unwrap();
    assert_eq!(follower.read_on(&store).await, 1);
    let of_earlier = decided(&mut earlier, first, priority(3, 2)).await;
    write(&mut earlier, &of_earlier).await;
    assert_eq!(follower.read_on(&store).await, 0);
    earlier.commit().await.unwrap();
    assert_eq!(follower.read_on(&store).await, 1);
    follower.knows_all(&store).await;
    store.close().await;
}

/// Dockets are made one after the other, and so are commits; the order of history does not lean on that.
#[tokio::test]
async fn whoever_has_a_place_in_the_order_is_waited_for() {
    let database = PostgreSql::start();
    let (store, [first, second], mut follower) = two_tickets_followed(&database).await;
    let ahead = decided(&mut store.begin().await.unwrap(), first, priority(3, 1)).await;
    let behind = decided(&mut store.begin().await.unwrap(), second, priority(3, 1)).await;

    let (mut earlier, mut later) = (store.begin().await.unwrap(), store.begin().await.unwrap());
    write(&mut later, &ahead).await;
    let waits = tokio::spawn(async move {
        write(&mut earlier, &behind).await;
        earlier.commit().await.unwrap();
    });
    let mut watcher = PgConnection::connect(&database.url()).await.unwrap();
    let waiting =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut watcher).await.unwrap() == 0 {
        assert!(!waits.is_finished(), "it did not wait");
    }
    assert_eq!(follower.read_on(&store).await, 0);
    later.commit().await.unwrap();
    waits.await.unwrap();
    assert_eq!(follower.read_on(&store).await, 2);
    follower.knows_all(&store).await;
    watcher.close().await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_follower_beside_many_commits_misses_nothing_and_sees_nothing_twice() {
    const GATEWAYS: u32 = 6;
    const COMMITS: i64 = 12;
    on_both(async |store| {
        let mut gateways = tokio::task::JoinSet::new();
        for uid in 1..=GATEWAYS {
            let (number, _) = open_ticket(&store, uid).await;
            let store = store.clone();
            gateways.spawn(async move {
                for seconds in 1..=COMMITS {
                    let mut tx = store.begin().await.unwrap();
                    let decided = decided(&mut tx, number, priority(seconds, (seconds % 4 + 1) as u8)).await;
                    write(&mut tx, &decided).await;
                    tx.commit().await.unwrap();
                }
            });
        }
        let mut follower = Follower::default();
        let mut looks = 0;
        while !gateways.is_empty() {
            looks += usize::from(follower.read_on(&store).await > 0);
            while let Some(ended) = gateways.try_join_next() {
                ended.unwrap();
            }
            tokio::task::yield_now().await;
        }
        follower.read_on(&store).await;
        assert!(looks > 3, "it read beside them");
        assert_eq!(follower.lines.len() as i64, i64::from(GATEWAYS) * (COMMITS + 2));
        follower.knows_all(&store).await;
    })
    .await;
}

#[tokio::test]
async fn what_happens_after_a_restore_stands_behind_all_that_was_ever_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guichet.db");
    let settings = Settings { url: format!("sqlite:{}", file.display()) };
    let store = Store::open(&settings).await.unwrap();
    open_ticket(&store, 1).await;
    store.close().await;
    let copy = std::fs::read(&file).unwrap();
    let store = Store::open(&settings).await.unwrap();
    let mut follower = Follower::default();
    open_ticket(&store, 2).await;
    assert_eq!(follower.read_on(&store).await, 4);
    store.close().await;

    std::fs::write(&file, copy).unwrap();
    let store = Store::open(&settings).await.unwrap();
    assert!(store.is_put_back().await.unwrap());
    assert_eq!(follower.read_on(&store).await, 0);
    let (again, _) = open_ticket(&store, 2).await;
    assert_eq!(follower.read_on(&store).await, 2);
    assert!(follower.lines[4..].iter().all(|line| line.ticket == again));
    store.close().await;
}

#[tokio::test]
async fn where_no_file_tells_how_far_positions_were_given_they_jump_further_than_other_numbers() {
    on_both(async |store| {
        let mut follower = Follower::default();
        open_ticket(&store, 1).await;
        follower.read_on(&store).await;
        let seen = follower.seen;
        store.jump_ahead(110).await.unwrap();
        open_ticket(&store, 2).await;
        assert_eq!(follower.read_on(&store).await, 2);
        assert_eq!(follower.lines[2].position, Position(seen.0 + 11_001));
    })
    .await;
}
