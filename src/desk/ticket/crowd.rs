//! A mass incident: one ticket, its parent, and the requests about the same matter, its children.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::desk::{ContactId, LedgerId, TicketNumber};

/// What a parent knows of its children; numbers alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Crowd {
    /// An agent said that it is a mass incident. Until then requests that are alike are only proposed.
    pub declared: bool,
    /// Requests that are alike, in the order of their numbers: they become children when an agent says so.
    pub proposed: Vec<TicketNumber>,
    /// L1 was told of them.
    pub offered: bool,
    /// When the newest of them was added.
    pub proposed_at: Option<Timestamp>,
    /// Who receives what is said to all, in the order in which they came.
    pub children: Vec<TicketNumber>,
    /// Children that agents have not read of yet.
    pub untold: Vec<TicketNumber>,
    /// Since when there are any.
    pub untold_since: Option<Timestamp>,
    /// What was last said to all while it was at work.
    pub said: Option<Said>,
    /// What is on its way to all, oldest first.
    pub on_the_way: Vec<OnTheWay>,
}

/// Words of an agent's on the parent that were for all: its entry there, by when it was written and by which mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// When.
    pub at: Timestamp,
    /// By which mail; `None` for the command line.
    pub ledger: Option<LedgerId>,
    /// Who.
    pub by: Option<ContactId>,
}

/// Words that have not reached every child yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnTheWay {
    /// Which words; where the parent has no such entry, none: it is solved, or over.
    pub said: Said,
    /// Files that go with them, by their places among the mail's attachments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<usize>,
    /// They are the solution: it resolves the children.
    pub solves: bool,
    /// Whom they have not reached.
    pub to: Vec<TicketNumber>,
}

impl Crowd {
    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        !self.declared && self.proposed.is_empty() && self.on_the_way.is_empty() && self.children.is_empty()
    }

    /// It is no mass incident any more: what was said to all still reaches all, and whoever is left goes back to the desk.
    pub(super) fn end(&mut self) {
        let Crowd { children, on_the_way, .. } = std::mem::take(self);
        *self = Crowd { children, on_the_way, ..Crowd::default() };
    }

    /// It is not solved: nothing of it is, and what was said is said no more.
    pub(super) fn reopen(&mut self) {
        self.said = None;
        self.on_the_way.retain(|words| !words.solves);
    }

    pub(super) fn settle(&mut self, tickets: &[TicketNumber]) {
        self.proposed.retain(|one| !tickets.contains(one));
    }

    pub(super) fn propose(&mut self, tickets: &[TicketNumber], at: Timestamp) {
        let new: Vec<TicketNumber> = tickets.iter().filter(|one| !self.proposed.contains(one)).copied().collect();
        self.proposed.extend(new);
        self.proposed.sort_unstable();
        self.proposed_at = Some(at);
    }

    /// Whether the ticket is one of those that are alike.
    pub(in crate::desk) fn proposes(&self, ticket: TicketNumber) -> bool {
        self.proposed.binary_search(&ticket).is_ok()
    }

    pub(super) fn join(&mut self, child: TicketNumber, untold: bool, at: Timestamp) {
        if !self.children.contains(&child) {
            self.children.push(child);
        }
        if untold && !self.untold.contains(&child) {
            self.untold.push(child);
            self.untold_since.get_or_insert(at);
        }
    }

    pub(super) fn leave(&mut self, child: TicketNumber) {
        self.children.retain(|one| *one != child);
        self.told(&[child]);
        self.on_the_way.iter_mut().for_each(|words| words.to.retain(|one| *one != child));
        self.on_the_way.retain(|words| !words.to.is_empty());
    }

    pub(super) fn told(&mut self, children: &[TicketNumber]) {
        self.untold.retain(|one| !children.contains(one));
        if self.untold.is_empty() {
            self.untold_since = None;
        }
    }

    pub(super) fn say(&mut self, said: Said, solves: bool, files: &[usize]) {
        self.said = (!solves).then_some(said);
        let to: Vec<TicketNumber> = self.audience().collect();
        if !to.is_empty() {
            self.on_the_way.push(OnTheWay { said, files: files.to_vec(), solves, to });
        }
    }

    /// Whether there are children to whom nothing is on its way though their parent is over, or none any more.
    pub(in crate::desk) fn leaves_behind(&self, is_over: bool) -> bool {
        !self.children.is_empty() && (is_over || !self.declared) && self.on_the_way.is_empty()
    }

    /// Whom words for all go to: the children, and those that are about to be.
    pub(in crate::desk) fn audience(&self) -> impl Iterator<Item = TicketNumber> + '_ {
        let joining = self.proposed.iter().filter(|one| self.declared && !self.children.contains(one));
        self.children.iter().chain(joining).copied()
    }

    /// The oldest words on their way are done with for these; whoever has the solution is no child any more.
    pub(super) fn reached(&mut self, children: &[TicketNumber]) {
        let Some(words) = self.on_the_way.first_mut() else { return };
        words.to.retain(|one| !children.contains(one));
        let (solves, is_over) = (words.solves, words.to.is_empty());
        if is_over {
            self.on_the_way.remove(0);
        }
        if solves {
            self.children.retain(|one| !children.contains(one));
        }
    }

    /// The children that something is next to be done with, at most so many of each sort; the parent is over, or not.
    pub fn next(&self, is_over: bool, limit: usize) -> impl Iterator<Item = TicketNumber> + '_ {
        let left = if self.leaves_behind(is_over) { &self.children[..] } else { &[] };
        let joining = if self.declared || !self.offered { &self.proposed[..] } else { &[] };
        let to = self.on_the_way.first().map_or(&[][..], |words| &words.to);
        [joining, to, left, &self.untold].into_iter().flat_map(move |some| some.iter().take(limit)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> Said {
        Said { at: Timestamp::UNIX_EPOCH, ledger: None, by: None }
    }

    #[test]
    fn the_solution_is_on_its_way_until_each_child_is_done_with() {
        let mut crowd = Crowd { declared: true, ..Crowd::default() };
        let children = [1, 2, 3].map(TicketNumber);
        children.iter().for_each(|child| crowd.join(*child, true, Timestamp::UNIX_EPOCH));
        crowd.say(said(), true, &[]);
        crowd.reached(&children[..2]);
        assert_eq!((crowd.children.as_slice(), crowd.on_the_way[0].to.as_slice()), (&children[2..], &children[2..]));
        crowd.reached(&children);
        crowd.reached(&children);
        assert!(crowd.children.is_empty() && crowd.on_the_way.is_empty());
        assert_eq!(crowd.untold, children);
    }

    #[test]
    fn nothing_is_on_its_way_to_whoever_left() {
        let mut crowd = Crowd::default();
        crowd.join(TicketNumber(1), true, Timestamp::UNIX_EPOCH);
        crowd.say(said(), false, &[]);
        crowd.leave(TicketNumber(1));
        assert_eq!(crowd, Crowd { said: Some(said()), ..Crowd::default() });
    }
}
