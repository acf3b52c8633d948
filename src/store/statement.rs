//! One SQL text for both databases. Where the number of rows varies, the text is put together from constants.

/// Runs the same expression on either database.
macro_rules! on {
    ($connection:expr, $c:ident => $body:expr) => {
        match $connection {
            crate::store::database::Connection::Sqlite($c) => $body,
            crate::store::database::Connection::Postgres($c) => $body,
        }
    };
}
pub(super) use on;

/// `execute!(connection, SQL, value, …)`: how many rows it changed.
macro_rules! execute {
    ($connection:expr, $sql:expr $(, $value:expr)*) => {
        crate::store::statement::on!($connection, c => {
            sqlx::query($sql)$(.bind($value))*.execute(&mut **c).await?.rows_affected()
        })
    };
}
pub(super) use execute;

/// `fetch!(connection, Row, SQL, value, …)`: all rows.
macro_rules! fetch {
    ($connection:expr, $row:ty, $sql:expr $(, $value:expr)*) => {
        crate::store::statement::on!($connection, c => {
            sqlx::query_as::<_, $row>($sql)$(.bind($value))*.fetch_all(&mut **c).await?
        })
    };
}
pub(super) use fetch;

/// `fetch_in!(connection, Row, SQL before the list, keys, SQL behind it)`: all rows; none without keys.
macro_rules! fetch_in {
    ($connection:expr, $row:ty, $head:expr, $keys:expr, $tail:expr) => {{
        let mut found: Vec<$row> = Vec::new();
        for keys in $keys.chunks(crate::store::statement::rows_per_statement(1)) {
            crate::store::statement::on!($connection, c => {
                let mut query = sqlx::QueryBuilder::new($head);
                query.push("(");
                let mut list = query.separated(", ");
                for key in keys {
                    list.push_bind(key.clone());
                }
                query.push(")").push($tail);
                let query = query.build_query_as::<$row>().persistent(false);
                found.extend(query.fetch_all(&mut **c).await?);
            });
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
        for rows in $rows.chunks(crate::store::statement::rows_per_statement($columns)) {
            crate::store::statement::on!($connection, c => {
                let mut query = sqlx::QueryBuilder::new($head);
                query.push_values(rows, $tuple).push($tail);
                changed += query.build().persistent(false).execute(&mut **c).await?.rows_affected();
            });
        }
        changed
    }};
}
pub(super) use write_rows;

/// SQLite takes 32,766 values in a statement, PostgreSQL 65,535.
pub(super) const fn rows_per_statement(columns: usize) -> usize {
    30_000 / columns
}
