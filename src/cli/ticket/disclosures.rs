//! `guichet ticket disclosures`: what left for whom outside the desk.

use std::fmt::Write as _;

use anyhow::Result;
use data_encoding::HEXLOWER;
use serde_json::Value;

use crate::cli::terminal::{moment, safe_line};
use crate::cli::{Answer, Invocation, terminal};
use crate::desk::{Disclosure, Privacy, TicketNumber};
use crate::said;
use crate::view::disclosure;

pub(super) fn run(invocation: &Invocation, reference: TicketNumber, json: bool) -> Result<Answer> {
    let disclosures = invocation.with_store(async |store, _| {
        let known = store.ticket(reference).await?.is_some();
        Ok(if known { Some(store.disclosures(reference).await?) } else { None })
    })?;
    let Some(disclosures) = disclosures else {
        terminal::tell(&super::no_ticket(reference));
        return Ok(Answer::No);
    };
    if json {
        terminal::print_json(&disclosures.iter().map(disclosure::document).collect::<Value>())?;
    } else if disclosures.is_empty() {
        terminal::tell(&said!(
            "Nothing about {reference} has left for anybody outside the desk.",
            "Rien de {reference} n’est parti vers quelqu’un hors du guichet."
        ));
    } else {
        terminal::print(&disclosures.iter().map(page).collect::<String>())?;
    }
    Ok(Answer::Done)
}

fn page(disclosure: &Disclosure) -> String {
    let (at, to) = (moment(disclosure.at), safe_line(disclosure.recipient.as_str()));
    let whom = disclosure.vendor.as_deref().map(safe_line).map(|vendor| match disclosure.privacy {
        Some(Privacy::Pseudonym) => {
            said!("vendor {vendor}, under a pseudonym", "fournisseur {vendor}, sous pseudonyme")
        }
        Some(Privacy::Full) => said!("vendor {vendor}, in full", "fournisseur {vendor}, en clair"),
        None => said!("vendor {vendor}", "fournisseur {vendor}"),
    });
    let whom = whom.map(|whom| format!(" ({whom})")).unwrap_or_default();
    let doubt = match disclosure.in_doubt {
        true => {
            said!(" — in doubt: the relay’s answer was lost", " — en doute\u{a0}: la réponse du relais s’est perdue")
        }
        false => String::new(),
    };
    let (purpose, subject) = (disclosure.purpose.name(), safe_line(&disclosure.subject));
    let mut page = format!("{at} → {to}{whom}{doubt}\n    {purpose}: {subject}\n");
    for file in &disclosure.files {
        let (name, size) = (safe_line(&file.name), file.size);
        let digest = match &file.sha256 {
            Some(digest) => format!("sha256 {}", HEXLOWER.encode(digest)),
            None => said!("erased here", "effacé ici"),
        };
        // Writing to a String does not fail.
        let _ =
            writeln!(page, "    {}", said!("[{name}, {size} bytes, {digest}]", "[{name}, {size} octets, {digest}]"));
    }
    page
}
