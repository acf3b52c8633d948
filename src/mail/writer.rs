//! Who wrote a mail, as far as the mail itself tells: the one fact by which it is acknowledged, relayed, or only recorded.
//!
//! Words alone never hide a mail: a robot by its wording is shown to people as what it may be.

use super::classified::{Classified, Read};
use super::header_marks::{is_from_list, marks_a_program};
use super::kind;
use super::{ByList, Kind, Known, ReturnPath, Who, Writer, absence, bounce, envelope, receipt};

impl Writer {
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

/// Who wrote a mail.
pub(super) fn of(read: &Read<'_, '_>) -> Writer {
    let Classified { kind, by, known } = kind::classify_foreign(read);
    let stranger = Writer { who: stranger(read, kind, known), kind, by };
    match kind::our_mark(read) {
        Some(mark) => Writer { who: Who::Us(Box::new(stranger)), kind: Kind::Own, by: vec![mark] },
        None => stranger,
    }
}

/// What the marks of a list say, and who wrote the mail without them; `None` where it bears none.
pub(super) fn by_list(read: &Read<'_, '_>) -> Option<ByList> {
    const FIELDS: [&str; 4] = ["List-Id", "List-Post", "Mailing-list", "X-BeenThere"];
    if !is_from_list(read.header) && !FIELDS.iter().any(|name| read.header.has(name)) {
        return None;
    }
    let Classified { kind, by, known } = kind::classify_beside_list(read);
    let who = match stranger(read, kind, known) {
        Who::List => Who::Person,
        who => who,
    };
    let declines_answers = kind::declines_beside_list(read);
    let (addresses, id) = envelope::list(read.header);
    Some(ByList { addresses, id, writer: Writer { who, kind, by }, declines_answers })
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

fn is_marked(read: &Read<'_, '_>) -> bool {
    marks_a_program(read.header)
        || *read.return_path == ReturnPath::Null
        || read.from.is_some_and(|from| from.address.is_a_programs())
}

/// Whether the first words of the subject or a sentence of the text are a robot's.
fn says_so(subject: &str, says_absent: bool) -> bool {
    absence::is_subject(subject) || bounce::is_subject_of_report(subject) || receipt::is_subject(subject) || says_absent
}

#[cfg(test)]
mod tests {
    use crate::mail::{Letters, parse};

    #[test]
    fn a_list_is_known_by_its_fields_and_hides_no_program() {
        let list = "List-Id: Aide <Aide.lists.test>\nList-Post: <mailto:aide@lists.test>\nPrecedence: list\nReturn-Path: \
                    <aide-bounces@lists.test>\n";
        let by_list =
            |fields: &str| parse(format!("{fields}From: o@client.test\nSubject: x\n\nBonjour").as_bytes()).by_list;
        let read = by_list(list).unwrap();
        assert_eq!((read.id.as_deref(), read.addresses[0].as_str()), (Some("aide.lists.test"), "aide@lists.test"));
        assert_eq!((read.writer.word(), read.declines_answers), ("person", false));
        let robot = by_list(&format!("{list}Auto-Submitted: auto-generated\n")).unwrap();
        assert_eq!((robot.writer.word(), robot.declines_answers), ("robot", true));
        let of_google = by_list("Mailing-list: list aide@lists.test; contact aide+owners@lists.test\n").unwrap();
        assert_eq!(of_google.addresses[0].as_str(), "aide@lists.test");
        assert_eq!(by_list(""), None);
    }

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
