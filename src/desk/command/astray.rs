//! Commands that miss by a hair, and those that stand where none is read. As text they would be published.
//!
//! A known word behind a hash counts wherever no writer of prose sets one: at the start of a line, whatever list mark,
//! emphasis, quotation mark or blank comes between, and anywhere in the first line and the subject. Within later lines it is
//! spoken of (`tapez #aide`).

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::rest::{is_invisible, key};
use super::words::reader_of;
use crate::mail::pattern::pattern;

/// A number sign, and what is taken for one: full width, small, musical sharp, viewdata square.
const HASHES: [char; 5] = ['#', '＃', '﹟', '♯', '⌗'];

/// Behind marks, tags, references to characters, and the number of a list's item.
static AT_START: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:[^\p{L}\p{N}#＃﹟♯⌗]|<[^<>]{0,60}>|&[A-Za-z]{1,8};|\p{N}{1,3}[.):\]]|\p{L}[.)])*[#＃﹟♯⌗][^\p{L}\p{N}]*([\p{L}\p{M}]+)",
    )
});

/// Not within a word or an address of the web.
static ANYWHERE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?:^|[^\p{L}\p{N}/])[#＃﹟♯⌗][\s\p{M}#＃﹟♯⌗*_~"'’«“‘\\-]{0,8}([\p{L}\p{M}]+)"#));

/// A command that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Astray {
    /// With what stands before it: `- #note`.
    pub(super) written: String,
    /// The command that it would be: `#note`.
    pub(super) meant: String,
}

/// A command at the start of a line, or of what some programs show as a line of its own.
pub(super) fn at_start(line: &str) -> Option<Astray> {
    if !line.contains(HASHES) {
        return None;
    }
    line.split(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']).find_map(|line| {
        let line = visible(line);
        // A line of somebody else's letter.
        if line.starts_with('>') {
            return None;
        }
        let found = AT_START.captures(&line)?;
        known(&found[0], &found[1])
    })
}

/// A command anywhere in a line.
pub(super) fn anywhere(line: &str) -> Option<Astray> {
    if !line.contains(HASHES) {
        return None;
    }
    let line = visible(line);
    if line.starts_with('>') {
        return None;
    }
    ANYWHERE.captures_iter(&line).find_map(|found| known(&found[0], &found[1]))
}

/// A command that the subject has and the known subject lacks.
pub(super) fn in_subject(subject: &str, known_subject: Option<&str>) -> Option<Astray> {
    let mut known: HashMap<String, usize> = HashMap::new();
    for one in commands_of(&visible(known_subject.unwrap_or_default())) {
        *known.entry(key(&one.meant)).or_default() += 1;
    }
    commands_of(&visible(subject)).into_iter().find(|one| match known.get_mut(&key(&one.meant)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    })
}

fn commands_of(subject: &str) -> Vec<Astray> {
    ANYWHERE.captures_iter(subject).filter_map(|found| known(&found[0], &found[1])).collect()
}

fn known(written: &str, word: &str) -> Option<Astray> {
    reader_of(word)?;
    Some(Astray { written: written.trim().chars().take(40).collect(), meant: format!("#{word}") })
}

fn visible(line: &str) -> String {
    line.chars().filter(|c| !is_invisible(*c)).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_behind_marks_at_the_start_of_a_line_is_found() {
        for line in [
            "# note",
            "#  note",
            "- #note",
            "* #note",
            "• #note",
            "1. #note",
            "2) #note",
            "a) #note",
            "*#note*",
            "**#note**",
            "_#note_",
            "<b>#note</b>",
            "&nbsp;#note",
            "＃note",
            "♯note",
            "﹟note",
            "\\#note",
            "\"#note\"",
            "«#note»",
            "« #note »",
            "##note",
            "#-note",
            "# Note :",
            "#*note*",
            "(#note)",
            "[#note]",
            "→ #note",
            "☐ #note",
            "#\u{20e3}note",
            "\u{200b}#\u{ad}note",
            "\u{a0}- \u{feff}#note",
            "`#note`",
            "Bonjour\u{2028}#note",
            "#ｎｏｔｅ",
            "# 𝐧𝐨𝐭𝐞",
            "#note",
        ] {
            assert_eq!(at_start(line).map(|found| key(&found.meant)).as_deref(), Some("#note"), "{line:?}");
        }
    }

    #[test]
    fn prose_code_headings_and_colours_are_text() {
        for line in [
            "#1 et #2",
            "# Titre",
            "## 3. Titre",
            "#hashtag",
            "#include <stdio.h>",
            "#define NOTE 1",
            "#fff",
            "C# note",
            "tapez #aide pour la liste",
            "Voir https://wiki.test/page#note",
            "https://wiki.test/#note",
            "> #note",
            "- note",
            "Le billet R-12 #",
            "",
        ] {
            assert_eq!(at_start(line), None, "{line:?}");
        }
        for line in [
            "Voir https://wiki.test/page#note",
            "https://wiki.test/#note",
            "C#note",
            "la couleur #fff",
            "> tapez #aide",
        ] {
            assert_eq!(anywhere(line), None, "{line:?}");
        }
    }

    #[test]
    fn of_a_subject_only_the_words_that_the_known_one_lacks_count() {
        let found = |subject, known| in_subject(subject, known).map(|found| found.meant);
        let known = Some("problème avec #note");
        assert_eq!(found("Re: [SD R-000001] problème avec #note", known), None);
        assert_eq!(found("#note Re: [SD R-000001] problème avec #note", known).as_deref(), Some("#note"));
        assert_eq!(found("Re: [SD R-000001] problème avec #note", None).as_deref(), Some("#note"));
        assert_eq!(
            found("Re: [SD R-000001] Écran noir #fusionner R-2", Some("Écran noir")).as_deref(),
            Some("#fusionner")
        );
        assert_eq!(found("Re: [SD R-000001] Écran noir # résolue", None).as_deref(), Some("#résolue"));
        assert_eq!(found("Re: [SD R-000001] Écran noir, poste #12, C#", None), None);
    }
}
