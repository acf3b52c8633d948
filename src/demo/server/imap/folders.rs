//! Commands about folders: SELECT, LIST, STATUS, CREATE, DELETE, RENAME (RFC 3501 §6.3).

use imap_codec::imap_types::core::IString;
use imap_codec::imap_types::mailbox::{ListMailbox, Mailbox};
use imap_codec::imap_types::status::StatusDataItemName;

use super::selected::{Access, Selected};
use super::session::{Answer, Outcome, Session, no, ok};
use super::text;
use crate::demo::server::folder::{Folder, StoredMail};
use crate::demo::server::post::INBOX;
use crate::imap::utf7;

const SYSTEM_FLAGS: &str = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";

/// The decoded name; one that is no modified UTF-7 stands as it is.
pub(super) fn name(mailbox: &Mailbox<'_>) -> String {
    match mailbox {
        Mailbox::Inbox => INBOX.to_owned(),
        Mailbox::Other(other) => decoded(other.as_ref()),
    }
}

pub(super) fn no_such_folder() -> Outcome {
    no("[NONEXISTENT] No such folder")
}

impl Session {
    pub(super) fn select(&mut self, account: &str, mailbox: &Mailbox<'_>, access: Access) -> Outcome {
        self.selected = None;
        let name = name(mailbox);
        let out = self.wire.out();
        let selected = self.world.post.account(account, |account| {
            let folder = account.folders.get(&name)?;
            out.extend_from_slice(select_lines(folder).as_bytes());
            Some(Selected::new(name.clone(), folder, access))
        });
        self.selected = selected.flatten();
        match (&self.selected, access) {
            (None, _) => no_such_folder(),
            (Some(_), Access::ReadWrite) => ok("[READ-WRITE] Selected"),
            (Some(_), Access::ReadOnly) => ok("[READ-ONLY] Selected"),
        }
    }

    pub(super) fn create(&mut self, account: &str, mailbox: &Mailbox<'_>) -> Outcome {
        let name = name(mailbox);
        let name = name.trim_end_matches('/');
        // The folders above are made too (RFC 3501 §6.3.3).
        let mut ends: Vec<usize> = name.match_indices('/').map(|(at, _)| at).collect();
        ends.push(name.len());
        let folders: Vec<(&str, Folder)> =
            ends.iter().map(|&end| (&name[..end], self.world.post.new_folder())).collect();
        let created = self.world.post.change(account, |account| {
            let new = !name.is_empty() && !account.folders.contains_key(name);
            for (name, folder) in folders.into_iter().filter(|_| new) {
                account.folders.entry(name.to_owned()).or_insert(folder);
            }
            new
        });
        if created == Some(true) { ok("Created") } else { no("[ALREADYEXISTS] There is such a folder") }
    }

    pub(super) fn delete(&mut self, account: &str, mailbox: &Mailbox<'_>) -> Outcome {
        let name = name(mailbox);
        if name == INBOX {
            return no("[CANNOT] INBOX stays");
        }
        let removed = self.world.post.change(account, |account| account.folders.remove(&name).is_some());
        if removed == Some(true) { ok("Deleted") } else { no_such_folder() }
    }

    pub(super) fn rename(&mut self, account: &str, from: &Mailbox<'_>, to: &Mailbox<'_>) -> Outcome {
        let (from, to) = (name(from), name(to));
        if from == INBOX {
            return no("[CANNOT] INBOX stays");
        }
        let answer = self.world.post.change(account, |account| {
            if account.folders.contains_key(&to) {
                return Answer::No("[ALREADYEXISTS] There is such a folder".to_owned());
            }
            let below = format!("{from}/");
            let moved: Vec<String> =
                account.folders.keys().filter(|name| **name == from || name.starts_with(&below)).cloned().collect();
            if !moved.contains(&from) {
                return Answer::No("[NONEXISTENT] No such folder".to_owned());
            }
            for name in moved {
                if let Some(folder) = account.folders.remove(&name) {
                    account.folders.insert(format!("{to}{}", &name[from.len()..]), folder);
                }
            }
            Answer::Ok("Renamed".to_owned())
        });
        answer.map_or_else(no_such_folder, Ok)
    }

    pub(super) fn subscribe(&mut self, account: &str, mailbox: &Mailbox<'_>, set: impl Fn(&mut Folder)) -> Outcome {
        let name = name(mailbox);
        let found = self.world.post.account(account, |account| account.folders.get_mut(&name).map(set).is_some());
        if found == Some(true) { ok("Done") } else { no_such_folder() }
    }

    /// LIST and LSUB.
    pub(super) fn list(
        &mut self,
        account: &str,
        verb: &str,
        reference: &Mailbox<'_>,
        wildcard: &ListMailbox<'_>,
    ) -> Outcome {
        let pattern = match wildcard {
            ListMailbox::Token(token) => decoded(token.as_ref()),
            ListMailbox::String(IString::Quoted(quoted)) => decoded(quoted.as_ref().as_bytes()),
            ListMailbox::String(IString::Literal(literal)) => decoded(literal.as_ref()),
        };
        if pattern.is_empty() {
            self.wire.say(&format!("* {verb} (\\Noselect) \"/\" \"\""));
            return ok("Done");
        }
        let pattern = match reference {
            Mailbox::Inbox => format!("INBOX{pattern}"),
            Mailbox::Other(other) => format!("{}{pattern}", decoded(other.as_ref())),
        };
        let folders = self.world.post.account(account, |account| {
            let all: Vec<String> = account.folders.keys().cloned().collect();
            let shown = account.folders.iter().filter(|(name, folder)| {
                (verb == "LIST" || folder.subscribed) && matches(pattern.as_bytes(), name.as_bytes())
            });
            shown.map(|(name, _)| (name.clone(), has_children(&all, name))).collect::<Vec<_>>()
        });
        for (name, has_children) in folders.unwrap_or_default() {
            let attribute = if has_children { "\\HasChildren" } else { "\\HasNoChildren" };
            let out = self.wire.out();
            out.extend_from_slice(format!("* {verb} ({attribute}) \"/\" ").as_bytes());
            text::push_string(out, utf7::encode(&name).as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        ok("Done")
    }

    pub(super) fn status(&mut self, account: &str, mailbox: &Mailbox<'_>, items: &[StatusDataItemName]) -> Outcome {
        let name = name(mailbox);
        let values = self.world.post.account(account, |account| {
            let folder = account.folders.get(&name)?;
            Some(items.iter().map(|item| status_item(folder, item)).collect::<Vec<_>>().join(" "))
        });
        let Some(values) = values.flatten() else { return no_such_folder() };
        let out = self.wire.out();
        out.extend_from_slice(b"* STATUS ");
        text::push_string(out, utf7::encode(&name).as_bytes());
        out.extend_from_slice(format!(" ({values})\r\n").as_bytes());
        ok("Done")
    }
}

fn select_lines(folder: &Folder) -> String {
    let unseen = folder.mails().position(|mail| !mail.flags.contains("\\Seen"));
    let unseen = unseen.map(|at| format!("* OK [UNSEEN {}] First unseen\r\n", at + 1)).unwrap_or_default();
    format!(
        "* FLAGS ({SYSTEM_FLAGS})\r\n* OK [PERMANENTFLAGS ({SYSTEM_FLAGS} \\*)] Any flag\r\n* {} EXISTS\r\n\
         * 0 RECENT\r\n{unseen}* OK [UIDVALIDITY {}] UIDs valid\r\n* OK [UIDNEXT {}] Next UID\r\n",
        folder.len(),
        folder.uid_validity,
        folder.uid_next
    )
}

fn status_item(folder: &Folder, item: &StatusDataItemName) -> String {
    let count = |fits: fn(&StoredMail) -> bool| folder.mails().filter(|mail| fits(mail)).count();
    match item {
        StatusDataItemName::Messages => format!("MESSAGES {}", folder.len()),
        StatusDataItemName::Recent => "RECENT 0".to_owned(),
        StatusDataItemName::UidNext => format!("UIDNEXT {}", folder.uid_next),
        StatusDataItemName::UidValidity => format!("UIDVALIDITY {}", folder.uid_validity),
        StatusDataItemName::Unseen => format!("UNSEEN {}", count(|mail| !mail.flags.contains("\\Seen"))),
        StatusDataItemName::Deleted => format!("DELETED {}", count(|mail| mail.flags.contains("\\Deleted"))),
        StatusDataItemName::DeletedStorage => "DELETED-STORAGE 0".to_owned(),
    }
}

fn decoded(wire: &[u8]) -> String {
    let wire = String::from_utf8_lossy(wire);
    utf7::decode(&wire).unwrap_or_else(|| wire.into_owned())
}

fn has_children(names: &[String], name: &str) -> bool {
    let below = format!("{name}/");
    names.iter().any(|other| other.starts_with(&below))
}

/// `*` stands for anything, `%` for anything within one level (RFC 3501 §6.3.8).
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|skip| matches(rest, &name[skip..])),
        Some((b'%', rest)) => {
            let level = name.iter().position(|&byte| byte == b'/').unwrap_or(name.len());
            (0..=level).any(|skip| matches(rest, &name[skip..]))
        }
        Some((literal, rest)) => {
            name.split_first().is_some_and(|(first, name)| first == literal && matches(rest, name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percent_stays_within_its_level() {
        assert!(matches(b"*", b"a/b") && matches(b"a/%", b"a/b") && matches(b"%/b", b"a/b"));
        assert!(!matches(b"%", b"a/b") && !matches(b"a", b"a/b"));
    }
}
