"""Reckons RFM fifths again, with pandas, and compares them with the `rfm` example customer by customer.

    PATRONAGE_DATA=DIR python agree_rfm.py

Nothing is shared with the library but the files: they are read, summed, cut and named here a second time.
Money is whole cents, from decimals, so that every comparison is exact. Ends with 1 on any disagreement.
"""

import argparse
import csv
import io
import os
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

import segments

CHECKOUT = Path(__file__).resolve().parents[2]
HEADER = ["customer_id", "idle_days", "frequency", "monetary", "r", "f", "m", "segment"]
QUANTILES = [0.2, 0.4, 0.6, 0.8]


@dataclass
class Source:
    """A file, the day it is seen from, the example's arguments for it and how it is read here."""

    file: str
    as_of: str
    arguments: list
    read: object
    has_header: bool
    # Net revenue by published or plain addition: of all lines, and of the lines with a customer.
    revenue: tuple | None = None


# --- how each file is read: columns customer, order (or none), day, cents -------------------------------


def to_cents(values) -> list:
    """Exact cents; a fraction of a cent is an error, never rounded."""
    cents = [100 * value for value in values]
    if any(value != int(value) for value in cents):
        raise ValueError("an amount is no whole number of cents")
    return [int(value) for value in cents]


def read_cdnow_sample(path: Path) -> pd.DataFrame:
    names = ["master", "customer", "day", "cds", "dollars"]
    return cdnow_rows(pd.read_csv(path, sep=r"\s+", header=None, names=names, dtype=str))


def read_cdnow_master(path: Path) -> pd.DataFrame:
    rows = pd.read_csv(path, sep=r"\s+", dtype=str)
    return cdnow_rows(rows.rename(columns={"customer_id": "customer", "date": "day", "dollar_value": "dollars"}))


def cdnow_rows(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer": rows["customer"],
            "day": pd.to_datetime(rows["day"], format="%Y%m%d"),
            "cents": to_cents(rows["dollars"].map(Decimal)),
        }
    )


def read_online_retail(path: Path) -> pd.DataFrame:
    rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    amounts = rows["Quantity"].map(Decimal) * rows["UnitPrice"].map(Decimal)
    rows = pd.DataFrame(
        {
            "customer": rows["CustomerID"],
            "order": rows["InvoiceNo"],
            "day": pd.to_datetime(rows["InvoiceDate"], format="%Y-%m-%d %H:%M:%S").dt.normalize(),
            "cents": to_cents(amounts),
        }
    )
    return rows[rows["customer"] != ""]


# The example's arguments stand here and nowhere else.
SOURCES = [
    Source(
        "cdnow_sample.txt",
        "1998-06-30",
        ["--customer", "2", "--date", "3", "--amount", "5", "--date-format", "%Y%m%d"],
        read_cdnow_sample,
        has_header=False,
    ),
    Source(
        "cdnow_master.txt",
        "1998-06-30",
        ["--customer", "customer_id", "--date", "date", "--amount", "dollar_value", "--date-format", "%Y%m%d"],
        read_cdnow_master,
        has_header=True,
    ),
    Source(
        "online_retail_2010-12.csv",
        "2010-12-31",
        ["--customer", "CustomerID", "--date", "InvoiceDate", "--order", "InvoiceNo"]
        + ["--quantity", "Quantity", "--price", "UnitPrice", "--cancel-prefix", "C", "--currency", "GBP"],
        read_online_retail,
        has_header=True,
        revenue=(Decimal("748957.02"), Decimal("554604.02")),
    ),
]


# --- the independent reckoning --------------------------------------------------------------------------


def purchases(rows: pd.DataFrame) -> pd.DataFrame:
    """What counts as a purchase: orders with money left in them, or (without orders) rows that are no refund."""
    if "order" in rows:
        orders = rows.groupby(["customer", "order"], as_index=False).agg(day=("day", "max"), cents=("cents", "sum"))
        return orders[orders["cents"] > 0]
    return rows[rows["cents"] >= 0]


def reckon(rows: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """One row a customer who bought: idle days, frequency, cents, scores and the segment."""
    bought = purchases(rows).groupby("customer")
    people = pd.DataFrame(
        {
            "idle_days": (pd.Timestamp(as_of) - bought["day"].max()).dt.days,
            "frequency": bought["order" if "order" in rows else "day"].nunique(),
            # Refunds and cancellations count in the money, though they are no purchases.
            "monetary": rows.groupby("customer")["cents"].sum(),
        }
    )
    people = people.dropna().astype("int64").sort_index()
    people["r"] = 5 - cuts_below(people["idle_days"])
    people["f"] = 1 + cuts_below(people["frequency"])
    people["m"] = 1 + cuts_below(people["monetary"])
    people["segment"] = (100 * people["r"] + 10 * people["f"] + people["m"]).map(segments.by_code())
    return people


def cuts_below(values: pd.Series) -> np.ndarray:
    """How many of the four cuts (numpy's default quantile, type 7) lie strictly below each value."""
    cuts = np.quantile(values.to_numpy(), QUANTILES)
    return (values.to_numpy()[:, None] > cuts[None, :]).sum(axis=1)


# --- the example's answer -------------------------------------------------------------------------------


def run_example(command: list, path: Path, source: Source) -> str:
    full = command + [str(path)] + source.arguments + ["--as-of", source.as_of]
    done = subprocess.run(full, cwd=CHECKOUT, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(full)}\n{done.stderr.strip()}")
    return done.stdout


def parse(output: str) -> tuple:
    """The header, and the lines as text."""
    lines = list(csv.reader(io.StringIO(output)))
    return lines[0], pd.DataFrame(lines[1:], columns=lines[0], dtype=object)


def as_number(customer: str) -> int:
    """One writing for `00001`, `1`, `17850` and `17850.0`."""
    number = Decimal(customer)
    if number != int(number):
        raise ValueError(f"customer {customer} is no whole number")
    return int(number)


# --- checks ---------------------------------------------------------------------------------------------


class Tally:
    """Counts what passed and failed, a line each."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what: str, ok: bool, detail: str = "") -> bool:
        self.passed += bool(ok)
        self.failed += not ok
        print(f"{'ok    ' if ok else 'FAILED'} {what}{'' if ok or not detail else ': ' + detail}", flush=True)
        return bool(ok)


def compare(tally: Tally, file: str, output: str, wanted: pd.DataFrame) -> None:
    header, given = parse(output)
    if not tally.check(f"{file}: header", header == HEADER, ",".join(header)):
        return
    given["customer_id"] = given["customer_id"].map(as_number)
    ids = given["customer_id"].tolist()
    tally.check(f"{file}: sorted by id, each once", all(a < b for a, b in zip(ids, ids[1:])))
    wanted = wanted.set_axis(wanted.index.map(as_number)).sort_index()
    extra, missing = set(ids) - set(wanted.index), set(wanted.index) - set(ids)
    detail = f"missing {sorted(missing)[:3]}, not expected {sorted(extra)[:3]}"
    if not tally.check(f"{file}: the same {len(wanted):,} customers", not extra and not missing, detail):
        return
    given = given.set_index("customer_id").sort_index()
    for name in HEADER[1:]:
        compare_column(tally, f"{file}: {name}", given[name], as_text(name, wanted[name]))


def as_text(name: str, values: pd.Series) -> pd.Series:
    """A column as the example writes it: money in units with two decimals, all else as it is."""
    return values.map(lambda value: f"{Decimal(value) / 100:.2f}" if name == "monetary" else str(value))


def compare_column(tally: Tally, what: str, given: pd.Series, wanted: pd.Series) -> None:
    different = given.index[given.to_numpy() != wanted.to_numpy()]
    detail = ""
    if len(different):
        first = different[0]
        detail = f"{len(different)} customers, first {first}: {given[first]} given, {wanted[first]} reckoned"
    tally.check(f"{what} of {len(given):,} customers", len(different) == 0, detail)


def raw_revenue(path: Path) -> tuple:
    """The plain sum of the raw lines, of all and of those with a customer, by decimals alone."""
    everything = known = Decimal(0)
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            amount = Decimal(line["Quantity"]) * Decimal(line["UnitPrice"])
            everything += amount
            known += amount if line["CustomerID"] else 0
    return everything, known


def check_revenue(tally: Tally, source: Source, path: Path, output: str, rows: pd.DataFrame) -> None:
    """The customers listed and those with cancellations only must add up to the raw lines, to the cent."""
    name = source.file
    everything, known = raw_revenue(path)
    all_wanted, known_wanted = source.revenue
    tally.check(f"{name}: all lines sum to {all_wanted}", everything == all_wanted, str(everything))
    tally.check(f"{name}: lines with a customer sum to {known_wanted}", known == known_wanted, str(known))
    _, given = parse(output)
    ids = set(given["customer_id"].map(as_number))
    unlisted = rows[~rows["customer"].map(as_number).isin(ids)]
    listed = sum(given["monetary"].map(Decimal), Decimal(0))
    total = listed + Decimal(int(unlisted["cents"].sum())) / 100
    people = unlisted["customer"].nunique()
    tally.check(f"{name}: listed {listed} and {people} customers not listed reconcile", total == known, str(total))


def shuffled(path: Path, source: Source, folder: Path) -> Path:
    """A copy of the file with its rows in another order, the header left in its place."""
    lines = path.read_bytes().splitlines(keepends=True)
    head = lines[:1] if source.has_header else []
    body = lines[len(head) :]
    # A last line without its end would run into its new neighbour.
    body = [line if line.endswith(b"\n") else line + b"\n" for line in body]
    random.Random(1).shuffle(body)
    copy = folder / source.file
    copy.write_bytes(b"".join(head + body))
    return copy


def check_source(tally: Tally, command: list, data: Path, source: Source) -> None:
    path = data / source.file
    try:
        output = run_example(command, path, source)
        tally.check(f"{source.file}: the example runs", True)
        rows = source.read(path)
        compare(tally, source.file, output, reckon(rows, source.as_of))
        if source.revenue:
            check_revenue(tally, source, path, output, rows)
        with tempfile.TemporaryDirectory() as folder:
            again = run_example(command, shuffled(path, source, Path(folder)), source)
        tally.check(f"{source.file}: rows in another order give the same bytes", again == output)
    except Exception as error:  # A failure of one file must not hide the others.
        tally.check(f"{source.file}: could be compared", False, f"{type(error).__name__}: {error}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--example", help="an executable to check instead of building our own")
    args = parser.parse_args()
    data = os.environ.get("PATRONAGE_DATA")
    if not data:
        print("PATRONAGE_DATA does not name the folder of the real data", file=sys.stderr)
        return 2
    command = ["cargo", "run", "--quiet", "--release", "--example", "rfm", "--"]
    if args.example:
        command = [str(Path(args.example).resolve())]
    tally = Tally()
    for source in SOURCES:
        check_source(tally, command, Path(data).resolve(), source)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
