//! What agents do by mail, from a shell: the same rules, and the same letters leave.

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::cli::{Answer, Invocation, WrongUsage, open, run_async, terminal, words};
use crate::desk::{Call, Command, Instructions, Level, Origin, TicketNumber};
use crate::gateway::{Ordered, Wrote};
use crate::mail::Address;
use crate::said;
use crate::store::TablesMay;

/// On which ticket, and who does it.
#[derive(Args)]
pub(in crate::cli) struct Act {
    /// The ticket: R-000123, or 123
    #[arg(value_name = "REF", value_parser = super::reference)]
    reference: TicketNumber,
    /// The agent who does it [default: the operator]
    #[arg(long, value_name = "ADDRESS")]
    agent: Option<Address>,
}

/// As [`Act`], for words that need an author.
#[derive(Args)]
pub(in crate::cli) struct Words {
    /// The ticket: R-000123, or 123
    #[arg(value_name = "REF", value_parser = super::reference)]
    reference: TicketNumber,
    /// The agent whose words they are
    #[arg(long, value_name = "ADDRESS")]
    agent: Address,
    /// The words; - reads them from stdin, without --text your editor opens at a terminal
    #[arg(long)]
    text: Option<String>,
}

/// Where an escalation goes.
#[derive(Args)]
pub(in crate::cli) struct Escalation {
    #[command(flatten)]
    act: Act,
    /// L2 or L3
    #[arg(long, value_parser = super::level)]
    level: Level,
    /// The vendor, where L3 has several
    #[arg(long, value_name = "NAME")]
    vendor: Option<String>,
    /// The brief; - reads it from stdin
    #[arg(long)]
    text: Option<String>,
    /// Send it although the brief looks as if it held a secret
    #[arg(long)]
    force: bool,
}

/// A request that did not come by mail.
#[derive(Args)]
pub(in crate::cli) struct NewTicket {
    /// Who asks
    #[arg(long, value_name = "ADDRESS")]
    requester: Address,
    /// In a few words
    #[arg(long)]
    subject: String,
    /// In full; - reads it from stdin, without --text your editor opens at a terminal
    #[arg(long)]
    text: Option<String>,
    /// How it came
    #[arg(long, default_value = "phone")]
    origin: OriginArgument,
}

#[derive(Clone, Copy, ValueEnum)]
enum OriginArgument {
    Phone,
    Form,
    Mail,
}

/// Carries out one command with words, which are not lost where it is refused.
pub(super) fn say(invocation: &Invocation, words: Words, command: Command, name: &str) -> Result<Answer> {
    let Words { reference, agent, text } = words;
    let example = format!("guichet ticket {name} {reference} --agent {agent}");
    let written = words::required(text, &example)?;
    let act = Act { reference, agent: Some(agent) };
    let done = carry_out(invocation, &act, &instructions(command, Some(written.text.clone())));
    match done {
        Ok(Answer::Done) => written.forget(),
        Ok(_) | Err(_) => written.keep(),
    }
    done
}

/// Carries out one command.
pub(super) fn order(invocation: &Invocation, act: &Act, command: Command, text: Option<String>) -> Result<Answer> {
    carry_out(invocation, act, &instructions(command, words::optional(text)?))
}

pub(super) fn escalate(invocation: &Invocation, escalation: Escalation) -> Result<Answer> {
    let Escalation { act, level, vendor, text, force } = escalation;
    let instructions =
        Instructions { forced: force, ..instructions(Command::Escalate { level, vendor }, words::optional(text)?) };
    carry_out(invocation, &act, &instructions)
}

pub(super) fn new_ticket(invocation: &Invocation, ticket: NewTicket) -> Result<Answer> {
    if ticket.subject.trim().is_empty() {
        return Err(WrongUsage(said!("A request needs a --subject.", "Une demande a besoin d’un --subject.")).into());
    }
    let config = invocation.configuration()?;
    let example = format!(
        "guichet ticket new --requester {} --subject \"{}\"",
        ticket.requester,
        terminal::safe_line(&ticket.subject)
    );
    let written = words::required(ticket.text, &example)?;
    let call = Call {
        requester: &ticket.requester,
        subject: &ticket.subject,
        text: &written.text,
        origin: match ticket.origin {
            OriginArgument::Phone => Origin::Phone,
            OriginArgument::Form => Origin::Form,
            OriginArgument::Mail => Origin::Mail,
        },
    };
    let opened = run_async(async {
        let gateway = open::gateway(&config, TablesMay::BeMade).await?;
        let opened = gateway.open_ticket(call).await;
        gateway.store.close().await;
        opened
    });
    match opened {
        Ok((number, letters)) => {
            written.forget();
            terminal::print(&number.to_string())?;
            tell_of(&letters);
            Ok(Answer::Done)
        }
        Err(error) => {
            written.keep();
            Err(error)
        }
    }
}

/// Who gets a letter.
fn tell_of(letters: &[Wrote]) {
    for letter in letters {
        let to: Vec<String> = letter.to.iter().map(ToString::to_string).collect();
        let (name, to) = (letter.purpose.name(), to.join(", "));
        terminal::tell(&terminal::safe_line(&match letter.is_held {
            false => said!("Letter {name} to {to}.", "Lettre {name} à {to}."),
            true => said!(
                "Letter {name} to {to} is held: `guichet outbox list` says why.",
                "Lettre {name} à {to} retenue\u{a0}: «\u{a0}guichet outbox list\u{a0}» dit pourquoi."
            ),
        }));
    }
}

fn instructions(command: Command, text: Option<String>) -> Instructions {
    Instructions { commands: vec![command], text: text.unwrap_or_default(), ..Instructions::default() }
}

fn carry_out(invocation: &Invocation, act: &Act, instructions: &Instructions) -> Result<Answer> {
    let config = invocation.configuration_with_store()?;
    let ordered = run_async(async {
        let gateway = open::gateway(&config, TablesMay::BeMade).await?;
        if gateway.store.ticket(act.reference).await?.is_none() {
            return Ok(None);
        }
        let ordered = gateway.order(act.reference, act.agent.as_ref(), instructions).await;
        gateway.store.close().await;
        ordered.map(Some)
    })?;
    match ordered {
        Some(Ordered::Done(letters)) => {
            let reference = act.reference;
            let quiet =
                if letters.is_empty() { said!(" No letter leaves.", " Aucune lettre ne part.") } else { String::new() };
            terminal::tell(&said!("Done on {reference}.{quiet}", "Fait sur {reference}.{quiet}"));
            tell_of(&letters);
            Ok(Answer::Done)
        }
        Some(Ordered::Refused(reasons)) => {
            for reason in reasons {
                terminal::tell(&terminal::safe(&reason));
            }
            Ok(Answer::No)
        }
        None => {
            terminal::tell(&super::no_ticket(act.reference));
            Ok(Answer::No)
        }
    }
}
