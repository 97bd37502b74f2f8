"""Before and after a training: a dataset checked, made or fetched; runs compared, promoted and taken back."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path

from core.uploads import InputError


def register(verbs, rooms: list[str]) -> None:
    def add(verb, help_text: str) -> argparse.ArgumentParser:
        command = verbs.add_parser(verb.__name__, help=help_text, description=help_text)
        command.set_defaults(verb=verb)
        return command

    command = add(check, "Look at a dataset before training on it: files, labels, patients, disk, time.")
    command.add_argument("modality", choices=rooms)
    command.add_argument("--recipe", nargs="+", required=True, metavar="FILE|KEY=VALUE", help="as of train")
    command.add_argument("--no-time", action="store_true", help="do not measure how long it will take")
    command = add(quick, "Generate data and print the recipe that trains on it in about a minute.")
    command.add_argument("modality", choices=rooms)
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command = add(fetch, "An open dataset from its publisher; goes on where it was cut off, and is checked.")
    command.add_argument("modality", choices=rooms)
    command.add_argument("dataset", nargs="?", default=None, help="default: list them")
    command.add_argument("--out", type=Path, default=None, metavar="DIR", help="default: data/DATASET")
    command = add(compare, "Runs and weights on the same studies: figures, and which differences are real.")
    command.add_argument("modality", choices=rooms)
    command.add_argument("sources", nargs="+", metavar="RUN|WEIGHTS", help="names of launched runs or of weights, or folders")
    command.add_argument("--data", type=Path, default=None,
                         help="default: that of the first run that was launched, of a quick start the part that none has seen")
    command.add_argument("--fold", type=int, default=None, help="as of evaluate (default: what no recipe learns from, else all)")
    command.add_argument("--out", type=Path, default=None, metavar="FILE", help="also write it as JSON")
    command = add(promote, "Let the weights of a run serve in its room.")
    command.add_argument("modality", choices=rooms)
    command.add_argument("run", help="name of a launched run, or a weights folder")
    command.add_argument("--folder", default=None, help="whose place is taken (default: the model of the same architecture)")
    command.add_argument("--version", default=None, help="default: the next patch of what serves")
    command = add(rollback, "Let the weights that served before serve again.")
    command.add_argument("folder", help="name of the weights, as in weights/")
    command.add_argument("--version", default=None, help="default: the one before")
    command.add_argument("--list", action="store_true", help="only say what there is")


def check(options: argparse.Namespace) -> int:
    from core.training.check import check

    found = check(options.modality, _settings(options.recipe), not options.no_time)
    print(f"{found.files:,} files, {found.bytes / 1e6:,.1f} MB; {found.free_bytes / 1e9:,.1f} GB free")
    for title, counts in (("Patients", found.patients), ("Labels", found.labels)):
        print(f"{title}: " + ", ".join(f"{name} {count:,}" for name, count in counts.items()))
    if found.seconds is not None:
        print(f"Time: about {_duration(found.seconds)}")
    for line in filter(None, (found.why_not, *found.remarks)):
        print(line)
    for problem in found.problems:
        print(f"Problem: {problem}", file=sys.stderr)
    return 0 if found.fine else 1


def quick(options: argparse.Namespace) -> int:
    from core.training.quick import quick

    settings = quick(options.modality, options.out)
    path = options.out / "recipe.json"
    path.write_text(json.dumps(settings, indent=1) + "\n")
    print(f"python -m core train {options.modality} --recipe {path} name=quick out={options.out / 'weights'}")
    return 0


def fetch(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from core.settings import ROOT
    from core.training.publisher import fetch, published

    there = {one.key: one for one in published(options.modality)}
    if options.dataset is None:
        for one in there.values():
            use = one.why_not or f"{one.bytes / 1e6:,.0f} MB, {'to train on' if one.learned else 'to compare on'}"
            print(f"{one.key}: {one.title} ({one.licence}; {one.cite}); {use}; {one.page}")
        return 0
    if options.dataset not in there:
        raise InputError("dataset", f"There is no dataset {options.dataset}.", f"Choose one of {', '.join(there)}.")
    dataset = there[options.dataset]
    with tqdm(desc=dataset.title, total=dataset.bytes, unit="B", unit_scale=True) as bar:
        settings = fetch(dataset, options.out or ROOT / "data" / dataset.key, lambda got, of: bar.update(got - bar.n) or True)
    print(json.dumps(settings))
    return 0


def _usual(room: str, sources: list[str]) -> Path:
    """Raises:
        InputError: no launched run is among the sources.
    """
    from core.training.quick import usual_data
    from core.training.state import place, status

    run = next((name for name in sources if "/" not in name and place(room, name).is_dir()), None)
    if run is None:
        raise InputError("data", "None of these is a launched run, whose data could be taken.", "Give --data.")
    return Path(usual_data(status(room, run)))


def compare(options: argparse.Namespace) -> int:
    from core.training.compare import compare

    found = compare(options.modality, options.sources, options.data or _usual(options.modality, options.sources), options.fold)
    print(f"{found.studies:,} studies of {found.patients:,} patients: {found.split}")
    for row in found.rows:
        print(f"\n{row.label} ({row.name} {row.version}, {row.sha256[:12]})" + (f"\n  Caution: {row.seen}" if row.seen else ""))
        for one in row.figures:
            print(f"  {one['name']}: {one['value']:.4f} (95 % {one['interval'][0]:.4f} to {one['interval'][1]:.4f})")
    print()
    for one in found.differences:
        words = f"real, {one.better} is better" if one.real else "not told from chance"
        interval = f"95 % {one.interval[0]:+.4f} to {one.interval[1]:+.4f}"
        print(f"{one.metric}, {one.a} - {one.b}: {one.value:+.4f} ({interval}), {words}")
    if options.out:
        options.out.write_text(json.dumps(found.as_dict(), indent=1) + "\n")
    return 0


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


def _settings(items: list[str]) -> dict:
    """A JSON file, or key=value with dots for stages; as ``train`` reads them."""
    values: dict = {}
    for item in items:
        key, sign, text = item.partition("=")
        if not sign:
            try:
                values |= json.loads(Path(item).read_text())
            except (OSError, ValueError, TypeError) as error:
                raise InputError("recipe", f"{item} is no recipe ({error}).", "Give a JSON file, or key=value.") from error
            continue
        *stages, last = key.split(".")
        at = values
        for stage in stages:
            at = at.setdefault(stage, {})
        try:
            at[last] = json.loads(text)
        except json.JSONDecodeError:
            at[last] = text
    return values


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
