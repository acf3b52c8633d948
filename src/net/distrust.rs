//! Why a certificate is not believed, and what to do about it, in words.

use super::certificate::Distrust;
use super::{Protocol, Server};
use crate::said;

impl Distrust {
    /// What is wrong with the certificate that was shown at this place, in one sentence without a stop.
    pub(super) fn cause(&self, at: &str, host: &str) -> String {
        match self {
            Distrust::OtherName(names) if names.is_empty() => said!(
                "the certificate of {at} holds no host's name (subjectAltName)",
                "le certificat de {at} ne porte aucun nom d’hôte (subjectAltName)"
            ),
            Distrust::OtherName(names) => {
                let names = names.join(", ");
                said!(
                    "the certificate of {at} is for {names} and not for {host}",
                    "le certificat de {at} est pour {names} et non pour {host}"
                )
            }
            Distrust::UnknownAuthority(authority) => said!(
                "the certificate of {at} is signed by {authority}, whom nobody trusts here",
                "le certificat de {at} est signé par {authority}, que personne ne reconnaît ici"
            ),
            Distrust::SelfSigned => {
                said!("the certificate of {at} is signed by itself", "le certificat de {at} est signé par lui-même")
            }
            Distrust::Expired(Some(since)) => {
                let day = since.strftime("%Y-%m-%d");
                said!("the certificate of {at} expired on {day}", "le certificat de {at} a expiré le {day}")
            }
            Distrust::Expired(None) => said!("the certificate of {at} has expired", "le certificat de {at} a expiré"),
            Distrust::NotYet(Some(from)) => {
                let day = from.strftime("%Y-%m-%d");
                said!(
                    "the certificate of {at} is not valid before {day}",
                    "le certificat de {at} n’est pas valide avant le {day}"
                )
            }
            Distrust::NotYet(None) => {
                said!("the certificate of {at} is not valid yet", "le certificat de {at} n’est pas encore valide")
            }
            Distrust::IsAuthority => said!(
                "the certificate of {at} is that of an authority (CA:TRUE)",
                "le certificat de {at} est celui d’une autorité (CA:TRUE)"
            ),
            Distrust::Revoked => said!("the certificate of {at} was revoked", "le certificat de {at} a été révoqué"),
            Distrust::NotForServers => {
                said!(
                    "the certificate of {at} is not made for servers",
                    "le certificat de {at} n’est pas fait pour un serveur"
                )
            }
            Distrust::Weak => said!(
                "the certificate of {at} is signed in a way that is not safe",
                "le certificat de {at} est signé d’une façon qui n’est pas sûre"
            ),
            Distrust::Unreadable => {
                said!("the certificate of {at} cannot be read", "le certificat de {at} ne peut être lu")
            }
        }
    }

    /// What to do about it: whole sentences.
    pub(super) fn remedy(&self, server: &Server) -> String {
        let (section, host) = (server.protocol.section(), &server.host);
        match self {
            Distrust::OtherName(names) if names.is_empty() => said!(
                "Have a certificate made whose subjectAltName holds {host}.",
                "Faites faire un certificat dont subjectAltName porte {host}."
            ),
            Distrust::OtherName(_) if matches!(server.protocol, Protocol::Http(_)) => said!(
                "Write the address in {section} with one of these names, or have a certificate made for {host}.",
                "Écrivez l’adresse dans {section} avec un de ces noms, ou faites faire un certificat pour {host}."
            ),
            Distrust::OtherName(_) => said!(
                "Write one of these names as host in {section}, or have a certificate made for {host}.",
                "Écrivez un de ces noms comme host dans {section}, ou faites faire un certificat pour {host}."
            ),
            Distrust::UnknownAuthority(_) => match &server.ca_file {
                Some(path) => {
                    let path = path.display();
                    said!(
                        "Put that authority's certificate (PEM) into ca_file of {section}, which is {path} now; where it is a public one, have the server send its whole chain.",
                        "Mettez le certificat de cette autorité (PEM) dans ca_file de {section}, qui est {path}; si elle est publique, faites envoyer au serveur toute sa chaîne."
                    )
                }
                None => said!(
                    "Put that authority's certificate (PEM) into a file and name it as ca_file in {section}; where it is a public one, have the server send its whole chain.",
                    "Mettez le certificat de cette autorité (PEM) dans un fichier et nommez-le ca_file dans {section}; si elle est publique, faites envoyer au serveur toute sa chaîne."
                ),
            },
            Distrust::SelfSigned => said!(
                "Where the server is yours, put that certificate (PEM) into a file and name it as ca_file in {section}.",
                "Si le serveur est à vous, mettez ce certificat (PEM) dans un fichier et nommez-le ca_file dans {section}."
            ),
            Distrust::Expired(_) => said!(
                "Have it renewed and the server restarted; where it is not so old, set this machine's clock by NTP.",
                "Faites-le renouveler et redémarrer le serveur; s’il n’est pas si vieux, mettez l’horloge de cette machine à l’heure par NTP."
            ),
            Distrust::NotYet(_) => said!(
                "Set the clocks of this machine and of the server by NTP, or have another certificate made.",
                "Mettez les horloges de cette machine et du serveur à l’heure par NTP, ou faites faire un autre certificat."
            ),
            Distrust::IsAuthority => said!(
                "Make the server a certificate without CA:TRUE, or sign one with it and name the authority's as ca_file in {section}.",
                "Faites au serveur un certificat sans CA:TRUE, ou signez-en un avec lui et nommez celui de l’autorité ca_file dans {section}."
            ),
            Distrust::Revoked | Distrust::NotForServers | Distrust::Weak | Distrust::Unreadable => said!(
                "Have another certificate made for the server.",
                "Faites faire un autre certificat pour le serveur."
            ),
        }
    }
}
