-- When an agent first became the owner, and when a human of ours first wrote to the requester: two things, which one column
-- told as one.
alter table ticket add column owned_at integer;
alter table ticket add column answered_at integer;
update ticket set owned_at = (
    select h.at from history h where h.ticket = ticket.number and h.event = 'assigned' order by h.seq limit 1
), answered_at = (
    select h.at from history h where h.ticket = ticket.number and (
        h.event in ('answered', 'answered_directly') or h.event = 'known_fix_offered' and h.role = 'agent'
    ) order by h.seq limit 1
);
alter table ticket drop column assigned_at;
