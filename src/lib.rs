//! guichet, a helpdesk that lives in the mail.
//!
//! The folders are the way of a mail, top-down. Each may use those above it, never those below
//! (`tests/sources/architecture.rs` holds this):
//!
//! | folder | what it does | |
//! |---|---|---|
//! | [`mail`] | what a message says | pure |
//! | [`known_fix`] | articles, and which one a request asks for | pure |
//! | [`desk`] | the rules: what is to be done with a mail | pure |
//! | [`letters`] | finished RFC 5322 bytes | pure |
//! | [`locale`] | the language of whoever sits at the terminal | |
//! | [`store`] | rows in, rows out: SQLite and PostgreSQL | edge |
//! | [`net`] | TCP and TLS connections | edge |
//! | [`dkim`] | signatures on letters | |
//! | [`dns`] | what name servers say of an author | edge |
//! | [`oauth`] | tokens in the place of passwords | edge |
//! | [`imap`] | the mailbox: watch, fetch, file away | edge |
//! | [`smtp`] | the relay: one connection, one letter | edge |
//! | [`lmtp`] | mail that an MTA hands over | edge |
//! | [`gateway`] | the running loops between the edges and the core | |
//! | [`view`] | what people and programs are shown of the store | |
//! | [`config`] | what the operator wrote, as what it means | |
//! | [`demo`] | embedded servers, and the story they play | |
//! | [`web`] | `/healthz` and `/metrics` | |
//! | [`cli`] | one file a sub-command | |

pub mod cli;
pub mod config;
pub mod demo;
pub mod desk;
pub mod dkim;
pub mod dns;
pub mod gateway;
pub mod imap;
pub mod known_fix;
pub mod letters;
pub mod lmtp;
pub mod locale;
pub mod mail;
pub mod net;
pub mod oauth;
pub mod smtp;
pub mod store;
pub mod view;
pub mod web;
