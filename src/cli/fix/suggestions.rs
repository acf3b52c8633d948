//! `guichet fix suggestions`: what agents linked to known fixes, as symptoms that somebody may take.

use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use serde_json::json;

use super::sound;
use crate::cli::{Answer, Invocation, WrongUsage, terminal};
use crate::config::{self, Config};
use crate::desk::{self, TicketNumber};
use crate::known_fix::{self, Library, Question};
use crate::said;
use crate::store::{LinkedRequest, LinkedRequests, Store};

#[derive(Subcommand)]
pub(in crate::cli) enum Review {
    /// Write the proposed symptom into the article's file
    #[command(after_help = "\
Examples:
  guichet fix suggestions accept R-000123
  guichet fix suggestions accept R-000123 --symptom \"le VPN me demande un code\"

The running service reads the file again within seconds.")]
    Accept {
        /// The ticket whose request is the suggestion
        #[arg(value_name = "REF")]
        reference: TicketNumber,
        /// The symptom in better words
        #[arg(long, value_name = "TEXT")]
        symptom: Option<String>,
    },
    /// Turn a suggestion down: it is not shown again
    #[command(after_help = "Example:\n  guichet fix suggestions dismiss R-000123")]
    Dismiss {
        /// The ticket whose request is the suggestion
        #[arg(value_name = "REF")]
        reference: TicketNumber,
    },
}

/// A request that an article should have found, and did not.
struct Suggestion<'a> {
    request: &'a LinkedRequest,
    /// The request's most telling sentence; `None` where each of them tells something of somebody.
    symptom: Option<String>,
    /// What the request finds today.
    found: Option<String>,
}

pub(super) fn run(invocation: &Invocation, review: Option<Review>, json: bool) -> Result<Answer> {
    invocation.with_store(async |store, config| {
        let linked = store.linked_requests().await?;
        let mut articles = Vec::new();
        for (_, folder) in &config.known_fixes {
            articles.extend(sound(config::known_fixes(folder)?));
        }
        let library = Library::new(articles);
        let suggestions = suggestions(&linked, &library, config);
        match review {
            None => list(&suggestions, json),
            Some(Review::Accept { reference, symptom }) => {
                accept(store, config, find(&suggestions, reference)?, symptom).await
            }
            Some(Review::Dismiss { reference }) => {
                store.review_linked_request(find(&suggestions, reference)?.request).await?;
                terminal::print(&said!(
                    "The suggestion of {reference} is turned down.",
                    "La suggestion de {reference} est écartée."
                ))?;
                Ok(Answer::Done)
            }
        }
    })
}

/// What the library does not answer already with the article that the agent sent.
fn suggestions<'a>(linked: &'a LinkedRequests, library: &Library, config: &Config) -> Vec<Suggestion<'a>> {
    let suggestion = |request: &'a LinkedRequest| {
        library.article(&request.fix)?;
        let question = Question { subject: &request.ticket.subject, text: &request.text, language: None };
        let found = library.find(&question).answered.map(|article| article.id.clone());
        if found.as_ref().is_some_and(|found| library.is_same_topic(found, &request.fix)) {
            return None;
        }
        let nobody = desk::nobody(linked.contacts.values(), &[], &config.policy);
        let sentences = desk::impersonal_sentences(&request.ticket.subject, &request.text, &nobody);
        Some(Suggestion { request, symptom: library.most_telling(&request.fix, sentences), found })
    };
    linked.requests.iter().filter_map(suggestion).collect()
}

fn find<'s, 'a>(suggestions: &'s [Suggestion<'a>], reference: TicketNumber) -> Result<&'s Suggestion<'a>> {
    let found = suggestions.iter().find(|suggestion| suggestion.request.ticket.number == reference);
    found.ok_or_else(|| {
        WrongUsage(said!(
            "{reference} is no suggestion: see `guichet fix suggestions`.",
            "{reference} n’est pas une suggestion\u{a0}: voyez `guichet fix suggestions`."
        ))
        .into()
    })
}

fn list(suggestions: &[Suggestion<'_>], json: bool) -> Result<Answer> {
    if json {
        let row = |one: &Suggestion<'_>| {
            json!({
                "ref": one.request.ticket.number.to_string(), "id": one.request.fix,
                "symptom": one.symptom, "answered": one.found,
            })
        };
        terminal::print_json(&suggestions.iter().map(row).collect::<Vec<_>>())?;
        return Ok(Answer::Done);
    }
    if suggestions.is_empty() {
        terminal::tell(&said!(
            "Nothing to learn: what agents sent, the known fixes find by themselves.",
            "Rien à apprendre\u{a0}: ce que les agents ont envoyé, les solutions connues le trouvent d’elles-mêmes."
        ));
        return Ok(Answer::Done);
    }
    let rows = suggestions.iter().map(|one| {
        let symptom = one
            .symptom
            .clone()
            .unwrap_or_else(|| said!("(in your own words: --symptom)", "(en vos propres mots\u{a0}: --symptom)"));
        let found = one.found.clone().unwrap_or_else(|| "nothing".to_owned());
        [one.request.ticket.number.to_string(), one.request.fix.clone(), symptom, found]
    });
    terminal::print(&terminal::table(
        [
            said!("TICKET", "BILLET"),
            said!("KNOWN FIX", "SOLUTION CONNUE"),
            said!("PROPOSED SYMPTOM", "SYMPTÔME PROPOSÉ"),
            said!("FINDS TODAY", "TROUVE AUJOURD’HUI"),
        ],
        rows,
    ))?;
    Ok(Answer::Done)
}

async fn accept(
    store: &Store,
    config: &Config,
    suggestion: &Suggestion<'_>,
    symptom: Option<String>,
) -> Result<Answer> {
    let request = suggestion.request;
    let Some(symptom) = symptom.or_else(|| suggestion.symptom.clone()) else {
        let number = request.ticket.number;
        return Err(WrongUsage(said!(
            "Each sentence of {number} tells something of somebody: say the symptom with --symptom TEXT.",
            "Chaque phrase de {number} dit quelque chose de quelqu’un\u{a0}: dites le symptôme avec --symptom TEXTE."
        ))
        .into());
    };
    let files = config.known_fixes.iter().map(|(_, folder)| config::file_of_known_fix(folder, &request.fix));
    let Some((file, text)) = files.collect::<Result<Vec<_>>>()?.into_iter().flatten().next() else {
        bail!(said!("The file of {} is gone", "Le fichier de {} n’est plus là", request.fix));
    };
    let name = file.display().to_string();
    let amended = known_fix::with_symptom(&name, &text, &symptom).map_err(|fault| WrongUsage(fault.to_string()))?;
    replace(&file, &amended)?;
    store.review_linked_request(request).await?;
    terminal::print(&terminal::safe(&said!(
        "{name} has the symptom: {symptom}",
        "{name} a le symptôme\u{a0}: {symptom}"
    )))?;
    Ok(Answer::Done)
}

/// Whoever reads the file meanwhile sees the old one or the new one, and never half of it.
fn replace(file: &Path, text: &str) -> Result<()> {
    let beside = file.with_extension("md.new");
    std::fs::write(&beside, text)
        .and_then(|()| std::fs::rename(&beside, file))
        .with_context(|| said!("Cannot write {}", "Impossible d’écrire {}", file.display()))
}
