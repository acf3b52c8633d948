-- Message-IDs under which relays handed letters on, in the place of ours.
create table relayed_as (
    message_id text primary key,
    letter integer not null references letter (id)
) strict, without rowid;
