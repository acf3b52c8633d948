//! Mails as mail programs write them: each has its own way to answer and to forward.

use guichet::mail::{self, InboundMail};
use sha2::{Digest, Sha256};

use crate::cast::DESK;

/// Somebody who writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) address: &'static str,
    pub(crate) client: Client,
    pub(crate) signature: &'static str,
}

/// A mail program's habits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// On a telephone, in French: quotes with `>` below "Le … a écrit :".
    AppleMail,
    /// HTML beside the text.
    Gmail,
    /// French: a header block above the earlier mail, without `>`; Thread-Topic.
    Outlook,
    /// English: quotes below "On … wrote:".
    Thunderbird,
    /// A ticket system: its own number in the subject, nothing quoted.
    Robot,
}

/// How a mail program hands an earlier mail on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handing {
    /// `TR:` above a header block, threaded as an answer is.
    Outlook,
    /// `Fwd:` above "Forwarded message", threaded as an answer is.
    Gmail,
    /// X-Forwarded-Message-Id, and References.
    Thunderbird,
    /// `[address: subject]`, threaded by nothing.
    Mutt,
    /// `Fwd:`, quoted below "Début du message réexpédié".
    AppleMail,
    /// A header block under a subject of one's own.
    Pasted,
    /// As a file.
    Attached,
}

impl Handing {
    pub(crate) const ALL: [Handing; 7] = [
        Handing::Outlook,
        Handing::Gmail,
        Handing::Thunderbird,
        Handing::Mutt,
        Handing::AppleMail,
        Handing::Pasted,
        Handing::Attached,
    ];
}

/// How a mail program shows the mail that it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// As the person's own program does.
    Own,
    /// `> `, below a line that says who wrote.
    Marks,
    /// Below a header block, without a mark.
    HeaderBlock,
    /// Without anything that says so.
    Bare,
    Tabs,
    Bars,
    /// Four of them.
    Blanks,
    /// In HTML alone.
    Html,
    Nothing,
}

/// A mail on its way to us.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) cc: Vec<String>,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: Option<String>,
    pub(crate) id: String,
    pub(crate) in_reply_to: Option<String>,
    pub(crate) references: Vec<String>,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) attachments: Vec<(String, String, Vec<u8>)>,
    pub(crate) verdict: Verdict,
}

/// What the receiving server found out about the author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    Fail,
    None,
}

/// A letter of ours, as its reader has it.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) bytes: Vec<u8>,
    pub(crate) mail: InboundMail,
}

impl Received {
    pub(crate) fn new(bytes: Vec<u8>) -> Received {
        Received { mail: mail::parse(&bytes), bytes }
    }

    pub(crate) fn id(&self) -> String {
        self.mail.message_id.as_ref().unwrap().as_str().to_owned()
    }

    fn references(&self) -> Vec<String> {
        self.mail.references.iter().map(|id| id.as_str().to_owned()).chain([self.id()]).collect()
    }

    fn reply_to(&self) -> String {
        self.mail.reply_to.as_ref().or(self.mail.from.as_ref()).unwrap().address.to_string()
    }
}

impl Person {
    /// A mail to the desk.
    pub(crate) fn writes(&self, subject: &str, text: &str) -> Mail {
        let mut mail = self.blank(subject);
        mail.text = self.signed(text);
        mail.named()
    }

    /// An answer to a letter, with what the program adds.
    pub(crate) fn answers(&self, letter: &Received, text: &str) -> Mail {
        let mut mail = self.blank(&format!("{}{}", self.client.reply_prefix(), letter.mail.subject));
        mail.to = vec![letter.reply_to()];
        mail.text = format!("{}\n\n{}", self.signed(text), self.client.quoted(letter));
        if self.client == Client::Gmail {
            mail.html = Some(format!(
                "<div dir=\"ltr\">{}</div><br><div class=\"gmail_quote\"><div class=\"gmail_attr\">On Mon, Aug 3, 2026 \
                 at 9:00 AM {} wrote:<br></div><blockquote class=\"gmail_quote\">{}</blockquote></div>",
                text.replace('\n', "<br>"),
                letter.mail.from.as_ref().unwrap().address,
                letter.mail.body.text.replace('<', "&lt;").replace('\n', "<br>"),
            ));
        }
        if self.client == Client::Outlook {
            mail = mail.with("Thread-Topic", letter.mail.subject.trim_start_matches("RE: "));
        }
        mail.in_reply_to = Some(letter.id());
        mail.references = letter.references();
        mail.named()
    }

    /// An answer to a letter that shows it in another way than the program does by itself.
    pub(crate) fn answers_showing(&self, letter: &Received, text: &str, quoting: Quoting) -> Mail {
        let mut mail = self.answers(letter, text);
        let quoted = |mark: &str| {
            let lines = letter.mail.body.text.trim_end().lines().map(|line| format!("{mark}{line}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        let shown = match quoting {
            Quoting::Own => return mail,
            Quoting::Marks => Client::Thunderbird.quoted(letter),
            Quoting::HeaderBlock => Client::Outlook.quoted(letter),
            Quoting::Bare => quoted(""),
            Quoting::Tabs => quoted("\t"),
            Quoting::Bars => quoted("| "),
            Quoting::Blanks => quoted("    "),
            Quoting::Html | Quoting::Nothing => String::new(),
        };
        mail.text = format!("{}\n\n{shown}", self.signed(text)).trim_end().to_owned();
        mail.html = (quoting == Quoting::Html).then(|| {
            let html = |text: &str| text.replace('<', "&lt;").replace('\n', "<br>");
            let quoted = html(&letter.mail.body.text);
            format!("<div>{}</div><div style=\"margin-left:2em\">{quoted}</div>", html(&self.signed(text)))
        });
        mail.named()
    }

    /// A letter of ours, handed on to the desk.
    pub(crate) fn hands_on(&self, letter: &Received, how: Handing, text: &str) -> Mail {
        let from = letter.mail.from.as_ref().unwrap();
        let name = from.name.clone().unwrap_or_default();
        let (subject, body) = (&letter.mail.subject, letter.mail.body.text.trim_end());
        let own = self.signed(text);
        let answer = self.answers(letter, text);
        let mut mail = match how {
            Handing::Outlook => Mail { subject: format!("TR: {subject}"), ..answer },
            Handing::Gmail => Mail {
                subject: format!("Fwd: {subject}"),
                text: format!(
                    "{own}\n\n---------- Forwarded message ---------\nDe : {name} <{}>\nDate: lun. 3 août 2026 à \
                     09:00\nSubject: {subject}\nTo: <{}>\n\n\n{body}",
                    from.address, self.address
                ),
                html: None,
                ..answer
            },
            Handing::Thunderbird => Mail {
                subject: format!("Fwd: {subject}"),
                text: format!(
                    "{own}\n\n-------- Message transféré --------\nSujet : {subject}\nDate : Mon, 3 Aug 2026 09:00:00 \
                     -0400\nDe : {name} <{}>\nPour : {}\n\n{body}",
                    from.address, self.address
                ),
                html: None,
                in_reply_to: None,
                ..answer
            }
            .with("X-Forwarded-Message-Id", &format!("<{}>", letter.id())),
            Handing::Mutt => Mail {
                text: format!(
                    "{own}\n\n----- Forwarded message from {name} <{}> -----\n\nDate: Mon, 3 Aug 2026 09:00:00 \
                     -0400\nFrom: {name} <{}>\nTo: {}\nSubject: {subject}\n\n{body}\n\n----- End forwarded message -----",
                    from.address, from.address, self.address
                ),
                ..self.blank(&format!("[{}: {subject}]", from.address))
            },
            Handing::AppleMail => Mail {
                subject: format!("Fwd: {subject}"),
                text: format!(
                    "{own}\n\nDébut du message réexpédié :\n\n> De: {name} <{}>\n> Objet: {subject}\n> Date: 3 août 2026 à \
                     09:00:00\n> À: {}\n> \n{}",
                    from.address,
                    self.address,
                    body.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
                ),
                html: None,
                ..answer
            },
            Handing::Pasted => Mail {
                text: format!("{own}\n\n{}", Client::Outlook.quoted(letter)),
                ..self.blank("Un avis là-dessus")
            },
            Handing::Attached => Mail { text: own, ..self.blank(&format!("Fwd: {subject}")) }.attached(
                "lettre.eml",
                "message/rfc822",
                &letter.bytes,
            ),
        };
        mail.to = vec![DESK.to_owned()];
        mail.named()
    }

    /// Somebody's mail, handed on to the desk below words of one's own.
    pub(crate) fn forwards(&self, original: &Mail, text: &str) -> Mail {
        let mut mail = self.blank(&format!("TR : {}", original.subject));
        mail.text = format!(
            "{}\n\n________________________________\nDe : {}\nEnvoyé : lundi 3 août 2026 08:55\nÀ : {}\nObjet : {}\n\n{}",
            self.signed(text),
            original.from,
            original.to.join("; "),
            original.subject,
            original.text
        );
        mail.named()
    }

    fn blank(&self, subject: &str) -> Mail {
        Mail {
            from: format!("{} <{}>", self.name, self.address),
            to: vec![DESK.to_owned()],
            cc: Vec::new(),
            subject: subject.to_owned(),
            text: String::new(),
            html: None,
            id: String::new(),
            in_reply_to: None,
            references: Vec::new(),
            fields: Vec::new(),
            attachments: Vec::new(),
            verdict: Verdict::Pass,
        }
    }

    fn signed(&self, text: &str) -> String {
        match (self.client, self.signature) {
            (Client::AppleMail, _) => format!("{text}\n\nEnvoyé de mon iPhone"),
            (_, "") => text.to_owned(),
            (_, signature) => format!("{text}\n\n{signature}"),
        }
    }
}

impl Client {
    fn reply_prefix(self) -> &'static str {
        match self {
            Client::AppleMail => "Rép : ",
            Client::Outlook => "RE: ",
            Client::Gmail | Client::Thunderbird => "Re: ",
            Client::Robot => "[JIRA] (PRN-4711) ",
        }
    }

    fn quoted(self, letter: &Received) -> String {
        let from = letter.mail.from.as_ref().unwrap();
        let name = from.name.clone().unwrap_or_default();
        let text = letter.mail.body.text.trim_end();
        let lines = |mark: &str| text.lines().map(|line| format!("{mark}{line}")).collect::<Vec<_>>().join("\n");
        match self {
            Client::AppleMail => {
                format!("> Le 3 août 2026 à 09:00, {name} <{}> a écrit :\n> \n{}", from.address, lines("> "))
            }
            Client::Gmail => {
                format!("On Mon, Aug 3, 2026 at 9:00 AM {name} <{}>\nwrote:\n\n{}", from.address, lines("> "))
            }
            Client::Thunderbird => format!("On 8/3/26 09:00, {name} wrote:\n{}", lines("> ")),
            Client::Outlook => format!(
                "________________________________\nDe : {name} <{}>\nEnvoyé : lundi 3 août 2026 09:00\nÀ : {}\nObjet : \
                 {}\n\n{text}",
                from.address,
                letter.mail.to.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
                letter.mail.subject
            ),
            Client::Robot => String::new(),
        }
    }
}

impl Mail {
    /// With a field more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Mail {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn cc(mut self, others: &[&str]) -> Mail {
        self.cc.extend(others.iter().map(|&other| other.to_owned()));
        self
    }

    pub(crate) fn to(mut self, to: &[&str]) -> Mail {
        self.to = to.iter().map(|&to| to.to_owned()).collect();
        self
    }

    /// As by a program or a relay that keeps no threading.
    pub(crate) fn unthreaded(mut self) -> Mail {
        self.in_reply_to = None;
        self.references.clear();
        self
    }

    /// A mail of its own, however like another one it is.
    pub(crate) fn again(mut self, number: usize) -> Mail {
        self.id = format!("{number}.{}", self.id);
        self
    }

    pub(crate) fn judged(mut self, verdict: Verdict) -> Mail {
        self.verdict = verdict;
        self
    }

    pub(crate) fn attached(mut self, name: &str, content_type: &str, bytes: &[u8]) -> Mail {
        self.attachments.push((name.to_owned(), content_type.to_owned(), bytes.to_vec()));
        self
    }

    /// An answer to everybody, before any letter of ours came.
    pub(crate) fn answered_to_all_by(&self, person: &Person, text: &str) -> Mail {
        let own = format!("<{}>", person.address);
        let mut mail = person.blank(&format!("{}{}", person.client.reply_prefix(), self.subject));
        mail.to = vec![self.from.clone(), DESK.to_owned()];
        mail.cc = self.cc.iter().filter(|other| !other.contains(&own) && *other != person.address).cloned().collect();
        mail.text = text.to_owned();
        mail.in_reply_to = Some(self.id.clone());
        mail.references = vec![self.id.clone()];
        mail.named()
    }

    /// A Message-ID that follows from what the mail says.
    fn named(mut self) -> Mail {
        let domain = self.from.rsplit('@').next().unwrap().trim_end_matches('>');
        let words = format!("{}|{}|{}|{:?}", self.from, self.subject, self.text, self.in_reply_to);
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(words.as_bytes())[..6]);
        self.id = format!("{digest}@{domain}");
        self
    }

    /// RFC 5322 bytes, as our server hands them over.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let address = self.from.rsplit('<').next().unwrap().trim_end_matches('>');
        let domain = address.rsplit('@').next().unwrap();
        let mut header = format!("Return-Path: <{address}>\r\nDelivered-To: {DESK}\r\n");
        let judged =
            |verdict: &str| format!("Authentication-Results: mx.desk.test; dmarc={verdict} header.from={domain}\r\n");
        header += &match self.verdict {
            Verdict::Pass => judged("pass"),
            Verdict::Fail => judged("fail"),
            Verdict::None => String::new(),
        };
        header += &format!(
            "Received: from {domain} by mx.desk.test with ESMTPS id 1;\r\n Mon, 3 Aug 2026 09:00:01 -0400\r\n"
        );
        let people = |people: &[String]| people.iter().map(|one| mailbox(one)).collect::<Vec<_>>().join(",\r\n ");
        header += &format!("Date: Mon, 3 Aug 2026 09:00:00 -0400\r\nFrom: {}\r\n", mailbox(&self.from));
        header += &format!("To: {}\r\n", people(&self.to));
        if !self.cc.is_empty() {
            header += &format!("Cc: {}\r\n", people(&self.cc));
        }
        header += &format!("Subject: {}\r\nMessage-ID: <{}>\r\n", encoded(&self.subject), self.id);
        if let Some(id) = &self.in_reply_to {
            header += &format!("In-Reply-To: <{id}>\r\n");
        }
        if !self.references.is_empty() {
            let ids: Vec<String> = self.references.iter().map(|id| format!("<{id}>")).collect();
            header += &format!("References: {}\r\n", ids.join("\r\n "));
        }
        for (name, value) in &self.fields {
            header += &format!("{name}: {value}\r\n");
        }
        header += "MIME-Version: 1.0\r\n";
        let mut bytes = header.into_bytes();
        bytes.extend(self.body());
        bytes
    }

    fn body(&self) -> Vec<u8> {
        let mut words = part("text/plain; charset=utf-8", &[], self.text.replace('\n', "\r\n").as_bytes());
        if let Some(html) = &self.html {
            let html = part("text/html; charset=utf-8", &[], html.as_bytes());
            words = multipart("multipart/alternative", "words", &[words, html]);
        }
        if self.attachments.is_empty() {
            return words;
        }
        let files = self.attachments.iter().map(|(name, content_type, bytes)| {
            if content_type == "message/rfc822" {
                return part(
                    content_type,
                    &[("Content-Disposition", &format!("attachment; filename=\"{name}\""))],
                    bytes,
                );
            }
            let base64 = data_encoding::BASE64_MIME.encode(bytes);
            let disposition = format!("attachment; filename=\"{name}\"");
            let fields = [("Content-Disposition", disposition.as_str()), ("Content-Transfer-Encoding", "base64")];
            part(content_type, &fields, base64.as_bytes())
        });
        let parts: Vec<Vec<u8>> = [words].into_iter().chain(files).collect();
        multipart("multipart/mixed", "whole", &parts)
    }
}

fn part(content_type: &str, fields: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut part = format!("Content-Type: {content_type}\r\n");
    for (name, value) in fields {
        part += &format!("{name}: {value}\r\n");
    }
    let mut part = (part + "\r\n").into_bytes();
    part.extend(body);
    part.extend(b"\r\n");
    part
}

fn multipart(content_type: &str, boundary: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    let mut whole = format!("Content-Type: {content_type}; boundary={boundary}\r\n\r\n").into_bytes();
    for part in parts {
        whole.extend(format!("--{boundary}\r\n").into_bytes());
        whole.extend(part);
    }
    whole.extend(format!("--{boundary}--\r\n").into_bytes());
    whole
}

fn encoded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    format!("=?utf-8?B?{}?=", data_encoding::BASE64.encode(text.as_bytes()))
}

fn mailbox(text: &str) -> String {
    match text.rsplit_once(" <") {
        Some((name, address)) => format!("{} <{address}", encoded(name)),
        None => text.to_owned(),
    }
}

/// The report of a mail system that could not deliver a letter (RFC 3464).
pub(crate) fn bounce(letter_id: &str, recipient: &str) -> Vec<u8> {
    let report = format!(
        "Return-Path: <>\r\nDelivered-To: {DESK}\r\nDate: Mon, 3 Aug 2026 09:00:05 -0400\r\nFrom: Mail Delivery System \
         <mailer-daemon@relay.test>\r\nTo: {DESK}\r\nSubject: Undelivered Mail Returned to Sender\r\nMessage-ID: \
         <report.{}@relay.test>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; \
         report-type=delivery-status; boundary=report\r\n\r\n--report\r\nContent-Type: text/plain\r\n\r\nYour message \
         could not be delivered.\r\n--report\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; \
         relay.test\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: \
         smtp; 550 5.1.1 User unknown\r\n\r\n--report\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: \
         {DESK}\r\nTo: {recipient}\r\nMessage-ID: <{letter_id}>\r\n\r\n--report--\r\n",
        letter_id.len()
    );
    report.into_bytes()
}
