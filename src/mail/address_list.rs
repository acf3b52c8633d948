//! Address lists as mails hold them (RFC 5322 §3.4 and §4.4), and as clients damage them.

use super::{Address, Mailbox, charset, encoded_word, sanitize, work};

/// More addresses than any letter is written to.
const ADDRESSES_MAX: usize = 10_000;

/// Bytes of a name that is looked for around bare commas and colons.
const NAME_MAX: usize = 500;

/// Every address of a field, in order: groups flattened, `;` taken for `,`, what is no address left out.
pub(super) fn parse(raw: &[u8]) -> Vec<Mailbox> {
    read(raw).mailboxes
}

/// The same, and whether one of them stands in an encoded word.
pub(super) fn read(raw: &[u8]) -> List {
    let mut list = List::default();
    parse_text(&charset::decode_undeclared(raw), true, &mut list);
    list
}

/// Whether a field names a group (RFC 5322 §3.4, `group`), or looks like it: a colon that no address, quoted string, comment,
/// domain literal or encoded word holds.
pub(super) fn has_group(raw: &[u8]) -> bool {
    let text = charset::decode_undeclared(raw);
    let mut rest: &str = &text;
    let last_encoded = text.rfind("?=").unwrap_or(0);
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        let end = match c {
            ':' => return true,
            '=' if rest.starts_with('?') && text.len() - rest.len() < last_encoded => rest.find("?="),
            '"' => closing_quote(rest),
            '(' => closing_parenthesis(rest),
            '<' => work::searched(rest, rest.find('>')),
            '[' => work::searched(rest, rest.find(']')),
            _ => continue,
        };
        match end {
            Some(end) => rest = &rest[end + 1..],
            // What it opens has no end: nobody knows what the colons behind it are.
            None => return rest.contains(':'),
        }
    }
    false
}

/// What has been read of a field.
#[derive(Default)]
pub(super) struct List {
    pub(super) mailboxes: Vec<Mailbox>,
    /// An address stands in an encoded word, which is no place for one (RFC 2047 §5).
    pub(super) has_encoded_address: bool,
}

/// One entry of a list while it is read.
#[derive(Default)]
struct Entry {
    /// What stands outside `<>` and comments, quotes removed, and with them.
    phrase: String,
    written: String,
    /// What stands before a comma or a colon that may be part of the name, with it.
    before: String,
    angle: Option<String>,
    comment: String,
}

fn parse_text(text: &str, may_be_encoded: bool, found: &mut List) {
    let mut entry = Entry::default();
    let (mut quotes_close, mut comments_close) = (true, true);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if found.mailboxes.len() >= ADDRESSES_MAX {
            return;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            '"' if quotes_close => match closing_quote(rest) {
                Some(end) => {
                    entry.quoted(&rest[..end]);
                    rest = &rest[end + 1..];
                }
                None => quotes_close = false,
            },
            '(' if comments_close => match closing_parenthesis(rest) {
                Some(end) => {
                    if entry.comment.is_empty() {
                        entry.comment = rest[..end].chars().filter(|&c| c != '\\').collect();
                    }
                    entry.push(' ');
                    rest = &rest[end + 1..];
                }
                None => {
                    comments_close = false;
                    entry.push(c);
                }
            },
            '<' => {
                let end = work::searched(rest, rest.find(['>', '<'])).filter(|&end| rest[end..].starts_with('>'));
                let end_or_separator =
                    end.unwrap_or_else(|| work::searched(rest, rest.find([',', ';', '<'])).unwrap_or(rest.len()));
                let inside = &rest[..end_or_separator];
                let has_none = entry.angle.as_deref().is_none_or(|angle| !angle.contains('@'));
                if has_none && let Some(earlier) = entry.angle.replace(inside.to_owned()) {
                    entry.push_text(&earlier);
                }
                rest = &rest[end_or_separator + usize::from(end.is_some())..];
            }
            ',' if entry.is_words() => entry.put_before(c),
            ',' | ';' => entry.finish(found, may_be_encoded),
            ':' if entry.angle.is_none() && !entry.phrase.contains('@') => {
                if is_name_of_one(rest) {
                    entry.put_before(c);
                } else {
                    entry = Entry::default();
                }
            }
            c => entry.push(c),
        }
    }
    entry.finish(found, may_be_encoded);
}

/// Whether what stands behind a colon is the one address that a name with a colon in it belongs to, and no group (RFC 5322
/// §3.4), which a semicolon ends.
fn is_name_of_one(behind: &str) -> bool {
    behind.len() < NAME_MAX
        && !behind.contains(';')
        && behind.contains('<')
        && behind.bytes().filter(|&byte| byte == b'@').take(2).count() == 1
}

impl Entry {
    fn push(&mut self, c: char) {
        self.phrase.push(c);
        self.written.push(c);
    }

    fn push_text(&mut self, text: &str) {
        self.phrase.push_str(text);
        self.written.push_str(text);
    }

    fn quoted(&mut self, inside: &str) {
        let mut escaped = false;
        for c in inside.chars() {
            if c == '\\' && !escaped {
                escaped = true;
            } else {
                self.phrase.push(c);
                escaped = false;
            }
        }
        self.written.push('"');
        self.written.push_str(inside);
        self.written.push('"');
    }

    /// Whether it holds nothing but words, as before the bare comma of `Tremblay, Marie <marie@client.test>`.
    fn is_words(&self) -> bool {
        self.angle.is_none() && !self.written.trim().is_empty() && !encoded_word::decode(&self.written).contains('@')
    }

    /// Keeps what has been read for the name of an address in `<>` that may follow.
    fn put_before(&mut self, separator: char) {
        if self.before.len() > NAME_MAX {
            self.before.clear();
        }
        self.before.push_str(encoded_word::decode(&self.phrase).trim_end());
        self.before.push(separator);
        self.phrase.clear();
        self.written.clear();
    }

    fn finish(&mut self, found: &mut List, may_be_encoded: bool) {
        let entry = std::mem::take(self);
        let decoded = encoded_word::decode(&entry.phrase).into_owned();
        let encoded = |angle: &str| {
            let decoded = encoded_word::decode(angle);
            (may_be_encoded && decoded != angle).then(|| address(&decoded)).flatten()
        };
        let plain = entry.angle.as_deref().and_then(address);
        let is_plain = plain.is_some();
        if let Some(address) = plain.or_else(|| entry.angle.as_deref().and_then(encoded)) {
            let whole = format!("{}{decoded}", entry.before);
            let whole = whole.trim_end().trim_end_matches([',', ':']);
            let name = name(whole).or_else(|| name(&encoded_word::decode(&entry.comment)));
            found.mailboxes.push(Mailbox { name, address });
            found.has_encoded_address |= !is_plain || entry.angle.is_some_and(|angle| angle.contains("=?"));
        } else if let Some(address) = address(&entry.written).or_else(|| first_with_at(&entry.written)) {
            let name = name(&encoded_word::decode(&entry.comment));
            found.has_encoded_address |= entry.written.contains("=?");
            found.mailboxes.push(Mailbox { name, address });
        } else if may_be_encoded && decoded != entry.phrase && decoded.contains('@') {
            // The whole mailbox inside an encoded word, as some web mailers write it.
            found.has_encoded_address = true;
            parse_text(&decoded, false, found);
        }
    }
}

/// Reads `local@domain`; blanks around dots and `@` (RFC 5322 §4.4), a route and needless quotes go, needed ones stay.
fn address(text: &str) -> Option<Address> {
    let text = text.trim().trim_start_matches("mailto:");
    let text = text.trim_start_matches(['\'', '<']).trim_end_matches(['\'', '>', '.']);
    let text = match text.strip_prefix('@') {
        Some(route) => route.rsplit_once(':').map(|(_, address)| address)?,
        None => text,
    };
    let (local, domain) = text.rsplit_once('@')?;
    let local = local.trim();
    let decoded = encoded_word::decode(local);
    let unquoted = decoded.trim_matches('"');
    let tight = |part: &str| {
        let part = part.trim();
        if part.contains(char::is_whitespace)
            && part.split_whitespace().any(|word| word.starts_with('.') || word.ends_with('.'))
        {
            part.split_whitespace().collect::<String>()
        } else {
            part.to_owned()
        }
    };
    let domain = tight(domain);
    let written = || format!("{local}@{domain}").parse().ok();
    format!("{}@{domain}", tight(unquoted)).parse().ok().or_else(written)
}

/// The one word with an `@` among several, where no `<>` tell which is the address.
fn first_with_at(text: &str) -> Option<Address> {
    let mut words = text.split_whitespace().filter(|word| word.contains('@'));
    let word = words.next()?;
    address(word.trim_matches(['[', ']', '"']))
}

fn name(decoded: &str) -> Option<String> {
    let name = sanitize::line(decoded);
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.trim_matches(['"', '<', '>', ' ']);
    let single = name.len() > 1 && name.starts_with('\'') && name.ends_with('\'');
    let name = if single { name[1..name.len() - 1].trim() } else { name };
    (!name.is_empty()).then(|| name.to_owned())
}

fn closing_quote(rest: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate() {
        work::count(1);
        match byte {
            b'"' if !escaped => return Some(at),
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

fn closing_parenthesis(rest: &str) -> Option<usize> {
    let (mut depth, mut escaped) = (1, false);
    for (at, byte) in rest.bytes().enumerate() {
        work::count(1);
        match byte {
            b'(' if !escaped => depth += 1,
            b')' if !escaped => depth -= 1,
            _ => {}
        }
        escaped = byte == b'\\' && !escaped;
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Option<String>, String)> {
        super::parse(text.as_bytes()).into_iter().map(|mailbox| (mailbox.name, mailbox.address.to_string())).collect()
    }

    fn has_encoded_address(raw: &[u8]) -> bool {
        super::read(raw).has_encoded_address
    }

    fn one(name: &str, address: &str) -> Vec<(Option<String>, String)> {
        vec![((!name.is_empty()).then(|| name.to_owned()), address.to_owned())]
    }

    #[test]
    fn the_usual_forms() {
        assert_eq!(read("a@b.test"), one("", "a@b.test"));
        assert_eq!(read("\"Tremblay, Marie\" <m@c.test>"), one("Tremblay, Marie", "m@c.test"));
        assert_eq!(read("m@c.test (Marie (RH))"), one("Marie (RH)", "m@c.test"));
        assert_eq!(read("=?utf-8?q?=C3=89ric=2C_RH?= <e@c.test>"), one("Éric, RH", "e@c.test"));
    }

    #[test]
    fn a_local_part_keeps_the_quotes_that_it_needs() {
        assert_eq!(read("\"marie tremblay\"@c.test"), one("", "\"marie tremblay\"@c.test"));
        assert_eq!(read("Marie <\"tremblay, marie\"@c.test>"), one("Marie", "\"tremblay, marie\"@c.test"));
        assert_eq!(read("\"marie.t\"@c.test"), one("", "marie.t@c.test"));
        assert_eq!(read("\"a@b\"@c.test"), one("", "\"a@b\"@c.test"));
    }

    #[test]
    fn a_bare_comma_or_colon_belongs_to_the_name_of_the_address_behind_it() {
        assert_eq!(read("Dubé, Claire <c@d.test>"), one("Dubé, Claire", "c@d.test"));
        assert_eq!(read("Dubé,Claire, ing. <c@d.test>"), one("Dubé,Claire, ing.", "c@d.test"));
        assert_eq!(read("Atelier: la scène <a@d.test>"), one("Atelier: la scène", "a@d.test"));
        assert_eq!(read("Atelier: lumière, son <a@d.test>"), one("Atelier: lumière, son", "a@d.test"));
        assert_eq!(read("=?utf-8?Q?Dub=C3=A9?=, =?utf-8?Q?L=C3=A9a?= <l@d.test>"), one("Dubé, Léa", "l@d.test"));
        assert_eq!(read("Dubé, <c@d.test>"), one("Dubé", "c@d.test"));
        let two = [one("Dubé, Claire", "c@d.test"), one("Roy, Luc", "l@d.test")].concat();
        assert_eq!(read("Dubé, Claire <c@d.test>, Roy, Luc <l@d.test>"), two);
        assert_eq!(read("Dubé, Claire <c@d.test>; Roy, Luc <l@d.test>"), two);
        assert_eq!(read("support, c@d.test"), one("", "c@d.test"));
        assert_eq!(read("Groupe: Claire <c@d.test>;"), one("Claire", "c@d.test"));
        let addresses = [one("Claire", "c@d.test"), one("Luc", "l@d.test")].concat();
        assert_eq!(read("Groupe: Claire <c@d.test>, Luc <l@d.test>"), addresses);
    }

    #[test]
    fn an_address_is_read_out_of_an_encoded_word_and_told_from_a_plain_one() {
        for text in [
            "Claire <=?utf-8?Q?c=40d.test?=>",
            "Claire <=?utf-8?B?Y0BkLnRlc3Q=?=>",
            "=?utf-8?Q?Claire_=3Cc=40d.test=3E?=",
            "=?utf-8?Q?Claire?= <=?utf-8?Q?c?=@d.test>",
        ] {
            assert_eq!(read(text), one("Claire", "c@d.test"), "{text}");
        }
        assert!(has_encoded_address(b"Claire <=?utf-8?Q?c=40d.test?=>"));
        assert!(has_encoded_address(b"\"c@d.test\" <=?utf-8?Q?c=40d.test?=>"));
        assert!(has_encoded_address(b"=?utf-8?Q?Claire_=3Cc=40d.test=3E?="));
        assert!(has_encoded_address(b"Claire <=?utf-8?Q?c?=@d.test>"));
        assert!(!has_encoded_address(b"=?utf-8?Q?c=40d.test?= <c@d.test>"));
    }

    #[test]
    fn groups_are_flattened_and_semicolons_separate() {
        let all: Vec<String> = read("Equipe: a@b.test, C <c@d.test>; e@f.test; undisclosed-recipients:;")
            .into_iter()
            .map(|(_, address)| address)
            .collect();
        assert_eq!(all, ["a@b.test", "c@d.test", "e@f.test"]);
    }

    #[test]
    fn a_group_is_told_from_a_colon_that_says_something_else() {
        for group in ["Team: a@b.test;", "Team:a@b.test, c@d.test", "undisclosed-recipients:;", "a@b.test: c@d.test;"] {
            assert!(has_group(group.as_bytes()), "{group}");
        }
        for one in [
            "a@b.test",
            "\"Team: A\" <a@b.test>",
            "A (of: B) <a@b.test>",
            "<@relay.test:a@b.test>",
            "a@[IPv6:2001:db8::1]",
            "=?utf-8?Q?Team:_A?= <a@b.test>",
        ] {
            assert!(!has_group(one.as_bytes()), "{one}");
        }
    }

    #[test]
    fn a_name_that_looks_like_an_address_is_a_name() {
        assert_eq!(read("\"boss@corp.test\" <evil@x.test>"), one("boss@corp.test", "evil@x.test"));
        assert_eq!(read("boss@corp.test <evil@x.test>"), one("boss@corp.test", "evil@x.test"));
    }

    #[test]
    fn what_could_end_a_command_or_header_is_no_address() {
        for text in ["<a@b.test\0>", "<a@b.test SIZE=1>", "<a b@c.test>", "nobody", "<>"] {
            assert_eq!(read(text), [], "{text:?}");
        }
        assert_eq!(read("<@relay.test,@x.test:a@b.test>"), one("", "a@b.test"));
    }

    #[test]
    fn unclosed_quotes_and_parentheses_hide_nothing() {
        assert_eq!(read("\"Marie <m@c.test>, x@y.test").len(), 2);
        assert_eq!(read("Marie ( <m@c.test>"), one("Marie (", "m@c.test"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_list(text in "[<>@,;:()\"\\\\a-c. \\r\\n=?]*") {
            parse(text.as_bytes());
        }
    }
}
