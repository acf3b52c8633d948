//! What stands before the items of a list.

use super::tag::Tag;

/// Items beyond these numbers are not people's.
const NUMBER_MAX: i64 = 1_000_000;

/// An open list.
#[derive(Clone, Copy, Debug)]
pub(super) enum List {
    Bullets,
    /// `next` is the number of the next item, where it is known.
    Numbers {
        next: Option<i64>,
        step: i64,
        style: Style,
    },
}

/// How numbers are written (WHATWG HTML §4.4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Decimal,
    Letters { upper: bool },
    Roman { upper: bool },
}

impl List {
    /// The list that a tag opens, if it opens one. A reversed one that does not say where it starts counts its items, which are
    /// not known yet: they get bullets.
    pub(super) fn of(tag: &Tag) -> Option<List> {
        if tag.is_one_of(&["ul", "menu", "dir"]) {
            return Some(List::Bullets);
        }
        if !tag.is("ol") {
            return None;
        }
        let start = number(&tag.attribute("start"));
        let is_reversed = tag.has("reversed");
        let next = start.or((!is_reversed).then_some(1));
        Some(List::Numbers { next, step: if is_reversed { -1 } else { 1 }, style: Style::of(tag) })
    }

    /// Whether it is of the sort that a tag closes.
    pub(super) fn is_closed_by(self, tag: &Tag) -> bool {
        match self {
            List::Bullets => tag.is_one_of(&["ul", "menu", "dir"]),
            List::Numbers { .. } => tag.is("ol"),
        }
    }

    /// What stands before the item that a tag opens.
    pub(super) fn marker(&mut self, item: &Tag) -> String {
        let List::Numbers { next, step, style } = self else { return "-".to_owned() };
        let Some(own) = number(&item.attribute("value")).or(*next) else { return "-".to_owned() };
        *next = Some((own + *step).clamp(-NUMBER_MAX, NUMBER_MAX));
        format!("{}.", style.written(own))
    }
}

impl Style {
    fn of(tag: &Tag) -> Style {
        let style = tag.attribute("style");
        let says = |name: &str| style.contains(name);
        match tag.attribute_as_written("type") {
            "a" => Style::Letters { upper: false },
            "A" => Style::Letters { upper: true },
            "i" => Style::Roman { upper: false },
            "I" => Style::Roman { upper: true },
            _ if says("lower-alpha") || says("lower-latin") => Style::Letters { upper: false },
            _ if says("upper-alpha") || says("upper-latin") => Style::Letters { upper: true },
            _ if says("lower-roman") => Style::Roman { upper: false },
            _ if says("upper-roman") => Style::Roman { upper: true },
            _ => Style::Decimal,
        }
    }

    fn written(self, number: i64) -> String {
        let (text, upper) = match self {
            Style::Letters { upper } if number > 0 => (letters(number), upper),
            Style::Roman { upper } if (1..4000).contains(&number) => (roman(number), upper),
            _ => (number.to_string(), false),
        };
        if upper { text.to_ascii_uppercase() } else { text }
    }
}

fn number(text: &str) -> Option<i64> {
    text.trim().parse().ok().map(|number: i64| number.clamp(-NUMBER_MAX, NUMBER_MAX))
}

/// a to z, aa to zz, …
fn letters(mut number: i64) -> String {
    let mut letters = Vec::new();
    while number > 0 {
        letters.push(b'a' + ((number - 1) % 26) as u8);
        number = (number - 1) / 26;
    }
    letters.iter().rev().map(|&letter| char::from(letter)).collect()
}

fn roman(mut number: i64) -> String {
    const NUMERALS: [(i64, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut text = String::new();
    for (value, numeral) in NUMERALS {
        while number >= value {
            text.push_str(numeral);
            number -= value;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::to_text;

    #[test]
    fn numbered_steps_keep_their_numbers() {
        for (html, text) in [
            ("<ol><li>un<li>deux</ol>", "1. un\n2. deux"),
            ("<ol start=\"3\"><li>c</li><li value=7>g</li><li>h</li></ol>", "3. c\n7. g\n8. h"),
            ("<ol start=2 reversed><li>b<li>a</ol>", "2. b\n1. a"),
            ("<ol reversed><li>b<li>a</ol>", "- b\n- a"),
            ("<ol type=a><li>x<li>y</ol><ol type=I><li>x<li value=9>y</ol>", "a. x\nb. y\nI. x\nIX. y"),
            ("<ol style='list-style-type: upper-alpha' start=26><li>x<li>y</ol>", "Z. x\nAA. y"),
            (
                "<ol><li>un<ul><li>a<li>b</ul><li>deux<ol><li>c</ol><li>trois</ol>",
                "1. un\n- a\n- b\n2. deux\n1. c\n3. trois",
            ),
            ("<li>seul", "- seul"),
            ("<ol><li><p>un</p><p>suite</p></li><li><div>deux</div></li></ol>", "1. un\n\nsuite\n\n2. deux"),
            ("<ul><li></li><li>a</li><li></li></ul>b", "-\n- a\n-\nb"),
            ("<ul><li><ul><li>a</ul></ul>", "-\n- a"),
            ("<ol><li>un<ul><li>a</ol><li>b", "1. un\n- a\n- b"),
        ] {
            assert_eq!(to_text(html), text);
        }
    }
}
