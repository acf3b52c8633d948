//! A strict reader for the letters under test: it knows nothing of how they are written.

use data_encoding::BASE64;

/// A part, read back.
pub(crate) struct Part {
    /// Names in lower case, values unfolded.
    pub(crate) fields: Vec<(String, String)>,
    /// Decoded; of a multipart, empty.
    pub(crate) body: Vec<u8>,
    pub(crate) parts: Vec<Part>,
}

impl Part {
    /// Values of all fields of that name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The value of the one field of that name.
    pub(crate) fn one(&self, name: &str) -> &str {
        let all = self.all(name);
        assert_eq!(all.len(), 1, "{name}: {all:?}");
        all[0]
    }

    /// This part and all within it.
    pub(crate) fn leaves(&self) -> Vec<&Part> {
        if self.parts.is_empty() { vec![self] } else { self.parts.iter().flat_map(Part::leaves).collect() }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// Reads a mail; panics where it is not as RFC 5322 and 2045 say.
pub(crate) fn mail(bytes: &[u8]) -> Part {
    assert!(bytes.is_ascii(), "8 bits in a letter");
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.ends_with("\r\n"));
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "a bare CR or LF");
    for line in text.split("\r\n") {
        assert!(line.len() <= 998, "a line of {} bytes", line.len());
        assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "a control character: {line:?}");
    }
    part(text)
}

fn part(text: &str) -> Part {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        if let Some(more) = line.strip_prefix([' ', '\t']) {
            assert!(!more.trim().is_empty(), "an empty folded line");
            fields.last_mut().unwrap().1.push_str(&format!(" {more}"));
        } else {
            let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no field: {line:?}"));
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{name:?}");
            fields.push((name.to_lowercase(), value.trim().to_owned()));
        }
    }
    let mut part = Part { fields, body: Vec::new(), parts: Vec::new() };
    let content_type = part.one("content-type").to_owned();
    if let Some(boundary) = content_type.split("boundary=\"").nth(1).map(|rest| rest.trim_end_matches('"')) {
        let pieces: Vec<&str> = format!("\r\n{body}").leak().split(&format!("\r\n--{boundary}")).collect();
        assert!(pieces.len() > 2 && pieces.last().unwrap().starts_with("--\r\n"), "{boundary} is not closed");
        part.parts =
            pieces[1..pieces.len() - 1].iter().map(|piece| self::part(piece.strip_prefix("\r\n").unwrap())).collect();
    } else {
        part.body = match part.one("content-transfer-encoding") {
            "7bit" => body.replace("\r\n", "\n").into_bytes(),
            "quoted-printable" => unquoted(body).replace("\r\n", "\n").into_bytes(),
            "base64" => BASE64.decode(body.replace("\r\n", "").as_bytes()).unwrap(),
            other => panic!("{other}"),
        };
    }
    part
}

fn unquoted(body: &str) -> String {
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut pieces = joined.split('=');
    bytes.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).unwrap());
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

/// RFC 2047 words of a field as text.
pub(crate) fn decoded(value: &str) -> String {
    let mut text = String::new();
    let mut after_encoded = false;
    for word in value.split(' ') {
        let encoded = word.strip_prefix("=?utf-8?").and_then(|rest| rest.strip_suffix("?="));
        let is_joined = after_encoded && encoded.is_some();
        if !text.is_empty() && !is_joined {
            text.push(' ');
        }
        match encoded.and_then(|rest| rest.split_once('?')) {
            Some(("B", payload)) => {
                text.push_str(&String::from_utf8(BASE64.decode(payload.as_bytes()).unwrap()).unwrap());
            }
            Some(("Q", payload)) => text.push_str(&unquoted(&payload.replace('_', " "))),
            _ => text.push_str(word),
        }
        after_encoded = encoded.is_some();
    }
    text
}
