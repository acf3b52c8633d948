//! What is found of a mail by asking a name server, and what it comes to: signatures of OpenDKIM, dkimpy and mail-auth, clients,
//! policies and seals; and servers that do not do as they should.
//!
//! The mails in `tests/mails/signed` are our own; `names.txt` beside them holds the keys that they were signed by.

use std::fs;
use std::time::Duration;

use guichet::dns::{Resolvers, Settings, Subject};
use guichet::mail;
use guichet::mail::Authentication::{self, Failed, Passed, Unverified};
use guichet::mail::authenticity::{self, Checked, Found, Reason, Weakness, Witnesses};
use jiff::Timestamp;

use crate::name_server::{Domain, NameServer, Odd};

const HOP: &str =
    "Received: from mail.client.test (mail.client.test [192.0.2.7]) by mx.desk.test (Postfix) with ESMTPS id 4A1\r\n";

/// Somebody who looks, and whose mails come by `mx.desk.test`.
struct Looker {
    server: NameServer,
    resolvers: Resolvers,
    settings: Settings,
    witnesses: Witnesses,
}

impl Looker {
    async fn new() -> Looker {
        Looker::trusting(&[]).await
    }

    async fn trusting(sealers: &[&str]) -> Looker {
        let server = NameServer::start().await;
        let sealers: Vec<String> = sealers.iter().map(ToString::to_string).collect();
        Looker {
            settings: server.settings(),
            server,
            resolvers: Resolvers::default(),
            witnesses: Witnesses::new(&["mx.desk.test".to_owned()], &sealers),
        }
    }

    async fn found(&self, raw: &[u8]) -> Found {
        let mail = mail::parse(raw);
        let subject = Subject { mail: &mail, raw: Some(raw), received_at: Timestamp::now() };
        self.resolvers.look_up(&self.settings, &self.witnesses, subject).await
    }

    async fn judged(&self, raw: &[u8]) -> (Authentication, String) {
        let found = self.found(raw).await;
        let mail = mail::parse(raw);
        let verdict = authenticity::by_lookup(&mail, Some(&found), &self.witnesses);
        (verdict.authentication, verdict.reason.to_string())
    }

    async fn spf(&self, sender: &str, client: &str) -> Checked {
        let hop = HOP.replace("192.0.2.7", client);
        let raw = format!("Return-Path: <{sender}>\r\n{hop}From: {sender}\r\n\r\nx\r\n");
        self.found(raw.as_bytes()).await.spf.unwrap().result
    }
}

fn signed(name: &str) -> Vec<u8> {
    fs::read(format!("tests/mails/signed/{name}.eml")).unwrap()
}

fn keys() -> String {
    fs::read_to_string("tests/mails/signed/names.txt").unwrap()
}

/// A mail as it comes by `mx.desk.test` from a client at 192.0.2.7.
fn come(from: &str) -> Vec<u8> {
    let sender = from.rsplit('<').next().unwrap().trim_end_matches('>');
    format!("Return-Path: <{sender}>\r\n{HOP}From: {from}\r\nTo: aide@desk.test\r\nSubject: x\r\n\r\nx\r\n")
        .into_bytes()
}

#[tokio::test]
async fn signatures_of_every_signer_hold() {
    let looker = Looker::new().await;
    looker.server.texts(&keys());
    for name in [
        "opendkim-relaxed",
        "opendkim-simple",
        "opendkim-ed25519",
        "opendkim-both",
        "dkimpy-rsa-relaxed",
        "dkimpy-rsa-simple",
        "dkimpy-ed25519-relaxed",
        "dkimpy-ed25519-simple",
        "dkimpy-both",
        "dkimpy-whole-length",
        "list-breaks-one",
    ] {
        let told = looker.judged(&signed(name)).await;
        assert_eq!(told, (Passed, "dmarc=pass of client.test".to_owned()), "{name}");
    }
}

#[tokio::test]
async fn a_mail_is_signed_in_the_form_that_smtp_has_however_it_came_to_us() {
    let looker = Looker::new().await;
    looker.server.texts(&keys());
    let lines = String::from_utf8(signed("dkimpy-rsa-simple")).unwrap();
    for raw in [lines.replace('\n', "\r\n"), lines] {
        assert_eq!(looker.judged(raw.as_bytes()).await.0, Passed);
    }
}

#[tokio::test]
async fn a_signature_that_is_weak_vouches_for_nobody() {
    let looker = Looker::new().await;
    looker.server.texts(&keys());
    for (name, result, weakness) in [
        ("dkimpy-rsa-sha1", Checked::Pass, Weakness::OldAlgorithm),
        ("dkimpy-short-key", Checked::Fail, Weakness::ShortKey),
        ("dkimpy-length-and-more", Checked::Neutral, Weakness::UnsignedText),
    ] {
        let found = looker.found(&signed(name)).await;
        assert_eq!((found.signatures[0].result, found.signatures[0].weakness), (result, Some(weakness)), "{name}");
        assert_eq!(found.dmarc.unwrap().result, Checked::Fail, "{name}");
    }
}

#[tokio::test]
async fn a_signature_that_leaves_the_author_unsigned_vouches_for_nobody() {
    let looker = Looker::new().await;
    let client = Domain::new("client.test");
    client.publish(&looker.server);
    let text = b"From: marie@client.test\r\nSubject: x\r\n\r\nx\r\n";
    for (fields, weakness) in [(&["Subject"][..], Some(Weakness::UnsignedAuthor)), (&["From", "Subject"], None)] {
        let found = looker.found(&client.sign_fields(text, fields, 0)).await;
        assert_eq!((found.signatures[0].result, found.signatures[0].weakness), (Checked::Pass, weakness));
    }
}

#[tokio::test]
async fn what_is_asked_is_what_is_compared_whatever_a_signature_calls_its_domain() {
    let looker = Looker::new().await;
    looker.server.text("_dmarc.client.test", "v=DMARC1; p=reject");
    // Cut, decoded as presentation format (RFC 1035 §5.1) or made ASCII, each would end in the author's domain or another one.
    let long: &str = [&"a.".repeat(122), "client.test.other.test"].concat().leak();
    let octal: &str = [&"\\141".repeat(60), ".client.test.other.test"].concat().leak();
    for name in [long, octal, "\u{1F600}.client.test", "client.test.", "client..test", "client.test\\.other.test"] {
        let domain = Domain::new(name);
        domain.publish(&looker.server);
        let found = looker.found(&domain.sign(&come("marie@client.test"))).await;
        assert_eq!(found.signatures, [], "{name}");
        assert_eq!(looker.judged(&domain.sign(&come("marie@client.test"))).await.0, Failed, "{name}");
    }
}

#[tokio::test]
async fn what_is_read_of_a_signed_mail_is_what_was_signed() {
    let looker = Looker::new().await;
    let client = Domain::new("client.test");
    client.publish(&looker.server);
    looker.server.text("_dmarc.client.test", "v=DMARC1; p=reject");
    let text = "From: marie@client.test\r\nTo: aide@desk.test\r\nSubject: x\r\n\r\nMerci.\r\n";
    let signed = String::from_utf8(client.sign_fields(text.as_bytes(), &["From", "To", "Subject"], 0)).unwrap();
    let come = |signed: &str| format!("Return-Path: <marie@client.test>\r\n{HOP}{signed}").into_bytes();
    assert_eq!(looker.judged(&come(&signed)).await.0, Passed);
    for (changed, weakness) in [
        // Where the header ends may be seen in two ways, and so may what is a field.
        (signed.replace("\r\n\r\nMerci", "\r\nHello\rAppelez-moi.\r\nMerci"), Weakness::UnclearHeader),
        (signed.replace("\r\n\r\n", "\r\nPlease note this: Appelez-moi.\r\n\r\n"), Weakness::UnclearHeader),
        (signed.replace("\r\n\r\n", "\r\nAppelez-moi.\r\nX: y\r\n\r\n"), Weakness::UnclearHeader),
        (format!("Words: a\rSubject: other\r\n{signed}"), Weakness::UnclearHeader),
        // A reader takes the upper one of two, a signature the lower.
        (format!("Subject: other\r\n{signed}"), Weakness::UnsignedField),
        (format!("To: other@desk.test\r\n{signed}"), Weakness::UnsignedField),
        (format!("Message-ID: <a@b.test>\r\nMessage-ID: <c@d.test>\r\n{signed}"), Weakness::UnsignedField),
    ] {
        let found = looker.found(&come(&changed)).await;
        assert!(
            found.signatures.iter().all(|one| one.weakness == Some(weakness) || one.result != Checked::Pass),
            "{found:?}"
        );
        assert_ne!(looker.judged(&come(&changed)).await.0, Passed, "{changed}");
    }
}

#[tokio::test]
async fn a_key_that_is_tried_out_or_is_for_something_else_vouches_for_nobody() {
    for (tags, weakness) in [
        ("t=y; ", Some(Weakness::TestedKey)),
        ("t= s : y ;", Some(Weakness::TestedKey)),
        ("s=other; ", Some(Weakness::OtherKey)),
        ("h=sha1; ", Some(Weakness::OtherKey)),
        ("t=s; s=*:other; h=sha1:sha256; ", None),
        ("s=email; ", None),
    ] {
        let looker = Looker::new().await;
        let client = Domain::new("client.test");
        client.publish_with(&looker.server, tags);
        let found = looker.found(&client.sign(&come("marie@client.test"))).await;
        assert_eq!(found.signatures[0].weakness, weakness, "{tags}");
    }
}

#[tokio::test]
async fn signatures_of_others_who_are_silent_keep_nobody_from_asking_the_authors_domain() {
    let mut looker = Looker::new().await;
    looker.settings.deadline = Duration::from_secs(2);
    let client = Domain::new("client.test");
    client.publish(&looker.server);
    looker.server.text("_dmarc.client.test", "v=DMARC1; p=reject");
    looker.server.is("silent.test", Odd::Silent);
    let others: String = (0..12)
        .map(|at| format!("DKIM-Signature: v=1; a=rsa-sha256; d=s{at}.silent.test; s=k; h=from; bh=AAAA; b=AAAA\r\n"))
        .collect();
    let below = |raw: Vec<u8>| [others.as_bytes(), &raw].concat();
    assert_eq!(looker.judged(&below(come("marie@client.test"))).await.0, Failed);
    assert_eq!(looker.judged(&below(client.sign(&come("marie@client.test")))).await.0, Passed);
}

#[tokio::test]
async fn an_envelope_sender_that_names_nobody_is_no_missing_one() {
    let looker = Looker::new().await;
    looker.server.text("_dmarc.client.test", "v=DMARC1; p=reject");
    for path in ["<x@-other_.test>", "<x>", "x y z"] {
        let raw = format!("Return-Path: {path}\r\n{HOP}From: marie@client.test\r\n\r\nx\r\n");
        assert_eq!(looker.judged(raw.as_bytes()).await.0, Failed, "{path}");
    }
}

#[tokio::test]
async fn a_mail_of_many_signatures_has_ten_looked_at() {
    let looker = Looker::new().await;
    looker.server.texts(&keys());
    let one = "DKIM-Signature: v=1; a=rsa-sha256; d=client.test; s=KEY; h=from; bh=AAAA; b=AAAA\r\n";
    let many: String = (0..3_000).map(|at| one.replace("KEY", &format!("k{at}"))).collect();
    let found = looker.found(&[many.as_bytes(), &come("marie@client.test")].concat()).await;
    assert_eq!(found.signatures.len(), 10);
    let keys_asked = looker.server.asked().iter().filter(|name| name.contains("_domainkey")).count();
    assert!(keys_asked <= 10, "{keys_asked}");

    // Nor is one that names each of many fields.
    let names = "x:".repeat(2_000);
    let fields = "X: y\r\n".repeat(2_000);
    let greedy = format!("{}{fields}", one.replace("h=from", &format!("h={names}from")));
    let found = looker.found(&[greedy.as_bytes(), &come("marie@client.test")].concat()).await;
    assert_eq!(found.signatures, []);
}

#[tokio::test]
async fn a_list_that_changes_a_mail_breaks_its_signatures_and_its_seal_counts_where_it_is_named() {
    for (name, sealers, passes) in [
        ("list-breaks-both", &["lists.test"][..], None),
        ("arc-list", &[], None),
        ("arc-list", &["lists.test"], Some("lists.test")),
        ("arc-list", &["other.test"], None),
        ("arc-list-changed-behind-it", &["lists.test"], None),
        // Whoever sealed last may have changed what the list saw.
        ("arc-list-then-other", &["lists.test"], None),
        ("arc-list-then-other", &["other.test"], None),
        ("arc-list-then-other", &["lists.test", "other.test"], Some("lists.test")),
        ("arc-other-then-list", &["lists.test"], Some("lists.test")),
        ("arc-other-then-list", &["other.test"], None),
    ] {
        let looker = Looker::trusting(sealers).await;
        looker.server.texts(&keys());
        looker.server.text("lists.test", "v=spf1 -all");
        let come = [format!("Return-Path: <equipe-bounces@lists.test>\r\n{HOP}").into_bytes(), signed(name)].concat();
        let told = looker.judged(&come).await;
        let expected = match passes {
            Some(sealer) => (Passed, format!("{sealer} sealed that it found dmarc=pass of client.test")),
            None => (Failed, "dmarc=fail of client.test".to_owned()),
        };
        assert_eq!(told, expected, "{name} {sealers:?}");
    }
}

#[tokio::test]
async fn seals_of_nobody_who_counts_are_not_asked_about() {
    let looker = Looker::new().await;
    looker.server.texts(&keys());
    looker.found(&signed("arc-list")).await;
    assert!(!looker.server.asked().iter().any(|name| name.contains("lists.test")), "{:?}", looker.server.asked());
}

#[tokio::test]
async fn spf_goes_by_whoever_handed_the_mail_to_the_border() {
    let looker = Looker::new().await;
    let server = &looker.server;
    server.text("client.test", "v=spf1 ip4:192.0.2.0/28 ip6:2001:db8::/32 -all");
    assert_eq!(
        looker.judged(&come("marie@client.test")).await,
        (Passed, "no DMARC record, and spf=pass of client.test".to_owned())
    );
    assert_eq!(looker.spf("marie@client.test", "IPv6:2001:db8::7").await, Checked::Pass);
    assert_eq!(looker.spf("marie@client.test", "192.0.2.17").await, Checked::Fail);
    for hop in [
        HOP.replace("mx.desk.test", "mx.elsewhere.test"),
        HOP.replace("ESMTPS", "ESMTPSA"),
        HOP.replace("192.0.2.7", "127.0.0.1"),
        String::new(),
    ] {
        let mail = String::from_utf8(come("marie@client.test")).unwrap().replace(HOP, &hop);
        let (authentication, why) = looker.judged(mail.as_bytes()).await;
        assert_eq!(authentication, Unverified);
        assert_eq!(
            why,
            "no signature vouches for client.test, and no Received of the border tells whom SPF would judge"
        );
    }
    // A sender that the mail itself names is nobody's.
    let mail = String::from_utf8(come("marie@client.test")).unwrap();
    let path = "Return-Path: <marie@client.test>\r\n";
    let brought = mail.replace(path, "").replace("From:", &format!("{path}From:"));
    assert_eq!(looker.found(brought.as_bytes()).await.spf, None);
}

#[tokio::test]
async fn the_sender_of_an_empty_path_is_the_name_in_helo() {
    let looker = Looker::new().await;
    looker.server.text("mail.client.test", "v=spf1 a -all");
    looker.server.address("mail.client.test", "192.0.2.7");
    let mail = format!("Return-Path: <>\r\n{HOP}From: marie@client.test\r\n\r\nx\r\n");
    let found = looker.found(mail.as_bytes()).await;
    let spf = found.spf.unwrap();
    assert_eq!((spf.domain.as_str(), spf.result), ("mail.client.test", Checked::Pass));
}

#[tokio::test]
async fn spf_terms_match_as_rfc_7208_says() {
    let looker = Looker::new().await;
    let server = &looker.server;
    server.address("mail.client.test", "192.0.2.7");
    server.address("net.client.test", "192.0.2.99");
    server.exchange("mx.client.test", "mail.client.test");
    server.pointer("192.0.2.7", "mail.client.test");
    server.address("7.2.0.192.marie.known.test", "127.0.0.2");
    server.address("six.test", "2001:db8::1");
    server.text("all.test", "v=spf1 +all");
    server.text("soft.test", "v=spf1 ~all");
    server.text("fail.test", "v=spf1 -ip4:192.0.2.7 +all");
    server.text("broken.test", "v=spf1 nonsense:all");
    for (number, (terms, result)) in [
        ("a:mail.client.test -all", Checked::Pass),
        ("a:net.client.test -all", Checked::Fail),
        ("a:net.client.test/24 -all", Checked::Pass),
        ("mx:mx.client.test -all", Checked::Pass),
        ("ptr:client.test -all", Checked::Pass),
        ("ptr:other.test ~all", Checked::SoftFail),
        ("exists:%{ir}.%{l}.known.test ?all", Checked::Pass),
        ("exists:%{l}.nobody.test ?all", Checked::Neutral),
        // A record of IPv6 does not exist for `exists` (§5.7).
        ("exists:six.test -all", Checked::Fail),
        ("include:all.test -all", Checked::Pass),
        ("include:soft.test -all", Checked::Fail),
        ("include:fail.test ~all", Checked::SoftFail),
        ("include:nobody.test +all", Checked::PermError),
        ("include:broken.test +all", Checked::PermError),
        ("nonsense +all", Checked::PermError),
        ("ipv4:192.0.2.7 +all", Checked::PermError),
        ("-all:x", Checked::PermError),
        ("moo=%{d} x-1=y +all", Checked::Pass),
        ("redirect=all.test", Checked::Pass),
        ("redirect=nobody.test", Checked::PermError),
        ("-all redirect=all.test", Checked::Fail),
        ("", Checked::Neutral),
        ("ip4:192.0.2.300 +all", Checked::PermError),
        ("ip4:192.0.2.7/032 -all", Checked::PermError),
        ("a:mail.client.test/24/64 -all", Checked::PermError),
        ("a:mail.client.test/24//64 -all", Checked::Pass),
        ("a:mail.client.test/33 -all", Checked::PermError),
        ("exists:%{c}.known.test -all", Checked::PermError),
        ("a:nothing ?all", Checked::PermError),
        ("a:127.1 ?all", Checked::PermError),
        ("?all redirect=", Checked::PermError),
        ("?all exp=a.test exp=b.test", Checked::PermError),
        ("?all redirect=a.test redirect=b.test", Checked::PermError),
        ("?all =x", Checked::PermError),
        ("moo.cow-far_out=man:dog/cat ip4:192.0.2.7 -all", Checked::Pass),
        ("ip4:192.0.2.7\n-all", Checked::PermError),
    ]
    .into_iter()
    .enumerate()
    {
        let domain = format!("d{number}.test");
        server.text(&domain, &format!("v=spf1 {terms}"));
        assert_eq!(looker.spf(&format!("marie@{domain}"), "192.0.2.7").await, result, "{terms}");
    }
    assert_eq!(looker.spf("marie@nobody.test", "192.0.2.7").await, Checked::None);
}

#[tokio::test]
async fn spf_has_limits() {
    let looker = Looker::new().await;
    let server = &looker.server;
    server.text("ok.test", "v=spf1 ?all");
    let includes = |count: usize| "include:ok.test ".repeat(count);
    let void = |count: usize| (0..count).map(|at| format!("a:void{at}.test ")).collect::<String>();
    server.text("ten.test", &format!("v=spf1 {}+all", includes(10)));
    server.text("eleven.test", &format!("v=spf1 {}+all", includes(11)));
    server.text("void2.test", &format!("v=spf1 {}+all", void(2)));
    server.text("void3.test", &format!("v=spf1 {}+all", void(3)));
    server.text("circle.test", "v=spf1 include:circle.test +all");
    server.text("round.test", "v=spf1 redirect=round.test");
    server.text("two.test", "v=spf1 -all");
    server.text("two.test", "v=spf1 +all");
    server.text("beside.test", "google-site-verification=x");
    server.text("beside.test", "v=spf10 -all");
    server.text("beside.test", "V=SPF1 +all");
    (0..11).for_each(|at| server.exchange("many.test", &format!("mx{at}.many.test")));
    server.text("many.test", "v=spf1 mx +all");
    for (domain, result) in [
        ("ten.test", Checked::Pass),
        ("eleven.test", Checked::PermError),
        ("void2.test", Checked::Pass),
        ("void3.test", Checked::PermError),
        ("circle.test", Checked::PermError),
        ("round.test", Checked::PermError),
        ("two.test", Checked::PermError),
        ("beside.test", Checked::Pass),
        ("many.test", Checked::PermError),
    ] {
        assert_eq!(looker.spf(&format!("marie@{domain}"), "192.0.2.7").await, result, "{domain}");
    }
}

/// A mail of this author whose envelope sender's domain passes SPF: what DMARC says of it.
async fn dmarc(looker: &Looker, author: &str, sender: &str) -> authenticity::Dmarc {
    looker.server.forget(sender);
    looker.server.text(sender, "v=spf1 +all");
    let raw = format!("Return-Path: <bounce@{sender}>\r\n{HOP}From: marie@{author}\r\n\r\nx\r\n");
    looker.found(raw.as_bytes()).await.dmarc.unwrap()
}

#[tokio::test]
async fn dmarc_walks_the_tree() {
    let looker = Looker::new().await;
    let server = &looker.server;
    server.text("_dmarc.client.test", "v=DMARC1; p=reject; sp=quarantine; np=none");
    server.text("_dmarc.own.client.test", "v=DMARC1; p=none; psd=n");
    server.text("_dmarc.gov.test", "v=DMARC1; p=reject; psd=y");
    server.text("_dmarc.strict.test", "v=DMARC1; p=reject; adkim=s; aspf=s");
    server.text("_dmarc.trial.test", "v=DMARC1; p=reject; t=y");
    server.text("_dmarc.two.test", "v=DMARC1; p=reject");
    server.text("_dmarc.two.test", "v=DMARC1; p=none");
    server.text("_dmarc.typo.test", "v=DMARC1; p=rejct; rua=mailto:d@typo.test");
    server.text("_dmarc.nothing.test", "v=DMARC1; p=rejct");
    server.text("_dmarc.odd.test", "v=DMARC1; p=reject; fo=zz; adkim=q");
    server.text("_dmarc.other.test", "v=spf1 -all");
    server.text("_dmarc.lower.test", "v=dmarc1; p=reject");
    server.address("known.client.test", "192.0.2.7");
    server.text("_dmarc.c.deep.test", "v=DMARC1; p=reject");
    let none = || (Checked::None, None);
    let at = |result, at: &str, policy: &str| (result, Some((at.to_owned(), policy.to_owned())));
    for (author, sender, expected) in [
        ("client.test", "client.test", at(Checked::Pass, "client.test", "reject")),
        ("client.test", "mail.client.test", at(Checked::Pass, "client.test", "reject")),
        ("client.test", "evil.test", at(Checked::Fail, "client.test", "reject")),
        ("known.client.test", "client.test", at(Checked::Pass, "client.test", "quarantine")),
        ("missing.client.test", "client.test", at(Checked::Pass, "client.test", "none")),
        // psd=n makes an organisation of its own.
        ("own.client.test", "client.test", at(Checked::Fail, "own.client.test", "none")),
        ("a.own.client.test", "b.own.client.test", at(Checked::Pass, "own.client.test", "none")),
        // psd=y: below it begin the organisations.
        ("tax.gov.test", "mail.tax.gov.test", at(Checked::Pass, "gov.test", "reject")),
        ("tax.gov.test", "other.gov.test", at(Checked::Fail, "gov.test", "reject")),
        ("strict.test", "mail.strict.test", at(Checked::Fail, "strict.test", "reject")),
        ("strict.test", "strict.test", at(Checked::Pass, "strict.test", "reject")),
        ("trial.test", "evil.test", at(Checked::Fail, "trial.test", "quarantine")),
        ("two.test", "two.test", none()),
        ("typo.test", "typo.test", at(Checked::Pass, "typo.test", "none")),
        ("nothing.test", "nothing.test", none()),
        ("odd.test", "mail.odd.test", at(Checked::Pass, "odd.test", "reject")),
        ("other.test", "other.test", none()),
        ("lower.test", "lower.test", none()),
        ("plain.test", "plain.test", none()),
        // More than seven labels: the walk leaps.
        ("h.g.f.e.d.c.deep.test", "deep.test", at(Checked::Fail, "c.deep.test", "reject")),
        ("a.b.h.g.f.e.d.c.deep.test", "c.deep.test", at(Checked::Pass, "c.deep.test", "reject")),
    ] {
        let told = dmarc(&looker, author, sender).await;
        let record = told.record.map(|record| (record.at, record.policy));
        assert_eq!((told.result, record), expected, "{author} by {sender}");
    }
}

#[tokio::test]
async fn an_operator_is_told_what_the_servers_say_of_a_domain_or_why_they_do_not() {
    let mut looker = Looker::new().await;
    looker.server.text("_dmarc.desk.test", "v=DMARC1; p=quarantine");
    let told = looker.resolvers.dmarc_of(&looker.settings, "aide.desk.test").await.unwrap().record.unwrap();
    assert_eq!((told.at.as_str(), told.policy.as_str()), ("desk.test", "quarantine"));
    soon(&mut looker);
    looker.server.is("silent.test", Odd::Silent);
    let why = looker.resolvers.dmarc_of(&looker.settings, "silent.test").await.unwrap_err().to_string();
    assert!(why.contains("_dmarc.silent.test"), "{why}");
    looker.server.is("faulty.test", Odd::Fails);
    let why = looker.resolvers.dmarc_of(&looker.settings, "faulty.test").await.unwrap_err().to_string();
    assert!(why.contains("Server Failure"), "{why}");
}

#[tokio::test]
async fn without_a_policy_a_registry_and_a_tenant_vouch_for_nobody() {
    let looker = Looker::new().await;
    // A registry that does not say psd=y, and a host of many.
    looker.server.text("_dmarc.co.uk", "v=DMARC1; p=reject");
    looker.server.text("other.co.uk", "v=spf1 +all");
    let raw = format!("Return-Path: <x@other.co.uk>\r\n{HOP}From: marie@client.co.uk\r\n\r\nx\r\n");
    let found = looker.found(raw.as_bytes()).await;
    assert_eq!(found.dmarc.as_ref().unwrap().result, Checked::Pass, "as RFC 9989 has it");
    let told = looker.judged(raw.as_bytes()).await;
    assert_eq!(told, (Unverified, "no DMARC record, and nothing that vouches for client.co.uk".to_owned()));
}

#[tokio::test]
async fn a_pass_counts_for_the_one_author_alone() {
    let looker = Looker::new().await;
    looker.server.text("_dmarc.client.test", "v=DMARC1; p=reject");
    looker.server.text("client.test", "v=spf1 +all");
    assert_eq!(looker.judged(&come("marie@client.test")).await.0, Passed);
    let two = String::from_utf8(come("marie@client.test")).unwrap().replace("Subject: x", "From: paul@other.test");
    assert_eq!(looker.judged(two.as_bytes()).await, (Unverified, "From does not name one author".to_owned()));
}

/// Settings with a deadline that a test can wait for.
fn soon(looker: &mut Looker) {
    looker.settings.deadline = Duration::from_millis(400);
}

#[tokio::test]
async fn a_server_that_fails_or_is_silent_leaves_the_author_unverified() {
    let unverified = || (Unverified, "name servers did not answer well in time about client.test".to_owned());
    for odd in [Odd::Fails, Odd::Silent, Odd::Lies] {
        let mut looker = Looker::new().await;
        soon(&mut looker);
        looker.server.is("test", odd);
        assert_eq!(looker.judged(&come("marie@client.test")).await, unverified(), "{odd:?}");
    }
    let mut nobody = Looker::new().await;
    soon(&mut nobody);
    nobody.settings.servers = vec!["127.0.0.1:9".parse().unwrap()];
    assert_eq!(nobody.judged(&come("marie@client.test")).await, unverified());
}

#[tokio::test]
async fn one_silent_server_does_not_silence_the_others() {
    let mut looker = Looker::new().await;
    looker.settings.deadline = Duration::from_secs(2);
    looker.server.texts(&keys());
    looker.server.is("slow.test", Odd::Silent);
    let signature = "DKIM-Signature: v=1; a=rsa-sha256; d=slow.test; s=k; h=from; bh=PFQUzpbeebP2Xuut1GLWOhSFkqJFPzjEYsxQlBFTNYo=; b=AAAA\n";
    let both = [signature.as_bytes(), &signed("opendkim-simple")].concat();
    assert_eq!(looker.judged(&both).await, (Passed, "dmarc=pass of client.test".to_owned()));
    let found = looker.found(&both).await;
    // Those of the author's own organisation come first.
    assert_eq!(found.signatures[1].result, Checked::TempError, "{:?}", found.signatures[1]);
}

#[tokio::test]
async fn a_key_that_nobody_could_ask_for_fails_nobody() {
    let mut looker = Looker::new().await;
    soon(&mut looker);
    looker.server.texts(&keys());
    looker.server.text("client.test", "v=spf1 -all");
    looker.server.is("_domainkey.client.test", Odd::Fails);
    let mail = [format!("Return-Path: <marie@client.test>\r\n{HOP}").into_bytes(), signed("dkimpy-both")].concat();
    assert_eq!(looker.found(&mail).await.dmarc.unwrap().result, Checked::TempError);
    assert_eq!(looker.judged(&mail).await.0, Unverified);
}

#[tokio::test]
async fn a_long_answer_is_asked_for_again_by_tcp() {
    let looker = Looker::new().await;
    looker.server.texts(&keys());
    looker.server.is("client.test", Odd::Truncated);
    assert_eq!(looker.judged(&signed("dkimpy-rsa-relaxed")).await.0, Passed);
}

#[tokio::test]
async fn an_answer_is_remembered_as_long_as_it_says() {
    let looker = Looker::new().await;
    looker.server.text("_dmarc.client.test", "v=DMARC1; p=reject");
    looker.server.text("client.test", "v=spf1 +all");
    let asks = async || {
        let before = looker.server.asked().len();
        looker.found(&come("marie@client.test")).await;
        looker.server.asked().len() - before
    };
    assert!(asks().await > 0);
    assert_eq!(looker.server.asked().iter().filter(|name| *name == "_dmarc.client.test TXT").count(), 1);
    asks().await;
    assert_eq!(looker.server.asked().iter().filter(|name| *name == "_dmarc.client.test TXT").count(), 1);
    looker.server.ttl(0);
    looker.server.text("_dmarc.brief.test", "v=DMARC1; p=reject");
    for times in [1, 2] {
        looker.found(&come("marie@brief.test")).await;
        assert_eq!(looker.server.asked().iter().filter(|name| *name == "_dmarc.brief.test TXT").count(), times);
    }
}

#[tokio::test]
async fn what_had_expired_when_a_mail_came_is_no_signature_and_what_expired_since_is() {
    let looker = Looker::new().await;
    let client = Domain::new("client.test");
    client.publish(&looker.server);
    let raw = client.sign_fields(b"From: marie@client.test\r\nSubject: x\r\n\r\nx\r\n", &["From"], 60);
    let mail = mail::parse(&raw);
    let at = async |received_at| {
        let subject = Subject { mail: &mail, raw: Some(&raw), received_at };
        looker.resolvers.look_up(&looker.settings, &looker.witnesses, subject).await.signatures[0].result
    };
    let now = Timestamp::now();
    assert_eq!(at(now).await, Checked::Pass);
    assert_eq!(at(now + jiff::SignedDuration::from_mins(5)).await, Checked::Neutral);
}

#[tokio::test]
async fn of_a_mail_that_was_not_taken_in_whole_nothing_fails() {
    let looker = Looker::new().await;
    looker.server.texts(&keys());
    looker.server.text("client.test", "v=spf1 -all");
    let raw = [format!("Return-Path: <marie@client.test>\r\n{HOP}").into_bytes(), signed("dkimpy-both")].concat();
    let mail = mail::parse(&raw);
    let subject = Subject { mail: &mail, raw: None, received_at: Timestamp::now() };
    let found = looker.resolvers.look_up(&looker.settings, &looker.witnesses, subject).await;
    let verdict = authenticity::by_lookup(&mail, Some(&found), &looker.witnesses);
    assert_eq!(verdict.authentication, Unverified);
    assert!(matches!(verdict.reason, Reason::Missing { missing: authenticity::Missing::Text, .. }));
}
