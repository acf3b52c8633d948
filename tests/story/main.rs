//! The product, told: the whole gateway on SQLite with a clock that stands and a relay that is a list. Each story plays
//! mails and prints what came of them; that print is the assertion.
//!
//! | sign | stands for |
//! |---|---|
//! | `←` | a mail that comes in |
//! | `·` | what happened to a ticket |
//! | `→` | a letter that leaves |
//! | `!` | a warning or an error in the log |
//! | `=` | how the ticket stands then |
//!
//! `cargo insta review` shows a changed story as a change of behaviour.

#![cfg(test)]

mod agents;
mod alarm;
mod asked;
mod burst;
mod by_dns;
mod cast;
mod circle;
mod client;
mod clock_laws;
mod clocks;
mod commands;
mod complaints;
#[path = "../support/configuration.rs"]
mod configuration;
mod consult;
mod continuations;
mod copies;
mod crossing;
mod crowds;
mod desks;
mod ears;
mod enclosures;
mod fate;
mod first_level;
mod fixes;
mod forwards;
mod handed_in;
mod held;
mod house;
mod junk;
mod keys;
mod laws;
mod levels;
mod long;
mod lookups;
mod machines;
mod merged;
mod month;
#[path = "../support/name_server.rs"]
mod name_server;
mod ordinary;
mod organisations;
mod people;
mod powers;
mod previews;
mod proofs;
mod relay_hold;
mod relayed;
mod robots;
mod routines;
mod split;
mod stage;
#[path = "../support/mod.rs"]
mod support;
mod taken_up;
mod telling;
mod threads;
mod two;
mod vendors;
mod waiting;
mod words;
