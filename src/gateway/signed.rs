//! Letters as they leave, signed.

use std::borrow::Cow;

use crate::dkim::Signers;
use crate::mail::MessageId;
use crate::smtp;

/// The letter with the signatures of its author's domain; without, where nobody signs for that, or a key refuses: a letter that
/// some doubt is better than none.
pub(super) fn signed<'l>(signers: &Signers, letter: &'l [u8], message_id: Option<&MessageId>) -> Cow<'l, [u8]> {
    if signers.is_empty() {
        return Cow::Borrowed(letter);
    }
    let signed = signers.sign(&smtp::as_it_leaves(letter)).map(Cow::into_owned);
    signed.map_or_else(
        |error| {
            let message_id = message_id.map(MessageId::as_str);
            tracing::error!(message_id, %error, "A letter cannot be signed, and leaves without: look at [[dkim]]");
            Cow::Borrowed(letter)
        },
        Cow::Owned,
    )
}
