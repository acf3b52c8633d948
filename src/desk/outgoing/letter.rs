//! What is to be written to whom. `letters` makes finished mails of it.

use std::borrow::Cow;

use crate::desk::ContactId;
use serde::{Deserialize, Serialize};

use crate::desk::worded::worded;
use crate::desk::{Desk, LedgerId, Policy, TagPlace, TicketNumber};
use crate::mail::token::{Keyring, Token, TokenAudience};
use crate::mail::{Address, Language, Mailbox, MessageId};

/// An order for one letter. Every text in it was written for its audience, or was handed to it by an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// The ticket it is about; `None` for letters about a mail that is on no ticket.
    pub ticket: Option<TicketNumber>,
    /// Number within the ticket, from 1; together they name the letter in its token.
    pub number: i64,
    /// What it says, and the name of its template.
    pub purpose: Purpose,
    /// Who may read it.
    pub audience: Audience,
    /// Of the template, the dates and the words that the program adds.
    pub language: Language,
    /// Name of the desk that writes.
    pub desk: String,
    /// The desk's address that it is sent from: the one the correspondent wrote to.
    pub from: Address,
    /// Who stands behind it: "Marie Tremblay" of "Marie Tremblay via Guichet". `None`: the desk itself.
    pub writer: Option<String>,
    /// Shown in To. One delivery is made for each.
    pub to: Vec<Mailbox>,
    /// Shown in Cc. One delivery is made for each.
    pub cc: Vec<Mailbox>,
    /// The subject that the correspondent knows, without tags and prefixes.
    pub subject: String,
    /// Where our tag stands in the subject.
    pub tag: TagPlace,
    /// The vendor's newest case mark, exactly as the vendor writes it; it stands in the subject.
    pub case_mark: Option<String>,
    /// The mail that it answers in its reader's client.
    pub in_reply_to: Option<MessageId>,
    /// Earlier mails of the thread, root first.
    pub references: Vec<MessageId>,
    /// Thread-Topic of the correspondent's mail, by which Outlook groups a conversation.
    pub thread_topic: Option<String>,
    /// Thread-Index of that mail, Base64; a block of ours is added when the letter is composed.
    pub thread_index: Option<String>,
    /// HTML of a person's words, as it came; sanitised when composed. `None`: made from the text.
    pub html: Option<String>,
    /// Attachments and inline images that go with it.
    pub enclosures: Vec<Enclosure>,
    /// Files that the program made for it.
    pub made: Vec<MadeFile>,
    /// What its list of attachments names, in order: what `#pièces` counts in an answer to it.
    pub listed: Vec<Enclosure>,
    /// The mail that it speaks of and that `#ok`, `#annuler` and `#libérer` would act on.
    pub about: Option<LedgerId>,
    /// Who would read a plain reply to it: for letters to agents about the requester's words.
    pub readers: Option<Vec<ContactId>>,
    /// The form that named whom it goes to.
    pub form: Option<String>,
    /// Whether it waits for a human.
    pub leaves: Leaves,
    /// What the template says.
    pub facts: Facts,
}

/// When a letter may leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leaves {
    /// As soon as it is written down.
    #[default]
    AtOnce,
    /// A brake tripped: when a human releases it.
    WhenReleased,
}

impl Letter {
    /// The token that names this letter.
    pub fn token(&self, keyring: &Keyring) -> Token {
        keyring.sign(self.ticket.map_or(0, |ticket| ticket.0), self.number, self.audience.token())
    }

    /// The desk as its reader knows it. Whoever wrote to an address of a desk that has handed the ticket over since goes on with that
    /// address and the name beside it; colleagues read the name of the desk that has it. Whether replies may go to a sub-address
    /// goes by the address.
    pub fn desk_in<'p>(&self, policy: &'p Policy) -> Cow<'p, Desk> {
        let desk = policy.desk(&self.desk);
        let Some(known) = policy.desk_at(&self.from).filter(|known| known.name != desk.name) else {
            return Cow::Borrowed(desk);
        };
        let display_name = if self.audience == Audience::Desk { &desk.display_name } else { &known.display_name };
        let sub_addressing = known.sub_addressing;
        Cow::Owned(Desk { display_name: display_name.clone(), sub_addressing, ..desk.clone() })
    }

    /// The words of a person that it carries.
    pub fn words(&self) -> Option<&str> {
        self.facts.text.as_deref().or(self.facts.brief.as_deref())
    }

    /// The Message-ID: the token at the desk's domain. One letter has one, whenever and however often it leaves.
    pub fn message_id(&self, keyring: &Keyring) -> MessageId {
        MessageId::of_token(&self.token(keyring), self.from.domain())
    }
}

/// Who may read a text. Every stored text has exactly one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The requester and the participants.
    Requester,
    /// Whoever works here: agents and teams.
    Desk,
    /// One vendor, by its name in the configuration.
    Vendor(String),
}

impl Audience {
    /// The word that commands and tools use: `requester`, `desk`, `vendor`.
    pub fn word(&self) -> &'static str {
        match self {
            Audience::Requester => "requester",
            Audience::Desk => "desk",
            Audience::Vendor(_) => "vendor",
        }
    }

    /// As tokens say it.
    pub fn token(&self) -> TokenAudience {
        match self {
            Audience::Requester => TokenAudience::Requester,
            Audience::Desk => TokenAudience::Desk,
            Audience::Vendor(_) => TokenAudience::Vendor,
        }
    }
}

worded! {
    /// What a letter is for; each has a template of its name.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum Purpose,
    /// The template's name, also stored with the letter.
    name {
        /// To the requester: it arrived. May offer known fixes.
        Acknowledgement = "acknowledgement",
        /// To the requester: it arrived, and is part of a mass incident that is at work.
        CrowdAcknowledgement = "crowd_acknowledgement",
        /// To an unverified sender: it arrived, without any of its text.
        AcknowledgementGeneric = "acknowledgement_generic",
        /// To the requester: this known fix should solve it.
        KnownFix = "known_fix",
        /// To the requester: an agent's answer, or a vendor's that an agent sends on.
        Answer = "answer",
        /// To the requester: specialists work on it.
        PassedOn = "passed_on",
        /// To the requester: solved.
        Resolved = "resolved",
        /// To the requester: a question of ours still waits for an answer.
        Reminder = "reminder",
        /// To the requester: where it stands.
        Status = "status",
        /// To the requester: the language was switched.
        LanguageSwitched = "language_switched",
        /// To agents: a new ticket.
        NewTicket = "new_ticket",
        /// To agents: the requester wrote.
        RequesterAnswered = "requester_answered",
        /// To agents: a vendor wrote.
        VendorAnswered = "vendor_answered",
        /// To a team: a ticket was escalated to it.
        Escalated = "escalated",
        /// To a team: a ticket came back.
        Returned = "returned",
        /// To a team: the open tickets of somebody who is away.
        HandedBack = "handed_back",
        /// To the owner: a colleague's note, a mention, something to know.
        Notice = "notice",
        /// To an agent: what was done with the mail.
        Receipt = "receipt",
        /// To an agent: nothing was done with the mail, and why.
        CommandRefused = "command_refused",
        /// To an agent: `#statut`, `#liste`, `#aide`, `#aperçu` answered.
        Report = "report",
        /// To an agent: a letter did not arrive.
        NotDelivered = "not_delivered",
        /// To an agent: was this mail really yours?
        Challenge = "challenge",
        /// To L1: mails that wait for a human.
        Quarantine = "quarantine",
        /// To L1 and managers: nobody looked at mails that wait for a human.
        QuarantineAlarm = "quarantine_alarm",
        /// To L1: what the mailbox's server took for junk, each working day.
        Junk = "junk",
        /// To an agent: their open tickets, each working day.
        Worklist = "worklist",
        /// To L1: many requests seem to be about one matter.
        CrowdProposed = "crowd_proposed",
        /// To agents: requests that became part of a mass incident.
        CrowdDigest = "crowd_digest",
        /// To a manager: what a desk did in a week.
        WeeklyReport = "weekly_report",
        /// To agents: what falls due on their tickets, or has.
        Clocks = "clocks",
        /// To a manager: a promise is broken.
        HierarchicalEscalation = "hierarchical_escalation",
        /// To whoever is on call: a ticket of the highest priority.
        OnCall = "on_call",
        /// To a vendor: the case.
        Case = "case",
        /// To a vendor: more about it.
        FollowUp = "follow_up",
        /// To a vendor: its answer is late.
        Chase = "chase",
    }
}

impl Purpose {
    /// A person's words: neither marked as automatic nor held by a brake. Everything to vendors counts, because their
    /// systems discard marked mail.
    pub fn is_human(&self) -> bool {
        matches!(self, Purpose::Answer | Purpose::Case | Purpose::FollowUp | Purpose::Chase)
    }

    /// A rule asks how many of these somebody got lately, or when: what mails are answered with, and what would be told again
    /// and again. The others are not looked up: agents get thousands of them a day.
    pub fn is_counted(&self) -> bool {
        matches!(
            self,
            Purpose::Acknowledgement
                | Purpose::AcknowledgementGeneric
                | Purpose::CrowdAcknowledgement
                | Purpose::KnownFix
                | Purpose::Status
                | Purpose::LanguageSwitched
                | Purpose::Challenge
                | Purpose::Quarantine
                | Purpose::Clocks
        )
    }
}

/// An attachment or inline image of a mail in the ledger. It is cut out of the raw mail when the letter leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    /// The mail that it came with.
    pub ledger: LedgerId,
    /// Which of its attachments, from 0.
    pub index: usize,
    /// A safe name.
    pub name: String,
    /// Lower case `type/subtype`.
    pub content_type: String,
    /// Length of the decoded file, in bytes.
    pub size: u64,
    /// Content-ID without `<>`; set for images that the HTML refers to.
    pub content_id: Option<String>,
}

/// A file that the program made. Its bytes stand in the letter from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeFile {
    /// With its ending; of letters, digits and `-`, and no two of a letter alike.
    pub name: String,
    /// `type/subtype`, with parameters where it has any.
    pub content_type: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What templates may say. All fields are always there (templates are strict); what does not apply is null or empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Facts {
    /// `R-000123`; null for letters about a mail that is on no ticket.
    pub reference: Option<String>,
    /// The ticket's subject.
    pub subject: String,
    /// Name of who asks, else the address, for agents; with privacy `pseudonym` vendors read another one.
    pub requester_name: Option<String>,
    /// Address of who asks, where a name stands beside it; never in a vendor's letter with privacy `pseudonym`.
    pub requester_address: Option<String>,
    /// Letters to agents: whom the requester belongs to, as people read it.
    pub organisation: Option<String>,
    /// Letters to agents: the mass incident that the ticket is part of, `R-000123 · Title`.
    pub major: Option<String>,
    /// Whether the author could not be authenticated.
    pub unverified: bool,
    /// Who wrote `text`.
    pub author: Option<String>,
    /// The words that the letter is about: a request, an answer, a solution, a vendor's mail.
    pub text: Option<String>,
    /// The escalating agent's words.
    pub brief: Option<String>,
    /// As the reader's language calls it: `L1` to `L3`, `N1` to `N3`.
    pub level: Option<String>,
    /// `new`, `open`, `pending`, `resolved`, `closed`, `spam`.
    pub state: Option<String>,
    /// The same in the reader's language, with what it waits for and until when.
    pub standing: Option<String>,
    /// 1 to 4.
    pub priority: Option<u8>,
    /// Name of the owner.
    pub owner: Option<String>,
    /// Name of the vendor.
    pub vendor: Option<String>,
    /// The vendor's case number.
    pub case_number: Option<String>,
    /// What the vendor's system finds its case by in a text.
    pub watermark: Option<String>,
    /// Known fixes that may help.
    pub fixes: Vec<FixFacts>,
    /// Earlier entries, newest first.
    pub timeline: Vec<TimelineFacts>,
    /// New tickets: others that the requester has open, newest first. Of somebody who is away: those that go back to the team.
    pub others: Vec<OtherFacts>,
    /// Tickets on which something falls due, or has.
    pub due: Vec<DueFacts>,
    /// Worklists: the reader's open tickets, the most urgent first.
    pub worklist: Vec<WorkFacts>,
    /// Weekly reports: from when until when, in the reader's language.
    pub period: Option<String>,
    /// Weekly reports: the figures, under their headings.
    pub sections: Vec<SectionFacts>,
    /// Weekly reports: pictures of the figures.
    pub charts: Vec<ChartFacts>,
    /// Mails in quarantine, the oldest first.
    pub quarantined: Vec<QuarantinedFacts>,
    /// Requests about one matter.
    pub crowd: Vec<CrowdFacts>,
    /// What a mass incident is called.
    pub title: Option<String>,
    /// Attachments as `1. name (size)`, in the numbers that `#pièces` takes.
    pub attachments: Vec<String>,
    /// Receipts: what was done, a line each, already in the reader's language.
    pub done: Vec<String>,
    /// Refusals, notices, quarantine: why, a line each, already in the reader's language.
    pub reasons: Vec<String>,
    /// Receipts: who received what the agent wrote.
    pub recipients: Vec<String>,
    /// Receipts: nothing of the mail went to the requester.
    pub not_sent_to_requester: bool,
    /// Letters to agents: who will read a plain reply, in the reader's language.
    pub reply_goes_to: Option<String>,
    /// Letters to agents: a plain reply goes to the requester.
    pub reply_is_public: bool,
    /// Letters to agents: commands that take the ticket to another level from where it is, in the reader's language.
    pub moves: Vec<String>,
    /// A challenge's single-use code.
    pub code: Option<String>,
    /// The requester may answer OUI/YES.
    pub asks_yes: bool,
    /// The reader's language is not known: one line in the other language stands below.
    pub language_unsure: bool,
    /// When the request arrived, or what a vendor is chased for was sent, in the desk's time zone, in the reader's language.
    pub received_at: Option<String>,
    /// Acknowledgements: the ticket that the mail was on before it became a request of its own, `R-000123`.
    pub split_from: Option<String>,
    /// Reminders: the day on which the request counts as resolved, in the reader's language.
    pub resolves_on: Option<String>,
    /// When a human answers at the latest, in the reader's language; null where nothing is promised.
    pub answer_by: Option<String>,
    /// Letters to agents: what is promised of the ticket and until when, a line each, in the reader's language.
    pub clocks: Vec<String>,
    /// When the desk is open, in the reader's language; null where no hours are configured.
    pub hours: Option<String>,
}

/// A known fix in a letter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FixFacts {
    /// What `#solution` takes: `vpn-timeout`.
    pub id: String,
    /// Title of the article, in its own language.
    pub title: String,
    /// The answer as plain text.
    pub text: String,
    /// The answer as HTML, safe as it is.
    pub html: String,
}

/// Another ticket of the same requester.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OtherFacts {
    /// Its number as readers know it: `R-000123`.
    pub reference: String,
    /// The ticket's subject, without reply prefixes and our tag.
    pub subject: String,
    /// Where it stands, in the reader's language.
    pub standing: String,
    /// Name of the owner.
    pub owner: Option<String>,
}

/// A ticket on which something falls due, or has.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DueFacts {
    /// Its number as readers know it: `R-000123`.
    pub reference: String,
    /// The ticket's subject.
    pub subject: String,
    /// 1 to 4.
    pub priority: u8,
    /// Who works on it: `L1` to `L3`, in French `N1` to `N3`.
    pub level: String,
    /// Where it stands, in the reader's language.
    pub standing: String,
    /// Name of the owner.
    pub owner: Option<String>,
    /// The requester's organisation, as people read it.
    pub organisation: Option<String>,
    /// What falls due when, in the reader's language.
    pub sentences: Vec<String>,
}

/// Figures of a weekly report under one heading, in the reader's language.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SectionFacts {
    /// The heading.
    pub title: String,
    /// Its lines.
    pub rows: Vec<RowFacts>,
}

/// A line of a weekly report.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RowFacts {
    /// What is told.
    pub label: String,
    /// The figures.
    pub value: String,
}

/// A picture of a weekly report.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ChartFacts {
    /// What it shows.
    pub title: String,
    /// The same in words, with all of its numbers.
    pub alt: String,
    /// The name of the file that was made of it; templates read its Content-ID.
    pub cid: String,
}

/// A ticket on its owner's worklist.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WorkFacts {
    /// Its number as readers know it: `R-000123`.
    pub reference: String,
    /// The ticket's subject.
    pub subject: String,
    /// 1 to 4.
    pub priority: u8,
    /// Where it stands, in the reader's language.
    pub standing: String,
    /// The requester's organisation, as people read it.
    pub organisation: Option<String>,
    /// What is promised, and until when, a line each, in the reader's language.
    pub promises: Vec<String>,
    /// Names the ticket in a mail about it.
    pub token: String,
}

/// A mail in quarantine.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct QuarantinedFacts {
    /// What `#libérer` takes: its number in the ledger.
    pub number: i64,
    /// Since when it waits, in the desk's time zone, in the reader's language.
    pub since: String,
    /// Who seems to have written it.
    pub author: Option<String>,
    /// The mail's subject.
    pub subject: String,
    /// Why it waits, in the reader's language.
    pub reason: String,
    /// Its first words.
    pub text: Option<String>,
    /// The ticket that it names, with its subject.
    pub reference: Option<String>,
}

/// One of many requests about one matter.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CrowdFacts {
    /// Its number as readers know it: `R-000123`.
    pub reference: String,
    /// Who asks; null where there are more than a letter shows.
    pub requester: Option<String>,
    /// The ticket's subject.
    pub subject: String,
    /// How the request begins.
    pub words: Option<String>,
}

/// An earlier entry in a letter.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TimelineFacts {
    /// When it was written, in the desk's time zone and the reader's language.
    pub at: String,
    /// Name of the author; without one the role, in the reader's language.
    pub who: String,
    /// `requester`, `desk` or `vendor`: who may read it.
    pub audience: String,
    /// The same in the reader's language, with the vendor's name.
    pub read_by: String,
    /// What was written.
    pub text: String,
}
