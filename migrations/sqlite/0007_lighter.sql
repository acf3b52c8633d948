-- A letter that a relay found too large is sent again with less enclosed, as a letter of its own.
alter table letter add column lighter_of integer references letter (id);
create index letter_lighter_of on letter (lighter_of) where lighter_of is not null;
