//! Short sentences of receipts and refusals, in French and English. Everything longer is a template.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::desk::{Desk, Fault, Level, PendingReason, State};
use crate::mail::Language;

/// What a receipt says was done, or a refusal says is wrong.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::desk) enum Line<'a> {
    SentToRequester,
    SolutionSent,
    NotedForDesk,
    Owner(&'a str),
    StateIs(State),
    LevelIs(Level),
    EscalatedTo(&'a str),
    BriefWasRequest,
    WroteToVendor(&'a str),
    CaseNumberIs(&'a str),
    PriorityIs(u8),
    ServiceIs(&'a str),
    DeskIs(&'a str),
    ParticipantAdded(&'a str),
    ParticipantRemoved(&'a str),
    RequesterIs(&'a str),
    FixSent(&'a str),
    FixAnswered(&'a str),
    FixSuggested(&'a str),
    FixDrafted(&'a str, &'a str),
    NoFixFolder,
    NotResolved,
    NoSolution,
    MergedInto(&'a str),
    Linked(&'a str),
    Published,
    TicketOpenedFor(&'a str, &'a str),
    AttachmentWithheld(&'a str),
    Withdrawn,
    Fault(&'a Fault),
    NoTicket,
    NoSuchTicket(&'a str),
    NoSuchAgent(&'a str),
    NoSuchFix(&'a str),
    NoSuchDesk(&'a str),
    NoSuchAttachment(usize),
    WhichVendor(&'a str),
    NoTeam(Level),
    AlreadyAt(Level),
    NothingToPublish,
    NothingHeld,
    NobodyReachable,
    MayNotParticipate(&'a str),
    TextMissing,
    ColleagueAnswered(&'a str),
    StateChanged(State),
    LooksSecret,
    BrakeTripped,
    UnlistedColleague(&'a str),
    AgentUnverified(&'a str),
    VendorUnverified(&'a str),
    VendorWithoutCase(&'a str),
    FromOurselves,
    Mentions(&'a str),
    DeliveryFailed(&'a str, &'a str),
    Reopened,
    SolvedByKnownFix(&'a str),
    FixSuspended(&'a str),
    OkHint,
}

/// One sentence in the reader's language; English for all but French.
pub(in crate::desk) fn say(line: &Line<'_>, language: Language) -> String {
    if language == Language::FRENCH { french(line) } else { english(line) }
}

fn french(line: &Line<'_>) -> String {
    match line {
        Line::SentToRequester => "Votre texte est parti au demandeur.".to_owned(),
        Line::SolutionSent => "La solution est partie au demandeur.".to_owned(),
        Line::NotedForDesk => "Note interne enregistrée.".to_owned(),
        Line::Owner(name) => format!("Billet attribué à {name}."),
        Line::StateIs(state) => format!("État : {}.", state_french(*state)),
        Line::LevelIs(level) => format!("Niveau : {}.", level_french(*level)),
        Line::EscalatedTo(whom) => format!("Escaladé à {whom}."),
        Line::BriefWasRequest => "Aucun résumé n’était donné : le texte de la demande est parti à sa place.".to_owned(),
        Line::WroteToVendor(vendor) => format!("Votre texte est parti au fournisseur {vendor}."),
        Line::CaseNumberIs(number) => format!("Numéro de dossier du fournisseur : {number}."),
        Line::PriorityIs(priority) => format!("Priorité : {priority}."),
        Line::ServiceIs(service) => format!("Service : {service}."),
        Line::DeskIs(desk) => format!("Guichet : {desk}."),
        Line::ParticipantAdded(address) => format!("{address} suit maintenant le billet."),
        Line::ParticipantRemoved(address) => format!("{address} ne suit plus le billet."),
        Line::RequesterIs(address) => format!("Demandeur : {address}."),
        Line::FixSent(fix) => format!("Solution connue « {fix} » envoyée."),
        Line::FixAnswered(fix) => {
            format!("La solution connue « {fix} » a été envoyée au demandeur comme réponse automatique.")
        }
        Line::FixSuggested(fix) => format!("La solution connue « {fix} » est suggérée au demandeur."),
        Line::FixDrafted(fix, symptoms) => format!(
            "Brouillon « {fix} » ajouté aux solutions connues, pour les agents seulement : relisez-le avant de l’offrir. Symptômes retenus : {symptoms}"
        ),
        Line::NoFixFolder => "Ce guichet n’a pas de dossier de solutions connues.".to_owned(),
        Line::NotResolved => {
            "Le billet n’est pas résolu : une solution se rédige une fois qu’elle a fait ses preuves.".to_owned()
        }
        Line::NoSolution => {
            "Aucune réponse n’est partie au demandeur : écrivez la solution sous la commande.".to_owned()
        }
        Line::MergedInto(reference) => format!("Fusionné dans {reference}."),
        Line::Linked(reference) => format!("Lié à {reference}."),
        Line::Published => "La réponse du fournisseur est partie au demandeur, en notre nom.".to_owned(),
        Line::TicketOpenedFor(reference, whom) => format!("Billet {reference} ouvert pour {whom}."),
        Line::AttachmentWithheld(name) => {
            format!("La pièce jointe « {name} » contient une de nos lettres internes : elle n’est pas partie.")
        }
        Line::Withdrawn => "Le courriel retenu est annulé ; rien n’est parti.".to_owned(),
        Line::Fault(fault) => fault_french(fault),
        Line::NoTicket => "Ce courriel ne désigne aucun billet ; répondez à une lettre du guichet.".to_owned(),
        Line::NoSuchTicket(reference) => format!("Le billet {reference} n’existe pas."),
        Line::NoSuchAgent(address) => format!("{address} n’est pas un agent de ce guichet."),
        Line::NoSuchFix(fix) => format!("La solution connue « {fix} » n’existe pas."),
        Line::NoSuchDesk(desk) => format!("Le guichet « {desk} » n’existe pas."),
        Line::NoSuchAttachment(number) => format!("Il n’y a pas de pièce jointe no {number}."),
        Line::WhichVendor(names) => format!("Quel fournisseur ? Écrivez « #escalader L3 NOM : résumé » ({names})."),
        Line::NoTeam(level) => format!("Aucune équipe ni aucun agent au niveau {}.", level_french(*level)),
        Line::AlreadyAt(level) => format!("Le billet est déjà au niveau {}.", level_french(*level)),
        Line::NothingToPublish => "Aucune réponse de fournisseur à publier, et aucun texte.".to_owned(),
        Line::NothingHeld => "Rien n’est retenu pour cette lettre.".to_owned(),
        Line::NobodyReachable => "Le demandeur ne peut pas être joint par courriel (adresse sans lecteur).".to_owned(),
        Line::MayNotParticipate(address) => format!("{address} ne peut pas suivre un billet."),
        Line::TextMissing => "Il manque le texte.".to_owned(),
        Line::ColleagueAnswered(name) => {
            format!("{name} a répondu au demandeur après la lettre à laquelle vous répondez.")
        }
        Line::StateChanged(state) => {
            format!("L’état a changé après la lettre à laquelle vous répondez : {}.", state_french(*state))
        }
        Line::LooksSecret => {
            "Le texte semble contenir un secret (carte, NAS, mot de passe) : il n’est pas remis au fournisseur."
                .to_owned()
        }
        Line::BrakeTripped => "Trop de lettres automatiques à ce correspondant : elles sont suspendues.".to_owned(),
        Line::UnlistedColleague(address) => {
            format!("{address} a répondu à une lettre interne sans être un agent connu ; rien n’est parti.")
        }
        Line::AgentUnverified(address) => format!("Courriel au nom de l’agent {address}, non authentifié."),
        Line::VendorUnverified(address) => format!("Courriel au nom du fournisseur {address}, non authentifié."),
        Line::VendorWithoutCase(address) => format!("Courriel du fournisseur {address} qui ne désigne aucun billet."),
        Line::FromOurselves => "Courriel envoyé depuis l’adresse même du guichet.".to_owned(),
        Line::Mentions(reference) => format!("L’auteur cite le billet {reference}, auquel il ne participe pas."),
        Line::DeliveryFailed(address, reason) => format!("La lettre à {address} n’est pas arrivée : {reason}"),
        Line::Reopened => "Le demandeur a rouvert le billet.".to_owned(),
        Line::SolvedByKnownFix(fix) => {
            format!("La solution connue {fix} a réglé le problème : le billet est résolu, il n’y a rien à faire.")
        }
        Line::FixSuspended(fix) => {
            format!(
                "La solution connue {fix} n’aide pas assez souvent : elle n’est plus envoyée comme réponse automatique, seulement suggérée, tant qu’elle n’est pas revue."
            )
        }
        Line::OkHint => "Pour l’envoyer quand même, répondez #ok ; pour l’annuler, #annuler.".to_owned(),
    }
}

fn english(line: &Line<'_>) -> String {
    match line {
        Line::SentToRequester => "Your text was sent to the requester.".to_owned(),
        Line::SolutionSent => "The solution was sent to the requester.".to_owned(),
        Line::NotedForDesk => "Internal note recorded.".to_owned(),
        Line::Owner(name) => format!("Ticket assigned to {name}."),
        Line::StateIs(state) => format!("State: {}.", state_english(*state)),
        Line::LevelIs(level) => format!("Level: {level}."),
        Line::EscalatedTo(whom) => format!("Escalated to {whom}."),
        Line::BriefWasRequest => "No brief was given: the text of the request was sent instead.".to_owned(),
        Line::WroteToVendor(vendor) => format!("Your text was sent to the vendor {vendor}."),
        Line::CaseNumberIs(number) => format!("The vendor's case number: {number}."),
        Line::PriorityIs(priority) => format!("Priority: {priority}."),
        Line::ServiceIs(service) => format!("Service: {service}."),
        Line::DeskIs(desk) => format!("Desk: {desk}."),
        Line::ParticipantAdded(address) => format!("{address} now follows the ticket."),
        Line::ParticipantRemoved(address) => format!("{address} no longer follows the ticket."),
        Line::RequesterIs(address) => format!("Requester: {address}."),
        Line::FixSent(fix) => format!("Known fix \"{fix}\" sent."),
        Line::FixAnswered(fix) => format!("The known fix \"{fix}\" was sent to the requester as an automatic answer."),
        Line::FixSuggested(fix) => format!("The known fix \"{fix}\" is suggested to the requester."),
        Line::FixDrafted(fix, symptoms) => format!(
            "Draft \"{fix}\" added to the known fixes, for agents only: read it over before it is offered. Symptoms kept: {symptoms}"
        ),
        Line::NoFixFolder => "This desk has no folder of known fixes.".to_owned(),
        Line::NotResolved => "The ticket is not resolved: a fix is written down once it has worked.".to_owned(),
        Line::NoSolution => "No answer went to the requester: write the solution below the command.".to_owned(),
        Line::MergedInto(reference) => format!("Merged into {reference}."),
        Line::Linked(reference) => format!("Linked to {reference}."),
        Line::Published => "The vendor's answer was sent on to the requester, in our name.".to_owned(),
        Line::TicketOpenedFor(reference, whom) => format!("Ticket {reference} opened for {whom}."),
        Line::AttachmentWithheld(name) => {
            format!("The attachment \"{name}\" holds an internal letter of ours: it was not sent.")
        }
        Line::Withdrawn => "The held mail is withdrawn; nothing was sent.".to_owned(),
        Line::Fault(fault) => fault_english(fault),
        Line::NoTicket => "This mail names no ticket; reply to one of the desk's letters.".to_owned(),
        Line::NoSuchTicket(reference) => format!("There is no ticket {reference}."),
        Line::NoSuchAgent(address) => format!("{address} is no agent of this desk."),
        Line::NoSuchFix(fix) => format!("There is no known fix \"{fix}\"."),
        Line::NoSuchDesk(desk) => format!("There is no desk \"{desk}\"."),
        Line::NoSuchAttachment(number) => format!("There is no attachment {number}."),
        Line::WhichVendor(names) => format!("Which vendor? Write \"#escalate L3 NAME: brief\" ({names})."),
        Line::NoTeam(level) => format!("There is no team and no agent at level {level}."),
        Line::AlreadyAt(level) => format!("The ticket is at level {level} already."),
        Line::NothingToPublish => "There is no vendor's answer to publish, and no text.".to_owned(),
        Line::NothingHeld => "Nothing is held for this letter.".to_owned(),
        Line::NobodyReachable => "The requester cannot be reached by mail (nobody reads that address).".to_owned(),
        Line::MayNotParticipate(address) => format!("{address} cannot follow a ticket."),
        Line::TextMissing => "The text is missing.".to_owned(),
        Line::ColleagueAnswered(name) => format!("{name} answered the requester after the letter that you reply to."),
        Line::StateChanged(state) => {
            format!("The state changed after the letter that you reply to: {}.", state_english(*state))
        }
        Line::LooksSecret => {
            "The text seems to hold a secret (card, SIN, password): it is not handed to the vendor.".to_owned()
        }
        Line::BrakeTripped => "Too many automatic letters to this correspondent: they are suspended.".to_owned(),
        Line::UnlistedColleague(address) => {
            format!("{address} answered an internal letter and is no known agent; nothing was sent.")
        }
        Line::AgentUnverified(address) => format!("Mail in the name of the agent {address}, not authenticated."),
        Line::VendorUnverified(address) => format!("Mail in the name of the vendor {address}, not authenticated."),
        Line::VendorWithoutCase(address) => format!("Mail of the vendor {address} that names no ticket."),
        Line::FromOurselves => "Mail sent from the desk's own address.".to_owned(),
        Line::Mentions(reference) => format!("The author names the ticket {reference}, in which they have no part."),
        Line::DeliveryFailed(address, reason) => format!("The letter to {address} did not arrive: {reason}"),
        Line::Reopened => "The requester reopened the ticket.".to_owned(),
        Line::SolvedByKnownFix(fix) => {
            format!("The known fix {fix} solved it: the ticket is resolved, and there is nothing to do.")
        }
        Line::FixSuspended(fix) => {
            format!(
                "The known fix {fix} does not help often enough: it is no longer sent as an automatic answer, only suggested, until it is mended."
            )
        }
        Line::OkHint => "To send it anyway, reply #ok; to withdraw it, #cancel.".to_owned(),
    }
}

fn fault_french(fault: &Fault) -> String {
    match fault {
        Fault::Unknown(line) => format!("Commande inconnue : « {line} ». Répondez #aide pour la liste."),
        Fault::BadArgument(line) => format!("Argument manquant ou invalide : « {line} »."),
        Fault::CommandInText(word) => {
            format!("{word} se trouve dans le texte ; les commandes vont sur les premières lignes.")
        }
        Fault::TwoClaimTheText(a, b) => format!("{a} et {b} réclament le même texte ; envoyez deux courriels."),
    }
}

fn fault_english(fault: &Fault) -> String {
    match fault {
        Fault::Unknown(line) => format!("Unknown command: \"{line}\". Reply #help for the list."),
        Fault::BadArgument(line) => format!("Missing or wrong argument: \"{line}\"."),
        Fault::CommandInText(word) => format!("{word} stands within the text; commands go on the first lines."),
        Fault::TwoClaimTheText(a, b) => format!("{a} and {b} claim the same text; send two mails."),
    }
}

fn level_french(level: Level) -> &'static str {
    match level {
        Level::L1 => "N1",
        Level::L2 => "N2",
        Level::L3 => "N3",
    }
}

/// A state as people say it.
pub(in crate::desk) fn state(state: State, language: Language) -> &'static str {
    if language == Language::FRENCH { state_french(state) } else { state_english(state) }
}

fn state_french(state: State) -> &'static str {
    match state {
        State::New => "nouveau",
        State::Open => "attribué",
        State::Pending { reason: PendingReason::Requester } => "en attente du demandeur",
        State::Pending { reason: PendingReason::Vendor } => "en attente du fournisseur",
        State::Pending { reason: PendingReason::Until { .. } } => "en attente d’une date",
        State::Resolved => "résolu",
        State::Closed => "fermé",
        State::Spam => "pourriel",
    }
}

fn state_english(state: State) -> &'static str {
    match state {
        State::New => "new",
        State::Open => "assigned",
        State::Pending { reason: PendingReason::Requester } => "pending the requester",
        State::Pending { reason: PendingReason::Vendor } => "pending the vendor",
        State::Pending { reason: PendingReason::Until { .. } } => "pending a date",
        State::Resolved => "resolved",
        State::Closed => "closed",
        State::Spam => "spam",
    }
}

/// Who will read a plain reply to a letter to agents.
pub(in crate::desk) fn reply_goes_to(requester: Option<&str>, language: Language) -> String {
    match (requester, language == Language::FRENCH) {
        (Some(name), _) => name.to_owned(),
        (None, true) => "note interne".to_owned(),
        (None, false) => "internal note".to_owned(),
    }
}

/// The help that `#aide` answers with, a line each.
pub(in crate::desk) fn help(language: Language) -> Vec<String> {
    let lines: &[&str] = if language == Language::FRENCH {
        &[
            "Une réponse simple à une lettre sur la demande part au demandeur. Les commandes vont sur les premières lignes, une par ligne :",
            "#note — pour le guichet seulement",
            "#répondre — au demandeur, même si une réponse simple n’irait pas",
            "#prendre, #assigner ADRESSE",
            "#escalader L2 : résumé, #escalader L3 FOURNISSEUR : résumé, #retour L1",
            "#attente demandeur | fournisseur | 3 jours",
            "#résolu, #rouvrir, #fermer",
            "#priorité N, #service NOM, #desk NOM, #cc +ADRESSE -ADRESSE, #demandeur ADRESSE",
            "#solution ID, #solution nouveau TITRE, #fusionner R-…, #lier R-…, #spam",
            "#fournisseur NOM ref=DOSSIER : texte, #pièces 1,2, #publier",
            "#statut, #liste, #aide, #aperçu, #ok, #annuler, #libérer",
        ]
    } else {
        &[
            "A plain reply to a letter about the request goes to the requester. Commands stand on the first lines, one a line:",
            "#note — for the desk only",
            "#reply — to the requester, even where a plain reply would not go",
            "#take, #assign ADDRESS",
            "#escalate L2: brief, #escalate L3 VENDOR: brief, #return L1",
            "#pending requester | vendor | 3 days",
            "#solved, #reopen, #close",
            "#priority N, #service NAME, #desk NAME, #cc +ADDRESS -ADDRESS, #requester ADDRESS",
            "#fix ID, #fix new TITLE, #merge R-…, #link R-…, #spam",
            "#vendor NAME ref=CASE: text, #attach 1,2, #publish",
            "#status, #list, #help, #preview, #ok, #cancel, #release",
        ]
    };
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// When the desk is open, as the operator words it.
pub(in crate::desk) fn hours(desk: &Desk, language: Language) -> Option<String> {
    desk.hours.iter().find(|(known, _)| *known == language).map(|(_, text)| text.clone())
}

/// A moment in the desk's time zone, to the minute.
pub(in crate::desk) fn moment(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    let format = if language == Language::FRENCH { "%Y-%m-%d à %H h %M" } else { "%Y-%m-%d at %H:%M" };
    at.to_zoned(zone.clone()).strftime(format).to_string()
}
