"""Clusters points beside scikit-learn, scipy, the hdbscan package and linfa-clustering, and checks that all agree.

Every measurement is a process of its own; rival and patronage take turns, and the ratio of a row is the median
over these pairs. Ends with 1 when two sides disagree, or a contest could not run. A missed aim is printed, but is
no failure.
"""

import os
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import cluster_rivals
import columns
from peers import HERE, build_ours, contest_arguments, last_json, last_word, limit_cores, machine, say, table, verdict

SEED = 20240229
LINFA = "linfa"


@dataclass(frozen=True)
class Workload:
    """Points, and the settings that both sides take."""

    shape: str
    rows: int
    width: int
    settings: tuple = ()

    def name(self) -> str:
        return "-".join(map(str, (self.shape, self.rows, self.width, *self.settings)))

    def make(self, folder: Path) -> None:
        rng = np.random.default_rng(SEED)
        x = SHAPES[self.shape](rng, self.rows, self.width)
        columns.write(folder, "points.f64", x.T.ravel())
        columns.write(folder, "shape.u32", [self.rows, self.width])
        columns.write(folder, "settings.f64", self.settings)
        if self.settings:
            self.write_start(folder, rng, x, int(self.settings[0]))

    def write_start(self, folder: Path, rng, x: np.ndarray, k: int) -> None:
        """Distinct rows for k-means to start from, and labels to judge: the nearest of them."""
        distinct = np.unique(x[:100_000], axis=0)
        if not 0 < k <= len(distinct):
            return
        start = distinct[rng.choice(len(distinct), k, replace=False)]
        columns.write(folder, "start.f64", start.ravel())
        nearest = np.min([((x - row) ** 2).sum(1) for row in start], axis=0)
        labels = np.argmax([((x - row) ** 2).sum(1) == nearest for row in start], axis=0)
        columns.write(folder, "labels.u32", labels)


def blobs(rng, rows: int, width: int) -> np.ndarray:
    """Twelve groups of moderate overlap."""
    centres = rng.uniform(0, 10, (12, width))
    return centres[rng.integers(0, 12, rows)] + rng.normal(size=(rows, width))


def uniform(rng, rows: int, width: int) -> np.ndarray:
    return rng.uniform(0, 1, (rows, width))


def scores(rng, rows: int, width: int) -> np.ndarray:
    """RFM scores: few distinct rows."""
    return rng.integers(1, 6, (rows, width)).astype(float)


SHAPES = {"blobs": blobs, "uniform": uniform, "scores": scores}


@dataclass(frozen=True)
class Contest:
    task: str
    workload: Workload
    # How many times faster than each rival we aim to be; of a rival's formulations the fastest counts.
    aims: dict


FULL = {"k_means": 1_000_000, "dbscan": 100_000, "hdbscan": 100_000, "ward": 10_000, "silhouette": 10_000}
QUICK = {"k_means": 5_000, "dbscan": 5_000, "hdbscan": 3_000, "ward": 1_000, "silhouette": 1_000}


def contests(rows: dict) -> list:
    def one(task: str, shape: str, width: int, settings: tuple, aims: dict) -> Contest:
        return Contest(task, Workload(shape, rows[task], width, settings), aims)

    # The same number of neighbours on fewer points.
    wider = (FULL["dbscan"] / rows["dbscan"]) ** (1 / 3)
    return [
        one("k_means", "blobs", 3, (8,), {"scikit-learn": 3, LINFA: 25}),
        one("k_means", "uniform", 3, (8,), {"scikit-learn": 3}),
        one("k_means", "blobs", 8, (8,), {"scikit-learn": 2}),
        one("k_means", "uniform", 8, (8,), {"scikit-learn": 2}),
        one("dbscan", "blobs", 3, (0.25 * wider, 10), {"scikit-learn": 8}),
        one("dbscan", "uniform", 3, (0.05 * wider, 10), {"scikit-learn": 8}),
        one("hdbscan", "blobs", 3, (50,), {"hdbscan package": 3, "scikit-learn": 25}),
        one("ward", "blobs", 3, (), {"scipy": 3, "scikit-learn": 3}),
        one("silhouette", "blobs", 3, (8,), {"scikit-learn": 5}),
    ]


# Rows on which our own time and memory are told; the settings keep the neighbours of a point alike.
GROWTH = [10_000, 100_000, 1_000_000]
ALONE = {
    "k_means": lambda rows: Workload("blobs", rows, 3, (8,)),
    "dbscan": lambda rows: Workload("blobs", rows, 3, (0.25 * (100_000 / rows) ** (1 / 3), 10)),
    "hdbscan": lambda rows: Workload("blobs", rows, 3, (50,)),
}
# Seconds for a million customers of integer scores.
SCORES_AIM = 0.1


@dataclass
class Setting:
    work: Path
    ours: Path
    rounds: int
    runs: int

    def folder(self, workload: Workload) -> Path:
        folder = self.work / workload.name()
        if not folder.exists():
            say(f"making {workload.name()}")
            workload.make(folder)
        return folder


# --- one contest ----------------------------------------------------------------------------------------


@dataclass
class Result:
    contest: Contest
    rival: str
    formulation: str
    found: str
    wrong: list = field(default_factory=list)
    rival_seconds: list = field(default_factory=list)
    our_seconds: list = field(default_factory=list)
    rival_peak: int = 0
    our_peak: int = 0

    def ratio(self) -> float:
        return statistics.median(self.ratios())

    def ratios(self) -> list:
        return [rival / ours for rival, ours in zip(self.rival_seconds, self.our_seconds)]


def formulations(task: str, rival: str) -> list:
    if rival == LINFA:
        return [LINFA]
    every = cluster_rivals.FORMULATIONS[task]
    named = [name for name in every if name.startswith(rival)]
    return named or every


def run_ours(setting, workload: Workload, task: str) -> dict:
    report = last_json([str(setting.ours), str(setting.folder(workload)), task, str(setting.runs + 1)])
    report["median"] = statistics.median(report["seconds"][1:])
    return report


def run_rival(setting, workload: Workload, task: str, formulation: str, runs: int) -> dict:
    folder = setting.folder(workload)
    if formulation == LINFA:
        report = last_json([str(setting.ours), str(folder), f"{task}_linfa", str(runs)])
        report["median"] = statistics.median(report["seconds"])
        return report
    script = str(HERE / "cluster_rivals.py")
    return last_json([sys.executable, script, str(folder), task, formulation, str(runs)])


def compete(setting, contest: Contest, rival: str) -> Result:
    """Tries every formulation of the rival once, and lets its fastest take the turns."""
    task, workload = contest.task, contest.workload
    say(f"{task}, {workload.name()}, {rival}")
    run_ours(setting, workload, task)
    times = {}
    for formulation in formulations(task, rival):
        times[formulation] = run_rival(setting, workload, task, formulation, 1)["median"]
        say(f"  {formulation}: {times[formulation]:.4f} s")
    fastest = min(times, key=times.get)
    result = Result(contest, rival, fastest, "")
    # What takes many seconds takes one turn.
    rounds = 1 if times[fastest] > 20 else setting.rounds
    for turn in range(rounds):
        theirs = run_rival(setting, workload, task, fastest, 1 if times[fastest] > 2 else setting.runs)
        ours = run_ours(setting, workload, task)
        result.found, wrong = AGREE[task](setting.folder(workload), task, fastest)
        result.wrong += wrong
        result.rival_seconds.append(theirs["median"])
        result.our_seconds.append(ours["median"])
        result.rival_peak = max(result.rival_peak, theirs["peak_bytes_beyond_input"])
        result.our_peak = max(result.our_peak, ours["peak_bytes_beyond_input"])
        say(f"  pair {turn + 1}: {theirs['median']:.4f} s against {ours['median']:.4f} s; {result.found}")
    return result


# --- agreement: what was found, and what is wrong ---------------------------------------------------------


def both(folder: Path, task: str, formulation: str, name: str) -> tuple:
    theirs = f"ours-{task}_linfa" if formulation == LINFA else f"rival-{task}"
    return columns.read(folder / f"ours-{task}", name), columns.read(folder / theirs, name)


def rand_index(one, other) -> float:
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(one, other))


def agree_k_means(folder: Path, task: str, formulation: str) -> tuple:
    (ours,), (theirs,) = both(folder, task, formulation, "value.f64")
    index = rand_index(*both(folder, task, formulation, "labels.i32"))
    found = f"inertia {ours:.8g}, theirs {theirs / ours - 1:+.1e}; adjusted Rand {index:.6f}"
    # linfa stops at a tolerance of its own.
    if formulation == LINFA:
        return found, [] if ours <= theirs * (1 + 1e-6) else [found]
    return found, [] if abs(ours / theirs - 1) <= 1e-6 and index > 0.999999 else [found]


def agree_dbscan(folder: Path, task: str, formulation: str) -> tuple:
    our_core, their_core = both(folder, task, formulation, "core.u8")
    ours, theirs = both(folder, task, formulation, "labels.i32")
    core = our_core == 1
    index = rand_index(ours[core], theirs[core])
    noise = int((ours == -1).sum())
    clusters = int(ours.max()) + 1
    found = f"{core.sum():,} core points, {noise:,} noise, {clusters} clusters; adjusted Rand of cores {index:.6f}"
    same = (our_core == their_core).all() and ((ours == -1) == (theirs == -1)).all() and index == 1.0
    return found, [] if same else [found]


def agree_hdbscan(folder: Path, task: str, formulation: str) -> tuple:
    ours, theirs = both(folder, task, formulation, "labels.i32")
    index = rand_index(ours, theirs)
    found = f"{int(ours.max()) + 1} clusters, {(ours == -1).sum():,} noise; adjusted Rand {index:.4f}"
    return found, [] if index >= 0.99 else [found]


def agree_values(name: str):
    def agree(folder: Path, task: str, formulation: str) -> tuple:
        ours, theirs = both(folder, task, formulation, name)
        apart = float(np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1e-300)))
        found = f"within {apart:.1e} of theirs"
        return found, [] if ours.shape == theirs.shape and apart <= 1e-9 else [found]

    return agree


AGREE = {
    "k_means": agree_k_means,
    "dbscan": agree_dbscan,
    "hdbscan": agree_hdbscan,
    "ward": agree_values("heights.f64"),
    "silhouette": agree_values("value.f64"),
}


# --- what is printed ------------------------------------------------------------------------------------


def ratio_rows(results: list) -> list:
    rows = [["task", "points", "rival", "its s", "ours s", "ratio", "range", "aim", "", "agreement"]]
    for result in results:
        ratios, workload = result.ratios(), result.contest.workload
        aim = result.contest.aims[result.rival]
        rival = result.rival if result.formulation == result.rival else f"{result.rival}, {result.formulation}"
        rows.append(
            [
                result.contest.task,
                f"{workload.shape} {workload.rows:,} x {workload.width}",
                rival,
                f"{statistics.median(result.rival_seconds):.4f}",
                f"{statistics.median(result.our_seconds):.4f}",
                f"{result.ratio():.1f}x",
                f"{min(ratios):.1f}-{max(ratios):.1f}",
                f"{aim}x",
                verdict(result.ratio() >= aim),
                result.found,
            ]
        )
    return rows


def growth_rows(setting, sizes: list) -> list:
    """Our time and memory a point for each size."""
    rows = [["ours, blobs", *(f"{rows:,}: ns a point, bytes a point" for rows in sizes)]]
    for task, make in ALONE.items():
        cells = []
        for size in sizes:
            report = run_ours(setting, make(size), task)
            cells.append(f"{1e9 * report['median'] / size:.0f}, {report['peak_bytes_beyond_input'] / size:.0f}")
        rows.append([task, *cells])
    return rows


def scores_line(setting, rows: int) -> str:
    seconds = run_ours(setting, Workload("scores", rows, 3, (8,)), "k_means")["median"]
    return (
        f"k-means of {rows:,} customers of integer RFM scores: {seconds:.4f} s, aim {SCORES_AIM} s, "
        f"{verdict(seconds <= SCORES_AIM)}"
    )


# --- the whole ------------------------------------------------------------------------------------------


def main() -> int:
    args = contest_arguments("clusters", __doc__, "some thousand points", AGREE)
    load = os.getloadavg()[0]
    ours = args.bench.resolve() if args.bench else build_ours()
    threads = limit_cores(args.threads)
    os.environ["OMP_NUM_THREADS"] = os.environ["NUMBA_NUM_THREADS"] = str(threads)
    work = Path(tempfile.mkdtemp(prefix="patronage-clusters-"))
    results, broken = [], []
    try:
        rounds, runs = (1, 1) if args.quick else (5, 3)
        setting = Setting(work, ours, args.rounds or rounds, args.runs or runs)
        for contest in contests(QUICK if args.quick else FULL):
            if args.task in (None, contest.task):
                for rival in contest.aims:
                    try:
                        results.append(compete(setting, contest, rival))
                    except RuntimeError as error:
                        # The other rows are still worth printing.
                        broken.append(f"{contest.task}, {rival}: {error}")
                        say(f"  DID NOT RUN {broken[-1]}")
        parts = [table(ratio_rows(results))]
        if args.task is None:
            sizes = GROWTH[:1] if args.quick else GROWTH
            parts += [table(growth_rows(setting, sizes)), scores_line(setting, 10_000 if args.quick else 1_000_000)]
        print(machine(threads, load, ("scikit-learn", "scipy", "hdbscan", "numpy")))
        print(f"seed {SEED}; up to {setting.rounds} pairs of {setting.runs} runs\n")
        print("\n\n".join(parts) + "\n")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    wrong = [f"{result.contest.task}, {result.rival}: {line}" for result in results for line in result.wrong]
    return last_word(args.quick, wrong, broken)


if __name__ == "__main__":
    sys.exit(main())
