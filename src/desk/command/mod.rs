//! What agents command by mail: `#…` on the first lines, one a line, until the first line that is none.
//!
//! [`Instructions::read`] reads them, [`check`] looks at all of them before [`carry_out`] does any.

pub(super) mod act;
pub(super) mod carry_out;
pub(super) mod check;
mod read;
pub(super) mod sign_off;
mod words;

use crate::desk::{Level, TicketNumber};
use crate::mail::Address;

/// What the new words of an agent's mail say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instructions {
    /// In order.
    pub commands: Vec<Command>,
    /// What is left: for the requester, or for the command that claims it.
    pub text: String,
    /// Anything here holds the whole mail.
    pub faults: Vec<Fault>,
    /// There was no command: what the text is for was read off the letter that it answers.
    pub plain: bool,
    /// An agent saw what is doubtful about it, and said `#ok`.
    pub forced: bool,
}

/// One command.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// The text is for the desk only.
    Note,
    /// The text goes to the requester, even where a plain reply would not.
    Reply,
    /// I own it.
    Take,
    /// Somebody owns it.
    Assign(Address),
    /// To another level; the text is the brief.
    Escalate {
        /// Which.
        level: Level,
        /// To which vendor, where L3 has several.
        vendor: Option<String>,
    },
    /// Back to a lower level; the text is the reason.
    Return(Level),
    /// The clocks stand; the text is a question to the requester.
    Pending(WaitFor),
    /// The text, if any, goes to the requester as the solution.
    Solved(Option<String>),
    /// Not solved after all.
    Reopen,
    /// Over, silently, unless there is a text.
    Close,
    /// 1 to 4.
    Priority(u8),
    /// The service concerned.
    Service(String),
    /// To another desk.
    Desk(String),
    /// Who reads along.
    Cc {
        /// From now on.
        add: Vec<Address>,
        /// No more.
        remove: Vec<Address>,
    },
    /// Who asks; in a new mail it records a telephone call.
    Requester(Address),
    /// Sends a known fix.
    Fix(String),
    /// Drafts a known fix of this title from the ticket; the text, if any, is its solution.
    Draft(String),
    /// This ticket goes on in another one.
    Merge(TicketNumber),
    /// Another ticket has to do with this one.
    Link(TicketNumber),
    /// Was no request.
    Spam,
    /// Write to a vendor, or link its case.
    Vendor {
        /// Which.
        name: String,
        /// Its case number.
        case_number: Option<String>,
    },
    /// Which attachments leave, numbered from 1.
    Attach(Vec<usize>),
    /// Send the vendor's last answer, or the text, on to the requester.
    Publish,
    /// Where does it stand?
    Status,
    /// What is open?
    List,
    /// What can I say?
    Help,
    /// What would be sent?
    Preview,
    /// Withdraw what is held.
    Cancel,
    /// Send what is held.
    Ok,
    /// Release from quarantine.
    Release,
}

/// What a pending ticket waits for, as written.
#[derive(Clone, Debug, PartialEq)]
pub enum WaitFor {
    /// The requester.
    Requester,
    /// The vendor.
    Vendor,
    /// A date (`2026-12-01`), at the start of that day.
    Date(jiff::civil::Date),
    /// So many hours from now.
    Hours(i64),
}

/// Why an agent's mail is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No such command; its word alone, because the mail stands quoted in the refusal.
    Unknown(String),
    /// The argument is missing or wrong; the command as written.
    BadArgument(String),
    /// A command within the text.
    CommandInText(String),
    /// Two commands claim the text.
    TwoClaimTheText(String, String),
}

/// Names that the operator chose, which arguments may be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    /// Vendors.
    pub vendors: &'a [&'a str],
}

impl Instructions {
    /// Whether a text of it reaches the requester.
    pub fn answers_requester(&self) -> bool {
        !self.text.is_empty()
            && self.commands.iter().any(|command| {
                matches!(
                    command,
                    Command::Reply
                        | Command::Solved(_)
                        | Command::Close
                        | Command::Publish
                        | Command::Pending(WaitFor::Requester)
                )
            })
    }

    /// Whether the text belongs to a command and is not a plain answer.
    pub fn text_is_claimed(&self) -> bool {
        self.commands.iter().any(Command::claims_text)
    }
}

impl Command {
    /// Whether it is answered by mail and changes nothing.
    pub fn only_asks(&self) -> bool {
        matches!(self, Command::Status | Command::List | Command::Help | Command::Preview)
    }

    /// Whether the text of the mail belongs to this command.
    pub fn claims_text(&self) -> bool {
        matches!(
            self,
            Command::Note
                | Command::Reply
                | Command::Escalate { .. }
                | Command::Return(_)
                | Command::Pending(_)
                | Command::Solved(_)
                | Command::Close
                | Command::Vendor { .. }
                | Command::Publish
        )
    }
}
