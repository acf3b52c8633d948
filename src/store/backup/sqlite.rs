//! A SQLite file copied by SQLite itself, which alone knows what its `-wal` still holds.

use std::fs;
use std::io;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use super::{Copied, SetAside, new_file, watched};
use crate::said;
use crate::store::beside::{belong_with, beside};
use crate::store::lock::lock_file;

const COPY: &str = "vacuum into $1";
const BYTES: &str = "select (page_count - freelist_count) * page_size from pragma_page_count, pragma_freelist_count, \
    pragma_page_size";
const CHECK: &str = "pragma integrity_check(1)";
const IS_OURS: &str =
    "select count(*) from sqlite_schema where type = 'table' and name in ('ledger', 'ticket', 'letter')";
const OUR_TABLES: i64 = 3;
const WAIT_FOR_OTHERS: Duration = Duration::from_secs(10);
/// What stands beside a database and belongs to it alone.
const COMPANIONS: [&str; 4] = ["", "-wal", "-shm", ".sent"];

pub(super) async fn copy(url: &str, into: &Path, told: impl Fn(Copied)) -> Result<()> {
    let mut store = connect(SqliteConnectOptions::from_str(url)?).await?;
    let whole: i64 = sqlx::query_scalar(BYTES).fetch_one(&mut store).await?;
    let name = into
        .to_str()
        .with_context(|| said!("the name of the copy is not UTF-8", "le nom de la copie n’est pas en UTF-8"))?;
    let copying = async { Ok(sqlx::query(COPY).bind(name).execute(&mut store).await?) };
    watched(copying, into, u64::try_from(whole).ok(), told).await.with_context(|| {
        said!(
            "Cannot copy the database: is there room for it?",
            "Impossible de copier la base\u{a0}: y a-t-il assez de place?"
        )
    })?;
    store.close().await?;
    verify(into).await
}

/// That it is a store, and sound.
async fn verify(file: &Path) -> Result<()> {
    let shown = file.display();
    let looked = async {
        let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
        let mut copy = connect(options).await?;
        let tables: i64 = sqlx::query_scalar(IS_OURS).fetch_one(&mut copy).await?;
        let sound: String = sqlx::query_scalar(CHECK).fetch_one(&mut copy).await?;
        copy.close().await?;
        anyhow::Ok((tables, sound))
    };
    match looked.await {
        Ok((OUR_TABLES, sound)) if sound == "ok" => Ok(()),
        Ok((OUR_TABLES, unsound)) => bail!(said!(
            "{shown} is damaged ({unsound}): look at the disk, and take an older copy",
            "{shown} est endommagé ({unsound})\u{a0}: voyez le disque, et prenez une copie plus ancienne"
        )),
        Ok(_) => bail!(said!("{shown} is no store of guichet", "{shown} n’est pas une base de guichet")),
        Err(error) => {
            Err(error.context(said!("{shown} cannot be read as a database", "{shown} ne se lit pas comme une base")))
        }
    }
}

pub(super) async fn put_back(url: &str, copy: &Path) -> Result<SetAside> {
    verify(copy).await?;
    let database = SqliteConnectOptions::from_str(url)?.get_filename().to_path_buf();
    let _lock = lock_file(&database)?;
    let partial = beside(&database, ".partial");
    drop(new_file(&partial)?);
    let copied = fs::copy(copy, &partial).and_then(|_| belong_with(&database, &partial));
    if let Err(error) = copied {
        let _ = fs::remove_file(&partial);
        let shown = partial.display();
        return Err(error).with_context(|| said!("Cannot write {shown}", "Impossible d’écrire {shown}"));
    }
    fs::File::open(&partial)?.sync_all()?;
    let aside = set_aside(&database)?;
    fs::rename(&partial, &database)?;
    Ok(aside)
}

/// Renames the database and what belongs to it. `guichet.db.high` stays: it knows which numbers were used since the copy.
fn set_aside(database: &Path) -> Result<SetAside> {
    if !database.exists() {
        return Ok(None);
    }
    let aside = beside(database, &format!(".before-{}", Timestamp::now().strftime("%Y%m%dT%H%M%SZ")));
    for ending in COMPANIONS {
        match fs::rename(beside(database, ending), beside(&aside, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(Some(aside))
}

async fn connect(options: SqliteConnectOptions) -> Result<SqliteConnection> {
    let name = options.get_filename().display().to_string();
    let connected = options.busy_timeout(WAIT_FOR_OTHERS).disable_statement_logging().connect().await;
    connected.with_context(|| said!("Cannot open {name}", "Impossible d’ouvrir {name}"))
}
