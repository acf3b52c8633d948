//! SEARCH and UID SEARCH (RFC 3501 §6.4.4). Text is looked for in the raw bytes, ASCII case aside; encoded words are not
//! decoded.

use imap_codec::imap_types::core::Vec1;
use imap_codec::imap_types::datetime::NaiveDate;
use imap_codec::imap_types::search::SearchKey;
use jiff::civil::Date;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;

use super::selected::{Selected, Target};
use super::session::{Outcome, Session, ok};
use crate::demo::server::folder::StoredMail;
use crate::demo::server::mime;

impl Session {
    pub(super) fn search(
        &mut self,
        account: &str,
        selected: &Selected,
        criteria: &Vec1<SearchKey<'_>>,
        uid: bool,
    ) -> Outcome {
        let search = Search { selected };
        let key = SearchKey::And(criteria.clone());
        let wanted = search.candidates(&key);
        let found = self.world.post.account(account, |account| {
            let folder = account.folders.get(&selected.folder)?;
            let fits = |target: &Target| folder.mail(target.uid).is_some_and(|mail| search.fits(&key, *target, mail));
            let number = |target: Target| if uid { target.uid.to_string() } else { target.sequence.to_string() };
            Some(wanted.into_iter().filter(fits).map(number).collect::<Vec<_>>())
        });
        let found = found.flatten().unwrap_or_default();
        let separator = if found.is_empty() { "" } else { " " };
        self.wire.say(&format!("* SEARCH{separator}{}", found.join(" ")));
        ok("Searched")
    }
}

struct Search<'a> {
    selected: &'a Selected,
}

impl Search<'_> {
    /// The messages that can fit: a UID range among the criteria spares looking at all others.
    fn candidates(&self, key: &SearchKey<'_>) -> Vec<Target> {
        let SearchKey::And(keys) = key else { return self.selected.targets().collect() };
        let range = keys.as_ref().iter().find_map(|key| match key {
            SearchKey::Uid(set) => self.selected.resolve(set, true),
            _ => None,
        });
        range.unwrap_or_else(|| self.selected.targets().collect())
    }

    fn fits(&self, key: &SearchKey<'_>, target: Target, mail: &StoredMail) -> bool {
        let flag = |name: &str| mail.flags.iter().any(|flag| flag.eq_ignore_ascii_case(name));
        let field = |name: &str, text: &[u8]| header_holds(mail, name, text);
        match key {
            SearchKey::And(keys) => keys.as_ref().iter().all(|key| self.fits(key, target, mail)),
            SearchKey::Or(one, other) => self.fits(one, target, mail) || self.fits(other, target, mail),
            SearchKey::Not(key) => !self.fits(key, target, mail),
            SearchKey::All | SearchKey::Old => true,
            SearchKey::New | SearchKey::Recent => false,
            SearchKey::SequenceSet(set) => self.selected.names(set, false, target),
            SearchKey::Uid(set) => self.selected.names(set, true, target),
            SearchKey::Answered => flag("\\Answered"),
            SearchKey::Deleted => flag("\\Deleted"),
            SearchKey::Draft => flag("\\Draft"),
            SearchKey::Flagged => flag("\\Flagged"),
            SearchKey::Seen => flag("\\Seen"),
            SearchKey::Unanswered => !flag("\\Answered"),
            SearchKey::Undeleted => !flag("\\Deleted"),
            SearchKey::Undraft => !flag("\\Draft"),
            SearchKey::Unflagged => !flag("\\Flagged"),
            SearchKey::Unseen => !flag("\\Seen"),
            SearchKey::Keyword(name) => flag(name.inner()),
            SearchKey::Unkeyword(name) => !flag(name.inner()),
            SearchKey::Bcc(text) => field("Bcc", text.as_ref()),
            SearchKey::Cc(text) => field("Cc", text.as_ref()),
            SearchKey::From(text) => field("From", text.as_ref()),
            SearchKey::To(text) => field("To", text.as_ref()),
            SearchKey::Subject(text) => field("Subject", text.as_ref()),
            SearchKey::Header(name, text) => field(&String::from_utf8_lossy(name.as_ref()), text.as_ref()),
            SearchKey::Body(text) => contains(mime::split(&mail.raw).1, text.as_ref()),
            SearchKey::Text(text) => contains(&mail.raw, text.as_ref()),
            SearchKey::Larger(size) => mail.raw.len() > *size as usize,
            SearchKey::Smaller(size) => mail.raw.len() < *size as usize,
            SearchKey::Before(date) => received(mail) < day(date),
            SearchKey::On(date) => received(mail) == day(date),
            SearchKey::Since(date) => received(mail) >= day(date),
            SearchKey::SentBefore(date) => sent(mail).is_some_and(|sent| Some(sent) < day(date)),
            SearchKey::SentOn(date) => sent(mail).is_some_and(|sent| Some(sent) == day(date)),
            SearchKey::SentSince(date) => sent(mail).is_some_and(|sent| Some(sent) >= day(date)),
        }
    }
}

fn header_holds(mail: &StoredMail, name: &str, text: &[u8]) -> bool {
    let header = mime::split(&mail.raw).0;
    let mut fields = mime::fields(header).filter(|(other, _)| other.eq_ignore_ascii_case(name));
    fields.any(|(_, field)| contains(&mime::value(field), text))
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || haystack.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
}

fn day(date: &NaiveDate) -> Option<Date> {
    date.as_ref().to_string().parse().ok()
}

fn received(mail: &StoredMail) -> Option<Date> {
    Some(mail.internal_date.to_zoned(TimeZone::UTC).date())
}

/// The day in the sender's own zone.
fn sent(mail: &StoredMail) -> Option<Date> {
    let date = mail.header("Date")?;
    DateTimeParser::new().relaxed_weekday(true).parse_zoned(date).ok().map(|zoned| zoned.date())
}
