"""An assessment as HTML, for faces that have no widgets: what was found, how sure, what was measured. Styled by assets/face.css.

Everything that comes from a file or a model is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape

from core.assessment import Assessment, Comparator, Finding, Measurement, Notice
from core.gallery import Shown
from core.pictures import text

FIRST = 12  # findings that stand open; the rest folds away
LEVELS = {"refuse": "Not interpreted", "caution": "Caution", "info": "Note"}  # the gravest first
Row = tuple[Sequence[str], str]  # cells, class


def badge(assessment: Assessment) -> str:
    """Which model spoke, and how long it took."""
    model, took = assessment.model, assessment.timings_ms.get("total", sum(assessment.timings_ms.values()))
    parts = [f"{model.name} {model.version}", model.device, f"SHA-256 {model.sha256[:12]}"]
    parts += [f"{took / 1000:.2f} s"] if took else []
    return f"<p class='cs-badge'>{' · '.join(map(escape, parts))}</p>"


def notices(rows: Iterable[Notice]) -> str:
    """Cautions and a refusal; notes fold away."""
    loud, quiet = [], []
    for one in sorted(rows, key=lambda one: list(LEVELS).index(one.level)):
        made = f"<p class='cs-notice cs-{one.level}'><b>{LEVELS[one.level]}</b> {escape(one.text)}</p>"
        (quiet if one.level == "info" else loud).append(made)
    return "".join(loud) + (folded("Notes", "".join(quiet)) if quiet else "")


def pictures(shown: Iterable[Shown], source: Callable[[Shown], str] | None = None) -> str:
    """The pictures with their titles; charts are left to the face.

    Args:
        source: address of a picture; without it the picture is in the text itself, and nothing is written.
    """
    at = source or (lambda one: f"data:image/png;base64,{text(one.png)}")
    made = []
    for one in shown:
        if one.png:
            picture = f"<img src='{escape(at(one))}' alt='{escape(one.alt, quote=True)}' loading='lazy'>"
            caption = f"<figcaption>{escape(one.title)}</figcaption>"
            made.append(f"<figure{' class=cs-wide' if one.wide else ''}>{picture}{caption}</figure>")
    return f"<div class='cs-pictures'>{''.join(made)}</div>" if made else ""


def findings(rows: Sequence[Finding]) -> str:
    """Probability with operating point and interval; present ones first. What is not trained has no number."""
    ranked = sorted((f for f in rows if f.probability is not None), key=lambda f: (not f.present, -f.probability))
    silent = [f.label for f in rows if f.probability is None]
    head = ("Finding", "Probability", "95 % interval", "Threshold", "")
    made = table(head, map(_finding, ranked[:FIRST]), numbers=(2, 3)) if ranked else ""
    if ranked[FIRST:]:
        made += folded(f"{len(ranked) - FIRST} more", table(head, map(_finding, ranked[FIRST:]), numbers=(2, 3)))
    if silent:
        made += f"<p class='cs-small'>No number, and so neither found nor excluded: {escape(', '.join(silent))}.</p>"
    return made


def _finding(f: Finding) -> Row:
    share = 100 * f.probability
    mark = "" if f.threshold is None else f"<i style='left:{100 * f.threshold:.1f}%'></i>"
    bar = f"<span class='cs-bar'><b style='width:{share:.1f}%'></b>{mark}</span> {share:.{0 if share >= 0.95 else 1}f} %"
    interval = f"{100 * f.interval[0]:.0f} to {100 * f.interval[1]:.0f} %" if f.interval else "–"
    threshold = "–" if f.threshold is None else f"{100 * f.threshold:.{0 if f.threshold >= 0.0095 else 1}f} %"
    state = "; ".join((["present"] if f.present else []) + ([] if f.calibrated else ["not calibrated"]))
    return (escape(f.label), bar, interval, threshold, state), "cs-present" if f.present else ""


def measurements(rows: Sequence[Measurement]) -> str:
    """What a report lists first; other groups fold away."""
    made = ""
    for group in dict.fromkeys(m.group for m in rows):
        part = table(("Measurement", "Value", "Reference"), (_measurement(m) for m in rows if m.group == group), numbers=(1, 2))
        made += folded(group.capitalize(), part) if group else part
    return made


def _measurement(m: Measurement) -> Row:
    ends = [_digits(end) for end in (m.low, m.high) if end is not None]
    reference = " to ".join(ends) if len(ends) != 1 else f"{'from' if m.low is not None else 'up to'} {ends[0]}"
    if m.value is None:
        value = f"<span class='cs-small'>{escape(m.note) or '–'}</span>"
    else:
        value = f"{_digits(m.value)} {escape(m.unit)}"
        if m.abnormal:
            value += f" <b>{'↓' if m.low is not None and m.value < m.low else '↑'}</b>"
        if m.interval:
            value += f" <span class='cs-small'>({_digits(m.interval[0])} to {_digits(m.interval[1])})</span>"
    return (escape(m.label), value, reference or "–"), "cs-abnormal" if m.abnormal else ""


def comparators(rows: Sequence[Comparator]) -> str:
    """Established scores, rules and the device beside the model."""
    lines = ((((escape(c.label), _says(c), f"<span class='cs-small'>{escape(c.source)}</span>")), "") for c in rows)
    return table(("Score, rule or device", "Says", "Source"), lines, numbers=(1,)) if rows else ""


def _says(c: Comparator) -> str:
    if c.value is None:
        return "–"
    return escape(c.value if isinstance(c.value, str) else f"{c.value:.4g} {c.unit}".strip())


def report(assessment: Assessment, language: str = "en") -> str:
    """The written report, topic beside text."""
    rows = []
    for line in assessment.report.get(language) or assessment.report.get("en") or ():
        topic, colon, rest = line.partition(": ")
        rows.append(f"<dt>{escape(topic if colon else '')}</dt><dd>{escape(rest if colon else line)}</dd>")
    return f"<dl class='cs-report'>{''.join(rows)}</dl>"


def whole(assessment: Assessment) -> str:
    """Findings, measurements and scores of an assessment; of a refused one nothing."""
    parts = (("Findings", findings(assessment.own)), ("Measurements", measurements(assessment.measurements)),
             ("Established scores, rules and device", comparators(assessment.comparators)))
    return "".join(f"<h4>{title}</h4>{made}" for title, made in parts if made)


def table(head: Sequence[str], rows: Iterable[Row], numbers: Sequence[int] = ()) -> str:
    """Cells are HTML already; ``numbers`` are columns that line up on the right."""
    side = [" class=cs-n" if k in numbers else "" for k in range(len(head))]
    lines = [f"<tr{f' class={name}' if name else ''}>{_cells('td', cells, side)}</tr>" for cells, name in rows]
    return (f"<div class='cs-scroll'><table class='cs-table'><thead><tr>{_cells('th', head, side)}</tr></thead>"
            f"<tbody>{''.join(lines)}</tbody></table></div>")


def _cells(kind: str, cells: Sequence[str], side: Sequence[str]) -> str:
    return "".join(f"<{kind}{where}>{cell}</{kind}>" for cell, where in zip(cells, side, strict=True))


def folded(title: str, inside: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{inside}</details>"


def _digits(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 or float(value).is_integer() else f"{value:.3g}"
