//! Rows in, rows out: SQLite and PostgreSQL behind one SQL text. It knows SQL and nothing of the world.
//!
//! Three instants make a mail safe. [`Store::record`] writes the raw mail: it is ours. [`Tx::write`] and [`Tx::commit`]
//! write everything that was decided about it, or nothing. [`Store::settle`] writes what the relay said.
//!
//! A state never marks work in hand; a lease does, and it runs out by itself. What each table holds stands in
//! `docs/schema.md`.

mod absence;
mod answered;
mod backup;
mod beside;
mod cited;
mod commit;
mod contact;
mod counter;
mod database;
mod disclosure;
mod docket;
mod due;
mod entry;
mod filing;
mod high_water;
mod hindrance;
mod history;
mod intake;
mod key;
mod known_fix;
mod lease;
mod ledger;
mod letter;
mod lighter;
mod lock;
mod open;
mod outbox;
mod outbox_orders;
mod past;
mod prepared;
mod put_back;
mod quarantine;
mod raw_mail;
mod reading;
mod recent;
mod relayed_as;
mod routine;
mod search;
mod seen_copy;
mod sent_copy;
mod setting;
mod settling;
mod statement;
mod status;
mod ticket;
mod unreadable;
mod words;
mod write;

pub use backup::{Copied, SetAside, back_up, restore};
pub use cited::CitedLetters;
pub use commit::{Store, Tx};
pub use database::{Fault, LiesWith, Settings, Step, Tables, TablesMay, is_unavailable};
pub use filing::Unfiled;
pub use hindrance::Hindrance;
pub use history::{HistoryLine, Place, Position};
pub use intake::{Answered, Pending, Received};
pub use key::{KeyLine, Retired};
pub use known_fix::Draft;
pub use lease::Lease;
pub use ledger::{LedgerFilter, LedgerLine, MailboxCount, Retried, Standing};
pub use letter::{Class, LetterId, LetterRow, LetterState, StoredLetter};
pub use lighter::{HeavyLetter, Renamed};
pub use lock::{ServeLock, is_served};
pub use outbox::{Claim, Delivery, DeliveryId, Settled};
pub use outbox_orders::{DeliveryLine, DeliveryState, Dropped};
pub use past::{LinkedRequest, LinkedRequests, PastRequest};
pub use quarantine::Unhandled;
pub use raw_mail::RawMail;
pub use reading::{DeliveryShown, EntryShown, LetterShown, TicketFilter, TicketList, TicketPage, TicketShown};
pub use relayed_as::RelayedAs;
pub use seen_copy::NamedLetters;
pub use sent_copy::{CopySettled, SentCopy};
pub use settling::{Copies, Settling};
pub use status::{AtWork, MailboxStatus, Serving, Status};
pub use unreadable::Unread;
pub use write::{Accounted, Written};
