//! Mails of which the beginning alone was taken in.

use super::facts::TakenInPart;
use super::inbound::InboundMail;

impl InboundMail {
    /// The mail, of which this is the beginning: without its last file, which is cut short. Half a file is worse than none, and looks
    /// like a whole one. A mail that is attached stays: its words are there.
    #[must_use]
    pub fn taken_in_part(mut self, part: TakenInPart) -> InboundMail {
        let ends_in_file = !self.ends_in_text;
        self.attachments.pop_if(|last| ends_in_file && !last.content_type.starts_with("message/"));
        self.part = Some(part);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::parse;

    const PART: TakenInPart = TakenInPart { whole_size: 1 << 30, is_in_mailbox: true };

    fn names(mail: &str) -> Vec<String> {
        parse(mail.as_bytes()).taken_in_part(PART).attachments.into_iter().map(|one| one.safe_name).collect()
    }

    #[test]
    fn a_file_that_is_cut_short_is_left_out_and_those_before_it_stay() {
        let mail = "Subject: Scan\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
            Content-Type: text/plain\n\nHere it is.\n--b\nContent-Type: text/plain; name=small.txt\n\
            Content-Disposition: attachment\n\nsmall\n--b\nContent-Type: application/pdf; name=scan.pdf\n\
            Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nQUJDQUJDQUJD\n";
        assert_eq!(names(mail), ["small.txt"]);
        assert!(
            names("Content-Type: application/pdf; name=scan.pdf\n\nJVBERi0").is_empty(),
            "all of the mail is one file"
        );
        let with_more = format!("{mail}--b\nContent-Type: text/plain\n\nAnd so on, for lon");
        assert_eq!(names(&with_more), ["small.txt", "scan.pdf"], "a text is cut");
        assert!(names("Subject: x\n\nA long text").is_empty());
    }

    #[test]
    fn a_mail_that_is_attached_stays_with_its_words() {
        let mail = "Subject: Fwd\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
            Content-Type: text/plain\n\nSee below.\n--b\nContent-Type: message/rfc822\n\
            Content-Disposition: attachment; filename=fire.eml\n\nFrom: paul@client.test\nSubject: Fire\n\
            Content-Type: multipart/mixed; boundary=c\n\n--c\n\nSend somebody.\n--c\nContent-Type: image/jpeg\n\n/9j/4AA";
        assert_eq!(names(mail), ["fire.eml"]);
        let forwarded = parse(mail.as_bytes()).taken_in_part(PART).body.forwarded.unwrap();
        assert!(forwarded.text.contains("Send somebody."));
    }
}
