-- What a letter's list of attachments named: the numbers of an answer to it count there.
alter table letter add column listed text not null default '[]';
