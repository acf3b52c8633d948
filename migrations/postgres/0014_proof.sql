-- What proves the author of each mail, JSON. Null: not found yet, nothing was decided, or from before.
alter table ledger add column proof text;
