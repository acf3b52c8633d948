//! FETCH and UID FETCH (RFC 3501 §6.4.5, §7.4.2).

use std::collections::BTreeSet;
use std::sync::Arc;

use imap_codec::imap_types::fetch::{MacroOrMessageDataItemNames, MessageDataItemName, Section};
use imap_codec::imap_types::sequence::SequenceSet;

use super::selected::{Access, Selected, Target};
use super::session::{End, Outcome, Session, bad, no, ok};
use super::{section, structure, text};
use crate::demo::server::folder::{FlagChange, StoredMail};
use crate::demo::server::mime;
use crate::demo::server::mishap::{ImapMishap, Spoiled};

/// How many mails are taken from the post at once, so that others get their turn.
const BATCH: usize = 64;

impl Session {
    pub(super) async fn fetch(
        &mut self,
        account: &str,
        selected: &Selected,
        set: &SequenceSet,
        names: MacroOrMessageDataItemNames<'static>,
        uid: bool,
        mishap: Option<ImapMishap>,
    ) -> Outcome {
        let Some(targets) = selected.resolve(set, uid) else { return bad("No such message") };
        let request = Request::new(names, uid, selected.access);
        if request
            .items
            .iter()
            .any(|item| matches!(item, MessageDataItemName::Binary { .. } | MessageDataItemName::BinarySize { .. }))
        {
            return bad("BINARY is not known here");
        }
        let mut written = 0;
        let mut spoiled = false;
        for batch in targets.chunks(BATCH) {
            for (target, mut mail) in self.take(account, selected, batch, &request) {
                match self.world.mishaps.spoiled(mail.uid).filter(|_| request.asks_for_text()) {
                    None => {}
                    Some(Spoiled::No) => {
                        spoiled = true;
                        continue;
                    }
                    Some(Spoiled::Bye) => return Err(End::Bye("Internal error".to_owned())),
                    Some(Spoiled::Empty) => mail.raw = Arc::default(),
                    Some(Spoiled::Stall) => return self.break_off(Some(ImapMishap::StallAfter(written))).await,
                }
                if mishap == Some(ImapMishap::NoAfter(written)) {
                    return no("The folder cannot be read to its end");
                }
                let start = self.wire.out().len();
                request.write(self.wire.out(), target, &mail);
                if mishap == Some(ImapMishap::CutAfter(written)) || mishap == Some(ImapMishap::StallAfter(written)) {
                    let half = start + (self.wire.out().len() - start) / 2;
                    self.wire.out().truncate(half);
                    return self.break_off(mishap).await;
                }
                written += 1;
                self.wire.flush_when_full().await?;
            }
        }
        match mishap {
            Some(ImapMishap::NoAfter(_)) => no("The folder cannot be read to its end"),
            Some(ImapMishap::CutAfter(_) | ImapMishap::StallAfter(_)) => self.break_off(mishap).await,
            _ if spoiled => no("[SERVERBUG] Some messages cannot be read"),
            _ => ok("Fetched"),
        }
    }

    /// Sends what is written and nothing more.
    async fn break_off(&mut self, mishap: Option<ImapMishap>) -> Outcome {
        self.wire.flush().await?;
        if let Some(ImapMishap::StallAfter(_)) = mishap {
            std::future::pending::<()>().await;
        }
        Err(End::Cut)
    }

    /// The mails that are still there, marked as read where the request reads them.
    fn take(
        &self,
        account: &str,
        selected: &Selected,
        batch: &[Target],
        request: &Request,
    ) -> Vec<(Target, StoredMail)> {
        let seen = BTreeSet::from(["\\Seen".to_owned()]);
        let take = |account: &mut crate::demo::server::post::Account| {
            let folder = account.folders.get_mut(&selected.folder)?;
            if request.marks_seen {
                batch.iter().for_each(|target| folder.flag(target.uid, FlagChange::Add, &seen, self.id));
            }
            Some(batch.iter().filter_map(|target| Some((*target, folder.mail(target.uid)?.clone()))).collect())
        };
        let taken = if request.marks_seen {
            self.world.post.change(account, take)
        } else {
            self.world.post.account(account, take)
        };
        taken.flatten().unwrap_or_default()
    }
}

struct Request {
    items: Vec<MessageDataItemName<'static>>,
    marks_seen: bool,
}

impl Request {
    fn new(names: MacroOrMessageDataItemNames<'static>, uid: bool, access: Access) -> Self {
        let mut items = match names {
            MacroOrMessageDataItemNames::Macro(shorthand) => {
                use imap_codec::imap_types::IntoStatic;
                shorthand.expand().into_iter().map(IntoStatic::into_static).collect()
            }
            MacroOrMessageDataItemNames::MessageDataItemNames(items) => items,
        };
        if uid && !items.contains(&MessageDataItemName::Uid) {
            items.insert(0, MessageDataItemName::Uid);
        }
        let marks_seen = access == Access::ReadWrite && items.iter().any(reads);
        if marks_seen && !items.contains(&MessageDataItemName::Flags) {
            items.push(MessageDataItemName::Flags);
        }
        Request { items, marks_seen }
    }

    fn asks_for_text(&self) -> bool {
        let text = |item: &MessageDataItemName<'_>| reads(item) || matches!(item, MessageDataItemName::BodyExt { .. });
        self.items.iter().any(text)
    }

    fn write(&self, out: &mut Vec<u8>, target: Target, mail: &StoredMail) {
        out.extend_from_slice(format!("* {} FETCH (", target.sequence).as_bytes());
        for (at, item) in self.items.iter().enumerate() {
            if at > 0 {
                out.push(b' ');
            }
            write_item(out, item, mail);
        }
        out.extend_from_slice(b")\r\n");
    }
}

/// Whether fetching it sets `\Seen`.
fn reads(item: &MessageDataItemName<'_>) -> bool {
    matches!(
        item,
        MessageDataItemName::BodyExt { peek: false, .. }
            | MessageDataItemName::Rfc822
            | MessageDataItemName::Rfc822Text
    )
}

fn write_item(out: &mut Vec<u8>, item: &MessageDataItemName<'_>, mail: &StoredMail) {
    match item {
        MessageDataItemName::Uid => push(out, &format!("UID {}", mail.uid)),
        MessageDataItemName::Flags => push(out, &format!("FLAGS ({})", text::flags(&mail.flags))),
        MessageDataItemName::InternalDate => {
            push(out, &format!("INTERNALDATE \"{}\"", text::date_time(mail.internal_date)));
        }
        MessageDataItemName::Rfc822Size => push(out, &format!("RFC822.SIZE {}", mail.raw.len())),
        MessageDataItemName::Rfc822 => write_data(out, "RFC822", Some(&mail.raw)),
        MessageDataItemName::Rfc822Header => write_data(out, "RFC822.HEADER", Some(mime::split(&mail.raw).0)),
        MessageDataItemName::Rfc822Text => write_data(out, "RFC822.TEXT", Some(mime::split(&mail.raw).1)),
        MessageDataItemName::BodyExt { section, partial, .. } => write_section(out, mail, section.as_ref(), *partial),
        MessageDataItemName::Envelope => {
            push(out, "ENVELOPE ");
            structure::push_envelope(out, mime::split(&mail.raw).0);
        }
        MessageDataItemName::Body => {
            push(out, "BODY ");
            structure::push_structure(out, &mime::parse(&mail.raw), structure::Extent::Basic);
        }
        MessageDataItemName::BodyStructure => {
            push(out, "BODYSTRUCTURE ");
            structure::push_structure(out, &mime::parse(&mail.raw), structure::Extent::Extended);
        }
        // A FETCH that asks for BINARY is refused whole.
        MessageDataItemName::Binary { .. } | MessageDataItemName::BinarySize { .. } => {}
    }
}

fn write_section(
    out: &mut Vec<u8>,
    mail: &StoredMail,
    section: Option<&Section<'_>>,
    partial: Option<(u32, std::num::NonZeroU32)>,
) {
    let label = section::label(section);
    let data = section::data(&mail.raw, section);
    match partial {
        None => write_data(out, &label, data.as_deref()),
        Some((origin, length)) => {
            let cut = data.as_deref().map(|data| {
                let start = data.len().min(origin as usize);
                &data[start..data.len().min(start + length.get() as usize)]
            });
            write_data(out, &format!("{label}<{origin}>"), cut);
        }
    }
}

fn write_data(out: &mut Vec<u8>, label: &str, data: Option<&[u8]>) {
    push(out, label);
    match data {
        None => push(out, " NIL"),
        Some(data) => {
            out.reserve(data.len() + 32);
            out.push(b' ');
            text::push_literal(out, data);
        }
    }
}

fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}
