-- Of a correspondent's letters those alone are counted that a rule asks about: agents get many others, and a mail looked at all of a day.
drop index letter_automatic;
create index letter_counted on letter (correspondent_key, created_at, purpose) where purpose in ('acknowledgement',
    'acknowledgement_generic', 'crowd_acknowledgement', 'known_fix', 'status', 'language_switched', 'challenge',
    'quarantine', 'clocks');
