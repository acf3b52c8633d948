-- Each commit asks what was said of known fixes since the one before, not what was ever said.
drop index history_known_fix_answered;
create index history_known_fix_answered on history (position, detail)
    where event in ('known_fix_confirmed', 'known_fix_refused');
