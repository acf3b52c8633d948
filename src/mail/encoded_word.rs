//! Encoded words in headers, RFC 2047, with the liberties that clients take.

use std::borrow::Cow;

use super::{charset, transfer, work};

/// One `=?charset?encoding?text?=`, its Base64 or Q undone, its charset not yet.
struct Word<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
    /// Offset behind it.
    end: usize,
}

/// Decodes every encoded word of a text, also inside quoted strings (RFC 2047 §5 forbids it, clients do it).
/// White space between two of them goes (§6.2). Words of one charset are joined as bytes first: some clients split a
/// character over two words.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains("=?") {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut pending: Option<(&str, Vec<u8>)> = None;
    let mut at = 0;
    while let Some(found) = work::searched(&text[at..], text[at..].find("=?")).map(|offset| at + offset) {
        let between = &text[at..found];
        let Some(word) = word(text, found) else {
            finish(&mut decoded, pending.take());
            decoded.push_str(between);
            decoded.push_str("=?");
            at = found + 2;
            continue;
        };
        let blank_between = between.chars().all(char::is_whitespace);
        match &mut pending {
            Some((charset, bytes)) if blank_between && charset.eq_ignore_ascii_case(word.charset) => {
                bytes.extend_from_slice(&word.bytes);
            }
            _ => {
                let follows = pending.is_some();
                finish(&mut decoded, pending.take());
                if !(blank_between && follows) {
                    decoded.push_str(between);
                }
                pending = Some((word.charset, word.bytes));
            }
        }
        at = word.end;
    }
    finish(&mut decoded, pending);
    decoded.push_str(&text[at..]);
    Cow::Owned(decoded)
}

/// The charset of the first encoded word in a raw field.
pub(super) fn first_charset(field: &[u8]) -> Option<&str> {
    let start = memchr::memmem::find(field, b"=?")? + 2;
    let length = memchr::memchr(b'?', &field[start..])?;
    std::str::from_utf8(&field[start..start + length]).ok().filter(|charset| is_token(charset))
}

fn finish(decoded: &mut String, pending: Option<(&str, Vec<u8>)>) {
    if let Some((label, bytes)) = pending {
        decoded.push_str(&charset::decode(Some(label), &bytes).0);
    }
}

fn word(text: &str, start: usize) -> Option<Word<'_>> {
    let rest = &text[start + 2..];
    let length = work::searched(rest, rest.find('?'))?;
    let (charset, rest) = (&rest[..length], &rest[length + 1..]);
    if !is_token(charset) {
        return None;
    }
    let encoding = rest.bytes().next()?.to_ascii_lowercase();
    let rest = rest.get(1..)?.strip_prefix('?')?;
    let length = content_length(rest, encoding)?;
    let content = &rest.as_bytes()[..length];
    // Raw 8-bit text within a word has been decoded already.
    let charset = if content.is_ascii() { charset } else { "utf-8" };
    let bytes = match encoding {
        b'b' => transfer::base64(content).0,
        b'q' => q_encoding(content),
        _ => return None,
    };
    Some(Word { charset, bytes, end: text.len() - rest.len() + length + 2 })
}

/// Length of the text before `?=`. Unescaped `?` happen in Q; a `?=` that starts an escape is no end.
fn content_length(rest: &str, encoding: u8) -> Option<usize> {
    let bytes = &rest.as_bytes()[..rest.len().min(4000)];
    let mut from = 0;
    loop {
        let found = bytes[from..].windows(2).position(|pair| pair == b"?=");
        let end = from + work::searched(&bytes[from..], found)?;
        let behind = &bytes[end + 2..];
        let starts_escape = encoding == b'q' && transfer::escape(behind).is_some();
        if starts_escape && closes_in_word(behind) {
            from = end + 2;
            continue;
        }
        return (!bytes[..end].windows(2).any(|pair| pair == b"=?")).then_some(end);
    }
}

/// Whether another `?=` comes before the word is over.
fn closes_in_word(behind: &[u8]) -> bool {
    let near = &behind[..behind.len().min(80)];
    let near = &near[..near.iter().position(u8::is_ascii_whitespace).unwrap_or(near.len())];
    let position = |pair: &[u8]| near.windows(2).position(|two| two == pair);
    position(b"?=").is_some_and(|close| position(b"=?").is_none_or(|open| close < open))
}

fn q_encoding(content: &[u8]) -> Vec<u8> {
    let blanks: Vec<u8> = content.iter().map(|&b| if b == b'_' { b' ' } else { b }).collect();
    transfer::quoted_printable(&blanks)
}

fn is_token(charset: &str) -> bool {
    !charset.is_empty()
        && charset.len() <= 60
        && charset.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:()+*'".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_split_over_two_words_is_one_character() {
        assert_eq!(decode("=?UTF-8?B?w4k=?= =?utf-8?B?dMM=?=\t=?utf-8?B?qQ==?="), "Été");
    }

    #[test]
    fn blanks_go_between_words_and_stay_beside_text() {
        assert_eq!(decode("Re: =?iso-8859-1?Q?caf=E9_noir?= svp"), "Re: café noir svp");
        assert_eq!(decode("=?utf-8?q?a?= b =?utf-8?q?c?="), "a b c");
    }

    #[test]
    fn what_only_looks_like_a_word_stays() {
        for text in ["=?", "=?utf-8?q?", "a =?x?= b", "=?utf-8?z?a?=", "1 =? 2"] {
            assert_eq!(decode(text), text);
        }
    }

    #[test]
    fn an_unescaped_question_mark_stays_within_its_word() {
        assert_eq!(decode("=?utf-8?Q?why?_because?="), "why? because");
    }

    proptest::proptest! {
        #[test]
        fn any_text_decodes(text in "(=\\?|\\?=|utf-8|\\?[qbQB]\\?|[ =?a-zé_])*") {
            decode(&text);
        }
    }
}
