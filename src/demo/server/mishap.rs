//! What the servers shall do wrong, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::mail::Address;

/// A moment of an SMTP session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmtpMoment {
    /// At the connection, instead of the greeting.
    Connect,
    /// At EHLO or HELO.
    Hello,
    /// At STARTTLS, before TLS is agreed on.
    StartTls,
    /// At AUTH, whatever the credentials are.
    Auth,
    /// At MAIL FROM.
    Mail,
    /// At RCPT TO, whoever it is.
    Recipient,
    /// At RCPT TO this address.
    RecipientIs(Address),
    /// At DATA, before the text.
    Data,
    /// After the final dot.
    EndOfData,
}

/// What goes wrong then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmtpMishap {
    /// This reply; the command has no effect. At [`SmtpMoment::Connect`] the connection is closed after it.
    Reply(u16, String),
    /// The connection is cut; the command has no effect.
    Drop,
    /// The command is carried out, and the connection is cut instead of the reply.
    AcceptThenDrop,
    /// The command is carried out, and this text follows its reply in the same packet, in the clear even at
    /// [`SmtpMoment::StartTls`].
    Insert(String),
    /// No answer, ever.
    Stall,
}

/// A moment of an IMAP session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImapMoment {
    /// Instead of the greeting.
    Greeting,
    /// At any command.
    Command,
    /// At the command of this name without `UID`, upper case: `FETCH`, `MOVE`, `LOGIN`.
    CommandIs(&'static str),
}

/// What goes wrong then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImapMishap {
    /// Tagged NO with this text; the command has no effect.
    No(String),
    /// Tagged BAD with this text; the command has no effect.
    Bad(String),
    /// `* BYE`, and the connection is cut.
    Bye,
    /// The connection is cut; the command has no effect.
    Drop,
    /// The command is carried out, and the connection is cut instead of its last line.
    AcceptThenDrop,
    /// FETCH only: after so many whole messages the connection is cut within the next one; at the end of the answer
    /// where there is none.
    CutAfter(usize),
    /// FETCH only: as [`ImapMishap::CutAfter`], but the connection stays and nothing more comes.
    StallAfter(usize),
    /// FETCH only: after so many whole messages the answer is a tagged NO.
    NoAfter(usize),
    /// The command is carried out, and this text follows its answer in the same packet, in the clear even at STARTTLS.
    Insert(String),
    /// At [`ImapMoment::Greeting`] only: `* PREAUTH`, and the session is this account's (RFC 3501 §7.1.4).
    Preauthenticate(Address),
    /// No answer, ever.
    Stall,
}

/// How a server fails that cannot read one message. Its flags and size are known all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoiled {
    /// The others are given out, and the answer ends in a tagged NO.
    No,
    /// `* BYE`, and the connection is cut, before those that stand behind it.
    Bye,
    /// It is shown without a text.
    Empty,
    /// No answer, ever.
    Stall,
}

/// A relay that takes no larger letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeLimit {
    /// It says so at EHLO (RFC 1870).
    Announced(usize),
    /// It says so when it has the letter.
    Kept(usize),
}

/// How an IMAP session is ended from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// `* BYE` first (RFC 3501 §7.1.5).
    Bye,
    /// Just the end of the stream.
    Cut,
}

/// The mishaps in wait; clones share them. A rule is used up when it has struck, unless it is lasting; the oldest that
/// fits strikes first.
#[derive(Clone)]
pub struct Mishaps {
    rules: Arc<Mutex<Rules>>,
    endings: watch::Sender<Option<Ending>>,
}

#[derive(Default)]
struct Rules {
    smtp: Vec<Rule<SmtpMoment, SmtpMishap>>,
    imap: Vec<Rule<ImapMoment, ImapMishap>>,
    hidden_capabilities: BTreeSet<String>,
    spoiled: BTreeMap<u32, Spoiled>,
    size_limit: Option<SizeLimit>,
}

struct Rule<M, F> {
    moment: M,
    mishap: F,
    lasting: bool,
}

impl Default for Mishaps {
    fn default() -> Self {
        Mishaps { rules: Arc::default(), endings: watch::Sender::new(None) }
    }
}

impl Mishaps {
    /// At the next such moment, once.
    pub fn smtp(&self, moment: SmtpMoment, mishap: SmtpMishap) {
        self.rules().smtp.push(Rule { moment, mishap, lasting: false });
    }

    /// Every time, until [`Mishaps::clear`].
    pub fn smtp_lasting(&self, moment: SmtpMoment, mishap: SmtpMishap) {
        self.rules().smtp.push(Rule { moment, mishap, lasting: true });
    }

    /// At the next such moment, once.
    pub fn imap(&self, moment: ImapMoment, mishap: ImapMishap) {
        self.rules().imap.push(Rule { moment, mishap, lasting: false });
    }

    /// Every time, until [`Mishaps::clear`].
    pub fn imap_lasting(&self, moment: ImapMoment, mishap: ImapMishap) {
        self.rules().imap.push(Rule { moment, mishap, lasting: true });
    }

    /// The servers no longer show this capability (`IDLE`, `MOVE`, `UIDPLUS`, `DSN`, `SMTPUTF8`, `STARTTLS`) and refuse
    /// its commands. A server that hides STARTTLS lets clients log in in the clear, as one that was tampered with does.
    pub fn hide_capability(&self, name: &str) {
        self.rules().hidden_capabilities.insert(name.to_owned());
    }

    /// Whoever fetches the text of the messages with this UID is served so, until [`Mishaps::clear`].
    pub fn spoil(&self, uid: u32, spoiled: Spoiled) {
        self.rules().spoiled.insert(uid, spoiled);
    }

    /// The SMTP server takes no larger letter, until [`Mishaps::clear`].
    pub fn limit_size(&self, limit: SizeLimit) {
        self.rules().size_limit = Some(limit);
    }

    /// Ends every IMAP session at once, also those that idle.
    pub fn end_imap_sessions(&self, ending: Ending) {
        self.endings.send_replace(Some(ending));
    }

    /// Forgets every rule and shows every capability again.
    pub fn clear(&self) {
        *self.rules() = Rules::default();
    }

    pub(super) fn at_smtp(&self, fits: impl Fn(&SmtpMoment) -> bool) -> Option<SmtpMishap> {
        strike(&mut self.rules().smtp, fits)
    }

    pub(super) fn at_imap(&self, fits: impl Fn(&ImapMoment) -> bool) -> Option<ImapMishap> {
        strike(&mut self.rules().imap, fits)
    }

    pub(super) fn hides(&self, capability: &str) -> bool {
        self.rules().hidden_capabilities.contains(capability)
    }

    pub(super) fn size_limit(&self) -> Option<SizeLimit> {
        self.rules().size_limit
    }

    pub(super) fn spoiled(&self, uid: u32) -> Option<Spoiled> {
        self.rules().spoiled.get(&uid).copied()
    }

    /// Sees only endings that come after this call.
    pub(super) fn endings(&self) -> watch::Receiver<Option<Ending>> {
        self.endings.subscribe()
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn strike<M, F: Clone>(rules: &mut Vec<Rule<M, F>>, fits: impl Fn(&M) -> bool) -> Option<F> {
    let at = rules.iter().position(|rule| fits(&rule.moment))?;
    if rules[at].lasting { Some(rules[at].mishap.clone()) } else { Some(rules.remove(at).mishap) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_once_and_a_lasting_one_always() {
        let mishaps = Mishaps::default();
        let mail = |moment: &SmtpMoment| *moment == SmtpMoment::Mail;
        mishaps.smtp(SmtpMoment::Data, SmtpMishap::Drop);
        mishaps.smtp(SmtpMoment::Mail, SmtpMishap::Stall);
        mishaps.smtp_lasting(SmtpMoment::Mail, SmtpMishap::Drop);
        let struck: Vec<_> = (0..3).map(|_| mishaps.at_smtp(mail)).collect();
        assert_eq!(struck, [Some(SmtpMishap::Stall), Some(SmtpMishap::Drop), Some(SmtpMishap::Drop)]);
        mishaps.clear();
        assert_eq!(mishaps.at_smtp(mail), None);
    }
}
