"""Launched runs: launch, look at, stop, resume, reorder, forget."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any


def register(verbs, rooms: list[str]) -> None:
    def add(name: str, verb, text: str, run: bool = True) -> argparse.ArgumentParser:
        command = verbs.add_parser(name, help=text, description=text)
        command.set_defaults(verb=verb)
        if run:
            command.add_argument("modality", metavar="ROOM")
            command.add_argument("name", metavar="RUN")
        return command

    command = add("launch", launch, "Queue a training that goes on without this terminal; `runs` shows it.", run=False)
    command.add_argument("modality", choices=rooms)
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--recipe", nargs="+", metavar="FILE|KEY=VALUE",
                      help="as of train; name=NAME for a name of its own, recipe=NAME for another of the room's recipes")
    what.add_argument("--quick", action="store_true", help="about a minute on data that our own code generates")
    command.add_argument("--token", default=None, help="launching twice with the same one gives one run")
    command.add_argument("--wait", action="store_true", help="until it is over; the exit status says whether it is done")
    command = add("runs", runs, "Launched runs and where they stand, the newest first; then stages that `train` left.", run=False)
    command.add_argument("modality", nargs="?", metavar="ROOM", default=None)
    command.add_argument("--json", action="store_true", help="one JSON object a line")
    command = add("stop", stop, "End a run after its step; it keeps the best so far and can be resumed.")
    command.add_argument("--force", action="store_true", help="kill it")
    add("resume", resume, "Queue a run again that was stopped, failed or was interrupted; it goes on from its last whole epoch.")
    command = add("move", move, "Another place in the queue.")
    command.add_argument("position", type=int, help="from 1")
    command = add("log", log, "The end of a run's log.")
    command.add_argument("--lines", type=int, default=40)
    add("forget", forget, "Delete a run with its checkpoints and its weights.")


def launch(options: argparse.Namespace) -> int:
    from core.training import launch, quick, state
    from core.training.recipes import settings_of

    if options.quick:
        one = quick.start(options.modality, options.token)
    else:
        one = launch.launch(options.modality, settings_of(options.recipe), options.token)
    print(_line(one), flush=True)
    while options.wait and one.state not in state.FINISHED:
        time.sleep(1)
        one = state.status(one.room, one.name)
    if options.wait:
        print(_line(one))
        return 0 if one.state is state.State.DONE else 1
    return 0


def runs(options: argparse.Namespace) -> int:
    from core.training import state

    for one in state.every():
        if options.modality in (None, one.room):
            print(json.dumps(_values(one), default=str) if options.json else _line(one))
    if not options.json:
        _stages(options.modality)
    return 0


def _stages(room: str | None) -> None:
    """What ``train`` left, without a launch."""
    from core.training.records import tail
    from core.training.runs import settings

    for path in sorted(settings.runs.glob(f"{room or '*'}/*/progress.jsonl")):
        try:
            last = json.loads(tail(path).splitlines()[-1])
        except (IndexError, ValueError):
            continue
        print(path.parent.relative_to(settings.runs), *(f"{k}={v}" for k, v in last.items() if k != "time"))


def stop(options: argparse.Namespace) -> int:
    from core.training import launch

    print(_line(launch.stop(*_named(options), force=options.force)))
    return 0


def resume(options: argparse.Namespace) -> int:
    from core.training import launch

    print(_line(launch.resume(*_named(options))))
    return 0


def move(options: argparse.Namespace) -> int:
    from core.training import launch

    print(_line(launch.move(*_named(options), options.position)))
    return 0


def forget(options: argparse.Namespace) -> int:
    from core.training import launch

    launch.forget(*_named(options))
    return 0


def log(options: argparse.Namespace) -> int:
    from core.training import records, state

    print("\n".join(records.tail(state.status(*_named(options)).log, 2**20).splitlines()[-options.lines:]))
    return 0


def _named(options: argparse.Namespace) -> tuple[str, str]:
    """Raises:
        InputError: there is no such run.
    """
    from core.training.state import place
    from core.uploads import InputError

    if not place(options.modality, options.name).is_dir():
        raise InputError("name", f"There is no run {options.modality}/{options.name}.", "See `python -m core runs`.")
    return options.modality, options.name


def _line(one: Any) -> str:
    """One run in a line."""
    words = [f"{one.room}/{one.name}", str(one.state)]
    if one.position:
        words.append(f"{one.position} in the queue")
    if one.of:
        words.append(f"{100 * one.step // one.of} %")
    if one.seconds_left is not None:
        words.append(f"{one.stage}, {one.seconds_left / 60:.0f} min left")
    return "  ".join([*words, *filter(None, (one.notice, one.reason, str(one.weights or "")))])


def _values(one: Any) -> dict[str, Any]:
    return {key: value for key, value in vars(one).items() if value is not None}
