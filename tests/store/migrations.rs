//! Each change of the tables meets a store with rows in it, and says rightly what they are from then on.

use std::fs;
use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::support::PostgreSql;

/// What stands in a store before a change, and what is asked behind it. `{bytes}` is a byte as the database writes it.
struct Change {
    version: u32,
    rows: &'static str,
    asked: &'static str,
    answer: &'static [&'static str],
}

/// A new change brings a line: rows for what it touches, and what became of them.
const CHANGES: [Change; 32] = [
    Change {
        version: 2,
        rows: r#"
            insert into person (id, language) values (1, 'fr'), (2, null);
            insert into address (id, person, address, address_key, name) values
                (1, 1, 'marie@client.test', 'marie@client.test', 'Marie'), (2, 2, 'paul@desk.test', 'paul@desk.test', null);
            insert into ticket (number, desk, subject, request_type, origin, requester, language, level, state, priority,
                copied_levels, refused_fixes, opened_at, updated_at, letters, version) values
                (1, 'support', 'Imprimante', 'incident', 'mail', 1, 'fr', 'L1', 'open', 3, '[]', '[]', 1, 3, 1, 3),
                (2, 'support', 'VPN', 'incident', 'mail', 1, 'fr', 'L1', 'closed', 3, '[]', '[]', 1, 4, 0, 3);
            insert into ledger (id, mailbox, uid_validity, uid, size, internal_date, received_at, answered, outcome, reason,
                ticket, decided_at) values
                (1, 'support', 7, 1, 10, 1, 1, false, 'ticket', null, 1, 2),
                (2, 'support', 7, 2, 10, 1, 1, false, 'quarantine', 'agent_unverified', null, 2),
                (3, 'support', 7, 3, 10, 1, 1, false, 'suppressed', 'before_first_start', null, 2);
            insert into history (ticket, seq, at, role, contact, event, detail) values
                (1, 1, 1, 'requester', 1, 'opened', '{"event":"opened","requester":1}'),
                (1, 2, 2, 'requester', 1, 'known_fix_refused', '{"event":"known_fix_refused","fix":"vpn"}'),
                (1, 3, 3, 'agent', 2, 'participant_added', '{"event":"participant_added","contact":2}');
            insert into letter (id, ticket, number, purpose, audience, language, message_id, subject, enclosures, automatic,
                correspondent_key, ticket_version, created_at, bytes) values (1, 1, 1, 'acknowledgement', 'requester', 'fr',
                '1.1@desk.test', 'Imprimante', '[]', true, 'marie@client.test', 1, 1, {bytes});
            insert into delivery (letter, recipient, class, state, due_at, due_set_at, finished_at) values
                (1, 'marie@client.test', 1, 'failed', 1, 1, 2)"#,
        asked: "select detail from history where event in ('known_fix_confirmed', 'known_fix_refused')",
        answer: &[r#"{"event":"known_fix_refused","fix":"vpn"}"#],
    },
    Change {
        version: 3,
        rows: "",
        asked: "select t.people || ' ' || n.name || ' ' || l.listed from ticket t, name_seen n, letter l where t.number = 1",
        answer: &["[1,2] Marie []"],
    },
    Change {
        version: 4,
        rows: "insert into vendor_case (ticket, vendor, position, number) values (1, 'acme', 0, 'INC1'), (1, 'beta', 1, null)",
        asked: "select vendor || ' ' || mark || ' ' || number from case_mark",
        answer: &["acme INC1 INC1"],
    },
    Change {
        version: 5,
        rows: r#"insert into history (ticket, seq, at, role, contact, event, detail) values
            (2, 1, 1, 'agent', 2, 'held', '{"event":"held","ledger":1,"why":"bare_body"}'),
            (2, 2, 2, 'agent', 2, 'held', '{"event":"held","ledger":2,"why":"bare_body"}'),
            (2, 3, 3, 'agent', 2, 'released', '{"event":"released","ledger":1}')"#,
        asked: "select held from ticket order by number",
        answer: &["[]", "[2]"],
    },
    Change {
        version: 6,
        rows: "insert into mailbox (name, state, first_seen_at) values ('support', 'watching', 1)",
        asked: "select name || ' ' || cast(waiting as text) from mailbox",
        answer: &["support 0"],
    },
    Change {
        version: 7,
        rows: "",
        asked: "select message_id from letter where lighter_of is null",
        answer: &["1.1@desk.test"],
    },
    Change { version: 8, rows: "", asked: "select cast(unseen as text) from mailbox", answer: &["0"] },
    Change {
        version: 9,
        rows: "",
        asked: "select outcome from ledger where author is null and weight is null order by id",
        answer: &["ticket", "quarantine", "suppressed"],
    },
    Change {
        version: 10,
        rows: "",
        asked: "select vendor || ' ' || people from vendor_case order by position",
        answer: &["acme []", "beta []"],
    },
    Change {
        version: 11,
        rows: "",
        asked: "select subject from ticket where requester = 1 and state in ('new', 'open', 'pending')",
        answer: &["Imprimante"],
    },
    Change {
        version: 12,
        rows: "",
        asked: "select recipient from delivery where state = 'failed' and finished_at > 1",
        answer: &["marie@client.test"],
    },
    Change { version: 13, rows: "", asked: "select cast(count(*) as text) from hindrance", answer: &["0"] },
    Change {
        version: 14,
        rows: "",
        asked: "select outcome from ledger where proof is null order by id",
        answer: &["ticket", "quarantine", "suppressed"],
    },
    Change {
        version: 15,
        rows: r#"
            update ticket set assigned_at = 6 where number = 1;
            insert into history (ticket, seq, at, role, contact, event, detail) values
                (1, 4, 4, 'system', null, 'known_fix_offered', '{"event":"known_fix_offered","fix":"vpn"}'),
                (1, 5, 6, 'agent', 2, 'assigned', '{"event":"assigned","agent":2}'),
                (1, 6, 5, 'agent', 2, 'known_fix_offered', '{"event":"known_fix_offered","fix":"vpn"}'),
                (1, 7, 7, 'agent', 2, 'answered', '{"event":"answered","letter":1}'),
                (1, 8, 3, 'agent', 2, 'assigned', '{"event":"assigned","agent":1}'),
                (2, 4, 6, 'system', null, 'closed', '{"event":"closed"}')"#,
        asked: "select line from (select 0 as part, number as n, coalesce(cast(owned_at as text), '-') || ' ' || \
            coalesce(cast(answered_at as text), '-') as line from ticket union all select 1, position, ticket || '.' || seq \
            from history union all select 2, next, 'then ' || next from counter where name = 'history') lines order by part, n",
        answer: &[
            "6 5", "- -", "1.1", "2.1", "1.2", "2.2", "1.3", "2.3", "1.4", "1.5", "1.6", "2.4", "1.7", "1.8", "then 13",
        ],
    },
    Change {
        version: 16,
        rows: r#"
            insert into history (ticket, seq, position, at, role, contact, event, detail) values
                (1, 9, 13, 8, 'requester', 1, 'mail_received', '{"event":"mail_received","ledger":1}'),
                (1, 10, 14, 9, 'participant', 1, 'mail_received', '{"event":"mail_received","ledger":1}'),
                (2, 5, 15, 9, 'requester', 1, 'mail_received', '{"event":"mail_received","ledger":1}')"#,
        asked: "select coalesce(cast(asked_at as text), '-') || ' ' || clocks || ' ' || coalesce(cast(look_at as text), '-') \
            from ticket order by number",
        answer: &["8 [] -", "- [] -"],
    },
    Change { version: 17, rows: "", asked: "select cast(count(*) as text) from absence", answer: &["0"] },
    Change {
        version: 19,
        rows: "",
        asked: "select coalesce(cast(told_at as text), '-') || ' ' || coalesce(cast(alarmed_at as text), '-') from ledger \
            order by id",
        answer: &["- -", "2 2", "- -"],
    },
    Change {
        version: 20,
        rows: "",
        asked: "select subject from ticket where major is null and crowd is null and title is null order by number",
        answer: &["Imprimante", "VPN"],
    },
    Change {
        version: 21,
        rows: "",
        asked: "select subject || ' ' || machine_keys || leaving from ticket where number = 1",
        answer: &["Imprimante [][]"],
    },
    Change {
        version: 22,
        rows: "",
        asked: "select subject from ticket where not cast(automatic as boolean) order by number",
        answer: &["Imprimante", "VPN"],
    },
    Change {
        version: 23,
        rows: "",
        asked: "select name || ' ' || value from setting where name like '%words%' order by name",
        answer: &["name_words_missing_below 3", "subject_words_missing_below 3"],
    },
    Change {
        version: 24,
        rows: "",
        asked: "select cast(id as text) from ledger where message_id is null order by id",
        answer: &["1", "2", "3"],
    },
    Change {
        version: 25,
        rows: "",
        asked: "select count(retired_at) || ' retired' from token_key",
        answer: &["0 retired"],
    },
    Change {
        version: 26,
        rows: "",
        asked: "select count(privacy) || ' of ' || count(*) from letter",
        answer: &["0 of 1"],
    },
    Change {
        version: 27,
        rows: "",
        asked: "select message_id from letter where form is null",
        answer: &["1.1@desk.test"],
    },
    Change {
        version: 30,
        rows: "",
        asked: "select count(complained_at) || ' of ' || count(*) from address",
        answer: &["0 of 2"],
    },
    Change {
        version: 31,
        rows: "",
        asked: "select reason from ledger where outcome = 'quarantine'",
        answer: &["agent_unverified"],
    },
    Change {
        version: 32,
        rows: "",
        asked: "select purpose from letter where vendor is null",
        answer: &["acknowledgement"],
    },
    Change { version: 33, rows: "", asked: "select message_id from relayed_as", answer: &[] },
    Change { version: 34, rows: "", asked: "select cast(count(*) as text) from sent_copy", answer: &["0"] },
    Change {
        version: 35,
        rows: "",
        asked: "select purpose from letter where correspondent_key = 'marie@client.test' and created_at > 0",
        answer: &["acknowledgement"],
    },
    Change {
        version: 36,
        rows: "",
        asked: "select detail from history where event in ('known_fix_confirmed', 'known_fix_refused') and position > 0",
        answer: &[r#"{"event":"known_fix_refused","fix":"vpn"}"#],
    },
];

/// The texts of all changes but the first, which meets no rows, behind that one.
fn texts(database: &str) -> (String, Vec<(u32, String)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let version = |file: &Path| file.file_name().unwrap().to_str().unwrap()[..4].parse().unwrap();
    let mut texts: Vec<(u32, String)> =
        files.iter().map(|file| (version(file), fs::read_to_string(file).unwrap())).collect();
    (texts.remove(0).1, texts)
}

macro_rules! changes_keep_rows {
    ($database:expr, $folder:expr, $bytes:expr) => {
        let (first, texts) = texts($folder);
        sqlx::raw_sql(AssertSqlSafe(first)).execute(&mut $database).await.unwrap();
        for (version, text) in texts {
            let change = CHANGES.iter().find(|change| change.version == version);
            let change = change.unwrap_or_else(|| panic!("CHANGES says no rows for {version}"));
            let rows = change.rows.replace("{bytes}", $bytes);
            sqlx::raw_sql(AssertSqlSafe(rows)).execute(&mut $database).await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut $database).await.unwrap();
            let answer: Vec<String> = sqlx::query_scalar(change.asked).fetch_all(&mut $database).await.unwrap();
            assert_eq!(answer, change.answer, "{version}");
        }
    };
}

#[tokio::test]
async fn each_change_of_the_tables_keeps_the_rows_of_a_sqlite_store() {
    let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    changes_keep_rows!(database, "sqlite", "x'41'");
}

#[tokio::test]
async fn each_change_of_the_tables_keeps_the_rows_of_a_postgresql_store() {
    let server = PostgreSql::start();
    let mut database = PgConnection::connect(&server.url()).await.unwrap();
    changes_keep_rows!(database, "postgres", "'\\x41'");
}
