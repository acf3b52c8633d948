//! One SQL text for both databases, whole: it can be read, pasted and explained as it stands.
//!
//! `{keys}` stands for a list of values, `$1, $2`, and `{rows}` for a list of rows, `($1, $2), ($3, $4)`; a text has one
//! such list or values of its own, never both. Where the databases differ (a lock, whose clock counts) there is a second
//! text, `…_LOCKED` or `…_SHARED`, for PostgreSQL. `tests/store/plans.rs` explains every text on both.
//!
//! Preparing a statement of many rows costs more than writing them. Where the number of rows varies, statements are made
//! for 1, 2, 4, 8 … rows only, so that each is prepared once a connection.

use sqlx::query_builder::{QueryBuilder, Separated};
use sqlx::{Database, Encode, Type};

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
        for keys in $keys.chunks(crate::store::statement::KEYS_MAX) {
            let rows = crate::store::statement::on!($connection, c => async {
                crate::store::statement::with_keys($sql, keys).build_query_as::<$row>().fetch_all(&mut *c).await
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
        for keys in $keys.chunks(crate::store::statement::KEYS_MAX) {
            crate::store::statement::on!($connection, c => async {
                crate::store::statement::with_keys($sql, keys).build().execute(&mut *c).await.map(drop)
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
        for rows in crate::store::statement::pieces(&$rows) {
            let done = crate::store::statement::on!($connection, c => async {
                let mut query = crate::store::statement::with_rows($sql, rows, $tuple);
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
        for rows in crate::store::statement::pieces(&$rows) {
            let rows = crate::store::statement::on!($connection, c => async {
                let mut query = crate::store::statement::with_rows($sql, rows, $tuple);
                query.build_query_as::<$row>().fetch_all(&mut *c).await
            });
            found.extend(rows?);
        }
        found
    }};
}
pub(super) use fetch_rows;

/// Statements kept prepared on each connection.
pub(super) const STATEMENTS_KEPT: usize = 512;

/// A power of two.
pub(super) const KEYS_MAX: usize = 512;

/// A power of two; 64 columns of so many rows stay far below the 32,766 values that SQLite takes.
const ROWS_MAX: usize = 128;

/// The text with a placeholder for each key.
pub(super) fn with_keys<DB, K>(sql: &'static str, keys: &[K]) -> QueryBuilder<DB>
where
    DB: Database,
    K: Clone + for<'q> Encode<'q, DB> + Type<DB>,
{
    let (head, tail) = sql.split_once("{keys}").unwrap_or((sql, ""));
    let mut query = QueryBuilder::new(head);
    let mut list = query.separated(", ");
    for key in padded(keys) {
        list.push_bind(key.clone());
    }
    query.push(tail);
    query
}

/// The text with the placeholders of each row.
pub(super) fn with_rows<DB: Database, R>(
    sql: &'static str,
    rows: &[R],
    mut tuple: impl FnMut(Separated<'_, DB, &'static str>, &R),
) -> QueryBuilder<DB> {
    let (head, tail) = sql.split_once("{rows}").unwrap_or((sql, ""));
    let mut query = QueryBuilder::new(head);
    for (before, row) in rows.iter().enumerate() {
        query.push(if before == 0 { "(" } else { ", (" });
        tuple(query.separated(", "), row);
        query.push(")");
    }
    query.push(tail);
    query
}

/// The keys, the last one repeated until their number is a power of two.
pub(super) fn padded<K>(keys: &[K]) -> impl Iterator<Item = &K> {
    let missing = keys.len().next_power_of_two() - keys.len();
    keys.iter().chain(keys.last().into_iter().cycle().take(missing))
}

/// The rows in pieces whose sizes are powers of two, large ones first.
pub(super) fn pieces<R>(mut rows: &[R]) -> impl Iterator<Item = &[R]> {
    std::iter::from_fn(move || {
        let size = 1 << rows.len().min(ROWS_MAX).checked_ilog2()?;
        let (piece, rest) = rows.split_at(size);
        rows = rest;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_hold_every_row_once_and_are_powers_of_two() {
        let rows: Vec<usize> = (0..300).collect();
        assert_eq!(pieces(&rows).map(<[usize]>::len).collect::<Vec<_>>(), [128, 128, 32, 8, 4]);
        assert_eq!(pieces(&rows).flatten().copied().collect::<Vec<_>>(), rows);
        assert_eq!(pieces::<usize>(&[]).count(), 0);
    }

    #[test]
    fn keys_are_padded_with_the_last_one() {
        let keys = |keys: &[i32]| padded(keys).copied().collect::<Vec<_>>();
        assert_eq!(keys(&[1, 2, 3, 4, 5]), [1, 2, 3, 4, 5, 5, 5, 5]);
        assert_eq!(keys(&[1]), [1]);
    }
}
