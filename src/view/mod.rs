//! What people and programs are shown of the store, the same on a terminal, in JSON and on a page.
//!
//! It reads, and changes nothing. How it is laid out, and in whose language, is the matter of who shows it.

pub(crate) mod clock;
pub(crate) mod delivery;
pub(crate) mod disclosure;
pub(crate) mod ledger;
mod moment;
mod service;
mod status;
pub(crate) mod ticket;

pub(crate) use moment::moment;
pub(crate) use service::Service;
pub use status::{MailboxStatus, SentStatus, Status};
