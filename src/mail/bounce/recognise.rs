//! Which mails are delivery reports.

use std::sync::LazyLock;

use regex::Regex;

use super::super::classified::{Classified, Read};
use super::super::header_marks::all_auto_submitted;
use super::super::pattern::pattern;
use super::super::words;
use super::super::{Address, Evidence, Kind, Known, ReturnPath, envelope, report, work};
use super::subject;

/// The mail as a delivery status notification, in RFC 3464's form or another, if it is one.
///
/// Words never suffice: beside them stands what only programs send, or a daemon's address. People send reports on, and
/// write "Undeliverable: parcel".
pub(in crate::mail) fn of(read: &Read<'_, '_>) -> Option<Classified> {
    let root = &read.parts.parts[0];
    let marked = |by: Vec<Evidence>| Some(Classified::marked(Kind::Bounce, by));
    if report::report_type(root).starts_with("delivery-status") {
        let known = if is_handed_on(read) { Known::Wording } else { Known::Marked };
        return Some(Classified { kind: Kind::Bounce, by: vec![Evidence::ReportType], known });
    }
    if read.header.has("X-Failed-Recipients") {
        return marked(vec![Evidence::Header("X-Failed-Recipients")]);
    }
    let sender = Sender::of(read);
    let machine = machines_sign(read);
    let has_status_part =
        root.is("multipart/") && read.parts.parts.iter().any(|part| part.is("message/delivery-status"));
    // People hold offices, write to addresses like a list's, and attach the reports that they got.
    let is_sure = machine.is_some_and(|sign| sign != Evidence::Header("To"));
    let known = if is_sure || sender == Sender::Daemon { Known::Marked } else { Known::Wording };
    if has_status_part && (sender != Sender::Other || machine.is_some()) {
        let by = [Some(Evidence::Structure), machine, sender.evidence()].into_iter().flatten().collect();
        return Some(Classified { kind: Kind::Bounce, by, known });
    }
    if read.is_reply && sender == Sender::Other {
        return None;
    }
    let words = Words::of(read);
    let wording = words.evidence();
    let by = |known: Known| {
        let signs = [machine, sender.evidence()].into_iter().flatten();
        let structure = returns_a_message(read).then_some(Evidence::Structure);
        let by = structure.into_iter().chain(signs).chain(wording.iter().copied()).collect();
        Some(Classified { kind: Kind::Bounce, by, known })
    };
    match sender {
        Sender::Daemon if wording.is_empty() && machine.is_none() => by(Known::Wording),
        Sender::Daemon => by(Known::Marked),
        // People write from there, too: what nothing else marks is shown.
        Sender::Office
            if words.signature
                || (words.subject || words.phrase)
                    && (machine.is_some() || returns_a_message(read) || reports_an_address(read)) =>
        {
            by(known)
        }
        Sender::Office => None,
        Sender::Other if machine.is_some() => {
            let says = words.prefix || words.opens || words.phrase && (words.subject || returns_a_message(read));
            says.then(|| by(known)).flatten()
        }
        Sender::Other => {
            let says = words.sentence || words.opens && (words.prefix || words.subject || read.from.is_none());
            says.then(|| by(Known::Wording)).flatten()
        }
    }
}

/// A report names whom it could not reach, and asks nobody anything.
fn reports_an_address(read: &Read<'_, '_>) -> bool {
    let start = &read.text[..read.text.floor_char_boundary(START_MAX)];
    start.contains('@') && !start.contains('?')
}

/// Whether a subject begins as reports' subjects begin.
pub(in crate::mail) fn is_subject_of_report(subject: &str) -> bool {
    subject::is_written_by_machines(subject)
}

/// Somebody sends a report on as it came (RFC 5322 §3.6.6), and means something by it.
fn is_handed_on(read: &Read<'_, '_>) -> bool {
    read.header.has("Resent-From")
}

/// What the words say.
struct Words {
    /// The subject is one that mail systems write.
    prefix: bool,
    /// The subject is a whole sentence of theirs.
    sentence: bool,
    /// The subject speaks of a failed delivery.
    subject: bool,
    /// A mail system gives itself away.
    signature: bool,
    /// So it does in its very first words: nobody wrote something above.
    opens: bool,
    /// What reports say, and people too.
    phrase: bool,
}

impl Words {
    fn of(read: &Read<'_, '_>) -> Words {
        let start = |limit: usize| &read.text[..read.text.floor_char_boundary(limit)];
        let signature = says_any(&SIGNATURE, start(START_MAX));
        Words {
            prefix: subject::is_written_by_machines(read.subject),
            sentence: subject::is_a_machines_sentence(read.subject),
            subject: subject::says_so(read.subject),
            signature,
            opens: signature && says_any(&SIGNATURE, start(OPENING_MAX)),
            phrase: says_any(&PHRASE, start(START_MAX)),
        }
    }

    fn evidence(&self) -> Vec<Evidence> {
        let subject = (self.prefix || self.subject).then_some(Evidence::Subject);
        let text = (self.signature || self.phrase).then_some(Evidence::Text);
        subject.into_iter().chain(text).collect()
    }
}

/// A report says at its start what it is.
const START_MAX: usize = 8_000;
const OPENING_MAX: usize = 300;

/// Sentences by which a mail system gives itself away, whoever it says it is.
static SIGNATURE: LazyLock<Regex> = LazyLock::new(|| any_of(&words::list("report", "signatures")));
/// Sentences that a report holds, and a person might write too.
static PHRASE: LazyLock<Regex> = LazyLock::new(|| any_of(&words::list("report", "phrases")));

/// One automaton for many sentences, case aside and however they are folded: one pass finds any of them.
fn any_of(sentences: &[&str]) -> Regex {
    let escaped: Vec<String> = sentences.iter().map(|sentence| regex::escape(sentence).replace(' ', r"\s+")).collect();
    pattern(&format!("(?i){}", escaped.join("|")))
}

fn says_any(sentences: &LazyLock<Regex>, text: &str) -> bool {
    work::count(text.len());
    sentences.is_match(text)
}

/// A rejection that says it is a disposition notification, as a delivery agent writes it (RFC 5429 §2.1.2, older form).
pub(in crate::mail) fn rejection(read: &Read<'_, '_>) -> Option<Classified> {
    let deleted = read.parts.parts.iter().filter(|part| part.is("message/disposition-notification")).any(|part| {
        let bytes = part.bytes();
        let groups = report::groups(&bytes);
        groups.iter().any(|group| {
            let disposition = group.token("Disposition");
            disposition.starts_with("automatic-action") && disposition.contains("deleted")
        })
    });
    let is_rejection = deleted && Sender::of(read) != Sender::Other;
    is_rejection.then(|| Classified::marked(Kind::Bounce, vec![Evidence::Structure, Evidence::Address]))
}

/// What only programs send: a mail with an empty return path or a mark, or one to an address that only stands in envelopes.
fn machines_sign(read: &Read<'_, '_>) -> Option<Evidence> {
    let envelope_address = |to: &Address| {
        let local = to.local().to_ascii_lowercase();
        local.starts_with("owner-")
            || ["-bounces", "-bounce", "-admin", "-owner", "-request"].iter().any(|end| local.ends_with(end))
    };
    let system_path = match read.return_path {
        ReturnPath::Null => true,
        ReturnPath::Path(address) => address.local().eq_ignore_ascii_case("mailer-daemon"),
        ReturnPath::Absent | ReturnPath::Unreadable => false,
    };
    if system_path || read.header.token("Return-Path").contains("mailer-daemon") {
        Some(Evidence::ReturnPath)
    } else if all_auto_submitted(read.header).any(|value| !matches!(&*value, "no" | "auto-forwarded")) {
        Some(Evidence::Header("Auto-Submitted"))
    } else if envelope::all(read.header, "To").iter().take(3).any(envelope_address) {
        Some(Evidence::Header("To"))
    } else {
        None
    }
}

fn returns_a_message(read: &Read<'_, '_>) -> bool {
    read.parts.parts.iter().skip(1).any(|part| part.is("message/rfc822") || part.is("text/rfc822-headers"))
}

/// Whose address the author has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sender {
    /// A mail system's own: nobody else writes from it.
    Daemon,
    /// An office's, by address or name, which people hold, and services.
    Office,
    Other,
}

impl Sender {
    fn of(read: &Read<'_, '_>) -> Sender {
        let Some(from) = read.from else {
            let text = read.header.text("From").to_lowercase();
            let is_daemon = ["daemon", "mail delivery", "<>"].iter().any(|word| text.contains(word));
            let is_office = text.contains("postmaster");
            return if is_daemon {
                Sender::Daemon
            } else if is_office {
                Sender::Office
            } else {
                Sender::Other
            };
        };
        let local: String =
            from.address.local().to_ascii_lowercase().chars().filter(|&c| c.is_ascii_alphanumeric()).collect();
        let name = from.name.as_deref().unwrap_or("").to_lowercase();
        if local.contains("mailerdaemon") || local.starts_with("microsoftexchange") || DAEMONS.contains(&&*local) {
            Sender::Daemon
        } else if OFFICES.iter().any(|office| local.contains(office))
            || local == "root"
            || NAMES.iter().any(|word| name.contains(word))
        {
            Sender::Office
        } else {
            Sender::Other
        }
    }

    fn evidence(self) -> Option<Evidence> {
        (self != Sender::Other).then_some(Evidence::Address)
    }
}

const DAEMONS: &[&str] =
    &["maildaemon", "mdaemon", "daemon", "mailer", "maildelivery", "mailsystem", "bounce", "bounces", "mmdf"];

const OFFICES: &[&str] = &[
    "postmast",
    "uucp",
    "mailadmin",
    "systemadministrator",
    "smtp",
    "mailer",
    "daemon",
    "gateway",
    "noreply",
    "mailserver",
    "mailservice",
    "antivirus",
];

/// Mail systems write under these names.
const NAMES: &[&str] = &[
    "mail delivery",
    "mailer-daemon",
    "mailer daemon",
    "delivery subsystem",
    "postmaster",
    "system administrator",
    "mail administrator",
    "mail system",
    "internet mail delivery",
    "message router",
    "mail router",
];
