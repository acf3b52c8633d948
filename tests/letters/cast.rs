//! The people and texts of the letters under test.

use std::sync::LazyLock;

use guichet::desk::{
    Audience, ChartFacts, CrowdFacts, Desk, DueFacts, Enclosure, Facts, FixFacts, Leaves, LedgerId, Letter, Purpose,
    RowFacts, SectionFacts, TagPlace, TicketNumber, TimelineFacts, WorkFacts,
};
use guichet::letters::{Composed, FACTS, Templates, compose};
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
    // A vendor knows our own letters alone.
    let thread = match audience {
        Audience::Vendor(_) => vec![id("case@desk.test"), id("question@desk.test")],
        Audience::Requester | Audience::Desk => vec![id("m1@client.test"), id("m2@client.test")],
    };
    let subject = if is_french { "Écran noir au réveil" } else { "Black screen after sleep" };
    Letter {
        ticket: Some(TicketNumber(123)),
        number: 4,
        purpose,
        language,
        desk: "support".to_owned(),
        from: address("support@desk.test"),
        writer: (purpose == Purpose::Answer).then(|| "Alice Roy".to_owned()),
        to: vec![to],
        cc: vec![],
        subject: subject.to_owned(),
        tag: if matches!(audience, Audience::Vendor(_)) { TagPlace::End } else { TagPlace::Front },
        case_mark: matches!(audience, Audience::Vendor(_)).then(|| "[#AB-123]".to_owned()),
        in_reply_to: thread.last().cloned(),
        references: thread,
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

/// All that a letter of this purpose may say, but for what tells it apart from others of its purpose.
fn facts(purpose: Purpose, audience: &Audience, is_french: bool) -> Facts {
    let words = |french: &str, english: &str| if is_french { french } else { english }.to_owned();
    let has = |fact: &str| {
        let letters = FACTS.iter().find(|(known, _)| *known == fact).map(|(_, letters)| *letters).unwrap();
        letters.iter().any(|letters| letters.contains(&purpose))
    };
    let some = |fact: &str, french: &str, english: &str| has(fact).then(|| words(french, english));
    let list = |fact: &str, french: &str, english: &str| some(fact, french, english).into_iter().collect::<Vec<_>>();
    let requester = match audience {
        Audience::Vendor(_) if is_french => "Demandeur A",
        Audience::Vendor(_) => "Requester A",
        Audience::Requester | Audience::Desk => "Hélène Côté",
    };
    Facts {
        quarantined: Vec::new(),
        worklist: only(
            has("worklist"),
            vec![WorkFacts {
                reference: "R-000123".to_owned(),
                subject: words("Écran noir au réveil", "Black screen after sleep"),
                priority: 2,
                standing: words("attribué", "assigned"),
                promises: vec![words("Résolution\u{a0}: échéance mardi", "Resolution: due Tuesday")],
                token: "R000123.0.d.1.AAAAAAAAAAAAAAAA".to_owned(),
                ..WorkFacts::default()
            }],
        ),
        crowd: only(
            has("crowd"),
            vec![CrowdFacts {
                reference: "R-000124".to_owned(),
                requester: Some("Tom Baker".to_owned()),
                subject: "VPN".to_owned(),
                words: Some("The VPN is down.".to_owned()),
            }],
        ),
        title: some("title", "Panne du VPN", "VPN down"),
        period: some(
            "period",
            "du 16 novembre 2026 au 22 novembre 2026",
            "from November 16, 2026 to November 22, 2026",
        ),
        sections: only(
            has("sections"),
            vec![SectionFacts {
                title: words("Escalades", "Escalations"),
                rows: vec![RowFacts {
                    label: words("À N2, par un agent", "To L2, by an agent"),
                    value: "8".to_owned(),
                }],
            }],
        ),
        charts: only(
            has("charts"),
            vec![ChartFacts {
                title: words("Escalades", "Escalations"),
                alt: words("Escalades. N2\u{a0}: 8.", "Escalations. L2: 8."),
                cid: "escalations.png".to_owned(),
            }],
        ),
        due: only(
            has("due"),
            vec![DueFacts {
                reference: "R-000123".to_owned(),
                subject: words("Écran noir au réveil", "Black screen after sleep"),
                priority: 2,
                level: "L2".to_owned(),
                standing: words("nouveau", "new"),
                owner: None,
                organisation: Some("Coop".to_owned()),
                sentences: vec![words("Résolution\u{a0}: le délai est dépassé.", "Resolution: overdue.")],
            }],
        ),
        answer_by: None,
        clocks: Vec::new(),
        resolves_on: some("resolves_on", "mardi 8 décembre", "Tuesday, December 8"),
        reference: some("reference", "R-000123", "R-000123"),
        subject: some("subject", "Écran noir au réveil", "Black screen after sleep").unwrap_or_default(),
        requester_name: has("requester_name").then(|| requester.to_owned()),
        requester_address: some("requester_address", "helene@client.test", "helene@client.test"),
        organisation: some("organisation", "Coop Laval", "Coop Laval"),
        major: None,
        unverified: purpose == Purpose::NewTicket,
        author: match purpose {
            Purpose::VendorAnswered => Some("Acme Support".to_owned()),
            Purpose::Answer | Purpose::Reminder => Some("Alice Roy".to_owned()),
            // Nobody in particular says it.
            Purpose::Resolved | Purpose::KnownFix => None,
            _ => has("author").then(|| "Hélène Côté".to_owned()),
        },
        text: some(
            "text",
            "Bonjour,\n\nMon écran reste noir. Voir https://exemple.test/aide?x=1 .\n\nHélène",
            "Hello,\n\nMy screen stays black. See https://example.test/help?x=1 .\n\nHelen",
        )
        .filter(|_| purpose != Purpose::Resolved),
        brief: some("brief", "Pilote réinstallé sans effet.", "Installing the driver again changed nothing."),
        level: some("level", "L2", "L2"),
        state: some("state", "open", "open"),
        standing: some("standing", "attribué", "assigned"),
        priority: has("priority").then_some(2),
        owner: some("owner", "Alice Roy", "Alice Roy"),
        vendor: some("vendor", "acme", "acme"),
        case_number: some("case_number", "[#AB-123]", "[#AB-123]"),
        watermark: None,
        fixes: only(
            has("fixes"),
            vec![FixFacts {
                id: "ecran-noir".to_owned(),
                title: words("L'écran reste noir", "The screen stays black"),
                text: words("Appuyez 10 secondes sur le bouton.", "Hold the button for 10 seconds."),
                html: words("<p>Appuyez 10 secondes sur le bouton.</p>", "<p>Hold the button for 10 seconds.</p>"),
            }],
        ),
        timeline: only(
            has("timeline"),
            vec![
                entry("Alice Roy", "desk", words("Elle est au bureau de Laval.", "She is in the Laval office.")),
                entry(requester, "requester", words("Bonjour,\nÇa ne marche plus.", "Hello,\nIt stopped working.")),
            ],
        ),
        others: Vec::new(),
        attachments: list("attachments", "1. écran.png (84 ko)", "1. screen.png (84 kB)"),
        done: list("done", "La priorité est passée à 2.", "The priority is now 2."),
        reasons: list("reasons", "Ligne 1 : « #resolut » n'existe pas.", "Line 1: there is no “#solvd”."),
        recipients: list("recipients", "Hélène Côté", "Hélène Côté"),
        not_sent_to_requester: purpose == Purpose::Receipt,
        reply_goes_to: has("reply_goes_to").then(|| match purpose {
            Purpose::NewTicket | Purpose::RequesterAnswered => "Hélène".to_owned(),
            _ => words("note interne", "internal note"),
        }),
        reply_is_public: matches!(purpose, Purpose::NewTicket | Purpose::RequesterAnswered),
        moves: [("#escalader N3", "#escalate L3"), ("#retour N1", "#return L1")]
            .into_iter()
            .filter_map(|(french, english)| some("moves", french, english))
            .collect(),
        code: (purpose == Purpose::Challenge).then(|| "7K3Q-XZ".to_owned()),
        asks_yes: has("asks_yes"),
        language_unsure: purpose == Purpose::Acknowledgement,
        split_from: None,
        received_at: some("received_at", "22 novembre 2026 à 12 h 00", "22 November 2026, 12:00"),
        hours: some("hours", "du lundi au vendredi, de 8 h à 17 h", "Monday to Friday, 8:00 to 17:00"),
    }
}

/// These, where the letter has them.
fn only<T>(has: bool, items: Vec<T>) -> Vec<T> {
    if has { items } else { Vec::new() }
}

fn entry(who: &str, audience: &str, text: String) -> TimelineFacts {
    TimelineFacts {
        at: "2026-11-21 09:12".to_owned(),
        who: who.to_owned(),
        audience: audience.to_owned(),
        read_by: format!("with {audience}"),
        text,
    }
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
