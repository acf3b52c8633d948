//! Whether the newest mails of a mailbox bear what authenticates their authors.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};
use tokio::time::timeout;

use super::{Fault, Finding, LIMIT, fault, silent};
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
    let mails: Vec<InboundMail> = looked.await.map_err(|_| anyhow!(silent())).flatten().map_err(|error| {
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
    if mails.is_empty() {
        return Ok(said!("there is no mail yet to judge by", "il n’y a pas encore de courriel pour en juger"));
    }
    let verdicts: Vec<Verdict<'_>> = mails.iter().map(|mail| authenticity::judge(mail, border)).collect();
    let counts = |verdict: &Verdict<'_>| verdict.fields.iter().any(|(_, standing)| standing.counts());
    let (bear, count) = (verdicts.iter().filter(|verdict| counts(verdict)).count(), mails.len());
    let Some(believed) = verdicts.iter().find(|verdict| counts(verdict)) else {
        return Err(unbelieved(mails, &verdicts[0], border));
    };
    let unheard =
        mails.iter().zip(&verdicts).filter(|(_, verdict)| !counts(verdict)).filter_map(|(mail, _)| signed_by(mail));
    let others: BTreeSet<String> = unheard.filter(|id| !border.authserv_ids().contains(id)).collect();
    if others.is_empty() {
        let reason = &believed.reason;
        return Ok(said!(
            "{bear} of the {count} newest mails bear results that count, such as {reason}",
            "{bear} des {count} courriels les plus récents portent des résultats qui comptent, comme {reason}"
        ));
    }
    let all: BTreeSet<String> = border.authserv_ids().iter().cloned().chain(others.iter().cloned()).collect();
    let (ours, others) = (listed(border.authserv_ids()), listed(&others));
    Err(Fault {
        problem: said!(
            "{bear} of the {count} newest mails bear results of {ours}, others those of {others}, which are not believed",
            "{bear} des {count} courriels les plus récents portent des résultats de {ours}, d’autres ceux de {others}, qui ne sont pas crus"
        ),
        remedy: said!(
            "Write authserv_id = {} if all of these servers are yours.",
            "Écrivez authserv_id = {} si tous ces serveurs sont à vous.",
            in_toml(&all)
        ),
    })
}

/// Why no mail is believed, shown on the newest.
fn unbelieved(mails: &[InboundMail], verdict: &Verdict<'_>, border: &Border) -> Fault {
    let (count, ours) = (mails.len(), listed(border.authserv_ids()));
    let none = said!(
        "no Authentication-Results of {ours} counts in the {count} newest mails",
        "aucun Authentication-Results de {ours} ne compte dans les {count} courriels les plus récents"
    );
    let ids: Vec<String> = verdict.fields.iter().filter_map(|(field, _)| authenticity::authserv_id(field)).collect();
    if ids.iter().any(|id| border.authserv_ids().contains(id)) {
        return misplaced(&none, mails.first(), verdict, border);
    }
    let mut carried: BTreeSet<String> = mails.iter().filter_map(signed_by).collect();
    if carried.is_empty() {
        carried.extend(ids.into_iter().next());
    }
    if carried.is_empty() {
        return Fault {
            problem: said!("{none}; they bear none at all", "{none}; ils n’en portent aucun"),
            remedy: said!(
                "Your mail server adds none: let it check SPF, DKIM and DMARC and write down what it finds, as docs/own-server.md says.",
                "Votre serveur de courriel n’en ajoute pas\u{a0}: faites-lui vérifier SPF, DKIM et DMARC et noter ce qu’il trouve, comme le dit docs/own-server.md."
            ),
        };
    }
    let seen = listed(&carried);
    Fault {
        problem: said!("{none}; they carry those of {seen}", "{none}; ils portent ceux de {seen}"),
        remedy: said!(
            "Write authserv_id = {} if that is your own server.",
            "Écrivez authserv_id = {} si c’est bien votre serveur.",
            in_toml(&carried)
        ),
    }
}

/// The results have the right name, and stand where a mail could have brought them along.
fn misplaced(none: &str, mail: Option<&InboundMail>, verdict: &Verdict<'_>, border: &Border) -> Fault {
    if verdict.hop.is_some() {
        return Fault {
            problem: said!(
                "{none}: it stands below the Received of that server, where a mail may bring it along",
                "{none}\u{a0}: il se trouve sous le Received de ce serveur, où un courriel peut l’avoir apporté"
            ),
            remedy: said!(
                "Write results = \"below\" if your filter writes there, as rspamd does.",
                "Écrivez results = \"below\" si votre filtre écrit à cet endroit, comme le fait rspamd."
            ),
        };
    }
    let hosts = listed(border.hosts());
    let came_by = mail.map(receivers).unwrap_or_default();
    Fault {
        problem: said!(
            "{none}: no Received is by {hosts} with SMTP",
            "{none}\u{a0}: aucun Received n’est par {hosts} avec SMTP"
        ),
        remedy: said!(
            "Name your server as its own Received does in border; the newest mail came by {}.",
            "Nommez dans border votre serveur comme le fait son propre Received; le courriel le plus récent est passé par {}.",
            listed(&came_by)
        ),
    }
}

/// Whose results the server that took the mail in has written: above every Received, or right below its own.
fn signed_by(mail: &InboundMail) -> Option<String> {
    let mut trace = mail.trace.iter();
    match trace.next()? {
        TraceField::AuthenticationResults(field) => authenticity::authserv_id(field),
        TraceField::Received(hop) => match trace.next()? {
            TraceField::AuthenticationResults(field) => {
                authenticity::authserv_id(field).filter(|id| authenticity::receiver(hop).as_ref() == Some(id))
            }
            TraceField::Received(_) => None,
        },
    }
}

/// As the configuration takes it: one name, or a list.
fn in_toml(names: &BTreeSet<String>) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    if let [one] = &quoted[..] { one.clone() } else { format!("[{}]", quoted.join(", ")) }
}

fn receivers(mail: &InboundMail) -> Vec<String> {
    let receiver = |field: &TraceField| match field {
        TraceField::Received(value) => authenticity::receiver(value),
        TraceField::AuthenticationResults(_) => None,
    };
    mail.trace.iter().filter_map(receiver).take(5).collect()
}

fn listed<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    if names.is_empty() { said!("nobody", "personne") } else { names.join(", ") }
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
        assert!(other.contains("they carry those of desk.test / Write authserv_id = \"desk.test\""), "{other}");
        let none = told("Received: by mx.desk.test with ESMTP\n");
        assert!(none.contains("bear none at all / Your mail server adds none"), "{none}");
    }

    #[test]
    fn results_that_a_mail_brought_along_are_nobodys_second_server() {
        let parse = |header: &str| mail::parse(format!("{header}From: marie@client.test\n\nx\n").as_bytes());
        let ours = parse(&format!("{RESULTS}Received: by mx.desk.test with ESMTP\n"));
        let brought = parse(
            "Received: by mx.desk.test with ESMTP\nReceived: by evil.test with ESMTP\n\
             Authentication-Results: evil.test; dmarc=pass header.from=client.test\n",
        );
        let second =
            parse("Authentication-Results: mx2.desk.test; dmarc=pass\nReceived: by mx2.desk.test with ESMTP\n");
        let border = Border::named("mx.desk.test");
        assert!(judged(&[ours.clone(), brought.clone()], &border).is_ok());
        let fault = judged(&[ours, brought, second], &border).err().unwrap();
        assert!(fault.remedy.contains(r#"authserv_id = ["mx.desk.test", "mx2.desk.test"]"#), "{}", fault.remedy);
    }
}
