//! Names that are too long for their room, cut so that each can still be told from the others.

/// At least so much is left of the beginning of a name of which the end says more.
const HEAD: usize = 6;

/// Each name as it fits: its beginning; where another one begins so, its beginning and whatever tells it from that one; the
/// number of its place where even that is alike.
pub(super) fn apart(names: &[&str], fits: impl Fn(&str) -> bool) -> Vec<String> {
    let begin: Vec<String> = names.iter().map(|name| shortened("", name, "", &fits)).collect();
    let tell = |at: usize| {
        let name = names[at];
        let alike = |other: usize| other != at && begin[other] == begin[at] && names[other] != name;
        let shared = (0..names.len()).filter(|other| alike(*other)).map(|other| shared(name, names[other])).max();
        let Some(shared) = shared else { return begin[at].clone() };
        let rest: String = name.chars().skip(shared).collect();
        let mut heads = (HEAD..shared).rev().map(|length| format!("{}{rest}", head(name, length)));
        heads.find(|told| fits(told)).unwrap_or_else(|| shortened(&head(name, HEAD.min(shared)), &rest, "", &fits))
    };
    let told: Vec<String> = (0..names.len()).map(tell).collect();
    let number = |at: usize| {
        let is_taken = (0..at).any(|other| told[other] == told[at] && names[other] != names[at]);
        if is_taken { shortened("", &told[at], &format!(" ({})", at + 1), &fits) } else { told[at].clone() }
    };
    (0..names.len()).map(number).collect()
}

/// `Four…`
fn head(name: &str, length: usize) -> String {
    name.chars().take(length).chain(['…']).collect()
}

/// How many characters both begin with.
fn shared(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count()
}

/// As much of the words as fits between what stands before and behind them.
fn shortened(before: &str, words: &str, behind: &str, fits: impl Fn(&str) -> bool) -> String {
    let whole = format!("{before}{words}{behind}");
    if fits(&whole) {
        return whole;
    }
    let mut kept: Vec<char> = words.chars().collect();
    loop {
        kept.pop();
        let short: String = before.chars().chain(kept.iter().copied()).chain(['…']).chain(behind.chars()).collect();
        if kept.is_empty() || fits(&short) {
            return short;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cut to so many characters.
    fn cut(names: &[&str], room: usize) -> Vec<String> {
        apart(names, |words| words.chars().count() <= room)
    }

    #[test]
    fn what_fits_stays_and_what_does_not_loses_its_end() {
        assert_eq!(cut(&["acme", "Impression Boréale"], 10), ["acme", "Impressio…"]);
    }

    #[test]
    fn two_that_begin_alike_keep_what_tells_them_apart() {
        let names =
            ["N3 (Impression Boréale), par un agent", "N3 (Impression Boréale), règle réseau", "N2, par un agent"];
        assert_eq!(cut(&names, 18), ["N3 (Im…par un age…", "N3 (Im…règle rése…", "N2, par un agent"]);
        assert_eq!(cut(&["Fournisseur Est", "Fournisseur Est 2"], 12), ["Fournisseur…", "Fournisse… 2"]);
    }

    #[test]
    fn no_two_names_ever_look_the_same() {
        let names: Vec<String> =
            (0..40).map(|at| format!("{}{at}{}", "Réseau ".repeat(4), "x".repeat(at % 7))).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for room in 12..40 {
            let mut shown = cut(&names, room);
            shown.sort_unstable();
            shown.dedup();
            assert_eq!(shown.len(), names.len(), "{room}: {shown:?}");
        }
    }
}
