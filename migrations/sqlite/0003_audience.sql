-- What a letter's list of attachments named: the numbers of an answer to it count there.
alter table letter add column listed text not null default '[]';

-- Who ever had a part in a ticket, in the order in which they came.
alter table ticket add column people text not null default '[]';
with part (ticket, contact, seq) as (
    select ticket, cast(coalesce(detail ->> 'requester', detail ->> 'contact') as bigint), seq from history
    where event in ('opened', 'requester_changed', 'participant_added')
), came (ticket, contact, seq) as (
    select ticket, contact, min(seq) from part where contact is not null group by ticket, contact
), listed (ticket, people) as (
    select ticket, '[' || string_agg(cast(contact as text), ',' order by seq) || ']' from came group by ticket
)
update ticket set people = listed.people from listed where listed.ticket = ticket.number;

-- Every name that stood beside an address, verified or not.
create table name_seen (
    contact integer not null references address (id),
    name text not null,
    primary key (contact, name)
) strict, without rowid;
insert into name_seen (contact, name) select id, substr(name, 1, 200) from address where name is not null;
