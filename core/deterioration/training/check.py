"""What a cohort of stays holds."""

from __future__ import annotations

from core.deterioration.layouts import challenge, outcomes_of
from core.deterioration.training.data import load
from core.deterioration.training.recipe import Recipe
from core.deterioration.training.validate import FOLDS
from core.progress import Done
from core.training.check import Survey
from core.uploads import InputError


def survey(recipe: Recipe, done: Done | None = None) -> Survey:
    """Stays of the 2012 challenge are counted by their files and outcomes; of other layouts they are read.

    Raises:
        InputError: no stays in a known layout, or a stay that cannot be read.
    """
    path = recipe.data
    if path.is_dir() and (files := challenge(path)):
        died = outcomes_of(path)
        told = [died.get(file.stem) for file in files]
        deaths, alive = told.count(True), told.count(False)
        problems = []
        if not died:
            problems.append("There is no Outcomes-a.txt beside the stays. Download it from the challenge's page, too.")
        elif None in told:
            problems.append(f"{told.count(None):,} of {len(told):,} stays have no outcome. Give the Outcomes file of this set.")
    else:
        files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
        if not files:
            raise InputError("data", f"{path} holds no file.", "Give set A of the 2012 challenge, or a table of stays.")
        data = load(path, done)
        deaths, alive, problems = int(data.died.sum()), int((~data.died).sum()), []
        if not any(data.extra):
            problems.append("Nothing but the six vital signs is recorded: there is nothing that a note could say. Give set A of "
                            "the 2012 challenge.")
    if not problems and min(deaths, alive) < 2 * FOLDS:
        problems.append(f"{deaths} stays ended in death and {alive} did not; {FOLDS} folds want more of both.")
    labels = {"Death in hospital": deaths, "Discharged alive": alive}
    return Survey(files, labels, {f"{FOLDS} folds": deaths + alive}, tuple(problems))
