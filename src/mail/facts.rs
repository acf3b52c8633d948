//! The words in which the facts of a message are said.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{Address, Language, Mailbox, html};

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
    /// It answers an earlier mail, ours or not.
    Reply,
    /// None of these: somebody writes, and answers nothing.
    New,
}

/// A field that a server on the way wrote, its value unfolded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceField {
    /// A server took the mail in (RFC 5321 §4.4).
    Received(String),
    /// What a server found out about the author (RFC 8601).
    AuthenticationResults(String),
    /// Whom Exchange took the sender for (X-MS-Exchange-Organization-AuthAs): `Internal`, `Anonymous` …
    ExchangeAuthAs(String),
}

impl TraceField {
    /// The value, unfolded.
    pub fn value(&self) -> &str {
        let (TraceField::Received(value)
        | TraceField::AuthenticationResults(value)
        | TraceField::ExchangeAuthAs(value)) = self;
        value
    }
}

/// The envelope sender that the receiving server noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReturnPath {
    /// No Return-Path field.
    Absent,
    /// There is one, and it names nobody who can be written to.
    Unreadable,
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
        self.html.as_deref().map(html::to_text).unwrap_or_default()
    }
}

/// A message that the mail forwards, in its text or attached to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// The text before it.
    pub before: String,
    /// From its first header line on; of one that is attached, its text.
    pub text: String,
    /// Its author, where its header block names an address.
    pub from: Option<Mailbox>,
    /// Its subject, where its header block has one.
    pub subject: Option<String>,
    /// Its text, behind its header block.
    pub body: String,
    /// Of that text; `None` when unsure.
    pub language: Option<Language>,
    /// It is a mail of its own, attached, and stands nowhere in the text.
    pub is_attached: bool,
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
    /// Length of the decoded file, in bytes.
    pub size: u64,
    /// Of the decoded bytes.
    pub sha256: [u8; 32],
    /// Shown within the text (Content-Disposition: inline or referred to by `cid:`).
    pub inline: bool,
    /// Content-ID without `<>`, which `cid:` in the HTML names (RFC 2392).
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

/// How much of a mail there was, where it was too large to be taken in whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenInPart {
    /// Length of the whole, in bytes.
    pub whole_size: u64,
    /// The whole stands in a folder of the mailbox; else nobody has the rest.
    pub is_in_mailbox: bool,
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
    /// Feedback-Type: `abuse`, `fraud`, `virus`, … (RFC 5965 §7.3); `None` where the report does not say.
    #[serde(rename = "type")]
    pub feedback_type: Option<String>,
    /// Original-Rcpt-To or Removal-Recipient.
    pub recipient: Option<String>,
    /// Message-ID of the mail that the report returns, without `<>`.
    #[serde(skip)]
    pub original_message_id: Option<String>,
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

/// What the marks of a mailing list say of a mail (RFC 2919, RFC 2369), and what it is without them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByList {
    /// Addresses that it is written to at the list, as its fields name them.
    pub addresses: Vec<Address>,
    /// The list's identifier, lower case, without `<>`: often its address with a dot for the `@`.
    pub id: Option<String>,
    /// Who wrote it, if the list is not looked at.
    pub writer: Writer,
    /// Whether it declines automatic answers all the same.
    pub declines_answers: bool,
}

/// Who wrote a mail, what sort of mail that makes it, and what made it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// A person, a program, a list, or we ourselves.
    pub who: Who,
    /// What sort of mail it is.
    pub kind: Kind,
    /// What made the kind, the strongest first; empty for [`Kind::New`].
    pub by: Vec<Evidence>,
}

/// Who wrote a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody; nothing says otherwise.
    Person,
    /// A program, and how surely.
    Robot(Known),
    /// A person or a program, by way of a mailing list (RFC 2919).
    List,
    /// We, by a mark of our letters. It can be forged: only the keyring tells, and where it was not us it was this one.
    Us(Box<Writer>),
}

/// How a robot is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// By a mark that people's mail does not bear: a field, a null return path, the parts of a report, a daemon's address.
    Marked,
    /// Only by its wording, which a person may use.
    Wording,
}

impl Writer {
    /// Who it was if it was not us.
    pub fn unless_us(&self) -> &Writer {
        match &self.who {
            Who::Us(stranger) => stranger,
            Who::Person | Who::Robot(_) | Who::List => self,
        }
    }

    /// Whether a person wrote it, if not we.
    pub fn is_person(&self) -> bool {
        self.unless_us().who == Who::Person
    }

    /// Whether a program wrote it, or seems to have, if not we.
    pub fn is_robot(&self) -> bool {
        matches!(self.unless_us().who, Who::Robot(_))
    }

    /// Whether a mark says that a program wrote it, if not we.
    pub fn is_marked(&self) -> bool {
        self.unless_us().who == Who::Robot(Known::Marked)
    }

    /// Whether its wording alone says that a program wrote it, if not we.
    pub fn looks_automatic(&self) -> bool {
        self.unless_us().who == Who::Robot(Known::Wording)
    }

    /// The word that programs read for who it was if it was not us.
    pub fn word(&self) -> &'static str {
        match &self.who {
            Who::Person => "person",
            Who::Robot(Known::Marked) => "robot",
            Who::Robot(Known::Wording) => "looks_automatic",
            Who::List => "list",
            Who::Us(stranger) => stranger.word(),
        }
    }
}

/// What made a mail's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// The `report-type` of a report (RFC 6522 §3).
    ReportType,
    /// The header field of this name.
    Header(&'static str),
    /// A null return path, or a system's.
    ReturnPath,
    /// The author's address, which is a system's.
    Address,
    /// Parts that only reports have.
    Structure,
    /// The first words of the subject.
    Subject,
    /// A sentence of the text.
    Text,
    /// It answers an earlier mail.
    Reference,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evidence::ReportType => f.write_str("report_type"),
            Evidence::Header(name) => write!(f, "header:{name}"),
            Evidence::ReturnPath => f.write_str("return_path"),
            Evidence::Address => f.write_str("address"),
            Evidence::Structure => f.write_str("structure"),
            Evidence::Subject => f.write_str("subject"),
            Evidence::Text => f.write_str("text"),
            Evidence::Reference => f.write_str("reference"),
        }
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
