//! One SQL text for both databases.
//!
//! Preparing a statement of many rows costs more than writing them. Where the number of rows varies, statements are made
//! for 1, 2, 4, 8 … rows only, so that each is prepared once a connection.

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

/// `fetch_in!(connection, Row, SQL before the list, keys, SQL behind it [, value, SQL behind that])`: all rows; none
/// without keys.
macro_rules! fetch_in {
    ($connection:expr, $row:ty, $head:expr, $keys:expr, $tail:expr $(, $value:expr, $end:expr)?) => {{
        let mut found: Vec<$row> = Vec::new();
        for keys in $keys.chunks(crate::store::statement::KEYS_MAX) {
            let rows = crate::store::statement::on!($connection, c => async {
                let mut query = sqlx::QueryBuilder::new($head);
                query.push("(");
                let mut list = query.separated(", ");
                for key in crate::store::statement::padded(keys) {
                    list.push_bind(key.clone());
                }
                query.push(")").push($tail)$(.push_bind($value).push($end))?;
                query.build_query_as::<$row>().fetch_all(&mut *c).await
            });
            found.extend(rows?);
        }
        found
    }};
}
pub(super) use fetch_in;

/// `write_rows!(connection, columns, SQL before the rows, rows, SQL behind them, |mut row, item| …)`: how many rows
/// it changed; nothing is run without rows.
macro_rules! write_rows {
    ($connection:expr, $columns:expr, $head:expr, $rows:expr, $tail:expr, $tuple:expr) => {{
        let mut changed = 0;
        for rows in crate::store::statement::pieces(&$rows, $columns) {
            let done = crate::store::statement::on!($connection, c => async {
                let mut query = sqlx::QueryBuilder::new($head);
                query.push_values(rows, $tuple).push($tail);
                query.build().execute(&mut *c).await.map(|done| done.rows_affected())
            });
            changed += done?;
        }
        changed
    }};
}
pub(super) use write_rows;

/// `fetch_rows!(connection, Row, columns, SQL before the rows, rows, SQL behind them, |mut row, item| …)`: all rows
/// that the statement finds for these.
macro_rules! fetch_rows {
    ($connection:expr, $row:ty, $columns:expr, $head:expr, $rows:expr, $tail:expr, $tuple:expr) => {{
        let mut found: Vec<$row> = Vec::new();
        for rows in crate::store::statement::pieces(&$rows, $columns) {
            let rows = crate::store::statement::on!($connection, c => async {
                let mut query = sqlx::QueryBuilder::new($head);
                query.push_values(rows, $tuple).push($tail);
                query.build_query_as::<$row>().fetch_all(&mut *c).await
            });
            found.extend(rows?);
        }
        found
    }};
}
pub(super) use fetch_rows;

/// `by_database_clock!(text, …)`: the macro `text`, which makes an SQL text of the words for what time it is, with those of
/// PostgreSQL. Milliseconds since 1970, also within a transaction that began before.
macro_rules! by_database_clock {
    ($text:ident $(, $more:literal)*) => {
        $text!("(extract(epoch from clock_timestamp()) * 1000)::bigint" $(, $more)*)
    };
}
pub(super) use by_database_clock;

/// Statements kept prepared on each connection.
pub(super) const STATEMENTS_KEPT: usize = 512;

/// A power of two.
pub(super) const KEYS_MAX: usize = 512;

/// A power of two; 16 columns of so many rows stay far below the 32,766 values that SQLite takes.
const ROWS_MAX: usize = 128;
const VALUES_MAX: usize = 8_192;

/// The keys, the last one repeated until their number is a power of two.
pub(super) fn padded<K>(keys: &[K]) -> impl Iterator<Item = &K> {
    let missing = keys.len().next_power_of_two() - keys.len();
    keys.iter().chain(keys.last().into_iter().cycle().take(missing))
}

/// The rows in pieces whose sizes are powers of two, large ones first.
pub(super) fn pieces<R>(mut rows: &[R], columns: usize) -> impl Iterator<Item = &[R]> {
    let most = ROWS_MAX.min(1 << (VALUES_MAX / columns).ilog2());
    std::iter::from_fn(move || {
        let size = 1 << rows.len().min(most).checked_ilog2()?;
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
        let sizes = |columns| pieces(&rows, columns).map(<[usize]>::len).collect::<Vec<_>>();
        assert_eq!(sizes(10), [128, 128, 32, 8, 4]);
        assert_eq!(sizes(100), [64, 64, 64, 64, 32, 8, 4]);
        assert_eq!(pieces(&rows, 3).flatten().copied().collect::<Vec<_>>(), rows);
        assert_eq!(pieces::<usize>(&[], 3).count(), 0);
    }

    #[test]
    fn keys_are_padded_with_the_last_one() {
        let keys = |keys: &[i32]| padded(keys).copied().collect::<Vec<_>>();
        assert_eq!(keys(&[1, 2, 3, 4, 5]), [1, 2, 3, 4, 5, 5, 5, 5]);
        assert_eq!(keys(&[1]), [1]);
    }
}
