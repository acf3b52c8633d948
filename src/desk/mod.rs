//! The rules of a support desk: what is to be done with a mail or a command. Pure.
//!
//! The one door takes what is known ([`Docket`], [`Policy`]) and what came in, and says what
//! happened ([`Event`]) and what is to be written to whom ([`Letter`]). [`Ticket::after`] is the only thing that changes
//! a ticket.

mod contact;
mod decision;
mod docket;
mod event;
mod ids;
mod letter;
mod policy;
mod privacy;
mod ticket;

pub use contact::Contact;
pub use decision::{Decision, Entry, EntryKind, Outcome, Reason, Trust};
pub use docket::{Docket, Dossier, EntryView, Keys, LetterView, Seen, ThreadHit};
pub use event::{Actor, Event, Happened};
pub use ids::{ContactId, LedgerId, PersonId, TicketNumber};
pub use letter::{Audience, Enclosure, Facts, FixFacts, Letter, Purpose, TimelineFacts};
pub use policy::{AfterAnswer, Agent, Desk, EscalationBy, Limits, Policy, Privacy, Team, Vendor};
pub use privacy::{Pseudonyms, Secret, Subject, looks_secret};
pub use ticket::{
    CopiedLevel, Level, Origin, Participant, PendingReason, Priority, RequestType, Role, State, Ticket, VendorCase,
};
