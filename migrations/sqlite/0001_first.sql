-- Times are milliseconds since 1970, UTC. What each table and column is for stands in docs/schema.md.

create table person (
    id integer primary key,
    language text check (length(language) = 2)
) strict;

create table address (
    id integer primary key,
    person integer not null references person (id),
    address text not null,
    address_key text not null unique,
    name text,
    deliverable integer not null default true check (deliverable in (0, 1)),
    answers_given integer not null default 0
) strict;
create index address_person on address (person);

create table ticket (
    number integer primary key check (number > 0),
    desk text not null,
    subject text not null,
    request_type text not null check (request_type in ('incident', 'service_request')),
    origin text not null check (origin in ('mail', 'phone', 'form')),
    address text,
    external_id text,
    requester integer references address (id),
    language text not null check (length(language) = 2),
    level text not null check (level in ('L1', 'L2', 'L3')),
    agent integer references address (id),
    escalated_by integer references address (id),
    state text not null check (state in ('new', 'open', 'pending', 'resolved', 'closed', 'spam')),
    pending_on text check (pending_on in ('requester', 'vendor', 'until')),
    pending_until integer,
    priority integer not null check (priority between 1 and 4),
    service text,
    parent integer references ticket (number),
    merged_into integer references ticket (number),
    copied_levels text not null,
    known_fix text,
    refused_fixes text not null,
    opened_at integer not null,
    assigned_at integer,
    resolved_at integer,
    closed_at integer,
    updated_at integer not null,
    letters integer not null check (letters >= 0),
    version integer not null check (version >= 0),
    check ((state = 'pending') = (pending_on is not null)),
    check (coalesce(pending_on = 'until', false) = (pending_until is not null))
) strict;
create index ticket_requester on ticket (requester);
create index ticket_at_work on ticket (state, updated_at) where state in ('new', 'open', 'pending', 'resolved');

create table participant (
    ticket integer not null references ticket (number),
    contact integer not null references address (id),
    position integer not null,
    primary key (ticket, contact)
) strict, without rowid;
create index participant_contact on participant (contact);

create table vendor_case (
    ticket integer not null references ticket (number),
    vendor text not null,
    position integer not null,
    number text,
    opened_with text,
    last_heard text,
    primary key (ticket, vendor)
) strict, without rowid;
create index vendor_case_number on vendor_case (vendor, number) where number is not null;

create table mailbox (
    name text primary key,
    uid_validity integer,
    state text not null,
    first_seen_at integer not null,
    last_exchange_at integer
) strict, without rowid;

create table ledger (
    id integer primary key,
    mailbox text not null,
    uid_validity integer,
    uid integer,
    message_id text,
    raw_sha256 blob check (length(raw_sha256) = 32),
    body_sha256 blob check (length(body_sha256) = 32),
    size integer not null check (size >= 0),
    internal_date integer not null,
    received_at integer not null,
    answered integer not null check (answered in (0, 1)),
    outcome text not null check (outcome in ('pending', 'ticket', 'quarantine', 'suppressed')),
    reason text,
    ticket integer references ticket (number),
    attempts integer not null default 0,
    not_before integer not null default 0,
    released integer not null default false check (released in (0, 1)),
    decided_at integer,
    filed_at integer,
    unique (mailbox, uid_validity, uid),
    check ((uid_validity is null) = (uid is null)),
    check ((outcome = 'ticket') = (ticket is not null)),
    check ((outcome in ('quarantine', 'suppressed')) = (reason is not null)),
    check ((outcome = 'pending') = (decided_at is null))
) strict;
create index ledger_pending on ledger (id) where outcome = 'pending';
create index ledger_not_filed on ledger (mailbox, uid_validity) where filed_at is null and uid is not null;
create index ledger_message_id on ledger (message_id) where message_id is not null;
create index ledger_raw_sha256 on ledger (raw_sha256) where raw_sha256 is not null;
create index ledger_ticket on ledger (ticket) where ticket is not null;

create table raw_mail (
    ledger integer primary key references ledger (id),
    zstd blob not null
) strict;

create table history (
    ticket integer not null references ticket (number),
    seq integer not null check (seq > 0),
    at integer not null,
    role text not null,
    contact integer references address (id),
    event text not null,
    detail text not null,
    primary key (ticket, seq)
) strict, without rowid;

create table entry (
    id integer primary key,
    ticket integer not null references ticket (number),
    at integer not null,
    ledger integer references ledger (id),
    kind text not null,
    audience text not null check (audience in ('requester', 'desk', 'vendor')),
    vendor text,
    trust text not null check (trust in ('verified', 'unverified')),
    author_role text not null,
    author integer references address (id),
    text text not null,
    check ((audience = 'vendor') = (vendor is not null))
) strict;
create index entry_ticket on entry (ticket);

create table thread (
    message_id text not null,
    ticket integer not null references ticket (number),
    primary key (message_id, ticket)
) strict, without rowid;
create index thread_ticket on thread (ticket);

create table letter (
    id integer primary key,
    ticket integer references ticket (number),
    number integer not null,
    purpose text not null,
    audience text not null check (audience in ('requester', 'desk', 'vendor')),
    vendor text,
    language text not null check (length(language) = 2),
    message_id text not null,
    subject text not null,
    text text,
    enclosures text not null,
    automatic integer not null check (automatic in (0, 1)),
    correspondent_key text not null,
    ticket_version integer not null,
    created_at integer not null,
    about integer,
    bytes blob not null,
    unique (ticket, number),
    check ((audience = 'vendor') = (vendor is not null))
) strict;
create index letter_automatic on letter (correspondent_key, created_at) where automatic;

create table delivery (
    id integer primary key,
    letter integer not null references letter (id),
    recipient text not null,
    return_path text,
    class integer not null check (class in (0, 1, 2)),
    state text not null check (state in ('due', 'sent', 'in_doubt', 'failed', 'held')),
    due_at integer not null,
    due_set_at integer not null,
    lease_until integer,
    claims integer not null default 0,
    attempts integer not null default 0,
    first_tried_at integer,
    last_reply text,
    finished_at integer,
    check ((state in ('sent', 'failed')) = (finished_at is not null))
) strict;
create index delivery_letter on delivery (letter);
create index delivery_due on delivery (class, due_at, id, due_set_at) where state in ('due', 'in_doubt');
create index delivery_held on delivery (id) where state = 'held';

create table lease (
    name text primary key,
    holder text not null,
    number integer not null,
    until integer not null
) strict, without rowid;

create table token_key (
    id integer primary key,
    secret blob not null check (length(secret) >= 32),
    created_at integer not null
) strict;

create table counter (
    name text primary key,
    next integer not null
) strict, without rowid;
insert into counter (name, next) values ('ticket', 1), ('contact', 1), ('ledger', 1), ('letter', 1);

create table setting (
    name text primary key,
    value text not null
) strict, without rowid;
