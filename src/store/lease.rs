//! Leases with fencing numbers: one gateway holds a mailbox.
//!
//! Gateways that share PostgreSQL run on machines whose clocks differ, so there a lease is judged by the database's clock
//! alone. Whoever holds one knows by its own monotonic clock how long at least it lasts.

use anyhow::{Result, bail};
use jiff::{SignedDuration, Timestamp};

use super::database::{Connection, Held};
use super::statement::{execute, fetch};
use super::words::millis;
use super::{Store, Tx};

/// The right to something until it runs out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What it is a right to: `mailbox support`.
    pub name: String,
    /// Name of the gateway that holds it, made anew for each run.
    pub holder: String,
    /// Grows with every new holder.
    pub number: i64,
}

/// A lease that ends far beyond its own maximum was taken before the clock jumped back, and counts as over; a little beyond it
/// ends what was taken while this one waited for its turn, whose time is older than that.
const TAKE: &str = "insert into lease (name, holder, number, until) values ($1, $2, 1, $4 + $3) on conflict (name) do \
    update set number = case when lease.holder = excluded.holder and lease.until > $4 then lease.number else \
    lease.number + 1 end, holder = excluded.holder, until = excluded.until where lease.holder = excluded.holder or \
    lease.until <= $4 or lease.until > $4 + 2 * $3 returning number";
const TAKE_SHARED: &str = "insert into lease (name, holder, number, until) values ($1, $2, 1, (extract(epoch from \
    clock_timestamp()) * 1000)::bigint + $3) on conflict (name) do update set number = case when lease.holder = \
    excluded.holder and lease.until > (extract(epoch from clock_timestamp()) * 1000)::bigint then lease.number else \
    lease.number + 1 end, holder = excluded.holder, until = excluded.until where lease.holder = excluded.holder or \
    lease.until <= (extract(epoch from clock_timestamp()) * 1000)::bigint or lease.until > (extract(epoch from \
    clock_timestamp()) * 1000)::bigint + $3 returning number";
const LEASED: &str = "select number from lease where name = $1 and until > $3 and until <= $3 + $2";
const LEASED_SHARED: &str = "select number from lease where name = $1 and until > (extract(epoch from \
    clock_timestamp()) * 1000)::bigint and until <= (extract(epoch from clock_timestamp()) * 1000)::bigint + $2";
/// The row stays, so that numbers go on.
const END: &str = "update lease set until = 0 where name = $1 and holder = $2 and number = $3";
const HELD: &str = "select number from lease where name = $1 and holder = $2 and number = $3";
/// It is locked, so that nobody takes it over before the commit.
const HELD_SHARED: &str = "select number from lease where name = $1 and holder = $2 and number = $3 for share";

const RUNS: &str = "select count(*) from lease where name like 'run %'";
const FORGET_RUNS: &str = "delete from lease where name like 'run %'";
const FORGET_RUNS_SHARED: &str =
    "delete from lease where name like 'run %' and until <= (extract(epoch from clock_timestamp()) * 1000)::bigint";
const END_RUN: &str = "delete from lease where name = $1 and holder = $2";

impl Store {
    /// Takes or prolongs a lease; `None` while somebody else holds it. `holder` names one run of one process.
    pub async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        duration: SignedDuration,
    ) -> Result<Option<Lease>> {
        let mut held = self.mark().await?;
        let duration = i64::try_from(duration.as_millis())?;
        let rows = match &held {
            Held::Sqlite(_) => {
                fetch!(&mut held.connection(), (i64,), TAKE, name, holder, duration, millis(now))
            }
            Held::Postgres(_) => fetch!(&mut held.connection(), (i64,), TAKE_SHARED, name, holder, duration),
        };
        Ok(rows.first().map(|(number,)| Lease { name: name.to_owned(), holder: holder.to_owned(), number: *number }))
    }

    /// Whether anybody holds a lease, of at most this duration.
    pub async fn is_leased(&self, name: &str, now: Timestamp, duration: SignedDuration) -> Result<bool> {
        let mut held = self.read().await?;
        let duration = i64::try_from(duration.as_millis())?;
        let rows = match &held {
            Held::Sqlite(_) => fetch!(&mut held.connection(), (i64,), LEASED, name, duration, millis(now)),
            Held::Postgres(_) => fetch!(&mut held.connection(), (i64,), LEASED_SHARED, name, duration),
        };
        Ok(!rows.is_empty())
    }

    /// Whether there is a run that has not ended in order; those that are over are forgotten. Where others share the store, a
    /// lease that still holds may be another gateway's, or of one that died a moment ago: nobody can tell. A SQLite store is
    /// one gateway's.
    pub async fn forget_crashed_runs(&self) -> Result<bool> {
        let mut held = self.write().await?;
        let connection = &mut held.connection();
        let runs = fetch!(connection, (i64,), RUNS);
        execute!(connection, if self.is_shared() { FORGET_RUNS_SHARED } else { FORGET_RUNS });
        Ok(runs.first().is_some_and(|row| row.0 > 0))
    }

    /// Notes that a run goes on, for so long.
    pub async fn keep_run(&self, gateway: &str, now: Timestamp, duration: SignedDuration) -> Result<()> {
        self.take_lease(&run_of(gateway), gateway, now, duration).await.map(drop)
    }

    /// A run ends in order.
    pub async fn end_run(&self, gateway: &str) -> Result<()> {
        let mut held = self.write().await?;
        execute!(&mut held.connection(), END_RUN, run_of(gateway), gateway);
        Ok(())
    }

    /// Gives a lease back before it runs out.
    pub async fn end_lease(&self, lease: &Lease) -> Result<()> {
        let mut held = self.mark().await?;
        execute!(&mut held.connection(), END, &lease.name, &lease.holder, lease.number);
        Ok(())
    }
}

/// The lease of one run of one gateway.
fn run_of(gateway: &str) -> String {
    format!("run {gateway}")
}

impl Tx {
    /// Lets the commit succeed only while nobody has taken the lease over. To be called last: until the commit nobody can.
    pub async fn fence(&mut self, lease: &Lease) -> Result<()> {
        let connection = &mut self.connection();
        let sql = match connection {
            Connection::Sqlite(_) => HELD,
            Connection::Postgres(_) => HELD_SHARED,
        };
        let rows = fetch!(connection, (i64,), sql, &lease.name, &lease.holder, lease.number);
        if rows.is_empty() {
            bail!("Another gateway has taken over the {}: what this one had in hand is not written", lease.name);
        }
        Ok(())
    }
}
