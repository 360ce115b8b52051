"""Measures patronage beside DuckDB, Polars and lifetimes on one workload, and checks that all agree.

Every measurement is a process of its own that loads the columns before its clock starts, warms up once and
runs a few times. Rival and patronage take turns, so that a machine that slows down slows both; the ratio of
a row is the median over these pairs. Ends with 1 when two sides disagree about an answer. A missed aim is
printed, but is no failure; a contest that could not run is one.
"""

import argparse
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

import columns
import rivals

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
SEED = 20240229
FIRST_DAY = int(np.datetime64("2024-01-01").astype(int))
LAST_DAY = int(np.datetime64("2025-12-31").astype(int))

# Purchases and customers of the two workloads.
FULL = {"large": (10_000_000, 1_000_000), "small": (1_000_000, 100_000)}
QUICK = {"large": (100_000, 10_000), "small": (10_000, 1_000)}
# What a row of the table compares: task, rival, workload, and how many times faster we aim to be.
CONTESTS = [
    ("summaries", "duckdb", "large", 4),
    ("summaries", "polars", "large", 7),
    ("summaries", "lifetimes", "small", 60),
    ("totals", "duckdb", "large", 2),
    ("totals", "polars", "large", None),
    ("rfm", "polars", "large", 3),
]
# Peak memory aimed at, in bytes a purchase beyond the input columns.
BYTES_AIM = 40
KEPT = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 36)}
# What malloc of glibc does with freed memory: of itself it keeps small pieces and gives large ones back, so that the
# two sizes of a workload are not treated alike.
MEMORY = {"as malloc chooses": {}, "all fresh": {"MALLOC_MMAP_THRESHOLD_": str(1 << 17)}, "all kept": KEPT}


# --- the workload ---------------------------------------------------------------------------------------


def make_workload(folder: Path, purchases: int, customers: int) -> None:
    """Writes random customers, days over two years and cents, the rows in no order."""
    rng = np.random.default_rng(SEED)
    ids = distinct_ids(rng, customers)
    who = rng.permutation(np.concatenate([np.arange(customers), uneven(rng, purchases - customers, customers)]))
    days = rng.integers(FIRST_DAY, LAST_DAY, endpoint=True, size=purchases, dtype=np.int32)
    cents = np.maximum(1, np.rint(rng.lognormal(7.8, 0.8, purchases))).astype(np.int64)
    columns.write(folder, "customers.u64", ids[who])
    columns.write(folder, "days.i32", days)
    columns.write(folder, "amounts.i64", cents)
    columns.write(folder, "until.i32", [LAST_DAY])
    write_rfm_input(folder / "rfm", who, days, cents, customers)


def distinct_ids(rng, count: int) -> np.ndarray:
    """Ids from the full range of u64. A few are drawn in excess, should two be equal."""
    drawn = rng.integers(0, 2**64 - 1, endpoint=True, size=count + 64, dtype=np.uint64)
    return rng.permutation(np.unique(drawn))[:count]


def uneven(rng, count: int, customers: int) -> np.ndarray:
    """Whose each further purchase is: customers differ in how often they buy, by an exponential rate."""
    ends = np.cumsum(rng.exponential(size=customers))
    return np.minimum(np.searchsorted(ends, rng.random(count) * ends[-1]), customers - 1)


def write_rfm_input(folder: Path, who, days, cents, customers: int) -> None:
    """Idle days, purchases and cents of each customer, for the scoring task."""
    last = np.full(customers, FIRST_DAY, dtype=np.int32)
    np.maximum.at(last, who, days)
    total = np.zeros(customers, dtype=np.int64)
    np.add.at(total, who, cents)
    columns.write(folder, "idle.i32", LAST_DAY - last)
    columns.write(folder, "frequency.u32", np.bincount(who, minlength=customers))
    columns.write(folder, "monetary.i64", total)


# --- one measurement ------------------------------------------------------------------------------------


def build_ours() -> Path:
    """Builds our bench once, so that cargo is outside every clock, and returns the executable."""
    command = ["cargo", "bench", "--bench", "peers", "--no-run", "--message-format=json"]
    built = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        raise SystemExit("cargo could not build the bench `peers`")
    messages = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    found = [m["executable"] for m in messages if m.get("target", {}).get("name") == "peers" and m.get("executable")]
    if not found:
        raise SystemExit("cargo built no bench named `peers`")
    return Path(found[-1])


def run_ours(setting, size: str, task: str, memory=None) -> dict:
    """One process of ours. It counts its warm-up as a run, so one more is asked for and the first is left out."""
    command = [str(setting.ours), str(setting.folder(size)), task, str(setting.runs + 1)]
    report = last_json(command, memory)
    report["median"] = statistics.median(report["seconds"][1:])
    return report


def run_rival(setting, size: str, task: str, rival: str, formulation: str) -> dict:
    folder = str(setting.folder(size))
    return last_json([sys.executable, str(HERE / "rivals.py"), folder, rival, task, formulation, str(setting.runs)])


def last_json(command: list[str], environment=None) -> dict:
    """Runs a command and reads the last line of its output; its standard error is shown only when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(environment or {})})
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr.strip()}")
    return json.loads(done.stdout.splitlines()[-1])


@dataclass
class Setting:
    work: Path
    ours: Path
    sizes: dict
    rounds: int
    runs: int
    # What malloc does with freed memory where growth is measured.
    memory: dict

    def folder(self, size: str) -> Path:
        return self.work / size

    def purchases(self, size: str) -> int:
        return self.sizes[size][0]


# --- one contest ----------------------------------------------------------------------------------------


@dataclass
class Result:
    task: str
    rival: str
    size: str
    aim: float | None
    formulation: str
    rival_seconds: list
    our_seconds: list
    rival_peak: int
    our_peak: int

    def ratios(self) -> list:
        return [rival / ours for rival, ours in zip(self.rival_seconds, self.our_seconds)]


def contests(setting, task: str, rival: str, size: str, aim, wrong: list) -> list:
    """Lets the rival's fastest formulation and us take turns; its plain one too, where a trick beats it.

    "packed" puts day and cents in one integer by hand, which few would write and which holds for small positive
    amounts only: both are told.
    """
    times = measure(setting, task, rival, size, wrong)
    plain = {name: seconds for name, seconds in times.items() if name.startswith("two steps")}
    chosen = [min(times, key=times.get)] + ([min(plain, key=plain.get)] if plain else [])
    return [contest(setting, task, rival, name, size, aim, wrong) for name in dict.fromkeys(chosen)]


def contest(setting, task: str, rival: str, formulation: str, size: str, aim, wrong: list) -> Result:
    pairs = []
    for turn in range(setting.rounds):
        theirs = run_rival(setting, size, task, rival, formulation)
        ours = run_ours(setting, size, task)
        wrong += compare(setting, size, task, rival, formulation)
        pairs.append((theirs, ours))
        say(f"  pair {turn + 1}: {theirs['median']:.4f} s against {ours['median']:.4f} s")
    return Result(
        task,
        rival,
        size,
        aim,
        formulation,
        [theirs["median"] for theirs, _ in pairs],
        [ours["median"] for _, ours in pairs],
        max(theirs["peak_bytes_beyond_input"] for theirs, _ in pairs),
        max(ours["peak_bytes_beyond_input"] for _, ours in pairs),
    )


def measure(setting, task: str, rival: str, size: str, wrong: list) -> dict:
    """Tries every formulation, all of them twice, and says the best run of each.

    The best run and not the median: noise only ever adds time, and must not choose a slow formulation for the
    rival. For the same reason the two tries of one lie apart. All must give our answer.
    """
    say(f"{task}, {rival}, {setting.purchases(size):,} purchases")
    run_ours(setting, size, task)
    times = {}
    for formulation in 2 * rivals.formulations(rival, task):
        try:
            report = run_rival(setting, size, task, rival, formulation)
        except RuntimeError as error:
            say(f"  {formulation}: did not run\n{error}")
            continue
        best = min(report["seconds"])
        times[formulation] = min(best, times.get(formulation, best))
        say(f"  {formulation}: {best:.4f} s")
        wrong += compare(setting, size, task, rival, formulation)
    if not times:
        raise RuntimeError(f"no formulation of {rival} for {task} ran")
    return times


def compare(setting, size: str, task: str, rival: str, formulation: str) -> list:
    """What differs between our answer and the rival's, both just written."""
    folder = setting.folder(size)
    found = columns.differences(task, folder / f"ours-{task}", folder / f"{rival}-{task}")
    lines = [f"{task}, ours against {rival} ({formulation}), {size}: {line}" for line in found]
    for line in lines:
        say("  WRONG " + line)
    return lines


def growth(setting, task: str, memory: dict) -> list:
    """Our time on the large workload over our time on the small one, a value a pair of turns."""
    ratios = []
    for _ in range(setting.rounds):
        small = run_ours(setting, "small", task, memory)["median"]
        ratios.append(run_ours(setting, "large", task, memory)["median"] / small)
    return ratios


# --- what is printed ------------------------------------------------------------------------------------


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def verdict(met: bool) -> str:
    return "met" if met else "missed"


def table(rows: list) -> str:
    """Rows of words in columns, the first row being the heading."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def ratio_rows(setting, results: list) -> list:
    rows = [["task", "rows", "rival", "its formulation", "rival s", "ours s", "ratio", "range", "aim", ""]]
    for result in results:
        ratios = result.ratios()
        middle = statistics.median(ratios)
        rows.append(
            [
                result.task,
                amount(setting, result),
                result.rival,
                result.formulation,
                f"{statistics.median(result.rival_seconds):.4f}",
                f"{statistics.median(result.our_seconds):.4f}",
                f"{middle:.1f}x",
                f"{min(ratios):.1f}-{max(ratios):.1f}",
                f"{result.aim}x" if result.aim else "-",
                verdict(middle >= result.aim) if result.aim else "",
            ]
        )
    return rows


def amount(setting, result) -> str:
    """What a task works through: purchases, or customers where purchases are already counted."""
    purchases, customers = setting.sizes[result.size]
    return f"{customers:,} customers" if result.task == "rfm" else f"{purchases:,} purchases"


def memory_rows(setting, results: list) -> list:
    rows = [["task", "purchases", "peak beyond the input", "bytes a purchase", "aim", ""]]
    ours = {}
    for result in results:
        if result.task != "rfm":
            key = (result.task, result.size)
            ours[key] = max(ours.get(key, 0), result.our_peak)
    for (task, size), peak in ours.items():
        rows.append(memory_row(setting, f"{task}, ours", size, peak, BYTES_AIM))
    for result in results:
        if result.task != "rfm":
            rows.append(memory_row(setting, f"{result.task}, {result.rival}", result.size, result.rival_peak, None))
    return rows


def memory_row(setting, what: str, size: str, peak: int, aim) -> list:
    each = peak / setting.purchases(size)
    judged = [str(aim), verdict(each <= aim)] if aim else ["-", ""]
    return [what, f"{setting.purchases(size):,}", f"{peak / 1e6:.0f} MB", f"{each:.1f}"] + judged


def growth_rows(setting, ratios_of: dict) -> list:
    small, large = setting.purchases("small"), setting.purchases("large")
    aim = large * math.log(large) / (small * math.log(small))
    rows = [["task", "memory", f"time at {large:,} / time at {small:,}", "range", "n log n", ""]]
    for (task, memory), ratios in ratios_of.items():
        middle = statistics.median(ratios)
        span = f"{min(ratios):.1f}-{max(ratios):.1f}"
        rows.append([f"{task}, ours", memory, f"{middle:.1f}", span, f"{aim:.2f}", verdict(middle <= aim)])
    return rows


def machine(threads: int, load: float, packages=("duckdb", "polars", "lifetimes", "pandas", "numpy")) -> str:
    """The machine, how busy it was with other things, and the versions, so that a table can be read elsewhere."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = lines[0].split(":", 1)[1].strip() if lines else model
    rustc = subprocess.run(["rustc", "--version"], cwd=CHECKOUT, capture_output=True, text=True).stdout.strip()
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{model}, {os.cpu_count()} cores, {threads} used; {platform.system()} {platform.release()}; "
        f"load {load:.1f} before the start\n"
        f"{rustc}; Python {platform.python_version()}, {versions}"
    )


def print_report(setting, results: list, ratios_of: dict, heading: str, memory_kept: bool) -> None:
    print(heading + (" Malloc keeps memory." if memory_kept else ""))
    purchases, customers = setting.sizes["large"]
    print(f"{purchases:,} purchases of {customers:,} customers, seed {SEED}")
    print(f"{setting.rounds} pairs of {setting.runs} runs\n")
    print(table(ratio_rows(setting, results)))
    print()
    # What is kept may be there before the clock starts.
    if not memory_kept:
        print(table(memory_rows(setting, results)))
        print()
    print(table(growth_rows(setting, ratios_of)))
    print()


# --- the whole ------------------------------------------------------------------------------------------


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smoke run: 100 thousand purchases; no number counts")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of turns (default 5)")
    parser.add_argument("--runs", type=int, default=3, help="runs in a turn after the warm-up (default 3)")
    parser.add_argument("--threads", type=int, default=2, help="cores and threads for every side (default 2)")
    parser.add_argument(
        "--keep-memory", action="store_true", help="glibc's malloc keeps what is freed, on all sides; no peaks are told"
    )
    parser.add_argument("--bench", type=Path, help="an executable to measure instead of building our own")
    return parser.parse_args()


def contest_arguments(name: str, doc: str, quick: str, tasks=()):
    """What `run NAME` takes; `quick` says what a smoke run is of."""
    parser = argparse.ArgumentParser(
        prog=f"run {name}", description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help=f"a smoke run: {quick}; no number counts")
    parser.add_argument("--rounds", type=int, help="pairs of turns (default 5, of a smoke run 1)")
    parser.add_argument("--runs", type=int, help="runs in a turn (default 3, of a smoke run 1)")
    parser.add_argument("--threads", type=int, default=2, help="cores and threads for every side (default 2)")
    if tasks:
        parser.add_argument("--task", choices=sorted(tasks), help="this task alone")
    parser.add_argument("--bench", type=Path, help="an executable to measure instead of building our own")
    return parser.parse_args()


def last_word(quick: bool, wrong: list, broken: list) -> int:
    """Says what is wrong and what did not run, and returns the status to end with."""
    if quick:
        print("A smoke run: at this size the times say nothing.")
    for heading, lines in (("WRONG ANSWERS:", wrong), ("DID NOT RUN:", broken)):
        if lines:
            print("\n".join([heading] + lines))
    if wrong or broken:
        return 1
    print("All answers agree.")
    return 0


def limit_cores(threads: int) -> int:
    """Holds this process, and so all it starts, to some of the cores it may use."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))[:threads]
        os.sched_setaffinity(0, cores)
        threads = len(cores)
    os.environ["PEERS_THREADS"] = os.environ["RAYON_NUM_THREADS"] = str(threads)
    return threads


def keep_memory() -> None:
    """Lets malloc of glibc keep freed memory for what is allocated next, as the allocators within DuckDB and Polars do."""
    os.environ.update(KEPT)


def measure_all(setting) -> tuple:
    """All contests, our growth, the wrong answers, and what could not be measured at all."""
    for size, (purchases, customers) in setting.sizes.items():
        say(f"making {purchases:,} purchases of {customers:,} customers")
        make_workload(setting.folder(size), purchases, customers)
    results, ratios_of, wrong, broken = [], {}, [], []
    for task, rival, size, aim in CONTESTS:
        try:
            results += contests(setting, task, rival, size, aim, wrong)
        except RuntimeError as error:
            # The other rows are still worth printing.
            broken.append(f"{task}, ours against {rival}: {error}")
            say(f"  DID NOT RUN {broken[-1]}")
    for task in sorted({result.task for result in results} - {"rfm"}):
        say(f"{task}, growth")
        for memory, environment in setting.memory.items():
            ratios_of[task, memory] = growth(setting, task, environment)
    return results, ratios_of, wrong, broken


def main() -> int:
    args = arguments()
    load = os.getloadavg()[0]
    # Built before the cores are limited: a compiler may use them all.
    ours = args.bench.resolve() if args.bench else build_ours()
    threads = limit_cores(args.threads)
    if args.keep_memory:
        keep_memory()
    work = Path(tempfile.mkdtemp(prefix="patronage-peers-"))
    try:
        memory = {"all kept": KEPT} if args.keep_memory else MEMORY
        setting = Setting(work, ours, QUICK if args.quick else FULL, args.rounds, args.runs, memory)
        results, ratios_of, wrong, broken = measure_all(setting)
        print_report(setting, results, ratios_of, machine(threads, load), args.keep_memory)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return last_word(args.quick, wrong, broken)


if __name__ == "__main__":
    sys.exit(main())
