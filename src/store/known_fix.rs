//! What became of known fixes, counted from the histories: there is no second account that could differ.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use anyhow::Result;

use super::Store;
use super::answered::{self, Answered};
use super::database::Connection;
use super::statement::{execute, fetch, write_rows};
use super::words::clean;
use crate::desk::Drafted;
use crate::known_fix::Outcomes;

const OFFERED: &str = "select detail, count(*) from history where event = 'known_fix_offered' group by detail";
const RESUMED: &str = "select known_fix, offered, solved, refused from resumed_fix";
const RESUME: &str = "insert into resumed_fix (known_fix, offered, solved, refused) values ($1, $2, $3, $4) \
    on conflict (known_fix) do update set offered = excluded.offered, solved = excluded.solved, refused = excluded.refused";

const DRAFTS: &str = "insert into draft (desk, known_fix, file) values {rows}";
const WAITING: &str = "select id, desk, known_fix, file from draft order by id";
const SHELVED: &str = "delete from draft where id = $1";

/// An article that an agent drafted and that is in no folder yet.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Draft {
    /// Number of its row.
    pub id: i64,
    /// Name of the desk whose folder it goes to.
    pub desk: String,
    /// Id of the article.
    pub known_fix: String,
    /// The whole file, as it is to stand in the folder.
    pub file: String,
}

impl Store {
    /// Drafts that are in no folder yet, the oldest first.
    pub async fn drafts(&self) -> Result<Vec<Draft>> {
        let mut held = self.read().await?;
        Ok(fetch!(&mut held.connection(), Draft, WAITING))
    }

    /// A draft is in its folder now.
    pub async fn draft_is_shelved(&self, draft: i64) -> Result<()> {
        let mut held = self.write().await?;
        execute!(&mut held.connection(), SHELVED, draft);
        Ok(())
    }

    /// What requesters said of every article that was ever offered, by its id; where it was resumed, from then on.
    pub async fn known_fix_outcomes(&self) -> Result<BTreeMap<String, Outcomes>> {
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let mut outcomes = whole(connection).await?;
        set_off(connection, &mut outcomes).await?;
        Ok(outcomes.into_iter().collect())
    }

    /// Counts an article's outcomes anew, so that it is no more suspended: it was mended.
    pub async fn resume_known_fix(&self, fix: &str) -> Result<()> {
        let mut held = self.write().await?;
        let connection = &mut held.connection();
        let Outcomes { offered, solved, refused } = whole(connection).await?.get(fix).copied().unwrap_or_default();
        execute!(connection, RESUME, clean(fix), offered, solved, refused);
        Ok(())
    }
}

/// What agents drafted waits until it is in its folder.
pub(super) async fn write_drafts(connection: &mut Connection<'_>, drafts: &[&Drafted]) -> Result<()> {
    write_rows!(connection, DRAFTS, drafts, |mut row, drafted| {
        row.push_bind(clean(&drafted.desk))
            .push_bind(clean(&drafted.article.id))
            .push_bind(clean(&drafted.article.file()));
    });
    Ok(())
}

/// What requesters said of each article since it was resumed. Offers are not counted: they are many.
pub(super) async fn answered(
    connection: &mut Connection<'_>,
    so_far: &Mutex<Answered>,
) -> Result<HashMap<String, Outcomes>> {
    let mut outcomes = Answered::now(so_far, connection).await?;
    if !outcomes.is_empty() {
        set_off(connection, &mut outcomes).await?;
    }
    Ok(outcomes)
}

async fn whole(connection: &mut Connection<'_>) -> Result<HashMap<String, Outcomes>> {
    let mut outcomes = Answered::now(&Mutex::default(), connection).await?;
    answered::count(fetch!(connection, (String, i64), OFFERED), &mut outcomes)?;
    Ok(outcomes)
}

/// Takes off what was before articles were resumed.
async fn set_off(connection: &mut Connection<'_>, outcomes: &mut HashMap<String, Outcomes>) -> Result<()> {
    for (fix, offered, solved, refused) in fetch!(connection, (String, i64, i64, i64), RESUMED) {
        if let Some(all) = outcomes.get_mut(&fix) {
            *all = all.since(Outcomes { offered, solved, refused });
        }
    }
    Ok(())
}
