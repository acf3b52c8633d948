//! Sample letters, and every fact that one may name.

mod facts;
mod items;

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::desk::{Audience, Desk, Facts, LanguagePolicy, Leaves, Letter, Purpose, TagPlace, TicketNumber};
use crate::letters::identity::Identity;
use crate::letters::{html, scope};
use crate::mail::token::{Key, Keyring};
use crate::mail::{Address, Language, Mailbox, MessageId};

/// A context with every name that templates may use.
pub(in crate::letters) fn scope() -> Value {
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

/// The letter that is shown of this purpose.
pub(in crate::letters) fn letter(purpose: Purpose, language: Language) -> Letter {
    with_facts(purpose, language, Scene { language }.facts(purpose).swap_remove(0))
}

/// A letter of this purpose in each of the ways in which the desk writes it; together they say all that it ever says.
pub(in crate::letters) fn letters(purpose: Purpose, language: Language) -> Vec<Letter> {
    let facts = Scene { language }.facts(purpose).into_iter();
    facts.map(|facts| with_facts(purpose, language, facts)).collect()
}

/// A request about a printer, told in one language.
struct Scene {
    language: Language,
}

impl Scene {
    /// What of the two is said.
    fn say(&self, french: &str, english: &str) -> String {
        if self.language == Language::FRENCH { french } else { english }.to_owned()
    }

    fn worded(&self, french: &str, english: &str) -> Option<String> {
        Some(self.say(french, english))
    }
}

fn with_facts(purpose: Purpose, language: Language, facts: Facts) -> Letter {
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
    let references = match (&audience, purpose) {
        _ if !about_ticket => Vec::new(),
        (Audience::Requester, _) => vec![message_id("1@client.example"), message_id("2@client.example")],
        (Audience::Desk, _) => vec![message_id("news@desk.example")],
        // The first letter of a case answers nothing, and nothing of the requester's thread is known to a vendor.
        (Audience::Vendor(_), Purpose::Case) => Vec::new(),
        (Audience::Vendor(_), _) => vec![message_id("case@desk.example")],
    };
    let marie = Mailbox { name: Some("Marie Tremblay".to_owned()), address: address("marie.tremblay@client.example") };
    let alice = Mailbox { name: Some("Alice Gagnon".to_owned()), address: address("alice@desk.example") };
    Letter {
        ticket: about_ticket.then_some(TicketNumber(123)),
        number: 7,
        purpose,
        language,
        desk: "support".to_owned(),
        from: address("support@desk.example"),
        writer: match purpose {
            Purpose::Answer | Purpose::Resolved | Purpose::KnownFix => facts.author.clone(),
            Purpose::Escalated | Purpose::Returned => alice.name.clone(),
            Purpose::NewTicket | Purpose::RequesterAnswered | Purpose::Notice => marie.name.clone(),
            Purpose::VendorAnswered => facts.vendor.clone(),
            _ => None,
        },
        to: vec![match audience {
            Audience::Requester => marie,
            Audience::Desk => alice,
            Audience::Vendor(_) => Mailbox { name: None, address: address("support@acme.example") },
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
        in_reply_to: references.last().cloned(),
        references,
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

/// The same letter where hardly anything is known.
pub(in crate::letters) fn bare_facts(facts: &Facts) -> Facts {
    Facts { subject: facts.subject.clone(), ..Facts::default() }
}

pub(in crate::letters) fn desk(language: Language) -> Desk {
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

pub(in crate::letters) fn keyring() -> Keyring {
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
