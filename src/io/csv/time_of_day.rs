//! What may follow a date: a time of day, and perhaps the offset from UTC.

use jiff::{civil::Time, tz::Offset};

pub(super) const BAD_TIME: &str = "has a time of day that cannot be read";

/// A place in a text that is read from the left.
#[derive(Clone, Copy)]
pub(super) struct Scan<'a>(pub(super) &'a [u8]);

impl Scan<'_> {
    pub(super) fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn eat(&mut self, text: &[u8]) -> bool {
        match self.0.get(..text.len()) {
            Some(start) if start.eq_ignore_ascii_case(text) => {
                self.0 = &self.0[text.len()..];
                true
            }
            _ => false,
        }
    }

    pub(super) fn eat_any<'b>(&mut self, texts: &[&'b str]) -> Option<&'b str> {
        texts.iter().copied().find(|text| self.eat(text.as_bytes()))
    }

    /// The no-break spaces too: some systems write one before `PM`.
    fn spaces(&mut self) -> bool {
        let before = self.0.len();
        while self.eat_any(&[" ", "\u{a0}", "\u{202f}"]).is_some() {}
        self.0.len() < before
    }

    /// A number of so many digits.
    pub(super) fn number(&mut self, least: usize, most: usize) -> Option<i32> {
        let digits = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if digits < least {
            return None;
        }
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        let value = number.iter().fold(0, |value, digit| value * 10 + i32::from(digit - b'0'));
        Some(value)
    }
}

/// Reads `HH:MM[:SS[.fraction]]`, `AM` or `PM` if it is stated, and `Z`, `UTC` or an offset if it is stated,
/// after a `T` or spaces. A number of one digit may be the hour.
pub(super) fn read(text: &[u8]) -> Result<(Time, Option<Offset>), &'static str> {
    let mut scan = Scan(text);
    let clock = clock(&mut scan).ok_or(BAD_TIME)?;
    scan.spaces();
    let offset = if scan.is_done() { None } else { Some(offset(&mut scan).ok_or(BAD_TIME)?) };
    if scan.is_done() { Ok((clock, offset)) } else { Err(BAD_TIME) }
}

fn clock(scan: &mut Scan<'_>) -> Option<Time> {
    if !scan.eat(b"T") && !scan.spaces() {
        return None;
    }
    let hour = scan.number(1, 2)?;
    let minute = scan.eat(b":").then(|| scan.number(2, 2)).flatten()?;
    let mut second = 0;
    if scan.eat(b":") {
        second = scan.number(2, 2)?;
        // A fraction says nothing about the day.
        if scan.eat_any(&[".", ","]).is_some() {
            scan.number(1, 9)?;
        }
    }
    let hour = half_of_day(scan, hour)?;
    // A leap second is still of its minute.
    let second = if second == 60 { 59 } else { second };
    let part = |part: i32| i8::try_from(part).ok();
    Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()
}

/// The hour on the clock of 24 hours.
fn half_of_day(scan: &mut Scan<'_>, hour: i32) -> Option<i32> {
    let mut ahead = *scan;
    ahead.spaces();
    let Some(half) = ahead.eat_any(&["AM", "PM"]) else {
        return Some(hour);
    };
    *scan = ahead;
    match hour {
        1..=12 if half == "PM" => Some(hour % 12 + 12),
        1..=12 => Some(hour % 12),
        _ => None,
    }
}

fn offset(scan: &mut Scan<'_>) -> Option<Offset> {
    if scan.eat_any(&["Z", "UTC", "GMT"]).is_some() {
        return Some(Offset::UTC);
    }
    let east = match scan.eat_any(&["+", "-", "\u{2212}"])? {
        "+" => 1,
        _ => -1,
    };
    let hours = scan.number(2, 2)?;
    let minutes = if scan.is_done() {
        0
    } else {
        scan.eat(b":");
        scan.number(2, 2)?
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(east * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, &'static str> {
        let (time, offset) = read(text.as_bytes())?;
        Ok(match offset {
            None => time.to_string(),
            Some(offset) => format!("{time} {}", offset.seconds()),
        })
    }

    #[test]
    fn reads_the_clocks_that_exports_write() {
        let cases = [
            (" 08:26", "08:26:00"),
            ("T08:26:05.123456", "08:26:05"),
            (" 8:26", "08:26:00"),
            (" 12:05 AM", "00:05:00"),
            ("  12:05:00\u{202f}pm", "12:05:00"),
            (" 23:59:60", "23:59:59"),
            ("T08:26:00Z", "08:26:00 0"),
            (" 08:26:00 UTC", "08:26:00 0"),
            (" 08:26:00 -0500", "08:26:00 -18000"),
            ("T08:26+05:30", "08:26:00 19800"),
            ("T08:26+02", "08:26:00 7200"),
            (" 8:26 PM +02", "20:26:00 7200"),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_clock() {
        for text in [
            "08:26",
            " ",
            "T",
            " 24:00",
            " 08:60",
            " 0826",
            " 08:26:61",
            " 13:00 PM",
            " 0:30 AM",
            " 08:26x",
            " 08:26 +24:00",
            " 08:26 +0",
            " 08:26:00.",
            " 08:26 Europe/London",
        ] {
            assert_eq!(shown(text), Err(BAD_TIME), "{text:?}");
        }
    }
}
