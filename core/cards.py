"""Model cards (Hugging Face README.md) rendered from config.json and metrics.json, from nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from core import model_facts
from core.weights import CARD, WEIGHTS, Config, read_config, read_metrics, read_trust

BEGIN, END = "<!-- figures: python -m core cards -->", "<!-- /figures -->"


def write(folder: Path) -> Path:
    """Write ``folder/README.md``; returns its path."""
    config, metrics = read_config(folder), read_metrics(folder)
    path = folder / CARD
    path.write_text(render(config, metrics, (folder / WEIGHTS).stat().st_size, read_trust(folder)))
    return path


def render(config: Config, metrics: dict, size: int, trust: dict | None = None) -> str:
    """Markdown with the Hub's front matter."""
    extra = config.extra
    parts = [
        "---", f"license: {licence(config.licence)}", "library_name: cardioscope",
        "tags: [cardiology, medical, " + config.name.replace("_", "-") + "]", "---", "",
        f"# Cardioscope {config.name} {config.version}", "",
        "Research use only; not a medical device.", "",
        f"- Architecture: `{config.architecture.target}`",
        *(f"- Input, {key.replace('_', ' ')}: {value}" for key, value in config.input.items()),
        f"- Training data: {config.training_data}",
        f"- Licence: {config.licence}",
        f"- Seed {config.seed}, code revision {config.revision or 'unknown'}",
        f"- `{WEIGHTS}`: {size / 1e6:.2f} MB, SHA-256 `{config.sha256}`",
    ]
    if text := extra.get("text_encoder"):
        parts.append(f"- Text encoder: {', '.join(f'{k} {v}' for k, v in text.items())}")
    from core.plugins.catalogue import overlap, used_by

    for plugin in used_by(config):
        parts.append(f"- Built on {plugin.title} ({plugin.licence}; {plugin.cite}), trained on {', '.join(plugin.trained_on)}")
        parts += [f"- {line}" for line in overlap(plugin)]
    if command := extra.get("command"):
        parts.append(f"- Trained by `{command}`")
    facts = model_facts.markdown(model_facts.label(config, metrics, trust or {}))
    parts += ["", *facts, *_figures(metrics), *_thresholds(metrics, extra), *_notes(extra)]
    return "\n".join(parts).rstrip() + "\n"


def licence(name: str) -> str:
    """A licence as the Hub's list has it: "ODC-By-1.0" is odc-by there."""
    key = re.sub(r"[ _]+", "-", name.strip().lower())
    return {"odc-by-1.0": "odc-by", "odbl-1.0": "odbl", "pddl-1.0": "pddl", "mpl": "mpl-2.0"}.get(key, key)


def _figures(metrics: dict) -> list[str]:
    if not metrics:
        return ["## Figures", "", "None yet.", ""]
    rows = ["## Figures", "", f"Dataset: {metrics['dataset']}. Printed by `{metrics['command']}`.", "",
            "| figure | value | 95 % interval | split | n | aim |", "| --- | --- | --- | --- | --- | --- |"]
    for f in metrics["figures"]:
        unit = f" {f['unit']}" if f.get("unit") else ""
        aim = "" if f.get("target") is None else f"{f['target']:g}"
        interval = "" if not f.get("interval") else f"{f['interval'][0]:.4g} to {f['interval'][1]:.4g}"
        rows.append(f"| {f['name']} | {f['value']:.4g}{unit} | {interval} | {f['split']} | {f['n']} | {aim} |")
    return [*rows, ""]


def _thresholds(metrics: dict, extra: dict) -> list[str]:
    if not metrics.get("thresholds"):
        return []
    rows = ["## Operating points", "", f"From {extra.get('operating_points_from', 'the validation split')}.", "",
            "| group | code | finding | AUC | threshold | sensitivity | specificity | cases |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    show = lambda v: "" if v is None else f"{v:.3f}"  # noqa: E731
    for t in metrics["thresholds"]:
        rows.append(f"| {t.get('group', '')} | {t['code']} | {t['label']} | {show(t.get('auc'))} | {show(t['threshold'])} | "
                    f"{show(t['sensitivity'])} | {show(t['specificity'])} | {t['n_positive']} |")
    return [*rows, ""]


def _notes(extra: dict) -> list[str]:
    notes = extra.get("notes", [])
    return ["## Limits", "", *(f"- {note}" for note in notes), ""] if notes else []


def overview(folders: list[Path]) -> str:
    """The table of the project's README: the figures that have an aim, reached or not, of every shipped model."""
    rows = ["| model | dataset | split | n | metric | value | 95 % interval | aim |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for folder in folders:
        config, metrics = read_config(folder), read_metrics(folder)
        for f in metrics.get("figures", []):
            if f.get("target") is None:
                continue
            interval = "" if not f.get("interval") else f"{f['interval'][0]:.4g} to {f['interval'][1]:.4g}"
            rows.append(f"| {config.name} {config.version} | {metrics['dataset']} | {f['split']} | {f['n']} | {f['name']} | "
                        f"{f['value']:.4g} {f.get('unit') or ''} | {interval} | {f['target']:g} |".replace("  |", " |"))
    return "\n".join(rows)


def fill_readme(readme: Path, folders: list[Path]) -> Path:
    """Put the overview between the marks of the project's README."""
    text = readme.read_text()
    before, rest = text.split(BEGIN)
    readme.write_text(f"{before}{BEGIN}\n{overview(folders)}\n{END}{rest.split(END)[1]}")
    return readme
