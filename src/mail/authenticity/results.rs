//! One Authentication-Results field (RFC 8601 §2.2).

use std::collections::BTreeMap;

use super::lexer::{Lexer, Unclosed};

/// What one field says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Results {
    /// The server that judged, in lower case: `mx.client.test` (RFC 8601 §2.5); empty where Exchange Online did.
    pub(super) authserv_id: String,
    pub(super) judgements: Vec<Judgement>,
    /// A comment or string is not closed, so that more may have been said.
    pub(super) is_damaged: bool,
}

/// One judgement: `dkim=pass reason="…" header.d=client.test`. Everything is in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) method: String,
    pub(super) result: String,
    /// Values by `ptype.property`: `client.test` by `header.d`.
    properties: BTreeMap<String, String>,
}

/// The result of a pass beside which stand words that no border means to write: some are an intruder's, such as a signing
/// domain with a blank in it.
const DOUBTFUL: &str = "doubtful";

impl Judgement {
    /// One that is our own.
    pub(super) fn of(method: &str, result: &str, name: &str, value: &str) -> Judgement {
        let properties = BTreeMap::from([(name.to_owned(), value.to_lowercase())]);
        Judgement { method: method.to_owned(), result: result.to_owned(), properties }
    }

    pub(super) fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(String::as_str)
    }

    fn add(&mut self, name: String, value: String) {
        if self.properties.get(&name).is_some_and(|known| *known != value) {
            self.doubt();
        }
        self.properties.insert(name, value);
    }

    fn doubt(&mut self) {
        if self.result == "pass" {
            DOUBTFUL.clone_into(&mut self.result);
        }
    }
}

/// Reads a field value, unfolded; `None` where it does not begin with an authserv-id.
pub(super) fn read(value: &str) -> Option<Results> {
    let mut lexer = Lexer::new(value);
    let authserv_id = authserv_id(&mut lexer).ok()??;
    let mut results = Results { authserv_id, ..Results::default() };
    if lexer.take(';') {
        results.read(&mut lexer);
    }
    Some(results)
}

/// Reads a field value as Exchange Online writes it, with a judgement where the authserv-id belongs:
/// `spf=pass (…) smtp.mailfrom=client.test; dkim=pass …`; `None` where it begins otherwise.
pub(super) fn read_nameless(value: &str) -> Option<Results> {
    let mut lexer = Lexer::new(value);
    pair(&mut lexer.clone()).ok()??;
    let mut results = Results::default();
    results.read(&mut lexer);
    Some(results)
}

impl Results {
    fn read(&mut self, lexer: &mut Lexer<'_>) {
        loop {
            match judgement(lexer) {
                Ok(judgement) => self.judgements.extend(judgement),
                Err(Unclosed) => self.is_damaged = true,
            }
            if self.is_damaged || !lexer.take(';') {
                return;
            }
        }
    }
}

/// The name at the start, behind which only a version may stand: this is version 1.
fn authserv_id(lexer: &mut Lexer<'_>) -> Result<Option<String>, Unclosed> {
    lexer.skip()?;
    let id = lexer.word(&[';'])?;
    lexer.skip()?;
    let version = lexer.word(&[';'])?;
    lexer.skip()?;
    let is_whole = lexer.is_at_end() || lexer.is_at(';');
    let is_good = !id.is_empty() && is_whole && matches!(version.as_str(), "" | "1");
    Ok(is_good.then(|| id.trim_end_matches('.').to_lowercase()))
}

/// What stands before the next semicolon; `None` where it judges nothing (`none`).
fn judgement(lexer: &mut Lexer<'_>) -> Result<Option<Judgement>, Unclosed> {
    let mut found = Judgement::default();
    while let Some((name, value)) = pair(lexer)? {
        if found.method.is_empty() {
            // A version may stand behind the method: `dkim/1`.
            name.split('/').next().unwrap_or_default().clone_into(&mut found.method);
            found.result = value;
        } else if name.contains('.') {
            found.add(name, value);
        }
        // `reason=…` and `action=…` are words about the judgement, not the judgement.
    }
    if skip_to_semicolon(lexer)? {
        found.doubt();
    }
    Ok((!found.method.is_empty()).then_some(found))
}

/// `name = value`; `None` where something else stands there.
fn pair(lexer: &mut Lexer<'_>) -> Result<Option<(String, String)>, Unclosed> {
    lexer.skip()?;
    let before = *lexer;
    let name = lexer.word(&[';', '='])?;
    lexer.skip()?;
    if name.is_empty() || !lexer.take('=') {
        *lexer = before;
        return Ok(None);
    }
    let is_apart = lexer.skip()?;
    let value = if is_apart && a_pair_follows(*lexer)? { String::new() } else { lexer.word(&[';'])? };
    Ok(Some((name.to_lowercase(), value.to_lowercase())))
}

/// An empty value is told from one behind a blank by what comes next: `smtp.mailfrom= smtp.helo=mx.client.test`.
fn a_pair_follows(mut lexer: Lexer<'_>) -> Result<bool, Unclosed> {
    lexer.word(&[';', '='])?;
    Ok(lexer.take('='))
}

/// Tells whether there were words before it.
fn skip_to_semicolon(lexer: &mut Lexer<'_>) -> Result<bool, Unclosed> {
    let mut are_words = false;
    loop {
        lexer.skip()?;
        if lexer.is_at_end() || lexer.is_at(';') {
            return Ok(are_words);
        }
        lexer.word(&[';'])?;
        are_words = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_at_the_start_may_have_a_comment_and_a_version() {
        for value in
            ["MX.desk.test.;", "mx.desk.test 1; dkim=none", "(at) mx.desk.test (a filter) 1 ;", "\"mx.desk.test\""]
        {
            assert_eq!(read(value).map(|results| results.authserv_id).as_deref(), Some("mx.desk.test"), "{value}");
        }
        for value in
            ["", ";dmarc=pass", "mx.desk.test dmarc=pass", "mx.desk.test 2; dmarc=pass", "mx.desk.test (", "\"mx"]
        {
            assert_eq!(read(value), None, "{value}");
        }
    }

    #[test]
    fn blanks_and_comments_stand_anywhere_and_say_nothing() {
        let read =
            read("mx;DKIM/1 (v) = (so) Pass (good; dmarc=pass) reason=\"a; b\" header.d=Client.Test; none;; spf=none");
        let judgements = read.unwrap().judgements;
        let words: Vec<_> = judgements.iter().map(|one| (one.method.as_str(), one.result.as_str())).collect();
        assert_eq!(words, [("dkim", "pass"), ("spf", "none")]);
    }

    #[test]
    fn a_value_holds_quotes_equals_signs_or_nothing() {
        let property = |value: &str, name: &str| {
            read(&format!("mx; spf=pass {value}")).unwrap().judgements[0].property(name).map(str::to_owned)
        };
        assert_eq!(property("header.b=ab== header.d=c.test", "header.b").as_deref(), Some("ab=="));
        assert_eq!(property("header.b=ab== header.d=c.test", "header.d").as_deref(), Some("c.test"));
        assert_eq!(property("smtp.mailfrom=\"a b;=\"@c.test", "smtp.mailfrom").as_deref(), Some("a b;=@c.test"));
        assert_eq!(property("smtp.mailfrom= smtp.helo=h.test", "smtp.mailfrom").as_deref(), Some(""));
        assert_eq!(property("smtp.mailfrom= smtp.helo=h.test", "smtp.helo").as_deref(), Some("h.test"));
        assert_eq!(property("smtp.mailfrom = c.test", "smtp.mailfrom").as_deref(), Some("c.test"));
        assert_eq!(property("and more smtp.helo=h.test", "smtp.helo"), None);
    }

    #[test]
    fn a_pass_beside_words_that_belong_to_nothing_is_in_doubt() {
        let result =
            |properties: &str| read(&format!("mx; dkim=pass {properties}")).unwrap().judgements[0].result.clone();
        assert_eq!(result("header.d=a.test header.d=b.test"), DOUBTFUL);
        assert_eq!(result("header.d=a.test x.b.test"), DOUBTFUL);
        assert_eq!(result("header.d=a.test (x) ="), DOUBTFUL);
        assert_eq!(read("mx; dmarc=fail header.from=a.test x").unwrap().judgements[0].result, "fail");
        assert_eq!(result("header.d=a.test header.s=k header.d=a.test"), "pass");
    }

    #[test]
    fn exchange_online_names_no_server() {
        let value = "spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=client.test; desk.test; dkim=pass (signature was verified) \
                     header.d=client.test;dmarc=pass action=none header.from=client.test;compauth=pass reason=100";
        assert_eq!(read(value), None);
        let results = read_nameless(value).unwrap();
        let words: Vec<_> = results.judgements.iter().map(|one| (one.method.as_str(), one.result.as_str())).collect();
        assert_eq!(words, [("spf", "pass"), ("dkim", "pass"), ("dmarc", "pass"), ("compauth", "pass")]);
        for value in ["mx.client.test; dmarc=pass", "", "mx.client.test", ";dmarc=pass", "dmarc=\"pass"] {
            assert_eq!(read_nameless(value), None, "{value}");
        }
        assert!(read_nameless("spf=pass; dmarc=pass (header.from=client.test").unwrap().is_damaged);
    }

    #[test]
    fn a_comment_without_an_end_damages_what_comes_behind_it() {
        let results = read("mx; spf=pass smtp.mailfrom=a.test; dkim=pass (header.d=a.test").unwrap();
        assert!(results.is_damaged);
        assert_eq!(results.judgements.len(), 1);
    }
}
