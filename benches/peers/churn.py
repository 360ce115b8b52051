"""Churn beside scikit-learn: times both sides, and checks that they agree.

A contest is a line of `CONTESTS`: how its columns are made, how answers are compared, and the aim. Every measurement
is a process of its own; rival and patronage take turns, and the ratio of a row is the median over these pairs. Ends
with 1 when two sides disagree, or a contest could not run. A missed aim is printed, but is no failure.
"""

import os
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np

import churn_rivals
import columns
from peers import HERE, build_ours, contest_arguments, last_json, last_word, limit_cores, machine, say, table, verdict

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


def make_forest(folder: Path, rng, rows: int) -> None:
    """Twenty columns of normal numbers, of which five matter, two of them by their product alone; and later rows."""
    for name, count in (("", rows), ("later_", rows // 5)):
        x = rng.normal(size=(count, 20))
        score = x[:, 0] - 0.7 * x[:, 1] + x[:, 2] * x[:, 3] + 0.5 * np.abs(x[:, 4]) - 1.5
        columns.write(folder, f"{name}x.f64", x.T.ravel())
        columns.write(folder, f"{name}churned.u8", rng.uniform(size=count) < 1 / (1 + np.exp(-score)))


def same_losses(ours: Path, theirs: Path) -> tuple:
    """Brier score and log loss of later rows, and whether both sides have them to 1 %."""
    pairs = list(zip(columns.read(ours, "value.f64"), columns.read(theirs, "value.f64")))
    found = "; ".join(f"{one:.5f} against {other:.5f}" for one, other in pairs)
    return found, all(abs(one / other - 1) <= 0.01 for one, other in pairs)


def same_probabilities(ours: Path, theirs: Path) -> tuple:
    """How long scoring takes beside a plain sum of the same numbers, and whether probabilities agree to 1e-6."""
    one, other = columns.read(ours, "value.f64"), columns.read(theirs, "value.f64")
    (beside,) = columns.read(ours, "beside.f64")
    apart = np.abs(one - other).max()
    return f"{apart:.0e} apart; {beside:.2f} times a plain sum of the columns", apart <= 1e-6


@dataclass(frozen=True)
class Contest:
    task: str
    rows: int
    quick_rows: int
    make: Callable
    agree: Callable
    aim: float | None
    # A run takes so long that it is not repeated within a turn, of which there are two.
    long: bool = False


CONTESTS = [
    Contest("auc", 10_000_000, 100_000, make_scores, same_value, 5),
    Contest("forest", 100_000, 2_000, make_forest, same_losses, 3, long=True),
    Contest("boosting", 100_000, 5_000, make_forest, same_losses, None),
    Contest("logistic", 1_000_000, 20_000, make_customers, no_greater, 1.5),
    Contest("scoring", 1_000_000, 20_000, make_customers, same_probabilities, 1.5),
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
    """The first run warms up, but a long one."""
    warm_ups, runs = (0, 1) if contest.long else (1, setting.runs)
    report = last_json([str(setting.ours), str(folder), contest.task, str(warm_ups + runs)])
    return statistics.median(report["seconds"][warm_ups:])


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
    rounds, runs = (min(2, setting.rounds), 1) if contest.long else (setting.rounds, setting.runs)
    for turn in range(rounds):
        theirs = run_rival(contest, folder, fastest, runs)
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
        f"{contest.aim}x" if contest.aim else "-",
        verdict(ratio >= contest.aim) if contest.aim else "",
        found,
    ]
    return row, same


# --- the whole ------------------------------------------------------------------------------------------


def main() -> int:
    args = contest_arguments("churn", __doc__, "few rows", [contest.task for contest in CONTESTS])
    load = os.getloadavg()[0]
    ours = args.bench.resolve() if args.bench else build_ours()
    threads = limit_cores(args.threads)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    work = Path(tempfile.mkdtemp(prefix="patronage-churn-"))
    rounds, runs = (1, 1) if args.quick else (5, 3)
    setting = Setting(work, ours, args.quick, args.rounds or rounds, args.runs or runs)
    rows = [["task", "rows", "rival", "its s", "ours s", "ratio", "range", "aim", "", "agreement"]]
    wrong, broken = [], []
    try:
        for contest in CONTESTS:
            if args.task not in (None, contest.task):
                continue
            try:
                row, same = compete(setting, contest)
                rows.append(row)
                if not same:
                    wrong.append(f"{contest.task}: the answers differ")
            except RuntimeError as error:
                # The other rows are still worth printing.
                broken.append(f"{contest.task}: {error}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(machine(threads, load, ("scikit-learn", "numpy")))
    print(f"seed {SEED}; {setting.rounds} pairs of {setting.runs} runs\n")
    print(table(rows) + "\n")
    return last_word(args.quick, wrong, broken)


if __name__ == "__main__":
    sys.exit(main())
