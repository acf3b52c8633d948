//! One Received field (RFC 5321 §4.4), as far as it tells whether the border took the mail from the world by SMTP.

use core::net::IpAddr;

use super::found::Peer;
use super::lexer::{Lexer, Unclosed};

/// Words that begin another clause than `with`.
const CLAUSES: [&str; 5] = ["from", "by", "via", "id", "for"];

/// The border took the mail in here, by SMTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) login: Login,
    /// `with` itself tells of a login (`ESMTPSA`), not a comment alone, in which the client may have a word.
    pub(super) with_login: bool,
}

/// Whether the client had to say who it is (RFC 4954).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// `ESMTPS` and the like: the client did not say who it is, anybody may have sent it.
    None,
    /// `ESMTPSA` and the like: somebody who has an account, but not who.
    Unnamed,
    /// Whose account it was, lower case: Postfix says it where `smtpd_sasl_authenticated_header` is on.
    Named(String),
    /// It is told more than once: one of these is the client's own word.
    Disputed,
}

/// The border's hop, if this field says `by` one of its hosts (lower case) and `with` a form of SMTP (RFC 3848, RFC 6531).
///
/// Every word counts that is no comment: whoever could hide the border's own hop by what it says in HELO could write the
/// next one below. What is no hop: LMTP, a program on the host itself, a filter's own field.
pub(super) fn hop(value: &str, is_host: impl Fn(&str) -> bool) -> Result<Option<Hop>, Unclosed> {
    let words = words(value)?;
    let is_by_host = |pair: &[String]| pair[0] == "by" && is_host(pair[1].trim_end_matches('.'));
    let Some(by) = words.windows(2).position(is_by_host) else { return Ok(None) };
    let mut with = words[by + 2..].iter().skip_while(|word| *word != "with").skip(1);
    let mut protocols = with.by_ref().take_while(|word| !CLAUSES.contains(&word.as_str()));
    let Some(with_login) = protocols.find_map(|word| smtp(word)) else { return Ok(None) };
    Ok(Some(Hop { login: login(value, with_login), with_login }))
}

/// The client that handed the mail in, if this field tells of one that is out in the world: `from HELO (name [192.0.2.7])`,
/// and what other servers write. What the client says of itself (HELO, ident) is no address; where two different ones stand,
/// one of them may be the client's word.
pub(super) fn peer(value: &str) -> Option<Peer> {
    let value = value.to_lowercase();
    let clause = value.trim_start().strip_prefix("from ")?;
    let clause = &clause[..clause.rfind(" by ").unwrap_or(clause.len())];
    let (name, comments) = clause.trim().split_once(char::is_whitespace).unwrap_or((clause.trim(), ""));
    let mut words =
        comments.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')')).filter(|word| !word.is_empty());
    let mut helo = None;
    let mut addresses: Vec<IpAddr> = Vec::new();
    while let Some(word) = words.next() {
        if let Some(said) = word.strip_prefix("helo=") {
            helo = Some(said);
        } else if matches!(word, "helo" | "ehlo") {
            helo = words.next();
        } else if !word.contains('=') {
            addresses.extend(address(word));
        }
    }
    // Exim, of a client whose address has no name: `from [192.0.2.7] (helo=a.test)`.
    if addresses.is_empty() && helo.is_some() && name.starts_with('[') {
        addresses.extend(address(name));
    }
    addresses.dedup();
    match addresses[..] {
        [address] if is_of_the_world(address) => {
            Some(Peer { address, helo: helo.unwrap_or(name).trim_end_matches('.').to_owned() })
        }
        _ => None,
    }
}

/// `[192.0.2.7]`, `[IPv6:2001:db8::7]`, `192.0.2.7`, also with what sendmail's ident or a port puts beside it.
fn address(word: &str) -> Option<IpAddr> {
    let word = word.split_once('[').map_or(word, |(_, rest)| rest);
    let word = word.split(']').next()?.trim_start_matches("ipv6:");
    word.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// A client inside is a filter or a server of our own: SPF says nothing of it.
fn is_of_the_world(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !(v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified()),
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified())
        }
    }
}

/// The host behind `by`, lower case.
pub(super) fn by(value: &str) -> Option<String> {
    let words = words(value).ok()?;
    words.windows(2).find(|pair| pair[0] == "by").map(|pair| pair[1].clone())
}

fn words(value: &str) -> Result<Vec<String>, Unclosed> {
    let mut lexer = Lexer::new(value);
    let mut words = Vec::new();
    loop {
        lexer.skip()?;
        if lexer.is_at_end() {
            return Ok(words);
        }
        if !lexer.take(';') {
            words.push(lexer.word(&[';'])?.to_lowercase());
        }
    }
}

/// Whether the word is a form of SMTP, and then whether it tells of a login. Gateways write the cipher behind it
/// (`ESMTP/TLS/…`), Exchange words before it (`Microsoft SMTP Server`).
fn smtp(word: &str) -> Option<bool> {
    let protocol = word.split('/').next()?;
    let protocol = protocol.strip_prefix("utf8").unwrap_or(protocol);
    match protocol.strip_prefix('e').unwrap_or(protocol) {
        "smtp" | "smtps" => Some(false),
        "smtpa" | "smtpsa" => Some(true),
        _ => None,
    }
}

/// sendmail and Haraka say `(authenticated bits=0)` in a comment, Postfix `(Authenticated sender: marie)`.
fn login(value: &str, protocol_tells: bool) -> Login {
    let value = value.to_lowercase();
    match value.split_once("(authenticated") {
        Some((_, rest)) if rest.contains("(authenticated") => Login::Disputed,
        Some((_, comment)) => match comment.strip_prefix(" sender: ").and_then(|rest| rest.split(')').next()) {
            Some(name) => Login::Named(name.trim().to_owned()),
            None => Login::Unnamed,
        },
        None if protocol_tells => Login::Unnamed,
        None => Login::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login_at(value: &str) -> Option<Login> {
        hop(value, |host| host == "mx.desk.test").unwrap().map(|hop| hop.login)
    }

    #[test]
    fn the_border_takes_mail_by_smtp_as_each_server_writes_it() {
        for value in [
            "from a.test (a.test [192.0.2.7]) by mx.desk.test (Postfix) with ESMTPS id 4A1 for <aide@desk.test>; Mon, 2 Mar 2026",
            "from a.test (a.test [IPv6:2001:db8::7]) by MX.Desk.Test. (8.18.1/8.18.1) with SMTP id 6AR; Mon, 2 Mar 2026",
            "from [192.0.2.7] (helo=a.test) by mx.desk.test with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384 (Exim 4.96) \
             (envelope-from <\"x by y\"@a.test>) id 1xX-00 for aide@desk.test; Mon, 2 Mar 2026",
            "from a.test (a.test [192.0.2.7]) by mx.desk.test (OpenSMTPD) with ESMTPS id 0c2 (TLSv1.3:AEAD:256:NO) for <a@desk.test>",
            "from a.test by mx.desk.test(CommuniGate Pro SMTP 6.3) with ESMTP id 7; Mon, 2 Mar 2026",
            "from a.test ([192.0.2.7]) by mx.desk.test with ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384; 02 Mar 2026",
            "from a.test (192.0.2.7) by mx.desk.test (198.51.100.1) with Microsoft SMTP Server (version=TLS1_2) id 15.2; Mon",
            "from a.test by mx.desk.test with UTF8SMTPS id 5; Mon, 2 Mar 2026",
            "from unknown (HELO a.test) (192.0.2.7) by mx.desk.test with (AES256-SHA encrypted) SMTP; 2 Mar 2026",
            "from by (unknown [192.0.2.7]) by mx.desk.test (Postfix) with SMTP id 4A1",
        ] {
            assert_eq!(login_at(value), Some(Login::None), "{value}");
        }
    }

    #[test]
    fn filters_lmtp_programs_of_the_host_and_other_servers_are_no_border() {
        for value in [
            "from mx.desk.test ([127.0.0.1]) by mx.desk.test with LMTP id yaZ (envelope-from <a@a.test>) for <aide@desk.test>",
            "from mx.desk.test by localhost (mx.desk.test [127.0.0.1]) (amavis, port 10024) with ESMTP id bv9",
            "by mx.desk.test (Postfix, from userid 1000) id 5C2; Mon, 2 Mar 2026",
            "from marie by mx.desk.test with local (Exim 4.96) id 1xX; Mon, 2 Mar 2026",
            "from mx.desk.test by store.desk.test (Postfix) with ESMTPS id 201",
            "(qmail 4711 invoked from network); 2 Mar 2026",
            "from a.test by mx.desk.test.evil.test with ESMTP id 1",
            "from a.test (by mx.desk.test with ESMTP) by b.test with ESMTP id 1",
            "from a.test by mx.desk.test with LMTP id esmtp",
        ] {
            assert_eq!(login_at(value), None, "{value}");
        }
    }

    #[test]
    fn a_login_is_told_by_the_protocol_or_beside_it() {
        let at = |with: &str| login_at(&format!("from laptop by mx.desk.test {with}"));
        assert_eq!(at("(Postfix) with ESMTPSA id 1"), Some(Login::Unnamed));
        assert_eq!(at("with esmtpa (Exim 4.96)"), Some(Login::Unnamed));
        assert_eq!(at("with UTF8SMTPSA id 1"), Some(Login::Unnamed));
        assert_eq!(at("(8.14.4/8.14.4) with ESMTP id 1 (authenticated bits=128)"), Some(Login::Unnamed));
        let named =
            "from laptop (x [192.0.2.7]) (Authenticated sender: Bruno@desk.test) by mx.desk.test (Postfix) with ESMTPA";
        assert_eq!(login_at(named), Some(Login::Named("bruno@desk.test".to_owned())));
        let twice = named.replace("from laptop", "from laptop(authenticated sender: alice@desk.test)");
        assert_eq!(login_at(&twice), Some(Login::Disputed));
    }

    #[test]
    fn the_client_is_whom_the_server_saw_as_each_writes_it() {
        for (value, address, helo) in [
            ("from a.test (b.test [192.0.2.7]) by mx.desk.test (Postfix) with ESMTPS", "192.0.2.7", "a.test"),
            ("from A.test. (unknown [IPv6:2001:db8::7]) by mx.desk.test (Postfix) with SMTP", "2001:db8::7", "a.test"),
            (
                "from a.test (marie@b.test [192.0.2.7] (may be forged)) by mx.desk.test (8.18.1/8.18.1) with ESMTP",
                "192.0.2.7",
                "a.test",
            ),
            ("from b.test ([192.0.2.7] helo=a.test) by mx.desk.test with esmtps (Exim 4.96)", "192.0.2.7", "a.test"),
            ("from [192.0.2.7] (helo=a.test) by mx.desk.test with esmtp (Exim 4.96)", "192.0.2.7", "a.test"),
            (
                "from [192.0.2.7] (port=4711 helo=[203.0.113.9]) by mx.desk.test with esmtp",
                "192.0.2.7",
                "[203.0.113.9]",
            ),
            ("from unknown (HELO a.test) (192.0.2.7) by mx.desk.test with SMTP", "192.0.2.7", "a.test"),
            (
                "from a.test (192.0.2.7) by mx.desk.test (198.51.100.1) with Microsoft SMTP Server",
                "192.0.2.7",
                "a.test",
            ),
            (
                "from [203.0.113.9] (unknown [192.0.2.7]) by mx.desk.test (Postfix) with ESMTP",
                "192.0.2.7",
                "[203.0.113.9]",
            ),
            ("from a.test ([::ffff:192.0.2.7]) by mx.desk.test with ESMTP", "192.0.2.7", "a.test"),
        ] {
            let told = peer(value).map(|peer| (peer.address.to_string(), peer.helo));
            assert_eq!(told, Some((address.to_owned(), helo.to_owned())), "{value}");
        }
    }

    #[test]
    fn a_client_that_is_told_twice_or_is_one_of_our_own_is_nobody() {
        for value in [
            "from a.test ([203.0.113.9] x [192.0.2.7]) by mx.desk.test with ESMTP",
            "from 203.0.113.9 (203.0.113.9 [192.0.2.7]) by mx.desk.test with ESMTP",
            "from localhost (localhost [127.0.0.1]) by mx.desk.test (Postfix) with ESMTP",
            "from a.test (a.test [10.1.2.3]) by mx.desk.test with ESMTP",
            "from a.test (a.test [IPv6:fe80::1]) by mx.desk.test with ESMTP",
            "from [203.0.113.9] by mx.desk.test with ESMTP",
            "from a.test by mx.desk.test with ESMTP",
            "by mx.desk.test (Postfix, from userid 1000) id 5C2",
            "",
        ] {
            assert_eq!(peer(value), None, "{value}");
        }
    }

    #[test]
    fn a_field_that_has_no_end_is_no_hop_of_anybody() {
        assert_eq!(hop("from a( by mx.desk.test with ESMTP", |host| host == "mx.desk.test"), Err(Unclosed));
    }
}
