//! A ticket's case with a vendor, and what the vendor's system calls it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::ContactId;
use crate::mail::MessageId;

/// A case keeps so many marks.
const MARKS_MAX: usize = 20;

/// A case remembers so many people of the vendor's.
const CORRESPONDENTS_MAX: usize = 20;

/// A ticket's private thread with one vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorCase {
    /// The vendor's name in the configuration.
    pub vendor: String,
    /// Its marks in the vendor's system, newest first: a case that is moved or merged gets another one.
    pub marks: Vec<Mark>,
    /// Message-ID of the letter that opened the case.
    pub opened_with: Option<MessageId>,
    /// Message-ID of the vendor's last mail: ours reply to it.
    pub last_heard: Option<MessageId>,
    /// What the vendor's system finds its case by in a text (`Ref:MSG…`): ours say it again.
    pub watermark: Option<String>,
    /// Its system did not take a letter of ours: the next one bears our tag elsewhere.
    pub refused: bool,
    /// Since when the vendor has owed an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// When it was last asked for it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chased_at: Option<Timestamp>,
    /// How often it was, since it was asked.
    #[serde(default, skip_serializing_if = "is_none")]
    pub chases: u32,
    /// Who wrote in it for the vendor, in the order in which they came.
    pub correspondents: Vec<ContactId>,
    /// Where it began on a ticket that was merged into this one: the people of that ticket, whom the vendor knows by their places
    /// there.
    pub people: Vec<ContactId>,
}

/// How a vendor's system names a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Exactly as the vendor writes it into a subject: `[rt.vendor.example #4711]`.
    pub mark: String,
    /// The number alone: `4711`.
    pub number: String,
}

fn is_none(count: &u32) -> bool {
    *count == 0
}

impl VendorCase {
    /// A case in which nothing was said yet.
    pub(super) fn new(vendor: &str) -> VendorCase {
        VendorCase {
            vendor: vendor.to_owned(),
            marks: Vec::new(),
            opened_with: None,
            last_heard: None,
            watermark: None,
            refused: false,
            asked_at: None,
            chased_at: None,
            chases: 0,
            correspondents: Vec::new(),
            people: Vec::new(),
        }
    }

    /// The newest mark.
    pub fn mark(&self) -> Option<&str> {
        self.marks.first().map(|mark| mark.mark.as_str())
    }

    /// The newest number.
    pub fn number(&self) -> Option<&str> {
        self.marks.first().map(|mark| mark.number.as_str())
    }

    /// The case of a ticket that was merged into this one. What this ticket's own says comes first.
    pub(super) fn take_over(&mut self, other: VendorCase) {
        if self.opened_with.is_none() {
            (self.opened_with, self.last_heard) = (other.opened_with, other.last_heard);
            (self.watermark, self.refused, self.people) = (other.watermark, other.refused, other.people);
            (self.asked_at, self.chased_at, self.chases) = (other.asked_at, other.chased_at, other.chases);
        }
        let new = |mark: &Mark| self.marks.iter().all(|known| known.mark != mark.mark);
        let marks: Vec<Mark> = other.marks.into_iter().filter(new).collect();
        self.marks.extend(marks);
        self.marks.truncate(MARKS_MAX);
        other.correspondents.into_iter().for_each(|contact| self.heard(contact));
    }

    /// We wrote: an answer is owed.
    pub(super) fn asked(&mut self, at: Timestamp) {
        (self.asked_at, self.chased_at, self.chases) = (Some(at), None, 0);
    }

    /// It was asked again.
    pub(super) fn chased(&mut self, at: Timestamp) {
        self.chased_at = Some(at);
        self.chases += 1;
    }

    /// Nothing is owed any more.
    pub(super) fn answered(&mut self) {
        (self.asked_at, self.chased_at, self.chases) = (None, None, 0);
    }

    pub(super) fn heard(&mut self, from: ContactId) {
        if !self.correspondents.contains(&from) && self.correspondents.len() < CORRESPONDENTS_MAX {
            self.correspondents.push(from);
        }
    }

    /// A mark is added, never replaced, save by a fuller writing of the same number.
    pub(super) fn learn(&mut self, mark: Mark) {
        if self.marks.iter().any(|known| known.mark == mark.mark) {
            return;
        }
        self.marks.retain(|known| !(known.number == mark.number && mark.mark.contains(&known.mark)));
        self.marks.insert(0, mark);
        self.marks.truncate(MARKS_MAX);
    }
}
