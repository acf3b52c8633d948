//! A session of PostgreSQL: opened within seconds or told why not, fit to be written, and never waited for in vain.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{ConnectOptions, Row};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::fault::{self, Address, Fault, Reached};

/// A server that says nothing for so long is asked on a session of its own whether it works on the statement.
const SILENCE: Duration = Duration::from_secs(8);
/// So long that asking may take.
const ASK_LIMIT: Duration = Duration::from_secs(4);
/// Whether a port takes connections at all shows sooner.
const PORT_LIMIT: Duration = Duration::from_millis(800);

/// Text protocol: a pooler that mixes prepared statements must not mix these.
const LOOK: &str = "select pg_backend_pid(), pg_is_in_recovery(), \
    current_setting('transaction_read_only') = 'on', getdatabaseencoding()::text";
const PROCESS: &str = "select pg_backend_pid()";
/// What a site sets for everybody does no harm here. A transaction of ours that stands still (a gateway that is paused or
/// cut off) ends by itself, so that others get what it has locked; a lock of others' is not waited for without end. Letters
/// are long: what the server compresses by itself costs it a third of the time with LZ4, where it was built with that.
const OWN_SETTINGS: &str = "select set_config(name, value, false) from (values \
    ('default_transaction_isolation', 'read committed'), \
    ('default_transaction_deferrable', 'off'), \
    ('statement_timeout', '600s'), \
    ('lock_timeout', '10s'), \
    ('idle_in_transaction_session_timeout', '20s'), \
    ('idle_session_timeout', '0'), \
    ('transaction_timeout', '0'), \
    ('default_toast_compression', 'lz4')) as own (name, value) \
    where exists (select from pg_settings where pg_settings.name = own.name and own.value = any(coalesce(enumvals, \
    array[own.value])))";
const WORKS_FOR: &str = "select count(*) from pg_stat_activity where pid = $1 \
    and (state = 'active' or state_change > now() - interval '3 seconds')";

/// One server, and how to open a session there.
#[derive(Debug)]
pub(super) struct Endpoint {
    options: PgConnectOptions,
    pub(super) address: Address,
}

/// An open session.
pub(in crate::store) struct Session {
    pub(super) connection: PgConnection,
    pub(super) watch: Watch,
}

/// What keeps an eye on a session while a statement runs.
pub(in crate::store) struct Watch {
    endpoint: Arc<Endpoint>,
    process: i32,
    at_rest: bool,
    since: Instant,
}

impl Endpoint {
    pub(super) fn new(options: PgConnectOptions) -> Endpoint {
        let server = match options.get_socket() {
            Some(folder) => folder.display().to_string(),
            None if options.get_host().contains(':') => format!("[{}]:{}", options.get_host(), options.get_port()),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let user = options.get_username().to_owned();
        let database = options.get_database().unwrap_or(&user).to_owned();
        Endpoint { address: Address { server, user, database }, options }
    }

    /// Opens a session that is fit to be written, within this time. It still has the settings of the site.
    pub(super) async fn open(self: &Arc<Self>, limit: Duration) -> Result<Session, Fault> {
        let opened = timeout(limit.saturating_sub(PORT_LIMIT), async {
            let mut connection = self.options.connect().await?;
            let row = sqlx::raw_sql(LOOK).fetch_one(&mut connection).await?;
            Ok((connection, row))
        });
        let (connection, row) = match opened.await {
            Ok(opened) => opened.map_err(|error| fault::of_postgres(&error, &self.address))?,
            Err(_) => return Err(fault::silent(&self.address, self.reached().await)),
        };
        let process = self.fit(&row)?;
        let watch = Watch { endpoint: Arc::clone(self), process, at_rest: true, since: Instant::now() };
        Ok(Session { connection, watch })
    }

    fn fit(&self, row: &PgRow) -> Result<i32, Fault> {
        let get = || Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?));
        let (process, is_standby, is_read_only, encoding): (i32, bool, bool, String) =
            get().map_err(|error| fault::of_postgres(&error, &self.address))?;
        match (is_standby, is_read_only) {
            (true, _) => Err(fault::standby(&self.address)),
            (false, true) => Err(fault::read_only(&self.address)),
            _ if encoding != "UTF8" => Err(fault::wrong_encoding(&self.address, &encoding)),
            _ => Ok(process),
        }
    }

    async fn reached(&self) -> Reached {
        let port = (self.options.get_host(), self.options.get_port());
        let is_taken = match self.options.get_socket() {
            Some(_) => true,
            None => timeout(PORT_LIMIT, TcpStream::connect(port)).await.is_ok_and(|taken| taken.is_ok()),
        };
        if is_taken { Reached::Port } else { Reached::Nothing }
    }

    /// Whether the server works for this session, asked on another one. A server that has no room for another one is
    /// alive, too.
    async fn works_for(&self, process: i32) -> bool {
        let asked = timeout(ASK_LIMIT, async {
            let mut connection = self.options.connect().await?;
            sqlx::query_scalar::<_, i64>(WORKS_FOR).bind(process).fetch_one(&mut connection).await
        });
        match asked.await {
            Ok(Ok(count)) => count > 0,
            Ok(Err(sqlx::Error::Database(error))) => error.code().is_some_and(|code| code.starts_with("53")),
            Ok(Err(_)) | Err(_) => false,
        }
    }
}

impl Session {
    /// Sets what this session needs, whatever the site has set for everybody.
    pub(super) async fn make_own(&mut self) -> Result<(), Fault> {
        let Session { connection, watch } = self;
        watch.run(sqlx::raw_sql(OWN_SETTINGS).execute(connection)).await.map(drop)
    }

    /// The process that serves this session just now, asked within this time.
    pub(super) async fn process_now(&mut self, limit: Duration) -> Option<Result<i32, Fault>> {
        let address = self.watch.endpoint.address.clone();
        let asked = timeout(limit, async {
            let row = sqlx::raw_sql(PROCESS).fetch_one(&mut self.connection).await?;
            row.try_get(0)
        });
        Some(asked.await.ok()?.map_err(|error| fault::of_postgres(&error, &address)))
    }

    /// What a statement runs on, and what keeps an eye on it meanwhile.
    pub(in crate::store) fn parts(&mut self) -> (&mut PgConnection, &mut Watch) {
        (&mut self.connection, &mut self.watch)
    }

    pub(super) fn process(&self) -> i32 {
        self.watch.process
    }

    pub(super) fn address(&self) -> &Address {
        &self.watch.endpoint.address
    }

    /// Whether nothing is on the way, and the server has not ended it.
    pub(super) fn is_at_rest(&self) -> bool {
        self.watch.at_rest
    }

    pub(super) fn age(&self) -> Duration {
        self.watch.since.elapsed()
    }

    /// Whether the server answers within this time.
    pub(super) async fn answers(&mut self, limit: Duration) -> bool {
        timeout(limit, sqlx::Connection::ping(&mut self.connection)).await.is_ok_and(|answer| answer.is_ok())
    }
}

impl Watch {
    /// Runs a statement for as long as the server works on it. Given up in between, the session is not used again.
    pub(in crate::store) async fn run<T>(
        &mut self,
        statement: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Fault> {
        self.at_rest = false;
        let mut statement = pin!(statement);
        let done = loop {
            match timeout(SILENCE, &mut statement).await {
                Ok(done) => break done,
                // Boxed: what is rarely needed does not make every statement larger.
                Err(_) if Box::pin(self.endpoint.works_for(self.process)).await => {}
                Err(_) => return Err(fault::fell_silent(&self.endpoint.address)),
            }
        };
        self.at_rest = done.as_ref().err().is_none_or(fault::leaves_session);
        done.map_err(|error| fault::of_postgres(&error, &self.endpoint.address))
    }
}
