//! `[alarm]`: whom to tell, by other ways than the service's own, that it needs somebody.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret;

use super::secret::{SecretKeys, secret};
use super::section::{Placed, Section};
use super::servers::{self, Mailbox, Relay};
use super::value::{address_list, flat_duration};
use crate::gateway::{Alarm, Channel, End, EndOf};
use crate::net::{WebAddress, end_of_certificate};
use crate::oauth::{ClientProof, Tokens};
use crate::said;
use crate::smtp::{self, Transport};

const WEBHOOK: SecretKeys = SecretKeys { plain: "webhook", file: "webhook_file", variable: "webhook_env" };
/// As faults name the table.
const SMTP: &str = "[alarm.smtp]";

/// What `[alarm]` says.
pub(super) struct Written {
    channels: Vec<Channel>,
    to: Vec<crate::mail::Address>,
    other_relay: Option<Relay>,
    after: Duration,
    canary: Duration,
}

/// The inner `None` where nobody is to be told.
pub(super) fn alarm(
    section: &Section<'_>,
    mailboxes: &[Placed<Mailbox>],
    are_tokens_kept: bool,
) -> Option<Option<Written>> {
    let webhook = webhook(section);
    let to = section.or("to", address_list, Vec::new());
    let after = section.or("after_seconds", flat_duration(1..=86_400, 1), Duration::from_secs(600));
    let canary = section.or("canary_minutes", flat_duration(0..=1440, 60), Duration::from_secs(3600));
    let relay = section
        .has("smtp")
        .then(|| servers::smtp(&section.table_within("smtp", SMTP), servers::ALARM_TOKENS, mailboxes, are_tokens_kept));
    section.finish();
    let (webhook, to, after, canary) = (webhook?, to?, after?, canary?);
    let other_relay = match relay {
        None => None,
        Some(relay) => Some(relay?),
    };
    if other_relay.is_some() && to.is_empty() {
        section.fault_of(
            "smtp",
            &said!("has nobody to write to", "n’a personne à qui écrire"),
            &said!("Add to = [\"on-call@example.com\"] to [alarm].", "Ajoutez to = [\"garde@example.com\"] à [alarm]."),
        );
        return None;
    }
    let channels: Vec<Channel> = webhook.into_iter().map(Channel::Webhook).collect();
    let is_told = !channels.is_empty() || !to.is_empty();
    Some(is_told.then_some(Written { channels, to, other_relay, after, canary }))
}

/// The address is a secret: whoever has it can post there.
fn webhook(section: &Section<'_>) -> Option<Option<WebAddress>> {
    let Some(written) = secret(section, &WEBHOOK)? else { return Some(None) };
    match WebAddress::parse(written.expose_secret(), "[alarm]") {
        Ok(address) => Some(Some(address)),
        Err(_) => {
            section.fault(
                &said!("webhook is no address that can be posted to", "webhook n’est pas une adresse où publier"),
                &said!(
                    "Write https://host/path, without a user in it; http:// is for this machine alone.",
                    "Écrivez https://hôte/chemin, sans utilisateur; http:// n’est que pour cette machine."
                ),
            );
            None
        }
    }
}

impl Written {
    /// What opens the other relay, where that is no password.
    pub(super) fn tokens(&self) -> Option<&Arc<Tokens>> {
        self.other_relay.as_ref()?.tokens.as_ref()
    }

    /// The alarm of a gateway with that relay and those tokens. By mail, both relays are used: one may be what is wrong.
    pub(super) fn meant(self, relay: &smtp::Settings, ends: &[End], tokens: &[Arc<Tokens>]) -> Alarm {
        let Written { mut channels, to, other_relay, after, canary } = self;
        if !to.is_empty() {
            let relays =
                [relay.clone()].into_iter().chain(other_relay.map(|Relay { settings: other, .. }| smtp::Settings {
                    helo: if other.helo.is_empty() { relay.helo.clone() } else { other.helo.clone() },
                    ..other
                }));
            channels.extend(relays.map(|relay| Channel::Mail { by: Transport::Smtp(relay), to: to.clone() }));
        }
        Alarm {
            channels,
            after,
            canary: (!canary.is_zero()).then_some(canary),
            ends: ends.to_vec(),
            tokens: tokens.to_vec(),
        }
    }
}

/// What the configuration says will end of those logins.
pub(super) fn ends(tokens: &[Arc<Tokens>]) -> Vec<End> {
    let mut ends = Vec::new();
    for account in tokens.iter().map(|tokens| tokens.account()) {
        ends.extend(account.secret_expires.and_then(|day| end_on(EndOf::Secret(account.name.clone()), day)));
        if let ClientProof::Certificate(signer) = &account.client
            && let Some(at) = signer.certificate().and_then(end_of_certificate)
        {
            ends.push(End { of: EndOf::ClientCertificate(account.name.clone()), at });
        }
    }
    ends
}

/// What ends as a day begins.
pub(super) fn end_on(of: EndOf, day: Date) -> Option<End> {
    let at = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(End { of, at })
}
