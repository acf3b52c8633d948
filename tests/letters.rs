//! Letters, whole: every purpose in both languages as files, and the laws that hold for any text.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "letters/cast.rs"]
mod cast;
#[path = "letters/enclosures.rs"]
mod enclosures;
#[path = "letters/laws.rs"]
mod laws;
#[path = "letters/lighter.rs"]
mod lighter;
#[path = "letters/read.rs"]
mod read;
#[path = "letters/templates.rs"]
mod templates;
#[path = "letters/whole.rs"]
mod whole;
