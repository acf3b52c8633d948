-- Mass incidents: which one a ticket is part of, what a parent knows of its children, and what it is called.
alter table ticket add column major bigint references ticket (number);
alter table ticket add column crowd text;
alter table ticket add column title text;
create index ticket_crowd on ticket (number) where crowd is not null and state in ('new', 'open', 'pending');
