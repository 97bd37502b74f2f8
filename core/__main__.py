"""python -m core predict | evaluate | train | runs | cards"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Iterator
from inspect import signature
from pathlib import Path

from pydantic import ValidationError
from tqdm import tqdm

from core.assessment import light, to_dict
from core.modality import MODALITIES, Modality, get
from core.settings import ROOT, settings
from core.uploads import InputError, from_paths


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return options.verb(options)
    except (InputError, ValidationError, RuntimeError, ValueError) as error:
        print(f"core: {error}", file=sys.stderr)
        return 2


def predict(options: argparse.Namespace) -> int:
    """One JSON line per study; a bad input is a line with its error, and the next study goes on."""
    modality, failed = get(options.modality), 0
    read, assess = modality.verb("read"), modality.verb("assess")
    studies = list(_studies(modality, options.paths))
    if not studies:
        raise InputError("paths", "No study was found in the given paths.", f"Accepted: {', '.join(modality.accepts)}.")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    written: set[Path] = set()
    if options.masks and not modality.offers("mask"):
        raise InputError("masks", f"{modality.title} has no masks.", "Leave --masks out.")
    with options.out.open("w") as file:
        for name, fields, paths in tqdm(studies, modality.title, disable=options.quiet):
            line: dict[str, object] = {"study": name}
            try:
                study = read(from_paths(paths), **fields)
                assessment = assess(study)
                line["assessment"] = to_dict(light(assessment))
                if options.masks and (mask := modality.verb("mask")(study, assessment)) is not None:
                    path = _mask_path(options.masks, name, written)
                    path.write_bytes(mask)
                    line["mask"] = str(path)
            except InputError as error:
                line["error"] = error.as_dict()
                failed += 1
                tqdm.write(f"{name}: {error}", file=sys.stderr)
            file.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
            file.flush()
    print(f"{len(studies) - failed} of {len(studies)} studies assessed, written to {options.out}")
    return 0 if failed < len(studies) else 1


def _mask_path(folder: Path, study: str, taken: set[Path]) -> Path:
    """Named as the study's file; where two have one name, as the whole path."""
    folder.mkdir(parents=True, exist_ok=True)
    bare = re.sub(r"[.](nii|nii[.]gz|nrrd|zip|dcm|png)$", "", study.rstrip("/"), flags=re.IGNORECASE)
    path = folder / f"{Path(bare).name}.nii.gz"
    if path in taken:
        path = folder / f"{re.sub(r'[^A-Za-z0-9.-]+', '_', bare).strip('_.')}.nii.gz"
    taken.add(path)
    return path


def _studies(modality: Modality, paths: list[Path]) -> Iterator[tuple[str, dict[str, object], list[Path]]]:
    """Name, read fields and files of each study: files as they are, folders searched, manifests by row."""
    known = set(signature(modality.verb("read")).parameters) - {"files"}  # a manifest may carry more than read asks for
    for path in paths:
        if path.is_dir() and modality.offers("studies"):
            yield from ((name, {}, files) for name, files in modality.verb("studies")(path))
        elif path.is_dir():
            for found in sorted(p for p in path.rglob("*") if p.suffix[1:].lower() in modality.accepts):
                header = found.with_suffix(".hea")
                if found.suffix.lower() not in (".dat", ".mat") or not header.exists():
                    yield str(found.relative_to(path)), {}, [found]
        elif path.suffix.lower() == ".csv" and (rows := _manifest(path)) is not None:
            for row in rows:
                fields = {k: v if k == "note" else _number(v) for k, v in row.items() if k in known and v}
                yield row["path"], fields, _files(modality, path.parent / row["path"])
        else:
            yield str(path), {}, [path]


def _files(modality: Modality, path: Path) -> list[Path]:
    """A file, or the files of the one study in a folder."""
    if path.is_dir() and modality.offers("studies"):
        return next(iter(modality.verb("studies")(path)), ("", [path]))[1]
    return [path]


def _manifest(path: Path) -> list[dict[str, str]] | None:
    """The rows of a CSV with a ``path`` column (further columns are fields of ``read``), or None."""
    with path.open(newline="", errors="replace") as file:
        reader = csv.DictReader(file)
        return list(reader) if reader.fieldnames and "path" in reader.fieldnames else None


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def evaluate(options: argparse.Namespace) -> int:
    metrics = get(options.modality).verb("evaluate")(options.data, options.fold, options.out, options.weights or options.modality)
    for figure in metrics["figures"]:
        low, high = figure["interval"]
        print(f"{figure['name']}: {figure['value']:.4f} (95 % {low:.4f} to {high:.4f}), {figure['split']}, n = {figure['n']}")
    return 0


def train(options: argparse.Namespace) -> int:
    modality, values = get(options.modality), {}
    for item in options.recipe:
        if "=" not in item:
            values |= json.loads(Path(item).read_text())
            continue
        key, _, value = item.partition("=")
        _assign(values, key.split("."), _json(value))
    print(modality.verb("train")(modality.verb("Recipe")(**values)))
    return 0


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _assign(values: dict, keys: list[str], value: object) -> None:
    for key in keys[:-1]:
        values = values.setdefault(key, {})
    values[keys[-1]] = value


def runs(options: argparse.Namespace) -> int:
    for path in sorted(settings.runs.glob("*/*/progress.jsonl")):
        last = json.loads(path.read_text().splitlines()[-1])
        print(path.parent.relative_to(settings.runs), *(f"{k}={v}" for k, v in last.items() if k != "time"))
    return 0


def cards(options: argparse.Namespace) -> int:
    from core.cards import fill_readme, write

    folders = [settings.weights / name for modality in MODALITIES for name in modality.weights]
    for folder in folders:
        print(write(folder))
    print(fill_readme(ROOT / "README.md", folders))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Cardioscope on the command line.")
    verbs = parser.add_subparsers(required=True)
    names = [m.name for m in MODALITIES if m.built]

    def add(verb, help_text: str, modality: bool = True) -> argparse.ArgumentParser:
        command = verbs.add_parser(verb.__name__, help=help_text, description=help_text)
        command.set_defaults(verb=verb)
        if modality:
            command.add_argument("modality", choices=names)
        return command

    command = add(predict, "Assess files, folders or manifests (CSV with a path column); one JSON line per study.")
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    command.add_argument("--out", type=Path, default=Path("results.jsonl"))
    command.add_argument("--masks", type=Path, default=None, metavar="DIR",
                         help="write each mask as NIfTI on the grid of its scan (cardiac MR)")
    command.add_argument("--quiet", action="store_true", help="no progress bar")
    command = add(evaluate, "Figures of the weights on a dataset in its publisher's layout.")
    command.add_argument("--data", type=Path, required=True)
    command.add_argument("--fold", type=int, required=True)
    command.add_argument("--out", type=Path, required=True)
    command.add_argument("--weights", default=None, help="folder in weights/, path or Hub id (default: the shipped ones)")
    command = add(train, "Train from a recipe; an interrupted run goes on where it stopped.")
    command.add_argument("--recipe", nargs="+", required=True, metavar="FILE|KEY=VALUE",
                         help="a JSON file, or settings such as data=DIR alignment.epochs=10")
    add(runs, "Training runs and where they stand.", modality=False)
    add(cards, "Render the model cards from config.json and metrics.json.", modality=False)
    return parser


if __name__ == "__main__":
    sys.exit(main())
