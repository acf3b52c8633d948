//! Tags and texts of a document, as browsers read them (WHATWG HTML §13.2), in linear time; what is never closed is text.

use std::borrow::Cow;

use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Span, State, Tokenizer};

use super::super::work;

/// Elements whose content is no text of the mail and no markup.
const RAW: [&str; 7] = ["script", "style", "title", "noscript", "template", "textarea", "xml"];

/// A value that is longer and holds a `>` is no value: its quote was forgotten.
const VALUE_MAX: usize = 20_000;

/// A tag, open or closed.
#[derive(Debug, Default)]
pub(super) struct Tag {
    /// Its name in lower case.
    pub(super) name: String,
    /// It is an end tag: `</name>`.
    pub(super) closes: bool,
    /// Names in lower case, and values with their references read, one behind the other.
    attributes: String,
    /// Where each name ends, and its value.
    ends: Vec<(usize, usize)>,
}

/// Who is told what stands in a document.
pub(super) trait Reader {
    fn tag(&mut self, tag: &Tag);
    /// Its references are read.
    fn text(&mut self, text: &str);
}

/// Reads a document from its beginning to its end.
pub(super) fn read(html: &str, reader: &mut impl Reader) {
    let closable = without_open_ends(html);
    let mut rest = &*closable;
    while let Some(unclosed) = read_until_unclosed(rest, reader) {
        rest = &rest[unclosed..];
        // A quote that is closed nowhere near must not swallow the document: its tag ends with the first `>`.
        let Some(end) = work::searched(rest, rest.find('>')) else { return reader.text(rest) };
        let mended = ["\">", "'>"].map(|close| format!("{}{close}", &rest[..end]));
        let mended = mended.iter().find(|tag| read_until_unclosed(tag, &mut Nobody).is_none());
        if let Some(tag) = mended {
            read_until_unclosed(tag, reader);
        }
        rest = &rest[end + 1..];
    }
}

/// What no `-->` or `>` closes is escaped.
fn without_open_ends(html: &str) -> Cow<'_, str> {
    work::count(html.len());
    let behind_tags = html.rfind('>').map_or(0, |at| at + 1);
    let behind_comments = html.rfind("-->").map_or(0, |at| at + 3);
    if !html[behind_comments..].contains("<!--") && !html[behind_tags..].contains('<') {
        return Cow::Borrowed(html);
    }
    let (comments, rest) = html.split_at(behind_comments);
    let (tags, text) = rest.split_at(behind_tags - behind_comments);
    Cow::Owned(format!("{comments}{}{}", tags.replace("<!--", "&lt;!--"), text.replace('<', "&lt;")))
}

/// Where the tag begins that a quote keeps open, to the end or for too long.
fn read_until_unclosed(html: &str, reader: &mut impl Reader) -> Option<usize> {
    let events = Events { reader, tag: Tag::default(), raw: None, read: 0, is_in_tag: false, unclosed: None };
    let mut tokenizer = Tokenizer::new_with_emitter(html, Switching(CallbackEmitter::new(events)));
    tokenizer.next().map(|unclosed| match unclosed {
        Ok(unclosed) => unclosed,
        Err(never) => match never {},
    })
}

struct Nobody;

impl Reader for Nobody {
    fn tag(&mut self, _: &Tag) {}
    fn text(&mut self, _: &str) {}
}

/// What the tokenizer says, put together.
struct Events<'r, R> {
    reader: &'r mut R,
    tag: Tag,
    /// The element whose content is being left out.
    raw: Option<&'static str>,
    /// Offset behind what is read.
    read: usize,
    /// An attribute was begun, and its tag is not closed yet.
    is_in_tag: bool,
    unclosed: Option<usize>,
}

impl<R: Reader> Callback<usize, usize> for Events<'_, R> {
    fn handle_event(&mut self, event: CallbackEvent<'_>, span: Span<usize>) -> Option<usize> {
        if self.unclosed.is_some() {
            return None;
        }
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag.begin(name);
                return None;
            }
            CallbackEvent::AttributeName { name } => {
                self.tag.push_attribute(name);
                return None;
            }
            CallbackEvent::AttributeValue { value } => {
                self.tag.push_value(value);
                if value.len() > VALUE_MAX && value.contains(&b'>') {
                    self.unclosed = Some(self.read);
                }
                return None;
            }
            CallbackEvent::CloseStartTag { .. } => {
                self.tag.closes = false;
                self.raw = RAW.into_iter().find(|name| self.tag.is(name));
                if self.raw.is_none() {
                    self.reader.tag(&self.tag);
                }
            }
            CallbackEvent::EndTag { name } => {
                self.tag.begin(name);
                self.tag.closes = true;
                if self.raw.take().is_none() {
                    self.reader.tag(&self.tag);
                }
            }
            CallbackEvent::String { value } if self.raw.is_none() => self.reader.text(&String::from_utf8_lossy(value)),
            CallbackEvent::String { .. } | CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } => {}
            CallbackEvent::Error(_) => return None,
        }
        self.read = span.end;
        None
    }
}

/// No markup is looked for in the elements of [`RAW`].
struct Switching<'r, R: Reader>(CallbackEmitter<Events<'r, R>, usize, usize>);

impl<R: Reader> ForwardingEmitter for Switching<'_, R> {
    type Token = usize;

    fn inner(&mut self) -> &mut impl Emitter<Token = usize> {
        &mut self.0
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        let _ = self.0.emit_current_tag();
        let events = self.0.callback_mut();
        events.is_in_tag = false;
        events.raw.map(|_| State::RawText)
    }

    fn init_attribute(&mut self) {
        self.0.init_attribute();
        self.0.callback_mut().is_in_tag = true;
    }

    fn emit_eof(&mut self) {
        self.0.emit_eof();
        let events = self.0.callback_mut();
        if events.is_in_tag {
            events.unclosed = Some(events.read);
        }
    }

    fn move_position(&mut self, offset: isize) {
        work::count(offset.unsigned_abs());
        self.0.move_position(offset);
    }

    fn pop_token(&mut self) -> Option<usize> {
        self.0.callback_mut().unclosed.take()
    }

    /// Looking for them takes a fifth of the time.
    fn should_emit_errors(&mut self) -> bool {
        false
    }
}

impl Tag {
    fn begin(&mut self, name: &[u8]) {
        self.name.clear();
        self.name.push_str(&String::from_utf8_lossy(name));
        self.attributes.clear();
        self.ends.clear();
    }

    fn push_attribute(&mut self, name: &[u8]) {
        self.attributes.push_str(&String::from_utf8_lossy(name));
        self.ends.push((self.attributes.len(), self.attributes.len()));
    }

    fn push_value(&mut self, value: &[u8]) {
        self.attributes.push_str(&String::from_utf8_lossy(value));
        if let Some((_, end)) = self.ends.last_mut() {
            *end = self.attributes.len();
        }
    }

    /// Whether the tag has this name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// Whether the tag has any of these names.
    pub(super) fn is_one_of(&self, names: &[&str]) -> bool {
        names.contains(&&*self.name)
    }

    /// Whether the tag is its name alone.
    pub(super) fn has_no_attributes(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether its style speaks of `display` or `visibility`: a cheap look before reading it.
    pub(super) fn may_hide(&self) -> bool {
        let style = self.attribute_as_written("style").as_bytes();
        let ends_word =
            |at: usize, word: &[u8]| at >= word.len() && style[at - word.len()..at].eq_ignore_ascii_case(word);
        memchr::memchr2_iter(b'y', b'Y', style).any(|at| ends_word(at, b"displa") || ends_word(at, b"visibilit"))
    }

    /// Value of an attribute, lower case; empty where it has none.
    pub(super) fn attribute(&self, name: &str) -> String {
        self.attribute_as_written(name).to_ascii_lowercase()
    }

    /// Value of an attribute; empty where it has none.
    pub(super) fn attribute_as_written(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// Whether it has an attribute, with or without a value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<&str> {
        let mut start = 0;
        for (name_end, end) in &self.ends {
            work::count(1);
            if &self.attributes[start..*name_end] == name {
                return Some(&self.attributes[*name_end..*end]);
            }
            start = *end;
        }
        None
    }
}
