//! What a new article is called in commands, letters and statistics.

use std::collections::HashSet;

use super::words;

/// An id made of the name's letters and digits, which none of these has; it is added to them.
pub(super) fn new_id(name: &str, ids: &mut HashSet<String>) -> String {
    const LENGTH_MAX: usize = 60;
    let folded: Vec<String> = words::words(name, None, 12).into_iter().map(|word| word.folded).collect();
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    let is_id = plain.len() == name.trim().len() && !plain.is_empty();
    let mut base = if is_id { plain } else { folded.join("-") };
    base.retain(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    base.truncate(LENGTH_MAX);
    let base = base.trim_matches('-').to_owned();
    let base = if base.is_empty() { "article".to_owned() } else { base };
    let mut id = base.clone();
    let mut number = 2;
    while !ids.insert(id.to_ascii_lowercase()) {
        id = format!("{base}-{number}");
        number += 1;
    }
    id
}
