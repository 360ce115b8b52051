"""lifetimes' purchase models: one task, one formulation, in a process of its own.

    python model_rivals.py DIR TASK FORMULATION RUNS

Loads the columns of DIR, warms up on a few rows, runs the task RUNS times and prints one line of JSON. The
answer of the last run goes to DIR/lifetimes-TASK, outside the clock.
"""

import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, ParetoNBDFitter

import columns
import rivals

FITTERS = {"bg_nbd": BetaGeoFitter, "pareto_nbd": ParetoNBDFitter}
PARAMETERS = {"bg_nbd": ["r", "alpha", "a", "b"], "pareto_nbd": ["r", "alpha", "s", "beta"]}
# Which of the parameters are times, and so scaled with them.
TIMES = {"bg_nbd": [1], "pareto_nbd": [1, 3]}
# Rows scored at a time where they are scored in blocks: they stay in the cache.
BLOCK = 16_384
WARM_UP = 2_000


# --- fitting --------------------------------------------------------------------------------------------

# Formulation -> equal rows as one with a weight?, start from the fit of a sample?, options of the search.
# BG/NBD has one search: BFGS, with the gradient by autograd. Pareto/NBD has Nelder-Mead unless told otherwise.
COLLAPSED = "equal rows as one"
FORMS = {
    "as it comes": (False, False),
    "from a sample": (False, True),
    COLLAPSED: (True, False),
    f"{COLLAPSED}, from a sample": (True, True),
}
# BFGS reckons the gradient by differences, of the sum over all rows: at the tolerance lifetimes would ask for it
# climbs in the noise.
SEARCHES = {"bg_nbd": {"": {}}, "pareto_nbd": {"": {}, "; BFGS": {"fit_method": "BFGS", "tol": 0.05}}}
FIT = {
    law: {form + name: (*how, options) for name, options in searches.items() for form, how in FORMS.items()}
    for law, searches in SEARCHES.items()
}


def fit_task(law: str, formulation: str):
    collapse, sample, options = FIT[law][formulation]

    def run(given):
        np.random.seed(1)  # lifetimes draws the start of Pareto/NBD.
        start = None
        if sample:
            every = max(1, len(given["x"]) // max(500, len(given["x"]) // 100))
            few = {name: column[::every] for name, column in given.items()}
            start = search_start(law, fit(law, few, None, options), given["age"])
        if collapse:
            given = collapsed(given)
        return fit(law, given, start, options)

    return run, lambda fitted: {"estimates.f64": fitted.params_[PARAMETERS[law]].to_numpy()}


def fit(law: str, given: dict, start, options: dict):
    return FITTERS[law]().fit(
        given["x"], given["t_x"], given["age"], weights=given.get("weights"), initial_params=start, **options
    )


def collapsed(given: dict) -> dict:
    """Equal rows as one with a weight, as Fader and Hardie do."""
    groups = pd.DataFrame(given).groupby(["x", "t_x", "age"]).size().reset_index(name="weights")
    return {name: groups[name].to_numpy() for name in groups}


def search_start(law: str, fitted, ages):
    """Parameters as the search has them: times divided by the greatest age, for BG/NBD in logarithms."""
    start = fitted.params_[PARAMETERS[law]].to_numpy().copy()
    start[TIMES[law]] /= ages.max()
    return np.log(start) if law == "bg_nbd" else start


# --- scoring --------------------------------------------------------------------------------------------


def whole(score, given):
    return score(given["x"], given["t_x"], given["age"])


def pandas_columns(score, given):
    return whole(score, {name: pd.Series(column) for name, column in given.items()})


def blocks_of(given):
    rows = len(given["x"])
    return [[given[name][at : at + BLOCK] for name in ("x", "t_x", "age")] for at in range(0, rows, BLOCK)]


def in_blocks(score, given):
    return [np.concatenate(parts) for parts in zip(*(score(*block) for block in blocks_of(given)))]


def over_threads(score, given):
    with ThreadPoolExecutor(rivals.THREADS) as pool:
        return [np.concatenate(parts) for parts in zip(*pool.map(lambda block: score(*block), blocks_of(given)))]


# lifetimes itself uses one thread. Handing it blocks over threads is work of the host.
SCORE = {
    "numpy columns": whole,
    "pandas columns": pandas_columns,
    "in blocks": in_blocks,
    "in blocks over threads": over_threads,
}


def score_task(folder: Path, law: str, formulation: str):
    fitter = FITTERS[law]()
    fitter.params_ = pd.Series(columns.read(folder, "parameters.f64"), PARAMETERS[law])
    ahead = int(columns.read(folder, "ahead.u32")[0])

    def score(x, t_x, age):
        alive = fitter.conditional_probability_alive(x, t_x, age)
        return alive, fitter.conditional_expected_number_of_purchases_up_to_time(ahead, x, t_x, age)

    def finish(answer):
        return {"p_alive.f64": np.asarray(answer[0]), "expected.f64": np.asarray(answer[1])}

    return (lambda given: SCORE[formulation](score, given)), finish


# --- both -----------------------------------------------------------------------------------------------


def formulations(task: str) -> list[str]:
    law, what = task.rsplit("_", 1)
    return list(FIT[law]) if what == "fit" else list(SCORE)


def histories(folder: Path) -> dict:
    names = {"x": "x.u32", "t_x": "t_x.f64", "age": "age.f64"}
    given = {name: columns.read(folder, file) for name, file in names.items()}
    # lifetimes works with signed counts; taken as they are, unsigned ones would wrap around.
    return given | {"x": given["x"].astype(np.int64)}


def main() -> None:
    folder, task, formulation, runs = sys.argv[1:]
    # Where lifetimes overflows it warns; the answers are looked at instead.
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    folder = Path(folder)
    law, what = task.rsplit("_", 1)
    run, finish = fit_task(law, formulation) if what == "fit" else score_task(folder, law, formulation)
    given = histories(folder)
    run({name: column[:WARM_UP] for name, column in given.items()})
    told = {"rival": "lifetimes", "rows": len(given["x"])}
    ways = (lambda: run(given), finish)
    # The warm-up was on a few rows.
    rivals.contest(task, formulation, ways, int(runs), folder / f"lifetimes-{task}", warm_up=False, **told)


if __name__ == "__main__":
    main()
