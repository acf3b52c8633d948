//! The name under an agent's words. A mail that says `#publier` and is signed holds no text of its own, and letters to
//! requesters bear the agent's name already.

use crate::mail::fold::folded;

/// A signature is short.
const LINES_MAX: usize = 8;

/// The text without the lines from the author's own name on, where that stands alone above at most a few lines.
pub(in crate::desk) fn without<'t>(text: &'t str, name: &str) -> &'t str {
    if is_signature_alone(text) {
        return "";
    }
    let name = folded(name.trim());
    let first_name = name.split_whitespace().next().unwrap_or_default();
    let mut above = text.trim_end();
    for _ in 0..LINES_MAX {
        let start = above.rfind('\n').map_or(0, |end| end + 1);
        let line = folded(above[start..].trim());
        let stands_alone = text[..start].trim_end_matches(['\n', '\r']).len() < start.saturating_sub(1)
            || start == 0
            || begins_with_command(&text[..start]);
        if stands_alone && !line.is_empty() && is_name(&line, &name, first_name) {
            return text[..start].trim_end();
        }
        above = text[..start].trim_end_matches(['\n', '\r']);
        if above.is_empty() {
            break;
        }
    }
    text
}

/// Nothing but what stands below a mark of signatures (RFC 3676 §4.3).
fn is_signature_alone(text: &str) -> bool {
    let mut lines = text.trim_start().lines();
    lines.next().is_some_and(|line| line.trim_end() == "--") && lines.count() <= LINES_MAX
}

/// `Alice`, `Alice Gagnon`, `Alice Gagnon, analyste`.
fn is_name(line: &str, name: &str, first_name: &str) -> bool {
    let behind = line.strip_prefix(name).filter(|_| !name.is_empty());
    line == first_name
        || behind.is_some_and(|rest| {
            rest.trim_start().is_empty() || rest.trim_start().starts_with([',', '|', '-', '–', '('])
        })
}

/// Whether the line right above is a command.
fn begins_with_command(above: &str) -> bool {
    above.trim_end().lines().next_back().is_some_and(|line| line.trim_start().starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn the_authors_name_and_what_stands_below_it_go() {
        for text in [
            "Débranchez-la.\n\nAlice Gagnon\nCentre de services\n514 555-0199",
            "Débranchez-la.\n\nAlice",
            "Débranchez-la.\r\n\r\nALICE GAGNON, analyste\r\n",
            "Débranchez-la.",
        ] {
            assert_eq!(without(text, "Alice Gagnon"), "Débranchez-la.", "{text:?}");
        }
        assert_eq!(without("#publier\nAlice", "Alice Gagnon"), "#publier");
        assert_eq!(without("\n-- \nAlice Gagnon\n514 555-0199", "Alice Gagnon"), "");
        assert_eq!(without("--\nCentre de services", "Alice Gagnon"), "");
        assert_eq!(without("#publier\n\nAlice Gagnon", "Alice Gagnon"), "#publier");
    }

    #[test]
    fn a_name_within_the_text_stays() {
        for text in ["Bonjour,\nAlice\npasse demain.", "Bonjour,\n\nAlice passe demain.", "Alice-Anne viendra.", "Oui"]
        {
            assert_eq!(without(text, "Alice Gagnon"), text);
        }
    }
}
