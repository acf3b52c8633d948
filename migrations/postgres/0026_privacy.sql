-- What a vendor was told of the requester, as its letters left; of older letters it is not known.
alter table letter add column privacy text;
