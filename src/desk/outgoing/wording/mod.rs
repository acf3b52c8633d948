//! Short sentences of receipts and refusals, in French and English. Everything longer is a template.
//!
//! French is set with a narrow no-break space (U+202F) before `:`, `;`, `?`, `!` and inside `« »`, and with `’`. Levels are N1 to
//! N3 in French and L1 to L3 in English; commands take both.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::desk::{BadArgument, Desk, Fault, Level, PendingReason, State, Wanted};
use crate::mail::{Language, Unreadable};

/// What a receipt says was done, or a refusal says is wrong.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::desk) enum Line<'a> {
    SentToRequester,
    SolutionSent,
    NotedForDesk,
    Owner(&'a str),
    StateIs(State),
    LevelIs(Level),
    EscalatedTo(Whom<'a>),
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
    WithdrawnBy(&'a str),
    Fault(&'a Fault),
    NoTicket,
    NoSuchTicket(&'a str),
    /// With those there are.
    NoSuchAgent(&'a str, &'a [String]),
    /// With the id that is written almost like it.
    NoSuchFix(&'a str, Option<&'a str>),
    /// With those there are.
    NoSuchDesk(&'a str, &'a [String]),
    /// With how many there are.
    NoSuchAttachment(usize, usize),
    AttachmentsAre(usize),
    /// Of those there are.
    WhichVendor(&'a [String]),
    NoTeam(Level),
    AlreadyAt(Level),
    NoWayUp(Level),
    NoWayDown(Level),
    IntoItself,
    LinkedToItself,
    DateIsPast(jiff::civil::Date),
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
    NotGivenOut(&'a str, &'a str, &'a str),
    LeftOut(&'a str),
    OriginalHoldsThem,
    DidNotLeave(&'a str, &'a str),
    FromOurselves,
    VendorSaysClosed(&'a str),
    VendorRefused(&'a str),
    Mentions(&'a str),
    StandsBeside(&'a str),
    AuthorProven,
    TakesOver(&'a str),
    LinkedCopy(&'a str),
    DeliveryFailed(&'a str, &'a str),
    Reopened,
    SolvedByKnownFix(&'a str),
    FixSuspended(&'a str),
    OkHint,
    RequesterHasIt(&'a str),
    InnerForward,
    InnerWrittenTo(&'a str),
    InnerAnswersNothing,
    InnerLetter,
    InnerNotDirect,
    AsksToPassOn(&'a str),
    AlsoRead(&'a str),
    NewReaders(&'a str),
    Unreadable(Unreadable),
    HoldsOthersLetter,
    HoldsOthersWords(&'a str),
    AttachmentOfNote(&'a str),
    FilesStay(&'a str),
    Subject(&'a str),
    LetOut,
    WhichAnswer(&'a str),
    VendorAnsweredAnew(&'a str, &'a str),
    LooksAutomatic,
    AnswerLooksAutomatic,
    MarkedAutomatic,
}

/// To whom a ticket was escalated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::desk) enum Whom<'a> {
    Level(Level),
    Vendor(&'a str),
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
        Line::StateIs(state) => format!("État : {}.", state_french(*state)),
        Line::LevelIs(level) => format!("Niveau : {}.", level_french(*level)),
        Line::EscalatedTo(Whom::Level(level)) => format!("Escaladé au niveau {}.", level_french(*level)),
        Line::EscalatedTo(Whom::Vendor(vendor)) => format!("Escaladé à {vendor}."),
        Line::BriefWasRequest => "Aucun résumé n’était donné : le texte de la demande est parti à sa place.".to_owned(),
        Line::WroteToVendor(vendor) => format!("Votre texte est parti au fournisseur {vendor}."),
        Line::CaseNumberIs(number) => format!("Numéro de dossier du fournisseur : {number}."),
        Line::PriorityIs(priority) => format!("Priorité : {priority}."),
        Line::ServiceIs(service) => format!("Service : {service}."),
        Line::DeskIs(desk) => format!("Guichet : {desk}."),
        Line::ParticipantAdded(address) => format!("{address} suit maintenant le billet."),
        Line::ParticipantRemoved(address) => format!("{address} ne suit plus le billet."),
        Line::RequesterIs(address) => format!("Demandeur : {address}."),
        Line::FixSent(fix) => format!("Solution connue « {fix} » envoyée."),
        Line::FixAnswered(fix) => {
            format!("La solution connue « {fix} » a été envoyée au demandeur comme réponse automatique.")
        }
        Line::FixSuggested(fix) => format!("La solution connue « {fix} » est suggérée au demandeur."),
        Line::FixDrafted(fix, symptoms) => format!(
            "Brouillon « {fix} » ajouté aux solutions connues, pour les agents seulement : relisez-le avant de l’offrir. Symptômes retenus : {symptoms}"
        ),
        Line::NoFixFolder => "Ce guichet n’a pas de dossier de solutions connues.".to_owned(),
        Line::NotResolved => {
            "Le billet n’est pas résolu : une solution se rédige une fois qu’elle a fait ses preuves.".to_owned()
        }
        Line::NoSolution => {
            "Aucune réponse n’est partie au demandeur : écrivez la solution sous la commande.".to_owned()
        }
        Line::MergedInto(reference) => format!("Fusionné dans {reference}."),
        Line::Linked(reference) => format!("Lié à {reference}."),
        Line::Published => "La réponse du fournisseur est partie au demandeur, en notre nom.".to_owned(),
        Line::TicketOpenedFor(reference, whom) => format!("Billet {reference} ouvert pour {whom}."),
        Line::AttachmentWithheld(name) => {
            format!("La pièce jointe « {name} » contient une de nos lettres internes : elle n’est pas partie.")
        }
        Line::WithdrawnBy(name) => format!("{name} a écarté votre réponse : rien n’en a été envoyé."),
        Line::Withdrawn => "Le courriel retenu est annulé ; rien n’est parti.".to_owned(),
        Line::Fault(fault) => fault_french(fault),
        Line::NoTicket => "Ce courriel ne désigne aucun billet ; répondez à une lettre du guichet.".to_owned(),
        Line::NoSuchTicket(reference) => format!("Le billet {reference} n’existe pas."),
        Line::NoSuchAgent(address, agents) => {
            format!("{address} n’est pas un agent d’ici ; les agents sont : {}.", known(agents, "aucun"))
        }
        Line::NoSuchFix(fix, Some(near)) => {
            format!("La solution connue « {fix} » n’existe pas. Vouliez-vous « #solution {near} » ?")
        }
        Line::NoSuchFix(fix, None) => format!("La solution connue « {fix} » n’existe pas."),
        Line::NoSuchDesk(desk, desks) => {
            format!("Le guichet « {desk} » n’existe pas ; les guichets sont : {}.", known(desks, "aucun"))
        }
        Line::NoSuchAttachment(number, 0) => {
            format!("Il n’y a pas de pièce jointe n° {number} : ce billet n’en a aucune.")
        }
        Line::NoSuchAttachment(number, all) => {
            format!("Il n’y a pas de pièce jointe n° {number} : elles sont numérotées de 1 à {all}.")
        }
        Line::AttachmentsAre(0) => "Ce billet n’a aucune pièce jointe.".to_owned(),
        Line::AttachmentsAre(all) => format!("Les pièces jointes de ce billet sont numérotées de 1 à {all}."),
        Line::WhichVendor([]) => "Aucun fournisseur n’est configuré : rien ne va au niveau N3.".to_owned(),
        Line::WhichVendor(vendors) => format!(
            "Quel fournisseur ? Écrivez « #escalader N3 {} : résumé » ; les fournisseurs sont : {}.",
            vendors[0],
            known(vendors, "aucun")
        ),
        Line::NoTeam(level) => format!("Aucune équipe ni aucun agent au niveau {}.", level_french(*level)),
        Line::AlreadyAt(level) => format!("Le billet est déjà au niveau {}.", level_french(*level)),
        Line::NoWayUp(level) => {
            format!("Le billet est déjà plus haut que {0}. Écrivez « #retour {0} : motif ».", level_french(*level))
        }
        Line::NoWayDown(level) => {
            format!("Le billet n’est pas encore à {0}. Écrivez « #escalader {0} : résumé ».", level_french(*level))
        }
        Line::IntoItself => "Le billet ne peut pas être fusionné avec lui-même.".to_owned(),
        Line::LinkedToItself => "Le billet ne peut pas être lié à lui-même.".to_owned(),
        Line::DateIsPast(date) => {
            format!("Le {date} n’est plus à venir. Écrivez un jour à venir, ou « #attente 3 jours ».")
        }
        Line::NothingToPublish => "Aucune réponse de fournisseur à publier, et aucun texte.".to_owned(),
        Line::NothingHeld => "Rien n’est retenu pour cette lettre.".to_owned(),
        Line::NobodyReachable => "Le demandeur ne peut pas être joint par courriel (adresse sans lecteur).".to_owned(),
        Line::MayNotParticipate(address) => format!("{address} ne peut pas suivre un billet."),
        Line::TextMissing => "Il manque le texte.".to_owned(),
        Line::ColleagueAnswered(name) => {
            format!("{name} a répondu au demandeur après la lettre à laquelle vous répondez.")
        }
        Line::StateChanged(state) => {
            format!("L’état a changé après la lettre à laquelle vous répondez : {}.", state_french(*state))
        }
        Line::LooksSecret => {
            "Le texte semble contenir un secret (carte, NAS, mot de passe) : il n’est pas remis au fournisseur."
                .to_owned()
        }
        Line::BrakeTripped => "Trop de lettres automatiques à ce correspondant : elles sont suspendues.".to_owned(),
        Line::UnlistedColleague(address) => {
            format!("{address} a répondu à une lettre interne sans être un agent connu ; rien n’est parti.")
        }
        Line::AgentUnverified(address) => format!("Courriel au nom de l’agent {address}, non authentifié."),
        Line::VendorUnverified(address) => format!("Courriel au nom du fournisseur {address}, non authentifié."),
        Line::VendorWithoutCase(address) => format!("Courriel du fournisseur {address} qui ne désigne aucun billet."),
        Line::NotGivenOut(mailbox, uid, why) => format!(
            "Le serveur ne peut pas remettre un courriel qui se trouve dans la boîte {mailbox} (UID {uid}) : {why}. Ouvrez-le \
             avec un autre logiciel, ou faites réparer la boîte ; #libérer le demande de nouveau au serveur."
        ),
        Line::LeftOut(names) => format!("Laissé de côté, car trop grand pour le serveur de courrier : {names}."),
        Line::OriginalHoldsThem => "Le courriel d’origine, dans la boîte du guichet, le contient.".to_owned(),
        Line::DidNotLeave(address, names) => format!(
            "La lettre à {address} est partie sans ces fichiers, trop grands pour le serveur de courrier : {names}."
        ),
        Line::VendorSaysClosed(vendor) => format!(
            "{vendor} dit que son dossier est clos. Le billet reste comme il est : si le problème est réglé, répondez #résolu."
        ),
        Line::VendorRefused(vendor) => {
            format!("Le système de {vendor} n’a pas accepté notre lettre ; voyez pourquoi ci-dessous.")
        }
        Line::FromOurselves => "Courriel envoyé depuis l’adresse même du guichet.".to_owned(),
        Line::AuthorProven => {
            "Un second exemplaire de ce message est arrivé : son auteur est maintenant vérifié.".to_owned()
        }
        Line::TakesOver(reference) => format!(
            "Un premier exemplaire de ce message, dont l’auteur n’était pas vérifié, avait ouvert {reference} : ce billet-là continue ici."
        ),
        Line::LinkedCopy(reference) => format!(
            "Un premier exemplaire de ce message, dont l’auteur n’était pas vérifié, avait ouvert {reference}, où l’on travaille déjà."
        ),
        Line::StandsBeside(reference) => format!(
            "Ce message touche peut-être le billet {reference}, que l’auteur suit, mais rien ne dit qu’il est pour ceux qui le lisent. #fusionner {reference} les réunit."
        ),
        Line::Mentions(reference) => format!("L’auteur cite le billet {reference}, auquel il ne participe pas."),
        Line::DeliveryFailed(address, reason) => format!("La lettre à {address} n’est pas arrivée : {reason}"),
        Line::Reopened => "Le demandeur a rouvert le billet.".to_owned(),
        Line::SolvedByKnownFix(fix) => {
            format!("La solution connue {fix} a réglé le problème : le billet est résolu, il n’y a rien à faire.")
        }
        Line::FixSuspended(fix) => {
            format!(
                "La solution connue {fix} n’aide pas assez souvent : elle n’est plus envoyée comme réponse automatique, seulement suggérée, tant qu’elle n’est pas revue."
            )
        }
        Line::LooksAutomatic => {
            "Ce courriel semble automatique, à ses mots seuls : il n’a pas reçu de réponse, et l’état du billet n’a pas changé.".to_owned()
        }
        Line::AnswerLooksAutomatic => {
            "Votre texte ressemble à un avis d’absence ou à une autre réponse automatique : il n’est pas parti.".to_owned()
        }
        Line::MarkedAutomatic => {
            "Ce courriel est marqué comme automatique et contient les mots de quelqu’un : l’état du billet n’a pas changé."
                .to_owned()
        }
        Line::OkHint => "Pour l’envoyer quand même, répondez #ok ; pour l’annuler, #annuler.".to_owned(),
        Line::LetOut => "Le courriel est sorti de la quarantaine, s’il y était encore.".to_owned(),
        Line::Subject(subject) => format!("Objet : {subject}"),
        Line::FilesStay(names) => {
            format!("Pièces jointes restées ici : {names}. Pour les joindre, nommez-les avec #pièces.")
        }
        Line::WhichAnswer(vendors) => {
            format!(
                "Plusieurs fournisseurs ont répondu ({vendors}) : répondez à la lettre qui montre la réponse à publier."
            )
        }
        Line::VendorAnsweredAnew(vendor, newer) => {
            format!("{vendor} a répondu de nouveau depuis la lettre à laquelle vous répondez :\n{newer}")
        }
        Line::RequesterHasIt(whom) => {
            format!(
                "Votre réponse à {whom} est inscrite au billet ; vous l’avez envoyée vous-même, rien n’est parti d’ici."
            )
        }
        Line::InnerForward => "Un courriel transféré reste entre nous.".to_owned(),
        Line::InnerWrittenTo("") => "Votre courriel n’est pas adressé au guichet : il reste entre nous.".to_owned(),
        Line::InnerWrittenTo(whom) => format!("Votre courriel est adressé à {whom} : il reste entre nous."),
        Line::InnerAnswersNothing => {
            "Votre courriel ne répond à aucune lettre du demandeur : il reste entre nous.".to_owned()
        }
        Line::InnerLetter => "La lettre à laquelle vous répondez est interne : votre réponse aussi.".to_owned(),
        Line::InnerNotDirect => {
            "Les réponses de votre équipe passent par le premier niveau : il a votre texte, et l’envoie ou l’écarte."
                .to_owned()
        }
        Line::AsksToPassOn(name) => format!(
            "{name} répond au demandeur par votre intermédiaire. #ok envoie cette réponse au nom de {name}, #annuler l’écarte."
        ),
        Line::AlsoRead(whom) => {
            format!("Attention : {whom} était en destinataire ou en copie de votre courriel et l’a lu.")
        }
        Line::NewReaders(whom) => {
            format!("{whom} lit aussi vos réponses depuis la lettre à laquelle vous répondez.")
        }
        Line::Unreadable(Unreadable::Encrypted) => {
            "Votre courriel est chiffré : le guichet ne peut pas le lire. Envoyez-le en clair.".to_owned()
        }
        Line::Unreadable(_) => "Le guichet n’a pas pu lire votre courriel. Envoyez-le en texte ou en HTML.".to_owned(),
        Line::HoldsOthersLetter => {
            "Votre texte contient une de nos lettres qui n’était pas pour son destinataire.".to_owned()
        }
        Line::HoldsOthersWords(words) => {
            format!("Votre texte contient des mots écrits pour d’autres : « {words} ».")
        }
        Line::AttachmentOfNote(name) => {
            format!("La pièce jointe « {name} » vient d’une note interne : elle ne sort pas du guichet.")
        }
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
        Line::EscalatedTo(Whom::Level(level)) => format!("Escalated to {level}."),
        Line::EscalatedTo(Whom::Vendor(vendor)) => format!("Escalated to {vendor}."),
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
        Line::WithdrawnBy(name) => format!("{name} dropped your answer: nothing of it was sent."),
        Line::Withdrawn => "The held mail is withdrawn; nothing was sent.".to_owned(),
        Line::Fault(fault) => fault_english(fault),
        Line::NoTicket => "This mail names no ticket; reply to one of the desk's letters.".to_owned(),
        Line::NoSuchTicket(reference) => format!("There is no ticket {reference}."),
        Line::NoSuchAgent(address, agents) => {
            format!("{address} is no agent here; the agents are: {}.", known(agents, "none"))
        }
        Line::NoSuchFix(fix, Some(near)) => {
            format!("There is no known fix \"{fix}\". Did you mean \"#fix {near}\"?")
        }
        Line::NoSuchFix(fix, None) => format!("There is no known fix \"{fix}\"."),
        Line::NoSuchDesk(desk, desks) => {
            format!("There is no desk \"{desk}\"; the desks are: {}.", known(desks, "none"))
        }
        Line::NoSuchAttachment(number, 0) => format!("There is no attachment {number}: this ticket has none."),
        Line::NoSuchAttachment(number, all) => {
            format!("There is no attachment {number}: they are numbered 1 to {all}.")
        }
        Line::AttachmentsAre(0) => "This ticket has no attachments.".to_owned(),
        Line::AttachmentsAre(all) => format!("The attachments of this ticket are numbered 1 to {all}."),
        Line::WhichVendor([]) => "There is no vendor configured: nothing goes to level L3.".to_owned(),
        Line::WhichVendor(vendors) => format!(
            "Which vendor? Write \"#escalate L3 {}: brief\"; the vendors are: {}.",
            vendors[0],
            known(vendors, "none")
        ),
        Line::NoTeam(level) => format!("There is no team and no agent at level {level}."),
        Line::AlreadyAt(level) => format!("The ticket is at level {level} already."),
        Line::NoWayUp(level) => {
            format!("The ticket is above {level} already. Write \"#return {level}: reason\".")
        }
        Line::NoWayDown(level) => {
            format!("The ticket is not as far as {level} yet. Write \"#escalate {level}: brief\".")
        }
        Line::IntoItself => "The ticket cannot be merged with itself.".to_owned(),
        Line::LinkedToItself => "The ticket cannot be linked to itself.".to_owned(),
        Line::DateIsPast(date) => format!("{date} is not ahead any more. Write a day ahead, or \"#pending 3 days\"."),
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
        Line::NotGivenOut(mailbox, uid, why) => format!(
            "The server cannot give out a mail that stands in the mailbox {mailbox} (UID {uid}): {why}. Open it with another \
             program, or have the mailbox mended; #release asks the server for it again."
        ),
        Line::LeftOut(names) => format!("Left out, too large for the mail server: {names}."),
        Line::OriginalHoldsThem => "The original mail, in the desk's mailbox, holds it.".to_owned(),
        Line::DidNotLeave(address, names) => {
            format!("The letter to {address} left without these files, too large for the mail server: {names}.")
        }
        Line::VendorSaysClosed(vendor) => format!(
            "{vendor} says that its case is closed. The ticket stays as it is: if the problem is gone, reply #solved."
        ),
        Line::VendorRefused(vendor) => {
            format!("The system of {vendor} did not accept our letter; it says why below.")
        }
        Line::FromOurselves => "Mail sent from the desk's own address.".to_owned(),
        Line::AuthorProven => "Another copy of this message came: its author is verified now.".to_owned(),
        Line::TakesOver(reference) => format!(
            "An earlier copy of this message, whose author was not verified, had opened {reference}: that ticket goes on here."
        ),
        Line::LinkedCopy(reference) => format!(
            "An earlier copy of this message, whose author was not verified, had opened {reference}, on which somebody works already."
        ),
        Line::StandsBeside(reference) => format!(
            "This message may be about the ticket {reference}, which its author follows, but nothing says that it is for those who read it. #merge {reference} joins them."
        ),
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
        Line::LooksAutomatic => {
            "This mail looks automatic, by its words alone: nothing answered it, and the state of the ticket is unchanged.".to_owned()
        }
        Line::AnswerLooksAutomatic => {
            "Your text looks like an absence notice or another automatic answer: it was not sent.".to_owned()
        }
        Line::MarkedAutomatic => {
            "This mail is marked as automatic and holds somebody’s words: the state of the ticket is unchanged.".to_owned()
        }
        Line::OkHint => "To send it anyway, reply #ok; to withdraw it, #cancel.".to_owned(),
        Line::LetOut => "The mail is out of quarantine, if it was still there.".to_owned(),
        Line::Subject(subject) => format!("Subject: {subject}"),
        Line::FilesStay(names) => {
            format!("Attachments that stayed here: {names}. To enclose them, name them with #attach.")
        }
        Line::WhichAnswer(vendors) => {
            format!("Several vendors have answered ({vendors}): reply to the letter that shows the answer to publish.")
        }
        Line::VendorAnsweredAnew(vendor, newer) => {
            format!("{vendor} has answered again since the letter that you answer:\n{newer}")
        }
        Line::RequesterHasIt(whom) => {
            format!("Your answer to {whom} is on the ticket; you sent it yourself, and nothing left from here.")
        }
        Line::InnerForward => "A forwarded mail stays between us.".to_owned(),
        Line::InnerWrittenTo("") => "Your mail is not addressed to the desk: it stays between us.".to_owned(),
        Line::InnerWrittenTo(whom) => format!("Your mail is addressed to {whom}: it stays between us."),
        Line::InnerAnswersNothing => "Your mail answers no letter of the requester's: it stays between us.".to_owned(),
        Line::InnerLetter => "The letter that you answer is internal, and so is your answer.".to_owned(),
        Line::InnerNotDirect => {
            "Your team's answers go by way of the first level: it has your text, and sends it or drops it.".to_owned()
        }
        Line::AsksToPassOn(name) => {
            format!(
                "{name} answers the requester by way of you. #ok sends this answer in the name of {name}, #cancel drops it."
            )
        }
        Line::AlsoRead(whom) => format!("Careful: {whom} was in To or Cc of your mail and has read it."),
        Line::NewReaders(whom) => format!("{whom} reads your answers, too, since the letter that you answer."),
        Line::Unreadable(Unreadable::Encrypted) => {
            "Your mail is encrypted, and the desk cannot read it. Send it in clear.".to_owned()
        }
        Line::Unreadable(_) => "The desk could not read your mail. Send it as text or HTML.".to_owned(),
        Line::HoldsOthersLetter => "Your text holds a letter of ours that was not for its reader.".to_owned(),
        Line::HoldsOthersWords(words) => format!("Your text holds words that were written for others: \"{words}\"."),
        Line::AttachmentOfNote(name) => {
            format!("The attachment \"{name}\" came with an internal note: it does not leave the desk.")
        }
    }
}

/// So many names are said; the first are enough to see what one looks like.
const NAMES_SAID: usize = 12;

fn known(names: &[String], none: &str) -> String {
    let said = names.iter().take(NAMES_SAID).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => none.to_owned(),
        all if all > NAMES_SAID => format!("{said}, …"),
        _ => said,
    }
}

fn fault_french(fault: &Fault) -> String {
    match fault {
        Fault::Unknown { word, meant: Some(meant) } => {
            format!("Commande inconnue : « {word} ». Vouliez-vous « #{meant} » ? Répondez #aide pour la liste.")
        }
        Fault::Unknown { word, meant: None } => {
            format!("Commande inconnue : « {word} ». Répondez #aide pour la liste.")
        }
        Fault::BadArgument(bad) => bad_argument_french(bad),
        Fault::TextBehind { command, text } => format!(
            "À qui s’adressent les mots « {text} » derrière {command} ? Un texte se met sur une ligne à part, une note derrière #note."
        ),
        Fault::CommandInText(word) => format!(
            "« {word} » se trouve dans le texte. Les commandes vont au début des premières lignes, une par ligne ; si le mot fait partie du texte, enlevez son #."
        ),
        Fault::AlmostCommand { written, meant } => format!(
            "« {written} » ressemble à une commande et n’en est pas une. Écrivez « {meant} » tout au début de la première ligne ; si le mot fait partie du texte, enlevez son #."
        ),
        Fault::CommandInSubject(word) => format!(
            "« {word} » se trouve dans l’objet, où aucune commande n’est lue. Écrivez « {word} » sur la première ligne du texte."
        ),
        Fault::TwoClaimTheText(a, b) => {
            format!("« {a} » et « {b} » réclament le même texte. Envoyez deux courriels.")
        }
    }
}

fn bad_argument_french(bad: &BadArgument) -> String {
    let BadArgument { command, written, wanted } = bad;
    let first = |names: &[String], else_: &str| names.first().map_or(else_.to_owned(), Clone::clone);
    // What it is, what is known of it, how to write it.
    let (what, such, write) = match wanted {
        Wanted::LevelAbove(None) => ("un niveau où escalader", "N2, N3".to_owned(), format!("{command} N2 : résumé")),
        Wanted::LevelAbove(Some(vendor)) => (
            "un niveau où escalader",
            "N2, N3".to_owned(),
            format!("{command} N2 : résumé » ou « {command} N3 {vendor} : résumé"),
        ),
        Wanted::LevelBelow => ("un niveau où revenir", "N1, N2".to_owned(), format!("{command} N1 : motif")),
        Wanted::VendorOfL3(vendors) => {
            let vendor = first(vendors, "FOURNISSEUR");
            ("un fournisseur connu", known(vendors, "il n’y en a aucun"), format!("{command} N3 {vendor} : résumé"))
        }
        Wanted::Vendor(vendors) => {
            let vendor = first(vendors, "FOURNISSEUR");
            ("un fournisseur connu", known(vendors, "il n’y en a aucun"), format!("{command} {vendor} : texte"))
        }
        Wanted::Agent(agents) => {
            ("un agent connu", known(agents, "il n’y en a aucun"), format!("{command} {}", first(agents, "ADRESSE")))
        }
        Wanted::OneOfAgents(agents) => {
            ("le nom d’un seul agent", known(agents, "aucun"), format!("{command} {}", first(agents, "ADRESSE")))
        }
        Wanted::Participants => ("une adresse", "nom@exemple.com".to_owned(), format!("{command} +ADRESSE -ADRESSE")),
        Wanted::Requester => ("une adresse", "nom@exemple.com".to_owned(), format!("{command} ADRESSE")),
        Wanted::Priority => ("une priorité", "1 (la plus haute), 2, 3, 4".to_owned(), format!("{command} 2")),
        Wanted::Service => ("un service", "son nom".to_owned(), format!("{command} NOM")),
        Wanted::Desk(desks) => {
            ("un guichet connu", known(desks, "il n’y en a aucun"), format!("{command} {}", first(desks, "NOM")))
        }
        Wanted::Reference => ("le numéro d’un billet", "R-000123".to_owned(), format!("{command} R-000123")),
        Wanted::Wait => (
            "un motif d’attente",
            "demandeur, fournisseur, un jour (lundi, 3 décembre, AAAA-MM-JJ) ou une durée (3 jours, 4 h)".to_owned(),
            format!("{command} demandeur » ou « {command} 3 jours"),
        ),
        Wanted::Attachments => ("le numéro d’une pièce jointe", "1 ou plus".to_owned(), format!("{command} 1,2")),
        Wanted::Fix => (
            "une solution connue",
            "son identifiant".to_owned(),
            format!("{command} IDENTIFIANT » ou « {command} nouveau TITRE"),
        ),
        Wanted::Title => ("un titre", "celui de la nouvelle solution".to_owned(), format!("{command} nouveau TITRE")),
    };
    match written {
        Some(written) => format!("« {written} » n’est pas {what} : {such}. Écrivez « {write} »."),
        None => format!("Il manque {what} derrière « {command} » : {such}. Écrivez « {write} »."),
    }
}

fn fault_english(fault: &Fault) -> String {
    match fault {
        Fault::Unknown { word, meant: Some(meant) } => {
            format!("Unknown command: \"{word}\". Did you mean \"#{meant}\"? Reply #help for the list.")
        }
        Fault::Unknown { word, meant: None } => {
            format!("Unknown command: \"{word}\". Reply #help for the list.")
        }
        Fault::BadArgument(bad) => bad_argument_english(bad),
        Fault::TextBehind { command, text } => format!(
            "For whom are the words \"{text}\" behind {command}? A text goes on a line of its own, a note behind #note."
        ),
        Fault::CommandInText(word) => format!(
            "\"{word}\" stands within the text. Commands go at the start of the first lines, one a line; if the word belongs to the text, take its # away."
        ),
        Fault::AlmostCommand { written, meant } => format!(
            "\"{written}\" looks like a command and is none. Write \"{meant}\" at the very start of the first line; if the word belongs to the text, take its # away."
        ),
        Fault::CommandInSubject(word) => format!(
            "\"{word}\" stands in the subject, where no command is read. Write \"{word}\" on the first line of the text."
        ),
        Fault::TwoClaimTheText(a, b) => format!("\"{a}\" and \"{b}\" claim the same text. Send two mails."),
    }
}

fn bad_argument_english(bad: &BadArgument) -> String {
    let BadArgument { command, written, wanted } = bad;
    let first = |names: &[String], else_: &str| names.first().map_or(else_.to_owned(), Clone::clone);
    let (what, such, write) = match wanted {
        Wanted::LevelAbove(None) => ("level to escalate to", "L2, L3".to_owned(), format!("{command} L2: brief")),
        Wanted::LevelAbove(Some(vendor)) => (
            "level to escalate to",
            "L2, L3".to_owned(),
            format!("{command} L2: brief\" or \"{command} L3 {vendor}: brief"),
        ),
        Wanted::LevelBelow => ("level to return to", "L1, L2".to_owned(), format!("{command} L1: reason")),
        Wanted::VendorOfL3(vendors) => {
            let vendor = first(vendors, "VENDOR");
            ("known vendor", known(vendors, "there is none"), format!("{command} L3 {vendor}: brief"))
        }
        Wanted::Vendor(vendors) => {
            let vendor = first(vendors, "VENDOR");
            ("known vendor", known(vendors, "there is none"), format!("{command} {vendor}: text"))
        }
        Wanted::Agent(agents) => {
            ("known agent", known(agents, "there is none"), format!("{command} {}", first(agents, "ADDRESS")))
        }
        Wanted::OneOfAgents(agents) => {
            ("name of one agent alone", known(agents, "none"), format!("{command} {}", first(agents, "ADDRESS")))
        }
        Wanted::Participants => ("address", "name@example.com".to_owned(), format!("{command} +ADDRESS -ADDRESS")),
        Wanted::Requester => ("address", "name@example.com".to_owned(), format!("{command} ADDRESS")),
        Wanted::Priority => ("priority", "1 (the highest), 2, 3, 4".to_owned(), format!("{command} 2")),
        Wanted::Service => ("service", "its name".to_owned(), format!("{command} NAME")),
        Wanted::Desk(desks) => {
            ("known desk", known(desks, "there is none"), format!("{command} {}", first(desks, "NAME")))
        }
        Wanted::Reference => ("ticket's number", "R-000123".to_owned(), format!("{command} R-000123")),
        Wanted::Wait => (
            "reason to wait",
            "requester, vendor, a day (Monday, December 3, YYYY-MM-DD) or a duration (3 days, 4 h)".to_owned(),
            format!("{command} requester\" or \"{command} 3 days"),
        ),
        Wanted::Attachments => ("attachment's number", "1 or more".to_owned(), format!("{command} 1,2")),
        Wanted::Fix => ("known fix", "its id".to_owned(), format!("{command} ID\" or \"{command} new TITLE")),
        Wanted::Title => ("title", "that of the new fix".to_owned(), format!("{command} new TITLE")),
    };
    match written {
        Some(written) => format!("\"{written}\" is no {what}: {such}. Write \"{write}\"."),
        None => format!("There is no {what} behind \"{command}\": {such}. Write \"{write}\"."),
    }
}

/// A level as people say it.
pub(in crate::desk) fn level(level: Level, language: Language) -> &'static str {
    match (level, language == Language::FRENCH) {
        (_, true) => level_french(level),
        (Level::L1, false) => "L1",
        (Level::L2, false) => "L2",
        (Level::L3, false) => "L3",
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
            "Une réponse simple à une lettre sur la demande part au demandeur. Les commandes vont sur les premières lignes, une par ligne :",
            "#note — pour le guichet seulement",
            "#répondre — au demandeur, même si une réponse simple n’irait pas",
            "#prendre, #assigner ADRESSE ou NOM",
            "#escalader N2 : résumé, #escalader N3 FOURNISSEUR : résumé, #retour N1 : motif",
            "#attente demandeur | fournisseur | lundi | 3 décembre | 3 jours",
            "#résolu, #rouvrir, #fermer",
            "#priorité N, #service NOM, #desk NOM, #cc +ADRESSE -ADRESSE, #demandeur ADRESSE",
            "#solution IDENTIFIANT, #solution nouveau TITRE, #fusionner R-…, #lier R-…, #spam",
            "#fournisseur NOM ref=DOSSIER : texte, #pièces 1,2, #publier",
            "#statut, #liste, #aide, #aperçu, #ok, #annuler, #libérer",
        ]
    } else {
        &[
            "A plain reply to a letter about the request goes to the requester. Commands stand on the first lines, one a line:",
            "#note — for the desk only",
            "#reply — to the requester, even where a plain reply would not go",
            "#take, #assign ADDRESS or NAME",
            "#escalate L2: brief, #escalate L3 VENDOR: brief, #return L1: reason",
            "#pending requester | vendor | Monday | December 3 | 3 days",
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
    let format = if language == Language::FRENCH { "%Y-%m-%d à %H h %M" } else { "%Y-%m-%d at %H:%M" };
    at.to_zoned(zone.clone()).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The French sentences of this file, as they are written.
    fn french_sentences() -> impl Iterator<Item = &'static str> {
        let source = include_str!("wording.rs").split("#[cfg(test)]").next().unwrap();
        let begins = ["fn french(", "fn fault_french(", "fn state_french("];
        let blocks =
            begins.map(|begin| source.split(begin).nth(1).and_then(|rest| rest.split("\n}\n").next()).unwrap());
        let help = source.split("Language::FRENCH {\n        &[").nth(1).and_then(|rest| rest.split("} else {").next());
        blocks.into_iter().chain(help).flat_map(|block| block.split('"').skip(1).step_by(2))
    }

    #[test]
    fn french_is_set_one_way() {
        let sentences: Vec<&str> = french_sentences().collect();
        assert!(sentences.len() > 60, "{}", sentences.len());
        for sentence in sentences {
            for (place, c) in sentence.char_indices() {
                let before = sentence[..place].chars().next_back().unwrap_or('\u{202f}');
                let after = sentence[place + c.len_utf8()..].chars().next().unwrap_or('\u{202f}');
                let is_placeholder = sentence[..place].ends_with('{') || before == ':';
                match c {
                    '»' | ';' | '?' | '!' => assert_eq!(before, '\u{202f}', "{sentence}"),
                    ':' if !is_placeholder && !after.is_alphanumeric() => assert_eq!(before, '\u{202f}', "{sentence}"),
                    '«' => assert_eq!(after, '\u{202f}', "{sentence}"),
                    '\'' => panic!("a straight apostrophe: {sentence}"),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn a_wrong_argument_is_told_what_would_be_right() {
        let vendors = Wanted::VendorOfL3(vec!["acme".to_owned(), "rt".to_owned()]);
        let fault = Fault::BadArgument(BadArgument {
            command: "#escalader".to_owned(),
            written: Some("Lexmark".to_owned()),
            wanted: vendors,
        });
        let line = Line::Fault(&fault);
        assert_eq!(
            say(&line, Language::FRENCH).replace('\u{202f}', " "),
            "« Lexmark » n’est pas un fournisseur connu : acme, rt. Écrivez « #escalader N3 acme : résumé »."
        );
        assert_eq!(
            say(&line, Language::ENGLISH),
            "\"Lexmark\" is no known vendor: acme, rt. Write \"#escalader L3 acme: brief\"."
        );
    }
}
