"""Learns Cox models and Kaplan-Meier curves beside lifelines, and checks that both agree.

Every measurement is a process of its own; rival and patronage take turns, and the ratio of a row is the median over
these pairs. Ends with 1 when the two disagree, or a contest could not run. A missed aim is printed, but is no failure.
"""

import os
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import columns
import survival_rivals
from peers import HERE, build_ours, contest_arguments, last_json, last_word, limit_cores, machine, say, table, verdict

SEED = 20240229


@dataclass(frozen=True)
class Contest:
    task: str
    rows: int
    width: int
    # Whole days have ties, the others have none.
    whole: bool
    # How many times faster we aim to be than the rival's fastest formulation.
    aim: float

    def name(self) -> str:
        return f"{self.task}-{self.rows}-{self.width}-{'days' if self.whole else 'instants'}"

    def make(self, folder: Path) -> None:
        """Exponential lifetimes whose hazards follow the covariates, censored at an even chance."""
        rng = np.random.default_rng(SEED)
        x = rng.normal(size=(self.rows, self.width))
        leaves = rng.exponential(300 * np.exp(-x @ np.linspace(-0.4, 0.4, self.width)))
        ends = rng.uniform(0, 900, self.rows)
        seen = np.minimum(leaves, ends)
        columns.write(folder, "durations.f64", np.ceil(seen) if self.whole else seen)
        columns.write(folder, "events.u8", leaves <= ends)
        columns.write(folder, "covariates.f64", x.T.ravel())


def contests(quick: bool) -> list:
    rows = {"cox": 2_000, "kaplan_meier": 10_000} if quick else {"cox": 100_000, "kaplan_meier": 1_000_000}
    return [
        Contest("cox", rows["cox"], 10, False, 10),
        Contest("cox", rows["cox"], 10, True, 10),
        Contest("kaplan_meier", rows["kaplan_meier"], 0, False, 5),
        Contest("kaplan_meier", rows["kaplan_meier"], 0, True, 5),
    ]


@dataclass
class Setting:
    work: Path
    ours: Path
    rounds: int
    runs: int

    def folder(self, contest: Contest) -> Path:
        folder = self.work / contest.name()
        if not folder.exists():
            say(f"making {contest.name()}")
            contest.make(folder)
        return folder


@dataclass
class Result:
    contest: Contest
    formulation: str
    found: str = ""
    wrong: list = field(default_factory=list)
    rival_seconds: list = field(default_factory=list)
    our_seconds: list = field(default_factory=list)

    def ratios(self) -> list:
        return [rival / ours for rival, ours in zip(self.rival_seconds, self.our_seconds)]


def run_ours(setting, contest: Contest) -> float:
    """It counts its warm-up as a run, so one more is asked for and the first is left out."""
    report = last_json([str(setting.ours), str(setting.folder(contest)), contest.task, str(setting.runs + 1)])
    return statistics.median(report["seconds"][1:])


def run_rival(setting, contest: Contest, formulation: str, runs: int) -> float:
    script = str(HERE / "survival_rivals.py")
    folder = str(setting.folder(contest))
    return last_json([sys.executable, script, folder, contest.task, formulation, str(runs)])["median"]


def compete(setting, contest: Contest) -> Result:
    """Tries every formulation of the rival once, and lets its fastest take the turns."""
    say(contest.name())
    run_ours(setting, contest)
    times = {}
    for formulation in survival_rivals.FORMULATIONS[contest.task]:
        times[formulation] = run_rival(setting, contest, formulation, 1)
        say(f"  {formulation}: {times[formulation]:.4f} s")
    fastest = min(times, key=times.get)
    result = Result(contest, fastest)
    for turn in range(setting.rounds):
        theirs = run_rival(setting, contest, fastest, 1 if times[fastest] > 2 else setting.runs)
        ours = run_ours(setting, contest)
        result.found, wrong = AGREE[contest.task](setting.folder(contest))
        result.wrong += wrong
        result.rival_seconds.append(theirs)
        result.our_seconds.append(ours)
        say(f"  pair {turn + 1}: {theirs:.4f} s against {ours:.4f} s; {result.found}")
    return result


# --- agreement: what was found, and what is wrong ---------------------------------------------------------


def both(folder: Path, task: str, name: str) -> tuple:
    return columns.read(folder / f"ours-{task}", name), columns.read(folder / f"rival-{task}", name)


def agree_cox(folder: Path) -> tuple:
    """lifelines stops where a step promises less than 1e-7: its coefficients are within 1e-3 standard errors."""
    ours, theirs = both(folder, "cox", "coefficients.f64")
    own_errors, their_errors = both(folder, "cox", "std_errors.f64")
    (own_log,), (their_log,) = both(folder, "cox", "log_likelihood.f64")
    (own_order,), (their_order,) = both(folder, "cox", "concordance.f64")
    away = float(np.max(np.abs(ours - theirs) / their_errors))
    checks = [
        (away <= 1e-3, f"coefficients {away:.1e} standard errors apart"),
        (np.allclose(own_errors, their_errors, rtol=1e-4, atol=0), "standard errors differ"),
        (abs(own_log - their_log) <= 1e-9 * abs(their_log), f"log-likelihood {own_log} against {their_log}"),
        (abs(own_order - their_order) <= 1e-6, f"concordance {own_order} against {their_order}"),
    ]
    return f"coefficients within {away:.0e} standard errors", [line for right, line in checks if not right]


def agree_kaplan_meier(folder: Path) -> tuple:
    wrong, most = [], 0.0
    for name in ("times.f64", "survival.f64", "lower.f64"):
        ours, theirs = both(folder, "kaplan_meier", name)
        if ours.shape != theirs.shape:
            wrong.append(f"{name}: {len(ours)} rows against {len(theirs)}")
            continue
        apart = float(np.max(np.abs(ours - theirs)))
        most = max(most, apart)
        # Written so that a NaN on either side counts as wrong.
        if not apart <= 1e-9:
            wrong.append(f"{name}: {apart:.1e} apart")
    return f"within {most:.0e}", wrong


AGREE = {"cox": agree_cox, "kaplan_meier": agree_kaplan_meier}


# --- what is printed ------------------------------------------------------------------------------------


def ratio_rows(results: list) -> list:
    rows = [["task", "rows", "its formulation", "its s", "ours s", "ratio", "range", "aim", "", "agreement"]]
    for result in results:
        ratios, contest = result.ratios(), result.contest
        middle = statistics.median(ratios)
        rows.append(
            [
                contest.task,
                f"{contest.rows:,} x {contest.width}, {'days' if contest.whole else 'instants'}",
                result.formulation,
                f"{statistics.median(result.rival_seconds):.4f}",
                f"{statistics.median(result.our_seconds):.4f}",
                f"{middle:.1f}x",
                f"{min(ratios):.1f}-{max(ratios):.1f}",
                f"{contest.aim}x",
                verdict(middle >= contest.aim),
                result.found,
            ]
        )
    return rows


# --- the whole ------------------------------------------------------------------------------------------


def main() -> int:
    args = contest_arguments("survival", __doc__, "some thousand rows", AGREE)
    load = os.getloadavg()[0]
    ours = args.bench.resolve() if args.bench else build_ours()
    threads = limit_cores(args.threads)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    work = Path(tempfile.mkdtemp(prefix="patronage-survival-"))
    results, broken = [], []
    try:
        rounds, runs = (1, 1) if args.quick else (5, 3)
        setting = Setting(work, ours, args.rounds or rounds, args.runs or runs)
        for contest in contests(args.quick):
            if args.task in (None, contest.task):
                try:
                    results.append(compete(setting, contest))
                except RuntimeError as error:
                    # The other rows are still worth printing.
                    broken.append(f"{contest.name()}: {error}")
                    say(f"  DID NOT RUN {broken[-1]}")
        print(machine(threads, load, ("lifelines", "pandas", "numpy")))
        print(f"seed {SEED}; {setting.rounds} pairs of {setting.runs} runs\n")
        print(table(ratio_rows(results)) + "\n")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    wrong = [f"{result.contest.name()}: {line}" for result in results for line in result.wrong]
    return last_word(args.quick, wrong, broken)


if __name__ == "__main__":
    sys.exit(main())
