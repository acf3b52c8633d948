//! `[sent]`: the folder for sent mail, and who keeps copies of letters there.

use super::names::Names;
use super::section::{Placed, Section};
use super::servers::Mailbox;
use super::value::{line, one_of};
use crate::gateway::{KeptBy, Sent};
use crate::imap::{self, Which};
use crate::said;

const KEEPERS: [(&str, KeptBy); 2] = [("guichet", KeptBy::Guichet), ("relay", KeptBy::Relay)];

/// The folder, if letters are to have copies; the outer `None` after a fault.
pub(super) fn sent(root: &Section<'_>, mailboxes: &[Placed<Mailbox>], names: &Names) -> Option<Option<Sent>> {
    if !root.has("sent") {
        return Some(None);
    }
    let section = root.table("sent");
    let mailbox = names.named_in(&section, "mailbox");
    let folder = section.optional("folder", line);
    let kept_by = section.or("kept_by", one_of(&KEEPERS), KeptBy::Guichet);
    section.finish();
    let Some(mailbox) = mailbox? else {
        section.fault(
            &said!("there is no mailbox", "il manque mailbox"),
            &said!(
                "Add mailbox = \"support\": the name of the [[mailbox]] in whose account the copies lie.",
                "Ajoutez mailbox = \"support\"\u{a0}: le nom de la [[mailbox]] dont le compte contient les copies."
            ),
        );
        return None;
    };
    let named = |one: &&Mailbox| one.name() == mailbox;
    let named = mailboxes.iter().filter_map(|placed| placed.value.as_ref()).find(named)?;
    let Some(account) = named.watched() else {
        section.fault_of(
            "mailbox",
            &said!(
                "= {mailbox:?} has no IMAP account: its mail is handed over",
                "= {mailbox:?} n’a pas de compte IMAP\u{a0}: son courriel est remis"
            ),
            &said!("Name a mailbox that is watched.", "Nommez une boîte qui est surveillée."),
        );
        return None;
    };
    let (folder, kept_by) = (folder?, kept_by?);
    let is_watched = folder.as_ref().is_some_and(|folder| {
        let folders = mailboxes.iter().filter_map(|placed| placed.value.as_ref());
        folders.filter_map(Mailbox::folders).flatten().any(|other| other.is_folder(&account.imap, folder))
    });
    if is_watched {
        section.fault_of(
            "folder",
            &said!("is a folder that is watched for mail", "est un dossier dont le courriel est surveillé"),
            &said!(
                "Name the folder for sent mail, or leave folder out: the server says which it is.",
                "Nommez le dossier des messages envoyés, ou enlevez folder\u{a0}: le serveur dit lequel c’est."
            ),
        );
        return None;
    }
    let imap = imap::Settings {
        name: Sent::name_for(&mailbox),
        folder: folder.map_or(Which::Sent, Which::Named),
        ..account.imap.clone()
    };
    Some(Some(Sent { imap, kept_by }))
}
