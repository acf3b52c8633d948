//! How a letter is known again: its token, and the addresses and identifiers that bear it.

use crate::desk::{Desk, Letter};
use crate::mail::token::{Keyring, TokenAudience};
use crate::mail::{Address, MessageId};

/// How a letter is known again when it is answered.
pub(super) struct Identity {
    /// The token as it is written.
    pub(super) token: String,
    /// The token's signature: nobody knows it before the letter is read.
    pub(super) seal: String,
    /// The token at the desk's domain.
    pub(super) message_id: MessageId,
    /// Stands for the ticket as the root of its threads, one an audience.
    pub(super) pseudo_root: Option<String>,
    /// Where answers come back.
    pub(super) reply_to: Address,
    /// Where reports come back.
    pub(super) return_path: Address,
    /// `reply_to` holds a token.
    pub(super) is_sub_addressed: bool,
}

impl Identity {
    /// `None` where the desk's address cannot stand in a letter.
    pub(super) fn of(letter: &Letter, desk: &Desk, keyring: &Keyring) -> Option<Self> {
        let audience = letter.audience.token();
        let ticket = letter.ticket.map_or(0, |ticket| ticket.0);
        let domain = letter.from.domain();
        let token = keyring.sign(ticket, letter.number, audience).to_string();
        if !letter.from.as_str().is_ascii() {
            return None;
        }
        let root = keyring.sign(ticket, 0, audience).to_string();
        let sub_address = |token: &str| desk.sub_addressing.then(|| sub_address(&letter.from, token)).flatten();
        let returns = sub_address(&token);
        // A ticket system makes a person of each address that answers go to: a vendor's is the same all through the case.
        let answers = if audience == TokenAudience::Vendor { sub_address(&root) } else { returns.clone() };
        Some(Identity {
            message_id: MessageId::new(&format!("{token}@{domain}"))?,
            pseudo_root: letter.ticket.map(|_| format!("{root}@{domain}")),
            seal: token.rsplit('.').next().unwrap_or_default().to_owned(),
            is_sub_addressed: answers.is_some(),
            return_path: returns.unwrap_or_else(|| letter.from.clone()),
            reply_to: answers.unwrap_or_else(|| letter.from.clone()),
            token,
        })
    }
}

/// RFC 5233. `None` where the local part would be longer than servers must take (RFC 5321 §4.5.3.1.1).
pub(super) fn sub_address(address: &Address, token: &str) -> Option<Address> {
    let local = format!("{}+{token}", address.local());
    (local.len() <= 64).then(|| format!("{local}@{}", address.domain()).parse().ok()).flatten()
}
