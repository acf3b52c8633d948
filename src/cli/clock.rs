//! `guichet clock`: what was promised of a ticket, and what of it has run.

use anyhow::Result;
use clap::Args;
use jiff::{SignedDuration, Timestamp};

use super::ticket::{no_ticket, reference};
use super::{Answer, Invocation, terminal};
use crate::desk::{Level, TicketNumber};
use crate::said;
use crate::view::clock::ClockShown;

/// The clocks of a ticket: what was promised, what of it has run, and when it is due
#[derive(Args)]
#[command(after_help = "Example:\n  guichet clock R-000123")]
pub(super) struct Arguments {
    /// The ticket: R-000123, or 123
    #[arg(value_name = "REF", value_parser = reference)]
    reference: TicketNumber,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) fn run(invocation: &Invocation, arguments: &Arguments) -> Result<Answer> {
    let Arguments { reference, json } = arguments;
    let clocks = invocation.with_store(async |store, config| {
        let shown = store.ticket(*reference).await?;
        Ok(shown.map(|shown| ClockShown::all(&shown.ticket, &config.policy, Timestamp::now())))
    })?;
    let Some(clocks) = clocks else {
        terminal::tell(&no_ticket(*reference));
        return Ok(Answer::No);
    };
    if *json {
        terminal::print_json(&clocks)?;
    } else if clocks.is_empty() {
        terminal::tell(&said!(
            "Nothing is promised of {reference}: [[target]] in the configuration says what is, in the hours of a [[calendar]].",
            "Rien n’est promis pour {reference}\u{a0}: [[target]] dans la configuration le dit, selon les heures d’un [[calendar]]."
        ));
    } else {
        terminal::print(clocks.iter().map(line).collect::<Vec<_>>().join("\n").as_str())?;
    }
    Ok(Answer::Done)
}

/// One clock in a line.
pub(super) fn line(clock: &ClockShown) -> String {
    let called = called(clock.clock, clock.party.as_deref());
    let (run, target) = (duration(clock.run_seconds), duration(clock.target_seconds));
    let mut said = said!(
        "{called}: {run} of {target} in the hours of {}",
        "{called}\u{a0}: {run} de {target} selon les heures de {}",
        terminal::safe_line(&clock.calendar)
    );
    if clock.paused_seconds > 0 {
        let paused = duration(clock.paused_seconds);
        said.push_str(&said!(", paused {paused}", ", {paused} en attente"));
    }
    said.push_str("; ");
    said.push_str(&why(clock));
    if clock.breached {
        said.push_str(&said!("; overdue", "; en retard"));
    }
    said
}

/// What a clock is called, and what it waits for: `tto (first answer)`.
pub(super) fn called(word: &str, party: Option<&str>) -> String {
    let is_team = party.is_some_and(|party| party.parse::<Level>().is_ok());
    let waits_for = match word {
        "tto" => said!("first answer", "première réponse"),
        "ttr" => said!("solution", "résolution"),
        "tnr" => said!("next answer", "réponse suivante"),
        _ if is_team => said!("taken up by the team", "prise en charge par l’équipe"),
        _ => said!("answer of the vendor", "réponse du fournisseur"),
    };
    format!("{} ({waits_for})", name(word, party))
}

/// What a clock is called: its word, and whose it is.
pub(super) fn name(word: &str, party: Option<&str>) -> String {
    party.map_or_else(|| word.to_owned(), |party| format!("{word} {}", terminal::safe_line(party)))
}

/// Why it runs or does not.
fn why(clock: &ClockShown) -> String {
    match (clock.state, clock.due_at, clock.goes_on_at) {
        ("paused", ..) => said!("the ticket waits", "le billet attend"),
        ("stopped", ..) => said!("stopped", "arrêtée"),
        (_, Some(due), Some(opening)) => said!(
            "nobody works until {}, due {}",
            "personne ne travaille avant {}, échéance {}",
            terminal::moment(opening),
            terminal::moment(due)
        ),
        (_, Some(due), None) => said!("runs, due {}", "court, échéance {}", terminal::moment(due)),
        (_, None, _) => said!(
            "runs; its calendar {:?} is not in the configuration",
            "court; son calendrier {:?} n’est pas dans la configuration",
            clock.calendar
        ),
    }
}

/// `2 h 05 min 07 s`: business time, of which no day has 24 hours.
pub(super) fn duration(seconds: i64) -> String {
    let duration = SignedDuration::from_secs(seconds);
    let (hours, minutes, seconds) = (duration.as_hours(), duration.as_mins() % 60, duration.as_secs() % 60);
    match (hours, seconds) {
        (0, 0) => format!("{minutes} min"),
        (0, _) => format!("{minutes} min {seconds:02} s"),
        (_, 0) => format!("{hours} h {minutes:02} min"),
        (..) => format!("{hours} h {minutes:02} min {seconds:02} s"),
    }
}
