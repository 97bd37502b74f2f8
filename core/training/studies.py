"""What sweeps have found, as plain data: the studies, their trials, which settings matter, and what each value came to."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from core.settings import settings
from core.training import records, runs
from core.training.grids import Goal
from core.training.space import Space, merged, nested
from core.uploads import InputError

optuna.logging.set_verbosity(optuna.logging.ERROR)
STATES = {TrialState.RUNNING: "running", TrialState.COMPLETE: "done", TrialState.PRUNED: "ended early", TrialState.FAIL: "failed",
          TrialState.WAITING: "running"}
_ENOUGH = 3  # trials before it is asked which settings matter


@dataclass(frozen=True)
class Tried:
    """A trial. ``run``: the launched run's name; ``values``: what was chosen, by setting; ``validations``: so far."""

    number: int
    state: str
    run: str
    values: Mapping[str, Any]
    value: float | None
    reason: str = ""
    validations: tuple[float, ...] = ()


@dataclass(frozen=True)
class Study:
    """A sweep. Attributes:
        state: "running" while a process directs it, then "done", or "stopped" where trials are left. settings: of all trials.
        wanted: how many trials. trials: without draws that were there before. source: what names the values.
    """

    room: str
    name: str
    state: str
    goal: Goal
    space: Space
    settings: Mapping[str, Any]
    wanted: int
    created: float = 0.0
    source: str = ""
    trials: tuple[Tried, ...] = field(default=())

    @property
    def best(self) -> Tried | None:
        done = [one for one in self.trials if one.value is not None and one.state == "done"]
        sign = 1 if self.goal.direction == "maximize" else -1
        return max(done, key=lambda one: (sign * one.value, -one.number), default=None)

    @property
    def best_settings(self) -> dict[str, Any] | None:
        """What ``launch`` takes to train the best again."""
        return None if self.best is None else merged(self.settings, nested(self.best.values, self.space))


def stored() -> str:
    """The database of the studies: that of the settings, or SQLite below the runs folder."""
    if settings.sweeps is not None:
        return settings.sweeps.get_secret_value()
    return f"sqlite:///{(runs.settings.runs / 'sweeps.db').absolute()}"


def studies(room: str | None = None, storage: str | None = None) -> list[Study]:
    """All of a room, or of all rooms, the newest first; none where nobody swept."""
    found = [read(*name.split("/", 1), storage) for name in _names(storage) if room is None or name.startswith(f"{room}/")]
    return sorted(found, key=lambda one: one.created, reverse=True)


def study_names(room: str, storage: str | None = None) -> set[str]:
    return {name.partition("/")[2] for name in _names(storage) if name.startswith(f"{room}/")}


def read(room: str, name: str, storage: str | None = None) -> Study:
    """Raises:
        InputError: there is no such sweep.
    """
    if f"{room}/{name}" not in _names(storage):
        raise InputError("sweep", f"There is no sweep {name!r}.", "Choose one of the list.")
    kept = optuna.load_study(study_name=f"{room}/{name}", storage=_storage(storage or stored()))
    about = kept.user_attrs
    tried = tuple(_tried(one) for one in kept.get_trials(deepcopy=False) if "same as" not in one.user_attrs)
    wanted = about.get("trials", 0)
    through = sum(one.state != "running" for one in tried) >= wanted or about.get("exhausted", False)
    state = "running" if records.taken(lock(room, name)) else "done" if through else "stopped"
    return Study(room, name, state, Goal(**about["goal"]) if "goal" in about else Goal(""), about.get("space", {}),
                 about.get("settings", {}), wanted, about.get("created", 0.0), about.get("source", ""), tried)


def importance(study: Study, storage: str | None = None) -> dict[str, float]:
    """How much of the spread of the results each setting makes (fANOVA, Hutter et al. 2014), the largest first, 1 in all.

    Empty with fewer than three results, or where all are equal.
    """
    kept = optuna.load_study(study_name=f"{study.room}/{study.name}", storage=_storage(storage or stored()))
    done = kept.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(done) < _ENOUGH or len({one.value for one in done}) < 2:
        return {}
    varied = [name for name in study.space if len({str(one.params.get(name)) for one in done}) > 1]
    if not varied:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
        found = optuna.importance.get_param_importances(kept, evaluator=evaluator, params=varied)
    return {name: float(share) for name, share in found.items()}


def slices(study: Study) -> dict[str, list[tuple[Any, float, int]]]:
    """By setting: (its value, the result, the trial's number) of every trial that has a result."""
    done = [one for one in study.trials if one.value is not None and one.state == "done"]
    return {name: [(one.values[name], one.value, one.number) for one in done if name in one.values] for name in study.space}


def course(study: Study) -> list[tuple[int, float, float]]:
    """(trial's number, its result, the best until then)."""
    found: list[tuple[int, float, float]] = []
    better = max if study.goal.direction == "maximize" else min
    for one in study.trials:
        if one.value is not None and one.state == "done":
            found.append((one.number, one.value, better(one.value, found[-1][2]) if found else one.value))
    return found


def open_study(room: str, name: str, storage: str | None, direction: str | None = None) -> optuna.Study:
    """To be written; made where it is not there and a direction is given."""
    where = _storage(storage or stored())
    if direction is None:
        return optuna.load_study(study_name=f"{room}/{name}", storage=where)
    return optuna.create_study(study_name=f"{room}/{name}", storage=where, direction=direction, load_if_exists=True)


def lock(room: str, name: str) -> Path:
    """Held by the process that directs the sweep."""
    path = runs.settings.runs.absolute() / "sweeps" / room / name / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def stop_file(room: str, name: str) -> Path:
    return lock(room, name).with_name("stop")


def _names(storage: str | None) -> list[str]:
    where = storage or stored()
    if where.startswith("sqlite:///") and not Path(where.removeprefix("sqlite:///")).is_file():
        return []
    return [name for name in optuna.get_all_study_names(_storage(where)) if "/" in name]


@lru_cache(maxsize=4)
def _storage(where: str) -> optuna.storages.BaseStorage:
    """A connection, made once: it takes a while to see that the tables are there."""
    if where.startswith("sqlite:///"):
        Path(where.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        return optuna.storages.RDBStorage(where, engine_kwargs={"connect_args": {"timeout": 60}})
    try:
        return optuna.storages.RDBStorage(where)
    except ImportError as error:
        raise InputError("storage", f"The driver of this database is missing ({error}).", "Install it beside Optuna.") from error
    except Exception as error:  # SQLAlchemy's many; the address with its password is not repeated
        raise InputError("storage", f"The database cannot be reached ({type(error).__name__}).", "Check its address.") from error


def _tried(one: FrozenTrial) -> Tried:
    about = one.user_attrs
    return Tried(one.number, STATES[one.state], about.get("run", ""), dict(one.params), one.value, about.get("reason", ""),
                 tuple(value for _, value in sorted(one.intermediate_values.items())))
