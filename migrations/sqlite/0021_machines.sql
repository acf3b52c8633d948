-- What machines report about, one ticket a key; and agents' answers that wait for nothing but time.
alter table ticket add column leaving text not null default '[]';
alter table ticket add column machine_keys text not null default '[]';
create table machine_key (
    machine text not null,
    key text not null,
    trust text not null check (trust in ('verified', 'unverified')),
    ticket integer not null references ticket (number),
    primary key (machine, key, trust, ticket)
) strict, without rowid;
