//! `[lmtp]`: how an MTA of this machine hands mail over.

use super::names::Names;
use super::section::Section;
use super::value::{Wrong, place_of_this_machine};
use crate::gateway::HandedOver;
use crate::lmtp::Listen;
use crate::said;

/// A socket's path is no longer (`sun_path`, with the NUL behind it).
const PATH_BYTES_MAX: usize = 107;

/// Where MTAs find us and whose rules hold, if any shall; [`HandedOver::name`] is not known here.
pub(super) fn handed_over(
    section: &Section<'_>,
    mailboxes: &Names,
    message_bytes_max: Option<u64>,
) -> Option<Option<HandedOver>> {
    let listen = section.optional("listen", |value| match place_of_this_machine(value)? {
        Listen::Unix(path) => {
            let path = section.resolve(&path);
            if path.as_os_str().len() > PATH_BYTES_MAX {
                return Err(Wrong {
                    problem: said!(
                        "is longer than {PATH_BYTES_MAX} bytes, with the folder it starts in",
                        "dépasse {PATH_BYTES_MAX} octets, avec le dossier où il commence"
                    ),
                    remedy: said!(
                        "Write a shorter path, such as \"unix:/run/guichet/lmtp.sock\".",
                        "Écrivez un chemin plus court, comme \"unix:/run/guichet/lmtp.sock\"."
                    ),
                });
            }
            Ok(Listen::Unix(path))
        }
        tcp @ Listen::Tcp(_) => Ok(tcp),
    });
    let mailbox = mailboxes.named_in(section, "mailbox");
    let is_alone = section.has("mailbox") && !section.has("listen");
    section.finish();
    if is_alone {
        section.fault(
            &said!("there is no listen", "il manque listen"),
            &said!(
                "Add listen = \"127.0.0.1:8024\", or remove the table.",
                "Ajoutez listen = \"127.0.0.1:8024\", ou enlevez la table."
            ),
        );
        return None;
    }
    let (Some(listen), mailbox) = (listen?, mailbox?) else { return Some(None) };
    let mailbox = mailbox.or_else(|| mailboxes.first())?;
    Some(Some(HandedOver { listen, mailbox, name: String::new(), message_bytes_max: message_bytes_max? }))
}
