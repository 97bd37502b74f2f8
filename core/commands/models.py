"""Promote and roll back: which weights serve in a room."""

from __future__ import annotations

import argparse
from datetime import datetime


def register(verbs, rooms: list[str]) -> None:
    command = verbs.add_parser("promote", help="Let the weights of a run serve in its room.")
    command.set_defaults(verb=promote)
    command.add_argument("modality", choices=rooms)
    command.add_argument("run", help="name of a launched run, or a weights folder")
    command.add_argument("--folder", default=None, help="whose place is taken (default: the model of the same architecture)")
    command.add_argument("--version", default=None, help="default: the next patch of what serves")
    command = verbs.add_parser("rollback", help="Let the weights that served before serve again.")
    command.set_defaults(verb=rollback)
    command.add_argument("folder", help="name of the weights, such as ecg")
    command.add_argument("--version", default=None, help="default: the one before")
    command.add_argument("--list", action="store_true", help="only say what there is")


def promote(options: argparse.Namespace) -> int:
    from core.training.promote import promote

    print(promote(options.modality, options.run, options.folder, options.version))
    return 0


def rollback(options: argparse.Namespace) -> int:
    from core.training.promote import history, rollback

    if not options.list:
        print(f"{options.folder} {rollback(options.folder, options.version)} serves.")
    for one in history(options.folder):
        when = "shipped" if one.time is None else f"{datetime.fromtimestamp(one.time):%Y-%m-%d %H:%M} from {one.run}"
        print(f"{'*' if one.current else ' '} {one.version}  {one.sha256[:12]}  {when}")
    return 0
