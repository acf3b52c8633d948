-- No statement looks for letters by ticket here, nor for tickets by who reads along.
drop index thread_ticket;
drop index participant_contact;

-- What people look for tickets by: each word as it is compared, in lower case and without accents. All words with one
-- beginning stand together only where they are compared byte by byte.
create table subject_word (
    word text collate "C" not null,
    ticket bigint not null references ticket (number),
    primary key (word, ticket)
);
create table name_word (
    word text collate "C" not null,
    contact bigint not null references address (id),
    primary key (word, contact)
);

-- Words of old rows are made by the program, from the newest on; until then nothing is looked for by words.
insert into setting (name, value) select 'subject_words_missing_below', cast(max(number) + 1 as text) from ticket
    having max(number) is not null;
insert into setting (name, value) select 'name_words_missing_below', cast(max(id) + 1 as text) from address
    having max(id) is not null;
