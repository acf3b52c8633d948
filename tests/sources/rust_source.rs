//! As much of Rust's grammar as it takes to tell product code from comments, texts and tests, and to see what a path
//! leads into. `tests/sources/architecture.rs` tests it.

/// Whether a name of Rust may hold this character.
pub(crate) fn is_part_of_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where `word` stands as a word, or a path of words, of its own.
pub(crate) fn occurrences(code: &str, word: &str) -> Vec<usize> {
    let found = code.match_indices(word).map(|(offset, _)| offset);
    let is_alone = |offset: &usize| {
        !code[..*offset].ends_with(is_part_of_a_name) && !code[offset + word.len()..].starts_with(is_part_of_a_name)
    };
    found.filter(is_alone).collect()
}

/// What is named right below the path `top`: `a` for `top::a::b`; `a` and `b` for `top::{a, b::{c, d}}`.
pub(crate) fn heads(code: &str, top: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for offset in occurrences(code, top) {
        if code[..offset].ends_with("::") {
            continue; // in the middle of another path
        }
        let Some(below) = code[offset + top.len()..].strip_prefix("::") else { continue };
        let Some(group) = below.strip_prefix('{') else {
            found.push((offset, first_name(below)));
            continue;
        };
        let (mut depth, mut is_at_a_head) = (0, true);
        for (at, c) in group.char_indices() {
            match c {
                '}' if depth == 0 => break,
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => is_at_a_head = true,
                c if is_at_a_head && is_part_of_a_name(c) => {
                    found.push((code.len() - group.len() + at, first_name(&group[at..])));
                    is_at_a_head = false;
                }
                _ => {}
            }
        }
    }
    found
}

/// Every whole path below `top`: `a::b` for `top::a::b`; `a`, `b::c` and `b` for `top::{a, b::{self, c}}`.
pub(crate) fn paths(code: &str, top: &str) -> Vec<String> {
    let starts = occurrences(code, top).into_iter().filter(|offset| !code[..*offset].ends_with("::"));
    starts.filter_map(|offset| code[offset + top.len()..].strip_prefix("::")).flat_map(below).collect()
}

fn below(code: &str) -> Vec<String> {
    if let Some(group) = code.strip_prefix('{') {
        return members(group).into_iter().flat_map(|member| below(member.trim_start())).collect();
    }
    let name = first_name(code);
    match code[name.len()..].strip_prefix("::") {
        _ if name == "self" => vec![String::new()],
        Some(rest) if rest.starts_with(|c| is_part_of_a_name(c) || c == '{') => {
            below(rest).into_iter().map(|path| format!("{name}::{path}").trim_end_matches(':').to_owned()).collect()
        }
        _ => vec![name],
    }
}

/// What stands between the commas of a group, up to its end.
fn members(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.push(group[start..at].trim_start());
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|member| !member.is_empty());
    found
}

fn first_name(code: &str) -> String {
    code.chars().take_while(|c| is_part_of_a_name(*c)).collect()
}

/// The product code of a file.
pub(crate) struct WithoutTests {
    /// Texts are blank too.
    pub(crate) code: String,
    pub(crate) code_and_texts: String,
    /// Modules with a file of their own that exist in tests only.
    pub(crate) test_modules: Vec<String>,
}

/// Takes away comments and what stands under `#[cfg(test)]`; lines stay where they are.
pub(crate) fn without_tests(source: &str) -> WithoutTests {
    let mut code = blank(source, Texts::Blanked);
    let mut code_and_texts = blank(source, Texts::Kept);
    let mut test_modules = Vec::new();
    let mut position = 0;
    while let Some(start) =
        ["#[cfg(test)]", "#[cfg(all(test"].iter().filter_map(|mark| code[position..].find(mark)).min()
    {
        let start = position + start;
        let item = start + length_of_attributes(&code[start..]);
        let end = item + length_of_item(&code[item..]);
        if let Some(("mod", name)) = declaration(&code[item..end]).split_once(' ')
            && code[item..end].ends_with(';')
        {
            test_modules.push(first_name(name));
        }
        for text in [&mut code, &mut code_and_texts] {
            let blanks: String = text[start..end].chars().map(blank_of).collect();
            text.replace_range(start..end, &blanks);
        }
        position = end;
    }
    WithoutTests { code, code_and_texts, test_modules }
}

/// The attributes at the beginning of the code, and the white space behind them.
fn length_of_attributes(code: &str) -> usize {
    let mut rest = code;
    while rest.starts_with('#') {
        let mut depth = 0;
        let end = rest.find(|c| {
            depth += i32::from(c == '[') - i32::from(c == ']');
            c == ']' && depth == 0
        });
        rest = rest[end.map_or(rest.len(), |end| end + 1)..].trim_start();
    }
    code.len() - rest.len()
}

/// The item at the beginning of the code: to its `;`, or to the end of its braces.
fn length_of_item(code: &str) -> usize {
    let ends_with_semicolon = ["use", "const", "static", "type"].contains(&first_name(declaration(code)).as_str());
    let mut depth = 0;
    for (offset, c) in code.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => {
                depth -= 1;
                if depth < 0 {
                    return offset; // the last of its surroundings
                }
                if c == '}' && depth == 0 && !ends_with_semicolon {
                    return offset + 1;
                }
            }
            ';' if depth == 0 => return offset + 1,
            _ => {}
        }
    }
    code.len()
}

/// An item without its `pub` or `pub(…)`.
fn declaration(item: &str) -> &str {
    let Some(rest) = item.strip_prefix("pub") else { return item };
    let rest = rest.trim_start();
    rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest).trim_start()
}

#[derive(Clone, Copy, PartialEq)]
enum Texts {
    Kept,
    Blanked,
}

/// Line ends stay; anything else becomes as many blanks as it has bytes, so that offsets stay too.
fn blank_of(c: char) -> String {
    if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) }
}

/// Blanks comments and what stands in quotes.
fn blank(source: &str, texts: Texts) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let is_in_a_name = out.ends_with(is_part_of_a_name);
        let (length, keep) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), false)
        } else if rest.starts_with("/*") {
            (length_of_block_comment(rest), false)
        } else if let Some(length) = length_of_raw_text(rest).filter(|_| !is_in_a_name) {
            (length, texts == Texts::Kept)
        } else if c == '"' {
            (length_of_text(rest, '"'), texts == Texts::Kept)
        } else if is_character(rest) {
            (length_of_text(rest, '\''), texts == Texts::Kept)
        } else {
            (c.len_utf8(), true)
        };
        let (piece, behind) = rest.split_at(length);
        if keep {
            out.push_str(piece);
        } else {
            out.extend(piece.chars().map(blank_of));
        }
        rest = behind;
    }
    out
}

fn length_of_block_comment(source: &str) -> usize {
    let mut depth = 0;
    let mut offset = 0;
    while offset < source.len() {
        if source[offset..].starts_with("/*") {
            depth += 1;
            offset += 2;
        } else if source[offset..].starts_with("*/") {
            depth -= 1;
            offset += 2;
            if depth == 0 {
                break;
            }
        } else {
            offset += source[offset..].chars().next().map_or(1, char::len_utf8);
        }
    }
    offset
}

/// `r"…"`, `r#"…"#`, `br"…"`.
fn length_of_raw_text(source: &str) -> Option<usize> {
    let marks = source.strip_prefix("br").or_else(|| source.strip_prefix("cr")).or_else(|| source.strip_prefix('r'))?;
    let hashes = marks.chars().take_while(|c| *c == '#').count();
    let text = marks[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(source.len() - text.len() + text.find(&end).map_or(text.len(), |found| found + end.len()))
}

/// A text or character with its quotes; `\` takes the sense of the next character.
fn length_of_text(source: &str, quote: char) -> usize {
    let mut is_escaped = false;
    let end = source.char_indices().skip(1).find(|(_, c)| {
        let is_end = *c == quote && !is_escaped;
        is_escaped = *c == '\\' && !is_escaped;
        is_end
    });
    end.map_or(source.len(), |(offset, _)| offset + 1)
}

/// `'a'` or `'\n'`, and not the lifetime `'a`.
fn is_character(source: &str) -> bool {
    let mut characters = source.chars();
    characters.next() == Some('\'')
        && match characters.next() {
            Some('\\') => true,
            _ => characters.next() == Some('\''),
        }
}
