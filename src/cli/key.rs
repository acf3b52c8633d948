//! `guichet key`: the keys that sign our letters.

use anyhow::Result;
use clap::Subcommand;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Answer, Invocation, terminal};
use crate::said;
use crate::store::{KeyLine, Retired};

/// Keys that sign the tokens in our letters: an answer opens its ticket by them
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  guichet key list
  guichet key rotate
  guichet key retire 1")]
pub(super) enum Command {
    /// List them, the one that signs first
    #[command(after_help = "Example:\n  guichet key list --json")]
    List {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Make the key that signs from now on; letters of older ones stay good
    #[command(after_help = "Example:\n  guichet key rotate")]
    Rotate,
    /// Let the letters of a key open nothing any more, as where somebody has seen it
    #[command(after_help = "\
Example:
  guichet key retire 1

Whoever answers such a letter is served as if it bore no token: a requester by their own thread, else by a new ticket; an
agent's mail waits in quarantine, and the agent is told. The key that signs is retired once another one was made.")]
    Retire {
        /// Its number, as `guichet key list` tells it
        id: u32,
    },
}

pub(super) fn run(invocation: &Invocation, command: &Command) -> Result<Answer> {
    match *command {
        Command::List { json } => invocation.with_store(async |store, _| {
            let keys = store.keys().await?;
            if json {
                terminal::print_json(&keys.iter().map(document).collect::<Value>())?;
            } else {
                list(&keys)?;
            }
            Ok(Answer::Done)
        }),
        Command::Rotate => invocation.with_store_to_write(async |store, _| {
            let id = store.rotate_key(Timestamp::now()).await?;
            terminal::tell(&said!(
                "Key {id} signs from now on. Letters of older keys stay good until each is retired.",
                "La clé {id} signe désormais. Les lettres des clés plus anciennes restent valables jusqu’au retrait de chacune."
            ));
            Ok(Answer::Done)
        }),
        Command::Retire { id } => invocation.with_store_to_write(async |store, _| {
            let (answer, told) = match store.retire_key(id, Timestamp::now()).await? {
                Retired::Done => (
                    Answer::Done,
                    said!("Letters of key {id} open nothing any more.", "Les lettres de la clé {id} n’ouvrent plus rien."),
                ),
                Retired::Already => (
                    Answer::Done,
                    said!("Key {id} was retired before.", "La clé {id} était déjà retirée."),
                ),
                Retired::Signs => (
                    Answer::No,
                    said!(
                        "Key {id} signs what leaves: make another one first, with `guichet key rotate`.",
                        "La clé {id} signe ce qui part\u{a0}: faites-en d’abord une autre, avec `guichet key rotate`."
                    ),
                ),
                Retired::Unknown => (
                    Answer::No,
                    said!(
                        "There is no key {id}: `guichet key list` tells which there are.",
                        "Il n’y a pas de clé {id}\u{a0}: `guichet key list` dit lesquelles existent."
                    ),
                ),
            };
            terminal::tell(&told);
            Ok(answer)
        }),
    }
}

fn state(key: &KeyLine) -> &'static str {
    match key {
        KeyLine { signs: true, .. } => "signs",
        KeyLine { retired_at: Some(_), .. } => "retired",
        KeyLine { .. } => "verifies",
    }
}

fn document(key: &KeyLine) -> Value {
    json!({
        "id": key.id,
        "state": state(key),
        "created_at": key.created_at.to_string(),
        "retired_at": key.retired_at.map(|at| at.to_string()),
    })
}

fn list(keys: &[KeyLine]) -> Result<()> {
    let title = [said!("KEY", "CLÉ"), said!("STATE", "ÉTAT"), said!("MADE", "CRÉÉE"), said!("RETIRED", "RETIRÉE")];
    let row = |key: &KeyLine| {
        let state = match state(key) {
            "signs" => said!("signs", "signe"),
            "retired" => said!("retired", "retirée"),
            _ => said!("verifies", "vérifie"),
        };
        [
            key.id.to_string(),
            state,
            terminal::moment(key.created_at),
            key.retired_at.map(terminal::moment).unwrap_or_default(),
        ]
    };
    terminal::print(&terminal::table(title, keys.iter().map(row)))
}
