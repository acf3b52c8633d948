-- When an agent first became the owner, and when a human of ours first wrote to the requester: two things, which one column
-- told as one.
alter table ticket add column owned_at bigint;
alter table ticket add column answered_at bigint;
update ticket set owned_at = (
    select h.at from history h where h.ticket = ticket.number and h.event = 'assigned' order by h.seq limit 1
), answered_at = (
    select h.at from history h where h.ticket = ticket.number and (
        h.event in ('answered', 'answered_directly') or h.event = 'known_fix_offered' and h.role = 'agent'
    ) order by h.seq limit 1
);
alter table ticket drop column assigned_at;

-- All that happened has one order, that of the commits. What is there already goes by time; within a ticket it keeps its own
-- order, also where a clock jumped back.
alter table history add column position bigint not null default 0;
update history set position = ordered.position from (
    select ticket, seq, row_number() over (order by since, ticket, seq) as position from (
        select ticket, seq, max(at) over (partition by ticket order by seq) as since from history
    ) timed
) ordered where ordered.ticket = history.ticket and ordered.seq = history.seq;
create unique index history_position on history (position);
insert into counter (name, next) select 'history', count(*) + 1 from history;
