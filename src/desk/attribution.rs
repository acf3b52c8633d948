//! Who wrote a mail that somebody else's server handed in: a form that writes for others, a list that feeds the desk, a mailbox
//! that redirects to us. It is found before anything is decided, so that every rule reads the mail as its author's.
//!
//! Nothing proves an author found this way: a proof of the form or list is one of the form or list.

use super::policy::{Form, Policy, RequesterIn, is_within};
use super::proof::{Handed, Named, Proof};
use crate::mail::{Address, Authentication, Evidence, InboundMail, Kind, Mailbox};

/// So much of a text is searched.
const SEARCHED_BYTES: usize = 65_536;

/// A subject that a form names is no longer, in characters.
const SUBJECT_MAX: usize = 200;

/// The mail as its author's, and what is known of that author. `vouched` gives the domains that the border vouches for as those
/// that handed the mail in.
pub fn attributed(
    policy: &Policy,
    mail: InboundMail,
    proof: Proof,
    vouched: impl FnOnce(&InboundMail) -> Vec<String>,
) -> (InboundMail, Proof) {
    let proof = proof.of_sender();
    let is_vouched = matches!(proof, Proof::Challenge | Proof::Release);
    let before = proof.clone();
    let (mail, proof) = attribute(policy, mail, proof, vouched);
    // Whoever let it out of quarantine knows whose it is.
    if is_vouched { (mail, before) } else { (mail, proof) }
}

fn attribute(
    policy: &Policy,
    mail: InboundMail,
    proof: Proof,
    vouched: impl FnOnce(&InboundMail) -> Vec<String>,
) -> (InboundMail, Proof) {
    let Some(from) = mail.from.as_ref().map(|from| from.address.clone()) else { return (mail, proof) };
    if !mail.loop_marks.is_empty() || is_report(&mail) {
        return (mail, proof);
    }
    let list = own_list(policy, &mail).cloned();
    if let Some(list) = list.as_ref().filter(|list| list.is(&from)) {
        return by_list(policy, mail, proof, list);
    }
    if policy.forms_at(&from).next().is_some() && proof.authentication() != Authentication::Failed {
        return by_form(policy, mail, &from, proof);
    }
    let mail = if list.is_some() { mail.without_list() } else { mail };
    if proof.authentication() != Authentication::Failed {
        return (mail, proof);
    }
    let forwarders = policy.forwarders.iter().filter(|one| is_named(one.address(), &mail));
    let hands: Vec<(String, String)> = forwarders
        .map(|one| (one.to_string(), one.domain().to_owned()))
        .chain(list.map(|list| (list.to_string(), list.domain().to_owned())))
        .collect();
    if hands.is_empty() {
        return (mail, proof);
    }
    let vouched = vouched(&mail);
    let by = hands.into_iter().find(|(_, domain)| vouched.iter().any(|one| is_within(one, domain)));
    match by {
        Some((name, _)) => (mail, Proof::Redirected(Handed { name, author: Named::Somebody, own: Box::new(proof) })),
        None => (mail, proof),
    }
}

/// The list that feeds the desk and by which a mail came.
fn own_list<'p>(policy: &'p Policy, mail: &InboundMail) -> Option<&'p Address> {
    let by_fields = mail.by_list.iter().flat_map(|list| &list.addresses);
    let named = mail.to.iter().chain(&mail.cc).chain(&mail.delivered_to).chain(mail.from.as_ref().map(|m| &m.address));
    let named: Vec<&Address> = named.chain(by_fields).collect();
    let id = mail.by_list.as_ref().and_then(|list| list.id.as_deref());
    policy.own_lists.iter().find(|list| {
        let dotted = || list.key().replacen('@', ".", 1);
        named.iter().any(|address| list.is(address)) || id.is_some_and(|id| id == dotted())
    })
}

/// A report of a mail system is its own, whatever else writes from its address.
fn is_report(mail: &InboundMail) -> bool {
    let writer = mail.writer.unless_us();
    let has = |wanted: Evidence| writer.by.contains(&wanted);
    match writer.kind {
        Kind::Feedback | Kind::ReadReceipt => has(Evidence::ReportType) || has(Evidence::Structure),
        Kind::Bounce => has(Evidence::ReportType) || mail.from.as_ref().is_some_and(|from| is_a_daemons(&from.address)),
        Kind::Own | Kind::AutoReply | Kind::List | Kind::Reply | Kind::New => false,
    }
}

fn is_a_daemons(address: &Address) -> bool {
    ["mailer-daemon", "postmaster"].iter().any(|name| address.local().eq_ignore_ascii_case(name))
}

/// Whether a mailbox that redirects, where it is one, stands among those that the mail was delivered or written to.
fn is_named(mailbox: Option<&Address>, mail: &InboundMail) -> bool {
    let mut named = mail.delivered_to.iter().chain(&mail.to).chain(&mail.cc);
    mailbox.is_none_or(|mailbox| named.any(|address| mailbox.is(address)))
}

/// Who posted to a list that writes its own address into From: named where the list itself is proven, and by it alone.
fn by_list(policy: &Policy, mail: InboundMail, proof: Proof, list: &Address) -> (InboundMail, Proof) {
    let is_proven = proof.authentication() == Authentication::Passed;
    let fields = ["X-Original-From", "X-Original-Sender"].into_iter().filter_map(|name| field(&mail, name));
    let mut named = fields.chain(mail.reply_to.as_ref()).filter(|_| is_proven);
    let author = named.find(|author| {
        policy.desk_at(&author.address).is_none() && !policy.own_lists.iter().any(|own| own.is(&author.address))
    });
    let handed = |author| Handed { name: list.to_string(), author, own: Box::new(proof) };
    match author.cloned() {
        Some(author) => (mail.without_list().written_by(author), Proof::List(handed(Named::Somebody))),
        None => (unanswered(mail.without_list()), Proof::List(handed(Named::Nobody))),
    }
}

/// Who asks by a form.
fn by_form(policy: &Policy, mail: InboundMail, from: &Address, proof: Proof) -> (InboundMail, Proof) {
    let mut forms = policy.forms_at(from).map(|form| (form, asked(form, &mail, from))).collect::<Vec<_>>();
    // The first that finds who asks, else the first.
    let at = forms.iter().position(|(_, asked)| asked.is_some()).unwrap_or(0);
    let (form, asked) = forms.swap_remove(at);
    let handed = |author| Proof::Form(Handed { name: form.name.clone(), author, own: Box::new(proof) });
    let Some(Asked { author, subject }) = asked else { return (unanswered(mail.of_a_person()), handed(Named::Nobody)) };
    let is_ours = policy.has_role(&author.address)
        || policy.own_lists.iter().any(|list| list.is(&author.address))
        || policy.machines_at(&author.address).next().is_some()
        || policy.forms_at(&author.address).next().is_some();
    if is_ours {
        return (unanswered(mail.of_a_person()), handed(Named::Ours));
    }
    let mut mail = mail.of_a_person().written_by(author);
    mail.subject = subject.unwrap_or(mail.subject);
    (mail, handed(Named::Somebody))
}

/// Who asks, and about what, as a form names it.
struct Asked {
    author: Mailbox,
    subject: Option<String>,
}

fn asked(form: &Form, mail: &InboundMail, from: &Address) -> Option<Asked> {
    let found = match &form.requester {
        RequesterIn::ReplyTo => Asked { author: mail.reply_to.clone()?, subject: None },
        RequesterIn::Header(name) => Asked { author: field(mail, name)?.clone(), subject: None },
        RequesterIn::Subject(pattern) => captured(pattern, &mail.subject)?,
        RequesterIn::Body(pattern) => {
            let text = &mail.body.text;
            captured(pattern, &text[..text.floor_char_boundary(SEARCHED_BYTES)])?
        }
    };
    Some(found).filter(|found| !found.author.address.is(from))
}

fn captured(pattern: &regex::Regex, text: &str) -> Option<Asked> {
    let captures = pattern.captures(text)?;
    let group = |name: &str| {
        let words = captures.name(name)?.as_str().split_whitespace().collect::<Vec<_>>().join(" ");
        Some(words.chars().take(SUBJECT_MAX).collect::<String>()).filter(|words| !words.is_empty())
    };
    let address = group("address")?;
    let address =
        address.trim_start_matches("mailto:").trim_matches(['<', '>', '(', ')', '[', ']', '"', ',', ';', '.']);
    Some(Asked { author: Mailbox { name: group("name"), address: address.parse().ok()? }, subject: group("subject") })
}

fn field<'m>(mail: &'m InboundMail, name: &str) -> Option<&'m Mailbox> {
    mail.also_named.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, mailbox)| mailbox)
}

/// A mail whose author is not known: a human sees it, and no letter answers it.
fn unanswered(mut mail: InboundMail) -> InboundMail {
    (mail.declines_answers, mail.from_is_sound) = (true, false);
    mail
}
