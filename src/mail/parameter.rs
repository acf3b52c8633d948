//! Structured field values: `token; name=value; …` (RFC 2045 §5.1, RFC 2183), with RFC 2231 and what precedes it.

use super::{charset, encoded_word, transfer};

/// Parameters beyond this number are not read.
const PARAMETERS_MAX: usize = 200;

/// A value with its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameterised {
    /// What stands before the first `;`, lower case.
    pub(super) value: String,
    /// Names in lower case, values decoded; continuations joined.
    parameters: Vec<(String, String)>,
}

impl Parameterised {
    /// Reads an unfolded field value.
    pub(super) fn parse(text: &str) -> Self {
        let (value, rest) = text.split_once(';').unwrap_or((text, ""));
        let value = value.split(char::is_whitespace).find(|word| !word.is_empty()).unwrap_or("");
        Parameterised { value: value.trim_matches('"').to_ascii_lowercase(), parameters: join(pieces(rest)) }
    }

    /// The parameter of a name in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A parameter as it stands: `name*0*=value`.
struct Piece {
    name: String,
    number: Option<u32>,
    extended: bool,
    value: String,
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = text;
    while found.len() < PARAMETERS_MAX {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        let Some((name, behind)) = rest.split_once('=') else { break };
        let behind = behind.trim_start();
        let (value, behind) = value(behind);
        rest = behind;
        // A stray word before the name belongs to a value with unquoted blanks.
        let name =
            name.rsplit([';', ' ', '\t']).find(|word| !word.is_empty()).unwrap_or("").trim().to_ascii_lowercase();
        let extended = name.ends_with('*');
        let bare = name.trim_end_matches('*');
        let (bare, number) = match bare.split_once('*') {
            Some((bare, number)) => (bare, number.parse().ok()),
            None => (bare, None),
        };
        found.push(Piece { name: bare.to_owned(), number, extended, value });
    }
    found
}

/// One value, quoted or not, and what follows it. Unquoted values may hold blanks: clients forget the quotes.
fn value(text: &str) -> (String, &str) {
    if let Some(quoted) = text.strip_prefix('"') {
        let mut value = String::new();
        let mut escaped = false;
        for (at, c) in quoted.char_indices() {
            match c {
                '"' if !escaped => {
                    let behind = &quoted[at + 1..];
                    return (value, behind.split_once(';').map_or("", |(_, behind)| behind));
                }
                // Windows paths are written without doubling; only quotes and backslashes are escapes.
                '\\' if !escaped && quoted[at + 1..].starts_with(['"', '\\']) => {
                    escaped = true;
                    continue;
                }
                _ => value.push(c),
            }
            escaped = false;
        }
        let (value, behind) = quoted.split_once(';').unwrap_or((quoted, ""));
        return (value.trim().to_owned(), behind);
    }
    let (value, behind) = text.split_once(';').unwrap_or((text, ""));
    (value.trim().to_owned(), behind)
}

fn join(pieces: Vec<Piece>) -> Vec<(String, String)> {
    let mut joined: Vec<(String, String)> = Vec::new();
    let mut names: Vec<&str> = pieces.iter().map(|piece| piece.name.as_str()).collect();
    names.dedup();
    for name in names {
        if joined.iter().any(|(known, _)| known == name) {
            continue;
        }
        let mut own: Vec<&Piece> = pieces.iter().filter(|piece| piece.name == name).collect();
        // The form of RFC 2231 is preferred to the plain one beside it.
        if own.iter().any(|piece| piece.extended || piece.number.is_some()) {
            own.retain(|piece| piece.extended || piece.number.is_some());
            own.sort_by_key(|piece| piece.number.unwrap_or(0));
            if own.iter().all(|piece| piece.number.is_none()) {
                own.truncate(1);
            }
            joined.push((name.to_owned(), extended(&own)));
        } else if let Some(piece) = own.first() {
            joined.push((name.to_owned(), encoded_word::decode(&piece.value).into_owned()));
        }
    }
    joined
}

/// Joins continuations (RFC 2231 §3) and decodes `charset'language'%41…` (§4).
fn extended(pieces: &[&Piece]) -> String {
    let mut bytes = Vec::new();
    let mut label = None;
    for (at, piece) in pieces.iter().enumerate() {
        let mut value = piece.value.as_str();
        if at == 0 && piece.extended {
            let mut fields = value.splitn(3, '\'');
            if let (Some(charset), Some(_), Some(text)) = (fields.next(), fields.next(), fields.next()) {
                label = (!charset.is_empty()).then(|| charset.to_owned());
                value = text;
            }
        }
        if piece.extended || label.is_some() && value.contains('%') {
            percent_decode(value, &mut bytes);
        } else {
            bytes.extend_from_slice(value.as_bytes());
        }
    }
    let text = charset::decode(label.as_deref(), &bytes).0.into_owned();
    encoded_word::decode(&text).into_owned()
}

fn percent_decode(text: &str, bytes: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match (byte, transfer::escape(behind)) {
            (b'%', Some(decoded)) => {
                bytes.push(decoded);
                rest = &behind[2..];
            }
            _ => bytes.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<String> {
        Parameterised::parse(text).get("filename").map(str::to_owned)
    }

    #[test]
    fn names_of_every_sort_of_client() {
        assert_eq!(name("attachment; filename=a.pdf").as_deref(), Some("a.pdf"));
        assert_eq!(name("attachment; filename=mon rapport.pdf; size=3").as_deref(), Some("mon rapport.pdf"));
        assert_eq!(name("attachment; filename=\"a;b=\\\"c\\\".pdf\"").as_deref(), Some("a;b=\"c\".pdf"));
        assert_eq!(name("attachment; filename=\"=?utf-8?q?=C3=A9t=C3=A9=2Epdf?=\"").as_deref(), Some("été.pdf"));
        assert_eq!(
            name("attachment; filename*=utf-8''%C3%A9t%C3%A9.pdf; filename=ete.pdf").as_deref(),
            Some("été.pdf")
        );
        assert_eq!(
            name("attachment; FileName*0*=iso-8859-1'fr'%E9t; filename*1=\"e.pdf\"").as_deref(),
            Some("éte.pdf")
        );
    }

    #[test]
    fn continuations_are_joined_in_their_order() {
        assert_eq!(name("a; filename*1=\"b\"; filename*0=\"a\"; filename*2=\"c\"").as_deref(), Some("abc"));
    }

    #[test]
    fn the_value_stands_alone_in_lower_case() {
        assert_eq!(Parameterised::parse("Text/HTML ; charset=\"UTF-8\"").value, "text/html");
        assert_eq!(Parameterised::parse("Text/HTML ; charset=\"UTF-8\"").get("charset"), Some("UTF-8"));
        assert_eq!(Parameterised::parse("").value, "");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[a-c*0-2=;\"'%\\\\ é?]*") {
            Parameterised::parse(&text);
        }
    }
}
