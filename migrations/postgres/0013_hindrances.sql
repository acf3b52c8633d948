-- What keeps letters from leaving though nothing is wrong with them, as each gateway last said.
create table hindrance (
    gateway text not null,
    since bigint not null,
    next_try bigint not null,
    return_path text,
    cause text not null,
    remedy text not null
);
