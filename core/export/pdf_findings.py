"""The findings of a printed report: probability as a bar, threshold, and how good the model is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table

from core.assessment import Finding
from core.export import pdf_page as look

LISTED_WHOLE = 6  # a group of at most so many findings is listed whole, a longer one only where present


def findings(found: Sequence[Finding], labels: Mapping[tuple[str, str], str], words: dict[str, str],
             width: float) -> list[Flowable]:
    """Findings by group: short groups whole, long ones where present; how many were left out is said.

    Args:
        labels: wording by (group, code); what is missing is printed as the finding has it. words: of the language.
    """
    rows, headed = [], []
    trained = [f for f in found if f.probability is not None]
    hidden = 0
    groups = {group: [f for f in trained if f.group == group] for group in dict.fromkeys(f.group for f in found)}
    for group, mine in sorted(groups.items(), key=lambda item: len(item[1])):  # from the coarse to the fine
        shown = mine if len(mine) <= LISTED_WHOLE else [f for f in mine if f.present]
        hidden += len(mine) - len(shown)
        if shown:
            headed.append(len(rows) + 1)
            name = labels.get(("group", group), group)
            rows.append([look.text(name, look.style(7.2, look.MUTED, bold=True))] + [""] * 5)
        rows += [_finding(f, labels.get((f.group, f.code), f.label), words)
                 for f in sorted(shown, key=lambda f: -f.probability)]
    if not trained:
        return []
    head = [look.text(words["finding"], look.HEAD), look.text(words["bar"], look.HEAD)] + [
        look.text(words[k], look.HEAD_RIGHT) for k in ("probability", "threshold", "sens_spec", "calibrated")]
    widths = [38 * mm, 25 * mm, 16 * mm, 21 * mm, 18 * mm]
    spans = [("SPAN", (0, row), (-1, row)) for row in headed]
    spans += [("TOPPADDING", (0, row), (-1, row), 4) for row in headed]
    table = Table([head, *rows], [width - sum(widths), *widths], style=look.GRID + spans, repeatRows=1)
    untrained = [labels.get((f.group, f.code), f.label) for f in found if not f.trained]
    useless = [labels.get((f.group, f.code), f.label) for f in found if not f.usable]
    notes = [words["hidden"].format(hidden)] if hidden else []
    notes += [words["useless"].format(", ".join(useless))] if useless else []
    notes += [words["untrained"].format(", ".join(untrained))] if untrained else []
    return [look.text(words["findings"], look.HEADING), table, Spacer(0, 1 * mm),
            *(look.text(note, look.SMALL) for note in (words["legend"], *notes))]


def _finding(f: Finding, label: str, words: dict[str, str]) -> list:
    percent = f"{100 * f.probability:.0f} %"
    if f.interval is not None:
        percent += f" ({100 * f.interval[0]:.0f}–{100 * f.interval[1]:.0f})"
    limit = "–" if f.threshold is None else f"{100 * f.threshold:.0f} %"
    known = f.sensitivity is not None and f.specificity is not None
    return [
        look.text(label, look.CELL_BOLD if f.present else look.CELL),
        look.Bar(f.probability, f.threshold, f.interval, f.present), look.text(percent, look.CELL_RIGHT),
        look.text(limit, look.CELL_RIGHT),
        look.text(f"{100 * f.sensitivity:.0f} / {100 * f.specificity:.0f} %" if known else "–", look.CELL_RIGHT),
        look.text(words["yes" if f.calibrated else "no"], look.CELL_RIGHT),
    ]
