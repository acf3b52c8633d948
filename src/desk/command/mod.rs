//! What agents command by mail: `#…` on the first lines, one a line, until the first line that is none.
//!
//! [`Instructions::read`] reads them, [`check`] looks at all of them before [`carry_out`] does any. What only looks like
//! a command is a [`Slip`]: it would be published otherwise.

pub(super) mod absence;
pub(super) mod act;
pub(super) mod announced;
mod astray;
pub(super) mod carry_out;
pub(super) mod check;
pub(super) mod date;
mod hour;
mod read;
mod rest;
pub(super) mod sign_off;
mod words;

pub use date::When;

use crate::desk::{Level, Policy, TicketNumber};
use crate::mail::Address;

/// What the new words of an agent's mail say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instructions {
    /// In the order in which they are written.
    pub commands: Vec<Command>,
    /// What is left: for the requester, or for the command that claims it.
    pub text: String,
    /// Anything here holds the whole mail.
    pub slips: Vec<Slip>,
    /// There was no command: what the text is for was read off the letter that it answers.
    pub plain: bool,
    /// An agent saw what is doubtful about it, and said `#ok`.
    pub forced: bool,
}

/// What an agent asks for; the words behind each are in `COMMANDS`. Its text is [`Instructions::text`].
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// The text is for the desk only.
    Note,
    /// The text goes to the requester, even where a plain reply would not.
    Reply,
    /// The text is public, and the requester has it already: what a mail written to the requester is. No word says it.
    Answered,
    /// The agent who writes owns the ticket from now on.
    Take,
    /// The agent or colleague with this address owns the ticket from now on.
    Assign(Address),
    /// To another level; the text is the brief.
    Escalate {
        /// Who works on it from now on.
        level: Level,
        /// Name of the vendor; `None` where L3 has one vendor only, or the level is another.
        vendor: Option<String>,
    },
    /// Back to a lower level; the text is the reason.
    Return(Level),
    /// The ticket waits; the text is a question to the requester.
    Pending(WaitFor),
    /// The text, if any, goes to the requester as the solution.
    Solved(Option<String>),
    /// It is not solved after all.
    Reopen,
    /// Closes it without a word to the requester, unless there is a text.
    Close,
    /// 1 (highest) to 4.
    Priority(u8),
    /// The service concerned.
    Service(String),
    /// The desk of this name takes the ticket over.
    Desk(String),
    /// Who reads along.
    Cc {
        /// Who reads along from now on.
        add: Vec<Address>,
        /// Who reads along no more.
        remove: Vec<Address>,
    },
    /// Who asks; in a new mail it records a telephone call.
    Requester(Address),
    /// Sends the known fix with this id.
    Fix(String),
    /// Drafts a known fix of this title from the ticket; the text, if any, is its solution.
    Draft(String),
    /// This ticket goes on in another one.
    Merge(TicketNumber),
    /// Another ticket has to do with this one.
    Link(TicketNumber),
    /// The mail that is answered becomes a ticket of its own, of this title.
    Split(String),
    /// What many requests are about.
    Major(Major),
    /// It was no request: the ticket ends as spam.
    Spam,
    /// Write to a vendor, or link its case.
    Vendor {
        /// Its name in the configuration.
        name: String,
        /// The number of its case, as the agent writes it.
        case_number: Option<String>,
    },
    /// Ask somebody whom nobody configured, in a private thread; the text is the question.
    Consult(Address),
    /// Who writes is away: their open tickets go back to the team.
    Absent {
        /// From then on; `None`: from now on.
        from: Option<When>,
        /// When they are back.
        until: When,
    },
    /// Who writes is back.
    Present,
    /// Which attachments leave, numbered from 1.
    Attach(Vec<usize>),
    /// Send the vendor's last answer, or the text, on to the requester.
    Publish,
    /// Where does the ticket stand?
    Status,
    /// Which tickets are open?
    List,
    /// Which tickets have these words?
    Search(String),
    /// What is on this ticket?
    Show(TicketNumber),
    /// Which commands are there?
    Help,
    /// What would be sent, if this mail were carried out?
    Preview,
    /// Withdraws a mail that waits for the agent's `#ok`.
    Cancel,
    /// Carries out a mail that waits for the agent's `#ok`.
    Ok,
    /// Lets mails out of quarantine: those of these numbers, else the one that the answered letter is about.
    Release(Vec<i64>),
}

/// What `#majeur` says of a mass incident.
#[derive(Clone, Debug, PartialEq)]
pub enum Major {
    /// The ticket is the parent of one, which is called so.
    Called(String),
    /// The ticket is a child of this parent.
    ChildOf(TicketNumber),
    /// The ticket is a child no more, or a parent no more.
    Ends,
    /// This child of the ticket's is a request of its own.
    Without(TicketNumber),
    /// The text goes to everybody who is part of it.
    ToAll,
}

/// What a pending ticket waits for, as written.
#[derive(Clone, Debug, PartialEq)]
pub enum WaitFor {
    /// An answer of the requester's.
    Requester,
    /// An answer of a vendor's.
    Vendor,
    /// A moment by the desk's calendar and clock.
    Until(When),
}

/// Why an agent's mail is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slip {
    /// No such command.
    Unknown {
        /// Its word alone, because the mail stands quoted in the refusal: `#rezolu`.
        word: String,
        /// The command that is written almost like it.
        meant: Option<&'static str>,
    },
    /// The argument is missing or wrong.
    BadArgument(BadArgument),
    /// Words behind a command on its own line that it has no use for: whom they are for cannot be told.
    TextBehind {
        /// As written: `#prendre`.
        command: String,
        /// What stands behind it, on the same line or below.
        text: String,
    },
    /// A command within the text.
    CommandInText(String),
    /// What misses a command by a hair.
    AlmostCommand {
        /// As written: `- #note`.
        written: String,
        /// As it would be one: `#note`.
        meant: String,
    },
    /// A command in the subject, where none is read.
    CommandInSubject(String),
    /// Two commands claim the text.
    TwoClaimTheText(String, String),
    /// A command announces a text that never comes.
    NothingBehindColon {
        /// With its arguments: `#escalader N2 :`.
        command: String,
    },
}

/// A word that stands where an argument belongs and is none, or the lack of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadArgument {
    /// The command, as written: `#escalader`.
    pub command: String,
    /// What stands in the argument's place; `None`: nothing.
    pub written: Option<String>,
    /// What belongs there.
    pub wanted: Wanted,
}

/// What an argument must be, with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A level to escalate to; a vendor that the example may name.
    LevelAbove(Option<String>),
    /// A level to return to.
    LevelBelow,
    /// One of these vendors, to escalate to.
    VendorOfL3(Vec<String>),
    /// One of these vendors, to write to.
    Vendor(Vec<String>),
    /// One of these agents, by address or name.
    Agent(Vec<String>),
    /// One of these agents, whom the word names all.
    OneOfAgents(Vec<String>),
    /// Addresses to add and to take away.
    Participants,
    /// The address of who asks.
    Requester,
    /// The address of whoever is consulted.
    Consulted,
    /// 1 to 4.
    Priority,
    /// What the ticket is about.
    Service,
    /// One of these desks.
    Desk(Vec<String>),
    /// A ticket's reference.
    Reference,
    /// A party, a date or a duration.
    Wait,
    /// When somebody is back.
    Absence,
    /// Numbers of attachments.
    Attachments,
    /// The id of a known fix.
    Fix,
    /// The title of a new known fix.
    Title,
    /// The title of a new ticket.
    TicketTitle,
    /// Words to look for.
    Words,
}

/// What an agent wrote.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewWords<'a> {
    /// The subject of the mail.
    pub subject: &'a str,
    /// What the subject repeats: the ticket's own, or that of a forwarded mail. Its words are not the agent's.
    pub known_subject: Option<&'a str>,
    /// The new words.
    pub text: &'a str,
}

/// Names that the operator chose, which arguments may be.
#[derive(Clone, Debug, Default)]
pub struct Names<'a> {
    /// Names of vendors, as the configuration spells them.
    pub vendors: Vec<&'a str>,
    /// Who can own a ticket.
    pub agents: Vec<AgentName<'a>>,
    /// Names of desks, as the configuration spells them.
    pub desks: Vec<&'a str>,
    /// The date at the desk, which days of the week are counted from; without it they are not understood.
    pub today: Option<jiff::civil::Date>,
}

/// Who can own a ticket.
#[derive(Clone, Copy, Debug)]
pub struct AgentName<'a> {
    /// Where letters go.
    pub address: &'a Address,
    /// The full name; empty where only the address is known.
    pub name: &'a str,
}

impl<'a> Names<'a> {
    /// The names of this installation, without a date.
    pub fn of(policy: &'a Policy) -> Names<'a> {
        let agents = policy.agents.iter().map(|agent| AgentName { address: &agent.address, name: &agent.name });
        let members = policy.teams.iter().flat_map(|team| &team.members);
        let others = members.filter(|member| policy.agent(member).is_none());
        Names {
            vendors: policy.vendors.iter().map(|vendor| vendor.name.as_str()).collect(),
            agents: agents.chain(others.map(|address| AgentName { address, name: "" })).collect(),
            desks: policy.desks.iter().map(|desk| desk.name.as_str()).collect(),
            today: None,
        }
    }
}

impl Instructions {
    /// Whether a text of it reaches the requester.
    pub fn answers_requester(&self) -> bool {
        !self.text.is_empty() && self.commands.iter().any(Command::answers_requester)
    }

    /// Whether all of it is for the program, and no ticket is needed for it: `#aide`, `#ok`, or such a word in the wrong place.
    pub fn is_for_the_program(&self) -> bool {
        let in_place = self.commands.iter().all(Command::is_for_the_program);
        let astray = self.slips.iter().all(|slip| match slip {
            Slip::CommandInSubject(word) | Slip::CommandInText(word) | Slip::AlmostCommand { meant: word, .. } => {
                words::is_for_the_program(word.trim_start_matches('#'))
            }
            Slip::BadArgument(bad) => matches!(bad.wanted, Wanted::Absence | Wanted::Words),
            Slip::Unknown { meant, .. } => meant.is_some_and(words::is_for_the_program),
            _ => false,
        });
        in_place && astray && !(self.commands.is_empty() && self.slips.is_empty())
    }

    /// Whether it asks only the program, which answers by mail and changes nothing.
    pub fn only_ask(&self) -> bool {
        self.commands.iter().any(Command::only_asks)
    }

    /// Whether the text belongs to a command and is not a plain answer.
    pub fn text_is_claimed(&self) -> bool {
        self.commands.iter().any(Command::claims_text)
    }
}

impl Command {
    /// Whether it is answered by mail and changes nothing.
    pub fn only_asks(&self) -> bool {
        matches!(
            self,
            Command::Status | Command::List | Command::Search(_) | Command::Show(_) | Command::Help | Command::Preview
        )
    }

    /// Whether it is said to the program and not of a ticket: a question, a word about a mail that is held, or about who writes.
    pub fn is_for_the_program(&self) -> bool {
        self.only_asks() || self.is_about_held_mail() || self.is_about_its_writer()
    }

    /// Whether it says where its writer is.
    pub fn is_about_its_writer(&self) -> bool {
        matches!(self, Command::Absent { .. } | Command::Present)
    }

    /// Whether it lets a held mail go, or drops it.
    pub fn is_about_held_mail(&self) -> bool {
        matches!(self, Command::Ok | Command::Cancel | Command::Release(_))
    }

    /// Whether the text of the mail goes to the requester by it.
    pub fn answers_requester(&self) -> bool {
        matches!(
            self,
            Command::Reply
                | Command::Solved(_)
                | Command::Close
                | Command::Publish
                | Command::Pending(WaitFor::Requester)
                | Command::Major(Major::ToAll)
        )
    }

    /// Whether a letter to somebody outside the desk comes of it.
    pub fn writes_outside(&self) -> bool {
        let to_vendor =
            matches!(self, Command::Vendor { .. } | Command::Consult(_) | Command::Escalate { level: Level::L3, .. });
        self.answers_requester() || to_vendor
    }

    /// Whether words on its own line are neither its argument nor for anybody.
    pub fn takes_no_text(&self) -> bool {
        let is_answered = self.only_asks() || self.is_about_held_mail();
        !self.claims_text() && !is_answered && !matches!(self, Command::Draft(_))
    }

    /// Whether the text of the mail belongs to this command.
    pub fn claims_text(&self) -> bool {
        matches!(
            self,
            Command::Note
                | Command::Reply
                | Command::Answered
                | Command::Escalate { .. }
                | Command::Return(_)
                | Command::Pending(_)
                | Command::Solved(_)
                | Command::Close
                | Command::Vendor { .. }
                | Command::Consult(_)
                | Command::Publish
                | Command::Major(Major::ToAll)
        )
    }
}
