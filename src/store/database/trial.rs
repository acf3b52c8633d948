//! What `guichet check` tries of a store: all that `serve` will do there, taken back at the end.

use super::fault::{self, Address, Fault};
use super::migrations::{self, Tables};
use super::sessions::Sessions;
use super::settings::Settings;
use super::{sqlite, url};
use crate::said;

const SCRATCH_TABLE: &str = "create table guichet_scratch (n bigint); insert into guichet_scratch values (1)";
const SCRATCH_ROW: &str = "insert into setting (name, value) values ('scratch', '')";
/// Rights that this user lacks on the tables of whoever owns the table of migrations.
const MISSING_RIGHTS: &str = "select wanted.kind, string_agg(t.relname, ', ' order by t.relname) \
    from pg_class m join pg_class t on t.relnamespace = m.relnamespace and t.relowner = m.relowner and t.relkind = 'r' \
    and t.oid <> m.oid cross join (values ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) as wanted (kind) \
    where m.oid = to_regclass('_sqlx_migrations') and not has_table_privilege(t.oid, wanted.kind) \
    group by wanted.kind order by wanted.kind";
const OTHERS_TABLES: &str = "select count(*) from pg_class m join pg_class t on t.relnamespace = m.relnamespace \
    and t.relowner = m.relowner and t.relkind = 'r' \
    where m.oid = to_regclass('_sqlx_migrations') and not pg_has_role(t.relowner, 'usage')";

/// Which tables the store has; changes nothing.
pub(in crate::store) async fn tables(settings: &Settings) -> Result<Tables, Fault> {
    if !url::is_postgres(&settings.url) {
        return sqlite::tables(&settings.url).await;
    }
    let sessions = Sessions::open(&settings.url).await?;
    let tables = migrations::in_postgres(&mut *sessions.take().await?).await;
    sessions.close().await;
    tables
}

/// Tries what `serve` needs, and says what the tables are. Nothing of it stays.
pub(in crate::store) async fn whole(settings: &Settings) -> Result<Tables, Fault> {
    if !url::is_postgres(&settings.url) {
        sqlite::try_to_write(&settings.url).await?;
        let tables = sqlite::tables(&settings.url).await?;
        return fit(tables, &settings.url);
    }
    let sessions = Sessions::open(&settings.url).await?;
    let tried = in_postgres(&sessions).await;
    sessions.close().await;
    tried
}

async fn in_postgres(sessions: &Sessions) -> Result<Tables, Fault> {
    let mut session = sessions.take().await?.begin().await?;
    let address = session.address().clone();
    let tables = fit(migrations::in_postgres(&mut session).await?, &address.database)?;
    let (connection, watch) = session.parts();
    let scratch = if tables == Tables::Current {
        let missing = watch.run(sqlx::query_as(MISSING_RIGHTS).fetch_all(&mut *connection)).await?;
        lacks_rights(&address, &missing)?;
        SCRATCH_ROW
    } else {
        let (others,): (i64,) = watch.run(sqlx::query_as(OTHERS_TABLES).fetch_one(&mut *connection)).await?;
        owns(&address, others)?;
        SCRATCH_TABLE
    };
    watch.run(sqlx::raw_sql(scratch).execute(connection)).await?;
    Ok(tables)
}

/// Tables that `serve` can use or bring up to date.
fn fit(tables: Tables, name: &str) -> Result<Tables, Fault> {
    match tables {
        Tables::None | Tables::Old { .. } | Tables::Current => Ok(tables),
        Tables::Newer | Tables::Foreign { .. } => tables.unfit(name).map_or(Ok(tables), Err),
    }
}

fn lacks_rights(address: &Address, missing: &[(String, String)]) -> Result<(), Fault> {
    let Address { server, user, database } = address;
    let Some((_, tables)) = missing.first() else { return Ok(()) };
    let kinds = missing.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>().join(", ");
    Err(Fault::new(
        said!(
            "{user} has no right to {kinds} in {database} at {server} (table {tables})",
            "{user} n’a pas le droit {kinds} dans {database} à {server} (table {tables})"
        ),
        fault::rights(user, database),
    ))
}

fn owns(address: &Address, others: i64) -> Result<(), Fault> {
    let Address { server, user, database } = address;
    if others == 0 {
        return Ok(());
    }
    Err(Fault::new(
        said!(
            "the tables of {database} at {server} must be brought up to date, and {user} does not own them",
            "les tables de {database} à {server} doivent être mises à jour, et {user} n’en est pas propriétaire"
        ),
        said!(
            "Run `guichet migrate` once with the owner in [store] url, or give the tables to {user}.",
            "Lancez `guichet migrate` une fois avec leur propriétaire dans [store] url, ou donnez les tables à {user}."
        ),
    ))
}
