"""Fits BG/NBD and Pareto/NBD and scores customers by them, beside lifetimes, and checks that both agree.

Every measurement is a process of its own; rival and patronage take turns, and the ratio of a row is the median
over these pairs. Ends with 1 when the two disagree, or a contest could not run. A missed aim is printed, but is
no failure.
"""

import os
import shutil
import statistics
import sys
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import columns
import model_rivals
from model_rivals import FITTERS
from peers import (
    HERE,
    build_ours,
    contest_arguments,
    last_json,
    last_word,
    limit_cores,
    machine,
    run_ours,
    say,
    table,
    verdict,
)

SEED = 20240229
NAMES = {"bg_nbd": "BG/NBD", "pareto_nbd": "Pareto/NBD"}
# What the customers are simulated from, times in weeks: close to what Fader, Hardie & Lee (2005) found on CDNOW.
TRUTH = {"bg_nbd": [0.243, 4.414, 0.793, 2.426], "pareto_nbd": [0.553, 10.578, 0.606, 11.669]}
# Weeks to which expected purchases are reckoned.
AHEAD = 39
CDNOW_CUSTOMERS = 2_357
# The end of the observation of CDNOW, by which Fader and Hardie split the sample.
CDNOW_UNTIL = "1997-09-30"

# Customers: fitted at once, tried to find lifetimes' fastest fit, scored at once, and of how many our growth is told.
FULL = {"fit": 200_000, "trial": 10_000, "score": 1_000_000, "growth": [100_000, 200_000, 500_000, 1_000_000]}
QUICK = {"fit": 3_000, "score": 10_000, "growth": [2_000, 10_000]}
# What a row of the table compares: task, workload, and how many times faster we aim to be.
CONTESTS = [
    ("bg_nbd_fit", "fit", 30),
    ("pareto_nbd_fit", "fit", 50),
    ("bg_nbd_fit", "cdnow", 50),
    ("pareto_nbd_fit", "cdnow", 50),
    ("bg_nbd_score", "score", 10),
    ("pareto_nbd_score", "score", 2),
]
# Our time a customer may grow by so much over the sizes of a growth.
GROWTH_AIM = 1.2
# Memory of scoring beyond input and answer that may come and go with the number of customers: the pages of
# Linux are counted in batches.
MEMORY_AIM = 1_000_000

# A search that ends further than this below the highest log-likelihood found did not find the maximum.
NEAR = 0.01
# By so much may ours be below theirs.
BELOW = 1e-3
# How far parameters may lie apart where both found the maximum, in standard errors. At a log-likelihood lower
# by d they are within sqrt(2 d) of it.
APART = 0.15
# Relative, for what customers are scored.
SAME = 1e-6


# --- the workloads --------------------------------------------------------------------------------------


def simulate(law: str, rng, ages: np.ndarray) -> tuple:
    """x and t_x of customers of these ages, drawn from the model."""
    r, alpha, *leaving = TRUTH[law]
    rate = rng.gamma(r, 1 / alpha, len(ages))
    if law == "bg_nbd":
        # Of the purchases of who never leaves, spread evenly over the age, those up to the last one count.
        drawn = np.maximum(rng.beta(*leaving, len(ages)), 1e-12)
        seen = rng.poisson(rate * ages)
        x = np.minimum(seen, rng.geometric(drawn))
        return x, ages * place(rng, x, seen)
    s, beta = leaving
    life = rng.exponential(size=len(ages)) / np.maximum(rng.gamma(s, 1 / beta, len(ages)), 1e-300)
    life = np.minimum(life, ages)
    x = rng.poisson(rate * life)
    return x, life * place(rng, x, x)


def place(rng, at: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Where among `of` purchases, spread evenly over a time of 1, the `at`-th lies; 0 without any."""
    return np.where(at > 0, rng.beta(np.maximum(at, 1), of - at + 1), 0.0)


def make_workload(folder: Path, law: str, customers: int) -> None:
    """Customers seen for 27 to 39 weeks, to the instant: no two have the same history."""
    rng = np.random.default_rng(SEED)
    ages = rng.uniform(27, 39, customers)
    assert len(np.unique(ages)) == customers
    write(folder, law, *simulate(law, rng, ages), ages)


def make_cdnow(folder: Path, law: str) -> None:
    """The CDNOW sample if it is at hand, else as many customers, in whole days as there."""
    if "PATRONAGE_DATA" in os.environ:
        x, t_x, ages = read_cdnow(Path(os.environ["PATRONAGE_DATA"]) / "cdnow_sample.txt")
    else:
        rng = np.random.default_rng(SEED)
        ages = rng.integers(27 * 7, 39 * 7, CDNOW_CUSTOMERS) / 7
        x, t_x = simulate(law, rng, ages)
        t_x = np.ceil(7 * t_x) / 7
    write(folder, law, x, t_x, ages)


def read_cdnow(path: Path) -> tuple:
    """Distinct days of purchase until the end of the observation, as x, t_x and T in weeks."""
    rows = [line.split() for line in path.read_text().splitlines()]
    dates = [f"{row[2][:4]}-{row[2][4:6]}-{row[2][6:]}" for row in rows]
    days = np.array(dates, dtype="datetime64[D]").astype(int)
    until = int(np.datetime64(CDNOW_UNTIL).astype(int))
    bought = {}
    for row, day in zip(rows, days):
        if day <= until:
            bought.setdefault(row[1], set()).add(day)
    each = [(len(days) - 1, max(days) - min(days), until - min(days)) for days in bought.values()]
    x, t_x, ages = np.array(each).T
    return x, t_x / 7, ages / 7


def write(folder: Path, law: str, x, t_x, ages) -> None:
    columns.write(folder, "x.u32", x)
    columns.write(folder, "t_x.f64", np.minimum(t_x, ages))
    columns.write(folder, "age.f64", ages)
    columns.write(folder, "parameters.f64", TRUTH[law])
    columns.write(folder, "ahead.u32", [AHEAD])


@dataclass
class Setting:
    work: Path
    ours: Path
    sizes: dict
    rounds: int
    runs: int
    # Whether every formulation of lifetimes is tried, or the plain one taken.
    tries: bool

    def folder(self, size: str) -> Path:
        """Where the workload of `LAW-SIZE` lies; it is made when it is first asked for."""
        folder = self.work / size
        if not folder.exists():
            law, kind = size.split("-")
            if kind == "cdnow":
                make_cdnow(folder, law)
            else:
                make_workload(folder, law, self.sizes[kind] if kind in self.sizes else int(kind))
        return folder


# --- one contest ----------------------------------------------------------------------------------------


@dataclass
class Result:
    task: str
    size: str
    customers: int
    formulation: str
    aim: float
    rival_seconds: list
    our_seconds: list
    rival_peak: int
    our_peak: int

    def ratios(self) -> list:
        return [rival / ours for rival, ours in zip(self.rival_seconds, self.our_seconds)]


@dataclass
class Agreement:
    """What was found when two answers were laid side by side; `wrong` where they disagree."""

    task: str
    size: str
    formulation: str
    found: str
    wrong: list
    stopped_early: bool = False


def run_lifetimes(setting, size: str, task: str, formulation: str, runs: int) -> dict:
    script = str(HERE / "model_rivals.py")
    return last_json([sys.executable, script, str(setting.folder(size)), task, formulation, str(runs)])


def contests(setting, task: str, kind: str, aim, agreements: dict) -> list:
    """Lets us take turns with lifetimes' fastest formulation, and with the one that needs no work by hand."""
    law, what = task.rsplit("_", 1)
    # A fit of many rows takes lifetimes long, of Pareto/NBD minutes: then it is tried on fewer, and run once.
    is_long = what == "fit" and kind == "fit"
    is_longest = is_long and law == "pareto_nbd"
    runs, rounds = 1 if is_long else setting.runs, 1 if is_longest else setting.rounds
    chosen = model_rivals.formulations(task)[:1]
    if setting.tries:
        times = trials(setting, task, f"{law}-trial" if is_longest else f"{law}-{kind}", runs, agreements)
        chosen = list(dict.fromkeys([min(times, key=times.get)] + chosen))
    return [contest(setting, task, f"{law}-{kind}", name, aim, rounds, runs, agreements) for name in chosen]


def trials(setting, task: str, size: str, runs: int, agreements: dict) -> dict:
    """The best run of each formulation. A fit that stops short of the maximum does not take part."""
    say(f"{task}, {size}")
    run_ours(setting, size, task)
    times = {}
    for formulation in model_rivals.formulations(task):
        if formulation.startswith(model_rivals.COLLAPSED) and not size.endswith("cdnow"):
            continue  # No two rows are equal there.
        try:
            report = run_lifetimes(setting, size, task, formulation, runs)
        except RuntimeError as error:
            say(f"  {formulation}: did not run\n{error}")
            continue
        say(f"  {formulation}: {min(report['seconds']):.4f} s")
        if not agree(setting, task, size, formulation, agreements).stopped_early:
            times[formulation] = min(report["seconds"])
    if not times:
        raise RuntimeError(f"no formulation of {task} ran to its end")
    return times


def contest(setting, task: str, size: str, formulation: str, aim, rounds: int, runs: int, agreements: dict) -> Result:
    pairs = []
    for turn in range(rounds):
        theirs = run_lifetimes(setting, size, task, formulation, runs)
        ours = run_ours(setting, size, task)
        pairs.append((theirs, ours))
        say(f"  {size}, {formulation}, pair {turn + 1}: {theirs['median']:.4f} s against {ours['median']:.4f} s")
        agree(setting, task, size, formulation, agreements)
    return Result(
        task,
        size,
        pairs[0][1]["rows"],
        formulation,
        aim,
        [theirs["median"] for theirs, _ in pairs],
        [ours["median"] for _, ours in pairs],
        max(theirs["peak_bytes_beyond_input"] for theirs, _ in pairs),
        max(ours["peak_bytes_beyond_input"] for _, ours in pairs),
    )


# --- agreement ------------------------------------------------------------------------------------------


def agree(setting, task: str, size: str, formulation: str, agreements: dict) -> Agreement:
    """Lays the answers just written side by side, and keeps what was found: the worst of a formulation counts."""
    law, what = task.rsplit("_", 1)
    folder = setting.folder(size)
    found = (agree_fit if what == "fit" else agree_score)(law, folder, task, size, formulation)
    for line in found.wrong:
        say(f"  WRONG {line}")
    key = (task, size, formulation)
    if key not in agreements or not agreements[key].wrong:
        agreements[key] = found
    return found


def log_likelihood(law: str, parameters, given: dict) -> float:
    """Of all customers, as lifetimes reckons it: the rival is the judge."""
    columns_of = [given["x"], given["t_x"], given["age"]]
    if law == "pareto_nbd":
        return float(np.sum(FITTERS[law]._conditional_log_likelihood(parameters, *columns_of)))
    # Of this model lifetimes has the mean only.
    rows = len(given["x"])
    return -rows * float(FITTERS[law]._negative_log_likelihood(np.log(parameters), *columns_of, np.ones(rows), 0.0))


def agree_fit(law: str, folder: Path, task: str, size: str, formulation: str) -> Agreement:
    given = model_rivals.histories(folder)
    ours = {name: columns.read(folder / f"ours-{task}", name) for name in OUR_FIT}
    theirs = columns.read(folder / f"lifetimes-{task}", "estimates.f64")
    sums = [log_likelihood(law, parameters, given) for parameters in (ours["estimates.f64"], theirs)]
    gap = sums[0] - sums[1]
    apart = np.abs(ours["estimates.f64"] - theirs) / ours["std_errors.f64"]
    told = float(ours["log_likelihood.f64"][0])
    wrong = []
    if not ours["converged.u8"][0]:
        wrong.append("our search did not converge")
    if not gap >= -BELOW:
        wrong.append(f"our log-likelihood {sums[0]:.4f} is below theirs {sums[1]:.4f}")
    if not abs(told - sums[0]) <= 1e-9 * abs(sums[0]):
        wrong.append(f"we say log-likelihood {told:.6f}, of our parameters it is {sums[0]:.6f}")
    if gap < NEAR and not apart.max() <= APART:
        wrong.append(f"parameters {ours['estimates.f64']} against {theirs}")
    found = f"log-likelihood {sums[0]:.4f}, theirs {-gap:+.1e}; parameters within {apart.max():.1e} standard errors"
    found += "; theirs STOPPED EARLY" if gap >= NEAR else ""
    return Agreement(task, size, formulation, found, wrong, gap >= NEAR)


OUR_FIT = ["estimates.f64", "std_errors.f64", "log_likelihood.f64", "converged.u8"]


def agree_score(law: str, folder: Path, task: str, size: str, formulation: str) -> Agreement:
    found, wrong = [], []
    for name, bound in (("p_alive.f64", 1.0), ("expected.f64", np.inf)):
        ours, theirs = columns.read(folder / f"ours-{task}", name), columns.read(folder / f"lifetimes-{task}", name)
        finite = np.isfinite(theirs)
        if not ((ours >= 0) & (ours <= bound) & np.isfinite(ours)).all():
            wrong.append(f"{name}: not all of ours are finite and in their range")
        away = np.abs(ours - theirs)[finite] / np.maximum(np.abs(ours[finite]), np.finfo(float).tiny)
        worst = float(away.max()) if finite.any() else np.inf
        if not worst <= SAME:
            row = int(np.flatnonzero(finite)[np.argmax(away)])
            wrong.append(f"{name}: {(away > SAME).sum()} rows differ, most row {row}: {ours[row]} against {theirs[row]}")
        found.append(f"{name[:-4]} within {worst:.1e}" + not_finite((~finite).sum()))
    return Agreement(task, size, formulation, "; ".join(found), wrong)


def not_finite(count) -> str:
    return f", theirs NaN or infinite for {count:,}" if count else ""


# --- what is printed ------------------------------------------------------------------------------------


def label(task: str) -> str:
    law, what = task.rsplit("_", 1)
    return f"{what} {NAMES[law]}"


def ratio_rows(results: list) -> list:
    rows = [["task", "customers", "formulation of lifetimes", "its s", "ours s", "ratio", "range", "aim", ""]]
    for result in results:
        ratios = result.ratios()
        middle = statistics.median(ratios)
        rows.append(
            [
                label(result.task),
                f"{result.customers:,}",
                result.formulation,
                f"{statistics.median(result.rival_seconds):.4f}",
                f"{statistics.median(result.our_seconds):.4f}",
                f"{middle:.1f}x",
                f"{min(ratios):.1f}-{max(ratios):.1f}",
                f"{result.aim}x",
                verdict(middle >= result.aim),
            ]
        )
    return rows


def agreement_rows(agreements: dict) -> list:
    rows = [["task", "workload", "formulation of lifetimes", "found"]]
    for one in agreements.values():
        rows.append([label(one.task), one.size.split("-")[1], one.formulation, one.found])
    return rows


def growth_rows(setting) -> list:
    """Our time for each size, and how much more a customer costs at the largest than at the smallest."""
    sizes = setting.sizes["growth"]
    rows = [["ours, nanoseconds a customer", *(f"{size:,}" for size in sizes), "last / first", "aim", ""]]
    for law in NAMES:
        for task in (f"{law}_fit", f"{law}_score"):
            turns = [[run_ours(setting, f"{law}-{size}", task)["median"] for size in sizes] for _ in range(setting.rounds)]
            each = [1e9 * statistics.median(column) / size for column, size in zip(zip(*turns), sizes)]
            grown = each[-1] / each[0]
            cells = [f"{nanoseconds:.0f}" for nanoseconds in each]
            rows.append([label(task), *cells, f"{grown:.2f}", str(GROWTH_AIM), verdict(grown <= GROWTH_AIM)])
    return rows


def memory_rows(setting, results: list) -> list:
    """The peak of scoring beyond input and answer: two floats a customer are the answer."""
    sizes = [setting.sizes["growth"][0], setting.sizes["growth"][-1]]
    rows = [["memory beyond input and answer", *(f"{size:,}" for size in sizes), "grows by", "aim", ""]]
    for law in NAMES:
        task = f"{law}_score"
        peaks = [run_ours(setting, f"{law}-{size}", task)["peak_bytes_beyond_input"] - 16 * size for size in sizes]
        grown = peaks[1] - peaks[0]
        cells = [f"{peak / 1e6:.2f} MB" for peak in peaks]
        aim = f"{MEMORY_AIM / 1e6:.0f} MB"
        rows.append([f"{label(task)}, ours", *cells, f"{grown / 1e6:.2f} MB", aim, verdict(grown <= MEMORY_AIM)])
    for result in results:
        if result.task.endswith("_score"):
            beyond = f"{(result.rival_peak - 16 * result.customers) / 1e6:.0f} MB"
            rows.append([f"{label(result.task)}, lifetimes, {result.formulation}", "", beyond, "", "", ""])
    return rows


# --- the whole ------------------------------------------------------------------------------------------


def measure_all(setting) -> tuple:
    """All contests, what was found when comparing answers, and what could not be measured at all."""
    results, agreements, broken = [], {}, []
    for task, kind, aim in CONTESTS:
        try:
            results += contests(setting, task, kind, aim, agreements)
        except RuntimeError as error:
            # The other rows are still worth printing.
            broken.append(f"{label(task)}, {kind}: {error}")
            say(f"  DID NOT RUN {broken[-1]}")
    return results, agreements, broken


def main() -> int:
    args = contest_arguments("models", __doc__, "some thousand customers")
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    load = os.getloadavg()[0]
    # Built before the cores are limited: a compiler may use them all.
    ours = args.bench.resolve() if args.bench else build_ours()
    threads = limit_cores(args.threads)
    work = Path(tempfile.mkdtemp(prefix="patronage-models-"))
    sizes, rounds, runs = (QUICK, 1, 1) if args.quick else (FULL, 5, 3)
    try:
        setting = Setting(work, ours, sizes, args.rounds or rounds, args.runs or runs, tries=not args.quick)
        results, agreements, broken = measure_all(setting)
        say("growth and memory")
        parts = [ratio_rows(results), agreement_rows(agreements), growth_rows(setting), memory_rows(setting, results)]
        print(machine(threads, load))
        cdnow = "the CDNOW sample" if "PATRONAGE_DATA" in os.environ else "simulated, as many as in the CDNOW sample"
        print(f"{CDNOW_CUSTOMERS:,} customers: {cdnow}; all others simulated, seed {SEED}")
        print(f"up to {setting.rounds} pairs of {setting.runs} runs\n")
        print("\n\n".join(table(rows) for rows in parts) + "\n")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    wrong = [f"{label(one.task)}, {one.size}, {one.formulation}: {line}" for one in agreements.values() for line in one.wrong]
    return last_word(args.quick, wrong, broken)


if __name__ == "__main__":
    sys.exit(main())
