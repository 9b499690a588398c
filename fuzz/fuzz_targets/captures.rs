#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    zk_fuzz::run("captures", input);
});
