//! Who may read what: whose ears a text is for, and what must not reach others.

pub(super) mod ears;
pub(super) mod gate;
pub(super) mod people;
pub(super) mod pseudonyms;
mod runs;
pub(super) mod secret;
pub(super) mod vendor_side;
pub(super) mod vendor_words;
