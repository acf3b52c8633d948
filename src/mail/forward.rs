//! Whether a mail hands an earlier one on.
//!
//! Clients thread what they forward as they thread an answer, so the header alone does not tell them apart.

use super::attachment;
use super::header::Header;
use super::lead::Lead;
use super::mime::{Part, Parts};
use super::reply_text::Quotes;

/// What says that a mail hands an earlier one on, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ForwardSign {
    /// Its subject: `Fwd:`, `TR :`, `[paul@client.test: printer]`, `printer (fwd)`.
    Subject,
    /// It has an X-Forwarded-Message-Id, which Thunderbird writes.
    Identifier,
    /// A line in its new text that says that a forwarded message follows.
    Block,
    /// It answers nothing, and an earlier mail stands in it below a header block.
    HeaderBlock,
    /// A mail is attached, and nothing is quoted.
    Attached,
}

/// What of a mail, beside its quotes, says whether it forwards.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence {
    lead: Lead,
    /// It has an In-Reply-To.
    answers: bool,
    /// It has an X-Forwarded-Message-Id.
    is_identified: bool,
    /// A mail is attached to it.
    has_mail: bool,
}

impl Evidence {
    pub(super) fn of(header: &Header<'_>, parts: &Parts<'_>, lead: Lead, answers: bool) -> Evidence {
        let is_identified = header.has("X-Forwarded-Message-Id");
        Evidence { lead, answers, is_identified, has_mail: has_mail(parts) }
    }

    pub(super) fn sign(self, quotes: Quotes) -> Option<ForwardSign> {
        match quotes {
            _ if self.lead == Lead::Forward => Some(ForwardSign::Subject),
            _ if self.is_identified => Some(ForwardSign::Identifier),
            Quotes::Forwarded => Some(ForwardSign::Block),
            Quotes::HeaderBlock if self.lead == Lead::Words && !self.answers => Some(ForwardSign::HeaderBlock),
            Quotes::Nothing if self.has_mail => Some(ForwardSign::Attached),
            _ => None,
        }
    }
}

fn has_mail(parts: &Parts<'_>) -> bool {
    let is_mail = |part: &Part<'_>| !part.is_multipart && attachment::is_mail(part.media_type(), part.name());
    !parts.parts[0].is("multipart/report") && parts.parts.iter().skip(1).any(is_mail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::parse;

    fn sign(header: &str, text: &str) -> Option<ForwardSign> {
        parse(format!("From: a@client.test\n{header}\n\n{text}").as_bytes()).forwards
    }

    #[test]
    fn the_subject_of_a_forward_says_so_in_every_language() {
        for subject in [
            "Fwd: x",
            "FW: x",
            "TR: x",
            "TR : x",
            "WG: x",
            "I: x",
            "ENC: x",
            "RV: x",
            "Doorst: x",
            "VB: x",
            "PD: x",
            "VL: x",
            "İLT: x",
            "转发: x",
            "转发：x",
            "FW[2]: x",
            "[EXTERNAL] Fwd: RE: x",
            "[SD R-000012] TR: x",
            "[Fwd: x]",
            "[paul@client.test: x]",
            "x (fwd)",
            "(Fwd) x",
        ] {
            let header = format!("Subject: {subject}\nIn-Reply-To: <b@client.test>");
            assert_eq!(sign(&header, "Voir."), Some(ForwardSign::Subject), "{subject}");
        }
        for subject in
            ["x", "RE: TR: x", "Re: [paul@client.test: x]", "Re: x (fwd)", "Info: x", "[SD R-000012] x", "fwd"]
        {
            assert_eq!(sign(&format!("Subject: {subject}"), "Voir."), None, "{subject}");
        }
    }

    #[test]
    fn vs_is_an_answer_to_finns_and_a_forward_to_danes() {
        let finnish = "Kiitos.\n\nLähettäjä: P <p@client.test>\nLähetetty: 1. kesäkuuta 2026\nAihe: x\n\nHei";
        let danish = "Se her.\n\nFra: P <p@client.test>\nSendt: 1. juni 2026\nEmne: x\n\nHej";
        let header = "Subject: VS: x\nIn-Reply-To: <b@client.test>";
        assert_eq!(sign(header, finnish), None);
        assert_eq!(sign(header, danish), Some(ForwardSign::Subject));
        assert_eq!(sign("Subject: VS: x", "Se her."), Some(ForwardSign::Subject));
    }

    #[test]
    fn a_forwarded_block_is_one_whatever_the_header_says() {
        for block in [
            "---------- Forwarded message ---------\nFrom: P <p@client.test>\nSubject: x\nTo: a\n\nHello",
            "----- Forwarded message from P <p@client.test> -----\n\nDate: 1 June 2026\nFrom: P <p@client.test>\n\nHello",
            "-------------------- Start of forwarded message --------------------\nFrom: P <p@client.test>\n\nHello",
            "--- Begin Message ---\nFrom: P <p@client.test>\n\nHello",
            "Begin forwarded message:\n\n> From: P <p@client.test>\n> Subject: x\n>\n> Hello",
        ] {
            let text = format!("See below.\n\n{block}\n");
            let header = "Subject: Re: x\nIn-Reply-To: <b@client.test>";
            assert_eq!(sign(header, &text), Some(ForwardSign::Block), "{block}");
        }
    }

    #[test]
    fn an_answer_to_a_forward_is_an_answer() {
        let html = "<div>Oui.</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">Le lun. 1 juin 2026 à 10:00, P \
            &lt;p@client.test&gt; a écrit :<br></div><blockquote class=\"gmail_quote\"><div>---------- Forwarded message \
            ---------<br>De : Q &lt;q@client.test&gt;<br>Objet : x<br></div><p>Bonjour</p></blockquote></div>";
        let header = "Subject: Re: x\nIn-Reply-To: <b@client.test>\nContent-Type: text/html; charset=utf-8";
        assert_eq!(sign(header, html), None);
        let forward = html.replace("Le lun. 1 juin 2026 à 10:00, P &lt;p@client.test&gt; a écrit :<br>", "");
        assert_eq!(sign(header, &forward), Some(ForwardSign::Block));
    }

    #[test]
    fn a_header_block_is_a_quote_in_an_answer_and_a_forward_in_what_answers_nothing() {
        let block = "See.\n\nFrom: P <p@client.test>\nSent: Monday, June 1, 2026 10:00 AM\nTo: A\nSubject: x\n\nHello";
        let original =
            "See.\n\n-------- Original Message --------\nFrom: P <p@client.test>\nTo: A\nSubject: x\n\nHello";
        for text in [block, original] {
            assert_eq!(sign("Subject: RE: x\nIn-Reply-To: <b@client.test>", text), None);
            assert_eq!(sign("Subject: x\nIn-Reply-To: <b@client.test>", text), None);
            assert_eq!(sign("Subject: Re: x", text), None);
            assert_eq!(sign("Subject: x\nReferences: <b@client.test>", text), Some(ForwardSign::HeaderBlock));
            assert_eq!(sign("Subject: TR: x\nIn-Reply-To: <b@client.test>", text), Some(ForwardSign::Subject));
        }
    }

    #[test]
    fn thunderbird_names_what_it_forwards() {
        let header = "Subject: x\nX-Forwarded-Message-Id: <b@client.test>";
        assert_eq!(sign(header, "See."), Some(ForwardSign::Identifier));
    }

    #[test]
    fn an_attached_mail_is_handed_on_where_nothing_is_quoted() {
        let attached = |part: &str, text: &str| {
            let body = format!("--b\n\n{text}\n--b\n{part}\n\nFrom: p@client.test\nSubject: x\n\nHello\n--b--\n");
            sign("Subject: Re: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b", &body)
        };
        let named = "Content-Type: application/octet-stream; name=X.EML\nContent-Disposition: attachment";
        for part in ["Content-Type: message/rfc822", "Content-Type: message/global", named] {
            assert_eq!(attached(part, "See."), Some(ForwardSign::Attached), "{part}");
            assert_eq!(
                attached(part, "See.\n\nOn 1 June 2026 10:00, P <p@client.test> wrote:\n> Hello"),
                None,
                "{part}"
            );
        }
    }
}
