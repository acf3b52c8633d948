//! What leaves: letters, what they say and enclose, and whom they may go to at all.

pub(super) mod acknowledging;
pub(super) mod brakes;
pub(super) mod enclosures;
pub(super) mod lesson;
pub(super) mod letter;
pub(super) mod offer;
pub(super) mod published;
pub(super) mod reach;
pub(super) mod telling;
pub(super) mod to_agent;
pub(super) mod vendor_letter;
pub(crate) mod wording;
