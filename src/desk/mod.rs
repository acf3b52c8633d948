//! The rules of a support desk: what is to be done with a mail or a command. Pure.
//!
//! The one door takes what is known ([`Docket`], [`Policy`]) and what came in, and says what
//! happened ([`Event`]) and what is to be written to whom ([`Letter`]). [`Ticket::after`] is the only thing that changes
//! a ticket. Rooms, from what everybody uses to who decides: `ticket`, `docket`, `audience`, `outgoing`, `command`, `rules`.

mod attribution;
mod audience;
pub mod clock;
mod command;
mod decide;
mod decision;
mod deliberation;
mod docket;
mod foresight;
mod incoming;
mod nearest;
mod non_empty;
mod occasion;
mod outgoing;
mod policy;
mod proof;
pub mod report;
mod routine;
mod rules;
mod targets;
mod ticket;
mod worded;

pub use attribution::attributed;
pub use audience::pseudonyms::{Pseudonyms, Subject, signed_names};
pub use audience::secret::{Secret, looks_secret, secret_ranges, without_secrets};
pub use command::{AgentName, BadArgument, Command, Instructions, Major, Names, NewWords, Slip, WaitFor, Wanted, When};
pub use decide::{Explained, decide, depends_on_author, explain, held_mail};
pub use decision::{Decision, Drafted, Entry, EntryKind, Moved, Outcome, Reason, Vouched, Weight};
pub use deliberation::Rules;
pub use docket::absence::{Absence, ToldBy};
pub(crate) use docket::case_mark::stands_in;
pub use docket::disclosure::{DisclosedFile, Disclosure};
pub use docket::keys::{Keys, Sighting, keys};
pub(crate) use docket::machine_mail::{Report as MachineReport, Says, report as machine_report};
pub(crate) use docket::matching::{is_fresh, loose_letters};
pub use docket::{Docket, Dossier, FoundTickets, LetterView, MachineTickets, Newcomer, Seen, ThreadHit};
pub use foresight::{Foreseen, foresee};
pub use incoming::{Arrival, HeldMail, Incoming};
pub(crate) use nearest::nearest;
pub use non_empty::NonEmpty;
pub use occasion::{Call, LightenedLetter, Occasion, Order, RefusedLetter, Unreadable};
pub use outgoing::enclosures::{note_of_left_out, of as enclosures_of};
pub use outgoing::lesson::{impersonal_sentences, nobody};
pub use outgoing::letter::{
    Audience, ChartFacts, CrowdFacts, DueFacts, Enclosure, Facts, FixFacts, Leaves, Letter, MadeFile, OtherFacts,
    Purpose, QuarantinedFacts, RowFacts, SectionFacts, TimelineFacts, WorkFacts,
};
pub(crate) use outgoing::wording;
pub use policy::{
    AfterAnswer, Agent, Desk, Escalation, EscalationBy, Form, KeyFrom, KnownFixThresholds, LanguagePolicy, Limits,
    Machine, Manager, Organisation, Policy, Privacy, RequesterIn, Sender, TagPlace, Target, Team, Vendor, Waiting,
};
pub use proof::{Handed, Judged, Looked, Named, Proof};
pub use routine::{Quarantined, Routine, RoutineDue, quarantine_alarm_at};
pub use rules::crowds::{COMPARED, COMPARED_MAX};
pub use rules::due::{CHILDREN_AT_A_TIME, next_look};
pub use targets::promises;
pub use ticket::case::{Mark, VendorCase};
pub use ticket::clock::{Clock, ClockName, ClockState};
pub use ticket::contact::Contact;
pub use ticket::crowd::{Crowd, OnTheWay, Said};
pub use ticket::event::{Actor, Event, Happened};
pub use ticket::ids::{ContactId, LedgerId, PersonId, TicketNumber};
pub use ticket::state::{CopiedLevel, Level, Origin, PendingReason, Priority, RequestType, Role, State, Trust};
pub use ticket::{Leaving, MachineKey, Participant, Ticket};
