//! Who may read what: whose ears a text is for, and what must not reach others.

pub(super) mod pseudonyms;
pub(super) mod secret;
