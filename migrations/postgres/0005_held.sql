-- Mails of agents that wait for #ok or #annuler: each leaves once, or never.
alter table ticket add column held text not null default '[]';
with marked (ticket, seq, event, ledger) as (
    select h.ticket, h.seq, h.event, cast(h.detail::json ->> 'ledger' as bigint) from history h where h.event in ('held', 'released')
), waiting (ticket, ledger, seq) as (
    select m.ticket, m.ledger, max(m.seq) from marked m where m.event = 'held' and m.ledger is not null
    and not exists (
        select 1 from marked r where r.ticket = m.ticket and r.ledger = m.ledger and r.event = 'released' and r.seq > m.seq
    )
    group by m.ticket, m.ledger
), listed (ticket, held) as (
    select ticket, '[' || string_agg(cast(ledger as text), ',' order by seq) || ']' from waiting group by ticket
)
update ticket set held = listed.held from listed where listed.ticket = ticket.number;

-- Who would have read a plain reply to the letter when it left; null where no plain reply reaches the requester.
alter table letter add column readers text;

-- The author typed the code of a challenge: a mail that a colleague let out has no author's powers.
alter table ledger add column author_proven boolean not null default false;
