-- A program asked: no letter that nobody wrote goes there. Of old tickets it is not known.
alter table ticket add column automatic boolean not null default false;
