"""What the tables of a heart-failure recipe hold."""

from __future__ import annotations

from core.heart_failure.layouts import table_at
from core.heart_failure.prognosis import COHORTS
from core.heart_failure.training.data import TITLES, kept
from core.heart_failure.training.recipe import Recipe
from core.heart_failure.training.validate import FOLDS, TRAINED
from core.progress import Done, report
from core.training.check import Survey
from core.uploads import InputError


def survey(recipe: Recipe, done: Done | None = None) -> Survey:
    """Raises:
        InputError: a table of no known layout, or one without outcomes.
    """
    labels, patients, problems, paths = {}, {}, [], []
    for k, path in enumerate(recipe.tables):
        report(done, k, len(recipe.tables))
        try:
            paths.append(table_at(path))
            _, data = kept(path)
        except InputError as error:
            raise InputError("data", f"{path.name}: {error.message}", error.remedy) from error
        for cohort in dict.fromkeys(data.cohort.tolist()):
            rows = data.rows(cohort)
            title, deaths = TITLES.get(cohort, cohort), int(data.event[rows].sum())
            labels[f"{title}, died"], labels[f"{title}, alive when last seen"] = deaths, len(rows) - deaths
            patients[title] = len(rows)
            if deaths < 5 * FOLDS:
                problems.append(f"{title} has {deaths} deaths; {FOLDS} folds want five each. Give more patients.")
            if data.unread.get(cohort, 0) > len(rows):
                problems.append(f"Most rows of {title} ({data.unread[cohort]:,}) cannot be used. Look at the table's units.")
    if not {TITLES[name] for name in TRAINED} & patients.keys():
        problems.append(f"None of the tables is of {' or '.join(TITLES[name] for name in TRAINED)}. Give one in such a layout.")
    lacking = [TITLES[name] for name in COHORTS.values() if TITLES[name] not in patients]
    remarks = (f"Without {' and '.join(lacking)} there is no baseline for patients who are cared for as there: such weights can "
               "be tried and measured, not promoted.",) if lacking else ()
    return Survey(paths, labels, patients, tuple(problems), remarks)
