//! `guichet status`: who serves, what is at work, what waits and why.

use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::outbox;
use super::{Answer, Invocation, terminal, zones};
use crate::config::zones::{Editions, editions};
use crate::said;
use crate::store::{DeliveryLine, Serving};
use crate::view::{self, Service};

/// Who serves, what is at work, what waits and since when
#[derive(Args)]
#[command(after_help = "Example:\n  guichet status --json")]
pub(super) struct Arguments {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Exit 1 unless `/healthz` would answer 200
    #[arg(long)]
    healthy: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document<S> {
    #[serde(flatten)]
    service: S,
    time_zones: &'static Editions,
}

pub(super) fn run(invocation: &Invocation, arguments: &Arguments) -> Result<Answer> {
    let now = Timestamp::now();
    let service = invocation.with_store(async |store, config| {
        let [names, junk] = [&config.mailboxes, &config.junk]
            .map(|watched| watched.iter().map(|mailbox| mailbox.imap.name.as_str()).collect::<Vec<_>>());
        let sent = config.sent.as_ref().map(|sent| sent.imap.name.as_str());
        Service::read(store, &names, &junk, sent, now).await
    })?;
    let is_healthy = service.is_healthy();
    match arguments.json {
        true => terminal::print_json(&Document { service: service.document(), time_zones: editions() })?,
        false => terminal::print(&page(&service))?,
    }
    Ok(if arguments.healthy && !is_healthy { Answer::No } else { Answer::Done })
}

fn page(service: &Service) -> String {
    let mut lines = vec![serving(service)];
    lines.extend(service.status.mailboxes.iter().flat_map(mailbox));
    lines.extend(service.status.restored.iter().map(|told| terminal::safe_line(told)));
    lines.push(tickets(&service.at_work.tickets));
    lines.extend(mails(&service.status));
    lines.extend(letters(service));
    lines.extend(service.status.sent.iter().flat_map(copies));
    let zones = zones::told(editions());
    lines.push(said!("time zones: {zones}", "fuseaux horaires\u{a0}: {zones}"));
    lines.join("\n") + "\n"
}

fn serving(service: &Service) -> String {
    match (&service.at_work.serving, service.last_exchange) {
        (Serving::One, _) => said!("a gateway serves", "une passerelle est en service"),
        (Serving::Sharing(gateways), _) => {
            let by: Vec<_> = gateways.iter().map(|(mailbox, gateway)| format!("{mailbox} ({gateway})")).collect();
            let by = by.join(", ");
            said!("gateways serve: {by}", "passerelles en service\u{a0}: {by}")
        }
        (Serving::Nobody, None) => said!(
            "nobody serves, and nobody has yet: `guichet serve` does",
            "aucun service en marche, ni jusqu’ici\u{a0}: «\u{a0}guichet serve\u{a0}» le démarre"
        ),
        (Serving::Nobody, Some(since)) => {
            let since = terminal::moment(since);
            said!(
                "nobody serves since about {since}: `guichet serve` does",
                "aucun service en marche depuis environ {since}\u{a0}: «\u{a0}guichet serve\u{a0}» le démarre"
            )
        }
    }
}

fn mailbox(mailbox: &view::MailboxStatus) -> Vec<String> {
    let (name, state) = (&mailbox.name, terminal::safe_line(&mailbox.state));
    let heard = match mailbox.last_exchange_seconds {
        Some(seconds) => said!("last heard of {seconds} s ago", "dernière réponse il y a {seconds}\u{a0}s"),
        None => said!("never heard of", "aucune réponse jusqu’ici"),
    };
    let mut lines = vec![said!("mailbox {name}: {state}, {heard}", "boîte {name}\u{a0}: {state}, {heard}")];
    if mailbox.waiting > 0 {
        let waiting = terminal::count(mailbox.waiting);
        lines.push(said!(
            "    in the folder and not taken in yet: {waiting}",
            "    dans le dossier et pas encore enregistrés\u{a0}: {waiting}"
        ));
    }
    lines.extend(mailbox.trouble.iter().map(|trouble| format!("    {}", terminal::safe_line(trouble))));
    lines
}

fn tickets(counts: &[(String, String, u64)]) -> String {
    if counts.is_empty() {
        return said!("no active ticket", "aucun billet actif");
    }
    let total = terminal::count(counts.iter().map(|(_, _, count)| count).sum());
    let parts: Vec<_> =
        counts.iter().map(|(level, state, count)| format!("{level} {state} {}", terminal::count(*count))).collect();
    let parts = parts.join(", ");
    said!("active tickets: {total} ({parts})", "billets actifs\u{a0}: {total} ({parts})")
}

fn mails(status: &view::Status) -> Vec<String> {
    let pending = terminal::count(status.inbox_pending);
    let quarantined = terminal::count(status.quarantined);
    let since = since(status.inbox_pending, status.oldest_unhandled_seconds);
    let look = match status.quarantined {
        0 => String::new(),
        _ => said!(
            ": `guichet ledger --outcome quarantine`",
            "\u{a0}: «\u{a0}guichet ledger --outcome quarantine\u{a0}»"
        ),
    };
    let mut lines = vec![
        said!("mails that wait for their decision: {pending}{since}", "courriels à traiter\u{a0}: {pending}{since}"),
        said!("mails in quarantine: {quarantined}{look}", "courriels en quarantaine\u{a0}: {quarantined}{look}"),
    ];
    if status.junk > 0 {
        let junk = terminal::count(status.junk);
        lines.push(said!("mails taken for junk: {junk}", "courriels pris pour indésirables\u{a0}: {junk}"));
    }
    lines
}

fn letters(service: &Service) -> Vec<String> {
    let status = &service.status;
    let pending = terminal::count(status.outbox_pending);
    let age = since(status.outbox_pending, status.oldest_unsent_seconds);
    let mut lines =
        vec![said!("letters that are yet to leave: {pending}{age}", "lettres à envoyer\u{a0}: {pending}{age}")];
    if let Some(since) = status.held_since {
        let since = terminal::moment(since);
        lines.push(said!(
            "    nothing leaves since {since}: `guichet outbox resume`",
            "    rien ne part depuis {since}\u{a0}: «\u{a0}guichet outbox resume\u{a0}»"
        ));
    } else if let (Some(told), Some(since)) = (&status.outbox_held_by, status.outbox_held_by_since) {
        let (told, since) = (terminal::safe_line(told), terminal::moment(since));
        lines.push(said!(
            "    letters wait since {since}: {told}",
            "    les lettres attendent depuis {since}\u{a0}: {told}"
        ));
    } else if status.outbox_pending > 0 && service.at_work.serving == Serving::Nobody {
        lines.push(said!("    they wait for a gateway", "    elles attendent une passerelle"));
    }
    let held = terminal::count(status.outbox_held);
    lines.push(said!("letters that are held: {held}", "lettres retenues\u{a0}: {held}"));
    if !status.brakes.is_empty() {
        let brakes: Vec<_> = status.brakes.iter().map(|(brake, count)| format!("{brake} {count}")).collect();
        let brakes = brakes.join(", ");
        lines.push(said!("    by a brake: {brakes}", "    par un frein\u{a0}: {brakes}"));
    }
    lines.extend(service.held.iter().map(letter));
    let tripped: Vec<_> = status.brakes_tripped.iter().filter(|(_, count)| **count > 0).collect();
    if !tripped.is_empty() {
        let tripped: Vec<_> = tripped.iter().map(|(brake, count)| format!("{brake} {count}")).collect();
        let tripped = tripped.join(", ");
        lines.push(said!(
            "brakes that tripped in the last day: {tripped}",
            "freins déclenchés depuis un jour\u{a0}: {tripped}"
        ));
    }
    if status.silenced > 0 {
        let silenced = terminal::count(status.silenced);
        lines.push(said!(
            "addresses that complained, and get no automatic letter: {silenced}: `guichet outbox silenced`",
            "adresses qui se sont plaintes, sans lettre automatique\u{a0}: {silenced}\u{a0}: «\u{a0}guichet outbox silenced\u{a0}»"
        ));
    }
    let failed = terminal::count(service.at_work.failed);
    lines.push(said!(
        "letters that failed in the last 14 days: {failed}",
        "lettres échouées depuis 14 jours\u{a0}: {failed}"
    ));
    lines.extend(service.failed.iter().map(letter));
    lines
}

fn copies(sent: &view::SentStatus) -> Vec<String> {
    let waiting = terminal::count(sent.waiting);
    let mut lines = vec![said!(
        "copies that are yet to lie in the folder for sent mail: {waiting}",
        "copies à mettre dans le dossier des messages envoyés\u{a0}: {waiting}"
    )];
    lines.extend(sent.trouble.iter().map(|trouble| format!("    {}", terminal::safe_line(trouble))));
    lines
}

fn letter(line: &DeliveryLine) -> String {
    let reason = outbox::reason(line).unwrap_or_default();
    let told = format!("    {} {} {}: {reason}", line.id.0, line.purpose.name(), line.recipient);
    terminal::safe_line(&told)
}

fn since(count: u64, seconds: i64) -> String {
    match count {
        0 => String::new(),
        _ => said!(", the oldest for {seconds} s", ", la plus ancienne attente\u{a0}: {seconds}\u{a0}s"),
    }
}
