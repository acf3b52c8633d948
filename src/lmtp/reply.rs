//! What is answered.

/// Three digits, then an enhanced status code (RFC 3463) and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) text: String,
}

impl Reply {
    pub(super) fn of(code: u16, text: &str) -> Reply {
        Reply { code, text: text.to_owned() }
    }
}
