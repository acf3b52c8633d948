use proptest::{collection, prelude::*, sample};

use super::super::parse;
use super::Authentication::{Failed, Passed, Unverified};
use super::*;

const HOP: &str = "Received: from out.client.test (out.client.test [192.0.2.7])\r\n\t\
    by mx.desk.test (Postfix) with ESMTPS id 4A1\r\n\tfor <aide@desk.test>; Mon, 2 Mar 2026 08:30:00 +0000\r\n";
const LOGIN_HOP: &str = "Received: from laptop (unknown [192.0.2.9])\r\n\t\
    by mx.desk.test (Postfix) with ESMTPSA id 4A2\r\n\tfor <aide@desk.test>; Mon, 2 Mar 2026 08:30:00 +0000\r\n";
const LMTP: &str = "Received: from mx.desk.test ([127.0.0.1])\r\n\t\
    by mx.desk.test with LMTP\r\n\tid yaZ4; Mon, 2 Mar 2026 08:30:01 +0000\r\n";
const PASS: &str = "Authentication-Results: mx.desk.test; dmarc=pass header.from=client.test\r\n";
const FROM: &str = "From: Marie <marie@client.test>\r\n";

fn border() -> Border {
    Border::named("mx.desk.test")
}

fn below() -> Border {
    border().with_results(Place::Below)
}

fn judged_by(border: &Border, header: &str) -> (Authentication, Reason) {
    let mail = parse(format!("{header}Subject: x\r\n\r\nx").as_bytes());
    let verdict = by_header(&mail, border);
    (verdict.authentication, verdict.reason)
}

/// A mail of marie@client.test with these fields above it.
fn by(border: &Border, fields: &str) -> Authentication {
    judged_by(border, &format!("{fields}{FROM}")).0
}

/// A mail of this author, with these results of the border above its hop.
fn of(from: &str, results: &str) -> Authentication {
    judged_by(&border(), &format!("Authentication-Results: mx.desk.test; {results}\r\n{HOP}From: {from}\r\n")).0
}

fn judged(results: &str) -> Authentication {
    of("Marie <marie@client.test>", results)
}

#[test]
fn dmarc_decides() {
    assert_eq!(judged("dmarc=pass (p=none) header.from=client.test"), Passed);
    assert_eq!(judged("DMARC = Pass header.from=Client.TEST"), Passed);
    assert_eq!(judged("dmarc=pass"), Passed);
    assert_eq!(judged("dmarc=fail header.from=client.test; spf=pass smtp.mailfrom=client.test"), Failed);
    for result in ["temperror", "permerror", "neutral", "pass header.from=client.test header.from=other.test"] {
        assert_eq!(judged(&format!("dmarc={result}; dkim=pass header.d=client.test")), Unverified, "{result}");
    }
    assert_eq!(judged("dmarc=pass; dmarc=none; dkim=pass header.d=client.test"), Unverified);
}

#[test]
fn the_record_may_be_a_parents_and_never_a_strangers() {
    let of_branch = |results: &str| of("marie@branch.client.test", results);
    assert_eq!(of_branch("dmarc=pass header.from=client.test"), Passed);
    assert_eq!(of_branch("dmarc=fail header.from=client.test; dkim=pass header.d=client.test"), Failed);
    for stranger in ["other.client.test", "a.branch.client.test", "evil.test", "lient.test"] {
        let results = format!("dmarc=pass header.from={stranger}; dkim=pass header.d=branch.client.test");
        assert_eq!(of_branch(&results), Unverified, "{stranger}");
    }
    assert_eq!(of("marie@client.co.uk", "dmarc=pass header.from=co.uk"), Unverified);
    assert_eq!(of("marie@client.co.uk", "dmarc=fail header.from=co.uk; dkim=pass header.d=client.co.uk"), Failed);
}

#[test]
fn without_a_record_an_aligned_pass_is_enough() {
    assert_eq!(judged("dmarc=none; dkim=pass header.d=mail.client.test"), Passed);
    assert_eq!(judged("dkim=fail header.d=client.test; dkim=pass header.i=@client.test"), Passed);
    assert_eq!(judged("spf=pass smtp.mailfrom=bounce@client.test"), Passed);
    assert_eq!(judged("spf=pass smtp.mailfrom=\"a b\"@client.test"), Passed);
    assert_eq!(of("marie@branch.client.test", "dkim=pass header.d=mail.client.test"), Passed);
    for other in [
        "dkim=pass header.d=evil.test",
        "spf=pass smtp.mailfrom=x@evilclient.test",
        "dkim=pass header.d=test",
        "dkim=pass header.d=client.test.evil.test",
        "arc=pass header.d=client.test",
        "dkim=pass header.d=evil.test header.i=@client.test",
    ] {
        assert_eq!(judged(other), Unverified, "{other}");
    }
}

#[test]
fn what_a_reason_names_is_no_longer_than_a_domain() {
    let long = format!("{}.client.test", "é".repeat(5_000));
    for results in ["dmarc=pass header.from=LONG", "dmarc=LONG", "dkim=pass header.d=LONG", "dkim=fail"] {
        let field = format!("Authentication-Results: mx.desk.test; {}\r\n", results.replace("LONG", &long));
        let (_, reason) = judged_by(&border(), &format!("{field}{HOP}From: marie@client.test\r\n"));
        assert!(reason.to_string().len() < 400, "{results}");
    }
}

#[test]
fn tenants_of_one_host_are_strangers_to_it_and_to_one_another() {
    assert_eq!(of("marie@paul.github.io", "dkim=pass header.d=evil.github.io"), Unverified);
    assert_eq!(of("office@github.io", "dkim=pass header.d=evil.github.io"), Unverified);
    assert_eq!(of("marie@paul.github.io", "spf=pass smtp.mailfrom=mail.paul.github.io"), Passed);
}

#[test]
fn a_report_without_a_sender_is_vouched_for_by_the_name_in_helo() {
    let report = |path: &str, results: &str| {
        let from = "From: postmaster@client.test\r\n";
        judged_by(
            &border(),
            &format!("Return-Path: {path}\r\nAuthentication-Results: mx.desk.test; {results}\r\n{HOP}{from}"),
        )
        .0
    };
    assert_eq!(report("<>", "spf=pass smtp.helo=out.client.test"), Passed);
    assert_eq!(report("<>", "spf=pass smtp.mailfrom=<> smtp.helo=out.client.test"), Passed);
    assert_eq!(report("<>", "spf=pass smtp.mailfrom= smtp.helo=out.client.test"), Passed);
    assert_eq!(report("<>", "spf=pass smtp.helo=out.evil.test"), Unverified);
    assert_eq!(report("<x@evil.test>", "spf=pass smtp.helo=out.client.test"), Unverified);
    assert_eq!(report("<>", "spf=pass smtp.mailfrom=x@evil.test smtp.helo=out.client.test"), Unverified);
}

#[test]
fn a_login_proves_the_one_who_logged_in() {
    assert_eq!(judged("iprev=fail; auth=pass (PLAIN) smtp.auth=Marie@client.test"), Passed);
    assert_eq!(judged("auth=pass smtp.auth=marie@client.test; dmarc=temperror"), Passed);
    for other in [
        "auth=pass smtp.auth=bruno@client.test",
        "auth=pass smtp.auth=marie",
        "auth=fail smtp.auth=marie@client.test",
        "auth=pass",
        "auth=pass smtp.mailfrom=marie@client.test",
        "auth=pass (smtp.auth=marie@client.test) smtp.auth=bruno@client.test",
    ] {
        assert_eq!(judged(other), Unverified, "{other}");
    }
    assert_eq!(judged("auth=pass smtp.auth=marie@client.test; dmarc=fail header.from=client.test"), Failed);
}

#[test]
fn an_author_in_doubt_never_passes() {
    let passes = "dmarc=pass header.from=client.test; auth=pass smtp.auth=marie@client.test";
    for from in [
        "marie@client.test\r\nFrom: paul@client.test",
        "marie@client.test, paul@client.test",
        "Team: marie@client.test;",
        "Team: Marie <marie@client.test>",
        "Marie",
    ] {
        assert_eq!(of(from, passes), Unverified, "{from}");
    }
    assert_eq!(of("marie@client.test, paul@other.test", "dmarc=fail header.from=client.test"), Failed);
    let lent = format!(
        "Authentication-Results: mx.desk.test; {passes}\r\n{HOP}Sender: marie@client.test\r\nReply-To: marie@client.test\r\n"
    );
    assert_eq!(judged_by(&border(), &lent), (Unverified, Reason::AuthorInDoubt));
}

#[test]
fn an_author_may_have_an_address_that_needs_quotes() {
    assert_eq!(of("\"marie tremblay\"@client.test", "dmarc=pass header.from=client.test"), Passed);
    assert_eq!(of("Marie <\"tremblay, marie: rh\"@client.test>", "dkim=pass header.d=client.test"), Passed);
    assert_eq!(of("\"marie t\"@client.test", "auth=pass smtp.auth=\"\\\"marie t\\\"@client.test\""), Passed);
}

#[test]
fn a_word_in_a_comment_or_reason_judges_nothing() {
    for results in [
        "dkim=fail reason=\"x; dmarc=pass header.from=client.test\" header.d=client.test",
        "dkim=fail (dmarc=pass) header.d=client.test",
        "spf=fail (a (nested; dmarc=pass) b) smtp.mailfrom=\"; dmarc=pass; \"@client.test",
        "dkim=fail reason=dmarc=pass",
        "none",
    ] {
        assert_eq!(judged(results), Unverified, "{results}");
    }
}

#[test]
fn a_damaged_field_of_the_border_proves_nothing_and_neither_does_what_stands_beside_it() {
    let fields = format!("{PASS}Authentication-Results: mx.desk.test; dkim=none (; spf=none\r\n{HOP}{FROM}");
    assert_eq!(judged_by(&border(), &fields), (Unverified, Reason::Damaged));
}

#[test]
fn a_sender_that_writes_results_of_its_own_is_not_believed() {
    let sender = "\"x); dkim=pass header.d=client.test; spf=pass (\"@evil.test";
    let copied = format!("spf=pass (domain of {sender} designates 192.0.2.7) smtp.mailfrom=evil.test");
    let fields = format!("Return-Path: <{sender}>\r\nAuthentication-Results: mx.desk.test; {copied}\r\n{HOP}{FROM}");
    assert_eq!(judged_by(&border(), &fields), (Unverified, Reason::OddSender));
    assert_eq!(judged("dkim=pass header.d=client.test x.evil.test"), Unverified);
}

#[test]
fn the_fields_above_the_borders_hop_are_one() {
    let parts = "Authentication-Results: mx.desk.test; dmarc=none header.from=client.test\r\n\
        Authentication-Results: mx.desk.test; spf=fail smtp.mailfrom=client.test\r\n\
        Authentication-Results: mx.desk.test (a filter) 1;\r\n\tdkim=pass header.d=client.test\r\n";
    let other = "Authentication-Results: list.test; dmarc=fail header.from=client.test\r\n";
    let filter =
        "Received: from mx.desk.test by localhost (mx.desk.test [127.0.0.1]) (amavis, port 10024) with ESMTP id b\r\n";
    let store = "Received: from mx.desk.test by store.desk.test (Postfix) with ESMTPS id 20\r\n";
    for fields in [
        format!("{parts}{HOP}"),
        format!("{LMTP}{parts}{HOP}"),
        format!("{LMTP}{store}{other}{parts}{filter}{HOP}"),
        format!("{LMTP}{}DKIM-Signature: v=1\r\n{HOP}", parts.replace("a filter", "a (filter); here")),
    ] {
        assert_eq!(by(&border(), &fields), Passed, "{fields}");
    }
    assert_eq!(by(&border(), &format!("{PASS}{}{HOP}", PASS.replace("pass", "fail"))), Failed);
}

#[test]
fn what_a_mail_brings_along_is_not_believed() {
    let forged_hop = HOP.replace("4A1", "666");
    let none = "Authentication-Results: mx.desk.test; dmarc=none\r\n";
    for fields in [
        format!("{HOP}{PASS}"),
        format!("{LMTP}{HOP}{PASS}"),
        format!("{none}{HOP}{PASS}"),
        format!("{HOP}{PASS}{forged_hop}"),
        format!("{LMTP}{HOP}{PASS}{PASS}{forged_hop}{PASS}"),
        format!("{LOGIN_HOP}{PASS}{forged_hop}"),
        format!("{}{PASS}{forged_hop}", HOP.replace("from out.client.test (", "from a( (")),
        format!("{LMTP}{PASS}"),
        format!("Received: from out.test by mx2.desk.test with ESMTP id 1\r\n{PASS}"),
    ] {
        assert_eq!(by(&border(), &fields), Unverified, "{fields}");
    }
}

#[test]
fn right_below_the_hop_one_field_counts_where_the_filter_writes_there() {
    let other = "Authentication-Results: list.test; dmarc=none\r\n";
    let none = "Authentication-Results: mx.desk.test; dkim=none; dmarc=none\r\n";
    let foreign_hop = "Received: from a.test by b.test with ESMTP id 1\r\n";
    assert_eq!(by(&below(), &format!("{LMTP}{HOP}{PASS}{foreign_hop}")), Passed);
    assert_eq!(by(&below(), &format!("{PASS}{HOP}")), Passed);
    assert_eq!(by(&below(), &format!("{HOP}{}", PASS.replace("pass", "fail"))), Failed);
    for fields in [
        format!("{HOP}{none}{PASS}"),
        format!("{HOP}{other}{PASS}"),
        format!("{HOP}{foreign_hop}{PASS}"),
        format!("{HOP}{HOP}{PASS}"),
        format!("{LMTP}{PASS}"),
    ] {
        assert_eq!(by(&below(), &fields), Unverified, "{fields}");
    }
}

#[test]
fn below_a_login_nothing_counts_but_that_login() {
    let login = |account: &str| {
        format!("Authentication-Results: mx.desk.test; auth=pass smtp.auth={account} smtp.mailfrom={account}\r\n")
    };
    let marie = login("marie@client.test");
    assert_eq!(by(&below(), &format!("{LMTP}{LOGIN_HOP}DKIM-Signature: v=1\r\n{marie}")), Passed);
    assert_eq!(by(&border(), &format!("{marie}{LOGIN_HOP}")), Passed);
    assert_eq!(by(&border(), &format!("{PASS}{LOGIN_HOP}")), Passed);
    let named = LOGIN_HOP.replace("[192.0.2.9])", "[192.0.2.9])\r\n\t(Authenticated sender: bruno@client.test)");
    for (border, fields) in [
        (below(), format!("{LOGIN_HOP}{PASS}")),
        (below(), format!("{LOGIN_HOP}{}", login("bruno@client.test"))),
        (below(), format!("{LOGIN_HOP}{PASS}{marie}")),
        (below(), format!("{named}{marie}")),
        (border(), format!("{LOGIN_HOP}{marie}")),
    ] {
        assert_eq!(by(&border, &fields), Unverified, "{fields}");
    }
    assert_eq!(by(&below(), &format!("{}{marie}", named.replace("bruno", "marie"))), Passed);
}

#[test]
fn without_any_hop_the_topmost_field_alone_counts() {
    assert_eq!(by(&border(), PASS), Passed);
    assert_eq!(by(&border(), &format!("Authentication-Results: evil.test; dmarc=pass\r\n{PASS}")), Unverified);
    assert_eq!(by(&border(), &format!("Authentication-Results: mx.desk.test.evil.test; none\r\n{PASS}")), Unverified);
    assert_eq!(by(&border(), &format!("Authentication-Results: mx.desk.test; none\r\n{PASS}")), Unverified);
    assert_eq!(judged_by(&border(), FROM), (Unverified, Reason::NoResults));
}

#[test]
fn a_border_may_have_several_names_and_others_in_its_received() {
    let two = Border::new(&["MX1.desk.test".to_owned(), "mx2.desk.test".to_owned()]);
    let fields = |name: &str| format!("{PASS}{HOP}").replace("mx.desk.test", name);
    for name in ["mx1.desk.test", "mx2.desk.test", "MX2.Desk.Test"] {
        assert_eq!(by(&two, &fields(name)), Passed, "{name}");
        assert_eq!(by(&two, &format!("{HOP}{PASS}").replace("mx.desk.test", name)), Unverified, "{name}");
    }
    assert_eq!(by(&two, &fields("mx3.desk.test")), Unverified);
    let cluster = Border::named("desk.test").with_hosts(&["mx7.desk.test".to_owned()]);
    let of_cluster = PASS.replace("mx.desk.test", "desk.test");
    let hop = HOP.replace("mx.desk.test", "mx7.desk.test");
    assert_eq!(by(&cluster, &format!("{LMTP}{of_cluster}{hop}")), Passed);
    assert_eq!(by(&cluster, &format!("{LMTP}{hop}{of_cluster}{hop}")), Unverified);
}

#[test]
fn a_verdict_says_what_it_rests_on() {
    let brought = PASS.replace("pass", "none");
    let mail = parse(format!("{LMTP}{PASS}{HOP}{brought}{FROM}\r\nx").as_bytes());
    let verdict = by_header(&mail, &border());
    assert_eq!(verdict.reason.to_string(), "dmarc=pass of client.test");
    assert!(verdict.hop.unwrap().contains("ESMTPS id 4A1"));
    let standings: Vec<Standing> = verdict.fields.iter().map(|(_, standing)| *standing).collect();
    assert_eq!(standings, [Standing::AboveHop, Standing::Brought]);
}

/// Fields as mails bring them along, forged ones of the border's among them.
fn brought() -> impl Strategy<Value = String> {
    let field = sample::select(vec![
        PASS.to_owned(),
        PASS.replace("pass", "fail"),
        PASS.replace("mx.desk.test", "list.test"),
        "Authentication-Results: mx.desk.test; auth=pass smtp.auth=marie@client.test\r\n".to_owned(),
        "Authentication-Results: mx.desk.test (\r\n".to_owned(),
        HOP.to_owned(),
        LOGIN_HOP.to_owned(),
        LMTP.to_owned(),
        "Received: from a( by mx.desk.test with ESMTP\r\n".to_owned(),
        "Received: from a.test by b.test with ESMTP id 1\r\n".to_owned(),
    ]);
    collection::vec(field, 0..6).prop_map(|fields| fields.concat())
}

/// Fields of the border, each with one of its results.
fn results() -> impl Strategy<Value = Vec<String>> {
    let all = [
        "none",
        "dmarc=none",
        "dmarc=pass",
        "dmarc=fail header.from=client.test",
        "dkim=pass header.d=client.test",
        "spf=pass smtp.mailfrom=evil.test",
        "auth=pass smtp.auth=marie@client.test",
    ];
    let fields = all.map(|result| format!("Authentication-Results: mx.desk.test; {result}\r\n"));
    sample::subsequence(fields.to_vec(), 1..fields.len())
}

proptest! {
    #[test]
    fn any_field_is_judged(
        results in "(mx.desk.test|;|=|dmarc|pass|auth|\\(|\\)|\"|\\\\| |header.from)*",
        hop in "(by|with|mx.desk.test|ESMTP|;|\\(|\\)|\"|\\\\| )*",
    ) {
        judged(&results);
        by(&below(), &format!("Received: {hop}\r\nAuthentication-Results: mx.desk.test; {results}\r\n"));
    }

    #[test]
    fn nothing_below_the_borders_hop_changes_what_is_believed(brought in brought(), results in results()) {
        let above = format!("{LMTP}{}{HOP}", results.concat());
        prop_assert_eq!(by(&border(), &format!("{above}{brought}")), by(&border(), &above));
    }

    #[test]
    fn nothing_below_the_field_of_a_filter_changes_what_is_believed(brought in brought(), results in results()) {
        let above = format!("{LMTP}{HOP}{}", results[0]);
        prop_assert_eq!(by(&below(), &format!("{above}{brought}")), by(&below(), &above));
    }

    #[test]
    fn the_order_of_the_borders_fields_changes_nothing(mut results in results()) {
        let before = by(&border(), &format!("{}{HOP}", results.concat()));
        results.reverse();
        prop_assert_eq!(by(&border(), &format!("{}{HOP}", results.concat())), before);
    }
}

mod exchange {
    use super::*;

    const EOP_HOP: &str = "Received: from out.client.test (192.0.2.7)\r\n by AB1XYZ.mail.protection.outlook.com (10.0.0.1) \
        with Microsoft SMTP Server (version=TLS1_3,\r\n cipher=TLS_AES_256_GCM_SHA384) id 15.20.1.2 via Frontend Transport; \
        Mon, 2 Mar 2026 08:30:00 +0000\r\n";
    const INNER_HOP: &str = "Received: from AB1XYZ.eop-can01.prod.protection.outlook.com (2001:db8::7)\r\n \
        by YT1PR01.outlook.office365.com (2001:db8::8) with Microsoft SMTP Server (version=TLS1_3)\r\n id 15.20.1.2; \
        Mon, 2 Mar 2026 08:30:01 +0000\r\n";
    const MAPI_HOP: &str = "Received: from YT1PR01.CANPRD01.PROD.OUTLOOK.COM ([2001:db8::9])\r\n \
        by YT1PR01.CANPRD01.PROD.OUTLOOK.COM ([2001:db8::9%7]) with mapi id 15.20.1.2; Mon, 2 Mar 2026 08:30:00 +0000\r\n";
    const INTERNAL: &str = "X-MS-Exchange-Organization-AuthAs: Internal\r\n";
    const OWN: &str = "From: Alice <alice@desk.test>\r\n";

    fn results(dmarc: &str) -> String {
        format!(
            "Authentication-Results: spf=pass (sender IP is 192.0.2.7)\r\n smtp.mailfrom=client.test; dkim=pass (signature was \
             verified)\r\n header.d=client.test;{dmarc} header.from=client.test;compauth=pass reason=100\r\n"
        )
    }

    fn judged(header: &str) -> (Authentication, Reason) {
        let mail = parse(format!("{header}Subject: x\r\n\r\nx").as_bytes());
        let verdict = by_exchange(&mail, &Tenant::of(&["Desk.test".to_owned()]));
        (verdict.authentication, verdict.reason)
    }

    fn of(header: &str) -> Authentication {
        judged(header).0
    }

    #[test]
    fn what_exchange_online_found_stands_above_its_own_hop() {
        let pass = results("dmarc=pass action=none");
        assert_eq!(of(&format!("{INNER_HOP}{pass}{EOP_HOP}{FROM}")), Passed);
        assert_eq!(of(&format!("{INNER_HOP}{}{EOP_HOP}{FROM}", results("dmarc=fail action=oreject"))), Failed);
        // Where there is no record, Exchange guesses; an aligned DKIM pass counts, its guess alone does not.
        assert_eq!(of(&format!("{INNER_HOP}{}{EOP_HOP}{FROM}", results("dmarc=bestguesspass action=none"))), Passed);
        let stranger = "From: Paul <paul@autre.test>\r\n";
        assert_eq!(of(&format!("{INNER_HOP}{pass}{EOP_HOP}{stranger}")), Unverified);
    }

    #[test]
    fn what_a_mail_brought_along_gives_nothing() {
        let pass = results("dmarc=pass action=none");
        let none = results("dmarc=none action=none").replace("=pass", "=none");
        for header in [
            // Below the hop, as every mail can have it.
            format!("{INNER_HOP}{EOP_HOP}{pass}{FROM}"),
            // Exchange's own is the topmost, and says nothing.
            format!("{none}{pass}{EOP_HOP}{FROM}"),
            format!("{INNER_HOP}{none}{EOP_HOP}{pass}{FROM}"),
            // Another server's, in the form that has a name.
            format!("{PASS}{pass}{EOP_HOP}{FROM}"),
            // A host that is only called like one of Exchange's.
            format!("{INNER_HOP}{}{pass}{FROM}", EOP_HOP.replace("outlook.com", "outlook.com.evil.test")),
        ] {
            assert_eq!(of(&header), Unverified, "{header}");
        }
    }

    #[test]
    fn whoever_is_inside_is_known_for_the_own_domains_alone() {
        assert_eq!(judged(&format!("{MAPI_HOP}{INTERNAL}{OWN}")), (Passed, Reason::Internal));
        assert_eq!(of(&format!("{MAPI_HOP}{INTERNAL}{FROM}")), Unverified);
        assert_eq!(of(&format!("{MAPI_HOP}X-MS-Exchange-Organization-AuthAs: Anonymous\r\n{OWN}")), Unverified);
        assert_eq!(of(&format!("{MAPI_HOP}X-MS-Exchange-CrossTenant-AuthAs: Internal\r\n{OWN}")), Unverified);
        let both = format!("{MAPI_HOP}{INTERNAL}X-MS-Exchange-Organization-AuthAs: Anonymous\r\n{OWN}");
        assert_eq!(of(&both), Unverified);
        let two_authors = format!("{MAPI_HOP}{INTERNAL}From: Alice <alice@desk.test>, Bob <bob@desk.test>\r\n");
        assert_eq!(of(&two_authors), Unverified);
        let below = OWN.replace("@desk", "@branch.desk");
        assert_eq!(of(&format!("{MAPI_HOP}{INTERNAL}{below}")), Unverified);
        // A result that speaks against the author goes before it.
        let fails = "Authentication-Results: dkim=none (message not signed) header.d=none;dmarc=fail action=none \
                     header.from=desk.test;\r\n";
        assert_eq!(of(&format!("{fails}{MAPI_HOP}{INTERNAL}{OWN}")), Failed);
    }
}

mod submission {
    use super::*;

    const BY_MARIE: &str = "Received: from laptop (unknown [192.0.2.9])\r\n\t(Authenticated sender: Marie@client.test)\r\n\t\
        by mx.desk.test (Postfix) with ESMTPSA id 4A2\r\n\tfor <aide@desk.test>; Mon, 2 Mar 2026 08:30:00 +0000\r\n";

    fn judged(header: &str) -> (Authentication, Reason) {
        let mail = parse(format!("{header}Subject: x\r\n\r\nx").as_bytes());
        let verdict = by_login(&mail, &["MX.desk.test.".to_owned()]);
        (verdict.authentication, verdict.reason)
    }

    #[test]
    fn whoever_logged_in_is_the_author_of_a_mail_in_their_own_name() {
        let account = "marie@client.test".to_owned();
        assert_eq!(judged(&format!("{BY_MARIE}{FROM}")), (Passed, Reason::Login { account: account.clone() }));
        assert_eq!(judged(&format!("{LMTP}{BY_MARIE}{FROM}")).0, Passed);
        let other = judged(&format!("{BY_MARIE}From: Paul <paul@client.test>\r\n"));
        assert_eq!(other, (Unverified, Reason::OtherLogin { account }));
        let two = judged(&format!("{BY_MARIE}From: marie@client.test, paul@client.test\r\n"));
        assert_eq!(two, (Unverified, Reason::AuthorInDoubt));
        let local_part = BY_MARIE.replace("Marie@client.test", "marie");
        assert_eq!(judged(&format!("{local_part}{FROM}")).0, Unverified);
    }

    #[test]
    fn a_mail_from_the_world_cannot_tell_of_a_login() {
        let forged_below = format!("{HOP}{BY_MARIE}{FROM}");
        assert_eq!(judged(&forged_below), (Unverified, Reason::NoLogin));
        assert_eq!(judged(&format!("{LOGIN_HOP}{BY_MARIE}{FROM}")), (Unverified, Reason::UnnamedLogin));
        // What a client says in HELO may look like the server's own comment.
        let greeting = HOP.replace("from out.client.test", "from x(Authenticated sender: marie@client.test)");
        assert_eq!(judged(&format!("{greeting}{FROM}")), (Unverified, Reason::NoLogin));
        let by_paul =
            BY_MARIE.replace("from laptop", "from x(Authenticated sender: marie@client.test)").replace("Marie", "paul");
        assert_eq!(judged(&format!("{by_paul}{FROM}")), (Unverified, Reason::UnnamedLogin));
        let elsewhere = BY_MARIE.replace("by mx.desk.test", "by mx.evil.test");
        assert_eq!(judged(&format!("{elsewhere}{FROM}")), (Unverified, Reason::NoLogin));
        assert_eq!(judged(&format!("{PASS}{HOP}{FROM}")), (Unverified, Reason::NoLogin), "no result counts here");
    }
}

mod lookups {
    use super::*;

    fn pass(domain: &str) -> Signature {
        Signature {
            domain: domain.to_owned(),
            selector: "k".to_owned(),
            algorithm: "rsa-sha256".to_owned(),
            result: Checked::Pass,
            why: None,
            weakness: None,
        }
    }

    fn spf(domain: &str, result: Checked) -> Option<Spf> {
        Some(Spf { domain: domain.to_owned(), client: "192.0.2.7".to_owned(), result })
    }

    fn dmarc(result: Checked) -> Option<Dmarc> {
        Some(Dmarc { domain: "client.test".to_owned(), result, record: None })
    }

    /// What is found where everything was looked at and nothing vouches.
    fn nothing() -> Found {
        Found { spf: spf("elsewhere.test", Checked::None), dmarc: dmarc(Checked::None), ..Found::default() }
    }

    fn judged_from(from: &str, found: &Found, sealers: &[&str]) -> (Authentication, String) {
        let mail = parse(format!("{HOP}From: {from}\r\nSubject: x\r\n\r\nx").as_bytes());
        let sealers: Vec<String> = sealers.iter().map(ToString::to_string).collect();
        let verdict = by_lookup(&mail, Some(found), &Witnesses::new(&[], &sealers));
        (verdict.authentication, verdict.reason.to_string())
    }

    fn judged(found: &Found) -> (Authentication, String) {
        judged_from("Marie <marie@client.test>", found, &[])
    }

    #[test]
    fn what_was_found_is_judged_as_a_border_would_be() {
        let by = |domain: &str| vec![pass(domain)];
        let nobody = "no DMARC record, and nothing that vouches for client.test";
        for (found, authentication, reason) in [
            (
                Found { signatures: by("client.test"), dmarc: dmarc(Checked::Pass), ..nothing() },
                Passed,
                "dmarc=pass of client.test",
            ),
            (Found { dmarc: dmarc(Checked::Fail), ..nothing() }, Failed, "dmarc=fail of client.test"),
            (
                Found { dmarc: dmarc(Checked::PermError), signatures: by("client.test"), ..nothing() },
                Unverified,
                "dmarc=permerror of client.test",
            ),
            (
                Found { signatures: by("mail.client.test"), ..nothing() },
                Passed,
                "no DMARC record, and dkim=pass of mail.client.test",
            ),
            (
                Found { spf: spf("client.test", Checked::Pass), ..nothing() },
                Passed,
                "no DMARC record, and spf=pass of client.test",
            ),
            (Found { spf: spf("client.test", Checked::SoftFail), ..nothing() }, Unverified, nobody),
            (Found { signatures: by("other.test"), ..nothing() }, Unverified, nobody),
            // DMARC passes by whoever is no neighbour by the public suffix list.
            (Found { signatures: by("other.test"), dmarc: dmarc(Checked::Pass), ..nothing() }, Unverified, nobody),
        ] {
            assert_eq!(judged(&found), (authentication, reason.to_owned()), "{found:?}");
        }
        let weak = Signature { weakness: Some(Weakness::OldAlgorithm), ..pass("client.test") };
        assert_eq!(judged(&Found { signatures: vec![weak], ..nothing() }).0, Unverified);
    }

    #[test]
    fn a_pass_is_that_of_the_one_author() {
        let found = Found { signatures: vec![pass("client.test")], dmarc: dmarc(Checked::Pass), ..nothing() };
        let two = "marie@client.test, paul@client.test";
        assert_eq!(judged_from(two, &found, &[]), (Unverified, "From does not name one author".to_owned()));
        assert_eq!(judged_from("nobody", &found, &[]).0, Unverified);
        assert_eq!(judged_from("marie@other.test", &found, &[]).0, Unverified);
    }

    #[test]
    fn nothing_fails_while_something_was_not_looked_at() {
        let failed = Found { dmarc: dmarc(Checked::Fail), ..nothing() };
        let unknown = Signature { result: Checked::TempError, ..pass("client.test") };
        let silent = "name servers did not answer well in time";
        for (found, reason) in [
            (Found { spf: None, ..failed.clone() }, "no Received of the border tells whom SPF would judge"),
            (Found { is_cut: true, ..failed.clone() }, "too large for its signatures to be checked"),
            (Found { dmarc: dmarc(Checked::TempError), ..nothing() }, silent),
            (Found { signatures: vec![unknown], ..nothing() }, silent),
            (Found { spf: spf("client.test", Checked::TempError), ..nothing() }, silent),
            (Found { chain: Some(Checked::TempError), ..failed.clone() }, silent),
        ] {
            let told = judged(&found);
            assert!(told.0 == Unverified && told.1.contains(reason), "{told:?}");
        }
        // A stranger's silence says nothing of the author.
        let stranger = Signature { result: Checked::TempError, ..pass("other.test") };
        assert_eq!(judged(&Found { signatures: vec![stranger], ..failed }).0, Failed);
    }

    #[test]
    fn the_newest_sealer_vouches_and_the_one_before_it_if_both_count() {
        let list = || Seal::new("lists.test", "i=1; mx.lists.test; dmarc=pass header.from=client.test");
        let relay = |results: &str| Seal::new("relay.test", &format!("i=2; mx.relay.test; {results}"));
        let sealed = |seals: Vec<Seal>, chain| Found { seals, chain, dmarc: dmarc(Checked::Fail), ..nothing() };
        let holds = Some(Checked::Pass);
        let both: &[&str] = &["Lists.test", "relay.test"];
        for (found, sealers, passes) in [
            (sealed(vec![list()], holds), &["lists.test"][..], true),
            (sealed(vec![list()], holds), &[], false),
            (sealed(vec![list()], holds), &["test"], false),
            (sealed(vec![list()], Some(Checked::Fail)), &["lists.test"], false),
            (sealed(vec![list()], None), &["lists.test"], false),
            (sealed(vec![list(), relay("arc=pass; dmarc=fail header.from=client.test")], holds), both, true),
            (sealed(vec![list(), relay("arc=pass")], holds), &["lists.test"], false),
            (sealed(vec![list(), relay("arc=fail")], holds), both, false),
            (sealed(vec![list(), relay("dmarc=pass (x")], holds), both, false),
        ] {
            let told = judged_from("Marie <marie@client.test>", &found, sealers);
            let expected = if passes {
                (Passed, "lists.test sealed that it found dmarc=pass of client.test".to_owned())
            } else {
                (Failed, "dmarc=fail of client.test".to_owned())
            };
            assert_eq!(told, expected, "{found:?} {sealers:?}");
        }
        let found = sealed(vec![list()], holds);
        assert_eq!(
            judged_from("paul@other.test", &found, &["lists.test"]).0,
            Unverified,
            "whom the list did not judge"
        );
        let long = format!("i=1; mx.lists.test; dmarc=pass header.from=client.test; x={}", "x".repeat(5_000));
        assert_eq!(Seal::new("lists.test", &long).results, None);
    }
}
