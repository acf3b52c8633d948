//! Whether the name servers that a mailbox goes by answer, tried on the desk's own domain.

use super::{Fault, Finding};
use crate::config::Config;
use crate::dns::{Resolvers, Settings};
use crate::said;

pub(super) async fn of(config: &Config, settings: &Settings) -> Finding {
    let domain = config.policy.desks.first().addresses.first().domain().to_lowercase();
    let servers: Vec<String> = settings.servers.iter().map(ToString::to_string).collect();
    let servers = if servers.is_empty() { "/etc/resolv.conf".to_owned() } else { servers.join(", ") };
    match Resolvers::default().dmarc_of(settings, &domain).await {
        Ok(dmarc) => Ok(match dmarc.record {
            Some(record) => {
                let (at, policy) = (record.at, record.policy);
                said!(
                    "by {servers} the DMARC record of {domain} stands at {at} and asks for {policy}",
                    "selon {servers}, l’enregistrement DMARC de {domain} se trouve à {at} et demande {policy}"
                )
            }
            None => said!(
                "by {servers} {domain} has no DMARC record: anybody may write in its name, and should not",
                "selon {servers}, {domain} n’a pas d’enregistrement DMARC\u{a0}: n’importe qui peut écrire en son nom, et ne devrait pas"
            ),
        }),
        Err(unanswered) => Err(Fault {
            problem: said!(
                "no good answer of {servers} about {domain}: {unanswered}",
                "pas de bonne réponse de {servers} sur {domain}\u{a0}: {unanswered}"
            ),
            remedy: said!(
                "Name servers that this machine reaches by UDP and TCP, such as resolvers = [\"192.0.2.53\"], or open the way to them.",
                "Nommez des serveurs que cette machine atteint par UDP et TCP, comme resolvers = [\"192.0.2.53\"], ou ouvrez-leur le chemin."
            ),
        }),
    }
}
