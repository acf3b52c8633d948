//! Who wrote a mail, as far as the mail itself tells: the one fact by which it is acknowledged, relayed, or only recorded.
//!
//! Words alone never hide a mail: a robot by its wording is shown to people as what it may be.

use std::fmt;

use serde::{Serialize, Serializer};

use super::header::Header;
use super::kind::{self, Classified, Read};
use super::{Kind, ReturnPath, absence, auto_reply, bounce, receipt};

/// Who wrote a mail, what sort of mail that makes it, and what made it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// Who.
    pub who: Who,
    /// What sort of mail it is.
    pub kind: Kind,
    /// What made the kind, the strongest first; empty for [`Kind::New`].
    pub by: Vec<Evidence>,
}

/// Who wrote a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody; nothing says otherwise.
    Person,
    /// A program.
    Robot(Known),
    /// A person or a program, by way of a mailing list (RFC 2919).
    List,
    /// We, by a mark of our letters. It can be forged: only the keyring tells, and where it was not us it was this one.
    Us(Box<Writer>),
}

/// How a robot is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// By a mark that people's mail does not bear: a field, a null return path, the parts of a report, a daemon's address.
    Marked,
    /// Only by its wording, which a person may use.
    Wording,
}

impl Writer {
    /// Who it was if it was not us.
    pub fn unless_us(&self) -> &Writer {
        match &self.who {
            Who::Us(stranger) => stranger,
            Who::Person | Who::Robot(_) | Who::List => self,
        }
    }

    /// Whether a person wrote it, if not we.
    pub fn is_person(&self) -> bool {
        self.unless_us().who == Who::Person
    }

    /// Whether a program wrote it, or seems to have, if not we.
    pub fn is_robot(&self) -> bool {
        matches!(self.unless_us().who, Who::Robot(_))
    }

    /// Whether a mark says that a program wrote it, if not we.
    pub fn is_marked(&self) -> bool {
        self.unless_us().who == Who::Robot(Known::Marked)
    }

    /// Whether its wording alone says that a program wrote it, if not we.
    pub fn looks_automatic(&self) -> bool {
        self.unless_us().who == Who::Robot(Known::Wording)
    }

    /// The word that programs read for who it was if it was not us.
    pub fn word(&self) -> &'static str {
        match &self.who {
            Who::Person => "person",
            Who::Robot(Known::Marked) => "robot",
            Who::Robot(Known::Wording) => "looks_automatic",
            Who::List => "list",
            Who::Us(stranger) => stranger.word(),
        }
    }

    /// Its new words are known better than when it was first read: a sentence that was ours says nothing of who wrote them.
    pub(super) fn hear(&mut self, subject: &str, says_absent: bool) {
        match (&mut self.who, self.kind) {
            (Who::Us(stranger), _) => stranger.hear(subject, says_absent),
            (who @ (Who::Person | Who::Robot(Known::Wording)), Kind::Reply | Kind::New) => {
                *who = if says_so(subject, says_absent) { Who::Robot(Known::Wording) } else { Who::Person };
            }
            (Who::Person | Who::Robot(_) | Who::List, _) => {}
        }
    }
}

/// What made a mail's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// The `report-type` of a report (RFC 6522 §3).
    ReportType,
    /// The header field of this name.
    Header(&'static str),
    /// A null return path, or a system's.
    ReturnPath,
    /// The author's address, which is a system's.
    Address,
    /// Parts that only reports have.
    Structure,
    /// The first words of the subject.
    Subject,
    /// A sentence of the text.
    Text,
    /// It answers an earlier mail.
    Reference,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evidence::ReportType => f.write_str("report_type"),
            Evidence::Header(name) => write!(f, "header:{name}"),
            Evidence::ReturnPath => f.write_str("return_path"),
            Evidence::Address => f.write_str("address"),
            Evidence::Structure => f.write_str("structure"),
            Evidence::Subject => f.write_str("subject"),
            Evidence::Text => f.write_str("text"),
            Evidence::Reference => f.write_str("reference"),
        }
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Who wrote a mail.
pub(super) fn of(read: &Read<'_, '_>) -> Writer {
    let Classified { kind, by, known } = kind::classify_foreign(read);
    let stranger = Writer { who: stranger(read, kind, known), kind, by };
    match kind::our_mark(read) {
        Some(mark) => Writer { who: Who::Us(Box::new(stranger)), kind: Kind::Own, by: vec![mark] },
        None => stranger,
    }
}

/// Who wrote a mail of this kind that is not ours.
fn stranger(read: &Read<'_, '_>, kind: Kind, known: Known) -> Who {
    match kind {
        Kind::Feedback | Kind::ReadReceipt | Kind::Bounce | Kind::AutoReply => return Who::Robot(known),
        Kind::Own | Kind::List | Kind::Reply | Kind::New => {}
    }
    if is_marked(read) {
        Who::Robot(Known::Marked)
    } else if says_so(read.subject, read.says_absent) {
        Who::Robot(Known::Wording)
    } else if kind == Kind::List || is_from_list(read.header) {
        Who::List
    } else {
        Who::Person
    }
}

/// Whether the mail comes by a mailing list.
pub(super) fn is_from_list(header: &Header<'_>) -> bool {
    header.has("List-Id") || auto_reply::precedence(header).any(|value| value == "list")
}

fn is_marked(read: &Read<'_, '_>) -> bool {
    auto_reply::marks_a_program(read.header)
        || *read.return_path == ReturnPath::Null
        || read.from.is_some_and(|from| from.address.is_a_programs())
}

/// By a subject's first words, or by a sentence.
fn says_so(subject: &str, says_absent: bool) -> bool {
    absence::is_subject(subject) || bounce::is_subject_of_report(subject) || receipt::is_subject(subject) || says_absent
}

#[cfg(test)]
mod tests {
    use crate::mail::{Letters, parse};

    #[test]
    fn a_sentence_of_our_letter_says_nothing_of_who_quotes_it() {
        let sentence = "Je suis absent du bureau jusqu'au 4 janvier et je ne lis pas mes courriels.";
        let letter = format!("Bonjour,\n\n{sentence}\nVotre demande attend chez mes collègues du centre.");
        let answer = format!("From: o@client.test\nIn-Reply-To: <a@ville.test>\n\n{letter}\n\nD'accord.");
        let read = parse(answer.as_bytes());
        assert!(read.writer.looks_automatic());
        let mut letters = Letters::default();
        letters.add(&letter);
        let read = read.quoting(&letters);
        assert_eq!((read.body.reply_text.as_str(), read.writer.word()), ("D'accord.", "person"));
        let own = parse(format!("From: o@client.test\nIn-Reply-To: <a@ville.test>\n\n{sentence}").as_bytes());
        assert!(own.quoting(&Letters::default()).writer.looks_automatic());
    }
}
