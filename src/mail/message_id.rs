//! Message identifiers, RFC 5322 §3.6.4.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A `Message-ID` without its `<>`. It holds no white space, control characters or angle brackets, so it may
/// stand in a header as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageId(String);

impl MessageId {
    /// Reads one identifier, with or without `<>`; `None` where the text is none. Identifiers longer than 250 bytes,
    /// which no header line of ours could carry, are refused too.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('<').unwrap_or(text);
        let text = text.strip_suffix('>').unwrap_or(text);
        let odd = |c: char| c.is_whitespace() || c.is_control() || !c.is_ascii() || matches!(c, '<' | '>');
        (!text.is_empty() && text.len() <= 250 && !text.chars().any(odd)).then(|| MessageId(text.to_owned()))
    }

    /// The identifier of a letter of ours: its token at one of our domains.
    pub fn of_token(token: &super::token::Token, domain: &str) -> Self {
        MessageId(format!("{token}@{domain}"))
    }

    /// The identifier without `<>`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
