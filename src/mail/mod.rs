//! What a message says. Pure: bytes in, facts out; any bytes are a mail.
//!
//! [`parse()`] never fails. What was odd about a mail stands in [`InboundMail::defects`].

mod abridged;
mod absence;
mod addition;
mod address;
mod address_list;
mod attachment;
pub mod authenticity;
mod auto_reply;
mod beginning;
mod bounce;
mod calendar;
mod charset;
mod classified;
mod date;
mod enclosed;
mod encoded_word;
mod envelope;
mod facts;
mod feedback;
mod flowed;
pub mod fold;
mod forward;
mod gesture;
mod header;
mod header_marks;
#[cfg(test)]
mod hostile;
pub mod html;
mod inbound;
mod kept;
mod kind;
mod language;
mod lead;
mod leaves;
mod message_id;
mod mime;
mod parameter;
mod parse;
pub(crate) mod pattern;
pub mod prefix;
mod reading;
mod receipt;
mod references;
mod reply_text;
mod report;
mod rtf;
pub mod sanitize;
pub mod small_talk;
mod smime;
mod tnef;
pub mod token;
mod transfer;
mod unread;
mod unreadable;
mod uuencode;
pub(crate) mod words;
mod work;
mod writer;

pub use addition::Addition;
pub use address::{Address, Mailbox, NotAnAddress};
pub use authenticity::Authentication;
pub use facts::{
    Attachment, Body, ByList, Defect, DeliveryStatus, Evidence, ExternalRef, Feedback, Forwarded, Kind, Known,
    ReturnPath, TakenInPart, TraceField, Who, Writer,
};
pub use forward::ForwardSign;
pub use gesture::Gesture;
pub use header::{OnlyReading, only_reading};
pub use inbound::InboundMail;
pub use kept::{BEGINNING_BYTES, Kept};
pub use kind::LOOP_HEADER;
pub use language::Language;
pub use message_id::MessageId;
pub use parse::{attachment_bytes, attachments_bytes, parse};
pub use references::{Carried, Carrier};
pub use reply_text::Letters;
pub use unreadable::Unreadable;
