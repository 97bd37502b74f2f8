"""A dataset is looked at before a training starts: what was found, what is wrong with it, how long it will take.

Nothing is raised for a dataset that is not right: what is wrong comes as sentences, each with what to do. The time is measured:
a process of its own takes twenty steps of each stage of that very recipe (``core.training.measure``), in a folder of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.modality import get
from core.progress import Done
from core.settings import settings
from core.training import measure
from core.training.recipe import Recipe, RecipeError
from core.training.recipes import parse
from core.uploads import InputError

ROOM_TO_WORK = 500_000_000  # bytes that a training needs beside the arrays it keeps of its data
MEASURING_S = 60.0  # at most


@dataclass(frozen=True)
class Survey:
    """What a room finds in a dataset.

    Attributes:
        paths: every file that training reads. labels: cases of each. patients: of each split.
        problems: sentences, each with what to do; training would fail, or mean nothing. remarks: what else there is to know.
    """

    paths: Sequence[Path] = ()
    labels: Mapping[str, int] = field(default_factory=dict)
    patients: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """Attributes:
        files: found. bytes: of them. labels: cases of each. patients: of each split.
        seconds: estimated, of the whole training; None where it was not measured, or could not be.
        why_not: one sentence where it could not. free_bytes: on the disk of the runs folder.
        problems: sentences; a dataset without one can be trained on. remarks: sentences that stop nobody.
    """

    files: int
    bytes: int
    labels: Mapping[str, int]
    patients: Mapping[str, int]
    seconds: float | None
    free_bytes: int
    problems: tuple[str, ...]
    why_not: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def fine(self) -> bool:
        return not self.problems


def check(
    room: str, settings_: Mapping[str, Any], measure_time: bool = True, restricted: bool = False, done: Done | None = None,
    within: float = MEASURING_S,
) -> Check:
    """Look at the data of a recipe.

    Args:
        settings_: of the room's recipe, as ``train`` takes them; name and out may be left out. measure_time: takes up to
            ``within`` seconds. restricted: the data must lie below ``settings.data_roots``.

    Raises:
        Cancelled: ``done`` said so.
    """
    modality, free = get(room), _free()
    try:
        _, recipe = parse(room, settings_)
    except RecipeError as error:
        return Check(0, 0, {}, {}, None, free, (f"{error.message} {error.remedy}",))
    problems = _places(recipe, restricted)
    survey = Survey()
    if not problems:
        try:
            survey = modality.verb("survey")(recipe, done)
        except InputError as error:
            problems = [f"{error.message} {error.remedy}"]
        except (OSError, ValueError, LookupError, AttributeError) as error:  # a table that no publisher would write
            problems = [f"The dataset cannot be read ({type(error).__name__}: {error}). Give it as published."]
    sizes = [path.stat().st_size if path.is_file() else None for path in survey.paths]
    gone = [path for path, size in zip(survey.paths, sizes, strict=True) if size is None]
    total = sum(size or 0 for size in sizes)
    if gone:
        problems.append(f"{len(gone):,} of {len(sizes):,} files that the dataset names are not there, the first is "
                        f"{gone[0].name}. Download the dataset again, or what is missing of it.")
    if free < (needed := ROOM_TO_WORK + total):
        problems.append(f"There are {free / 1e9:.1f} GB left on the disk of the runs folder, and {needed / 1e9:.1f} are needed. "
                        "Delete old runs, or set CARDIOSCOPE_RUNS to another disk.")
    problems += survey.problems
    seconds, why_not = None, ""
    if measure_time and not problems:
        seconds, why_not, wrong = measure.estimate(room, settings_, within, done)
        problems += [wrong] if wrong else []
    return Check(len(sizes) - len(gone), total, dict(survey.labels), dict(survey.patients), seconds, free, tuple(problems),
                 why_not, survey.remarks)


def inside_roots(path: Path) -> bool:
    """Whether a dataset lies below one of the configured roots, links followed."""
    return any(path.resolve().is_relative_to(root.resolve()) for root in settings.data_roots)


def _places(recipe: Recipe, restricted: bool) -> list[str]:
    """What is wrong with the places that a recipe names."""
    found = []
    for name in type(recipe).model_fields:
        path = getattr(recipe, name)
        if not isinstance(path, Path) or name == "out":
            continue
        if restricted and not inside_roots(path):
            roots = ", ".join(map(str, settings.data_roots))
            found.append(f"{name}: {path} lies outside the folders that may be trained on ({roots}). Move the dataset there, or "
                         "have CARDIOSCOPE_DATA_ROOTS set.")
        elif not path.exists():
            found.append(f"{name}: {path} is not there. Give the folder into which the dataset was unpacked.")
    return found


def _free() -> int:
    here = settings.runs
    while not here.exists():
        here = here.parent
    return shutil.disk_usage(here).free
