//! What happens to a ticket: append-only, past tense. An event holds ids, never text that may have to be erased.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::desk::{
    Clock, ClockName, ContactId, CopiedLevel, LedgerId, Level, Origin, PendingReason, Priority, RequestType, Role,
    TicketNumber, Trust, VendorCase,
};
use crate::mail::{Address, MessageId};

/// One row of a ticket's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happened {
    /// When it was decided.
    pub at: Timestamp,
    /// Who did it.
    pub by: Actor,
    /// What happened, and to whom or what.
    pub event: Event,
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// In which role.
    pub role: Role,
    /// Who; `None` for the program and the command line.
    pub contact: Option<ContactId>,
}

impl Actor {
    /// The program itself.
    pub const SYSTEM: Actor = Actor { role: Role::System, contact: None };
}

/// What can happen to a ticket. It is stored as JSON, its name in snake case under `event`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
#[allow(missing_docs, reason = "each variant says what its fields are")]
pub enum Event {
    /// The ticket was opened at a `desk`, by its name in the configuration; `address` is the desk's that was written to.
    /// `automatic`: by mail that nothing may answer by itself (stores from before these were kept have neither).
    Opened {
        requester: Option<ContactId>,
        origin: Origin,
        request_type: RequestType,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        desk: Option<String>,
        address: Option<Address>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        automatic: bool,
    },
    /// Its requester belongs to an organisation, by its name in the configuration, or to none.
    OrganisationChanged { organisation: Option<String> },
    /// A mail went on the ticket.
    MailReceived { ledger: LedgerId },
    /// A copy of a mail on the ticket proves who wrote it.
    AuthorProven { ledger: LedgerId },
    /// A mail about the ticket was recorded and changes nothing (robots, thanks); `reason` is a stable code.
    MailIgnored { ledger: LedgerId, reason: String },
    /// A letter did not reach its recipient.
    DeliveryFailed { letter: i64, contact: Option<ContactId>, hard: bool },
    /// Somebody's provider reported a letter of ours as a complaint (RFC 5965): no automatic letter goes there any more.
    Complained { contact: ContactId },
    /// A known fix stood in a letter to the requester and asks for OUI/YES.
    KnownFixOffered { fix: String },
    /// The requester said that it helped.
    KnownFixConfirmed { fix: String },
    /// The requester said that it did not help.
    KnownFixRefused { fix: String },
    /// An agent drafted a known fix from this ticket.
    KnownFixDrafted { fix: String },
    /// Somebody owns the ticket.
    Assigned { agent: ContactId },
    /// Its owner is away, or does not work at the desk that it moved to: it is the team's again, as it stands.
    Unassigned { from: ContactId },
    /// An agent answered the requester.
    Answered { letter: i64 },
    /// An agent answered the requester in a mail of their own, which the desk has for the record.
    AnsweredDirectly { ledger: LedgerId },
    /// An agent wrote for the desk only.
    NoteAdded { ledger: Option<LedgerId> },
    /// Functional escalation (ITIL): to a level that knows more, at L3 to a `vendor`; `by` asked for it, or a `rule` of the
    /// configuration.
    Escalated {
        from: Level,
        to: Level,
        vendor: Option<String>,
        by: Option<ContactId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<String>,
    },
    /// Back to a lower level.
    Returned { from: Level, to: Level },
    /// A team or vendor reads along in Cc from now on.
    LevelCopied { level: CopiedLevel },
    /// The private thread with a vendor began.
    VendorCaseOpened { vendor: String, letter: MessageId },
    /// The private thread of a ticket that was merged into this one goes on here.
    CaseTakenOver { from: TicketNumber, case: VendorCase },
    /// A vendor, or an agent for it, told a number of its own; `mark` is how its subjects say it, where that is more.
    CaseNumberLearned {
        vendor: String,
        number: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mark: Option<String>,
    },
    /// A vendor's system marked a text of its own with what it finds its case by.
    WatermarkLearned { vendor: String, watermark: String },
    /// We wrote to a vendor, who owes an answer from then on.
    VendorAsked { vendor: String },
    /// A vendor that owes an answer was asked for it again.
    VendorChased { vendor: String },
    /// A vendor was asked again as often as it is: whoever escalated was told.
    VendorSilent { vendor: String },
    /// The vendor's system did not take a letter of ours.
    VendorRefused { vendor: String },
    /// A vendor wrote; `answer` when a person did, else its robot. `from` is who.
    VendorHeard {
        vendor: String,
        message_id: Option<MessageId>,
        answer: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<ContactId>,
    },
    /// A vendor's answer was sent on to the requester.
    Published { vendor: Option<String>, letter: i64 },
    /// Somebody reads along.
    ParticipantAdded { contact: ContactId },
    /// Somebody reads along no more.
    ParticipantRemoved { contact: ContactId },
    /// The request is somebody else's from now on.
    RequesterChanged { contact: ContactId },
    /// The ticket waits; meanwhile no time counts against the desk. `reminds`: whoever it waits for is reminded. Waits of
    /// stores from before reminders have none.
    PutOnHold {
        reason: PendingReason,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        reminds: bool,
    },
    /// The requester was asked again.
    Reminded,
    /// The requester was not asked again, and whoever works on the ticket was told; `why` is a stable code: `unreachable`, or
    /// the brake.
    ReminderWithheld { why: String },
    /// The requester's mail program says that they are away until then.
    RequesterAway { until: Timestamp },
    /// The requester wrote in person before that.
    RequesterBack,
    /// It waits no more.
    Resumed,
    /// Solved; `code` is what the agent named, or `known_fix`, `requester`, `no_answer`, `major`.
    Resolved { code: Option<String> },
    /// It is not solved after all.
    Reopened,
    /// Over: what is written later than `Policy::reopen_within` opens another ticket.
    Closed,
    /// It was no request.
    MarkedSpam,
    /// Everything goes on in another ticket.
    MergedInto { ticket: TicketNumber },
    /// Another ticket has to do with this one.
    Linked { ticket: TicketNumber },
    /// This ticket goes on from an older one.
    Follows { ticket: TicketNumber },
    /// A mail of it became a ticket of its own; since when the rest waits for an answer (RFC 3339), if it does.
    SplitOff {
        ticket: TicketNumber,
        ledger: LedgerId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked_at: Option<Timestamp>,
    },
    /// Somebody who has no part in it named this ticket in another one.
    Mentioned { ticket: TicketNumber },
    /// It is more or less urgent than before.
    PriorityChanged { priority: Priority },
    /// It is about another service.
    ServiceChanged { service: String },
    /// Another desk has it, by its name in the configuration.
    DeskChanged { desk: String },
    /// A mail or letter waits for a human; `why` is a stable code. `until`: it is carried out then by itself.
    Held {
        ledger: Option<LedgerId>,
        why: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// It waits no more: it was carried out.
    Released { ledger: Option<LedgerId> },
    /// It waits no more: nothing of it is ever sent.
    Withdrawn { ledger: Option<LedgerId> },
    /// A machine reports that this fails: the first time, or again behind a recovery. `trust`: whether its mail was authenticated.
    MachineFailed { machine: String, key: String, trust: Trust },
    /// A machine reports that this works again.
    MachineRecovered { machine: String, key: String, trust: Trust },
    /// Clocks started, stopped, paused, went on, or have another promise: each as it stands from then on.
    ClocksSet { clocks: Vec<Clock> },
    /// Three quarters of a promise have run: whoever owns the ticket was told.
    ClockWarned {
        clock: ClockName,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<String>,
    },
    /// A promise is broken: the team was told.
    ClockBreached {
        clock: ClockName,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<String>,
    },
    /// Hierarchical escalation (ITIL): a manager was told of a broken promise.
    EscalatedToManager { clock: ClockName },
    /// Whoever is on call was told.
    OnCallPaged,
    /// Requests came that are alike: these, and this one, the newest.
    AlikeFound { tickets: Vec<TicketNumber> },
    /// L1 was told of requests that are alike: these, and this one, the oldest.
    AlikeProposed { tickets: Vec<TicketNumber> },
    /// What was proposed of these was done, or came too late.
    AlikeSettled { tickets: Vec<TicketNumber> },
    /// It is the parent of a mass incident.
    MadeMajor,
    /// It is none any more; its children are requests of their own.
    MajorEnded,
    /// It is part of a mass incident, and receives its solution.
    JoinedCrowd { parent: TicketNumber },
    /// It is a request of its own.
    LeftCrowd,
    /// Of a mass incident: it has a child more; `untold`: agents read of it in the next digest alone.
    ChildJoined {
        child: TicketNumber,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        untold: bool,
    },
    /// Of a mass incident: it has a child less.
    ChildLeft { child: TicketNumber },
    /// Of a mass incident: agents read of these children in a digest.
    ChildrenTold { children: Vec<TicketNumber> },
    /// Of a mass incident: an agent's public words are for all its children, with these files, by their places among the mail's
    /// attachments from 0; `solves`: they are the solution, or there are none and it is over.
    SaidToAll {
        ledger: Option<LedgerId>,
        solves: bool,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<usize>,
    },
    /// Of a mass incident: the oldest such words are done with for these.
    ChildrenReached { children: Vec<TicketNumber> },
    /// Too many automatic letters: they are held. `brake` names which.
    BrakeTripped { brake: String },
}

impl Event {
    /// The stable name, as in the history's JSON.
    pub fn name(&self) -> String {
        match serde_json::to_value(self) {
            Ok(value) => value["event"].as_str().unwrap_or("event").to_owned(),
            Err(_) => "event".to_owned(),
        }
    }
}
