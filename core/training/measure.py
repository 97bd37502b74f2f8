"""How long a training will take: the real thing, with twenty steps of each stage, in a process and a folder of its own.

    python -m core.training.measure ROOM SETTINGS.json

A stage of the same network and loss as one before is not measured again. Everything else (reading, judging) runs as it is, so an
estimate is made of what was reached when the time is over: what was done is held against the share that it is of the whole.
"""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import Any

from core.progress import Cancelled, Done, report
from core.settings import ROOT, settings
from core.training.recipes import parse
from core.uploads import InputError

STEPS = 20
TOO_LONG = "Reading the data alone takes longer than the check; what is read is kept for the training."


def estimate(room: str, settings_: Mapping[str, Any], within: float, done: Done | None = None) -> tuple[float | None, str, str]:
    """Seconds of a whole training; why there is no estimate, in one sentence; what the training itself would say is wrong.

    Raises:
        Cancelled: ``done``, which counts in seconds, said so.
    """
    kept = settings.runs / "cache"  # what is read of the data serves the training, too
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="cardioscope-measure-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "runs").mkdir()
        (Path(folder) / "runs" / "cache").symlink_to(kept.resolve(), target_is_directory=True)
        asked, told = Path(folder) / "settings.json", Path(folder) / "told.jsonl"
        asked.write_text(json.dumps(dict(settings_) | {"name": "measure", "out": str(Path(folder) / "out")}, default=str))
        environment = os.environ | {"CARDIOSCOPE_RUNS": str(Path(folder) / "runs"), "TRACKIO_DIR": folder,
                                    "CARDIOSCOPE_WEIGHTS": str(settings.weights.resolve())}
        child = subprocess.Popen([sys.executable, "-m", __name__, room, str(asked), str(told)], cwd=ROOT, env=environment,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        began = time.monotonic()
        try:
            while (passed := time.monotonic() - began) < within:
                report(done, int(passed), int(within))
                try:
                    child.wait(0.5)
                    break
                except subprocess.TimeoutExpired:
                    continue
        finally:
            child.kill()
            errors = child.communicate()[1]
        lines = told.read_text().splitlines() if told.is_file() else []
        last = json.loads(lines[-1]) if lines else {}
    if last.get("problem"):
        return None, "", last["problem"]
    if last.get("seconds"):
        return last["seconds"], "", ""
    if child.returncode in (0, -9):  # it ended, or we ended it
        return None, TOO_LONG, ""
    return None, f"It could not be measured ({(errors.strip().splitlines() or ['no reason given'])[-1]}).", ""


class Watch:
    """What was seen of a training: seconds that its stages would take, and how far the whole is."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]):
        self.tell, self.began = tell, time.perf_counter()
        self.rates: dict[tuple[str, str, int], float] = {}  # seconds per step, by network, loss and size
        self.stages = self.probing = 0.0
        self.share = 0.0

    def done(self, steps: int, of: int) -> bool:
        self.share = steps / max(of, 1)
        self.say()
        return True

    def say(self, whole: bool = False) -> None:
        so_far = self.stages + time.perf_counter() - self.began - self.probing
        if whole or self.share > 0:
            self.tell({"seconds": round(so_far if whole else so_far / self.share, 1)})

    def fit(self, fit: Callable[..., Any]) -> Callable[..., Any]:
        """The training loop, which now stops after ``STEPS`` and counts what it would have taken."""
        told = inspect.signature(fit)

        @wraps(fit)
        def measured(*arguments: Any, **more: Any) -> Any:
            from core.training.loop import Average

            call = told.bind(*arguments, **more)
            call.apply_defaults()
            asked = call.arguments
            model, batches, schedule, per_epoch = (asked[name] for name in ("model", "batches", "schedule", "steps_per_epoch"))
            steps, goes_on = per_epoch * schedule.epochs, asked.get("done")
            kind = type(model).__qualname__, asked["loss"].__qualname__, sum(p.numel() for p in model.parameters())
            began, times = time.perf_counter(), []
            if kind in self.rates or not steps:
                fitted = Average(model).model
            else:
                asked["steps_per_epoch"] = few = min(per_epoch, STEPS)
                asked["schedule"] = schedule.model_copy(update={"epochs": min(schedule.epochs, -(-STEPS // few))})
                asked["batches"] = lambda epoch: islice(batches(epoch), few)
                asked["validate"], asked["done"] = None, lambda *_: times.append(time.perf_counter()) or True
                fitted = fit(*call.args, **call.kwargs)
                first, *rest = times
                self.rates[kind] = (rest[-1] - first) / len(rest) if rest else first - began
            self.probing += time.perf_counter() - began
            self.stages += self.rates.get(kind, 0.0) * steps
            report(goes_on, 1, 1)
            return fitted

        return measured


def main(room: str, asked: Path, told: Path) -> None:
    from core.training import loop, runs

    os.nice(5)

    def tell(what: dict[str, Any]) -> None:
        with told.open("a") as file:
            file.write(json.dumps(what) + "\n")

    watch, runs._tracked = Watch(tell), lambda *_: None  # nobody follows this one
    loop.fit = watch.fit(loop.fit)  # before the room's own modules take it from there
    try:
        kind, recipe = parse(room, json.loads(asked.read_text()))
        kind.train(recipe, watch.done)
        watch.say(whole=True)
    except InputError as error:
        tell({"problem": f"{error.message} {error.remedy}"})
    except Cancelled:
        raise
    except Exception as error:  # networks that have seen twenty steps may be beyond judging: the stages are what counts
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        watch.say()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
