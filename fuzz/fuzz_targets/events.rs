#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    phonolog_fuzz::events(input);
});
