//! `guichet reconcile`: what the folders hold against what the ledger accounts for.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::{Answer, Invocation, terminal};
use crate::gateway::Watched;
use crate::imap::{Selected, Session};
use crate::said;
use crate::store::Store;

/// Prove that every message of the watched folders is accounted for; exit 1 unless the difference is 0
#[derive(Args)]
#[command(after_help = "Example:\n  guichet reconcile --json")]
pub(super) struct Arguments {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// The messages of one mailbox, counted in the folder and in the ledger.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Sum {
    mailbox: String,
    /// Messages in the watched folder now; `None` where it could not be asked, or none is watched.
    in_folder: Option<u64>,
    /// Messages ever recorded: the four below.
    recorded: u64,
    on_tickets: u64,
    quarantined: u64,
    suppressed: u64,
    pending: u64,
    /// In the folder and not in the ledger.
    unrecorded: u64,
    /// Came since the folder was last seen, and neither stand in it nor in the ledger: somebody took them away, or the store was
    /// put back from a copy and has yet to take them in again.
    lost: u64,
    /// Came and went unseen, since the mailbox is watched.
    unseen: u64,
    /// Handled, left in the folder, and not shown there any more: somebody took them away, or the server shows a part of the
    /// folder alone.
    not_shown: u64,
    /// The server seems to show a part of the folder alone: what it hides is not counted, and nothing is proven.
    cut: bool,
    /// What is not accounted for: pending, unrecorded and lost.
    difference: u64,
    /// Why the folder could not be asked.
    error: Option<String>,
}

pub(super) fn run(invocation: &Invocation, arguments: &Arguments) -> Result<Answer> {
    let sums = invocation.with_store(async |store, config| {
        let mut sums = Vec::new();
        for mailbox in config.watched() {
            sums.extend(sum(store, mailbox).await?);
        }
        for mailbox in &config.unwatched {
            sums.push(recorded(store, &mailbox.name).await?);
        }
        Ok(sums)
    })?;
    let proven = sums.iter().all(|sum| sum.difference == 0 && !sum.cut && sum.error.is_none());
    if arguments.json {
        terminal::print_json(&sums)?;
    } else {
        for error in sums.iter().filter_map(|sum| Some(format!("{}: {}", sum.mailbox, sum.error.as_ref()?))) {
            terminal::tell(&terminal::safe(&error));
        }
        for sum in sums.iter().filter(|sum| sum.cut) {
            terminal::tell(&terminal::safe(&cut(sum)));
        }
        terminal::print(&terminal::table(
            [
                "MAILBOX",
                "IN FOLDER",
                "RECORDED",
                "TICKETS",
                "QUARANTINE",
                "SUPPRESSED",
                "PENDING",
                "UNRECORDED",
                "LOST",
                "UNSEEN",
                "DIFFERENCE",
            ],
            sums.iter().map(row),
        ))?;
    }
    Ok(if proven { Answer::Done } else { Answer::No })
}

fn cut(sum: &Sum) -> String {
    let (mailbox, count, hidden) = (&sum.mailbox, sum.in_folder.unwrap_or_default(), sum.not_shown);
    said!(
        "{mailbox}: the server shows {count} messages and no more (handled, and not shown any more: {hidden}); what it hides cannot be counted, and nothing is proven. Have it show all of the folder: in Gmail, Settings, Forwarding and POP/IMAP, Folder size limits",
        "{mailbox}\u{a0}: le serveur montre {count} messages et pas plus (traités, et plus montrés\u{a0}: {hidden}); ce qu’il cache ne peut être compté, et rien n’est prouvé. Faites-lui montrer tout le dossier\u{a0}: dans Gmail, Paramètres, Transfert et POP/IMAP, Limites de taille des dossiers"
    )
}

fn row(sum: &Sum) -> [String; 11] {
    [
        sum.mailbox.clone(),
        match (sum.in_folder, &sum.error) {
            (Some(count), _) => count.to_string(),
            (None, Some(_)) => "?".to_owned(),
            (None, None) => "–".to_owned(),
        },
        sum.recorded.to_string(),
        sum.on_tickets.to_string(),
        sum.quarantined.to_string(),
        sum.suppressed.to_string(),
        sum.pending.to_string(),
        sum.unrecorded.to_string(),
        sum.lost.to_string(),
        sum.unseen.to_string(),
        sum.difference.to_string(),
    ]
}

/// The folder is looked at before the ledger: a mail that arrives in between is in neither or in both. `None`: there is no
/// such folder.
async fn sum(store: &Store, mailbox: &Watched) -> Result<Option<Sum>> {
    let Some(looked) = look(mailbox).await.transpose() else { return Ok(None) };
    let mut sum = recorded(store, &mailbox.imap.name).await?;
    match looked {
        Ok((selected, uids)) => {
            let known = store.known_among(&mailbox.imap.name, selected.uid_validity, &uids).await?;
            sum.in_folder = Some(uids.len() as u64);
            sum.cut = selected.is_cut();
            let handled = store.decided_not_filed(&mailbox.imap.name, selected.uid_validity).await?;
            sum.not_shown = handled.iter().filter(|one| !uids.contains(&one.uid)).count() as u64;
            sum.unrecorded = (uids.len() - known.len()) as u64;
            sum.unseen = store.mailbox(&mailbox.imap.name).await?.map_or(0, |told| told.unseen);
            let seen_to = store.seen_to(&mailbox.imap.name, selected.uid_validity).await?;
            if let Some((seen_to, uid_next)) = seen_to.zip(selected.uid_next) {
                let mut accounted = store.known_uids(&mailbox.imap.name, selected.uid_validity, seen_to).await?;
                accounted.extend(uids);
                let came = seen_to..uid_next.max(seen_to);
                // A server may tell any UIDNEXT: the range is never walked through.
                sum.lost = u64::from(came.end - came.start) - accounted.range(came).count() as u64;
            }
        }
        Err(error) => sum.error = Some(format!("{error:#}")),
    }
    sum.difference = sum.pending + sum.unrecorded + sum.lost;
    Ok(Some(sum))
}

/// What the ledger accounts for. That is all there is to a mailbox whose mail is handed over: what is not recorded is with the
/// MTA still.
async fn recorded(store: &Store, mailbox: &str) -> Result<Sum> {
    let mut sum = Sum { mailbox: mailbox.to_owned(), ..Sum::default() };
    for count in store.reconcile().await?.iter().filter(|count| count.mailbox == mailbox) {
        sum.recorded += count.recorded;
        sum.on_tickets += count.on_tickets;
        sum.quarantined += count.quarantined;
        sum.suppressed += count.suppressed;
        sum.pending += count.pending;
    }
    sum.difference = sum.pending;
    Ok(sum)
}

/// The folder and the UIDs that it holds; `None` where the server has none for junk.
async fn look(mailbox: &Watched) -> Result<Option<(Selected, BTreeSet<u32>)>> {
    let settings = &mailbox.imap;
    let mut session = Session::connect(settings)
        .await
        .with_context(|| format!("Cannot reach {}:{}", settings.host, settings.port))?;
    if !session.find_watched().await? {
        session.logout().await;
        return Ok(None);
    }
    let selected = session.select().await.with_context(|| format!("Cannot open the folder {}", settings.folder))?;
    let listed = session.list_from(1).await.with_context(|| format!("Cannot list the folder {}", settings.folder))?;
    session.logout().await;
    let there = listed.iter().filter(|message| !message.deleted);
    Ok(Some((selected, there.map(|message| message.uid).collect())))
}
