//! Signatures on letters (DKIM, RFC 6376 and RFC 8463), for who has no relay that signs.
//!
//! A letter is signed as it leaves, its enclosures put in, and the same letter has the same signature each time: neither
//! algorithm draws lots (RFC 8017 §8.2, RFC 8032 §5.1.6), and the time in it is the letter's own. mail-auth brings letters into
//! their canonical form and holds the keys; its own signer would write the time of the try.

mod key;
mod sign;

pub use key::{BadKey, Key, Sort, new_ed25519, zone_text};
pub use sign::{Signer, Signers};
