-- Each commit asks which known fixes are refused too often.
create index history_known_fix_answered on history (event, detail)
    where event in ('known_fix_confirmed', 'known_fix_refused');

create table resumed_fix (
    known_fix text primary key,
    offered integer not null,
    solved integer not null,
    refused integer not null
) strict, without rowid;

create table draft (
    id integer primary key,
    desk text not null,
    known_fix text not null,
    file text not null
) strict;

create table reviewed_symptom (
    ticket integer not null references ticket (number),
    known_fix text not null,
    primary key (ticket, known_fix)
) strict, without rowid;
