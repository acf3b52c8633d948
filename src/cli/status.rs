//! `guichet status`: counts and ages.

use anyhow::Result;
use clap::Args;
use jiff::Timestamp;

use super::{Answer, Invocation, terminal};
use crate::web;

/// Counts and ages: what waits, and since when
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

pub(super) fn run(invocation: &Invocation, arguments: &Arguments) -> Result<Answer> {
    let status = invocation.with_store(async |store, config| {
        let names: Vec<_> = config.mailboxes.iter().map(|mailbox| mailbox.imap.name.as_str()).collect();
        Ok(web::Status::of(&store.status().await?, &names, Timestamp::now()))
    })?;
    if arguments.json {
        terminal::print_json(&status)?;
    } else {
        terminal::print(&page(&status))?;
    }
    Ok(if arguments.healthy && !status.is_healthy() { Answer::No } else { Answer::Done })
}

fn page(status: &web::Status) -> String {
    let since =
        |count: u64, seconds: i64| if count == 0 { String::new() } else { format!(", the oldest for {seconds} s") };
    let mut page = format!(
        "mails that wait for their decision   {}{}\nmails in quarantine                  {}\n\
         letters that are yet to leave        {}{}\nletters that are held                {}\n",
        status.inbox_pending,
        since(status.inbox_pending, status.oldest_unhandled_seconds),
        status.quarantined,
        status.outbox_pending,
        since(status.outbox_pending, status.oldest_unsent_seconds),
        status.outbox_held,
    );
    if let Some(since) = status.held_since {
        page.push_str(&format!("nothing leaves since {}: `guichet outbox resume`\n", terminal::moment(since)));
    }
    if let Some(told) = &status.restored {
        page.push_str(&format!("{}\n", terminal::safe_line(told)));
    }
    for mailbox in &status.mailboxes {
        let heard = match mailbox.last_exchange_seconds {
            Some(seconds) => format!("last heard of {seconds} s ago"),
            None => "never heard of".to_owned(),
        };
        page.push_str(&format!("mailbox {}: {}, {heard}\n", mailbox.name, terminal::safe_line(&mailbox.state)));
        if mailbox.waiting > 0 {
            page.push_str(&format!("    {} messages stand in the folder and are not taken in yet\n", mailbox.waiting));
        }
        if let Some(trouble) = &mailbox.trouble {
            page.push_str(&format!("    {}\n", terminal::safe_line(trouble)));
        }
    }
    page
}
