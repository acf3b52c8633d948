-- What stands in the folder and not in the ledger, since when; and what keeps handled mail from being filed.
alter table mailbox add column waiting integer not null default 0 check (waiting >= 0);
alter table mailbox add column waiting_since integer;
alter table mailbox add column trouble text;

-- Mail from before the first start stays where it is, and so does what the server cannot give out.
drop index ledger_not_filed;
create index ledger_not_filed on ledger (mailbox, uid_validity) where filed_at is null and uid is not null
    and coalesce(reason, '') not in ('before_first_start', 'unreadable');
create index ledger_unreadable on ledger (mailbox, uid_validity) where reason = 'unreadable';
