//! Any bytes are a mail.
#![no_main]

libfuzzer_sys::fuzz_target!(|raw: &[u8]| {
    guichet_fuzz::read(raw);
});
