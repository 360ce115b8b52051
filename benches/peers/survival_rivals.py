"""lifelines on lifetimes: one task, one formulation, in a process of its own.

    python survival_rivals.py DIR TASK FORMULATION RUNS

Loads the columns of DIR, runs the task RUNS times, after one to warm up where that is quick, and prints one line of
JSON. The answer of the last run goes to DIR/rival-TASK, outside the clock.
"""

import sys
import warnings
from pathlib import Path

import columns
import rivals

# A warm-up is worth its time where a run takes less than some seconds.
LONG = {"cox"}


def lifetimes(folder: Path):
    return columns.read(folder, "durations.f64"), columns.read(folder, "events.u8").astype(bool)


def cox(folder: Path, formulation: str):
    import pandas as pd
    from lifelines import CoxPHFitter

    durations, events = lifetimes(folder)
    values = columns.read(folder, "covariates.f64").reshape(-1, len(durations))
    table = pd.DataFrame({f"x{at}": column for at, column in enumerate(values)})
    table["duration"], table["event"] = durations, events
    batch = {"automatic": None, "batches": True, "rows": False}[formulation]

    def run():
        fit = CoxPHFitter().fit(table, "duration", "event", batch_mode=batch)
        # Ours has it as well.
        return fit, fit.concordance_index_

    def finish(answer):
        fit, concordance = answer
        return {
            "coefficients.f64": fit.params_.values,
            "std_errors.f64": fit.standard_errors_.values,
            "log_likelihood.f64": [fit.log_likelihood_],
            "concordance.f64": [concordance],
        }

    return run, finish


def kaplan_meier(folder: Path, formulation: str):
    from lifelines import KaplanMeierFitter

    durations, events = lifetimes(folder)

    def finish(fit):
        # Its first time is 0, before anybody left.
        start = int(fit.timeline[0] < durations.min())
        return {
            "times.f64": fit.timeline[start:],
            "survival.f64": fit.survival_function_.values[start:, 0],
            "lower.f64": fit.confidence_interval_.values[start:, 0],
        }

    return (lambda: KaplanMeierFitter().fit(durations, events)), finish


TASKS = {"cox": cox, "kaplan_meier": kaplan_meier}
FORMULATIONS = {"cox": ["automatic", "batches", "rows"], "kaplan_meier": ["plain"]}


def main() -> None:
    folder, task, formulation, runs = sys.argv[1:]
    warnings.simplefilter("ignore")
    folder = Path(folder)
    ways = TASKS[task](folder, formulation)
    rivals.contest(task, formulation, ways, int(runs), folder / f"rival-{task}", task not in LONG)


if __name__ == "__main__":
    main()
