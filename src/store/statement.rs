//! One SQL text for both databases, whole: it can be read, pasted and explained as it stands.
//!
//! `{keys}` stands for a list of values, `$1, $2`, and `{rows}` for a list of rows, `($1, $2), ($3, $4)`; a text has one
//! such list or values of its own, never both. Where the databases differ (a lock, whose clock counts) there is a second
//! text, `…_LOCKED` or `…_SHARED`, for PostgreSQL. `tests/store/plans.rs` explains every text on both.

/// Runs the same statement on either database: an expression that is its future, not yet awaited.
macro_rules! on {
    ($connection:expr, $c:ident => $statement:expr) => {
        match $connection {
            crate::store::database::Connection::Sqlite(on_file) => {
                let ($c, file) = on_file.parts();
                file.run($statement).await
            }
            crate::store::database::Connection::Postgres(session) => {
                let ($c, watch) = session.parts();
                watch.run($statement).await
            }
        }
    };
}
pub(super) use on;

/// `execute!(connection, SQL, value, …)`: how many rows it changed.
macro_rules! execute {
    ($connection:expr, $sql:expr $(, $value:expr)*) => {
        crate::store::statement::on!($connection, c => {
            let done = sqlx::query($sql)$(.bind($value))*.execute(&mut *c);
            futures_util::TryFutureExt::map_ok(done, |done| done.rows_affected())
        })?
    };
}
pub(super) use execute;

/// `fetch!(connection, Row, SQL, value, …)`: all rows.
macro_rules! fetch {
    ($connection:expr, $row:ty, $sql:expr $(, $value:expr)*) => {
        crate::store::statement::on!($connection, c => {
            sqlx::query_as::<_, $row>($sql)$(.bind($value))*.fetch_all(&mut *c)
        })?
    };
}
pub(super) use fetch;

/// `fetch_in!(connection, Row, SQL, keys)`: all rows; none without keys. Its text has `{keys}` in the place of the list.
macro_rules! fetch_in {
    ($connection:expr, $row:ty, $sql:expr, $keys:expr) => {{
        let mut found: Vec<$row> = Vec::new();
        for keys in $keys.chunks(crate::store::prepared::KEYS_MAX) {
            let rows = crate::store::statement::on!($connection, c => async {
                crate::store::prepared::with_keys($sql, keys).build_query_as::<$row>().fetch_all(&mut *c).await
            });
            found.extend(rows?);
        }
        found
    }};
}
pub(super) use fetch_in;

/// `execute_in!(connection, SQL, keys)`: changes rows; nothing is run without keys. Its text is as that of [`fetch_in!`].
macro_rules! execute_in {
    ($connection:expr, $sql:expr, $keys:expr) => {
        for keys in $keys.chunks(crate::store::prepared::KEYS_MAX) {
            crate::store::statement::on!($connection, c => async {
                crate::store::prepared::with_keys($sql, keys).build().execute(&mut *c).await.map(drop)
            })?;
        }
    };
}
pub(super) use execute_in;

/// `write_rows!(connection, SQL, rows, |mut row, item| …)`: how many rows it changed; nothing is run without rows. Its
/// text has `values {rows}` where they stand.
macro_rules! write_rows {
    ($connection:expr, $sql:expr, $rows:expr, $tuple:expr) => {{
        let mut changed = 0;
        for rows in crate::store::prepared::pieces(&$rows, ($connection).rows_max()) {
            let done = crate::store::statement::on!($connection, c => async {
                let mut query = crate::store::prepared::with_rows($sql, rows, $tuple);
                query.build().execute(&mut *c).await.map(|done| done.rows_affected())
            });
            changed += done?;
        }
        changed
    }};
}
pub(super) use write_rows;

/// `fetch_rows!(connection, Row, SQL, rows, |mut row, item| …)`: all rows that the statement finds for these. Its text is
/// as that of [`write_rows!`].
macro_rules! fetch_rows {
    ($connection:expr, $row:ty, $sql:expr, $rows:expr, $tuple:expr) => {{
        let mut found: Vec<$row> = Vec::new();
        for rows in crate::store::prepared::pieces(&$rows, ($connection).rows_max()) {
            let rows = crate::store::statement::on!($connection, c => async {
                let mut query = crate::store::prepared::with_rows($sql, rows, $tuple);
                query.build_query_as::<$row>().fetch_all(&mut *c).await
            });
            found.extend(rows?);
        }
        found
    }};
}
pub(super) use fetch_rows;
