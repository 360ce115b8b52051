"""Churn beside scikit-learn: times both sides, and checks that they agree.

A contest is a line of `CONTESTS`: how its columns are made, how answers are compared, and the aim. Every measurement
is a process of its own; rival and patronage take turns, and the ratio of a row is the median over these pairs. Ends
with 1 when two sides disagree, or a contest could not run. A missed aim is printed, but is no failure.
"""

import argparse
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
from typing import Callable

import numpy as np

import churn_rivals
import columns
from peers import CHECKOUT, HERE, build_ours, last_json, limit_cores, say, table, verdict

SEED = 20240229


# --- what is made, and how answers are compared ------------------------------------------------------------


def make_scores(folder: Path, rng, rows: int) -> None:
    """Probabilities that mean what they say: about a quarter churn."""
    scores = 1 / (1 + np.exp(1.5 - rng.normal(size=rows)))
    columns.write(folder, "scores.f64", scores)
    columns.write(folder, "churned.u8", rng.uniform(size=rows) < scores)


def make_customers(folder: Path, rng, rows: int) -> None:
    """Twenty columns of mean 0 and variance 1, that have something in common; about a quarter churn."""
    x = rng.normal(size=(20, rows)) + 0.3 * rng.normal(size=rows)
    x = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    score = 0.4 * rng.normal(size=20) @ x - 1.2
    columns.write(folder, "x.f64", x.ravel())
    columns.write(folder, "churned.u8", rng.uniform(size=rows) < 1 / (1 + np.exp(-score)))


def no_greater(ours: Path, theirs: Path) -> tuple:
    """What was lost, and whether ours is as theirs, which stops somewhat short of the least, or less."""
    (one,), (other,) = columns.read(ours, "value.f64"), columns.read(theirs, "value.f64")
    return f"loss {one:.6f}, theirs {other / one - 1:+.0e}", -1e-12 <= other / one - 1 <= 1e-5


def same_value(ours: Path, theirs: Path) -> tuple:
    """What was found, and whether both sides have it to 1e-9."""
    (one,), (other,) = columns.read(ours, "value.f64"), columns.read(theirs, "value.f64")
    return f"{one:.10f}, {other / one - 1:+.0e}", abs(other / one - 1) <= 1e-9


@dataclass(frozen=True)
class Contest:
    task: str
    rows: int
    quick_rows: int
    make: Callable
    agree: Callable
    aim: float


CONTESTS = [
    Contest("auc", 10_000_000, 100_000, make_scores, same_value, 5),
    Contest("logistic", 1_000_000, 20_000, make_customers, no_greater, 1.5),
]


# --- one contest ----------------------------------------------------------------------------------------


@dataclass
class Setting:
    work: Path
    ours: Path
    quick: bool
    rounds: int
    runs: int


def run_ours(setting, contest: Contest, folder: Path) -> float:
    """The first run warms up."""
    report = last_json([str(setting.ours), str(folder), contest.task, str(setting.runs + 1)])
    return statistics.median(report["seconds"][1:])


def run_rival(contest: Contest, folder: Path, formulation: str, runs: int) -> float:
    script = str(HERE / "churn_rivals.py")
    return last_json([sys.executable, script, str(folder), contest.task, formulation, str(runs)])["median"]


def compete(setting, contest: Contest) -> tuple:
    """A row of the table, and whether both sides agreed. The rival's fastest formulation takes the turns."""
    rows = contest.quick_rows if setting.quick else contest.rows
    folder = setting.work / contest.task
    say(f"{contest.task}, {rows:,} rows")
    contest.make(folder, np.random.default_rng(SEED), rows)
    times = {}
    for formulation in churn_rivals.FORMULATIONS[contest.task]:
        times[formulation] = run_rival(contest, folder, formulation, 1)
        say(f"  {formulation}: {times[formulation]:.4f} s")
    fastest = min(times, key=times.get)
    pairs = []
    for turn in range(setting.rounds):
        theirs = run_rival(contest, folder, fastest, setting.runs)
        pairs.append((theirs, run_ours(setting, contest, folder)))
        say(f"  pair {turn + 1}: {theirs:.4f} s against {pairs[-1][1]:.4f} s")
    found, same = contest.agree(folder / f"ours-{contest.task}", folder / f"rival-{contest.task}")
    shutil.rmtree(folder)
    ratios = [theirs / ours for theirs, ours in pairs]
    ratio = statistics.median(ratios)
    row = [
        contest.task,
        f"{rows:,}",
        fastest,
        *(f"{statistics.median(side):.4f}" for side in zip(*pairs)),
        f"{ratio:.1f}x",
        f"{min(ratios):.1f}-{max(ratios):.1f}",
        f"{contest.aim}x",
        verdict(ratio >= contest.aim),
        found,
    ]
    return row, same


# --- the whole ------------------------------------------------------------------------------------------


def machine(threads: int, load: float) -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    rustc = subprocess.run(["rustc", "--version"], cwd=CHECKOUT, capture_output=True, text=True).stdout.strip()
    packages = ", ".join(f"{name} {version(name)}" for name in ("scikit-learn", "numpy"))
    return (
        f"{model}, {os.cpu_count()} cores, {threads} used; load {load:.1f} before the start\n"
        f"{rustc}; Python {platform.python_version()}, {packages}"
    )


def arguments():
    parser = argparse.ArgumentParser(
        prog="run churn", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a smoke run on few rows; no number counts")
    parser.add_argument("--rounds", type=int, help="pairs of turns (default 5, of a smoke run 1)")
    parser.add_argument("--runs", type=int, help="runs in a turn (default 3, of a smoke run 1)")
    parser.add_argument("--threads", type=int, default=2, help="cores and threads for every side (default 2)")
    parser.add_argument("--task", choices=[contest.task for contest in CONTESTS], help="this task alone")
    parser.add_argument("--bench", type=Path, help="an executable to measure instead of building our own")
    return parser.parse_args()


def main() -> int:
    args = arguments()
    load = os.getloadavg()[0]
    ours = args.bench.resolve() if args.bench else build_ours()
    threads = limit_cores(args.threads)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    work = Path(tempfile.mkdtemp(prefix="patronage-churn-"))
    rounds, runs = (1, 1) if args.quick else (5, 3)
    setting = Setting(work, ours, args.quick, args.rounds or rounds, args.runs or runs)
    rows = [["task", "rows", "rival", "its s", "ours s", "ratio", "range", "aim", "", "agreement"]]
    broken = []
    try:
        for contest in CONTESTS:
            if args.task not in (None, contest.task):
                continue
            try:
                row, same = compete(setting, contest)
                rows.append(row)
                if not same:
                    broken.append(f"{contest.task}: the answers differ")
            except RuntimeError as error:
                # The other rows are still worth printing.
                broken.append(f"{contest.task} did not run: {error}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(machine(threads, load))
    print(f"seed {SEED}; {setting.rounds} pairs of {setting.runs} runs\n")
    print(table(rows) + "\n")
    if args.quick:
        print("A smoke run: at this size the times say nothing.")
    print("\n".join(broken) if broken else "All answers agree.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
