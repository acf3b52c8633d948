-- Cases that were opened with a vendor lately, and brakes that tripped.
create index letter_case on letter (vendor, created_at) where purpose = 'case';
create index history_brake_tripped on history (at) where event = 'brake_tripped';
