//! What keeps letters from leaving though nothing is wrong with them, as each gateway last said.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use super::Store;
use super::database::Connection;
use super::statement::{execute, fetch};
use super::words::{clean, instant, millis};
use crate::mail::Address;

/// One thing that keeps letters from leaving, as the gateway that met it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hindrance {
    /// When it was met first.
    pub since: Timestamp,
    /// When it is tried whether it is over.
    pub next_try: Timestamp,
    /// The return path whose letters alone it keeps, `<>` where empty; `None`: it keeps all letters.
    pub return_path: Option<String>,
    /// What is the matter, a sentence without a stop.
    pub cause: String,
    /// What to do about it.
    pub remedy: String,
}

/// A gateway says again what keeps letters from leaving whenever it tries; one that is overdue by this has ended.
const SAID_AGAIN_WITHIN: SignedDuration = SignedDuration::from_mins(5);

const SAID: &str = "select since, next_try, return_path, cause, remedy from hindrance order by since, cause";
const COUNT: &str = "select count(*) from hindrance where gateway = $1";
const SAY: &str = "insert into hindrance (gateway, since, next_try, return_path, cause, remedy) \
    values ($1, $2, $3, $4, $5, $6)";
const UNSAY: &str = "delete from hindrance where gateway = $1 or next_try <= $2";
const UNSAY_ALL: &str = "delete from hindrance";
const HASTEN: &str = "update delivery set due_at = $1, due_set_at = $1 where state in ('due', 'in_doubt') and due_at > $1 \
    and last_reply = $2";

#[derive(sqlx::FromRow)]
struct Row {
    since: i64,
    next_try: i64,
    return_path: Option<String>,
    cause: String,
    remedy: String,
}

impl Hindrance {
    /// Whether it keeps letters with that return path; `None` is `<>`.
    pub fn keeps(&self, return_path: Option<&Address>) -> bool {
        self.return_path.as_deref().is_none_or(|kept| kept == return_path.map_or("", Address::as_str))
    }

    /// The gateway that said so has ended.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        now.duration_since(self.next_try) > SAID_AGAIN_WITHIN
    }
}

impl Store {
    /// What all gateways last said, the oldest first.
    pub async fn hindrances(&self) -> Result<Vec<Hindrance>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), Row, SAID);
        rows.into_iter().map(Row::into_hindrance).collect()
    }

    /// What this gateway said still stands: an operator who wants it to be tried at once has it forgotten.
    pub async fn is_hindered(&self, gateway: &str) -> Result<bool> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (i64,), COUNT, gateway);
        Ok(rows.first().is_some_and(|row| row.0 > 0))
    }

    /// Notes all of this gateway's in the place of what it said before, and of what those said that have ended: on SQLite,
    /// where there is one, of all.
    pub async fn keep_hindrances(&self, gateway: &str, hindrances: &[Hindrance], now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let connection = &mut tx.connection();
        match connection {
            Connection::Sqlite(_) => execute!(connection, UNSAY_ALL),
            Connection::Postgres(_) => execute!(connection, UNSAY, gateway, millis(now - SAID_AGAIN_WITHIN)),
        };
        for one in hindrances {
            let (since, next_try) = (millis(one.since), millis(one.next_try));
            let return_path = one.return_path.as_deref().map(clean);
            execute!(connection, SAY, gateway, since, next_try, return_path, clean(&one.cause), clean(&one.remedy));
        }
        tx.commit().await
    }

    /// Letters that waited for that alone are due.
    pub async fn hasten(&self, cause: &str, now: Timestamp) -> Result<()> {
        let mut held = self.write().await?;
        execute!(&mut held.connection(), HASTEN, millis(now), clean(cause));
        Ok(())
    }
}

impl Row {
    fn into_hindrance(self) -> Result<Hindrance> {
        Ok(Hindrance {
            since: instant(self.since)?,
            next_try: instant(self.next_try)?,
            return_path: self.return_path,
            cause: self.cause,
            remedy: self.remedy,
        })
    }
}

/// Lets all gateways try at once.
pub(super) async fn forget(connection: &mut Connection<'_>) -> Result<()> {
    execute!(connection, UNSAY_ALL);
    Ok(())
}
