-- A copy is the same message by the same author; one whose author is proven outweighs one whose author is not.
alter table ledger add column author bigint references address (id);
alter table ledger add column weight text check (weight in ('recorded', 'unproven', 'proven'));
