//! The rules of a support desk: what is to be done with a mail or a command. Pure.
//!
//! The one door takes what is known ([`Docket`], [`Policy`]) and what came in, and says what
//! happened ([`Event`]) and what is to be written to whom ([`Letter`]). [`Ticket::after`] is the only thing that changes
//! a ticket.

mod brakes;
mod carry_out;
mod case_number;
mod check;
mod command;
mod contact;
mod decide;
mod decision;
mod deliberation;
mod docket;
mod enclosures;
mod event;
mod filing;
mod ids;
mod lesson;
mod letter;
mod matching;
mod new_from_agent;
mod offer;
mod on_agent;
mod on_report;
mod on_request;
mod on_vendor;
mod opening;
mod policy;
mod privacy;
mod quarantine;
mod reach;
mod secret;
mod sign_off;
mod subject;
mod telling;
mod ticket;
mod vendor_letter;
mod wording;

pub use command::{Command, Fault, Instructions, Names, WaitFor};
pub use contact::Contact;
use decide::LOOSE_LETTERS_PER_MAIL;
pub use decide::{
    Arrival, HeldMail, Incoming, Proof, decide, decide_command, decide_failure, decide_new_request, held_mail,
};
pub use decision::{Decision, Drafted, Entry, EntryKind, Outcome, Reason, Trust};
pub use deliberation::Rules;
pub use docket::{Docket, Dossier, Keys, LetterView, Seen, ThreadHit};
pub use enclosures::of as enclosures_of;
pub use event::{Actor, Event, Happened};
pub use ids::{ContactId, LedgerId, PersonId, TicketNumber};
pub use lesson::{impersonal_sentences, nobody};
pub use letter::{Audience, Enclosure, Facts, FixFacts, Leaves, Letter, Purpose, TimelineFacts};
pub use matching::{keys, keys_of_command};
pub use policy::{AfterAnswer, Agent, Desk, EscalationBy, KnownFixThresholds, Limits, Policy, Privacy, Team, Vendor};
pub use privacy::{Pseudonyms, Subject, signed_names};
pub use secret::{Secret, looks_secret, secret_ranges, without_secrets};
pub use ticket::{
    CopiedLevel, Level, Origin, Participant, PendingReason, Priority, RequestType, Role, State, Ticket, VendorCase,
};
