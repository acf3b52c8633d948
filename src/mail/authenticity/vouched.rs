//! Whom the border vouches for beside the author: whoever handed the mail in, and whoever signed it.

use super::super::InboundMail;
use super::results::{self, Judgement};
use super::verdict::spf_identity;
use super::{Found, Standing, Verdict, domain};

/// The domains of the envelope sender (SPF) and of signatures (DKIM) that pass by the results that count, or by what was
/// `found` where we looked ourselves.
pub fn vouched(mail: &InboundMail, verdict: &Verdict<'_>, found: Option<&Found>) -> Vec<String> {
    // Of a login's result nothing else counts.
    let counts = |standing: Standing| standing.counts() && standing != Standing::LoginBelowHop;
    let fields = verdict.fields.iter().filter(|(_, standing)| counts(*standing)).map(|(field, _)| *field);
    let results = fields.filter_map(|field| results::read(field).or_else(|| results::read_nameless(field)));
    let sound = results.filter(|results| !results.is_damaged).flat_map(|results| results.judgements);
    let domain = |judgement: Judgement| match judgement.method.as_str() {
        "spf" => spf_identity(&judgement, &mail.return_path).map(domain::of),
        "dkim" => judgement.property("header.d").map(domain::of),
        _ => None,
    };
    let said = sound.filter(|judgement| judgement.result == "pass").filter_map(domain);
    said.chain(found.into_iter().flat_map(Found::vouched)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Border, by_header, vouched};
    use crate::mail::parse;

    #[test]
    fn who_redirected_or_signed_a_mail_is_told_by_the_border_alone() {
        let mail = |brought: &str| {
            let header = "Return-Path: <SRS0=x=Y=client.test=marie@old.test>\nAuthentication-Results: mx.desk.test; spf=pass \
                          smtp.mailfrom=old.test; dkim=fail header.d=client.test; dkim=pass header.d=sign.test; dmarc=fail \
                          header.from=client.test\nReceived: from old.test by mx.desk.test with ESMTPS id 1";
            parse(format!("{header}\n{brought}From: marie@client.test\nSubject: x\n\nx\n").as_bytes())
        };
        let brought = "Authentication-Results: mx.desk.test; spf=pass smtp.mailfrom=evil.test\n";
        for mail in [mail(""), mail(brought)] {
            let verdict = by_header(&mail, &Border::named("mx.desk.test"));
            assert_eq!(vouched(&mail, &verdict, None), ["old.test", "sign.test"]);
        }
    }
}
