//! One message, and all its facts.

use super::addition::{self, Addition};
use super::reading::Reading;
use super::{
    Address, Attachment, Body, ByList, Carried, Defect, DeliveryStatus, Evidence, ExternalRef, Feedback, ForwardSign,
    Gesture, Kind, Language, Mailbox, MessageId, ReturnPath, TakenInPart, TraceField, Unreadable, Who, Writer,
};

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
    /// Fields of nobody's standard (`X-…`) that name somebody, with the first address of each, topmost first.
    pub also_named: Vec<(String, Mailbox)>,
    /// What a mailing list's marks say, and what the mail is without them; `None` where it bears none.
    pub by_list: Option<ByList>,
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
    /// Identifiers in In-Reply-To, in order: clients write several where one mail answers several.
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
    /// So many of `trace` stand above the Return-Path that counts: below the border's own hop the mail brought it along.
    pub trace_above_return_path: usize,
    /// Outlook's conversation: Thread-Topic and Thread-Index as they stand.
    pub thread_topic: Option<String>,
    /// Base64, as it stands.
    pub thread_index: Option<String>,
    /// What its words are read from, once more where more is known: see [`InboundMail::quoting`].
    pub(super) reading: Reading,
    /// SHA-256 of the body bytes behind the header, line ends as CRLF: with the Message-ID it tells a copy that came by
    /// another route from a different mail.
    pub body_sha256: [u8; 32],
    /// Its last part is shown as text, and holds no file.
    pub(super) ends_in_text: bool,
    /// This is the beginning alone, where somebody said so: see [`InboundMail::taken_in_part`].
    pub part: Option<TakenInPart>,
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

    /// The mail as written by whom it names, and not by the program or list that handed it in. What the sender's marks say is
    /// not said of them, and nothing proves them.
    pub fn written_by(self, author: Mailbox) -> InboundMail {
        InboundMail { from: Some(author), from_is_sound: false, reply_to: None, ..self }
    }

    /// The mail of a person, whatever a program that writes for people marks it as.
    pub fn of_a_person(self) -> InboundMail {
        let answers = !self.in_reply_to.is_empty() || !self.references.is_empty();
        let (kind, by) = if answers { (Kind::Reply, vec![Evidence::Reference]) } else { (Kind::New, Vec::new()) };
        InboundMail { writer: Writer { who: Who::Person, kind, by }, declines_answers: false, ..self }
    }

    /// The mail without the marks of the list that it came by.
    pub fn without_list(self) -> InboundMail {
        match self.by_list.clone() {
            Some(ByList { writer, declines_answers, .. }) if self.writer.kind != Kind::Own => {
                InboundMail { writer, declines_answers, ..self }
            }
            _ => self,
        }
    }

    /// What it adds to a mail of a moment ago, where it asks nothing of its own.
    pub fn addition(&self) -> Option<Addition> {
        let has_file = self.attachments.iter().any(|file| !file.inline && !file.holds_own_letter);
        let author = self.from.as_ref().and_then(|from| from.name.as_deref()).unwrap_or_default();
        addition::said(&self.body.reply_text, author, has_file)
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
