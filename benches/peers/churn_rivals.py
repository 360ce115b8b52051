"""The rivals in churn: one task, one formulation, in a process of its own.

    python churn_rivals.py DIR TASK FORMULATION RUNS

Loads the columns of DIR, runs the task once to warm up, then RUNS times, and prints one line of JSON. The answer of
the last run goes to DIR/rival-TASK, outside the clock.
"""

import json
import statistics
import sys
from pathlib import Path

import columns
import rivals


# --- one function a task: from a folder and a formulation to a run and its answer -------------------------------


def auc(folder: Path, formulation: str):
    from sklearn.metrics import roc_auc_score

    scores = columns.read(folder, "scores.f64")
    churned = columns.read(folder, "churned.u8")
    # Labels as scikit-learn takes them fastest differ from one version to the next.
    churned = churned.astype(bool) if formulation == "scikit-learn, bool" else churned.astype("i8")
    return (lambda: roc_auc_score(churned, scores)), lambda value: {"value.f64": [value]}


TASKS = {"auc": auc}
FORMULATIONS = {"auc": ["scikit-learn, bool", "scikit-learn, integers"]}


def main() -> None:
    folder, task, formulation, runs = sys.argv[1:]
    folder = Path(folder)
    run, finish = TASKS[task](folder, formulation)
    seconds, peak, answer = rivals.measure(run, int(runs))
    out = folder / f"rival-{task}"
    for name, values in finish(answer).items():
        columns.write(out, name, values)
    report = {
        "task": task,
        "formulation": formulation,
        "seconds": seconds,
        "median": statistics.median(seconds),
        "peak_bytes_beyond_input": peak,
        "out": str(out),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
