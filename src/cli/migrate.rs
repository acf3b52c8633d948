//! `guichet migrate`: brings the tables of the store up to date, as `serve` does when it starts.

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Answer, Invocation, run_async, terminal};
use crate::said;
use crate::store::{Step, Store};

/// Bring the store's tables up to date, as `serve` does when it starts; stop the service first
#[derive(Args)]
#[command(after_help = "Example:\n  guichet migrate --config /etc/guichet/guichet.toml")]
pub(super) struct Arguments {}

/// A change that takes longer shows that it goes on.
const TICK: Duration = Duration::from_millis(500);

pub(super) fn run(invocation: &Invocation, _: &Arguments) -> Result<Answer> {
    let config = invocation.configuration()?;
    let mut steps = 0;
    let mut going_on = None;
    run_async(Store::migrate(&config.store, &mut |step| match step {
        Step::Begins { name, at, of } => {
            steps += 1;
            terminal::tell(&said!("{at} of {of}: {name}", "{at} de {of} : {name}"));
            going_on = std::io::stderr().is_terminal().then(spinner);
        }
        Step::Done { took } => {
            drop(going_on.take());
            if took >= TICK {
                terminal::tell(&said!("    took {:.1} s", "    en {:.1} s", took.as_secs_f64()));
            }
        }
    }))?;
    terminal::print(&match steps {
        0 => said!(
            "Nothing is to be done: the tables are those of this guichet.",
            "Il n’y a rien à faire : les tables sont celles de ce guichet."
        ),
        _ => said!(
            "The tables are those of this guichet now; changes made: {steps}.",
            "Les tables sont maintenant celles de ce guichet; modifications faites : {steps}."
        ),
    })?;
    Ok(Answer::Done)
}

fn spinner() -> ProgressBar {
    let style =
        ProgressStyle::with_template("    {spinner} {elapsed}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    let spinner = ProgressBar::new_spinner().with_style(style);
    spinner.enable_steady_tick(TICK);
    spinner
}
