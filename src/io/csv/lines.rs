//! The bytes of a file as every system's lines should be: without a byte order mark, each line ended by a
//! newline, the last one too.

use std::io::{self, Chain, Cursor, ErrorKind, Read};

/// A record that goes on for so long is taken for a quote that was never closed.
pub(super) const LONGEST_RECORD: u64 = 16 << 20;

/// Why reading was broken off, beside the failures of the input itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Broken {
    Utf16,
    TooLong,
}

/// Passes bytes on with every line end (`\r\n`, `\r` or `\n`) as `\n`, and two of them at the very end.
///
/// Two, so that the end of a file within a quoted field can be told: the second one is never part of a
/// record unless a quote is open.
pub(super) struct Lines<R> {
    input: Chain<Cursor<Vec<u8>>, R>,
    after_return: bool,
    ends_left: u8,
    passed: u64,
    record_began: u64,
    broken: Option<Broken>,
}

const ENDS: u8 = 2;

impl<R: Read> Lines<R> {
    pub(super) fn new(mut input: R) -> io::Result<Self> {
        let mut head = Vec::with_capacity(3);
        input.by_ref().take(3).read_to_end(&mut head)?;
        // All of them, where tools have added one after the other.
        while head == b"\xef\xbb\xbf" {
            head.clear();
            input.by_ref().take(3).read_to_end(&mut head)?;
        }
        let utf16 = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
        Ok(Self {
            input: Cursor::new(head).chain(input),
            after_return: false,
            ends_left: ENDS,
            passed: 0,
            record_began: 0,
            broken: utf16.then_some(Broken::Utf16),
        })
    }

    pub(super) fn broken(&self) -> Option<Broken> {
        self.broken
    }

    /// States that a record begins after so many bytes.
    pub(super) fn record_begins(&mut self, at: u64) {
        self.record_began = at;
    }

    /// Whether everything has been passed on, and that is so many bytes.
    pub(super) fn ended_at(&self, bytes: u64) -> bool {
        self.ends_left == 0 && self.passed == bytes
    }

    /// Turns line ends to `\n` in place. Returns how many bytes are left.
    fn even_out(&mut self, bytes: &mut [u8]) -> usize {
        if !self.after_return && !bytes.contains(&b'\r') {
            return bytes.len();
        }
        let mut kept = 0;
        for at in 0..bytes.len() {
            let byte = bytes[at];
            let second_of_pair = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            if !second_of_pair {
                bytes[kept] = if self.after_return { b'\n' } else { byte };
                kept += 1;
            }
        }
        kept
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.passed.saturating_sub(self.record_began) > LONGEST_RECORD {
            self.broken = Some(Broken::TooLong);
        }
        if self.broken.is_some() {
            return Err(ErrorKind::InvalidData.into());
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        let mut passed = 0;
        // A piece that was nothing but the second half of `\r\n` is not the end of the file.
        while passed == 0 {
            let read = match self.input.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                read => read?,
            };
            if read == 0 {
                break;
            }
            passed = self.even_out(&mut buffer[..read]);
        }
        if passed == 0 && self.ends_left > 0 {
            buffer[0] = b'\n';
            self.ends_left -= 1;
            passed = 1;
        }
        self.passed += passed as u64;
        Ok(passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evened(text: &[u8], piece: usize) -> Vec<u8> {
        let mut lines = Lines::new(text).unwrap();
        let (mut out, mut buffer) = (Vec::new(), vec![0; piece]);
        loop {
            match lines.read(&mut buffer).unwrap() {
                0 => return out,
                read => out.extend_from_slice(&buffer[..read]),
            }
        }
    }

    #[test]
    fn line_ends_are_even_however_the_bytes_come() {
        for piece in 1..9 {
            assert_eq!(
                evened(b"\xef\xbb\xbf\xef\xbb\xbfa\r\nb\rc\n\n\r\r\nd", piece),
                b"a\nb\nc\n\n\n\nd\n\n"
            );
            assert_eq!(evened(b"", piece), b"\n\n");
            assert_eq!(evened(b"a\r", piece), b"a\n\n\n");
        }
    }

    #[test]
    fn utf16_is_known_by_its_mark() {
        let lines = Lines::new(&b"\xff\xfea\0"[..]).unwrap();
        assert_eq!(lines.broken(), Some(Broken::Utf16));
    }
}
