//! Commands that change messages: STORE, COPY, MOVE, EXPUNGE, APPEND.

use std::collections::BTreeSet;

use imap_codec::imap_types::datetime::DateTime;
use imap_codec::imap_types::extensions::binary::LiteralOrLiteral8;
use imap_codec::imap_types::flag::{Flag, StoreResponse, StoreType};
use imap_codec::imap_types::mailbox::Mailbox;
use imap_codec::imap_types::sequence::SequenceSet;
use jiff::Timestamp;

use super::selected::{Access, Selected, Target};
use super::session::{Outcome, Session, bad, no, ok};
use super::{folders, text};
use crate::demo::server::folder::FlagChange;
use crate::demo::server::post::Account;

const READ_ONLY: &str = "[READ-ONLY] The folder is only examined";
const TRY_CREATE: &str = "[TRYCREATE] No such folder";
const NO_SUCH_MESSAGE: &str = "No such message";

impl Session {
    pub(super) fn store(
        &mut self,
        account: &str,
        selected: &Selected,
        set: &SequenceSet,
        (kind, response): (StoreType, StoreResponse),
        flags: &[Flag<'_>],
        uid: bool,
    ) -> Outcome {
        if selected.access == Access::ReadOnly {
            return no(READ_ONLY);
        }
        let Some(targets) = selected.resolve(set, uid) else { return bad(NO_SUCH_MESSAGE) };
        let flags = text::flags_of(flags);
        let change = match kind {
            StoreType::Add => FlagChange::Add,
            StoreType::Remove => FlagChange::Remove,
            StoreType::Replace => FlagChange::Replace,
        };
        let (id, out) = (self.id, self.wire.out());
        self.world.post.change(account, |account| {
            let Some(folder) = account.folders.get_mut(&selected.folder) else { return };
            for Target { sequence, uid: number } in targets {
                folder.flag(number, change, &flags, id);
                let Some(mail) = folder.mail(number).filter(|_| response == StoreResponse::Answer) else { continue };
                let number = if uid { format!("UID {number} ") } else { String::new() };
                let line = format!("* {sequence} FETCH ({number}FLAGS ({}))\r\n", text::flags(&mail.flags));
                out.extend_from_slice(line.as_bytes());
            }
        });
        ok("Stored")
    }

    pub(super) fn copy(
        &mut self,
        account: &str,
        selected: &Selected,
        set: &SequenceSet,
        mailbox: &Mailbox<'_>,
        uid: bool,
    ) -> Outcome {
        let Some(targets) = selected.resolve(set, uid) else { return bad(NO_SUCH_MESSAGE) };
        let to = folders::name(mailbox);
        let copied = self.world.post.change(account, |account| copy(account, &selected.folder, &to, &targets));
        match copied.flatten() {
            Some(copied) => ok(&format!("{}Copied", self.uid_code(copied.code()))),
            None => no(TRY_CREATE),
        }
    }

    /// RFC 6851; the EXPUNGE responses come through the folder's log.
    pub(super) fn move_to(
        &mut self,
        account: &str,
        selected: &Selected,
        set: &SequenceSet,
        mailbox: &Mailbox<'_>,
        uid: bool,
    ) -> Outcome {
        if selected.access == Access::ReadOnly {
            return no(READ_ONLY);
        }
        let Some(targets) = selected.resolve(set, uid) else { return bad(NO_SUCH_MESSAGE) };
        let to = folders::name(mailbox);
        let moved = self.world.post.change(account, |account| {
            let copied = copy(account, &selected.folder, &to, &targets)?;
            let folder = account.folders.get_mut(&selected.folder)?;
            for &uid in &copied.from {
                folder.expunge(uid);
            }
            Some(copied)
        });
        let Some(moved) = moved.flatten() else { return no(TRY_CREATE) };
        let code = self.uid_code(moved.code());
        if !code.is_empty() {
            self.wire.say(&format!("* OK {code}Moved"));
        }
        ok("Moved")
    }

    pub(super) fn expunge(&mut self, account: &str, selected: &Selected, within: Option<&SequenceSet>) -> Outcome {
        if selected.access == Access::ReadOnly {
            return no(READ_ONLY);
        }
        let within = within.and_then(|set| selected.resolve(set, true));
        let within: Option<BTreeSet<u32>> = within.map(|targets| targets.iter().map(|target| target.uid).collect());
        selected.expunge_deleted(&self.world.post, account, within.as_ref());
        ok("Expunged")
    }

    pub(super) fn append(
        &mut self,
        account: &str,
        mailbox: &Mailbox<'_>,
        flags: &[Flag<'_>],
        date: Option<DateTime>,
        message: &LiteralOrLiteral8<'_>,
    ) -> Outcome {
        let raw: &[u8] = match message {
            LiteralOrLiteral8::Literal(literal) => literal.as_ref(),
            LiteralOrLiteral8::Literal8(literal) => &literal.data,
        };
        let at =
            date.and_then(|date| Timestamp::from_second(date.as_ref().timestamp()).ok()).unwrap_or_else(Timestamp::now);
        let (name, flags) = (folders::name(mailbox), text::flags_of(flags));
        let appended = self.world.post.change(account, |account| account.append(&name, raw, flags, at));
        match appended.flatten() {
            Some((validity, uid)) => {
                ok(&format!("{}Appended", self.uid_code(Some(format!("APPENDUID {validity} {uid}")))))
            }
            None => no(TRY_CREATE),
        }
    }

    /// A response code of RFC 4315 with its brackets and a space behind, if this server has that extension.
    fn uid_code(&self, code: Option<String>) -> String {
        let code = code.filter(|_| !self.world.mishaps.hides("UIDPLUS"));
        code.map(|code| format!("[{code}] ")).unwrap_or_default()
    }
}

/// What COPYUID tells (RFC 4315 §3).
struct Copied {
    uid_validity: u32,
    from: Vec<u32>,
    to: Vec<u32>,
}

impl Copied {
    /// `None` where nothing was copied.
    fn code(&self) -> Option<String> {
        let (from, to) = (text::uid_set(&self.from), text::uid_set(&self.to));
        (!from.is_empty()).then(|| format!("COPYUID {} {from} {to}", self.uid_validity))
    }
}

/// `None` where there is no such folder; then nothing is done.
fn copy(account: &mut Account, from: &str, to: &str, targets: &[Target]) -> Option<Copied> {
    let source = account.folders.get(from)?;
    let mails: Vec<_> = targets.iter().filter_map(|target| source.mail(target.uid).cloned()).collect();
    let folder = account.folders.get_mut(to)?;
    let mut copied = Copied { uid_validity: folder.uid_validity, from: Vec::new(), to: Vec::new() };
    for mail in mails {
        copied.from.push(mail.uid);
        copied.to.push(folder.append(mail.raw, mail.flags, mail.internal_date).uid);
    }
    Some(copied)
}
