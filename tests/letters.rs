//! Letters, whole: every purpose in both languages as files, and the laws that hold for any text.

#[path = "letters/cast.rs"]
mod cast;
#[path = "letters/enclosures.rs"]
mod enclosures;
#[path = "letters/laws.rs"]
mod laws;
#[path = "letters/read.rs"]
mod read;
#[path = "letters/templates.rs"]
mod templates;
#[path = "letters/whole.rs"]
mod whole;
