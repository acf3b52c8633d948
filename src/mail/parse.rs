//! Raw bytes to facts.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::charset::Fit;
use super::classified::Read;
use super::header::Field;
use super::lead::Lead;
use super::leaves::Leaves;
use super::message_id::MessageId;
use super::mime::{Part, Parts};
use super::reading::Reading;
use super::reply_text::{Intent, Letters, Written};
use super::token::Token;
use super::{
    Body, Carried, Carrier, Defect, Forwarded, InboundMail, Kind, absence, attachment, bounce, calendar, date,
    envelope, feedback, flowed, forward, gesture, html, kind, language, leaves, mime, references, sanitize, smime,
    tnef, transfer, unreadable, uuencode, writer,
};

/// Parts that a document shows; what it shows beyond them is listed as any attachment.
const SHOWN_PARTS_MAX: usize = 5_000;

/// Calendars that are told as text.
const CALENDARS_MAX: usize = 5;

/// Reads a message. Every byte sequence is one; what is odd about it stands in [`InboundMail::defects`].
pub fn parse(raw: &[u8]) -> InboundMail {
    read(raw, Within::Nothing)
}

/// Where a message was found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    /// It is attached to another one. What is attached to it in turn is not looked into.
    Mail,
}

fn read(raw: &[u8], within: Within) -> InboundMail {
    let opened = smime::open(raw);
    let parts = mime::parts(&opened);
    let leaves = leaves::sort(&parts);
    let root = &parts.parts[0];
    let header = &root.header;
    let return_path = envelope::return_path(header);
    let author = envelope::author(header, &return_path);
    let subject = header.text("Subject");
    let message_id = envelope::message_id(header);
    let in_reply_to = envelope::identifiers(header, "In-Reply-To");
    let thread = envelope::identifiers(header, "References");
    let is_reply = !in_reply_to.is_empty() || !thread.is_empty();
    let to = envelope::all(header, "To");
    let cc = envelope::all(header, "Cc");
    let delivered_to: Vec<_> =
        ["Delivered-To", "X-Original-To", "Envelope-To"].iter().flat_map(|name| envelope::all(header, name)).collect();
    let (mut written, html) = written(&parts, &leaves);
    let marks = references::Marks {
        in_reply_to: &in_reply_to,
        addresses: [&to, &cc, &delivered_to],
        references: &thread,
        message_id: message_id.as_ref(),
        subject: &subject,
        text: &written.text,
    };
    let (tokens, ticket_refs) = marks.find();
    written.form.has_token = tokens.iter().any(|carried| carried.carrier == Carrier::Text);
    let lead = Lead::of(&subject, &written.text, !in_reply_to.is_empty());
    let reading = Reading {
        intent: Intent::of(lead, is_reply || tokens.iter().any(cites)),
        forwarding: forward::Evidence::of(header, &parts, lead, !in_reply_to.is_empty()),
        form: written.form,
        author: author.mailbox.as_ref().and_then(|author| author.name.clone()),
    };
    let (mut body, quotes) = reading.body(written.text, html, &Letters::default());
    let forwards = reading.forwarding.sign(quotes);
    if forwards.is_some() && body.forwarded.is_none() && within == Within::Nothing {
        body.forwarded = attached_mail(&parts, &leaves, &body);
    }
    let shown = body.html.as_deref().map(shown_parts).unwrap_or_default();
    let shows = |content_id: &str| shown.contains(&transfer::percent(content_id));
    let sources = attachment::sources(&parts, &leaves);
    let last_part = parts.parts.len().saturating_sub(1);
    let ends_in_text = leaves.text.iter().chain(&leaves.html).any(|leaf| *leaf == last_part)
        && sources.len() == leaves.attachments.len();
    let attachments: Vec<_> = sources.iter().map(|source| attachment::describe(source, &shows)).collect();
    let says_absent = absence::is_text(&body.reply_text);
    let looked_at = Read {
        says_absent,
        header,
        parts: &parts,
        subject: &subject,
        text: &body.text,
        from: author.mailbox.as_ref(),
        return_path: &return_path,
        message_id: message_id.as_ref(),
        in_reply_to: &in_reply_to,
        is_reply,
    };
    let writer = writer::of(&looked_at);
    let kind = writer.unless_us().kind;
    let declines_answers = kind::declines_answers(&looked_at);
    let by_list = writer::by_list(&looked_at);
    let bounce = if kind == Kind::Bounce { bounce::recipients(&looked_at) } else { Vec::new() };
    let feedback = if kind == Kind::Feedback { feedback::recipients(&looked_at) } else { Vec::new() };
    let unreadable = unreadable::why(&parts, &body);
    let shown_files = attachments.iter().all(|attachment| attachment.inline);
    let gesture = gesture::of(&parts, &body, shown_files);
    let date = date::of(header);
    let mut defects = author.defects;
    defects.extend(structural_defects(raw, &parts, &leaves, date.as_deref()));
    InboundMail {
        writer,
        loop_marks: header.all(kind::LOOP_HEADER).map(|field| field.unfolded().trim().to_owned()).collect(),
        declines_answers,
        from: author.mailbox,
        from_is_sound: author.is_sound,
        reply_to: envelope::first(header, "Reply-To"),
        also_named: envelope::also_named(header),
        by_list,
        external_refs: references::external(header, &subject),
        ticket_refs,
        tokens,
        forwards,
        unreadable,
        gesture,
        says_absent: says_absent && absence::is_nothing_else(&body.reply_text),
        language: language::detect(&body.reply_text),
        to,
        cc,
        named: envelope::named(header),
        delivered_to,
        return_path,
        message_id,
        in_reply_to,
        references: thread,
        date,
        subject,
        body,
        attachments,
        bounce,
        feedback,
        defects,
        trace: envelope::trace(header.fields()),
        trace_above_return_path: envelope::trace(envelope::above_return_path(header)).len(),
        thread_topic: header.first("Thread-Topic").map(Field::text),
        reading,
        part: None,
        ends_in_text,
        thread_index: header.first("Thread-Index").map(|field| sanitize::line(&field.unfolded()).into_owned()),
        body_sha256: body_sha256(raw),
    }
}

/// The decoded bytes of the n-th entry of [`InboundMail::attachments`].
pub fn attachment_bytes(raw: &[u8], index: usize) -> Option<Vec<u8>> {
    attachments_bytes(raw, &[index]).pop().flatten()
}

/// The decoded bytes of several entries of [`InboundMail::attachments`], for one reading of the message.
pub fn attachments_bytes(raw: &[u8], indexes: &[usize]) -> Vec<Option<Vec<u8>>> {
    let opened = smime::open(raw);
    let parts = mime::parts(&opened);
    let leaves = leaves::sort(&parts);
    let sources = attachment::sources(&parts, &leaves);
    indexes.iter().map(|&index| sources.get(index).map(attachment::bytes)).collect()
}

impl InboundMail {
    /// The mail, where relays handed letters of ours on under other identifiers: what cites those cites the letters. `ours`
    /// has our own identifier by the other one.
    pub fn citing(mut self, ours: &HashMap<MessageId, MessageId>) -> InboundMail {
        let tokens = |id: &MessageId| ours.get(id).map(|ours| Token::find_all(ours.as_str())).unwrap_or_default();
        let by = |carrier| move |token| Carried { token, carrier };
        let answered = self.in_reply_to.iter().flat_map(tokens).map(by(Carrier::InReplyTo));
        let cited = self.references.iter().rev().flat_map(tokens).map(by(Carrier::References));
        let found: Vec<Carried> = answered.chain(cited).filter(|carried| !self.tokens.contains(carried)).collect();
        self.tokens.extend(found);
        self.tokens.sort_by_key(|carried| carried.carrier);
        let returned = self.bounce.iter_mut().map(|status| &mut status.original_message_id);
        let complained = self.feedback.iter_mut().map(|report| &mut report.original_message_id);
        for reported in returned.chain(complained).flatten() {
            if let Some(ours) = MessageId::new(reported).and_then(|id| ours.get(&id)) {
                reported.clear();
                reported.push_str(ours.as_str());
            }
        }
        self
    }

    /// The mail, read with the letters of ours that it may quote: what stands in them is a quote however a client marked
    /// it, and what does not is not.
    pub fn quoting(mut self, letters: &Letters) -> InboundMail {
        let Body { text, html, forwarded, .. } = self.body;
        let (body, quotes) = self.reading.body(text, html, letters);
        let attached = forwarded.filter(|forwarded| forwarded.is_attached);
        let attached = attached.map(|forwarded| Forwarded { before: body.reply_text.clone(), ..forwarded });
        self.body = Body { forwarded: body.forwarded.or(attached), ..body };
        self.forwards = self.reading.forwarding.sign(quotes);
        self.language = language::detect(&self.body.reply_text);
        let says_absent = absence::is_text(&self.body.reply_text);
        self.says_absent = says_absent && absence::is_nothing_else(&self.body.reply_text);
        self.writer.hear(&self.subject, says_absent);
        self.by_list.iter_mut().for_each(|list| list.writer.hear(&self.subject, says_absent));
        self
    }
}

/// The one mail that is attached: what a mail forwards that shows none.
fn attached_mail(parts: &Parts<'_>, leaves: &Leaves, body: &Body) -> Option<Forwarded> {
    let attached = leaves.attachments.iter().map(|&index| &parts.parts[index]);
    let mut mails = attached.filter(|part| attachment::is_mail(part.media_type(), part.name()));
    let mail = mails.next().filter(|_| mails.next().is_none())?;
    let mail = read(&mail.bytes(), Within::Mail);
    Some(Forwarded {
        before: body.reply_text.clone(),
        from: mail.from,
        subject: Some(mail.subject).filter(|subject| !subject.is_empty()),
        language: mail.language,
        body: mail.body.text.clone(),
        text: mail.body.text,
        is_attached: true,
    })
}

/// Whether a token says that a letter of ours is answered or quoted.
fn cites(carried: &Carried) -> bool {
    matches!(carried.carrier, Carrier::InReplyTo | Carrier::WrittenTo | Carrier::References | Carrier::Text)
}

/// The text that is shown, and the HTML that stands beside or behind it.
fn written(parts: &Parts<'_>, leaves: &Leaves) -> (Written, Option<String>) {
    let part = |index: &usize| &parts.parts[*index];
    let mut written = Written::default();
    let mut raw_html: Option<String> = None;
    for part in leaves.html.iter().map(part).filter(|part| part.is("text/html")) {
        match &mut raw_html {
            Some(raw) => join(raw, part.text()),
            None => raw_html = Some(part.text().to_owned()),
        }
    }
    let usable = leaves.text.iter().any(|index| !part(index).text().trim().is_empty());
    let shown = if usable { &leaves.text } else { &leaves.html };
    for part in shown.iter().map(part) {
        if part.is("text/html") {
            written.push_html(&html::render(part.text()));
        } else if is_flowed(part) {
            written.push_flowed(&flowed::read(&part.content_type, plain_text(part)));
        } else {
            written.push(&plain_text(part));
        }
    }
    if written.text.trim().is_empty() {
        written = Some(enclosed(parts, leaves)).filter(|found| !found.text.is_empty()).unwrap_or(written);
    }
    if let Some(html) = raw_html.as_deref().filter(|_| usable) {
        written.learn_from(html);
    }
    (written, raw_html)
}

/// RFC 3676 §4.
fn is_flowed(part: &Part<'_>) -> bool {
    part.content_type.get("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed"))
}

/// The words of a mail that shows none: what Outlook keeps in its winmail.dat, else what a calendar says.
fn enclosed(parts: &Parts<'_>, leaves: &Leaves) -> Written {
    let files = || leaves.attachments.iter().map(|&index| &parts.parts[index]);
    let mut written = Written::default();
    for contents in files().filter(|part| attachment::is_tnef(part)).map(|part| tnef::unpack(&part.bytes())) {
        if contents.text.trim().is_empty() {
            written.push_html(&html::render(&contents.html));
        } else {
            written.push(&contents.text);
        }
    }
    if written.text.trim().is_empty() {
        let calendars = files().filter(|part| calendar::is_calendar(part)).take(CALENDARS_MAX);
        calendars.for_each(|part| written.push(&calendar::to_text(part)));
    }
    written
}

/// A plain part without the files that are uuencoded in it.
fn plain_text<'p>(part: &'p Part<'_>) -> Cow<'p, str> {
    let text = part.text();
    let files = uuencode::files(text);
    if files.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut left = String::with_capacity(text.len());
    let mut from = 0;
    for file in files {
        left.push_str(&text[from..file.range.start]);
        from = file.range.end;
    }
    left.push_str(&text[from..]);
    Cow::Owned(left)
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push('\n');
    }
    text.push_str(more);
}

/// The Content-IDs of the parts that HTML shows (RFC 2392), each without its escapes.
fn shown_parts(html: &str) -> BTreeSet<String> {
    let places = memchr::memchr_iter(b':', html.as_bytes()).filter(|&at| {
        let scheme = at.checked_sub(3).and_then(|start| html.get(start..at));
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("cid"))
    });
    let reference = |at: usize| {
        let rest = &html[at + 1..html.floor_char_boundary(at + 1_000)];
        let end =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')')).unwrap_or(rest.len());
        transfer::percent(&rest[..end].replace("&amp;", "&"))
    };
    places.take(SHOWN_PARTS_MAX).map(reference).collect()
}

fn structural_defects(raw: &[u8], parts: &Parts<'_>, leaves: &Leaves, date: Option<&str>) -> Vec<Defect> {
    let mut defects = Vec::new();
    let root = &parts.parts[0];
    let mut note = |holds: bool, defect: Defect| {
        if holds {
            defects.push(defect);
        }
    };
    let header_fields = root.header.fields();
    note(header_fields.is_empty(), Defect::NotAMessage);
    note(header_fields.iter().any(|field| !field.raw.is_ascii()), Defect::HeaderRaw8bit);
    note(root.header.has("Date") && date.is_none(), Defect::DateMalformed);
    note(parts.too_many, Defect::TooManyParts);
    note(leaves.too_deep, Defect::TooDeep);
    note(parts.boundary_missing, Defect::BoundaryMissing);
    let texts = || leaves.text.iter().chain(&leaves.html).map(|&index| &parts.parts[index]);
    let has_text_that_is = |fit: Fit| texts().any(|part| part.charset_fit() == fit);
    note(has_text_that_is(Fit::Unknown), Defect::CharsetUnknown);
    note(has_text_that_is(Fit::Guessed), Defect::CharsetGuessed);
    note(texts().any(|part| part.text().contains(char::REPLACEMENT_CHARACTER)), Defect::TextDamaged);
    note(parts.parts.iter().any(|part| !part.is_multipart && part.is_damaged()), Defect::Base64Damaged);
    let fields_end = raw.len().min(64 * 1024);
    note(memchr::memchr(0, &raw[..fields_end]).is_some(), Defect::ControlCharacters);
    note(parts.parts.iter().any(is_encrypted), Defect::Encrypted);
    defects
}

/// PGP/MIME (RFC 3156 §4), S/MIME (RFC 8551 §3.3), PGP in the text.
fn is_encrypted(part: &Part<'_>) -> bool {
    let smime = part.is("application/pkcs7-mime") || part.is("application/x-pkcs7-mime");
    part.is("multipart/encrypted")
        || smime && part.content_type.get("smime-type").is_none_or(|kind| kind.eq_ignore_ascii_case("enveloped-data"))
        || part.is("text/plain") && part.text().trim_start().starts_with("-----BEGIN PGP MESSAGE-----")
}

/// Digest of what stands behind the header, line ends as CRLF.
fn body_sha256(raw: &[u8]) -> [u8; 32] {
    let start = body_offset(raw);
    let mut digest = Sha256::new();
    let body = &raw[start..];
    if !has_bare_line_ends(body) {
        return Sha256::digest(body).into();
    }
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', body) {
        if end == 0 || body[end - 1] != b'\r' {
            digest.update(&body[from..end]);
            digest.update(b"\r\n");
            from = end + 1;
        }
    }
    digest.update(&body[from..]);
    digest.finalize().into()
}

/// Whether a line feed stands without its carriage return. Asked of all bytes, without an early end, which is fastest.
fn has_bare_line_ends(body: &[u8]) -> bool {
    let pairs = body.iter().zip(body.get(1..).unwrap_or_default());
    let bare = pairs.fold(0, |bare, (&before, &byte)| bare | u8::from((byte == b'\n') & (before != b'\r')));
    bare != 0 || body.first() == Some(&b'\n')
}

fn body_offset(raw: &[u8]) -> usize {
    let start = super::header::mbox_line(raw);
    start + super::header::Header::split(&raw[start..]).1
}
