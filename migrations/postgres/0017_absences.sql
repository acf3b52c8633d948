-- Who of ours is away: open tickets are the team's meanwhile.
create table absence (
    contact bigint primary key references address (id),
    begins_at bigint not null,
    ends_at bigint,
    told_by text not null check (told_by in ('agent', 'robot')),
    begun boolean not null
);
create index ticket_open_by_agent on ticket (agent)
    where agent is not null and state in ('new', 'open', 'pending');
