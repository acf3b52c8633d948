//! A symptom more in an article's file, which stays otherwise as its author wrote it.

use serde::Deserialize;
use toml::{Spanned, Value};

use super::article::{Article, ArticleFault, front_matter};

#[derive(Deserialize)]
struct FrontMatter {
    symptoms: Vec<Spanned<String>>,
}

/// The file with this symptom behind the others; comments, order and spaces stay. `file` names it in faults.
///
/// ```
/// # use guichet::known_fix::with_symptom;
/// let text = "+++\nid = \"wifi\"\ntitle = \"Wi-Fi\"\nlanguage = \"fr\"\nsymptoms = [\"pas de wifi\"]\nanswer = \"auto\" # à revoir\n+++\nRedémarrez.\n";
/// let amended = with_symptom("wifi.md", text, "le wifi est coupé").unwrap();
/// assert!(amended.contains("symptoms = [\"pas de wifi\", \"le wifi est coupé\"]\nanswer = \"auto\" # à revoir\n+++"));
/// ```
pub fn with_symptom(file: &str, text: &str, symptom: &str) -> Result<String, ArticleFault> {
    Article::parse(file, text)?;
    let amended = amended(text, symptom).unwrap_or_else(|| text.to_owned());
    Article::parse(file, &amended)?;
    Ok(amended)
}

fn amended(text: &str, symptom: &str) -> Option<String> {
    let front_matter = front_matter(text)?;
    let symptoms = toml::from_str::<FrontMatter>(&text[front_matter.clone()]).ok()?.symptoms;
    let last = symptoms.last()?.span();
    let (start, end) = (front_matter.start + last.start, front_matter.start + last.end);
    let new = Value::String(symptom.to_owned()).to_string();
    let indent = &text[text[..start].rfind('\n')? + 1..start];
    if !indent.trim().is_empty() {
        return Some(format!("{}, {new}{}", &text[..end], &text[end..]));
    }
    // A list with a line for each symptom gets a line more.
    let line_end = end + text[end..].find('\n')?;
    let behind = text[end..line_end].trim_end_matches('\r');
    let line_break = &text[end + behind.len()..=line_end];
    let comma = if text[end..].trim_start().starts_with(',') { "" } else { "," };
    Some(format!("{}{comma}{behind}{line_break}{indent}{new},{}", &text[..end], &text[end + behind.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_lines_gets_a_line_and_all_else_stays() {
        for (last, amended) in [
            ("\"pas de wifi\", # Laval", "\"pas de wifi\", # Laval\r\n    'le \"wifi\" est coupé',"),
            ("\"pas de wifi\"", "\"pas de wifi\",\r\n    'le \"wifi\" est coupé',"),
            ("\"a, b\", \"pas de wifi\",", "\"a, b\", \"pas de wifi\", 'le \"wifi\" est coupé',"),
        ] {
            let file = |symptoms: &str| {
                format!(
                    "\u{feff}+++\r\nid = \"wifi\" # 1\r\ntitle = \"Wi-Fi\"\r\nlanguage = \"fr\"\r\nsymptoms = [\r\n    {symptoms}\r\n]\r\nanswer = \"auto\"\r\n+++\r\nRedémarrez.\r\n"
                )
            };
            assert_eq!(with_symptom("wifi.md", &file(last), "le \"wifi\" est coupé").unwrap(), file(amended));
        }
    }

    #[test]
    fn a_symptom_on_two_lines_is_refused() {
        let text = "+++\nid = \"wifi\"\ntitle = \"Wi-Fi\"\nlanguage = \"fr\"\nsymptoms = [\"pas de wifi\"]\nanswer = \"auto\"\n+++\nRedémarrez.\n";
        assert!(with_symptom("wifi.md", text, "le wifi\nest coupé").is_err());
    }
}
