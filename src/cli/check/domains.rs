//! What the public DNS says of each desk's domain: where its mail goes (MX), and who may send in its name (SPF, DMARC).

use std::collections::BTreeSet;

use super::dkim::settings;
use super::{Fault, Finding, Line};
use crate::config::Config;
use crate::dns::{Resolvers, Settings, Unanswered};
use crate::gateway::AuthenticationBy;
use crate::said;

/// Names that no public name server knows (RFC 2606, RFC 6761, RFC 6762, RFC 9476), or that are used inside alone.
const INSIDE: [&str; 10] =
    ["test", "example", "invalid", "localhost", "local", "internal", "lan", "home", "corp", "alt"];

/// A line for each domain; none in a closed network, which has no name servers to ask.
pub(super) async fn of(config: &Config) -> Vec<Line> {
    if config.authentications().all(|(_, by)| matches!(by, AuthenticationBy::Token)) {
        return Vec::new();
    }
    let desks = config.policy.desks.iter().flat_map(|desk| desk.addresses.iter());
    let domains: BTreeSet<String> = desks.map(|address| address.domain().to_lowercase()).collect();
    let (resolvers, settings) = (Resolvers::default(), settings(config));
    let line = async |domain: &String| match judged(&resolvers, &settings, domain).await {
        Ok(finding) => Line::new(said!("domain {domain}", "domaine {domain}"), finding),
        Err(why) => {
            Line::untried(said!("MX, SPF and DMARC of {domain}: {why}", "MX, SPF et DMARC de {domain}\u{a0}: {why}"))
        }
    };
    futures_util::future::join_all(domains.iter().map(line)).await
}

/// What was found; an error says why nothing could be asked.
async fn judged(resolvers: &Resolvers, settings: &Settings, domain: &str) -> Result<Finding, String> {
    if domain.rsplit('.').next().is_some_and(|last| INSIDE.contains(&last)) || !domain.contains('.') {
        return Err(said!("the public DNS has no such names", "le DNS public n’a pas de tels noms"));
    }
    let asked = futures_util::try_join!(
        resolvers.exchanges_of(settings, domain),
        resolvers.texts_of(settings, domain),
        resolvers.dmarc_of(settings, domain),
    );
    let (mut exchanges, texts, dmarc) = match asked {
        Ok(answers) => answers,
        Err(unanswered) => return Err(not_tried(&unanswered)),
    };
    // RFC 7505 §3: it takes no mail.
    exchanges.retain(|exchange| exchange != ".");
    if exchanges.is_empty() {
        return Ok(Err(Fault {
            problem: said!(
                "it has no MX record: people's mail arrives only if a host of this very name takes it",
                "il n’a pas d’enregistrement MX\u{a0}: le courriel des gens n’arrive que si un hôte de ce nom même le prend"
            ),
            remedy: said!(
                "Publish `{domain}. IN MX 10 SERVER.`, with the name of the server that takes its mail.",
                "Publiez `{domain}. IN MX 10 SERVEUR.`, avec le nom du serveur qui prend son courriel."
            ),
        }));
    }
    if let Err(fault) = spf(domain, &texts) {
        return Ok(Err(fault));
    }
    let exchanges = exchanges.join(", ");
    Ok(Ok(match dmarc.record {
        Some(record) => {
            said!("MX {exchanges}; SPF; DMARC asks for {}", "MX {exchanges}; SPF; DMARC demande {}", record.policy)
        }
        None => said!(
            "MX {exchanges}; SPF; no DMARC record: anybody may write in its name. Publish `_dmarc.{domain}. IN TXT \"v=DMARC1; p=none; rua=mailto:postmaster@{domain}\"`",
            "MX {exchanges}; SPF; pas d’enregistrement DMARC\u{a0}: n’importe qui peut écrire en son nom. Publiez `_dmarc.{domain}. IN TXT \"v=DMARC1; p=none; rua=mailto:postmaster@{domain}\"`"
        ),
    }))
}

/// RFC 7208 §4.5: exactly one record.
fn spf(domain: &str, texts: &[Vec<u8>]) -> Result<(), Fault> {
    let is_spf = |text: &&Vec<u8>| text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"v=spf1"));
    match texts.iter().filter(is_spf).count() {
        1 => Ok(()),
        0 => Err(Fault {
            problem: said!(
                "it has no SPF record: other servers put its letters among junk, or refuse them",
                "il n’a pas d’enregistrement SPF\u{a0}: d’autres serveurs mettent ses lettres parmi les indésirables, ou les refusent"
            ),
            remedy: said!(
                "Publish what your relay's operator says, such as `{domain}. IN TXT \"v=spf1 mx -all\"`",
                "Publiez ce que dit l’exploitant de votre relais, comme `{domain}. IN TXT \"v=spf1 mx -all\"`"
            ),
        }),
        several => Err(Fault {
            problem: said!(
                "it has {several} SPF records, and so none counts (RFC 7208 §4.5)",
                "il a {several} enregistrements SPF, et aucun ne compte donc (RFC 7208 §4.5)"
            ),
            remedy: said!("Make one of them.", "Faites-en un seul."),
        }),
    }
}

fn not_tried(unanswered: &Unanswered) -> String {
    said!("name servers do not answer ({unanswered})", "les serveurs de noms ne répondent pas ({unanswered})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spf_record_counts_and_neither_none_nor_two_do() {
        let texts = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
        let problem = |found: &[&str]| spf("bureau.test", &texts(found)).err().map(|fault| fault.problem);
        assert_eq!(problem(&["google-site-verification=x", "V=SPF1 mx -all"]), None);
        assert!(problem(&["verification"]).unwrap().contains("no SPF record"));
        assert!(problem(&["v=spf1 mx -all", "v=spf1 a -all"]).unwrap().contains("2 SPF records"));
    }
}
