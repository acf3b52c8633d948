//! Header fields: 7-bit, folded at 76 columns, whatever the text holds.
//!
//! RFC 5322 §2.2.3 (folding), RFC 2047 (other letters than ASCII), RFC 2231 (file names), RFC 6857 §3.1.8 (addresses
//! that no 7-bit header can hold). A value is cleaned before it is written, so that no text ends a field or starts one.

use std::borrow::Cow;

use crate::mail::Mailbox;

/// No line of ours is longer, save for one address or identifier that is.
const LINE_COLUMNS: usize = 76;
/// An encoded word may have 75 (RFC 2047 §2); shorter ones fit behind every field name of ours.
const WORD_COLUMNS: usize = 60;
/// Shown names are cut at so many characters.
const NAME_CHARACTERS: usize = 120;

/// The header of a mail or part in the making.
pub(super) struct Header<'a> {
    out: &'a mut Vec<u8>,
    column: usize,
    is_first_unit: bool,
}

impl<'a> Header<'a> {
    /// Fields are written behind what `out` holds.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Header { out, column: 0, is_first_unit: true }
    }

    /// A field whose value is ours and holds nothing of a mail.
    pub(super) fn plain(&mut self, name: &str, value: &str) {
        self.start(name);
        self.unit(value);
        self.end();
    }

    /// A field of free text (RFC 5322 §3.2.5, `unstructured`).
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.start(name);
        self.words(&one_line(value));
        self.end();
    }

    /// A field of identifiers, each with its `<>`.
    pub(super) fn ids<'i>(&mut self, name: &str, ids: impl IntoIterator<Item = &'i str>) {
        self.start(name);
        for id in ids {
            self.unit(&format!("<{id}>"));
        }
        self.end();
    }

    /// A field of addresses (RFC 5322 §3.4). None is written as an empty group.
    pub(super) fn mailboxes(&mut self, name: &str, mailboxes: &[Mailbox]) {
        self.start(name);
        if mailboxes.is_empty() {
            self.unit("undisclosed-recipients:;");
        }
        for (at, mailbox) in mailboxes.iter().enumerate() {
            let comma = if at + 1 < mailboxes.len() { "," } else { "" };
            self.mailbox(mailbox, comma);
        }
        self.end();
    }

    /// `Content-Disposition` with a file name.
    pub(super) fn disposition(&mut self, disposition: &str, file_name: &str) {
        let name = file_name_of(file_name);
        self.start("Content-Disposition");
        let quotable = name.is_ascii() && !name.contains(['"', '\\', '%']) && !name.contains("=?");
        if quotable && name.len() <= WORD_COLUMNS {
            self.unit(&format!("{disposition};"));
            self.unit(&format!("filename=\"{name}\""));
        } else {
            self.unit(&format!("{disposition};"));
            self.extended_parameter("filename", &name);
        }
        self.end();
    }

    /// RFC 2231 §3 and §4: percent-encoded, in numbered pieces where it is long.
    fn extended_parameter(&mut self, parameter: &str, value: &str) {
        let mut pieces = vec![String::new()];
        for c in value.chars() {
            let mut encoded = String::new();
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
                    encoded.push(char::from(byte));
                } else {
                    push_hex(&mut encoded, '%', byte);
                }
            }
            match pieces.last_mut() {
                Some(piece) if piece.len() + encoded.len() <= 45 => piece.push_str(&encoded),
                _ => pieces.push(encoded),
            }
        }
        if let [whole] = pieces.as_slice() {
            self.unit(&format!("{parameter}*=utf-8''{whole}"));
            return;
        }
        let last = pieces.len() - 1;
        for (at, piece) in pieces.iter().enumerate() {
            let charset = if at == 0 { "utf-8''" } else { "" };
            let semicolon = if at == last { "" } else { ";" };
            self.unit(&format!("{parameter}*{at}*={charset}{piece}{semicolon}"));
        }
    }

    fn mailbox(&mut self, mailbox: &Mailbox, comma: &str) {
        let Some(address) = mailbox.address.in_ascii() else {
            // RFC 6857 §3.1.8: an empty group that shows the address; the envelope holds the real one.
            self.words("Internationalized Address");
            self.encoded(mailbox.address.as_str());
            self.unit(&format!("Removed:;{comma}"));
            return;
        };
        let line = mailbox.name.as_deref().map(one_line);
        let name = line.as_deref().map(|line| without_addresses(short(line, NAME_CHARACTERS)));
        match name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
            None => self.unit(&format!("{address}{comma}")),
            Some(name) => {
                self.phrase(name);
                self.unit(&format!("<{address}>{comma}"));
            }
        }
    }

    /// A display name: quoted where it is ASCII (RFC 5322 §3.2.4), else encoded.
    fn phrase(&mut self, name: &str) {
        if name.is_ascii() && !name.contains("=?") && name.len() <= WORD_COLUMNS {
            let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
            self.unit(&format!("\"{escaped}\""));
        } else {
            self.encoded(name);
        }
    }

    /// Words separated by single spaces. From the first to the last one that ASCII cannot say they are encoded; the
    /// others stay readable for the programs that look for a reference in them.
    fn words(&mut self, text: &str) {
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        let odd = |word: &&str| !word.is_ascii() || word.contains("=?") || word.len() > WORD_COLUMNS;
        let Some(first) = words.iter().position(odd) else {
            words.iter().for_each(|word| self.unit(word));
            return;
        };
        let last = words.iter().rposition(odd).unwrap_or(first);
        words[..first].iter().for_each(|word| self.unit(word));
        self.encoded(&words[first..=last].join(" "));
        words[last + 1..].iter().for_each(|word| self.unit(word));
    }

    /// RFC 2047 encoded words: Q where most is ASCII, else B.
    fn encoded(&mut self, text: &str) {
        let quotable = text.bytes().filter(|byte| !is_q_safe(*byte) && *byte != b' ').count();
        if quotable * 2 > text.len() { self.encoded_as_b(text) } else { self.encoded_as_q(text) }
    }

    fn encoded_as_q(&mut self, text: &str) {
        let mut word = String::with_capacity(LINE_COLUMNS);
        word.push_str("=?utf-8?Q?");
        let empty = word.len();
        for c in text.chars() {
            let stands = c == ' ' || c.is_ascii() && is_q_safe(c as u8);
            let width = if stands { 1 } else { 3 * c.len_utf8() };
            if word.len() + width + 2 > WORD_COLUMNS {
                word.push_str("?=");
                self.unit(&word);
                word.truncate(empty);
            }
            match c {
                ' ' => word.push('_'),
                _ if stands => word.push(c),
                _ => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push_hex(&mut word, '=', byte)),
            }
        }
        word.push_str("?=");
        self.unit(&word);
    }

    fn encoded_as_b(&mut self, text: &str) {
        const BYTES: usize = (WORD_COLUMNS - "=?utf-8?B??=".len()) / 4 * 3;
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(rest.floor_char_boundary(BYTES));
            self.unit(&format!("=?utf-8?B?{}?=", data_encoding::BASE64.encode(piece.as_bytes())));
            rest = behind;
        }
    }

    fn start(&mut self, name: &str) {
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b':');
        self.column = name.len() + 1;
        self.is_first_unit = true;
    }

    /// What must not be broken: behind a space where it fits, else on a new line. The first stands on the line of the
    /// field's name, because some servers stumble over a name alone.
    fn unit(&mut self, unit: &str) {
        if self.column + 1 + unit.len() > LINE_COLUMNS && !self.is_first_unit {
            self.out.extend_from_slice(b"\r\n");
            self.column = 0;
        }
        self.out.push(b' ');
        self.out.extend_from_slice(unit.as_bytes());
        self.column += 1 + unit.len();
        self.is_first_unit = false;
    }

    fn end(&mut self) {
        self.out.extend_from_slice(b"\r\n");
    }
}

/// One line without control and bidirectional characters, runs of white space as one space.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) && !text.contains("  ") {
        return Cow::Borrowed(text.trim());
    }
    let mut line = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        let c = if c.is_control() || c.is_whitespace() { ' ' } else { c };
        if !(c == ' ' && (line.is_empty() || line.ends_with(' '))) {
            line.push(c);
        }
    }
    line.truncate(line.trim_end().len());
    Cow::Owned(line)
}

/// The first so many characters.
pub(super) fn short(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(at, _)| &text[..at])
}

/// Characters that turn the direction of text (UAX #9) or show as nothing: they make a name or subject read as another.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A name with its addresses cut to what stands before the `@`: some clients decode a name and forget its quotes (VM 8.2 refuses to
/// send then, alot 0.10 writes the address as a recipient of its own).
fn without_addresses(name: &str) -> Cow<'_, str> {
    if !name.contains('@') {
        return Cow::Borrowed(name);
    }
    let short = |word: &str| word.split('@').find(|part| !part.is_empty()).unwrap_or_default().to_owned();
    Cow::Owned(name.split(' ').map(short).collect::<Vec<_>>().join(" "))
}

/// Letters, digits and what RFC 2047 §5 (3) lets stand in a display name.
fn is_q_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'!' | b'*' | b'+' | b'-' | b'/')
}

/// Appends a byte as `=4E` or `%4E`.
pub(super) fn push_hex(text: &mut String, mark: char, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push(mark);
    text.push(char::from(DIGITS[usize::from(byte >> 4)]));
    text.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// A name without folders, for a file of ours to be.
fn file_name_of(name: &str) -> String {
    let name = one_line(name).replace(['/', '\\', ':'], "_");
    let name = short(name.trim_start_matches('.').trim(), NAME_CHARACTERS);
    if name.is_empty() { "attachment".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Header<'_>)) -> String {
        let mut out = Vec::new();
        write(&mut Header::new(&mut out));
        String::from_utf8(out).unwrap()
    }

    fn mailbox(name: &str, address: &str) -> Mailbox {
        Mailbox { name: Some(name.to_owned()), address: address.parse().unwrap() }
    }

    #[test]
    fn only_the_words_that_ascii_cannot_say_are_encoded() {
        assert_eq!(
            written(|h| h.text("Subject", "Re: [SD R-000123] Écran éteint au bureau [x]")),
            "Subject: Re: [SD R-000123] =?utf-8?Q?=C3=89cran_=C3=A9teint?= au bureau [x]\r\n"
        );
        assert_eq!(written(|h| h.text("Subject", "日本語")), "Subject: =?utf-8?B?5pel5pys6Kqe?=\r\n");
    }

    #[test]
    fn a_text_that_pretends_to_be_encoded_is_read_back_as_it_stands() {
        assert_eq!(
            written(|h| h.text("Subject", "=?utf-8?Q?Bcc?=")),
            "Subject: =?utf-8?Q?=3D=3Futf-8=3FQ=3FBcc=3F=3D?=\r\n"
        );
    }

    #[test]
    fn no_name_holds_an_address_that_a_client_could_take_for_a_recipient() {
        let name = "→ odile@client.test, @paul";
        let field = written(|h| h.mailboxes("Reply-To", &[mailbox(name, "desk@ville.test")]));
        assert!(!field.replace("<desk@ville.test>", "").contains('@'), "{field}");
        assert!(field.contains("odile") && field.contains("paul"), "{field}");
    }

    #[test]
    fn a_line_break_in_a_name_starts_no_field() {
        assert_eq!(
            written(|h| h.mailboxes("To", &[mailbox("x\r\nBcc: \"e\" <e@x.test>\0", "m@client.test")])),
            "To: \"x Bcc: \\\"e\\\" <e\" <m@client.test>\r\n"
        );
    }

    #[test]
    fn long_fields_are_folded() {
        let text = written(|h| h.text("Subject", &"mot ".repeat(60)));
        assert!(text.lines().count() > 3);
        assert!(text.lines().all(|line| line.len() <= 76), "{text}");
        let text = written(|h| h.text("Subject", &"é".repeat(200)));
        assert!(text.lines().all(|line| line.len() <= 76 && !line.trim().is_empty()), "{text}");
    }

    #[test]
    fn an_address_that_is_not_ascii_is_shown_and_not_written() {
        assert_eq!(
            written(|h| h.mailboxes("To", &[mailbox("É", "é@exemple.test")])),
            "To: Internationalized Address =?utf-8?Q?=C3=A9=40exemple=2Etest?= Removed:;\r\n"
        );
    }

    #[test]
    fn file_names_are_written_as_rfc_2231_says() {
        assert_eq!(
            written(|h| h.disposition("attachment", "../plan.pdf")),
            "Content-Disposition: attachment; filename=\"_plan.pdf\"\r\n"
        );
        assert_eq!(
            written(|h| h.disposition("attachment", "Reçu.pdf")),
            "Content-Disposition: attachment; filename*=utf-8''Re%C3%A7u.pdf\r\n"
        );
        let long = written(|h| h.disposition("attachment", &format!("{}.pdf", "é".repeat(40))));
        assert!(
            long.contains("filename*0*=utf-8''%C3%A9") && long.contains("; filename*1*=")
                || long.contains(" filename*1*="),
            "{long}"
        );
        assert!(long.lines().all(|line| line.len() <= 76), "{long}");
    }
}
