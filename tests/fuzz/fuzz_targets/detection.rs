//! Any text is a pattern for dates, a sample of a file or dates, or is refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use patronage::{
    domain::Day,
    io::csv::{DateFormat, Separator},
};

fuzz_target!(|bytes: &[u8]| {
    let _ = Separator::detect(bytes);
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    if let Ok(format) = DateFormat::detect(text.lines()) {
        let samples = text.lines().filter(|line| !line.trim().is_empty());
        for sample in samples {
            // An instant with an offset fits and is a day only in a zone.
            if let Ok(day) = format.day(sample) {
                assert!(day >= Day::MIN && day <= Day::MAX);
            }
        }
    }
    let (pattern, sample) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(format) = DateFormat::custom(pattern) {
        let _ = format.day(sample);
    }
});
