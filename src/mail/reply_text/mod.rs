//! What the sender newly wrote: the text without quoted mail, signature and forwarded message.
//!
//! Every line of the text belongs to exactly one of them: trimming loses no line.

mod attribution;
#[cfg(test)]
mod clients;
mod forwarded;
mod header_block;
mod letters;
mod lines;
#[cfg(test)]
mod proven;
mod quotes;
mod signature;
mod split;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Forwarded;
use super::html::{Area, Rendered};
use super::lead::Lead;
use super::pattern::pattern;
pub use letters::Letters;
use lines::{Class, Line};

/// The whole text, and what is known of its form.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) form: Form,
}

/// What the parts that a text was made of say of it, by ranges of bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Form {
    /// What markup says.
    spans: Vec<(Area, Range<usize>)>,
    /// What is `format=flowed` (RFC 3676).
    flowed: Vec<Range<usize>>,
    /// Where the markup says that an earlier mail begins, which goes on to the end.
    divider: Option<usize>,
    /// What the markup beside a plain text shows as the signature.
    signed: Vec<String>,
    /// A token of ours stands in the text.
    pub(super) has_token: bool,
}

/// A mail has one signature, and those of the mails that it quotes.
const SIGNATURES_MAX: usize = 8;

impl Written {
    /// Appends a plain part.
    pub(super) fn push(&mut self, text: &str) {
        if !self.text.is_empty() && !text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    /// Appends a plain part whose lines are flowed (RFC 3676).
    pub(super) fn push_flowed(&mut self, text: &str) {
        self.push(text);
        self.form.flowed.push(self.text.len() - text.len()..self.text.len());
    }

    /// Takes from the HTML beside a plain text what only HTML says: which lines are a client's signature.
    pub(super) fn learn_from(&mut self, html: &str) {
        if !may_have_signature(html) {
            return;
        }
        let rendered = super::html::render(html);
        let signed = rendered.spans.iter().filter(|(area, _)| *area == Area::Signature);
        self.form.signed.extend(signed.take(SIGNATURES_MAX).map(|(_, range)| rendered.text[range.clone()].to_owned()));
    }

    /// Appends an HTML part, with what its markup says.
    pub(super) fn push_html(&mut self, rendered: &Rendered) {
        self.push(&rendered.text);
        let start = self.text.len() - rendered.text.len();
        let moved = rendered.spans.iter().map(|(area, range)| (*area, range.start + start..range.end + start));
        self.form.spans.extend(moved);
        self.form.divider = self.form.divider.or(rendered.divider.map(|divider| divider + start));
    }
}

/// What the header says the mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// It answers another one: an earlier mail in it is quoted.
    Answer,
    /// Its subject says that it hands another one on.
    Forward,
    /// It does neither, as far as the header tells.
    Message,
}

impl Intent {
    /// Reads the intent off the header; `lead` is the subject's.
    pub(super) fn of(lead: Lead, is_reply: bool) -> Intent {
        match lead {
            Lead::Forward => Intent::Forward,
            Lead::Answer => Intent::Answer,
            Lead::Words if is_reply => Intent::Answer,
            Lead::Words => Intent::Message,
        }
    }
}

/// How a text holds an earlier mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Not at all.
    #[default]
    Nothing,
    /// Marked, below an attribution, or as its markup says.
    Marked,
    /// Below a header block or an "original message" line, as Outlook both answers and forwards.
    HeaderBlock,
    /// As one that is handed on: below a marker that says so, or as the subject says.
    Forwarded,
}

/// A text in its parts.
#[derive(Clone, Debug, Default)]
pub(super) struct Trimmed {
    pub(super) quotes: Quotes,
    pub(super) unquoted_text: String,
    pub(super) reply_text: String,
    pub(super) signature: String,
    pub(super) forwarded: Option<Forwarded>,
}

/// Trims a text; `letters` are those that it may quote, and `author` is the name in From.
pub(super) fn trim(text: &str, form: &Form, intent: Intent, letters: &Letters, author: Option<&str>) -> Trimmed {
    let mut lines = split::split(text, form);
    signature::part_glued(&mut lines, &form.signed);
    quotes::mark(&mut lines, text, form, intent, letters);
    signature::mark(&mut lines, &form.signed, author, intent);
    let own = text_of(&lines, |class| class == Class::Own);
    let unquoted = text_of(&lines, |class| class != Class::Quoted);
    // A forward without a comment, or a mail that answers nothing, is what it is about.
    let hands_on = lines.iter().any(|line| line.class == Class::Forwarded);
    let is_empty_answer = intent == Intent::Answer && !hands_on;
    let reply_text = if own.trim().is_empty() && !is_empty_answer { text.trim().to_owned() } else { own };
    let unquoted_text = if unquoted.trim().is_empty() { reply_text.clone() } else { unquoted };
    Trimmed {
        quotes: kind_of_quotes(&lines, intent),
        unquoted_text,
        reply_text,
        signature: text_of(&lines, |class| class == Class::Signature),
        forwarded: forwarded::read(&lines, intent),
    }
}

fn kind_of_quotes(lines: &[Line<'_>], intent: Intent) -> Quotes {
    let has = |class: Class| lines.iter().any(|line| line.class == class && !line.is_blank());
    if has(Class::Forwarded) {
        Quotes::Forwarded
    } else if forwarded::start_of_block(lines, intent).is_some() {
        Quotes::HeaderBlock
    } else if has(Class::Quoted) {
        Quotes::Marked
    } else {
        Quotes::Nothing
    }
}

/// The lines of some classes, blank lines between parts that were taken out as one.
fn text_of(lines: &[Line<'_>], wanted: impl Fn(Class) -> bool) -> String {
    let mut text = String::new();
    let mut blanks = 0;
    for line in lines.iter().filter(|line| wanted(line.class)) {
        if line.is_blank() {
            blanks += 1;
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
            if blanks > 0 {
                text.push('\n');
            }
        }
        blanks = 0;
        text.push_str(line.text.trim_end());
    }
    text
}

/// Words without which no line is a reply marker: the whole text is searched once, not each line.
static ABOVE: LazyLock<Regex> = LazyLock::new(|| pattern("(?i)above|dessus"));

/// Names that every element has in which a client signs: the whole text is searched once, before it is rendered.
static SIGNED: LazyLock<Regex> = LazyLock::new(|| pattern("(?i-u)signature|_rc_sig"));

fn may_have_signature(html: &str) -> bool {
    SIGNED.is_match(html)
}

fn may_have_reply_marker(text: &str) -> bool {
    ABOVE.is_match(text)
}

/// `-- Please reply above this line --` and its like, which ticket systems write over what they quote.
fn is_reply_marker(line: &str) -> bool {
    let line = line.trim();
    if line.len() > 160 {
        return false;
    }
    let lower = line.to_lowercase();
    let words = lower.trim_matches(|c: char| !c.is_alphanumeric());
    [
        "reply above this line",
        "reply above this line to",
        "type your reply above",
        "please reply above",
        "write above this line",
        "add your reply above",
        "répondez au-dessus de cette ligne",
        "répondre au-dessus de cette ligne",
        "veuillez répondre au-dessus",
    ]
    .iter()
    .any(|marker| words.contains(marker))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &Written, intent: Intent) -> Trimmed {
        trim(&written.text, &written.form, intent, &Letters::default(), None)
    }

    fn trimmed(text: &str) -> Trimmed {
        let mut written = Written::default();
        written.push(text);
        read(&written, Intent::Answer)
    }

    #[test]
    fn text_below_and_between_quotes_is_kept() {
        assert_eq!(trimmed("> a\nb\n> c\nd").reply_text, "b\nd");
    }

    #[test]
    fn a_broken_link_belongs_to_its_quote() {
        assert_eq!(trimmed("a\n> see (http://x.test/y\n?z=1)\n> ok").reply_text, "a");
        assert_eq!(trimmed("> see http://x.test/y\nyes\n> ok").reply_text, "yes");
    }

    #[test]
    fn an_attribution_behind_the_last_words_is_parted_from_them() {
        assert_eq!(trimmed("Merci Le mer. 3 juin 2026 à 10:00, x a écrit :\n> a").reply_text, "Merci");
        let prose = "Le 3 juin 2026, Paul a écrit :\nrien";
        assert!(trimmed(&format!("Voir ce que disait {prose}")).reply_text.ends_with(prose));
    }

    #[test]
    fn outlooks_line_parts_new_from_old_in_any_language() {
        let read = |html: &str| {
            let mut written = Written::default();
            written.push_html(&super::super::html::render(html));
            read(&written, Intent::Answer).reply_text
        };
        let old = "<b>Abs:</b> Support<br><b>Datum:</b> x</div><p>Hallo</p>";
        assert_eq!(read(&format!("<p>Danke</p><div id=\"divRplyFwdMsg\">{old}")), "Danke");
        let line = "border:none; border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm";
        assert_eq!(read(&format!("<p>Danke</p><div style='{line}'>{old}")), "Danke");
        assert_eq!(read(&format!("<div id=\"divRplyFwdMsg\">{old}")).lines().last(), Some("Hallo"));
    }

    #[test]
    fn decoration_is_no_quote() {
        assert_eq!(trimmed("a\n>>> look <<<\nb").reply_text, "a\n>>> look <<<\nb");
    }

    #[test]
    fn apple_mail_quotes_what_it_forwards() {
        let text = "Voir ci-dessous\n\n> Début du message transféré :\n> \n> De: Paul <p@client.test>\n> Objet: écran\n> Date: 1 juin 2026\n> \n> Noir.\n";
        let forwarded = trimmed(text).forwarded.expect("a forwarded message");
        assert_eq!(forwarded.from.expect("its author").address.as_str(), "p@client.test");
        assert_eq!((forwarded.before.as_str(), forwarded.body.as_str()), ("Voir ci-dessous", "Noir."));
        assert_eq!(trimmed(text).reply_text, "Voir ci-dessous");
        assert_eq!(
            trimmed(&format!("Merci\n\nLe 1 juin 2026 à 10:00, x a écrit :\n{text}")).reply_text.lines().next(),
            Some("Merci")
        );
    }

    #[test]
    fn what_stands_behind_the_end_of_a_forwarded_message_is_its_senders_own() {
        for (begin, end) in [
            ("----- Forwarded message from Paul <p@client.test> -----", "----- End forwarded message -----"),
            ("-------- Message transféré --------", "-------- Fin du message transféré --------"),
            ("----- Message transféré de Paul <p@client.test> -----", "----- Fin du message transféré -----"),
            (
                "-------------------- Start of forwarded message --------------------",
                "-------------------- End of forwarded message --------------------",
            ),
        ] {
            let block =
                "Date: Mon, 1 Jun 2026 10:00:00 -0400\nFrom: Paul <p@client.test>\nTo: a@desk.test\nSubject: Écran";
            let text = format!(
                "À voir.\n\n{begin}\n\n{block}\n\nIl est noir.\n\nPaul\n\n{end}\n\nMerci !\n\n-- \nAlice\nPoste 12\n"
            );
            let trimmed = trimmed(&text);
            let forwarded = trimmed.forwarded.expect("a forwarded message");
            assert_eq!(forwarded.body, "Il est noir.\n\nPaul", "{begin}");
            assert_eq!(
                (forwarded.before.as_str(), trimmed.reply_text.as_str()),
                ("À voir.\n\nMerci !", "À voir.\n\nMerci !")
            );
            assert_eq!(trimmed.signature, "--\nAlice\nPoste 12");
        }
        let inner = "----- Forwarded message from B <b@x.test> -----\nFrom: B <b@x.test>\nDate: 1 June 2026\nTo: p\n\nVieux.\n----- End forwarded message -----";
        let text = format!(
            "---------- Forwarded message ---------\nFrom: Paul <p@client.test>\nDate: 2 June 2026\nTo: a\n\nVoyez :\n{inner}\nEt ceci ?"
        );
        let forwarded = trimmed(&text).forwarded.expect("a forwarded message");
        assert!(forwarded.body.ends_with("Et ceci ?") && forwarded.before.is_empty(), "another frame: {forwarded:?}");
    }

    #[test]
    fn a_message_is_forwarded_with_its_whole_header() {
        let text = "À voir.\n\n----- Forwarded message from Paul <p@client.test> -----\n\nReturn-Path: <p@client.test>\nReceived: from \
             c.test by mx.desk.test with ESMTP id 1A\n\tfor <a@desk.test>; Mon, 1 Jun 2026 10:00:00 +0000\nFrom: Paul\n <p@client.test>\nTo: \
             a@desk.test\nSubject: Écran\n noir\nMessage-ID: <1@client.test>\nMIME-Version: 1.0\n\nIl est noir.\n\n----- End forwarded message -----\n";
        let forwarded = trimmed(text).forwarded.expect("a forwarded message");
        assert_eq!(forwarded.from.expect("its author").address.as_str(), "p@client.test");
        assert_eq!((forwarded.subject.as_deref(), forwarded.body.as_str()), (Some("Écran noir"), "Il est noir."));
    }

    #[test]
    fn a_colon_does_not_make_an_attribution() {
        let text = "Hello,\nmy boss wrote to me about this:\nthe printer is down.\nFrom: Paris\nTo: Lyon";
        assert_eq!(trimmed(text).reply_text, text);
    }

    #[test]
    fn what_stands_below_a_ticket_systems_marker_is_quoted() {
        assert_eq!(trimmed("Merci\n-- Répondez au-dessus de cette ligne --\nBonjour").reply_text, "Merci");
    }

    #[test]
    fn an_answer_of_nothing_new_says_nothing_and_another_mail_keeps_its_text() {
        let mut written = Written::default();
        written.push("> a\n> b\n");
        assert_eq!(read(&written, Intent::Answer).reply_text, "");
        assert_eq!(read(&written, Intent::Message).reply_text, "> a\n> b");
    }

    proptest::proptest! {
        #[test]
        fn trimming_loses_no_line(lines in proptest::collection::vec(
            "a|b c|> q|-- |On Mon 1 Jun 2026 x <a@b.test> wrote:|From: a@b.test|Sent: 1 June 2026|To: x|Subject: y|---------- Forwarded message ---------|Regards,|Marie||Sent from my iPhone", 0..20)) {
            let text = lines.join("\n");
            let mut written = Written::default();
            written.push(&text);
            let result = read(&written, Intent::Answer);
            let mut marked = split::split(&written.text, &written.form);
            quotes::mark(&mut marked, &written.text, &written.form, Intent::Answer, &Letters::default());
            signature::mark(&mut marked, &[], None, Intent::Answer);
            proptest::prop_assert_eq!(marked.len(), text.split('\n').count());
            for line in marked.iter().filter(|line| !line.is_blank() && line.class != Class::Quoted) {
                let line = line.text.trim_end();
                let kept = [&result.reply_text, &result.signature, &result.unquoted_text].iter().any(|part| part.contains(line));
                proptest::prop_assert!(kept, "{} is lost", line);
            }
        }
    }
}
