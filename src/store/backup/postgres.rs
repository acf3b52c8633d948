//! PostgreSQL's own tools make and read its archives. What they are told stands in their environment: a command line can be
//! read by everybody on the machine.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use percent_encoding::percent_decode_str;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions, Connection};
use tokio::process::Command;

use super::{Copied, watched};
use crate::said;
use crate::store::database::servers;

const IS_EMPTY: &str = "select to_regclass('ledger') is null and to_regclass('ticket') is null";
/// libpq trusts nobody unless it is told; the system's authorities are trusted by the program.
const SYSTEM_CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

pub(super) async fn dump(url: &str, into: &Path, told: impl Fn(Copied)) -> Result<()> {
    let (server, database) = reach(url).await?;
    database.close().await?;
    let mut dump = tool("pg_dump", &server);
    dump.args(["--format=custom", "--no-password", "--file"]).arg(into);
    watched(run(dump, "pg_dump"), into, None, told).await?;
    read_back(into).await
}

/// The archive to its end: it is written nowhere.
async fn read_back(file: &Path) -> Result<()> {
    let mut read = Command::new("pg_restore");
    read.arg("--file=/dev/null").arg(file);
    run(read, "pg_restore").await
}

pub(super) async fn put_back(url: &str, file: &Path) -> Result<()> {
    read_back(file).await?;
    let (options, mut database) = reach(url).await?;
    let is_empty: bool = sqlx::query_scalar(IS_EMPTY).fetch_one(&mut database).await?;
    database.close().await?;
    if !is_empty {
        bail!(said!(
            "The database already holds tickets: create an empty one, and name it in [store] url",
            "La base contient déjà des billets\u{a0}: créez-en une vide et nommez-la sous [store] url"
        ));
    }
    let mut restore = tool("pg_restore", &options);
    restore.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"]);
    restore.arg("--dbname").arg(options.get_database().unwrap_or(options.get_username())).arg(file);
    run(restore, "pg_restore").await
}

/// The first of the url's servers that answers.
async fn reach(url: &str) -> Result<(PgConnectOptions, PgConnection)> {
    let mut failed = None;
    for server in servers(url)? {
        match server.connect().await {
            Ok(connection) => return Ok((server, connection)),
            Err(error) => failed = Some((server.get_host().to_owned(), error)),
        }
    }
    let (host, error) = failed.context("the url names no server")?;
    Err(error).with_context(|| said!("Cannot reach PostgreSQL at {host}", "PostgreSQL est injoignable à {host}"))
}

/// A tool that finds the database by its environment (PostgreSQL 15, §34.15).
fn tool(name: &str, options: &PgConnectOptions) -> Command {
    let url = options.to_url_lossy();
    let mut tool = Command::new(name);
    let socket = options.get_socket().map(|socket| socket.display().to_string());
    tool.env("PGHOST", socket.unwrap_or_else(|| options.get_host().to_owned()))
        .env("PGPORT", options.get_port().to_string())
        .env("PGUSER", options.get_username())
        .env("PGDATABASE", options.get_database().unwrap_or(options.get_username()))
        .env("PGSSLMODE", ssl_mode(options.get_ssl_mode()));
    if let Some(password) = url.password() {
        tool.env("PGPASSWORD", percent_decode_str(password).decode_utf8_lossy().as_ref());
    }
    if Path::new(SYSTEM_CERTIFICATES).exists() {
        tool.env("PGSSLROOTCERT", SYSTEM_CERTIFICATES);
    }
    for (key, value) in url.query_pairs() {
        match &*key {
            "sslrootcert" => tool.env("PGSSLROOTCERT", &*value),
            "sslcert" => tool.env("PGSSLCERT", &*value),
            "sslkey" => tool.env("PGSSLKEY", &*value),
            _ => &mut tool,
        };
    }
    tool
}

fn ssl_mode(mode: PgSslMode) -> &'static str {
    match mode {
        PgSslMode::Disable => "disable",
        PgSslMode::Allow => "allow",
        PgSslMode::Prefer => "prefer",
        PgSslMode::Require => "require",
        PgSslMode::VerifyCa => "verify-ca",
        PgSslMode::VerifyFull => "verify-full",
    }
}

async fn run(mut tool: Command, name: &str) -> Result<()> {
    let ended =
        tool.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).output().await;
    let ended = match ended {
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(said!(
            "{name} is not installed: install the package postgresql-client, in the version of the server",
            "{name} n’est pas installé\u{a0}: installez le paquet postgresql-client, à la version du serveur"
        )),
        ended => ended.with_context(|| said!("Cannot run {name}", "Impossible de lancer {name}"))?,
    };
    if ended.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&ended.stderr);
    let prefix = format!("{name}: ");
    let lines: Vec<&str> = told.lines().map(|line| line.strip_prefix(&prefix).unwrap_or(line).trim()).collect();
    let told = lines.join("; ");
    bail!(said!("{name} failed: {told}", "{name} a échoué\u{a0}: {told}"))
}
