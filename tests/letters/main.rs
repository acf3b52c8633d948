//! Letters, whole: every purpose in both languages as files, and the laws that hold for any text; and mails of
//! others with what is to be read in them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cast;
#[path = "../support/configuration.rs"]
mod configuration;
mod corpus;
mod enclosures;
mod laws;
mod lighter;
mod read;
mod templates;
mod whole;
