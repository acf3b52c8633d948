-- What was promised and what of it has run, who waits for whom, and when to look at a ticket again.
alter table ticket add column organisation text;
alter table ticket add column clocks text not null default '[]';
alter table ticket add column asked_at integer;
alter table ticket add column waiting_since integer;
alter table ticket add column reminded_at integer;
alter table ticket add column away_until integer;
alter table ticket add column paged integer not null default 0;
alter table ticket add column look_at integer;
create index ticket_look_at on ticket (look_at) where look_at is not null;
alter table vendor_case add column asked_at integer;
alter table vendor_case add column chased_at integer;
alter table vendor_case add column chases integer not null default 0;

-- A question of the requester's that came behind the last answer, or behind the last end.
update ticket set asked_at = (
    select h.at from history h where h.ticket = ticket.number and h.event = 'mail_received'
        and h.role in ('requester', 'participant') and h.seq > (
            select coalesce(max(a.seq), 0) from history a where a.ticket = ticket.number and (
                a.event in ('answered', 'answered_directly', 'resolved', 'closed', 'marked_spam', 'merged_into')
                or a.event = 'known_fix_offered' and a.role = 'agent'
            )
        ) order by h.seq limit 1
) where answered_at is not null;
