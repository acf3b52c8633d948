-- Mails with the same bytes bear the same Message-ID: a digest is looked up only where no Message-ID is known. Digests fall
-- anywhere in their index, so that each mail would cost a page of it.
drop index ledger_raw_sha256;
create index ledger_raw_sha256 on ledger (raw_sha256) where message_id is null;

-- What was touched or taken in since some time is listed without a look at all the rest.
create index ticket_updated on ticket (updated_at);
create index ledger_received on ledger (received_at);
