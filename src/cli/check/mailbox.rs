//! A mailbox: signed in to, its folder opened as `serve` opens it, and asked what it would let us do.

use anyhow::{Result, anyhow};
use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;

use super::{
    ANSWER_LIMIT, Fault, Finding, LIMIT, Line, authors, fault, has_answer, no_token, old_mail, silent, watcher,
};
use crate::config::Config;
use crate::gateway::{AuthenticationBy, Watched};
use crate::imap::{self, Destination, Failure, Quota, Selected, Session};
use crate::net::{Moment, Obstacle, What};
use crate::said;

/// Clocks that differ by less do no harm.
const CLOCK_DIFFERENCE_MAX: SignedDuration = SignedDuration::from_mins(5);
/// A mailbox that is fuller will be full soon.
const FULL_PERCENT: u64 = 90;
/// To take mail out of a folder (RFC 4314 §4): mark it deleted, and expunge it.
const RIGHTS_TO_MOVE: &str = "te";

/// What was found, a line each, up to a fault behind which nothing can be tried.
pub(super) async fn of(config: &Config, mailbox: &Watched, tokens_are_slow: bool) -> Vec<Line> {
    let name = &mailbox.imap.name;
    let settings =
        imap::Settings { exchange_timeout: mailbox.imap.exchange_timeout.min(ANSWER_LIMIT), ..mailbox.imap.clone() };
    let what = said!("mailbox {name}", "boîte {name}");
    if !has_answer(&settings.login, tokens_are_slow).await {
        return vec![no_token(&what)];
    }
    let unanswered = |_| Failure::from(Obstacle::new(&settings.server(), What::Silent(Moment::Login))).into();
    let reached = timeout(LIMIT, open(&settings)).await.map_err(unanswered).flatten();
    let (mut session, selected) = match reached {
        Ok(Some(opened)) => opened,
        Ok(None) => {
            let none = said!(
                "the server names no folder for junk; where there is one, name it with junk_folder",
                "le serveur ne désigne pas de dossier d’indésirables; s’il y en a un, nommez-le par junk_folder"
            );
            return vec![Line::new(what, Ok(none))];
        }
        // The account's own line says so.
        Err(error) if mailbox.is_junk && is_of_the_account(&error) => return Vec::new(),
        Err(error) => return vec![Line::new(what, Err(unreached(&error, mailbox)))],
    };
    let mut lines = vec![Line::new(what, within(opened(&mut session, selected, mailbox)).await)];
    let told = |finding: Option<Finding>, what: String| finding.map(|finding| Line::new(what, finding));
    if mailbox.is_junk {
        // All else is the account's, and was tried with the mailbox.
        let watched = watcher::of(config, mailbox).await;
        lines.extend(told(watched, said!("folder of {name}", "dossier de {name}")));
        let _ = timeout(LIMIT, session.logout()).await;
        return lines;
    }
    let destination = destination(&mut session, mailbox).await;
    lines.extend(told(destination, said!("handled mail of {name}", "courriel traité de {name}")));
    let room = timeout(LIMIT, session.quotas()).await.ok().and_then(Result::ok).and_then(|quotas| room(&quotas));
    lines.extend(told(room, said!("room of {name}", "place de {name}")));
    let old = timeout(LIMIT, old_mail::of(config, &mut session)).await.ok().flatten();
    lines.extend(told(old.map(Ok), said!("first day of {name}", "premier jour de {name}")));
    let watched = watcher::of(config, mailbox).await;
    lines.extend(told(watched, said!("folder of {name}", "dossier de {name}")));
    if mailbox.authentication != AuthenticationBy::Token {
        let judged = authors::of(&mut session, mailbox).await;
        lines.push(Line::new(said!("authors of {name}", "auteurs de {name}"), judged));
    }
    let _ = timeout(LIMIT, session.logout()).await;
    lines
}

/// `None`: the server has no folder for junk.
async fn open(settings: &imap::Settings) -> Result<Option<(Session, Selected)>> {
    let mut session = Session::connect(settings).await?;
    if !session.find_watched().await? {
        session.logout().await;
        return Ok(None);
    }
    let selected = session.select().await?;
    Ok(Some((session, selected)))
}

async fn within(finding: impl Future<Output = Result<Finding>>) -> Finding {
    let remedy = || said!("Look at the log of the mail server.", "Regardez le journal du serveur de courriel.");
    timeout(LIMIT, finding)
        .await
        .map_err(|_| anyhow!(silent()))
        .flatten()
        .unwrap_or_else(|error| Err(fault(&error, remedy())))
}

/// What the folder lets us do, and whether our clocks agree.
async fn opened(session: &mut Session, selected: Selected, mailbox: &Watched) -> Result<Finding> {
    let settings = &mailbox.imap;
    let folder = session.watched();
    if mailbox.processed_folder.is_some() {
        let missing = session.missing_rights(RIGHTS_TO_MOVE).await?.filter(|missing| !missing.is_empty());
        if session.is_read_only() || missing.is_some() {
            return Ok(Err(not_writable(&folder, missing.as_deref())));
        }
    }
    if selected.is_cut() {
        return Ok(Err(Fault {
            problem: said!(
                "the server shows {} messages of {folder} and no more: what it hides is never taken in",
                "le serveur montre {} messages de {folder} et pas plus\u{a0}: ce qu’il cache n’est jamais pris",
                selected.exists
            ),
            remedy: said!(
                "Have it show all of the folder: in Gmail, Settings, Forwarding and POP/IMAP, Folder size limits; or move old mail elsewhere.",
                "Faites-lui montrer tout le dossier\u{a0}: dans Gmail, Paramètres, Transfert et POP/IMAP, Limites de taille des dossiers; ou rangez ailleurs le vieux courriel."
            ),
        }));
    }
    let newest = session.list_from(selected.uid_next.map_or(1, |next| next.saturating_sub(1).max(1))).await?;
    let now = Timestamp::now();
    let newest = newest.iter().filter_map(|message| message.internal_date).max();
    if let Some(newest) = newest.filter(|newest| newest.duration_since(now) > CLOCK_DIFFERENCE_MAX) {
        return Ok(Err(Fault {
            problem: said!(
                "its newest mail came at {newest}, and here it is {now}",
                "son courriel le plus récent est arrivé à {newest}, et ici il est {now}"
            ),
            remedy: said!(
                "Set the clocks of this machine and of the mail server by NTP.",
                "Réglez par NTP les horloges de cette machine et du serveur de courriel."
            ),
        }));
    }
    let (host, exists) = (&settings.host, selected.exists);
    let found = said!(
        "signed in to {host}, messages in {folder}: {exists}",
        "connecté à {host}, messages dans {folder}\u{a0}: {exists}"
    );
    Ok(Ok(format!("{found}; {}", extensions(&session.extensions(), mailbox))))
}

/// What the server can, or what is done instead.
fn extensions(offered: &[&str], mailbox: &Watched) -> String {
    let seconds = mailbox.imap.poll.as_secs();
    let mut told: Vec<String> = Vec::new();
    if !offered.is_empty() {
        told.push(offered.join(", "));
    }
    if !offered.contains(&"IDLE") {
        told.push(said!(
            "no IDLE: it is asked every {seconds} s",
            "sans IDLE\u{a0}: interrogée toutes les {seconds} s"
        ));
    }
    if mailbox.processed_folder.is_some() && !offered.contains(&"MOVE") && !offered.contains(&"UIDPLUS") {
        told.push(said!(
            "neither MOVE nor UIDPLUS: handled mail is copied, and stays in place marked as deleted",
            "ni MOVE ni UIDPLUS\u{a0}: le courriel traité est copié, et reste en place marqué comme supprimé"
        ));
    }
    told.join("; ")
}

fn not_writable(folder: &str, missing: Option<&str>) -> Fault {
    let rights = missing.map(|missing| said!(" (rights missing: {missing})", " (droits manquants\u{a0}: {missing})"));
    let rights = rights.unwrap_or_default();
    Fault {
        problem: said!(
            "{folder} may be read and not changed{rights}, and so handled mail would stay there",
            "{folder} peut être lu et non modifié{rights}, et le courriel traité y resterait"
        ),
        remedy: said!(
            "Give the account the rights lrswte on {folder}, or write processed_folder = \"\" to leave handled mail in place.",
            "Donnez au compte les droits lrswte sur {folder}, ou écrivez processed_folder = \"\" pour laisser en place le courriel traité."
        ),
    }
}

/// The folder that handled mail is moved to; `None` where it is left in place.
async fn destination(session: &mut Session, mailbox: &Watched) -> Option<Finding> {
    let folder = mailbox.processed_folder.as_ref()?;
    let tried = timeout(LIMIT, session.try_destination(folder)).await;
    Some(match tried.map_err(|_| Failure::Lost(silent())).flatten() {
        Ok(Destination::There { name, missing: None }) => Ok(said!("moved to {name}", "déplacé dans {name}")),
        Ok(Destination::CanBeMade { name }) => {
            Ok(said!("{name} will be made with the first", "{name} sera créé avec le premier"))
        }
        Ok(Destination::There { name, missing: Some(missing) }) => Err(Fault {
            problem: said!(
                "{name} is there, and nothing may be put into it (rights missing: {missing})",
                "{name} existe, et rien ne peut y être mis (droits manquants\u{a0}: {missing})"
            ),
            remedy: said!(
                "Give the account the right i on {name}, or name another folder as processed_folder.",
                "Donnez au compte le droit i sur {name}, ou nommez un autre dossier comme processed_folder."
            ),
        }),
        Ok(Destination::Impossible { said }) => Err(Fault {
            problem: said!(
                "there is no folder {folder}, and it cannot be made: {said}",
                "il n’y a pas de dossier {folder}, et il ne peut être créé\u{a0}: {said}"
            ),
            remedy: said!(
                "Make it with a mail client, or name another one as processed_folder, as a client shows it.",
                "Créez-le avec un logiciel de courriel, ou nommez-en un autre comme processed_folder, tel que le logiciel le montre."
            ),
        }),
        Err(failure) => Err(fault(
            &failure.into(),
            said!("Look at the log of the mail server.", "Regardez le journal du serveur de courriel."),
        )),
    })
}

/// The fullest of the account's limits; `None` where the server tells none.
fn room(quotas: &[Quota]) -> Option<Finding> {
    let percent = |quota: &&Quota| quota.used.saturating_mul(100) / quota.limit.max(1);
    let fullest = quotas.iter().max_by_key(percent)?;
    let (used, limit, percent) = (fullest.used, fullest.limit, percent(&fullest));
    let amount = match fullest.resource.to_ascii_uppercase().as_str() {
        "STORAGE" => said!("{} of {} MB", "{} de {} Mo", used / 1024, limit / 1024),
        "MESSAGE" => said!("{used} of {limit} messages", "{used} messages sur {limit}"),
        other => said!("{used} of {limit} ({other})", "{used} de {limit} ({other})"),
    };
    if percent < FULL_PERCENT {
        return Some(Ok(said!("{amount} in use ({percent} %)", "{amount} utilisés ({percent}\u{a0}%)")));
    }
    Some(Err(Fault {
        problem: said!(
            "the mailbox is nearly full: {amount} ({percent} %); full, it takes in no mail",
            "la boîte est presque pleine\u{a0}: {amount} ({percent}\u{a0}%); pleine, elle ne reçoit plus rien"
        ),
        remedy: said!(
            "Raise the account’s quota, or delete old mail from the folder for handled mail: guichet keeps what it took in.",
            "Relevez le quota du compte, ou supprimez du vieux courriel dans le dossier du courriel traité\u{a0}: guichet garde ce qu’il a pris."
        ),
    }))
}

/// Whether it keeps from the whole account, and not from one folder.
fn is_of_the_account(error: &anyhow::Error) -> bool {
    let failure = error.chain().find_map(|cause| cause.downcast_ref::<Failure>());
    // A second connection may be one too many.
    failure.and_then(Failure::obstacle).is_some_and(|obstacle| {
        let of_one = |what: &What| {
            matches!(
                what,
                What::NoFolder(..)
                    | What::FolderPutOff(..)
                    | What::Throttled(_)
                    | What::NotNow(_)
                    | What::Silent(_)
                    | What::Cut(_)
            )
        };
        !of_one(obstacle.what())
    })
}

fn is_without_folder(failure: &Failure) -> bool {
    failure.obstacle().is_some_and(|obstacle| matches!(obstacle.what(), What::NoFolder(..)))
}

fn unreached(error: &anyhow::Error, mailbox: &Watched) -> Fault {
    match error.chain().find_map(|cause| cause.downcast_ref::<Failure>()) {
        Some(failure) if mailbox.is_junk && is_without_folder(failure) => Fault {
            problem: failure.cause(),
            remedy: said!(
                "Write junk_folder of the [[mailbox]] as the server has it, or \"\" to leave junk alone; the account must be allowed to read it.",
                "Écrivez junk_folder de la [[mailbox]] comme le serveur l’a, ou \"\" pour laisser les indésirables; le compte doit pouvoir le lire."
            ),
        },
        Some(failure) => Fault { problem: failure.cause(), remedy: failure.remedy() },
        None => {
            fault(error, said!("Look at the log of the mail server.", "Regardez le journal du serveur de courriel."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_that_is_nearly_full_is_told_by_its_fullest_limit() {
        let quota = |resource: &str, used, limit| Quota { resource: resource.to_owned(), used, limit };
        let found = room(&[quota("STORAGE", 10_240, 102_400), quota("MESSAGE", 8, 10)]).unwrap().ok().unwrap();
        assert_eq!(found, "8 of 10 messages in use (80 %)");
        let full = room(&[quota("STORAGE", 97_280, 102_400), quota("MESSAGE", 8, 10)]).unwrap().err().unwrap();
        assert!(full.problem.contains("nearly full: 95 of 100 MB (95 %)"), "{}", full.problem);
        assert!(room(&[]).is_none());
    }
}
