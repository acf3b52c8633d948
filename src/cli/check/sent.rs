//! The folder for sent mail: signed in to, and looked for. That it takes a copy is not tried: the copy would stay.

use tokio::time::timeout;

use super::{ANSWER_LIMIT, Fault, Finding, LIMIT, Line, fault, has_answer, no_token, silent};
use crate::gateway::{KeptBy, Sent};
use crate::imap::{self, Destination, Failure, Session};
use crate::said;

pub(super) async fn of(sent: &Sent, tokens_are_slow: bool) -> Vec<Line> {
    let name = &sent.imap.name;
    let settings =
        imap::Settings { exchange_timeout: sent.imap.exchange_timeout.min(ANSWER_LIMIT), ..sent.imap.clone() };
    let what = said!("copies of letters in {name}", "copies des lettres dans {name}");
    if !has_answer(&settings.login, tokens_are_slow).await {
        return vec![no_token(&what)];
    }
    if sent.kept_by == KeptBy::Relay {
        return vec![Line::new(what, read(&settings).await)];
    }
    let tried = timeout(LIMIT, async {
        let mut session = Session::connect(&settings).await?;
        let destination = session.try_sent().await?;
        session.logout().await;
        Ok(destination)
    });
    let tried = tried.await.map_err(|_| Failure::Lost(silent())).flatten();
    let mut lines = vec![Line::new(what, told(tried))];
    lines.push(Line::untried(said!(
        "whether {name} takes a copy: it would stay there",
        "si {name} accepte une copie\u{a0}: elle y resterait"
    )));
    lines
}

/// The provider puts them there.
async fn read(settings: &imap::Settings) -> Finding {
    let found = timeout(LIMIT, async {
        let mut session = Session::connect(settings).await?;
        let is_there = session.find_sent().await?;
        let folder = session.watched();
        session.logout().await;
        Ok(is_there.then_some(folder))
    });
    match found.await.map_err(|_| Failure::Lost(silent())).flatten() {
        Ok(Some(folder)) => {
            Ok(said!("kept by the provider, and read in {folder}", "gardées par le fournisseur, et lues dans {folder}"))
        }
        Ok(None) => Err(Fault {
            problem: said!(
                "the server has no folder for sent mail",
                "le serveur n’a pas de dossier pour les messages envoyés"
            ),
            remedy: said!(
                "Name it as folder in [sent], as a mail client shows it; where the provider keeps no copies, write kept_by = \"guichet\".",
                "Nommez-le par folder dans [sent], tel que le logiciel de courriel le montre; si le fournisseur ne garde pas de copies, écrivez kept_by = \"guichet\"."
            ),
        }),
        Err(failure) => failed(failure),
    }
}

fn told(tried: Result<Destination, Failure>) -> Finding {
    match tried {
        Ok(Destination::There { name, missing: None }) => Ok(said!("put into {name}", "mises dans {name}")),
        Ok(Destination::CanBeMade { name }) => {
            Ok(said!("{name} will be made with the first", "{name} sera créé avec la première"))
        }
        Ok(Destination::There { name, missing: Some(missing) }) => Err(Fault {
            problem: said!(
                "{name} is there, and nothing may be put into it (rights missing: {missing})",
                "{name} existe, et rien ne peut y être mis (droits manquants\u{a0}: {missing})"
            ),
            remedy: said!(
                "Give the account the right i on {name}, or name another folder in [sent].",
                "Donnez au compte le droit i sur {name}, ou nommez un autre dossier dans [sent]."
            ),
        }),
        Ok(Destination::Impossible { said }) => Err(Fault {
            problem: said!(
                "there is no folder for sent mail, and it cannot be made: {said}",
                "il n’y a pas de dossier pour les messages envoyés, et il ne peut être créé\u{a0}: {said}"
            ),
            remedy: said!(
                "Make it with a mail client, and name it as folder in [sent].",
                "Créez-le avec un logiciel de courriel, et nommez-le par folder dans [sent]."
            ),
        }),
        Err(failure) => failed(failure),
    }
}

fn failed(failure: Failure) -> Finding {
    match failure {
        Failure::Barred(obstacle) => Err(Fault { problem: obstacle.cause(), remedy: obstacle.remedy() }),
        failure => Err(fault(
            &failure.into(),
            said!("Look at the log of the mail server.", "Regardez le journal du serveur de courriel."),
        )),
    }
}
