//! Whether the author is who they say, as the receiving server judged it: Authentication-Results, RFC 8601.
//!
//! Anyone can write such a field into their own mail; only the topmost one, and only under our server's name, counts.

use super::InboundMail;

/// What is known of the author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// The domain of From vouches for the mail.
    Passed,
    /// The domain of From says that the mail is not its own.
    Failed,
    /// Nothing is known.
    Unverified,
}

/// One judgement: `dkim=pass reason="…" header.d=client.test`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Judgement {
    method: String,
    result: String,
    /// `ptype.property`, value; lower case.
    properties: Vec<(String, String)>,
}

/// Judges a mail by the topmost Authentication-Results field, if it is the one of `authserv_id`.
///
/// `dmarc=pass` passes and `dmarc=fail` fails; without a DMARC record an aligned DKIM or SPF pass passes. A mail whose
/// author is in doubt (several From fields or addresses) never passes.
pub fn from_header(mail: &InboundMail, authserv_id: &str) -> Authentication {
    let Some(judgements) = mail.authentication_results.first().and_then(|field| judgements(field, authserv_id)) else {
        return Authentication::Unverified;
    };
    let domain = mail.from.as_ref().map(|from| from.address.domain().to_ascii_lowercase()).unwrap_or_default();
    let judged = judge(&judgements, &domain);
    if judged == Authentication::Passed && !mail.from_is_sound { Authentication::Unverified } else { judged }
}

fn judge(judgements: &[Judgement], from: &str) -> Authentication {
    let about_from =
        |judgement: &&Judgement| judgement.property(&["header.from"]).is_none_or(|domain| domain_of(domain) == from);
    let mut dmarc = judgements
        .iter()
        .filter(|judgement| judgement.method == "dmarc")
        .filter(about_from)
        .map(|judgement| judgement.result.as_str());
    let results: Vec<&str> = dmarc.by_ref().collect();
    if results.contains(&"fail") {
        return Authentication::Failed;
    }
    if results.contains(&"pass") {
        return Authentication::Passed;
    }
    // `none` and no word at all mean that the domain has no record; a temporary error means nothing.
    let has_no_record = results.iter().all(|result| *result == "none" || *result == "bestguesspass");
    let vouched = judgements.iter().filter(|judgement| judgement.result == "pass").any(|judgement| {
        let domain = match judgement.method.as_str() {
            "dkim" => judgement.property(&["header.d", "header.i"]),
            "spf" => judgement.property(&["smtp.mailfrom", "smtp.mail", "envelope.from", "smtp.mfrom"]),
            _ => None,
        };
        domain.is_some_and(|domain| is_aligned(domain_of(domain), from))
    });
    if has_no_record && vouched { Authentication::Passed } else { Authentication::Unverified }
}

impl Judgement {
    fn property(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .find_map(|name| self.properties.iter().find(|(known, _)| known == name))
            .map(|(_, value)| value.as_str())
    }
}

/// Relaxed alignment (RFC 7489 §3.1): the same organisational domain, approximated as equal or one below the other.
fn is_aligned(domain: &str, from: &str) -> bool {
    let below = |inner: &str, outer: &str| inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.'));
    // A bare public suffix vouches for nobody.
    let sound = |domain: &str| domain.contains('.');
    sound(domain) && sound(from) && (domain == from || below(domain, from) || below(from, domain))
}

fn domain_of(value: &str) -> &str {
    value.rsplit('@').next().unwrap_or(value).trim_end_matches('.')
}

/// A piece of a field value (RFC 8601 §2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
enum Lexeme {
    Word(String),
    Semicolon,
    Equals,
}

/// The judgements of a field, if it is written by `authserv_id`; `None` where it is another's or damaged.
fn judgements(field: &str, authserv_id: &str) -> Option<Vec<Judgement>> {
    let lexemes = lexemes(field)?;
    let mut sections = lexemes.split(|lexeme| *lexeme == Lexeme::Semicolon);
    match sections.next()? {
        [Lexeme::Word(id)] if id.eq_ignore_ascii_case(authserv_id) => {}
        // A version may follow.
        [Lexeme::Word(id), Lexeme::Word(version)] if id.eq_ignore_ascii_case(authserv_id) && version == "1" => {}
        _ => return None,
    }
    Some(sections.filter_map(judgement).collect())
}

fn judgement(section: &[Lexeme]) -> Option<Judgement> {
    let mut found = Judgement::default();
    let mut rest = section;
    while let [Lexeme::Word(name), Lexeme::Equals, Lexeme::Word(value), behind @ ..] = rest {
        let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
        if found.method.is_empty() {
            found.method = name.split('/').next().unwrap_or("").trim().to_owned();
            found.result = value;
        } else if name.contains('.') {
            found.properties.push((name, value));
        }
        // `reason=…` and `action=…` are words about the judgement, not the judgement.
        // An `=` behind a value is its own: base64 in `header.b`.
        rest = behind.strip_prefix(&[Lexeme::Equals]).unwrap_or(behind);
    }
    (!found.method.is_empty()).then_some(found)
}

/// Splits a field value; comments go, quoted strings are one word. `None` where a comment or string is not closed.
fn lexemes(field: &str) -> Option<Vec<Lexeme>> {
    let mut found = Vec::new();
    let mut characters = field.chars().peekable();
    while let Some(&c) = characters.peek() {
        match c {
            '(' => skip_comment(&mut characters)?,
            '"' => found.push(Lexeme::Word(quoted(&mut characters)?)),
            ';' | '=' => {
                characters.next();
                found.push(if c == ';' { Lexeme::Semicolon } else { Lexeme::Equals });
            }
            c if c.is_whitespace() => {
                characters.next();
            }
            _ => {
                let mut word = String::new();
                while let Some(c) = characters.next_if(|c| !c.is_whitespace() && !matches!(c, ';' | '=' | '(' | '"')) {
                    word.push(c);
                }
                // A value such as `header.b=abc=` goes on behind its `=`: only the first of a pair separates.
                found.push(Lexeme::Word(word));
            }
        }
    }
    Some(found)
}

fn skip_comment(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<()> {
    let mut depth = 0usize;
    while let Some(c) = characters.next() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '\\' => {
                characters.next();
            }
            _ => {}
        }
        if depth == 0 {
            return Some(());
        }
    }
    None
}

fn quoted(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    characters.next();
    let mut word = String::new();
    while let Some(c) = characters.next() {
        match c {
            '"' => return Some(word),
            '\\' => word.extend(characters.next()),
            c => word.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn judged(results: &[&str]) -> Authentication {
        let fields: String = results.iter().map(|result| format!("Authentication-Results: {result}\r\n")).collect();
        from_header(
            &parse(format!("{fields}From: Marie <marie@client.test>\r\nSubject: x\r\n\r\nx").as_bytes()),
            "mx.desk.test",
        )
    }

    #[test]
    fn dmarc_decides() {
        assert_eq!(judged(&["mx.desk.test; dmarc=pass (p=none) header.from=client.test"]), Authentication::Passed);
        assert_eq!(
            judged(&["mx.desk.test; dmarc=fail header.from=client.test; spf=pass smtp.mailfrom=client.test"]),
            Authentication::Failed
        );
        assert_eq!(judged(&["mx.desk.test 1; DMARC = Pass header.from=Client.TEST"]), Authentication::Passed);
        assert_eq!(judged(&["mx.desk.test; dmarc=pass header.from=evil.test"]), Authentication::Unverified);
    }

    #[test]
    fn without_a_record_an_aligned_pass_is_enough() {
        assert_eq!(judged(&["mx.desk.test; dmarc=none; dkim=pass header.d=mail.client.test"]), Authentication::Passed);
        assert_eq!(judged(&["mx.desk.test; spf=pass smtp.mailfrom=bounce@client.test"]), Authentication::Passed);
        assert_eq!(
            judged(&["mx.desk.test; dkim=pass header.d=evil.test; spf=pass smtp.mailfrom=x@evilclient.test"]),
            Authentication::Unverified
        );
        assert_eq!(judged(&["mx.desk.test; dkim=pass header.d=test"]), Authentication::Unverified);
        assert_eq!(
            judged(&["mx.desk.test; dmarc=temperror; dkim=pass header.d=client.test"]),
            Authentication::Unverified
        );
    }

    #[test]
    fn only_the_topmost_field_of_our_server_counts() {
        assert_eq!(judged(&["evil.test; dmarc=pass", "mx.desk.test; dmarc=pass"]), Authentication::Unverified);
        assert_eq!(judged(&["mx.desk.test.evil.test; dmarc=pass"]), Authentication::Unverified);
        assert_eq!(judged(&["mx.desk.test; none", "mx.desk.test; dmarc=pass"]), Authentication::Unverified);
        assert_eq!(judged(&[]), Authentication::Unverified);
    }

    #[test]
    fn a_word_in_a_comment_or_reason_judges_nothing() {
        for field in [
            "mx.desk.test; dkim=fail reason=\"x; dmarc=pass header.from=client.test\" header.d=client.test",
            "mx.desk.test; dkim=fail (dmarc=pass) header.d=client.test",
            "mx.desk.test; spf=fail (a (nested; dmarc=pass) b) smtp.mailfrom=\"dmarc=pass\"@client.test",
            "mx.desk.test (; dmarc=pass",
            "mx.desk.test; dkim=fail reason=dmarc=pass",
        ] {
            assert_eq!(judged(&[field]), Authentication::Unverified, "{field}");
        }
    }

    #[test]
    fn an_author_in_doubt_never_passes() {
        let raw = b"Authentication-Results: mx.desk.test; dmarc=pass\nFrom: a@client.test\nFrom: b@client.test\n\nx";
        assert_eq!(from_header(&parse(raw), "mx.desk.test"), Authentication::Unverified);
    }

    proptest::proptest! {
        #[test]
        fn any_field_is_judged(field in "(mx.desk.test|;|=|dmarc|pass|\\(|\\)|\"|\\\\| |header.from)*") {
            judged(&[&field]);
        }
    }
}
