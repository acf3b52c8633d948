//! HTML to text in one pass, linear in time and memory; remembers which text the markup says is quoted.
//!
//! No tree is built: mail nests tables and `<div>` by the ten thousand, on purpose or not. (html2text 0.17 takes seconds
//! on 20,000 nested elements and 300 µs a kilobyte; this takes about 5.)

use std::ops::Range;

use super::super::{sanitize, work};
use super::link::Link;
use super::list::List;
use super::tag::{self, Tag};

/// Elements deeper than this are read as if they were not nested.
const DEPTH_MAX: usize = 400;

/// The text of a document.
#[derive(Clone, Debug, Default)]
pub(in crate::mail) struct Rendered {
    pub(in crate::mail) text: String,
    /// What the markup says of ranges of bytes of `text`, by their ends.
    pub(in crate::mail) spans: Vec<(Area, Range<usize>)>,
    /// Where Outlook put its line between what is new and what it answers or forwards: the next text begins there.
    pub(in crate::mail) divider: Option<usize>,
}

/// What an element says of the text in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mail) enum Area {
    /// A client quotes here: it calls the element so.
    Quote,
    /// A `<blockquote>` without such a name: a quote, or what somebody indented.
    Indent,
    /// A client put a signature here.
    Signature,
}

impl Area {
    pub(in crate::mail) const ALL: [Area; 3] = [Area::Quote, Area::Indent, Area::Signature];
}

/// Renders a document.
pub(in crate::mail) fn render(html: &str) -> Rendered {
    let clean = sanitize::text(html);
    let mut renderer = Renderer { text: String::with_capacity(clean.len() / 3), ..Renderer::default() };
    renderer.run(&clean);
    renderer.finish()
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Effect {
    area: Option<Area>,
    /// Gmail's element around its attribution and its quotes, between which people answer.
    holds_quotes: bool,
    hides: bool,
    keeps_space: bool,
}

#[derive(Default)]
struct Renderer<'a> {
    text: String,
    spans: Vec<(Area, Range<usize>)>,
    divider: Option<usize>,
    open: Vec<(&'a str, Effect)>,
    /// Open elements of each area, and where its text began.
    areas: [(usize, Option<usize>); Area::ALL.len()],
    holder_depth: usize,
    hidden_depth: usize,
    pre_depth: usize,
    /// The link that is open, where its text begins, and how deep in quotes.
    link: Option<(Link, usize, usize)>,
    lists: Vec<List>,
    /// Where an item's marker has just ended: its first paragraph goes on there.
    marker_end: Option<usize>,
    newlines: usize,
    blank: bool,
}

impl<'a> Renderer<'a> {
    fn run(&mut self, html: &'a str) {
        let mut rest = html;
        let (mut comments_end, mut tags_end) = (true, true);
        while let Some(at) = work::searched(rest, rest.find('<')) {
            self.write(&rest[..at]);
            rest = &rest[at + 1..];
            if rest.starts_with("!--") && comments_end {
                match work::searched(rest, rest[3..].find("-->")) {
                    Some(end) => rest = &rest[end + 6..],
                    None => {
                        comments_end = false;
                        self.write("<");
                    }
                }
                continue;
            }
            let markup = rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
            if !markup || !tags_end {
                self.write("<");
                continue;
            }
            let Some(end) = tag::end(rest) else {
                tags_end = false;
                self.write("<");
                continue;
            };
            let inside = &rest[..end];
            rest = &rest[end + 1..];
            if let Some(tag) = Tag::parse(inside) {
                if !tag.closes
                    && tag.is_one_of(&["script", "style", "title", "noscript", "template", "textarea", "xml"])
                {
                    rest = behind_raw_text(rest, tag.name);
                } else if tag.closes {
                    self.close(&tag);
                } else {
                    self.open(&tag);
                }
            }
        }
        self.write(rest);
    }

    fn finish(mut self) -> Rendered {
        self.end_link();
        for area in Area::ALL {
            if let Some(from) = self.areas[area as usize].1 {
                self.spans.push((area, from..self.text.len()));
            }
        }
        Rendered { text: self.text, spans: self.spans, divider: self.divider }
    }

    fn open(&mut self, tag: &Tag<'a>) {
        match Break::of(tag) {
            Break::None => {}
            Break::Blank => self.blank = true,
            Break::Line => self.newlines += usize::from(!self.text.is_empty()),
            Break::Block => self.newlines = self.newlines.max(1),
            Break::Paragraph => self.newlines = self.newlines.max(2),
        }
        if tag.is("li") && self.hidden_depth == 0 {
            self.marker_end = None;
            let marker = self.lists.last_mut().unwrap_or(&mut List::Bullets).marker(tag);
            self.separate();
            self.text.push_str(&marker);
            (self.marker_end, self.blank) = (Some(self.text.len()), true);
        }
        if tag.is("a") {
            self.end_link();
            self.link = Link::of(tag)
                .filter(|_| self.hidden_depth == 0)
                .map(|link| (link, self.text.len(), self.quote_depth()));
        }
        if self.lists.len() < DEPTH_MAX {
            self.lists.extend(List::of(tag));
        }
        if is_void(tag) {
            return;
        }
        if self.divider.is_none() && self.hidden_depth == 0 && is_divider_of_outlook(tag) {
            self.divider = Some(self.text.len());
        }
        let mut effect = effect(tag);
        if effect.area == Some(Area::Indent) && self.holder_depth > 0 {
            effect.area = Some(Area::Quote);
        }
        let matters = effect != Effect::default();
        // An unclosed <p>, <li>, <td> is closed by the next one.
        let closes_itself = tag.is_one_of(&["p", "li", "td", "th", "tr", "dd", "dt", "option"]);
        if closes_itself && self.open.last().is_some_and(|(name, _)| name.eq_ignore_ascii_case(tag.name)) {
            self.pop();
        }
        if matters || (!closes_itself && self.open.len() < DEPTH_MAX) {
            if self.open.len() >= 2 * DEPTH_MAX {
                return;
            }
            self.open.push((tag.name, effect));
            if let Some(area) = effect.area {
                self.areas[area as usize].0 += 1;
            }
            self.holder_depth += usize::from(effect.holds_quotes);
            self.hidden_depth += usize::from(effect.hides);
            self.pre_depth += usize::from(effect.keeps_space);
        }
    }

    fn close(&mut self, tag: &Tag<'a>) {
        match Break::of(tag) {
            Break::None => {}
            Break::Blank => self.blank = true,
            Break::Line => {}
            Break::Block => self.newlines = self.newlines.max(1),
            Break::Paragraph => self.newlines = self.newlines.max(2),
        }
        if tag.is("a") {
            self.end_link();
        }
        if tag.is_one_of(&["li", "ol", "ul"]) {
            self.marker_end = None;
        }
        if let Some(at) = self.lists.iter().rposition(|list| list.is_closed_by(tag)) {
            self.lists.truncate(at);
        }
        let near = self.open.len().saturating_sub(50);
        let Some(offset) = self.open[near..].iter().rposition(|(name, _)| name.eq_ignore_ascii_case(tag.name)) else {
            return;
        };
        while self.open.len() > near + offset {
            self.pop();
        }
    }

    /// Says where the link leads that has just been read, on its own line and within its own quote.
    fn end_link(&mut self) {
        let Some((link, from, quote_depth)) = self.link.take() else { return };
        let words = &self.text[from..];
        work::count(words.len());
        if let Some(address) = link.beside(words).filter(|_| quote_depth == self.quote_depth()) {
            let address = format!(" <{address}>");
            self.text.push_str(&address);
        }
    }

    /// How many of the open elements quote, indent or sign.
    fn quote_depth(&self) -> usize {
        self.areas.iter().map(|(depth, _)| depth).sum()
    }

    fn pop(&mut self) {
        if let Some((_, effect)) = self.open.pop() {
            if let Some(area) = effect.area {
                self.areas[area as usize].0 -= 1;
            }
            self.holder_depth -= usize::from(effect.holds_quotes);
            self.hidden_depth -= usize::from(effect.hides);
            self.pre_depth -= usize::from(effect.keeps_space);
        }
    }

    fn write(&mut self, text: &str) {
        if self.hidden_depth > 0 || text.is_empty() {
            return;
        }
        let mut rest = text;
        while let Some(first) = rest.bytes().next() {
            if first == b'&' {
                if let Some((c, length)) = tag::reference(&rest[1..]) {
                    self.write_reference(c);
                    rest = &rest[1 + length..];
                } else {
                    self.write_char('&');
                    rest = &rest[1..];
                }
            } else if first.is_ascii_whitespace() {
                let end = rest.bytes().position(|b| !b.is_ascii_whitespace()).unwrap_or(rest.len());
                if self.pre_depth > 0 {
                    self.write_preformatted(&rest[..end]);
                } else {
                    self.blank = true;
                }
                rest = &rest[end..];
            } else {
                let end = rest.bytes().position(|b| b == b'&' || b.is_ascii_whitespace()).unwrap_or(rest.len());
                self.separate();
                self.text.push_str(&rest[..end]);
                rest = &rest[end..];
            }
        }
    }

    fn write_preformatted(&mut self, white_space: &str) {
        for c in white_space.chars() {
            if c == '\n' {
                self.newlines += 1;
            } else {
                self.separate();
                self.text.push(c);
            }
        }
    }

    fn write_reference(&mut self, c: char) {
        match c {
            '\u{a0}' => self.write_char('\u{a0}'),
            c if c.is_whitespace() => self.blank = true,
            c if c.is_control() || sanitize::is_invisible(c) => {}
            c => self.write_char(c),
        }
    }

    fn write_char(&mut self, c: char) {
        self.separate();
        self.text.push(c);
    }

    /// Writes the line breaks or the blank that are due before the next visible character.
    fn separate(&mut self) {
        if self.marker_end.take() == Some(self.text.len()) && !self.text.is_empty() {
            (self.newlines, self.blank) = (0, true);
        }
        let mut begins = false;
        for area in Area::ALL {
            let (depth, from) = &mut self.areas[area as usize];
            if *depth == 0
                && let Some(from) = from.take()
            {
                self.spans.push((area, from..self.text.len()));
                self.newlines = self.newlines.max(1);
            }
            begins |= *depth > 0 && from.is_none();
        }
        if begins {
            self.newlines = self.newlines.max(1);
        }
        if self.newlines == 0 && !self.blank {
            return;
        }
        if !self.text.is_empty() {
            match self.newlines {
                0 if !self.text.ends_with([' ', '\n']) && self.blank => self.text.push(' '),
                0 => {}
                1 => self.text.push('\n'),
                _ => self.text.push_str("\n\n"),
            }
        }
        (self.newlines, self.blank) = (0, false);
        for (depth, from) in &mut self.areas {
            if *depth > 0 && from.is_none() {
                *from = Some(self.text.len());
            }
        }
    }
}

/// What a tag does to the line.
enum Break {
    None,
    Blank,
    Line,
    Block,
    Paragraph,
}

impl Break {
    fn of(tag: &Tag<'_>) -> Break {
        let mut name = [0u8; 10];
        let written = tag.name.as_bytes();
        let Some(name) = name.get_mut(..written.len()) else { return Break::None };
        name.copy_from_slice(written);
        name.make_ascii_lowercase();
        match &*name {
            b"span" | b"a" | b"b" | b"i" | b"font" | b"o:p" | b"strong" | b"em" => Break::None,
            b"br" => Break::Line,
            // Outlook writes each line as a paragraph without margins.
            b"p" if !tag.closes && tag.attribute("class").contains("mso") => Break::Block,
            b"p" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"pre" => Break::Paragraph,
            b"td" | b"th" => Break::Blank,
            b"div" | b"tr" | b"table" | b"tbody" | b"thead" | b"ul" | b"ol" | b"li" | b"blockquote" | b"hr"
            | b"body" | b"html" | b"head" | b"dl" | b"dt" | b"dd" | b"form" | b"section" | b"article" | b"header"
            | b"footer" | b"main" | b"nav" | b"aside" | b"address" | b"center" | b"figure" | b"fieldset"
            | b"caption" | b"option" | b"figcaption" => Break::Block,
            _ => Break::None,
        }
    }
}

fn is_void(tag: &Tag<'_>) -> bool {
    tag.is_one_of(&["br", "img", "hr", "meta", "link", "input", "base", "col", "wbr", "area", "embed", "source"])
}

fn effect(tag: &Tag<'_>) -> Effect {
    let is_quotation = tag.is("blockquote");
    let mut effect = Effect { keeps_space: tag.is("pre"), ..Effect::default() };
    effect.area = is_quotation.then_some(Area::Indent);
    if tag.has_no_attributes() {
        return effect;
    }
    effect.hides = hides(tag);
    if !tag.is_one_of(&["div", "blockquote", "section", "pre", "table"]) {
        return effect;
    }
    effect.holds_quotes = !is_quotation && has_class(tag, |class| class.starts_with("gmail_quote"));
    if is_quotation && tag.attribute("type") == "cite" || is_quote_of_a_client(tag) {
        effect.area = Some(Area::Quote);
    } else if is_signature_of_a_client(tag) {
        effect.area = Some(Area::Signature);
    }
    effect
}

fn hides(tag: &Tag<'_>) -> bool {
    if !tag.may_hide() {
        return false;
    }
    let style = tag.attribute("style");
    let tight: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    tight.contains("display:none") || tight.contains("visibility:hidden") || tight.contains("mso-hide:all")
}

/// The names that clients give the element in which they quote: Yahoo, Proton, Zimbra/Zoho, Tutanota, Thunderbird, Gmail
/// (its attribution; a `<blockquote>` of its alone is the writer's own indentation), Apple, Outlook for Mac.
fn is_quote_of_a_client(tag: &Tag<'_>) -> bool {
    const CLASSES: &[&str] = &[
        "yahoo_quoted",
        "protonmail_quote",
        "zmail_extra",
        "tutanota_quote",
        "moz-cite-prefix",
        "gmail_attr",
        "gmail_extra_quote",
        "freebirdformquote",
    ];
    const IDS: [&str; 4] =
        ["olk_src_body_section", "yahoo_quoted_", "mail-editor-reference-message-container", "isforwardcontent"];
    has_class(tag, |class| CLASSES.contains(&class)) || has_id(tag, |id| IDS.iter().any(|name| id.starts_with(name)))
}

/// The names that clients give the element in which they sign: `moz-signature`, `gmail_signature`, Outlook's `Signature` and
/// `ms-outlook-mobile-signature`, `AppleMailSignature`, `geary-signature`, `-x-evo-signature`, Roundcube's `_rc_sig`.
fn is_signature_of_a_client(tag: &Tag<'_>) -> bool {
    let is_one = |name: &str| name.contains("signature") || name == "_rc_sig";
    has_class(tag, is_one) || has_id(tag, is_one)
}

fn has_class(tag: &Tag<'_>, is: impl Fn(&str) -> bool) -> bool {
    tag.mentions("class") && tag.attribute("class").split_whitespace().any(is)
}

/// Outlook puts `x_` in front once a mail is quoted itself.
fn has_id(tag: &Tag<'_>, is: impl Fn(&str) -> bool) -> bool {
    tag.mentions("id") && is(tag.attribute("id").trim_start_matches("x_"))
}

/// Outlook on the web and its phones: `<div id="divRplyFwdMsg">`, with `x_` in front once it is quoted itself. Outlook
/// for Windows (Word's HTML): a `<div>` with nothing but a thin line at its top.
fn is_divider_of_outlook(tag: &Tag<'_>) -> bool {
    if !tag.is("div") || tag.has_no_attributes() {
        return false;
    }
    if tag.mentions("RplyFwdMsg") {
        return tag.attribute("id").trim_start_matches("x_") == "divrplyfwdmsg";
    }
    if !tag.mentions("border-top") {
        return false;
    }
    let style: String = tag.attribute("style").chars().filter(|c| !c.is_whitespace()).collect();
    style.starts_with("border:none;")
        && ["border-top:solid#e1e1e11.0pt", "border-top:solid#b5c4df1.0pt"].iter().any(|line| style.contains(line))
}

/// What follows the end tag of an element whose content is no markup.
fn behind_raw_text<'a>(html: &'a str, name: &str) -> &'a str {
    let mut rest = html;
    while let Some(at) = work::searched(rest, rest.find("</")) {
        rest = &rest[at + 2..];
        if rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return work::searched(rest, rest.find('>')).map_or("", |end| &rest[end + 1..]);
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        render(html).text
    }

    #[test]
    fn blocks_are_lines_and_blanks_are_one() {
        assert_eq!(
            text("<html><head><title>t</title><style>p{}</style></head><body><p>a  b\n c<p>d<br>e<div>f</div>g"),
            "a b c\n\nd\ne\nf\ng"
        );
        assert_eq!(text("<ul><li>un<li>deux</ul><table><tr><td>a<td>b</tr></table>"), "- un\n- deux\na b");
        assert_eq!(text("<pre>a\n  b</pre>"), "a\n  b");
    }

    #[test]
    fn references_are_characters() {
        assert_eq!(
            text("d&eacute;j&agrave; &lt;b&gt; &#233;&#xe9; &#146;&nope; a&b &#x202e;x"),
            "déjà <b> éé ’&nope; a&b x"
        );
    }

    #[test]
    fn what_a_reader_does_not_see_is_not_there() {
        assert_eq!(text("a<div style='display: none'>x<b>y</b></div>b<!-- c --><script>d</script>"), "a\nb");
    }

    #[test]
    fn unclosed_markup_swallows_nothing() {
        assert_eq!(text("a < b <c"), "a < b <c");
        assert_eq!(text("x<!-- y"), "x<!-- y");
        assert_eq!(text("<a href=\"x>y</a>z"), "yz");
    }

    #[test]
    fn quotes_are_known_by_their_markup() {
        let spans = |html: &str| {
            let rendered = render(html);
            let text = |range: &Range<usize>| rendered.text[range.clone()].to_owned();
            rendered.spans.iter().map(|(area, range)| (*area, text(range))).collect::<Vec<_>>()
        };
        let html = "new<blockquote type=cite>old<br>older</blockquote>below";
        assert_eq!(render(html).text, "new\nold\nolder\nbelow");
        assert_eq!(spans(html), [(Area::Quote, "old\nolder".to_owned())]);
        assert_eq!(spans("a<blockquote class=gmail_quote>b</blockquote>c"), [(Area::Indent, "b".to_owned())]);
        let gmail =
            "a<div class=gmail_quote><div class=gmail_attr>x:</div><blockquote class=gmail_quote>b</blockquote>c</div>";
        assert_eq!(spans(gmail), [(Area::Quote, "x:\nb".to_owned())]);
        assert_eq!(spans("a<div class=gmail_signature>b</div>"), [(Area::Signature, "b".to_owned())]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_document(html in "(<|>|</|div|blockquote|p| |=|\"|'|&|#|x|;|<!--|-->|é|\n)*") {
            let rendered = render(&html);
            for (_, range) in rendered.spans {
                proptest::prop_assert!(rendered.text.get(range).is_some());
            }
        }
    }
}
