//! `guichet check`: tries what `guichet serve` does, and says what to do about each fault.
//!
//! Everything is tried at once, each thing for at most [`LIMIT`], and told in one order, whichever is ready first.
//! Nothing that was tried stays: no letter is sent, no mail is touched, a folder that was made is deleted again.

mod agents;
mod alarm;
mod authors;
mod barriers;
mod clock;
mod dkim;
mod domains;
mod ends;
mod http;
mod lmtp;
mod mailbox;
mod names;
mod old_mail;
mod people;
mod promises;
mod relay;
mod secrets;
mod sent;
mod store;
mod watcher;
mod words;

use std::time::Duration;

use anyhow::Result;
use clap::{Args, Subcommand};
use futures_util::StreamExt;
use futures_util::future::{FutureExt, LocalBoxFuture};
use futures_util::stream::FuturesOrdered;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Answer, Invocation, open, run_async, terminal};
use crate::config::Config;
use crate::gateway::AuthenticationBy;
use crate::net::{Bearer, Login, Moment, Obstacle, What};
use crate::oauth::Account;
use crate::said;
use crate::store::is_served;

/// Try everything that the configuration names; one line each, exit 1 if anything is wrong
#[derive(Args)]
#[command(after_help = "\
Examples:
  guichet check --config /etc/guichet/guichet.toml
  guichet check --json
  guichet check agents
  guichet check alarm")]
pub(super) struct Arguments {
    /// Print one JSON document: [{what, ok, found | problem, remedy}]
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    what: Option<OnRequest>,
}

/// What sends something, and is not tried unasked.
#[derive(Subcommand)]
enum OnRequest {
    /// Send each agent one letter to answer with #help; once it is answered, tell whose answer was believed
    #[command(after_help = "\
Examples:
  guichet check agents             letters to those who have none yet; what came of the others
  guichet check agents --again     letters to all")]
    Agents {
        /// Send a letter to those who had one, too
        #[arg(long)]
        again: bool,
        /// Print one JSON document: [{what, ok, found | problem, remedy}]
        #[arg(long)]
        json: bool,
    },
    /// Send one message over each channel of [alarm]
    #[command(after_help = "Example:\n  guichet check alarm")]
    Alarm {
        /// Print one JSON document: [{what, ok, found | problem, remedy}]
        #[arg(long)]
        json: bool,
    },
}

/// Nothing may keep the operator waiting for longer, however silent it is.
const LIMIT: Duration = Duration::from_secs(10);
/// So long a mail server may be silent, so that what is silent is told before the time is up.
const ANSWER_LIMIT: Duration = Duration::from_secs(9);
/// Where some token server says nothing, another one has so long for its answer.
const TOKEN_LIMIT: Duration = Duration::from_secs(3);

/// What one thing was found to be, or why it does not work and what to do.
type Finding = Result<String, Fault>;

struct Fault {
    problem: String,
    remedy: String,
}

/// One line of the answer: what was tried, and what came of it.
struct Line {
    what: String,
    finding: Finding,
    /// Not where it says what was not tried, and why.
    is_tried: bool,
}

/// What is tried beside all others. Things that stand on one another are one trial of several lines.
type Trial<'a> = LocalBoxFuture<'a, Vec<Line>>;

pub(super) fn run(invocation: &Invocation, arguments: &Arguments) -> Result<Answer> {
    let (lines, json) = match arguments.what {
        None => return everything(&invocation.configuration()?, arguments.json),
        Some(OnRequest::Agents { again, json }) => {
            let lines = invocation.with_store_to_write(async |store, config| agents::of(config, store, again).await);
            (lines?, json)
        }
        Some(OnRequest::Alarm { json }) => {
            let lines = invocation
                .with_store_to_write(async |store, config| Ok(alarm::tried(config, store.keyring().instance()).await));
            (lines?, json)
        }
    };
    if !json {
        lines.iter().try_for_each(|line| terminal::print(&line.text()))?;
    }
    answer(&lines, json)
}

fn answer(lines: &[Line], json: bool) -> Result<Answer> {
    if json {
        terminal::print_json(&lines.iter().map(Line::json).collect::<Vec<_>>())?;
    }
    Ok(if lines.iter().all(|line| line.finding.is_ok()) { Answer::Done } else { Answer::No })
}

/// Tries all that sends nothing.
fn everything(config: &Config, json: bool) -> Result<Answer> {
    run_async(async {
        let store = open::store_of_tokens(config).await;
        let waiting = terminal::waiting(&said!(
            "Trying all that {} names …",
            "Essai de tout ce que nomme {} …",
            config.file.display()
        ));
        let print = |told: &[Line]| match json {
            true => Ok(()),
            false => waiting.suspend(|| told.iter().try_for_each(|line| terminal::print(&line.text()))),
        };
        // First: who waits for a token would take its server's silence for that of the mail server.
        let mut lines = slow_tokens(config).await;
        print(&lines)?;
        let mut trials: FuturesOrdered<Trial<'_>> = trials(config, !lines.is_empty()).into_iter().collect();
        while let Some(told) = trials.next().await {
            print(&told)?;
            lines.extend(told);
        }
        drop(trials);
        // Last: of what the servers showed that were reached.
        let mut last = ends::of(config);
        last.push(untried());
        print(&last)?;
        lines.extend(last);
        waiting.finish_and_clear();
        if let Some(store) = store {
            let renewals = config.tokens.iter().map(|tokens| tokens.settle());
            let _ = timeout(LIMIT, futures_util::future::join_all(renewals)).await;
            store.close().await;
        }
        answer(&lines, json)
    })
}

/// In the order in which they are told. `tokens_are_slow`: some token server says nothing.
fn trials(config: &Config, tokens_are_slow: bool) -> Vec<Trial<'_>> {
    let mut trials = vec![
        one(said!("configuration", "configuration"), async { Ok(summary(config)) }),
        async { secrets::of(config) }.boxed_local(),
        one(said!("store", "base"), store::of(config)),
    ];
    trials.extend(service(config).map(|found| one(said!("service", "service"), async { Ok(found) })));
    trials.extend(config.watched().map(|mailbox| mailbox::of(config, mailbox, tokens_are_slow).boxed_local()));
    trials.extend(config.authentications().filter_map(|(name, authentication)| match authentication {
        AuthenticationBy::Dns(_, settings) => {
            Some(one(said!("name servers of {name}", "serveurs de noms de {name}"), names::of(config, settings)))
        }
        AuthenticationBy::Header(_)
        | AuthenticationBy::Exchange(_)
        | AuthenticationBy::Submission(_)
        | AuthenticationBy::Token => None,
    }));
    trials.extend(config.lmtp.as_ref().map(|lmtp| one("lmtp".to_owned(), lmtp::of(config, lmtp))));
    trials.push(relay::of(config, tokens_are_slow).boxed_local());
    trials.extend(config.sent.iter().map(|sent| sent::of(sent, tokens_are_slow).boxed_local()));
    trials.extend(config.signers.iter().map(|signer| dkim::of(config, signer).boxed_local()));
    trials.extend(config.http.map(|address| one("http".to_owned(), http::of(config, address))));
    trials.push(one(said!("people", "personnes"), async { people::of(config) }));
    trials.push(async { words::of(config) }.boxed_local());
    trials.push(async { promises::of(config) }.boxed_local());
    trials.push(domains::of(config).boxed_local());
    trials.push(async { vec![alarm::told(config)] }.boxed_local());
    trials.push(async { clock::of(config) }.boxed_local());
    trials
}

fn one<'a>(what: String, finding: impl Future<Output = Finding> + 'a) -> Trial<'a> {
    async { vec![Line::new(what, finding.await)] }.boxed_local()
}

impl Line {
    fn new(what: String, finding: Finding) -> Line {
        Line { what, finding, is_tried: true }
    }

    fn untried(why: String) -> Line {
        Line { what: said!("not tried", "non essayé"), finding: Ok(why), is_tried: false }
    }

    fn text(&self) -> String {
        let what = &self.what;
        terminal::safe(&match &self.finding {
            Ok(found) if !self.is_tried => said!("– {what}: {found}", "– {what}\u{a0}: {found}"),
            Ok(found) => said!("✓ {what}: {found}", "✓ {what}\u{a0}: {found}"),
            Err(Fault { problem, remedy }) => {
                let problem = problem.trim_end().replace('\n', "\n    ");
                let remedy = remedy.replace('\n', "\n    ");
                said!("✗ {what}: {problem}\n    {remedy}", "✗ {what}\u{a0}: {problem}\n    {remedy}")
            }
        })
    }

    fn json(&self) -> Value {
        let what = &self.what;
        match &self.finding {
            Ok(found) if !self.is_tried => json!({"what": what, "ok": null, "found": found}),
            Ok(found) => json!({"what": what, "ok": true, "found": found}),
            Err(Fault { problem, remedy }) => json!({"what": what, "ok": false, "problem": problem, "remedy": remedy}),
        }
    }
}

fn fault(error: &anyhow::Error, remedy: impl Into<String>) -> Fault {
    Fault { problem: format!("{error:#}"), remedy: remedy.into() }
}

/// A line for each token server that says nothing for long; the tokens of the others are there.
async fn slow_tokens(config: &Config) -> Vec<Line> {
    let asked = config.tokens.iter().map(async |tokens| {
        let silent = timeout(ANSWER_LIMIT, tokens.token()).await.is_err();
        let Account { name, token_url, .. } = tokens.account();
        let obstacle = Obstacle::new(token_url.server(), What::Silent(Moment::Answer));
        let fault = || Fault { problem: obstacle.cause(), remedy: obstacle.remedy() };
        silent.then(|| Line::new(said!("token of {name}", "jeton de {name}"), Err(fault())))
    });
    futures_util::future::join_all(asked).await.into_iter().flatten().collect()
}

/// Whether a login gets an answer of its token server, where some say nothing: those have a line of their own.
async fn has_answer(login: &Login, tokens_are_slow: bool) -> bool {
    !tokens_are_slow || timeout(TOKEN_LIMIT, login.pass()).await.is_ok()
}

fn no_token(what: &str) -> Line {
    Line::untried(said!(
        "{what}: its token server does not answer",
        "{what}\u{a0}: son serveur de jetons ne répond pas"
    ))
}

/// What cannot be known without sending something.
fn untried() -> Line {
    Line::untried(said!(
        "whether letters arrive, and agents' answers are believed: `guichet check agents`",
        "si les lettres arrivent, et si les réponses des agents sont crues\u{a0}: `guichet check agents`"
    ))
}

/// Whether a gateway runs, where the store tells: a second one would be refused.
fn service(config: &Config) -> Option<String> {
    let file = config.store_file().filter(|file| file.exists())?;
    Some(match is_served(&file) {
        true => said!("a gateway of this configuration runs", "une passerelle de cette configuration fonctionne"),
        false => said!("no gateway runs", "aucune passerelle ne fonctionne"),
    })
}

fn summary(config: &Config) -> String {
    let policy = &config.policy;
    let (desks, mailboxes, agents) = (policy.desks.len(), config.mailbox_names.len(), policy.agents.len());
    let (teams, vendors) = (policy.teams.len(), policy.vendors.len());
    let (targets, rules, organisations) = (policy.targets.len(), policy.escalations.len(), policy.organisations.len());
    said!(
        "desks {desks}, mailboxes {mailboxes}, agents {agents}, teams {teams}, vendors {vendors}, organisations \
         {organisations}, targets {targets}, escalation rules {rules}",
        "guichets {desks}, boîtes {mailboxes}, agents {agents}, équipes {teams}, fournisseurs {vendors}, organisations \
         {organisations}, cibles {targets}, règles d’escalade {rules}"
    )
}

/// A mail server's silence, in words.
fn silent() -> String {
    said!("the server does not answer in time", "le serveur ne répond pas à temps")
}
