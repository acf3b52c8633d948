//! When it is next time for what is done regularly.

use std::collections::HashMap;

use anyhow::Result;
use jiff::Timestamp;

use super::statement::{execute, fetch};
use super::words::{instant, millis};
use super::{Store, Tx, ticket};
use crate::desk::{Ticket, TicketNumber};

const ROUTINES: &str = "select name, due_at from routine";
const BEGIN: &str = "insert into routine (name, due_at) values ($1, $2) on conflict (name) do nothing";
const TURN: &str = "update routine set due_at = $1 where name = $2 and due_at = $3";
const OWNED: &str =
    "select number from ticket where state in ('new', 'open', 'pending') and desk = $1 and agent is not null";

impl Store {
    /// When each is next due, by name.
    pub async fn routines(&self) -> Result<HashMap<String, Timestamp>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (String, i64), ROUTINES);
        rows.into_iter().map(|(name, due_at)| Ok((name, instant(due_at)?))).collect()
    }
}

impl Tx {
    /// Says when a routine is next due, where it is due as whoever says so knows: whether it was. Of several gateways one is
    /// told yes.
    pub async fn turn_routine(&mut self, name: &str, was: Option<Timestamp>, due_at: Timestamp) -> Result<bool> {
        let connection = &mut self.connection();
        let changed = match was {
            None => execute!(connection, BEGIN, name, millis(due_at)),
            Some(was) => execute!(connection, TURN, millis(due_at), name, millis(was)),
        };
        Ok(changed == 1)
    }

    /// A desk's tickets that somebody owns and that are at work.
    pub async fn owned_tickets(&mut self, desk: &str) -> Result<Vec<Ticket>> {
        let connection = &mut self.connection();
        let numbers = fetch!(connection, (i64,), OWNED, desk);
        let numbers: Vec<TicketNumber> = numbers.into_iter().map(|(number,)| TicketNumber(number)).collect();
        Ok(ticket::load(connection, &numbers).await?.into_iter().map(|stored| stored.ticket).collect())
    }
}
