//! What was decided about one mail or command.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::desk::worded::worded;
use crate::desk::{Absence, Audience, ContactId, Happened, LedgerId, Letter, Role, Ticket, TicketNumber, Trust};
use crate::known_fix::{Article, Gist};
use crate::mail::{Language, MessageId};

/// What is to be written down and sent. Nothing of it has happened yet; the store does all or nothing.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// Where the mail ends; `None` for a command of the command line.
    pub outcome: Option<Outcome>,
    /// How well the author is proven: a copy of the mail that proves more is decided anew.
    pub weight: Weight,
    /// Quarantined mails that this one is a better copy of: they wait no more.
    pub settled: Vec<LedgerId>,
    /// Entries whose author this mail proves, by their tickets and mails.
    pub verified: Vec<(TicketNumber, LedgerId)>,
    /// Tickets as they stood before their first event.
    pub opened: Vec<Ticket>,
    /// What happened, in order, by ticket.
    pub history: Vec<(TicketNumber, Happened)>,
    /// What was written.
    pub entries: Vec<Entry>,
    /// What is to be sent.
    pub letters: Vec<Letter>,
    /// Mails that become tickets of their own.
    pub moved: Vec<Moved>,
    /// Message-IDs by which later mails find a ticket.
    pub threads: Vec<(MessageId, TicketNumber)>,
    /// Languages that people write in or asked for.
    pub languages: Vec<(ContactId, Language)>,
    /// Addresses that are dead for good.
    pub undeliverable: Vec<ContactId>,
    /// Addresses that complained of a letter.
    pub complained: Vec<ContactId>,
    /// Addresses that somebody wrote from: whatever a report said, they live.
    pub deliverable: Vec<ContactId>,
    /// Quarantined mails that an agent vouches for: decided again.
    pub released: Vec<(LedgerId, Vouched)>,
    /// Agents' mails that have waited as long as they had to: decided again, and carried out now.
    pub let_leave: Vec<LedgerId>,
    /// Known fixes that were drafted.
    pub drafts: Vec<Drafted>,
    /// Who is away from now on, or no more.
    pub absences: Vec<(ContactId, Option<Absence>)>,
    /// Tickets that were looked at because it was time, whatever came of it; each not again before that.
    pub looked_at: Vec<(TicketNumber, Option<Timestamp>)>,
    /// Mails in quarantine that the first level is told of.
    pub told_of: Vec<LedgerId>,
    /// Mails in quarantine that team and managers are warned of.
    pub called_out: Vec<LedgerId>,
    /// Those of them on which more is to be done at once than one commit should hold.
    pub unfinished: Vec<TicketNumber>,
    /// What mass incidents are called from now on.
    pub titles: Vec<(TicketNumber, String)>,
    /// What the new request is about, where it was compared with others.
    pub gist: Option<Arc<Gist>>,
    /// What the operator must know now, a sentence each.
    pub alerts: Vec<String>,
    /// Why an order is not carried out, a sentence each; then nothing else is decided.
    pub refusals: Vec<String>,
}

worded! {
    /// What the decision on a mail stands on: a copy of it that weighs more is decided anew, any other changes nothing.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    pub enum Weight,
    /// The word that the store keeps.
    word {
        /// It was recorded, and nothing came of it.
        #[default]
        Recorded = "recorded",
        /// It was taken for its author's, and nothing proves that.
        Unproven = "unproven",
        /// Its author is proven, or it can have no effect any more.
        Proven = "proven",
    }
}

/// Who vouches for a mail that waited in quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// Its author, by the code of a challenge: it has the author's powers.
    Author,
    /// Somebody else here: it is for the desk to read.
    Colleague,
}

/// A known fix that an agent drafted from a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drafted {
    /// The desk in whose folder it is put down.
    pub desk: String,
    /// Its answer is for agents alone: no requester is sent a draft.
    pub article: Article,
}

/// A request that leaves its ticket for one of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The mail.
    pub ledger: LedgerId,
    /// Of the mail: what cites it is about the new ticket.
    pub message_id: Option<MessageId>,
    /// Where it was.
    pub from: TicketNumber,
    /// Where it is.
    pub to: TicketNumber,
}

/// Where a mail ends: exactly one a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is on this ticket.
    Ticket(TicketNumber),
    /// It waits for a human.
    Quarantine(Reason),
    /// Recorded, with no effect: automatic mail, copies, what only asks the program.
    Suppressed(Reason),
}

worded! {
    /// Why a mail is on no ticket: a stable code.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum Reason,
    /// The stable code.
    code {
        /// Another copy of a mail that is accounted for.
        Duplicate = "duplicate",
        /// A letter of ours that came back.
        Own = "own",
        /// From an address of ours that is no agent's.
        FromOurselves = "from_ourselves",
        /// A robot answered.
        AutoReply = "auto_reply",
        /// A machine's mail that reports no failure: what recovers had not failed, or nothing of it opens a ticket.
        NothingFailed = "nothing_failed",
        /// A delivery report that cites no letter of ours.
        BounceForeign = "bounce_foreign",
        /// A read receipt.
        ReadReceipt = "read_receipt",
        /// An abuse report.
        Feedback = "feedback",
        /// A mailing list's mail.
        List = "list",
        /// Claims to be an agent and is not authenticated.
        AgentUnverified = "agent_unverified",
        /// Claims to be a vendor and is not authenticated.
        VendorUnverified = "vendor_unverified",
        /// A vendor's mail that names no case of ours.
        VendorWithoutCase = "vendor_without_case",
        /// Somebody who is no agent answered a letter to the desk.
        UnlistedColleague = "unlisted_colleague",
        /// An agent answered a letter whose signing key is retired.
        KeyRetired = "key_retired",
        /// The mailbox's server took it for junk, and nothing speaks for it.
        Junk = "junk",
        /// Our program failed on it repeatedly.
        Poison = "poison",
        /// The mailbox's server cannot give it out.
        Unreadable = "unreadable",
        /// Older than the first start: only indexed.
        BeforeFirstStart = "before_first_start",
        /// An agent's mail that only asks the program, or lets a mail out: answered, and over.
        OnlyAsked = "only_asked",
    }
}

/// One item of a ticket's timeline that is no letter of ours.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The ticket on whose timeline it stands.
    pub ticket: TicketNumber,
    /// When it was decided.
    pub at: Timestamp,
    /// The mail that it was made of; `None` for what the command line wrote.
    pub ledger: Option<LedgerId>,
    /// Of that mail; `None` where it has none.
    pub message_id: Option<MessageId>,
    /// What it is.
    pub kind: EntryKind,
    /// Who may read it.
    pub audience: Audience,
    /// Whether the author was authenticated.
    pub trust: Trust,
    /// In which role it was written.
    pub author_role: Role,
    /// Who wrote it.
    pub author: Option<ContactId>,
    /// What was newly written.
    pub text: String,
}

worded! {
    /// What an entry is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum EntryKind,
    /// The word that commands and tools use.
    word {
        /// The requester or a participant wrote.
        Request = "request",
        /// An agent answered the requester.
        AgentReply = "agent_reply",
        /// An agent wrote for the desk.
        Note = "note",
        /// A vendor wrote.
        Vendor = "vendor",
        /// An agent escalated; the text is the brief.
        Escalation = "escalation",
        /// A robot wrote.
        Auto = "auto",
        /// A delivery report.
        Bounce = "bounce",
    }
}
