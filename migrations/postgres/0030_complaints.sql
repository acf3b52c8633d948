-- Whoever complained of a letter gets no automatic one any more.
alter table address add column complained_at bigint;
create index address_complained on address (complained_at) where complained_at is not null;
