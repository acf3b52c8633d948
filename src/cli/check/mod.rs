//! `guichet check`: tries everything that the configuration names, and says what to do about each fault.

mod authors;
mod store;
mod watcher;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use tokio::time::timeout;

use super::{Answer, Invocation, run_async, terminal};
use crate::config::{self, Config};
use crate::gateway::{AuthenticationBy, Watched};
use crate::known_fix::Library;
use crate::{imap, smtp};

/// Try everything that the configuration names; one line each, exit 1 if anything is wrong
#[derive(Args)]
#[command(after_help = "Example:\n  guichet check --config /etc/guichet/guichet.toml")]
pub(super) struct Arguments {}

/// No server may keep the operator waiting for longer.
const LIMIT: Duration = Duration::from_secs(30);
/// Clocks that differ by less do no harm.
const CLOCK_DIFFERENCE_MAX: SignedDuration = SignedDuration::from_mins(5);

/// What one thing was found to be, or why it does not work and what to do.
type Finding = Result<String, Fault>;

struct Fault {
    problem: String,
    remedy: String,
}

pub(super) fn run(invocation: &Invocation, _: &Arguments) -> Result<Answer> {
    let config = invocation.configuration()?;
    run_async(async {
        let mut good = true;
        let mut tell = |what: &str, finding: Finding| {
            good &= finding.is_ok();
            terminal::print(&line(what, finding))
        };
        tell("configuration", Ok(summary(&config)))?;
        tell("store", store::of(&config).await)?;
        for mailbox in &config.mailboxes {
            let reached = reach_mailbox(mailbox).await;
            let is_reached = reached.is_ok();
            tell(&format!("mailbox {}", mailbox.imap.name), reached)?;
            if is_reached && let Some(told) = watcher::of(&config, mailbox).await {
                tell(&format!("folder of {}", mailbox.imap.name), told)?;
            }
            if let (true, AuthenticationBy::Header(border)) = (is_reached, &mailbox.authentication) {
                tell(&format!("authors of {}", mailbox.imap.name), authors::of(mailbox, border).await)?;
            }
        }
        tell("smtp", relay(&config).await)?;
        for (language, finding) in templates(&config) {
            tell(&format!("templates {language}"), finding)?;
        }
        for desk in &config.policy.desks {
            tell(&format!("known fixes of {}", desk.name), fixes(&config, &desk.name))?;
        }
        for desk in &config.policy.desks {
            tell(&format!("clock of {}", desk.name), clock(&desk.time_zone))?;
        }
        Ok(if good { Answer::Done } else { Answer::No })
    })
}

fn line(what: &str, finding: Finding) -> String {
    terminal::safe(&match finding {
        Ok(found) => format!("✓ {what}: {found}"),
        Err(Fault { problem, remedy }) => {
            format!("✗ {what}: {}\n    {remedy}", problem.trim_end().replace('\n', "\n    "))
        }
    })
}

fn fault(error: &anyhow::Error, remedy: impl Into<String>) -> Fault {
    Fault { problem: format!("{error:#}"), remedy: remedy.into() }
}

fn summary(config: &Config) -> String {
    let policy = &config.policy;
    format!(
        "{} desks, {} mailboxes, {} agents, {} teams, {} vendors",
        policy.desks.len(),
        config.mailboxes.len(),
        policy.agents.len(),
        policy.teams.len(),
        policy.vendors.len()
    )
}

async fn reach_mailbox(mailbox: &Watched) -> Finding {
    let settings = &mailbox.imap;
    let looked = timeout(LIMIT, async {
        let mut session = imap::Session::connect(settings).await?;
        let selected = session.select().await?;
        let newest = session.list_from(selected.uid_next.map_or(1, |next| next.saturating_sub(1).max(1))).await?;
        session.logout().await;
        Ok((selected, newest.iter().filter_map(|message| message.internal_date).max()))
    });
    let (selected, newest) =
        looked.await.context("the server does not answer").flatten().map_err(|error| mailbox_fault(&error, mailbox))?;
    let now = Timestamp::now();
    if let Some(newest) = newest.filter(|newest| newest.duration_since(now) > CLOCK_DIFFERENCE_MAX) {
        return Err(Fault {
            problem: format!("its newest mail came at {newest}, and here it is {now}"),
            remedy: "Set the clocks of this machine and of the mail server by NTP.".to_owned(),
        });
    }
    Ok(format!("signed in to {}, {} holds {} messages", settings.host, settings.folder, selected.exists))
}

fn mailbox_fault(error: &anyhow::Error, mailbox: &Watched) -> Fault {
    let settings = &mailbox.imap;
    let remedy = match error.chain().find_map(|cause| cause.downcast_ref::<imap::Failure>()) {
        Some(imap::Failure::LoginRefused(_)) => {
            "Look at user and password; many providers want an app password, and IMAP allowed for the account."
                .to_owned()
        }
        Some(imap::Failure::Refused { .. }) => {
            format!("Look whether the account has the folder {:?}.", settings.folder)
        }
        Some(imap::Failure::Lost(_)) | None => {
            format!(
                "Look at host, port and tls, and whether {}:{} can be reached from here.",
                settings.host, settings.port
            )
        }
    };
    fault(error, remedy)
}

async fn relay(config: &Config) -> Finding {
    let settings = &config.smtp;
    let opened = timeout(LIMIT, smtp::Session::open(settings)).await;
    let opened = opened.unwrap_or_else(|_| Err(smtp::Failure::Unreachable("it does not answer".to_owned())));
    match opened {
        Ok(session) => {
            session.close().await;
            Ok(format!("{}:{} takes letters", settings.host, settings.port))
        }
        Err(failure) => {
            let remedy = match failure {
                smtp::Failure::Unreachable(_) => "Look at host, port and tls, and whether it can be reached from here.",
                smtp::Failure::Insecure(_) => "Look at tls and ca_file; never turn encryption off over a network.",
                smtp::Failure::LoginRefused(_) => "Look at user and password; many providers want an app password.",
                smtp::Failure::Refused(_) => "Ask the relay's operator to take mail from this machine.",
            };
            Err(Fault { problem: failure.to_string(), remedy: remedy.to_owned() })
        }
    }
}

/// One finding for each language that a correspondent may be written to in.
fn templates(config: &Config) -> Vec<(String, Finding)> {
    let remedy = "Mend the file, or delete it to have the built-in one; `guichet template show` prints that.";
    let templates = match config::templates(config.letters_folder.as_deref()) {
        Ok(templates) => templates,
        Err(error) => return vec![("in all languages".to_owned(), Err(fault(&error, remedy)))],
    };
    let count = |language: &str| templates.list().filter(|path| path.starts_with(&format!("{language}/"))).count();
    let languages = config.languages();
    languages.iter().map(|language| (language.to_string(), Ok(format!("{} files", count(language.code()))))).collect()
}

fn fixes(config: &Config, desk: &str) -> Finding {
    let Some((_, folder)) = config.known_fixes.iter().find(|(of, _)| of == desk) else {
        return Ok("none configured".to_owned());
    };
    let remedy = "Mend the files; the others are in use.";
    let (articles, faults) = config::known_fixes(folder)
        .map_err(|error| fault(&error, "Look at known_fixes of the [[desk]] and at the rights of the folder."))?;
    let library = Library::new(articles);
    let problems: Vec<_> = faults.iter().map(ToString::to_string).collect();
    if problems.is_empty() {
        return Ok(format!("{} articles", library.articles().len()));
    }
    Err(Fault { problem: problems.join("\n"), remedy: remedy.to_owned() })
}

fn clock(time_zone: &str) -> Finding {
    let at = || -> Result<String> {
        let zone = TimeZone::get(time_zone).with_context(|| format!("{time_zone} is no time zone"))?;
        let now = Timestamp::now();
        if now < Timestamp::constant(1_767_225_600, 0) {
            bail!("it is said to be {now}, before this program was written");
        }
        Ok(now.to_zoned(zone).strftime("%Y-%m-%d %H:%M %Z").to_string())
    };
    at().map_err(|error| fault(&error, "Set the clock of this machine by NTP."))
}
