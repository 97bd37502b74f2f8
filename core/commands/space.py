"""``space``: the app as a Hugging Face Space - build, check, push - the whole of it, the Gradio face, or a showcase."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from core.space import WAYS


def register(verbs, rooms: list[str]) -> None:
    command = verbs.add_parser("space", help="The app as a Hugging Face Space: build, check or push it.",
                               description="docker: the whole app. gradio: the face for programs alone. static: cases that were "
                                           "computed beforehand, without a server.")
    steps = command.add_subparsers(required=True)
    for step, help_text in ((build, "Write its files into a folder."), (check, "Whether the Hub would take it, and its plan."),
                            (push, "Publish it in one commit.")):
        part = steps.add_parser(step.__name__, help=help_text, description=help_text)
        part.set_defaults(verb=step)
        if step is push:
            part.add_argument("repository", metavar="USER/NAME")
            part.add_argument("--private", action="store_true")
        if step is build:
            part.add_argument("--out", type=Path, required=True, metavar="DIR")
        part.add_argument("--as", dest="way", choices=WAYS, required=True)
        part.add_argument("--hardware", default=None, help="of a Gradio Space: zero-a10g, cpu-basic, t4-small ...")
        part.add_argument("--examples", type=int, default=None, metavar="N", help="cases of each room in a showcase")
        if step is not build:
            part.add_argument("--dir", type=Path, default=None, help="built before (default: built now)")


def build(options: argparse.Namespace) -> int:
    _built(options, options.out)
    return _told(options, options.out)


def check(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        return _told(options, options.dir or _built(options, Path(folder)))


def push(options: argparse.Namespace) -> int:
    from core import hub
    from core.space.build import files_below

    hub.named(options.repository)
    with tempfile.TemporaryDirectory() as folder:
        space = options.dir or _built(options, Path(folder))
        if status := _told(options, space):
            return status
        done = hub.publish(
            options.repository, {path.relative_to(space).as_posix(): path for path in files_below(space)}, kind="space",
            sdk=options.way, hardware=options.hardware, private=options.private, replace=True, message="Cardioscope",
            said=lambda step: print(f"{step} ...", flush=True))
    hub.record(done)
    print(f"{'Already there' if done.unchanged else 'Published'}: {done.address} (revision {done.revision})")
    return 0


def _built(options: argparse.Namespace, out: Path) -> Path:
    from core.space.build import build as made

    return made(options.way, out, hardware=options.hardware, showcase=lambda folder: _showcase(folder, options.examples))


def _showcase(out: Path, most: int | None) -> None:
    from core.modality import MODALITIES
    from core.space import showcase

    showcase.write(out, [room for room in MODALITIES if room.built], _runs(), most=most,
                   said=lambda case: print(f"{case} ...", file=sys.stderr, flush=True))


def _runs() -> list:
    """The newest runs of this machine with their curves."""
    from core.space.evidence import Run
    from core.training import state

    return [Run(one.room, one.name, str(one.state), state.curves(one)) for one in state.every()[:12]]


def _told(options: argparse.Namespace, folder: Path) -> int:
    from core.space import check as checks

    found = checks.check(folder, options.way)
    print(f"{len(found.files)} files, {found.bytes / 1e6:.1f} MB, SHA-256 {found.sha256}")
    print(f"largest: {max(found.files, key=found.files.get)}, {max(found.files.values()) / 1e6:.1f} MB; "
          + (f"over 10 MB, sent as large files: {', '.join(found.large)}" if found.large else "none over 10 MB"))
    print(checks.PLANS[options.way])
    for problem in found.problems:
        print(f"core: {problem}", file=sys.stderr)
    return 2 if found.problems else 0
