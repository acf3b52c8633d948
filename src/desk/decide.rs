//! The one door: what is to be done on an occasion.

use crate::desk::Vouched;
use crate::desk::deliberation::{Deliberation, Rules, Ruling};
use crate::desk::docket::copies;
use crate::desk::docket::machine_mail;
use crate::desk::docket::matching;
use crate::desk::incoming::Author;
use crate::desk::rules::opening::Antecedent;
use crate::desk::rules::{
    absences, due, on_agent, on_junk, on_machine, on_report, on_request, on_vendor, opening, quarantine, weekly_report,
    worklist,
};
use crate::desk::{
    Arrival, Decision, Docket, EntryKind, Event, Handed, Happened, Incoming, LedgerId, Named, Occasion, Outcome, Proof,
    Purpose, Reason, Role, RoutineDue, TicketNumber, Trust, Weight,
};
use jiff::Timestamp;

use crate::mail::token::{Keyring, Token};
use crate::mail::{Address, Authentication, InboundMail, Kind};

/// Decides. The docket holds what [`keys`](super::keys) named.
pub fn decide<'a>(rules: Rules<'a>, docket: &'a Docket, occasion: &Occasion<'a>, now: Timestamp) -> Decision {
    let deliberation = Deliberation::new(rules, docket, now, occasion.loose_letters(rules.policy, now));
    match occasion {
        Occasion::Mail(incoming) => decide_mail(deliberation, incoming),
        Occasion::Order(order) => on_agent::command_line(deliberation, order),
        Occasion::Call(call) => opening::by_telephone(deliberation, call),
        Occasion::Refused(letter) => on_report::refused_by_relay(deliberation, letter),
        Occasion::Lightened(letter) => on_report::left_without(deliberation, letter),
        Occasion::Due(tickets) => due::decide(deliberation, tickets),
        Occasion::Routine(RoutineDue::WeeklyReport { desk, report, .. }) => {
            weekly_report::decide(deliberation, desk, report)
        }
        Occasion::AbsenceBegins(away) => absences::begin(deliberation, away),
        Occasion::Routine(RoutineDue::Worklist { desk, tickets, .. }) => worklist::decide(deliberation, desk, tickets),
        Occasion::Routine(RoutineDue::Junk { mails, more }) => quarantine::tell_daily(deliberation, mails, *more),
        Occasion::Routine(RoutineDue::Quarantine { mails }) => quarantine::tell_hourly(deliberation, mails),
        Occasion::Routine(RoutineDue::QuarantineAlarm { mails }) => quarantine::call_out(deliberation, mails),
        Occasion::Unreadable(mail) => quarantine::tell_of_unreadable(deliberation, mail),
    }
}

/// What is to be done with a mail, copies of which may have come before.
fn decide_mail<'a>(deliberation: Deliberation<'a>, incoming: &Incoming<'a>) -> Decision {
    let docket = deliberation.docket;
    let copies = || copies::of(docket, incoming);
    let heaviest = copies().map(|copy| copy.weight).max();
    if heaviest == Some(Weight::Proven) {
        return deliberation.suppress(Reason::Duplicate);
    }
    let proven = is_proven(&deliberation, incoming);
    let mut decision = decide_alone(deliberation, incoming);
    decision.weight = weight(&decision, proven);
    if heaviest >= Some(decision.weight) {
        return Decision { outcome: Some(Outcome::Suppressed(Reason::Duplicate)), ..Decision::default() };
    }
    let waits = copies().filter(|copy| matches!(copy.outcome, Outcome::Quarantine(_)));
    decision.settled = waits.map(|copy| copy.ledger).collect();
    decision
}

/// What is to be done with a mail as if no copy of it had come.
fn decide_alone<'a>(deliberation: Deliberation<'a>, incoming: &Incoming<'a>) -> Decision {
    if incoming.arrival != Arrival::Junk {
        return decide_wanted(deliberation, incoming);
    }
    let is_proven = is_proven(&deliberation, incoming);
    let is_taken = on_junk::is_taken(&deliberation, incoming, is_proven);
    let decision = decide_wanted(deliberation, &Incoming { arrival: Arrival::Ordinary, ..*incoming });
    // What has no effect needs nobody's eye.
    let is_recorded = matches!(decision.outcome, Some(Outcome::Suppressed(_))) && decision.letters.is_empty();
    match is_taken || is_recorded {
        true => decision,
        false => Decision { outcome: Some(Outcome::Quarantine(Reason::Junk)), ..Decision::default() },
    }
}

/// The same of a mail that nobody took for junk.
fn decide_wanted<'a>(deliberation: Deliberation<'a>, incoming: &Incoming<'a>) -> Decision {
    let (rules, mail) = (deliberation.rules, incoming.mail);
    if is_ours(rules, mail) {
        return deliberation.suppress(Reason::Own);
    }
    if incoming.arrival == Arrival::BeforeFirstStart {
        return deliberation.suppress(Reason::BeforeFirstStart);
    }
    match ruling(deliberation, incoming) {
        Ruling::Decided(decision) => decision,
        Ruling::Doubtful(deliberation, _) if incoming.arrival == Arrival::Released => {
            on_request::let_out(deliberation, incoming)
        }
        Ruling::Doubtful(deliberation, reason) => quarantine::hold(deliberation, incoming, reason),
    }
}

/// The mail that waits for an agent's word and that the answered letter speaks of.
pub fn held_mail(docket: &Docket, mail: &InboundMail, keyring: &Keyring) -> Option<LedgerId> {
    let token = matching::answered_token(mail, keyring)?;
    let dossier = docket.dossier(TicketNumber(token.ticket))?;
    let letter = dossier.sent.iter().find(|letter| letter.number == token.letter)?;
    let waits = |about: &LedgerId| match letter.purpose {
        Purpose::CommandRefused | Purpose::Notice => true,
        Purpose::Receipt => docket.dossiers.values().any(|known| known.ticket.is_leaving(*about)),
        _ => false,
    };
    letter.about.filter(waits)
}

/// Whether anything that is decided about a mail depends on who wrote it, so that it must be found out. In doubt it does.
pub fn depends_on_author(rules: Rules<'_>, mail: &InboundMail, arrival: Arrival) -> bool {
    let is_recorded = || match mail.writer.unless_us().kind {
        Kind::ReadReceipt => mail.writer.is_marked(),
        Kind::List => !is_meant_for_us(rules, mail),
        Kind::Own | Kind::Feedback | Kind::Bounce | Kind::AutoReply | Kind::Reply | Kind::New => false,
    };
    let is_settled = is_ours(rules, mail)
        || arrival == Arrival::BeforeFirstStart
        || (machine_mail::report(rules.policy, mail).is_none() && is_recorded());
    mail.from.is_some() && !is_settled
}

/// What a decision stands on, where the author is proven or not.
fn weight(decision: &Decision, proven: bool) -> Weight {
    let heard = |(_, happened): &(TicketNumber, Happened)| matches!(happened.event, Event::VendorHeard { .. });
    let is_recorded = decision.letters.is_empty()
        && !decision.entries.is_empty()
        && decision.entries.iter().all(|entry| entry.kind == EntryKind::Auto)
        && !decision.history.iter().any(heard);
    match &decision.outcome {
        // What was answered is answered, and an old mail stays old however often it is delivered again.
        Some(Outcome::Suppressed(Reason::OnlyAsked | Reason::BeforeFirstStart)) => Weight::Proven,
        // Whoever moves it out of the folder for junk makes a copy that is wanted.
        Some(Outcome::Suppressed(_) | Outcome::Quarantine(Reason::Junk)) => Weight::Recorded,
        Some(Outcome::Ticket(_)) if is_recorded => Weight::Recorded,
        Some(Outcome::Ticket(_) | Outcome::Quarantine(_)) | None if proven => Weight::Proven,
        Some(Outcome::Ticket(_) | Outcome::Quarantine(_)) | None => Weight::Unproven,
    }
}

/// Whether the author is who they seem to be, as the rule that judges them asks.
fn is_proven(deliberation: &Deliberation<'_>, incoming: &Incoming<'_>) -> bool {
    let author = author_of(deliberation, incoming, role_of(deliberation, incoming.mail));
    incoming.arrival != Arrival::Released && author.is_some_and(|a| a.authentication == Authentication::Passed)
}

/// As whom the author seems to write.
fn role_of(deliberation: &Deliberation<'_>, mail: &InboundMail) -> Role {
    match &mail.from {
        None => Role::Unknown,
        Some(from) if deliberation.policy().is_staff(&from.address) => Role::Agent,
        Some(_) if on_vendor::vendor_behind(deliberation, mail).is_some() => Role::Vendor,
        Some(_) => Role::Requester,
    }
}

/// What a decision on a mail begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// As whom the author seems to write.
    pub party: Role,
    /// Whether that is proven.
    pub trust: Trust,
    /// The tickets that it leads to, the strongest lead first, and what leads there: `token`, `thread` or `reference`.
    pub leads: Vec<(TicketNumber, &'static str)>,
}

/// Explains whom a mail is taken to be from, and what leads it to a ticket.
pub fn explain(rules: Rules<'_>, docket: &Docket, incoming: &Incoming<'_>, now: Timestamp) -> Explained {
    let deliberation = Deliberation::new(rules, docket, now, 0);
    let party = role_of(&deliberation, incoming.mail);
    let trust = if is_proven(&deliberation, incoming) { Trust::Verified } else { Trust::Unverified };
    let leads = matching::leads(incoming.mail, docket, rules.keyring);
    Explained { party, trust, leads: leads.iter().map(|lead| (lead.ticket, lead.by.word())).collect() }
}

/// A letter of ours came back: its own Message-ID bears a token that we signed, or it passed through us before. Some ticket
/// systems confirm under the Message-ID of the mail that they confirm (Roundup, with messages_to_author = new): what
/// somebody else wrote is not ours.
fn is_ours(rules: Rules<'_>, mail: &InboundMail) -> bool {
    let by_us = mail.from.as_ref().is_none_or(|from| rules.policy.desk_at(&from.address).is_some());
    let own_id = mail.message_id.as_ref().is_some_and(|id| {
        let local = id.as_str().split('@').next().unwrap_or_default();
        crate::mail::token::Token::parse(local)
            .is_some_and(|token| rules.keyring.verify(&token) || rules.keyring.is_retired(&token))
    });
    own_id && by_us || mail.loop_marks.iter().any(|mark| mark == rules.keyring.instance())
}

/// A list's mail that was also written to us.
fn is_meant_for_us(rules: Rules<'_>, mail: &InboundMail) -> bool {
    mail.to.iter().chain(&mail.cc).any(|address| rules.policy.desk_at(address).is_some())
}

/// The rule for what the mail is and who wrote it.
fn ruling<'a>(deliberation: Deliberation<'a>, incoming: &Incoming<'a>) -> Ruling<'a> {
    if let Proof::Form(handed) = incoming.proof {
        // Whoever it names has no part in anything but what they ask.
        return match handed.author {
            Named::Somebody => asked(deliberation, incoming),
            Named::Nobody | Named::Ours => Ruling::Decided(of_sender(deliberation, incoming)),
        };
    }
    if let Some(report) = machine_mail::report(deliberation.policy(), incoming.mail)
        && let Some(author) = author_of(&deliberation, incoming, Role::Requester)
    {
        return Ruling::Decided(on_machine::on_machine(deliberation, incoming, author, &report));
    }
    let decided = match incoming.mail.writer.unless_us().kind {
        // Words alone never hide a mail.
        Kind::ReadReceipt | Kind::Bounce | Kind::AutoReply if !incoming.mail.writer.is_marked() => {
            return somebody_wrote(deliberation, incoming);
        }
        Kind::Feedback => on_report::complaint(deliberation, incoming),
        Kind::ReadReceipt => on_report::other(deliberation, incoming, Reason::ReadReceipt),
        Kind::Bounce => on_report::bounce(deliberation, incoming),
        Kind::AutoReply => return auto_reply(deliberation, incoming),
        Kind::List if !is_meant_for_us(deliberation.rules, incoming.mail) => deliberation.suppress(Reason::List),
        Kind::List | Kind::Own | Kind::Reply | Kind::New => return somebody_wrote(deliberation, incoming),
    };
    Ruling::Decided(decided)
}

fn auto_reply<'a>(deliberation: Deliberation<'a>, incoming: &Incoming<'a>) -> Ruling<'a> {
    match (on_vendor::vendor_behind(&deliberation, incoming.mail), author_of(&deliberation, incoming, Role::Vendor)) {
        (Some(vendor), Some(author)) if author.authentication == Authentication::Passed => {
            on_vendor::on_vendor(deliberation, incoming, author, &vendor)
        }
        _ => Ruling::Decided(robot_answered(deliberation, incoming)),
    }
}

/// A robot that answers, of no vendor's: on its own ticket with the words that a person may have written.
fn robot_answered(deliberation: Deliberation<'_>, incoming: &Incoming<'_>) -> Decision {
    let is_staff = incoming.mail.from.as_ref().is_some_and(|from| deliberation.policy().is_staff(&from.address));
    let role = if is_staff { Role::Agent } else { Role::Requester };
    match author_of(&deliberation, incoming, role) {
        Some(author) if !is_staff => on_request::robot(deliberation, incoming, author),
        Some(author) if author.authentication == Authentication::Passed => {
            on_agent::robot(deliberation, incoming, author)
        }
        _ => on_report::other(deliberation, incoming, Reason::AutoReply),
    }
}

fn somebody_wrote<'a>(deliberation: Deliberation<'a>, incoming: &Incoming<'a>) -> Ruling<'a> {
    let policy = deliberation.policy();
    let Some(from) = &incoming.mail.from else {
        return Ruling::Decided(on_request::without_author(deliberation, incoming));
    };
    if matches!(incoming.proof, Proof::List(Handed { author: Named::Nobody | Named::Ours, .. })) {
        return Ruling::Decided(of_sender(deliberation, incoming));
    }
    if policy.desk_at(&from.address).is_some() {
        return Ruling::Doubtful(deliberation, Reason::FromOurselves);
    }
    if policy.is_staff(&from.address) {
        if incoming.arrival == Arrival::Released {
            return Ruling::Doubtful(deliberation, Reason::AgentUnverified);
        }
        return match author_of(&deliberation, incoming, Role::Agent) {
            Some(author) if author.authentication == Authentication::Passed => {
                if matching::answers_retired_key(incoming.mail, deliberation.rules.keyring) {
                    return Ruling::Doubtful(deliberation, Reason::KeyRetired);
                }
                on_agent::on_agent(deliberation, incoming, author)
            }
            Some(_) if let Some(ledger) = quarantine::answered_challenge(&deliberation, incoming.mail) => {
                Ruling::Decided(on_agent::let_out(deliberation, ledger, Vouched::Author))
            }
            // Nobody asks a program whether it wrote.
            _ if incoming.mail.writer.is_marked() => {
                Ruling::Decided(on_report::other(deliberation, incoming, Reason::AutoReply))
            }
            _ => Ruling::Doubtful(deliberation, Reason::AgentUnverified),
        };
    }
    if let Some(vendor) = on_vendor::vendor_behind(&deliberation, incoming.mail) {
        return match author_of(&deliberation, incoming, Role::Vendor) {
            Some(author) if author.authentication == Authentication::Passed => {
                on_vendor::on_vendor(deliberation, incoming, author, &vendor)
            }
            _ => Ruling::Doubtful(deliberation, Reason::VendorUnverified),
        };
    }
    asked(deliberation, incoming)
}

/// A form or a list wrote, and nobody knows for whom: a ticket of the form's address. A list's is nobody's, because an answer there
/// would go to all who read it.
fn of_sender(deliberation: Deliberation<'_>, incoming: &Incoming<'_>) -> Decision {
    let sender = match incoming.proof {
        Proof::List(_) => None,
        _ => author_of(&deliberation, incoming, Role::Requester),
    };
    opening::open(deliberation, incoming, sender, Antecedent::Fresh)
}

/// Somebody without powers wrote.
fn asked<'a>(deliberation: Deliberation<'a>, incoming: &Incoming<'a>) -> Ruling<'a> {
    match author_of(&deliberation, incoming, Role::Requester) {
        Some(author) => on_request::on_request(deliberation, incoming, author),
        None => Ruling::Decided(on_request::without_author(deliberation, incoming)),
    }
}

/// The author as the docket knows it, in this role.
fn author_of<'a>(deliberation: &Deliberation<'a>, incoming: &Incoming<'a>, role: Role) -> Option<Author<'a>> {
    let mailbox = incoming.mail.from.as_ref()?;
    let contact = deliberation.contact_at(&mailbox.address)?;
    let authentication = match incoming.proof {
        Proof::Token => {
            let mut tokens = matching::verified(incoming.mail, deliberation.rules.keyring);
            let proven = tokens.any(|token| {
                token_role(token.audience) == role && went_to(deliberation, token, &mailbox.address, role)
            });
            if proven && incoming.mail.from_is_sound { Authentication::Passed } else { Authentication::Unverified }
        }
        Proof::Header(_)
        | Proof::Exchange(_)
        | Proof::Submission(_)
        | Proof::Form(_)
        | Proof::List(_)
        | Proof::Redirected(_)
        | Proof::Dns(_)
        | Proof::Challenge
        | Proof::Release
        | Proof::Nothing => incoming.proof.authentication(),
    };
    Some(Author { mailbox, contact, authentication })
}

/// Whether the letter that a token names went to this address, or to the mailbox of the team that it acts for.
fn went_to(deliberation: &Deliberation<'_>, token: Token, address: &Address, role: Role) -> bool {
    let letter = deliberation.dossier(TicketNumber(token.ticket)).and_then(|dossier| dossier.letter(token.letter));
    letter.is_some_and(|letter| {
        letter.recipients.iter().any(|recipient| match role {
            Role::Agent => {
                let team = deliberation.policy().team_of(address);
                recipient.is(address) || team.is_some_and(|team| team.address.is(recipient))
            }
            Role::Vendor => {
                let vendor = deliberation.policy().vendor_of(address);
                vendor.map_or_else(|| recipient.is(address), |vendor| vendor.writes_from(recipient))
            }
            Role::Requester | Role::Participant | Role::System | Role::Unknown => recipient.is(address),
        })
    })
}

fn token_role(audience: crate::mail::token::TokenAudience) -> Role {
    use crate::mail::token::TokenAudience;
    match audience {
        TokenAudience::Requester => Role::Requester,
        TokenAudience::Desk => Role::Agent,
        TokenAudience::Vendor => Role::Vendor,
    }
}
