-- Letters that a relay took and of which a copy is to lie in the folder for sent mail.
create table sent_copy (
    letter integer primary key references letter (id),
    state text not null check (state in ('waiting', 'begun', 'there', 'given_up')),
    sent_at integer not null,
    due_at integer not null,
    tries integer not null default 0,
    last_reply text
) strict;
create index sent_copy_due on sent_copy (due_at, letter) where state in ('waiting', 'begun');
