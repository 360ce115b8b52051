"""scikit-learn, scipy and the hdbscan package on points: one task, one formulation, in a process of its own.

    python cluster_rivals.py DIR TASK FORMULATION RUNS

Loads the points of DIR, runs the task once to warm up where that is quick, then RUNS times, and prints one line of
JSON. The answer of the last run goes to DIR/rival-TASK, outside the clock.
"""

import sys
import warnings
from pathlib import Path

import numpy as np

import columns
import rivals

# A warm-up is worth its time where a run takes less than some seconds.
LONG = {"hdbscan"}


def points(folder: Path) -> np.ndarray:
    rows, width = columns.read(folder, "shape.u32")
    # Rows contiguous, as scikit-learn takes them without a copy.
    return np.ascontiguousarray(columns.read(folder, "points.f64").reshape(width, rows).T)


# --- one function a task: from points, settings and a formulation to a run and its answer --------------------


def k_means(folder: Path, x, settings, formulation: str):
    from sklearn.cluster import KMeans

    k = int(settings[0])
    start = columns.read(folder, "start.f64").reshape(k, x.shape[1])

    def run():
        # The tolerance is 0 on both sides: to convergence.
        return KMeans(k, init=start, n_init=1, max_iter=10_000, tol=0, algorithm=formulation).fit(x)

    return run, lambda fit: {"labels.i32": fit.labels_, "value.f64": [fit.inertia_]}


def dbscan(folder: Path, x, settings, formulation: str):
    from sklearn.cluster import DBSCAN

    eps, min_points = float(settings[0]), int(settings[1])
    tree, jobs = formulation.split(", ")

    def run():
        return DBSCAN(eps=eps, min_samples=min_points, algorithm=tree, n_jobs=int(jobs.split()[0])).fit(x)

    def finish(fit):
        core = np.zeros(len(x), np.uint8)
        core[fit.core_sample_indices_] = 1
        return {"labels.i32": fit.labels_, "core.u8": core}

    return run, finish


def hdbscan(folder: Path, x, settings, formulation: str):
    size = int(settings[0])
    if formulation.startswith("hdbscan"):
        import hdbscan as package

        algorithm = formulation.split(", ")[1]

        def run():
            # It does not count the point itself among its neighbours, as scikit-learn and we do.
            return package.HDBSCAN(
                min_cluster_size=size, min_samples=size - 1, algorithm=algorithm, core_dist_n_jobs=rivals.THREADS, approx_min_span_tree=False
            ).fit(x)
    else:
        from sklearn.cluster import HDBSCAN

        def run():
            return HDBSCAN(min_cluster_size=size, n_jobs=rivals.THREADS, copy=True).fit(x)

    return run, lambda fit: {"labels.i32": fit.labels_}


def ward(folder: Path, x, settings, formulation: str):
    if formulation == "scipy":
        from scipy.cluster.hierarchy import linkage

        return (lambda: linkage(x, "ward")), lambda tree: {"heights.f64": tree[:, 2]}
    from sklearn.cluster import AgglomerativeClustering

    def run():
        return AgglomerativeClustering(n_clusters=2, linkage="ward", compute_distances=True).fit(x)

    return run, lambda fit: {"heights.f64": np.sort(fit.distances_)}


def silhouette(folder: Path, x, settings, formulation: str):
    from sklearn.metrics import silhouette_score

    labels = columns.read(folder, "labels.u32")
    return (lambda: silhouette_score(x, labels)), lambda value: {"value.f64": [value]}


TASKS = {"k_means": k_means, "dbscan": dbscan, "hdbscan": hdbscan, "ward": ward, "silhouette": silhouette}
TREES = ["kd_tree", "ball_tree"]
FORMULATIONS = {
    "k_means": ["lloyd", "elkan"],
    "dbscan": [f"{tree}, {jobs} jobs" for tree in TREES for jobs in (1, rivals.THREADS)],
    "hdbscan": ["hdbscan package, boruvka_kdtree", "hdbscan package, boruvka_balltree", "scikit-learn"],
    "ward": ["scipy", "scikit-learn"],
    "silhouette": ["scikit-learn"],
}


def main() -> None:
    folder, task, formulation, runs = sys.argv[1:]
    warnings.simplefilter("ignore")
    folder = Path(folder)
    x, settings = points(folder), columns.read(folder, "settings.f64")
    ways = TASKS[task](folder, x, settings, formulation)
    rivals.contest(task, formulation, ways, int(runs), folder / f"rival-{task}", task not in LONG, rows=len(x))


if __name__ == "__main__":
    main()
