//! What agents do by mail, from a shell: the same rules, and the same letters leave.

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::cli::{Answer, Invocation, WrongUsage, open, run_async, terminal};
use crate::desk::{Command, Instructions, Level, Origin, TicketNumber};
use crate::gateway::{NewRequest, Ordered};
use crate::mail::Address;
use crate::store::TablesMay;

/// On which ticket, and who does it.
#[derive(Args)]
pub(in crate::cli) struct Act {
    /// The ticket, such as R-000123
    #[arg(value_name = "REF")]
    reference: TicketNumber,
    /// The agent who does it [default: the operator]
    #[arg(long, value_name = "ADDRESS")]
    agent: Option<Address>,
}

/// As [`Act`], for words that need an author.
#[derive(Args)]
pub(in crate::cli) struct Words {
    /// The ticket, such as R-000123
    #[arg(value_name = "REF")]
    reference: TicketNumber,
    /// The agent whose words they are
    #[arg(long, value_name = "ADDRESS")]
    agent: Address,
    /// The words
    #[arg(long)]
    text: String,
}

/// Where an escalation goes.
#[derive(Args)]
pub(in crate::cli) struct Escalation {
    #[command(flatten)]
    act: Act,
    /// L2 or L3
    #[arg(long)]
    level: Level,
    /// The vendor, where L3 has several
    #[arg(long, value_name = "NAME")]
    vendor: Option<String>,
    /// The brief
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
    /// In full
    #[arg(long)]
    text: String,
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

impl Words {
    pub(super) fn act(self) -> (Act, String) {
        (Act { reference: self.reference, agent: Some(self.agent) }, self.text)
    }
}

/// Carries out one command.
pub(super) fn order(invocation: &Invocation, act: &Act, command: Command, text: Option<String>) -> Result<Answer> {
    carry_out(invocation, act, &instructions(command, text))
}

pub(super) fn escalate(invocation: &Invocation, escalation: Escalation) -> Result<Answer> {
    let Escalation { act, level, vendor, text, force } = escalation;
    let instructions = Instructions { forced: force, ..instructions(Command::Escalate { level, vendor }, text) };
    carry_out(invocation, &act, &instructions)
}

pub(super) fn new_ticket(invocation: &Invocation, ticket: NewTicket) -> Result<Answer> {
    if ticket.subject.trim().is_empty() && ticket.text.trim().is_empty() {
        return Err(WrongUsage("A request needs a --subject or a --text.".to_owned()).into());
    }
    let config = invocation.configuration()?;
    let request = NewRequest {
        requester: ticket.requester,
        subject: ticket.subject,
        text: ticket.text,
        origin: match ticket.origin {
            OriginArgument::Phone => Origin::Phone,
            OriginArgument::Form => Origin::Form,
            OriginArgument::Mail => Origin::Mail,
        },
    };
    let number = run_async(async {
        let gateway = open::gateway(&config, TablesMay::BeMade).await?;
        let number = gateway.open_ticket(&request).await;
        gateway.store.close().await;
        number
    })?;
    terminal::print(&number.to_string())?;
    Ok(Answer::Done)
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
        Some(Ordered::Done) => {
            terminal::tell(&format!("Done on {}.", act.reference));
            Ok(Answer::Done)
        }
        Some(Ordered::Refused(reasons)) => {
            for reason in reasons {
                terminal::tell(&terminal::safe(&reason));
            }
            Ok(Answer::No)
        }
        None => {
            terminal::tell(&format!("There is no ticket {}.", act.reference));
            Ok(Answer::No)
        }
    }
}
