//! The words of a structured field value (RFC 5322 §3.2), whichever field it is.

/// What is still to be read of a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lexer<'a> {
    rest: &'a str,
}

/// A comment or a quoted string has no end: nobody knows what is a word and what is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unclosed;

impl<'a> Lexer<'a> {
    pub(super) fn new(value: &'a str) -> Lexer<'a> {
        Lexer { rest: value }
    }

    /// Whether nothing is left.
    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether this character is next.
    pub(super) fn is_at(&self, wanted: char) -> bool {
        self.rest.starts_with(wanted)
    }

    /// Skips blanks and comments, which may be nested; tells whether there were any.
    pub(super) fn skip(&mut self) -> Result<bool, Unclosed> {
        let before = self.rest.len();
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('(') {
                return Ok(self.rest.len() < before);
            }
            self.skip_comment()?;
        }
    }

    /// Skips the next character, if it is this one.
    pub(super) fn take(&mut self, wanted: char) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// What stands before the next blank, comment or one of `ends`; quoted strings within are part of it, without their
    /// quotes: `"a;b"@c` is one word.
    pub(super) fn word(&mut self, ends: &[char]) -> Result<String, Unclosed> {
        let mut word = String::new();
        while let Some(c) = self.rest.chars().next() {
            if c.is_whitespace() || c == '(' || ends.contains(&c) {
                break;
            }
            self.rest = &self.rest[c.len_utf8()..];
            if c == '"' { self.quoted(&mut word)? } else { word.push(c) }
        }
        Ok(word)
    }

    fn quoted(&mut self, word: &mut String) -> Result<(), Unclosed> {
        let mut characters = self.rest.chars();
        while let Some(c) = characters.next() {
            match c {
                '"' => {
                    self.rest = characters.as_str();
                    return Ok(());
                }
                '\\' => word.extend(characters.next()),
                c => word.push(c),
            }
        }
        Err(Unclosed)
    }

    fn skip_comment(&mut self) -> Result<(), Unclosed> {
        let mut depth = 0usize;
        let mut characters = self.rest.chars();
        while let Some(c) = characters.next() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                '\\' => drop(characters.next()),
                _ => {}
            }
            if depth == 0 {
                self.rest = characters.as_str();
                return Ok(());
            }
        }
        Err(Unclosed)
    }
}
