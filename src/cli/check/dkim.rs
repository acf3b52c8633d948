//! Whether the names of a domain publish the keys that sign its letters.

use super::{Fault, Finding, Line};
use crate::config::Config;
use crate::dkim::{Key, Signer, zone_text};
use crate::dns::{self, Resolvers};
use crate::gateway::AuthenticationBy;
use crate::said;

/// A line for each key.
pub(super) async fn of(config: &Config, signer: &Signer) -> Vec<Line> {
    let resolvers = Resolvers::default();
    let settings = settings(config);
    let line = async |key: &Key| {
        let name = format!("{}._domainkey.{}", key.selector(), signer.domain);
        let finding = published(&resolvers, &settings, &name, key).await;
        Line::new(said!("DKIM key {name}", "clé DKIM {name}"), finding)
    };
    futures_util::future::join_all(signer.keys.iter().map(line)).await
}

/// The servers that a mailbox goes by, else those of the system.
pub(super) fn settings(config: &Config) -> dns::Settings {
    let mut by_dns = config.authentications().filter_map(|(_, authentication)| match authentication {
        AuthenticationBy::Dns(_, settings) => Some(settings.clone()),
        AuthenticationBy::Header(_)
        | AuthenticationBy::Exchange(_)
        | AuthenticationBy::Submission(_)
        | AuthenticationBy::Token => None,
    });
    by_dns.next().unwrap_or(dns::Settings { servers: Vec::new(), deadline: dns::Settings::DEADLINE })
}

async fn published(resolvers: &Resolvers, settings: &dns::Settings, name: &str, key: &Key) -> Finding {
    let texts = resolvers.texts_of(settings, name).await.map_err(|unanswered| Fault {
        problem: said!(
            "no good answer of name servers: {unanswered}",
            "pas de bonne réponse des serveurs de noms\u{a0}: {unanswered}"
        ),
        remedy: said!(
            "Look whether this machine reaches its name servers; letters are signed nevertheless.",
            "Vérifiez si cette machine atteint ses serveurs de noms; les lettres sont signées malgré tout."
        ),
    })?;
    let publish = |what: String| {
        let text = zone_text(&key.record());
        Fault {
            problem: what,
            remedy: said!(
                "Publish, and nothing else at this name: {name}. IN TXT ( {text} )",
                "Publiez, et rien d’autre à ce nom\u{a0}: {name}. IN TXT ( {text} )"
            ),
        }
    };
    match &texts[..] {
        [] => Err(publish(said!(
            "nothing is published, and so nobody can check the signature",
            "rien n’est publié, et personne ne peut vérifier la signature"
        ))),
        [text] if key.is_published_by(text) => {
            Ok(said!("the key that signs is published", "la clé qui signe est publiée"))
        }
        [_] => Err(publish(said!(
            "another key is published than the one that signs",
            "une autre clé que celle qui signe est publiée"
        ))),
        several => Err(publish(said!(
            "{} texts are published where one counts",
            "{} textes sont publiés là où un seul compte",
            several.len()
        ))),
    }
}
