//! From the order for a letter to its finished bytes. The same order gives the same bytes: a retry sends what was sent.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::Timestamp;

use super::enclose::{BOUNDARY_PREFIX, PlacedEnclosure};
use super::header::{Header, one_line, short};
use super::html::{self, SafeHtml};
use super::identity::Identity;
use super::made::Made;
use super::marks::Author;
use super::subject;
use super::templates::{Rendered, Templates, Unrenderable};
use super::{body, made, scope, thread};
use crate::desk::{Desk, Enclosure, Letter, MadeFile, Purpose};
use crate::mail::token::Keyring;
use crate::mail::{Address, Language, Mailbox, MessageId};

/// Outlook's topics are short; a longer one is none.
const TOPIC_CHARACTERS: usize = 250;

/// A finished letter.
#[derive(Clone, Debug, PartialEq)]
pub struct Composed {
    /// Holds the letter's token.
    pub message_id: MessageId,
    /// As its reader sees it.
    pub subject: String,
    /// The text part: what its reader reads.
    pub text: String,
    /// RFC 5322, without the bytes of the enclosures.
    pub bytes: Vec<u8>,
    /// Where the enclosures go, first to last: see [`super::enclose()`].
    pub enclosures: Vec<PlacedEnclosure>,
    /// Envelope sender; `None` is the null one, `<>`.
    pub return_path: Option<Address>,
    /// Marked as written by a program; brakes hold such letters, never the others.
    pub automatic: bool,
}

/// A letter that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// A template failed on these facts though it passed the samples.
    #[error(transparent)]
    Unrenderable(#[from] Unrenderable),
    /// The desk's address can stand in no Message-ID.
    #[error("{0} cannot be the address of a desk: letters other than ASCII in it, or too long")]
    DeskAddress(Address),
}

/// Makes the mail of a letter. `instance` tells this installation from others in `X-Guichet-Loop`.
pub fn compose(
    letter: &Letter,
    desk: &Desk,
    keyring: &Keyring,
    templates: &Templates,
    now: Timestamp,
    instance: &str,
) -> Result<Composed, ComposeError> {
    let draft = Draft::of(letter, desk, keyring, templates)?;
    let rendered = &draft.rendered;
    let made = Made { files: &letter.made, suffix: &made::suffix(&draft.identity, letter) };
    let mut bytes = Vec::with_capacity(2048 + rendered.text.len() * 5 / 4 + rendered.html.len() * 5 / 4);
    draft.write_header(&mut bytes, now, instance);
    let enclosures = write_body(&mut bytes, rendered, &letter.enclosures, &draft.cids, &made, &draft.identity.seal);
    Ok(Composed {
        message_id: draft.identity.message_id,
        subject: draft.rendered.subject,
        text: draft.rendered.text,
        bytes,
        enclosures,
        return_path: (draft.author != Author::Responder).then_some(draft.identity.return_path),
        automatic: draft.author != Author::Person,
    })
}

/// The words of a letter without the mail around them.
pub(super) fn render(
    letter: &Letter,
    desk: &Desk,
    keyring: &Keyring,
    templates: &Templates,
) -> Result<Rendered, ComposeError> {
    Ok(Draft::of(letter, desk, keyring, templates)?.rendered)
}

/// The person's words as HTML: their own made harmless, else made from the text.
fn words_of(letter: &Letter, cids: &HashMap<String, String>) -> Option<SafeHtml> {
    let own = letter.html.as_deref().and_then(|html| SafeHtml::from_person(html, cids));
    own.or_else(|| letter.facts.text.as_deref().map(SafeHtml::from_text))
        .filter(|html| !html.as_str().trim().is_empty())
}

fn language_of(letter: &Letter, desk: &Desk, templates: &Templates) -> Language {
    let wanted = std::iter::once(letter.language).chain(desk.languages.iter().copied());
    wanted.into_iter().find(|language| templates.speaks(*language)).unwrap_or(Language::ENGLISH)
}

fn finished_subject(letter: &Letter, desk: &Desk, rendered: &str, thread_subject: &str) -> String {
    let bare = one_line(rendered);
    // "Re:" belongs to the subject that is answered; a subject of the template's own begins something.
    let prefix = if letter.in_reply_to.is_some() && bare == thread_subject { "Re:" } else { "" };
    let tag = letter.ticket.map(|ticket| (desk.tag.as_str(), ticket, letter.tag));
    subject::finished(&bare, tag, letter.case_mark.as_deref(), prefix)
}

/// An order with what was made of it so far.
struct Draft<'a> {
    letter: &'a Letter,
    desk: &'a Desk,
    identity: Identity,
    author: Author,
    language: Language,
    /// Names of the inline images, by the name that the person's HTML uses.
    cids: HashMap<String, String>,
    rendered: Rendered,
}

impl<'a> Draft<'a> {
    fn of(letter: &'a Letter, desk: &'a Desk, keyring: &Keyring, templates: &Templates) -> Result<Self, ComposeError> {
        let identity =
            Identity::of(letter, desk, keyring).ok_or_else(|| ComposeError::DeskAddress(letter.from.clone()))?;
        let cids = html::content_ids(&letter.enclosures, &format!("{}@{}", identity.seal, letter.from.domain()));
        let language = language_of(letter, desk, templates);
        let thread_subject = subject::bare(&letter.subject, &desk.tag);
        let scope = scope::of(letter, desk, language, &identity, &thread_subject, words_of(letter, &cids));
        let rendered = templates.render(letter.purpose, language, scope, |rendered| {
            finished_subject(letter, desk, rendered, &thread_subject)
        })?;
        Ok(Draft { letter, desk, identity, author: Author::of(letter), language, cids, rendered })
    }

    fn write_header(&self, bytes: &mut Vec<u8>, now: Timestamp, instance: &str) {
        let mut header = Header::new(bytes);
        header.plain("Date", &now.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string());
        self.write_correspondents(&mut header);
        header.text("Subject", &self.rendered.subject);
        self.write_thread(&mut header, now);
        if let Some(value) = self.author.auto_submitted() {
            header.plain("Auto-Submitted", value);
        }
        if let Some(value) = self.author.auto_response_suppress() {
            header.plain("X-Auto-Response-Suppress", value);
        }
        header.text("X-Guichet-Loop", instance);
        header.plain("Content-Language", self.language.code());
        header.plain("MIME-Version", "1.0");
    }

    fn write_correspondents(&self, header: &mut Header<'_>) {
        let (letter, desk_name) = (self.letter, &self.desk.display_name);
        let writer = letter.writer.as_ref().map(|writer| format!("{writer} via {desk_name}"));
        let reader = letter.facts.reply_goes_to.as_ref().map(|reader| format!("→ {reader}"));
        header.mailboxes("From", &[self.ours(writer, &letter.from)]);
        header.mailboxes("To", &self.shown(&letter.to));
        if !letter.cc.is_empty() {
            header.mailboxes("Cc", &self.shown(&letter.cc));
        }
        header.mailboxes("Reply-To", &[self.ours(reader, &self.identity.reply_to)]);
    }

    fn ours(&self, name: Option<String>, address: &Address) -> Mailbox {
        Mailbox { name: Some(name.unwrap_or_else(|| self.desk.display_name.clone())), address: address.clone() }
    }

    fn shown<'m>(&self, mailboxes: &'m [Mailbox]) -> Cow<'m, [Mailbox]> {
        if !self.tells_nothing() {
            return Cow::Borrowed(mailboxes);
        }
        mailboxes.iter().map(|mailbox| Mailbox { name: None, address: mailbox.address.clone() }).collect()
    }

    /// Whether the reader may have been made up by somebody else: then the letter holds nothing that was sent to us, not
    /// even the name and the topic (no reflector).
    fn tells_nothing(&self) -> bool {
        self.letter.purpose == Purpose::AcknowledgementGeneric
    }

    fn write_thread(&self, header: &mut Header<'_>, now: Timestamp) {
        let letter = self.letter;
        header.ids("Message-ID", [self.identity.message_id.as_str()]);
        if let Some(answered) = &letter.in_reply_to {
            header.ids("In-Reply-To", [answered.as_str()]);
        }
        let pseudo_root = self.identity.pseudo_root.as_deref();
        let references = thread::references(pseudo_root, &letter.references, letter.in_reply_to.as_ref());
        if !references.is_empty() {
            header.ids("References", references);
        }
        if let Some(topic) =
            letter.thread_topic.as_ref().filter(|topic| !self.tells_nothing() && !topic.trim().is_empty())
        {
            header.text("Thread-Topic", short(topic, TOPIC_CHARACTERS));
        }
        let index = letter.thread_index.as_ref().and_then(|index| thread::child_index(index, now, letter.number));
        if let Some(index) = index {
            header.plain("Thread-Index", &index);
        }
    }
}

/// The parts: text beside HTML (with the images that the HTML shows), attachments behind them. RFC 2046 §5.1, RFC 2387.
pub(super) fn write_body(
    out: &mut Vec<u8>,
    rendered: &Rendered,
    enclosures: &[Enclosure],
    cids: &HashMap<String, String>,
    made: &Made<'_>,
    seal: &str,
) -> Vec<PlacedEnclosure> {
    let cid_of = |enclosure: &Enclosure| {
        let cid = cids.get(&enclosure.content_id.as_ref()?.trim().to_lowercase())?;
        rendered.html.contains(&format!("\"cid:{cid}\"")).then_some(cid.as_str())
    };
    let (inline, attached): (Vec<_>, Vec<_>) =
        enclosures.iter().map(|enclosure| (enclosure, cid_of(enclosure))).partition(|(_, cid)| cid.is_some());
    let (shown, added): (Vec<_>, Vec<_>) = made.files.iter().partition(|file| made.is_shown(file, &rendered.html));
    let [mixed, alternative, related] = ["m", "a", "r"].map(|kind| format!("{BOUNDARY_PREFIX}{kind}{seal}"));
    let mut placed = Vec::new();

    let has_attachments = !attached.is_empty() || !added.is_empty();
    if has_attachments {
        open_multipart(out, "mixed", &mixed);
        delimit(out, &mixed);
    }
    open_multipart(out, "alternative", &alternative);
    delimit(out, &alternative);
    write_text(out, "text/plain", &rendered.text);
    delimit(out, &alternative);
    if inline.is_empty() && shown.is_empty() {
        write_text(out, "text/html", &rendered.html);
    } else {
        open_multipart(out, "related; type=\"text/html\"", &related);
        delimit(out, &related);
        write_text(out, "text/html", &rendered.html);
        for file in shown {
            delimit(out, &related);
            write_made(out, file, Some(&made.cid(file)));
        }
        for (enclosure, cid) in inline {
            delimit(out, &related);
            placed.push(write_enclosure(out, enclosure, cid));
        }
        close(out, &related);
    }
    close(out, &alternative);
    if has_attachments {
        for (enclosure, cid) in attached {
            delimit(out, &mixed);
            placed.push(write_enclosure(out, enclosure, cid));
        }
        for file in added {
            delimit(out, &mixed);
            write_made(out, file, None);
        }
        close(out, &mixed);
    }
    placed
}

fn open_multipart(out: &mut Vec<u8>, subtype: &str, boundary: &str) {
    let (subtype, parameter) = subtype.split_once("; ").unwrap_or((subtype, ""));
    let separator = if parameter.is_empty() { "" } else { "; " };
    Header::new(out)
        .plain("Content-Type", &format!("multipart/{subtype}{separator}{parameter};\r\n boundary=\"{boundary}\""));
    out.extend_from_slice(b"\r\n");
}

fn delimit(out: &mut Vec<u8>, boundary: &str) {
    out.extend_from_slice(format!("\r\n--{boundary}\r\n").as_bytes());
}

fn close(out: &mut Vec<u8>, boundary: &str) {
    out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
}

pub(super) fn write_text(out: &mut Vec<u8>, content_type: &str, text: &str) {
    let encoding = body::TransferEncoding::of(text);
    let mut header = Header::new(out);
    header.plain("Content-Type", &format!("{content_type}; charset=utf-8"));
    header.plain("Content-Transfer-Encoding", encoding.name());
    out.extend_from_slice(b"\r\n");
    body::write(out, text, encoding);
}

/// The header of an enclosure; its bytes come when the letter leaves.
///
/// A mail within a mail travels as a file. As `message/rfc822` it could not be base64 (RFC 2046 §5.2.1), and unencoded it
/// would need lines of 998 bytes at most and servers with 8BITMIME; as a file it arrives byte for byte, so that its
/// signatures hold, and clients open it by its name.
fn write_enclosure(out: &mut Vec<u8>, enclosure: &Enclosure, cid: Option<&str>) -> PlacedEnclosure {
    let content_type = enclosure.content_type.to_ascii_lowercase();
    let is_message = content_type.starts_with("message/");
    let may_be_base64 = !is_message && !content_type.starts_with("multipart/") && is_media_type(&content_type);
    let is_mail = content_type == "message/rfc822" || content_type == "message/global";
    let has_ending = enclosure.name.to_lowercase().ends_with(".eml");
    let name = if is_mail && !has_ending { format!("{}.eml", enclosure.name) } else { enclosure.name.clone() };
    let mut header = Header::new(out);
    header.plain("Content-Type", if may_be_base64 { &content_type } else { "application/octet-stream" });
    header.plain("Content-Transfer-Encoding", "base64");
    if let Some(cid) = cid {
        header.ids("Content-ID", [cid]);
    }
    header.disposition(if cid.is_some() { "inline" } else { "attachment" }, &name);
    out.extend_from_slice(b"\r\n");
    PlacedEnclosure { offset: out.len(), enclosure: enclosure.clone() }
}

fn write_made(out: &mut Vec<u8>, file: &MadeFile, cid: Option<&str>) {
    let mut header = Header::new(out);
    header.plain("Content-Type", file.content_type);
    header.plain("Content-Transfer-Encoding", "base64");
    if let Some(cid) = cid {
        header.ids("Content-ID", [cid]);
    }
    header.disposition(if cid.is_some() { "inline" } else { "attachment" }, &file.name);
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body::base64_lines(&file.bytes).as_bytes());
}

/// `type/subtype` of RFC 6838 §4.2.
fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        (1..=127).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.split_once('/').is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype) && text.len() <= 120)
}
