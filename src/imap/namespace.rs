//! Where a server has people's folders: RFC 2342 (NAMESPACE), and the separator of RFC 3501 §6.3.8 without it.

use super::exchange::Session;
use super::failure::Failure;

/// The first personal namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Namespace {
    /// What people's folders begin with, as on the wire: `INBOX.`. `None` where the server does not tell.
    pub(super) prefix: Option<String>,
    /// What stands between a folder and the one that holds it.
    pub(super) separator: char,
}

impl Session {
    /// Asks for it. A server that has no answer has one level.
    pub(super) async fn namespace(&mut self) -> Result<Namespace, Failure> {
        let told = match self.lines("NAMESPACE").await {
            Err(Failure::Refused { .. }) => Vec::new(),
            lines => lines?,
        };
        if let Some(namespace) = told.iter().find_map(|line| personal(line)) {
            return Ok(namespace);
        }
        let listed = match self.lines("LIST \"\" \"\"").await {
            Err(Failure::Refused { .. }) => Vec::new(),
            lines => lines?,
        };
        let separator = listed.iter().find_map(|line| separator_in(line));
        Ok(Namespace { prefix: None, separator: separator.unwrap_or('/') })
    }
}

/// Other names that a folder which the operator wrote so may have on the server, the likeliest first.
pub(super) fn candidates(folder: &str, namespace: &Namespace) -> Vec<String> {
    let separator = namespace.separator;
    let translated = folder.replace(['/', '.', '\\'], &separator.to_string());
    // With another separator than `/`, nobody means a `/` in a name; a dot may well be meant.
    let spelled = if separator == '/' { [folder.to_owned(), translated] } else { [translated, folder.to_owned()] };
    let guess = format!("INBOX{separator}");
    let prefix = namespace.prefix.as_ref().unwrap_or(&guess);
    let is_inside = |name: &str| {
        name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)) && name.len() > prefix.len()
    };
    let inside = spelled.iter().map(|name| if is_inside(name) { name.clone() } else { format!("{prefix}{name}") });
    let mut names: Vec<String> = Vec::new();
    for name in inside.chain(spelled.iter().cloned()) {
        if name != folder && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// `* NAMESPACE (("INBOX." ".")) NIL NIL`
fn personal(line: &str) -> Option<Namespace> {
    let rest = after(line, "* NAMESPACE ")?.trim_start().strip_prefix("((")?;
    let (prefix, rest) = quoted_in(rest)?;
    let separator = quoted_in(rest).and_then(|(separator, _)| separator.chars().next());
    Some(Namespace { prefix: Some(prefix), separator: separator.unwrap_or('/') })
}

/// `* LIST (\Noselect) "." ""`
fn separator_in(line: &str) -> Option<char> {
    let (_, rest) = after(line, "* LIST ")?.split_once(')')?;
    quoted_in(rest)?.0.chars().next()
}

fn after<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    line.get(..start.len()).filter(|begin| begin.eq_ignore_ascii_case(start)).map(|_| &line[start.len()..])
}

/// A quoted string and what follows it.
fn quoted_in(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start().strip_prefix('"')?;
    let mut string = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((string, &text[at + 1..])),
            '\\' => string.push(chars.next()?.1),
            _ => string.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_personal_namespace_is_read_as_servers_write_it() {
        let told = |line| personal(line).map(|namespace| (namespace.prefix.unwrap(), namespace.separator));
        assert_eq!(told("* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL"), Some(("INBOX.".to_owned(), '.')));
        assert_eq!(told("* namespace ((\"\" \"\\\\\")) NIL NIL"), Some((String::new(), '\\')));
        assert_eq!(told("* NAMESPACE ((\"\" NIL)) NIL NIL"), Some((String::new(), '/')));
        assert_eq!(told("* NAMESPACE NIL NIL ((\"Public/\" \"/\"))"), None);
        assert_eq!(separator_in("* LIST (\\Noselect) \".\" \"\""), Some('.'));
    }

    #[test]
    fn a_folder_is_looked_for_under_the_names_that_it_may_have() {
        let names = |folder, prefix: Option<&str>, separator| {
            candidates(folder, &Namespace { prefix: prefix.map(str::to_owned), separator })
        };
        assert_eq!(names("Faits", Some("INBOX."), '.'), ["INBOX.Faits"]);
        assert_eq!(names("INBOX.Faits", Some("INBOX."), '.'), Vec::<String>::new());
        assert_eq!(names("INBOX/Faits", Some("INBOX."), '.'), ["INBOX.Faits", "INBOX.INBOX/Faits"]);
        assert_eq!(
            names("Vieux/Faits", Some("INBOX."), '.'),
            ["INBOX.Vieux.Faits", "INBOX.Vieux/Faits", "Vieux.Faits"]
        );
        assert_eq!(names("Vieux.Faits", Some(""), '/'), ["Vieux/Faits"]);
        assert_eq!(names("Faits", Some("mail/"), '/'), ["mail/Faits"]);
        assert_eq!(names("Faits", None, '/'), ["INBOX/Faits"]);
        assert_eq!(names("Faits", Some(""), '/'), Vec::<String>::new());
    }
}
