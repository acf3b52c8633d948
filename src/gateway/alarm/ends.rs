//! What ends on a day that is known: secrets, certificates, sign-ins, keys. Told at marks before it. Pure, but for what servers showed.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::troubles::Trouble;
use crate::net::certificates_seen;
use crate::oauth::Tokens;
use crate::said;

/// Days before the end at which it is told.
const MARKS: [i64; 4] = [1, 7, 14, 30];

/// Something that ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// What it is.
    pub of: EndOf,
    /// When.
    pub at: Timestamp,
}

/// What can end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndOf {
    /// The client secret of a login.
    Secret(String),
    /// The certificate that signs for the application of a login.
    ClientCertificate(String),
    /// The certificate that a server shows, by its address.
    ServerCertificate(String),
    /// What somebody who signed in for a login, or got a refresh token for it, allowed.
    SignIn(String),
    /// The keys that sign letters of a domain.
    DkimKeys(String),
}

impl EndOf {
    /// What it is, and whose.
    pub fn told(&self) -> String {
        match self {
            EndOf::Secret(login) => {
                said!("the client secret of {login}", "le secret client de {login}")
            }
            EndOf::ClientCertificate(login) => {
                said!("the certificate of the application of {login}", "le certificat de l’application de {login}")
            }
            EndOf::ServerCertificate(server) => {
                said!("the certificate that {server} shows", "le certificat que montre {server}")
            }
            EndOf::SignIn(login) => said!("the sign-in of {login}", "la connexion de {login}"),
            EndOf::DkimKeys(domain) => {
                said!("the time of the DKIM keys of {domain}", "la durée d’utilisation des clés DKIM de {domain}")
            }
        }
    }

    /// What to do before.
    pub fn remedy(&self) -> String {
        match self {
            EndOf::Secret(_) => said!(
                "Make a new one at the provider, put it in the place of the old one, write its day into secret_expires and restart guichet.",
                "Créez-en un nouveau chez le fournisseur, mettez-le à la place de l’ancien, écrivez son échéance dans secret_expires et redémarrez guichet."
            ),
            EndOf::ClientCertificate(_) => said!(
                "Make a new one, upload it to the application, put it into certificate_file and restart guichet.",
                "Créez-en un nouveau, téléversez-le dans l’application, mettez-le dans certificate_file et redémarrez guichet."
            ),
            EndOf::ServerCertificate(_) => said!(
                "Whoever runs that server should renew it: certbot and the like do that by themselves.",
                "Qui exploite ce serveur devrait le renouveler\u{a0}: certbot et d’autres le font tout seuls."
            ),
            EndOf::SignIn(login) => said!(
                "Run `guichet login {login}` before, or put a new refresh token in the place of the old one. Google lets a sign-in to an application in testing end after 7 days: publish it.",
                "Lancez `guichet login {login}` avant, ou mettez un nouveau refresh token à la place de l’ancien. Google met fin après 7 jours à la connexion d’une application en test\u{a0}: publiez-la."
            ),
            EndOf::DkimKeys(_) => said!(
                "Make new ones with `guichet dkim new --selector` and another name, publish their records, paste their lines in the place of the old ones and restart guichet.",
                "Créez-en de nouvelles par `guichet dkim new --selector` et un autre nom, publiez leurs enregistrements, collez leurs lignes à la place des anciennes et redémarrez guichet."
            ),
        }
    }
}

/// The ends of certificates that servers have shown to this process.
pub fn of_servers() -> Vec<End> {
    let seen = certificates_seen().into_iter();
    seen.map(|(server, at)| End { of: EndOf::ServerCertificate(server), at }).collect()
}

/// The ends of what people allowed, as far as the token servers said.
pub fn of_sign_ins(tokens: &[Arc<Tokens>]) -> Vec<End> {
    let end = |tokens: &Arc<Tokens>| {
        let at = tokens.sign_in_ends()?;
        Some(End { of: EndOf::SignIn(tokens.account().name.clone()), at })
    };
    tokens.iter().filter_map(end).collect()
}

/// Those whose end is near, each with the mark that it has passed.
pub(super) fn warnings(ends: impl Iterator<Item = End>, now: Timestamp) -> Vec<Trouble> {
    ends.filter_map(|end| {
        let mark = mark(end.at, now)?;
        let (what, day) = (end.of.told(), end.at.strftime("%Y-%m-%d"));
        let said = match end.at < now {
            true => said!("{what} ended on {day}. {}", "{what} a pris fin le {day}. {}", end.of.remedy()),
            false => said!("{what} ends on {day}. {}", "{what} prend fin le {day}. {}", end.of.remedy()),
        };
        Some(Trouble::warning(format!("{:?} {day} {mark}", end.of), capitalised(&said)))
    })
    .collect()
}

/// The smallest mark that was passed.
fn mark(at: Timestamp, now: Timestamp) -> Option<i64> {
    let left = at.duration_since(now);
    MARKS.into_iter().find(|days| left <= SignedDuration::from_hours(24 * days))
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_at_thirty_fourteen_seven_and_one_day_and_once_a_mark() {
        let at = |day: i64| Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap();
        let end = End { of: EndOf::Secret("support".to_owned()), at: at(100) };
        let key = |day| warnings([end.clone()].into_iter(), at(day)).pop().map(|warning| warning.key);
        let keys: Vec<_> = (60..=101).filter_map(key).collect();
        let mut told = keys.clone();
        told.dedup();
        let marks: Vec<&str> = told.iter().map(|key| key.rsplit(' ').next().unwrap()).collect();
        assert_eq!((keys.len(), &marks[..]), (32, &["30", "14", "7", "1"][..]));
        assert_eq!((key(69), key(70).is_some()), (None, true));
        let said = warnings([end.clone()].into_iter(), at(99)).remove(0);
        assert!(said.said.starts_with("The client secret of support ends on 2027-04-") && !said.is_lasting, "{said:?}");
        assert!(warnings([end].into_iter(), at(102)).remove(0).said.contains("ended on"));
    }
}
