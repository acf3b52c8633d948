//! Short sentences of receipts and refusals, in French and English. Everything longer is a template.
//!
//! French is set as in Québec: a no-break space (U+00A0) before `:` and inside `« »`, none before `;`, `?`, `!`, and `’`
//! (`tests/sources/french.rs` holds it). A ticket is *un billet* among agents and *une demande* for whoever asks, and participles agree
//! with it. Levels are N1 to N3 in French and L1 to L3 in English; commands take both.

mod english;
mod french;
mod opening_hours;
mod when;

pub(crate) use when::Day;
pub(in crate::desk) use when::{capital, date, hour, moment};

use data_encoding::HEXLOWER;

use crate::desk::{Audience, ClockName, Desk, Disclosure, Level, Priority, Role, Slip, State, ToldBy};
use crate::mail::{Language, Unreadable};

/// What a receipt says was done, or a refusal says is wrong.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::desk) enum Line<'a> {
    SentToRequester,
    SolutionSent,
    NotedForDesk,
    Owner(&'a str),
    StateIs(Standing),
    LevelIs(Level),
    EscalatedTo(Whom<'a>),
    /// Colleagues who have a letter about it.
    MailedTo(&'a str),
    SpecialistsAnnounced,
    Acknowledged,
    BriefWasRequest,
    WroteToVendor(&'a str),
    CaseNumberIs(&'a str),
    PriorityIs(u8),
    ServiceIs(&'a str),
    DeskIs(&'a str),
    OwnerIsOfAnotherDesk(&'a str),
    /// As people read its name.
    MovedFromDesk(&'a str),
    /// The name of the desk that has the request, and its reference.
    AlsoWrittenTo(&'a str, &'a str),
    ParticipantAdded(&'a str),
    ParticipantRemoved(&'a str),
    RequesterIs(&'a str),
    FixSent(&'a str),
    FixAnswered(&'a str),
    FixSuggested(&'a str),
    FixDrafted(&'a str, &'a str),
    NoFixFolder,
    NotResolved,
    NoSolution,
    MergedInto(&'a str),
    Linked(&'a str),
    Consulted(&'a str),
    ConsultsReader(&'a str),
    ConsultsStaff(&'a str),
    /// The address, and the vendor that it belongs to.
    ConsultsVendor(&'a str, &'a str),
    ConsultsNobody(&'a str),
    /// The new ticket, and who asks there.
    SplitInto(&'a str, &'a str),
    SplitFrom(&'a str),
    SplitUntold,
    NothingToSplit,
    SplitAlready,
    SplitsFirst,
    SplitsAlone,
    Published,
    TicketOpenedFor(&'a str, &'a str),
    AttachmentWithheld(&'a str),
    /// To whom an answer leaves, and at what hour.
    LeavesAt(&'a str, &'a str),
    LeftAlready(&'a str),
    Withdrawn,
    WithdrawnBy(&'a str),
    Slip(&'a Slip),
    NoTicket,
    NoSuchTicket(&'a str),
    /// What was written, and all agents there are.
    NoSuchAgent(&'a str, &'a [String]),
    /// What was written, the id that is written almost like it, and all ids there are.
    NoSuchFix(&'a str, Option<&'a str>, &'a [String]),
    /// What was written, and all desks there are.
    NoSuchDesk(&'a str, &'a [String]),
    AlreadyAtDesk(&'a str),
    /// The reference, and the name of its desk.
    OfAnotherDesk(&'a str, &'a str),
    /// The number that was written, and how many attachments there are.
    NoSuchAttachment(usize, usize),
    AttachmentsAre(usize),
    /// All vendors there are.
    WhichVendor(&'a [String]),
    NoTeam(Level),
    AlreadyAt(Level),
    NoWayUp(Level),
    NoWayDown(Level),
    IntoItself(&'a str),
    MergedAlready(&'a str),
    LinkedToItself(&'a str),
    DateIsPast(Day),
    NothingToPublish,
    NothingHeld,
    CodeAnswersNothing,
    NobodyReachable,
    MayNotParticipate(&'a str),
    NoteIsEmpty,
    AnswerIsEmpty,
    NothingToConsult(&'a str),
    NothingForVendor(&'a str),
    FilesGoNowhere,
    /// Who, and the words.
    ColleagueAnswered(&'a str, &'a str),
    StateChanged(Standing),
    LooksSecret,
    /// A form, list or server handed the mail in for somebody; its name.
    NamedByForm(&'a str),
    FormNamesNobody(&'a str),
    FormNamesOurs(&'a str),
    NamedByList(&'a str),
    ListNamesNobody(&'a str),
    RedirectedBy(&'a str),
    FormBrakeTripped,
    ForwardNamesNobody(&'a str),
    /// Heads the reasons why.
    NoCommandDone,
    BrakeTripped,
    /// Who complained of a letter.
    Complained(&'a str),
    ComplaintBrakes,
    UnlistedColleague(&'a str),
    /// What was looked for, and what came of it.
    Found(&'a str, Found),
    Requester(&'a str),
    OpenedAt(&'a str),
    /// What left for somebody outside, and when.
    Disclosed(&'a Disclosure, &'a str),
    DisclosedEarlier(usize),
    /// Of the desk's own; and said to the agent.
    KeyRetired(&'a str),
    AnsweredRetiredKey,
    TakenForJunk,
    /// So many more will stand in the next list.
    MoreJunk(u64),
    /// So many more requests are alike.
    MoreAlike(usize),
    AgentUnverified(&'a str),
    VendorUnverified(&'a str),
    VendorWithoutCase(&'a str),
    NotGivenOut(&'a str, &'a str, &'a str),
    /// Size of the whole mail.
    TakenInPart(&'a str),
    RestInMailbox,
    RestIsGone,
    LeftOut(&'a str),
    OriginalHoldsThem,
    DidNotLeave(&'a str, &'a str),
    FromOurselves,
    VendorSaysClosed(&'a str),
    VendorRefused(&'a str),
    /// Whose key it is, and what it reports about.
    MachineRecovered(&'a str, &'a str),
    MachineFailsAgain(&'a str, &'a str),
    FailedBefore(&'a str),
    KeyNotFound(&'a str),
    Mentions(&'a str),
    StandsBeside(&'a str),
    AuthorProven,
    TakesOver(&'a str),
    LinkedCopy(&'a str),
    DeliveryFailed(&'a str, &'a str),
    Reopened,
    SolvedByKnownFix(&'a str),
    FixSuspended(&'a str),
    OkHint,
    RequesterHasIt(&'a str),
    InnerForward,
    InnerWrittenTo(&'a str),
    InnerAnswersNothing,
    InnerLetter,
    InnerNotDirect,
    AsksToPassOn(&'a str),
    AlsoRead(&'a str),
    NewReaders(&'a str),
    Unreadable(Unreadable),
    HoldsOthersLetter,
    HoldsOthersWords(&'a str),
    AttachmentOfNote(&'a str),
    FilesStay(&'a str),
    Subject(&'a str),
    LetOut,
    WhichMail,
    NotRead,
    WhichAnswer(&'a str),
    VendorAnsweredAnew(&'a str, &'a str),
    /// Three quarters of what was promised have run; when all of it has.
    RunsOut(ClockName, Day),
    /// What was promised has run out; since when.
    RanOut(ClockName, Day),
    NobodyOwnsIt,
    /// What a mass incident is called, and how many that were proposed join it.
    MajorIs(&'a str, usize),
    NoMajorAnyMore,
    PartOf(&'a str),
    PartNoMore(&'a str),
    PartOfNone(&'a str),
    NoMajor(&'a str),
    NoTitle,
    NothingForAll,
    IsOver(&'a str),
    HasChildren,
    /// So many hear that it is solved, without words of their own.
    SolvedForAll(usize),
    /// So many are requests by themselves again.
    ChildrenGoBack(usize),
    /// So many become part of what their mass incident was merged into.
    ChildrenGoAlong(usize),
    /// To whoever was part of a mass incident, by its title.
    MajorIsSolved(Option<&'a str>),
    GoesToAll(usize),
    OthersDidNotGetIt(usize),
    NamesSomebody(&'a str),
    /// From when on, unless from now on; until when, unless until they write.
    YouAreAway(Option<Day>, Option<Day>),
    /// So many.
    TicketsWentBack(usize),
    TicketsGoBackThen,
    YouAreBack,
    YouWereNotAway,
    AbsenceIsPast(Day),
    IsAway {
        name: &'a str,
        until: Option<Day>,
        told_by: ToldBy,
    },
    StaysWithTeam,
    AlsoToTeam(AlsoToTeam),
    /// The rule, and where it took the ticket.
    EscalatedByRule(&'a str, Whom<'a>),
    /// The rule, and the priority from then on.
    PriorityByRule(&'a str, u8),
    /// The rule, the vendor, and why nothing was handed over.
    NotHandedOver(&'a str, &'a str, Withheld),
    /// The day until which it waited.
    WaitIsOver(Day),
    NotReminded,
    NoAnswerCame,
    ResolvedUntold,
    SolvedByRequester,
    /// The vendor, how often it was asked again, and since when it owes an answer.
    VendorIsSilent(&'a str, u32, Day),
    LooksAutomatic,
    AnswerLooksAutomatic,
    MarkedAutomatic,
}

/// Why a team hears of what its owner is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::desk) enum AlsoToTeam {
    /// The owner is away, until then.
    Away(Option<Day>),
    /// Nobody works at this hour.
    Closed,
    /// An answer is overdue.
    Late,
}

/// To whom a ticket was escalated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::desk) enum Whom<'a> {
    Level(Level),
    Vendor(&'a str),
}

/// Why no rule hands a request to a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Withheld {
    Secret,
    OthersWords,
    Unproven,
    Automatic,
    Brake,
}

/// Where a ticket stands, with the day that it waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) state: State,
    pub(crate) until: Option<Day>,
}

/// One sentence in the reader's language; English for all but French.
pub(in crate::desk) fn say(line: &Line<'_>, language: Language) -> String {
    if language == Language::FRENCH { french::say(line) } else { english::say(line) }
}

/// So many names are said; the first are enough to see what one looks like.
const NAMES_SAID: usize = 12;

/// Files that left, each with its digest: `; plan.pdf (sha256 …)`.
fn names_with_digests(disclosure: &Disclosure) -> String {
    let digest = |digest: [u8; 32]| format!(" (sha256 {})", HEXLOWER.encode(&digest));
    let named =
        disclosure.files.iter().map(|file| format!("; {}{}", file.name, file.sha256.map(digest).unwrap_or_default()));
    named.collect()
}

fn known(names: &[String], none: &str) -> String {
    let said = names.iter().take(NAMES_SAID).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => none.to_owned(),
        all if all > NAMES_SAID => format!("{said}, …"),
        _ => said,
    }
}

/// A level as people say it.
pub(crate) fn level(level: Level, language: Language) -> &'static str {
    if language == Language::FRENCH { french::level(level) } else { english::level(level) }
}

/// A state as agents say it of a ticket.
pub(crate) fn state(standing: Standing, language: Language) -> String {
    if language == Language::FRENCH { french::state(standing) } else { english::state(standing) }
}

/// A state as it is said to whoever asks, of the request.
pub(crate) fn state_of_request(standing: Standing, language: Language) -> String {
    if language == Language::FRENCH { french::state_of_request(standing) } else { english::state_of_request(standing) }
}

/// Who wrote an entry whose author has no name here.
pub(in crate::desk) fn role(role: Role, language: Language) -> &'static str {
    if language == Language::FRENCH { french::role(role) } else { english::role(role) }
}

/// A priority as a list of tickets says it.
pub(in crate::desk) fn priority(priority: Priority, language: Language) -> String {
    format!("{} {}", if language == Language::FRENCH { "priorité" } else { "priority" }, priority.0)
}

/// A command that takes a ticket to this level.
pub(crate) fn escalate_command(to: Level, language: Language) -> String {
    format!("{} {}", if language == Language::FRENCH { "#escalader" } else { "#escalate" }, level(to, language))
}

/// A command that takes a ticket back to this level.
pub(crate) fn return_command(to: Level, language: Language) -> String {
    format!("{} {}", if language == Language::FRENCH { "#retour" } else { "#return" }, level(to, language))
}

/// Who reads an entry, as agents are told.
pub(in crate::desk) fn read_by(audience: &Audience, language: Language) -> String {
    match (audience, language == Language::FRENCH) {
        (Audience::Requester, true) => "avec le demandeur".to_owned(),
        (Audience::Requester, false) => "with the requester".to_owned(),
        (Audience::Desk, true) => "interne".to_owned(),
        (Audience::Desk, false) => "internal".to_owned(),
        (Audience::Vendor(name), true) => format!("avec {name}"),
        (Audience::Vendor(name), false) => format!("with {name}"),
    }
}

/// A day as it is said within a sentence.
pub(in crate::desk) fn day(day: Day, language: Language) -> String {
    if language == Language::FRENCH { day.french() } else { day.english() }
}

/// What is promised, and until when; without a day it waits.
pub(in crate::desk) fn promise(clock: ClockName, due: Option<Day>, language: Language) -> String {
    match (due, language == Language::FRENCH) {
        (Some(due), true) => format!("{}\u{a0}: échéance {}", french::promise(clock), due.french()),
        (None, true) => format!("{}\u{a0}: en pause", french::promise(clock)),
        (Some(due), false) => format!("{}: due {}", english::promise(clock), due.english()),
        (None, false) => format!("{}: paused", english::promise(clock)),
    }
}

/// The subject of a letter about so many tickets on which something falls due.
pub(in crate::desk) fn tickets_due(count: usize, language: Language) -> String {
    match language == Language::FRENCH {
        true => format!("{count} billets à échéance"),
        false => format!("{count} tickets fall due"),
    }
}

/// The subject of a letter about the tickets of somebody who is away.
pub(in crate::desk) fn tickets_of_absent(count: usize, name: &str, language: Language) -> String {
    match language == Language::FRENCH {
        true => format!("{name}\u{a0}: {count} billets reviennent à l’équipe"),
        false => format!("{name}: {count} tickets go back to the team"),
    }
}

/// Who will read a plain reply to a letter to agents.
pub(in crate::desk) fn reply_goes_to(requester: Option<&str>, language: Language) -> String {
    match (requester, language == Language::FRENCH) {
        (Some(name), _) => name.to_owned(),
        (None, true) => "note interne".to_owned(),
        (None, false) => "internal note".to_owned(),
    }
}

/// The help that `#aide` answers with, a line each.
pub(in crate::desk) fn help(language: Language) -> Vec<String> {
    let lines = if language == Language::FRENCH { french::HELP } else { english::HELP };
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// How much a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) struct Found {
    /// Tickets that are shown.
    pub(in crate::desk) tickets: usize,
    /// There are more.
    pub(in crate::desk) more: bool,
}

/// When the desk is open: as the operator words it, else as its calendar says.
pub(in crate::desk) fn hours(desk: &Desk, language: Language) -> Option<String> {
    let worded = desk.hours.iter().find(|(known, _)| *known == language).map(|(_, text)| text.clone());
    let by_calendar = || {
        let is_ours = matches!(language, Language::FRENCH | Language::ENGLISH);
        desk.calendar.as_ref().filter(|_| is_ours).map(|calendar| opening_hours::said(&calendar.week, language))
    };
    worded.or_else(by_calendar)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{BadArgument, Wanted};

    #[test]
    fn a_wrong_argument_is_told_what_would_be_right() {
        let vendors = Wanted::VendorOfL3(vec!["acme".to_owned(), "rt".to_owned()]);
        let slip = Slip::BadArgument(BadArgument {
            command: "#escalader".to_owned(),
            written: Some("Lexmark".to_owned()),
            wanted: vendors,
        });
        let line = Line::Slip(&slip);
        assert_eq!(
            say(&line, Language::FRENCH).replace('\u{a0}', " "),
            "« Lexmark » n’est pas un fournisseur connu : acme, rt. Écrivez « #escalader N3 acme : résumé »."
        );
        assert_eq!(
            say(&line, Language::ENGLISH),
            "\"Lexmark\" is no known vendor: acme, rt. Write \"#escalader L3 acme: brief\"."
        );
    }
}
