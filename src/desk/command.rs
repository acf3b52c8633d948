//! What agents command by mail: `#…` on the first lines, one a line, until the first line that is none.
//!
//! Accents and case do not matter. What follows a command and is no valid argument is text. A known command that starts
//! a later line, or two commands that claim the text, are faults: the agent meant something else than we would do.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

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

type Reader = fn(&mut Rest<'_>, &Names<'_>) -> Option<Command>;

/// Names that the operator chose, which arguments may be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    /// Vendors.
    pub vendors: &'a [&'a str],
}

/// Every word that starts a command, folded, with what reads its arguments.
const WORDS: &[(&str, Reader)] = &[
    ("note", |_, _| Some(Command::Note)),
    ("repondre", |_, _| Some(Command::Reply)),
    ("reponse", |_, _| Some(Command::Reply)),
    ("reply", |_, _| Some(Command::Reply)),
    ("prendre", |_, _| Some(Command::Take)),
    ("take", |_, _| Some(Command::Take)),
    ("assigner", assign),
    ("assign", assign),
    ("escalader", escalate),
    ("escalade", escalate),
    ("escalate", escalate),
    ("retour", give_back),
    ("return", give_back),
    ("attente", pending),
    ("pending", pending),
    ("resolu", solved),
    ("resoudre", solved),
    ("solved", solved),
    ("resolved", solved),
    ("rouvrir", |_, _| Some(Command::Reopen)),
    ("reopen", |_, _| Some(Command::Reopen)),
    ("fermer", |_, _| Some(Command::Close)),
    ("close", |_, _| Some(Command::Close)),
    ("priorite", priority),
    ("priority", priority),
    ("service", |rest, _| rest.line().map(Command::Service)),
    ("desk", |rest, _| rest.word().map(|name| Command::Desk(name.to_owned()))),
    ("cc", cc),
    ("demandeur", requester),
    ("requester", requester),
    ("solution", fix),
    ("fix", fix),
    ("fusionner", |rest, _| rest.parsed().map(Command::Merge)),
    ("merge", |rest, _| rest.parsed().map(Command::Merge)),
    ("lier", |rest, _| rest.parsed().map(Command::Link)),
    ("link", |rest, _| rest.parsed().map(Command::Link)),
    ("spam", |_, _| Some(Command::Spam)),
    ("fournisseur", vendor),
    ("vendor", vendor),
    ("pieces", attach),
    ("attach", attach),
    ("publier", |_, _| Some(Command::Publish)),
    ("publish", |_, _| Some(Command::Publish)),
    ("statut", |_, _| Some(Command::Status)),
    ("status", |_, _| Some(Command::Status)),
    ("liste", |_, _| Some(Command::List)),
    ("list", |_, _| Some(Command::List)),
    ("aide", |_, _| Some(Command::Help)),
    ("help", |_, _| Some(Command::Help)),
    ("apercu", |_, _| Some(Command::Preview)),
    ("preview", |_, _| Some(Command::Preview)),
    ("annuler", |_, _| Some(Command::Cancel)),
    ("cancel", |_, _| Some(Command::Cancel)),
    ("ok", |_, _| Some(Command::Ok)),
    ("liberer", |_, _| Some(Command::Release)),
    ("release", |_, _| Some(Command::Release)),
];

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
pub(super) fn folded(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

fn reader_of(word: &str) -> Option<Reader> {
    let word = folded(word);
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, reader)| *reader)
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

/// What stands behind a command's word on its line; readers take arguments off its front, the rest is text.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn peek(&self) -> Option<&'a str> {
        let rest = self.0.trim_start();
        let end = rest.find(|c: char| c.is_whitespace() || c == ':').unwrap_or(rest.len());
        (end > 0).then(|| &rest[..end])
    }

    fn word(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.0 = &self.0.trim_start()[word.len()..];
        Some(word)
    }

    fn word_if(&mut self, fits: impl Fn(&str) -> bool) -> Option<&'a str> {
        self.peek().filter(|word| fits(word))?;
        self.word()
    }

    fn parsed<T: std::str::FromStr>(&mut self) -> Option<T> {
        let value = self.peek()?.trim_matches(['<', '>', ',', '[', ']']).parse().ok()?;
        self.word();
        Some(value)
    }

    fn line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.0).trim();
        (!line.is_empty()).then(|| line.to_owned())
    }

    fn text(&self) -> &'a str {
        self.0.trim_start().trim_start_matches(':').trim()
    }
}

fn assign(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    rest.parsed().map(Command::Assign)
}

fn requester(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    rest.parsed().map(Command::Requester)
}

fn escalate(rest: &mut Rest<'_>, names: &Names<'_>) -> Option<Command> {
    let level: Level = rest.parsed()?;
    let is_vendor = |word: &str| names.vendors.iter().any(|name| name.eq_ignore_ascii_case(word));
    // A word right before the colon can only be meant as a vendor, so that a misspelt one is said and not sent.
    let before_colon = rest.0.split_once(':').map(|(before, _)| before.trim());
    let vendor = match before_colon {
        Some(word) if !word.is_empty() && !word.contains(char::is_whitespace) => rest.word(),
        _ => rest.word_if(is_vendor),
    };
    if vendor.is_some_and(|name| !is_vendor(name)) || (vendor.is_some() && level != Level::L3) {
        return None;
    }
    Some(Command::Escalate { level, vendor: vendor.map(str::to_owned) })
}

fn fix(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    match rest.word_if(|word| matches!(folded(word).as_str(), "nouveau" | "nouvelle" | "new")) {
        Some(_) => rest.line().map(|title| Command::Draft(title.trim_start_matches(':').trim().to_owned())),
        None => rest.word().map(|id| Command::Fix(id.to_owned())),
    }
}

fn give_back(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    rest.parsed().filter(|level| *level != Level::L3).map(Command::Return)
}

fn pending(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    let word = folded(rest.peek()?);
    let wait = match word.as_str() {
        "requester" | "client" | "demandeur" | "customer" => rest.word().map(|_| WaitFor::Requester),
        "vendor" | "fournisseur" => rest.word().map(|_| WaitFor::Vendor),
        "until" | "jusqu'au" | "jusqu\u{2019}au" | "jusqu'a" | "for" | "pendant" => {
            rest.word();
            date_or_duration(rest)
        }
        _ => date_or_duration(rest),
    };
    wait.map(Command::Pending)
}

fn date_or_duration(rest: &mut Rest<'_>) -> Option<WaitFor> {
    if let Some(date) = rest.parsed() {
        return Some(WaitFor::Date(date));
    }
    let word = rest.word()?;
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let count: i64 = word[..digits].parse().ok().filter(|count| *count > 0 && *count <= 1000)?;
    let unit = if digits == word.len() { rest.word()? } else { &word[digits..] };
    let hours = match folded(unit).as_str() {
        "h" | "heure" | "heures" | "hour" | "hours" => 1,
        "d" | "j" | "jour" | "jours" | "day" | "days" => 24,
        "w" | "semaine" | "semaines" | "week" | "weeks" => 24 * 7,
        _ => return None,
    };
    Some(WaitFor::Hours(count * hours))
}

fn solved(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    let is_code = |word: &str| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    Some(Command::Solved(rest.word_if(is_code).map(str::to_owned)))
}

fn priority(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    rest.parsed().filter(|priority| (1..=4).contains(priority)).map(Command::Priority)
}

fn cc(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    while let Some(word) = rest.word_if(|word| word.contains('@')) {
        let word = word.trim_matches([',', ';', '<', '>']);
        match word.strip_prefix('-') {
            Some(address) => remove.push(address.parse().ok()?),
            None => add.push(word.trim_start_matches('+').parse().ok()?),
        }
    }
    (!add.is_empty() || !remove.is_empty()).then_some(Command::Cc { add, remove })
}

fn vendor(rest: &mut Rest<'_>, names: &Names<'_>) -> Option<Command> {
    let name = rest.word_if(|word| names.vendors.iter().any(|known| known.eq_ignore_ascii_case(word)))?.to_owned();
    let case_number = rest.word_if(|word| word.starts_with("ref=")).map(|word| word["ref=".len()..].to_owned());
    Some(Command::Vendor { name, case_number: case_number.filter(|number| !number.is_empty()) })
}

fn attach(rest: &mut Rest<'_>, _: &Names<'_>) -> Option<Command> {
    let mut numbers = Vec::new();
    while let Some(word) = rest.word_if(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
        for number in word.split(',').filter(|number| !number.is_empty()) {
            numbers.push(number.parse().ok().filter(|number| *number > 0)?);
        }
    }
    (!numbers.is_empty()).then_some(Command::Attach(numbers))
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
