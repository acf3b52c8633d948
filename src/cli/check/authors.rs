//! Whether the newest mails of a mailbox bear what authenticates their authors, as the mailbox is set.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};
use tokio::time::timeout;

use super::{Fault, Finding, LIMIT, fault, silent};
use crate::gateway::{AuthenticationBy, Watched};
use crate::imap::{Selected, Session};
use crate::mail::authenticity::{self, Border, Reason, Tenant, Verdict, Witnesses};
use crate::mail::{self, InboundMail, TraceField};
use crate::said;

/// So many mails are looked at.
const MAILS: u32 = 20;
/// No border's fields stand further down.
const HEADER_BYTES_MAX: u32 = 64 * 1024;

/// Judges the newest mails of the watched folder, or of the one for handled mail where nothing waits.
pub(super) async fn of(session: &mut Session, mailbox: &Watched) -> Finding {
    let looked = timeout(LIMIT, async {
        let selected = session.select().await?;
        let mut mails = newest(session, selected).await?;
        if let (true, Some(processed)) = (mails.is_empty(), &mailbox.processed_folder)
            // Nobody has handled a mail yet: the folder need not be there.
            && let Some(selected) = session.examine(processed).await?
        {
            mails = newest(session, selected).await?;
        }
        Ok(mails)
    });
    let mails: Vec<InboundMail> = looked.await.map_err(|_| anyhow!(silent())).flatten().map_err(|error| {
        fault(&error, said!("Look at the log of the mail server.", "Regardez le journal du serveur de courriel."))
    })?;
    judged(&mails, &mailbox.authentication)
}

async fn newest(session: &mut Session, selected: Selected) -> Result<Vec<InboundMail>> {
    let from = selected.uid_next.map_or(1, |next| next.saturating_sub(MAILS).max(1));
    let listed = session.list_from(from).await?;
    let mut mails = Vec::new();
    for message in listed.iter().rev().take(MAILS as usize) {
        mails.extend(session.fetch_header_and_text(message.uid, HEADER_BYTES_MAX).await?);
    }
    Ok(mails.iter().map(|(raw, _)| mail::parse(raw)).collect())
}

/// What these mails, newest first, tell of the mailbox's settings.
fn judged(mails: &[InboundMail], by: &AuthenticationBy) -> Finding {
    let verdicts: Vec<Verdict<'_>> = mails.iter().filter_map(|mail| by.verdict(mail, None)).collect();
    match by {
        _ if verdicts.is_empty() => {
            Ok(said!("there is no mail yet to judge by", "il n’y a pas encore de courriel pour en juger"))
        }
        AuthenticationBy::Header(border) => by_header(mails, &verdicts, border),
        AuthenticationBy::Exchange(tenant) => by_exchange(mails, &verdicts, tenant),
        AuthenticationBy::Submission(hosts) => by_login(mails, &verdicts, hosts),
        AuthenticationBy::Dns(witnesses, _) => by_dns(mails, &verdicts, witnesses),
        AuthenticationBy::Token => Ok(said!("a token of ours decides", "un de nos jetons décide")),
    }
}

fn counts(verdict: &Verdict<'_>) -> bool {
    verdict.fields.iter().any(|(_, standing)| standing.counts())
}

fn by_exchange(mails: &[InboundMail], verdicts: &[Verdict<'_>], tenant: &Tenant) -> Finding {
    let (count, is_told) =
        (mails.len(), |verdict: &&Verdict<'_>| counts(verdict) || verdict.reason == Reason::Internal);
    let bear = verdicts.iter().filter(is_told).count();
    if let Some(Verdict { reason, .. }) = verdicts.iter().find(is_told) {
        return Ok(said!(
            "{bear} of the {count} newest mails bear what Exchange Online found, such as {reason}",
            "{bear} des {count} courriels les plus récents portent ce qu’Exchange Online a trouvé, comme {reason}"
        ));
    }
    let (hosts, came_by) = (listed(tenant.hosts()), mails.first().map(receivers).unwrap_or_default());
    let named = mails.iter().find_map(signed_by);
    Err(Fault {
        problem: said!(
            "no result of Exchange Online counts in the {count} newest mails",
            "aucun résultat d’Exchange Online ne compte dans les {count} courriels les plus récents"
        ),
        remedy: match named {
            Some(name) => said!(
                "Write authentication = \"header\" and authserv_id = \"{name}\" if that is your own server.",
                "Écrivez authentication = \"header\" et authserv_id = \"{name}\" si c’est bien votre serveur."
            ),
            None => said!(
                "Name in border the servers, or their domain, that take your mail in if they are not of {hosts}; the newest mail came by {}.",
                "Nommez dans border les serveurs, ou leur domaine, qui reçoivent votre courriel s’ils ne sont pas de {hosts}; le courriel le plus récent est passé par {}.",
                listed(&came_by)
            ),
        },
    })
}

fn by_login(mails: &[InboundMail], verdicts: &[Verdict<'_>], hosts: &[String]) -> Finding {
    let (count, hosts) = (mails.len(), listed(hosts));
    let names = |verdict: &&Verdict<'_>| matches!(verdict.reason, Reason::Login { .. } | Reason::OtherLogin { .. });
    let bear = verdicts.iter().filter(names).count();
    if let Some(Verdict { reason, .. }) = verdicts.iter().find(names) {
        return Ok(said!(
            "{bear} of the {count} newest mails tell who logged in, such as {reason}",
            "{bear} des {count} courriels les plus récents disent qui s’est identifié, comme {reason}"
        ));
    }
    if verdicts.iter().any(|verdict| verdict.reason == Reason::UnnamedLogin) {
        return Err(Fault {
            problem: said!(
                "the Received of {hosts} does not say who logged in",
                "le Received de {hosts} ne dit pas qui s’est identifié"
            ),
            remedy: said!(
                "Write smtpd_sasl_authenticated_header = yes into Postfix's main.cf, and let logins be whole addresses.",
                "Écrivez smtpd_sasl_authenticated_header = yes dans le main.cf de Postfix, et que les identifiants soient des adresses entières."
            ),
        });
    }
    if verdicts.iter().any(|verdict| verdict.hop.is_some()) {
        return Ok(said!(
            "nobody logged in at {hosts} to send one of the {count} newest mails: send one to try it",
            "personne ne s’est identifié à {hosts} pour envoyer l’un des {count} courriels les plus récents\u{a0}: envoyez-en un pour essayer"
        ));
    }
    let came_by = mails.first().map(receivers).unwrap_or_default();
    Err(Fault {
        problem: said!("no Received is by {hosts} with SMTP", "aucun Received n’est par {hosts} avec SMTP"),
        remedy: said!(
            "Name your server as its own Received does in border; the newest mail came by {}.",
            "Nommez dans border votre serveur comme le fait son propre Received; le courriel le plus récent est passé par {}.",
            listed(&came_by)
        ),
    })
}

/// What the mails tell beside name servers: who handed them in, for SPF.
fn by_dns(mails: &[InboundMail], verdicts: &[Verdict<'_>], witnesses: &Witnesses) -> Finding {
    let (count, came_by) = (mails.len(), listed(&mails.first().map(receivers).unwrap_or_default()));
    let told = mails.iter().filter(|mail| witnesses.peer(mail).is_some()).count();
    if witnesses.hosts().is_empty() {
        return Ok(said!(
            "no border is named, so that signatures alone (DKIM) vouch for anybody; the newest mail came by {came_by}",
            "aucun border n’est nommé, seules les signatures (DKIM) répondent de quelqu’un; le courriel le plus récent est passé par {came_by}"
        ));
    }
    if told > 0 || verdicts.iter().any(|verdict| verdict.hop.is_some()) {
        return Ok(said!(
            "{told} of the {count} newest mails tell whom SPF judges",
            "{told} des {count} courriels les plus récents disent qui SPF juge"
        ));
    }
    let hosts = listed(witnesses.hosts());
    Err(Fault {
        problem: said!("no Received is by {hosts} with SMTP", "aucun Received n’est par {hosts} avec SMTP"),
        remedy: said!(
            "Name your server as its own Received does in border; the newest mail came by {came_by}.",
            "Nommez dans border votre serveur comme le fait son propre Received; le courriel le plus récent est passé par {came_by}."
        ),
    })
}

fn by_header(mails: &[InboundMail], verdicts: &[Verdict<'_>], border: &Border) -> Finding {
    let (bear, count) = (verdicts.iter().filter(|verdict| counts(verdict)).count(), mails.len());
    let Some(believed) = verdicts.iter().find(|verdict| counts(verdict)) else {
        return Err(unbelieved(mails, &verdicts[0], border));
    };
    let unheard =
        mails.iter().zip(verdicts).filter(|(_, verdict)| !counts(verdict)).filter_map(|(mail, _)| signed_by(mail));
    let others: BTreeSet<String> = unheard.filter(|id| !border.authserv_ids().contains(id)).collect();
    if others.is_empty() {
        let reason = &believed.reason;
        return Ok(said!(
            "{bear} of the {count} newest mails bear results that count, such as {reason}",
            "{bear} des {count} courriels les plus récents portent des résultats qui comptent, comme {reason}"
        ));
    }
    let all: BTreeSet<String> = border.authserv_ids().iter().cloned().chain(others.iter().cloned()).collect();
    let (ours, others) = (listed(border.authserv_ids()), listed(&others));
    Err(Fault {
        problem: said!(
            "{bear} of the {count} newest mails bear results of {ours}, others those of {others}, which are not believed",
            "{bear} des {count} courriels les plus récents portent des résultats de {ours}, d’autres ceux de {others}, qui ne sont pas crus"
        ),
        remedy: said!(
            "Write authserv_id = {} if all of these servers are yours.",
            "Écrivez authserv_id = {} si tous ces serveurs sont à vous.",
            in_toml(&all)
        ),
    })
}

/// Why no mail is believed, shown on the newest.
fn unbelieved(mails: &[InboundMail], verdict: &Verdict<'_>, border: &Border) -> Fault {
    let (count, ours) = (mails.len(), listed(border.authserv_ids()));
    let none = said!(
        "no Authentication-Results of {ours} counts in the {count} newest mails",
        "aucun Authentication-Results de {ours} ne compte dans les {count} courriels les plus récents"
    );
    let ids: Vec<String> = verdict.fields.iter().filter_map(|(field, _)| authenticity::authserv_id(field)).collect();
    if ids.iter().any(|id| border.authserv_ids().contains(id)) {
        return misplaced(&none, mails.first(), verdict, border);
    }
    let mut carried: BTreeSet<String> = mails.iter().filter_map(signed_by).collect();
    if carried.is_empty() {
        carried.extend(ids.into_iter().next());
    }
    if carried.is_empty() {
        return Fault {
            problem: said!("{none}; they bear none at all", "{none}; ils n’en portent aucun"),
            remedy: said!(
                "Your mail server adds none: let it check SPF, DKIM and DMARC and write down what it finds, as docs/own-server.md says.",
                "Votre serveur de courriel n’en ajoute pas\u{a0}: faites-lui vérifier SPF, DKIM et DMARC et noter ce qu’il trouve, comme le dit docs/own-server.md."
            ),
        };
    }
    let seen = listed(&carried);
    Fault {
        problem: said!("{none}; they carry those of {seen}", "{none}; ils portent ceux de {seen}"),
        remedy: said!(
            "Write authserv_id = {} if that is your own server.",
            "Écrivez authserv_id = {} si c’est bien votre serveur.",
            in_toml(&carried)
        ),
    }
}

/// The results have the right name, and stand where a mail could have brought them along.
fn misplaced(none: &str, mail: Option<&InboundMail>, verdict: &Verdict<'_>, border: &Border) -> Fault {
    if verdict.hop.is_some() {
        return Fault {
            problem: said!(
                "{none}: it stands below the Received of that server, where a mail may bring it along",
                "{none}\u{a0}: il se trouve sous le Received de ce serveur, où un courriel peut l’avoir apporté"
            ),
            remedy: said!(
                "Write results = \"below\" if your filter writes there, as rspamd does.",
                "Écrivez results = \"below\" si votre filtre écrit à cet endroit, comme le fait rspamd."
            ),
        };
    }
    let hosts = listed(border.hosts());
    let came_by = mail.map(receivers).unwrap_or_default();
    Fault {
        problem: said!(
            "{none}: no Received is by {hosts} with SMTP",
            "{none}\u{a0}: aucun Received n’est par {hosts} avec SMTP"
        ),
        remedy: said!(
            "Name your server as its own Received does in border; the newest mail came by {}.",
            "Nommez dans border votre serveur comme le fait son propre Received; le courriel le plus récent est passé par {}.",
            listed(&came_by)
        ),
    }
}

/// Whose results the server that took the mail in has written: above every Received, or right below its own.
fn signed_by(mail: &InboundMail) -> Option<String> {
    let mut trace = mail.trace.iter().filter(|field| !matches!(field, TraceField::ExchangeAuthAs(_)));
    match trace.next()? {
        TraceField::AuthenticationResults(field) => authenticity::authserv_id(field),
        TraceField::Received(hop) => match trace.next()? {
            TraceField::AuthenticationResults(field) => {
                authenticity::authserv_id(field).filter(|id| authenticity::receiver(hop).as_ref() == Some(id))
            }
            TraceField::Received(_) | TraceField::ExchangeAuthAs(_) => None,
        },
        TraceField::ExchangeAuthAs(_) => None,
    }
}

/// As the configuration takes it: one name, or a list.
fn in_toml(names: &BTreeSet<String>) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    if let [one] = &quoted[..] { one.clone() } else { format!("[{}]", quoted.join(", ")) }
}

fn receivers(mail: &InboundMail) -> Vec<String> {
    let receiver = |field: &TraceField| match field {
        TraceField::Received(value) => authenticity::receiver(value),
        TraceField::AuthenticationResults(_) | TraceField::ExchangeAuthAs(_) => None,
    };
    mail.trace.iter().filter_map(receiver).take(5).collect()
}

fn listed<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    if names.is_empty() { said!("nobody", "personne") } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::Settings;

    fn told(header: &str) -> String {
        let mail = mail::parse(format!("{header}From: marie@client.test\nSubject: x\n\nx\n").as_bytes());
        match judged(&[mail], &border()) {
            Ok(found) => found,
            Err(Fault { problem, remedy }) => format!("{problem} / {remedy}"),
        }
    }

    fn border() -> AuthenticationBy {
        AuthenticationBy::Header(Border::named("mx.desk.test"))
    }

    const RESULTS: &str = "Authentication-Results: mx.desk.test; dmarc=pass header.from=client.test\n";

    #[test]
    fn a_mailbox_that_can_be_believed_says_by_what() {
        let told = told(&format!("{RESULTS}Received: by mx.desk.test with ESMTP\n"));
        assert_eq!(told, "1 of the 1 newest mails bear results that count, such as dmarc=pass of client.test");
        assert!(judged(&[], &border()).is_ok());
    }

    #[test]
    fn a_setting_that_believes_nobody_is_told_with_the_one_that_would() {
        let below = told(&format!("Received: by mx.desk.test with ESMTP\n{RESULTS}"));
        assert!(below.contains("Write results = \"below\""), "{below}");
        let elsewhere = told(&format!(
            "Received: from mx1 by mx1.desk.test with LMTP\n{RESULTS}Received: by mx1.desk.test with SMTP\n"
        ));
        assert!(elsewhere.contains("no Received is by mx.desk.test") && elsewhere.contains("came by mx1.desk.test"));
        let other = told("Authentication-Results: desk.test; dmarc=pass\nReceived: by mx.desk.test with ESMTP\n");
        assert!(other.contains("they carry those of desk.test / Write authserv_id = \"desk.test\""), "{other}");
        let none = told("Received: by mx.desk.test with ESMTP\n");
        assert!(none.contains("bear none at all / Your mail server adds none"), "{none}");
    }

    #[test]
    fn each_way_of_knowing_authors_tells_what_it_misses() {
        let told = |by: &AuthenticationBy, header: &str| {
            let mail = mail::parse(format!("{header}From: marie@client.test\n\nx\n").as_bytes());
            match judged(&[mail], by) {
                Ok(found) => found,
                Err(Fault { problem, remedy }) => format!("{problem} / {remedy}"),
            }
        };
        let exchange = AuthenticationBy::Exchange(Tenant::of(&["client.test".to_owned()]));
        let internal = told(&exchange, "X-MS-Exchange-Organization-AuthAs: Internal\n");
        assert!(internal.ends_with("such as Exchange took the author for one of its own"), "{internal}");
        let other = told(&exchange, &format!("{RESULTS}Received: by mx.desk.test with ESMTP\n"));
        assert!(other.contains("authserv_id = \"mx.desk.test\" if that is your own"), "{other}");
        let elsewhere = told(&exchange, "Received: by filter.test with ESMTP\n");
        assert!(
            elsewhere.contains("if they are not of mail.protection.outlook.com; the newest mail came by filter.test")
        );

        let dns = |hosts: &[&str]| {
            let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
            let settings = Settings { servers: Vec::new(), deadline: Settings::DEADLINE };
            AuthenticationBy::Dns(Witnesses::new(&hosts, &[]), settings)
        };
        let client = "Return-Path: <a@a.test>\nReceived: from a.test (a.test [192.0.2.7]) by mx.desk.test with ESMTP\n";
        assert_eq!(told(&dns(&["mx.desk.test"]), client), "1 of the 1 newest mails tell whom SPF judges");
        assert!(told(&dns(&[]), client).contains("no border is named"));
        assert!(told(&dns(&["mx.other.test"]), client).contains("the newest mail came by mx.desk.test"));
        let submission = AuthenticationBy::Submission(vec!["mx.desk.test".to_owned()]);
        let hop = |who: &str, with: &str| format!("Received: from laptop {who} by mx.desk.test with {with} id 1\n");
        let named = told(&submission, &hop("(Authenticated sender: marie@client.test)", "ESMTPSA"));
        assert!(named.ends_with("such as marie@client.test logged in"), "{named}");
        assert!(told(&submission, &hop("", "ESMTPSA")).contains("smtpd_sasl_authenticated_header = yes"));
        assert!(told(&submission, &hop("", "ESMTPS")).contains("send one to try it"));
        assert!(told(&submission, "Received: by mx2.desk.test with ESMTP\n").contains("came by mx2.desk.test"));
    }

    #[test]
    fn results_that_a_mail_brought_along_are_nobodys_second_server() {
        let parse = |header: &str| mail::parse(format!("{header}From: marie@client.test\n\nx\n").as_bytes());
        let ours = parse(&format!("{RESULTS}Received: by mx.desk.test with ESMTP\n"));
        let brought = parse(
            "Received: by mx.desk.test with ESMTP\nReceived: by evil.test with ESMTP\n\
             Authentication-Results: evil.test; dmarc=pass header.from=client.test\n",
        );
        let second =
            parse("Authentication-Results: mx2.desk.test; dmarc=pass\nReceived: by mx2.desk.test with ESMTP\n");
        assert!(judged(&[ours.clone(), brought.clone()], &border()).is_ok());
        let fault = judged(&[ours, brought, second], &border()).err().unwrap();
        assert!(fault.remedy.contains(r#"authserv_id = ["mx.desk.test", "mx2.desk.test"]"#), "{}", fault.remedy);
    }
}
