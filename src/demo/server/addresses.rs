//! Address lists as they stand in a header (RFC 5322 §3.4), for ENVELOPE and for the author's domain.

/// One entry of an ENVELOPE address list (RFC 3501 §7.4.2): a group is opened by an entry with a mailbox alone and
/// closed by an empty one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Entry {
    pub(super) name: Option<String>,
    pub(super) mailbox: Option<String>,
    pub(super) host: Option<String>,
}

impl Entry {
    /// `mailbox@host`, if it is an address.
    pub(super) fn address(&self) -> Option<String> {
        Some(format!("{}@{}", self.mailbox.as_ref()?, self.host.as_ref()?))
    }
}

/// Reads an unfolded list; what cannot be read as an address becomes an entry without host.
pub(super) fn read(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut phrase = Phrase::default();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => phrase.push_quoted(&mut characters),
            '(' => skip_comment(&mut characters),
            '<' => phrase.angle = Some(characters.by_ref().take_while(|&c| c != '>').collect()),
            ',' => entries.extend(phrase.take()),
            ':' => entries
                .push(Entry { mailbox: Some(std::mem::take(&mut phrase).words.trim().to_owned()), ..Entry::default() }),
            ';' => {
                entries.extend(phrase.take());
                entries.push(Entry::default());
            }
            other => phrase.words.push(other),
        }
    }
    entries.extend(phrase.take());
    entries
}

/// What stands before the next comma.
#[derive(Default)]
struct Phrase {
    words: String,
    angle: Option<String>,
}

impl Phrase {
    fn push_quoted(&mut self, characters: &mut std::str::Chars<'_>) {
        while let Some(character) = characters.next() {
            match character {
                '"' => return,
                '\\' => self.words.extend(characters.next()),
                other => self.words.push(other),
            }
        }
    }

    fn take(&mut self) -> Option<Entry> {
        let Phrase { words, angle } = std::mem::take(self);
        let words = words.trim();
        let (name, address) = match &angle {
            Some(address) => ((!words.is_empty()).then(|| words.to_owned()), address.trim()),
            None => (None, words),
        };
        if address.is_empty() && name.is_none() {
            return None;
        }
        // A source route (RFC 5322 §4.4, obs-route) names no part of the address.
        let address = address.strip_prefix('@').and_then(|route| Some(route.split_once(':')?.1)).unwrap_or(address);
        let (mailbox, host) = match address.rsplit_once('@') {
            Some((mailbox, host)) => (mailbox, Some(host.to_owned())),
            None => (address, None),
        };
        Some(Entry { name, mailbox: Some(mailbox.to_owned()), host })
    }
}

fn skip_comment(characters: &mut std::str::Chars<'_>) {
    let mut depth = 1;
    while let Some(character) = characters.next() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            '\\' => drop(characters.next()),
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: Option<&str>, mailbox: Option<&str>, host: Option<&str>) -> Entry {
        Entry { name: name.map(str::to_owned), mailbox: mailbox.map(str::to_owned), host: host.map(str::to_owned) }
    }

    #[test]
    fn names_comments_and_quotes_are_told_from_addresses() {
        let read = read("\"Tremblay, Marie\" <marie@client.test>, bob@x.test (Bob, of X), J. Doe <j@[192.0.2.1]>");
        assert_eq!(
            read,
            [
                entry(Some("Tremblay, Marie"), Some("marie"), Some("client.test")),
                entry(None, Some("bob"), Some("x.test")),
                entry(Some("J. Doe"), Some("j"), Some("[192.0.2.1]")),
            ]
        );
    }

    #[test]
    fn a_group_is_opened_and_closed() {
        let expected =
            [entry(None, Some("Team"), None), entry(None, Some("a"), Some("x.test")), entry(None, None, None)];
        assert_eq!(read("Team: a@x.test;"), expected);
    }

    #[test]
    fn what_is_no_address_has_no_host() {
        assert_eq!(read("MAILER-DAEMON")[0].address(), None);
        assert!(read(" , ,").is_empty());
    }
}
