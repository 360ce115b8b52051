"""One rival, one task, one formulation, in a process of its own, so that its peak memory is its own.

    python rivals.py DIR RIVAL TASK FORMULATION RUNS

Loads the columns of DIR, warms up once, runs the task RUNS times and prints one line of JSON. The answer
of the last run goes to DIR/RIVAL-TASK, outside the clock. Rows of the answer may come in any order: no
rival is asked to sort. The number of threads is the environment variable PEERS_THREADS.
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

THREADS = int(os.environ.get("PEERS_THREADS", "2"))
# Polars reads this when it is imported.
os.environ["POLARS_MAX_THREADS"] = str(THREADS)

import numpy as np

import columns
import segments

QUANTILES = [0.2, 0.4, 0.6, 0.8]
# The packed formulations keep a day and the money of that day in one integer: days above this bit, cents below.
DAY_BIT = 40


# --- DuckDB ---------------------------------------------------------------------------------------------

# Distinct customer-days first, then customers. `{total}` is the type in which money is summed.
DUCKDB_TWO_STEPS = """
    SELECT customer, count(*) - 1 AS x, max(day) - min(day) AS t_x, {until} - min(day) AS t,
           CASE WHEN count(*) > 1
                THEN (sum(total) - arg_min(total, day))::DOUBLE / (count(*) - 1) ELSE 0 END AS repeat_mean
    FROM (SELECT customer, day, {total} AS total FROM {source} GROUP BY customer, day)
    GROUP BY customer"""

# The same, but one `min` over day and money packed together finds both the first day and its money.
DUCKDB_PACKED = """
    SELECT customer, n - 1 AS x, last - (packed >> {bit})::INTEGER AS t_x,
           {until} - (packed >> {bit})::INTEGER AS t,
           CASE WHEN n > 1 THEN (total - (packed & {mask}))::DOUBLE / (n - 1) ELSE 0 END AS repeat_mean
    FROM (SELECT customer, count(*) AS n, max(day) AS last, sum(total)::BIGINT AS total,
                 min((day::BIGINT << {bit}) | total) AS packed
          FROM (SELECT customer, day, sum(amount)::BIGINT AS total FROM {source} GROUP BY customer, day)
          GROUP BY customer)"""

# No grouping by customer and day at all: distinct days are counted, and a join finds the first day's money.
DUCKDB_JOIN = """
    WITH people AS (SELECT customer, count(DISTINCT day) AS n, min(day) AS first, max(day) AS last,
                           sum(amount)::BIGINT AS total FROM {source} GROUP BY customer),
         firsts AS (SELECT p.customer, sum(p.amount)::BIGINT AS spent FROM {source} p
                    JOIN people ON p.customer = people.customer AND p.day = people.first GROUP BY p.customer)
    SELECT customer, n - 1 AS x, last - first AS t_x, {until} - first AS t,
           CASE WHEN n > 1 THEN (total - spent)::DOUBLE / (n - 1) ELSE 0 END AS repeat_mean
    FROM people JOIN firsts USING (customer)"""

DUCKDB_TOTALS = """
    SELECT customer, count(*) AS count, min(day) AS first, max(day) AS last, {total} AS sum
    FROM {source} GROUP BY customer"""

CENTS, FLOATS = "sum(amount)::BIGINT", "sum(amount::DOUBLE)"

# Formulation -> query, type of the sums, where the rows lie, where the answer goes.
DUCKDB = {
    "summaries": {
        "two steps": (DUCKDB_TWO_STEPS, CENTS, "native", "arrow"),
        "two steps, sums as floats": (DUCKDB_TWO_STEPS, FLOATS, "native", "arrow"),
        "two steps, into a table": (DUCKDB_TWO_STEPS, CENTS, "native", "table"),
        "two steps, from Arrow": (DUCKDB_TWO_STEPS, CENTS, "in_arrow", "arrow"),
        "two steps, from numpy": (DUCKDB_TWO_STEPS, CENTS, "in_numpy", "arrow"),
        "packed": (DUCKDB_PACKED, CENTS, "native", "arrow"),
        "packed, into a table": (DUCKDB_PACKED, CENTS, "native", "table"),
        "join": (DUCKDB_JOIN, CENTS, "native", "arrow"),
    },
    "totals": {
        "group by": (DUCKDB_TOTALS, CENTS, "native", "arrow"),
        "group by, sums as floats": (DUCKDB_TOTALS, FLOATS, "native", "arrow"),
        "group by, into a table": (DUCKDB_TOTALS, CENTS, "native", "table"),
        "group by, from Arrow": (DUCKDB_TOTALS, CENTS, "in_arrow", "arrow"),
        "group by, from numpy": (DUCKDB_TOTALS, CENTS, "in_numpy", "arrow"),
    },
}


class DuckdbTable:
    """The table `answer` within DuckDB, dropped when nobody holds it: as other answers, outside the clock."""

    def __init__(self, con, query: str):
        self.con = con
        con.execute("CREATE TEMP TABLE answer AS " + query)

    def __del__(self):
        self.con.execute("DROP TABLE IF EXISTS answer")


def duckdb_task(folder: Path, task: str, formulation: str):
    import duckdb
    import pyarrow

    query, total, source, sink = DUCKDB[task][formulation]
    arrays = purchases(folder)
    con = duckdb.connect()
    con.execute(f"SET threads = {THREADS}")
    # Nobody asks for the order of the rows, so DuckDB need not keep it.
    con.execute("SET preserve_insertion_order = false")
    con.register("in_numpy", arrays)
    in_arrow = pyarrow.table(arrays)
    con.register("in_arrow", in_arrow)
    if source == "native":
        con.execute("CREATE TABLE native AS SELECT * FROM in_arrow")
        con.unregister("in_arrow")
        con.unregister("in_numpy")
        arrays.clear()
        del in_arrow
    query = query.format(
        until=until(folder), total=total, source=source, bit=DAY_BIT, mask=(1 << DAY_BIT) - 1
    )

    def to_arrow():
        return con.sql(query).to_arrow_table()

    def to_table():
        return DuckdbTable(con, query)

    def finish(answer):
        answer = con.sql("FROM answer").to_arrow_table() if sink == "table" else answer
        return named(task, {name: answer[name].to_numpy() for name in answer.column_names})

    return (to_table if sink == "table" else to_arrow), finish


# --- Polars ---------------------------------------------------------------------------------------------


def polars_mean(pl):
    """Mean spend of the repeat days, from the number of days, all the money and the first day's money."""
    col = pl.col
    return pl.when(col.n > 1).then((col.total - col.spent) / (col.n - 1)).otherwise(0.0)


def polars_two_steps(pl, lazy, until, spent):
    """Distinct customer-days first, then customers; `spent` is how the first day's money is found."""
    col = pl.col
    days = lazy.group_by("customer", "day").agg(col.amount.sum().alias("total"))
    people = days.group_by("customer").agg(
        pl.len().cast(pl.Int64).alias("n"),
        col.day.min().alias("first"),
        col.day.max().alias("last"),
        spent.alias("spent"),
        col.total.sum(),
    )
    return people.select(
        "customer", x=col.n - 1, t_x=col.last - col.first, t=until - col.first, repeat_mean=polars_mean(pl)
    )


def polars_packed(pl, lazy, until):
    """One `min` over day and money packed together finds both the first day and its money."""
    col = pl.col
    days = lazy.group_by("customer", "day").agg(col.amount.sum().alias("total"))
    people = days.with_columns(packed=col.day.cast(pl.Int64) * (1 << DAY_BIT) + col.total).group_by("customer").agg(
        pl.len().cast(pl.Int64).alias("n"), col.day.max().alias("last"), col.packed.min(), col.total.sum()
    )
    people = people.with_columns(first=(col.packed // (1 << DAY_BIT)).cast(pl.Int32), spent=col.packed % (1 << DAY_BIT))
    return people.select(
        "customer", x=col.n - 1, t_x=col.last - col.first, t=until - col.first, repeat_mean=polars_mean(pl)
    )


def polars_one_step(pl, lazy, until):
    """Distinct days are counted within each customer; no grouping by customer and day."""
    col = pl.col
    people = lazy.group_by("customer").agg(
        col.day.n_unique().cast(pl.Int64).alias("n"),
        col.day.min().alias("first"),
        col.day.max().alias("last"),
        col.amount.sum().alias("total"),
        col.amount.filter(col.day == col.day.min()).sum().alias("spent"),
    )
    return people.select(
        "customer", x=col.n - 1, t_x=col.last - col.first, t=until - col.first, repeat_mean=polars_mean(pl)
    )


def polars_query(pl, lazy, until, task, shape):
    col = pl.col
    if task == "totals":
        return lazy.group_by("customer").agg(
            pl.len().alias("count"),
            col.day.min().alias("first"),
            col.day.max().alias("last"),
            col.amount.sum().alias("sum"),
        )
    if shape == "packed":
        return polars_packed(pl, lazy, until)
    if shape == "one step":
        return polars_one_step(pl, lazy, until)
    spent = {
        "two steps": lambda: col.total.min_by("day"),
        "two steps, arg_min": lambda: col.total.get(col.day.arg_min()),
    }[shape]
    return polars_two_steps(pl, lazy, until, spent())


def polars_task(folder: Path, task: str, formulation: str):
    import polars as pl

    if task == "rfm":
        return polars_rfm(folder, formulation)
    shape, engine = formulation.rsplit(", ", 1)
    frame = pl.DataFrame(purchases(folder))
    query = polars_query(pl, frame.lazy(), until(folder), task, shape)

    def finish(answer):
        return named(task, {name: answer[name].to_numpy() for name in answer.columns})

    return (lambda: query.collect(engine=engine)), finish


def polars_cuts(pl, frame):
    """The four cuts of each column, quantiles with interpolation (numpy's and R's type 7)."""
    wanted = [pl.col(name).quantile(q, "linear").alias(f"{name} {q}") for name in frame.columns for q in QUANTILES]
    row = frame.select(wanted).row(0)
    return {name: row[4 * i : 4 * i + 4] for i, name in enumerate(frame.columns)}


def polars_compare(pl, frame, engine):
    """How many cuts lie below each value, counted by comparing with each."""
    scores = []
    for name, cuts in polars_cuts(pl, frame).items():
        below = [(pl.col(name) > cut).cast(pl.UInt8) for cut in cuts]
        scores.append(sum(below[1:], below[0]).alias(name))
    return frame.lazy().select(scores).collect(engine=engine)


def polars_intervals(pl, frame, engine):
    """How many cuts lie below each value, by Polars' own binning. It wants distinct cuts, so tied ones are counted."""
    scores = []
    for name, cuts in polars_cuts(pl, frame).items():
        distinct = sorted(set(cuts))
        bins = pl.col(name).bin_intervals(distinct, labels=False, right_closed=True).cast(pl.UInt8)
        if len(distinct) < len(cuts):
            below = [sum(cut in distinct[:k] for cut in cuts) for k in range(len(distinct) + 1)]
            bins = pl.lit(pl.Series(below, dtype=pl.UInt8)).gather(bins)
        scores.append(bins.alias(name))
    return frame.lazy().select(scores).collect(engine=engine)


def polars_quantile_bins(pl, frame, engine):
    """Polars' own quantile binning. Its cuts are values of the data, which gives whole numbers the same bins."""
    scores = [
        pl.col(name).bin_quantiles(QUANTILES, labels=False, right_closed=True).cast(pl.UInt8) for name in frame.columns
    ]
    return frame.lazy().select(scores).collect(engine=engine)


def polars_rfm(folder: Path, formulation: str):
    import polars as pl

    shape, engine = formulation.rsplit(", ", 1)
    score = {"compare": polars_compare, "bin_intervals": polars_intervals, "bin_quantiles": polars_quantile_bins}[shape]
    given = folder / "rfm"
    frame = pl.DataFrame(
        {
            "idle": columns.read(given, "idle.i32"),
            "frequency": columns.read(given, "frequency.u32"),
            "monetary": columns.read(given, "monetary.i64"),
        }
    )
    names = pl.Series("segment", segments.by_position(), dtype=pl.UInt8)

    def run():
        below = score(pl, frame, engine)
        # Idle time is the one column of which less is better.
        scores = below.select(r=5 - pl.col.idle, f=pl.col.frequency + 1, m=pl.col.monetary + 1)
        cell = scores.select((pl.col.r - 1) * 25 + (pl.col.f - 1) * 5 + (pl.col.m - 1)).to_series()
        return scores, names.gather(cell)

    def finish(answer):
        scores, segment = answer
        return {f"{name}.u8": scores[name].to_numpy() for name in "rfm"} | {"segment.u8": segment.to_numpy()}

    return run, finish


POLARS_ENGINES = ["in-memory", "streaming"]
POLARS_SHAPES = {
    "summaries": ["two steps", "two steps, arg_min", "packed", "one step"],
    "totals": ["group by"],
    "rfm": ["compare", "bin_intervals", "bin_quantiles"],
}
POLARS = {
    task: [f"{shape}, {engine}" for shape in shapes for engine in POLARS_ENGINES]
    for task, shapes in POLARS_SHAPES.items()
}


# --- lifetimes ------------------------------------------------------------------------------------------

# Its speed depends on the resolution of the dates and on the type of the money.
LIFETIMES = {
    "summaries": {
        "nanoseconds, whole cents": ("ns", "int64"),
        "nanoseconds, float cents": ("ns", "float64"),
        "seconds, whole cents": ("s", "int64"),
        "seconds, float cents": ("s", "float64"),
    }
}


def lifetimes_task(folder: Path, task: str, formulation: str):
    import pandas
    from lifetimes.utils import summary_data_from_transaction_data

    unit, money = LIFETIMES[task][formulation]
    arrays = purchases(folder)
    frame = pandas.DataFrame(
        {
            "customer": arrays["customer"],
            "day": arrays["day"].astype("datetime64[D]").astype(f"datetime64[{unit}]"),
            "amount": arrays["amount"].astype(money),
        }
    )
    end = str(np.datetime64(until(folder), "D"))

    def run():
        return summary_data_from_transaction_data(
            frame, "customer", "day", monetary_value_col="amount", observation_period_end=end
        )

    def finish(answer):
        values = {
            "customer": answer.index.to_numpy(),
            "x": answer["frequency"],
            "t_x": answer["recency"],
            "t": answer["T"],
            "repeat_mean": answer["monetary_value"],
        }
        return named(task, {name: np.asarray(column) for name, column in values.items()})

    return run, finish


# --- what all of them share -----------------------------------------------------------------------------

RIVALS = {
    "duckdb": (duckdb_task, {task: list(shapes) for task, shapes in DUCKDB.items()}),
    "polars": (polars_task, POLARS),
    "lifetimes": (lifetimes_task, {task: list(shapes) for task, shapes in LIFETIMES.items()}),
}


def formulations(rival: str, task: str) -> list[str]:
    return RIVALS[rival][1][task]


def purchases(folder: Path) -> dict:
    return {
        "customer": columns.read(folder, "customers.u64"),
        "day": columns.read(folder, "days.i32"),
        "amount": columns.read(folder, "amounts.i64"),
    }


def until(folder: Path) -> int:
    return int(columns.read(folder, "until.i32")[0])


def named(task: str, values: dict) -> dict:
    """Keys the columns of an answer by their file names: `customer` becomes `customers.u64`, and so on."""
    values["customers"] = values.pop("customer")
    return {name: values[name.rsplit(".", 1)[0]] for name in columns.ANSWERS[task]}


def memory(field: str) -> int:
    """A line of /proc/self/status in bytes, 0 where the system has none."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith(field + ":")), 0)


def forget_peak() -> None:
    """Sets the peak of resident memory back to what is resident now (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def measure(run, runs: int, warm_up: bool = True):
    """Seconds of each run, the peak beyond what lay in memory before the first, the last answer.

    A run to warm up comes first, unless the caller has warmed up.
    """
    forget_peak()
    before = memory("VmRSS")
    if warm_up:
        run()
    seconds = []
    for _ in range(runs):
        answer = None  # The answer of the last run is freed before the clock starts.
        start = time.perf_counter()
        answer = run()
        seconds.append(time.perf_counter() - start)
    return seconds, max(0, memory("VmHWM") - before), answer


def report(task: str, formulation: str, measured: tuple, out: Path, **more) -> None:
    """The last line of a rival's process, for the script that started it."""
    seconds, peak, _ = measured
    told = {
        "task": task,
        "formulation": formulation,
        "seconds": seconds,
        "median": statistics.median(seconds),
        "peak_bytes_beyond_input": peak,
        "out": str(out),
    }
    print(json.dumps(told | more))


def contest(task: str, formulation: str, ways: tuple, runs: int, out: Path, warm_up: bool = True, **more) -> None:
    """Measures a task, writes the columns that it finishes with, and reports; `ways` are to run and to finish."""
    run, finish = ways
    measured = measure(run, runs, warm_up)
    for file, values in finish(measured[2]).items():
        columns.write(out, file, values)
    report(task, formulation, measured, out, **more)


def main() -> None:
    folder, rival, task, formulation, runs = sys.argv[1:]
    folder = Path(folder)
    run, finish = RIVALS[rival][0](folder, task, formulation)
    measured = measure(run, int(runs))
    out = folder / f"{rival}-{task}"
    answer = finish(measured[2])
    columns.write_answer(out, task, answer)
    report(task, formulation, measured, out, rival=rival, rows=len(next(iter(answer.values()))))


if __name__ == "__main__":
    main()
