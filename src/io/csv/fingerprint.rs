//! One number for all that a record says, to know exact duplicates by.

use csv::ByteRecord;

// Any odd numbers without a pattern do: the fractional digits of the golden ratio and of the root of 2.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
const START: u64 = 0x6a09_e667_f3bc_c909;

/// A hash of all fields of a record without the spaces around them. It depends on nothing but the bytes.
pub(super) fn fingerprint(record: &ByteRecord) -> u64 {
    record.iter().fold(START, |hash, field| of_field(hash, field.trim_ascii()))
}

/// The length goes in first, so that `ab,c` and `a,bc` differ.
fn of_field(hash: u64, field: &[u8]) -> u64 {
    let mut hash = mix(hash ^ field.len() as u64);
    let (words, rest) = field.as_chunks::<8>();
    for word in words {
        hash = mix(hash ^ u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(hash ^ u64::from_le_bytes(last))
}

/// Folds the product of 128 bits, in which every bit of the input has reached every bit of the output.
/// Adding the constant keeps a zero from staying one.
#[allow(clippy::cast_possible_truncation)]
fn mix(word: u64) -> u64 {
    let product = u128::from(word.wrapping_add(START)) * u128::from(SPREAD);
    (product as u64) ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[&str]) -> u64 {
        fingerprint(&fields.iter().map(|field| field.as_bytes()).collect())
    }

    #[test]
    fn equal_records_alone_are_equal() {
        assert_eq!(of(&["a", " b "]), of(&["a", "b"]));
        let records: [&[&str]; 9] = [
            &[],
            &[""],
            &["", ""],
            &["ab", "c"],
            &["a", "bc"],
            &["abc"],
            &["12345678", ""],
            &["12345678"],
            &["1234567", "8"],
        ];
        let mut hashes: Vec<u64> = records.iter().map(|fields| of(fields)).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), records.len());
    }

    #[test]
    fn close_records_do_not_collide() {
        let mut hashes: Vec<u64> = (0..200_000_u32)
            .map(|row| of(&[&(row % 1000).to_string(), "2011-02-01", &(row / 1000).to_string()]))
            .collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 200_000);
    }
}
