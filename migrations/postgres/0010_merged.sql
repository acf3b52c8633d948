-- A vendor's case goes on where its ticket was merged into: the vendor knows people by their places on the first one.
alter table vendor_case add column people text not null default '[]';
create index ticket_merged_into on ticket (merged_into) where merged_into is not null;
