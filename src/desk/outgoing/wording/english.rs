//! What receipts and refusals say, in English.

use super::{AlsoToTeam, Day, Found, Line, Standing, Whom, Withheld, known, names_with_digests};
use crate::desk::{BadArgument, ClockName, Level, PendingReason, Privacy, Purpose, Role, Slip, State, ToldBy, Wanted};
use crate::mail::Unreadable;

/// What `#help` answers with.
pub(super) const HELP: &[&str] = &[
    "A plain reply to a letter about the request goes to the requester. Commands stand on the first lines, one a line:",
    "#note — for the desk only",
    "#reply — to the requester, even where a plain reply would not go",
    "#take, #assign ADDRESS or NAME",
    "#escalate L2: brief, #escalate L3 VENDOR: brief, #return L1: reason",
    "#pending requester | vendor | Monday | December 3 | 3 days",
    "#solved, #reopen, #close",
    "#priority N, #service NAME, #desk NAME, #cc +ADDRESS -ADDRESS, #requester ADDRESS",
    "#fix ID, #fix new TITLE, #merge R-…, #link R-…, #split TITLE, #spam",
    "#major TITLE — a mass incident; on it, #major above a text sends it to all; on others #major R-…, #major - to leave",
    "#vendor NAME ref=CASE: text, #attach 1,2, #publish",
    "#consult ADDRESS: question — in a private thread, to anybody",
    "#away Monday, #away from December 3 to December 10, #back",
    "#status, #list, #search WORDS, #show R-…, #help, #preview, #ok, #cancel, #release",
];

pub(super) fn say(line: &Line<'_>) -> String {
    match line {
        Line::RunsOut(clock, day) => {
            format!("{}: due {}. Three quarters of the time have passed.", promise(*clock), day.english())
        }
        Line::RanOut(clock, day) => format!("{}: overdue since {}.", promise(*clock), day.english()),
        Line::WaitIsOver(day) => format!("It waited until {}: it goes on.", day.english()),
        Line::NotReminded => "The requester does not answer, and was not reminded: nobody reads that address, or too many \
             automatic letters went there."
            .to_owned(),
        Line::NoAnswerCame => "Our question had no answer.".to_owned(),
        Line::ResolvedUntold => "Resolved, because the requester did not answer. They were not told: nobody reads that \
             address, or too many automatic letters went there."
            .to_owned(),
        Line::SolvedByRequester => {
            "The requester says that it is solved: the ticket is resolved, and there is nothing to do.".to_owned()
        }
        Line::VendorIsSilent(vendor, 0, day) => format!("{vendor} has not answered since {}.", day.english()),
        Line::VendorIsSilent(vendor, 1, day) => {
            format!("{vendor} has not answered since {}. It was asked again once.", day.english())
        }
        Line::VendorIsSilent(vendor, chases, day) => {
            format!("{vendor} has not answered since {}. It was asked again {chases} times.", day.english())
        }
        Line::NobodyOwnsIt => "Priority 1, and nobody takes care of it.".to_owned(),
        Line::EscalatedByRule(rule, Whom::Level(level)) => format!("Escalated to {level} by the rule \"{rule}\"."),
        Line::EscalatedByRule(rule, Whom::Vendor(vendor)) => {
            format!("Escalated to {vendor} by the rule \"{rule}\": the vendor has the text of the request.")
        }
        Line::PriorityByRule(rule, priority) => format!("Priority {priority}, by the rule \"{rule}\"."),
        Line::NotHandedOver(rule, vendor, why) => format!(
            "The rule \"{rule}\" would escalate this to {vendor}, and did not: {}. To do it yourself: #escalate L3 {vendor}: brief",
            withheld(*why)
        ),
        Line::SentToRequester => "Your text was sent to the requester.".to_owned(),
        Line::SolutionSent => "The solution was sent to the requester.".to_owned(),
        Line::NotedForDesk => "Internal note recorded.".to_owned(),
        Line::Owner(name) => format!("Ticket assigned to {name}."),
        Line::StateIs(standing) => format!("State: {}.", state(*standing)),
        Line::LevelIs(level) => format!("Level: {level}."),
        Line::EscalatedTo(Whom::Level(level)) => format!("Escalated to {level}."),
        Line::EscalatedTo(Whom::Vendor(vendor)) => format!("Escalated to {vendor}."),
        Line::MailedTo(names) => format!("A mail about it went to: {names}."),
        Line::SpecialistsAnnounced => "The requester was told that specialists work on it.".to_owned(),
        Line::Acknowledged => "The requester was sent an acknowledgement.".to_owned(),
        Line::BriefWasRequest => "No brief was given: the text of the request was sent instead.".to_owned(),
        Line::WroteToVendor(vendor) => format!("Your text was sent to the vendor {vendor}."),
        Line::CaseNumberIs(number) => format!("The vendor's case number: {number}."),
        Line::PriorityIs(priority) => format!("Priority: {priority}."),
        Line::ServiceIs(service) => format!("Service: {service}."),
        Line::DeskIs(desk) => format!("Desk: {desk}."),
        Line::OwnerIsOfAnotherDesk(name) => format!("{name} is not of this desk: nobody owns the ticket now."),
        Line::MovedFromDesk(desk) => format!("Moved here from the desk \"{desk}\"."),
        Line::AlsoWrittenTo(desk, reference) => format!(
            "This message was written to your desk, too. The desk \"{desk}\" takes care of it, as {reference}; only agents read your reply."
        ),
        Line::ParticipantAdded(address) => format!("{address} now follows the ticket."),
        Line::ParticipantRemoved(address) => format!("{address} no longer follows the ticket."),
        Line::RequesterIs(address) => format!("Requester: {address}."),
        Line::FixSent(fix) => format!("Known fix \"{fix}\" sent."),
        Line::FixAnswered(fix) => format!("The known fix \"{fix}\" was sent to the requester as an automatic answer."),
        Line::FixSuggested(fix) => format!("The known fix \"{fix}\" is suggested to the requester."),
        Line::FixDrafted(fix, symptoms) => format!(
            "Draft \"{fix}\" added to the known fixes, for agents only: read it over before it is offered. Symptoms kept: {symptoms}"
        ),
        Line::NoFixFolder => "This desk has no folder of known fixes.".to_owned(),
        Line::NotResolved => "The ticket is not resolved: a fix is written down once it has worked.".to_owned(),
        Line::NoSolution => "No answer went to the requester: write the solution below the command.".to_owned(),
        Line::MergedInto(reference) => format!("Merged into {reference}."),
        Line::Consulted(address) => format!("Your question was sent to {address}, in a thread of its own."),
        Line::ConsultsReader(address) => format!("{address} follows this ticket: write to them with #reply."),
        Line::ConsultsStaff(address) => format!("{address} works here: #assign {address}, or #escalate L2."),
        Line::ConsultsVendor(address, vendor) => format!("{address} is the vendor {vendor}: #vendor {vendor}: text"),
        Line::ConsultsNobody(address) => format!("{address} cannot be consulted: a desk, a list, or nobody reads it."),
        Line::SplitInto(reference, whom) => {
            format!("That mail is a ticket of its own: {reference}, for {whom}. Answers to its letters go there.")
        }
        Line::SplitFrom(reference) => format!("This mail was on {reference}, and was split off it."),
        Line::SplitUntold => "Its author was not told: unverified, not reachable, or a brake holds the letter.".to_owned(),
        Line::NothingToSplit => "#split answers a letter about a mail of the requester's or a participant's: that mail \
             becomes a ticket of its own."
            .to_owned(),
        Line::SplitAlready => "This mail is not on this ticket any more: it was split off before. The letter about its own \
             ticket says which one that is, and what comes next belongs there."
            .to_owned(),
        Line::SplitsFirst => "The ticket began with this mail: it stays there. Answer a letter about a later one, or forward \
             this mail to the desk."
            .to_owned(),
        Line::SplitsAlone => "#split stands once in a mail, and with no answer: answer the letter about the new ticket, which \
             comes at once."
            .to_owned(),
        Line::Linked(reference) => format!("Linked to {reference}."),
        Line::Published => "The vendor's answer was sent on to the requester, in our name.".to_owned(),
        Line::TicketOpenedFor(reference, whom) => format!("Ticket {reference} opened for {whom}."),
        Line::AttachmentWithheld(name) => {
            format!("The attachment \"{name}\" holds an internal letter of ours: it was not sent.")
        }
        Line::WithdrawnBy(name) => format!("{name} dropped your answer: nothing of it was sent."),
        Line::LeavesAt(readers, hour) => format!(
            "Your answer to {readers} leaves at {hour}. Until then #cancel withdraws it, and #ok sends it at once."
        ),
        Line::LeftAlready(readers) => format!("It is too late: your answer has left, and went to {readers}."),
        Line::Withdrawn => "The held mail is withdrawn; nothing was sent.".to_owned(),
        Line::Slip(slip) => self::slip(slip),
        Line::NoTicket => "This mail names no ticket. Reply to a letter of the desk's that is about the ticket.".to_owned(),
        Line::NoSuchTicket(reference) => format!(
            "There is no ticket {reference}. A ticket's number stands in brackets in the subject of its letters."
        ),
        Line::NoSuchAgent(address, agents) => {
            format!("{address} is no agent here; the agents are: {}.", known(agents, "none"))
        }
        Line::NoSuchFix(fix, Some(near), _) => {
            format!("There is no known fix \"{fix}\". Did you mean \"#fix {near}\"?")
        }
        Line::NoSuchFix(fix, None, fixes) => {
            format!("There is no known fix \"{fix}\". Those here: {}.", known(fixes, "none"))
        }
        Line::NoSuchDesk(desk, desks) => {
            format!("There is no desk \"{desk}\"; the desks are: {}.", known(desks, "none"))
        }
        Line::AlreadyAtDesk(desk) => format!("The ticket is at the desk \"{desk}\" already: leave the command out."),
        Line::OfAnotherDesk(reference, desk) => {
            format!("{reference} is a ticket of the desk \"{desk}\": move one of both with \"#desk\" first.")
        }
        Line::NoSuchAttachment(number, 0) => format!("There is no attachment {number}: this ticket has none."),
        Line::NoSuchAttachment(number, all) => {
            format!("There is no attachment {number}: they are numbered 1 to {all}.")
        }
        Line::AttachmentsAre(0) => "This ticket has no attachments.".to_owned(),
        Line::AttachmentsAre(all) => format!("The attachments of this ticket are numbered 1 to {all}."),
        Line::WhichVendor([]) => "There is no vendor configured: nothing goes to level L3.".to_owned(),
        Line::WhichVendor(vendors) => format!(
            "Which vendor? Write \"#escalate L3 {}: brief\"; the vendors are: {}.",
            vendors[0],
            known(vendors, "none")
        ),
        Line::NoTeam(level) => {
            format!("There is no team and no agent at level {level}. Write another level, or \"#assign NAME\".")
        }
        Line::AlreadyAt(level) => format!("The ticket is at level {level} already: leave the command out."),
        Line::NoWayUp(level) => {
            format!("The ticket is above {level} already. Write \"#return {level}: reason\".")
        }
        Line::NoWayDown(level) => {
            format!("The ticket is not as far as {level} yet. Write \"#escalate {level}: brief\".")
        }
        Line::IntoItself(reference) => format!(
            "The ticket {reference} cannot be merged with itself. Write the number of the other ticket: \"#merge R-…\"."
        ),
        Line::MergedAlready(reference) => {
            format!("The ticket {reference} is merged into this one already: there is nothing to do.")
        }
        Line::LinkedToItself(reference) => format!(
            "The ticket {reference} cannot be linked to itself. Write the number of the other ticket: \"#link R-…\"."
        ),
        Line::DateIsPast(day) => {
            format!("{} is not ahead any more. Write a day ahead, or \"#pending 3 days\".", day.english())
        }
        Line::NothingToPublish => {
            "There is no vendor's answer to publish. Write below the command the text that the requester is to get.".to_owned()
        }
        Line::NothingHeld => {
            "Nothing is held for this letter. Reply to the one that says what is held.".to_owned()
        }
        Line::CodeAnswersNothing => {
            "This code answers no letter. Write it in a reply to the letter that gave it.".to_owned()
        }
        Line::NobodyReachable => "The requester cannot be reached by mail (nobody reads that address). Write a note, or name \
             somebody else with \"#requester ADDRESS\"."
            .to_owned(),
        Line::MayNotParticipate(address) => format!(
            "{address} cannot follow a ticket: agents, vendors, lists, robots and the desk's own addresses follow none. Write a \
             person's address."
        ),
        Line::NoteIsEmpty => "The note is empty. Write it behind #note, or on the next line.".to_owned(),
        Line::AnswerIsEmpty => "The answer is empty. Write it behind #reply, or on the next line.".to_owned(),
        Line::NothingToConsult(address) => {
            format!("There is nothing to ask {address}. Write \"#consult {address}: question\".")
        }
        Line::NothingForVendor(vendor) => format!(
            "There is nothing for {vendor}. Write \"#vendor {vendor}: text\" or \"#vendor {vendor} ref=CASE\"."
        ),
        Line::FilesGoNowhere => {
            "#attach encloses files with a text, and there is none. Write it below the command.".to_owned()
        }
        Line::ColleagueAnswered(name, words) => {
            format!("{name} answered the requester after the letter that you reply to:\n{words}")
        }
        Line::StateChanged(standing) => {
            format!("The state changed after the letter that you reply to: {}.", state(*standing))
        }
        Line::LooksSecret => {
            "The text seems to hold a secret (card, SIN, password): it is not handed to the vendor.".to_owned()
        }
        Line::NamedByForm(form) => format!("The form {form} names the requester; nothing proves that it is them."),
        Line::FormNamesNobody(form) => format!("The form {form} names no requester that can be read: nobody got an acknowledgement. Name them with #requester ADDRESS."),
        Line::FormNamesOurs(form) => format!("The form {form} names as the requester an address of ours, of a vendor's or of a program's: nobody got an acknowledgement."),
        Line::NamedByList(form) => format!("Came by the list {form}, which names the author; nothing proves that it is them."),
        Line::ListNamesNobody(form) => format!("Came by the list {form}, under its own address: who wrote is not known, and nobody got an acknowledgement. Name the requester with #requester ADDRESS."),
        Line::RedirectedBy(form) => format!("Redirected by {form}, which broke what proves the author."),
        Line::FormBrakeTripped => "Too many acknowledgements asked for by this form in an hour: they are suspended.".to_owned(),
        Line::ForwardNamesNobody(reference) => format!("Ticket {reference} opened without a requester: the forwarded mail does not say their address. Name them with #requester ADDRESS."),
        Line::NoCommandDone => "None of your commands was carried out:".to_owned(),
        Line::BrakeTripped => "Too many automatic letters to this correspondent: they are suspended.".to_owned(),
        Line::Complained(address) => format!("{address} marked a letter of ours as junk, and gets no automatic letter any more. Your own answers still go there."),
        Line::ComplaintBrakes => "The requester marked a letter of ours as junk: automatic letters to them are held.".to_owned(),
        Line::UnlistedColleague(address) => {
            format!("{address} answered an internal letter and is no known agent; nothing was sent.")
        }
        Line::Found(words, Found { tickets: 0, .. }) => format!(
            "Nothing found for \"{words}\". Words of subjects, and of names and addresses of requesters, are looked for; all must fit."
        ),
        Line::Found(words, Found { tickets, more: false }) => format!("Found for \"{words}\": {tickets}."),
        Line::Found(words, Found { tickets, more: true }) => {
            format!("Found for \"{words}\", the newest {tickets} of more; another word narrows it.")
        }
        Line::Requester(name) => format!("Requester: {name}."),
        Line::OpenedAt(moment) => format!("Opened {moment}."),
        Line::Disclosed(disclosure, at) => {
            let whom = match (&disclosure.vendor, disclosure.privacy) {
                (Some(vendor), Some(Privacy::Pseudonym)) => format!(", for {vendor}, under a pseudonym"),
                (Some(vendor), Some(Privacy::Full)) => format!(", for {vendor}, in full"),
                (Some(vendor), None) => format!(", for {vendor}"),
                (None, _) => String::new(),
            };
            let doubt = if disclosure.in_doubt { " (in doubt: the relay's answer was lost)" } else { "" };
            let (what, to, files) = (letter(disclosure.purpose), &disclosure.recipient, names_with_digests(disclosure));
            format!("Left {at} to {to}{whom}: {what}{doubt}{files}.")
        }
        Line::DisclosedEarlier(count) => {
            format!("Earlier letters outside the desk: {count}; `guichet ticket disclosures` shows all.")
        }
        Line::TakenForJunk => "The mail server took it for junk.".to_owned(),
        Line::MoreAlike(count) => format!("Other requests that are alike: {count}."),
        Line::MoreJunk(count) => format!("And {count} more, in the next list."),
        Line::KeyRetired(address) => format!("Mail of the agent {address} that answers a letter whose key is retired."),
        Line::AnsweredRetiredKey => {
            "NOT SENT TO REQUESTER: the letter that you answered is signed with a key that is retired, so nothing of your mail \
             was carried out; it waits in quarantine. Answer a newer letter of the ticket, or write to the desk with the \
             ticket's reference in the subject."
                .to_owned()
        }
        Line::AgentUnverified(address) => format!("Mail in the name of the agent {address}, not authenticated."),
        Line::VendorUnverified(address) => format!("Mail in the name of the vendor {address}, not authenticated."),
        Line::VendorWithoutCase(address) => format!("Mail of the vendor {address} that names no ticket."),
        Line::NotGivenOut(mailbox, uid, why) => format!(
            "The server cannot give out a mail that stands in the mailbox {mailbox} (UID {uid}): {why}. Open it with another \
             program, or have the mailbox mended; #release asks the server for it again."
        ),
        Line::TakenInPart(size) => format!(
            "This mail has {size}, more than is taken in: only its beginning was, without the attachments that come after it."
        ),
        Line::RestInMailbox => "The whole mail is in the desk's mailbox.".to_owned(),
        Line::RestIsGone => "The rest was not kept: ask for the files in another way.".to_owned(),
        Line::LeftOut(names) => format!("Attachments left out, too large for the mail server: {names}."),
        Line::OriginalHoldsThem => "The original mail, in the desk's mailbox, holds them.".to_owned(),
        Line::DidNotLeave(address, names) => {
            format!("The letter to {address} left without these files, too large for the mail server: {names}.")
        }
        Line::VendorSaysClosed(vendor) => format!(
            "{vendor} says that its case is closed. The ticket stays as it is: if the problem is gone, reply #solved."
        ),
        Line::MachineRecovered(machine, key) => format!(
            "{machine} says that {key} works again. The ticket stays as it is: if the problem is gone, reply #solved."
        ),
        Line::MachineFailsAgain(machine, key) => format!("{machine} says that {key} fails again."),
        Line::FailedBefore(reference) => format!("The same report had opened {reference}, which is over."),
        Line::KeyNotFound(machine) => format!(
            "This mail of {machine}'s does not hold the key that is configured: each such mail opens a ticket of its own."
        ),
        Line::VendorRefused(vendor) => {
            format!("The system of {vendor} did not accept our letter; it says why below.")
        }
        Line::FromOurselves => "Mail sent from the desk's own address.".to_owned(),
        Line::AuthorProven => "Another copy of this message came: its author is verified now.".to_owned(),
        Line::TakesOver(reference) => format!(
            "An earlier copy of this message, whose author was not verified, had opened {reference}: that ticket goes on here."
        ),
        Line::LinkedCopy(reference) => format!(
            "An earlier copy of this message, whose author was not verified, had opened {reference}, on which somebody works already."
        ),
        Line::StandsBeside(reference) => format!(
            "This message may be about the ticket {reference}, which its author follows, but nothing says that it is for those who read it. #merge {reference} joins them."
        ),
        Line::Mentions(reference) => format!("The author names the ticket {reference}, in which they have no part."),
        Line::DeliveryFailed(address, reason) => format!("The letter to {address} did not arrive: {reason}"),
        Line::Reopened => "The requester reopened the ticket.".to_owned(),
        Line::SolvedByKnownFix(fix) => {
            format!("The known fix {fix} solved it: the ticket is resolved, and there is nothing to do.")
        }
        Line::FixSuspended(fix) => {
            format!(
                "The known fix {fix} does not help often enough: it is no longer sent as an automatic answer, only suggested, until it is mended."
            )
        }
        Line::MajorIs(title, 0) => {
            format!("Mass incident: \"{title}\". New requests that are alike become part of it.")
        }
        Line::MajorIs(title, count) => format!(
            "Mass incident: \"{title}\". The other requests that were proposed ({count}) become part of it, and so do new ones that are alike."
        ),
        Line::NoMajorAnyMore => "It is no mass incident any more; its requests stay open, each by itself.".to_owned(),
        Line::PartOf(reference) => format!("Part of the mass incident {reference}: it receives its solution."),
        Line::PartNoMore(reference) => format!("{reference} is a request by itself."),
        Line::PartOfNone(reference) => format!("{reference} is no part of this mass incident."),
        Line::NoMajor(reference) => format!(
            "{reference} is no mass incident at work. Write \"#major TITLE\" in a reply to a letter about it."
        ),
        Line::NoTitle => "There is no title behind #major. Write \"#major TITLE\" or \"#major R-000123\".".to_owned(),
        Line::NothingForAll => "There is nothing for all. Write the text below #major.".to_owned(),
        Line::IsOver(reference) => format!("{reference} is over. Reopen it first: #reopen."),
        Line::HasChildren => {
            "Other requests are part of this mass incident. Resolve it for all with #solved, or end it with \"#major -\".".to_owned()
        }
        Line::SolvedForAll(count) => {
            format!("Requests that are part of the mass incident are resolved with it and told so: {count}.")
        }
        Line::ChildrenGoBack(count) => {
            format!("Requests that were part of the mass incident come back to the team, each by itself: {count}.")
        }
        Line::ChildrenGoAlong(count) => format!("Requests that were part of the mass incident go along: {count}."),
        Line::MajorIsSolved(None) => "The problem that several people had is solved.".to_owned(),
        Line::MajorIsSolved(Some(title)) => format!("The problem that several people had is solved: {title}."),
        Line::GoesToAll(count) => format!("It goes to all: requests that are part of this mass incident: {count}."),
        Line::OthersDidNotGetIt(count) => format!(
            "Others of this mass incident did not get it ({count}). #major above a text sends it to all."
        ),
        Line::NamesSomebody(name) => {
            format!("This goes to everybody who is part of the mass incident, and it names {name}.")
        }
        Line::YouAreAway(None, None) => "Your absence is noted.".to_owned(),
        Line::YouAreAway(None, Some(until)) => {
            format!("Your absence is noted: until {}. To end it sooner, reply #back.", until.english())
        }
        Line::YouAreAway(Some(from), until) => {
            let until = until.map(|until| format!(" until {}", until.english())).unwrap_or_default();
            format!("Your absence is noted: from {}{until}. To drop it, reply #back.", from.english())
        }
        Line::TicketsWentBack(0) => "No open ticket was yours.".to_owned(),
        Line::TicketsWentBack(1) => "Your open ticket went back to the team.".to_owned(),
        Line::TicketsWentBack(count) => format!("Your {count} open tickets went back to the team."),
        Line::TicketsGoBackThen => "Your open tickets go back to the team on that day.".to_owned(),
        Line::YouAreBack => "Your absence is over.".to_owned(),
        Line::YouWereNotAway => "No absence was noted.".to_owned(),
        Line::AbsenceIsPast(day) => {
            format!("{} is not ahead any more. Write a day ahead, or \"#away 3 days\".", day.english())
        }
        Line::IsAway { name, until, told_by } => {
            let until = until.map(|until| format!(" until {}", until.english())).unwrap_or_default();
            match told_by {
                ToldBy::Agent => format!("{name} is away{until}."),
                ToldBy::Robot => format!("{name} is away{until}, says an absence notice."),
            }
        }
        Line::StaysWithTeam => "While you are away the ticket stays with the team.".to_owned(),
        Line::AlsoToTeam(AlsoToTeam::Away(until)) => {
            let until = until.map(|until| format!(" until {}", until.english())).unwrap_or_default();
            format!("This letter goes to the team too: the owner is away{until}.")
        }
        Line::AlsoToTeam(AlsoToTeam::Closed) => {
            "This letter goes to the team too: it comes outside business hours.".to_owned()
        }
        Line::AlsoToTeam(AlsoToTeam::Late) => "This letter goes to the team too: an answer is overdue.".to_owned(),
        Line::LooksAutomatic => {
            "This mail looks automatic, by its words alone: nothing answered it, and the state of the ticket is unchanged.".to_owned()
        }
        Line::AnswerLooksAutomatic => {
            "Your text looks like an absence notice or another automatic answer: it was not sent.".to_owned()
        }
        Line::MarkedAutomatic => {
            "This mail is marked as automatic and holds somebody's words: the state of the ticket is unchanged.".to_owned()
        }
        Line::OkHint => "To send it anyway, reply #ok; to withdraw it, #cancel.".to_owned(),
        Line::WhichMail => "Which of these mails? Write its number: #release NUMBER.".to_owned(),
        Line::NotRead => "Nobody could read this mail: it is damaged, or the mailbox's server does not give it out.".to_owned(),
        Line::LetOut => "The mail is out of quarantine, if it was still there.".to_owned(),
        Line::Subject(subject) => format!("Subject: {subject}"),
        Line::FilesStay(names) => {
            format!("Attachments that stayed here: {names}. To enclose them, name them with #attach.")
        }
        Line::WhichAnswer(vendors) => {
            format!("Several vendors have answered ({vendors}): reply to the letter that shows the answer to publish.")
        }
        Line::VendorAnsweredAnew(vendor, newer) => {
            format!("{vendor} has answered again since the letter that you answer:\n{newer}")
        }
        Line::RequesterHasIt(whom) => {
            format!("Your answer to {whom} is on the ticket; you sent it yourself, and nothing left from here.")
        }
        Line::InnerForward => "A forwarded mail stays between us.".to_owned(),
        Line::InnerWrittenTo("") => "Your mail is not addressed to the desk: it stays between us.".to_owned(),
        Line::InnerWrittenTo(whom) => format!("Your mail is addressed to {whom}: it stays between us."),
        Line::InnerAnswersNothing => "Your mail answers no letter of the requester's: it stays between us.".to_owned(),
        Line::InnerLetter => "The letter that you answer is internal, and so is your answer.".to_owned(),
        Line::InnerNotDirect => {
            "Your team's answers go by way of the first level: it has your text, and sends it or drops it.".to_owned()
        }
        Line::AsksToPassOn(name) => {
            format!(
                "{name} answers the requester by way of you. #ok sends this answer in the name of {name}, #cancel drops it."
            )
        }
        Line::AlsoRead(whom) => format!("Careful: {whom} was in To or Cc of your mail and has read it."),
        Line::NewReaders(whom) => format!("{whom} reads your answers, too, since the letter that you answer."),
        Line::Unreadable(Unreadable::Encrypted) => {
            "Your mail is encrypted, and the desk cannot read it. Send it in clear.".to_owned()
        }
        Line::Unreadable(_) => "The desk could not read your mail. Send it as text or HTML.".to_owned(),
        Line::HoldsOthersLetter => "Your text holds a letter of ours that was not for its reader.".to_owned(),
        Line::HoldsOthersWords(words) => format!("Your text holds words that were written for others: \"{words}\"."),
        Line::AttachmentOfNote(name) => {
            format!("The attachment \"{name}\" came with an internal note: it does not leave the desk.")
        }
    }
}

fn withheld(why: Withheld) -> &'static str {
    match why {
        Withheld::Secret => "the text seems to hold a secret (card, SIN, password)",
        Withheld::OthersWords => "the text holds words that were written for others",
        Withheld::Unproven => "the sender could not be authenticated",
        Withheld::Automatic => "a program seems to have written it",
        Withheld::Brake => "too many cases were opened there within the hour",
    }
}

fn slip(slip: &Slip) -> String {
    match slip {
        Slip::Unknown { word, meant: Some(meant) } => {
            format!("Unknown command: \"{word}\". Did you mean \"#{meant}\"? Reply #help for the list.")
        }
        Slip::Unknown { word, meant: None } => {
            format!("Unknown command: \"{word}\". Reply #help for the list.")
        }
        Slip::BadArgument(bad) => bad_argument(bad),
        Slip::TextBehind { command, text } => format!(
            "For whom are the words \"{text}\" behind {command}? A text goes on a line of its own, a note behind #note."
        ),
        Slip::CommandInText(word) => format!(
            "\"{word}\" stands within the text. Commands go at the start of the first lines, one a line; if the word belongs to the text, take its # away."
        ),
        Slip::AlmostCommand { written, meant } => format!(
            "\"{written}\" looks like a command and is none. Write \"{meant}\" at the very start of the first line; if the word belongs to the text, take its # away."
        ),
        Slip::CommandInSubject(word) => format!(
            "\"{word}\" stands in the subject, where no command is read. Write \"{word}\" on the first line of the text."
        ),
        Slip::TwoClaimTheText(a, b) => format!("\"{a}\" and \"{b}\" claim the same text. Send two mails."),
        Slip::NothingBehindColon { command } => {
            format!("There is nothing behind the colon of \"{command}\". Write the text there, or on the next line.")
        }
    }
}

fn bad_argument(bad: &BadArgument) -> String {
    let BadArgument { command, written, wanted } = bad;
    let first = |names: &[String], else_: &str| names.first().map_or(else_.to_owned(), Clone::clone);
    let (what, such, write) = match wanted {
        Wanted::LevelAbove(None) => ("level to escalate to", "L2, L3".to_owned(), format!("{command} L2: brief")),
        Wanted::LevelAbove(Some(vendor)) => (
            "level to escalate to",
            "L2, L3".to_owned(),
            format!("{command} L2: brief\" or \"{command} L3 {vendor}: brief"),
        ),
        Wanted::LevelBelow => ("level to return to", "L1, L2".to_owned(), format!("{command} L1: reason")),
        Wanted::VendorOfL3(vendors) => {
            let vendor = first(vendors, "VENDOR");
            ("known vendor", known(vendors, "there is none"), format!("{command} L3 {vendor}: brief"))
        }
        Wanted::Vendor(vendors) => {
            let vendor = first(vendors, "VENDOR");
            ("known vendor", known(vendors, "there is none"), format!("{command} {vendor}: text"))
        }
        Wanted::Agent(agents) => {
            ("known agent", known(agents, "there is none"), format!("{command} {}", first(agents, "ADDRESS")))
        }
        Wanted::OneOfAgents(agents) => {
            ("name of one agent alone", known(agents, "none"), format!("{command} {}", first(agents, "ADDRESS")))
        }
        Wanted::Participants => ("address", "name@example.com".to_owned(), format!("{command} +name@example.com")),
        Wanted::Requester => ("address", "name@example.com".to_owned(), format!("{command} name@example.com")),
        Wanted::Priority => ("priority", "1 (the highest), 2, 3, 4".to_owned(), format!("{command} 2")),
        Wanted::Service => ("service", "its name".to_owned(), format!("{command} NAME")),
        Wanted::Desk(desks) => {
            ("known desk", known(desks, "there is none"), format!("{command} {}", first(desks, "NAME")))
        }
        Wanted::Reference => ("ticket's number", "R-000123".to_owned(), format!("{command} R-000123")),
        Wanted::Wait => (
            "reason to wait",
            "requester, vendor, a day (Monday, December 3, tomorrow 9am, YYYY-MM-DD) or a duration (3 days, 4 h)"
                .to_owned(),
            format!("{command} requester\" or \"{command} 3 days"),
        ),
        Wanted::Absence => (
            "day to be back",
            "Monday, December 3, YYYY-MM-DD, 3 days, from December 3 to December 10".to_owned(),
            format!("{command} Monday\" or \"{command} 3 days"),
        ),
        Wanted::Attachments => ("attachment's number", "1 or more".to_owned(), format!("{command} 1,2")),
        Wanted::Fix => ("known fix", "its id".to_owned(), format!("{command} ID\" or \"{command} new TITLE")),
        Wanted::Words => {
            ("word to look for", "of a subject, a name or an address".to_owned(), format!("{command} printer"))
        }
        Wanted::Consulted => {
            ("address", "of whoever is consulted".to_owned(), format!("{command} expert@example.com: question"))
        }
        Wanted::TicketTitle => ("title", "that of the new ticket".to_owned(), format!("{command} TITLE")),
        Wanted::Title => ("title", "that of the new fix".to_owned(), format!("{command} new TITLE")),
    };
    match written {
        Some(written) => format!("\"{written}\" is no {what}: {such}. Write \"{write}\"."),
        None => format!("There is no {what} behind \"{command}\": {such}. Write \"{write}\"."),
    }
}

/// Where a ticket stands, as agents say it.
pub(super) fn state(standing: Standing) -> String {
    let said = match standing.state {
        State::New => "new",
        State::Open => "assigned",
        State::Pending { reason: PendingReason::Requester } => "pending the requester",
        State::Pending { reason: PendingReason::Vendor } => "pending the vendor",
        State::Pending { reason: PendingReason::Until { .. } } => return waiting(standing.until),
        State::Resolved => "resolved",
        State::Closed => "closed",
        State::Spam => "spam",
    };
    said.to_owned()
}

/// Where a request stands, as its requester says it.
pub(super) fn state_of_request(standing: Standing) -> String {
    let said = match standing.state {
        State::New => "new",
        State::Open => "taken care of",
        State::Pending { reason: PendingReason::Requester } => "pending your answer",
        State::Pending { reason: PendingReason::Vendor } => "pending a specialist",
        State::Pending { reason: PendingReason::Until { .. } } => return waiting(standing.until),
        State::Resolved => "resolved",
        State::Closed | State::Spam => "closed",
    };
    said.to_owned()
}

fn waiting(until: Option<Day>) -> String {
    until.map_or_else(|| "pending".to_owned(), |day| format!("pending until {}", day.english()))
}

/// A level as people say it.
/// What a clock stands for.
pub(super) fn promise(clock: ClockName) -> &'static str {
    match clock {
        ClockName::Tto => "First answer",
        ClockName::Ttr => "Resolution",
        ClockName::Tnr => "Next answer",
        ClockName::Ola => "Taking up by the team",
    }
}

pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::L1 => "L1",
        Level::L2 => "L2",
        Level::L3 => "L3",
    }
}

/// Who wrote, where no name is known.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Requester => "the requester",
        Role::Participant => "a participant",
        Role::Agent => "an agent",
        Role::Vendor => "the vendor",
        Role::System => "the desk",
        Role::Unknown => "unknown sender",
    }
}

/// What a letter to somebody outside is called.
fn letter(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Acknowledgement | Purpose::CrowdAcknowledgement | Purpose::AcknowledgementGeneric => "acknowledgement",
        Purpose::KnownFix => "known fix",
        Purpose::Answer => "answer",
        Purpose::PassedOn => "passed on to specialists",
        Purpose::Resolved => "solution",
        Purpose::Reminder => "reminder",
        Purpose::Status => "where it stands",
        Purpose::LanguageSwitched => "change of language",
        Purpose::Case => "case",
        Purpose::FollowUp => "follow-up",
        Purpose::Chase => "chase",
        other => other.name(),
    }
}
