//! Statements with a list of keys or of rows.
//!
//! Preparing a statement of many rows costs more than writing them. Where the number of rows varies, statements are made
//! for 1, 2, 4, 8 … rows only, so that each is prepared once a connection.

use sqlx::query_builder::{QueryBuilder, Separated};
use sqlx::{Database, Encode, Type};

/// Statements kept prepared on each connection.
pub(super) const STATEMENTS_KEPT: usize = 512;

/// Keys in one statement, at most: a power of two, as every list of keys is filled up to one.
pub(super) const KEYS_MAX: usize = 512;

/// A power of two; 64 columns of so many rows stay far below the values that a database takes. Each statement is a way to the server
/// and back.
pub(super) const ROWS_MAX_POSTGRES: usize = 128;
/// SQLite keeps room for each value of a statement as long as that is prepared: four times as many rows bring few hand-overs less, and
/// took four megabytes more.
pub(super) const ROWS_MAX_SQLITE: usize = 32;

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
fn padded<K>(keys: &[K]) -> impl Iterator<Item = &K> {
    let missing = keys.len().next_power_of_two() - keys.len();
    keys.iter().chain(keys.last().into_iter().cycle().take(missing))
}

/// The rows in pieces whose sizes are powers of two, large ones first, none larger than `rows_max`.
pub(super) fn pieces<R>(mut rows: &[R], rows_max: usize) -> impl Iterator<Item = &[R]> {
    std::iter::from_fn(move || {
        let size = 1 << rows.len().min(rows_max).checked_ilog2()?;
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
        let rows: Vec<usize> = (0..110).collect();
        assert_eq!(pieces(&rows, 32).map(<[usize]>::len).collect::<Vec<_>>(), [32, 32, 32, 8, 4, 2]);
        assert_eq!(pieces(&rows, 128).map(<[usize]>::len).collect::<Vec<_>>(), [64, 32, 8, 4, 2]);
        assert_eq!(pieces(&rows, 32).flatten().copied().collect::<Vec<_>>(), rows);
        assert_eq!(pieces::<usize>(&[], 32).count(), 0);
    }

    #[test]
    fn keys_are_padded_with_the_last_one() {
        let keys = |keys: &[i32]| padded(keys).copied().collect::<Vec<_>>();
        assert_eq!(keys(&[1, 2, 3, 4, 5]), [1, 2, 3, 4, 5, 5, 5, 5]);
        assert_eq!(keys(&[1]), [1]);
    }
}
