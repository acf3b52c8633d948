//! What a crash costs. A gateway of its own process dies at a named point of one mail's way; the mailbox and the relay
//! live on; another gateway takes over the same file. The table of points and counts is the delivery guarantee.
//!
//! Writes are points by themselves: `sql …` dies when the statement has run, before the commit that it belongs to. A
//! write that the table does not name fails the test.

#![cfg(test)]

mod child;
#[path = "../support/configuration.rs"]
mod configuration;
mod house;
mod lmtp;
mod sent;
mod world;

use futures_util::StreamExt as _;

use world::World;

/// A point, and what the servers do until the gateway is dead.
struct Point {
    name: &'static str,
    servers: Servers,
}

/// What the servers do. Moving a message and sending its letter go on at the same time: to count what a point costs, the
/// other one is held back.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Servers {
    Serve,
    /// The relay says nothing.
    HoldLetters,
    /// The same; and the message is moved, but the connection cut instead of the answer.
    MoveUnanswered,
    /// The mailbox says nothing to MOVE.
    HoldMoves,
    /// The same; and the letter is taken, but the connection cut instead of the answer.
    LetterUnanswered,
}

const fn point(name: &'static str) -> Point {
    Point { name, servers: Servers::Serve }
}

/// Every point of a mail's way, in its order.
const POINTS: &[Point] = &[
    point("log Watching support"),
    point("sql insert into ledger"),
    point("sql insert into raw_mail"),
    point("log Mail taken in"),
    point("sql insert into person"),
    point("sql insert into address"),
    point("sql insert into name_seen"),
    point("sql insert into name_word"),
    point("sql update counter set next = next"),
    point("sql insert into ticket"),
    point("sql insert into subject_word"),
    point("sql insert into history"),
    point("sql insert into entry"),
    point("sql insert into letter"),
    point("sql insert into delivery"),
    point("sql insert into thread"),
    point("sql with learned"),
    point("sql with decided"),
    point("sql update counter set next = $1"),
    point("log Mail is on R-000001"),
    Point { name: "log The mailbox support cannot be watched", servers: Servers::MoveUnanswered },
    Point { name: "sql with filed", servers: Servers::HoldLetters },
    Point { name: "sql update delivery set lease_until", servers: Servers::HoldMoves },
    Point { name: "log The acknowledgement of R-000001 may have been sent or not", servers: Servers::LetterUnanswered },
    Point { name: "log The acknowledgement of R-000001 is sent", servers: Servers::HoldMoves },
    Point { name: "sql with settled", servers: Servers::HoldMoves },
];

/// Writes that say nothing about a mail, and a question that begins like a write (`with wanted`).
const BESIDE: &[&str] = &[
    "sql insert into lease",
    "sql delete from lease",
    "sql insert into mailbox",
    "sql insert into routine",
    "sql insert into setting",
    "sql with wanted",
];

#[tokio::test(flavor = "multi_thread")]
async fn wherever_the_gateway_dies_each_mail_is_on_one_ticket_and_acknowledged() {
    let rows = futures_util::stream::iter(POINTS).map(cost).buffered(4).collect::<Vec<String>>();
    let table = rows.await.concat();
    insta::assert_snapshot!(table);
}

async fn cost(Point { name, servers }: &Point) -> String {
    let world = World::new().await;
    world.servers(*servers);
    world.deliver_one_mail();
    world.die_at(name).await;
    let dead = world.account().await;
    world.servers(Servers::Serve);
    world.run_to_the_end().await;
    let end = world.account().await;
    format!("{name}\n    dead: {dead}\n    end:  {end}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_write_is_missing_from_the_table() {
    let world = World::new().await;
    world.deliver_one_mail();
    let seen = world.run_in_a_process_of_its_own().await;
    let known =
        |write: &String| POINTS.iter().map(|point| &point.name).chain(BESIDE).any(|name| write.starts_with(name));
    let missing: Vec<&String> = seen.iter().filter(|write| write.starts_with("sql ") && !known(write)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    let faulty = [Servers::MoveUnanswered, Servers::LetterUnanswered];
    let ordinary = POINTS.iter().filter(|point| !faulty.contains(&point.servers)).map(|point| point.name);
    let idle: Vec<&str> = ordinary.filter(|name| !seen.iter().any(|write| write.starts_with(name))).collect();
    assert!(idle.is_empty(), "never reached: {idle:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_dies_twice_at_the_same_point_still_ends_well() {
    for point in ["log Mail taken in", "sql with decided", "log The acknowledgement of R-000001 is sent"] {
        let world = World::new().await;
        world.deliver_one_mail();
        world.die_at(point).await;
        world.die_at_or_end(point).await;
        world.run_to_the_end().await;
        let end = world.account().await;
        assert!(end.starts_with("1 recorded, on R-000001, 1 filed, 1 letter"), "{point}: {end}");
    }
}
