"""What directs a sweep: it draws trials, launches their runs, looks at them, and tells the study what came of them."""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.trial import FrozenTrial, Trial, TrialState

from core.training import launch, state
from core.training.grids import Goal
from core.training.space import distributions, merged, nested, size
from core.training.state import State, Status
from core.uploads import InputError

LOOK = 1.0  # s between two looks at a trial's run
STARTUP, WARMUP = 4, 1  # trials and validations before one is ended early
DRAWS = 20  # of a trial, until it is one that was not there yet
RESUMED = 2  # times that a run goes on which was cut off


class Director:
    """All that it knows lies in the study, so that another takes over where one was killed."""

    def __init__(self, room: str, name: str, study: optuna.Study):
        about = study.user_attrs
        self.room, self.name, self.study = room, name, study
        self.space, self.settings, self.seed = about["space"], about["settings"], about["seed"]
        self.goal, self.trials, self.at_once = Goal(**about["goal"]), about["trials"], about["at_once"]
        self.choices = distributions(self.space)
        study.pruner = optuna.pruners.MedianPruner(STARTUP, WARMUP)

    def through(self) -> bool:
        return not self._open() and (self.trained() >= self.trials or self._exhausted())

    def trained(self) -> int:
        """Trials that are over; a draw that was there before is none."""
        return sum(one.state.is_finished() and "same as" not in one.user_attrs for one in self.study.get_trials(deepcopy=False))

    def look(self) -> None:
        """Once at every trial under way; a new one where there is room for it."""
        for trial in self._open():
            self._look_at(trial)
        under_way = len(self._open())
        if under_way < self.at_once and under_way + self.trained() < self.trials and not self._exhausted():
            self._draw()
        elif under_way:
            time.sleep(LOOK)

    def let_go(self) -> None:
        """Stop what runs where the sweep does not go on; it is resumed with the sweep."""
        for frozen in self._open():
            if (run := frozen.user_attrs.get("run")) and state.status(self.room, run).state not in state.FINISHED:
                self._trial(frozen.number).set_user_attr("let go", True)
                launch.stop(self.room, run)

    def _open(self) -> list[FrozenTrial]:
        return self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))

    def _exhausted(self) -> bool:
        """Whether every combination had its trial."""
        every = size(self.space)
        if every is None:
            return False
        over = len({_key(one.params) for one in self.study.get_trials(deepcopy=False) if one.params}) >= every
        if over and not self.study.user_attrs.get("exhausted"):
            self.study.set_user_attr("exhausted", True)
        return over

    def _draw(self) -> None:
        """The next trial, of values that no other had, and its run into the queue."""
        known = {_key(one.params): one for one in self.study.get_trials(deepcopy=False) if one.state.is_finished()}
        for _ in range(DRAWS):
            number = len(self.study.get_trials(deepcopy=False))
            self.study.sampler = optuna.samplers.TPESampler(seed=self.seed * 10_000 + number, n_startup_trials=STARTUP + 1)
            trial = self.study.ask(self.choices)
            same = known.get(_key(trial.params))
            if same is None:
                break
            trial.set_user_attr("same as", same.number)
            self.study.tell(trial, same.value, None if same.value is not None else TrialState.FAIL)
        else:
            trial = self._untried(known)
        self._launch(trial.number, nested(trial.params, self.space))

    def _untried(self, known: Mapping[str, FrozenTrial]) -> Trial:
        """Where the sampler only repeats itself: one of the combinations that are left, or whatever it says of a range."""
        if size(self.space) is not None:
            names = list(self.choices)
            for values in itertools.product(*(self.choices[name].choices for name in names)):
                params = dict(zip(names, values, strict=True))
                if _key(params) not in known:
                    self.study.enqueue_trial(params)
                    break
        return self.study.ask(self.choices)

    def _launch(self, number: int, chosen: Mapping[str, Any]) -> None:
        run, trial = f"{self.name}-{number:03}", self._trial(number)
        trial.set_user_attr("run", run)
        try:
            launch.launch(self.room, {**merged(self.settings, chosen), "name": run}, token=f"{self.room}/{run}", origin="sweep")
        except InputError as error:
            self._fail(number, str(error))

    def _look_at(self, frozen: FrozenTrial) -> None:
        number, run = frozen.number, frozen.user_attrs.get("run")
        if run is None or not (state.place(self.room, run) / state.LAUNCH).is_file():
            self._launch(number, nested(frozen.params, self.space))  # cut off between the draw and the launch
            return
        found = state.status(self.room, run)
        if self._is_hopeless(frozen, found):
            launch.stop(self.room, run)
            self.study.tell(number, state=TrialState.PRUNED)
        elif found.state is State.DONE:
            value = _value(found, self.goal.figure)
            if value is None:
                self._fail(number, f"Its run gave no figure {self.goal.figure!r}.")
            else:
                self.study.tell(number, value)
        elif found.state is State.FAILED:
            self._fail(number, found.reason)
        elif found.state in (State.INTERRUPTED, State.STOPPED):
            resumed, ours = frozen.user_attrs.get("resumed", 0), frozen.user_attrs.get("let go", False)
            if resumed >= RESUMED and not ours:
                self._fail(number, found.reason)
            else:
                trial = self._trial(number)
                trial.set_user_attr("resumed", resumed + (not ours))
                trial.set_user_attr("let go", False)
                launch.resume(self.room, run)

    def _is_hopeless(self, frozen: FrozenTrial, found: Status) -> bool:
        """Tell the study of the validations that are new; whether the trial is worse than the median of the others by now."""
        if not self.goal.watch:
            return False
        new = {step: value for step, value in enumerate(watched(found, self.goal.watch))
               if step not in frozen.intermediate_values and math.isfinite(value)}
        trial, worse = self._trial(frozen.number) if new else None, False
        for step, value in new.items():
            trial.report(value, step)
            worse = worse or trial.should_prune()
        return worse and found.state is not State.DONE

    def _fail(self, number: int, reason: str) -> None:
        self._trial(number).set_user_attr("reason", reason)
        self.study.tell(number, state=TrialState.FAIL)

    def _trial(self, number: int) -> Trial:
        return Trial(self.study, self.study.get_trials(deepcopy=False)[number]._trial_id)


def watched(found: Status, figure: str) -> list[float]:
    """The values of a figure so far, of all stages of the run one after the other."""
    return [value for key, points in state.curves(found).items() if figure in (key, key.rpartition("/")[2])
            for _, value in points]


def _value(found: Status, figure: str) -> float | None:
    """Of a run that is done: from the figures of its weights, or else the last of a curve."""
    path = (found.weights or found.folder / state.WEIGHTS) / "metrics.json"
    try:
        figures = json.loads(path.read_text()).get("figures", ())
    except (OSError, ValueError):
        figures = ()
    value = next((one.get("value") for one in figures if one.get("name") == figure), None)
    if value is None:
        value = next(iter(watched(found, figure)[-1:]), None)
    return float(value) if value is not None and math.isfinite(value) else None


def _key(params: Mapping[str, Any]) -> str:
    return json.dumps(params, sort_keys=True)
