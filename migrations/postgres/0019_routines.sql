-- What is done regularly and belongs to no ticket, and when it is next done.
create table routine (
    name text primary key,
    due_at bigint not null
);

-- Since when people know of a mail in quarantine, and since when they were warned that nobody looked at it. What waits in an
-- old store was told, and is nothing to be warned of.
alter table ledger add column told_at bigint;
alter table ledger add column alarmed_at bigint;
update ledger set told_at = decided_at, alarmed_at = decided_at where outcome = 'quarantine';
create index ledger_told on ledger (told_at) where told_at is not null;
