"""The rivals in churn: one task, one formulation, in a process of its own.

    python churn_rivals.py DIR TASK FORMULATION RUNS

Loads the columns of DIR, runs the task once to warm up where that is quick, then RUNS times, and prints one line of JSON. The answer of
the last run goes to DIR/rival-TASK, outside the clock.
"""

import sys
from pathlib import Path

import numpy as np

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


def customers(folder: Path, name: str):
    churned = columns.read(folder, f"{name}churned.u8")
    return columns.read(folder, f"{name}x.f64").reshape(20, len(churned)).T, churned


def losses(folder: Path, model) -> dict:
    """Brier score and log loss of the later rows."""
    from sklearn.metrics import brier_score_loss, log_loss

    later, came = customers(folder, "later_")
    said = model.predict_proba(later)[:, 1]
    return {"value.f64": [brier_score_loss(came, said), log_loss(came, said)]}


def forest(folder: Path, formulation: str):
    from sklearn.ensemble import RandomForestClassifier

    x, churned = customers(folder, "")
    # scikit-learn grows on rows in single precision, contiguous: that copy is not on its clock.
    x = np.ascontiguousarray(x, dtype="f4")
    way = RandomForestClassifier(300, min_samples_leaf=5, n_jobs=rivals.THREADS, random_state=1)
    return (lambda: way.fit(x, churned)), (lambda model: losses(folder, model))


def boosting(folder: Path, formulation: str):
    x, churned = customers(folder, "")
    x = np.ascontiguousarray(x)
    if formulation == "LightGBM":
        from lightgbm import LGBMClassifier

        way = LGBMClassifier(
            n_estimators=200,
            learning_rate=0.1,
            max_depth=5,
            num_leaves=32,
            min_child_samples=20,
            reg_lambda=1.0,
            n_jobs=rivals.THREADS,
            verbose=-1,
        )
    else:
        from sklearn.ensemble import HistGradientBoostingClassifier

        way = HistGradientBoostingClassifier(
            max_iter=200,
            learning_rate=0.1,
            max_depth=5,
            max_leaf_nodes=None,
            min_samples_leaf=20,
            l2_regularization=1.0,
            early_stopping=False,
        )
    return (lambda: way.fit(x, churned)), (lambda model: losses(folder, model))


def logistic(folder: Path, formulation: str):
    """Ridge, on columns of mean 0 and variance 1."""
    from sklearn.linear_model import LogisticRegression

    churned = columns.read(folder, "churned.u8").astype(float)
    x = columns.read(folder, "x.f64").reshape(-1, len(churned)).T
    x = np.asfortranarray(x) if formulation.endswith("by columns") else np.ascontiguousarray(x)

    def run():
        return LogisticRegression(C=1.0, solver="lbfgs", max_iter=1000).fit(x, churned)

    def finish(fit):
        score = x @ fit.coef_[0] + fit.intercept_
        loss = (np.logaddexp(0, score) - churned * score).sum()
        return {"value.f64": [loss + (fit.coef_**2).sum() / 2]}

    return run, finish


TASKS = {"auc": auc, "logistic": logistic, "forest": forest, "boosting": boosting}
FORMULATIONS = {
    "auc": ["scikit-learn, bool", "scikit-learn, integers"],
    "logistic": ["scikit-learn, lbfgs by rows", "scikit-learn, lbfgs by columns"],
    "forest": ["scikit-learn"],
    "boosting": ["scikit-learn, histograms", "LightGBM"],
}
# A warm-up is worth its time where a run takes less than some seconds.
LONG = {"forest"}


def main() -> None:
    folder, task, formulation, runs = sys.argv[1:]
    folder = Path(folder)
    ways = TASKS[task](folder, formulation)
    rivals.contest(task, formulation, ways, int(runs), folder / f"rival-{task}", task not in LONG)


if __name__ == "__main__":
    main()
