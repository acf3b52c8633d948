//! Which tables a database has, and bringing them up to date.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sqlx::migrate::{Migrate, MigrateError, Migration, Migrator};
use sqlx::{Connection, PgConnection, SqliteConnection};

use super::fault::{self, Address, Fault};
use super::session::Session;
use crate::said;

/// The table in which sqlx notes the migrations that were run.
const TABLE: &str = "_sqlx_migrations";
const HAS_TABLE_POSTGRES: &str = "select to_regclass('_sqlx_migrations') is not null";
/// In one look: another process may make them meanwhile.
const TABLES_SQLITE: &str =
    "select name from sqlite_schema where type = 'table' order by name <> '_sqlx_migrations', name limit 1";
const SORT_IN_FILES: &str = "pragma temp_store = file";
const SORT_IN_MEMORY: &str = "pragma temp_store = memory";
const APPLIED: &str = "select version, checksum, success from _sqlx_migrations order by version";

const LOCK: &str = "select pg_advisory_lock($1)";
const UNLOCK: &str = "select pg_advisory_unlock($1)";
/// A key of 64 bits is shown in two halves.
const HOLDER: &str = "select l.pid, coalesce(a.application_name, ''), coalesce(a.usename, ''), \
    coalesce(host(a.client_addr), '') from pg_locks l left join pg_stat_activity a on a.pid = l.pid \
    where l.locktype = 'advisory' and l.granted and l.objsubid = 1 \
    and (l.classid::bigint << 32) | l.objid::bigint = $1 \
    and l.database = (select oid from pg_database where datname = current_database())";
/// A migration takes as long as it takes, and waits for a lock for a few seconds.
const NO_STATEMENT_LIMIT: &str =
    "select set_config('statement_timeout', '0', false), set_config('lock_timeout', '7s', false)";
const USUAL_LIMITS: &str =
    "select set_config('statement_timeout', '600s', false), set_config('lock_timeout', '10s', false)";

pub(super) fn of_postgres() -> Migrator {
    sqlx::migrate!("migrations/postgres")
}

pub(super) fn of_sqlite() -> Migrator {
    sqlx::migrate!("migrations/sqlite")
}

/// Which tables a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tables {
    /// There is no table at all.
    None,
    /// Those of an older guichet: so many changes are missing.
    Old {
        /// How many, at least one.
        missing: usize,
    },
    /// What this guichet needs.
    Current,
    /// Those of a newer guichet.
    Newer,
    /// Tables of another program, or guichet's own and not all of them.
    Foreign {
        /// Why, as a sentence without its full stop.
        problem: String,
    },
}

/// What may become of the tables when the store is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TablesMay {
    /// They are made, or brought up to date: `serve` and `migrate`.
    BeBroughtUp,
    /// They are made where there are none: commands that write.
    BeMade,
    /// Nothing may become of them: commands that look.
    StayAsTheyAre,
}

impl TablesMay {
    /// Whether what the store has is what is needed, or may become it.
    pub(super) fn be(self, tables: &Tables) -> bool {
        match tables {
            Tables::Current => true,
            Tables::None => self != TablesMay::StayAsTheyAre,
            Tables::Old { .. } => self == TablesMay::BeBroughtUp,
            Tables::Newer | Tables::Foreign { .. } => false,
        }
    }
}

/// How far bringing the tables up to date is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'m> {
    /// A change begins.
    Begins {
        /// What it is called.
        name: &'m str,
        /// Which of the changes it is, from 1.
        at: usize,
        /// How many there are to be done.
        of: usize,
    },
    /// It is done.
    Done {
        /// How long it took.
        took: Duration,
    },
}

/// A migration that was run: version, checksum, and whether it succeeded.
type Applied = (i64, Vec<u8>, bool);

/// What the rows of the table of migrations say.
fn judged(migrator: &Migrator, applied: &[Applied]) -> Tables {
    let known: BTreeMap<i64, &Migration> = migrator.iter().map(|one| (one.version, one)).collect();
    let last = known.keys().next_back().copied().unwrap_or(0);
    for (version, checksum, is_whole) in applied {
        match known.get(version) {
            None if *version > last => return Tables::Newer,
            Some(one) if *is_whole && *checksum == *one.checksum => {}
            Some(_) if !is_whole => {
                let problem = said!(
                    "the change {version} of the tables was begun and not finished",
                    "la modification {version} des tables a été commencée et non terminée"
                );
                return Tables::Foreign { problem };
            }
            None | Some(_) => {
                let problem = said!(
                    "the tables were made by another program, or by a guichet that was never released (change {version})",
                    "les tables ont été faites par un autre programme, ou par un guichet jamais publié (modification {version})"
                );
                return Tables::Foreign { problem };
            }
        }
    }
    match known.len() - applied.len() {
        0 => Tables::Current,
        _ if applied.is_empty() => Tables::None,
        missing => Tables::Old { missing },
    }
}

/// What is done about tables that are not what this guichet needs.
impl Tables {
    /// Why the store cannot be used with these tables, by those who change none; `name` is the store's.
    pub(super) fn unfit(&self, name: &str) -> Option<Fault> {
        Some(match self {
            Tables::Current => return None,
            Tables::None => Fault::new(
                said!("{name} has no tables yet", "{name} n’a pas encore de tables"),
                said!(
                    "`guichet serve` or `guichet migrate` makes them.",
                    "`guichet serve` ou `guichet migrate` les crée."
                ),
            ),
            Tables::Old { missing } => Fault::new(
                said!(
                    "the tables of {name} are those of an older guichet (changes missing: {missing})",
                    "les tables de {name} sont celles d’un guichet plus ancien (modifications manquantes : {missing})"
                ),
                said!(
                    "Run `guichet migrate`, or start `guichet serve`: they bring them up to date.",
                    "Lancez `guichet migrate`, ou démarrez `guichet serve` : ils les mettent à jour."
                ),
            ),
            Tables::Newer => Fault::new(
                said!(
                    "the tables of {name} are those of a newer guichet than this one",
                    "les tables de {name} sont celles d’un guichet plus récent que celui-ci"
                ),
                said!(
                    "Install that version again, or put the backup back that was made before.",
                    "Réinstallez cette version, ou remettez la sauvegarde faite avant."
                ),
            ),
            Tables::Foreign { problem } => Fault::new(
                format!("{name}: {problem}"),
                said!("Name another one in [store] url.", "Nommez-en une autre dans [store] url."),
            ),
        })
    }
}

pub(super) async fn in_postgres(session: &mut Session) -> Result<Tables, Fault> {
    let Session { connection, watch } = session;
    let (has_table,): (bool,) = watch.run(sqlx::query_as(HAS_TABLE_POSTGRES).fetch_one(&mut *connection)).await?;
    let applied = match has_table {
        true => watch.run(sqlx::query_as(APPLIED).fetch_all(connection)).await?,
        false => Vec::new(),
    };
    Ok(judged(&of_postgres(), &applied))
}

pub(super) async fn in_sqlite(connection: &mut SqliteConnection) -> Result<Tables, sqlx::Error> {
    let table: Option<(String,)> = sqlx::query_as(TABLES_SQLITE).fetch_optional(&mut *connection).await?;
    match table {
        None => return Ok(Tables::None),
        Some((table,)) if table != TABLE => {
            return Ok(Tables::Foreign {
                problem: said!(
                    "it is the database of another program (it has a table {table})",
                    "c’est la base d’un autre programme (elle a une table {table})"
                ),
            });
        }
        Some(_) => {}
    }
    let applied: Vec<Applied> = sqlx::query_as(APPLIED).fetch_all(connection).await?;
    Ok(judged(&of_sqlite(), &applied))
}

/// Runs what is missing, each in a transaction of its own.
async fn run<C: Migrate>(
    connection: &mut C,
    migrator: &Migrator,
    tell: &mut (dyn FnMut(Step<'_>) + Send),
) -> Result<(), MigrateError> {
    connection.ensure_migrations_table(TABLE).await?;
    let applied: Vec<i64> =
        connection.list_applied_migrations(TABLE).await?.into_iter().map(|applied| applied.version).collect();
    let missing: Vec<&Migration> = migrator.iter().filter(|one| !applied.contains(&one.version)).collect();
    for (before, one) in missing.iter().enumerate() {
        tell(Step::Begins { name: &one.description, at: before + 1, of: missing.len() });
        let started = Instant::now();
        connection.apply(TABLE, one).await?;
        tell(Step::Done { took: started.elapsed() });
    }
    Ok(())
}

/// Under the lock that any guichet takes for this: one at a time.
pub(super) async fn migrate_postgres(
    session: &mut Session,
    tell: &mut (dyn FnMut(Step<'_>) + Send),
) -> Result<(), Fault> {
    let address = session.address().clone();
    let key = lock_key(&address.database);
    let Session { connection, watch } = session;
    watch.run(sqlx::raw_sql(NO_STATEMENT_LIMIT).execute(&mut *connection)).await?;
    let locked = watch.run(sqlx::query(LOCK).bind(key).execute(&mut *connection)).await;
    if locked.is_err() {
        let holders = watch.run(sqlx::query_as(HOLDER).bind(key).fetch_all(&mut *connection)).await;
        return Err(held_elsewhere(&address, &holders?, locked.err()));
    }
    let migrator = of_postgres();
    let migrated = watch.run(async { Ok(run::<PgConnection>(connection, &migrator, tell).await) }).await?;
    watch.run(sqlx::query(UNLOCK).bind(key).execute(&mut *connection)).await?;
    watch.run(sqlx::raw_sql(USUAL_LIMITS).execute(connection)).await?;
    migrated.map_err(|error| fault::of_postgres(&of_migration(error), &address))
}

/// Several processes may find old tables at once. Whoever fails at a change that another one has just made goes on behind it.
pub(super) async fn migrate_sqlite(
    connection: &mut SqliteConnection,
    tell: &mut (dyn FnMut(Step<'_>) + Send),
) -> Result<(), sqlx::Error> {
    let migrator = of_sqlite();
    if in_sqlite(connection).await? == Tables::None {
        // The first tables are made in one commit, and so are there whole or not at all.
        let mut all = connection.begin_with("begin immediate").await?;
        run::<SqliteConnection>(&mut all, &migrator, tell).await.map_err(of_migration)?;
        return all.commit().await;
    }
    // A change may sort all of a table: more than memory should hold.
    sqlx::query(SORT_IN_FILES).execute(&mut *connection).await?;
    let migrated = run_among_others(connection, &migrator, tell).await;
    sqlx::query(SORT_IN_MEMORY).execute(connection).await?;
    migrated
}

async fn run_among_others(
    connection: &mut SqliteConnection,
    migrator: &Migrator,
    tell: &mut (dyn FnMut(Step<'_>) + Send),
) -> Result<(), sqlx::Error> {
    for _ in migrator.iter() {
        if run(connection, migrator, tell).await.is_ok() {
            return Ok(());
        }
    }
    run(connection, migrator, tell).await.map_err(of_migration)
}

fn of_migration(error: MigrateError) -> sqlx::Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error,
        other => sqlx::Error::Migrate(Box::new(other)),
    }
}

/// Of the session that holds the lock.
type Holder = (i32, String, String, String);

fn held_elsewhere(address: &Address, holders: &[Holder], error: Option<Fault>) -> Fault {
    let (server, database) = (&address.server, &address.database);
    let Some((process, program, user, host)) = holders.first() else {
        return error.unwrap_or_else(|| fault::fell_silent(address));
    };
    let known = [program.as_str(), user.as_str(), host.as_str()].into_iter().filter(|text| !text.is_empty());
    let who = known.collect::<Vec<_>>().join(", ");
    let who = if who.is_empty() { String::new() } else { format!(" ({who})") };
    Fault::new(
        said!(
            "the tables of {database} at {server} are locked for a change by the session with process {process}{who}",
            "les tables de {database} à {server} sont verrouillées pour une modification par la session du processus {process}{who}"
        ),
        said!(
            "Wait if another guichet brings them up to date; else end that session: `select pg_terminate_backend({process})`.",
            "Attendez si un autre guichet les met à jour; sinon, terminez cette session : « select pg_terminate_backend({process}) »."
        ),
    )
}

/// sqlx's, so that no version of guichet runs changes beside another one: a constant times the CRC-32 of the name.
fn lock_key(database: &str) -> i64 {
    0x3d32_ad9e * i64::from(crc32(database.as_bytes()))
}

/// CRC-32 as of IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(migrator: &Migrator, count: usize) -> Vec<Applied> {
        migrator.iter().take(count).map(|one| (one.version, one.checksum.to_vec(), true)).collect()
    }

    #[test]
    fn tables_are_known_by_the_changes_that_made_them() {
        let migrator = of_sqlite();
        let all = migrator.iter().count();
        assert_eq!(judged(&migrator, &[]), Tables::None);
        assert_eq!(judged(&migrator, &applied(&migrator, all)), Tables::Current);
        assert_eq!(judged(&migrator, &applied(&migrator, all - 2)), Tables::Old { missing: 2 });
        let mut newer = applied(&migrator, all);
        newer.push((9_999, Vec::new(), true));
        assert_eq!(judged(&migrator, &newer), Tables::Newer);
        let mut others = applied(&migrator, all);
        others[0].1 = vec![0; 48];
        assert!(matches!(judged(&migrator, &others), Tables::Foreign { .. }));
        let mut half = applied(&migrator, 1);
        half[0].2 = false;
        assert!(matches!(judged(&migrator, &half), Tables::Foreign { problem } if problem.contains("not finished")));
    }

    #[test]
    fn the_lock_is_the_one_that_earlier_versions_take() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(lock_key("lk"), 1_428_760_813_005_252_984);
    }
}
