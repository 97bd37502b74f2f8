"""python -m core predict | evaluate | train | prepare | cards, and what ``core.commands`` adds"""

from __future__ import annotations

import argparse
import json
import pkgutil
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import chain
from pathlib import Path

from tqdm import tqdm

from core import commands
from core.assessment import to_light
from core.batch import assessed, attempted, passed, studies_of, told
from core.device import DeviceError
from core.modality import MODALITIES, get
from core.settings import ROOT, settings
from core.uploads import InputError
from core.weights import WeightsError, local


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return options.verb(options)
    except (InputError, WeightsError, DeviceError) as error:  # what the user can mend, in one line
        print(f"core: {error}", file=sys.stderr)
        return 2


def predict(options: argparse.Namespace) -> int:
    """One JSON line per study, in order; a bad input is a line with its error, and the next study goes on.

    Studies are neither listed before nor kept, so that a table may have any number of rows. With ``resume`` what a
    prediction that was broken off wrote stays, and the next study goes on.
    """
    modality = get(options.modality)
    if options.masks and not modality.offers("mask"):
        raise InputError("masks", f"{modality.title} has no masks.", "Leave --masks out.")
    if options.ray:
        return _predict_on_ray(options)
    studies, before = studies_of(modality, options.paths), told(options.out) if options.resume else []
    passed(studies, [line["study"] for line in before])
    count, failed = len(before), sum("error" in line for line in before)
    model = next((line["assessment"]["model"]["sha256"] for line in before if "assessment" in line), None)
    first = next(studies, None)
    if first is None and not before:
        raise InputError("paths", "No study was found in the given paths.", f"Accepted: {', '.join(modality.accepts)}.")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    written: set[Path] = set()
    rest = studies if first is None else chain([first], studies)
    with options.out.open("a" if before else "w") as file, tqdm(
            desc=modality.title, unit=" studies", initial=count, disable=options.quiet) as bar:
        for one, study, result in assessed(rest, modality, options.weights):
            line: dict[str, object] = {"study": one.name}
            if isinstance(result, InputError):
                line["error"] = result.as_dict()
                failed += 1
                tqdm.write(f"{one.name}: {result}", file=sys.stderr)
            else:
                if model not in (None, result.model.sha256):
                    raise InputError("weights", f"{options.out} was begun with other weights.", "Leave --resume out.")
                line["assessment"] = to_light(result)
                mask = attempted(modality.verb("mask"), study, result) if options.masks else None
                if isinstance(mask, InputError):
                    line["mask_error"] = mask.as_dict()
                    tqdm.write(f"{one.name}: no mask: {mask}", file=sys.stderr)
                elif mask is not None:
                    path = _mask_path(options.masks, one.name, modality.accepts, written)
                    path.write_bytes(mask)
                    line["mask"] = str(path)
            file.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
            file.flush()
            count += 1
            bar.update()
    print(f"{count - failed} of {count} studies assessed, written to {options.out}")
    return 0 if failed < count else 1


def _predict_on_ray(options: argparse.Namespace) -> int:
    """Parquet files of any number of studies; what is finished is not done again."""
    from core.ray_predict import SHARD, predict

    if options.masks:
        raise InputError("masks", "Masks are not written on a cluster.", "Leave out --masks, or --ray.")
    out = Path("results") if options.out == Path("results.jsonl") else options.out
    with tqdm(desc=get(options.modality).title, unit=" studies", disable=options.quiet) as bar:
        found = predict(options.modality, options.paths, out, options.weights, options.shard or SHARD,
                        lambda steps, of: bar.update(steps - bar.n) or True)
    print(f"{found.studies - found.failed} of {found.studies} studies assessed by {found.actors} models at once, "
          f"{found.skipped} of them before; written to {out}")
    return 0 if found.failed < found.studies else 1


def _mask_path(folder: Path, study: str, endings: Sequence[str], written: set[Path]) -> Path:
    """Named as the study's file without its endings; where two have one name, as the whole path."""
    folder.mkdir(parents=True, exist_ok=True)
    bare = re.sub(rf"([.]({'|'.join(endings)}))+$", "", study.rstrip("/"), flags=re.IGNORECASE)
    path = folder / f"{Path(bare).name}.nii.gz"
    if path in written:
        path = folder / f"{re.sub(r'[^A-Za-z0-9.-]+', '_', bare).strip('_.')}.nii.gz"
    written.add(path)
    return path


def evaluate(options: argparse.Namespace) -> int:
    modality = get(options.modality)
    weights = options.weights or next(iter(modality.weights))
    metrics = modality.verb("evaluate")(options.data, options.fold, options.out, weights)
    for figure in metrics["figures"]:
        low, high = figure["interval"] or (float("nan"), float("nan"))
        print(f"{figure['name']}: {figure['value']:.4f} (95 % {low:.4f} to {high:.4f}), {figure['split']}, n = {figure['n']}")
    return 0


def train(options: argparse.Namespace) -> int:
    from core.training.recipes import parse, settings_of

    kind, recipe = parse(options.modality, settings_of(options.recipe))
    print(kind.train(recipe))
    return 0


def prepare(options: argparse.Namespace) -> int:
    """Notes to features and embeddings; an interrupted run goes on where it stopped."""
    modality = get(options.modality)
    if not modality.offers("prepare"):
        raise InputError("modality", f"{modality.title} prepares no notes.", "Choose a room that learns from notes.")
    with tqdm(desc="Notes", unit=" notes", disable=options.quiet) as bar:

        def done(steps: int, of: int) -> bool:
            bar.total = of
            bar.update(steps - bar.n)
            return True

        counts = modality.verb("prepare")(options.notes, options.out, options.vitals, done)
    print("\n".join(f"{name.replace('_', ' ')}: {count:,}" for name, count in counts.items()))
    return 0


def cards(options: argparse.Namespace) -> int:
    """Of the shipped weights and of promoted ones that serve in their place; the table of the README is of the shipped ones."""
    from core.cards import fill_readme, write

    names = [name for modality in MODALITIES for name in modality.folders]
    folders = [settings.weights / name for name in names]
    for folder in dict.fromkeys([*folders, *filter(None, map(local, names))]):
        print(write(folder))
    print(fill_readme(ROOT / "README.md", folders))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Cardioscope on the command line.")
    verbs = parser.add_subparsers(required=True)
    names = [m.name for m in MODALITIES if m.built]
    choice = "folder in weights/, path or Hub id (default: the room's main model)"

    def add(verb, help_text: str, modality: bool = True) -> argparse.ArgumentParser:
        command = verbs.add_parser(verb.__name__, help=help_text, description=help_text)
        command.set_defaults(verb=verb)
        if modality:
            command.add_argument("modality", choices=names)
        return command

    command = add(predict, "Assess files, folders or tables (CSV with a path column); one JSON line per study.")
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    command.add_argument("--out", type=Path, default=Path("results.jsonl"))
    command.add_argument("--weights", default=None, help=choice)
    command.add_argument("--masks", type=Path, default=None, metavar="DIR",
                         help="write each mask as NIfTI on the grid of its scan, where a room segments")
    command.add_argument("--ray", action="store_true", help="on a Ray cluster (RAY_ADDRESS) or on all cores and GPUs of this "
                         "machine; --out is a folder of Parquet files, and what is finished there is not done again")
    command.add_argument("--shard", type=int, default=None, metavar="N", help="studies in a Parquet file (with --ray)")
    command.add_argument("--resume", action="store_true", help="go on where a prediction into --out was broken off")
    command.add_argument("--quiet", action="store_true", help="no progress bar")
    command = add(evaluate, "Figures of the weights on a dataset in its publisher's layout.")
    command.add_argument("--data", type=Path, required=True)
    command.add_argument("--fold", type=int, required=True)
    command.add_argument("--out", type=Path, required=True)
    command.add_argument("--weights", default=None, help=choice)
    command = add(train, "Train from a recipe; an interrupted run goes on where it stopped.")
    command.add_argument("--recipe", nargs="+", required=True, metavar="FILE|KEY=VALUE",
                         help="a JSON file, or settings such as data=DIR alignment.epochs=10; recipe=NAME for another of them")
    command = add(prepare, "Notes to counted features and embeddings, aligned with vital signs where they are given.")
    command.add_argument("--notes", type=Path, required=True, metavar="FILE", help="CSV, JSON lines or Parquet")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument("--vitals", type=Path, default=None, metavar="PATH", help="a table, a folder or an npz of stays")
    command.add_argument("--quiet", action="store_true", help="no progress bar")
    add(cards, "Render the model cards from config.json and metrics.json.", modality=False)
    for module in pkgutil.iter_modules(commands.__path__):
        import_module(f"core.commands.{module.name}").register(verbs, names)
    return parser


if __name__ == "__main__":
    sys.exit(main())
