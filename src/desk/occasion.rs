//! What the desk decides about.

use jiff::Timestamp;

use crate::desk::docket::matching::LOOSE_LETTERS_PER_MAIL;
use crate::desk::{Audience, Enclosure, Incoming, Instructions, LedgerId, Origin, Policy, RoutineDue, TicketNumber};
use crate::mail::{Address, Language};

/// Whatever the desk is asked to decide about.
#[derive(Clone, Copy, Debug)]
pub enum Occasion<'a> {
    /// A mail came in.
    Mail(Incoming<'a>),
    /// Somebody at the command line wants something done with a ticket.
    Order(Order<'a>),
    /// Somebody asks for help in another way than by mail.
    Call(Call<'a>),
    /// The relay refused a letter for good.
    Refused(RefusedLetter<'a>),
    /// A letter left without some of its files.
    Lightened(LightenedLetter<'a>),
    /// Time has come to look at these tickets.
    Due(&'a [TicketNumber]),
    /// The first day has come on which somebody of ours said to be away.
    AbsenceBegins(&'a Address),
    /// Something that is done regularly is due.
    Routine(RoutineDue<'a>),
    /// A mail is set aside because the mailbox's server does not give it out.
    Unreadable(Unreadable<'a>),
}

/// An agent's command that came by the command line: the same rules as by mail.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// What it acts on.
    pub ticket: TicketNumber,
    /// In whose name it acts; `None`: the operator's.
    pub agent: Option<&'a Address>,
    /// What is to be done.
    pub instructions: &'a Instructions,
    /// The language in which refusals are said.
    pub language: Language,
}

/// A request that did not come by mail.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Address of whoever needs help.
    pub requester: &'a Address,
    /// In a few words.
    pub subject: &'a str,
    /// What is asked, as plain text.
    pub text: &'a str,
    /// How it came.
    pub origin: Origin,
}

/// A letter on a ticket that the relay does not take.
#[derive(Clone, Copy, Debug)]
pub struct RefusedLetter<'a> {
    /// The ticket that it is about.
    pub ticket: TicketNumber,
    /// Its number within the ticket.
    pub letter: i64,
    /// Whom it does not reach.
    pub recipient: &'a Address,
    /// What the relay said.
    pub reply: &'a str,
}

/// A letter that was too large for the relay.
#[derive(Clone, Copy, Debug)]
pub struct LightenedLetter<'a> {
    /// The ticket that it is about; `None` where it is on none.
    pub ticket: Option<TicketNumber>,
    /// Whom it is for.
    pub audience: &'a Audience,
    /// Who gets it.
    pub recipient: &'a Address,
    /// The files that it left without.
    pub left_out: &'a [Enclosure],
}

/// A mail that stands in a mailbox and that its server does not give out.
#[derive(Clone, Copy, Debug)]
pub struct Unreadable<'a> {
    /// Its row of the ledger, which has no bytes.
    pub ledger: LedgerId,
    /// Name of the mailbox.
    pub mailbox: &'a str,
    /// Its UID there.
    pub uid: u32,
    /// What the server says, or does instead.
    pub why: &'a str,
}

impl Occasion<'_> {
    /// The number after which letters on no ticket are numbered: it names the mail that they speak of.
    pub(super) fn loose_letters(&self, policy: &Policy, now: Timestamp) -> i64 {
        let mail = match self {
            Occasion::Mail(incoming) => incoming.ledger,
            Occasion::Unreadable(mail) => mail.ledger,
            Occasion::Routine(routine) => return routine.loose_letters(policy, now),
            Occasion::Order(_)
            | Occasion::Call(_)
            | Occasion::Refused(_)
            | Occasion::Lightened(_)
            | Occasion::Due(_)
            | Occasion::AbsenceBegins(_) => LedgerId(0),
        };
        mail.0 * LOOSE_LETTERS_PER_MAIL
    }
}
