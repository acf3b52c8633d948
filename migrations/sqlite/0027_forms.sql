-- The form that named whom a letter goes to: its letters are counted together.
alter table letter add column form text;
create index letter_form on letter (form, created_at) where form is not null;
