//! Who wrote a mail, as far as the mail itself tells: the one fact by which it is acknowledged, relayed, or only recorded.
//!
//! Words alone never hide a mail: a robot by its wording is shown to people as what it may be.

use std::fmt;

use serde::{Serialize, Serializer};

use super::header::Header;
use super::kind::{Classified, Read};
use super::{InboundMail, Kind, ReturnPath, absence, auto_reply, bounce, receipt};

/// Who wrote a mail, other than ourselves: that tells the keyring alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Writer {
    /// Somebody; nothing says otherwise.
    Person,
    /// A program.
    Robot(Known),
    /// A person or a program, by way of a mailing list (RFC 2919).
    List,
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
    /// Whether a program wrote it, or seems to have.
    pub fn is_robot(self) -> bool {
        matches!(self, Writer::Robot(_))
    }

    /// Whether a mark says that a program wrote it.
    pub fn is_marked(self) -> bool {
        self == Writer::Robot(Known::Marked)
    }

    /// Whether its wording alone says that a program wrote it.
    pub fn looks_automatic(self) -> bool {
        self == Writer::Robot(Known::Wording)
    }

    /// The word that programs read.
    pub fn word(self) -> &'static str {
        match self {
            Writer::Person => "person",
            Writer::Robot(Known::Marked) => "robot",
            Writer::Robot(Known::Wording) => "looks_automatic",
            Writer::List => "list",
        }
    }
}

impl Serialize for Writer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
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

/// Who wrote a mail of this kind.
pub(super) fn of(read: &Read<'_, '_>, classified: &Classified) -> Writer {
    match classified.kind {
        Kind::Feedback | Kind::ReadReceipt | Kind::Bounce | Kind::AutoReply => return Writer::Robot(classified.known),
        Kind::Own | Kind::List | Kind::Reply | Kind::New => {}
    }
    if is_marked(read) {
        Writer::Robot(Known::Marked)
    } else if says_so(read.subject, read.says_absent) {
        Writer::Robot(Known::Wording)
    } else if classified.kind == Kind::List || is_from_list(read.header) {
        Writer::List
    } else {
        Writer::Person
    }
}

/// Who wrote a mail whose new words are known better than when it was first read: a sentence that was ours says nothing of them.
pub(super) fn of_new_words(mail: &InboundMail, says_absent: bool) -> Writer {
    let is_ordinary = matches!(mail.kind_if_foreign, Kind::Reply | Kind::New);
    match mail.writer {
        Writer::Person | Writer::Robot(Known::Wording) if is_ordinary => {
            let says_so = says_so(&mail.subject, says_absent);
            if says_so { Writer::Robot(Known::Wording) } else { Writer::Person }
        }
        known => known,
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
