//! `guichet ledger`: every message ever seen, and where it ended.

use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::author::{author, evidence};
use super::list::{self, Extent, Part};
use super::since::{Since, since};
use super::{Answer, Invocation, terminal};
use crate::desk::{LedgerId, Proof};
use crate::said;
use crate::store::{LedgerFilter, LedgerLine, LetterShown, Retried, Standing};
use crate::view::ledger::{document, end_of, shown};

/// Every message ever seen, and where it ended
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  guichet ledger --since 2h
  guichet ledger list --mailbox support --json
  guichet ledger release 42"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: ListArguments,
}

#[derive(Subcommand)]
enum Command {
    /// List messages
    #[command(after_help = "Example:\n  guichet ledger list --since 2026-11-01 --json")]
    List(ListArguments),
    /// Show one message: who wrote it and why that is believed or not, what became of it, which letters came of it
    #[command(after_help = "Example:\n  guichet ledger show 42 --json")]
    Show {
        /// Its number in the ledger
        id: i64,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Decide about a message again that is on no ticket
    #[command(after_help = "Example:\n  guichet ledger retry 42")]
    Retry {
        /// Its number in the ledger
        id: i64,
    },
    /// Let a message out of quarantine: you vouch for its author
    #[command(after_help = "Example:\n  guichet ledger release 42")]
    Release {
        /// Its number in the ledger
        id: i64,
    },
}

#[derive(Args)]
struct ListArguments {
    /// Only those of this mailbox
    #[arg(long, value_name = "NAME")]
    mailbox: Option<String>,
    /// Only those taken in since then: 2026-11-01, 2026-11-01T08:00:00Z, or so long ago: 90m, 2h, 3d
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Since>,
    /// Only those that ended so
    #[arg(long)]
    outcome: Option<OutcomeArgument>,
    #[command(flatten)]
    extent: Extent,
    /// Print one JSON document, of all unless there is a --limit
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum OutcomeArgument {
    Pending,
    Ticket,
    Quarantine,
    Suppressed,
}

impl OutcomeArgument {
    fn standing(self) -> Standing {
        match self {
            OutcomeArgument::Pending => Standing::Pending,
            OutcomeArgument::Ticket => Standing::Ticket,
            OutcomeArgument::Quarantine => Standing::Quarantine,
            OutcomeArgument::Suppressed => Standing::Suppressed,
        }
    }
}

pub(super) fn run(invocation: &Invocation, arguments: Arguments) -> Result<Answer> {
    match arguments.command {
        None => print(invocation, arguments.list),
        Some(Command::List(arguments)) => print(invocation, arguments),
        Some(Command::Show { id, json }) => show(invocation, LedgerId(id), json),
        Some(Command::Retry { id }) => {
            let retried = invocation.with_store(async |store, _| store.ledger_retry(LedgerId(id)).await)?;
            terminal::tell(&told(id, retried, || {
                said!("Mail {id} is decided again.", "Le courriel {id} est traité de nouveau.")
            }));
            Ok(Answer::Done)
        }
        Some(Command::Release { id }) => {
            let retried = invocation.with_store(async |store, _| store.ledger_release(LedgerId(id)).await)?;
            terminal::tell(&told(id, retried, || said!("Mail {id} is released.", "Le courriel {id} est libéré.")));
            Ok(Answer::Done)
        }
    }
}

fn show(invocation: &Invocation, id: LedgerId, json: bool) -> Result<Answer> {
    invocation.with_store(async |store, _| {
        let Some(line) = store.ledger_line(id).await? else {
            bail!("{}", said!("There is no mail {id} in the ledger", "Il n’y a pas de courriel {id} dans le registre"))
        };
        let letters = store.letters_of_mail(&line).await?;
        if json { terminal::print_json(&shown(&line, &letters)) } else { terminal::print(&page(&line, &letters)) }
    })?;
    Ok(Answer::Done)
}

fn told(id: i64, retried: Retried, decided: impl FnOnce() -> String) -> String {
    match retried {
        Retried::Decided => decided(),
        Retried::AskedFor => said!(
            "The mailbox's server is asked for mail {id} again within a minute.",
            "Le courriel {id} est redemandé au serveur de la boîte d’ici une minute."
        ),
    }
}

fn print(invocation: &Invocation, arguments: ListArguments) -> Result<Answer> {
    invocation.with_store(async |store, _| {
        let filter = LedgerFilter {
            mailbox: arguments.mailbox,
            since: arguments.since.map(|since| since.moment(Timestamp::now())).transpose()?,
            standing: arguments.outcome.map(OutcomeArgument::standing),
        };
        let lines = async |before, limit| store.ledger_page(&filter, before, limit).await;
        if arguments.json {
            return list::print_json(&arguments.extent, async |before, limit| {
                Ok(part(&lines(before, limit).await?, document))
            })
            .await;
        }
        let count = async || store.count_ledger(&filter).await.map(Some);
        list::print_table(
            &arguments.extent,
            header(),
            async |before, limit| Ok(part(&lines(before, limit).await?, row)),
            count,
        )
        .await
    })?;
    Ok(Answer::Done)
}

fn part<R>(lines: &[LedgerLine], row: impl Fn(&LedgerLine) -> R) -> Part<R, LedgerId> {
    (lines.iter().map(row).collect(), lines.last().map(|line| line.id))
}

fn header() -> [String; 8] {
    [
        said!("ID", "ID"),
        said!("MAILBOX", "BOÎTE"),
        said!("UID", "UID"),
        said!("TAKEN IN", "REÇU"),
        said!("OUTCOME", "SORT"),
        said!("WHERE OR WHY", "OÙ OU POURQUOI"),
        said!("MESSAGE-ID", "MESSAGE-ID"),
        said!("AUTHOR", "AUTEUR"),
    ]
}

fn row(line: &LedgerLine) -> [String; 8] {
    let (outcome, reference, reason) = end_of(line.outcome.as_ref());
    [
        line.id.to_string(),
        line.mailbox.clone(),
        line.uid.map(|(_, uid)| uid.to_string()).unwrap_or_default(),
        terminal::moment(line.received_at),
        outcome.to_owned(),
        reference.or(reason.map(str::to_owned)).unwrap_or_default(),
        line.message_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        line.proof.as_ref().map(author).unwrap_or_default(),
    ]
}

/// One message, for people.
fn page(line: &LedgerLine, letters: &[LetterShown]) -> String {
    let mut page = Vec::new();
    let (id, mailbox, came, size) = (line.id, &line.mailbox, terminal::moment(line.received_at), line.size);
    page.push(said!("{id} in {mailbox}, taken in {came}", "{id} dans {mailbox}, reçu {came}"));
    if let Some(message_id) = &line.message_id {
        page.push(format!("  {}", terminal::safe_line(&message_id.to_string())));
    }
    let uid = line.uid.map(|(_, uid)| format!(", UID {uid}")).unwrap_or_default();
    page.push(said!("  {size} bytes{uid}", "  {size} octets{uid}"));

    let author = line.proof.as_ref().map_or_else(|| said!("nothing found yet", "rien de trouvé encore"), author);
    page.push(said!("author: {}", "auteur\u{a0}: {}", terminal::safe_line(&author)));
    if let Some(found) = line.proof.as_ref().and_then(Proof::found) {
        page.extend(evidence(found).iter().map(|line| format!("  {}", terminal::safe_line(line))));
    }

    let (outcome, reference, reason) = end_of(line.outcome.as_ref());
    let where_or_why = reference.or(reason.map(str::to_owned)).unwrap_or_default();
    let decided = line.decided_at.map(|at| format!(", {}", terminal::moment(at))).unwrap_or_default();
    page.push(said!("outcome: {outcome} {where_or_why}{decided}", "sort\u{a0}: {outcome} {where_or_why}{decided}"));
    for letter in letters {
        let (purpose, subject) = (letter.purpose.name(), terminal::safe_line(&letter.subject));
        page.push(format!("→ {purpose}: {subject}"));
        for delivery in &letter.deliveries {
            page.push(format!("    {} {}", delivery.state.word(), terminal::safe_line(delivery.recipient.as_str())));
        }
    }
    page.join("\n")
}
