//! Finished letters: RFC 5322 bytes from an order of the desk. Pure.
//!
//! [`compose()`] renders the template of the letter's purpose and language and writes the mail around it. Its law: one
//! From, Date, Message-ID and Subject; CRLF alone; lines of 998 bytes at most; 7 bits; no text of a mail becomes a header
//! field, a template or live HTML. Attachments are put in by [`enclose()`] when the letter leaves.

mod accessible;
mod body;
mod check;
mod compose;
mod enclose;
mod facts;
mod header;
mod helpers;
mod html;
mod identity;
mod lighten;
mod made;
mod marks;
mod plain;
mod rendering;
mod sample;
mod scope;
mod subject;
mod template_file;
mod templates;
mod thread;
mod trial;

pub use accessible::{Barrier, BarrierKind, barriers};
pub use compose::{ComposeError, Composed, compose};
pub use enclose::{PlacedEnclosure, enclose};
pub use facts::{FACTS, unheard_of};
pub use lighten::{Lighter, Refused, lighten};
pub use plain::PlainLetter;
pub use template_file::TemplateFault;
pub use templates::{TemplateFaults, Templates, Unrenderable};
