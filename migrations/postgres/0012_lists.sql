-- What failed and what waits for a human is listed and counted without a look at all the rest.
create index delivery_failed on delivery (finished_at) where state = 'failed';
create index ledger_quarantine on ledger (id) where outcome = 'quarantine';
