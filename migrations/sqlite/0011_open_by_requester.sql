-- What a requester has open besides is found without looking at what is over.
create index ticket_open_by_requester on ticket (requester, number) where state in ('new', 'open', 'pending');
