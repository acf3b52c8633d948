-- What keeps letters from leaving though nothing is wrong with them, as each gateway last said.
create table hindrance (
    gateway text not null,
    since integer not null,
    next_try integer not null,
    return_path text,
    cause text not null,
    remedy text not null
) strict;
