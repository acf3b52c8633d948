//! Uuencoded files in the text of old mail (POSIX uuencode).

use std::ops::Range;

use super::work;

/// One file: where it stands in the text, its name and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) range: Range<usize>,
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// The files in a text. A block counts where its first data line and its `end` are right; half a file is text.
pub(super) fn files(text: &str) -> Vec<File> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = next_begin(text, at) {
        let line_end = text[start..].find('\n').map_or(text.len(), |length| start + length + 1);
        match name(text[start..line_end].trim_end()).and_then(|name| Some((name, body(text, line_end)?))) {
            Some((name, (bytes, end))) => {
                found.push(File { range: start..end, name, bytes });
                at = end;
            }
            None => at = line_end,
        }
        if found.len() >= 200 {
            break;
        }
    }
    found
}

/// Bytes of the first file of a part that is nothing else.
pub(super) fn first(raw: &[u8]) -> Option<Vec<u8>> {
    let text = super::charset::decode(Some("iso-8859-1"), raw).0;
    if let Some(file) = files(&text).into_iter().next() {
        return Some(file.bytes);
    }
    // The transfer encoding without its `begin` and `end` lines.
    let mut bytes = Vec::new();
    let lines = text.lines().map(|line| line.trim_end_matches('\r')).filter(|line| !line.is_empty());
    lines.take_while(|line| *line != "end").all(|line| data_line(line.as_bytes(), &mut bytes)).then_some(bytes)
}

fn next_begin(text: &str, from: usize) -> Option<usize> {
    if text[from..].starts_with("begin ") {
        return Some(from);
    }
    work::searched(&text[from..], text[from..].find("\nbegin ")).map(|at| from + at + 1)
}

/// `begin 644 name`.
fn name(line: &str) -> Option<String> {
    let (mode, name) = line.strip_prefix("begin ")?.split_once(' ')?;
    let good = (3..=4).contains(&mode.len()) && mode.bytes().all(|b| (b'0'..=b'7').contains(&b));
    good.then(|| name.trim().to_owned()).filter(|name| !name.is_empty())
}

fn body(text: &str, from: usize) -> Option<(Vec<u8>, usize)> {
    let mut bytes = Vec::new();
    let mut at = from;
    while at < text.len() {
        work::count(1);
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length + 1);
        let line = text[at..end].trim_end_matches(['\r', '\n']);
        at = end;
        if line == "end" {
            return Some((bytes, at));
        }
        if line.is_empty() {
            continue;
        }
        if !data_line(line.as_bytes(), &mut bytes) {
            return None;
        }
    }
    None
}

fn data_line(line: &[u8], bytes: &mut Vec<u8>) -> bool {
    if !line.iter().all(|b| (b' '..=b'`').contains(b)) {
        return false;
    }
    let value = |byte: Option<&u8>| byte.map_or(0, |byte| (byte - b' ') & 0x3f);
    let length = usize::from(value(line.first()));
    let data = &line[1..];
    if data.len() > 100 || data.len() + 4 < length.div_ceil(3) * 4 - length.div_ceil(3) * 4 / 8 {
        return false;
    }
    let wanted = bytes.len() + length;
    for quantum in data.chunks(4) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|at| value(quantum.get(at)));
        bytes.extend_from_slice(&[a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
    }
    bytes.resize(wanted, 0);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_cut_out_of_the_text_around_it() {
        let text = "Voir\nbegin 644 a.txt\n#0V%T\n`\nend\nMerci\n";
        let found = files(text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].bytes.as_slice()), ("a.txt", &b"Cat"[..]));
        assert_eq!(&text[found[0].range.clone()], "begin 644 a.txt\n#0V%T\n`\nend\n");
    }

    #[test]
    fn a_sentence_that_begins_with_begin_is_text() {
        assert_eq!(files("begin 644 days ago\nwe started\nend\n"), []);
        assert_eq!(files("begin by rebooting\n"), []);
    }
}
