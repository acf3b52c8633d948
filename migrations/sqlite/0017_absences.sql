-- Who of ours is away: open tickets are the team's meanwhile.
create table absence (
    contact integer primary key references address (id),
    begins_at integer not null,
    ends_at integer,
    told_by text not null check (told_by in ('agent', 'robot')),
    begun integer not null check (begun in (0, 1))
) strict;
create index ticket_open_by_agent on ticket (agent)
    where agent is not null and state in ('new', 'open', 'pending');
