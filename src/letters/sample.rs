//! Sample letters, and every fact that one may name.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::identity::Identity;
use super::{html, scope};
use crate::desk::wording::{self, Standing};
use crate::desk::{
    Audience, ChartFacts, CrowdFacts, Desk, DueFacts, Facts, FixFacts, LanguagePolicy, Leaves, Letter, Level,
    OtherFacts, PendingReason, Purpose, QuarantinedFacts, RowFacts, SectionFacts, State, TagPlace, TicketNumber,
    TimelineFacts, WorkFacts,
};
use crate::mail::token::{Key, Keyring};
use crate::mail::{Address, Language, Mailbox, MessageId};

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
    scope::of(
        &letter,
        &desk(letter.language),
        letter.language,
        &identity,
        "",
        Some(html::SafeHtml::from_text("sample")),
    )
}

pub(super) fn letter(purpose: Purpose, language: Language) -> Letter {
    let audience = audience_of(purpose);
    let about_ticket = !matches!(
        purpose,
        Purpose::Challenge
            | Purpose::Quarantine
            | Purpose::QuarantineAlarm
            | Purpose::Junk
            | Purpose::Worklist
            | Purpose::WeeklyReport
    );
    let is_for_vendor = matches!(audience, Audience::Vendor(_));
    let facts = facts(purpose, &audience, language);
    let marie = Mailbox { name: Some("Marie Tremblay".to_owned()), address: address("marie.tremblay@client.example") };
    let alice = Mailbox { name: Some("Alice Gagnon".to_owned()), address: address("alice@desk.example") };
    let acme = Mailbox { name: Some("Acme".to_owned()), address: address("support@acme.example") };
    Letter {
        ticket: about_ticket.then_some(TicketNumber(123)),
        number: 7,
        purpose,
        language,
        desk: "support".to_owned(),
        from: address("support@desk.example"),
        writer: match purpose {
            Purpose::Answer | Purpose::Resolved | Purpose::Escalated | Purpose::Returned => alice.name.clone(),
            Purpose::NewTicket | Purpose::RequesterAnswered | Purpose::Notice => marie.name.clone(),
            Purpose::VendorAnswered => facts.vendor.clone(),
            _ => None,
        },
        to: vec![match audience {
            Audience::Requester => marie,
            Audience::Desk => alice,
            Audience::Vendor(_) => acme,
        }],
        cc: Vec::new(),
        subject: match purpose {
            Purpose::AcknowledgementGeneric
            | Purpose::Challenge
            | Purpose::Quarantine
            | Purpose::QuarantineAlarm
            | Purpose::Junk
            | Purpose::Worklist
            | Purpose::WeeklyReport => String::new(),
            _ => facts.subject.clone(),
        },
        tag: if is_for_vendor { TagPlace::End } else { TagPlace::Front },
        case_mark: facts.case_number.clone().filter(|_| is_for_vendor),
        in_reply_to: about_ticket.then(|| message_id("2@client.example")),
        references: if about_ticket {
            vec![message_id("1@client.example"), message_id("2@client.example")]
        } else {
            Vec::new()
        },
        about: None,
        readers: None,
        form: None,
        leaves: Leaves::AtOnce,
        thread_topic: None,
        thread_index: None,
        html: None,
        enclosures: Vec::new(),
        made: Vec::new(),
        listed: Vec::new(),
        audience,
        facts,
    }
}

fn audience_of(purpose: Purpose) -> Audience {
    match purpose {
        Purpose::Acknowledgement
        | Purpose::CrowdAcknowledgement
        | Purpose::AcknowledgementGeneric
        | Purpose::KnownFix
        | Purpose::Answer
        | Purpose::PassedOn
        | Purpose::Resolved
        | Purpose::Reminder
        | Purpose::Status
        | Purpose::LanguageSwitched => Audience::Requester,
        Purpose::NewTicket
        | Purpose::RequesterAnswered
        | Purpose::VendorAnswered
        | Purpose::Escalated
        | Purpose::Returned
        | Purpose::HandedBack
        | Purpose::Notice
        | Purpose::Receipt
        | Purpose::CommandRefused
        | Purpose::Report
        | Purpose::NotDelivered
        | Purpose::Challenge
        | Purpose::Quarantine
        | Purpose::QuarantineAlarm
        | Purpose::Junk
        | Purpose::Worklist
        | Purpose::CrowdProposed
        | Purpose::CrowdDigest
        | Purpose::WeeklyReport
        | Purpose::Clocks
        | Purpose::HierarchicalEscalation
        | Purpose::OnCall => Audience::Desk,
        Purpose::Case | Purpose::FollowUp | Purpose::Chase => Audience::Vendor("acme".to_owned()),
    }
}

/// What the desk hands over for such a letter, all of it together.
fn facts(purpose: Purpose, audience: &Audience, language: Language) -> Facts {
    let in_language: Chosen<'_> = &|french, english| chosen(language, french, english);
    let known = of_every_letter(purpose, audience, language);
    let worded = |french: &str, english: &str| Some(in_language(french, english));
    let request = || {
        worded("Bonjour,\n\nL’imprimante affiche «\u{a0}hors ligne\u{a0}».", "Hello,\n\nThe printer says “offline”.")
    };
    let brief = || {
        worded(
            "Redémarrage et changement de câble sans effet. Le port du commutateur clignote.",
            "Restarting it and another cable changed nothing. The port of the switch blinks.",
        )
    };
    let solution = || {
        worded(
            "Bonjour,\n\nElle imprime de nouveau\u{a0}: le câble réseau était débranché.\n\nBonne journée",
            "Hello,\n\nIt works again: the network cable was unplugged.\n\nHave a nice day",
        )
    };
    let received_at = || worded("20 novembre 2026 à 9\u{a0}h\u{a0}12", "November 20, 2026 at 09:12");
    let (marie, alice) = (Some("Marie Tremblay".to_owned()), Some("Alice Gagnon".to_owned()));
    let inner = || worded("note interne", "internal note");
    let (state, level) = (known.standing.clone().unwrap_or_default(), known.level.clone().unwrap_or_default());
    let file = || vec![in_language("1. écran.png (84\u{a0}ko)", "1. screen.png (84\u{a0}kB)")];
    let vendor = || Some("acme".to_owned());
    let case_number = || Some("CS-4711".to_owned());
    let timeline = || vec![entry(in_language)];
    match purpose {
        Purpose::Acknowledgement => Facts {
            fixes: vec![fix(in_language)],
            asks_yes: true,
            received_at: received_at(),
            answer_by: worded("vendredi 20 novembre à 11\u{a0}h\u{a0}12", "Friday, November 20 at 11:12"),
            ..known
        },
        Purpose::KnownFix => {
            Facts { fixes: vec![fix(in_language)], asks_yes: true, received_at: received_at(), ..known }
        }
        Purpose::CrowdAcknowledgement => Facts {
            title: worded("Panne des imprimantes du troisième", "Printers down on the third floor"),
            text: worded("Un technicien remplace le commutateur.", "A technician replaces the switch."),
            received_at: received_at(),
            ..known
        },
        Purpose::CrowdProposed | Purpose::CrowdDigest => Facts {
            reference: known.reference,
            subject: known.subject,
            crowd: vec![one_of_many(in_language)],
            ..Facts::default()
        },
        Purpose::AcknowledgementGeneric => Facts {
            subject: String::new(),
            requester_name: None,
            language_unsure: true,
            received_at: received_at(),
            ..known
        },
        Purpose::Answer | Purpose::Resolved => Facts { author: alice, text: solution(), ..known },
        Purpose::Reminder => Facts {
            author: alice,
            text: worded("Bonjour,\n\nLe câble réseau est-il branché?", "Hello,\n\nIs the network cable plugged in?"),
            asks_yes: true,
            resolves_on: worded("mardi 8 décembre", "Tuesday, December 8"),
            ..known
        },
        Purpose::PassedOn => known,
        Purpose::Status | Purpose::LanguageSwitched => Facts { received_at: received_at(), ..known },
        Purpose::NewTicket => Facts {
            owner: None,
            unverified: true,
            author: marie.clone(),
            text: request(),
            attachments: file(),
            fixes: vec![fix(in_language)],
            others: vec![other(in_language)],
            reply_goes_to: marie,
            reply_is_public: true,
            ..known
        },
        Purpose::RequesterAnswered => Facts {
            author: marie.clone(),
            text: request(),
            attachments: file(),
            reasons: vec![in_language("Le demandeur a rouvert le billet.", "The requester reopened the ticket.")],
            reply_goes_to: marie,
            reply_is_public: true,
            ..known
        },
        Purpose::VendorAnswered => Facts {
            author: vendor(),
            vendor: vendor(),
            case_number: case_number(),
            text: worded("Bonjour, quel est le numéro de série?", "Hello, what is the serial number?"),
            attachments: file(),
            reply_goes_to: inner(),
            ..known
        },
        Purpose::Escalated => Facts {
            owner: None,
            author: marie,
            text: request(),
            brief: brief(),
            timeline: timeline(),
            attachments: file(),
            reply_goes_to: inner(),
            ..known
        },
        Purpose::Returned => Facts {
            owner: None,
            author: marie,
            text: request(),
            brief: brief(),
            vendor: vendor(),
            case_number: case_number(),
            timeline: timeline(),
            attachments: file(),
            reply_goes_to: inner(),
            ..known
        },
        Purpose::HandedBack => Facts {
            reference: known.reference,
            subject: known.subject,
            reasons: vec![in_language(
                "Alice Gagnon s’absente jusqu’au lundi 14 décembre à 8\u{a0}h.",
                "Alice Gagnon is away until Monday, December 14 at 08:00.",
            )],
            others: vec![other(in_language)],
            ..Facts::default()
        },
        Purpose::Notice => Facts {
            owner: None,
            author: marie,
            text: request(),
            attachments: file(),
            reasons: vec![in_language(
                "Un second exemplaire de ce message est arrivé\u{a0}: son auteur est maintenant vérifié.",
                "Another copy of this message came: its author is verified now.",
            )],
            reply_goes_to: inner(),
            ..known
        },
        Purpose::Receipt => Facts {
            done: vec![in_language("Votre texte est parti au demandeur.", "Your text was sent to the requester.")],
            recipients: vec!["marie.tremblay@client.example".to_owned()],
            text: solution(),
            reply_goes_to: inner(),
            ..known
        },
        Purpose::CommandRefused => Facts {
            reasons: vec![in_language(
                "Commande inconnue\u{a0}: «\u{a0}#resolut\u{a0}». Vouliez-vous «\u{a0}#résolu\u{a0}»? Répondez #aide pour la liste.",
                "Unknown command: \"#solvd\". Did you mean \"#solved\"? Reply #help for the list.",
            )],
            text: worded("#resolut\nLe câble réseau était débranché.", "#solvd\nThe network cable was unplugged."),
            not_sent_to_requester: true,
            reply_goes_to: inner(),
            ..known
        },
        Purpose::Report => Facts {
            done: vec![
                in_language(&format!("État\u{a0}: {state}."), &format!("State: {state}.")),
                in_language(&format!("Niveau\u{a0}: {level}."), &format!("Level: {level}.")),
                in_language("Priorité\u{a0}: 3.", "Priority: 3."),
            ],
            timeline: timeline(),
            reply_goes_to: inner(),
            ..known
        },
        Purpose::NotDelivered => Facts {
            reasons: vec![in_language(
                "La lettre à marie.tremblay@client.example n’est pas arrivée\u{a0}: 552 5.2.2 Mailbox full",
                "The letter to marie.tremblay@client.example did not arrive: 552 5.2.2 Mailbox full",
            )],
            reply_goes_to: inner(),
            ..known
        },
        Purpose::Challenge => {
            Facts { code: Some("7K3QXZ2M".to_owned()), received_at: received_at(), ..Facts::default() }
        }
        Purpose::Quarantine => Facts {
            reference: known.reference,
            subject: known.subject,
            reasons: vec![
                in_language(
                    "Courriel au nom de l’agent alice@desk.example, non authentifié.",
                    "Mail in the name of the agent alice@desk.example, not authenticated.",
                ),
                in_language("Objet\u{a0}: [SD R-000123] L’imprimante", "Subject: [SD R-000123] The printer"),
            ],
            text: worded("Bonjour, débranchez le câble réseau.", "Hello, unplug the network cable."),
            ..Facts::default()
        },
        Purpose::WeeklyReport => Facts {
            period: worded("du 16 novembre 2026 au 22 novembre 2026", "from November 16, 2026 to November 22, 2026"),
            sections: vec![section(in_language)],
            charts: vec![chart(in_language)],
            ..Facts::default()
        },
        Purpose::Junk => Facts {
            quarantined: vec![QuarantinedFacts {
                author: Some("vente@annonce.example".to_owned()),
                subject: in_language("Offre de la semaine", "Offer of the week"),
                reason: in_language(
                    "Le serveur de courriel l’a pris pour un indésirable.",
                    "The mail server took it for junk.",
                ),
                text: None,
                reference: None,
                ..quarantined(in_language)
            }],
            reasons: vec![in_language("Et 12 de plus, dans la prochaine liste.", "And 12 more, in the next list.")],
            ..Facts::default()
        },
        Purpose::QuarantineAlarm => Facts { quarantined: vec![quarantined(in_language)], ..Facts::default() },
        Purpose::Worklist => Facts { worklist: vec![work(in_language)], ..Facts::default() },
        Purpose::Clocks | Purpose::HierarchicalEscalation | Purpose::OnCall => Facts {
            reference: known.reference,
            subject: known.subject,
            due: vec![due(purpose, in_language)],
            ..Facts::default()
        },
        Purpose::Case => Facts { brief: brief(), vendor: vendor(), ..known },
        Purpose::FollowUp => Facts {
            text: worded("Le numéro de série est X-100.", "The serial number is X-100."),
            vendor: vendor(),
            case_number: case_number(),
            watermark: Some("Ref:MSG0012345_aBcDeF".to_owned()),
            ..known
        },
        Purpose::Chase => Facts {
            reference: known.reference,
            subject: known.subject,
            vendor: vendor(),
            case_number: case_number(),
            watermark: Some("Ref:MSG0012345_aBcDeF".to_owned()),
            received_at: received_at(),
            ..Facts::default()
        },
    }
}

fn one_of_many(in_language: Chosen<'_>) -> CrowdFacts {
    CrowdFacts {
        reference: "R-000124".to_owned(),
        requester: Some("Marie Tremblay".to_owned()),
        subject: in_language("Impression impossible", "Cannot print"),
        words: Some(in_language(
            "Bonjour, plus rien ne sort de l’imprimante du troisième.",
            "Hello, nothing comes out of the printer on the third floor.",
        )),
    }
}

fn due(purpose: Purpose, in_language: Chosen<'_>) -> DueFacts {
    let sentence = match purpose {
        Purpose::Clocks => in_language(
            "Première réponse\u{a0}: échéance jeudi 3 décembre à 10\u{a0}h\u{a0}15. Les trois quarts du délai sont écoulés.",
            "First answer: due Thursday, December 3 at 10:15. Three quarters of the time have passed.",
        ),
        Purpose::OnCall => {
            in_language("Priorité 1, et personne ne s’en occupe.", "Priority 1, and nobody takes care of it.")
        }
        _ => in_language(
            "Première réponse\u{a0}: le délai est dépassé depuis jeudi 3 décembre à 10\u{a0}h\u{a0}15.",
            "First answer: overdue since Thursday, December 3 at 10:15.",
        ),
    };
    DueFacts {
        reference: "R-000123".to_owned(),
        subject: in_language(
            "L’imprimante du troisième ne répond plus",
            "The printer on the third floor does not answer",
        ),
        priority: if purpose == Purpose::OnCall { 1 } else { 3 },
        level: in_language("N1", "L1"),
        standing: in_language("nouveau", "new"),
        owner: None,
        organisation: Some("Client".to_owned()),
        sentences: vec![sentence],
    }
}

fn quarantined(in_language: Chosen<'_>) -> QuarantinedFacts {
    QuarantinedFacts {
        number: 4711,
        since: in_language("3 décembre 2026 à 10\u{a0}h\u{a0}15", "December 3, 2026 at 10:15"),
        author: Some("alice@desk.example".to_owned()),
        subject: in_language("L’imprimante du troisième", "The printer on the third floor"),
        reason: in_language(
            "Courriel au nom de l’agent alice@desk.example, non authentifié.",
            "Mail in the name of the agent alice@desk.example, not authenticated.",
        ),
        text: Some(in_language("Bonjour, débranchez le câble réseau.", "Hello, unplug the network cable.")),
        reference: Some("R-000123".to_owned()),
    }
}

fn work(in_language: Chosen<'_>) -> WorkFacts {
    WorkFacts {
        reference: "R-000123".to_owned(),
        subject: in_language(
            "L’imprimante du troisième ne répond plus",
            "The printer on the third floor does not answer",
        ),
        priority: 3,
        standing: in_language("attribué", "assigned"),
        organisation: Some("Client".to_owned()),
        promises: vec![in_language(
            "Résolution\u{a0}: échéance jeudi 3 décembre à 10\u{a0}h\u{a0}15",
            "Resolution: due Thursday, December 3 at 10:15",
        )],
        token: keyring().sign(123, 0, crate::mail::token::TokenAudience::Desk).to_string(),
    }
}

/// What of the two is said, the French or the English.
type Chosen<'a> = &'a dyn Fn(&str, &str) -> String;

fn chosen(language: Language, french: &str, english: &str) -> String {
    if language == Language::FRENCH { french } else { english }.to_owned()
}

/// What every letter about a ticket says, by who reads it.
fn of_every_letter(purpose: Purpose, audience: &Audience, language: Language) -> Facts {
    let in_language = |french: &str, english: &str| chosen(language, french, english);
    let worded = |french: &str, english: &str| Some(in_language(french, english));
    let state = match (purpose, audience) {
        (_, Audience::Vendor(_)) => None,
        (
            Purpose::NewTicket
            | Purpose::Acknowledgement
            | Purpose::AcknowledgementGeneric
            | Purpose::KnownFix
            | Purpose::LanguageSwitched,
            _,
        ) => Some(State::New),
        (
            Purpose::VendorAnswered
            | Purpose::Escalated
            | Purpose::Returned
            | Purpose::RequesterAnswered
            | Purpose::CrowdAcknowledgement
            | Purpose::PassedOn,
            _,
        ) => Some(State::Open),
        (_, Audience::Requester | Audience::Desk) => Some(State::Pending { reason: PendingReason::Requester }),
    };
    let said = if *audience == Audience::Requester { wording::state_of_request } else { wording::state };
    let for_desk = |text: String| (*audience == Audience::Desk).then_some(text);
    let level = match purpose {
        Purpose::Escalated => Level::L2,
        Purpose::VendorAnswered => Level::L3,
        _ => Level::L1,
    };
    Facts {
        reference: Some("R-000123".to_owned()),
        subject: in_language(
            "L’imprimante du troisième ne répond plus",
            "The printer on the third floor does not answer",
        ),
        requester_name: Some(match audience {
            Audience::Vendor(_) => in_language("Demandeur A", "Requester A"),
            Audience::Requester | Audience::Desk => "Marie Tremblay".to_owned(),
        }),
        requester_address: for_desk("marie.tremblay@client.example".to_owned()),
        organisation: for_desk(in_language("Cégep du Nord", "Northern College")),
        level: for_desk(wording::level(level, language).to_owned()),
        state: state.map(|state| state.word().to_owned()),
        standing: state.map(|state| said(Standing { state, until: None }, language)),
        priority: (*audience == Audience::Desk).then_some(3),
        owner: for_desk("Alice Gagnon".to_owned()),
        clocks: for_desk(in_language(
            "Résolution\u{a0}: échéance vendredi 20 novembre à 16\u{a0}h\u{a0}12",
            "Resolution: due Friday, November 20 at 16:12",
        ))
        .into_iter()
        .collect(),
        hours: worded("du lundi au vendredi, de 8\u{a0}h à 17\u{a0}h", "Monday to Friday, 8:00 to 17:00"),
        ..Facts::default()
    }
}

fn fix(in_language: Chosen<'_>) -> FixFacts {
    FixFacts {
        id: "imprimante-reseau".to_owned(),
        title: in_language("L’imprimante réseau ne répond plus", "The network printer does not answer"),
        text: in_language(
            "1. Éteignez-la.\n2. Attendez une minute.\n3. Rallumez-la.",
            "1. Switch it off.\n2. Wait a minute.\n3. Switch it on.",
        ),
        html: in_language(
            "<ol><li>Éteignez-la.</li><li>Attendez une minute.</li><li>Rallumez-la.</li></ol>",
            "<ol><li>Switch it off.</li><li>Wait a minute.</li><li>Switch it on.</li></ol>",
        ),
    }
}

fn other(in_language: Chosen<'_>) -> OtherFacts {
    OtherFacts {
        reference: "R-000098".to_owned(),
        subject: in_language("Accès au dossier des ventes", "Access to the sales folder"),
        standing: in_language("en attente jusqu’au jeudi 3 décembre", "pending until Thursday, December 3"),
        owner: None,
    }
}

fn section(in_language: Chosen<'_>) -> SectionFacts {
    let row = |label: String, value: String| RowFacts { label, value };
    SectionFacts {
        title: in_language("Volumes", "Volumes"),
        rows: vec![
            row(
                in_language("Billets ouverts", "Opened"),
                in_language("42 (courriel 35, téléphone 7)", "42 (mail 35, telephone 7)"),
            ),
            row(in_language("Résolus", "Resolved"), in_language("39 (N1 31, N2 8)", "39 (L1 31, L2 8)")),
        ],
    }
}

fn chart(in_language: Chosen<'_>) -> ChartFacts {
    ChartFacts {
        title: in_language("Escalades", "Escalations"),
        alt: in_language("Escalades. N2, par un agent\u{a0}: 8.", "Escalations. L2, by an agent: 8."),
        cid: "escalations.png".to_owned(),
    }
}

fn entry(in_language: Chosen<'_>) -> TimelineFacts {
    TimelineFacts {
        at: in_language("20 novembre 2026 à 9\u{a0}h\u{a0}12", "November 20, 2026 at 09:12"),
        who: "Marie Tremblay".to_owned(),
        audience: "requester".to_owned(),
        text: in_language(
            "Bonjour,\n\nL’imprimante affiche «\u{a0}hors ligne\u{a0}».",
            "Hello,\n\nThe printer says “offline”.",
        ),
    }
}

/// The same letter where hardly anything is known.
pub(super) fn bare_facts(facts: &Facts) -> Facts {
    Facts { subject: facts.subject.clone(), ..Facts::default() }
}

pub(super) fn desk(language: Language) -> Desk {
    Desk {
        on_call: None,
        worklist_at: None,
        name: "support".to_owned(),
        display_name: "Support".to_owned(),
        addresses: [address("support@desk.example")].into(),
        tag: "SD".to_owned(),
        languages: [language].into(),
        language_policy: LanguagePolicy::Correspondent,
        time_zone: TimeZone::UTC,
        hours: Vec::new(),
        calendar: None,
        sub_addressing: true,
        keeps_known_fixes: true,
    }
}

pub(super) fn keyring() -> Keyring {
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
