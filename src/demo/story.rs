//! The story: one request through three levels, told by mails alone.

use anyhow::{Result, ensure};

use crate::desk::{PendingReason, Purpose, State, TicketNumber};

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

/// Plays the story to its end; the ticket that it is about.
///
/// # Errors
/// The step that did not happen, or not within its limit.
pub async fn play(stage: &mut Stage) -> Result<TicketNumber> {
    stage.step(1, "Marie asks for help: she is told at once that it arrived, L1 gets a letter");
    let request = ask(stage).await?;
    let ticket = request.ticket;

    stage.step(2, "A short second story: a known fix is offered, OUI resolves, and L1 is told");
    known_fix(stage).await?;

    stage.step(3, "Alice answers by plainly replying: Marie reads the new words and nothing else");
    let more = answer(stage, &request).await?;

    stage.step(4, "Alice leaves a #note: nobody outside reads it");
    note(stage, &more).await?;

    stage.step(5, "Alice mistypes a command: the mail is held, nothing leaves, and she is told");
    mistype(stage, &more).await?;

    stage.step(6, "Alice escalates to L2: the team gets the whole ticket, Marie is told");
    let escalated = escalate(stage, &more).await?;

    stage.step(7, "Karim escalates to the vendor: a thread of its own, under a pseudonym, without the note");
    let case = open_case(stage, &escalated).await?;

    stage.step(8, "The vendor's robot acknowledges: it gets no answer, its case number is learned");
    robot(stage, &case).await?;

    stage.step(9, "The vendor asks back: it stays inside; Karim's letter bears the case number");
    let follow_up = ask_back(stage, &case).await?;

    stage.step(10, "The vendor answers: #publish sends it on to Marie, in our name");
    let answered = publish(stage, &follow_up).await?;

    stage.step(11, "#solved: the solution goes to Marie");
    let solution = solve(stage, &answered).await?;

    stage.step(12, "\"Merci !\" changes nothing; a further mail reopens the ticket");
    thank_and_reopen(stage, &solution, ticket).await?;
    stage.nothing_else()?;
    Ok(ticket)
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
    stage.remark(&format!("{} is resolved, and nobody had to work on it.", second.number));
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
         We answer within one business day. Please keep the number in the subject.\n\nAcme Service Desk"
    );
    let acknowledged = stage.reply_as(Who::Acme, case, &subject, &text).await?;
    stage.handled(&acknowledged).await?;
    stage.nothing_else()?;
    let ticket = stage.ticket(case.ticket).await?;
    let number = ticket.case(VENDOR).and_then(|case| case.number()).unwrap_or_default().to_owned();
    ensure!(number.contains(CASE_NUMBER), stage.not_so("the vendor's case number is learned"));
    stage.remark(&format!("Nobody answers the robot. {} is the vendor's case {number} from now on.", ticket.number));
    Ok(())
}

async fn ask_back(stage: &mut Stage, case: &Received) -> Result<Received> {
    let subject = format!("[JIRA] ({CASE_NUMBER}) {}", case.mail.subject);
    stage
        .reply_as(
            Who::Etienne,
            case,
            &subject,
            "Bonjour,\n\nQuelle version du micrologiciel l'imprimante affiche-t-elle au démarrage\u{a0}?\n\nÉtienne Gagnon, Acme",
        )
        .await?;
    let question = stage.receive(Who::Karim, Purpose::VendorAnswered).await?;
    stage.reply(Who::Karim, &question, "#vendor acme : Elle affiche «\u{a0}FW 6.1.0\u{a0}».").await?;
    let follow_up = stage.receive(Who::Acme, Purpose::FollowUp).await?;
    stage.receive(Who::Karim, Purpose::Receipt).await?;
    ensure!(follow_up.mail.subject.contains(CASE_NUMBER), stage.not_so("the letter bears the case number"));
    let ticket = stage.ticket(case.ticket).await?;
    let waits = ticket.state == State::Pending { reason: PendingReason::Vendor };
    ensure!(waits, stage.not_so("the ticket waits for the vendor"));
    Ok(follow_up)
}

async fn publish(stage: &mut Stage, follow_up: &Received) -> Result<Received> {
    stage.reply(Who::Etienne, follow_up, VENDOR_ANSWER).await?;
    let answered = stage.receive(Who::Karim, Purpose::VendorAnswered).await?;
    stage.nothing_else()?;
    stage.remark("It stays inside: Marie has not heard of it.");
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

async fn thank_and_reopen(stage: &mut Stage, solution: &Received, ticket: TicketNumber) -> Result<()> {
    let thanks = stage.reply(Who::Marie, solution, "Merci !").await?;
    stage.handled(&thanks).await?;
    stage.nothing_else()?;
    let state = stage.ticket(ticket).await?.state;
    ensure!(state == State::Resolved, stage.not_so("thanks change nothing"));
    stage.remark("The ticket stays resolved; nobody is bothered.");
    stage
        .reply(Who::Marie, solution, "Bonjour, les pages blanches sont revenues cet après-midi sur le poste 7.")
        .await?;
    stage.receive(Who::Karim, Purpose::RequesterAnswered).await?;
    let state = stage.ticket(ticket).await?.state;
    ensure!(state == State::Open, stage.not_so("a further mail reopens"));
    Ok(())
}
