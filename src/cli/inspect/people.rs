//! The facts of a mail for a person at a terminal.

use std::fmt::{Display, Write as _};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::super::author::evidence;
use super::super::terminal;
use super::fate::why;
use super::promised::{FromBy, Promised};
use super::{ByConfiguration, HandedIn, Judged};
use crate::cli::clock;
use crate::desk::{Escalation, MachineReport, Named, Says};
use crate::gateway::Fate;
use crate::mail::{
    Address, Attachment, Authentication, DeliveryStatus, Evidence, Feedback, InboundMail, Known, Language, Mailbox,
    MessageId, Who, Writer,
};
use crate::said;
use crate::view::ledger;

/// How the parts of the page look.
pub(super) struct Look {
    label: Style,
    title: Style,
    warning: Style,
}

impl Look {
    /// For files, pipes and tests.
    const PLAIN: Look = Look { label: Style::new(), title: Style::new(), warning: Style::new() };

    /// For a terminal that shows colours.
    pub(super) const COLOURED: Look = Look {
        label: AnsiColor::Cyan.on_default(),
        title: AnsiColor::Cyan.on_default().bold(),
        warning: AnsiColor::Yellow.on_default(),
    };
}

/// A mail may bring along any number of results.
const RESULTS_SHOWN: usize = 10;

/// The facts of a mail for a person to read, without colours.
pub fn for_people(mail: &InboundMail) -> String {
    page(mail, &ByConfiguration::default(), &Look::PLAIN)
}

/// The facts, a line each, then the texts. What comes from the mail cannot steer a terminal.
pub(super) fn page(mail: &InboundMail, by_configuration: &ByConfiguration<'_>, look: &Look) -> String {
    let ByConfiguration { judged, machine, handed, promised, fate } = by_configuration;
    let mut page = Page { text: String::new(), look };
    page.who_and_what(mail);
    machine.iter().for_each(|report| page.line("Machine", &reported(report)));
    handed.iter().for_each(|handed| page.line(&said!("Handed in", "Remis par"), &handed_in(handed)));
    judged.iter().for_each(|judged| page.author(judged));
    promised.iter().for_each(|promised| page.promised(promised));
    fate.iter().for_each(|fate| page.fate(fate));
    mail.attachments
        .iter()
        .for_each(|attachment| page.line(&said!("Attachment", "Pièce jointe"), &enclosed(attachment)));
    mail.bounce.iter().for_each(|status| page.line(&said!("Delivery", "Remise"), &delivery(status)));
    mail.feedback.iter().for_each(|report| page.line(&said!("Complaint", "Plainte"), &complaint(report)));
    page.warning(&said!("Odd", "Étrange"), &mail.defects.iter().map(word).collect::<Vec<_>>().join(", "));
    let body = &mail.body;
    page.block(&said!("newly written", "nouvellement écrit"), &body.reply_text);
    page.block(&said!("signature", "signature"), &body.signature);
    if let Some(forwarded) = &body.forwarded {
        page.block(&said!("forwarded", "transféré"), &forwarded.text);
    }
    let lines = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count();
    let quoted = lines(&body.text).saturating_sub(lines(&body.unquoted_text));
    if quoted > 0 {
        page.block(&said!("quoted", "cité"), &said!("{quoted} lines, not shown", "{quoted} lignes, non montrées"));
    }
    page.text
}

/// By what a mail came, and for whom.
fn handed_in(HandedIn { by, handed, author }: &HandedIn<'_>) -> String {
    let name = &handed.name;
    let by = match *by {
        "form" => said!("the form {name}", "le formulaire {name}"),
        "list" => said!("the list {name}", "la liste {name}"),
        _ => said!("{name}, which redirects", "{name}, qui réachemine"),
    };
    match (author, handed.author) {
        (Some(author), _) => {
            said!("{by}, for {}, whom nothing proves", "{by}, pour {}, que rien ne prouve", shown(author))
        }
        (None, Named::Ours) => {
            said!("{by}; it names one of ours: no letter", "{by}; il nomme l’un des nôtres\u{a0}: aucune lettre")
        }
        (None, _) => {
            said!("{by}; for whom cannot be read: no letter", "{by}; pour qui est illisible\u{a0}: aucune lettre")
        }
    }
}

/// Whose mail it is, what it reports, and about what.
fn reported(report: &MachineReport<'_>) -> String {
    let says = match report.says {
        Says::Failed => said!("reports a failure", "annonce une panne"),
        Says::Recovered => said!("reports that it is over", "annonce que c’est fini"),
        Says::Other => said!("reports neither a failure nor its end", "n’annonce ni une panne ni sa fin"),
    };
    match &report.key {
        Some(key) => said!("{}, {says}; key: {key}", "{}, {says}; clé : {key}", report.machine.name),
        None => said!("{}, {says}; its key is not found", "{}, {says}; sa clé est introuvable", report.machine.name),
    }
}

/// A rule that holds, and what it does.
fn followed(rule: &Escalation) -> String {
    let priority = rule.set_priority.map(|priority| said!("priority {}", "priorité {}", priority.0));
    let level = rule.level.map(|level| match &rule.vendor {
        Some(vendor) => said!("to {vendor}", "vers {vendor}"),
        None => said!("to {}", "vers {}", level.word()),
    });
    let does: Vec<String> = priority.into_iter().chain(level).collect();
    format!("{}: {}", rule.name, does.join(", "))
}

struct Page<'l> {
    text: String,
    look: &'l Look,
}

impl Page<'_> {
    fn who_and_what(&mut self, mail: &InboundMail) {
        let answers = if mail.may_ack() {
            said!("may be acknowledged", "peut recevoir un accusé")
        } else {
            said!("must not be answered automatically", "ne doit pas recevoir de réponse automatique")
        };
        self.line(&said!("Kind", "Sorte"), &format!("{}, {answers}", word(&mail.kind())));
        self.line(
            &said!("Known by", "Reconnu à"),
            &mail.writer.by.iter().map(Evidence::to_string).collect::<Vec<_>>().join(", "),
        );
        self.line(&said!("Written by", "Écrit par"), &writer(&mail.writer));
        self.line(&said!("From", "De"), &mail.from.as_ref().map(shown).unwrap_or_default());
        self.line(&said!("Reply to", "Répondre à"), &mail.reply_to.as_ref().map(shown).unwrap_or_default());
        self.line(&said!("To", "À"), &list(&mail.to, Address::as_str));
        self.line("Cc", &list(&mail.cc, Address::as_str));
        self.line(&said!("Subject", "Objet"), &mail.subject);
        self.line("Date", mail.date.as_deref().unwrap_or_default());
        self.line("Message-ID", mail.message_id.as_ref().map(MessageId::as_str).unwrap_or_default());
        self.line(&said!("Answers", "Répond à"), &list(&mail.in_reply_to, MessageId::as_str));
        self.line(&said!("Tickets", "Billets"), &mail.ticket_refs.join(", "));
        self.line(&said!("Other refs", "Autres réf."), &list(&mail.external_refs, |other| &other.id));
        self.line(&said!("Language", "Langue"), mail.language.as_ref().map(Language::code).unwrap_or_default());
    }

    fn author(&mut self, Judged { mailbox, verdict, proof }: &Judged<'_>) {
        let author =
            said!("{} in {mailbox}: {}", "{} dans {mailbox}\u{a0}: {}", word(&verdict.authentication), verdict.reason);
        match verdict.authentication {
            Authentication::Passed => self.line(&said!("Author", "Auteur"), &author),
            Authentication::Failed | Authentication::Unverified => self.warning(&said!("Author", "Auteur"), &author),
        }
        self.line(
            &said!("Border hop", "Frontière"),
            verdict.hop.unwrap_or(&said!("none is told of", "aucune n’est racontée")),
        );
        if let Some(found) = proof.found() {
            evidence(found).iter().for_each(|line| self.line(&said!("Looked up", "Recherché"), line));
        }
        let shown = verdict.fields.iter().take(RESULTS_SHOWN);
        shown.for_each(|(field, standing)| self.line(&said!("Results", "Résultats"), &format!("{standing}: {field}")));
    }

    fn promised(&mut self, Promised { foreseen, from, from_by }: &Promised<'_>) {
        let organisation = foreseen.organisation.map(|organisation| organisation.display_name.as_str());
        self.line(&said!("Organisation", "Organisation"), organisation.unwrap_or_default());
        for rule in &foreseen.rules {
            self.line(&said!("Escalation", "Escalade"), &followed(rule));
        }
        for (clock, due_at) in &foreseen.clocks {
            let due = due_at.map_or_else(
                || said!("waits", "en attente"),
                |due| said!("due {}", "échéance {}", terminal::moment(due)),
            );
            let target = clock::duration(clock.target);
            let called = clock::called(clock.name.word(), clock.party.as_deref());
            let calendar = &clock.calendar;
            let told = said!(
                "{called}, {target} in the hours of {calendar}: {due}",
                "{called}, {target} selon les heures de {calendar}\u{a0}: {due}"
            );
            self.line(&said!("Promised", "Promis"), &told);
        }
        if !foreseen.clocks.is_empty() {
            let from = terminal::moment(*from);
            let told = match from_by {
                FromBy::Asked => from,
                FromBy::Date => said!("{from}, the mail's own Date", "{from}, la Date du courriel"),
                FromBy::Now => {
                    said!("{from}, now: the mail has no Date", "{from}, maintenant\u{a0}: le courriel n’a pas de Date")
                }
            };
            self.line(&said!("Counted from", "Compté dès"), &told);
        }
    }

    /// What would be done with it, why, and who would hear of it.
    fn fate(&mut self, fate: &Fate) {
        let (party, trust) = (fate.explained.party.word(), fate.explained.trust.word());
        self.line(&said!("Taken for", "Pris pour"), &format!("{party}, {trust}"));
        why(fate).iter().for_each(|why| self.line(&said!("Because", "Parce que"), why));
        let (outcome, ticket, reason) = ledger::end_of(Some(&fate.outcome));
        let opens = fate.opened.iter().any(|opened| Some(opened.to_string()) == ticket);
        let parts = [
            Some(outcome.to_owned()),
            ticket,
            opens.then(|| said!("new", "nouveau")),
            reason.map(str::to_owned),
            fate.audience.map(|audience| said!("read by the {audience}", "lu par\u{a0}: {audience}")),
        ];
        self.line(&said!("Would be", "Deviendrait"), &parts.into_iter().flatten().collect::<Vec<_>>().join(", "));
        for letter in &fate.letters {
            let held = if letter.is_held { said!(" (held)", " (retenue)") } else { String::new() };
            let to = list(&letter.to, Address::as_str);
            self.line(&said!("Letter", "Lettre"), &format!("{} → {to}{held}", letter.purpose.name()));
        }
    }

    fn line(&mut self, label: &str, value: &str) {
        self.write(label, value, Style::new());
    }

    fn warning(&mut self, label: &str, value: &str) {
        self.write(label, value, self.look.warning);
    }

    fn write(&mut self, label: &str, value: &str, style: Style) {
        if !value.is_empty() {
            let label = self.look.label.paint(&format!("{label:<12}"));
            // Writing to a String does not fail.
            let _ = writeln!(self.text, "{label} {}", style.paint(&terminal::safe_line(value)));
        }
    }

    fn block(&mut self, title: &str, text: &str) {
        if !text.is_empty() {
            let title = self.look.title.paint(&format!("--- {title}"));
            let _ = write!(self.text, "\n{title}\n{}\n", terminal::safe(text));
        }
    }
}

/// Text in a style, and back; nothing is added in the plain one.
trait Paint {
    fn paint(&self, text: &str) -> String;
}

impl Paint for Style {
    fn paint(&self, text: &str) -> String {
        format!("{self}{text}{self:#}")
    }
}

/// The word by which the JSON document names a fact.
fn word(fact: &impl Serialize) -> String {
    let word = serde_json::to_value(fact).ok();
    word.as_ref().and_then(|word| word.as_str()).unwrap_or_default().to_owned()
}

fn writer(writer: &Writer) -> String {
    match &writer.who {
        Who::Us(stranger) => self::writer(stranger),
        Who::Person => String::new(),
        Who::Robot(Known::Marked) => said!("a program", "un programme"),
        Who::Robot(Known::Wording) => {
            said!("perhaps a program: only its words say so", "peut-être un programme\u{a0}: seuls ses mots le disent")
        }
        Who::List => said!("somebody, by way of a mailing list", "quelqu’un, par une liste de diffusion"),
    }
}

fn shown(mailbox: &Mailbox) -> String {
    match &mailbox.name {
        Some(name) => format!("{name} <{}>", mailbox.address),
        None => mailbox.address.to_string(),
    }
}

fn list<T>(items: &[T], text: impl Fn(&T) -> &str) -> String {
    items.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn or_unknown<T: Display>(fact: Option<&T>) -> String {
    fact.map_or_else(|| "?".to_owned(), T::to_string)
}

fn enclosed(attachment: &Attachment) -> String {
    let place =
        if attachment.inline { said!(", shown in the text", ", montrée dans le texte") } else { String::new() };
    said!(
        "{} ({}, {} bytes{place})",
        "{} ({}, {} octets{place})",
        attachment.safe_name,
        attachment.content_type,
        attachment.size
    )
}

fn delivery(status: &DeliveryStatus) -> String {
    let codes = [status.status.as_deref(), status.replycode.as_deref(), status.reason.as_deref()];
    let codes: Vec<&str> = codes.into_iter().flatten().collect();
    let hard = if status.hard { said!(", for good", ", pour de bon") } else { String::new() };
    let action = or_unknown(status.action.as_ref());
    format!("{}: {action} ({}){hard}", or_unknown(status.recipient.as_ref()), codes.join(" "))
}

fn complaint(report: &Feedback) -> String {
    said!(
        "{} about {}",
        "{} au sujet de {}",
        or_unknown(report.feedback_type.as_ref()),
        or_unknown(report.recipient.as_ref())
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail;

    #[test]
    fn colours_are_ours_alone() {
        let raw = b"From: a@client.test\nSubject: x\n\ngris\x1b[31m rouge\xe2\x80\xaetxt.exe\n";
        let mail = mail::parse(raw);
        assert!(!for_people(&mail).contains('\u{1b}'));
        let coloured = page(&mail, &ByConfiguration::default(), &Look::COLOURED);
        assert!(coloured.contains("\u{1b}[36m"), "{coloured:?}");
        assert!(!coloured.contains("\u{1b}[31m") && !coloured.contains('\u{202e}'), "{coloured:?}");
    }

    #[test]
    fn a_bounce_is_told_in_a_line() {
        let raw = b"Return-Path: <>\nFrom: MAILER-DAEMON@mx.test\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.test.\n\n<paul@client.test>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown user\n";
        let page = for_people(&mail::parse(raw));
        assert!(page.contains("Delivery     paul@client.test: failed (5.1.1 550 userunknown), for good\n"), "{page}");
    }
}
