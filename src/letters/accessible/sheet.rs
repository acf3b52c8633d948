//! Styles as a letter's `<style>` and its `style` attributes write them.

use cssparser::{Delimiter, ParseError, Parser, Token};

use super::document::Document;

/// How a letter may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    Light,
    Dark,
    /// As narrow as a phone, or as a window at 400 %.
    Narrow,
}

/// The rules of all `<style>` elements, in their order.
pub(super) struct Sheet {
    rules: Vec<Rule>,
}

struct Rule {
    /// From the outside inwards.
    selector: Vec<Compound>,
    medium: Medium,
    declarations: Vec<Declaration>,
}

/// What an element must be: `table.wide#top`.
#[derive(Default)]
struct Compound {
    name: Option<String>,
    ids: Vec<String>,
    classes: Vec<String>,
}

/// A property and its value, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declaration {
    /// In lower case.
    pub(super) property: String,
    pub(super) value: String,
    is_important: bool,
}

/// When a rule holds, of the conditions that letters use.
#[derive(Clone, Copy)]
enum Medium {
    Always,
    Light,
    Dark,
    Narrow,
    Never,
}

impl Sheet {
    pub(super) fn of(document: &Document) -> Self {
        let mut rules = Vec::new();
        for (_, style) in document.named(&["style"]) {
            let css = style.texts().collect::<String>();
            read_rules(&mut Parser::new(&css), Medium::Always, &mut rules);
        }
        Sheet { rules }
    }

    /// What is declared of an element, in the order in which later ones take the place of earlier ones (CSS Cascade 4 §6).
    pub(super) fn declared(&self, document: &Document, at: usize, view: View) -> Vec<Declaration> {
        let holding = self.rules.iter().filter(|rule| rule.medium.holds_in(view) && rule.selects(document, at));
        let mut holding: Vec<&Rule> = holding.collect();
        holding.sort_by_key(|rule| rule.specificity());
        let mut declared: Vec<Declaration> =
            holding.into_iter().flat_map(|rule| rule.declarations.iter().cloned()).collect();
        declared.extend(inline(document.element(at).attribute("style").unwrap_or_default()));
        declared.sort_by_key(|declaration| declaration.is_important);
        declared
    }
}

impl Rule {
    fn selects(&self, document: &Document, at: usize) -> bool {
        let Some((last, outer)) = self.selector.split_last() else { return false };
        let mut around = document.around(at);
        last.is(document, at) && outer.iter().rev().all(|compound| around.any(|at| compound.is(document, at)))
    }

    fn specificity(&self) -> (usize, usize, usize) {
        let sum = |count: fn(&Compound) -> usize| self.selector.iter().map(count).sum();
        (sum(|of| of.ids.len()), sum(|of| of.classes.len()), sum(|of| usize::from(of.name.is_some())))
    }
}

impl Compound {
    /// `None` for what is not looked at: attributes, states, and places among siblings.
    fn parse(text: &str) -> Option<Self> {
        let mut compound = Compound::default();
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest[1..].find(['.', '#']).map_or(rest.len(), |end| end + 1);
            let (part, behind) = rest.split_at_checked(end)?;
            let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
            match part.split_at_checked(1)? {
                (".", class) if is_name(class) => compound.classes.push(class.to_owned()),
                ("#", id) if is_name(id) => compound.ids.push(id.to_owned()),
                ("*", "") => {}
                _ if is_name(part) => compound.name = Some(part.to_ascii_lowercase()),
                _ => return None,
            }
            rest = behind;
        }
        Some(compound)
    }

    fn is(&self, document: &Document, at: usize) -> bool {
        let element = document.element(at);
        let has_class = |class: &String| {
            element.attribute("class").is_some_and(|classes| classes.split_whitespace().any(|of| of == class))
        };
        self.name.as_ref().is_none_or(|name| *name == element.name)
            && self.ids.iter().all(|id| element.attribute("id") == Some(id))
            && self.classes.iter().all(has_class)
    }
}

impl Medium {
    /// Of what stands behind `@media`.
    fn of(query: &str) -> Self {
        let query = query.trim().to_ascii_lowercase();
        match query.as_str() {
            "" | "all" | "screen" | "only screen" => Medium::Always,
            _ if query.contains("prefers-color-scheme") && query.contains("dark") => Medium::Dark,
            _ if query.contains("prefers-color-scheme") => Medium::Light,
            _ if query.contains("max-width") || query.contains("max-device-width") => Medium::Narrow,
            _ => Medium::Never,
        }
    }

    fn holds_in(self, view: View) -> bool {
        match self {
            Medium::Always => true,
            Medium::Light => view != View::Dark,
            Medium::Dark => view == View::Dark,
            Medium::Narrow => view == View::Narrow,
            Medium::Never => false,
        }
    }
}

fn read_rules(input: &mut Parser<'_>, medium: Medium, rules: &mut Vec<Rule>) {
    while !input.is_exhausted() {
        let start = input.position();
        let _ = input.parse_until_before(Delimiter::CurlyBracketBlock | Delimiter::Semicolon, to_its_end);
        let prelude = input.slice_from(start).trim();
        if !matches!(input.next(), Ok(Token::CurlyBracketBlock)) {
            continue;
        }
        let _ = input.parse_nested_block(|block| {
            match prelude.strip_prefix("@media") {
                Some(query) => read_rules(block, Medium::of(query), rules),
                None if prelude.starts_with('@') => {}
                None => {
                    let declarations = declarations(block);
                    let selectors = prelude.trim_start_matches("<!--").split(',');
                    rules.extend(selectors.filter_map(selector).map(|selector| Rule {
                        selector,
                        medium,
                        declarations: declarations.clone(),
                    }));
                }
            }
            to_its_end(block)
        });
    }
}

fn selector(text: &str) -> Option<Vec<Compound>> {
    text.split_whitespace().map(Compound::parse).collect::<Option<Vec<_>>>().filter(|compounds| !compounds.is_empty())
}

/// The declarations of a `style` attribute.
pub(super) fn inline(style: &str) -> Vec<Declaration> {
    declarations(&mut Parser::new(style))
}

fn declarations(input: &mut Parser<'_>) -> Vec<Declaration> {
    let mut declarations = Vec::new();
    while let Ok(token) = input.next() {
        let Token::Ident(property) = token.clone() else { continue };
        let value = input.parse_until_after(Delimiter::Semicolon, |input| {
            input.expect_colon()?;
            let start = input.position();
            to_its_end(input)?;
            Ok::<_, ParseError<()>>(input.slice_from(start))
        });
        let Ok(value) = value else { continue };
        let (value, mark) = value.split_once('!').unwrap_or((value, ""));
        declarations.push(Declaration {
            property: property.to_ascii_lowercase(),
            value: value.trim().to_owned(),
            is_important: mark.trim().eq_ignore_ascii_case("important"),
        });
    }
    declarations
}

fn to_its_end(input: &mut Parser<'_>) -> Result<(), ParseError<()>> {
    while input.next().is_ok() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(html: &str, view: View) -> String {
        let document = Document::read(html);
        let (at, _) = document.named(&["p"]).next().unwrap();
        let declared = Sheet::of(&document).declared(&document, at, view);
        declared.into_iter().rfind(|of| of.property == "color").map(|of| of.value).unwrap_or_default()
    }

    #[test]
    fn the_nearest_rule_holds() {
        let sheet =
            "<style>@import url(a.css); p, td p { color: red } .b p{color:blue} #a p.c { color: Green; }</style>";
        assert_eq!(colour(&format!("{sheet}<p>x"), View::Light), "red");
        assert_eq!(colour(&format!("{sheet}<div class=\"a b\"><i><p>x"), View::Light), "blue");
        assert_eq!(colour(&format!("{sheet}<div id=a class=b><p class=c>x"), View::Light), "Green");
        assert_eq!(colour(&format!("{sheet}<p style='Color : teal; x'>x"), View::Light), "teal");
    }

    #[test]
    fn a_rule_for_the_dark_holds_in_the_dark() {
        let html = "<style>@media (prefers-color-scheme: dark) { p { color: white !important } } @media print { p { color: red } } \
                    @media only screen and (max-width: 600px) { p { color: blue !important } } p:hover { color: red }</style>\
                    <p style=\"color:black\">x";
        assert_eq!(colour(html, View::Light), "black");
        assert_eq!(colour(html, View::Dark), "white");
        assert_eq!(colour(html, View::Narrow), "blue");
    }
}
