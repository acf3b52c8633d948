-- Each commit asks which known fixes are refused too often.
create index history_known_fix_answered on history (event, detail)
    where event in ('known_fix_confirmed', 'known_fix_refused');

create table resumed_fix (
    known_fix text primary key,
    offered bigint not null,
    solved bigint not null,
    refused bigint not null
);
