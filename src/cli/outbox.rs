//! `guichet outbox`: letters that have not left.

use anyhow::Result;
use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::list::{self, Extent, Part};
use super::{Answer, Invocation, terminal};
use crate::config::Config;
use crate::mail::Address;
use crate::said;
use crate::store::{DeliveryId, DeliveryLine, DeliveryState, Dropped, Hindrance, Serving, Store};
use crate::view::delivery::{self, FAILED_SHOWN};

/// Letters that have not left: list them, try again, give up, stop all sending
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  guichet outbox list
  guichet outbox explain 17
  guichet outbox retry --failed
  guichet outbox hold-all")]
pub(super) enum Command {
    /// List deliveries that have not succeeded; failed ones of the last 14 days
    #[command(after_help = "Example:\n  guichet outbox list --limit 200 --json")]
    List {
        #[command(flatten)]
        extent: Extent,
        /// Print one JSON document, of all unless there is a --limit
        #[arg(long)]
        json: bool,
    },
    /// Try deliveries at once, also such that were held or have failed
    #[command(after_help = "Examples:\n  guichet outbox retry 17 18\n  guichet outbox retry --failed")]
    Retry {
        /// Their numbers in the list
        #[arg(value_name = "ID", required_unless_present = "failed")]
        ids: Vec<i64>,
        /// All that failed in the last 14 days, save those that were dropped
        #[arg(long, conflicts_with = "ids")]
        failed: bool,
    },
    /// Give deliveries up
    #[command(after_help = "Example:\n  guichet outbox drop 17 18")]
    Drop {
        /// Their numbers in the list
        #[arg(value_name = "ID", required = true)]
        ids: Vec<i64>,
    },
    /// Say why a delivery has not left, and when it is tried next
    #[command(after_help = "Example:\n  guichet outbox explain 17")]
    Explain {
        /// Its number in the list
        id: i64,
    },
    /// List whom no automatic letter goes to because they marked one as junk, or let such letters go again
    #[command(after_help = "Examples:\n  guichet outbox silenced\n  guichet outbox silenced --lift marie@example.com")]
    Silenced {
        /// Let automatic letters go to this address again
        #[arg(long, value_name = "ADDRESS")]
        lift: Option<Address>,
        /// Print one JSON document
        #[arg(long, conflicts_with = "lift")]
        json: bool,
    },
    /// Stop all sending until `resume`; mail is still taken in
    #[command(after_help = "Example:\n  guichet outbox hold-all")]
    HoldAll,
    /// Send again
    #[command(after_help = "Example:\n  guichet outbox resume --drop-automatic")]
    Resume {
        /// Discard the automatic letters that wait; people's words leave
        #[arg(long)]
        drop_automatic: bool,
    },
}

pub(super) fn run(invocation: &Invocation, command: &Command) -> Result<Answer> {
    let now = Timestamp::now();
    let order = async |store: &Store, config: &Config| match command {
        Command::List { extent, json } => list(store, now, extent, *json).await,
        Command::Retry { failed: true, .. } => retry_failed(store, now).await,
        Command::Retry { ids, failed: false } => {
            let retried = async |id| store.outbox_retry(id, now).await;
            each(ids, retried, |id| said!("Delivery {id} is tried at once.", "L’envoi {id} est tenté tout de suite."))
                .await
        }
        Command::Drop { ids } => {
            let dropped = async |id| store.outbox_drop(id, now).await;
            each(ids, dropped, |id| said!("Delivery {id} is given up.", "L’envoi {id} est abandonné.")).await
        }
        Command::Explain { id } => explain(store, config, DeliveryId(*id), now).await,
        Command::Silenced { lift: Some(address), .. } => lift(store, address).await,
        Command::Silenced { lift: None, json } => silenced(store, *json).await,
        Command::HoldAll => hold_all(store, now).await,
        Command::Resume { drop_automatic } => resume(store, *drop_automatic, now).await,
    };
    match command {
        // On the first day nothing is to leave before the service has made the store.
        Command::HoldAll => invocation.with_store_to_write(order),
        _ => invocation.with_store(order),
    }
}

async fn silenced(store: &Store, json: bool) -> Result<Answer> {
    let silenced = store.silenced().await?;
    if json {
        let document = |(address, since): &(Address, Timestamp)| json!({ "address": address, "since": since });
        terminal::print_json(&silenced.iter().map(document).collect::<Value>())?;
    } else {
        let row = |(address, since): &(Address, Timestamp)| [address.to_string(), terminal::moment(*since)];
        let title = [said!("ADDRESS", "ADRESSE"), said!("SINCE", "DEPUIS")];
        terminal::print(&terminal::table(title, silenced.iter().map(row)))?;
    }
    Ok(Answer::Done)
}

async fn lift(store: &Store, address: &Address) -> Result<Answer> {
    let is_lifted = store.lift_silence(address).await?;
    terminal::tell(&if is_lifted {
        said!("Automatic letters go to {address} again.", "Les lettres automatiques vont de nouveau à {address}.")
    } else {
        said!("{address} is not silenced.", "{address} n’est pas réduite au silence.")
    });
    Ok(if is_lifted { Answer::Done } else { Answer::No })
}

async fn hold_all(store: &Store, now: Timestamp) -> Result<Answer> {
    store.outbox_hold_all(now).await?;
    terminal::tell(&said!(
        "Nothing leaves until `guichet outbox resume`.",
        "Rien ne part avant «\u{a0}guichet outbox resume\u{a0}»."
    ));
    Ok(Answer::Done)
}

/// What cannot be done with one keeps none of the others.
async fn each(
    ids: &[i64],
    order: impl AsyncFn(DeliveryId) -> Result<()>,
    done: impl Fn(i64) -> String,
) -> Result<Answer> {
    let mut answer = Answer::Done;
    for id in ids {
        match order(DeliveryId(*id)).await {
            Ok(()) => terminal::tell(&done(*id)),
            Err(error) => {
                terminal::tell(&format!("guichet: {error:#}"));
                answer = Answer::No;
            }
        }
    }
    Ok(answer)
}

async fn retry_failed(store: &Store, now: Timestamp) -> Result<Answer> {
    let count = terminal::count(store.outbox_retry_failed(now - FAILED_SHOWN, now).await?);
    terminal::tell(&said!(
        "Failed deliveries of the last 14 days that are tried at once: {count}.",
        "Envois échoués des 14 derniers jours qui sont tentés tout de suite\u{a0}: {count}."
    ));
    Ok(Answer::Done)
}

async fn resume(store: &Store, drop_automatic: bool, now: Timestamp) -> Result<Answer> {
    let dropped = if drop_automatic { Dropped::AutomaticLetters } else { Dropped::Nothing };
    let count = terminal::count(store.outbox_resume(dropped, now).await?);
    terminal::tell(&said!(
        "Letters leave again; automatic ones that were discarded: {count}.",
        "Les lettres partent de nouveau; lettres automatiques supprimées\u{a0}: {count}."
    ));
    Ok(Answer::Done)
}

/// Says that an operator stopped all sending.
fn stopped(since: Timestamp) -> String {
    let since = terminal::moment(since);
    said!(
        "Nothing leaves since {since}: `guichet outbox resume` lets letters go again.",
        "Rien ne part depuis {since}\u{a0}: «\u{a0}guichet outbox resume\u{a0}» laisse repartir les lettres."
    )
}

async fn list(store: &Store, now: Timestamp, extent: &Extent, json: bool) -> Result<Answer> {
    let failed_since = now - FAILED_SHOWN;
    let lines = async |before, limit| store.unsent_page(failed_since, before, limit).await;
    if json {
        list::print_json(extent, async |before, limit| Ok(part(&lines(before, limit).await?, delivery::document)))
            .await?;
        return Ok(Answer::Done);
    }
    if let Some(since) = store.outbox_held_since().await? {
        terminal::tell(&stopped(since));
    }
    let count = async || store.count_unsent(failed_since).await.map(Some);
    let rows = async |before, limit| Ok(part(&lines(before, limit).await?, row));
    list::print_table(extent, header(), rows, count).await?;
    Ok(Answer::Done)
}

fn part<R>(lines: &[DeliveryLine], row: impl Fn(&DeliveryLine) -> R) -> Part<R, DeliveryId> {
    (lines.iter().map(row).collect(), lines.last().map(|line| line.id))
}

fn header() -> [String; 8] {
    [
        said!("ID", "ID"),
        said!("TICKET", "BILLET"),
        said!("LETTER", "LETTRE"),
        said!("TO", "À"),
        said!("STATE", "ÉTAT"),
        said!("ATTEMPTS", "ESSAIS"),
        said!("NEXT", "PROCHAIN ESSAI"),
        said!("WHY", "POURQUOI"),
    ]
}

fn row(line: &DeliveryLine) -> [String; 8] {
    let next = match line.state {
        DeliveryState::Due | DeliveryState::InDoubt => terminal::moment(line.due_at),
        DeliveryState::Sent | DeliveryState::Failed | DeliveryState::Held => String::new(),
    };
    [
        line.id.0.to_string(),
        line.ticket.map(|ticket| ticket.to_string()).unwrap_or_default(),
        line.purpose.name().to_owned(),
        line.recipient.to_string(),
        line.state.word().to_owned(),
        line.attempts.to_string(),
        next,
        reason(line).unwrap_or_default(),
    ]
}

/// Why it has not left, as a sentence or in the relay's words.
pub(super) fn reason(line: &DeliveryLine) -> Option<String> {
    match (line.state, line.brake.as_deref()) {
        (DeliveryState::Held, Some("correspondent")) => Some(said!(
            "a brake: too many automatic letters to this address in an hour (acknowledgements_per_address_per_hour)",
            "un frein\u{a0}: trop de lettres automatiques à cette adresse en une heure (acknowledgements_per_address_per_hour)"
        )),
        (DeliveryState::Held, Some("ticket")) => Some(said!(
            "a brake: too many automatic letters on this ticket in a day (automatic_letters_per_ticket_per_day)",
            "un frein\u{a0}: trop de lettres automatiques sur ce billet en un jour (automatic_letters_per_ticket_per_day)"
        )),
        (DeliveryState::Held, Some("complaint")) => Some(said!(
            "a brake: this address marked a letter of ours as junk (`guichet outbox silenced`)",
            "un frein\u{a0}: cette adresse a marqué une de nos lettres comme indésirable («\u{a0}guichet outbox silenced\u{a0}»)"
        )),
        (DeliveryState::Held, Some("form")) => Some(said!(
            "a brake: too many acknowledgements by one form in an hour (acknowledgements_per_hour)",
            "un frein\u{a0}: trop d’accusés par un même formulaire en une heure (acknowledgements_per_hour)"
        )),
        (DeliveryState::Held, _) => {
            Some(said!("it waits for you: retry or drop", "elle attend votre décision\u{a0}: retry ou drop"))
        }
        _ => line.last_reply.clone(),
    }
}

async fn explain(store: &Store, config: &Config, id: DeliveryId, now: Timestamp) -> Result<Answer> {
    let Some(line) = store.delivery(id).await? else {
        let id = id.0;
        terminal::tell(&said!("There is no delivery {id}.", "Il n’y a pas d’envoi {id}."));
        return Ok(Answer::No);
    };
    let waits = matches!(line.state, DeliveryState::Due | DeliveryState::InDoubt);
    let mut page = heading(&line);
    let mut hindrances = store.hindrances().await?;
    hindrances.retain(|one| waits && one.keeps(line.return_path.as_ref()) && !one.is_overdue(now));
    match hindrances.first() {
        Some(hindrance) => page.extend(what_keeps_it(&line, hindrance, now)),
        None => page.extend([next_step(&line, now)].into_iter().chain(tries(&line, config))),
    }
    if waits {
        page.extend(store.outbox_held_since().await?.map(stopped));
        if store.at_work(now).await?.serving == Serving::Nobody {
            page.push(said!(
                "Nobody serves: letters leave while `guichet serve` runs.",
                "Aucun service en marche\u{a0}: les lettres partent pendant que «\u{a0}guichet serve\u{a0}» tourne."
            ));
        }
    }
    page.iter().try_for_each(|sentence| terminal::print(sentence))?;
    Ok(Answer::Done)
}

fn heading(line: &DeliveryLine) -> Vec<String> {
    let (letter, to, made) = (line.purpose.name(), &line.recipient, terminal::moment(line.created_at));
    let on = line.ticket.map(|ticket| format!(" {ticket}")).unwrap_or_default();
    vec![said!(
        "Letter {letter}{on} to {to}, written {made}: {}",
        "Lettre {letter}{on} à {to}, écrite le {made}\u{a0}: {}",
        line.state.word()
    )]
}

/// Nothing is wrong with the letter: what it waits for with others, since when, what to do, when that is tried next.
fn what_keeps_it(line: &DeliveryLine, hindrance: &Hindrance, now: Timestamp) -> Vec<String> {
    let (since, cause) = (terminal::moment(hindrance.since), terminal::safe_line(&hindrance.cause));
    let waits = match hindrance.return_path.as_deref() {
        None => said!(
            "It waits since {since}, as all letters do: {cause}.",
            "Elle attend depuis {since}, comme toutes les lettres\u{a0}: {cause}."
        ),
        Some("") => said!(
            "It waits since {since}, as all letters without a return path (<>) do: {cause}.",
            "Elle attend depuis {since}, comme toutes les lettres sans adresse de retour (<>)\u{a0}: {cause}."
        ),
        Some(path) => said!(
            "It waits since {since}, as all letters from {path} do: {cause}.",
            "Elle attend depuis {since}, comme toutes les lettres de {path}\u{a0}: {cause}."
        ),
    };
    let id = line.id.0;
    let next = if hindrance.next_try > now {
        let next = terminal::moment(hindrance.next_try);
        said!(
            "Whether that is over is tried at {next}, and then letters leave in order; `guichet outbox retry {id}` tries now.",
            "Si c’est fini, on le saura à {next}, et les lettres partiront dans l’ordre; «\u{a0}guichet outbox retry {id}\u{a0}» essaie maintenant."
        )
    } else {
        said!("Whether that is over is being tried now.", "Si c’est fini, on l’essaie en ce moment.")
    };
    vec![waits, hindrance.remedy.clone(), next]
}

/// How it was tried, and how long it will be.
fn tries(line: &DeliveryLine, config: &Config) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(reply) = &line.last_reply {
        let (reply, attempts) = (terminal::safe_line(reply), line.attempts);
        told.push(said!(
            "Attempts: {attempts}. The relay said last: {reply}",
            "Essais\u{a0}: {attempts}. Dernière réponse du relais\u{a0}: {reply}"
        ));
    }
    let waits = matches!(line.state, DeliveryState::Due | DeliveryState::InDoubt);
    let end = line.first_tried_at.and_then(|first| {
        let give_up = SignedDuration::try_from(config.sending.give_up).ok()?;
        first.checked_add(give_up).ok().map(|end| (terminal::moment(first), terminal::moment(end)))
    });
    if waits && let Some((first, end)) = end {
        told.push(said!(
            "Tried first {first}; what has not left by {end} is given up, and an agent is told (give_up_hours).",
            "Premier essai le {first}; ce qui n’est pas parti le {end} est abandonné, et un agent le sait (give_up_hours)."
        ));
    }
    told
}

/// What happens with it next, and when.
fn next_step(line: &DeliveryLine, now: Timestamp) -> String {
    let (id, due) = (line.id.0, terminal::moment(line.due_at));
    let finished = line.finished_at.map(terminal::moment).unwrap_or_default();
    match line.state {
        DeliveryState::Sent => said!("The relay took it {finished}.", "Le relais l’a acceptée le {finished}."),
        DeliveryState::Failed => said!(
            "It was given up {finished} and is not tried again: once what the relay says below is mended, `guichet outbox retry {id}` tries it at once.",
            "Abandonnée le {finished}, elle n’est plus tentée\u{a0}: une fois réparé ce que le relais dit ci-dessous, «\u{a0}guichet outbox retry {id}\u{a0}» la tente tout de suite."
        ),
        DeliveryState::Held => {
            let reason = reason(line).unwrap_or_default();
            said!(
                "Held, {reason}. `guichet outbox retry {id}` sends it, `guichet outbox drop {id}` gives it up.",
                "Retenue, {reason}. «\u{a0}guichet outbox retry {id}\u{a0}» l’envoie, «\u{a0}guichet outbox drop {id}\u{a0}» l’abandonne."
            )
        }
        _ if line.lease_until.is_some_and(|until| until > now) => {
            said!("It is being handed to the relay now.", "Elle est en cours de remise au relais.")
        }
        DeliveryState::InDoubt => said!(
            "It was handed over and the answer was lost: the same letter leaves once more at {due}.",
            "Elle a été remise et la réponse s’est perdue\u{a0}: la même lettre repart à {due}."
        ),
        DeliveryState::Due if line.due_at <= now => {
            said!("It leaves as soon as it can.", "Elle part dès que possible.")
        }
        DeliveryState::Due => said!("It is tried next at {due}.", "Prochain essai à {due}."),
    }
}
