//! The people and texts of the letters under test.

use std::sync::LazyLock;

use guichet::desk::{
    Audience, ChartFacts, CrowdFacts, Desk, DueFacts, Enclosure, Facts, FixFacts, Leaves, LedgerId, Letter, Purpose,
    RowFacts, SectionFacts, TagPlace, TicketNumber, TimelineFacts, WorkFacts,
};
use guichet::letters::{Composed, Templates, compose};
use guichet::mail::token::{Key, Keyring};
use guichet::mail::{Address, Language, Mailbox, MessageId};
use jiff::Timestamp;

use crate::configuration::Configuration;

pub(crate) static TEMPLATES: LazyLock<Templates> =
    LazyLock::new(|| Templates::new(&[]).unwrap_or_else(|faults| panic!("{faults}")));

pub(crate) fn compose_at_noon(letter: &Letter) -> Composed {
    compose(letter, &desk(), &keyring(), &TEMPLATES, noon(), "essai-1").unwrap()
}

pub(crate) fn noon() -> Timestamp {
    "2026-11-22T17:00:00Z".parse().unwrap()
}

pub(crate) fn keyring() -> Keyring {
    Keyring::new(Key { id: 1, secret: vec![7; 32] }, vec![])
}

pub(crate) fn desk() -> Desk {
    let demo = Configuration::new().read().policy.desks[0].clone();
    Desk {
        display_name: "Guichet d'essai".to_owned(),
        addresses: [address("support@desk.test")].into(),
        hours: vec![],
        calendar: None,
        keeps_known_fixes: true,
        ..demo
    }
}

pub(crate) fn letter(purpose: Purpose, language: Language) -> Letter {
    let is_french = language == Language::FRENCH;
    let (audience, to) = match purpose {
        Purpose::Case | Purpose::FollowUp | Purpose::Chase => {
            (Audience::Vendor("acme".to_owned()), mailbox("Acme", "help@acme.test"))
        }
        _ if is_for_requesters(purpose) => (Audience::Requester, mailbox("Hélène Côté", "helene@client.test")),
        _ => (Audience::Desk, mailbox("Alice Roy", "alice@helpdesk.test")),
    };
    let subject = if is_french { "Écran noir au réveil" } else { "Black screen after sleep" };
    Letter {
        ticket: Some(TicketNumber(123)),
        number: 4,
        purpose,
        language,
        desk: "support".to_owned(),
        from: address("support@desk.test"),
        writer: matches!(purpose, Purpose::Answer | Purpose::Case | Purpose::FollowUp).then(|| "Alice Roy".to_owned()),
        to: vec![to],
        cc: vec![],
        subject: subject.to_owned(),
        tag: if matches!(audience, Audience::Vendor(_)) { TagPlace::End } else { TagPlace::Front },
        case_mark: matches!(audience, Audience::Vendor(_)).then(|| "[#AB-123]".to_owned()),
        in_reply_to: Some(id("m2@client.test")),
        references: vec![id("m1@client.test"), id("m2@client.test")],
        about: None,
        readers: None,
        form: None,
        leaves: Leaves::AtOnce,
        thread_topic: Some(subject.to_owned()),
        thread_index: None,
        html: None,
        enclosures: vec![],
        made: vec![],
        listed: vec![],
        facts: facts(purpose, &audience, is_french),
        audience,
    }
}

fn is_for_requesters(purpose: Purpose) -> bool {
    matches!(
        purpose,
        Purpose::Acknowledgement
            | Purpose::CrowdAcknowledgement
            | Purpose::AcknowledgementGeneric
            | Purpose::KnownFix
            | Purpose::Answer
            | Purpose::PassedOn
            | Purpose::Resolved
            | Purpose::Reminder
            | Purpose::Status
            | Purpose::LanguageSwitched
    )
}

fn facts(purpose: Purpose, audience: &Audience, is_french: bool) -> Facts {
    let words = |french: &str, english: &str| if is_french { french } else { english }.to_owned();
    let is_for_desk = *audience == Audience::Desk;
    let requester = match audience {
        Audience::Vendor(_) if is_french => "Demandeur A",
        Audience::Vendor(_) => "Requester A",
        Audience::Requester | Audience::Desk => "Hélène Côté",
    };
    Facts {
        quarantined: Vec::new(),
        worklist: vec![WorkFacts {
            reference: "R-000123".to_owned(),
            subject: words("Écran noir au réveil", "Black screen after sleep"),
            priority: 2,
            standing: words("attribué", "assigned"),
            promises: vec![words("Résolution\u{a0}: échéance mardi", "Resolution: due Tuesday")],
            token: "R000123.0.d.1.AAAAAAAAAAAAAAAA".to_owned(),
            ..WorkFacts::default()
        }],
        crowd: vec![CrowdFacts {
            reference: "R-000124".to_owned(),
            requester: Some("Tom Baker".to_owned()),
            subject: "VPN".to_owned(),
            words: Some("The VPN is down.".to_owned()),
        }],
        title: Some("Panne du VPN".to_owned()),
        period: Some(words("du 16 novembre 2026 au 22 novembre 2026", "from November 16, 2026 to November 22, 2026")),
        sections: vec![SectionFacts {
            title: words("Escalades", "Escalations"),
            rows: vec![RowFacts { label: words("À N2, par un agent", "To L2, by an agent"), value: "8".to_owned() }],
        }],
        charts: vec![ChartFacts {
            title: words("Escalades", "Escalations"),
            alt: words("Escalades. N2\u{a0}: 8.", "Escalations. L2: 8."),
            cid: "escalations.png".to_owned(),
        }],
        due: vec![DueFacts {
            reference: "R-000123".to_owned(),
            subject: words("Écran noir au réveil", "Black screen after sleep"),
            priority: 2,
            level: "L2".to_owned(),
            standing: words("nouveau", "new"),
            owner: None,
            organisation: Some("Coop".to_owned()),
            sentences: vec![words("Résolution\u{a0}: le délai est dépassé.", "Resolution: overdue.")],
        }],
        answer_by: None,
        clocks: Vec::new(),
        resolves_on: Some(words("mardi 8 décembre", "Tuesday, December 8")),
        reference: Some("R-000123".to_owned()),
        subject: words("Écran noir au réveil", "Black screen after sleep"),
        requester_name: Some(requester.to_owned()),
        requester_address: is_for_desk.then(|| "helene@client.test".to_owned()),
        organisation: is_for_desk.then(|| "Coop Laval".to_owned()),
        major: None,
        unverified: purpose == Purpose::NewTicket,
        author: match purpose {
            Purpose::VendorAnswered => Some("Acme Support".to_owned()),
            Purpose::Answer | Purpose::Reminder | Purpose::Case | Purpose::FollowUp => Some("Alice Roy".to_owned()),
            _ => Some("Hélène Côté".to_owned()),
        },
        text: match purpose {
            Purpose::Acknowledgement | Purpose::AcknowledgementGeneric | Purpose::PassedOn | Purpose::Status => None,
            Purpose::Resolved => None,
            _ => Some(words(
                "Bonjour,\n\nMon écran reste noir. Voir https://exemple.test/aide?x=1 .\n\nHélène",
                "Hello,\n\nMy screen stays black. See https://example.test/help?x=1 .\n\nHelen",
            )),
        },
        brief: matches!(purpose, Purpose::Escalated | Purpose::Case)
            .then(|| words("Pilote réinstallé sans effet.", "Installing the driver again changed nothing.")),
        level: is_for_desk.then(|| "L2".to_owned()),
        state: Some("open".to_owned()),
        standing: Some(words("attribué", "assigned")),
        priority: is_for_desk.then_some(2),
        owner: is_for_desk.then(|| "Alice Roy".to_owned()),
        vendor: is_for_desk.then(|| "acme".to_owned()),
        case_number: (*audience != Audience::Requester).then(|| "[#AB-123]".to_owned()),
        watermark: None,
        fixes: vec![FixFacts {
            id: "ecran-noir".to_owned(),
            title: words("L'écran reste noir", "The screen stays black"),
            text: words("Appuyez 10 secondes sur le bouton.", "Hold the button for 10 seconds."),
            html: words("<p>Appuyez 10 secondes sur le bouton.</p>", "<p>Hold the button for 10 seconds.</p>"),
        }],
        timeline: vec![
            entry("Alice Roy", "desk", words("Elle est au bureau de Laval.", "She is in the Laval office.")),
            entry(requester, "requester", words("Bonjour,\nÇa ne marche plus.", "Hello,\nIt stopped working.")),
        ],
        others: Vec::new(),
        attachments: vec![words("1. écran.png (84 ko)", "1. screen.png (84 kB)")],
        done: vec![words("La priorité est passée à 2.", "The priority is now 2.")],
        reasons: vec![words("Ligne 1 : « #resolut » n'existe pas.", "Line 1: there is no “#solvd”.")],
        recipients: vec!["Hélène Côté".to_owned()],
        not_sent_to_requester: purpose == Purpose::Receipt,
        reply_goes_to: is_for_desk.then(|| match purpose {
            Purpose::NewTicket | Purpose::RequesterAnswered => "Hélène".to_owned(),
            _ => words("note interne", "internal note"),
        }),
        reply_is_public: matches!(purpose, Purpose::NewTicket | Purpose::RequesterAnswered),
        code: (purpose == Purpose::Challenge).then(|| "7K3Q-XZ".to_owned()),
        asks_yes: true,
        language_unsure: purpose == Purpose::Acknowledgement,
        split_from: (purpose == Purpose::Acknowledgement).then(|| "R-000006".to_owned()),
        received_at: Some(words("22 novembre 2026 à 12 h 00", "22 November 2026, 12:00")),
        hours: Some(words("du lundi au vendredi, de 8 h à 17 h", "Monday to Friday, 8:00 to 17:00")),
    }
}

fn entry(who: &str, audience: &str, text: String) -> TimelineFacts {
    TimelineFacts { at: "2026-11-21 09:12".to_owned(), who: who.to_owned(), audience: audience.to_owned(), text }
}

pub(crate) fn enclosure(name: &str, content_type: &str, content_id: Option<&str>) -> Enclosure {
    Enclosure {
        ledger: LedgerId(9),
        index: 0,
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        size: 3,
        content_id: content_id.map(str::to_owned),
    }
}

pub(crate) fn mailbox(name: &str, text: &str) -> Mailbox {
    Mailbox { name: Some(name.to_owned()), address: address(text) }
}

pub(crate) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

pub(crate) fn id(text: &str) -> MessageId {
    MessageId::new(text).unwrap()
}
