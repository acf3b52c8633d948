//! The story: one request through three levels, and what becomes of it when it is everybody's; told by mails alone.

use anyhow::{Context, Result, ensure};
use jiff::SignedDuration;

use crate::desk::{PendingReason, Purpose, State, TicketNumber};

use crate::said;

use super::cast::{VENDOR, Who};
use super::stage::{Received, Stage};

/// What the vendor must never read, besides Marie's name and address.
pub const NOTE: &str =
    "Le pilote des imprimantes a été mis à jour hier soir sur tout le quai. Entre nous : sans essai.";
/// How the vendor's robot writes its case number.
pub const CASE_NUMBER: &str = "ACME-482";
/// What the vendor found out, and an agent sends on.
pub const VENDOR_ANSWER: &str = "Le pilote 4.2 envoie une longueur d'étiquette nulle. Dans les propriétés de \
    l'imprimante, choisissez «\u{a0}Étiquette 102 x 152\u{a0}» au lieu de «\u{a0}Automatique\u{a0}» : l'impression reprend aussitôt.";

const ESCALATION: &str = "#escalade L2 : Pages blanches depuis la mise à jour du pilote. Redémarrage sans effet, \
    voyant orange. Une vingtaine de colis attendent.";
const BRIEF: &str = "#escalate L3 acme : Imprimante d'étiquettes Acme L-300, pages blanches depuis le pilote 4.2. \
    Marie Tremblay (marie.tremblay@atelier.example, 514 555-0142) l'a redémarrée, sans effet.";

/// What those who work where Marie does write within minutes, the last of them when it is known.
const ALIKE: [(&str, &str); 11] = [
    ("Pages blanches au quai 1", "Bonjour, l'imprimante d'étiquettes du quai 1 sort des pages blanches."),
    ("Imprimante d'étiquettes", "Depuis midi, l'imprimante d'étiquettes du quai 2 n'imprime que des pages blanches."),
    ("Label printer prints blank pages", "Hi, since noon the label printer on dock 4 prints blank pages."),
    ("Étiquettes blanches", "L'imprimante d'étiquettes ne sort que des étiquettes blanches."),
    ("Plus d'étiquettes au quai 5", "Impossible d'imprimer les étiquettes : les pages sortent blanches."),
    ("Étiquettes vides", "Toutes les étiquettes sortent blanches de l'imprimante du quai 6."),
    ("Imprimante du quai 7", "Notre imprimante d'étiquettes imprime des pages blanches depuis midi."),
    ("Blank labels", "The label printer only prints blank labels since noon."),
    ("Impression d'étiquettes", "Les étiquettes d'expédition sortent blanches, l'imprimante est allumée."),
    ("Pages blanches", "Les pages sortent blanches de l'imprimante d'étiquettes du quai 9."),
    ("L'imprimante sort des pages blanches", "L'imprimante d'étiquettes du quai 10 imprime des pages blanches."),
];

/// Plays the story to its end; the ticket that it is about.
///
/// # Errors
/// The step that did not happen, or not within its limit.
pub async fn play(stage: &mut Stage) -> Result<TicketNumber> {
    let mut step = Steps(0);
    step.next(
        stage,
        &said!(
            "Marie asks for help: she is told at once that it arrived, and by when somebody answers; L1 gets a letter",
            "Marie demande de l’aide\u{a0}: elle apprend aussitôt que c’est arrivé, et quand on répondra; le N1 a une lettre"
        ),
    );
    let request = ask(stage).await?;
    let ticket = request.ticket;

    step.next(
        stage,
        &said!(
            "A short second story: a known fix is offered, OUI resolves, and L1 is told",
            "Une courte seconde histoire\u{a0}: une solution connue est proposée, OUI résout, et le N1 le sait"
        ),
    );
    known_fix(stage).await?;

    step.next(
        stage,
        &said!(
            "Nobody has answered about the printer: Alice is warned before the promise is broken",
            "Personne n’a répondu pour l’imprimante\u{a0}: Alice est avertie avant que le délai soit dépassé"
        ),
    );
    warning(stage).await?;

    step.next(
        stage,
        &said!(
            "Alice answers in time, by plainly replying: Marie reads the new words and nothing else",
            "Alice répond à temps, par une simple réponse\u{a0}: Marie lit les mots nouveaux et rien d’autre"
        ),
    );
    let more = answer(stage, &request).await?;

    step.next(
        stage,
        &said!(
            "Alice leaves a #note: nobody outside reads it",
            "Alice laisse une #note\u{a0}: personne ne la lit à l’extérieur"
        ),
    );
    note(stage, &more).await?;

    step.next(
        stage,
        &said!(
            "Alice mistypes a command: the mail is held, nothing leaves, and she is told",
            "Alice se trompe de commande\u{a0}: le courriel est retenu, rien ne part, et elle le sait"
        ),
    );
    mistype(stage, &more).await?;

    step.next(
        stage,
        &said!(
            "Alice escalates to L2: the team gets the whole ticket, Marie is told",
            "Alice escalade au N2\u{a0}: l’équipe reçoit tout le billet, Marie le sait"
        ),
    );
    let escalated = escalate(stage, &more).await?;

    step.next(
        stage,
        &said!(
            "Karim escalates to the vendor: a thread of its own, under a pseudonym, without the note",
            "Karim escalade au fournisseur\u{a0}: un fil à part, sous un pseudonyme, sans la note"
        ),
    );
    let case = open_case(stage, &escalated).await?;

    step.next(
        stage,
        &said!(
            "The vendor's robot acknowledges: it gets no answer, its case number is learned",
            "Le robot du fournisseur accuse réception\u{a0}: il n’a pas de réponse, son numéro de dossier est retenu"
        ),
    );
    robot(stage, &case).await?;

    step.next(
        stage,
        &said!(
            "The vendor stays silent for longer than agreed: it is asked again, and nobody had to think of it",
            "Le fournisseur se tait plus longtemps que convenu\u{a0}: il est relancé, sans que personne ait à y penser"
        ),
    );
    let chase = chase(stage).await?;

    step.next(
        stage,
        &said!(
            "The vendor asks back: it stays inside; Karim's letter bears the case number",
            "Le fournisseur pose une question\u{a0}: elle reste à l’interne; la lettre de Karim porte le numéro de dossier"
        ),
    );
    let follow_up = ask_back(stage, &chase).await?;

    step.next(
        stage,
        &said!(
            "The vendor answers: #publish sends it on to Marie, in our name",
            "Le fournisseur répond\u{a0}: #publish l’envoie à Marie, en notre nom"
        ),
    );
    let answered = publish(stage, &follow_up).await?;

    step.next(stage, &said!("#solved: the solution goes to Marie", "#solved\u{a0}: la solution part à Marie"));
    let solution = solve(stage, &answered).await?;

    step.next(
        stage,
        &said!(
            "\"Merci !\" changes nothing; a further mail reopens the ticket",
            "«\u{a0}Merci !\u{a0}» ne change rien; un courriel de plus rouvre le billet"
        ),
    );
    let reopened = thank_and_reopen(stage, &solution, ticket).await?;

    step.next(
        stage,
        &said!(
            "It was not her printer alone: ten people write alike within minutes, and L1 is asked whether it is one matter",
            "Ce n’était pas que son imprimante\u{a0}: dix personnes écrivent la même chose, et le N1 apprend que c’en est peut-être une seule"
        ),
    );
    let proposal = crowd(stage).await?;

    step.next(
        stage,
        &said!(
            "#majeur makes it one mass incident; what Alice then says reaches all of them, and whoever still writes",
            "#majeur en fait un seul incident; ce qu’Alice dit alors parvient à tous, et à qui écrit encore"
        ),
    );
    let digest = major(stage, &proposal, &reopened).await?;

    step.next(
        stage,
        &said!(
            "One solution reaches each of them, Marie too, in their own thread and language",
            "Une seule solution parvient à chacun, à Marie aussi, dans son fil et dans sa langue"
        ),
    );
    solve_all(stage, &digest, ticket).await?;
    stage.nothing_else()?;
    Ok(ticket)
}

/// Counts the steps of the story.
struct Steps(usize);

impl Steps {
    fn next(&mut self, stage: &mut Stage, title: &str) {
        self.0 += 1;
        stage.step(self.0, title);
    }
}

/// What Alice is told.
async fn ask(stage: &mut Stage) -> Result<Received> {
    stage
        .write(
            Who::Marie,
            "Impossible d'imprimer les étiquettes d'expédition",
            "Bonjour,\n\nDepuis ce matin, l'imprimante d'étiquettes du quai 3 sort des pages blanches.\n\
             J'ai une vingtaine de colis qui attendent.\n\nMarie Tremblay\n514 555-0142",
        )
        .await?;
    stage.receive(Who::Marie, Purpose::Acknowledgement).await?;
    stage.receive(Who::Alice, Purpose::NewTicket).await
}

async fn known_fix(stage: &mut Stage) -> Result<()> {
    stage
        .write(
            Who::Marie,
            "Mot de passe VPN refusé",
            "Bonjour,\n\nJ'ai changé mon mot de passe hier et je ne peux plus me connecter au VPN\u{a0}: le mot de passe est refusé.",
        )
        .await?;
    let acknowledgement = stage.receive(Who::Marie, Purpose::Acknowledgement).await?;
    stage.receive(Who::Alice, Purpose::NewTicket).await?;
    let yes = stage.reply(Who::Marie, &acknowledgement, "OUI").await?;
    stage.handled(&yes).await?;
    stage.receive(Who::Alice, Purpose::Notice).await?;
    let second = stage.ticket(acknowledgement.ticket).await?;
    ensure!(second.state == State::Resolved, stage.not_so("OUI resolves"));
    stage.remark(&said!(
        "{} is resolved, and nobody had to work on it.",
        "{} est résolu, et personne n’a eu à y travailler.",
        second.number
    ));
    Ok(())
}

async fn warning(stage: &mut Stage) -> Result<()> {
    stage.later(SignedDuration::from_mins(30), &said!("Half an hour later…", "Une demi-heure plus tard…"));
    stage.receive(Who::Alice, Purpose::Clocks).await?;
    Ok(())
}

async fn answer(stage: &mut Stage, request: &Received) -> Result<Received> {
    stage
        .reply(
            Who::Alice,
            request,
            "Bonjour Marie,\n\nPouvez-vous éteindre l'imprimante dix secondes, puis la rallumer\u{a0}?\n\
             Dites-moi si le voyant reste orange.",
        )
        .await?;
    let answer = stage.receive(Who::Marie, Purpose::Answer).await?;
    stage.receive(Who::Alice, Purpose::Receipt).await?;
    stage
        .reply(Who::Marie, &answer, "C'est fait, mais rien ne change\u{a0}: pages blanches, et le voyant reste orange.")
        .await?;
    stage.receive(Who::Alice, Purpose::RequesterAnswered).await
}

async fn note(stage: &mut Stage, more: &Received) -> Result<()> {
    stage.reply(Who::Alice, more, &format!("#note {NOTE}")).await?;
    stage.receive(Who::Alice, Purpose::Receipt).await?;
    Ok(())
}

async fn mistype(stage: &mut Stage, more: &Received) -> Result<()> {
    stage.reply(Who::Alice, more, &ESCALATION.replace("#escalade", "#escalde")).await?;
    stage.receive(Who::Alice, Purpose::CommandRefused).await?;
    Ok(())
}

async fn escalate(stage: &mut Stage, more: &Received) -> Result<Received> {
    stage.reply(Who::Alice, more, ESCALATION).await?;
    let escalated = stage.receive(Who::SecondLevel, Purpose::Escalated).await?;
    stage.receive(Who::Marie, Purpose::PassedOn).await?;
    stage.receive(Who::Alice, Purpose::Receipt).await?;
    Ok(escalated)
}

async fn open_case(stage: &mut Stage, escalated: &Received) -> Result<Received> {
    stage.reply(Who::Karim, escalated, BRIEF).await?;
    let case = stage.receive(Who::Acme, Purpose::Case).await?;
    stage.receive(Who::Karim, Purpose::Receipt).await?;
    Ok(case)
}

async fn robot(stage: &mut Stage, case: &Received) -> Result<()> {
    let subject = format!("[JIRA] ({CASE_NUMBER}) {}", case.mail.subject);
    let text = format!(
        "Your request has been received and logged as {CASE_NUMBER}.\n\
         Please keep the number in the subject.\n\nAcme Service Desk"
    );
    let acknowledged = stage.reply_as(Who::Acme, case, &subject, &text).await?;
    stage.handled(&acknowledged).await?;
    stage.nothing_else()?;
    let ticket = stage.ticket(case.ticket).await?;
    let number = ticket.case(VENDOR).and_then(|case| case.number()).unwrap_or_default().to_owned();
    ensure!(number.contains(CASE_NUMBER), stage.not_so("the vendor's case number is learned"));
    stage.remark(&said!(
        "Nobody answers the robot. {} is the vendor's case {number} from now on.",
        "Personne ne répond au robot. {} est désormais le dossier {number} du fournisseur.",
        ticket.number
    ));
    Ok(())
}

async fn chase(stage: &mut Stage) -> Result<Received> {
    stage.later(SignedDuration::from_hours(2), &said!("Two hours later…", "Deux heures plus tard…"));
    stage.receive(Who::Acme, Purpose::Chase).await
}

async fn ask_back(stage: &mut Stage, chase: &Received) -> Result<Received> {
    stage
        .reply(
            Who::Etienne,
            chase,
            "Bonjour,\n\nToutes nos excuses pour l'attente. Quelle version du micrologiciel l'imprimante affiche-t-elle au démarrage\u{a0}?\n\nÉtienne Gagnon, Acme",
        )
        .await?;
    let question = stage.receive(Who::Karim, Purpose::VendorAnswered).await?;
    stage.reply(Who::Karim, &question, "#vendor acme : Elle affiche «\u{a0}FW 6.1.0\u{a0}».").await?;
    let follow_up = stage.receive(Who::Acme, Purpose::FollowUp).await?;
    stage.receive(Who::Karim, Purpose::Receipt).await?;
    ensure!(follow_up.mail.subject.contains(CASE_NUMBER), stage.not_so("the letter bears the case number"));
    let ticket = stage.ticket(chase.ticket).await?;
    let waits = ticket.state == State::Pending { reason: PendingReason::Vendor };
    ensure!(waits, stage.not_so("the ticket waits for the vendor"));
    Ok(follow_up)
}

async fn publish(stage: &mut Stage, follow_up: &Received) -> Result<Received> {
    stage.reply(Who::Etienne, follow_up, VENDOR_ANSWER).await?;
    let answered = stage.receive(Who::Karim, Purpose::VendorAnswered).await?;
    stage.nothing_else()?;
    stage.remark(&said!(
        "It stays inside: Marie has not heard of it.",
        "Cela reste à l’interne\u{a0}: Marie n’en sait rien."
    ));
    stage.reply(Who::Karim, &answered, "#publish").await?;
    stage.receive(Who::Marie, Purpose::Answer).await?;
    stage.receive(Who::Karim, Purpose::Receipt).await?;
    Ok(answered)
}

async fn solve(stage: &mut Stage, answered: &Received) -> Result<Received> {
    stage
        .reply(
            Who::Karim,
            answered,
            "#solved\nLe format «\u{a0}Étiquette 102 x 152\u{a0}» est maintenant choisi sur tous les postes du quai.",
        )
        .await?;
    let solution = stage.receive(Who::Marie, Purpose::Resolved).await?;
    stage.receive(Who::Karim, Purpose::Receipt).await?;
    Ok(solution)
}

/// What Karim is told.
async fn thank_and_reopen(stage: &mut Stage, solution: &Received, ticket: TicketNumber) -> Result<Received> {
    let thanks = stage.reply(Who::Marie, solution, "Merci !").await?;
    stage.handled(&thanks).await?;
    stage.nothing_else()?;
    let state = stage.ticket(ticket).await?.state;
    ensure!(state == State::Resolved, stage.not_so("thanks change nothing"));
    stage.remark(&said!(
        "The ticket stays resolved; nobody is bothered.",
        "Le billet reste résolu; personne n’est dérangé."
    ));
    stage
        .reply(Who::Marie, solution, "Bonjour, les pages blanches sont revenues, et les quais voisins en ont aussi.")
        .await?;
    let reopened = stage.receive(Who::Karim, Purpose::RequesterAnswered).await?;
    let state = stage.ticket(ticket).await?.state;
    ensure!(state == State::Open, stage.not_so("a further mail reopens"));
    Ok(reopened)
}

/// What Alice is asked.
async fn crowd(stage: &mut Stage) -> Result<Received> {
    let (_, first) = ALIKE.split_last().context("Nobody writes")?;
    let mails: Vec<_> =
        first.iter().enumerate().map(|(at, (subject, text))| (Who::Colleague(at), *subject, *text)).collect();
    stage.write_alike(&mails).await?;
    stage.receive_each(&colleagues(first.len()), Purpose::Acknowledgement).await?;
    stage.receive_among(Who::Alice, (first.len(), Purpose::NewTicket), Purpose::CrowdProposed).await
}

/// The digest that Alice gets.
async fn major(stage: &mut Stage, proposal: &Received, reopened: &Received) -> Result<Received> {
    stage.reply(Who::Alice, proposal, "#majeur Étiquettes blanches sur les quais").await?;
    stage.receive(Who::Alice, Purpose::Receipt).await?;
    stage
        .reply(
            Who::Alice,
            proposal,
            "#majeur\nLe pilote 4.2 est en cause, sur tous les postes. Le précédent est de retour avant 16 h.",
        )
        .await?;
    let newest = ALIKE.len() - 1;
    stage.receive_each(&colleagues(newest), Purpose::Answer).await?;
    stage.receive(Who::Alice, Purpose::Receipt).await?;

    stage.reply(Who::Karim, reopened, &format!("#majeur {}", proposal.ticket)).await?;
    stage.receive(Who::Karim, Purpose::Receipt).await?;

    let (subject, text) = ALIKE[newest];
    stage.write(Who::Colleague(newest), subject, text).await?;
    let told = stage.receive(Who::Colleague(newest), Purpose::CrowdAcknowledgement).await?;
    stage.nothing_else()?;
    stage.remark(&said!(
        "{} is part of it at once, and no agent gets a letter of its own for it.",
        "{} en fait partie aussitôt, et aucun agent ne reçoit de lettre pour lui seul.",
        told.ticket
    ));
    stage.later(SignedDuration::from_mins(15), &said!("A quarter of an hour later…", "Un quart d’heure plus tard…"));
    stage.receive(Who::Alice, Purpose::CrowdDigest).await
}

async fn solve_all(stage: &mut Stage, digest: &Received, ticket: TicketNumber) -> Result<()> {
    stage
        .reply(Who::Alice, digest, "#résolu\nLe pilote 4.1 est de nouveau en place partout. Relancez l'impression.")
        .await?;
    let mut all = vec![Who::Marie];
    all.extend(colleagues(ALIKE.len()));
    stage.receive_each(&all, Purpose::Resolved).await?;
    stage.receive(Who::Alice, Purpose::Receipt).await?;
    let state = stage.ticket(ticket).await?.state;
    ensure!(state == State::Resolved, stage.not_so("the solution for all resolves Marie's ticket"));
    Ok(())
}

fn colleagues(count: usize) -> Vec<Who> {
    (0..count).map(Who::Colleague).collect()
}
