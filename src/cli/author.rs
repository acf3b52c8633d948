//! Who wrote a mail, as far as known, for a person at a terminal.

use crate::desk::{Handed, Named, Proof};
use crate::locale;
use crate::mail::Authentication;
use crate::mail::authenticity::{Dmarc, Found, Missing, Reason, Seal, Signature, Spf, Weakness};
use crate::said;

/// What is known, and by what: `passed: dmarc=pass of client.test`.
pub(super) fn author(proof: &Proof) -> String {
    let known = match (proof, proof.authentication()) {
        // Whether the mail bore one was found later.
        (Proof::Token, _) => return said!("by token", "par jeton"),
        (_, Authentication::Passed) => said!("passed", "authentifié"),
        (_, Authentication::Failed) => said!("failed", "démenti"),
        (_, Authentication::Unverified) => said!("unverified", "non vérifié"),
    };
    let why = if locale::is_french() { in_french(proof) } else { proof.to_string() };
    said!("{known}: {why}", "{known}\u{a0}: {why}")
}

/// What was found by asking name servers, a line each, in the words that mail has for it (RFC 8601).
pub(super) fn evidence(found: &Found) -> Vec<String> {
    let mut lines = Vec::new();
    if found.is_cut {
        lines.push(said!(
            "too large to be taken in whole: no signature was checked",
            "trop grand pour être reçu en entier\u{a0}: aucune signature vérifiée"
        ));
    }
    for signature in &found.signatures {
        let Signature { domain, selector, algorithm, result, why, weakness } = signature;
        let why = why.iter().map(String::as_str).chain(weakness.map(Weakness::word)).collect::<Vec<_>>().join(", ");
        let why = if why.is_empty() { why } else { format!(" ({why})") };
        lines.push(format!("dkim={} header.d={domain} header.s={selector} header.a={algorithm}{why}", result.word()));
    }
    lines.push(match &found.spf {
        Some(Spf { domain, client, result }) => format!("spf={} smtp.mailfrom={domain} ip={client}", result.word()),
        None => said!(
            "spf not looked at: no Received of the border tells who handed the mail in",
            "spf non vérifié\u{a0}: aucun Received de la frontière ne dit qui a remis le courriel"
        ),
    });
    if let Some(Dmarc { domain, result, record }) = &found.dmarc {
        let record = record.as_ref().map(|record| {
            let strict = |is_strict| if is_strict { "s" } else { "r" };
            let (at, policy) = (&record.at, &record.policy);
            let (dkim, spf) = (strict(record.strict_dkim), strict(record.strict_spf));
            format!(" (_dmarc.{at}: {policy}, adkim={dkim} aspf={spf})")
        });
        lines.push(format!("dmarc={} header.from={domain}{}", result.word(), record.unwrap_or_default()));
    }
    for Seal { sealer, results } in &found.seals {
        lines.push(format!("arc {sealer}: {}", results.as_deref().unwrap_or("?")));
    }
    lines.extend(found.chain.map(|chain| format!("arc={}", chain.word())));
    lines
}

fn in_french(proof: &Proof) -> String {
    match proof {
        Proof::Header(judged) | Proof::Exchange(judged) | Proof::Submission(judged) => reason_in_french(&judged.reason),
        Proof::Dns(looked) => reason_in_french(&looked.judged.reason),
        Proof::Token => "un de nos jetons décide".to_owned(),
        Proof::Form(Handed { name, author, own }) => {
            let named = match author {
                Named::Somebody => "nomme le demandeur",
                Named::Nobody => "ne nomme aucun demandeur lisible",
                Named::Ours => "nomme l’un des nôtres comme demandeur",
            };
            format!("le formulaire {name} {named}; son propre courriel\u{a0}: {}", in_french(own))
        }
        Proof::List(Handed { name, author, own }) => {
            let named = match author {
                Named::Somebody => "nomme l’auteur",
                Named::Nobody | Named::Ours => "ne nomme aucun auteur qui compte",
            };
            format!("la liste {name} {named}; son propre courriel\u{a0}: {}", in_french(own))
        }
        Proof::Redirected(Handed { name, own, .. }) => {
            format!("réacheminé par {name}, ce qui casse {}", in_french(own))
        }
        Proof::Challenge => "a répondu à la demande de confirmation".to_owned(),
        Proof::Release => "quelqu’un d’ici en répond".to_owned(),
        Proof::Nothing => "sa boîte n’est pas dans la configuration".to_owned(),
    }
}

fn reason_in_french(reason: &Reason) -> String {
    match reason {
        Reason::NoResults => "aucun résultat de la frontière ne compte".to_owned(),
        Reason::AuthorInDoubt => "From ne nomme pas un seul auteur".to_owned(),
        Reason::Damaged => "le résultat de la frontière n’a pas de fin".to_owned(),
        Reason::OddSender => "l’expéditeur a pu écrire des résultats".to_owned(),
        Reason::Dmarc { result, domain } => format!("dmarc={result} de {domain}"),
        Reason::OtherAuthor { domain } => format!("DMARC a jugé {domain}, qui n’est pas l’auteur"),
        Reason::Login { account } => format!("session de {account}"),
        Reason::OtherLogin { account } => format!("session de {account}, qui n’est pas l’auteur"),
        Reason::NoLogin => "personne ne s’est identifié à la frontière".to_owned(),
        Reason::UnnamedLogin => "une session que le Received de la frontière ne nomme pas".to_owned(),
        Reason::Internal => "Exchange tient l’auteur pour l’un des siens".to_owned(),
        Reason::Sealed { sealer, result } => format!("{sealer} scelle qu’il a trouvé {result}"),
        Reason::Missing { missing: Missing::Answer, domain } => {
            format!("les serveurs de noms n’ont pas bien répondu à temps sur {domain}")
        }
        Reason::Missing { missing: Missing::Text, domain } => {
            format!("trop grand pour vérifier ses signatures, et rien d’autre ne répond de {domain}")
        }
        Reason::Missing { missing: Missing::Client, domain } => {
            format!("aucune signature ne répond de {domain}, et aucun Received de la frontière ne dit qui SPF jugerait")
        }
        Reason::NotLookedUp => "rien ne dépend de son auteur, rien n’a été demandé".to_owned(),
        Reason::Vouched { method, domain } => format!("sans DMARC, {method}=pass de {domain}"),
        Reason::NobodyVouches { domain } => format!("sans DMARC, et rien ne répond de {domain}"),
    }
}
