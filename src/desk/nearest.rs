//! What somebody meant who wrote almost that.

use strsim::osa_distance;

/// Longer words are nobody's slip of the pen; the longest name of a template has 40.
const CHARACTERS_MAX: usize = 48;

/// The known word that is written almost like this one; a beginning of three letters counts as well. Both are in the form in
/// which they are compared.
pub(crate) fn nearest<T>(word: &str, known: impl Iterator<Item = (String, T)>) -> Option<T> {
    let written = word.chars().count();
    if written > CHARACTERS_MAX {
        return None;
    }
    let slips = match written {
        0..=4 => 1,
        5..=7 => 2,
        _ => 3,
    };
    let distance = |known: &str| {
        let known_length = known.chars().count();
        let continued = written >= 3 && known.starts_with(word);
        let begun = known_length >= 4 && word.starts_with(known);
        match osa_distance(word, &known.chars().take(CHARACTERS_MAX).collect::<String>()) {
            edits if edits <= slips.min(known_length / 3) => Some(edits),
            _ if continued || begun => Some(slips + 1 + known_length),
            _ => None,
        }
    };
    let near = known.filter_map(|(known, value)| Some((distance(&known)?, value)));
    near.min_by_key(|(distance, _)| *distance).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_and_a_beginning_find_their_word_and_another_word_none() {
        let known = ["note", "resolu", "escalader", "cc"];
        let near = |word| nearest(word, known.iter().map(|known| ((*known).to_owned(), *known)));
        for (word, meant) in [
            ("ntoe", Some("note")),
            ("noet", Some("note")),
            ("rezolu", Some("resolu")),
            ("esc", Some("escalader")),
            ("escaladerl", Some("escalader")),
            ("hashtag", None),
            ("no", None),
            ("ok", None),
            ("", None),
        ] {
            assert_eq!(near(word), meant, "{word}");
        }
    }
}
