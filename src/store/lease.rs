//! Leases with fencing numbers: one gateway holds a mailbox.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use super::Store;
use super::statement::{execute, fetch};
use super::words::millis;

/// The right to something until it runs out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// To what.
    pub name: String,
    /// Whose.
    pub holder: String,
    /// Grows with every new holder.
    pub number: i64,
}

/// A lease that ends beyond its own maximum was taken before the clock jumped back, and counts as over.
const TAKE: &str = "insert into lease (name, holder, number, until) values ($1, $2, 1, $4) \
    on conflict (name) do update set number = case when lease.holder = excluded.holder and lease.until > $3 \
    then lease.number else lease.number + 1 end, holder = excluded.holder, until = excluded.until \
    where lease.holder = excluded.holder or lease.until <= $3 or lease.until > $4 returning number";
const END: &str = "delete from lease where name = $1 and holder = $2 and number = $3";

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
        let until = millis(now.saturating_add(duration)?);
        let rows = fetch!(&mut held.connection(), (i64,), TAKE, name, holder, millis(now), until);
        Ok(rows.first().map(|(number,)| Lease { name: name.to_owned(), holder: holder.to_owned(), number: *number }))
    }

    /// Gives a lease back before it runs out.
    pub async fn end_lease(&self, lease: &Lease) -> Result<()> {
        let mut held = self.mark().await?;
        execute!(&mut held.connection(), END, &lease.name, &lease.holder, lease.number);
        Ok(())
    }
}
