//! What a subject begins with, in the languages of the large clients (RFC 5322 §3.6.5 knows only `Re:`).

/// What a subject begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    Answer,
    Forward,
    Words,
}

/// Prefixes of answers, lower case.
const ANSWERS: &[&str] = &[
    "re",
    "ré",
    "rép",
    "rep",
    "réf",
    "ref",
    "aw",
    "antwort",
    "sv",
    "antw",
    "r",
    "rif",
    "odp",
    "res",
    "ynt",
    "vá",
    "απ",
    "σχετ",
    "atb",
    "bls",
    "回复",
    "回覆",
    "答复",
    "返信",
    "회신",
    "תגובה",
    "השב",
    "отв",
    "ответ",
    "від",
];

/// Prefixes of forwards, lower case.
const FORWARDS: &[&str] = &[
    "fw",
    "fwd",
    "tr",
    "wg",
    "i",
    "enc",
    "vb",
    "vl",
    "rv",
    "doorst",
    "pd",
    "ilt",
    "i\u{307}lt",
    "tov",
    "trs",
    "πρθ",
    "framsent",
    "转发",
    "轉寄",
    "轉發",
    "転送",
    "전달",
    "הועבר",
    "إعادة توجيه",
    "edasi",
    "пересл",
];

impl Lead {
    /// Reads it off a subject; the text and whether there is an In-Reply-To decide where a prefix means both.
    pub(super) fn of(subject: &str, text: &str, answers: bool) -> Lead {
        let mut rest = subject.trim();
        while let Some((tag, behind)) = tag(rest) {
            if is_address_and_subject(tag) || Lead::of(tag, text, answers) == Lead::Forward {
                return Lead::Forward;
            }
            rest = behind;
        }
        let colon = rest.char_indices().take(16).find(|(_, c)| matches!(c, ':' | '：')).map_or(0, |(at, _)| at);
        let prefix =
            rest[..colon].trim_end_matches(|c: char| c.is_ascii_digit() || "[]()^*.".contains(c) || c.is_whitespace());
        let prefix = prefix.to_lowercase();
        let is_in = |list: &[&str]| list.contains(&prefix.as_str());
        match prefix.as_str() {
            // Vastaus, an answer, to Finns; videresendt, a forward, to Danes and Norwegians.
            "vs" => {
                let labels = |label: &str| text.lines().any(|line| line.trim_start().starts_with(label));
                let is_forward = labels("Fra:") || !answers && !labels("Lähettäjä:");
                if is_forward { Lead::Forward } else { Lead::Answer }
            }
            _ if is_in(ANSWERS) => Lead::Answer,
            _ if is_in(FORWARDS) || is_marked(rest) => Lead::Forward,
            _ => Lead::Words,
        }
    }
}

/// Pine's `printer (fwd)` and Pegasus' `(Fwd) printer`.
fn is_marked(subject: &str) -> bool {
    let lower = subject.to_ascii_lowercase();
    lower.ends_with("(fwd)") || lower.starts_with("(fwd)")
}

/// A bracketed tag in front, and what stands behind it.
fn tag(subject: &str) -> Option<(&str, &str)> {
    let (tag, behind) = subject.strip_prefix('[')?.split_once(']')?;
    Some((tag, behind.trim_start()))
}

/// `paul@client.test: printer`, mutt's.
fn is_address_and_subject(tag: &str) -> bool {
    tag.split_once(':').is_some_and(|(address, _)| address.contains('@') && !address.contains(char::is_whitespace))
}
