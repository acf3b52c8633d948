//! `format=flowed` (RFC 3676): lines that were stuffed with a blank, and paragraphs that were wrapped within words.

use std::borrow::Cow;

use super::parameter::Parameterised;

/// The text as its author sees it: without stuffing (§4.4), and with `delsp=yes` (§4.2) without the breaks that were put in, at
/// which a word or an address may be cut. With `delsp=no` a break stands between words, and lines stay as they are.
///
/// A stuffed line that begins with `>` keeps its blank: it is no quote, and is told from one by it.
pub(super) fn read<'t>(content_type: &Parameterised, text: Cow<'t, str>) -> Cow<'t, str> {
    let says =
        |name: &str, value: &str| content_type.get(name).is_some_and(|own| own.trim().eq_ignore_ascii_case(value));
    match (says("format", "flowed"), says("delsp", "yes")) {
        (false, _) => text,
        (true, false) => Cow::Owned(unstuffed(&text)),
        (true, true) => Cow::Owned(joined(&text)),
    }
}

fn unstuffed(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        read.push_str(own_words(line));
    }
    read
}

/// A line that is not quoted, without the blank that stuffs it (RFC 3676 §4.4).
fn own_words(line: &str) -> &str {
    line.strip_prefix(' ').filter(|line| !line.starts_with('>')).unwrap_or(line)
}

/// §4.2: a line that ends in a blank goes on in the next one of the same quote; a signature's mark (§4.3) does not.
fn joined(text: &str) -> String {
    const SIGNATURE: &str = "-- ";
    let mut read = String::with_capacity(text.len());
    let mut flows_at: Option<usize> = None;
    for (number, line) in text.split('\n').enumerate() {
        let depth = line.bytes().take_while(|&byte| byte == b'>').count();
        let (marks, rest) = line.split_at(depth);
        let content = if depth == 0 { own_words(rest) } else { rest.strip_prefix(' ').unwrap_or(rest) };
        let goes_on = flows_at == Some(depth) && content != SIGNATURE;
        if !goes_on {
            if number > 0 {
                read.push('\n');
            }
            read.push_str(marks);
            if depth > 0 && !content.is_empty() {
                read.push(' ');
            }
        }
        let flowing = content.strip_suffix(' ').filter(|_| content != SIGNATURE);
        read.push_str(flowing.unwrap_or(content));
        flows_at = flowing.map(|_| depth);
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(parameters: &str, text: &str) -> String {
        read(&Parameterised::parse(&format!("text/plain; {parameters}")), Cow::Borrowed(text)).into_owned()
    }

    const DELSP: &str = "format=flowed; DelSp=\"yes\"";

    #[test]
    fn what_was_cut_within_a_word_is_whole_again() {
        assert_eq!(
            text(DELSP, "Voir https://a.test/pa \nge ce  \nmatin.\n\nFin"),
            "Voir https://a.test/page ce matin.\n\nFin"
        );
        assert_eq!(text(DELSP, "プリン \nター\n"), "プリンター\n");
        assert_eq!(text(DELSP, "> Voir \n> ici\n>> an  \n>> old\nNon"), "> Voirici\n>> an old\nNon");
    }

    #[test]
    fn quotes_and_signatures_end_a_paragraph() {
        assert_eq!(text(DELSP, "a \n> b \n-- \nMarie \nT"), "a\n> b\n-- \nMarieT");
    }

    #[test]
    fn stuffing_goes_and_a_stuffed_mark_is_told_from_a_quote() {
        for parameters in [DELSP, "format=flowed"] {
            assert_eq!(
                text(parameters, " From here\n  code\n > not a quote\n> a quote"),
                "From here\n code\n > not a quote\n> a quote"
            );
        }
        assert_eq!(text("format=flowed", "a \nb"), "a \nb");
        assert_eq!(text("format=fixed", " a \n b"), " a \n b");
    }

    proptest::proptest! {
        #[test]
        fn no_word_is_lost(lines in "([>]{0,2} ?[a-zé]{0,3} ?\n)*", delsp: bool) {
            let words = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
            let parameters = if delsp { DELSP } else { "format=flowed" };
            proptest::prop_assert_eq!(words(&text(parameters, &lines)), words(&lines));
        }
    }
}
