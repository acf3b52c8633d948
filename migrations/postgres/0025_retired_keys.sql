-- Letters of a retired key open nothing.
alter table token_key add column retired_at bigint;
