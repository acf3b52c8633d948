//! Whether the newest mails of a mailbox bear what authenticates their authors.

use anyhow::{Context, Result};
use tokio::time::timeout;

use super::{Fault, Finding, LIMIT, fault};
use crate::gateway::Watched;
use crate::imap::{Selected, Session};
use crate::mail::authenticity::{self, Border, Verdict};
use crate::mail::{self, InboundMail, TraceField};
use crate::said;

/// So many mails are looked at.
const MAILS: u32 = 20;
/// No border's fields stand further down.
const HEADER_BYTES_MAX: u32 = 64 * 1024;

/// Judges the newest mails of the watched folder, or of the one for handled mail where nothing waits.
pub(super) async fn of(session: &mut Session, mailbox: &Watched, border: &Border) -> Finding {
    let looked = timeout(LIMIT, async {
        let selected = session.select().await?;
        let mut mails = newest(session, selected).await?;
        if let (true, Some(processed)) = (mails.is_empty(), &mailbox.processed_folder)
            // Nobody has handled a mail yet: the folder need not be there.
            && let Some(selected) = session.examine(processed).await?
        {
            mails = newest(session, selected).await?;
        }
        Ok(mails)
    });
    let mails: Vec<InboundMail> = looked
        .await
        .with_context(|| said!("the server does not answer in time", "le serveur ne répond pas à temps"))
        .flatten()
        .map_err(|error| {
            fault(&error, said!("Look at the log of the mail server.", "Regardez le journal du serveur de courriel."))
        })?;
    judged(&mails, border)
}

async fn newest(session: &mut Session, selected: Selected) -> Result<Vec<InboundMail>> {
    let from = selected.uid_next.map_or(1, |next| next.saturating_sub(MAILS).max(1));
    let listed = session.list_from(from).await?;
    let mut mails = Vec::new();
    for message in listed.iter().rev().take(MAILS as usize) {
        mails.extend(session.fetch_header_and_text(message.uid, HEADER_BYTES_MAX).await?);
    }
    Ok(mails.iter().map(|raw| mail::parse(raw)).collect())
}

/// What these mails, newest first, tell of the border's settings.
fn judged(mails: &[InboundMail], border: &Border) -> Finding {
    let Some(newest) = mails.first() else { return Ok("there is no mail yet to judge by".to_owned()) };
    let verdicts: Vec<Verdict<'_>> = mails.iter().map(|mail| authenticity::judge(mail, border)).collect();
    let counts = |verdict: &&Verdict<'_>| verdict.fields.iter().any(|(_, standing)| standing.counts());
    let bear = verdicts.iter().filter(counts).count();
    match verdicts.iter().find(counts) {
        Some(verdict) => Ok(format!(
            "{bear} of the {} newest mails bear results that count, such as {}",
            mails.len(),
            verdict.reason
        )),
        None => Err(unbelieved(newest, &verdicts[0], mails.len(), border)),
    }
}

/// Why no mail is believed, shown on the newest.
fn unbelieved(mail: &InboundMail, verdict: &Verdict<'_>, count: usize, border: &Border) -> Fault {
    let ours = border.authserv_ids().join(" or ");
    let ids: Vec<String> = verdict.fields.iter().filter_map(|(field, _)| authenticity::authserv_id(field)).collect();
    let none = format!("no Authentication-Results of {ours} counts in the {count} newest mails");
    if ids.iter().any(|id| border.authserv_ids().contains(id)) {
        return match verdict.hop {
            Some(_) => Fault {
                problem: format!(
                    "{none}: it stands below the Received of that server, where a mail may bring it along"
                ),
                remedy: "Write results = \"below\" if your filter writes there, as rspamd does.".to_owned(),
            },
            None => Fault {
                problem: format!("{none}: no Received is by {} with SMTP", border.hosts().join(" or ")),
                remedy: format!(
                    "Name your server as its own Received does in border; the newest mail came by {}.",
                    or_nobody(&receivers(mail))
                ),
            },
        };
    }
    let remedy = match ids.is_empty() {
        true => "Let your mail server check SPF, DKIM and DMARC, and write down what it finds.".to_owned(),
        false => format!("Write authserv_id = {:?} if that is your own server; look into the newest mail.", ids[0]),
    };
    Fault { problem: format!("{none}; the newest bears results of {}", or_nobody(&ids)), remedy }
}

fn receivers(mail: &InboundMail) -> Vec<String> {
    let receiver = |field: &TraceField| match field {
        TraceField::Received(value) => authenticity::receiver(value),
        TraceField::AuthenticationResults(_) => None,
    };
    mail.trace.iter().filter_map(receiver).take(5).collect()
}

fn or_nobody(names: &[String]) -> String {
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(header: &str) -> String {
        let mail = mail::parse(format!("{header}From: marie@client.test\nSubject: x\n\nx\n").as_bytes());
        match judged(&[mail], &Border::named("mx.desk.test")) {
            Ok(found) => found,
            Err(Fault { problem, remedy }) => format!("{problem} / {remedy}"),
        }
    }

    const RESULTS: &str = "Authentication-Results: mx.desk.test; dmarc=pass header.from=client.test\n";

    #[test]
    fn a_mailbox_that_can_be_believed_says_by_what() {
        let told = told(&format!("{RESULTS}Received: by mx.desk.test with ESMTP\n"));
        assert_eq!(told, "1 of the 1 newest mails bear results that count, such as dmarc=pass of client.test");
        assert!(judged(&[], &Border::named("mx.desk.test")).is_ok());
    }

    #[test]
    fn a_setting_that_believes_nobody_is_told_with_the_one_that_would() {
        let below = told(&format!("Received: by mx.desk.test with ESMTP\n{RESULTS}"));
        assert!(below.contains("Write results = \"below\""), "{below}");
        let elsewhere = told(&format!(
            "Received: from mx1 by mx1.desk.test with LMTP\n{RESULTS}Received: by mx1.desk.test with SMTP\n"
        ));
        assert!(elsewhere.contains("no Received is by mx.desk.test") && elsewhere.contains("came by mx1.desk.test"));
        let other = told("Authentication-Results: desk.test; dmarc=pass\nReceived: by mx.desk.test with ESMTP\n");
        assert!(other.contains("bears results of desk.test / Write authserv_id = \"desk.test\""), "{other}");
        assert!(
            told("Received: by mx.desk.test with ESMTP\n").contains("results of nobody / Let your mail server check")
        );
    }
}
