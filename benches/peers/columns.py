"""Raw little-endian column files: one file a column, named `column.type`, no header."""

from pathlib import Path

import numpy as np

TYPES = {"u8": "<u1", "u32": "<u4", "u64": "<u8", "i32": "<i4", "i64": "<i8", "f64": "<f8"}

# What each task's answer consists of. Rows of `summaries` and `totals` are in ascending order of customer.
ANSWERS = {
    "summaries": ["customers.u64", "x.u32", "t_x.i32", "t.i32", "repeat_mean.f64"],
    "totals": ["customers.u64", "count.u64", "first.i32", "last.i32", "sum.i64"],
    "rfm": ["r.u8", "f.u8", "m.u8", "segment.u8"],
}


def read(folder: Path, name: str) -> np.ndarray:
    return np.fromfile(folder / name, TYPES[name.rsplit(".", 1)[1]])


def write(folder: Path, name: str, values) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    np.asarray(values).astype(TYPES[name.rsplit(".", 1)[1]]).tofile(folder / name)


def write_answer(folder: Path, task: str, answer: dict) -> None:
    """Writes an answer whose columns are keyed by file name, in the order of customers where there are any."""
    names = ANSWERS[task]
    order = np.argsort(answer["customers.u64"]) if "customers.u64" in names else slice(None)
    for name in names:
        write(folder, name, np.asarray(answer[name])[order])


def differences(task: str, one: Path, other: Path) -> list[str]:
    """Where two answers differ: integers must be equal, floats agree to 1e-12 of their size."""
    found = []
    for name in ANSWERS[task]:
        a, b = read(one, name), read(other, name)
        if a.shape != b.shape:
            found.append(f"{name}: {len(a)} rows against {len(b)}")
            continue
        if name.endswith(".f64"):
            # Written so that a NaN on either side counts as wrong.
            wrong = ~(np.abs(a - b) <= 1e-12 * np.maximum(np.abs(a), np.abs(b)))
        else:
            wrong = a != b
        if wrong.any():
            row = int(np.argmax(wrong))
            found.append(f"{name}: {wrong.sum()} of {len(a)} rows differ, the first is {row}: {a[row]} against {b[row]}")
    return found
