//! Sample letters: every template is rendered with them before it is used, and `guichet template preview` shows them.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::compose::{ComposeError, Composed, Identity, compose};
use super::templates::{TemplateFault, Templates};
use super::{html, scope};
use crate::desk::{Audience, Desk, Facts, FixFacts, Leaves, Letter, Purpose, TagPlace, TicketNumber, TimelineFacts};
use crate::mail::token::{Key, Keyring};
use crate::mail::{Address, Language, Mailbox, MessageId};

impl Templates {
    /// A letter of this purpose with sample facts.
    ///
    /// # Errors
    /// Where there is no folder for the language.
    pub fn preview(&self, purpose: Purpose, language: Language) -> Result<Composed, ComposeError> {
        composed(self, &letter(purpose, language))
    }
}

/// What the samples show to be wrong.
pub(super) fn faults(templates: &Templates) -> Vec<TemplateFault> {
    let mut faults = Vec::new();
    for language in templates.languages() {
        for purpose in Purpose::ALL {
            let full = letter(purpose, language);
            let bare = Letter { facts: bare_facts(&full.facts), ..full.clone() };
            for letter in [full, bare] {
                if let Some(fault) = fault_of(templates, &letter) {
                    faults.push(fault);
                    break;
                }
            }
        }
    }
    faults
}

/// A context with every name that templates may use.
pub(super) fn scope() -> Value {
    let letter = letter(Purpose::Answer, Language::ENGLISH);
    let token = keyring().sign(1, 1, crate::mail::token::TokenAudience::Requester).to_string();
    let identity = Identity {
        seal: token.clone(),
        message_id: message_id("sample@desk.example"),
        pseudo_root: None,
        reply_to: letter.from.clone(),
        return_path: letter.from.clone(),
        is_sub_addressed: false,
        token,
    };
    scope::of(&letter, &desk(), letter.language, &identity, "", Some(html::SafeHtml::from_text("sample")))
}

fn fault_of(templates: &Templates, letter: &Letter) -> Option<TemplateFault> {
    let file = |extension: &str| format!("{}/{}.{extension}.hbs", letter.language, letter.purpose.name());
    let composed = match composed(templates, letter) {
        Ok(composed) => composed,
        Err(ComposeError::Unrenderable(error)) => {
            return Some(TemplateFault {
                file: error.template,
                line: Some(error.line).filter(|line| *line > 0),
                problem: format!("It cannot be rendered: {}", error.problem),
                remedy: "Compare it with the file of the binary: `guichet template show`".to_owned(),
            });
        }
        Err(error) => {
            return Some(TemplateFault {
                file: file("txt"),
                line: None,
                problem: error.to_string(),
                remedy: "Compare it with the file of the binary".to_owned(),
            });
        }
    };
    let token = composed.message_id.as_str().split('@').next().unwrap_or_default();
    if !composed.text.contains(token) {
        return Some(TemplateFault {
            file: file("txt"),
            line: None,
            problem: "The line by which answers find their ticket is missing".to_owned(),
            remedy: "End the file with {{> _bottom}}, or write {{token}} in a line of its own".to_owned(),
        });
    }
    None
}

fn composed(templates: &Templates, letter: &Letter) -> Result<Composed, ComposeError> {
    compose(
        letter,
        &desk(),
        &keyring(),
        templates,
        Timestamp::UNIX_EPOCH + Duration::from_secs(1_795_359_600),
        "sample",
    )
}

fn letter(purpose: Purpose, language: Language) -> Letter {
    let is_french = language == Language::FRENCH;
    let in_language = |french: &str, english: &str| if is_french { french } else { english }.to_owned();
    let facts = facts(purpose, &in_language);
    let marie = Mailbox { name: Some("Marie Tremblay".to_owned()), address: address("marie.tremblay@client.example") };
    let alice = Mailbox { name: Some("Alice Gagnon".to_owned()), address: address("alice@desk.example") };
    let acme = Mailbox { name: Some("Acme".to_owned()), address: address("support@acme.example") };
    let audience = audience_of(purpose);
    Letter {
        ticket: Some(TicketNumber(123)),
        number: 7,
        purpose,
        language,
        desk: "support".to_owned(),
        from: address("support@desk.example"),
        writer: match (&audience, purpose) {
            (Audience::Requester, Purpose::Answer | Purpose::Resolved) | (Audience::Vendor(_), _) => {
                Some(alice.name.clone().unwrap_or_default())
            }
            (Audience::Desk, Purpose::NewTicket | Purpose::RequesterAnswered) => marie.name.clone(),
            _ => None,
        },
        to: vec![match audience {
            Audience::Requester => marie,
            Audience::Desk => alice,
            Audience::Vendor(_) => acme,
        }],
        cc: Vec::new(),
        subject: facts.subject.clone(),
        tag: if matches!(audience, Audience::Vendor(_)) { TagPlace::End } else { TagPlace::Front },
        case_mark: matches!(audience, Audience::Vendor(_)).then(|| "CS-4711".to_owned()),
        in_reply_to: Some(message_id("2@client.example")),
        references: vec![message_id("1@client.example"), message_id("2@client.example")],
        about: None,
        readers: None,
        leaves: Leaves::AtOnce,
        thread_topic: None,
        thread_index: None,
        html: None,
        enclosures: Vec::new(),
        listed: Vec::new(),
        audience,
        facts,
    }
}

fn audience_of(purpose: Purpose) -> Audience {
    match purpose {
        Purpose::Acknowledgement
        | Purpose::AcknowledgementGeneric
        | Purpose::KnownFix
        | Purpose::Answer
        | Purpose::PassedOn
        | Purpose::Resolved
        | Purpose::Status
        | Purpose::LanguageSwitched => Audience::Requester,
        Purpose::NewTicket
        | Purpose::RequesterAnswered
        | Purpose::VendorAnswered
        | Purpose::Escalated
        | Purpose::Returned
        | Purpose::Notice
        | Purpose::Receipt
        | Purpose::CommandRefused
        | Purpose::Report
        | Purpose::NotDelivered
        | Purpose::Challenge
        | Purpose::Quarantine => Audience::Desk,
        Purpose::Case | Purpose::FollowUp => Audience::Vendor("acme".to_owned()),
    }
}

fn facts(purpose: Purpose, in_language: &dyn Fn(&str, &str) -> String) -> Facts {
    let is_for_desk = audience_of(purpose) == Audience::Desk;
    let for_desk = |text: String| is_for_desk.then_some(text);
    let (author, text) = words(purpose, in_language);
    Facts {
        reference: Some("R-000123".to_owned()),
        subject: in_language(
            "L'imprimante du troisième ne répond plus",
            "The printer on the third floor does not answer",
        ),
        requester_name: Some(if matches!(audience_of(purpose), Audience::Vendor(_)) {
            in_language("Demandeur A", "Requester A")
        } else {
            "Marie Tremblay".to_owned()
        }),
        requester_address: for_desk("marie.tremblay@client.example".to_owned()),
        unverified: purpose == Purpose::NewTicket,
        author: Some(author),
        text: Some(text),
        brief: matches!(purpose, Purpose::Escalated | Purpose::Case).then(|| {
            in_language(
                "Redémarrage et changement de câble sans effet. Le port du commutateur clignote.",
                "Restarting it and another cable changed nothing. The port of the switch blinks.",
            )
        }),
        level: for_desk(in_language("N1", "L1")),
        state: Some("pending".to_owned()),
        standing: Some(in_language("en attente du demandeur", "pending the requester")),
        priority: is_for_desk.then_some(3),
        owner: for_desk("Alice Gagnon".to_owned()),
        vendor: for_desk("acme".to_owned()),
        case_number: (!matches!(audience_of(purpose), Audience::Requester)).then(|| "CS-4711".to_owned()),
        watermark: matches!(audience_of(purpose), Audience::Vendor(_)).then(|| "Ref:MSG0012345_aBcDeF".to_owned()),
        fixes: vec![FixFacts {
            id: "imprimante-reseau".to_owned(),
            title: in_language("L'imprimante réseau ne répond plus", "The network printer does not answer"),
            text: in_language(
                "1. Éteignez-la.\n2. Attendez une minute.\n3. Rallumez-la.",
                "1. Switch it off.\n2. Wait a minute.\n3. Switch it on.",
            ),
            html: in_language(
                "<ol><li>Éteignez-la.</li><li>Attendez une minute.</li><li>Rallumez-la.</li></ol>",
                "<ol><li>Switch it off.</li><li>Wait a minute.</li><li>Switch it on.</li></ol>",
            ),
        }],
        timeline: vec![TimelineFacts {
            at: in_language("20 novembre 2026 à 9 h 12", "20 November 2026, 9:12"),
            who: "Marie Tremblay".to_owned(),
            audience: "requester".to_owned(),
            text: in_language(
                "Bonjour,\n\nL'imprimante affiche « hors ligne ».",
                "Hello,\n\nThe printer says “offline”.",
            ),
        }],
        others: Vec::new(),
        attachments: vec![in_language("1. écran.png (84 ko)", "1. screen.png (84 kB)")],
        done: vec![in_language("Le demandeur a reçu votre texte.", "The requester received your text.")],
        reasons: reasons(purpose, in_language),
        recipients: vec!["Marie Tremblay".to_owned()],
        not_sent_to_requester: purpose == Purpose::Receipt,
        reply_goes_to: for_desk(if replies_are_public(purpose) {
            "Marie".to_owned()
        } else {
            in_language("note interne", "internal note")
        }),
        reply_is_public: replies_are_public(purpose),
        mentions: for_desk("R-000007".to_owned()),
        code: (purpose == Purpose::Challenge).then(|| "7K3Q-XZ".to_owned()),
        asks_yes: true,
        language_unsure: true,
        received_at: Some(in_language("20 novembre 2026 à 9 h 12", "20 November 2026, 9:12")),
        hours: Some(in_language("du lundi au vendredi, de 8 h à 17 h", "Monday to Friday, 8:00 to 17:00")),
    }
}

fn reasons(purpose: Purpose, in_language: &dyn Fn(&str, &str) -> String) -> Vec<String> {
    let reason = match purpose {
        Purpose::CommandRefused => {
            in_language("Ligne 2 : la commande « #resolut » n'existe pas.", "Line 2: there is no command “#solvd”.")
        }
        Purpose::NotDelivered => in_language(
            "La lettre à marie.tremblay@client.example n'est pas arrivée : boîte pleine",
            "The letter to marie.tremblay@client.example did not arrive: mailbox full",
        ),
        Purpose::Quarantine => in_language(
            "Un courriel au nom de alice@desk.example, que rien n'authentifie.",
            "A mail in the name of alice@desk.example, which nothing authenticates.",
        ),
        _ => in_language("Le demandeur a rouvert le billet.", "The requester reopened the ticket."),
    };
    vec![reason]
}

fn replies_are_public(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::NewTicket | Purpose::RequesterAnswered)
}

fn words(purpose: Purpose, in_language: &dyn Fn(&str, &str) -> String) -> (String, String) {
    match purpose {
        Purpose::Answer | Purpose::Resolved => (
            "Alice Gagnon".to_owned(),
            in_language(
                "Bonjour,\n\nC'est réglé : le câble réseau était débranché.\n\nBonne journée",
                "Hello,\n\nIt works again: the network cable was unplugged.\n\nHave a nice day",
            ),
        ),
        Purpose::VendorAnswered => (
            "Acme Support".to_owned(),
            in_language("Bonjour, quel est le numéro de série ?", "Hello, what is the serial number?"),
        ),
        Purpose::Case | Purpose::FollowUp => {
            ("Alice Gagnon".to_owned(), in_language("Le numéro de série est X-100.", "The serial number is X-100."))
        }
        _ => (
            "Marie Tremblay".to_owned(),
            in_language("Bonjour,\n\nL'imprimante affiche « hors ligne ».", "Hello,\n\nThe printer says “offline”."),
        ),
    }
}

/// The same letter where hardly anything is known.
fn bare_facts(facts: &Facts) -> Facts {
    Facts { subject: facts.subject.clone(), ..Facts::default() }
}

fn desk() -> Desk {
    Desk {
        name: "support".to_owned(),
        display_name: "Support".to_owned(),
        addresses: vec![address("support@desk.example")],
        tag: "SD".to_owned(),
        languages: Vec::new(),
        time_zone: "UTC".to_owned(),
        hours: Vec::new(),
        sub_addressing: true,
        keeps_known_fixes: true,
    }
}

fn keyring() -> Keyring {
    Keyring::new(Key { id: 0, secret: b"a key for samples signs nothing".to_vec() }, Vec::new())
}

fn address(text: &str) -> Address {
    match text.parse() {
        Ok(address) => address,
        Err(error) => unreachable!("sample addresses are good: {error}"),
    }
}

fn message_id(text: &str) -> MessageId {
    match MessageId::new(text) {
        Some(id) => id,
        None => unreachable!("sample identifiers are good"),
    }
}
