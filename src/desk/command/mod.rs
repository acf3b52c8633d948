//! What agents command by mail: `#…` on the first lines, one a line, until the first line that is none.
//!
//! Accents and case do not matter. What follows a command and is no valid argument is text. A known command that starts
//! a later line, or two commands that claim the text, are faults: the agent meant something else than we would do.

mod words;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use self::words::{Rest, reader_of};
use super::{Level, TicketNumber};
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
    /// Reads the new words of an agent's mail.
    pub fn read(text: &str, names: &Names<'_>) -> Instructions {
        let mut read = Instructions::default();
        let mut lines = text.lines().skip_while(|line| line.trim().is_empty() || is_banner(line)).peekable();
        let mut words: Vec<&str> = Vec::new();
        while let Some(word) = lines.peek().and_then(|line| command_word(line)) {
            let line = lines.next().unwrap_or_default().trim();
            match reader_of(word) {
                None => read.faults.push(Fault::Unknown(format!("#{word}"))),
                Some(reader) => {
                    let mut rest = Rest(line[1 + word.len()..].trim_start_matches(':'));
                    match reader(&mut rest, names) {
                        None => read.faults.push(Fault::BadArgument(line.to_owned())),
                        Some(command) => {
                            if command.claims_text() {
                                words.push(word);
                            }
                            read.commands.push(command);
                            push_text(&mut read.text, rest.text());
                        }
                    }
                }
            }
        }
        for line in lines {
            if let Some(word) = command_word(line).filter(|word| reader_of(word).is_some()) {
                read.faults.push(Fault::CommandInText(format!("#{word}")));
            }
            read.text.push_str(line);
            read.text.push('\n');
        }
        read.text = read.text.trim().to_owned();
        if let ([first, .., last], false) = (words.as_slice(), read.text.is_empty()) {
            read.faults.push(Fault::TwoClaimTheText(format!("#{first}"), format!("#{last}")));
        }
        read
    }

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

/// Lower case without accents: the form in which command words are compared.
pub(in crate::desk) fn folded(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// The word behind the `#` that starts a line; `#1` and `# title` are text.
fn command_word(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('#')?;
    let end = rest.find(|c: char| !c.is_alphabetic() && !is_combining_mark(c)).unwrap_or(rest.len());
    (end > 0).then(|| &rest[..end])
}

/// The line that mail gateways put above mail from outside: it is nobody's words.
fn is_banner(line: &str) -> bool {
    let line = folded(line.trim().trim_matches(['[', ']', '*', '_', '!', '⚠', '\u{fe0f}', ' ']));
    let starts = ["caution:", "caution :", "warning:", "attention:", "attention :", "mise en garde", "avertissement"];
    let says = ["external", "externe", "outside", "exterieur"];
    matches!(line.as_str(), "external" | "externe" | "external email" | "courriel externe" | "external sender")
        || (starts.iter().any(|start| line.starts_with(start)) && says.iter().any(|word| line.contains(word)))
}

fn push_text(text: &mut String, more: &str) {
    if !more.is_empty() {
        text.push_str(more);
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Instructions {
        Instructions::read(text, &Names { vendors: &["acme"] })
    }

    fn only(text: &str) -> (Command, String) {
        let mut read = read(text);
        assert_eq!(read.faults, [], "{text}");
        assert_eq!(read.commands.len(), 1, "{text}");
        (read.commands.remove(0), read.text)
    }

    #[test]
    fn accents_case_and_language_do_not_matter() {
        for text in ["#résolu", "#RESOLU", "#Solved", "#re\u{301}solu", "  #resolved  "] {
            assert_eq!(only(text), (Command::Solved(None), String::new()), "{text}");
        }
    }

    #[test]
    fn what_is_no_argument_is_text() {
        assert_eq!(only("#note client fâché"), (Command::Note, "client fâché".to_owned()));
        assert_eq!(only("#résolu Redémarrez\nle poste."), (Command::Solved(None), "Redémarrez\nle poste.".to_owned()));
        assert_eq!(only("#solved FIXED\nRestart."), (Command::Solved(Some("FIXED".to_owned())), "Restart.".to_owned()));
    }

    #[test]
    fn escalations_name_a_level_a_vendor_and_a_brief() {
        let to_l2 = Command::Escalate { level: Level::L2, vendor: None };
        assert_eq!(only("#escalade N2 : le serveur est muet"), (to_l2.clone(), "le serveur est muet".to_owned()));
        assert_eq!(only("#escalate L2\n\nsee the log"), (to_l2, "see the log".to_owned()));
        let to_acme = Command::Escalate { level: Level::L3, vendor: Some("acme".to_owned()) };
        assert_eq!(only("#escalate L3 acme: crash at start"), (to_acme.clone(), "crash at start".to_owned()));
        assert_eq!(only("#escalate L3 acme crash"), (to_acme, "crash".to_owned()));
        assert_eq!(
            read("#escalate L3 acne: crash").faults,
            [Fault::BadArgument("#escalate L3 acne: crash".to_owned())]
        );
    }

    #[test]
    fn an_unknown_command_and_a_command_within_the_text_are_faults() {
        assert_eq!(read("#reslvd Bonjour").faults, [Fault::Unknown("#reslvd".to_owned())]);
        assert_eq!(read("Bonjour\n#note secret").faults, [Fault::CommandInText("#note".to_owned())]);
        assert_eq!(
            read("#note\n#solved\ntext").faults,
            [Fault::TwoClaimTheText("#note".to_owned(), "#solved".to_owned())]
        );
    }

    #[test]
    fn hashes_in_prose_are_text() {
        let read = read("Voir #1 et #bug dans le texte.\n# titre\n#hashtag");
        assert_eq!((read.commands.len(), read.faults.len()), (0, 0));
    }

    #[test]
    fn a_banner_above_the_words_is_skipped() {
        let text = "CAUTION: This email originated from outside of the organization.\n\n#take\nI look into it.";
        assert_eq!(only(text), (Command::Take, "I look into it.".to_owned()));
    }

    #[test]
    fn waiting_takes_a_party_a_date_or_a_duration() {
        let waits = |text| match only(text).0 {
            Command::Pending(wait) => wait,
            other => panic!("{other:?}"),
        };
        assert_eq!(waits("#attente client"), WaitFor::Requester);
        assert_eq!(waits("#pending until 2026-12-01"), WaitFor::Date(jiff::civil::date(2026, 12, 1)));
        assert_eq!(waits("#pending 3d"), WaitFor::Hours(72));
        assert_eq!(waits("#attente jusqu'au 2 jours"), WaitFor::Hours(48));
    }

    #[test]
    fn several_commands_stand_on_a_line_each() {
        let read = read("#priorité 2\n#cc +a@x.test -b@x.test\n#pièces 1,3\n#fournisseur acme ref=INC7 : regardez");
        assert_eq!(read.faults, []);
        assert_eq!(read.commands.len(), 4);
        assert_eq!(read.text, "regardez");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_and_no_word_of_a_plain_one_is_lost(text in "\\PC{0,80}(\\n\\PC{0,80}){0,5}") {
            let read = read(&text);
            if read.commands.is_empty() && read.faults.is_empty() && !is_banner(text.trim_start().lines().next().unwrap_or("")) {
                let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
                proptest::prop_assert_eq!(words(&read.text), words(&text));
            }
        }
    }
}
