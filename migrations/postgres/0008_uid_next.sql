-- How far a folder was seen, and how many messages came and went unseen: more than a few, and the store was put back from a copy.
alter table mailbox add column uid_next bigint;
alter table mailbox add column unseen bigint not null default 0 check (unseen >= 0);
