//! A lighter letter instead of one that a relay does not take: what was to be enclosed is left out, the largest first, and
//! named; where nothing is enclosed any more, the text goes alone.
//!
//! It is made of the stored letter, because what the letter was ordered from is not kept. It is a letter of its own, with
//! a Message-ID of its own: the one that was refused may be somewhere.

use super::body::{self, TransferEncoding};
use super::compose::write_body;
use super::enclose::{BOUNDARY_PREFIX, PlacedEnclosure};
use super::header::Header;
use super::html;
use super::made::Made;
use super::templates::Rendered;
use crate::desk::Enclosure;
use crate::mail::token::Token;

/// Room for what the note of the files that were left out adds.
const NOTE_BYTES: u64 = 2_000;

/// The letter that was refused.
#[derive(Clone, Copy, Debug)]
pub struct Refused<'a> {
    /// Its RFC 5322 bytes without the enclosures.
    pub bytes: &'a [u8],
    /// What was enclosed, and where.
    pub enclosures: &'a [PlacedEnclosure],
    /// Its text part.
    pub text: &'a str,
    /// The most that the relay takes, where it says so.
    pub bytes_max: Option<u64>,
}

/// What is sent instead.
#[derive(Clone, Debug, PartialEq)]
pub struct Lighter {
    /// RFC 5322, without the bytes of the enclosures.
    pub bytes: Vec<u8>,
    /// What is still enclosed.
    pub enclosures: Vec<PlacedEnclosure>,
    /// Its text part.
    pub text: String,
    /// What was left out.
    pub left_out: Vec<Enclosure>,
}

/// Makes it, under another token; `note` names what was left out, in a sentence. `None` where nothing can be left out any
/// more.
pub fn lighten(
    refused: &Refused<'_>,
    old: &Token,
    new: &Token,
    note: impl FnOnce(&[Enclosure]) -> String,
) -> Option<Lighter> {
    let (old, new) = (old.to_string(), new.to_string());
    let (old_seal, new_seal) = (seal(&old), seal(&new));
    let header_end = find(refused.bytes, b"\r\nMIME-Version: 1.0\r\n")? + b"\r\nMIME-Version: 1.0\r\n".len();
    let header = std::str::from_utf8(&refused.bytes[..header_end]).ok()?.replace(&old, &new);
    let mut bytes = header.into_bytes();
    let Some(kept) = kept(refused) else {
        html_part(refused.bytes)?;
        let text = refused.text.replace(&old, &new);
        write_alone(&mut bytes, &text);
        return Some(Lighter { bytes, enclosures: Vec::new(), text, left_out: Vec::new() });
    };
    let all: Vec<Enclosure> = refused.enclosures.iter().map(|placed| placed.enclosure.clone()).collect();
    let (enclosed, left_out): (Vec<Enclosure>, Vec<Enclosure>) =
        all.iter().cloned().partition(|one| kept.contains(one));
    let note = note(&left_out);
    let text = format!("{note}\n\n{}", refused.text.replace(&old, &new));
    let html = html_part(refused.bytes).map(|html| with_note(&html.replace(&old, &new), &note));
    let rendered = Rendered { subject: String::new(), text, html: html.unwrap_or_default() };
    // The pictures that stay are found under the names that the HTML has for them.
    let domain = message_domain(refused.bytes).unwrap_or_default();
    let cids = html::content_ids(&all, &format!("{old_seal}@{domain}"));
    let enclosures = write_body(&mut bytes, &rendered, &enclosed, &cids, &Made { files: &[], suffix: "" }, new_seal);
    Some(Lighter { bytes, enclosures, text: rendered.text, left_out })
}

/// What is still enclosed; `None` where nothing was. Without a limit that the relay names, half of the letter must go.
fn kept(refused: &Refused<'_>) -> Option<Vec<Enclosure>> {
    let coded = |enclosure: &Enclosure| enclosure.size.saturating_mul(78) / 57 + 400;
    let mut kept: Vec<&Enclosure> = refused.enclosures.iter().map(|placed| &placed.enclosure).collect();
    if kept.is_empty() {
        return None;
    }
    let own = refused.bytes.len() as u64;
    let sum = |kept: &[&Enclosure]| own + kept.iter().map(|enclosure| coded(enclosure)).sum::<u64>();
    let most = refused.bytes_max.map_or(sum(&kept) / 2, |most| most.saturating_sub(NOTE_BYTES));
    kept.sort_by_key(|enclosure| enclosure.size);
    loop {
        kept.pop();
        if kept.is_empty() || sum(&kept) <= most {
            return Some(kept.into_iter().cloned().collect());
        }
    }
}

fn write_alone(out: &mut Vec<u8>, text: &str) {
    let encoding = TransferEncoding::of(text);
    let mut header = Header::new(out);
    header.plain("Content-Type", "text/plain; charset=utf-8");
    header.plain("Content-Transfer-Encoding", encoding.name());
    out.extend_from_slice(b"\r\n");
    body::write(out, text, encoding);
}

/// The signature of a token: what boundaries and names of pictures are made of.
fn seal(token: &str) -> &str {
    token.rsplit('.').next().unwrap_or_default()
}

fn message_domain(bytes: &[u8]) -> Option<String> {
    let at = find(bytes, b"\r\nMessage-ID: <")?;
    let line = bytes[at + 2..].split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    Some(line.rsplit_once('@')?.1.trim_end_matches('>').to_owned())
}

/// The HTML part, decoded, of a letter that [`super::compose()`] made.
fn html_part(bytes: &[u8]) -> Option<String> {
    let start = find(bytes, b"\r\nContent-Type: text/html; charset=utf-8\r\n")?;
    let part = &bytes[start..];
    let body = find(part, b"\r\n\r\n")? + 4;
    let header = std::str::from_utf8(&part[..body]).ok()?;
    let encoding = header.split("Content-Transfer-Encoding: ").nth(1)?.lines().next()?;
    let end = find(&part[body..], format!("\r\n--{BOUNDARY_PREFIX}").as_bytes()).map_or(part.len(), |end| body + end);
    body::read(&part[body..end], encoding)
}

/// The note stands before the first paragraph or heading.
fn with_note(html: &str, note: &str) -> String {
    let at = ["<p", "<h1"].iter().filter_map(|start| html.find(start)).min().unwrap_or(0);
    format!("{}<p>{}</p>\n{}", &html[..at], html::escaped(note), &html[at..])
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}
