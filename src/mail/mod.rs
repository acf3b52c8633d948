//! What a message says. Pure: bytes in, facts out; any bytes are a mail.
//!
//! [`parse()`] never fails. What was odd about a mail stands in [`InboundMail::defects`].

mod address;
pub mod authenticity;
mod inbound;
mod language;
mod message_id;
pub mod small_talk;
pub mod token;

pub use address::{Address, Mailbox, NotAnAddress};
pub use authenticity::Authentication;
pub use inbound::{
    Attachment, Body, Defect, DeliveryStatus, ExternalRef, Feedback, Forwarded, InboundMail, Kind, ReturnPath,
};
pub use language::Language;
pub use message_id::MessageId;
