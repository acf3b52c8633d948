//! The body of an article as the two parts of a letter (CommonMark).
//!
//! Nothing in an article becomes markup that the article's author could not have written in Markdown: HTML is shown as
//! text, and a link leads only where a mail client may go without harm.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// An HTML fragment.
pub(super) fn html(markdown: &str) -> String {
    let mut html = String::with_capacity(markdown.len() * 2);
    pulldown_cmark::html::push_html(&mut html, events(markdown));
    html
}

/// Plain text, paragraphs apart by an empty line, no white space at the end.
pub(super) fn text(markdown: &str) -> String {
    let mut writer = TextWriter::default();
    for event in events(markdown) {
        writer.take(event);
    }
    writer.text.trim_end().to_owned()
}

/// What stands in the Markdown, made harmless.
fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let mut links_kept = Vec::new();
    Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH).filter_map(move |event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Some(Event::Text(html)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        // In a letter the title of the article is a heading of the second level.
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Some(Event::Start(Tag::Heading { level: below_title(level), id, classes, attrs }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(below_title(level)))),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            links_kept.push(is_safe(dest_url));
            is_safe(dest_url).then_some(event)
        }
        Event::End(TagEnd::Link) => links_kept.pop().unwrap_or_default().then_some(event),
        other => Some(other),
    })
}

/// Authors begin with the first level or with the second.
fn below_title(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

fn is_safe(address: &str) -> bool {
    let scheme = address.split(':').next().unwrap_or_default().to_ascii_lowercase();
    address.contains(':') && matches!(scheme.as_str(), "http" | "https" | "mailto" | "tel")
}

#[derive(Default)]
struct TextWriter {
    text: String,
    /// One entry a nested list; the number of its next item where it has numbers.
    lists: Vec<Option<u64>>,
    quotes: usize,
    link: Option<Link>,
}

struct Link {
    address: String,
    starts_at: usize,
}

impl TextWriter {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) => self.write(&text),
            Event::SoftBreak | Event::HardBreak => self.line_break(),
            Event::Rule => {
                self.paragraph_break();
                self.write("----");
                self.paragraph_break();
            }
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_) if self.is_at_item_start() => {}
            Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_) => self.paragraph_break(),
            Tag::BlockQuote(_) => {
                self.paragraph_break();
                self.quotes += 1;
            }
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.paragraph_break();
                }
                self.lists.push(first);
            }
            Tag::Item => self.item(),
            Tag::Link { dest_url, .. } => self.link = Some(self.link_to(dest_url)),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.paragraph_break();
                }
            }
            TagEnd::BlockQuote(_) => {
                self.quotes -= 1;
                self.paragraph_break();
            }
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock if self.lists.is_empty() => {
                self.paragraph_break();
            }
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }

    fn item(&mut self) {
        self.line_break_unless_at_one();
        let indent = "   ".repeat(self.lists.len().saturating_sub(1));
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                let mark = format!("{number}. ");
                *number += 1;
                mark
            }
            _ => "- ".to_owned(),
        };
        self.text.push_str(&indent);
        self.text.push_str(&mark);
    }

    fn link_to(&self, address: CowStr<'_>) -> Link {
        Link { address: address.into_string(), starts_at: self.text.len() }
    }

    /// The address follows its text, unless the text already is the address.
    fn end_link(&mut self) {
        let Some(link) = self.link.take() else { return };
        let shown = self.text.get(link.starts_at..).unwrap_or_default();
        let bare = |text: &str| text.trim_start_matches("mailto:").trim_start_matches("tel:").to_owned();
        if bare(shown) != bare(&link.address) {
            self.text.push_str(&format!(" <{}>", bare(&link.address)));
        }
    }

    fn write(&mut self, text: &str) {
        for (position, line) in text.split('\n').enumerate() {
            if position > 0 {
                self.line_break();
            }
            self.text.push_str(line);
        }
    }

    fn line_break(&mut self) {
        self.text.push('\n');
        self.text.push_str(&"> ".repeat(self.quotes));
        self.text.push_str(&"   ".repeat(self.lists.len()));
    }

    fn line_break_unless_at_one(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn paragraph_break(&mut self) {
        self.text.truncate(self.text.trim_end().len());
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(&"> ".repeat(self.quotes));
        self.text.push_str(&"   ".repeat(self.lists.len()));
    }

    fn is_at_item_start(&self) -> bool {
        !self.lists.is_empty() && (self.text.ends_with("- ") || self.text.ends_with(". "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_read_well_without_html() {
        let markdown = "# Avant\n\nOuvrez le [portail](https://portail.exemple.test/mdp),\npuis :\n\n1. cliquez **Oublié** ;\n2. tapez `chemin\\nom` ;\n   - une fois,\n   - deux fois.\n\nÉcrivez à <aide@exemple.test>.";
        assert_eq!(
            text(markdown),
            "Avant\n\nOuvrez le portail <https://portail.exemple.test/mdp>,\npuis :\n\n1. cliquez Oublié ;\n2. tapez chemin\\nom ;\n   - une fois,\n   - deux fois.\n\nÉcrivez à aide@exemple.test."
        );
    }

    #[test]
    fn steps_are_a_list_in_html() {
        assert_eq!(html("1. **a**\n2. `b`"), "<ol>\n<li><strong>a</strong></li>\n<li><code>b</code></li>\n</ol>\n");
    }

    #[test]
    fn headings_stand_below_the_title_of_the_article() {
        assert_eq!(html("## a\n\n### b\n\n###### c"), "<h3>a</h3>\n<h4>b</h4>\n<h6>c</h6>\n");
        assert_eq!(html("# a"), "<h3>a</h3>\n");
    }

    #[test]
    fn html_in_an_article_is_text() {
        let shown = html("<script>alert(1)</script>\n\nUn <b onclick=\"x\">mot</b> & <img src=x>");
        assert!(!shown.contains("<script") && !shown.contains("<b ") && !shown.contains("<img"), "{shown}");
        assert!(shown.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{shown}");
        assert_eq!(text("un <b>mot</b>"), "un <b>mot</b>");
    }

    #[test]
    fn a_link_leads_only_to_the_web_or_to_a_mail_address() {
        let shown = html("[a](javascript:alert(1)) [b](https://b.test) [c](file:///etc) ![d](https://d.test/d.png)");
        assert_eq!(shown, "<p>a <a href=\"https://b.test\">b</a> c d</p>\n");
    }

    proptest::proptest! {
        #[test]
        fn no_markdown_makes_active_html(markdown in "[<>a-z\"'&/!\\[\\]()`*#:=\n -]{0,200}") {
            let shown = html(&markdown);
            for bad in ["<script", "<img", "<iframe", "<style", "href=\"javascript"] {
                proptest::prop_assert!(!shown.contains(bad), "{}", shown);
            }
            text(&markdown);
        }
    }
}
