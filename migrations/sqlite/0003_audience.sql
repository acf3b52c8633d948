-- What a letter's list of attachments named: the numbers of an answer to it count there.
alter table letter add column listed text not null default '[]';

-- Who once had a part in a ticket, in the order in which they left it. A part begins with the last event that gave it and
-- ends with the first event behind that one that takes it.
alter table ticket add column former text not null default '[]';
with part (ticket, seq, event, contact) as (
    select ticket, seq, event, cast(coalesce(detail ->> 'requester', detail ->> 'contact') as bigint) from history
    where event in ('opened', 'requester_changed', 'participant_added', 'participant_removed')
), begun (ticket, contact, asks, seq) as (
    select ticket, contact, event <> 'participant_added', max(seq) from part
    where event <> 'participant_removed' and contact is not null
    group by ticket, contact, event <> 'participant_added'
), ended (ticket, contact, seq) as (
    select b.ticket, b.contact, min(p.seq) from begun b join part p on p.ticket = b.ticket and p.seq > b.seq
    and (b.asks and p.event = 'requester_changed'
        or not b.asks and p.event = 'participant_removed' and p.contact = b.contact)
    group by b.ticket, b.contact, b.asks
), gone (ticket, contact, seq) as (
    select e.ticket, e.contact, max(e.seq) from ended e join ticket t on t.number = e.ticket
    where coalesce(t.requester <> e.contact, true)
    and not exists (select 1 from participant p where p.ticket = e.ticket and p.contact = e.contact)
    group by e.ticket, e.contact
), listed (ticket, former) as (
    select ticket, '[' || string_agg(cast(contact as text), ',' order by seq) || ']' from gone group by ticket
)
update ticket set former = listed.former from listed where listed.ticket = ticket.number;

-- Every name that stood beside an address, verified or not.
create table name_seen (
    contact integer not null references address (id),
    name text not null,
    primary key (contact, name)
) strict, without rowid;
insert into name_seen (contact, name) select id, substr(name, 1, 200) from address where name is not null;
