-- What was taken for junk stays in quarantine for good: what is still to be told is found without it, and both are counted apart.
create index ledger_untold on ledger (id) where outcome = 'quarantine' and (told_at is null or alarmed_at is null);
drop index ledger_quarantine;
create index ledger_quarantine on ledger (reason, id) where outcome = 'quarantine';
