"""A showcase without a server: each room's examples computed once, as pictures, charts, findings and reports, on one page.

Everything lies beside the page; nothing is loaded from elsewhere.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import core
from core import gallery, markup
from core.assessment import Assessment, to_light
from core.contract import Input, Modality
from core.export.entry import CaseEntry
from core.settings import ROOT
from core.space import evidence
from core.space.charts import Charts, place, script
from core.uploads import InputError

ASSETS = ("face.css", "showcase.css", "showcase.js", "logo.svg")


def write(
    out: Path, rooms: Sequence[Modality], runs: Sequence[evidence.Run] = (), *, most: int | None = None,
    said: Callable[[str], None] = lambda _: None,
) -> Path:
    """Compute the cases and write ``index.html`` with what belongs to it into ``out``; returns the page.

    Args:
        runs: training runs with their curves. most: examples of each room; all where None. said: told each case.
    """
    (out / "cases").mkdir(parents=True, exist_ok=True)
    charts: Charts = {}
    sections = [_room(room, out, charts, most, said) for room in rooms]
    proof = evidence.models([folder for room in rooms for folder in room.folders], charts)
    trained = evidence.runs(runs, charts)
    for name in ASSETS:
        shutil.copy(ROOT / "assets" / name, out)
    from plotly.offline import get_plotlyjs

    (out / "plotly.min.js").write_text(get_plotlyjs())
    (out / "charts.js").write_text(script(charts))
    page = out / "index.html"
    page.write_text(_page(rooms, sections, proof, trained))
    return page


def _room(room: Modality, out: Path, charts: Charts, most: int | None, said: Callable[[str], None]) -> str:
    cases, tabs = [], []
    for number, example in enumerate(list(room.verb("examples")())[:most]):
        said(f"{room.title}: {example.name}")
        key = f"{room.name}-{number}"
        cases.append(_case(room, example, key, out, charts, hidden=number > 0))
        tabs.append(_tab(key, example.name, not number))
    return (f"<section id='{room.name}' class='room'><h2>{escape(room.title)}</h2><p class='lead'>{escape(room.summary)}</p>"
            f"<div class='chips' role='tablist' aria-label='Examples'>{''.join(tabs)}</div>{''.join(cases)}</section>")


def _case(room: Modality, example: Input, key: str, out: Path, charts: Charts, hidden: bool) -> str:
    study = room.verb("read")(example.files, **example.fields)
    assessment = room.verb("assess")(study)
    reason = _explained(room, study, assessment)
    plain, light, dark = ([*gallery.of(room, study, assessment, one, dark=theme)] for one, theme in (
        (None, False), (reason, False), (reason, True)))
    pictures = {one.title: one for one in [*plain, *light] if one.png}
    addresses = {}
    for number, one in enumerate(pictures.values()):
        addresses[one.title] = f"cases/{key}-{number}.png"
        (out / addresses[one.title]).write_bytes(one.png)
    drawn = [place(charts, f"{key}-{number}", one.chart, other.chart, one.alt, one.title, wide=one.wide)
             for number, (one, other) in enumerate(zip(light, dark, strict=True)) if one.chart is not None]
    files = _files(room.verb("entry")(study, assessment), example, key, out)
    parts = {"Findings": markup.whole(assessment), "Report": markup.report(assessment), "Files": files}
    seen = markup.pictures(pictures.values(), lambda one: addresses[one.title]) + f"<div class='charts'>{''.join(drawn)}</div>"
    return (f"<article id='{key}' role='tabpanel' class='case'{' hidden' if hidden else ''}>{markup.badge(assessment)}"
            f"{markup.notices(assessment.notices)}{seen}{_tabs(key, {title: made for title, made in parts.items() if made})}"
            "</article>")


def _explained(room: Modality, study: Any, assessment: Assessment) -> Any:
    """Why the model speaks of the first of its findings; None where there is nothing to explain."""
    targets = [] if assessment.refused else gallery.explainable(assessment)
    try:
        return room.verb("explain")(study, targets[0].target) if targets else None
    except InputError:  # a heart without scar has no map of it
        return None


def _files(entry: CaseEntry, example: Input, key: str, out: Path) -> str:
    """The reports as files, and links to them."""
    from core.export.fhir import diagnostic_report
    from core.export.pdf import case_pdf

    entry = replace(entry, study=example.name)
    made = {"pdf": ("Report, PDF", case_pdf([entry])),
            "json": ("Assessment, JSON", json.dumps(to_light(entry.assessment), ensure_ascii=False, indent=1).encode()),
            "fhir.json": ("DiagnosticReport, FHIR", json.dumps(diagnostic_report(entry), ensure_ascii=False, indent=1,
                                                                default=str).encode())}
    lines = []
    for ending, (title, data) in made.items():
        (out / "cases" / f"{key}.{ending}").write_bytes(data)
        size = f"<span class='cs-small'>{len(data) / 1000:.0f} kB</span>"
        lines.append(f"<li><a href='cases/{key}.{ending}' download>{title}</a> {size}</li>")
    return f"<ul class='files'>{''.join(lines)}</ul>"


def _tabs(key: str, parts: dict[str, str]) -> str:
    """Titles above, one part open at a time; without JavaScript all stand below each other."""
    heads = "".join(_tab(f"{key}-{title}", title, not k) for k, title in enumerate(parts))
    bodies = "".join(f"<div id='{key}-{title}' role='tabpanel'{' hidden' if k else ''}>{made}</div>"
                     for k, (title, made) in enumerate(parts.items()))
    return f"<div class='tabs' role='tablist'>{heads}</div>{bodies}"


def _tab(controls: str, title: str, chosen: bool) -> str:
    return f"<button role='tab' aria-controls='{controls}' aria-selected='{str(chosen).lower()}'>{escape(title)}</button>"


def _page(rooms: Sequence[Modality], sections: Sequence[str], proof: str, trained: str) -> str:
    links = "".join(f"<a href='#{room.name}'>{escape(room.title)}</a>" for room in rooms)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cardioscope</title>
<meta name="description" content="Cases of a reading room for multimodal cardiac AI, computed beforehand.">
<link rel="icon" href="logo.svg">
<link rel="stylesheet" href="face.css">
<link rel="stylesheet" href="showcase.css">
</head>
<body class="cs-page">
<header><a href="#top" class="brand"><img src="logo.svg" alt="Cardioscope"></a>
<nav aria-label="Sections">{links}<a href="#models">Models</a><a href="#runs">Runs</a></nav>
<button id="theme" aria-label="Light or dark">Theme</button></header>
<main id="top" class="cs">
<section class="hero"><h1>A reading room for cardiac AI</h1>
<p>Each room shows the prediction, why, how sure, and what the established score says beside it. These cases are synthetic,
composites or published for teaching, nobody's records; each was computed by the models below when this page was made.</p>
<p class="cs-small">Cardioscope {core.__version__}. Research use only, not a medical device.</p></section>
{''.join(sections)}
<section id="models"><h2>Models</h2>
<p class="lead">How well each does on data it never saw, with split, n and 95 % interval.</p>{proof}</section>
<section id="runs"><h2>Training runs</h2>{trained}</section>
</main>
<footer class="cs-small">Research use only, not a medical device.</footer>
<script src="plotly.min.js"></script>
<script src="charts.js"></script>
<script src="showcase.js"></script>
</body>
</html>
"""
