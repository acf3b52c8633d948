-- A case has as many marks as the vendor's system gives it in its life: the newest is written, all are understood.
create table case_mark (
    ticket integer not null references ticket (number),
    vendor text not null,
    position integer not null,
    mark text not null,
    number text not null,
    primary key (ticket, vendor, position)
) strict, without rowid;
create index case_mark_number on case_mark (vendor, number);

insert into case_mark (ticket, vendor, position, mark, number)
    select ticket, vendor, 0, number, number from vendor_case where number is not null;

drop index vendor_case_number;
alter table vendor_case drop column number;
alter table vendor_case add column watermark text;
alter table vendor_case add column correspondents text not null default '[]';
alter table vendor_case add column refused integer not null default false check (refused in (0, 1));
