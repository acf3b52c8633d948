//! Every query of the store, on SQLite and on PostgreSQL.

#![cfg(test)]

mod backup;
mod cast;
mod decisions;
mod files;
mod following;
mod intake;
mod law;
mod migrations;
mod outbox;
mod plans;
mod reading;
mod sent_copy;
#[path = "../support/mod.rs"]
mod support;
