//! The built program, as an operator runs it; beside real servers where the story is about them.
//!
//! One binary for all of it: each links the whole program.

#![cfg(test)]

mod alarm;
mod check;
mod cli;
#[path = "../support/configuration.rs"]
mod configuration;
mod dkim;
mod domains;
mod imap_servers;
mod init;
mod lmtp;
#[path = "../support/name_server.rs"]
#[allow(dead_code)]
mod name_server;
mod package;
mod real_servers;
mod report;
mod round_trip;
mod sent;
mod several;
#[path = "../support/mod.rs"]
mod support;
mod tokens;
mod unfit_store;
mod waiting;
