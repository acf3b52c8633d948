//! The elements of a letter's HTML, nested as a browser nests what a template holds: every element is closed, but for those
//! whose end may be left out.

use std::collections::BTreeMap;

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// Elements without content.
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
/// Elements whose content nobody reads.
const UNREAD: [&str; 5] = ["head", "script", "style", "template", "title"];
/// Elements that end a paragraph whose end was left out (WHATWG HTML §13.1.2.4).
const ENDS_PARAGRAPH: [&str; 19] = [
    "blockquote",
    "center",
    "div",
    "dl",
    "fieldset",
    "figure",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "ol",
    "p",
    "pre",
    "table",
    "ul",
];
/// What an element's looks are chosen by.
const STYLING: [&str; 6] = ["id", "class", "style", "bgcolor", "color", "width"];
/// Longer words of an element are cut where it is named.
const PLACE_CHARACTERS: usize = 60;

/// All elements, in the order of their start tags.
pub(super) struct Document {
    elements: Vec<Element>,
}

/// An element and what is written in it.
#[derive(Default)]
pub(super) struct Element {
    /// In lower case.
    pub(super) name: String,
    /// Names in lower case.
    attributes: BTreeMap<String, String>,
    parent: Option<usize>,
    content: Vec<Content>,
}

enum Content {
    Text(String),
    Element(usize),
}

impl Document {
    pub(super) fn read(html: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let (mut elements, mut open) = (vec![Element::default()], vec![0]);
        for token in Tokenizer::new_with_emitter(html, emitter) {
            let token = match token {
                Ok(token) => token,
                Err(never) => match never {},
            };
            match token {
                Token::StartTag(tag) => {
                    let name = text_of(&tag.name);
                    end_what_cannot_hold(&name, &elements, &mut open);
                    let (at, parent) = (elements.len(), innermost(&open));
                    let attributes =
                        tag.attributes.iter().map(|(name, value)| (text_of(name), text_of(value))).collect();
                    elements[parent].content.push(Content::Element(at));
                    if !VOID.contains(&name.as_str()) {
                        open.push(at);
                    }
                    elements.push(Element { name, attributes, parent: Some(parent), content: Vec::new() });
                }
                Token::EndTag(tag) => {
                    let name = text_of(&tag.name);
                    if let Some(depth) = open.iter().rposition(|at| elements[*at].name == name) {
                        open.truncate(depth);
                    }
                }
                Token::String(text) => elements[innermost(&open)].content.push(Content::Text(text_of(&text))),
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        Document { elements }
    }

    /// Every element, the first of them the document itself, which has no name.
    pub(super) fn elements(&self) -> impl Iterator<Item = (usize, &Element)> {
        self.elements.iter().enumerate()
    }

    /// Every element of these names.
    pub(super) fn named(&self, names: &[&str]) -> impl Iterator<Item = (usize, &Element)> {
        self.elements().filter(|(_, element)| names.contains(&element.name.as_str()))
    }

    pub(super) fn element(&self, at: usize) -> &Element {
        &self.elements[at]
    }

    pub(super) fn parent(&self, at: usize) -> Option<usize> {
        self.elements[at].parent
    }

    /// The elements around one, from within.
    pub(super) fn around(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.parent(at), |at| self.parent(*at))
    }

    /// Whether people read what stands in an element.
    pub(super) fn is_read(&self, at: usize) -> bool {
        std::iter::once(at).chain(self.around(at)).all(|at| !UNREAD.contains(&self.elements[at].name.as_str()))
    }

    /// What stands in an element and in those within, as it is read: white space as one blank, images as their words.
    pub(super) fn words(&self, at: usize) -> String {
        let mut text = String::new();
        self.push_words(at, &mut text);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn push_words(&self, at: usize, text: &mut String) {
        let element = &self.elements[at];
        if element.name == "img" {
            text.push_str(element.attribute("alt").unwrap_or_default());
        }
        for content in &element.content {
            match content {
                Content::Text(words) => text.push_str(words),
                Content::Element(within) => self.push_words(*within, text),
            }
        }
    }

    /// How an element is told to whoever looks for what it is styled by: its start tag, as far as it says that.
    pub(super) fn tag(&self, at: usize) -> String {
        let element = &self.elements[at];
        let said = STYLING.iter().filter_map(|name| Some(format!(" {name}=\"{}\"", element.attribute(name)?)));
        let said = said.collect::<String>();
        if said.is_empty() { self.place(at) } else { format!("<{}{said}>", element.name) }
    }

    /// How an element is told to whoever looks for it: its name, and the start of what it says or shows.
    pub(super) fn place(&self, at: usize) -> String {
        let element = &self.elements[at];
        let words = self.words(at);
        let words = match element.attribute("src").filter(|_| words.is_empty()) {
            Some(source) => source.to_owned(),
            None => words,
        };
        let cut: String = words.chars().take(PLACE_CHARACTERS).collect();
        match (cut.is_empty(), cut.len() < words.len()) {
            (true, _) => format!("<{}>", element.name),
            (false, false) => format!("<{}> {cut}", element.name),
            (false, true) => format!("<{}> {cut}…", element.name),
        }
    }
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// Whether an attribute has this value, in whatever case.
    pub(super) fn says(&self, name: &str, value: &str) -> bool {
        self.attribute(name).is_some_and(|said| said.trim().eq_ignore_ascii_case(value))
    }

    /// What stands in the element itself, between those within.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.content.iter().filter_map(|content| match content {
            Content::Text(text) => Some(text.as_str()),
            Content::Element(_) => None,
        })
    }

    /// Whether words stand in the element itself.
    pub(super) fn has_words(&self) -> bool {
        self.texts().any(|text| !text.trim().is_empty())
    }
}

fn innermost(open: &[usize]) -> usize {
    open.last().copied().unwrap_or(0)
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Closes what an element of this name cannot stand in.
fn end_what_cannot_hold(name: &str, elements: &[Element], open: &mut Vec<usize>) {
    let (ended, within): (&[&str], &[&str]) = match name {
        "li" => (&["li"], &["ul", "ol"]),
        "dt" | "dd" => (&["dt", "dd"], &["dl"]),
        "td" | "th" => (&["td", "th"], &["table"]),
        "tr" => (&["tr"], &["table"]),
        "tbody" | "tfoot" => (&["thead", "tbody"], &["table"]),
        "body" => (&["head"], &[]),
        _ if ENDS_PARAGRAPH.contains(&name) => (&["p"], &["td", "th", "li", "div", "blockquote"]),
        _ => return,
    };
    let holder = open.iter().rposition(|at| within.contains(&elements[*at].name.as_str())).unwrap_or(0);
    let closed = open.iter().rposition(|at| ended.contains(&elements[*at].name.as_str()));
    if let Some(depth) = closed.filter(|depth| *depth > holder) {
        open.truncate(depth);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(html: &str) -> Vec<String> {
        let document = Document::read(html);
        let path = |at: usize| {
            let mut names: Vec<_> = document.around(at).map(|at| document.element(at).name.as_str()).collect();
            names.reverse();
            names[1..].iter().chain([&document.element(at).name.as_str()]).copied().collect::<Vec<_>>().join(" ")
        };
        document.elements().skip(1).map(|(at, _)| path(at)).collect()
    }

    #[test]
    fn ends_that_were_left_out_are_found() {
        assert_eq!(nested("<p>a<p>b<div>c</div>"), ["p", "p", "div"]);
        assert_eq!(nested("<ul><li>a<ul><li>b</ul><li>c</ul>"), ["ul", "ul li", "ul li ul", "ul li ul li", "ul li"]);
        assert_eq!(
            nested("<table><tr><td>a<td><table><tr><td>b</table><tr><th>c</table><i>d</i>").last().unwrap(),
            "i"
        );
        assert_eq!(nested("<p>a<br>b<img src=x>c</b></p><p>d"), ["p", "p br", "p img", "p"]);
    }

    #[test]
    fn an_element_is_named_by_what_it_says() {
        let document =
            Document::read("<title>a</title><p>b\n <b>c &amp; d</b><img src=\"cid:x\" alt=e></p><img src=y>");
        assert_eq!(document.place(2), "<p> b c & de");
        assert_eq!(document.place(5), "<img> y");
        assert!(!document.is_read(1) && document.is_read(3));
    }
}
