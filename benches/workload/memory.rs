//! Memory as the system counts it: a counting allocator would slow down what is measured beside it.

use std::fs;

/// Runs `work` once and says how far the process's memory rose above where it was, in bytes. `None` where
/// the system does not say (it is Linux that does).
pub(crate) fn peak_bytes<T>(work: impl FnOnce() -> T) -> Option<usize> {
    // Resets the peak to what is in use now.
    fs::write("/proc/self/clear_refs", "5").ok()?;
    let before = status("VmRSS:")?;
    drop(work());
    Some(status("VmHWM:")?.saturating_sub(before))
}

fn status(name: &str) -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: usize = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}
