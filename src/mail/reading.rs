//! What the words of a mail are read from, once more where more is known.

use super::Body;
use super::forward::Evidence;
use super::reply_text::{self, Form, Intent, Letters, Quotes};

/// What the words of a mail are read from.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) intent: Intent,
    pub(super) forwarding: Evidence,
    pub(super) form: Form,
    /// The name in From.
    pub(super) author: Option<String>,
}

impl Reading {
    pub(super) fn body(&self, text: String, html: Option<String>, letters: &Letters) -> (Body, Quotes) {
        let trimmed = reply_text::trim(&text, &self.form, self.intent, letters, self.author.as_deref());
        let body = Body {
            html,
            unquoted_text: trimmed.unquoted_text,
            reply_text: trimmed.reply_text,
            signature: trimmed.signature,
            forwarded: trimmed.forwarded,
            text,
        };
        (body, trimmed.quotes)
    }
}
