//! A line of an MTA as the command that it is (RFC 5321 §4.1.1, RFC 2033 §4).

use super::reply::Reply;

/// What the MTA asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    Lhlo,
    Mail(Path),
    Rcpt(Path),
    Data,
    Rset,
    Noop,
    Vrfy,
    Quit,
}

/// What stands behind `MAIL FROM:` and `RCPT TO:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// What stands between `<` and `>`.
    pub path: String,
    /// Behind it: `SIZE=1000`.
    pub parameters: Vec<String>,
}

/// Path and parameters: `FROM:<path> parameters`. A local part in quotes may hold a `>`.
pub fn path(argument: &str, keyword: &str) -> Option<Path> {
    let (before, rest) = argument.split_at_checked(keyword.len())?;
    let rest = rest.trim_start().strip_prefix('<').filter(|_| before.eq_ignore_ascii_case(keyword))?;
    let (mut quoted, mut escaped) = (false, false);
    let end = rest.find(|c| {
        let ends = c == '>' && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && quoted && !escaped;
        ends
    })?;
    let parameters = &rest[end + 1..];
    let is_apart = parameters.is_empty() || parameters.starts_with(' ');
    is_apart.then(|| Path {
        path: rest[..end].to_owned(),
        parameters: parameters.split_whitespace().map(str::to_owned).collect(),
    })
}

/// The command of a line, or what is wrong with it.
pub(super) fn command(line: &str) -> Result<Command, Reply> {
    let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
    let argument = argument.trim();
    let alone = |command| if argument.is_empty() { Ok(command) } else { Err(Reply::of(501, "5.5.4 No argument here")) };
    match verb.to_ascii_uppercase().as_str() {
        "LHLO" if argument.is_empty() => Err(Reply::of(501, "5.5.4 LHLO and your name")),
        "LHLO" => Ok(Command::Lhlo),
        // RFC 2033 §4.1: an MTA that takes this for SMTP would take one reply for the fate of all recipients.
        "HELO" | "EHLO" => Err(Reply::of(500, "5.5.1 This is LMTP: LHLO")),
        "MAIL" => match path(argument, "FROM:").filter(|path| !path.path.contains(char::is_control)) {
            Some(path) => Ok(Command::Mail(path)),
            None => Err(Reply::of(501, "5.5.4 MAIL FROM:<address>")),
        },
        "RCPT" => match path(argument, "TO:") {
            Some(path) => Ok(Command::Rcpt(path)),
            None => Err(Reply::of(501, "5.5.4 RCPT TO:<address>")),
        },
        "DATA" => alone(Command::Data),
        "RSET" => alone(Command::Rset),
        "QUIT" => alone(Command::Quit),
        "NOOP" => Ok(Command::Noop),
        "VRFY" => Ok(Command::Vrfy),
        _ => Err(Reply::of(500, "5.5.1 Command not known")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stands_in_brackets_and_parameters_behind_it() {
        let read = |argument| path(argument, "FROM:").map(|read| (read.path, read.parameters));
        let some = |path: &str, parameters: &[&str]| {
            Some((path.to_owned(), parameters.iter().map(ToString::to_string).collect::<Vec<_>>()))
        };
        assert_eq!(read("FROM:<>"), some("", &[]));
        assert_eq!(read("from: <a@b.test>  SIZE=12 BODY=8BITMIME"), some("a@b.test", &["SIZE=12", "BODY=8BITMIME"]));
        assert_eq!(read("FROM:<\"a > b\\\" > c\"@b.test> SIZE=1"), some("\"a > b\\\" > c\"@b.test", &["SIZE=1"]));
        for wrong in ["", "FROM", "FROM:a@b.test", "FROM:<a@b.test", "TO:<a@b.test>", "FR\u{e9}M:<", "FROM:<a@b>SIZE=1"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
