//! The facts of one message.

use super::parse::Reading;
use super::{Address, Carried, ForwardSign, Gesture, Language, Mailbox, MessageId, Unreadable, Writer};

/// Everything that a message says, decoded to UTF-8 and freed of what would be dangerous in a header, a log, a
/// terminal or a database (see `sanitize`). The raw bytes stay beside it: attachments are cut out of them when needed.
#[derive(Clone, Debug)]
pub struct InboundMail {
    /// Who wrote it, what sort of mail that makes it, and what made it so.
    pub writer: Writer,
    /// Values of X-Guichet-Loop: the installations that it passed through.
    pub loop_marks: Vec<String>,
    /// Whoever wrote it, no automatic letter may answer it: it says so, or nobody reads there (RFC 3834 §2).
    pub declines_answers: bool,
    /// The first author, else Reply-To, else Sender, else Return-Path.
    pub from: Option<Mailbox>,
    /// Whether `from` was the one address of the one From field. Otherwise nobody is authenticated by it.
    pub from_is_sound: bool,
    /// First address of Reply-To.
    pub reply_to: Option<Mailbox>,
    /// All To fields, groups flattened.
    pub to: Vec<Address>,
    /// All Cc fields, groups flattened.
    pub cc: Vec<Address>,
    /// Those of To and Cc that a name stands beside.
    pub named: Vec<Mailbox>,
    /// Delivered-To, X-Original-To and Envelope-To fields, topmost first.
    pub delivered_to: Vec<Address>,
    /// The envelope sender that the receiving server noted (RFC 5321 §4.4).
    pub return_path: ReturnPath,
    /// Decoded, unfolded, on one line.
    pub subject: String,
    /// `None` when absent or unusable.
    pub message_id: Option<MessageId>,
    /// In order.
    pub in_reply_to: Vec<MessageId>,
    /// In order, root first.
    pub references: Vec<MessageId>,
    /// The Date field as RFC 3339 with its own offset; `None` when absent or unreadable.
    pub date: Option<String>,
    /// What was written.
    pub body: Body,
    /// Every leaf part that is no displayed body part, in order of appearance.
    pub attachments: Vec<Attachment>,
    /// One entry a reported recipient; empty unless it is a [`Kind::Bounce`].
    pub bounce: Vec<DeliveryStatus>,
    /// One entry a reported recipient; empty unless it is a [`Kind::Feedback`].
    pub feedback: Vec<Feedback>,
    /// Ticket numbers of other systems, in headers or subject.
    pub external_refs: Vec<ExternalRef>,
    /// Our references (`R-000123`) in headers, subject, addresses or body, in order, each once.
    pub ticket_refs: Vec<String>,
    /// Tokens of our letters, signed or not, wherever they stand (identifiers, sub-addresses, body line); once for each
    /// carrier, the strongest carrier first, References' newest first. Not verified yet: see [`super::token`].
    pub tokens: Vec<Carried>,
    /// What says that it hands an earlier mail on rather than answers it, whatever else its subject and header say; the
    /// first that is found, in the order of [`ForwardSign`].
    pub forwards: Option<ForwardSign>,
    /// Why the author's words could not be read, where they could not.
    pub unreadable: Option<Unreadable>,
    /// What somebody did with a button; such a mail holds no words that anybody wrote.
    pub gesture: Option<Gesture>,
    /// What was newly written reads like an absence notice; people write so, too.
    pub says_absent: bool,
    /// What was odd.
    pub defects: Vec<Defect>,
    /// Of what was newly written; `None` when unsure.
    pub language: Option<Language>,
    /// What the servers on its way wrote, topmost first.
    pub trace: Vec<TraceField>,
    /// Outlook's conversation: Thread-Topic and Thread-Index as they stand.
    pub thread_topic: Option<String>,
    /// Base64, as it stands.
    pub thread_index: Option<String>,
    /// What its words are read from, once more where more is known: see [`InboundMail::quoting`].
    pub(super) reading: Reading,
    /// SHA-256 of the body bytes behind the header, line ends as CRLF: with the Message-ID it tells a copy that came by
    /// another route from a different mail.
    pub body_sha256: [u8; 32],
}

impl InboundMail {
    /// What sort of mail it is; the first that matches, in the order of [`Kind`].
    pub fn kind(&self) -> Kind {
        self.writer.kind
    }

    /// Whether any automatic letter may answer it at all (RFC 3834 §2). Rates and own addresses are the desk's matter.
    pub fn may_ack(&self) -> bool {
        self.writer.is_person() && !self.declines_answers
    }

    /// A button wrote it, and nobody added a word.
    pub fn is_mere_gesture(&self) -> bool {
        match self.gesture {
            Some(Gesture::Reaction | Gesture::Recall) => true,
            Some(Gesture::CalendarReply) => self.body.reply_text.trim().is_empty(),
            None => false,
        }
    }
}

/// What sort of mail it is. First match wins, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A letter of ours came back.
    Own,
    /// An abuse report (ARF, RFC 5965).
    Feedback,
    /// A message disposition notification (RFC 8098).
    ReadReceipt,
    /// A delivery status notification (RFC 3464), or one of the forms that are none; also delays and successes.
    Bounce,
    /// Out of office, and other robots that answer (RFC 3834).
    AutoReply,
    /// A mailing list's mail that is no reply to us (RFC 2919).
    List,
    /// Somebody answered something.
    Reply,
    /// Somebody wrote.
    New,
}

/// A field that a server on the way wrote, its value unfolded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceField {
    /// A server took the mail in (RFC 5321 §4.4).
    Received(String),
    /// What a server found out about the author (RFC 8601).
    AuthenticationResults(String),
}

impl TraceField {
    /// The value, unfolded.
    pub fn value(&self) -> &str {
        let (TraceField::Received(value) | TraceField::AuthenticationResults(value)) = self;
        value
    }
}

/// The envelope sender that the receiving server noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReturnPath {
    /// No Return-Path field.
    Absent,
    /// `<>`: the mail must not be answered automatically (RFC 5321 §4.5.5).
    Null,
    /// Where reports about the mail would go.
    Path(Address),
}

/// The text of a mail, whole and in its parts.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// The whole body as plain text (RFC 8621 §4.1.4, textBody).
    pub text: String,
    /// The HTML body parts as they stand, decoded; `None` where there are none. Never shown or sent unsanitised.
    pub html: Option<String>,
    /// `text` without quoted earlier mail and what introduces it.
    pub unquoted_text: String,
    /// What the sender newly wrote. Where nothing is left it is `text`, save in an answer: that one says nothing.
    pub reply_text: String,
    /// The signature that was removed; empty if none.
    pub signature: String,
    /// An explicitly forwarded message.
    pub forwarded: Option<Forwarded>,
}

impl Body {
    /// Plain rendering of the HTML body parts; empty where there are none. It is made when it is asked for: few are.
    pub fn html_text(&self) -> String {
        self.html.as_deref().map(super::html::to_text).unwrap_or_default()
    }
}

/// A message that the body forwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// The text before it.
    pub before: String,
    /// From its first header line on.
    pub text: String,
    /// Its author, where its header block names an address.
    pub from: Option<Mailbox>,
    /// Its subject, where its header block has one.
    pub subject: Option<String>,
    /// Its text, behind its header block.
    pub body: String,
}

/// A part that is no displayed body part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// As the mail gives it, decoded; not safe to use as it is.
    pub name: Option<String>,
    /// What it may be called on a disk or in a mail of ours: never empty, at most 120 bytes.
    pub safe_name: String,
    /// Lower case `type/subtype`.
    pub content_type: String,
    /// Decoded bytes.
    pub size: u64,
    /// Of the decoded bytes.
    pub sha256: [u8; 32],
    /// Shown within the text (Content-Disposition: inline or referred to by `cid:`).
    pub inline: bool,
    /// Without `<>`.
    pub content_id: Option<String>,
    /// Outlook's winmail.dat. The files in it are attachments of their own, behind it; it itself also holds the mail once
    /// more, which nobody who writes it sees.
    pub is_container: bool,
    /// Who wrote an attached message, whatever its name and type, as its own header says; unproven.
    pub message_from: Option<Address>,
    /// It bears a mark of a letter of ours to the desk or to a vendor, in what it encodes or holds too: it must not leave
    /// unseen.
    pub holds_own_letter: bool,
}

/// What happened to one recipient of a mail of ours (RFC 3464 §2.3).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeliveryStatus {
    /// The address that failed.
    pub recipient: Option<String>,
    /// `failed`, `delayed`, `delivered`, `relayed` or `expanded` (RFC 3464 §2.3.3).
    pub action: Option<String>,
    /// RFC 3463 code; never invented.
    pub status: Option<String>,
    /// Three-digit SMTP reply code.
    pub replycode: Option<String>,
    /// One word of a fixed vocabulary (`userunknown`, `mailboxfull`, …).
    pub reason: Option<String>,
    /// The address is dead for good.
    pub hard: bool,
    /// Id of the mail that bounced, without `<>`.
    pub original_message_id: Option<String>,
}

impl DeliveryStatus {
    /// A failure of which nothing else could be read.
    pub fn failed_somehow() -> DeliveryStatus {
        DeliveryStatus {
            recipient: None,
            action: Some("failed".to_owned()),
            status: None,
            replycode: None,
            reason: None,
            hard: false,
            original_message_id: None,
        }
    }

    /// The address that it names.
    pub fn named(&self) -> Option<Address> {
        self.recipient.as_deref().and_then(|recipient| recipient.parse().ok())
    }
}

/// One recipient of an abuse report (RFC 5965).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Feedback {
    /// Feedback-Type.
    #[serde(rename = "type")]
    pub feedback_type: Option<String>,
    /// Original-Rcpt-To or Removal-Recipient.
    pub recipient: Option<String>,
}

/// A ticket number of another system.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ExternalRef {
    /// `servicenow`, `jira`, `zendesk`, …; `None` where the form tells no system.
    pub system: Option<String>,
    /// Exactly as the other system writes it.
    pub id: String,
}

/// Something odd about a mail, as a stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Defect {
    /// More than one From field or more than one author.
    FromMultiple,
    /// The From field holds no usable address.
    FromMalformed,
    /// Bytes above 127 in a header, unencoded.
    #[serde(rename = "header_raw_8bit")]
    HeaderRaw8bit,
    /// A charset name that nobody knows.
    CharsetUnknown,
    /// A text that is not in the charset that it names, or names none and is no UTF-8: what it says is a guess.
    CharsetGuessed,
    /// Characters of a text that could not be read; it holds U+FFFD in their place.
    TextDamaged,
    /// Base64 with foreign bytes.
    Base64Damaged,
    /// A multipart without its boundary.
    BoundaryMissing,
    /// More parts than we read.
    TooManyParts,
    /// Deeper nested than we read.
    TooDeep,
    /// A Date field that is no day of the calendar or no time of the day.
    DateMalformed,
    /// Control characters where text should be.
    ControlCharacters,
    /// Encrypted (PGP/MIME RFC 3156, S/MIME RFC 8551): the text cannot be read here.
    Encrypted,
    /// Not a message at all: no header could be read.
    NotAMessage,
}
