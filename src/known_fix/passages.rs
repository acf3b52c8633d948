//! A mail in passages: people say what is wrong in one of them.

/// The subject and the first sentences say what it is about.
pub(super) fn position_weight(position: usize) -> f32 {
    match position {
        0 | 1 => 1.0,
        2 => 0.9,
        _ => 0.8,
    }
}

/// Sentences end where they say so, at an empty line, and behind a short line.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    const SHORT_LINE: usize = 45;
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let mut line_start = 0;
        let mut end = rest.len();
        let mut before = ' ';
        for (at, c) in rest.char_indices() {
            let is_line_end = c == '\n' && (at - line_start < SHORT_LINE || rest[at + 1..].starts_with(['\n', '\r']));
            if is_line_end || (c.is_whitespace() && matches!(before, '.' | '!' | '?' | ';' | '…')) {
                end = at;
                break;
            }
            if c == '\n' {
                line_start = at + 1;
            }
            before = c;
        }
        let (sentence, behind) = rest.split_at(end);
        rest = behind;
        Some(sentence)
    })
}
